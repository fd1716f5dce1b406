//! Takedown, closure, and what came of an appeal.

use super::views;
use crate::app::{App, AppError, take_down, work_response};
use crate::db::{appeals, authorisations, publications};
use crate::domain::actor::Permission;
use crate::domain::faults::Fault;
use crate::domain::ids::AppealId;
use crate::domain::outcome::Outcome;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, text};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde_json::{Value, json};

/// Take an appeal down everywhere; one person, no step-up
#[utoipa::path(tag = "dispatch", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 409)))]
#[post("/appeals/{id}/takedown")]
pub async fn takedown(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let body = body.into_inner();
    let reason = text(&body, "reason");
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let appeal = take_down::take_down(conn, &context, &actor, &id, &reason)?;
        let channels = takedown_report(conn, &id)?;
        Ok(Answer::ok(json!({"appeal": id.as_str(), "stage": appeal.stage.code(), "channels": channels}))
            .at(appeal.version))
    })
    .await
}

fn takedown_report(conn: &mut crate::db::Conn, id: &AppealId) -> Result<Vec<Value>, AppError> {
    Ok(publications::takedowns_of(conn, id)?
        .iter()
        .map(|t| {
            json!({"channel": t.channel.code(), "language": t.language.code(), "reason": t.reason, "decided_at": t.decided_at,
                "started_at": t.started_at, "done_at": t.done_at, "proof": t.proof})
        })
        .collect())
}

/// End an appeal with its outcome and tell everyone alerted
#[utoipa::path(tag = "dispatch", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 409), (status = 422)))]
#[post("/appeals/{id}/closure")]
pub async fn close(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let body = body.into_inner();
    let outcome = Outcome::parse(&text(&body, "outcome")).ok_or_else(|| {
        AppError::Faults(vec![Fault::at("/outcome", "unknown-value").with("value", text(&body, "outcome"))])
    })?;
    let reason = text(&body, "reason");
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let appeal = take_down::close(conn, &context, &actor, &id, outcome, &reason)?;
        let channels = takedown_report(conn, &id)?;
        Ok(Answer::ok(json!({"appeal": id.as_str(), "stage": appeal.stage.code(), "outcome": outcome.code(), "channels": channels})).at(appeal.version))
    })
    .await
}

/// What came of an appeal: dispatches, takedowns, responses in numbers
#[utoipa::path(tag = "responses", params(("id" = String, Path)), responses((status = 200)))]
#[get("/appeals/{id}/report")]
pub async fn report(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let context = app.clone();
    let view = request::read(&app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may(Permission::ReadAppeals, now)?;
        let appeal = appeals::of_unit(conn, &id, &caller.actor.unit)?;
        let mut dispatches = Vec::new();
        for dispatch in crate::db::dispatches::dispatches_of(conn, &id)? {
            let tally = crate::db::dispatches::tally(conn, &dispatch.id)?;
            dispatches.push(views::dispatch(&dispatch, &tally));
        }
        let counts = work_response::counts(conn, &id)?;
        let validations: Vec<Value> = authorisations::validations_of(conn, &id)?
            .iter()
            .map(|v| json!({"verdict": v.verdict.code(), "plan_digest": v.plan.as_str(), "reasons": v.reasons, "at": v.at}))
            .collect();
        Ok(json!({
            "appeal": id.as_str(), "stage": appeal.stage.code(), "outcome": appeal.outcome.map(Outcome::code),
            "dispatches": dispatches, "takedowns": takedown_report(conn, &id)?, "validations": validations,
            "responses": {"received": counts.received, "useful": counts.useful, "by": counts.by},
        }))
    })
    .await?;
    Ok(Answer::ok(view).respond())
}
