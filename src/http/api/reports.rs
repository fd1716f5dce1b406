//! Reports of illegal content: the list of those who look at them, opened there under the audit, and decided.

use super::views;
use crate::app::reports;
use crate::db::reports::Report;
use crate::domain::ids::{ResponseId, UnitId};
use crate::domain::report::ReportVerdict;
use crate::http::problem::ApiError;
use crate::http::request::{Answer, Desk, text, unknown};
use actix_web::{HttpResponse, get, post, put, web};
use serde::Deserialize;
use serde_json::{Value, json};

fn view(report: &Report) -> Value {
    json!({
        "id": report.response.as_str(), "appeal": report.appeal.as_str(), "unit": report.unit.as_str(),
        "role": report.role.code(), "rule": report.rule, "routed_at": report.routed_at, "due_at": report.due_at,
        "version": report.version, "verdict": report.verdict,
        "decided_by": report.decided.as_ref().map(|(by, _)| by.as_str()),
        "decided_at": report.decided.as_ref().map(|(_, at)| at),
    })
}

/// Where to go on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportsQuery {
    open: Option<bool>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// List the reports of illegal content that the unit looks at, newest first; `open=true`: only the undecided ones
///
/// They are in nobody's queue. The rules say to which role they go and by when one must be opened; which unit, its
/// administrators say (`PUT /units/{id}/report-receiver`). Every look at the list is in the audit.
#[utoipa::path(tag = "reports", params(("open" = Option<bool>, Query), ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query)), responses((status = 200), (status = 403)))]
#[get("/reports")]
pub async fn list(desk: Desk, query: web::Query<ReportsQuery>) -> Result<HttpResponse, ApiError> {
    let ReportsQuery { open: undecided, cursor, limit } = query.into_inner();
    let limit = limit.unwrap_or(50).clamp(1, 200);
    let undecided = undecided.unwrap_or(false);
    let found = desk
        .read(move |conn, app, caller| reports::list(conn, app, &caller.actor, undecided, cursor.as_deref(), limit + 1))
        .await?;
    let shown = usize::try_from(limit).unwrap_or(50);
    let next = (found.len() > shown).then(|| found.get(shown - 1).map(|report| report.response.to_string())).flatten();
    let items: Vec<Value> = found.iter().take(shown).map(view).collect();
    let unit = desk.caller.actor.unit.to_string();
    desk.note_reading("reports.listed", &unit, format!("{} shown", items.len())).await?;
    Ok(Answer::ok(json!({"items": items, "next_cursor": next})).respond())
}

/// Why a report is opened.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadQuery {
    reason: Option<String>,
}

/// Open a report; `reason` is kept in the audit before a word is shown. Its files are never shown
#[utoipa::path(tag = "reports", params(("id" = String, Path), ("reason" = String, Query)), responses((status = 200), (status = 403), (status = 404), (status = 422)))]
#[get("/reports/{id}")]
pub async fn open(desk: Desk, query: web::Query<ReadQuery>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(ResponseId::parse)?;
    let reason = query.into_inner().reason.unwrap_or_default();
    let (report, opened) =
        desk.consult(move |conn, app, caller| reports::open(conn, app, caller, &id, &reason)).await?;
    let mut shown = view(&report);
    if let Some(object) = shown.as_object_mut() {
        object.insert("response".to_owned(), views::opened(&opened));
    }
    Ok(Answer::ok(shown).at(report.version).respond())
}

/// Decide a report: `verdict` is `illegal`, `not_illegal`, `passed_on` or `not_a_report` (then it goes to the queue), with a
/// `reason`; its sender reads the decision in their thread. `If-Match` on the version
#[utoipa::path(tag = "reports", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 403), (status = 404), (status = 409), (status = 412), (status = 422)))]
#[post("/reports/{id}/decision")]
pub async fn decide(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let (id, version) = (desk.id(ResponseId::parse)?, desk.version()?);
    let (verdict, reason) = (text(&body, "verdict"), text(&body, "reason"));
    let verdict = ReportVerdict::parse(&verdict).ok_or_else(|| unknown("/verdict", &verdict))?;
    desk.write(&body, move |conn, app, caller| {
        let report = reports::decide(conn, app, &caller.actor, &id, version, verdict, &reason)?;
        Ok(Answer::ok(view(&report)).at(report.version))
    })
    .await
}

/// Which unit looks at the own unit's reports of illegal content
#[utoipa::path(tag = "reports", params(("id" = String, Path)), responses((status = 200), (status = 403), (status = 404)))]
#[get("/units/{id}/report-receiver")]
pub async fn receiver(desk: Desk) -> Result<HttpResponse, ApiError> {
    let id = desk.id(UnitId::parse)?;
    let unit = desk.read(move |conn, app, caller| reports::receiver(conn, app, &caller.actor, &id)).await?;
    Ok(Answer::ok(json!({"unit": unit.as_str()})).respond())
}

/// Have another unit look at the own unit's reports of illegal content from now on: `{"unit": "unt_…"}`
#[utoipa::path(tag = "reports", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 403), (status = 404), (status = 422)))]
#[put("/units/{id}/report-receiver")]
pub async fn set_receiver(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(UnitId::parse)?;
    let named = text(&body, "unit");
    let named = UnitId::parse(&named).map_err(|_| unknown("/unit", &named))?;
    desk.write(&body, move |conn, app, caller| {
        reports::set_receiver(conn, app, &caller.actor, &id, &named)?;
        Ok(Answer::ok(json!({"unit": named.as_str()})))
    })
    .await
}
