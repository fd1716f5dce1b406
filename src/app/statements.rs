//! What officers say of the person sought, and the second officer's word without which no answer and no appeal may say so.

use super::audit::{self, Act};
use super::work_response::REASON;
use super::{App, AppError, events, random};
use crate::db::appeals::Appeal;
use crate::db::statements::{self, Statement};
use crate::db::{Conn, appeals, responses};
use crate::domain::actor::{Actor, Denied, Means, Permission};
use crate::domain::event::EventKind;
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, ResponseId, StatementId};
use crate::domain::outcome::Outcome;
use crate::domain::response::ResponseKind;
use crate::domain::statement::{Says, StatementState, decide as decided, needed};
use chrono::{DateTime, Utc};

/// Whoever works on answers or may end an appeal, in person: a program is no second pair of eyes.
fn speaks(actor: &Actor, now: DateTime<Utc>) -> Result<(), AppError> {
    if actor.may(Permission::AnswerResponses, now).is_ok() {
        return Ok(());
    }
    actor.may(Permission::Close, now)?;
    match actor.means {
        Means::Session { .. } => Ok(()),
        Means::Token { .. } => Err(Denied::NeedsSession.into()),
    }
}

fn reasoned(reason: &str) -> Result<&str, AppError> {
    let reason = reason.trim();
    if REASON.contains(&reason.chars().count()) {
        return Ok(reason);
    }
    Err(vec![Fault::at("/reason", "reading-reason")].into())
}

/// Says something of the person sought, for a second officer to confirm.
pub fn propose(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    (says, response): (Says, Option<&ResponseId>),
    reason: &str,
) -> Result<Statement, AppError> {
    let now = app.clock.now(conn)?;
    speaks(actor, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    let reason = reasoned(reason)?;
    if let Some(response) = response {
        let unknown = || AppError::from(vec![Fault::at("/response", "unknown-value").with("value", response)]);
        let found = responses::of_unit(conn, response, &actor.unit).map_err(|_| unknown())?;
        if found.appeal != appeal.id || found.kind == ResponseKind::IllegalContent {
            return Err(unknown());
        }
    }
    let statement = Statement {
        id: StatementId::from_parts(now, random::bytes()),
        appeal: appeal.id.clone(),
        response: response.cloned(),
        says,
        state: StatementState::Proposed,
        proposed_by: (actor.user.clone(), actor.person.clone()),
        proposed_at: now,
        decided: None,
    };
    statements::add(conn, &statement)?;
    let act =
        Act { action: "statement.proposed", object: statement.id.as_str(), reason, payload: says.code(), version: 1 };
    audit::record(conn, now, actor, &act)?;
    events::raise(conn, EventKind::StatementProposed, &appeal.unit, Some(&appeal.id), statement.id.as_str(), now)?;
    Ok(statement)
}

/// An appeal's statements, oldest first.
pub fn list(conn: &mut Conn, app: &App, actor: &Actor, id: &AppealId) -> Result<Vec<Statement>, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    Ok(statements::of_appeal(conn, &appeal.id)?)
}

/// Confirms or refuses what another officer said; persons are compared.
pub fn decide(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    (id, statement): (&AppealId, &StatementId),
    confirms: bool,
    reason: &str,
) -> Result<Statement, AppError> {
    let now = app.clock.now(conn)?;
    speaks(actor, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    let reason = reasoned(reason)?;
    let all = statements::of_appeal(conn, &appeal.id)?;
    let known = all.iter().find(|known| known.id == *statement).ok_or(AppError::NotFound)?;
    let state = decided(known.state, &known.proposed_by.1, &actor.person, confirms)
        .map_err(|refused| AppError::Conflict { code: refused.code() })?;
    statements::decide(conn, statement, state, (&actor.user, &actor.person), now)?;
    let action = if confirms { "statement.confirmed" } else { "statement.refused" };
    let act = Act { action, object: statement.as_str(), reason, payload: known.says.code(), version: 2 };
    audit::record(conn, now, actor, &act)?;
    events::raise(conn, EventKind::StatementDecided, &appeal.unit, Some(&appeal.id), statement.as_str(), now)?;
    let all = statements::of_appeal(conn, &appeal.id)?;
    all.into_iter().find(|known| known.id == *statement).ok_or(AppError::NotFound)
}

/// Refuses an ending that takes a second officer's word and has none.
pub(super) fn allow_ending(conn: &mut Conn, appeal: &Appeal, outcome: Outcome) -> Result<(), AppError> {
    let said = statements::of_appeal(conn, &appeal.id)?;
    let is_said = said.iter().any(|one| one.state != StatementState::Refused);
    let rests = is_said || responses::has_kind(conn, &appeal.id, ResponseKind::SelfReport)?;
    let needed = needed(outcome, appeal.draft.kind(), rests);
    let is_confirmed = |one: &Statement| one.state == StatementState::Confirmed && needed.contains(&one.says);
    if needed.is_empty() || said.iter().any(is_confirmed) {
        return Ok(());
    }
    Err(AppError::Conflict { code: "second-officer-needed" })
}

/// Refuses to call an answer useful that takes a second officer's word and has none: where the rules say two officers, or
/// where somebody says that it tells of the person's death or return.
pub(super) fn allow_useful(
    conn: &mut Conn,
    appeal: &AppealId,
    response: &ResponseId,
    officers: u8,
) -> Result<(), AppError> {
    let said: Vec<Statement> = statements::of_appeal(conn, appeal)?
        .into_iter()
        .filter(|one| one.response.as_ref() == Some(response) && one.state != StatementState::Refused)
        .collect();
    let is_confirmed = said.iter().any(|one| one.state == StatementState::Confirmed);
    let waits = said.iter().any(|one| one.state == StatementState::Proposed);
    if waits || (officers > 1 && !is_confirmed) {
        return Err(AppError::Conflict { code: "statement-unconfirmed" });
    }
    Ok(())
}
