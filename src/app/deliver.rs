//! The worker's side of a dispatch: claim, ask the gate again, hand out work, write outcomes down. Each function is one
//! transaction; what happens between them is outside and may fail, be slow or be killed.

use super::audit::{self, Act, By};
use super::{App, AppError, escalate, mail, plan_week, random, standing, take_down};
use crate::channels::Failure;
use crate::db::deliveries::{self, Delivery};
use crate::db::publications::{self, Publication};
use crate::db::recipients::{self, Recipient};
use crate::db::{Conn, DbError, appeals, audience, dispatches, subscribers};
use crate::domain::dispatch::{DeliveryState, MAX_ATTEMPTS, Purpose, retry_delay};
use crate::domain::gate::{self, Refusal};
use crate::domain::ids::{AttemptId, SubscriberId};
use crate::domain::language::Language;
use crate::domain::plan::PlanItem;
use crate::domain::scope::ChannelKind;
use crate::domain::stage::{Stage, Step};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

/// Claims due work on one of `channels`; none when nothing is due.
pub fn claim(conn: &mut Conn, app: &App, channels: &[ChannelKind]) -> Result<Option<Delivery>, AppError> {
    let now = app.clock.now(conn)?;
    let codes: Vec<&str> = channels.iter().map(|channel| channel.code()).collect();
    Ok(deliveries::claim(conn, &codes, now, lease(app))?)
}

fn lease(app: &App) -> TimeDelta {
    TimeDelta::seconds(i64::from(app.config.worker.lease_seconds))
}

