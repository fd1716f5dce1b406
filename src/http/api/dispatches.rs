//! Send a validated plan and follow it, as JSON or as a stream of events.

use super::chain::digest_seen;
use super::views;
use crate::app::access::Caller;
use crate::app::{App, AppError, dispatch_appeal, follow_dispatch, resolve_delivery, sessions};
use crate::domain::ids::{AppealId, DispatchId};
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::time::Duration;

/// How often a stream looks for news. A person sees no difference below half a second.
const LOOK: Duration = Duration::from_millis(500);
/// The longest silence of a stream.
const QUIET: Duration = Duration::from_secs(15);
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
        let (address, now) = (format!("/api/v1/dispatches/{}", dispatch.id), context.clock.now(conn)?);
        Ok(Answer::created(address, views::dispatch(&follow_dispatch::progress(conn, dispatch, now)?)))
    })
    .await
}

async fn progress(app: &web::Data<App>, caller: &Caller, id: &DispatchId) -> Result<Value, ApiError> {
    let (context, caller, id) = (app.clone(), caller.clone(), id.clone());
    request::read(app, move |conn| {
        let now = context.clock.now(conn)?;
        sessions::still_holds(conn, &caller.actor, now)?;
        let dispatch = resolve_delivery::readable(conn, &context, &caller.actor, &id)?;
        Ok::<_, AppError>(views::dispatch(&follow_dispatch::progress(conn, dispatch, now)?))
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
/// An event's id is the state it tells of: a stream begun with that `Last-Event-ID` says nothing until there is news. The
/// stream ends by itself when the server stops and after a quarter of an hour; `retry` says when to come back.
#[utoipa::path(tag = "dispatch", params(("id" = String, Path), ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, content_type = "text/event-stream"), (status = 404)))]
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
    let follower = Follower { app, caller, id, seen, begun: tokio::time::Instant::now(), is_over: false };
    let stream = futures_util::stream::unfold(follower, Follower::news);
    let begins = futures_util::stream::once(async { Ok(web::Bytes::from_static(b"retry: 2000\n\n")) });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(begins.chain(stream)))
}

/// One stream and what it told last.
struct Follower {
    app: web::Data<App>,
    caller: Caller,
    id: DispatchId,
    seen: Option<String>,
    begun: tokio::time::Instant,
    is_over: bool,
}

impl Follower {
    /// Waits for the next event; none ends the stream.
    async fn news(mut self) -> Option<(Result<web::Bytes, actix_web::Error>, Self)> {
        if self.is_over {
            return None;
        }
        let quiet_since = tokio::time::Instant::now();
        loop {
            let view = progress(&self.app, &self.caller, &self.id).await.ok()?;
            let finished = view.get("finished") == Some(&Value::Bool(true));
            let mark = mark(&view);
            if self.seen.as_deref() != Some(mark.as_str()) || finished {
                let name = if finished { "finished" } else { "progress" };
                let event = format!("id: {mark}\nevent: {name}\ndata: {view}\n\n");
                self.seen = Some(mark);
                self.is_over = finished;
                return Some((Ok(web::Bytes::from(event)), self));
            }
            if self.app.stopping.is_asked() || self.begun.elapsed() > LONGEST_STREAM {
                return None;
            }
            if quiet_since.elapsed() > QUIET {
                // A comment: proxies close what is silent.
                return Some((Ok(web::Bytes::from_static(b": still here\n\n")), self));
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Names a state by its counts. The estimated end changes by itself and is no news.
fn mark(view: &Value) -> String {
    let mut counts = view.clone();
    if let Some(view) = counts.as_object_mut() {
        view.remove("estimated_end");
    }
    crate::domain::canonical::digest(&counts).chars().take(16).collect()
}
