//! What is to be done at a platform that forwards messages, and whom was told at night that nobody reads. Sealed and keyed by
//! whoever calls: no row says who, what or from where.

use super::schema::{night_acknowledgements, platform_tasks};
use super::{Conn, DbError, per_backend};
use crate::domain::ids::ResponseId;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

/// Something to do.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = platform_tasks)]
pub struct Task {
    /// Its id; also what its seal is bound to.
    pub id: String,
    /// `acknowledge` or `fetch`.
    pub kind: String,
    /// Whose files are fetched.
    pub response_id: Option<String>,
    /// Whom, what and from where, sealed with the server key.
    pub sealed: Vec<u8>,
    /// Tries so far.
    pub attempts: i32,
}

/// Queues a task.
pub fn add(conn: &mut Conn, task: &Task, now: DateTime<Utc>) -> Result<(), DbError> {
    use platform_tasks as t;
    diesel::insert_into(t::table)
        .values((
            t::id.eq(&task.id),
            t::kind.eq(&task.kind),
            t::response_id.eq(&task.response_id),
            t::sealed.eq(&task.sealed),
            t::attempts.eq(0),
            t::due_at.eq(now.naive_utc()),
            t::created_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether a task is due.
pub fn is_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<bool, DbError> {
    let due = platform_tasks::table.filter(platform_tasks::due_at.le(now.naive_utc()));
    Ok(due.select(platform_tasks::id).first::<String>(conn).optional()?.is_some())
}

/// Claims a due task by moving its time; whoever dies with it in hand leaves it due again after `lease`.
pub fn claim(conn: &mut Conn, now: DateTime<Utc>, lease: TimeDelta) -> Result<Option<Task>, DbError> {
    use platform_tasks as t;
    let due: Vec<(String, NaiveDateTime)> = t::table
        .filter(t::due_at.le(now.naive_utc()))
        .order(t::due_at)
        .limit(4)
        .select((t::id, t::due_at))
        .load(conn)?;
    for (id, due_at) in due {
        let changed = diesel::update(t::table.find(&id).filter(t::due_at.eq(due_at)))
            .set((t::due_at.eq((now + lease).naive_utc()), t::attempts.eq(t::attempts + 1)))
            .execute(conn)?;
        if changed == 1 {
            return Ok(Some(t::table.find(&id).select(Task::as_select()).first(conn)?));
        }
    }
    Ok(None)
}

/// Removes a task that is done, or can never be.
pub fn remove(conn: &mut Conn, id: &str) -> Result<(), DbError> {
    diesel::delete(platform_tasks::table.find(id)).execute(conn)?;
    Ok(())
}

/// Puts a task off.
pub fn put_off(conn: &mut Conn, id: &str, due_at: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(platform_tasks::table.find(id)).set(platform_tasks::due_at.eq(due_at.naive_utc())).execute(conn)?;
    Ok(())
}

/// Removes what was to be fetched for a response.
pub(super) fn forget(conn: &mut Conn, response: &str) -> Result<(), DbError> {
    let of = platform_tasks::table.filter(platform_tasks::response_id.eq(response));
    diesel::delete(of).execute(conn)?;
    Ok(())
}

/// How many tasks wait for a response.
pub fn waiting(conn: &mut Conn, response: &ResponseId) -> Result<i64, DbError> {
    Ok(platform_tasks::table.filter(platform_tasks::response_id.eq(response.as_str())).count().get_result(conn)?)
}

/// Notes that a sender is told tonight; false when they were told before.
pub fn acknowledge(conn: &mut Conn, sender: &str, now: DateTime<Utc>) -> Result<bool, DbError> {
    use night_acknowledgements as n;
    let row = (n::sender.eq(sender), n::at.eq(now.naive_utc()));
    let added = per_backend!(conn, c => diesel::insert_into(n::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(added == 1)
}

/// How many were told since a moment.
pub fn acknowledged_since(conn: &mut Conn, since: DateTime<Utc>) -> Result<i64, DbError> {
    use night_acknowledgements as n;
    Ok(n::table.filter(n::at.ge(since.naive_utc())).count().get_result(conn)?)
}

/// Forgets whom was told before a moment.
pub fn forget_acknowledged(conn: &mut Conn, before: DateTime<Utc>) -> Result<(), DbError> {
    use night_acknowledgements as n;
    diesel::delete(n::table.filter(n::at.lt(before.naive_utc()))).execute(conn)?;
    Ok(())
}
