//! Rate budget and circuit breaker of outside accounts, shared by every worker. The rules are `domain::flow`'s.

use super::schema::account_flows;
use super::{Conn, DbError, per_backend};
use crate::domain::flow::{Budget, Flow};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

type Columns = (i64, NaiveDateTime, i32, Option<NaiveDateTime>);

/// How an account stands; none when nothing was ever written about it.
pub fn flow(conn: &mut Conn, account: &str) -> Result<Option<Flow>, DbError> {
    use account_flows as f;
    let row: Option<Columns> = f::table
        .find(account)
        .select((f::tokens, f::refilled_at, f::failures, f::closed_until))
        .first(conn)
        .optional()?;
    Ok(row.map(|(tokens, refilled_at, failures, closed_until)| Flow {
        tokens,
        refilled_at: refilled_at.and_utc(),
        failures,
        closed_until: closed_until.map(|at| at.and_utc()),
    }))
}

/// [`flow`] for changing it: no other transaction gets it until this one ends.
pub fn lock(conn: &mut Conn, account: &str, budget: Budget, now: DateTime<Utc>) -> Result<Flow, DbError> {
    use account_flows as f;
    let fresh = Flow::fresh(budget, now);
    let row = (
        f::account.eq(account),
        f::tokens.eq(fresh.tokens),
        f::refilled_at.eq(now.naive_utc()),
        f::failures.eq(0),
        f::note.eq(""),
        f::updated_at.eq(now.naive_utc()),
    );
    // The update of an existing row is the lock.
    per_backend!(conn, c => diesel::insert_into(f::table)
        .values(row)
        .on_conflict(f::account)
        .do_update()
        .set(f::updated_at.eq(now.naive_utc()))
        .execute(c))?;
    flow(conn, account)?.ok_or(DbError::NotFound)
}

/// Stores a flow taken with [`lock`]; `note` is what failed last, for operators.
pub fn save(conn: &mut Conn, account: &str, flow: &Flow, note: Option<&str>) -> Result<(), DbError> {
    use account_flows as f;
    diesel::update(f::table.find(account))
        .set((
            f::tokens.eq(flow.tokens),
            f::refilled_at.eq(flow.refilled_at.naive_utc()),
            f::failures.eq(flow.failures),
            f::closed_until.eq(flow.closed_until.map(|at| at.naive_utc())),
            note.map(|note| f::note.eq(note)),
        ))
        .execute(conn)?;
    Ok(())
}
