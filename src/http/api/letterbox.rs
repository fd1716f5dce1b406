//! Mails that name no appeal: listed, opened with a reason, brought to the appeal they are about, removed.

use crate::app::{App, AppError, letterbox};
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, LetterId, UserId};
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, text};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// Where to go on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    cursor: Option<String>,
    limit: Option<i64>,
}

/// List the mails of the unit's letterbox without opening them, oldest first
#[utoipa::path(tag = "responses", params(("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query)), responses((status = 200), (status = 403)))]
#[get("/letterbox")]
pub async fn list(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.into_inner();
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let (context, actor) = (app.clone(), caller.actor.clone());
    let after = query.cursor.unwrap_or_default();
    let found = request::read(&app, move |conn| letterbox::list(conn, &context, &caller, &after, limit + 1)).await?;
    let shown = usize::try_from(limit).unwrap_or(50);
    let next = (found.len() > shown).then(|| found.get(shown - 1).map(|mail| mail.id.to_string())).flatten();
    let view = |mail: &crate::db::letterbox::Kept| json!({"id": mail.id.as_str(), "received_at": mail.received_at});
    let items: Vec<Value> = found.iter().take(shown).map(view).collect();
    let unit = actor.unit.to_string();
    request::note_reading(&app, &actor, "letters.listed", unit, format!("{} shown", items.len())).await?;
    Ok(Answer::ok(json!({"items": items, "next_cursor": next})).respond())
}

/// Why a mail is opened.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadQuery {
    reason: Option<String>,
}

/// Open a mail of the letterbox; `reason` is kept in the audit before a word is shown
///
/// What is attached is named and not handed out: it is looked at after the mail was brought to an appeal.
#[utoipa::path(tag = "responses", params(("id" = String, Path), ("reason" = String, Query)), responses((status = 200), (status = 403), (status = 409), (status = 422)))]
#[get("/letterbox/{id}")]
pub async fn open(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
    query: web::Query<ReadQuery>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(LetterId::parse, &path)?;
    let reason = query.into_inner().reason.unwrap_or_default();
    let (mail, summary) = letterbox::read(&app, &caller, &id, &reason).await?;
    let files: Vec<Value> = summary.files.iter().map(|(name, bytes)| json!({"name": name, "bytes": bytes})).collect();
    Ok(Answer::ok(json!({
        "id": mail.id.as_str(), "received_at": mail.received_at, "subject": summary.subject, "from": summary.from,
        "to": summary.to, "date": summary.date, "text": summary.text, "files": files,
    }))
    .respond())
}

/// Bring a mail to the appeal it is about: it becomes a response like any other, and leaves the letterbox
///
/// JSON with `appeal` and `reason`. Done twice it is one response.
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/letterbox/{id}/routing")]
pub async fn route(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(LetterId::parse, &path)?;
    let wanted = text(&body, "appeal");
    let appeal = AppealId::parse(&wanted)
        .map_err(|_| AppError::from(vec![Fault::at("/appeal", "unknown-value").with("value", &wanted)]))?;
    letterbox::route(&app, &caller, &id, &appeal, &text(&body, "reason")).await?;
    let body = json!({"letter": id.as_str(), "appeal": appeal.as_str()});
    Ok(Answer::created(format!("/api/v1/appeals/{appeal}/responses"), body).respond())
}

/// Remove a mail of the letterbox for good; with a reason and a fresh factor
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 403), (status = 422)))]
#[delete("/letterbox/{id}")]
pub async fn remove(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(LetterId::parse, &path)?;
    letterbox::remove(&app, &caller, &id, &text(&body, "reason")).await?;
    Ok(Answer::ok(json!({"letter": id.as_str(), "removed": true})).respond())
}

/// Let another account of the unit read its letterbox; by somebody who does, with a fresh factor
#[utoipa::path(tag = "responses", request_body = Value, responses((status = 201), (status = 403), (status = 409), (status = 422)))]
#[post("/letterbox/readers")]
pub async fn add_reader(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let user = text(&body, "user");
    let user = UserId::parse(&user)
        .map_err(|_| AppError::Faults(vec![Fault::at("/user", "unknown-value").with("value", &user)]))?;
    let (context, reader) = (app.clone(), caller.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        letterbox::add_reader(conn, &context, &reader, &user)?;
        Ok(Answer::created("/api/v1/letterbox".to_owned(), json!({"reader": user.as_str()})))
    })
    .await
}
