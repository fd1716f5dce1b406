//! Mails given to a relay for a sending domain, day by day. The rules are `domain::warm_up`'s.

use super::schema::relay_days;
use super::{Conn, DbError, per_backend};
use chrono::NaiveDate;
use diesel::prelude::*;

/// On how many days before `day` the relay was given anything, and how many mails it was given on `day`.
pub fn used(conn: &mut Conn, relay: &str, day: NaiveDate) -> Result<(u32, i64), DbError> {
    use relay_days as r;
    // Days as `2026-11-21` are ordered as texts.
    let day = day.to_string();
    let before: i64 =
        r::table.filter(r::relay.eq(relay).and(r::day.lt(&day)).and(r::mails.gt(0))).count().get_result(conn)?;
    let today: Option<i64> = r::table.find((relay, &day)).select(r::mails).first(conn).optional()?;
    Ok((u32::try_from(before).unwrap_or(u32::MAX), today.unwrap_or(0)))
}

/// [`used`] for changing it: no other transaction gets the day until this one ends.
pub fn lock(conn: &mut Conn, relay: &str, day: NaiveDate) -> Result<(u32, i64), DbError> {
    use relay_days as r;
    let row = (r::relay.eq(relay), r::day.eq(day.to_string()), r::mails.eq(0_i64));
    // The update of an existing row is the lock.
    per_backend!(conn, c => diesel::insert_into(r::table)
        .values(row)
        .on_conflict((r::relay, r::day))
        .do_update()
        .set(r::mails.eq(r::mails + 0_i64))
        .execute(c))?;
    used(conn, relay, day)
}

/// Counts mails of a day taken with [`lock`].
pub fn count(conn: &mut Conn, relay: &str, day: NaiveDate, mails: i64) -> Result<(), DbError> {
    use relay_days as r;
    diesel::update(r::table.find((relay, day.to_string()))).set(r::mails.eq(r::mails + mails)).execute(conn)?;
    Ok(())
}
