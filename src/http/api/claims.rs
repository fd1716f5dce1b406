//! Claims on lots: listed, examined, decided by two officers, handed over.

use crate::app::{App, AppError, claims};
use crate::db::claims::Claim;
use crate::domain::claim::{ClaimProof, ClaimVerdict, HiddenAnswer};
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, ClaimId, ResponseId};
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, text, version_seen};
use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use serde::Deserialize;
use serde_json::{Value, json};

fn view(claim: &Claim) -> Value {
    json!({
        "id": claim.judged.id.as_str(), "response": claim.response.as_str(), "lot": claim.lot.as_str(),
        "state": claim.judged.standing.code(), "hidden": claim.judged.hidden.code(), "version": claim.version,
        "proofs": claim.judged.proofs.iter().map(|proof| proof.code()).collect::<Vec<_>>(),
        "proposed_by": claim.judged.proposed_by.as_ref().map(ToString::to_string),
        "decided_by": claim.decided_by.as_ref().map(ToString::to_string), "decided_at": claim.decided_at,
        "returned_at": claim.returned_at, "received_at": claim.received_at,
    })
}

fn unknown(key: &str, value: &str) -> AppError {
    AppError::Faults(vec![Fault::at(format!("/{key}"), "unknown-value").with("value", value)])
}

/// Which claims.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LotQuery {
    lot: Option<i64>,
}

/// An appeal's claims, oldest first, and how many of its lots are open, claimed, disputed, awarded, returned
#[utoipa::path(tag = "claims", params(("id" = String, Path), ("lot" = Option<i64>, Query)), responses((status = 200)))]
#[get("/appeals/{id}/claims")]
pub async fn list(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
    query: web::Query<LotQuery>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let context = app.clone();
    let found = request::read(&app, move |conn| claims::list(conn, &context, &caller.actor, &id, query.lot)).await?;
    let items: Vec<Value> = found
        .claims
        .iter()
        .map(|(claim, number, competing)| {
            let mut view = view(claim);
            if let Some(object) = view.as_object_mut() {
                object.insert("lot_number".to_owned(), json!(number));
                object.insert("competing".to_owned(), json!(competing));
            }
            view
        })
        .collect();
    Ok(Answer::ok(json!({"items": items, "lots": found.lots})).respond())
}

/// Register a claim on a lot that a response makes otherwise than through the lot's own button: `{"lot": 12}`
#[utoipa::path(tag = "claims", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 409), (status = 422)))]
#[post("/responses/{id}/claims")]
pub async fn register(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(ResponseId::parse, &path)?;
    let body = body.into_inner();
    let lot = body.get("lot").and_then(Value::as_i64).ok_or_else(|| unknown("lot", ""))?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let claim = claims::register(conn, &context, &actor, &id, lot)?;
        Ok(Answer::created(format!("/api/v1/responses/{id}"), view(&claim)).at(claim.version))
    })
    .await
}

fn ids(path: &(String, String)) -> Result<(ResponseId, ClaimId), ApiError> {
    Ok((request::id(ResponseId::parse, &path.0)?, request::id(ClaimId::parse, &path.1)?))
}

/// Note what a claimant showed (`proofs`) and what came of the hidden question (`hidden`); `If-Match` on the version
#[utoipa::path(tag = "claims", params(("id" = String, Path), ("claim" = String, Path)), request_body = Value, responses((status = 200), (status = 409), (status = 412), (status = 422)))]
#[patch("/responses/{id}/claims/{claim}")]
pub async fn examine(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let ((response, claim), version) = (ids(&path)?, version_seen(&request)?);
    let body = body.into_inner();
    let proofs = body.get("proofs").map(|shown| {
        let codes = shown.as_array().into_iter().flatten().map(|code| code.as_str().unwrap_or_default());
        codes.map(|code| ClaimProof::parse(code).ok_or_else(|| unknown("proofs", code))).collect::<Result<Vec<_>, _>>()
    });
    let hidden = body.get("hidden").map(|code| {
        let code = code.as_str().unwrap_or_default();
        HiddenAnswer::parse(code).ok_or_else(|| unknown("hidden", code))
    });
    let (proofs, hidden) = (proofs.transpose()?, hidden.transpose()?);
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let claim = claims::examine(conn, &context, &actor, (&response, &claim, version), proofs, hidden)?;
        Ok(Answer::ok(view(&claim)).at(claim.version))
    })
    .await
}

/// Put the lot's hidden question to the claimant through their thread; `If-Match` on the version
#[utoipa::path(tag = "claims", params(("id" = String, Path), ("claim" = String, Path)), responses((status = 200), (status = 409), (status = 412)))]
#[post("/responses/{id}/claims/{claim}/question")]
pub async fn ask(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let ((response, claim), version) = (ids(&path)?, version_seen(&request)?);
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &Value::Null, move |conn| {
        let claim = claims::ask(conn, &context, &actor, (&response, &claim, version))?;
        Ok(Answer::ok(view(&claim)).at(claim.version))
    })
    .await
}

/// Decide: `verdict` is `accept`, `reject` or `withdraw`, with a `reason`; `If-Match` on the version
///
/// The first `accept` proposes, the second, by another officer, awards the lot. It wants proof, the hidden question
/// answered where there is one, and no other claim waiting for the same lot.
#[utoipa::path(tag = "claims", params(("id" = String, Path), ("claim" = String, Path)), request_body = Value, responses((status = 200), (status = 409), (status = 412), (status = 422)))]
#[post("/responses/{id}/claims/{claim}/decision")]
pub async fn judge(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let ((response, claim), version) = (ids(&path)?, version_seen(&request)?);
    let body = body.into_inner();
    let (verdict, reason) = (text(&body, "verdict"), text(&body, "reason"));
    let verdict = ClaimVerdict::parse(&verdict).ok_or_else(|| unknown("verdict", &verdict))?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let claim = claims::judge(conn, &context, &actor, (&response, &claim, version), verdict, &reason)?;
        Ok(Answer::ok(view(&claim)).at(claim.version))
    })
    .await
}

/// Note that the lot was handed over: `received_by`, `identity_document`, `place`; sealed. `If-Match` on the version
#[utoipa::path(tag = "claims", params(("id" = String, Path), ("claim" = String, Path)), request_body = Value, responses((status = 201), (status = 409), (status = 412), (status = 422)))]
#[post("/responses/{id}/claims/{claim}/restitution")]
pub async fn hand_over(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let ((response, claim), version) = (ids(&path)?, version_seen(&request)?);
    let body = body.into_inner();
    let handed = body.clone();
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let claim = claims::hand_over(conn, &context, &actor, (&response, &claim, version), &handed)?;
        let place = format!("/api/v1/responses/{response}/claims/{}/restitution", claim.judged.id);
        Ok(Answer::created(place, view(&claim)).at(claim.version))
    })
    .await
}

/// The restitution report
#[utoipa::path(tag = "claims", params(("id" = String, Path), ("claim" = String, Path)), responses((status = 200), (status = 403), (status = 404)))]
#[get("/responses/{id}/claims/{claim}/restitution")]
pub async fn report(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (response, claim) = ids(&path)?;
    let context = app.clone();
    // A write, because reading it is an act that is recorded.
    let report = app.db.write(move |conn| claims::report(conn, &context, &caller, &response, &claim)).await?;
    Ok(Answer::ok(report).respond())
}
