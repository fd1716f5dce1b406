//! Webhooks: addresses of programs that are told what happens in a unit, and what became of each message.

use crate::app::AppError;
use crate::app::webhooks::{self, Wanted};
use crate::db::webhook_messages::{Attempt, Message};
use crate::db::webhooks::Webhook;
use crate::domain::event::EventKind;
use crate::domain::ids::{AppealId, MessageOutId, WebhookId};
use crate::http::problem::ApiError;
use crate::http::request::{Answer, Desk, unknown};
use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use serde_json::{Value, json};

fn view(webhook: &Webhook) -> Value {
    json!({
        "id": webhook.id.as_str(), "url": webhook.url, "description": webhook.description,
        "events": webhook.kinds.iter().map(|kind| kind.code()).collect::<Vec<_>>(), "version": webhook.version,
        "enabled": webhook.disabled.is_none(), "disabled_at": webhook.disabled.as_ref().map(|(at, _)| at),
        "disabled_because": webhook.disabled.as_ref().map(|(_, why)| why), "created_by": webhook.created_by,
        "created_at": webhook.created_at, "previous_secret_until": webhook.previous.as_ref().map(|(_, until)| until),
    })
}

fn with_secret(webhook: &Webhook, secret: &str) -> Value {
    let mut view = view(webhook);
    if let Some(object) = view.as_object_mut() {
        object.insert("secret".to_owned(), json!(secret));
    }
    view
}

fn message((message, attempts): &(Message, Vec<Attempt>)) -> Value {
    let event = &message.event;
    json!({
        "id": message.id.as_str(), "type": event.kind.code(), "appeal": event.appeal.as_ref().map(AppealId::as_str),
        "object": event.object, "latest": event.latest, "count": event.count, "event_at": event.at,
        "state": message.state, "next_attempt_at": message.due_at, "ended_at": message.ended_at,
        "attempts": attempts.iter().map(|tried| json!({"number": tried.number, "at": tried.at, "millis": tried.millis,
            "status": tried.status, "outcome": tried.outcome})).collect::<Vec<_>>(),
    })
}

fn wanted(body: &Value) -> Result<Wanted, AppError> {
    let text = |key: &str| body.get(key).map(|value| value.as_str().unwrap_or_default().trim().to_owned());
    let kinds = body.get("events").map(|events| {
        let codes = events.as_array().into_iter().flatten().map(|code| code.as_str().unwrap_or_default());
        codes.map(|code| EventKind::parse(code).ok_or_else(|| unknown("/events", code))).collect::<Result<Vec<_>, _>>()
    });
    Ok(Wanted {
        url: text("url"),
        kinds: kinds.transpose()?,
        description: text("description"),
        enabled: body.get("enabled").and_then(Value::as_bool),
    })
}

/// Have a program told what happens in the unit: `url` (https, public), `events` (kinds; none: all), `description`
///
/// The answer holds the secret that messages are signed with (Standard Webhooks: `webhook-id`, `webhook-timestamp`,
/// `webhook-signature`); it is shown once. Messages carry ids and counts, never a word of what somebody said: whoever gets
/// one asks the API, under its own rights, for more. What comes in thousands is one message with a count.
#[utoipa::path(tag = "webhooks", request_body = Value, responses((status = 201), (status = 403), (status = 409), (status = 422)))]
#[post("/webhooks")]
pub async fn add(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let wanted = wanted(&body)?;
    desk.write(&body, move |conn, app, caller| {
        let (webhook, secret) = webhooks::add(conn, app, &caller.actor, &wanted)?;
        let place = format!("/api/v1/webhooks/{}", webhook.id);
        Ok(Answer::created(place, with_secret(&webhook, &secret)).at(webhook.version))
    })
    .await
}

/// List the unit's webhooks, oldest first
#[utoipa::path(tag = "webhooks", responses((status = 200), (status = 403)))]
#[get("/webhooks")]
pub async fn list(desk: Desk) -> Result<HttpResponse, ApiError> {
    let found = desk.read(move |conn, app, caller| webhooks::list(conn, app, &caller.actor)).await?;
    Ok(Answer::ok(json!({"items": found.iter().map(view).collect::<Vec<_>>()})).respond())
}

