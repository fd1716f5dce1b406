//! The paid parts of a plan before anything is made, and what came of them, as people read them.

use super::aims::{fit_view, said as aim_said, units_view};
use super::places::locale;
use crate::app::adverts::PaidPart;
use crate::app::{App, AppError, ad_report, aim_appeal, foretell};
use crate::area::Gazetteer;
use crate::db::appeals;
use crate::domain::actor::Permission;
use crate::domain::advert::{AdResult, Forecast, Placement, to_csv};
use crate::domain::aim::{AimPlatform, Circles};
use crate::domain::channel_place::ChannelPlace;
use crate::domain::ids::AppealId;
use crate::domain::paid::{Change, ChangeState};
use crate::http::problem::ApiError;
use crate::http::request::{self, SignedIn};
use crate::words::{Locale, Words};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde_json::{Value, json};

fn forecast(expected: &Forecast) -> Value {
    json!({"people": expected.people, "impressions": expected.impressions, "cost_cents": expected.cost.0})
}

/// A code, and what to do about it in words; null when nothing is wrong.
fn trouble(code: &str, detail: Option<&str>, words: Words) -> Value {
    if code.is_empty() {
        return Value::Null;
    }
    json!({"code": code, "said": foretell::in_words(code, words), "detail": detail})
}

/// A change of a campaign that is out: what is ordered, how far it is, what the platform said.
#[must_use]
pub fn change(change: &Change, words: Words) -> Value {
    let code = match change.state {
        ChangeState::Refused => "change-refused",
        ChangeState::Held => "change-unclear",
        _ => "",
    };
    json!({
        "id": change.id.as_str(), "because": change.because, "state": change.state.code(),
        "to_cents": change.to.cap_cents, "to_ends_at": change.to.ends_at,
        "from_cents": change.from.cap_cents, "from_ends_at": change.from.ends_at,
        "decided_at": change.decided_at, "asked_at": change.asked_at, "settled_at": change.settled_at,
        "tries": change.tries, "detail": change.detail, "trouble": trouble(code, Some(&change.detail), words),
    })
}

/// The sentences an approver reads beside the numbers.
fn sentences(part: &PaidPart, words: Words) -> Vec<String> {
    let mut said = Vec::new();
    let (people, impressions, cost) =
        (part.forecast.people.to_string(), part.forecast.impressions.to_string(), part.forecast.cost.to_string());
    said.push(
        words
            .say_with(
                "ads-forecast",
                &[("people", people.as_str()), ("impressions", impressions.as_str()), ("cost", cost.as_str())],
            )
            .into_owned(),
    );
    said.push(words.say("ads-ceiling").into_owned());
    let ages = part.ages.to_string();
    said.push(words.say_with("ads-ages", &[("ages", ages.as_str())]).into_owned());
    if part.platform == AimPlatform::Google {
        said.push(words.say("ads-ages-known").into_owned());
    }
    if let Some(day) = part.last_day {
        let day = day.to_string();
        said.push(words.say_with("ads-until", &[("day", day.as_str())]).into_owned());
    }
    if let Some((cap, left)) = part.account.as_ref().and_then(|account| account.cap) {
        let (cap, left) = (cap.to_string(), left.to_string());
        said.push(words.say_with("ads-account-cap", &[("cap", cap.as_str()), ("left", left.as_str())]).into_owned());
    }
    let answered = part.said.as_ref().filter(|said| said.asked_at.is_some());
    said.push(match answered.map(|said| said.people) {
        None => words.say("ads-estimate-waits").into_owned(),
        Some(None) => words.say("ads-estimate-none").into_owned(),
        Some(Some((from, to))) => {
            let (from, to) = (from.to_string(), to.to_string());
            words.say_with("ads-estimate", &[("from", from.as_str()), ("to", to.as_str())]).into_owned()
        }
    });
    said
}

