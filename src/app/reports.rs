//! Reports of illegal content: routed on arrival to the unit and role that look at them, in no queue of anybody else's,
//! listed and opened there under the audit, decided, and their senders told what was decided.

use super::access::Caller;
use super::audit::{self, Act};
use super::respond::{seal_message, sealing};
use super::work_response::{self, Opened, REASON};
use super::{App, AppError, events};
use crate::db::reports::{self, Report};
use crate::db::{Conn, access, appeals, responses, threads};
use crate::domain::actor::{Actor, Permission, Role};
use crate::domain::event::EventKind;
use crate::domain::faults::Fault;
use crate::domain::ids::{ResponseId, UnitId};
use crate::domain::language::Language;
use crate::domain::report::ReportVerdict;
use crate::domain::rules::Arrival;
use crate::sealing::AppealPublicKey;
use crate::words::{Locale, Words};
use chrono::{DateTime, Utc};

/// Routes a response that the rules send elsewhere than to the queue; the unit it went to, if it did.
pub(super) fn route(
    conn: &mut Conn,
    response: &responses::Response,
    arrival: &Arrival,
    now: DateTime<Utc>,
) -> Result<Option<UnitId>, AppError> {
    let Some(role) = arrival.receiver else { return Ok(None) };
    let unit = reports::receiver(conn, &response.unit)?;
    let report = Report {
        response: response.id.clone(),
        appeal: response.appeal.clone(),
        unit: unit.clone(),
        role,
        rule: arrival.rule.as_ref().map(ToString::to_string).unwrap_or_default(),
        routed_at: now,
        due_at: arrival.due_within.map(|span| now + span),
        version: 1,
        verdict: None,
        decided: None,
    };
    reports::route(conn, &report)?;
    Ok(Some(unit))
}

/// The reports that the actor's unit looks at, newest first; only the undecided ones if `open`.
pub fn list(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    open: bool,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Report>, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::HandleReports, now)?;
    Ok(reports::of_unit(conn, &actor.unit, open, before, limit)?)
}

/// Opens a report; the audit entry and the reading are one transaction. Its files stay closed.
pub fn open(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    id: &ResponseId,
    reason: &str,
) -> Result<(Report, Opened), AppError> {
    let now = app.clock.now(conn)?;
    caller.actor.may(Permission::HandleReports, now)?;
    let report = reports::one(conn, id, &caller.actor.unit)?;
    let response = responses::any(conn, id)?;
    let opened = work_response::unseal(conn, caller, response, ("report.read", reason), now)?;
    Ok((report, opened))
}

/// Decides a report; its sender reads in the thread what was decided.
pub fn decide(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &ResponseId,
    version: i32,
    verdict: ReportVerdict,
    reason: &str,
) -> Result<Report, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::HandleReports, now)?;
    let report = reports::one(conn, id, &actor.unit)?;
    if report.verdict.is_some() {
        return Err(AppError::Conflict { code: "report-decided" });
    }
    if report.version != version {
        return Err(AppError::Stale);
    }
    let reason = reason.trim();
    if !REASON.contains(&reason.chars().count()) {
        return Err(vec![Fault::at("/reason", "reading-reason")].into());
    }
    reports::decide(conn, &report, verdict.code(), &actor.user, now)?;
    let response = responses::any(conn, id)?;
    let (state, kind) = verdict.leads_to();
    let state = if response.state.may_become(state) { state } else { response.state };
    responses::set_state(conn, &response, state, kind, now)?;
    let said = Words::of(Language::parse(&response.language).map_or(Locale::En, Locale::from));
    let text = match verdict {
        ReportVerdict::Illegal => said.say("thread-report-illegal"),
        ReportVerdict::NotIllegal => said.say("thread-report-not-illegal"),
        ReportVerdict::PassedOn => said.say("thread-report-passed-on"),
        ReportVerdict::NotAReport => said.say("thread-report-answer"),
    };
    let appeal = appeals::any(conn, &response.appeal)?;
    let key = AppealPublicKey::from_slice(&appeal.public_key).map_err(sealing)?;
    let message = seal_message(&response, &key, &text, true, Some(actor.user.clone()), now)?;
    threads::add(conn, id, &message)?;
    let act =
        Act { action: "report.decided", object: id.as_str(), version: version + 1, reason, payload: verdict.code() };
    audit::record(conn, now, actor, &act)?;
    events::raise(conn, EventKind::ReportDecided, &report.unit, Some(&report.appeal), id.as_str(), now)?;
    Ok(reports::one(conn, id, &actor.unit)?)
}

/// Which unit looks at the actor's unit's reports.
pub fn receiver(conn: &mut Conn, app: &App, actor: &Actor, unit: &UnitId) -> Result<UnitId, AppError> {
    let now = app.clock.now(conn)?;
    actor.may_look(Permission::ManageUsers, now)?;
    if *unit != actor.unit {
        return Err(AppError::NotFound);
    }
    Ok(reports::receiver(conn, unit)?)
}

/// Sets it, for what comes from now on. Appeals that are out already are sealed to those who could read them when they were
/// filed: officers of the other unit read what comes to those once somebody adds them as readers.
pub fn set_receiver(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    unit: &UnitId,
    receiver: &UnitId,
) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ManageUsers, now)?;
    if *unit != actor.unit {
        return Err(AppError::NotFound);
    }
    let unknown = || AppError::from(vec![Fault::at("/unit", "unknown-value").with("value", receiver)]);
    access::unit(conn, receiver).map_err(|_| unknown())?;
    reports::set_receiver(conn, unit, receiver, &actor.user, now)?;
    let act =
        Act { action: "unit.reports_routed", object: unit.as_str(), payload: receiver.as_str(), ..Act::default() };
    audit::record(conn, now, actor, &act)
}

/// Whether a role looks at reports, and at nothing else of what the public sends.
#[must_use]
pub(super) fn receives(role: Role) -> bool {
    role.permissions().contains(&Permission::HandleReports)
}
