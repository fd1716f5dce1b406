//! What an appeal brought and what a week brought, as JSON, as a table, as places, as cells, as a picture.

use crate::app::statistics::{self, Statistics, Tally, Week, WeekOutcome};
use crate::app::{App, AppError};
use crate::domain::faults::Fault;
use crate::domain::ids::AppealId;
use crate::domain::lot::ClaimState;
use crate::domain::outcome::Outcome;
use crate::http::pdf::{Line, document as document_of};
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, SignedIn, compute};
use crate::media::heat_map;
use crate::words::{Locale, Words};
use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn tallies(by: &BTreeMap<&'static str, BTreeMap<String, Tally>>) -> Value {
    let group = |group: &BTreeMap<String, Tally>| -> Value {
        group.iter().map(|(value, t)| (value.clone(), json!({"received": t.received, "useful": t.useful}))).collect()
    };
    by.iter().map(|(property, values)| ((*property).to_owned(), group(values))).collect()
}

fn document(s: &Statistics) -> Value {
    json!({
        "received": s.total.received, "useful": s.total.useful, "by": tallies(&s.by),
        "minutes": s.minutes.iter().map(|(at, count)| json!({"minute": at, "received": count})).collect::<Vec<_>>(),
        "municipalities": s.places.iter().map(|place| json!({"code": place.code, "name": place.name,
            "received": place.received, "useful": place.useful})).collect::<Vec<_>>(),
        "identified": s.identified,
        "victims_identified": s.victims(), "owners_found": s.owners(),
        "identifications": s.named.iter().map(|one| json!({"id": one.id, "of": one.of, "response": one.response,
            "lot": one.lot, "same_as": one.same_as})).collect::<Vec<_>>(),
        "lots": {"by_state": s.claims.lots, "claims": s.claims.claims.len(),
            "claimed": s.claims.in_state(ClaimState::Claimed) + s.claims.in_state(ClaimState::Disputed)
                + s.claims.in_state(ClaimState::Awarded) + s.claims.in_state(ClaimState::Returned),
            "returned": s.claims.in_state(ClaimState::Returned)},
        "course": {"reached": s.reached, "responses": s.total.received, "useful": s.total.useful,
            "outcome": s.outcome.map(Outcome::code),
            "by": s.courses.iter().map(|((channel, language), c)| json!({"channel": channel, "language": language,
                "reached": c.reached, "responses": c.tally.received, "useful": c.tally.useful,
                "identified": c.identified, "spent_cents": c.spent_cents,
                "cents_per_useful_response": c.cents_per_useful()})).collect::<Vec<_>>()},
        "money": s.committed_cents.map(|cents| json!({"currency": "EUR", "committed_cents": cents,
            "cents_per_useful_response": s.cents_per_useful()})),
    })
}

/// A cell of a table that no spreadsheet takes for a formula.
fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn table(s: &Statistics) -> Result<Vec<u8>, AppError> {
    let broken = |e: csv::Error| AppError::Broken(e.to_string());
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["property", "value", "name", "received", "useful"]).map_err(broken)?;
    let mut line = |property: &str, value: &str, name: &str, received: String, useful: String| {
        out.write_record([property, &safe(value), &safe(name), &received, &useful]).map_err(broken)
    };
    line("total", "", "", s.total.received.to_string(), s.total.useful.to_string())?;
    for (property, values) in &s.by {
        for (value, t) in values {
            line(property, value, "", t.received.to_string(), t.useful.to_string())?;
        }
    }
    for (at, count) in &s.minutes {
        line("minute", &at.to_rfc3339(), "", count.to_string(), String::new())?;
    }
    for place in &s.places {
        line("municipality", &place.code, &place.name, place.received.to_string(), place.useful.to_string())?;
    }
    for (state, count) in &s.claims.lots {
        line("lots", state, "", count.to_string(), String::new())?;
    }
    for (property, count) in [("victims_identified", s.victims()), ("owners_found", s.owners())] {
        line(property, "", "", count.to_string(), String::new())?;
    }
    for one in &s.named {
        line("identification", &one.id, &one.response, String::new(), one.of.clone())?;
    }
    for ((channel, language), c) in &s.courses {
        let of = format!("{channel} {language}");
        line("course", &of, "", c.tally.received.to_string(), c.tally.useful.to_string())?;
        line("reached", &of, "", c.reached.to_string(), String::new())?;
        line("identified", &of, "", c.identified.to_string(), String::new())?;
        for (property, cents) in [("spent_cents", c.spent_cents), ("cents_per_useful_response", c.cents_per_useful())] {
            if let Some(cents) = cents {
                line(property, &of, "", cents.to_string(), String::new())?;
            }
        }
    }
    out.into_inner().map_err(|e| AppError::Broken(e.to_string()))
}

fn places(s: &Statistics) -> Value {
    let features = s.places.iter().filter_map(|place| {
        let (lat, lng) = place.middle?;
        Some(json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [lng, lat]},
            "properties": {"code": place.code, "name": place.name, "received": place.received,
                "useful": place.useful}}))
    });
    json!({"type": "FeatureCollection", "features": features.collect::<Vec<_>>()})
}

fn file(kind: &'static str, name: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .content_type(kind)
        .body(bytes)
}

/// In which shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShapeQuery {
    #[serde(rename = "as")]
    shape: Option<String>,
}

