//! Money for paid channels: what an appeal may cost, what is set aside, spent and given back. Sums are moved by the database
//! itself, entry by entry; an entry that would pass a ceiling is refused there, whatever the program thinks.

use super::schema::{budgets, ledger};
use super::{Conn, DbError, per_backend};
use crate::domain::ids::{AppealId, DeliveryId, LedgerId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

/// Where an appeal's money stands, euro cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct Budget {
    /// The most it may cost.
    pub ceiling_cents: i64,
    /// Set aside for campaigns that may still spend it.
    pub reserved_cents: i64,
    /// Spent, as the platforms report it.
    pub committed_cents: i64,
    /// The most that is authorised now: below the ceiling while platforms are being told to spend less.
    pub authorised_cents: i64,
}

impl Budget {
    /// What may still be set aside.
    #[must_use]
    pub const fn left(&self) -> i64 {
        let left = self.authorised_cents - self.reserved_cents - self.committed_cents;
        if left > 0 { left } else { 0 }
    }
}

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Set aside, before anything is asked of a platform.
    Reserve,
    /// Spent, out of what was set aside.
    Commit,
    /// Given back, because it can no longer be spent.
    Release,
}

impl Entry {
    const fn code(self) -> &'static str {
        match self {
            Self::Reserve => "reserve",
            Self::Commit => "commit",
            Self::Release => "release",
        }
    }
}

/// `Conflict` for what the ceiling refuses.
fn refused(error: Error) -> DbError {
    match error {
        Error::DatabaseError(DatabaseErrorKind::CheckViolation, _) => DbError::Conflict,
        other => other.into(),
    }
}

/// Sets what an appeal may cost: the approved budget of the plan being sent. `Conflict` when more is set aside or spent.
pub fn set_ceiling(conn: &mut Conn, appeal: &AppealId, cents: i64, now: DateTime<Utc>) -> Result<(), DbError> {
    use budgets as b;
    let at = now.naive_utc();
    let row = (
        b::appeal_id.eq(appeal.as_str()),
        b::ceiling_cents.eq(cents),
        b::authorised_cents.eq(cents),
        b::updated_at.eq(at),
    );
    per_backend!(conn, c => diesel::insert_into(b::table)
        .values(row)
        .on_conflict(b::appeal_id)
        .do_update()
        .set((b::ceiling_cents.eq(cents), b::authorised_cents.eq(cents), b::updated_at.eq(at)))
        .execute(c))
    .map_err(refused)?;
    Ok(())
}

/// Authorises another sum for something that is out. More counts at once; of less, as much as is not set aside or spent, and
/// the rest with [`follow`].
pub fn authorise(conn: &mut Conn, appeal: &AppealId, cents: i64, now: DateTime<Utc>) -> Result<(), DbError> {
    use budgets as b;
    diesel::update(b::table.find(appeal.as_str())).set(b::authorised_cents.eq(cents)).execute(conn)?;
    follow(conn, appeal, now)
}

/// Brings the ceiling to what is authorised, as far as what is set aside and spent allows.
pub fn follow(conn: &mut Conn, appeal: &AppealId, now: DateTime<Utc>) -> Result<(), DbError> {
    use budgets as b;
    let Some(budget) = budget(conn, appeal)? else { return Ok(()) };
    let ceiling = budget.authorised_cents.max(budget.reserved_cents + budget.committed_cents);
    if ceiling != budget.ceiling_cents {
        diesel::update(b::table.find(appeal.as_str()))
            .set((b::ceiling_cents.eq(ceiling), b::updated_at.eq(now.naive_utc())))
            .execute(conn)
            .map_err(refused)?;
    }
    Ok(())
}

/// Writes an entry of `cents` for a delivery's campaign; nothing for 0. `Conflict` when there is not so much left.
pub fn book(
    conn: &mut Conn,
    id: &LedgerId,
    delivery: &DeliveryId,
    entry: Entry,
    cents: i64,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if cents == 0 {
        return Ok(());
    }
    diesel::insert_into(ledger::table)
        .values((
            ledger::id.eq(id.as_str()),
            ledger::delivery_id.eq(delivery.as_str()),
            ledger::kind.eq(entry.code()),
            ledger::cents.eq(cents),
            ledger::at.eq(now.naive_utc()),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// Where an appeal's money stands; none when it never had a paid channel.
pub fn budget(conn: &mut Conn, appeal: &AppealId) -> Result<Option<Budget>, DbError> {
    use budgets as b;
    Ok(b::table
        .find(appeal.as_str())
        .select((b::ceiling_cents, b::reserved_cents, b::committed_cents, b::authorised_cents))
        .first(conn)
        .optional()?)
}

/// An entry as it stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Booked {
    /// `reserve`, `commit` or `release`.
    pub kind: String,
    /// Euro cents, more than 0.
    pub cents: i64,
    /// When, UTC.
    pub at: NaiveDateTime,
}

/// The entries of a delivery, oldest first.
pub fn entries(conn: &mut Conn, delivery: &DeliveryId) -> Result<Vec<Booked>, DbError> {
    Ok(ledger::table
        .filter(ledger::delivery_id.eq(delivery.as_str()))
        .order((ledger::at, ledger::id))
        .select((ledger::kind, ledger::cents, ledger::at))
        .load(conn)?)
}
