//! Passkeys as factors: asked for at sign-in and for a fresh session, registered, listed, renamed, removed; and the
//! time-based factor that a passkey may replace.

use super::places::locale;
use crate::app::passkeys::{self as acts, Begun, Registration};
use crate::app::{App, factors, sign_in};
use crate::db::passkeys::Passkey;
use crate::domain::ids::PasskeyId;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, SignedIn, text};
use crate::words::Words;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use serde_json::{Value, json};

/// A challenge as the browser takes it.
pub(super) fn challenge(begun: &Begun) -> Value {
    let mut view = begun.options.clone();
    if let Some(object) = view.as_object_mut() {
        object.insert("ceremony".to_owned(), json!(begun.ceremony.as_str()));
        object.insert("ends_at".to_owned(), json!(begun.ends_at));
    }
    view
}

fn asked(begun: &Begun) -> HttpResponse {
    Answer { status: actix_web::http::StatusCode::CREATED, location: None, etag: None, body: challenge(begun) }
        .respond()
}

/// What the owner is told about a passkey that is worth nothing any more.
pub(super) fn notice(passkey: &Passkey, words: Words) -> Option<Value> {
    passkey.refused_at.map(|at| {
        let detail = words.say_with("notice-passkey-counter", &[("name", passkey.name.as_str())]);
        json!({"code": "passkey-counter", "passkey": passkey.id.as_str(), "at": at, "detail": detail})
    })
}

fn view(passkey: &Passkey, words: Words) -> Value {
    json!({"id": passkey.id.as_str(), "name": passkey.name, "created_at": passkey.created_at,
        "used_at": passkey.used_at, "refused_at": passkey.refused_at, "notice": notice(passkey, words)})
}

/// Ask for one of the account's passkeys, to sign in with
///
/// Takes `login` and `password`; a wrong one counts as a wrong sign-in. The answer is for `navigator.credentials.get`; what
/// that makes goes to `POST /sessions` as `passkey`, with name and password, within five minutes.
#[utoipa::path(tag = "access", request_body = Value, responses((status = 201), (status = 401), (status = 409), (status = 429)))]
#[post("/sessions/passkey")]
pub async fn ask_at_sign_in(app: web::Data<App>, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    Ok(asked(&sign_in::ask_passkey(&app, text(&body, "login"), text(&body, "password")).await?))
}

/// Ask for one of the caller's passkeys, to make the session fresh
#[utoipa::path(tag = "access", responses((status = 201), (status = 403), (status = 409), (status = 429)))]
#[post("/sessions/current/passkey")]
pub async fn ask_in_session(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    Ok(asked(&app.db.write(move |conn| acts::begin_step_up(conn, &context, &caller.actor)).await?))
}

/// Ask for a new passkey of the caller, with a fresh factor
///
/// The answer is for `navigator.credentials.create`; what that makes goes to `POST /me/passkeys` within five minutes.
#[utoipa::path(tag = "access", responses((status = 201), (status = 403), (status = 409)))]
#[post("/me/passkeys/challenge")]
pub async fn begin(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    Ok(asked(&app.db.write(move |conn| acts::begin_registration(conn, &context, &caller.actor)).await?))
}

/// Register a passkey: `ceremony`, `credential` and a `name` for it; ends the caller's other sessions
#[utoipa::path(tag = "access", request_body = Value,
    responses((status = 201), (status = 403), (status = 409), (status = 422), (status = 429)))]
#[post("/me/passkeys")]
pub async fn register(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let given = Registration {
        ceremony: text(&body, "ceremony"),
        name: text(&body, "name"),
        credential: body.get("credential").cloned().unwrap_or_default(),
    };
    let passkey = acts::register(&app, caller.actor, given).await?;
    let address = format!("/api/v1/me/passkeys/{}", passkey.id);
    Ok(Answer::created(address, view(&passkey, Words::of(locale(&request)))).respond())
}

/// List the caller's passkeys
#[utoipa::path(tag = "access", responses((status = 200), (status = 403)))]
#[get("/me/passkeys")]
pub async fn list(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let found = request::read(&app, move |conn| acts::list(conn, &caller.actor)).await?;
    let words = Words::of(locale(&request));
    Ok(Answer::ok(json!({"items": found.iter().map(|key| view(key, words)).collect::<Vec<_>>()})).respond())
}

/// Give one of the caller's passkeys another name
#[utoipa::path(tag = "access", request_body = Value, params(("id" = String, Path)),
    responses((status = 200), (status = 404), (status = 422)))]
#[patch("/me/passkeys/{id}")]
pub async fn rename(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(PasskeyId::parse, &path)?;
    let (context, name) = (app.clone(), text(&body, "name"));
    app.db.write(move |conn| acts::rename(conn, &context, &caller.actor, &id, &name)).await?;
    Ok(Answer::ok(json!({"renamed": true})).respond())
}

/// Remove one of the caller's passkeys, never the last factor, with a fresh one; ends the caller's other sessions
#[utoipa::path(tag = "access", params(("id" = String, Path)),
    responses((status = 200), (status = 403), (status = 404), (status = 409)))]
#[delete("/me/passkeys/{id}")]
pub async fn remove(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(PasskeyId::parse, &path)?;
    let context = app.clone();
    app.db.write(move |conn| acts::remove(conn, &context, &caller.actor, &id)).await?;
    Ok(Answer::ok(json!({"removed": true})).respond())
}

/// Remove the caller's time-based factor; a passkey must remain. Ends the caller's other sessions
#[utoipa::path(tag = "access", responses((status = 200), (status = 403), (status = 404), (status = 409)))]
#[delete("/me/totp")]
pub async fn remove_totp(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    app.db.write(move |conn| factors::remove_totp(conn, &context, &caller.actor)).await?;
    Ok(Answer::ok(json!({"removed": true})).respond())
}

/// Give the caller a time-based factor where they have none; shown once. Ends the caller's other sessions
#[utoipa::path(tag = "access", responses((status = 201), (status = 403), (status = 409)))]
#[post("/me/totp")]
pub async fn add_totp(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    let (secret, uri) = app.db.write(move |conn| factors::add_totp(conn, &context, &caller.actor)).await?;
    let view = json!({"totp_secret": secret.expose().as_str(), "otpauth_uri": uri.expose().as_str()});
    Ok(Answer::created("/api/v1/me".to_owned(), view).respond())
}
