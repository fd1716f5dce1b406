//! The work on what came back: the queue, what is next in it, locks, notes, tags, links, hand-overs.

use super::views;
use crate::app::triage;
use crate::db::triage::After;
use crate::domain::ids::{AppealId, ResponseId, UserId};
use crate::domain::response::{LinkKind, NoteVisibility, Tag};
use crate::http::problem::ApiError;
use crate::http::request::{Answer, Desk, text, unknown};
use actix_web::{HttpResponse, delete, get, post, put, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// Where to go on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueQuery {
    cursor: Option<String>,
    limit: Option<i64>,
}

fn cursor(text: &str) -> Option<After> {
    let mut parts = text.splitn(3, ':');
    let mut number = || parts.next()?.parse().ok();
    let (urgency, weight) = (number()?, number()?);
    Some(After { urgency, weight, id: ResponseId::parse(parts.next()?).ok()?.to_string() })
}

/// What is to be read, without opening it: the most urgent and weightiest first
///
/// Answers that repeat another one without saying more stand behind it and are counted in `copies`; reports of illegal
/// content are not here, nor what only two people may ever open once two have. `signs` tells what raises or lowers an
/// answer, `proof` what its sender did to be believed a person, `due_at` by when it must have been opened.
#[utoipa::path(tag = "responses", params(("id" = String, Path), ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query)), responses((status = 200), (status = 422)))]
#[get("/appeals/{id}/queue")]
pub async fn queue(desk: Desk, query: web::Query<QueueQuery>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(AppealId::parse)?;
    let query = query.into_inner();
    let limit = query.limit.unwrap_or(20).clamp(1, 200);
    let after = query.cursor.map(|text| cursor(&text).ok_or_else(|| unknown("/cursor", &text))).transpose()?;
    let appeal = id.to_string();
    let found = desk
        .read(move |conn, app, caller| triage::queue(conn, app, &caller.actor, &id, after.as_ref(), limit + 1))
        .await?;
    let shown = usize::try_from(limit).unwrap_or(20);
    let last = (found.len() > shown).then(|| found.get(shown - 1)).flatten().map(|line| &line.response);
    let next = last.map(|r| format!("{}:{}:{}", r.urgency, r.weight, r.id));
    let items: Vec<Value> = found
        .iter()
        .take(shown)
        .map(|line| {
            let mut view = views::response(&line.response);
            if let Some(object) = view.as_object_mut() {
                object.insert("copies".to_owned(), json!(line.copies));
                object.insert("due_at".to_owned(), json!(line.due_at));
            }
            view
        })
        .collect();
    desk.note_reading("responses.queued", &appeal, format!("{} shown", items.len())).await?;
    Ok(Answer::ok(json!({"items": items, "next_cursor": next})).respond())
}

/// Open what is next for you, and keep it as long as the rules say for its kind; `reason` is kept in the audit before a word is shown
///
/// With `PATCH /responses/{id}` that is a plain tip in three strokes: next, verdict, next. `null` when nothing is left.
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 403), (status = 422)))]
#[post("/appeals/{id}/queue/next")]
pub async fn open_next(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(AppealId::parse)?;
    let reason = text(&body, "reason");
    let opened = desk.consult(move |conn, app, caller| triage::next(conn, app, caller, &id, &reason)).await?;
    let Some(opened) = opened else { return Ok(Answer::ok(json!({"response": Value::Null})).respond()) };
    Ok(Answer::ok(json!({"response": views::opened(&opened)})).at(opened.response.version).respond())
}

/// Take a response, so that nobody else reads it at the same time
#[utoipa::path(tag = "responses", params(("id" = String, Path)), responses((status = 200), (status = 409)))]
#[put("/responses/{id}/lock")]
pub async fn lock(desk: Desk) -> Result<HttpResponse, ApiError> {
    let id = desk.id(ResponseId::parse)?;
    desk.write(&Value::Null, move |conn, app, caller| {
        let until = triage::lock(conn, app, &caller.actor, &id)?;
        Ok(Answer::ok(json!({"response": id.as_str(), "locked_until": until})))
    })
    .await
}

