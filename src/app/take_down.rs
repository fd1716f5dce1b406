//! The same road backwards: pages and feed entries gone at once, mails still to go cancelled, those already sent followed
//! by a neutral word. Needs one person and no step-up: the safe direction is always easy.

use super::audit::{self, Act, By};
use super::dispatch_appeal::PRIORITY_TAKEDOWN;
use super::{App, AppError, mail, random, standing};
use crate::db::appeals::{self, Appeal};
use crate::db::deliveries::{self, NewDelivery};
use crate::db::dispatches;
use crate::db::publications;
use crate::db::takedowns::{self, Takedown};
use crate::db::{Conn, wake_workers};
use crate::domain::actor::{Actor, Permission};
use crate::domain::dispatch::Purpose;
use crate::domain::faults::Fault;
use crate::domain::gate;
use crate::domain::ids::{AppealId, DeliveryId, TakedownId};
use crate::domain::language::Language;
use crate::domain::outcome::Outcome;
use crate::domain::scope::ChannelKind;
use crate::domain::stage::{Stage, Step};
use crate::domain::takedown::TakedownState;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Takes an appeal down; it can come back only through a new decision of the chain.
pub fn take_down(conn: &mut Conn, app: &App, actor: &Actor, id: &AppealId, reason: &str) -> Result<Appeal, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::TakeDown, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    if reason.trim().chars().count() < 3 {
        return Err(vec![Fault::at("/reason", "required")].into());
    }
    suspend(conn, app, actor.into(), appeal, reason.trim(), now)
}

/// Takes an appeal down for whoever was found to be entitled to.
pub(super) fn suspend(
    conn: &mut Conn,
    app: &App,
    by: By,
    mut appeal: Appeal,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Appeal, AppError> {
    // Something scheduled is not out yet, but stopping it is the same wish.
    let step = if appeal.stage == Stage::Scheduled { Step::Lapse } else { Step::Suspend };
    appeal.stage = appeal.stage.after(step)?;
    bring_back(conn, app, &mut appeal, reason, Purpose::Correction, None, now)?;
    let id = appeal.id.clone();
    let act = Act { action: "appeal.taken_down", object: id.as_str(), version: appeal.version, reason, payload: "" };
    audit::record(conn, now, by, &act)?;
    Ok(appeal)
}

/// Ends an appeal with its outcome and tells everyone alerted, without a word about where, why or in what state.
pub fn close(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    outcome: Outcome,
    reason: &str,
) -> Result<Appeal, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Close, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    end(conn, app, actor.into(), appeal, outcome, reason, now)
}

/// Ends an appeal for whoever was found to be entitled to.
pub(super) fn end(
    conn: &mut Conn,
    app: &App,
    by: By,
    mut appeal: Appeal,
    outcome: Outcome,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Appeal, AppError> {
    appeal.stage = appeal.stage.after(Step::Close)?;
    appeal.outcome = Some(outcome);
    bring_back(conn, app, &mut appeal, outcome.code(), Purpose::Closure, Some(outcome), now)?;
    let id = appeal.id.clone();
    let act =
        Act { action: "appeal.closed", object: id.as_str(), version: appeal.version, reason, payload: outcome.code() };
    audit::record(conn, now, by, &act)?;
    Ok(appeal)
}

/// Takes down whatever no decision covers any more: after a withdrawal, and by the sweeper when an end passed.
pub fn lapse_if_uncovered(conn: &mut Conn, app: &App, id: &AppealId, by: By) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let mut appeal = appeals::any(conn, id)?;
    let Ok(stage) = appeal.stage.after(Step::Lapse) else { return Ok(()) };
    let standing = standing::load(conn, app, &appeal)?;
    let covered = match dispatches::dispatches_of(conn, id)?.last() {
        // What was sent rests on its own decisions; others in force do not carry it. The whole gate is asked: a rule, a
        // withdrawal and a discovery take it down as surely as an end.
        Some(dispatch) if matches!(appeal.stage, Stage::Live | Stage::Scheduled) => {
            let under = standing.authority_under(app, &appeal, now, &dispatch.authorisations);
            gate::authority_refusals(&under).is_empty()
        }
        _ => standing.home(&appeal, now).is_some_and(|stored| stored.record.holds_or_waits(now)),
    };
    if covered {
        return Ok(());
    }
    appeal.stage = stage;
    bring_back(conn, app, &mut appeal, "authorisation ended", Purpose::Correction, None, now)?;
    let act = Act { action: "appeal.lapsed", object: id.as_str(), version: appeal.version, ..Act::default() };
    audit::record(conn, now, by, &act)
}

