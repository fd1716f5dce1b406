//! The worker's side of a dispatch: claim, ask the gate again, show on our own channels, give up. Each function is one
//! transaction; what happens between them is outside and may fail, be slow or be killed. Mail is in `deliver_mail`.

use super::audit::{self, Act, By};
use super::{App, AppError, escalate, fault, plan_week, random, send_webhooks, standing, take_down};
use crate::db::deliveries::{self, Delivery};
use crate::db::publications::{self, Publication};
use crate::db::{Conn, appeals, audience, contents, dispatches, flows, held, subscribers};
use crate::domain::dispatch::{DeliveryState, MAX_ERRORS, Purpose, retry_delay};
use crate::domain::gate::{self, Refusal};
use crate::domain::ids::{AppealId, AttemptId};
use crate::domain::plan::PlanItem;
use crate::domain::scope::ChannelKind;
use crate::domain::stage::{Stage, Step};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

/// The channels on which a claim is worth anything now: an account that is left alone or has no budget gets none. Otherwise
/// everything that waits for it would be claimed and given back, one after another.
fn open_channels(
    conn: &mut Conn,
    app: &App,
    channels: &[ChannelKind],
    now: DateTime<Utc>,
) -> Result<Vec<&'static str>, AppError> {
    let mut codes = Vec::with_capacity(channels.len());
    for channel in channels {
        let account = match app.ports.port(*channel) {
            Some(port) => Some((port.account(), port.budget())),
            None if *channel == ChannelKind::Email => Some((app.relay_account(), app.relay_budget())),
            None => None,
        };
        let flow = match &account {
            Some((account, _)) => flows::flow(conn, account)?,
            None => None,
        };
        let waits = flow.zip(account).and_then(|(flow, (_, budget))| flow.waits_until(budget, now));
        if waits.is_none() {
            codes.push(channel.code());
        }
    }
    Ok(codes)
}

/// Whether there is something to claim. Only reads: an idle worker must not ask for the writer's place.
pub fn is_due(conn: &mut Conn, app: &App, channels: &[ChannelKind]) -> Result<bool, AppError> {
    let now = app.clock.now(conn)?;
    let codes = open_channels(conn, app, channels, now)?;
    Ok(deliveries::is_due(conn, &codes, now)?)
}

/// Claims due work on one of `channels`; none when nothing is due.
pub fn claim(conn: &mut Conn, app: &App, channels: &[ChannelKind]) -> Result<Option<Delivery>, AppError> {
    let now = app.clock.now(conn)?;
    let codes = open_channels(conn, app, channels, now)?;
    let claimed = deliveries::claim(conn, &codes, now, lease(app))?;
    if let Some(delivery) = &claimed {
        if delivery.taken_over {
            attempt(conn, delivery, "taken over", "the lease before ran out", now)?;
        }
        // Its hour may have come since the last sweep.
        begin_if_due(conn, &delivery.appeal, now)?;
    }
    fault::point("claim.inside")?;
    Ok(claimed)
}

/// Gives a delivery back after an error of ours: tried again later, and held for a person when it stays.
pub fn put_off(conn: &mut Conn, app: &App, delivery: &Delivery, cause: &str) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let errors = held::error_count(conn, delivery)?;
    attempt(conn, delivery, "error", cause, now)?;
    if errors + 1 >= MAX_ERRORS {
        return hold(conn, delivery, cause, now);
    }
    let tries = u32::try_from(errors).unwrap_or(u32::MAX);
    let due_at = now + retry_delay(tries, None, app.chance.jitter());
    Ok(deliveries::settle(conn, delivery, DeliveryState::Pending, due_at, cause, now)?)
}

/// Leaves a delivery to a person.
pub(super) fn hold(conn: &mut Conn, delivery: &Delivery, why: &str, now: DateTime<Utc>) -> Result<(), AppError> {
    deliveries::settle(conn, delivery, DeliveryState::Held, now, why, now)?;
    tracing::error!(event = "delivery.held", delivery = %delivery.id, why);
    let act = Act { action: "delivery.held", object: delivery.id.as_str(), reason: why, ..Act::default() };
    audit::record(conn, now, By::service("worker"), &act)
}

pub(super) fn lease(app: &App) -> TimeDelta {
    TimeDelta::seconds(i64::from(app.config.worker.lease_seconds))
}

/// Why this delivery may not go out now. A correction or closing word goes out whatever became of the decision.
pub(super) fn refusals(
    conn: &mut Conn,
    app: &App,
    delivery: &Delivery,
    item: &Value,
    now: DateTime<Utc>,
) -> Result<Vec<Refusal>, AppError> {
    if delivery.purpose != Purpose::Appeal {
        return Ok(Vec::new());
    }
    let appeal = appeals::any(conn, &delivery.appeal)?;
    if appeal.stage != Stage::Live {
        return Ok(vec![Refusal::Stage(appeal.stage)]);
    }
    let dispatch = dispatches::dispatch(conn, &delivery.dispatch)?;
    let standing = standing::load(conn, app, &appeal)?;
    let authority = standing.authority_under(app, &appeal, now, &dispatch.decisions());
    let mut refusals = gate::authority_refusals(&authority);
    let item = PlanItem::from_document(item).ok_or_else(|| AppError::Broken(format!("content of {}", delivery.id)))?;
    refusals.extend(gate::item_refusals(&item, &appeal.media, &authority));
    Ok(refusals)
}