/// Change a webhook's `url`, `events` or `description`, or switch it off and on with `enabled`; `If-Match` on the version
#[utoipa::path(tag = "webhooks", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 403), (status = 404), (status = 412), (status = 422)))]
#[patch("/webhooks/{id}")]
pub async fn change(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let (id, version, wanted) = (desk.id(WebhookId::parse)?, desk.version()?, wanted(&body)?);
    desk.write(&body, move |conn, app, caller| {
        let webhook = webhooks::change(conn, app, &caller.actor, &id, version, &wanted)?;
        Ok(Answer::ok(view(&webhook)).at(webhook.version))
    })
    .await
}

/// Take a webhook away; what still waits for it is cancelled
#[utoipa::path(tag = "webhooks", params(("id" = String, Path)), responses((status = 200), (status = 403), (status = 404)))]
#[delete("/webhooks/{id}")]
pub async fn remove(desk: Desk) -> Result<HttpResponse, ApiError> {
    let id = desk.id(WebhookId::parse)?;
    desk.write(&Value::Null, move |conn, app, caller| {
        webhooks::remove(conn, app, &caller.actor, &id)?;
        Ok(Answer::ok(json!({"id": id.as_str(), "removed": true})))
    })
    .await
}

/// Give a webhook a new secret, shown once; for a day messages are signed with the old one too
#[utoipa::path(tag = "webhooks", params(("id" = String, Path)), responses((status = 201), (status = 403), (status = 404)))]
#[post("/webhooks/{id}/secret")]
pub async fn rotate(desk: Desk) -> Result<HttpResponse, ApiError> {
    let id = desk.id(WebhookId::parse)?;
    desk.write(&Value::Null, move |conn, app, caller| {
        let (webhook, secret) = webhooks::rotate(conn, app, &caller.actor, &id)?;
        Ok(Answer::created(format!("/api/v1/webhooks/{id}"), with_secret(&webhook, &secret)).at(webhook.version))
    })
    .await
}

/// Send a message that means nothing, to try the other side out
#[utoipa::path(tag = "webhooks", params(("id" = String, Path)), responses((status = 201), (status = 403), (status = 404), (status = 409)))]
#[post("/webhooks/{id}/test")]
pub async fn test(desk: Desk) -> Result<HttpResponse, ApiError> {
    let id = desk.id(WebhookId::parse)?;
    desk.write(&Value::Null, move |conn, app, caller| {
        let message = webhooks::test(conn, app, &caller.actor, &id)?;
        Ok(Answer::created(format!("/api/v1/webhooks/{id}/messages"), json!({"id": message.as_str()})))
    })
    .await
}

/// Where to go on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessagesQuery {
    cursor: Option<String>,
    limit: Option<i64>,
}

/// A webhook's messages, newest first, each with every attempt; kept for as many days as the settings say
#[utoipa::path(tag = "webhooks", params(("id" = String, Path), ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query)), responses((status = 200), (status = 403), (status = 404)))]
#[get("/webhooks/{id}/messages")]
pub async fn messages(desk: Desk, query: web::Query<MessagesQuery>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(WebhookId::parse)?;
    let MessagesQuery { cursor, limit } = query.into_inner();
    let limit = limit.unwrap_or(50).clamp(1, 200);
    let found = desk
        .read(move |conn, app, caller| webhooks::messages(conn, app, &caller.actor, &id, cursor.as_deref(), limit + 1))
        .await?;
    let shown = usize::try_from(limit).unwrap_or(50);
    let next = (found.len() > shown).then(|| found.get(shown - 1).map(|(message, _)| message.id.to_string())).flatten();
    let items: Vec<Value> = found.iter().take(shown).map(message).collect();
    Ok(Answer::ok(json!({"items": items, "next_cursor": next})).respond())
}

/// Send a message that ended once more, under its old id
#[utoipa::path(tag = "webhooks", params(("id" = String, Path), ("message" = String, Path)), responses((status = 202), (status = 403), (status = 404), (status = 409)))]
#[post("/webhooks/{id}/messages/{message}/redelivery")]
pub async fn again(desk: Desk) -> Result<HttpResponse, ApiError> {
    let (id, message) = (desk.id(WebhookId::parse)?, desk.part("message", MessageOutId::parse)?);
    desk.write(&Value::Null, move |conn, app, caller| {
        webhooks::again(conn, app, &caller.actor, &id, &message)?;
        let mut answer = Answer::ok(json!({"id": message.as_str(), "state": "pending"}));
        answer.status = actix_web::http::StatusCode::ACCEPTED;
        Ok(answer)
    })
    .await
}
