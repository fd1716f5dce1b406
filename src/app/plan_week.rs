//! A week of cold appeals: composed by a communication officer, answered to as one list, sent each at its hour if the gate
//! passes then. Beneath the list each appeal's plan is signed like any other, so nothing about the gate is different.

use super::audit::{self, Act, By};
use super::chain_duties::held;
use super::plan_dispatch::{self, Preview};
use super::validate_appeal::{self, Answer, Signing};
use super::{App, AppError, dispatch_appeal, random};
use crate::db::appeals::{self, Appeal};
use crate::db::weeks::{self, Week};
use crate::db::{Conn, authorisations};
use crate::domain::actor::{Actor, Permission};
use crate::domain::document;
use crate::domain::faults::Fault;
use crate::domain::gate::Refusal;
use crate::domain::ids::{AppealId, WeekId};
use crate::domain::rules::Level;
use crate::domain::stage::{Stage, Step};
use crate::domain::validation::Verdict;
use crate::domain::week::{self, Draft, Item, ItemState};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeSet;

/// How many lists are shown: half a year.
const SHOWN: i64 = 26;

/// Every level that an appeal on a list passes: those of its own chain and those the rule names for lists.
fn levels(preview: &Preview, appeal: &Appeal) -> Option<Vec<Level>> {
    let (sensitivity, own) = preview.standing.chain(appeal, preview.at);
    let rule = preview.standing.rules.cold(appeal.draft.kind(), sensitivity)?;
    let all: BTreeSet<Level> = own.iter().chain(&rule.levels).copied().collect();
    Some(all.into_iter().collect())
}

/// Composes a list and puts every appeal on it into the chain. Whoever does speaks at the first level.
pub fn compose(conn: &mut Conn, app: &App, actor: &Actor, filed: &Value) -> Result<Week, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Validate, now)?;
    if !held(conn, actor, now)?.iter().any(|(level, _)| *level == Level::CommunicationOfficer) {
        return Err(AppError::Forbidden { code: "no-seat" });
    }
    let draft = document::read(filed, "", |r| Draft::read(r, now))?;
    let (mut items, mut faults, mut refusals) = (Vec::new(), Vec::new(), Vec::new());
    for (i, slot) in draft.slots.into_iter().enumerate() {
        let pointer = format!("/items/{i}/appeal");
        let Ok(mut appeal) = appeals::of_unit(conn, &slot.appeal, &actor.unit) else {
            faults.push(Fault::at(pointer, "unknown-value").with("value", &slot.appeal));
            continue;
        };
        let preview = plan_dispatch::preview_at(conn, app, &appeal, slot.due_at)?;
        if levels(&preview, &appeal).is_none() {
            faults.push(Fault::at(pointer, "not-cold"));
            continue;
        }
        if appeal.draft.schedule.is_some() {
            faults.push(Fault::at(pointer, "has-its-own-hour"));
            continue;
        }
        let Preview { plan, refusals: found, .. } = preview;
        let stage = appeal.stage.after(Step::Submit)?;
        match plan {
            Some(plan) if found.is_empty() => {
                authorisations::add_plan(conn, &plan, "", &actor.person, now)?;
                appeal.stage = stage;
                appeals::save(conn, &mut appeal, now)?;
                let digest = plan.digest();
                let act = Act {
                    action: "appeal.submitted",
                    object: appeal.id.as_str(),
                    version: appeal.version,
                    payload: digest.as_str(),
                    reason: "",
                };
                audit::record(conn, now, actor, &act)?;
                items.push(Item { slot, plan: digest, state: ItemState::Planned, note: String::new() });
            }
            _ => refusals.extend(found),
        }
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    if !refusals.is_empty() {
        return Err(AppError::Refused(refusals));
    }
    items.sort_by(|a, b| (a.slot.due_at, &a.slot.appeal).cmp(&(b.slot.due_at, &b.slot.appeal)));
    let week = Week {
        id: WeekId::from_parts(now, random::bytes()),
        unit: actor.unit.clone(),
        title: draft.title,
        digest: week::digest(&items),
        composed_by: actor.person.clone(),
        created_at: now,
        released: None,
        items,
    };
    weeks::add(conn, &week)?;
    said(conn, now, actor, "week.composed", &week, "")?;
    Ok(week)
}

