//! The target area of an appeal: set, read, drawn with what a platform would make of it.

use super::aims::{self, AimQuery};
use super::{places, views};
use crate::app::access::Caller;
use crate::app::{App, AppError, aim_appeal, file_appeal, stored_aims};
use crate::area;
use crate::db::appeals;
use crate::domain::actor::Permission;
use crate::domain::advert::Placement;
use crate::domain::aim::Circles;
use crate::domain::area::{CellSet, SUBSCRIBER_RESOLUTION, TargetArea};
use crate::domain::faults::Fault;
use crate::domain::ids::AppealId;
use crate::domain::place::PlaceCode;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, compute, version_seen};
use actix_web::{HttpRequest, HttpResponse, get, put, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// What a picture shows beside the target.
enum Shown {
    Circles(Vec<Circles>),
    Places(Vec<PlaceCode>),
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
/// PNG: the target, with the borders of municipalities from their cells; with `platform` the circles of the aim (meta,
/// google) or the outlines of the places X is told (x), what they reach, miss and spill, all as the plan signs them or as
/// `GET /appeals/{id}/aim` has them. 202 while they are searched for.
#[utoipa::path(
    tag = "appeals",
    params(("id" = String, Path), ("platform" = Option<String>, Query), ("language" = Option<String>, Query), ("effort" = Option<String>, Query)),
    responses((status = 200, content_type = "image/png"), (status = 202), (status = 409), (status = 422))
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
    let shown = match wish {
        None => Shown::Circles(Vec::new()),
        Some(wish) => {
            let (context, id) = (app.clone(), appeal.id.clone());
            let (kept, limit, listed) = request::read(&app, move |conn| {
                let kept = stored_aims::load(conn, &context, &appeal)?.0;
                Ok((kept, aim_appeal::limit(conn, &id)?, aim_appeal::listed(conn, &context, wish.platform)?))
            })
            .await?;
            // What the plan signs is what is drawn, unless another search is asked for.
            let signed = wish.language.filter(|_| query.is_plain());
            match signed.and_then(|language| kept.aim(wish.platform, language).ok()).map(|aim| aim.placement.clone()) {
                Some(Placement::Circles(units)) => Shown::Circles(units.into_iter().map(|(unit, _)| unit).collect()),
                Some(Placement::Places(ids)) => {
                    let named = listed.into_iter().filter(|place| ids.contains(&place.listed.id));
                    Shown::Places(named.filter_map(|place| place.meaning.ok()).collect())
                }
                None => match aims::aimed(&app, area, wish, limit).await? {
                    None => return Ok(aims::computing()),
                    Some(aim) if aim.places.is_empty() => Shown::Circles(aim.units),
                    Some(aim) => Shown::Places(aim.places.into_iter().filter_map(|place| place.meaning.ok()).collect()),
                },
            }
        }
    };
    let png = compute(move || {
        let picture = match &shown {
            Shown::Circles(units) => area::draw(gazetteer, &cells, units),
            Shown::Places(codes) => {
                // A place without an outline of its own cannot be reached by its name either.
                let outlines: Vec<CellSet> = codes.iter().filter_map(|code| gazetteer.cells_of(code).ok()).collect();
                area::draw_places(gazetteer, &cells, &outlines)
            }
        };
        picture.and_then(|picture| picture.png()).map_err(|e| match e {
            area::Undrawable::OffTheMap => AppError::Conflict { code: "outline-at-antimeridian" },
            area::Undrawable::Encoding => AppError::Broken(e.to_string()),
        })
    })
    .await?;
    Ok(HttpResponse::Ok().content_type("image/png").insert_header(("cache-control", "private, no-store")).body(png))
}
