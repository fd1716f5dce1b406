//! Passkeys and the challenges that wait for their answers, as rows. What an answer is worth is `sealing::passkey`'s matter.

use super::schema::{passkey_ceremonies, passkeys};
use super::{Conn, DbError};
use crate::domain::ids::{CeremonyId, PasskeyId, SessionId, UserId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A passkey of an account.
#[derive(Clone, Debug)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// What its owner called it.
    pub name: String,
    /// What the authenticator calls it, base64url. No two accounts share one.
    pub credential_id: String,
    /// The public key with what is known of it, as `sealing::passkey` writes it.
    pub credential: String,
    /// The signature counter at its last use; 0 with authenticators that keep none.
    pub counter: u32,
    /// When its counter ran backwards: a copy of it may exist, and it is worth nothing since.
    pub refused_at: Option<DateTime<Utc>>,
    /// When it was last used.
    pub used_at: Option<DateTime<Utc>>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = passkeys)]
struct PasskeyRow {
    id: String,
    name: String,
    credential_id: String,
    credential: String,
    counter: i64,
    refused_at: Option<NaiveDateTime>,
    used_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
}

impl TryFrom<PasskeyRow> for Passkey {
    type Error = DbError;

    fn try_from(row: PasskeyRow) -> Result<Self, DbError> {
        Ok(Self {
            id: PasskeyId::parse(&row.id).map_err(|e| DbError::corrupt("passkeys.id", e))?,
            name: row.name,
            credential_id: row.credential_id,
            credential: row.credential,
            counter: u32::try_from(row.counter).map_err(|e| DbError::corrupt("passkeys.counter", e))?,
            refused_at: row.refused_at.map(|at| at.and_utc()),
            used_at: row.used_at.map(|at| at.and_utc()),
            created_at: row.created_at.and_utc(),
        })
    }
}

/// Adds a passkey; `Conflict` when the authenticator's name for it is known already, whoever's it is.
pub fn add(conn: &mut Conn, user: &UserId, passkey: &Passkey) -> Result<(), DbError> {
    diesel::insert_into(passkeys::table)
        .values((
            passkeys::id.eq(passkey.id.as_str()),
            passkeys::user_id.eq(user.as_str()),
            passkeys::name.eq(&passkey.name),
            passkeys::credential_id.eq(&passkey.credential_id),
            passkeys::credential.eq(&passkey.credential),
            passkeys::counter.eq(i64::from(passkey.counter)),
            passkeys::created_at.eq(passkey.created_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// An account's passkeys, oldest first.
pub fn of_user(conn: &mut Conn, user: &UserId) -> Result<Vec<Passkey>, DbError> {
    let rows: Vec<PasskeyRow> = passkeys::table
        .filter(passkeys::user_id.eq(user.as_str()))
        .order(passkeys::id)
        .select(PasskeyRow::as_select())
        .load(conn)?;
    rows.into_iter().map(Passkey::try_from).collect()
}

/// Gives one of the account's passkeys another name; `NotFound` when it is not theirs.
pub fn rename(conn: &mut Conn, user: &UserId, id: &PasskeyId, name: &str) -> Result<(), DbError> {
    let row = passkeys::table.find(id.as_str()).filter(passkeys::user_id.eq(user.as_str()));
    let changed = diesel::update(row).set(passkeys::name.eq(name)).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::NotFound) }
}

/// Removes one of the account's passkeys; `NotFound` when it is not theirs.
pub fn remove(conn: &mut Conn, user: &UserId, id: &PasskeyId) -> Result<(), DbError> {
    let row = passkeys::table.find(id.as_str()).filter(passkeys::user_id.eq(user.as_str()));
    if diesel::delete(row).execute(conn)? == 1 { Ok(()) } else { Err(DbError::NotFound) }
}

/// Removes all passkeys of an account and the challenges that wait.
pub fn remove_all(conn: &mut Conn, user: &UserId) -> Result<(), DbError> {
    diesel::delete(passkey_ceremonies::table.filter(passkey_ceremonies::user_id.eq(user.as_str()))).execute(conn)?;
    diesel::delete(passkeys::table.filter(passkeys::user_id.eq(user.as_str()))).execute(conn)?;
    Ok(())
}

/// Notes a use with the counter it came with; `Stale` when the passkey was used or refused meanwhile.
pub fn record_use(conn: &mut Conn, before: &Passkey, after: &Passkey, now: DateTime<Utc>) -> Result<(), DbError> {
    let row = passkeys::table
        .find(before.id.as_str())
        .filter(passkeys::counter.eq(i64::from(before.counter)).and(passkeys::refused_at.is_null()));
    let changed = diesel::update(row)
        .set((
            passkeys::credential.eq(&after.credential),
            passkeys::counter.eq(i64::from(after.counter)),
            passkeys::used_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// Refuses a passkey from now on.
pub fn refuse(conn: &mut Conn, id: &PasskeyId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(passkeys::table.find(id.as_str())).set(passkeys::refused_at.eq(now.naive_utc())).execute(conn)?;
    Ok(())
}

/// What a challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CeremonyKind {
    /// A new passkey.
    Registration,
    /// A passkey given as a factor.
    Authentication,
}

impl CeremonyKind {
    const fn code(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Authentication => "authentication",
        }
    }
}

/// A challenge that waits for its answer.
pub struct Ceremony<'a> {
    /// Its id.
    pub id: &'a CeremonyId,
    /// Whose passkey is asked for.
    pub user: &'a UserId,
    /// The session it was asked in; none at sign-in.
    pub session: Option<&'a SessionId>,
    /// What for.
    pub kind: CeremonyKind,
}

/// Keeps what the answer will be judged by until `ends_at`, and forgets the account's challenges that nobody answered.
pub fn begin(
    conn: &mut Conn,
    ceremony: &Ceremony<'_>,
    state: &str,
    ends_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let late = passkey_ceremonies::table
        .filter(passkey_ceremonies::user_id.eq(ceremony.user.as_str()))
        .filter(passkey_ceremonies::ends_at.le(now.naive_utc()));
    diesel::delete(late).execute(conn)?;
    diesel::insert_into(passkey_ceremonies::table)
        .values((
            passkey_ceremonies::id.eq(ceremony.id.as_str()),
            passkey_ceremonies::user_id.eq(ceremony.user.as_str()),
            passkey_ceremonies::session_id.eq(ceremony.session.map(SessionId::as_str)),
            passkey_ceremonies::kind.eq(ceremony.kind.code()),
            passkey_ceremonies::state.eq(state),
            passkey_ceremonies::ends_at.eq(ends_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Uses a challenge up; none when it is another account's, session's or kind's, too old, or was used before.
pub fn take(conn: &mut Conn, ceremony: &Ceremony<'_>, now: DateTime<Utc>) -> Result<Option<String>, DbError> {
    let row: Option<(Option<String>, String)> = passkey_ceremonies::table
        .find(ceremony.id.as_str())
        .filter(passkey_ceremonies::user_id.eq(ceremony.user.as_str()))
        .filter(passkey_ceremonies::kind.eq(ceremony.kind.code()).and(passkey_ceremonies::ends_at.gt(now.naive_utc())))
        .select((passkey_ceremonies::session_id, passkey_ceremonies::state))
        .first(conn)
        .optional()?;
    let fits = |row: &(Option<String>, String)| row.0.as_deref() == ceremony.session.map(SessionId::as_str);
    let Some((_, state)) = row.filter(fits) else {
        return Ok(None);
    };
    let removed = diesel::delete(passkey_ceremonies::table.find(ceremony.id.as_str())).execute(conn)?;
    Ok((removed == 1).then_some(state))
}
