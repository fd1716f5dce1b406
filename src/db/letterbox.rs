//! Mails that name no appeal, as rows: which unit's, when they came, where their sealed bytes lie. Nothing of what they say or
//! of who wrote them.

use super::schema::{letterbox_keys, letterbox_mails, letterboxes};
use super::{Conn, DbError, per_backend};
use crate::domain::ids::{LetterId, LetterboxId, UnitId, UserId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A unit's letterbox.
#[derive(Clone, Debug)]
pub struct Letterbox {
    /// Its id.
    pub id: LetterboxId,
    /// Whose it is.
    pub unit: UnitId,
    /// What mails are sealed to.
    pub public_key: Vec<u8>,
}

/// A mail in a letterbox.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its id.
    pub id: LetterId,
    /// In which letterbox.
    pub letterbox: LetterboxId,
    /// Whose letterbox it is.
    pub unit: UnitId,
    /// What names it: the same mail twice is one.
    pub known_as: String,
    /// The key to its bytes, sealed to the letterbox's key.
    pub sealed_key: Vec<u8>,
    /// Digest of its sealed bytes.
    pub content: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = letterboxes)]
struct BoxRow {
    id: String,
    unit_id: String,
    public_key: Vec<u8>,
    created_at: NaiveDateTime,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = letterbox_mails)]
struct MailRow {
    id: String,
    letterbox_id: String,
    unit_id: String,
    known_as: String,
    sealed_key: Vec<u8>,
    content: String,
    received_at: NaiveDateTime,
}

impl TryFrom<MailRow> for Kept {
    type Error = DbError;

    fn try_from(row: MailRow) -> Result<Self, DbError> {
        let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("letterbox_mails", e);
        Ok(Self {
            id: LetterId::parse(&row.id).map_err(corrupt)?,
            letterbox: LetterboxId::parse(&row.letterbox_id).map_err(corrupt)?,
            unit: UnitId::parse(&row.unit_id).map_err(corrupt)?,
            known_as: row.known_as,
            sealed_key: row.sealed_key,
            content: row.content,
            received_at: row.received_at.and_utc(),
        })
    }
}

/// A unit's letterbox, if it has one.
pub fn of_unit(conn: &mut Conn, unit: &UnitId) -> Result<Option<Letterbox>, DbError> {
    let row: Option<BoxRow> = letterboxes::table
        .filter(letterboxes::unit_id.eq(unit.as_str()))
        .select(BoxRow::as_select())
        .first(conn)
        .optional()?;
    row.map(|row| {
        let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("letterboxes", e);
        Ok(Letterbox {
            id: LetterboxId::parse(&row.id).map_err(corrupt)?,
            unit: UnitId::parse(&row.unit_id).map_err(corrupt)?,
            public_key: row.public_key,
        })
    })
    .transpose()
}

/// Adds a letterbox; `Conflict` when the unit has one.
pub fn add(conn: &mut Conn, letterbox: &Letterbox, now: DateTime<Utc>) -> Result<(), DbError> {
    let row = BoxRow {
        id: letterbox.id.to_string(),
        unit_id: letterbox.unit.to_string(),
        public_key: letterbox.public_key.clone(),
        created_at: now.naive_utc(),
    };
    diesel::insert_into(letterboxes::table).values(&row).execute(conn)?;
    Ok(())
}

/// Keeps the private half as wrapped for one reader; what they were given before stays.
pub fn add_key(
    conn: &mut Conn,
    id: &LetterboxId,
    reader: &str,
    wrapped: &[u8],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use letterbox_keys as k;
    let row = (
        k::letterbox_id.eq(id.as_str()),
        k::reader.eq(reader),
        k::wrapped.eq(wrapped),
        k::created_at.eq(now.naive_utc()),
    );
    per_backend!(conn, c => diesel::insert_into(k::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// The private half as wrapped for one reader; `NotFound` when they were never given it.
pub fn key_for(conn: &mut Conn, id: &LetterboxId, reader: &UserId) -> Result<Vec<u8>, DbError> {
    Ok(letterbox_keys::table.find((id.as_str(), reader.as_str())).select(letterbox_keys::wrapped).first(conn)?)
}

/// Keeps a mail; false when it was there.
pub fn keep(conn: &mut Conn, mail: &Kept) -> Result<bool, DbError> {
    let row = MailRow {
        id: mail.id.to_string(),
        letterbox_id: mail.letterbox.to_string(),
        unit_id: mail.unit.to_string(),
        known_as: mail.known_as.clone(),
        sealed_key: mail.sealed_key.clone(),
        content: mail.content.clone(),
        received_at: mail.received_at.naive_utc(),
    };
    let added = per_backend!(conn, c => diesel::insert_into(letterbox_mails::table)
        .values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(added == 1)
}

/// A unit's mails, oldest first, after an id.
pub fn list(conn: &mut Conn, unit: &UnitId, after: &str, limit: i64) -> Result<Vec<Kept>, DbError> {
    let rows: Vec<MailRow> = letterbox_mails::table
        .filter(letterbox_mails::unit_id.eq(unit.as_str()).and(letterbox_mails::id.gt(after)))
        .order(letterbox_mails::id)
        .limit(limit)
        .select(MailRow::as_select())
        .load(conn)?;
    rows.into_iter().map(Kept::try_from).collect()
}

/// One mail of a unit; another unit's is not found.
pub fn mail(conn: &mut Conn, unit: &UnitId, id: &LetterId) -> Result<Kept, DbError> {
    letterbox_mails::table
        .find(id.as_str())
        .filter(letterbox_mails::unit_id.eq(unit.as_str()))
        .select(MailRow::as_select())
        .first::<MailRow>(conn)?
        .try_into()
}

/// Mails that came before a moment, at most `limit`.
pub fn older(conn: &mut Conn, than: DateTime<Utc>, limit: i64) -> Result<Vec<Kept>, DbError> {
    let rows: Vec<MailRow> = letterbox_mails::table
        .filter(letterbox_mails::received_at.lt(than.naive_utc()))
        .order(letterbox_mails::received_at)
        .limit(limit)
        .select(MailRow::as_select())
        .load(conn)?;
    rows.into_iter().map(Kept::try_from).collect()
}

/// Removes a mail, and with its row the key to its bytes.
pub fn remove(conn: &mut Conn, id: &LetterId) -> Result<(), DbError> {
    diesel::delete(letterbox_mails::table.find(id.as_str())).execute(conn)?;
    Ok(())
}