/// Let a response go
#[utoipa::path(tag = "responses", params(("id" = String, Path)), responses((status = 200)))]
#[delete("/responses/{id}/lock")]
pub async fn unlock(desk: Desk) -> Result<HttpResponse, ApiError> {
    let id = desk.id(ResponseId::parse)?;
    desk.write(&Value::Null, move |conn, app, caller| {
        triage::unlock(conn, app, &caller.actor, &id)?;
        Ok(Answer::ok(json!({"response": id.as_str(), "locked_until": Value::Null})))
    })
    .await
}

/// Write a note; `visibility` is `unit` or `own` (what the sender shall read is a message)
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 422)))]
#[post("/responses/{id}/notes")]
pub async fn note(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(ResponseId::parse)?;
    let (note, visibility) = (text(&body, "text"), text(&body, "visibility"));
    let visibility = NoteVisibility::parse(&visibility).ok_or_else(|| unknown("/visibility", &visibility))?;
    desk.write(&body, move |conn, app, caller| {
        let note = triage::note(conn, app, &caller.actor, &id, &note, visibility)?;
        Ok(Answer::created(format!("/api/v1/responses/{id}"), json!({"id": note.as_str(), "response": id.as_str()})))
    })
    .await
}

/// Set a response's tags, from the vocabulary
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 422)))]
#[put("/responses/{id}/tags")]
pub async fn tag(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(ResponseId::parse)?;
    let codes = body.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let tags: Vec<Tag> =
        codes.map(|code| Tag::parse(code).ok_or_else(|| unknown("/tags", code))).collect::<Result<_, _>>()?;
    desk.write(&body, move |conn, app, caller| {
        triage::tag(conn, app, &caller.actor, &id, &tags)?;
        let tags: Vec<_> = tags.iter().map(|tag| tag.code()).collect();
        Ok(Answer::ok(json!({"response": id.as_str(), "tags": tags})))
    })
    .await
}

/// Link two responses to one appeal
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 422)))]
#[post("/responses/{id}/links")]
pub async fn link(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(ResponseId::parse)?;
    let (other, kind) = (text(&body, "response"), text(&body, "kind"));
    let other = ResponseId::parse(&other).map_err(|_| unknown("/response", &other))?;
    let kind = LinkKind::parse(&kind).ok_or_else(|| unknown("/kind", &kind))?;
    desk.write(&body, move |conn, app, caller| {
        triage::link(conn, app, &caller.actor, &id, &other, kind)?;
        Ok(Answer::created(
            format!("/api/v1/responses/{id}"),
            json!({"response": id.as_str(), "other": other.as_str(), "kind": kind.code()}),
        ))
    })
    .await
}

/// Offer a response to somebody who can read it; it stays with you until they take it
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 409), (status = 422)))]
#[post("/responses/{id}/transfers")]
pub async fn offer(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(ResponseId::parse)?;
    let (to, reason) = (text(&body, "to"), text(&body, "reason"));
    let to = UserId::parse(&to).map_err(|_| unknown("/to", &to))?;
    desk.write(&body, move |conn, app, caller| {
        let transfer = triage::offer(conn, app, &caller.actor, &id, &to, &reason)?;
        Ok(Answer::created(
            format!("/api/v1/responses/{id}"),
            json!({"id": transfer.as_str(), "response": id.as_str(), "to": to.as_str(), "state": "offered"}),
        ))
    })
    .await
}

/// Take or refuse what was offered to you: `{"accepted": true}`
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 409)))]
#[post("/responses/{id}/transfers/decision")]
pub async fn decide(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(ResponseId::parse)?;
    let accepted = body.get("accepted").and_then(Value::as_bool).ok_or_else(|| unknown("/accepted", ""))?;
    desk.write(&body, move |conn, app, caller| {
        triage::accept(conn, app, &caller.actor, &id, accepted)?;
        let state = if accepted { "accepted" } else { "refused" };
        Ok(Answer::ok(json!({"response": id.as_str(), "state": state})))
    })
    .await
}
