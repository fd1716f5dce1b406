//! What the advertisements of something that is out may cost.

use super::views;
use crate::app::{App, AppError, set_budget};
use crate::domain::faults::Fault;
use crate::domain::ids::AppealId;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, version_seen};
use actix_web::{HttpRequest, HttpResponse, put, web};
use serde_json::Value;

/// Let the advertisements of a live appeal cost less, or ask for more; `If-Match` on the version
///
/// `{"budget_cents": 120000}`. Less is done at once: campaigns are told, and what cannot be spent any more is given back when
/// each was seen to have it (`effect` is `lowered`). More changes nothing by itself: the decision must allow it, and the chain
/// must say yes to the plan that `GET …/plan` shows as `extension` (`effect` is `waits`, with its digest where nothing refuses
/// it). The same as now takes a wish for more back (`covered`). How far each campaign is: `money` of `GET …/report`.
#[utoipa::path(tag = "dispatch", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 409), (status = 412), (status = 422), (status = 428)))]
#[put("/appeals/{id}/budget")]
pub async fn set(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let version = version_seen(&request)?;
    let body = body.into_inner();
    let cents = body.get("budget_cents").and_then(Value::as_i64);
    let cents = cents.ok_or_else(|| AppError::Faults(vec![Fault::at("/budget_cents", "required")]))?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let (appeal, effect) = set_budget::set(conn, &context, &actor, &id, version, cents)?;
        Ok(Answer::ok(views::effect(&effect)).at(appeal.version))
    })
    .await
}
