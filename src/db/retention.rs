//! Until when the responses of closed appeals are kept.

use super::schema::appeal_retentions;
use super::{Conn, DbError, per_backend};
use crate::domain::ids::{AppealId, UserId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// How long an appeal's responses are kept.
#[derive(Clone, Debug)]
pub struct Retention {
    /// Of which appeal.
    pub appeal: AppealId,
    /// Until when, unless held.
    pub until: DateTime<Utc>,
    /// Who holds them for proceedings, and why.
    pub held: Option<(String, String)>,
    /// When readers were warned.
    pub warned_at: Option<DateTime<Utc>>,
    /// When they were erased.
    pub erased_at: Option<DateTime<Utc>>,
}

type Columns = (String, NaiveDateTime, Option<String>, Option<String>, Option<NaiveDateTime>, Option<NaiveDateTime>);

fn from(row: Columns) -> Result<Retention, DbError> {
    let (appeal, until, held_by, reason, warned_at, erased_at) = row;
    Ok(Retention {
        appeal: AppealId::parse(&appeal).map_err(|e| DbError::corrupt("appeal_retentions", e))?,
        until: until.and_utc(),
        held: held_by.zip(reason),
        warned_at: warned_at.map(|at| at.and_utc()),
        erased_at: erased_at.map(|at| at.and_utc()),
    })
}

/// Starts the clock of an appeal that ended, unless it runs.
pub fn start(conn: &mut Conn, appeal: &AppealId, until: DateTime<Utc>) -> Result<(), DbError> {
    use appeal_retentions as r;
    let row = (r::appeal_id.eq(appeal.as_str()), r::retain_until.eq(until.naive_utc()));
    per_backend!(conn, c => diesel::insert_into(r::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// An appeal's; none while it is open.
pub fn of_appeal(conn: &mut Conn, appeal: &AppealId) -> Result<Option<Retention>, DbError> {
    let row: Option<Columns> = appeal_retentions::table.find(appeal.as_str()).first(conn).optional()?;
    row.map(from).transpose()
}

/// Holds an appeal's responses, or lets them go.
pub fn hold(conn: &mut Conn, appeal: &AppealId, by: Option<(&UserId, &str)>) -> Result<(), DbError> {
    use appeal_retentions as r;
    diesel::update(r::table.find(appeal.as_str()))
        .set((r::held_by.eq(by.map(|(user, _)| user.as_str())), r::hold_reason.eq(by.map(|(_, reason)| reason))))
        .execute(conn)?;
    Ok(())
}

/// Those that end before a moment, are not held and not erased; at most 50.
pub fn ending(conn: &mut Conn, before: DateTime<Utc>) -> Result<Vec<Retention>, DbError> {
    use appeal_retentions as r;
    let rows: Vec<Columns> = r::table
        .filter(r::erased_at.is_null().and(r::held_by.is_null()).and(r::retain_until.le(before.naive_utc())))
        .order((r::retain_until, r::appeal_id))
        .limit(50)
        .load(conn)?;
    rows.into_iter().map(from).collect()
}

/// Notes that readers were warned.
pub fn warned(conn: &mut Conn, appeal: &AppealId, now: DateTime<Utc>) -> Result<(), DbError> {
    use appeal_retentions as r;
    diesel::update(r::table.find(appeal.as_str())).set(r::warned_at.eq(now.naive_utc())).execute(conn)?;
    Ok(())
}

/// Notes that all responses are erased.
pub fn erased(conn: &mut Conn, appeal: &AppealId, now: DateTime<Utc>) -> Result<(), DbError> {
    use appeal_retentions as r;
    diesel::update(r::table.find(appeal.as_str())).set(r::erased_at.eq(now.naive_utc())).execute(conn)?;
    Ok(())
}
