//! Sessions, activation, tokens, users, units.

use super::views;
use crate::app::access::{self as accounts, Invitation};
use crate::app::{App, AppError};
use crate::db::{access as rows, tokens as token_rows};
use crate::domain::actor::{Permission, Role};
use crate::domain::faults::Fault;
use crate::domain::ids::{PersonId, TokenId};
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, text};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde_json::{Value, json};

/// Sign in with name, password and the current code of the second factor
#[utoipa::path(tag = "access", request_body = Value, responses((status = 201), (status = 401), (status = 429)))]
#[post("/sessions")]
pub async fn sign_in(app: web::Data<App>, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let token = accounts::sign_in(&app, text(&body, "login"), text(&body, "password"), text(&body, "code")).await?;
    Ok(Answer::created("/api/v1/me".to_owned(), json!({"token": token.text().expose().as_str()})).respond())
}

/// End the caller's session
#[utoipa::path(tag = "access", responses((status = 200)))]
#[delete("/sessions/current")]
pub async fn sign_out(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    app.db.write(move |conn| accounts::sign_out(conn, &context, &caller.actor)).await?;
    Ok(Answer::ok(json!({"ended": true})).respond())
}

/// Set password and second factor with the one-time code of an invitation
#[utoipa::path(tag = "access", request_body = Value, responses((status = 201), (status = 422)))]
#[post("/users/activation")]
pub async fn activate(app: web::Data<App>, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let activated = accounts::activate(&app, &text(&body, "code"), text(&body, "password")).await?;
    let view = json!({"user": activated.user.as_str(), "totp_secret": activated.totp.expose().as_str(), "otpauth_uri": activated.uri.expose().as_str()});
    Ok(Answer::created("/api/v1/me".to_owned(), view).respond())
}

/// Who the caller is and what they may do
#[utoipa::path(tag = "access", responses((status = 200), (status = 401)))]
#[get("/me")]
pub async fn me(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let user = request::read(&app, move |conn| Ok(rows::user(conn, &caller.actor.user)?)).await?;
    Ok(Answer::ok(views::user(&user)).respond())
}

/// Invite a user into the administrator's unit; the one-time code is shown once
#[utoipa::path(tag = "access", request_body = Value, responses((status = 201), (status = 409), (status = 422)))]
#[post("/users")]
pub async fn invite(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let mut roles = Vec::new();
    for (i, code) in body.get("roles").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let role = code.as_str().and_then(Role::parse);
        roles.push(role.ok_or_else(|| {
            AppError::Faults(vec![Fault::at(format!("/roles/{i}"), "unknown-value").with("value", code)])
        })?);
    }
    let person = match body.get("person").and_then(Value::as_str) {
        Some(id) => Some(request::id(PersonId::parse, id)?),
        None => None,
    };
    let (context, actor, login, name) = (app.clone(), caller.actor.clone(), text(&body, "login"), text(&body, "name"));
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let now = context.clock.now(conn)?;
        actor.may(Permission::ManageUsers, now)?;
        let invitation = Invitation { unit: &actor.unit, login: &login, name: &name, roles: &roles, person };
        let (id, code) = accounts::invite(conn, &context, (&actor).into(), &invitation)?;
        let view = json!({"id": id.as_str(), "one_time_code": code.grouped().expose().as_str()});
        Ok(Answer::created(format!("/api/v1/users/{id}"), view))
    })
    .await
}

/// List the unit's users
#[utoipa::path(tag = "access", responses((status = 200)))]
#[get("/users")]
pub async fn users(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let found = request::read(&app, move |conn| Ok(rows::users_of(conn, &caller.actor.unit)?)).await?;
    Ok(Answer::ok(json!({"items": found.iter().map(views::user).collect::<Vec<_>>()})).respond())
}

/// Read the caller's unit
#[utoipa::path(tag = "access", responses((status = 200)))]
#[get("/units")]
pub async fn units(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let unit = request::read(&app, move |conn| Ok(rows::unit(conn, &caller.actor.unit)?)).await?;
    Ok(Answer::ok(json!({"items": [views::unit(&unit)]})).respond())
}

/// Make a token for the caller's own programs; shown once
#[utoipa::path(tag = "access", request_body = Value, responses((status = 201), (status = 422)))]
#[post("/tokens")]
pub async fn add_token(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let mut scopes = Vec::new();
    for (i, code) in body.get("scopes").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let scope = code.as_str().and_then(Permission::parse);
        scopes.push(scope.ok_or_else(|| {
            AppError::Faults(vec![Fault::at(format!("/scopes/{i}"), "unknown-value").with("value", code)])
        })?);
    }
    let days = body.get("days").and_then(Value::as_i64).unwrap_or(30);
    let (context, actor, name) = (app.clone(), caller.actor.clone(), text(&body, "name"));
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        if !matches!(actor.means, crate::domain::actor::Means::Session { .. }) {
            return Err(AppError::Forbidden { code: "needs-session" });
        }
        let (token, secret) = accounts::add_token(conn, &context, (&actor).into(), &actor.user, &name, &scopes, days)?;
        let view = json!({"id": token.id.as_str(), "token": secret.text().expose().as_str(), "ends_at": token.ends_at});
        Ok(Answer::created(format!("/api/v1/tokens/{}", token.id), view))
    })
    .await
}

/// List the caller's tokens
#[utoipa::path(tag = "access", responses((status = 200)))]
#[get("/tokens")]
pub async fn tokens(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    let found = request::read(&app, move |conn| {
        let now = context.clock.now(conn)?;
        Ok(token_rows::tokens_of(conn, &caller.actor.user, now)?)
    })
    .await?;
    let items: Vec<Value> = found
        .iter()
        .map(|t| json!({"id": t.id.as_str(), "name": t.name, "scopes": t.scopes, "ends_at": t.ends_at}))
        .collect();
    Ok(Answer::ok(json!({"items": items})).respond())
}

/// End one of the caller's tokens
#[utoipa::path(tag = "access", params(("id" = String, Path)), responses((status = 200), (status = 404)))]
#[delete("/tokens/{id}")]
pub async fn revoke_token(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(TokenId::parse, &path)?;
    let context = app.clone();
    app.db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            token_rows::revoke_token(conn, &caller.actor.user, &id, now).map_err(AppError::from)
        })
        .await?;
    Ok(Answer::ok(json!({"ended": true})).respond())
}