/// Takes everything off our own channels, cancels what is on its way, and queues the word to those already reached.
fn bring_back(
    conn: &mut Conn,
    app: &App,
    appeal: &mut Appeal,
    reason: &str,
    purpose: Purpose,
    outcome: Option<Outcome>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let withdrawn = publications::withdraw(conn, &appeal.id, now)?;
    for (channel, language) in withdrawn {
        // Gone in this transaction; that nobody is shown it any more is for a look from outside to say.
        let open = (TakedownState::Open, "withdrawn; to be read back");
        begin(conn, &appeal.id, channel, language, reason, now, open)?;
    }
    deliveries::cancel(conn, &appeal.id, Purpose::Appeal, now)?;
    let mails = dispatches::mailed(conn, &appeal.id)?;
    let tell = purpose == Purpose::Closure || app.config.worker.correction_mail;
    let told_before = purpose == Purpose::Closure && !takedowns::takedowns_of(conn, &appeal.id)?.is_empty();
    let mut languages: Vec<Language> = Vec::new();
    for (i, (delivery, dispatch, language, reached)) in mails.iter().enumerate() {
        if *reached == 0 {
            continue;
        }
        if !languages.contains(language) {
            languages.push(*language);
            let start = if tell {
                (TakedownState::Waiting, "correction on its way to everyone reached")
            } else {
                (TakedownState::Proven, "sent mail cannot be recalled; no correction by policy")
            };
            begin(conn, &appeal.id, ChannelKind::Email, *language, reason, now, start)?;
        }
        if !tell {
            continue;
        }
        let content = match purpose {
            Purpose::Closure => mail::closure(app, appeal, *language, outcome, told_before)?,
            _ => mail::correction(app, appeal, *language)?,
        };
        dispatches::add_content(conn, dispatch, purpose, ChannelKind::Email, *language, &content, &Value::Null)?;
        let row = NewDelivery {
            id: DeliveryId::from_parts(now, random::bytes()),
            dispatch,
            appeal: &appeal.id,
            purpose,
            channel: ChannelKind::Email,
            language: *language,
            audience: delivery.as_str(),
            shard: i32::try_from(i).unwrap_or(i32::MAX),
            cells: &[],
            province: "",
            priority: PRIORITY_TAKEDOWN,
            due_at: now,
            expected: *reached,
        };
        deliveries::add(conn, &row, now)?;
    }
    if appeal.stage == Stage::Closed && takedowns::unproven(conn, &appeal.id)? == 0 {
        appeal.stage = appeal.stage.after(Step::ConfirmTakedown)?;
    }
    wake_workers(conn)?;
    Ok(appeals::save(conn, appeal, now)?)
}

fn begin(
    conn: &mut Conn,
    appeal: &AppealId,
    channel: ChannelKind,
    language: Language,
    reason: &str,
    now: DateTime<Utc>,
    (state, proof): (TakedownState, &str),
) -> Result<(), AppError> {
    let takedown = Takedown {
        id: TakedownId::from_parts(now, random::bytes()),
        channel,
        language,
        reason: reason.to_owned(),
        decided_at: now,
        started_at: Some(now),
        done_at: (state == TakedownState::Proven).then_some(now),
        proof: proof.to_owned(),
        state,
        due_at: (state == TakedownState::Open).then_some(now),
        looks: 0,
        looked_at: None,
        failure: String::new(),
    };
    Ok(takedowns::add(conn, appeal, &takedown)?)
}
