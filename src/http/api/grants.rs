//! Rights given one by one: asked for by one administrator, confirmed by another, taken away by any; accounts closed; lost
//! factors replaced.

use super::views;
use crate::app::grants::{self, Wish};
use crate::app::{App, AppError};
use crate::db::grants as rows;
use crate::domain::actor::{Permission, Role};
use crate::domain::faults::Fault;
use crate::domain::grant::Right;
use crate::domain::ids::{AppealId, GrantId, UserId};
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, text};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde_json::{Value, json};

fn unknown(pointer: &str, value: &str) -> AppError {
    AppError::Faults(vec![Fault::at(pointer, "unknown-value").with("value", value)])
}

fn right(body: &Value) -> Result<Right, AppError> {
    match (body.get("role").and_then(Value::as_str), body.get("field").and_then(Value::as_str)) {
        (Some(role), None) => Right::parse("role", role).ok_or_else(|| unknown("/role", role)),
        (None, Some(field)) => Right::parse("field", field).ok_or_else(|| unknown("/field", field)),
        _ => Err(AppError::Faults(vec![Fault::at("", "one-right")])),
    }
}

/// Give a right, or ask for one that takes two administrators
///
/// `{"user", "role" or "field", "appeal" or nothing, "reason"}`. It is given on the caller's unit's objects, to an account of
/// any unit; with `appeal`, on that appeal only. Who holds a role in another unit names it in `Tocsin-Unit`. `state` is
/// `active`, or `asked` until another administrator, who is neither the one who asked nor the one who gains, confirms.
#[utoipa::path(tag = "access", request_body = Value, responses((status = 201), (status = 403), (status = 422)))]
#[post("/grants")]
pub async fn ask(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let right = right(&body)?;
    let user = text(&body, "user");
    let user = UserId::parse(&user).map_err(|_| unknown("/user", &user))?;
    let appeal = body.get("appeal").and_then(Value::as_str);
    let appeal = appeal.map(|id| AppealId::parse(id).map_err(|_| unknown("/appeal", id))).transpose()?;
    let reason = text(&body, "reason");
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let grant = grants::ask(conn, &context, &actor, &Wish { user: &user, right, appeal, reason: &reason })?;
        Ok(Answer::created(format!("/api/v1/grants/{}", grant.id), views::grant(&grant)))
    })
    .await
}

/// List rights on the unit's objects that hold or wait for a confirmation
#[utoipa::path(tag = "access", responses((status = 200), (status = 403)))]
#[get("/grants")]
pub async fn list(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    let found = request::read(&app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may_look(Permission::ManageUsers, now)?;
        Ok(rows::open_of_unit(conn, &caller.actor.unit)?)
    })
    .await?;
    Ok(Answer::ok(json!({"items": found.iter().map(views::grant).collect::<Vec<_>>()})).respond())
}

/// Confirm what another administrator asked for
///
/// After a factor reset the answer holds the one-time code for its owner, once.
#[utoipa::path(tag = "access", params(("id" = String, Path)), responses((status = 201), (status = 403), (status = 409)))]
#[post("/grants/{id}/confirmation")]
pub async fn confirm(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(GrantId::parse, &path)?;
    let context = app.clone();
    let (grant, code) = app.db.write(move |conn| grants::confirm(conn, &context, &caller.actor, &id)).await?;
    let mut view = views::grant(&grant);
    if let (Some(object), Some(code)) = (view.as_object_mut(), code) {
        object.insert("one_time_code".to_owned(), json!(code.grouped().expose().as_str()));
    }
    Ok(Answer::created(format!("/api/v1/grants/{}", grant.id), view).respond())
}

/// Take a right away, or refuse it while it waits; one administrator, no step-up
#[utoipa::path(tag = "access", params(("id" = String, Path)), responses((status = 200), (status = 404), (status = 409)))]
#[delete("/grants/{id}")]
pub async fn end(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(GrantId::parse, &path)?;
    let context = app.clone();
    let grant = app.db.write(move |conn| grants::end(conn, &context, &caller.actor, &id)).await?;
    Ok(Answer::ok(views::grant(&grant)).respond())
}

/// Take a role of the home unit away; one administrator, no step-up
#[utoipa::path(tag = "access", params(("id" = String, Path), ("role" = String, Path)), responses((status = 200), (status = 404)))]
#[delete("/users/{id}/roles/{role}")]
pub async fn take_role(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (id, role) = path.into_inner();
    let id = request::id(UserId::parse, &id)?;
    let role = Role::parse(&role).ok_or(AppError::NotFound)?;
    let context = app.clone();
    let user = app.db.write(move |conn| grants::take_role(conn, &context, &caller.actor, &id, role)).await?;
    Ok(Answer::ok(views::user(&user)).respond())
}

/// Close an account: its sessions end and its tokens stop at once; one administrator, no step-up
#[utoipa::path(tag = "access", params(("id" = String, Path)), responses((status = 200), (status = 404)))]
#[delete("/users/{id}")]
pub async fn disable(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(UserId::parse, &path)?;
    let context = app.clone();
    app.db.write(move |conn| grants::disable(conn, &context, &caller.actor, &id)).await?;
    Ok(Answer::ok(json!({"disabled": true})).respond())
}

/// Ask for the replacement of a lost second factor; another administrator confirms
#[utoipa::path(tag = "access", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 403), (status = 404)))]
#[post("/users/{id}/factor-reset")]
pub async fn reset_factor(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let user = request::id(UserId::parse, &path)?;
    let body = body.into_inner();
    let reason = text(&body, "reason");
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let wish = Wish { user: &user, right: Right::FactorReset, appeal: None, reason: &reason };
        let grant = grants::ask(conn, &context, &actor, &wish)?;
        Ok(Answer::created(format!("/api/v1/grants/{}", grant.id), views::grant(&grant)))
    })
    .await
}
