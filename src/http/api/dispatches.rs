//! Send a validated plan and follow it, as JSON or as a stream of events.

use super::chain::digest_seen;
use super::views;
use crate::app::access::Caller;
use crate::app::{App, AppError, dispatch_appeal, sessions};
use crate::db::{appeals, dispatches};
use crate::domain::actor::Permission;
use crate::domain::ids::{AppealId, DispatchId};
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde_json::{Value, json};
use std::time::Duration;

/// How often a stream looks for news. A person sees no difference below half a second.
const LOOK: Duration = Duration::from_millis(500);
/// A stream ends by itself after this; the browser comes back with `Last-Event-ID`.
const LONGEST_STREAM: Duration = Duration::from_mins(15);

/// Dispatch the validated plan; `If-Match` on its digest, `Idempotency-Key` required
#[utoipa::path(tag = "dispatch", params(("id" = String, Path)), responses((status = 201), (status = 409), (status = 412)))]
#[post("/appeals/{id}/dispatches")]
pub async fn create(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let digest = digest_seen(&request)?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Required, &json!(digest.as_str()), move |conn| {
        let dispatch = dispatch_appeal::dispatch(conn, &context, &actor, &id, &digest)?;
        let tally = dispatches::tally(conn, &dispatch.id)?;
        Ok(Answer::created(format!("/api/v1/dispatches/{}", dispatch.id), views::dispatch(&dispatch, &tally)))
    })
    .await
}

async fn progress(app: &web::Data<App>, caller: &Caller, id: &DispatchId) -> Result<Value, ApiError> {
    let (context, caller, id) = (app.clone(), caller.clone(), id.clone());
    request::read(app, move |conn| {
        let now = context.clock.now(conn)?;
        sessions::still_holds(conn, &caller.actor, now)?;
        caller.actor.may(Permission::ReadAppeals, now)?;
        let dispatch = dispatches::dispatch(conn, &id)?;
        appeals::of_unit(conn, &dispatch.appeal, &caller.actor.unit)?;
        let tally = dispatches::tally(conn, &id)?;
        Ok::<_, AppError>(views::dispatch(&dispatch, &tally))
    })
    .await
}

/// How far a dispatch is, by channel and language
#[utoipa::path(tag = "dispatch", params(("id" = String, Path)), responses((status = 200), (status = 404)))]
#[get("/dispatches/{id}")]
pub async fn show(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(DispatchId::parse, &path)?;
    Ok(Answer::ok(progress(&app, &caller, &id).await?).respond())
}

/// Follow a dispatch as server-sent events
///
/// One `progress` event whenever something changed, with the same body as the JSON address; the last one is `finished`.
#[utoipa::path(tag = "dispatch", params(("id" = String, Path)), responses((status = 200, content_type = "text/event-stream"), (status = 404)))]
#[get("/dispatches/{id}/events")]
pub async fn events(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(DispatchId::parse, &path)?;
    // Asked once before the stream begins, so that a wrong id is a problem and not a broken stream.
    progress(&app, &caller, &id).await?;
    let seen = request.headers().get("last-event-id").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let begun = tokio::time::Instant::now();
    let stream = futures_util::stream::unfold((seen, false), move |(seen, over)| {
        let (app, caller, id) = (app.clone(), caller.clone(), id.clone());
        async move {
            if over {
                return None;
            }
            loop {
                let Ok(view) = progress(&app, &caller, &id).await else { return None };
                let finished = view.get("finished") == Some(&Value::Bool(true));
                let body = view.to_string();
                let mark: String = crate::domain::canonical::digest(&view).chars().take(16).collect();
                if seen.as_deref() != Some(mark.as_str()) || finished {
                    let name = if finished { "finished" } else { "progress" };
                    let event = format!("id: {mark}\nevent: {name}\ndata: {body}\n\n");
                    return Some((Ok::<_, actix_web::Error>(web::Bytes::from(event)), (Some(mark), finished)));
                }
                if begun.elapsed() > LONGEST_STREAM {
                    return None;
                }
                tokio::time::sleep(LOOK).await;
            }
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(stream))
}
