//! Sends messages to webhooks: claimed, posted outside any transaction, written down. What finds nobody is tried for five
//! days; then, or when the other side says it wants nothing any more, the webhook is switched off and its owners are told.

use super::audit::{self, Act, By};
use super::webhooks::bound;
use super::{App, AppError, escalate, events};
use crate::channels::webhook::Posted;
use crate::db::webhook_messages::{self as rows, Attempt, Message, Next};
use crate::db::webhooks::{self, Webhook};
use crate::db::{Conn, DbError};
use crate::domain::event::{Event, EventKind, next_try, noun};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Whoever died with a message in hand leaves it due again after this; a call takes a minute at most.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// A message to be posted. Holds secrets: never printed.
pub struct Job {
    /// Which.
    pub message: Message,
    /// Where.
    pub url: String,
    /// What.
    pub body: String,
    /// What it is signed with: one secret, or two while it changes.
    pub secrets: Vec<Zeroizing<Vec<u8>>>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What a program is told: the kind, the moment, ids and a count.
fn body(event: &Event) -> String {
    let mut data = serde_json::Map::new();
    data.insert("unit".to_owned(), json!(event.unit.as_str()));
    data.extend(event.appeal.as_ref().map(|id| ("appeal".to_owned(), json!(id.as_str()))));
    data.insert(noun(&event.object).to_owned(), json!(event.object));
    if event.kind.is_counted() {
        data.insert("count".to_owned(), json!(event.count));
        data.insert("latest".to_owned(), json!(event.latest));
    }
    json!({"type": event.kind.code(), "timestamp": event.at, "data": Value::Object(data)}).to_string()
}

/// Whether a message is due. Only reads.
pub fn is_due(conn: &mut Conn, app: &App) -> Result<bool, AppError> {
    let now = app.clock.now(conn)?;
    Ok(rows::is_due(conn, now)?)
}

/// Claims a message that is due.
pub fn next(conn: &mut Conn, app: &App) -> Result<Option<Job>, AppError> {
    let now = app.clock.now(conn)?;
    while let Some(message) = rows::claim(conn, now, LEASE)? {
        let webhook = match webhooks::any(conn, &message.webhook) {
            Ok(webhook) if webhook.disabled.is_none() => webhook,
            Ok(_) | Err(DbError::NotFound) => {
                webhooks::cancel(conn, &message.webhook, now)?;
                continue;
            }
            Err(other) => return Err(other.into()),
        };
        let secrets = secrets(app, &webhook, now)?;
        let body = body(&message.event);
        return Ok(Some(Job { message, url: webhook.url, body, secrets, at: now }));
    }
    Ok(None)
}

fn secrets(app: &App, webhook: &Webhook, now: DateTime<Utc>) -> Result<Vec<Zeroizing<Vec<u8>>>, AppError> {
    let before = webhook.previous.as_ref().filter(|(_, until)| now < *until).map(|(sealed, _)| sealed);
    std::iter::once(&webhook.sealed_secret)
        .chain(before)
        .map(|sealed| app.key.open_sealed(&bound(&webhook.id), sealed))
        .map(|secret| secret.ok_or_else(|| AppError::Broken(format!("secret of {}", webhook.id))))
        .collect()
}

/// Writes down what came of a call. One that somebody else took over is forgotten.
pub fn record(conn: &mut Conn, app: &App, message: &Message, posted: &Posted) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let tries = u32::try_from(message.attempts).unwrap_or(u32::MAX);
    let next = if posted.is_delivered() {
        Next::Delivered
    } else if posted.is_gone() {
        Next::Failed
    } else {
        next_try(tries, message.since, now, posted.retry_after, app.chance.jitter()).map_or(Next::Failed, Next::Again)
    };
    let attempt = Attempt {
        number: message.attempts,
        at: now,
        millis: i64::try_from(posted.took.as_millis()).unwrap_or(i64::MAX),
        status: posted.status.map(i32::from),
        outcome: posted.outcome.to_owned(),
    };
    match rows::record(conn, message, &attempt, next, now) {
        Err(DbError::Stale) => return Ok(()),
        other => other?,
    }
    if next == Next::Failed {
        disable(conn, app, message, posted.outcome, now)?;
    }
    Ok(())
}

fn disable(conn: &mut Conn, app: &App, message: &Message, why: &str, now: DateTime<Utc>) -> Result<(), AppError> {
    let mut webhook = match webhooks::any(conn, &message.webhook) {
        Err(DbError::NotFound) => return Ok(()),
        other => other?,
    };
    if webhook.disabled.is_some() {
        return Ok(());
    }
    webhook.disabled = Some((now, why.to_owned()));
    webhooks::update(conn, &mut webhook)?;
    webhooks::cancel(conn, &webhook.id, now)?;
    let act = Act {
        action: "webhook.disabled",
        object: webhook.id.as_str(),
        version: webhook.version,
        reason: why,
        ..Act::default()
    };
    audit::record(conn, now, By::of_unit("worker", &webhook.unit), &act)?;
    escalate::webhook_off(conn, app, &webhook.unit, &webhook.id, now)?;
    events::raise(conn, EventKind::WebhookDisabled, &webhook.unit, None, webhook.id.as_str(), now)
}

/// Forgets messages that ended long ago.
pub fn forget_old(conn: &mut Conn, app: &App, now: DateTime<Utc>) -> Result<(), AppError> {
    Ok(rows::forget(conn, now - TimeDelta::days(app.config.webhooks.kept_days.into()))?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::domain::ids::{AppealId, ResponseId, UnitId};

    #[test]
    fn a_message_is_ids_and_a_count() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let (first, last) = (ResponseId::from_parts(at, [1; 10]), ResponseId::from_parts(at, [2; 10]));
        let event = Event {
            kind: EventKind::ResponseReceived,
            unit: UnitId::from_parts(at, [3; 10]),
            appeal: Some(AppealId::from_parts(at, [4; 10])),
            object: first.to_string(),
            latest: last.to_string(),
            count: 11_000,
            at,
        };
        let told: Value = serde_json::from_str(&body(&event)).unwrap();
        assert_eq!(*told.get("type").unwrap(), "response.received");
        assert_eq!(
            *told.get("data").unwrap(),
            json!({"unit": event.unit.as_str(), "appeal": event.appeal.as_ref().unwrap().as_str(),
                "response": first.as_str(), "latest": last.as_str(), "count": 11_000})
        );
    }
}
