//! What is asked and found out about an appeal before and after it is filed: guided questions, a minor discovered.

use crate::app::{App, assess_appeal, authorise_appeal, check_texts};
use crate::domain::ids::AppealId;
use crate::domain::rules::{Answered, Assessment};
use crate::http::api::views;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, text};
use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use serde_json::{Value, json};

fn view(assessment: &Assessment) -> Value {
    json!({
        "id": assessment.id.as_str(), "criteria": assessment.criteria.as_str(),
        "outcome": if assessment.triggered { "triggered" } else { "not_triggered" },
        "answers": Answered::to_document(&assessment.answers), "by": assessment.by.as_str(), "at": assessment.at,
    })
}

/// Keep the answers to a list of questions, whatever comes of them
#[utoipa::path(tag = "authority", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 422)))]
#[post("/appeals/{id}/assessments")]
pub async fn add(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let body = body.into_inner();
    let (context, actor, filed) = (app.clone(), caller.actor.clone(), body.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let assessment = assess_appeal::assess(conn, &context, &actor, &id, &filed)?;
        Ok(Answer::created(format!("/api/v1/appeals/{id}/assessments"), view(&assessment)))
    })
    .await
}

/// List every answer given about an appeal, oldest first
#[utoipa::path(tag = "authority", params(("id" = String, Path)), responses((status = 200)))]
#[get("/appeals/{id}/assessments")]
pub async fn list(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let context = app.clone();
    let (actor, of_appeal) = (caller.actor.clone(), id.to_string());
    let found = request::read(&app, move |conn| assess_appeal::assessments(conn, &context, &caller.actor, &id)).await?;
    let about = format!("{} shown", found.len());
    request::note_reading(&app, &actor, "assessments.listed", of_appeal, about).await?;
    Ok(Answer::ok(json!({"items": found.iter().map(view).collect::<Vec<_>>()})).respond())
}

/// Keep what must never leave the case: facts held back, names, references
///
/// Write-only: the checks of texts look for them, nobody sees them again. Replaces what was kept before.
#[utoipa::path(tag = "authority", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 422)))]
#[put("/appeals/{id}/secrets")]
pub async fn keep_secrets(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let body = body.into_inner();
    let (context, actor, filed) = (app.clone(), caller.actor.clone(), body.clone());
    // The idempotency record keeps a digest of the body, never the body.
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        Ok(Answer::ok(check_texts::keep(conn, &context, &actor, &id, &filed)?))
    })
    .await
}

/// Note that a minor was discovered; whatever was decided without knowing it comes down
#[utoipa::path(tag = "authority", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 422)))]
#[post("/appeals/{id}/minor")]
pub async fn discover_minor(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let body = body.into_inner();
    let note = text(&body, "note");
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let appeal = authorise_appeal::discover_minor(conn, &context, &actor, &id, &note)?;
        Ok(Answer::created(format!("/api/v1/appeals/{id}"), views::appeal(&appeal)).at(appeal.version))
    })
    .await
}
