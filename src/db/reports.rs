//! Where responses go besides the queue, and by when they must have been opened: reports of illegal content routed to
//! whoever looks at them, deadlines told once.

use super::schema::{report_receivers, reports, response_dues, responses};
use super::{Conn, DbError, ROWS, per_backend};
use crate::domain::actor::Role;
use crate::domain::ids::{AppealId, ResponseId, UnitId, UserId};
use crate::domain::response::ResponseState;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::HashMap;

/// A report on its way to a decision.
#[derive(Clone, Debug)]
pub struct Report {
    /// The response it is.
    pub response: ResponseId,
    /// On which appeal's page it was made.
    pub appeal: AppealId,
    /// Which unit looks at it.
    pub unit: UnitId,
    /// In which role.
    pub role: Role,
    /// The rule that sent it there.
    pub rule: String,
    /// When.
    pub routed_at: DateTime<Utc>,
    /// By when it must have been opened.
    pub due_at: Option<DateTime<Utc>>,
    /// Grows with every change.
    pub version: i32,
    /// What was decided.
    pub verdict: Option<String>,
    /// By whom, and when.
    pub decided: Option<(UserId, DateTime<Utc>)>,
}

type Columns = (
    String,
    String,
    String,
    String,
    String,
    NaiveDateTime,
    Option<NaiveDateTime>,
    i32,
    Option<String>,
    Option<String>,
    Option<NaiveDateTime>,
);

fn from(row: Columns) -> Result<Report, DbError> {
    let (response, appeal, unit, role, rule, routed_at, due_at, version, verdict, by, at) = row;
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("reports", e);
    let by = by.map(|id| UserId::parse(&id).map_err(corrupt)).transpose()?;
    Ok(Report {
        response: ResponseId::parse(&response).map_err(corrupt)?,
        appeal: AppealId::parse(&appeal).map_err(corrupt)?,
        unit: UnitId::parse(&unit).map_err(corrupt)?,
        role: Role::parse(&role).ok_or_else(|| DbError::corrupt("reports.role", role))?,
        rule,
        routed_at: routed_at.and_utc(),
        due_at: due_at.map(|at| at.and_utc()),
        version,
        verdict,
        decided: by.zip(at.map(|at| at.and_utc())),
    })
}

/// Which unit looks at a unit's reports: another one if that was set, else itself.
pub fn receiver(conn: &mut Conn, unit: &UnitId) -> Result<UnitId, DbError> {
    let set: Option<String> =
        report_receivers::table.find(unit.as_str()).select(report_receivers::receiver_id).first(conn).optional()?;
    set.map_or_else(
        || Ok(unit.clone()),
        |id| UnitId::parse(&id).map_err(|e| DbError::corrupt("report_receivers.receiver_id", e)),
    )
}

