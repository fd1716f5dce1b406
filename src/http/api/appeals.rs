//! Appeals: file, list, read, edit, area, lots, plan, chain, takedown, closure.

use super::aims::{self, AimQuery};
use super::{places, views};
use crate::app::access::Caller;
use crate::app::{App, AppError, aim_appeal, file_appeal, stored_aims};
use crate::area;
use crate::db::appeals;
use crate::domain::actor::Permission;
use crate::domain::advert::Placement;
use crate::domain::appeal::Draft;
use crate::domain::area::{SUBSCRIBER_RESOLUTION, TargetArea};
use crate::domain::faults::Fault;
use crate::domain::ids::AppealId;
use crate::domain::kind::AppealKind;
use crate::domain::stage::Stage;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, compute, version_seen};
use actix_web::{HttpRequest, HttpResponse, get, patch, post, put, web};
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

/// Set the target area
///
/// `{"include": […], "exclude": […], "mode": "covers", "resolution": 10}` with `If-Match` on the version. A part is a
/// place, by code or by name (`{"place": "NIS:21009"}`, `{"place": "Ixelles"}`, `{"place": "1050"}`, `{"place": "province
/// de Namur"}`), a circle (`{"circle": {"lat", "lon", "radius_m"}}`), a corridor (`{"corridor": {"line", "radius_m"}}`),
/// `geojson` or `cells`. Codes: NIS, INSEE, POST:BE, POST:FR, ZONE, PROV, DEP, ARR, PROSECUTOR, REG, LANG, COUNTRY.
/// A name of several places is refused with the candidates. The answer says how places were read, with notes, and how
/// many people live there.
#[utoipa::path(tag = "appeals", params(("id" = String, Path)), request_body = Value, responses((status = 200), (status = 422)))]
#[put("/appeals/{id}/area")]
pub async fn set_area(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let version = version_seen(&request)?;
    // Shared, not copied: as values in memory a body takes many times its bytes.
    let body = std::sync::Arc::new(body.into_inner());
    // Where both countries have a name, the appeal's own is meant.
    let (of_appeal, unit) = (id.clone(), caller.actor.unit.clone());
    let home = request::read(&app, move |conn| Ok(appeals::of_unit(conn, &of_appeal, &unit)?.draft.country)).await?;
    let (context, filed, words) = (app.clone(), std::sync::Arc::clone(&body), places::locale(&request));
    let (area, told) = compute(move || {
        let spec = area::parse_spec(&filed).map_err(AppError::Area)?;
        let area =
            area::resolve_under(&spec, context.gazetteer, context.reading(Some(home))).map_err(AppError::Area)?;
        let told = places::reading(&context, &area, words);
        Ok((area, told))
    })
    .await?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let appeal = file_appeal::set_area(conn, &context, &actor, &id, version, area)?;
        let mut view = views::appeal(&appeal);
        if let Some(shown) = view.get_mut("area").and_then(Value::as_object_mut) {
            shown.extend(told);
        }
        Ok(Answer::ok(view).at(appeal.version))
    })
    .await
}

/// How to show the area.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaQuery {
    #[serde(rename = "as")]
    form: Option<String>,
}

fn area_view(area: &TargetArea, form: &str) -> Result<Value, ApiError> {
    Ok(match form {
        "cells" => {
            json!({"resolution": u8::from(area.resolution), "mode": area.mode.code(), "cells": area.cells.to_hex()})
        }
        "split" => {
            let languages: serde_json::Map<String, Value> = area
                .split
                .by_language
                .iter()
                .map(|(language, cells)| {
                    (
                        language.code().to_owned(),
                        json!({"cells": cells.to_hex(), "count": cells.count_at(SUBSCRIBER_RESOLUTION)}),
                    )
                })
                .collect();
            json!({"languages": languages, "unassigned": area.split.unassigned.to_hex()})
        }
        "geojson" => area::outline(&area.cells, area.resolution).map_err(|e| match e {
            area::OutlineError::Antimeridian => AppError::Conflict { code: "outline-at-antimeridian" },
            area::OutlineError::Undrawable(_) => AppError::Broken(e.to_string()),
        })?,
        "document" => area.to_document(),
        other => return Err(AppError::Faults(vec![Fault::at("as", "unknown-value").with("value", other)]).into()),
    })
}

