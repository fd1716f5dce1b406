//! Cold appeals validated together for a week ahead.

use super::chain::digest_seen;
use crate::app::validate_appeal::Answer as Said;
use crate::app::{App, plan_week};
use crate::db::weeks::Week;
use crate::domain::document::{self, Reader};
use crate::domain::ids::{AppealId, WeekId};
use crate::domain::rules::Level;
use crate::domain::validation::Verdict;
use crate::domain::week::Item;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde_json::{Value, json};

fn item(of: &Item) -> Value {
    json!({"appeal": of.slot.appeal.as_str(), "at": of.slot.due_at, "plan_digest": of.plan.as_str(),
        "state": of.state.code(), "note": of.note})
}

fn view(of: &Week) -> Value {
    json!({
        "id": of.id.as_str(), "title": of.title, "digest": of.digest, "composed_by": of.composed_by.as_str(),
        "created_at": of.created_at, "released_at": of.released.as_ref().map(|(_, at)| at),
        "items": of.items.iter().map(item).collect::<Vec<_>>(),
    })
}

/// Compose a week of cold appeals: `{"title", "items": [{"appeal", "at"}]}`
///
/// Each needs a verified decision and a kind that the rules call cold; all go into the chain together. The digest answers
/// to the whole list; a change of one appeal voids that one alone.
#[utoipa::path(tag = "chain", request_body = Value, responses((status = 201), (status = 403), (status = 409), (status = 422)))]
#[post("/weeks")]
pub async fn compose(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let (context, actor, filed) = (app.clone(), caller.actor.clone(), body.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let week = plan_week::compose(conn, &context, &actor, &filed)?;
        Ok(Answer::created(format!("/api/v1/weeks/{}", week.id), view(&week)).at(&week.digest))
    })
    .await
}

/// List the own unit's weeks, newest first
#[utoipa::path(tag = "chain", responses((status = 200), (status = 403)))]
#[get("/weeks")]
pub async fn list(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    let weeks = request::read(&app, move |conn| plan_week::list(conn, &context, &caller.actor)).await?;
    Ok(Answer::ok(json!({"items": weeks.iter().map(view).collect::<Vec<_>>()})).respond())
}

/// Show a week and what became of each appeal on it
#[utoipa::path(tag = "chain", params(("id" = String, Path)), responses((status = 200), (status = 404)))]
#[get("/weeks/{id}")]
pub async fn show(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(WeekId::parse, &path)?;
    let context = app.clone();
    let week = app.db.write(move |conn| plan_week::show(conn, &context, &caller.actor, &id)).await?;
    Ok(Answer::ok(view(&week)).at(&week.digest).respond())
}

/// Say yes to the week, or no to it or to some `appeals` of it; `If-Match` on its digest
#[utoipa::path(tag = "chain", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 403), (status = 409), (status = 412), (status = 422)))]
#[post("/weeks/{id}/validations")]
pub async fn validate(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(WeekId::parse, &path)?;
    let digest = digest_seen(&request)?;
    let body = body.into_inner();
    let (said, only) = document::read(&body, "", read).map_err(crate::app::AppError::from)?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Required, &body, move |conn| {
        let week = plan_week::validate(conn, &context, &actor, &id, digest.as_str(), &said, &only)?;
        Ok(Answer::created(format!("/api/v1/weeks/{id}"), view(&week)).at(&week.digest))
    })
    .await
}

fn read(mut r: Reader<'_>) -> Option<(Said, Vec<AppealId>)> {
    let verdict = r.required("verdict", |r, key| r.choice(key, Verdict::parse));
    let level = r.choice("level", Level::parse);
    let reasons = r.text("reasons", 0..=2000).unwrap_or_default();
    let only = r.parsed("appeals", 100, |id| AppealId::parse(id).ok());
    r.finish();
    Some((Said { verdict: verdict?, reasons, level, is_final: false }, only))
}

/// Let the validated week go out, each appeal at its hour; `If-Match` on its digest
///
/// At each hour the gate is asked again; what it refuses then stays in and says why.
#[utoipa::path(tag = "dispatch", params(("id" = String, Path)), responses((status = 201), (status = 403), (status = 409), (status = 412)))]
#[post("/weeks/{id}/dispatches")]
pub async fn release(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(WeekId::parse, &path)?;
    let digest = digest_seen(&request)?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Required, &json!(digest.as_str()), move |conn| {
        let week = plan_week::release(conn, &context, &actor, &id, digest.as_str())?;
        Ok(Answer::created(format!("/api/v1/weeks/{id}"), view(&week)).at(&week.digest))
    })
    .await
}
