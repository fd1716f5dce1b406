//! Accounts on outside platforms, their holders, and the register of names. Credentials arrive sealed and leave sealed, to
//! the sender only.

use super::schema::{channel_accounts, channel_holders, channel_names};
use super::{Conn, DbError};
use crate::domain::account_name::Standing;
use crate::domain::ids::{ChannelId, ChannelNameId, UnitId, UserId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// An account, without its credential.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub id: ChannelId,
    /// Whose it is.
    pub unit: UnitId,
    /// Which platform, e.g. `facebook`.
    pub platform: String,
    /// What it is called there.
    pub name: String,
    /// The language it speaks, ISO 639-1.
    pub language: String,
    /// `active` or `retired`.
    pub status: String,
    /// The last four characters of its credential; empty without one.
    pub last_four: String,
    /// When the credential stops working.
    pub expires_at: Option<DateTime<Utc>>,
    /// Changes so far.
    pub version: i32,
}

type Columns = (String, String, String, String, String, String, String, Option<NaiveDateTime>, i32);

fn account(
    (id, unit, platform, name, language, status, last_four, expires, version): Columns,
) -> Result<Account, DbError> {
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("channel_accounts", e);
    Ok(Account {
        id: ChannelId::parse(&id).map_err(corrupt)?,
        unit: UnitId::parse(&unit).map_err(corrupt)?,
        platform,
        name,
        language,
        status,
        last_four,
        expires_at: expires.map(|at| at.and_utc()),
        version,
    })
}

const COLUMNS: (
    channel_accounts::id,
    channel_accounts::unit_id,
    channel_accounts::platform,
    channel_accounts::name,
    channel_accounts::language,
    channel_accounts::status,
    channel_accounts::last_four,
    channel_accounts::expires_at,
    channel_accounts::version,
) = (
    channel_accounts::id,
    channel_accounts::unit_id,
    channel_accounts::platform,
    channel_accounts::name,
    channel_accounts::language,
    channel_accounts::status,
    channel_accounts::last_four,
    channel_accounts::expires_at,
    channel_accounts::version,
);