/// What an appeal brought: `as` is `json` (the default), `csv`, `geojson` (municipalities), `cells` or `png` (heat map)
///
/// Received and useful by kind, channel, language, state and municipality; received by minute, never joined with places;
/// lots and claims; victims identified and by which response; reach, responses, outcome and what a useful response cost, in
/// all and by channel and language.
#[utoipa::path(tag = "responses", params(("id" = String, Path), ("as" = Option<String>, Query)), responses((status = 200), (status = 422)))]
#[get("/appeals/{id}/statistics")]
pub async fn show(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
    query: web::Query<ShapeQuery>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let shape = query.into_inner().shape.unwrap_or_else(|| "json".to_owned());
    let (context, actor, of_appeal) = (app.clone(), caller.actor.clone(), id.to_string());
    let found = request::read(&app, move |conn| statistics::of_appeal(conn, &context, &caller.actor, &id)).await?;
    request::note_reading(&app, &actor, "statistics.read", of_appeal, shape.clone()).await?;
    match shape.as_str() {
        "json" => Ok(Answer::ok(document(&found)).respond()),
        "csv" => Ok(file("text/csv; charset=utf-8", "statistics.csv", table(&found)?)),
        "geojson" => Ok(file("application/geo+json", "statistics.geojson", places(&found).to_string().into_bytes())),
        "cells" => {
            let cells: Vec<Value> = found
                .cells()
                .iter()
                .map(|(cell, count)| json!({"cell": cell.to_string(), "received": count}))
                .collect();
            Ok(Answer::ok(json!({"resolution": 6, "cells": cells})).respond())
        }
        "png" => {
            let drawn = compute(move || Ok(heat_map(&found.cells()))).await?;
            Ok(file("image/png", "statistics.png", drawn.ok_or(AppError::NotFound)?))
        }
        _ => Err(AppError::Faults(vec![Fault::at("/as", "unknown-value").with("value", &shape)]).into()),
    }
}

/// Which week.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeekQuery {
    of: Option<NaiveDate>,
    #[serde(rename = "as")]
    shape: Option<String>,
    language: Option<String>,
}

fn came_of(outcome: WeekOutcome) -> Value {
    json!({"victims_identified": outcome.victims, "owners_found": outcome.owners,
        "pieces": {"claimed": outcome.claimed, "returned": outcome.returned}})
}

/// The report as a page.
fn page(week: &Week, locale: Locale) -> Vec<u8> {
    let w = Words::of(locale);
    let row = |name: &str, t: &Tally| Line::row(name, [t.received.to_string(), t.useful.to_string()]);
    let day = week.from.to_string();
    let mut lines = vec![Line::heading(w.say_with("report-week", &[("day", day.as_str())])), Line::text("")];
    lines.push(Line::row("", [w.say("report-received").into_owned(), w.say("report-useful").into_owned()]));
    lines.push(row(&w.say("report-total"), &week.total));
    for (property, values) in &week.by {
        lines.extend([Line::text(""), Line::heading(*property)]);
        lines.extend(values.iter().map(|(value, t)| row(value, t)));
    }
    lines.extend([Line::text(""), Line::heading(w.say("report-appeals"))]);
    for of in &week.appeals {
        lines.push(row(&format!("{}  {}", of.title.chars().take(34).collect::<String>(), of.id), &of.tally));
    }
    let came = week.outcome();
    let number =
        |name: std::borrow::Cow<'static, str>, count: usize| Line::row(&*name, [count.to_string(), String::new()]);
    lines.extend([
        Line::text(""),
        Line::heading(w.say("report-outcome")),
        number(w.say("report-victims"), came.victims),
        number(w.say("report-owners"), came.owners),
        number(w.say("report-claimed"), came.claimed),
        number(w.say("report-returned"), came.returned),
    ]);
    document_of(&lines)
}

/// The activity report of the week (Monday to Sunday, UTC) that the day `of` lies in, for the unit; `as` is `json` or `pdf`
#[utoipa::path(tag = "responses", params(("of" = Option<String>, Query), ("as" = Option<String>, Query), ("language" = Option<String>, Query)), responses((status = 200), (status = 422)))]
#[get("/statistics/week")]
pub async fn weekly(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    query: web::Query<WeekQuery>,
) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    let WeekQuery { of, shape, language } = query.into_inner();
    let week = request::read(&app, move |conn| statistics::week(conn, &context, &caller.actor, of)).await?;
    match shape.as_deref() {
        None | Some("json") => {}
        Some("pdf") => {
            let locale = language.as_deref().and_then(|code| Locale::parse(code).ok()).unwrap_or(Locale::En);
            return Ok(file("application/pdf", "week.pdf", page(&week, locale)));
        }
        Some(other) => {
            return Err(AppError::Faults(vec![Fault::at("/as", "unknown-value").with("value", other)]).into());
        }
    }
    let appeals: Vec<Value> = week
        .appeals
        .iter()
        .map(|of| {
            json!({"appeal": of.id, "title": of.title, "received": of.tally.received, "useful": of.tally.useful,
                "outcome": came_of(of.outcome)})
        })
        .collect();
    Ok(Answer::ok(json!({"from": week.from, "received": week.total.received, "useful": week.total.useful,
        "by": tallies(&week.by), "outcome": came_of(week.outcome()), "appeals": appeals}))
    .respond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+32", "-1", "@SUM(A1)", "\tx", "\rx"] {
            assert_eq!(safe(text), format!("'{text}"));
        }
        assert_eq!(safe("Namur"), "Namur");
    }
}