/// The paid parts of a plan: where, how well that fits, whom it reaches outside, what it is expected to bring and to cost.
#[must_use]
pub fn planned(app: &App, id: &AppealId, parts: &[PaidPart], listed: &[ChannelPlace], locale: Locale) -> Vec<Value> {
    let words = Words::of(locale);
    let one = |part: &PaidPart| {
        let (platform, language) = (part.platform, part.language.code());
        let picture = format!("/api/v1/appeals/{id}/area.png?platform={platform}&language={language}");
        let aim = part.aim.as_ref().map(|aim| {
            let (units, places) = match &aim.placement {
                Placement::Circles(units) => {
                    (units.iter().map(|(unit, _)| unit.clone()).collect::<Vec<Circles>>(), Vec::new())
                }
                Placement::Places(ids) => (Vec::new(), places_named(ids, listed, app.gazetteer)),
            };
            json!({"units": units_view(&units), "places": places, "fit": fit_view(&aim.fit, app.gazetteer),
                "said": aim_said(&aim.fit, app.gazetteer, words)})
        });
        let estimate = part.said.as_ref().map(|said| {
            json!({"asked_at": said.asked_at, "people_from": said.people.map(|people| people.0),
                "people_to": said.people.map(|people| people.1),
                "trouble": trouble(&said.trouble, Some(&said.detail), words)})
        });
        let account = part.account.as_ref().map(|account| {
            json!({"name": account.name, "calls_per_minute": account.per_minute,
                "monthly_cap_cents": account.cap.map(|cap| cap.0.0), "left_cents": account.cap.map(|cap| cap.1.0)})
        });
        json!({
            "channel": part.channel.code(), "platform": platform.code(), "language": language, "picture": picture,
            "account": account,
            "ceiling_cents": part.cap_cents, "ends_at": part.ends_at, "last_day": part.last_day, "aim": aim,
            "ages": {"from": part.ages.least(), "to": part.ages.most()},
            "forecast": forecast(&part.forecast), "estimate": estimate, "said": sentences(part, words),
        })
    };
    parts.iter().map(one).collect()
}

/// The stored lists of places that a plan's parts are in; nothing where none is.
pub(super) async fn places(app: &web::Data<App>, parts: &[PaidPart]) -> Result<Vec<ChannelPlace>, ApiError> {
    if !parts.iter().any(|part| part.platform == AimPlatform::X) {
        return Ok(Vec::new());
    }
    let context = app.clone();
    request::read(app, move |conn| aim_appeal::listed(conn, &context, AimPlatform::X)).await
}

/// Places by their ids, with the names the platform and we have for them: what an officer reads.
fn places_named(ids: &[String], listed: &[ChannelPlace], gazetteer: &Gazetteer) -> Vec<Value> {
    let one = |id: &String| {
        let place = listed.iter().find(|place| place.listed.id == *id);
        let code = place.and_then(|place| place.meaning.as_ref().ok());
        let names = code.and_then(|code| gazetteer.names(code));
        json!({
            "id": id, "name": place.map(|place| &place.listed.name), "kind": place.map(|place| place.listed.kind.code()),
            "code": code.map(ToString::to_string),
            "names": names.map(|names| json!({"fr": names.fr, "nl": names.nl, "de": names.de})),
        })
    };
    ids.iter().map(one).collect()
}

/// What came of an appeal's advertisements, per platform and language.
#[must_use]
pub fn results(rows: &[(AdResult, String)], words: Words) -> Vec<Value> {
    let one = |(row, stands): &(AdResult, String)| {
        json!({
            "platform": row.platform.code(), "language": row.language.code(), "ceiling_cents": row.ceiling.0,
            "spent_cents": row.spent.0, "forecast": forecast(&row.forecast), "reach": row.reach,
            "impressions": row.impressions, "clicks": row.clicks, "responses": row.responses,
            "cents_per_response": row.cost_per_response().map(|cents| cents.0), "trouble": trouble(stands, None, words),
        })
    };
    rows.iter().map(one).collect()
}

/// What came of an appeal's advertisements as CSV (RFC 4180), a row for each platform and language
#[utoipa::path(tag = "responses", params(("id" = String, Path)), responses((status = 200, content_type = "text/csv")))]
#[get("/appeals/{id}/report/paid.csv")]
pub async fn csv(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let context = app.clone();
    let table = request::read(&app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may(Permission::ReadAppeals, now)?;
        let appeal = appeals::of_unit(conn, &id, &caller.actor.unit)?;
        let rows: Vec<AdResult> = ad_report::results(conn, &id)?.into_iter().map(|(row, _)| row).collect();
        Ok::<_, AppError>(to_csv(&appeal.draft.title, &rows))
    })
    .await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("content-disposition", "attachment; filename=\"paid.csv\""))
        .insert_header(("cache-control", "private, no-store"))
        .body(table))
}

/// The words of a request's reader.
pub(super) fn words(request: &HttpRequest) -> Words {
    Words::of(locale(request))
}
