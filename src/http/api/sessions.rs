//! A person's sessions and factors: sign in, step up, list, end, recovery codes.

use super::access::shown_once;
use crate::app::access as accounts;
use crate::app::factors::{self, Proof};
use crate::app::{App, AppError, sessions, sign_in as way_in};
use crate::domain::faults::Fault;
use crate::domain::ids::SessionId;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, SignedIn, text};
use crate::sealing::SessionToken;
use actix_web::{HttpResponse, delete, get, post, web};
use serde_json::{Value, json};

/// The one factor in a body: `code`, `recovery_code`, or `passkey` with its `ceremony` and `credential`.
pub(super) fn proof(body: &Value) -> Result<Proof, ApiError> {
    let given = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    match (given("code"), given("recovery_code"), body.get("passkey").filter(|passkey| !passkey.is_null())) {
        (Some(code), None, None) => Ok(Proof::Totp(code)),
        (None, Some(code), None) => Ok(Proof::Recovery(code)),
        (None, None, Some(passkey)) => Ok(Proof::Passkey {
            ceremony: text(passkey, "ceremony"),
            credential: passkey.get("credential").cloned().unwrap_or_default(),
        }),
        _ => Err(AppError::Faults(vec![Fault::at("", "one-factor")]).into()),
    }
}

pub(super) fn opened(token: &SessionToken) -> HttpResponse {
    // Never through the idempotency record: a token is not kept anywhere in clear.
    Answer::created("/api/v1/me".to_owned(), json!({"token": token.text().expose().as_str()})).respond()
}

/// Sign in with name, password and a second factor: `code`, `recovery_code` or `passkey`
///
/// `passkey` is `{"ceremony": …, "credential": …}`, the answer to `POST /sessions/passkey`.
#[utoipa::path(tag = "access", request_body = Value, responses((status = 201), (status = 401), (status = 429)))]
#[post("/sessions")]
pub async fn sign_in(app: web::Data<App>, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let proof = proof(&body)?;
    Ok(opened(&way_in::sign_in(&app, text(&body, "login"), text(&body, "password"), proof).await?))
}

/// Give a fresh factor: a new token in place of the one used, fresh for five minutes
///
/// A `passkey` answers `POST /sessions/current/passkey`.
#[utoipa::path(tag = "access", request_body = Value, responses((status = 201), (status = 401), (status = 403), (status = 429)))]
#[post("/sessions/current/step-up")]
pub async fn step_up(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let proof = proof(&body)?;
    Ok(opened(&sessions::step_up(&app, caller, proof).await?))
}

/// List the caller's open sessions
#[utoipa::path(tag = "access", responses((status = 200)))]
#[get("/sessions")]
pub async fn list(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let (context, actor) = (app.clone(), caller.actor.clone());
    let found = request::read(&app, move |conn| sessions::list(conn, &context, &actor)).await?;
    let items: Vec<Value> = found
        .iter()
        .map(|s| {
            json!({"id": s.id, "current": caller.is_of(&s.id), "created_at": s.created_at, "used_at": s.used_at,
                "factor_at": s.factor_at, "ends_at": s.ends_at})
        })
        .collect();
    Ok(Answer::ok(json!({"items": items})).respond())
}

/// End the caller's session
#[utoipa::path(tag = "access", responses((status = 200)))]
#[delete("/sessions/current")]
pub async fn sign_out(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    app.db.write(move |conn| accounts::sign_out(conn, &context, &caller.actor)).await?;
    Ok(Answer::ok(json!({"ended": true})).respond())
}

/// End one of the caller's sessions
#[utoipa::path(tag = "access", params(("id" = String, Path)), responses((status = 200), (status = 404)))]
#[delete("/sessions/{id}")]
pub async fn end(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(SessionId::parse, &path)?;
    let context = app.clone();
    app.db.write(move |conn| sessions::end(conn, &context, &caller.actor, &id)).await?;
    Ok(Answer::ok(json!({"ended": true})).respond())
}

/// End all of the caller's sessions, this one too
#[utoipa::path(tag = "access", responses((status = 200)))]
#[delete("/sessions")]
pub async fn end_everywhere(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    let ended = app.db.write(move |conn| sessions::end_everywhere(conn, &context, &caller.actor)).await?;
    Ok(Answer::ok(json!({"ended": ended})).respond())
}

/// Make ten new recovery codes in place of the old ones; shown once, with a fresh factor
#[utoipa::path(tag = "access", responses((status = 201), (status = 403)))]
#[post("/me/recovery-codes")]
pub async fn recovery_codes(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    let codes = app.db.write(move |conn| factors::replace_codes(conn, &context, &caller.actor)).await?;
    Ok(Answer::created("/api/v1/me".to_owned(), json!({"recovery_codes": shown_once(&codes)})).respond())
}
