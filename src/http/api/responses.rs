//! What came back: list, open with a reason, judge, answer.

use super::views;
use crate::app::enter_response::{self, CHANNELS, Entry};
use crate::app::intake::Upload;
use crate::app::respond::{LONGEST_TEXT, Told};
use crate::app::{AppError, answer_files, erase as erasure, work_response};
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, ResponseId, UserId};
use crate::domain::language::Language;
use crate::domain::response::{ResponseKind, ResponseState};
use crate::domain::spot::{PlacePrecision, Spot};
use crate::domain::when::Precision;
use crate::http::problem::ApiError;
use crate::http::request::{Answer, Desk, text, unknown};
use actix_web::{HttpResponse, delete, get, patch, post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};

/// Where to go on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    cursor: Option<String>,
    limit: Option<i64>,
}

/// List an appeal's responses without opening them, oldest first; reports of illegal content are elsewhere (`/reports`)
#[utoipa::path(tag = "responses", params(("id" = String, Path), ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query)), responses((status = 200)))]
#[get("/appeals/{id}/responses")]
pub async fn list(desk: Desk, query: web::Query<ListQuery>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(AppealId::parse)?;
    let query = query.into_inner();
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let appeal = id.to_string();
    let found = desk
        .read(move |conn, app, caller| {
            work_response::list(conn, app, &caller.actor, &id, &query.cursor.unwrap_or_default(), limit + 1)
        })
        .await?;
    let shown = usize::try_from(limit).unwrap_or(50);
    let next = (found.len() > shown).then(|| found.get(shown - 1).map(|r| r.id.to_string())).flatten();
    let items: Vec<Value> = found.iter().take(shown).map(views::response).collect();
    desk.note_reading("responses.listed", &appeal, format!("{} shown", items.len())).await?;
    Ok(Answer::ok(json!({"items": items, "next_cursor": next})).respond())
}

/// Enter what came by telephone, letter, at the counter or from another system
///
/// JSON with `channel` (`phone`, `letter`, `counter`, `api`), `kind`, `what`, and where known `where`, `when`, `name`, `phone`, `email`,
/// `lot`, `language` and `files` (`name` and base64 `data`). A point is `spot` (`lat`, `lng`) with `place_precision` (`exact`, `street`,
/// `neighbourhood`, `municipality`), a moment `at` (RFC 3339) with `at_precision` (`minute`, `hour`, `part_of_day`, `day`). The receipt code in the answer is for the sender; it is shown
/// once. The same `Idempotency-Key` twice is one response (409).
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 409), (status = 422)))]
#[post("/appeals/{id}/responses")]
pub async fn enter(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(AppealId::parse)?;
    let (entry, language) = read_entry(&body, desk.header("idempotency-key"))?;
    let (receipt, response) = enter_response::enter(&desk.app, &desk.caller.actor, &id, language, entry).await?;
    let body = json!({"id": response.as_str(), "receipt": receipt.grouped().expose()});
    Ok(Answer::created(format!("/api/v1/responses/{response}"), body).respond())
}

fn read_entry(body: &Value, known_as: &str) -> Result<(Entry, Option<Language>), AppError> {
    let mut faults = Vec::new();
    let kind = ResponseKind::parse(&text(body, "kind"));
    let channel = CHANNELS.into_iter().find(|channel| *channel == text(body, "channel"));
    if kind.is_none() {
        faults.push(Fault::at("/kind", "unknown-value").with("value", text(body, "kind")));
    }
    if channel.is_none() {
        faults.push(Fault::at("/channel", "unknown-value").with("value", text(body, "channel")));
    }
    let language = body.get("language").map(|_| Language::parse(&text(body, "language")));
    if let Some(Err(_)) = language {
        faults.push(Fault::at("/language", "unknown-value").with("value", text(body, "language")));
    }
    for (key, limit) in
        [("what", LONGEST_TEXT), ("where", 300), ("when", 300), ("name", 200), ("phone", 60), ("email", 254)]
    {
        let length = text(body, key).chars().count();
        if length > limit {
            faults.push(Fault::at(format!("/{key}"), "too-long").with("limit", limit).with("length", length));
        }
    }
    if text(body, "what").trim().is_empty() {
        faults.push(Fault::at("/what", "required"));
    }
    let files = uploads(body, &mut faults);
    let (precision, spot, moment) = whereabouts(body, &mut faults);
    let (Some(kind), Some(channel), true) = (kind, channel, faults.is_empty()) else { return Err(faults.into()) };
    let told = Told {
        kind: Some(kind),
        lot: body.get("lot").and_then(Value::as_i64),
        what: text(body, "what").trim().to_owned(),
        place: text(body, "where").trim().to_owned(),
        place_precision: precision,
        spot,
        when: text(body, "when").trim().to_owned(),
        moment,
        name: text(body, "name").trim().to_owned(),
        phone: text(body, "phone").trim().to_owned(),
        email: text(body, "email").trim().to_owned(),
        ..Told::default()
    };
    Ok((Entry { channel, known_as: known_as.to_owned(), told, files }, language.and_then(Result::ok)))
}

type Whereabouts = (Option<PlacePrecision>, Option<Spot>, Option<(DateTime<Utc>, Precision)>);

