//! Activation, users, units, tokens. Sessions and rights given one by one have files of their own.

use super::passkeys::notice;
use super::places::locale;
use super::views;
use crate::app::access::{self as accounts, Invitation};
use crate::app::grants::{self, Wish};
use crate::app::{App, AppError, escalate, tokens as token_acts};
use crate::db::{access as rows, factors, grants as grant_rows, passkeys, tokens as token_rows};
use crate::domain::actor::{Permission, Role};
use crate::domain::faults::Fault;
use crate::domain::grant::Right;
use crate::domain::ids::{PersonId, TokenId, UnitId};
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, text};
use crate::sealing::Secret;
use crate::words::Words;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use serde_json::{Value, json};

/// Codes for their one showing.
pub(super) fn shown_once(codes: &[Secret<String>]) -> Vec<&str> {
    codes.iter().map(|code| code.expose().as_str()).collect()
}

/// Set password and second factor with the one-time code of an invitation
///
/// After a factor reset the password must be the account's own, and only the second factor is new. Ten recovery codes are
/// shown once.
#[utoipa::path(tag = "access", request_body = Value, responses((status = 201), (status = 422)))]
#[post("/users/activation")]
pub async fn activate(app: web::Data<App>, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let activated = accounts::activate(&app, &text(&body, "code"), text(&body, "password")).await?;
    let view = json!({"user": activated.user.as_str(), "totp_secret": activated.totp.expose().as_str(),
        "otpauth_uri": activated.uri.expose().as_str(), "recovery_codes": shown_once(&activated.recovery)});
    Ok(Answer::created("/api/v1/me".to_owned(), view).respond())
}

/// Who the caller is and what they may do
///
/// `notices` says what the owner of the account must know, such as a passkey that may have been copied.
#[utoipa::path(tag = "access", responses((status = 200), (status = 401)))]
#[get("/me")]
pub async fn me(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (user, held, left, passkeys) = request::read(&app, move |conn| {
        let id = &caller.actor.user;
        let (user, held) = (rows::user(conn, id)?, grant_rows::active_of(conn, id)?);
        Ok((user, held, factors::codes_left(conn, id)?, passkeys::of_user(conn, id)?))
    })
    .await?;
    let words = Words::of(locale(&request));
    let notices: Vec<Value> = passkeys.iter().filter_map(|passkey| notice(passkey, words)).collect();
    let mut view = views::user(&user);
    if let Some(object) = view.as_object_mut() {
        object.insert("grants".to_owned(), held.iter().map(views::grant).collect());
        object.insert("recovery_codes_left".to_owned(), json!(left));
        object.insert("passkeys".to_owned(), json!(passkeys.len()));
        object.insert("notices".to_owned(), Value::Array(notices));
    }
    Ok(Answer::ok(view).respond())
}

/// Invite a user into the administrator's unit; the one-time code is shown once
///
/// Roles that publish, verify, validate or administer are asked for (`pending`); another administrator confirms them.
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
        let (dangerous, harmless): (Vec<Role>, Vec<Role>) =
            roles.into_iter().partition(|role| Right::Role(*role).is_dangerous());
        let invitation = Invitation { unit: &actor.unit, login: &login, name: &name, roles: &harmless, person };
        let (id, code) = accounts::invite(conn, &context, (&actor).into(), &invitation)?;
        let mut pending = Vec::new();
        for role in dangerous {
            let wish = Wish { user: &id, right: Right::Role(role), appeal: None, reason: "invited with this role" };
            pending.push(views::grant(&grants::ask(conn, &context, &actor, &wish)?));
        }
        let view = json!({"id": id.as_str(), "one_time_code": code.grouped().expose().as_str(), "pending": pending});
        Ok(Answer::created(format!("/api/v1/users/{id}"), view))
    })
    .await
}

/// List the unit's users
#[utoipa::path(tag = "access", responses((status = 200)))]
#[get("/users")]
pub async fn users(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    let found = request::read(&app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may_look(Permission::ManageUsers, now)?;
        Ok(rows::users_of(conn, &caller.actor.unit)?)
    })
    .await?;
    Ok(Answer::ok(json!({"items": found.iter().map(views::user).collect::<Vec<_>>()})).respond())
}

/// Read the caller's unit
#[utoipa::path(tag = "access", responses((status = 200)))]
#[get("/units")]
pub async fn units(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let unit = request::read(&app, move |conn| Ok(rows::unit(conn, &caller.actor.unit)?)).await?;
    Ok(Answer::ok(json!({"items": [views::unit(&unit)]})).respond())
}

/// Name who is told by mail what is late in the own unit: `{"address", "language"}`, empty as the installation's settings say
#[utoipa::path(tag = "access", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 404), (status = 422)))]
#[put("/units/{id}/duty")]
pub async fn set_duty(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(UnitId::parse, &path)?;
    let body = body.into_inner();
    let (address, language) = (text(&body, "address"), text(&body, "language"));
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let unit = escalate::set_duty(conn, &context, &actor, &id, address.trim(), language.trim())?;
        Ok(Answer::ok(views::unit(&unit)))
    })
    .await
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
        let (token, secret) =
            token_acts::add_token(conn, &context, (&actor).into(), &actor.user, &name, &scopes, days)?;
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
    app.db.write(move |conn| token_acts::revoke_token(conn, &context, &caller.actor, &id)).await?;
    Ok(Answer::ok(json!({"ended": true})).respond())
}
