//! The magistrate's act: recorded, verified by another person, withdrawn.

use super::views;
use crate::app::{App, authorise_appeal, read_authorisation};
use crate::db::authorisations::Stored;
use crate::domain::authorisation::AuthorisationRecord;
use crate::domain::ids::{AppealId, AuthorisationId};
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, compute, text};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde_json::{Value, json};

/// Record a magistrate's decision
#[utoipa::path(tag = "authority", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 422)))]
#[post("/appeals/{id}/authorisations")]
pub async fn record(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let body = body.into_inner();
    let (context, filed) = (app.clone(), body.clone());
    let cells = compute(move || authorise_appeal::scope_cells(&context, &filed)).await?;
    let (context, actor, document) = (app.clone(), caller.actor.clone(), body.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let decision = authorise_appeal::record(conn, &context, &actor, &id, &document, cells.as_ref())?;
        let record = AuthorisationRecord { authorisation: decision, verification: None, withdrawal: None };
        let stored = Stored { record, cells, confirmation: None };
        let location = format!("/api/v1/authorisations/{}", stored.record.authorisation.id);
        Ok(Answer::created(location, views::authorisation_for(&stored, &actor)))
    })
    .await
}

/// List an appeal's decisions, oldest first
#[utoipa::path(tag = "authority", params(("id" = String, Path)), responses((status = 200)))]
#[get("/appeals/{id}/authorisations")]
pub async fn list(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let context = app.clone();
    // A write: who read the magistrate's name and the case number is recorded (Directive (EU) 2016/680, article 25).
    let actor = caller.actor.clone();
    let found = app.db.write(move |conn| read_authorisation::of_appeal(conn, &context, &actor, &id)).await?;
    let items: Vec<Value> = found.iter().map(|stored| views::authorisation_for(stored, &caller.actor)).collect();
    Ok(Answer::ok(json!({"items": items})).respond())
}

/// Verify a decision after calling the office back; never by who recorded it
#[utoipa::path(tag = "authority", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 403), (status = 409)))]
#[post("/authorisations/{id}/verification")]
pub async fn verify(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AuthorisationId::parse, &path)?;
    let body = body.into_inner();
    let number = text(&body, "called_back_on");
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let (stored, effect) = authorise_appeal::verify(conn, &context, &actor, &id, &number)?;
        let mut view = views::authorisation_for(&stored, &actor);
        if let (Some(object), Some(effect)) = (view.as_object_mut(), effect) {
            object.insert("live".to_owned(), views::effect(&effect));
        }
        Ok(Answer::created(format!("/api/v1/authorisations/{id}"), view))
    })
    .await
}

/// Record the paper that follows an oral decision; it counts once somebody else verified it
#[utoipa::path(tag = "authority", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 409), (status = 422)))]
#[post("/authorisations/{id}/confirmation")]
pub async fn confirm(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AuthorisationId::parse, &path)?;
    let body = body.into_inner();
    let (context, actor, paper) = (app.clone(), caller.actor.clone(), body.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let stored = authorise_appeal::confirm(conn, &context, &actor, &id, &paper)?;
        Ok(Answer::created(format!("/api/v1/authorisations/{id}"), views::authorisation_for(&stored, &actor)))
    })
    .await
}

/// Verify the paper of an oral decision after calling the office back; never by who recorded it
#[utoipa::path(tag = "authority", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 403), (status = 409)))]
#[post("/authorisations/{id}/confirmation/verification")]
pub async fn verify_confirmation(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AuthorisationId::parse, &path)?;
    let body = body.into_inner();
    let number = text(&body, "called_back_on");
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let stored = authorise_appeal::verify_confirmation(conn, &context, &actor, &id, &number)?;
        Ok(Answer::created(format!("/api/v1/authorisations/{id}"), views::authorisation_for(&stored, &actor)))
    })
    .await
}

/// Note that the magistrate withdrew a decision; whatever is out comes down
#[utoipa::path(tag = "authority", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 409)))]
#[post("/authorisations/{id}/withdrawal")]
pub async fn withdraw(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AuthorisationId::parse, &path)?;
    let body = body.into_inner();
    let reason = text(&body, "reason");
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        authorise_appeal::withdraw(conn, &context, &actor, &id, &reason)?;
        Ok(Answer::created(format!("/api/v1/authorisations/{id}"), json!({"id": id.as_str(), "withdrawn": true})))
    })
    .await
}
