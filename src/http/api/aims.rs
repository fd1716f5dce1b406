//! Aims at an appeal's target area: what a platform would be told, how well it fits, and whom it reaches outside, in
//! words an approver understands. Nothing is spent or sent.

use super::areas::readable;
use super::places::locale;
use crate::app::aim_appeal::{self, AppealAim, Wish};
use crate::app::{App, AppError};
use crate::area::Gazetteer;
use crate::domain::aim::{AimEffort, AimPlatform, Circles, Fit, Reached};
use crate::domain::area::{CellSet, TargetArea};
use crate::domain::channel_place::ChannelPlace;
use crate::domain::faults::Fault;
use crate::domain::language::Language;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, SignedIn, compute};
use crate::words::Words;
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Which aim.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AimQuery {
    platform: Option<String>,
    language: Option<String>,
    effort: Option<String>,
}

impl AimQuery {
    /// Nothing is said about how to search.
    pub(super) fn is_plain(&self) -> bool {
        self.effort.is_none()
    }

    /// What is wanted; none without a platform.
    pub(super) fn wish(&self) -> Result<Option<Wish>, AppError> {
        let mut faults = Vec::new();
        let mut unknown = |key: &'static str, value: &str| {
            faults.push(Fault::at(key, "unknown-value").with("value", value.to_owned()));
        };
        let platform = self.platform.as_deref().and_then(|code| {
            AimPlatform::parse(code).or_else(|| {
                unknown("platform", code);
                None
            })
        });
        let language = self.language.as_deref().and_then(|code| {
            Language::parse(code).ok().or_else(|| {
                unknown("language", code);
                None
            })
        });
        let effort = match self.effort.as_deref() {
            None | Some("full") => AimEffort::Full,
            Some("quick") => AimEffort::Quick,
            Some(other) => {
                unknown("effort", other);
                AimEffort::Full
            }
        };
        if !faults.is_empty() {
            return Err(AppError::Faults(faults));
        }
        Ok(platform.map(|platform| Wish { language, effort, ..Wish::of(platform) }))
    }
}

/// How long a request waits for a search; what takes longer goes on beside it.
const PATIENCE: Duration = Duration::from_millis(400);
/// How soon it is worth to ask again, seconds.
const AGAIN: u32 = 2;

/// The aim at an appeal's area; none while it is searched for, which takes seconds on one core and goes on beside the request.
pub(super) async fn aimed(
    app: &web::Data<App>,
    area: TargetArea,
    wish: Wish,
    limit: Option<CellSet>,
) -> Result<Option<AppealAim>, ApiError> {
    let context = app.clone();
    let listed = request::read(app, move |conn| aim_appeal::listed(conn, &context, wish.platform)).await?;
    let context = app.clone();
    let search = compute(move || {
        if aim_appeal::is_searched(context.gazetteer, &area, limit.as_ref(), wish) {
            return Ok(None);
        }
        Ok(Some(aim_appeal::find(context.gazetteer, &area, limit.as_ref(), wish, &listed)?))
    });
    match tokio::time::timeout(PATIENCE, search).await {
        Ok(found) => found,
        Err(_) => Ok(None),
    }
}

/// 202: it is being searched for.
pub(super) fn computing() -> HttpResponse {
    HttpResponse::Accepted()
        .insert_header(("retry-after", AGAIN.to_string()))
        .insert_header(("cache-control", "no-store"))
        .json(json!({"state": "computing", "retry_after_seconds": AGAIN}))
}

/// How a platform would be aimed at the target area
///
/// `platform` is meta, google or x; `language` narrows to the cells where it is official; `effort` is full (the aim that
/// would be sent) or quick. Recall, over-reach and, by municipality, who is reached outside; where a decision makes its
/// area a limit, nobody is. Nothing is sent. 202 with `retry_after_seconds` while it is searched for.
#[utoipa::path(
    tag = "appeals",
    params(("id" = String, Path), ("platform" = String, Query), ("language" = Option<String>, Query), ("effort" = Option<String>, Query)),
    responses((status = 200), (status = 202), (status = 409), (status = 422))
)]
#[get("/appeals/{id}/aim")]
pub async fn show(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
    query: web::Query<AimQuery>,
    http: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let wish = query.wish()?.ok_or_else(|| AppError::Faults(vec![Fault::at("platform", "required")]))?;
    let appeal = readable(&app, caller, &path).await?;
    let area = appeal.area.ok_or(AppError::NotFound)?;
    let (id, version) = (appeal.id, area.index_version.clone());
    let limit = request::read(&app, move |conn| aim_appeal::limit(conn, &id)).await?;
    let limited = limit.is_some();
    let Some(aim) = aimed(&app, area, wish, limit).await? else { return Ok(computing()) };
    let words = Words::of(locale(&http));
    let view = json!({
        "platform": wish.platform.code(),
        "language": wish.language.map(Language::code),
        "targeting": aim.targeting,
        "units": units_view(&aim.units),
        "places": places_view(&aim.places),
        "met": aim.met,
        "limited_to_authorised_area": limited,
        "fit": fit_view(&aim.fit, app.gazetteer),
        "said": said(&aim.fit, app.gazetteer, words),
        "index_version": version,
        "error": {"code": "municipal-average", "detail": words.say("note-inhabitants")},
    });
    Ok(Answer::ok(view).at(appeal.version).respond())
}