fn said(
    conn: &mut Conn,
    now: DateTime<Utc>,
    by: impl Into<By>,
    action: &str,
    week: &Week,
    reason: &str,
) -> Result<(), AppError> {
    let act = Act { action, object: week.id.as_str(), payload: &week.digest, reason, version: 0 };
    audit::record(conn, now, by, &act)
}

/// One list, for somebody of its unit.
pub fn show(conn: &mut Conn, app: &App, actor: &Actor, id: &WeekId) -> Result<Week, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let week = weeks::of_unit(conn, id, &actor.unit)?;
    said(conn, now, actor, "week.read", &week, "")?;
    Ok(week)
}

/// The unit's newest lists.
pub fn list(conn: &mut Conn, app: &App, actor: &Actor) -> Result<Vec<Week>, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    Ok(weeks::page(conn, &actor.unit, SHOWN)?)
}

/// The list, if it is the one the caller looked at.
fn seen(conn: &mut Conn, actor: &Actor, id: &WeekId, digest: &str) -> Result<Week, AppError> {
    let week = weeks::of_unit(conn, id, &actor.unit)?;
    if week.digest == digest { Ok(week) } else { Err(AppError::Stale) }
}

/// Whether an appeal on a list is still what was signed; settles it as void where it is not.
fn unchanged(
    conn: &mut Conn,
    app: &App,
    week: &Week,
    item: &Item,
    by: impl Into<By>,
    now: DateTime<Utc>,
) -> Result<Option<(Appeal, Preview)>, AppError> {
    let appeal = appeals::any(conn, &item.slot.appeal)?;
    let preview = plan_dispatch::preview_at(conn, app, &appeal, item.slot.due_at)?;
    if preview.digest().as_ref() == Some(&item.plan) && matches!(appeal.stage, Stage::Submitted | Stage::Validated) {
        return Ok(Some((appeal, preview)));
    }
    weeks::settle(conn, &week.id, &item.slot.appeal, (ItemState::Void, appeal.stage.code()), now)?;
    let act =
        Act { action: "week.item_void", object: item.slot.appeal.as_str(), reason: week.id.as_str(), ..Act::default() };
    audit::record(conn, now, by, &act)?;
    Ok(None)
}

/// One person's yes or no to the list, or a no to some of it. What changed since it was composed is void, and the rest
/// stands.
pub fn validate(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &WeekId,
    digest: &str,
    answer: &Answer,
    only: &[AppealId],
) -> Result<Week, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Validate, now)?;
    let week = seen(conn, actor, id, digest)?;
    if let Some(unknown) = only.iter().find(|id| !week.items.iter().any(|item| item.slot.appeal == **id)) {
        return Err(vec![Fault::at("/appeals", "unknown-value").with("value", unknown)].into());
    }
    // A yes is to the list as it stands; whoever wants less of it says no to what they do not want.
    if answer.verdict == Verdict::Yes && !only.is_empty() {
        return Err(vec![Fault::at("/appeals", "only-with-no")].into());
    }
    let mut answered = 0;
    let meant =
        |item: &&Item| item.state == ItemState::Planned && (only.is_empty() || only.contains(&item.slot.appeal));
    for item in week.items.iter().filter(meant) {
        let Some((mut appeal, preview)) = unchanged(conn, app, &week, item, actor, now)? else { continue };
        if !preview.refusals.is_empty() && answer.verdict == Verdict::Yes {
            return Err(AppError::Refused(preview.refusals));
        }
        let under = preview.standing.authority(app, &appeal, item.slot.due_at);
        let records: Vec<_> = under.records().collect();
        let Some(levels) = levels(&preview, &appeal) else { return Err(AppError::Conflict { code: "not-cold" }) };
        let holds = held(conn, actor, now)?.iter().any(|(level, _)| levels.contains(level));
        if !holds {
            continue;
        }
        let signing = Signing { digest: &item.plan, records: &records, levels: &levels, emergency: false };
        let (validation, is_whole) = validate_appeal::sign(conn, actor, &appeal, &signing, answer, now)?;
        answered += 1;
        drop(under);
        let action = match (answer.verdict, is_whole, appeal.stage) {
            (Verdict::Yes, true, Stage::Submitted) => {
                appeal.stage = appeal.stage.after(Step::Approve)?;
                "appeal.validated"
            }
            (Verdict::Yes, ..) => "appeal.validated",
            (Verdict::No, _, stage) => {
                // Back to be worked on; one that all had said yes to stays where it is, and their yes is void by this no.
                appeal.stage = stage.after(Step::Return).unwrap_or(stage);
                weeks::settle(conn, &week.id, &appeal.id, (ItemState::Returned, ""), now)?;
                "appeal.returned"
            }
        };
        appeals::save(conn, &mut appeal, now)?;
        let act = Act {
            action,
            object: appeal.id.as_str(),
            version: appeal.version,
            payload: item.plan.as_str(),
            reason: &validation.reasons,
        };
        audit::record(conn, now, actor, &act)?;
    }
    if answered == 0 {
        return Err(AppError::Forbidden { code: "no-seat" });
    }
    let action = if answer.verdict == Verdict::Yes { "week.validated" } else { "week.returned" };
    said(conn, now, actor, action, &week, answer.reasons.trim())?;
    Ok(weeks::of_unit(conn, id, &actor.unit)?)
}