/// Why this delivery may not go out now. A correction or closing word goes out whatever became of the decision.
fn refusals(
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

fn attempt(
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
fn cancel(conn: &mut Conn, delivery: &Delivery, refusals: &[Refusal], now: DateTime<Utc>) -> Result<(), AppError> {
    let reasons = refusals.iter().map(Refusal::code).collect::<Vec<_>>().join(" ");
    attempt(conn, delivery, "refused by the gate", &reasons, now)?;
    deliveries::settle(conn, delivery, DeliveryState::Cancelled, now, &reasons, now)?;
    let act = Act { action: "delivery.cancelled", object: delivery.id.as_str(), reason: &reasons, ..Act::default() };
    audit::record(conn, now, By::service("worker"), &act)
}

/// Shows a page or feed entry: our own channel, so the effect and its record are one transaction.
pub fn publish(conn: &mut Conn, app: &App, delivery: &Delivery) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let (content, item) = deliveries::content(conn, delivery)?;
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
    audit::record(conn, now, By::service("worker"), &act)
}

/// A mail delivery ready to be worked: its mail and who is behind the response link.
pub struct MailJob {
    /// The claim.
    pub delivery: Delivery,
    /// The finished mail.
    pub mail: crate::channels::email::render::Rendered,
    /// The appeal's public name.
    pub slug: String,
}

/// Prepares a claimed mail delivery: writes its recipients down when it is claimed for the first time.
pub fn open_mail(conn: &mut Conn, app: &App, delivery: Delivery) -> Result<Option<MailJob>, AppError> {
    let now = app.clock.now(conn)?;
    let (content, item) = deliveries::content(conn, &delivery)?;
    let refused = refusals(conn, app, &delivery, &item, now)?;
    if !refused.is_empty() {
        cancel(conn, &delivery, &refused, now)?;
        return Ok(None);
    }
    let mut people = 0;
    if delivery.purpose == Purpose::Appeal {
        // Those who are active in the shard's cells with its language now; the database has the last word on each.
        let language = Language::parse(&delivery.audience).map_err(|e| AppError::Broken(e.to_string()))?;
        let audience = app.audience.view(conn)?;
        audience.numbers(conn, language, &delivery.cells, |conn, numbers| {
            people += recipients::add(conn, &delivery, numbers, now)?;
            Ok(())
        })?;
    } else {
        people = recipients::add_those_reached(conn, &delivery, now)?;
    }
    recipients::expect(conn, &delivery, people)?;
    let mail = mail::read(&content).ok_or_else(|| AppError::Broken(format!("content of {}", delivery.id)))?;
    let slug = appeals::any(conn, &delivery.appeal)?.slug;
    Ok(Some(MailJob { delivery, mail, slug }))
}

/// What to do next on a mail delivery.
pub enum Next {
    /// Send to these, then come back. That they are about to be sent to is already committed.
    Send(Vec<Recipient>),
    /// Nothing more for now: it is finished, cancelled, waits for its time, or belongs to somebody else.
    Stop,
}

/// The next few recipients, after asking the gate again and renewing the claim.
pub fn next_recipients(conn: &mut Conn, app: &App, delivery: &Delivery, limit: i64) -> Result<Next, AppError> {
    let now = app.clock.now(conn)?;
    match deliveries::heartbeat(conn, delivery, now, lease(app)) {
        Err(DbError::Stale) => return Ok(Next::Stop),
        other => other?,
    }
    let (_, item) = deliveries::content(conn, delivery)?;
    let refused = refusals(conn, app, delivery, &item, now)?;
    if !refused.is_empty() {
        cancel(conn, delivery, &refused, now)?;
        return Ok(Next::Stop);
    }
    let due = recipients::due_recipients(conn, delivery, now, limit)?;
    if !due.is_empty() {
        let ids: Vec<SubscriberId> = due.iter().map(|recipient| recipient.subscriber.clone()).collect();
        recipients::intend(conn, delivery, &ids)?;
        return Ok(Next::Send(due));
    }
    match recipients::next_recipient_at(conn, delivery)? {
        Some(at) => {
            attempt(conn, delivery, "waiting", "some recipients were refused for now", now)?;
            deliveries::settle(conn, delivery, DeliveryState::Pending, at, "", now)?;
        }
        None => finish(conn, delivery, now)?,
    }
    Ok(Next::Stop)
}

fn finish(conn: &mut Conn, delivery: &Delivery, now: DateTime<Utc>) -> Result<(), AppError> {
    attempt(conn, delivery, "done", "", now)?;
    deliveries::settle(conn, delivery, DeliveryState::Done, now, "", now)?;
    let act = Act { action: "delivery.done", object: delivery.id.as_str(), ..Act::default() };
    audit::record(conn, now, By::service("worker"), &act)?;
    if delivery.purpose == Purpose::Appeal {
        return Ok(());
    }
    let open = deliveries::open_count(conn, &delivery.appeal, delivery.purpose)?;
    if open > 0 {
        return Ok(());
    }
    let proof = "sent mail cannot be recalled; everyone reached was told to delete it";
    publications::finish_takedowns(conn, &delivery.appeal, ChannelKind::Email, proof, now)?;
    let mut appeal = appeals::any(conn, &delivery.appeal)?;
    if appeal.stage == Stage::Closed {
        appeal.stage = appeal.stage.after(Step::ConfirmTakedown)?;
        appeals::save(conn, &mut appeal, now)?;
        let act = Act {
            action: "appeal.takedown_verified",
            object: appeal.id.as_str(),
            version: appeal.version,
            ..Act::default()
        };
        audit::record(conn, now, By::service("worker"), &act)?;
    }
    Ok(())
}

/// What became of one recipient.
pub struct Sent {
    /// Who, with their tries before this one.
    pub recipient: Recipient,
    /// Accepted by the relay, or why not.
    pub outcome: Result<(), Failure>,
}

/// Writes a batch's outcomes down. That a mail went out is true even when the claim was lost meanwhile, so the
/// recipients are recorded in any case and only the counts need the fence.
pub fn record_batch(conn: &mut Conn, app: &App, delivery: &Delivery, batch: &[Sent]) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let (mut sent, mut failed) = (0, 0);
    for Sent { recipient, outcome } in batch {
        let tries = u32::try_from(recipient.attempts).unwrap_or(0);
        let [jitter] = random::bytes();
        let (state, due, note) = match outcome {
            Ok(()) => {
                sent += 1;
                ("sent", now, String::new())
            }
            Err(Failure::Refused { reason }) => {
                failed += 1;
                ("failed", now, reason.clone())
            }
            Err(Failure::Retry { reason, .. } | Failure::Unknown { reason }) if tries + 1 >= MAX_ATTEMPTS => {
                failed += 1;
                ("failed", now, reason.clone())
            }
            Err(Failure::Retry { after, reason }) => {
                ("pending", now + retry_delay(tries, *after, jitter), reason.clone())
            }
            Err(Failure::Unknown { reason }) => ("unknown", now + retry_delay(tries, None, jitter), reason.clone()),
        };
        // The relay's words may quote the address; keep what helps an operator and nothing about the person.
        let note = note.replace(&recipient.email, "<recipient>");
        recipients::record_recipient(conn, delivery, &recipient.subscriber, state, due, &note)?;
    }
    match deliveries::count(conn, delivery, sent, failed, now) {
        Err(DbError::Stale) | Ok(()) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

/// What time alone changes: scheduled appeals whose hour came, appeals whose decision ended, sign-ups nobody confirmed.
pub fn sweep(conn: &mut Conn, app: &App) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    for id in appeals::at_stage(conn, Stage::Scheduled)? {
        let mut appeal = appeals::any(conn, &id)?;
        if appeal.draft.schedule.is_none_or(|at| at <= now) {
            appeal.stage = appeal.stage.after(Step::Dispatch)?;
            appeals::save(conn, &mut appeal, now)?;
            let act =
                Act { action: "appeal.dispatched", object: id.as_str(), version: appeal.version, ..Act::default() };
            audit::record(conn, now, By::service("sweeper"), &act)?;
        }
    }
    for stage in [Stage::Live, Stage::Scheduled, Stage::Validated, Stage::Submitted, Stage::Authorised] {
        for id in appeals::at_stage(conn, stage)? {
            take_down::lapse_if_uncovered(conn, app, &id, By::service("sweeper"))?;
        }
    }
    plan_week::send_due(conn, app, now)?;
    escalate::escalate(conn, app, now)?;
    subscribers::erase_unconfirmed(conn, now)?;
    audience::forget_old_changes(conn, now)?;
    Ok(())
}
