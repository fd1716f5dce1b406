//! The chain's people: who holds which level, who speaks for whom while away, the review after an emergency.

use crate::app::{App, AppError, chain_duties};
use crate::db::chain::{Review, Seat};
use crate::domain::document::{self, Reader};
use crate::domain::ids::{AppealId, SeatId, UserId};
use crate::domain::rules::Level;
use crate::domain::validation::Verdict;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde_json::{Value, json};

fn seat(of: &Seat) -> Value {
    json!({
        "id": of.id.as_str(), "unit": of.unit.as_str(), "user": of.user.as_str(), "level": of.level.code(),
        "delegated_by": of.delegated_by.as_ref().map(UserId::as_str), "from": of.valid_from,
        "until": of.valid_until, "given_by": of.given_by, "reason": of.reason,
        "confirmed_by": of.confirmed_by,
    })
}

fn read<T>(body: &Value, read: impl FnOnce(&mut Reader<'_>) -> Option<T>) -> Result<T, AppError> {
    Ok(document::read(body, "", |mut r| {
        let found = read(&mut r);
        r.finish();
        found
    })?)
}

/// List who may say yes at which level in the own unit
#[utoipa::path(tag = "chain", responses((status = 200), (status = 403)))]
#[get("/levels")]
pub async fn list(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    let seats = request::read(&app, move |conn| chain_duties::seats(conn, &context, &caller.actor)).await?;
    Ok(Answer::ok(json!({"items": seats.iter().map(seat).collect::<Vec<_>>()})).respond())
}

/// Ask for a validator to hold a level; it counts once a second administrator confirmed it
#[utoipa::path(tag = "chain", request_body = Value, responses((status = 201), (status = 403), (status = 409), (status = 422)))]
#[post("/levels")]
pub async fn give(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let (user, level, reason) = read(&body, |r| {
        let user = r.required("user", |r, key| r.choice(key, |id| UserId::parse(id).ok()));
        let level = r.required("level", |r, key| r.choice(key, Level::parse));
        Some((user?, level?, r.text("reason", 0..=500).unwrap_or_default()))
    })?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let given = chain_duties::give_seat(conn, &context, &actor, &user, level, &reason)?;
        Ok(Answer::created(format!("/api/v1/levels/{}", given.id), seat(&given)))
    })
    .await
}

/// Confirm a level that another administrator asked for; nobody confirms their own
#[utoipa::path(tag = "chain", params(("id" = String, Path)), responses((status = 201), (status = 403), (status = 404), (status = 409)))]
#[post("/levels/{id}/confirmation")]
pub async fn confirm(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(SeatId::parse, &path)?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &Value::Null, move |conn| {
        let given = chain_duties::confirm_seat(conn, &context, &actor, &id)?;
        Ok(Answer::created(format!("/api/v1/levels/{id}"), seat(&given)))
    })
    .await
}

/// Let a colleague speak at the own level while away
#[utoipa::path(tag = "chain", request_body = Value, responses((status = 201), (status = 403), (status = 422)))]
#[post("/levels/delegations")]
pub async fn delegate(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let (to, level, span, reason) = read(&body, |r| {
        let to = r.required("to", |r, key| r.choice(key, |id| UserId::parse(id).ok()));
        let level = r.required("level", |r, key| r.choice(key, Level::parse));
        let (from, until) = (r.required("from", Reader::time), r.required("until", Reader::time));
        let reason = r.needed_text("reason", 3..=500);
        Some((to?, level?, (from?, until?), reason?))
    })?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let given = chain_duties::delegate(conn, &context, &actor, level, &to, span, &reason)?;
        Ok(Answer::created(format!("/api/v1/levels/{}", given.id), seat(&given)))
    })
    .await
}

/// Take a level away, one's own or as an administrator
#[utoipa::path(tag = "chain", params(("id" = String, Path)), responses((status = 200), (status = 403), (status = 404)))]
#[delete("/levels/{id}")]
pub async fn end(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(SeatId::parse, &path)?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &Value::Null, move |conn| {
        chain_duties::end_seat(conn, &context, &actor, &id)?;
        Ok(Answer::ok(json!({"id": id.as_str(), "ended": true})))
    })
    .await
}

fn review_view(of: &Review) -> Value {
    let done =
        of.done.as_ref().map(|(verdict, by, at)| json!({"verdict": verdict.code(), "by": by.as_str(), "at": at}));
    json!({
        "id": of.id, "appeal": of.appeal.as_str(), "plan_digest": of.plan.as_str(), "due_at": of.due_at,
        "done": done, "note": of.note,
    })
}

/// List the reviews that follow an emergency
#[utoipa::path(tag = "chain", params(("id" = String, Path)), responses((status = 200)))]
#[get("/appeals/{id}/reviews")]
pub async fn reviews(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let context = app.clone();
    let found = request::read(&app, move |conn| chain_duties::reviews(conn, &context, &caller.actor, &id)).await?;
    Ok(Answer::ok(json!({"items": found.iter().map(review_view).collect::<Vec<_>>()})).respond())
}

/// Review an emergency, by somebody who had no part in it; a no takes the appeal down
#[utoipa::path(tag = "chain", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 403), (status = 409), (status = 422)))]
#[post("/appeals/{id}/reviews")]
pub async fn review(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let body = body.into_inner();
    let (verdict, note) = read(&body, |r| {
        let verdict = r.required("verdict", |r, key| r.choice(key, Verdict::parse));
        Some((verdict?, r.needed_text("note", 3..=2000)?))
    })?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let done = chain_duties::review(conn, &context, &actor, &id, verdict, &note)?;
        Ok(Answer::created(format!("/api/v1/appeals/{id}/reviews"), review_view(&done)))
    })
    .await
}
