//! Claims on lots: listed, examined, decided by two officers, handed over.

use crate::app::claims;
use crate::db::claims::Claim;
use crate::domain::claim::{ClaimProof, ClaimVerdict, HiddenAnswer};
use crate::domain::ids::{AppealId, ClaimId, ResponseId};
use crate::http::problem::ApiError;
use crate::http::request::{Answer, Desk, text, unknown};
use actix_web::{HttpResponse, get, patch, post, web};
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

/// Which claims.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LotQuery {
    lot: Option<i64>,
}

/// The response and the claim that an address names.
fn ids(desk: &Desk) -> Result<(ResponseId, ClaimId), ApiError> {
    Ok((desk.id(ResponseId::parse)?, desk.part("claim", ClaimId::parse)?))
}

/// An appeal's claims, oldest first, and how many of its lots are open, claimed, disputed, awarded, returned
#[utoipa::path(tag = "claims", params(("id" = String, Path), ("lot" = Option<i64>, Query)), responses((status = 200)))]
#[get("/appeals/{id}/claims")]
pub async fn list(desk: Desk, query: web::Query<LotQuery>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(AppealId::parse)?;
    let found = desk.read(move |conn, app, caller| claims::list(conn, app, &caller.actor, &id, query.lot)).await?;
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
pub async fn register(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let id = desk.id(ResponseId::parse)?;
    let lot = body.get("lot").and_then(Value::as_i64).ok_or_else(|| unknown("/lot", ""))?;
    desk.write(&body, move |conn, app, caller| {
        let claim = claims::register(conn, app, &caller.actor, &id, lot)?;
        Ok(Answer::created(format!("/api/v1/responses/{id}"), view(&claim)).at(claim.version))
    })
    .await
}

/// Note what a claimant showed (`proofs`) and what came of the hidden question (`hidden`); `If-Match` on the version
#[utoipa::path(tag = "claims", params(("id" = String, Path), ("claim" = String, Path)), request_body = Value, responses((status = 200), (status = 409), (status = 412), (status = 422)))]
#[patch("/responses/{id}/claims/{claim}")]
pub async fn examine(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let ((response, claim), version) = (ids(&desk)?, desk.version()?);
    let proofs = body.get("proofs").map(|shown| {
        let codes = shown.as_array().into_iter().flatten().map(|code| code.as_str().unwrap_or_default());
        codes.map(|code| ClaimProof::parse(code).ok_or_else(|| unknown("/proofs", code))).collect::<Result<Vec<_>, _>>()
    });
    let hidden = body.get("hidden").map(|code| {
        let code = code.as_str().unwrap_or_default();
        HiddenAnswer::parse(code).ok_or_else(|| unknown("/hidden", code))
    });
    let (proofs, hidden) = (proofs.transpose()?, hidden.transpose()?);
    desk.write(&body, move |conn, app, caller| {
        let claim = claims::examine(conn, app, &caller.actor, (&response, &claim, version), proofs, hidden)?;
        Ok(Answer::ok(view(&claim)).at(claim.version))
    })
    .await
}

/// Put the lot's hidden question to the claimant through their thread; `If-Match` on the version
#[utoipa::path(tag = "claims", params(("id" = String, Path), ("claim" = String, Path)), responses((status = 200), (status = 409), (status = 412)))]
#[post("/responses/{id}/claims/{claim}/question")]
pub async fn ask(desk: Desk) -> Result<HttpResponse, ApiError> {
    let ((response, claim), version) = (ids(&desk)?, desk.version()?);
    desk.write(&Value::Null, move |conn, app, caller| {
        let claim = claims::ask(conn, app, &caller.actor, (&response, &claim, version))?;
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
pub async fn judge(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let ((response, claim), version) = (ids(&desk)?, desk.version()?);
    let (verdict, reason) = (text(&body, "verdict"), text(&body, "reason"));
    let verdict = ClaimVerdict::parse(&verdict).ok_or_else(|| unknown("/verdict", &verdict))?;
    desk.write(&body, move |conn, app, caller| {
        let claim = claims::judge(conn, app, &caller.actor, (&response, &claim, version), verdict, &reason)?;
        Ok(Answer::ok(view(&claim)).at(claim.version))
    })
    .await
}

/// Note that the lot was handed over: `received_by`, `identity_document`, `place`; sealed. `If-Match` on the version
#[utoipa::path(tag = "claims", params(("id" = String, Path), ("claim" = String, Path)), request_body = Value, responses((status = 201), (status = 409), (status = 412), (status = 422)))]
#[post("/responses/{id}/claims/{claim}/restitution")]
pub async fn hand_over(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let ((response, claim), version) = (ids(&desk)?, desk.version()?);
    let handed = body.clone();
    desk.write(&body, move |conn, app, caller| {
        let claim = claims::hand_over(conn, app, &caller.actor, (&response, &claim, version), &handed)?;
        let place = format!("/api/v1/responses/{response}/claims/{}/restitution", claim.judged.id);
        Ok(Answer::created(place, view(&claim)).at(claim.version))
    })
    .await
}

/// The restitution report
#[utoipa::path(tag = "claims", params(("id" = String, Path), ("claim" = String, Path)), responses((status = 200), (status = 403), (status = 404)))]
#[get("/responses/{id}/claims/{claim}/restitution")]
pub async fn report(desk: Desk) -> Result<HttpResponse, ApiError> {
    let (response, claim) = ids(&desk)?;
    let report = desk.consult(move |conn, app, caller| claims::report(conn, app, caller, &response, &claim)).await?;
    Ok(Answer::ok(report).respond())
}
