//! The map in the form, without scripts: every press of a button or of the picture sends the form, which comes back with everything
//! typed and the map one step on. Places are also found by name, which is the way of keyboard and ear. The map travels inside
//! the page: no address ever says where somebody looked.

use super::answer_form::Form;
use super::respond::broken;
use crate::app::intake::{self, Place};
use crate::app::{App, AppError};
use crate::area::{CHART_SIDE, Chart, Names, NotFound};
use crate::domain::place::{Country, PlaceCode};
use crate::domain::spot::Spot;
use crate::http::pages::form::Mistake;
use crate::http::pages::respond::{MapView, RespondView};
use crate::words::Locale;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::{LazyLock, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Maps drawn at a time: each looks up some 20,000 cells.
static DRAWING: Semaphore = Semaphore::const_new(1);
/// Maps of whole countries, with which most begin: the same for everybody, so remembered. No other map is.
static COUNTRIES: LazyLock<Mutex<Vec<(Locale, String, String)>>> = LazyLock::new(Mutex::default);

/// What a press led to, besides what stands in the form.
#[derive(Default)]
pub(super) struct Stepped {
    /// Places of the name, to choose from.
    pub candidates: Vec<(String, String)>,
    /// What is wrong with the name.
    pub mistake: Option<Mistake>,
}

/// Whether the form is not to be sent yet.
pub(super) fn is_step(form: &Form) -> bool {
    !form.map_x.is_empty() || !["", "send"].contains(&form.step.as_str())
}

/// A place's name in the language of the page, or in one the place has.
fn named(names: &Names, locale: Locale) -> Option<String> {
    let Names { fr, nl, de } = names;
    let order = match locale {
        Locale::Fr | Locale::En => [fr, nl, de],
        Locale::Nl => [nl, fr, de],
        Locale::De => [de, fr, nl],
    };
    order.into_iter().flatten().next().cloned()
}

fn name_of(app: &App, code: &PlaceCode, locale: Locale) -> String {
    app.gazetteer.names(code).and_then(|names| named(&names, locale)).unwrap_or_default()
}

/// Does what was pressed.
pub(super) fn step(app: &App, place: &Place, form: &mut Form, locale: Locale) -> Stepped {
    let chart = form.chart();
    let mut stepped = Stepped::default();
    let start = || chart.unwrap_or_else(|| Chart::of_country(place.country));
    let pressed = form.map_x.trim().parse::<u32>().ok().zip(form.map_y.trim().parse::<u32>().ok());
    let next = match (pressed, form.step.as_str()) {
        // From the keyboard the picture is pressed at no point of it.
        (Some((0, 0)), _) | (None, "closer") => start().closer(),
        (Some((x, y)), _) => {
            let spot = start().spot_at(x.min(CHART_SIDE), y.min(CHART_SIDE));
            form.spot = spot.to_text();
            start().at(spot).closer()
        }
        (None, "farther") => start().farther(),
        (None, "north") => start().moved(0.0, 1.0),
        (None, "south") => start().moved(0.0, -1.0),
        (None, "west") => start().moved(-1.0, 0.0),
        (None, "east") => start().moved(1.0, 0.0),
        (None, "pin") => {
            form.spot = start().middle().to_text();
            start()
        }
        (None, "unpin") => {
            form.spot = String::new();
            start()
        }
        (None, _) => find(app, place, form, locale, &mut stepped).unwrap_or_else(start),
    };
    form.view = next.to_text();
    stepped
}

/// Looks the words up; the map around what they name.
fn find(app: &App, place: &Place, form: &mut Form, locale: Locale, stepped: &mut Stepped) -> Option<Chart> {
    let words = form.place.trim().to_owned();
    if words.is_empty() || words.len() > 400 {
        return None;
    }
    let chosen = form.found(app);
    let found = chosen.or_else(|| match app.gazetteer.find_place(&words, Some(place.country)) {
        Ok(found) => Some(found.code),
        Err(error) => intake::place_in(&words).or_else(|| {
            let several: Vec<_> = match &error {
                NotFound::NotHeld { .. } => &[][..],
                other => other.candidates(),
            }
            .iter()
            .take(8)
            .map(|one| (one.code.to_string(), format!("{} ({})", name_of(app, &one.code, locale), one.within)))
            .collect();
            stepped.mistake = several.is_empty().then_some(Mistake::UnknownPlace);
            stepped.candidates = several;
            None
        }),
    });
    form.place_for.clone_from(&words);
    let code = found?;
    form.place_code = code.to_string();
    let middle = intake::middle_of(app, &code).and_then(|(lat, lng)| Spot::new(lat, lng));
    middle.map(Chart::around)
}

async fn picture(app: &App, chart: Chart, pin: Option<Spot>, locale: Locale) -> Result<String, AppError> {
    let is_first = pin.is_none() && [Country::Be, Country::Fr].map(Chart::of_country).contains(&chart);
    let known = || {
        let kept = COUNTRIES.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(of, view, _)| *of == locale && *view == chart.to_text()).map(|(.., src)| src.clone())
    };
    if is_first && let Some(src) = known() {
        return Ok(src);
    }
    let _turn = DRAWING.acquire().await.map_err(broken)?;
    let gazetteer = app.gazetteer;
    let drawn = tokio::task::spawn_blocking(move || chart.svg(gazetteer, |names| named(names, locale), pin));
    let src = format!("data:image/svg+xml;base64,{}", STANDARD.encode(drawn.await.map_err(broken)?));
    if is_first && known().is_none() {
        let mut kept = COUNTRIES.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push((locale, chart.to_text(), src.clone()));
    }
    Ok(src)
}

/// Shows map, place and candidates of a form.
pub(super) async fn show(
    app: &App,
    form: &Form,
    stepped: Stepped,
    locale: Locale,
    view: &mut RespondView,
) -> Result<(), AppError> {
    if let Some(mistake) = stepped.mistake {
        view.place = view.place.clone().but(mistake);
    }
    view.candidates = stepped.candidates;
    if let Some(code) = form.found(app) {
        view.found = Some((code.to_string(), name_of(app, &code, locale)));
    }
    view.place_for.clone_from(&form.place_for);
    let Some(chart) = form.chart() else { return Ok(()) };
    let around = |spot: Spot| {
        let there = app.gazetteer.locate(spot.lat, spot.lng).ok().and_then(|located| located.place);
        there.and_then(|there| named(&there.names, locale))
    };
    let pin = form.marked();
    view.map = Some(MapView {
        src: picture(app, chart, pin, locale).await?,
        view: chart.to_text(),
        around: around(chart.middle()),
        kilometres: format!("{:.0}", chart.width_m() / 1_000.0),
        spot: pin.map(Spot::to_text),
        marked: pin.map(|pin| around(pin).unwrap_or_default()),
    });
    Ok(())
}
