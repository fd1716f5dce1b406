//! Takedown, closure, and what came of an appeal.

use super::{paid, takedown_page, views};
use crate::app::access::Caller;
use crate::app::{App, AppError, ad_report, follow_dispatch, take_down, work_response};
use crate::db::{Conn, appeals, authorisations, dispatches, ledger, paid_changes, paid_effects, takedowns};
use crate::domain::actor::Permission;
use crate::domain::faults::Fault;
use crate::domain::ids::AppealId;
use crate::domain::outcome::Outcome;
use crate::domain::takedown::target;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, text};
use crate::words::{Locale, Words};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
        let now = context.clock.now(conn)?;
        let channels = takedown_report(conn, &id, now)?;
        Ok(Answer::ok(json!({"appeal": id.as_str(), "stage": appeal.stage.code(), "channels": channels}))
            .at(appeal.version))
    })
    .await
}

fn takedown_report(conn: &mut Conn, id: &AppealId, now: DateTime<Utc>) -> Result<Vec<Value>, AppError> {
    Ok(takedowns::takedowns_of(conn, id)?
        .iter()
        .map(|t| {
            let took = t.done_at.unwrap_or(now) - t.decided_at;
            json!({"channel": t.channel.code(), "language": t.language.code(), "reason": t.reason, "decided_at": t.decided_at,
                "started_at": t.started_at, "done_at": t.done_at, "proof": t.proof, "state": t.state.code(),
                "seconds": took.num_seconds(), "target_seconds": target(t.channel).num_seconds(),
                "late": took > target(t.channel), "looks": t.looks, "looked_at": t.looked_at,
                "next_look_at": t.due_at, "failure": t.failure})
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
        let now = context.clock.now(conn)?;
        let channels = takedown_report(conn, &id, now)?;
        Ok(Answer::ok(json!({"appeal": id.as_str(), "stage": appeal.stage.code(), "outcome": outcome.code(), "channels": channels})).at(appeal.version))
    })
    .await
}

/// What an appeal may cost, what is set aside and spent, campaign by campaign; `null` without a paid channel.
fn money(conn: &mut Conn, id: &AppealId, words: Words) -> Result<Value, AppError> {
    let Some(budget) = ledger::budget(conn, id)? else { return Ok(Value::Null) };
    let mut changes = BTreeMap::new();
    let all = paid_effects::of_appeal(conn, id)?;
    for (effect, _) in &all {
        if let Some(change) = paid_changes::latest(conn, &effect.delivery)? {
            changes.insert(effect.delivery.clone(), paid::change(&change, words));
        }
    }
    let campaigns: Vec<Value> = all
        .iter()
        .map(|(effect, language)| {
            json!({
                "change": changes.get(&effect.delivery),
                "delivery": effect.delivery.as_str(), "channel": effect.channel.code(), "language": language.code(),
                "phase": effect.course.phase.code(), "external_id": effect.course.external_id,
                "cap_cents": effect.cap_cents, "reserved_cents": effect.reserved_cents,
                "spent_cents": effect.reported_cents, "ends_at": effect.ends_at, "ended_at": effect.ended_at,
                "drift": effect.drift,
            })
        })
        .collect();
    Ok(json!({
        "currency": "EUR", "ceiling_cents": budget.ceiling_cents, "authorised_cents": budget.authorised_cents,
        "wished_cents": paid_changes::wish(conn, id)?, "reserved_cents": budget.reserved_cents,
        "committed_cents": budget.committed_cents, "campaigns": campaigns,
    }))
}

/// In which shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportQuery {
    #[serde(rename = "as")]
    shape: Option<String>,
    language: Option<String>,
}

/// The takedown as a page to print.
async fn takedown_paper(
    app: &web::Data<App>,
    caller: Caller,
    id: AppealId,
    words: Words,
) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    let bytes = request::read(app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may(Permission::ReadAppeals, now)?;
        let appeal = appeals::of_unit(conn, &id, &caller.actor.unit)?;
        let rows = takedowns::takedowns_of(conn, &id)?;
        let subject = takedown_page::Subject { title: &appeal.draft.title, id: id.as_str(), now };
        Ok::<_, AppError>(takedown_page::page(&subject, &rows, words))
    })
    .await?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(("content-disposition", "attachment; filename=\"takedown.pdf\""))
        .insert_header(("cache-control", "private, no-store"))
        .body(bytes))
}

/// What came of an appeal: dispatches, takedowns, money, advertisements, responses in numbers
///
/// `as=pdf` is what became of the takedown, on a page: per channel what was asked and when, the clock, the proof from outside
/// or the name of what is in the way; `language` is `fr`, `nl`, `de` or `en`, the reader's own when missing.
///
/// `paid` has a row for each platform and language: reach, clicks, responses through the link, cost of a response, what was
/// expected, and what stands in the way (`trouble`, with what to do about it). `money` has each campaign's ledger and its
/// newest `change`: what it is to cost and when it is to end, whether the platform was seen to have it, and if not, why.
#[utoipa::path(tag = "responses", params(("id" = String, Path), ("as" = Option<String>, Query), ("language" = Option<String>, Query)),
    responses((status = 200, body = Value), (status = 200, content_type = "application/pdf"), (status = 422)))]
#[get("/appeals/{id}/report")]
pub async fn report(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    http: HttpRequest,
    path: web::Path<String>,
    query: web::Query<ReportQuery>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let (context, mut words) = (app.clone(), paid::words(&http));
    let ReportQuery { shape, language } = query.into_inner();
    if let Some(code) = language {
        let unknown = |_| AppError::Faults(vec![Fault::at("/language", "unknown-value").with("value", &code)]);
        words = Words::of(Locale::parse(&code).map_err(unknown)?);
    }
    match shape.as_deref() {
        None | Some("json") => {}
        Some("pdf") => return takedown_paper(&app, caller, id, words).await,
        Some(other) => {
            return Err(AppError::Faults(vec![Fault::at("/as", "unknown-value").with("value", other)]).into());
        }
    }
    let view = request::read(&app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may(Permission::ReadAppeals, now)?;
        let appeal = appeals::of_unit(conn, &id, &caller.actor.unit)?;
        let mut sent = Vec::new();
        for dispatch in dispatches::dispatches_of(conn, &id)? {
            sent.push(views::dispatch(&follow_dispatch::progress(conn, dispatch, now)?));
        }
        let counts = work_response::counts(conn, &id)?;
        let validations: Vec<Value> = authorisations::validations_of(conn, &id)?
            .iter()
            .map(|v| json!({"verdict": v.verdict.code(), "plan_digest": v.plan.as_str(), "reasons": v.reasons, "at": v.at}))
            .collect();
        Ok(json!({
            "appeal": id.as_str(), "stage": appeal.stage.code(), "outcome": appeal.outcome.map(Outcome::code),
            "dispatches": sent, "takedowns": takedown_report(conn, &id, now)?, "validations": validations,
            "money": money(conn, &id, words)?, "paid": paid::results(&ad_report::results(conn, &id)?, words),
            "responses": {"received": counts.received, "useful": counts.useful, "by": counts.by},
        }))
    })
    .await?;
    Ok(Answer::ok(view).respond())
}