/// Sets which unit looks at a unit's reports from now on.
pub fn set_receiver(
    conn: &mut Conn,
    unit: &UnitId,
    receiver: &UnitId,
    by: &UserId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use report_receivers as r;
    // One administrator at a time sets it: taking it away and setting it anew is the same as changing it.
    diesel::delete(r::table.find(unit.as_str())).execute(conn)?;
    diesel::insert_into(r::table)
        .values((
            r::unit_id.eq(unit.as_str()),
            r::receiver_id.eq(receiver.as_str()),
            r::set_by.eq(by.as_str()),
            r::set_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Routes a report; one that was routed before stays where it is.
pub fn route(conn: &mut Conn, report: &Report) -> Result<(), DbError> {
    use reports as r;
    let row = (
        r::response_id.eq(report.response.as_str()),
        r::appeal_id.eq(report.appeal.as_str()),
        r::unit_id.eq(report.unit.as_str()),
        r::role.eq(report.role.code()),
        r::rule.eq(&report.rule),
        r::routed_at.eq(report.routed_at.naive_utc()),
        r::due_at.eq(report.due_at.map(|at| at.naive_utc())),
        r::version.eq(report.version),
    );
    per_backend!(conn, c => diesel::insert_into(r::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// The reports that a unit looks at, newest first, before an id; only the undecided ones if `open`.
pub fn of_unit(
    conn: &mut Conn,
    unit: &UnitId,
    open: bool,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Report>, DbError> {
    use reports as r;
    let mut query =
        r::table.filter(r::unit_id.eq(unit.as_str())).order(r::response_id.desc()).limit(limit).into_boxed();
    if open {
        query = query.filter(r::verdict.is_null());
    }
    if let Some(before) = before {
        query = query.filter(r::response_id.lt(before.to_owned()));
    }
    query.load::<Columns>(conn)?.into_iter().map(from).collect()
}

/// One that a unit looks at; another unit's is not found.
pub fn one(conn: &mut Conn, response: &ResponseId, unit: &UnitId) -> Result<Report, DbError> {
    reports::table
        .find(response.as_str())
        .filter(reports::unit_id.eq(unit.as_str()))
        .first::<Columns>(conn)
        .map_err(DbError::from)
        .and_then(from)
}

/// Whether a response was routed.
pub fn is_routed(conn: &mut Conn, response: &ResponseId) -> Result<bool, DbError> {
    let found: Option<String> =
        reports::table.find(response.as_str()).select(reports::response_id).first(conn).optional()?;
    Ok(found.is_some())
}

/// Writes a decision down; `Stale` when somebody was faster.
pub fn decide(conn: &mut Conn, report: &Report, verdict: &str, by: &UserId, now: DateTime<Utc>) -> Result<(), DbError> {
    use reports as r;
    let same = r::version.eq(report.version).and(r::verdict.is_null());
    let changed = diesel::update(r::table.find(report.response.as_str()).filter(same))
        .set((
            r::verdict.eq(verdict),
            r::version.eq(report.version + 1),
            r::decided_by.eq(by.as_str()),
            r::decided_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// By when a response must have been opened, and the rule that says so.
#[derive(Clone, Debug)]
pub struct Due {
    /// Which response.
    pub response: ResponseId,
    /// To which appeal.
    pub appeal: AppealId,
    /// Which rule.
    pub rule: String,
    /// By when.
    pub at: DateTime<Utc>,
}

/// Keeps deadlines.
pub fn add_dues(conn: &mut Conn, dues: &[Due]) -> Result<(), DbError> {
    use response_dues as d;
    for part in dues.chunks(ROWS) {
        let rows: Vec<_> = part
            .iter()
            .map(|due| {
                (
                    d::response_id.eq(due.response.as_str()),
                    d::appeal_id.eq(due.appeal.as_str()),
                    d::rule.eq(&due.rule),
                    d::due_at.eq(due.at.naive_utc()),
                )
            })
            .collect();
        per_backend!(conn, c => diesel::insert_into(d::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// The deadlines of these responses.
pub fn dues(conn: &mut Conn, ids: &[&str]) -> Result<HashMap<String, DateTime<Utc>>, DbError> {
    use response_dues as d;
    let rows: Vec<(String, NaiveDateTime)> =
        d::table.filter(d::response_id.eq_any(ids.iter().copied())).select((d::response_id, d::due_at)).load(conn)?;
    Ok(rows.into_iter().map(|(id, at)| (id, at.and_utc())).collect())
}

/// Deadlines that passed while nobody opened the response, copies aside; told now, at most 200 at a time.
pub fn overdue(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<(AppealId, ResponseId, UnitId)>, DbError> {
    use response_dues as d;
    use responses as r;
    let late: Vec<String> = d::table
        .filter(d::told_at.is_null().and(d::due_at.le(now.naive_utc())))
        .order(d::due_at)
        .limit(200)
        .select(d::response_id)
        .load(conn)?;
    if late.is_empty() {
        return Ok(Vec::new());
    }
    diesel::update(d::table.filter(d::response_id.eq_any(&late))).set(d::told_at.eq(now.naive_utc())).execute(conn)?;
    let rows: Vec<(String, String, String)> = r::table
        .filter(r::id.eq_any(&late).and(r::state.eq(ResponseState::New.code())).and(r::duplicate_of.is_null()))
        .order(r::id)
        .select((r::appeal_id, r::id, r::unit_id))
        .load(conn)?;
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("response_dues", e);
    rows.into_iter()
        .map(|(appeal, id, unit)| {
            Ok((
                AppealId::parse(&appeal).map_err(corrupt)?,
                ResponseId::parse(&id).map_err(corrupt)?,
                UnitId::parse(&unit).map_err(corrupt)?,
            ))
        })
        .collect()
}

/// Removes what was kept of a response.
pub fn erase(conn: &mut Conn, response: &str) -> Result<(), DbError> {
    diesel::delete(reports::table.find(response)).execute(conn)?;
    diesel::delete(response_dues::table.find(response)).execute(conn)?;
    Ok(())
}