/// The point and the moment, and how exactly they are known.
fn whereabouts(body: &Value, faults: &mut Vec<Fault>) -> Whereabouts {
    let mut unknown = |key: &str| {
        faults.push(Fault::at(format!("/{key}"), "unknown-value").with("value", body.get(key).unwrap_or(&Value::Null)));
    };
    let given = |key: &str| body.get(key).is_some_and(|value| !value.is_null());
    let precision = PlacePrecision::parse(&text(body, "place_precision"));
    if given("place_precision") && precision.is_none() {
        unknown("place_precision");
    }
    let number = |pointer: &str| body.pointer(pointer).and_then(Value::as_f64);
    let spot = number("/spot/lat").zip(number("/spot/lng")).and_then(|(lat, lng)| Spot::new(lat, lng));
    if given("spot") && spot.is_none() {
        unknown("spot");
    }
    let at = DateTime::parse_from_rfc3339(&text(body, "at")).ok().map(|at| at.with_timezone(&Utc));
    if given("at") && at.is_none() {
        unknown("at");
    }
    let exactly =
        if given("at_precision") { Precision::parse(&text(body, "at_precision")) } else { Some(Precision::Hour) };
    if exactly.is_none() {
        unknown("at_precision");
    }
    (precision, spot, at.zip(exactly))
}

/// Files as base64 within JSON.
fn uploads(body: &Value, faults: &mut Vec<Fault>) -> Vec<Upload> {
    let mut files = Vec::new();
    for (n, file) in body.get("files").and_then(Value::as_array).into_iter().flatten().enumerate() {
        match STANDARD.decode(text(file, "data").as_bytes()) {
            Ok(bytes) => files.push(Upload { name: text(file, "name"), bytes: bytes.into() }),
            Err(_) => faults.push(Fault::at(format!("/files/{n}/data"), "not-base64")),
        }
    }
    files
}

/// Why a response is opened.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadQuery {
    reason: Option<String>,
}

/// Open a response; `reason` is kept in the audit before a word is shown
#[utoipa::path(tag = "responses", params(("id" = String, Path), ("reason" = String, Query)), responses((status = 200), (status = 403), (status = 422)))]
#[get("/responses/{id}")]
pub async fn open(desk: Desk, query: web::Query<ReadQuery>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(ResponseId::parse)?;
    let reason = query.into_inner().reason.unwrap_or_default();
    let opened = desk.consult(move |conn, app, caller| work_response::read(conn, app, caller, &id, &reason)).await?;
    Ok(Answer::ok(views::opened(&opened)).at(opened.response.version).respond())
}

/// Move a response through its states or correct its kind; `If-Match` on the version
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 409), (status = 412)))]
#[patch("/responses/{id}")]
pub async fn judge(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let (id, version) = (desk.id(ResponseId::parse)?, desk.version()?);
    let code = |key: &str| body.get(key).map(|value| value.as_str().unwrap_or_default().to_owned());
    let state = code("state").map(|c| ResponseState::parse(&c).ok_or_else(|| unknown("/state", &c))).transpose()?;
    let kind = code("kind").map(|c| ResponseKind::parse(&c).ok_or_else(|| unknown("/kind", &c))).transpose()?;
    desk.write(&body, move |conn, app, caller| {
        let response = work_response::judge(conn, app, caller, &id, version, state, kind)?;
        Ok(Answer::ok(views::response(&response)).at(response.version))
    })
    .await
}

/// Erase a response for good; with a reason and a fresh factor
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 403), (status = 422)))]
#[delete("/responses/{id}")]
pub async fn erase(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(ResponseId::parse)?;
    let reason = text(&body, "reason");
    let files = Arc::new(Mutex::new(Vec::new()));
    let gone = files.clone();
    let erased = desk
        .write(&body, move |conn, app, caller| {
            let files = erasure::response(conn, app, &caller.actor, &id, &reason)?;
            *gone.lock().unwrap_or_else(PoisonError::into_inner) = files;
            Ok(Answer::ok(json!({"response": id.as_str(), "erased": true})))
        })
        .await?;
    let files = std::mem::take(&mut *files.lock().unwrap_or_else(PoisonError::into_inner));
    erasure::files(&desk.app, &files).await;
    desk.app.db.settle().await?;
    Ok(erased)
}

/// Answer the sender; they read it with their receipt code
///
/// JSON with `text`, and where something is to be shown `files` (`name` and base64 `data`), which the sender opens with the code.
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 422)))]
#[post("/responses/{id}/messages")]
pub async fn answer(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(ResponseId::parse)?;
    let message = text(&body, "text");
    let mut faults = Vec::new();
    let files = uploads(&body, &mut faults);
    if !faults.is_empty() {
        return Err(AppError::from(faults).into());
    }
    if !files.is_empty() {
        answer_files::answer(&desk.app, &desk.caller.actor, &id, &message, files, desk.header("idempotency-key"))
            .await?;
        let answered = json!({"response": id.as_str(), "answered": true});
        return Ok(Answer::created(format!("/api/v1/responses/{id}"), answered).respond());
    }
    desk.write(&body, move |conn, app, caller| {
        work_response::answer(conn, app, &caller.actor, &id, &message)?;
        Ok(Answer::created(format!("/api/v1/responses/{id}"), json!({"response": id.as_str(), "answered": true})))
    })
    .await
}

/// Let another account read the appeal's responses; by somebody who holds the key, with a fresh factor
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 403), (status = 409)))]
#[post("/appeals/{id}/readers")]
pub async fn add_reader(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(AppealId::parse)?;
    let user = text(&body, "user");
    let user = UserId::parse(&user).map_err(|_| unknown("/user", &user))?;
    desk.write(&body, move |conn, app, caller| {
        work_response::add_reader(conn, app, caller, &id, &user)?;
        Ok(Answer::created(
            format!("/api/v1/appeals/{id}/responses"),
            json!({"appeal": id.as_str(), "reader": user.as_str()}),
        ))
    })
    .await
}
