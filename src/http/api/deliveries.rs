//! Deliveries one by one, and a person's word about those that are held.

use crate::app::{App, AppError, foretell, resolve_delivery};
use crate::db::held::Listed;
use crate::domain::dispatch::{DeliveryState, Resolution};
use crate::domain::document;
use crate::domain::faults::Fault;
use crate::domain::ids::{DeliveryId, DispatchId};
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn};
use crate::words::Words;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// Rows a page.
const PAGE: i64 = 200;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    /// Only those in this state: `pending`, `leased`, `done`, `failed`, `effect_unknown`, `held`, `cancelled`
    state: Option<String>,
    /// The last id of the page before
    after: Option<String>,
}

/// `advice` says what to do about a paid delivery that is in trouble.
fn view((row, undecided): &(Listed, i64), words: Words) -> Value {
    let code = row.note.split(':').next().unwrap_or_default();
    let advice = Some(foretell::in_words(code, words)).filter(|said| !said.is_empty() && row.channel.ends_with("_ads"));
    json!({
        "id": row.id, "purpose": row.purpose, "channel": row.channel, "language": row.language, "province": row.province,
        "state": row.state, "attempts": row.attempts, "expected": row.expected, "sent": row.sent, "failed": row.failed,
        "undecided": undecided, "note": row.note, "advice": advice, "updated_at": row.updated_at.and_utc(),
    })
}

/// List a dispatch's deliveries, 200 a page
#[utoipa::path(tag = "dispatch", params(("id" = String, Path), DeliveryQuery),
    responses((status = 200, body = Value), (status = 404), (status = 422)))]
#[get("/dispatches/{id}/deliveries")]
pub async fn list(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
    query: web::Query<DeliveryQuery>,
    http: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(DispatchId::parse, &path)?;
    let state =
        match &query.state {
            None => None,
            Some(code) => Some(DeliveryState::parse(code).ok_or_else(|| {
                AppError::Faults(vec![Fault::at("/state", "unknown-value").with("value", code.clone())])
            })?),
        };
    let words = super::paid::words(&http);
    let (context, after) = (app.clone(), query.after.clone().unwrap_or_default());
    let rows = request::read(&app, move |conn| {
        resolve_delivery::list(conn, &context, &caller.actor, &id, state, &after, PAGE)
    })
    .await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= PAGE);
    let next = if is_full { rows.last().map(|(row, _)| row.id.clone()) } else { None };
    Ok(Answer::ok(json!({"items": rows.iter().map(|row| view(row, words)).collect::<Vec<_>>(), "next": next}))
        .respond())
}

fn word(body: &Value) -> Result<(Resolution, String), AppError> {
    Ok(document::read(body, "", |mut r| {
        let decision = r.required("decision", |r, key| r.choice(key, Resolution::parse));
        let reason = r.needed_text("reason", 3..=500);
        r.finish();
        Some((decision?, reason?))
    })?)
}

/// Settle a held delivery: `decision` is `send_again` or `count_as_sent`, with a `reason`
#[utoipa::path(tag = "dispatch", params(("id" = String, Path)), request_body = Value,
    responses((status = 200, body = Value), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/deliveries/{id}/resolution")]
pub async fn resolve(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(DeliveryId::parse, &path)?;
    let body = body.into_inner();
    let (context, actor, asked) = (app.clone(), caller.actor.clone(), body.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        // Who may not is told so before what is wrong with the body.
        resolve_delivery::may(conn, &context, &actor)?;
        let (decision, reason) = word(&asked)?;
        let state = resolve_delivery::resolve(conn, &context, &actor, &id, decision, &reason)?;
        Ok(Answer::ok(json!({"id": id.as_str(), "state": state.code()})))
    })
    .await
}

/// Settle a dispatch's held deliveries alike, 500 a request, as after a restore
#[utoipa::path(tag = "dispatch", params(("id" = String, Path)), request_body = Value,
    responses((status = 200, body = Value), (status = 403), (status = 404), (status = 422)))]
#[post("/dispatches/{id}/resolution")]
pub async fn resolve_all(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(DispatchId::parse, &path)?;
    let body = body.into_inner();
    let (context, actor, asked) = (app.clone(), caller.actor.clone(), body.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        resolve_delivery::may(conn, &context, &actor)?;
        let (decision, reason) = word(&asked)?;
        let (settled, left) = resolve_delivery::resolve_all(conn, &context, &actor, &id, decision, &reason)?;
        Ok(Answer::ok(json!({"id": id.as_str(), "settled": settled, "is_complete": left == 0})))
    })
    .await
}