/// The appeal of a path, for whoever may read its area; another unit's is not found. The reading is noted.
pub(super) async fn readable(app: &web::Data<App>, caller: Caller, path: &str) -> Result<appeals::Appeal, ApiError> {
    let id = request::id(AppealId::parse, path)?;
    let context = app.clone();
    let actor = caller.actor.clone();
    let appeal = request::read(app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may(Permission::ReadAppeals, now)?;
        Ok(appeals::of_unit(conn, &id, &caller.actor.unit)?)
    })
    .await?;
    request::note_reading(app, &actor, "appeal.area_read", appeal.id.to_string(), String::new()).await?;
    Ok(appeal)
}

/// Read the target area as geojson, cells, split or document
///
/// The document is what is stored as evidence; beside it: how places were read, notes in words, and inhabitants.
#[utoipa::path(tag = "appeals", params(("id" = String, Path), ("as" = Option<String>, Query)), responses((status = 200)))]
#[get("/appeals/{id}/area")]
pub async fn show_area(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
    query: web::Query<AreaQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let words = places::locale(&request);
    let appeal = readable(&app, caller, &path).await?;
    let area = appeal.area.ok_or(AppError::NotFound)?;
    let form = query.form.clone().unwrap_or_else(|| "document".to_owned());
    let mut view = area_view(&area, &form)?;
    if form == "document" {
        let context = app.clone();
        let told = compute(move || Ok(places::reading(&context, &area, words))).await?;
        if let Some(shown) = view.as_object_mut() {
            shown.extend(told);
        }
    }
    Ok(Answer::ok(view).at(appeal.version).respond())
}

/// See the target area as a picture
///
/// PNG: the target, with the borders of municipalities from their cells; with `platform` (meta or google) the circles of
/// the aim, what they reach, miss and spill, all as `GET /appeals/{id}/aim` has them.
#[utoipa::path(
    tag = "appeals",
    params(("id" = String, Path), ("platform" = Option<String>, Query), ("language" = Option<String>, Query), ("effort" = Option<String>, Query)),
    responses((status = 200, content_type = "image/png"), (status = 409), (status = 422))
)]
#[get("/appeals/{id}/area.png")]
pub async fn draw_area(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
    query: web::Query<AimQuery>,
) -> Result<HttpResponse, ApiError> {
    let wish = query.wish()?;
    let appeal = readable(&app, caller, &path).await?;
    let (area, gazetteer) = (appeal.area.clone().ok_or(AppError::NotFound)?, app.gazetteer);
    let cells = aim_appeal::part(&area, wish.and_then(|wish| wish.language)).map_err(AppError::from)?;
    let units = match wish {
        None => Vec::new(),
        Some(wish) if aim_appeal::circles(wish.platform).is_none() => {
            return Err(AppError::Conflict { code: "aim-no-circles" }.into());
        }
        Some(wish) => {
            let (context, id) = (app.clone(), appeal.id.clone());
            let (kept, limit) = request::read(&app, move |conn| {
                let kept = stored_aims::load(conn, &context, &appeal)?.0;
                Ok((kept, aim_appeal::limit(conn, &id)?))
            })
            .await?;
            // What the plan signs is what is drawn, unless another search is asked for.
            let signed = wish.language.filter(|_| query.is_plain());
            match signed.and_then(|language| kept.aim(wish.platform, language).ok()).map(|aim| aim.placement.clone()) {
                Some(Placement::Circles(units)) => units.into_iter().map(|(unit, _)| unit).collect(),
                _ => aims::aimed(&app, area, wish, limit).await?.units,
            }
        }
    };
    let png = compute(move || {
        let picture = area::draw(gazetteer, &cells, &units);
        picture.and_then(|picture| picture.png()).map_err(|e| match e {
            area::Undrawable::OffTheMap => AppError::Conflict { code: "outline-at-antimeridian" },
            area::Undrawable::Encoding => AppError::Broken(e.to_string()),
        })
    })
    .await?;
    Ok(HttpResponse::Ok().content_type("image/png").insert_header(("cache-control", "private, no-store")).body(png))
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