/// Lets a validated list go out, each appeal at its hour: the publishing act, once for all of them.
pub fn release(conn: &mut Conn, app: &App, actor: &Actor, id: &WeekId, digest: &str) -> Result<Week, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Dispatch, now)?;
    let week = seen(conn, actor, id, digest)?;
    if week.released.is_some() {
        return Err(AppError::Conflict { code: "already-released" });
    }
    let mut refusals = Vec::new();
    for item in week.items.iter().filter(|item| item.state == ItemState::Planned) {
        if let Some((appeal, _)) = unchanged(conn, app, &week, item, actor, now)?
            && appeal.stage != Stage::Validated
        {
            refusals.push(Refusal::NotValidated);
        }
    }
    if !refusals.is_empty() {
        return Err(AppError::Refused(refusals));
    }
    weeks::release(conn, id, actor.user.as_str(), now)?;
    said(conn, now, actor, "week.released", &week, "")?;
    Ok(weeks::of_unit(conn, id, &actor.unit)?)
}

/// Sends what is due of the lists that were let go, and says of the rest why not. Called by the sweeper.
pub fn send_due(conn: &mut Conn, app: &App, now: DateTime<Utc>) -> Result<(), AppError> {
    let sweeper = || By::service("sweeper");
    for week in weeks::due(conn, now)? {
        let Some((releaser, _)) = week.released.clone() else { continue };
        for item in week.items.iter().filter(|i| i.state == ItemState::Planned && i.slot.due_at <= now) {
            let id = &item.slot.appeal;
            let appeal = appeals::any(conn, id)?;
            let (state, note) = match dispatch_appeal::send(conn, app, (sweeper(), &releaser), appeal, &item.plan) {
                Ok(dispatch) => (ItemState::Dispatched, dispatch.id.to_string()),
                Err(AppError::Stale) => (ItemState::Void, String::new()),
                Err(AppError::WrongStage { from, .. }) => (ItemState::Void, from.to_string()),
                Err(AppError::Refused(refusals)) => {
                    let codes: Vec<_> = refusals.iter().map(Refusal::code).collect();
                    (ItemState::Refused, codes.join(" "))
                }
                Err(other) => return Err(other),
            };
            weeks::settle(conn, &week.id, id, (state, &note), now)?;
            if state != ItemState::Dispatched {
                let action = if state == ItemState::Void { "week.item_void" } else { "week.item_refused" };
                let act = Act { action, object: id.as_str(), reason: &note, ..Act::default() };
                audit::record(conn, now, sweeper(), &act)?;
            }
        }
    }
    Ok(())
}
