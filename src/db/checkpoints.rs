//! Checkpoints of the audit chain as rows, and how far each outside place has come. The rows are a copy for convenience:
//! what counts is what lies elsewhere.

use super::schema::{audit_checkpoints, audit_places, letters};
use super::{Conn, DbError};
use crate::domain::audit::{Checkpoint, Mark};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_checkpoints)]
struct CheckpointRow {
    number: i64,
    size: i64,
    head: String,
    at: NaiveDateTime,
    prev: String,
    key_id: String,
    signature: String,
}

impl TryFrom<CheckpointRow> for Checkpoint {
    type Error = DbError;

    fn try_from(row: CheckpointRow) -> Result<Self, DbError> {
        let number = |value: i64| u64::try_from(value).map_err(|e| DbError::corrupt("audit_checkpoints", e));
        let mark = Mark {
            number: number(row.number)?,
            size: number(row.size)?,
            head: row.head,
            at: row.at.and_utc(),
            prev: row.prev,
            key_id: row.key_id,
        };
        Ok(Self { mark, signature: row.signature })
    }
}

/// Keeps a checkpoint; `Conflict` when somebody else made the same number meanwhile.
pub fn add(conn: &mut Conn, checkpoint: &Checkpoint) -> Result<(), DbError> {
    let mark = &checkpoint.mark;
    let number = |value: u64| i64::try_from(value).map_err(|e| DbError::corrupt("audit_checkpoints", e));
    let row = CheckpointRow {
        number: number(mark.number)?,
        size: number(mark.size)?,
        head: mark.head.clone(),
        at: mark.at.naive_utc(),
        prev: mark.prev.clone(),
        key_id: mark.key_id.clone(),
        signature: checkpoint.signature.clone(),
    };
    diesel::insert_into(audit_checkpoints::table).values(row).execute(conn)?;
    Ok(())
}

/// The last checkpoint; none before the first.
pub fn last(conn: &mut Conn) -> Result<Option<Checkpoint>, DbError> {
    let row: Option<CheckpointRow> = audit_checkpoints::table
        .order(audit_checkpoints::number.desc())
        .select(CheckpointRow::as_select())
        .first(conn)
        .optional()?;
    row.map(Checkpoint::try_from).transpose()
}

/// One checkpoint.
pub fn one(conn: &mut Conn, number: i64) -> Result<Checkpoint, DbError> {
    audit_checkpoints::table.find(number).select(CheckpointRow::as_select()).first(conn)?.try_into()
}

/// Checkpoints after `number` in order, at most `limit`.
pub fn after(conn: &mut Conn, number: i64, limit: i64) -> Result<Vec<Checkpoint>, DbError> {
    let rows: Vec<CheckpointRow> = audit_checkpoints::table
        .filter(audit_checkpoints::number.gt(number))
        .order(audit_checkpoints::number)
        .limit(limit)
        .select(CheckpointRow::as_select())
        .load(conn)?;
    rows.into_iter().map(Checkpoint::try_from).collect()
}

/// Where an outside place stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// `file`, `syslog` or `mail`, with its address.
    pub place: String,
    /// The last checkpoint it has.
    pub number: i64,
    /// When it got it.
    pub pushed_at: Option<DateTime<Utc>>,
    /// What went wrong since; empty when nothing did.
    pub failure: String,
    /// When that was.
    pub failed_at: Option<DateTime<Utc>>,
}

type PlaceColumns = (String, i64, Option<NaiveDateTime>, String, Option<NaiveDateTime>);

/// All places that were ever pushed to or failed.
pub fn places(conn: &mut Conn) -> Result<Vec<Place>, DbError> {
    let rows: Vec<PlaceColumns> = audit_places::table.order(audit_places::place).load(conn)?;
    let place = |(place, number, pushed_at, failure, failed_at): PlaceColumns| Place {
        place,
        number,
        pushed_at: pushed_at.map(|at| at.and_utc()),
        failure,
        failed_at: failed_at.map(|at| at.and_utc()),
    };
    Ok(rows.into_iter().map(place).collect())
}

fn sure(conn: &mut Conn, place: &str) -> Result<(), DbError> {
    let known: i64 = audit_places::table.filter(audit_places::place.eq(place)).count().get_result(conn)?;
    if known == 0 {
        diesel::insert_into(audit_places::table)
            .values((audit_places::place.eq(place), audit_places::number.eq(0), audit_places::failure.eq("")))
            .execute(conn)?;
    }
    Ok(())
}

/// Notes that a place has everything up to `number`.
pub fn pushed(conn: &mut Conn, place: &str, number: i64, now: DateTime<Utc>) -> Result<(), DbError> {
    sure(conn, place)?;
    diesel::update(audit_places::table.find(place))
        .set((
            audit_places::number.eq(number),
            audit_places::pushed_at.eq(now.naive_utc()),
            audit_places::failure.eq(""),
            audit_places::failed_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Notes that a place could not be reached.
pub fn failed(conn: &mut Conn, place: &str, failure: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    sure(conn, place)?;
    diesel::update(audit_places::table.find(place))
        .set((audit_places::failure.eq(failure), audit_places::failed_at.eq(now.naive_utc())))
        .execute(conn)?;
    Ok(())
}

/// Letters to the auditor that were tried and wait since before `moment`.
pub fn waiting_letters(conn: &mut Conn, moment: DateTime<Utc>) -> Result<i64, DbError> {
    let waiting = letters::table
        .filter(letters::id.like("audit.%"))
        .filter(letters::attempts.gt(0).and(letters::created_at.lt(moment.naive_utc())));
    Ok(waiting.count().get_result(conn)?)
}
