//! The dry run, and the chain's yes or no to exactly one plan.

use super::{paid, views};
use crate::app::{App, AppError, carry_on, foretell, plan_dispatch, stored_aims, validate_appeal};
use crate::db::appeals;
use crate::domain::actor::Permission;
use crate::domain::faults::Fault;
use crate::domain::ids::AppealId;
use crate::domain::plan::PlanDigest;
use crate::domain::rules::Level;
use crate::domain::validation::Verdict;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, if_match, text};
use crate::words::Locale;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde_json::{Value, json};

fn locale(request: &HttpRequest) -> Locale {
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or("");
    Locale::negotiate(accepted).unwrap_or(Locale::En)
}

/// How soon it is worth to ask again for a plan whose aims are being worked out, seconds.
const AIMS_AGAIN: u32 = 3;

/// Dry run: everything that would be sent, and every reason it may not be
///
/// `extension` is the plan under which something that is out would stay out longer, while a verified decision that follows
/// its own waits for the chain; its digest is what `POST …/validations` then answers to. `paid` shows, per platform and
/// language, where an advertisement would be shown (`picture` is the address of a drawing), whom it reaches in the area and
/// outside, of which age they are, and what it is expected to bring and to cost; what the platform says of that is asked
/// beside the request, so it may stand there only at the next look. Where something is advertised takes seconds to find and is
/// found beside the request too: until then `aims` says `computing` and when to ask again (also as `Retry-After`), the plan is
/// blocked by `CH-02-pending`, and nobody can submit it.
#[utoipa::path(tag = "chain", params(("id" = String, Path)), responses((status = 200)))]
#[get("/appeals/{id}/plan")]
pub async fn plan(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let actor = caller.actor.clone();
    let context = app.clone();
    let (preview, waiting, appeal, is_aimed) = request::read(&app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may(Permission::ReadAppeals, now)?;
        let appeal = appeals::of_unit(conn, &id, &caller.actor.unit)?;
        let waiting = carry_on::waiting(conn, &context, &appeal)?;
        let is_aimed = stored_aims::load(conn, &context, &appeal)?.1.is_empty();
        Ok((plan_dispatch::preview(conn, &context, &appeal)?, waiting, appeal, is_aimed))
    })
    .await?;
    request::note_reading(&app, &actor, "appeal.plan_read", appeal.id.to_string(), String::new()).await?;
    let questions = foretell::questions(&app, &appeal, &preview);
    if !questions.is_empty() {
        let context = app.clone();
        app.db.write(move |conn| foretell::ask(conn, &context, &questions)).await?;
    }
    if !is_aimed {
        let (context, appeal) = (app.clone(), appeal.clone());
        app.db.write(move |conn| stored_aims::ask_if_missing(conn, &context, &appeal)).await?;
    }
    let mut view = views::plan(&preview, waiting.as_ref(), &appeal, locale(&request));
    if let Some(view) = view.as_object_mut() {
        let places = paid::places(&app, &preview.paid).await?;
        view.insert(
            "paid".to_owned(),
            json!(paid::planned(&app, &appeal.id, &preview.paid, &places, locale(&request))),
        );
        let again = (!is_aimed).then_some(AIMS_AGAIN);
        let state = if is_aimed { "ready" } else { "computing" };
        view.insert("aims".to_owned(), json!({"state": state, "retry_after_seconds": again}));
    }
    let answer = Answer::ok(view);
    let answer = match preview.digest() {
        Some(digest) => answer.at(digest),
        None => answer,
    };
    let mut response = answer.respond();
    if !is_aimed {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(AIMS_AGAIN));
    }
    Ok(response)
}

/// The plan digest the caller looked at.
pub fn digest_seen(request: &HttpRequest) -> Result<PlanDigest, ApiError> {
    Ok(PlanDigest::parse(&if_match(request)?).ok_or(AppError::Stale)?)
}

/// Put the plan into the chain; `If-Match` on its digest
///
/// With `{"emergency": "why"}` the levels may answer in any order, and a review follows within a day; only for kinds whose
/// rules allow it.
#[utoipa::path(tag = "chain", params(("id" = String, Path)), request_body = Option<Value>, responses((status = 200), (status = 409), (status = 412)))]
#[post("/appeals/{id}/submission")]
pub async fn submit(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: Option<web::Json<Value>>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let digest = digest_seen(&request)?;
    let body = body.map_or(Value::Null, web::Json::into_inner);
    let emergency = body.get("emergency").map(|_| text(&body, "emergency"));
    let (context, actor) = (app.clone(), caller.actor.clone());
    let asked = json!({"digest": digest.as_str(), "body": body});
    request::write(&app, &caller, &request, Key::Required, &asked, move |conn| {
        let appeal = validate_appeal::submit(conn, &context, &actor, &id, &digest, emergency.as_deref())?;
        Ok(Answer::ok(views::appeal(&appeal)).at(appeal.version))
    })
    .await
}

/// Say yes or no to the plan; `If-Match` on its digest
///
/// `level` is the first open one the caller holds unless named. A no with `"final": true` ends the appeal unpublished and
/// keeps the decision; otherwise the appeal goes back with the reasons.
#[utoipa::path(tag = "chain", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 403), (status = 412)))]
#[post("/appeals/{id}/validations")]
pub async fn validate(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let digest = digest_seen(&request)?;
    let body = body.into_inner();
    let verdict = Verdict::parse(&text(&body, "verdict")).ok_or_else(|| {
        AppError::Faults(vec![Fault::at("/verdict", "unknown-value").with("value", text(&body, "verdict"))])
    })?;
    let level = match body.get("level").and_then(Value::as_str) {
        None => None,
        Some(code) => Some(
            Level::parse(code)
                .ok_or_else(|| AppError::Faults(vec![Fault::at("/level", "unknown-value").with("value", code)]))?,
        ),
    };
    let is_final = body.get("final").and_then(Value::as_bool).unwrap_or(false);
    let answer = validate_appeal::Answer { verdict, reasons: text(&body, "reasons"), level, is_final };
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Required, &body, move |conn| {
        let (appeal, validation) = validate_appeal::validate(conn, &context, &actor, &id, &digest, &answer)?;
        let view = json!({"id": validation.id.as_str(), "verdict": verdict.code(), "level": validation.level.code(), "plan_digest": digest.as_str(), "stage": appeal.stage.code()});
        Ok(Answer::created(format!("/api/v1/appeals/{id}"), view).at(appeal.version))
    })
    .await
}
