//! What officers say of the person sought, and the second officer's word; victims and owners identified.

use crate::app::identify::{self, Identified};
use crate::app::statements;
use crate::db::identifications::Identification;
use crate::db::statements::Statement;
use crate::domain::ids::{AppealId, IdentificationId, LotId, ResponseId, StatementId};
use crate::domain::statement::Says;
use crate::http::problem::ApiError;
use crate::http::request::{Answer, Desk, text, unknown};
use actix_web::{HttpResponse, delete, get, post, web};
use serde_json::{Value, json};

fn view(statement: &Statement) -> Value {
    json!({
        "id": statement.id.as_str(), "appeal": statement.appeal.as_str(), "says": statement.says.code(),
        "response": statement.response.as_ref().map(ResponseId::as_str), "state": statement.state.code(),
        "proposed_by": statement.proposed_by.0.as_str(), "proposed_at": statement.proposed_at,
        "decided_by": statement.decided.as_ref().map(|(by, _)| by.as_str()),
        "decided_at": statement.decided.as_ref().map(|(_, at)| at),
    })
}

/// Say that the person sought is `deceased`, `safe` or `located` (`says`), by which `response` if by one, with a `reason`
///
/// It counts once another person confirms it. Until then the response cannot be called useful, and the appeal cannot end as
/// `found_deceased`; nor as `found_safe` or `located_minor` while that rests on an answer.
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 403), (status = 404), (status = 422)))]
#[post("/appeals/{id}/statements")]
pub async fn propose(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(AppealId::parse)?;
    let (says, reason) = (text(&body, "says"), text(&body, "reason"));
    let says = Says::parse(&says).ok_or_else(|| unknown("/says", &says))?;
    let response = body.get("response").filter(|id| !id.is_null()).map(|id| id.as_str().unwrap_or_default());
    let response = response.map(|id| ResponseId::parse(id).map_err(|_| unknown("/response", id))).transpose()?;
    desk.write(&body, move |conn, app, caller| {
        let made = statements::propose(conn, app, &caller.actor, &id, (says, response.as_ref()), &reason)?;
        Ok(Answer::created(format!("/api/v1/appeals/{id}/statements"), view(&made)))
    })
    .await
}

/// List what officers say of the person sought, oldest first
#[utoipa::path(tag = "responses", params(("id" = String, Path)), responses((status = 200), (status = 403), (status = 404)))]
#[get("/appeals/{id}/statements")]
pub async fn list(desk: Desk) -> Result<HttpResponse, ApiError> {
    let id = desk.id(AppealId::parse)?;
    let found = desk.read(move |conn, app, caller| statements::list(conn, app, &caller.actor, &id)).await?;
    Ok(Answer::ok(json!({"items": found.iter().map(view).collect::<Vec<_>>()})).respond())
}

/// Be the second officer: `{"confirms": true, "reason": "…"}`; another person than the first
#[utoipa::path(tag = "responses", params(("id" = String, Path), ("statement" = String, Path)), request_body = Value, responses((status = 200), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/appeals/{id}/statements/{statement}/decision")]
pub async fn decide(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let (id, statement) = (desk.id(AppealId::parse)?, desk.part("statement", StatementId::parse)?);
    let confirms = body.get("confirms").and_then(Value::as_bool).ok_or_else(|| unknown("/confirms", ""))?;
    let reason = text(&body, "reason");
    desk.write(&body, move |conn, app, caller| {
        let decided = statements::decide(conn, app, &caller.actor, (&id, &statement), confirms, &reason)?;
        Ok(Answer::ok(view(&decided)))
    })
    .await
}

fn named(one: &Identification) -> Value {
    json!({
        "id": one.id.as_str(), "appeal": one.appeal.as_str(), "response": one.response.as_str(), "of": one.of,
        "lot": one.lot.as_ref().map(LotId::as_str), "same_as": one.same_as.as_ref().map(IdentificationId::as_str),
        "named": one.sealed_name.is_some(), "by": one.by.as_str(), "at": one.at,
    })
}

/// Note who a response identified: `of` is `victim` or `owner`; `name` (sealed), `lot` and `same_as` where they apply
///
/// Each is counted once: `same_as` names another identification of the same person.
#[utoipa::path(tag = "responses", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 403), (status = 404), (status = 422)))]
#[post("/responses/{id}/identifications")]
pub async fn note_identified(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(ResponseId::parse)?;
    let same_as = body.get("same_as").filter(|id| !id.is_null()).map(|id| id.as_str().unwrap_or_default());
    let same_as = same_as.map(|id| IdentificationId::parse(id).map_err(|_| unknown("/same_as", id))).transpose()?;
    let who = Identified {
        of: text(&body, "of"),
        lot: body.get("lot").and_then(Value::as_i64),
        name: text(&body, "name"),
        same_as,
    };
    desk.write(&body, move |conn, app, caller| {
        let one = identify::add(conn, app, &caller.actor, &id, &who)?;
        Ok(Answer::created(format!("/api/v1/responses/{id}"), named(&one)))
    })
    .await
}

/// List who was identified by which response, without names, oldest first
#[utoipa::path(tag = "responses", params(("id" = String, Path)), responses((status = 200), (status = 403), (status = 404)))]
#[get("/appeals/{id}/identifications")]
pub async fn identified(desk: Desk) -> Result<HttpResponse, ApiError> {
    let id = desk.id(AppealId::parse)?;
    let found = desk.read(move |conn, app, caller| identify::list(conn, app, &caller.actor, &id)).await?;
    Ok(Answer::ok(json!({"items": found.iter().map(named).collect::<Vec<_>>()})).respond())
}

/// Take back an identification that was noted by mistake, with a `reason`
#[utoipa::path(tag = "responses", params(("id" = String, Path), ("identification" = String, Path)), request_body = Value, responses((status = 200), (status = 403), (status = 404), (status = 422)))]
#[delete("/responses/{id}/identifications/{identification}")]
pub async fn take_back(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let (id, one) = (desk.id(ResponseId::parse)?, desk.part("identification", IdentificationId::parse)?);
    let reason = text(&body, "reason");
    desk.write(&body, move |conn, app, caller| {
        identify::remove(conn, app, &caller.actor, (&id, &one), &reason)?;
        Ok(Answer::ok(json!({"id": one.as_str(), "taken_back": true})))
    })
    .await
}
