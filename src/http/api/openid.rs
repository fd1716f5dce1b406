//! Sign-in through the configured identity provider, and the binding of the caller's account to a person there.

use super::passkeys::challenge;
use super::sessions::{opened, proof};
use crate::app::openid::{self as acts, Begin, Came, Ticket};
use crate::app::{App, AppError};
use crate::db::openid::Binding;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, SignedIn, text};
use actix_web::{HttpResponse, delete, get, post, web};
use serde_json::{Value, json};

fn departed(away: &Begin) -> HttpResponse {
    let body = json!({"authorization_url": away.url, "state": away.state.expose().as_str(),
        "secret": away.secret.expose().as_str(), "ends_at": away.ends_at});
    Answer { status: actix_web::http::StatusCode::CREATED, location: None, etag: None, body }.respond()
}

fn ticket(body: &Value) -> Ticket {
    Ticket { state: text(body, "state"), secret: text(body, "secret") }
}

fn view(binding: &Binding) -> Value {
    json!({"id": binding.id.as_str(), "issuer": binding.issuer, "subject": binding.subject,
        "created_at": binding.created_at, "used_at": binding.used_at})
}

/// Begin to sign in through the identity provider
///
/// The browser goes to `authorization_url`; keep `secret`. The provider sends the browser back to the configured address
/// with `code` and `state`, which go with `secret` to `POST /sessions/openid/code` within five minutes.
#[utoipa::path(tag = "access", responses((status = 201), (status = 409), (status = 429), (status = 503)))]
#[post("/sessions/openid")]
pub async fn begin(app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    Ok(departed(&acts::begin(&app, None).await?))
}

/// Sign in with what the identity provider sent back: `state`, `secret` and its `code`
///
/// 201 with a token where the provider's own second factor is accepted; else 200 with `factor_needed` and, where the account
/// has passkeys, a challenge in `passkey`: the factor goes to `POST /sessions/openid/factor`.
#[utoipa::path(tag = "access", request_body = Value,
    responses((status = 200), (status = 201), (status = 401), (status = 409), (status = 503)))]
#[post("/sessions/openid/code")]
pub async fn code(app: web::Data<App>, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    Ok(match acts::bring_code(&app, ticket(&body), &text(&body, "code")).await? {
        Came::In(token) => opened(&token),
        Came::FactorOwed(begun) => {
            Answer::ok(json!({"factor_needed": true, "passkey": begun.as_ref().map(challenge)})).respond()
        }
    })
}

/// Give the second factor that a sign-in through the identity provider still needs
///
/// `state`, `secret`, and one of `code` (of the authenticator), `recovery_code` or `passkey`.
#[utoipa::path(tag = "access", request_body = Value,
    responses((status = 201), (status = 401), (status = 409), (status = 422), (status = 429)))]
#[post("/sessions/openid/factor")]
pub async fn factor(app: web::Data<App>, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let proof = proof(&body)?;
    Ok(opened(&acts::bring_factor(&app, ticket(&body), proof).await?))
}

/// Begin to bind the caller's account to a person at the identity provider, with a fresh factor
#[utoipa::path(tag = "access", responses((status = 201), (status = 403), (status = 409), (status = 503)))]
#[post("/me/openid")]
pub async fn begin_binding(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    Ok(departed(&acts::begin(&app, Some(caller.actor)).await?))
}

/// Bind the caller's account with what the identity provider sent back: `state`, `secret` and its `code`
#[utoipa::path(tag = "access", request_body = Value,
    responses((status = 201), (status = 401), (status = 403), (status = 409), (status = 503)))]
#[post("/me/openid/code")]
pub async fn bind(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let binding = acts::bind_own(&app, caller.actor, ticket(&body), &text(&body, "code")).await?;
    Ok(Answer::created("/api/v1/me/openid".to_owned(), view(&binding)).respond())
}

/// Read the caller's person at the identity provider
#[utoipa::path(tag = "access", responses((status = 200), (status = 403), (status = 404)))]
#[get("/me/openid")]
pub async fn show(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let found = request::read(&app, move |conn| acts::own(conn, &caller.actor)).await?;
    Ok(Answer::ok(view(&found.ok_or(AppError::NotFound)?)).respond())
}

/// End the binding of the caller's account, with a fresh factor; ends the caller's other sessions
#[utoipa::path(tag = "access", responses((status = 200), (status = 403), (status = 404)))]
#[delete("/me/openid")]
pub async fn unbind(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    app.db.write(move |conn| acts::unbind(conn, &context, &caller.actor)).await?;
    Ok(Answer::ok(json!({"ended": true})).respond())
}
