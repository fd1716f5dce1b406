//! Accounts on outside platforms, their holders and warnings, and the register of names.

use crate::app::channel_accounts as accounts;
use crate::app::{App, AppError};
use crate::db::channel_accounts::{self as rows, Account, Name};
use crate::domain::account_name::Standing;
use crate::domain::actor::Permission;
use crate::domain::faults::Fault;
use crate::domain::ids::{ChannelId, UserId};
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, text};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// An account without its credential, of which the last four characters are all that is ever shown.
fn shown(account: &Account, holders: &[String], now: DateTime<Utc>) -> Value {
    json!({
        "id": account.id.as_str(), "platform": account.platform, "name": account.name, "language": account.language,
        "status": account.status, "credential_last_four": account.last_four, "expires_at": account.expires_at,
        "warning": accounts::warning(account, now), "holders": holders, "version": account.version,
    })
}

fn name_view(name: &Name) -> Value {
    json!({"id": name.id.as_str(), "platform": name.platform, "name": name.name, "standing": name.standing.code(),
        "resembles": name.resembles, "note": name.note})
}

/// Add an account on a platform; its name joins the register
#[utoipa::path(tag = "channels", request_body = Value, responses((status = 201), (status = 403), (status = 409), (status = 422)))]
#[post("/channels")]
pub async fn add(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let (on, name, language) = (text(&body, "platform"), text(&body, "name"), text(&body, "language"));
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let now = context.clock.now(conn)?;
        let account = accounts::add(conn, &context, &actor, &on, &name, &language)?;
        Ok(Answer::created(format!("/api/v1/channels/{}", account.id), shown(&account, &[], now)).at(account.version))
    })
    .await
}

/// List the unit's accounts, with a warning 14 days before a credential expires
#[utoipa::path(tag = "channels", responses((status = 200), (status = 403)))]
#[get("/channels")]
pub async fn list(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    let items = request::read(&app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may_look(Permission::ManageChannels, now)?;
        let mut items = Vec::new();
        for account in rows::all(conn, Some(&caller.actor.unit))? {
            items.push(shown(&account, &rows::holders(conn, &account.id)?, now));
        }
        Ok(items)
    })
    .await?;
    Ok(Answer::ok(json!({"items": items})).respond())
}

/// Set an account's credential; it is sealed and never shown again
#[utoipa::path(tag = "channels", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 403), (status = 404), (status = 422)))]
#[put("/channels/{id}/credential")]
pub async fn set_credential(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(ChannelId::parse, &path)?;
    let credential = text(&body, "credential");
    let expires = body.get("expires_at").and_then(Value::as_str);
    let expires = expires.map(|at| {
        DateTime::parse_from_rfc3339(at)
            .map(|at| at.with_timezone(&Utc))
            .map_err(|_| AppError::Faults(vec![Fault::at("/expires_at", "malformed-time")]))
    });
    let expires = expires.transpose()?;
    let context = app.clone();
    // Not through the idempotency record, which keeps a digest of the body; setting the same twice is harmless.
    let view = app
        .db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            let account = accounts::set_credential(conn, &context, &caller.actor, &id, &credential, expires)?;
            Ok::<_, AppError>(shown(&account, &rows::holders(conn, &id)?, now))
        })
        .await?;
    Ok(Answer::ok(view).respond())
}

/// Retire an account and destroy its credential; no step-up
#[utoipa::path(tag = "channels", params(("id" = String, Path)), responses((status = 200), (status = 404)))]
#[delete("/channels/{id}")]
pub async fn retire(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(ChannelId::parse, &path)?;
    let context = app.clone();
    let view = app
        .db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            let account = accounts::retire(conn, &context, &caller.actor, &id)?;
            Ok::<_, AppError>(shown(&account, &rows::holders(conn, &id)?, now))
        })
        .await?;
    Ok(Answer::ok(view).respond())
}

/// Make somebody of the unit a holder of an account; at most as many as are configured
#[utoipa::path(tag = "channels", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 409), (status = 422)))]
#[post("/channels/{id}/holders")]
pub async fn add_holder(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(ChannelId::parse, &path)?;
    let body = body.into_inner();
    let user = text(&body, "user");
    let user = UserId::parse(&user)
        .map_err(|_| AppError::Faults(vec![Fault::at("/user", "unknown-value").with("value", &user)]))?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        accounts::add_holder(conn, &context, &actor, &id, &user)?;
        let holders = rows::holders(conn, &id)?;
        Ok(Answer::created("/api/v1/channels".to_owned(), json!({"id": id.as_str(), "holders": holders})))
    })
    .await
}

/// Take somebody off an account's holders; no step-up
#[utoipa::path(tag = "channels", params(("id" = String, Path), ("user" = String, Path)), responses((status = 200), (status = 404)))]
#[delete("/channels/{id}/holders/{user}")]
pub async fn remove_holder(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (id, user) = path.into_inner();
    let (id, user) = (request::id(ChannelId::parse, &id)?, request::id(UserId::parse, &user)?);
    let context = app.clone();
    app.db.write(move |conn| accounts::remove_holder(conn, &context, &caller.actor, &id, &user)).await?;
    Ok(Answer::ok(json!({"removed": true})).respond())
}

/// Register a name as owned, reserved or look-alike
///
/// Without `standing` the name must look like one of ours (letters drawn alike, a slip, something appended); `resembles`
/// then says which.
#[utoipa::path(tag = "channels", request_body = Value, responses((status = 201), (status = 409), (status = 422)))]
#[post("/channels/names")]
pub async fn add_name(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let standing = body.get("standing").and_then(Value::as_str).map(|code| {
        Standing::parse(code)
            .ok_or_else(|| AppError::Faults(vec![Fault::at("/standing", "unknown-value").with("value", code)]))
    });
    let standing = standing.transpose()?;
    let (on, name, remark) = (text(&body, "platform"), text(&body, "name"), text(&body, "note"));
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let named = accounts::add_name(conn, &context, &actor, &on, &name, standing, &remark)?;
        Ok(Answer::created("/api/v1/channels/names".to_owned(), name_view(&named)))
    })
    .await
}

/// List the unit's register of names
#[utoipa::path(tag = "channels", responses((status = 200), (status = 403)))]
#[get("/channels/names")]
pub async fn names(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    let found = request::read(&app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may_look(Permission::ManageChannels, now)?;
        Ok(rows::names(conn, &caller.actor.unit)?)
    })
    .await?;
    Ok(Answer::ok(json!({"items": found.iter().map(name_view).collect::<Vec<_>>()})).respond())
}
