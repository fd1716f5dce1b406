//! How long the responses of a closed appeal are kept, and holding them.

use crate::app::{App, AppError, retention};
use crate::db::retention::Retention;
use crate::domain::faults::Fault;
use crate::domain::ids::AppealId;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, text};
use actix_web::{HttpRequest, HttpResponse, get, put, web};
use serde_json::{Value, json};

fn view(kept: Option<&Retention>) -> Value {
    json!({
        "retain_until": kept.map(|kept| kept.until), "warned_at": kept.and_then(|kept| kept.warned_at),
        "erased_at": kept.and_then(|kept| kept.erased_at),
        "hold": kept.and_then(|kept| kept.held.as_ref()).map(|(by, reason)| json!({"by": by, "reason": reason})),
    })
}

/// Until when an appeal's responses are kept; all `null` while it is open
#[utoipa::path(tag = "responses", params(("id" = String, Path)), responses((status = 200)))]
#[get("/appeals/{id}/retention")]
pub async fn show(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let context = app.clone();
    let kept = request::read(&app, move |conn| retention::show(conn, &context, &caller.actor, &id)).await?;
    Ok(Answer::ok(view(kept.as_ref())).respond())
}

/// Hold an appeal's responses for proceedings, or let them go: `{"hold": true, "reason": "…"}`
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 409), (status = 422)))]
#[put("/appeals/{id}/retention")]
pub async fn hold(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let body = body.into_inner();
    let missing = || AppError::from(vec![Fault::at("/hold", "required")]);
    let held = body.get("hold").and_then(Value::as_bool).ok_or_else(missing)?;
    let reason = text(&body, "reason");
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let kept = retention::hold(conn, &context, &actor, &id, held, &reason)?;
        Ok(Answer::ok(view(Some(&kept))))
    })
    .await
}