/// Adds an account without a credential; `Conflict` when the platform's name is known.
pub fn add(conn: &mut Conn, account: &Account, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::insert_into(channel_accounts::table)
        .values((
            channel_accounts::id.eq(account.id.as_str()),
            channel_accounts::unit_id.eq(account.unit.as_str()),
            channel_accounts::platform.eq(&account.platform),
            channel_accounts::name.eq(&account.name),
            channel_accounts::language.eq(&account.language),
            channel_accounts::status.eq(&account.status),
            channel_accounts::last_four.eq(""),
            channel_accounts::version.eq(account.version),
            channel_accounts::created_at.eq(now.naive_utc()),
            channel_accounts::updated_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// An account of a unit.
pub fn of_unit(conn: &mut Conn, id: &ChannelId, unit: &UnitId) -> Result<Account, DbError> {
    let found = channel_accounts::table.find(id.as_str()).filter(channel_accounts::unit_id.eq(unit.as_str()));
    account(found.select(COLUMNS).first(conn)?)
}

/// A unit's accounts, in the order they were added; every unit's without one.
pub fn all(conn: &mut Conn, unit: Option<&UnitId>) -> Result<Vec<Account>, DbError> {
    let mut query = channel_accounts::table.select(COLUMNS).order(channel_accounts::id).into_boxed();
    if let Some(unit) = unit {
        query = query.filter(channel_accounts::unit_id.eq(unit.to_string()));
    }
    query.load::<Columns>(conn)?.into_iter().map(account).collect()
}

/// What a change sets.
pub struct Change<'a> {
    /// The sealed credential; none leaves it.
    pub credential: Option<Option<&'a [u8]>>,
    /// Its last four characters.
    pub last_four: &'a str,
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
    /// The status.
    pub status: &'a str,
}

/// Changes an account at the version it was seen at; `Stale` otherwise.
pub fn change(conn: &mut Conn, account: &Account, change: &Change<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    let row = channel_accounts::table.find(account.id.as_str()).filter(channel_accounts::version.eq(account.version));
    let changed = diesel::update(row)
        .set((
            channel_accounts::last_four.eq(change.last_four),
            channel_accounts::expires_at.eq(change.expires_at.map(|at| at.naive_utc())),
            channel_accounts::status.eq(change.status),
            channel_accounts::version.eq(account.version + 1),
            channel_accounts::updated_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    if changed != 1 {
        return Err(DbError::Stale);
    }
    if let Some(credential) = change.credential {
        diesel::update(channel_accounts::table.find(account.id.as_str()))
            .set(channel_accounts::credential.eq(credential))
            .execute(conn)?;
    }
    Ok(())
}

/// The sealed credential, for the sender.
pub fn credential(conn: &mut Conn, id: &ChannelId) -> Result<Option<Vec<u8>>, DbError> {
    Ok(channel_accounts::table.find(id.as_str()).select(channel_accounts::credential).first(conn)?)
}

/// Who holds an account.
pub fn holders(conn: &mut Conn, id: &ChannelId) -> Result<Vec<String>, DbError> {
    let held = channel_holders::table.filter(channel_holders::account_id.eq(id.as_str()));
    Ok(held.order(channel_holders::user_id).select(channel_holders::user_id).load(conn)?)
}

/// Adds a holder; `Conflict` when they are one.
pub fn add_holder(conn: &mut Conn, id: &ChannelId, user: &UserId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::insert_into(channel_holders::table)
        .values((
            channel_holders::account_id.eq(id.as_str()),
            channel_holders::user_id.eq(user.as_str()),
            channel_holders::since.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Removes a holder; `NotFound` when they are none.
pub fn remove_holder(conn: &mut Conn, id: &ChannelId, user: &UserId) -> Result<(), DbError> {
    let removed = diesel::delete(channel_holders::table.find((id.as_str(), user.as_str()))).execute(conn)?;
    if removed == 1 { Ok(()) } else { Err(DbError::NotFound) }
}

/// A name in the register.
#[derive(Clone, Debug)]
pub struct Name {
    /// Its id.
    pub id: ChannelNameId,
    /// The platform.
    pub platform: String,
    /// The name.
    pub name: String,
    /// What it is to us.
    pub standing: Standing,
    /// Which of ours a look-alike resembles; empty else.
    pub resembles: String,
    /// What was done about it.
    pub note: String,
}

type NameColumns = (String, String, String, String, String, String);

/// Adds a name; `Conflict` when the unit has it already.
pub fn add_name(conn: &mut Conn, unit: &UnitId, name: &Name, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::insert_into(channel_names::table)
        .values((
            channel_names::id.eq(name.id.as_str()),
            channel_names::unit_id.eq(unit.as_str()),
            channel_names::platform.eq(&name.platform),
            channel_names::name.eq(&name.name),
            channel_names::standing.eq(name.standing.code()),
            channel_names::resembles.eq(&name.resembles),
            channel_names::note.eq(&name.note),
            channel_names::created_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// A unit's register, in the order it was written.
pub fn names(conn: &mut Conn, unit: &UnitId) -> Result<Vec<Name>, DbError> {
    let rows: Vec<NameColumns> = channel_names::table
        .filter(channel_names::unit_id.eq(unit.as_str()))
        .order(channel_names::id)
        .select((
            channel_names::id,
            channel_names::platform,
            channel_names::name,
            channel_names::standing,
            channel_names::resembles,
            channel_names::note,
        ))
        .load(conn)?;
    let name = |(id, platform, name, standing, resembles, note): NameColumns| {
        Ok(Name {
            id: ChannelNameId::parse(&id).map_err(|e| DbError::corrupt("channel_names.id", e))?,
            platform,
            name,
            standing: Standing::parse(&standing)
                .ok_or_else(|| DbError::corrupt("channel_names.standing", &standing))?,
            resembles,
            note,
        })
    };
    rows.into_iter().map(name).collect()
}