pub(super) fn attempt(
    conn: &mut Conn,
    delivery: &Delivery,
    outcome: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let id = AttemptId::from_parts(now, random::bytes());
    Ok(deliveries::add_attempt(conn, &id, delivery, outcome, detail, now)?)
}

/// Gives a delivery up because the gate refuses it; the reasons are kept with it.
pub(super) fn cancel(
    conn: &mut Conn,
    delivery: &Delivery,
    refusals: &[Refusal],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let reasons = refusals.iter().map(Refusal::code).collect::<Vec<_>>().join(" ");
    attempt(conn, delivery, "refused by the gate", &reasons, now)?;
    deliveries::settle(conn, delivery, DeliveryState::Cancelled, now, &reasons, now)?;
    let act = Act { action: "delivery.cancelled", object: delivery.id.as_str(), reason: &reasons, ..Act::default() };
    audit::record(conn, now, By::service("worker"), &act)
}

/// Shows a page or feed entry: our own channel, so the effect and its record are one transaction.
pub fn publish(conn: &mut Conn, app: &App, delivery: &Delivery) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let (content, item) = contents::content(conn, delivery)?;
    let refused = refusals(conn, app, delivery, &item, now)?;
    if !refused.is_empty() {
        return cancel(conn, delivery, &refused, now);
    }
    let appeal = appeals::any(conn, &delivery.appeal)?;
    let dispatch = dispatches::dispatch(conn, &delivery.dispatch)?;
    let standing = standing::load(conn, app, &appeal)?;
    let ends_at = standing.ends_under(now, &dispatch.decisions()).ok_or(AppError::NotFound)?;
    let publication = Publication {
        appeal: appeal.id,
        slug: appeal.slug,
        language: delivery.language,
        content,
        published_at: now,
        updated_at: now,
        ends_at,
        withdrawn_at: None,
    };
    publications::publish(conn, delivery.channel, &publication, &delivery.dispatch)?;
    attempt(conn, delivery, "done", "shown", now)?;
    deliveries::count(conn, delivery, 1, 0, now)?;
    deliveries::settle(conn, delivery, DeliveryState::Done, now, "", now)?;
    let act = Act { action: "delivery.done", object: delivery.id.as_str(), ..Act::default() };
    audit::record(conn, now, By::service("worker"), &act)?;
    fault::point("publish.inside")
}

/// What the gate covers no longer, among what is out or on its way. Only reads: looking through a thousand appeals must
/// not keep anybody from writing.
pub fn uncovered(conn: &mut Conn, app: &App) -> Result<Vec<AppealId>, AppError> {
    let mut found = Vec::new();
    for stage in [Stage::Live, Stage::Scheduled, Stage::Validated, Stage::Submitted, Stage::Authorised] {
        for id in appeals::at_stage(conn, stage)? {
            if take_down::is_uncovered(conn, app, &id)? {
                found.push(id);
            }
        }
    }
    Ok(found)
}

/// Takes down one of what [`uncovered`] found; looks again first.
pub fn lapse(conn: &mut Conn, app: &App, id: &AppealId) -> Result<(), AppError> {
    take_down::lapse_if_uncovered(conn, app, id, By::service("sweeper")).map(drop)
}

/// Lets a scheduled appeal go live when its hour has come.
fn begin_if_due(conn: &mut Conn, id: &AppealId, now: DateTime<Utc>) -> Result<(), AppError> {
    let mut appeal = appeals::any(conn, id)?;
    if appeal.stage != Stage::Scheduled || appeal.draft.schedule.is_some_and(|at| at > now) {
        return Ok(());
    }
    appeal.stage = appeal.stage.after(Step::Dispatch)?;
    appeals::save(conn, &mut appeal, now)?;
    let act = Act { action: "appeal.dispatched", object: id.as_str(), version: appeal.version, ..Act::default() };
    audit::record(conn, now, By::service("sweeper"), &act)
}

/// What time alone changes besides: scheduled appeals whose hour came, sign-ups nobody confirmed.
pub fn sweep(conn: &mut Conn, app: &App) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    for id in appeals::at_stage(conn, Stage::Scheduled)? {
        begin_if_due(conn, &id, now)?;
    }
    plan_week::send_due(conn, app, now)?;
    escalate::escalate(conn, app, now)?;
    send_webhooks::forget_old(conn, app, now)?;
    subscribers::erase_unconfirmed(conn, now)?;
    audience::forget_old_changes(conn, now)?;
    Ok(())
}
