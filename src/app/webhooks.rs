//! Addresses of programs that are told what happens in a unit: added, changed, given a new secret, tried out, taken away,
//! and what became of each message. Sending is `send_webhooks`'.

use super::audit::{self, Act};
use super::{App, AppError, random};
use crate::channels::webhook::{address, shown};
use crate::db::webhook_messages::{self, Attempt, Message};
use crate::db::webhooks::{self, Webhook};
use crate::db::{Conn, DbError};
use crate::domain::actor::{Actor, Permission};
use crate::domain::event::{Event, EventKind};
use crate::domain::faults::Fault;
use crate::domain::ids::{MessageOutId, WebhookId};
use chrono::{DateTime, TimeDelta, Utc};

/// More than a unit has programs.
const MOST: usize = 20;
/// How long the secret before a new one serves on.
const ROTATION: TimeDelta = TimeDelta::hours(24);

/// What a webhook's secret is bound to under the server key.
pub(super) fn bound(id: &WebhookId) -> String {
    format!("webhook {id}")
}

/// What is asked for; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Where.
    pub url: Option<String>,
    /// Which kinds of event; empty: all.
    pub kinds: Option<Vec<EventKind>>,
    /// What it is for.
    pub description: Option<String>,
    /// On or off.
    pub enabled: Option<bool>,
}

fn check(app: &App, wanted: &Wanted) -> Result<(), AppError> {
    let mut faults = Vec::new();
    if let Some(url) = &wanted.url
        && let Err(fault) = address::check(url, &app.config.webhooks)
    {
        faults.push(Fault::at("/url", fault.code()));
    }
    let length = wanted.description.as_ref().map_or(0, |text| text.chars().count());
    if length > 200 {
        faults.push(Fault::at("/description", "too-long").with("limit", 200).with("length", length));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
}

fn record(
    conn: &mut Conn,
    now: DateTime<Utc>,
    actor: &Actor,
    action: &str,
    webhook: &Webhook,
    reason: &str,
) -> Result<(), AppError> {
    let act = Act { action, object: webhook.id.as_str(), version: webhook.version, reason, ..Act::default() };
    audit::record(conn, now, actor, &act)
}

fn secret(app: &App, id: &WebhookId) -> Result<(String, Vec<u8>), AppError> {
    let secret = zeroize::Zeroizing::new(random::bytes::<32>());
    let sealed = app.key.seal(&bound(id), &*secret, random::bytes());
    Ok((shown(&*secret), sealed.ok_or_else(|| AppError::Broken("sealing".to_owned()))?))
}

/// Adds a webhook; its secret is shown once.
pub fn add(conn: &mut Conn, app: &App, actor: &Actor, wanted: &Wanted) -> Result<(Webhook, String), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ManageWebhooks, now)?;
    let url = wanted.url.clone().ok_or_else(|| AppError::from(vec![Fault::at("/url", "required")]))?;
    check(app, wanted)?;
    if webhooks::of_unit(conn, &actor.unit)?.len() >= MOST {
        return Err(AppError::Conflict { code: "too-many-webhooks" });
    }
    let id = WebhookId::from_parts(now, random::bytes());
    let (shown, sealed_secret) = secret(app, &id)?;
    let webhook = Webhook {
        id,
        unit: actor.unit.clone(),
        url,
        kinds: wanted.kinds.clone().unwrap_or_default(),
        description: wanted.description.clone().unwrap_or_default(),
        sealed_secret,
        previous: None,
        version: 1,
        created_by: actor.user.to_string(),
        created_at: now,
        disabled: None,
    };
    webhooks::add(conn, &webhook)?;
    record(conn, now, actor, "webhook.added", &webhook, &webhook.url)?;
    Ok((webhook, shown))
}

/// The unit's webhooks, oldest first.
pub fn list(conn: &mut Conn, app: &App, actor: &Actor) -> Result<Vec<Webhook>, AppError> {
    let now = app.clock.now(conn)?;
    actor.may_look(Permission::ManageWebhooks, now)?;
    Ok(webhooks::of_unit(conn, &actor.unit)?)
}

