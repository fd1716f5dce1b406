//! What the campaigns of one advertising account may cost in a month, whichever appeals they belong to. Sums are moved by the
//! database itself with every entry of the ledger (`db::ledger`), and an entry that would pass the ceiling is refused there.

use super::schema::{account_caps, paid_effects};
use super::{Conn, DbError, per_backend};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// The month something counts in: `2026-11`, UTC.
#[must_use]
pub fn month_of(at: DateTime<Utc>) -> String {
    at.format("%Y-%m").to_string()
}

/// Set aside and spent by an account's campaigns of a month, euro cents, whether or not it had a cap then.
pub fn used(conn: &mut Conn, account: &str, month: &str) -> Result<(i64, i64), DbError> {
    use paid_effects as p;
    Ok(p::table
        .filter(p::account.eq(account).and(p::cap_month.eq(month)))
        .select((
            sql::<BigInt>("CAST(COALESCE(SUM(reserved_cents), 0) AS BIGINT)"),
            sql::<BigInt>("CAST(COALESCE(SUM(committed_cents), 0) AS BIGINT)"),
        ))
        .first(conn)?)
}

/// Sets what an account may cost in a month and keeps the row until the transaction ends, so that two decisions cannot both
/// take what is left; what is left, euro cents. A cap below what is set aside and spent already leaves nothing.
pub fn set_ceiling(
    conn: &mut Conn,
    account: &str,
    month: &str,
    cents: i64,
    now: DateTime<Utc>,
) -> Result<i64, DbError> {
    use account_caps as a;
    let (reserved, committed) = used(conn, account, month)?;
    let row = (
        a::account.eq(account),
        a::month.eq(month),
        a::ceiling_cents.eq(cents.max(reserved + committed)),
        a::reserved_cents.eq(reserved),
        a::committed_cents.eq(committed),
        a::updated_at.eq(now.naive_utc()),
    );
    // The update of an existing row is the lock.
    per_backend!(conn, c => diesel::insert_into(a::table)
        .values(row)
        .on_conflict((a::account, a::month))
        .do_update()
        .set(a::updated_at.eq(now.naive_utc()))
        .execute(c))?;
    let of_month = a::table.find((account, month));
    let (reserved, committed): (i64, i64) = of_month.select((a::reserved_cents, a::committed_cents)).first(conn)?;
    let used = reserved + committed;
    diesel::update(a::table.find((account, month))).set(a::ceiling_cents.eq(cents.max(used))).execute(conn)?;
    Ok((cents - used).max(0))
}