/// More municipalities than this are summed in one sentence.
const SAID: usize = 20;

/// What an approver wants to know, in sentences: how many are reached, and who outside.
pub(super) fn said(fit: &Fit, gazetteer: &Gazetteer, words: Words) -> Vec<String> {
    let whole = |inhabitants: f64| format!("{inhabitants:.0}");
    let (people, of) = (whole(fit.reached_inhabitants), whole(fit.target_inhabitants));
    let share = format!("{:.1}", 100.0 * fit.recall());
    let reached =
        words.say_with("aim-reached", &[("people", people.as_str()), ("of", of.as_str()), ("share", share.as_str())]);
    let mut all = vec![reached.into_owned()];
    let somebody: Vec<&Reached> = fit.spill.iter().filter(|reached| reached.inhabitants >= 0.5).collect();
    if somebody.is_empty() {
        all.push(words.say("aim-nobody-outside").into_owned());
    }
    for outside in somebody.iter().take(SAID) {
        let people = whole(outside.inhabitants);
        let sentence = match place_name(outside, gazetteer) {
            Some(place) => words.say_with("aim-spill", &[("people", people.as_str()), ("place", place.as_str())]),
            None => words.say_with("aim-spill-beyond", &[("people", people.as_str())]),
        };
        all.push(sentence.into_owned());
    }
    let more = somebody.get(SAID..).unwrap_or(&[]);
    if !more.is_empty() {
        let people = whole(more.iter().map(|outside| outside.inhabitants).sum());
        let count = more.len().to_string();
        all.push(
            words.say_with("aim-spill-more", &[("people", people.as_str()), ("count", count.as_str())]).into_owned(),
        );
    }
    all
}

/// In French and Dutch where they differ, else in the one it has; none beyond Belgium and France.
#[must_use]
pub fn place_name(reached: &Reached, gazetteer: &Gazetteer) -> Option<String> {
    let names = reached.place.as_ref().and_then(|place| gazetteer.names(place))?;
    match (names.fr, names.nl, names.de) {
        (Some(fr), Some(nl), _) if fr != nl => Some(format!("{fr} / {nl}")),
        (fr, nl, de) => fr.or(nl).or(de),
    }
}

/// How many circles each unit has, as JSON.
#[must_use]
pub fn units_view(units: &[Circles]) -> Vec<Value> {
    let counts = |unit: &Circles| json!({"circles": unit.includes.len(), "exclusions": unit.excludes.len()});
    units.iter().map(counts).collect()
}

/// The platform's places, as JSON; `code` is what they are in our tables.
#[must_use]
pub fn places_view(places: &[ChannelPlace]) -> Vec<Value> {
    let one = |place: &ChannelPlace| {
        let code = place.meaning.as_ref().ok().map(ToString::to_string);
        json!({"id": place.listed.id, "name": place.listed.name, "kind": place.listed.kind.code(), "code": code})
    };
    places.iter().map(one).collect()
}

/// Whole people: a municipal average knows no fractions.
fn people(inhabitants: f64) -> Value {
    json!(inhabitants.round())
}

fn thousandths(number: f64) -> Value {
    json!((number * 1000.0).round() / 1000.0)
}

/// How well an aim fits, as JSON: shares 0 to 1, people, km².
#[must_use]
pub fn fit_view(fit: &Fit, gazetteer: &Gazetteer) -> Value {
    let list = |reached: &[Reached]| -> Vec<Value> {
        let one = |r: &Reached| {
            json!({
                "code": r.place.as_ref().map(ToString::to_string),
                "name": place_name(r, gazetteer),
                "inhabitants": people(r.inhabitants),
                "of": people(r.of),
            })
        };
        reached.iter().map(one).collect()
    };
    json!({
        "recall": thousandths(fit.recall()),
        "least_recall_of_a_municipality": thousandths(fit.least_part()),
        "target": {"inhabitants": people(fit.target_inhabitants), "km2": thousandths(fit.target_km2)},
        "missed": {"inhabitants": people(fit.target_inhabitants - fit.reached_inhabitants), "km2": thousandths(fit.missed_km2)},
        "over_reach": {
            "inhabitants": people(fit.over_inhabitants),
            "km2": thousandths(fit.over_km2),
            "share": thousandths(fit.over_reach()),
        },
        "municipalities": list(&fit.parts),
        "spill": list(&fit.spill),
    })
}
