//! Who is reached where: active subscribers as [`Seat`]s in the order a search reads them, in blocks, and the numbered changes that
//! copies in memory follow. Whose seat is whose, and everything personal, stays in [`subscribers`](super::subscribers).

mod blocks;
mod seat;
mod walk;

pub use blocks::blocks;
pub use seat::{LAST_NUMBER, Seat, Spot};
pub use walk::{PAGE, Walk};

use super::schema::{audience_changes, audience_head};
use super::{Conn, DbError, ROWS, per_backend};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

/// Changes kept for copies to follow. Whoever missed more reads everything anew, which then is about as quick.
const KEPT: i64 = 200_000;
/// How long changes are kept: they say where somebody lived who may be gone. A copy looks every few seconds.
const KEPT_FOR: TimeDelta = TimeDelta::hours(1);

/// Where the audience stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last change.
    pub change: i64,
    /// Later changes are still kept.
    pub kept_after: i64,
    /// Active subscribers.
    pub people: i64,
}

/// Somebody came or left. A move is both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Who and where.
    pub seat: Seat,
    /// Came; else left.
    pub came: bool,
}

/// Where the audience stands in this transaction.
pub fn head(conn: &mut Conn) -> Result<Head, DbError> {
    use audience_head as h;
    let (change, kept_after, people) = h::table.find(1).select((h::change, h::kept_after, h::people)).first(conn)?;
    Ok(Head { change, kept_after, people })
}

/// Changes after one number up to and including another, oldest first.
pub fn changes(conn: &mut Conn, after: i64, until: i64) -> Result<Vec<Change>, DbError> {
    use audience_changes as c;
    let rows: Vec<(i64, i32)> = c::table
        .filter(c::change.gt(after).and(c::change.le(until)))
        .order(c::change)
        .select((c::seat, c::came))
        .load(conn)?;
    Ok(rows.into_iter().map(|(seat, came)| Change { seat: Seat(seat), came: came == 1 }).collect())
}

/// Takes so many numbers out of circulation; the first. From here to its end the transaction is the only one that
/// changes the audience.
pub(super) fn take_numbers(conn: &mut Conn, count: usize) -> Result<i64, DbError> {
    use audience_head as h;
    let count = i64::try_from(count).map_err(|e| DbError::Unavailable(e.to_string()))?;
    diesel::update(h::table.find(1)).set(h::next_number.eq(h::next_number + count)).execute(conn)?;
    let next: i64 = h::table.find(1).select(h::next_number).first(conn)?;
    if next - 1 > i64::from(LAST_NUMBER) {
        return Err(DbError::Unavailable(format!("all {LAST_NUMBER} subscriber numbers are taken")));
    }
    Ok(next - count)
}

/// Stores changes and numbers them.
pub(super) fn record(conn: &mut Conn, changes: &[Change], now: DateTime<Utc>) -> Result<(), DbError> {
    use audience_head as h;
    for batch in changes.chunks(ROWS) {
        let count = i64::try_from(batch.len()).unwrap_or(i64::MAX);
        let more: i64 = batch.iter().map(|change| if change.came { 1 } else { -1 }).sum();
        diesel::update(h::table.find(1))
            .set((h::change.eq(h::change + count), h::people.eq(h::people + more)))
            .execute(conn)?;
        let head = head(conn)?;
        let rows: Vec<_> = (head.change - count + 1..)
            .zip(batch)
            .map(|(number, change)| {
                (
                    audience_changes::change.eq(number),
                    audience_changes::seat.eq(change.seat.0),
                    audience_changes::came.eq(i32::from(change.came)),
                    audience_changes::at.eq(now.naive_utc()),
                )
            })
            .collect();
        per_backend!(conn, c => diesel::insert_into(audience_changes::table).values(&rows).execute(c))?;
        blocks::change(conn, batch)?;
        if head.change - head.kept_after > KEPT {
            forget_until(conn, head.change - KEPT)?;
        }
    }
    Ok(())
}

/// Forgets changes every copy had time to read.
pub fn forget_old_changes(conn: &mut Conn, now: DateTime<Utc>) -> Result<(), DbError> {
    use audience_changes as c;
    let old: Option<i64> = c::table
        .filter(c::at.lt((now - KEPT_FOR).naive_utc()))
        .order(c::at.desc())
        .then_order_by(c::change.desc())
        .select(c::change)
        .first(conn)
        .optional()?;
    old.map_or(Ok(()), |change| forget_until(conn, change))
}

fn forget_until(conn: &mut Conn, change: i64) -> Result<(), DbError> {
    use audience_head as h;
    diesel::delete(audience_changes::table.filter(audience_changes::change.le(change))).execute(conn)?;
    diesel::update(h::table.find(1).filter(h::kept_after.lt(change))).set(h::kept_after.eq(change)).execute(conn)?;
    Ok(())
}

/// Everybody, page by page.
#[must_use]
pub fn everybody() -> Walk {
    Walk::everybody()
}
