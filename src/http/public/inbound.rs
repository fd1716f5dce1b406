//! Where platforms forward messages to: a challenge when the address is registered, then signed calls. Answers say nothing
//! of what is known here.

use crate::app::App;
use crate::app::inbound_platform::{self, Forwarded};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::Value;
use subtle::ConstantTimeEq;

/// What a platform asks when the address is registered.
#[derive(Deserialize)]
pub struct Challenge {
    #[serde(rename = "hub.verify_token", default)]
    token: String,
    #[serde(rename = "hub.challenge", default)]
    challenge: String,
}

/// Answers the challenge, if it knows our word.
pub async fn register(app: web::Data<App>, query: web::Query<Challenge>) -> HttpResponse {
    let word = app.config.responses.webhook_word.reveal();
    let same: bool = word.as_bytes().ct_eq(query.token.as_bytes()).into();
    let plain = query.challenge.len() <= 200 && query.challenge.bytes().all(|b| b.is_ascii_alphanumeric());
    if word.is_empty() || !same || !plain {
        return HttpResponse::Forbidden().finish();
    }
    HttpResponse::Ok().content_type("text/plain").body(query.challenge.clone())
}

/// Takes messages; 401 when the signature is not made over these bytes.
pub async fn forward(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let signature = request.headers().get("x-hub-signature-256").and_then(|value| value.to_str().ok());
    if !inbound_platform::is_signed(&app, &body, signature.unwrap_or_default()) {
        return HttpResponse::Unauthorized().finish();
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else { return HttpResponse::BadRequest().finish() };
    match inbound_platform::receive(&app, &body).await {
        Ok(Forwarded { taken, repeated, unmatched }) => {
            tracing::info!(event = "responses.forwarded", taken, repeated, unmatched);
            HttpResponse::Ok().finish()
        }
        // The platform repeats the call.
        Err(cause) => {
            tracing::error!(event = "responses.forwarded", %cause);
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}