fn held(conn: &mut Conn, app: &App, actor: &Actor, id: &WebhookId) -> Result<(Webhook, DateTime<Utc>), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ManageWebhooks, now)?;
    Ok((webhooks::one(conn, id, &actor.unit)?, now))
}

/// Changes a webhook; switched on again, it is told what happens from then on.
pub fn change(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &WebhookId,
    version: i32,
    wanted: &Wanted,
) -> Result<Webhook, AppError> {
    let (mut webhook, now) = held(conn, app, actor, id)?;
    if webhook.version != version {
        return Err(AppError::Stale);
    }
    check(app, wanted)?;
    let said = format!("{} to {}", webhook.url, wanted.url.as_ref().unwrap_or(&webhook.url));
    webhook.url = wanted.url.clone().unwrap_or(webhook.url);
    webhook.kinds = wanted.kinds.clone().unwrap_or(webhook.kinds);
    webhook.description = wanted.description.clone().unwrap_or(webhook.description);
    match wanted.enabled {
        Some(true) => webhook.disabled = None,
        Some(false) => {
            webhook.disabled = webhook.disabled.or_else(|| Some((now, "by-hand".to_owned())));
            webhooks::cancel(conn, id, now)?;
        }
        None => {}
    }
    webhooks::update(conn, &mut webhook)?;
    record(conn, now, actor, "webhook.changed", &webhook, &said)?;
    Ok(webhook)
}

/// Gives a webhook a new secret, shown once; messages are signed with both for a day.
pub fn rotate(conn: &mut Conn, app: &App, actor: &Actor, id: &WebhookId) -> Result<(Webhook, String), AppError> {
    let (mut webhook, now) = held(conn, app, actor, id)?;
    let (shown, sealed) = secret(app, id)?;
    let before = std::mem::replace(&mut webhook.sealed_secret, sealed);
    webhook.previous = Some((before, now + ROTATION));
    webhooks::update(conn, &mut webhook)?;
    record(conn, now, actor, "webhook.secret_rotated", &webhook, "")?;
    Ok((webhook, shown))
}

/// Takes a webhook away.
pub fn remove(conn: &mut Conn, app: &App, actor: &Actor, id: &WebhookId) -> Result<(), AppError> {
    let (webhook, now) = held(conn, app, actor, id)?;
    webhooks::remove(conn, id, now)?;
    record(conn, now, actor, "webhook.removed", &webhook, &webhook.url)
}

/// Sends a message that means nothing, so that its receiver can be tried out; its id.
pub fn test(conn: &mut Conn, app: &App, actor: &Actor, id: &WebhookId) -> Result<MessageOutId, AppError> {
    let (webhook, now) = held(conn, app, actor, id)?;
    if webhook.disabled.is_some() {
        return Err(AppError::Conflict { code: "webhook-disabled" });
    }
    let event = Event {
        kind: EventKind::WebhookTest,
        unit: webhook.unit.clone(),
        appeal: None,
        object: id.to_string(),
        latest: id.to_string(),
        count: 1,
        at: now,
    };
    let message = MessageOutId::from_parts(now, random::bytes());
    webhook_messages::add(conn, &message, id, &event, None, now, now)?;
    record(conn, now, actor, "webhook.tested", &webhook, "")?;
    Ok(message)
}

/// A webhook's messages, newest first, before an id, each with its attempts.
pub fn messages(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &WebhookId,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<(Message, Vec<Attempt>)>, AppError> {
    let now = app.clock.now(conn)?;
    actor.may_look(Permission::ManageWebhooks, now)?;
    webhooks::one(conn, id, &actor.unit)?;
    Ok(webhook_messages::of_webhook(conn, id, before, limit)?)
}

/// Sends a message that ended once more, under its old id.
pub fn again(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &WebhookId,
    message: &MessageOutId,
) -> Result<(), AppError> {
    let (webhook, now) = held(conn, app, actor, id)?;
    if webhook.disabled.is_some() {
        return Err(AppError::Conflict { code: "webhook-disabled" });
    }
    webhook_messages::again(conn, id, message, now).map_err(|e| match e {
        DbError::Conflict => AppError::Conflict { code: "message-under-way" },
        other => other.into(),
    })?;
    record(conn, now, actor, "webhook.redelivered", &webhook, message.as_str())
}
