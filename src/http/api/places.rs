//! Looking places up by name; and what is shown with a target area besides its cells: how its places were read, notes,
//! and who lives there.

use super::views::candidate;
use crate::app::{App, AppError};
use crate::area::Inhabitants;
use crate::domain::area::{AreaPart, TargetArea};
use crate::domain::faults::Fault;
use crate::http::problem::ApiError;
use crate::http::request::{Answer, SignedIn, compute};
use crate::words::{Locale, Words};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// More municipalities than this are summed, not listed.
const LISTED: usize = 20;

/// What to look up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceQuery {
    q: String,
    limit: Option<usize>,
}

/// Look places up by name
///
/// A name or its beginning in any language of the place, accents, case, hyphens and slips forgiven; or a postal code.
#[utoipa::path(tag = "places", params(("q" = String, Query), ("limit" = Option<usize>, Query)), responses((status = 200), (status = 422)))]
#[get("/places")]
pub async fn search(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    query: web::Query<PlaceQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.into_inner();
    // Whoever is signed in may look up public tables; nothing of theirs is read.
    drop(caller);
    let longest = crate::area::limits::NAME;
    if query.q.chars().count() > longest {
        let fault = Fault::at("q", "too-long").with("limit", longest).with("length", query.q.chars().count());
        return Err(AppError::Faults(vec![fault]).into());
    }
    let gazetteer = app.gazetteer;
    let items: Vec<Value> = compute(move || {
        let found = gazetteer.search(&query.q, query.limit.unwrap_or(10).clamp(1, 50));
        let place = |found: &crate::area::Candidate| {
            let names = gazetteer.names(&found.code).unwrap_or_default();
            let mut view = candidate(found);
            if let Some(object) = view.as_object_mut() {
                object.insert("names".to_owned(), json!({"fr": names.fr, "nl": names.nl, "de": names.de}));
                object.insert("country".to_owned(), json!(found.code.country().code()));
                object.insert("population".to_owned(), json!(gazetteer.population(&found.code)));
            }
            view
        };
        Ok(found.iter().map(place).collect())
    })
    .await?;
    Ok(Answer::ok(json!({"items": items})).respond())
}

/// The language of the answer.
#[must_use]
pub fn locale(request: &HttpRequest) -> Locale {
    let accepted = request.headers().get("accept-language").and_then(|v| v.to_str().ok()).unwrap_or("");
    Locale::negotiate(accepted).unwrap_or(Locale::En)
}

/// How the area was read and who lives there, for the members `places`, `notes` and `inhabitants`.
#[must_use]
pub fn reading(app: &App, area: &TargetArea, locale: Locale) -> Map<String, Value> {
    let words = Words::of(locale);
    let place = |side: &'static str| {
        move |(i, part): (usize, &AreaPart)| {
            let code = part.place()?;
            let filed = match part {
                AreaPart::Named { text, .. } => text.clone(),
                _ => code.to_string(),
            };
            let mut view = candidate(&app.gazetteer.candidate(code));
            let object = view.as_object_mut()?;
            object.insert("filed".to_owned(), json!(filed));
            object.insert("pointer".to_owned(), json!(format!("/{side}/{i}/place")));
            Some(view)
        }
    };
    let included = area.spec.include.iter().enumerate().filter_map(place("include"));
    let places: Vec<Value> =
        included.chain(area.spec.exclude.iter().enumerate().filter_map(place("exclude"))).collect();
    let notes = area.notes.iter().map(|note| {
        let args: Vec<(&str, &str)> = note.args.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let detail = words.say_with(&format!("note-{}", note.kind.code()), &args);
        json!({"pointer": note.pointer, "code": note.kind.code(), "args": note.args, "detail": detail})
    });
    let people = app.gazetteer.inhabitants_under(&area.cells, app.reading(None).facilities);
    Map::from_iter([
        ("places".to_owned(), Value::Array(places)),
        ("notes".to_owned(), notes.collect()),
        ("inhabitants".to_owned(), inhabitants(app, &people, words)),
    ])
}

fn inhabitants(app: &App, people: &Inhabitants, words: Words) -> Value {
    let by_language: Map<String, Value> =
        people.by_language.iter().map(|(language, count)| (language.code().to_owned(), json!(count))).collect();
    let place = |of: &crate::area::PlaceInhabitants| {
        let mut view = candidate(&app.gazetteer.candidate(&of.place));
        if let Some(object) = view.as_object_mut() {
            object.insert("about".to_owned(), json!(of.about));
            object.insert("at_least".to_owned(), json!(if of.whole { of.population } else { 0 }));
            object.insert("at_most".to_owned(), json!(of.population));
        }
        view
    };
    json!({
        "about": people.about,
        "at_least": people.at_least,
        "at_most": people.at_most,
        "by_language": by_language,
        "by_place": people.by_place.iter().take(LISTED).map(place).collect::<Vec<_>>(),
        "places_touched": people.by_place.len(),
        "outside_km2": (people.outside_km2 * 1000.0).round() / 1000.0,
        "error": {"code": "municipal-average", "detail": words.say("note-inhabitants")},
    })
}
