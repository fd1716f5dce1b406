//! Appeals: file, list, read, edit, lots. Their target areas are in `areas`, what becomes of them in `chain` and `endings`.

use super::views;
use crate::app::access::Caller;
use crate::app::{App, AppError, file_appeal};
use crate::db::appeals;
use crate::domain::actor::Permission;
use crate::domain::appeal::Draft;
use crate::domain::ids::AppealId;
use crate::domain::kind::AppealKind;
use crate::domain::stage::Stage;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, version_seen};
use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// File an appeal
///
/// With `"draft": true` it stays a draft until a later PATCH sets `"draft": false`.
#[utoipa::path(tag = "appeals", request_body = Value, responses((status = 201), (status = 422)))]
#[post("/appeals")]
pub async fn file(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let mut document = body.clone();
    let keep =
        document.as_object_mut().and_then(|object| object.remove("draft")).and_then(|v| v.as_bool()).unwrap_or(false);
    let draft = Draft::from_document(&document).map_err(AppError::Faults)?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let appeal = file_appeal::file(conn, &context, &actor, draft, keep)?;
        Ok(Answer::created(format!("/api/v1/appeals/{}", appeal.id), views::appeal(&appeal)).at(appeal.version))
    })
    .await
}

/// What to list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    kind: Option<String>,
    stage: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// List the unit's appeals, newest first
#[utoipa::path(tag = "appeals", params(("kind" = Option<String>, Query), ("stage" = Option<String>, Query), ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query)), responses((status = 200)))]
#[get("/appeals")]
pub async fn list(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.into_inner();
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let context = app.clone();
    let actor = caller.actor.clone();
    let filter = filter_said(&query);
    let found = request::read(&app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may(Permission::ReadAppeals, now)?;
        let filter = appeals::Filter { kind: query.kind, stage: query.stage, before: query.cursor, limit: limit + 1 };
        Ok(appeals::page(conn, &caller.actor.unit, filter)?)
    })
    .await?;
    let shown = usize::try_from(limit).unwrap_or(50);
    let next = (found.len() > shown).then(|| found.get(shown - 1).map(|appeal| appeal.id.to_string())).flatten();
    let items: Vec<Value> = found.iter().take(shown).map(views::appeal).collect();
    let about = format!("{} shown; {filter}", items.len());
    request::note_reading(&app, &actor, "appeals.listed", actor.unit.to_string(), about).await?;
    Ok(Answer::ok(json!({"items": items, "next_cursor": next})).respond())
}

/// A filter in words for the audit: known codes only, so that nobody's name gets there through a query.
fn filter_said(query: &ListQuery) -> String {
    let kind = query.kind.as_deref().map(|code| AppealKind::parse(code).map_or("unknown", AppealKind::code));
    let stage = query.stage.as_deref().map(|code| Stage::parse(code).map_or("unknown", Stage::code));
    let page = if query.cursor.is_some() { "later page" } else { "first page" };
    format!("kind {}, stage {}, {page}", kind.unwrap_or("any"), stage.unwrap_or("any"))
}

/// Read an appeal
#[utoipa::path(tag = "appeals", params(("id" = String, Path)), responses((status = 200), (status = 404)))]
#[get("/appeals/{id}")]
pub async fn show(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let context = app.clone();
    // A write: an appeal names people, and who consulted it is recorded (Directive (EU) 2016/680, article 25).
    let appeal = app.db.write(move |conn| file_appeal::consult(conn, &context, &caller.actor, &id)).await?;
    Ok(Answer::ok(views::appeal(&appeal)).at(appeal.version).respond())
}

/// Edit an appeal
///
/// A JSON merge patch (RFC 7396) with `If-Match` on the version. Any edit makes earlier decisions of the chain void.
#[utoipa::path(tag = "appeals", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 412), (status = 428)))]
#[patch("/appeals/{id}")]
pub async fn edit(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let version = version_seen(&request)?;
    let body = body.into_inner();
    let mut patch = body.clone();
    let draft = patch.as_object_mut().and_then(|object| object.remove("draft"));
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let appeal = file_appeal::edit(conn, &context, &actor, &id, version, &patch, draft == Some(json!(false)))?;
        Ok(Answer::ok(views::appeal(&appeal)).at(appeal.version))
    })
    .await
}

/// Add a lot to a catalogue
#[utoipa::path(tag = "appeals", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 422)))]
#[post("/appeals/{id}/lots")]
pub async fn add_lot(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let documents = vec![body.clone()];
    add_lots(app, caller, request, &path, body, documents).await
}

/// Add many lots at once; all of them or none
#[utoipa::path(tag = "appeals", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 422)))]
#[post("/appeals/{id}/lots:import")]
pub async fn import_lots(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let documents = body
        .as_array()
        .cloned()
        .ok_or_else(|| ApiError::malformed("", "wrong-type", "a list of lots is expected".to_owned()))?;
    add_lots(app, caller, request, &path, body, documents).await
}

async fn add_lots(
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
    path: &str,
    body: Value,
    documents: Vec<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, path)?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let appeal = file_appeal::add_lots(conn, &context, &actor, &id, &documents)?;
        Ok(Answer::created(format!("/api/v1/appeals/{id}"), views::appeal(&appeal)).at(appeal.version))
    })
    .await
}
