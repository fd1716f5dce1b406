//! Where and when an answer says something was seen: points on a map, chosen places, or municipalities by name in what people
//! write, one hash lookup per word; and keyed names for "about there, about then" that say nothing without the appeal's secret.

use super::Place;
use crate::app::App;
use crate::app::respond::Told;
use crate::area::Gazetteer;
use crate::domain::likeness::fold;
use crate::domain::place::{Country, PlaceCode, PlaceKind};
use crate::domain::spot::{PlacePrecision, Spot};
use crate::domain::when::{self, Precision};
use crate::words::Zone;
use chrono::{DateTime, Utc};
use h3o::{CellIndex, LatLng, Resolution};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, Mutex};

/// Cells in which two sightings are near each other: about 5 km², and those around.
const NEAR: Resolution = Resolution::Seven;
/// Faster than any train between two sightings, in km/h, once the time is known to the hour.
const TOO_FAST: f64 = 200.0;
/// Roads are longer than the map, times are rounded, a municipality is wide: nothing nearer is ever called implausible.
const ALWAYS_PLAUSIBLE_KM: f64 = 30.0;

struct Names {
    codes: HashMap<String, PlaceCode>,
    /// Single words of Belgian names, to tell a fact in a text.
    words: HashSet<String>,
    longest: usize,
}

fn spaced(text: &str) -> String {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Every municipality's names; Belgium's win where both countries have one.
static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names { codes: HashMap::new(), words: HashSet::new(), longest: 1 };
    let Ok(gazetteer) = Gazetteer::embedded() else { return names };
    for country in [Country::Be, Country::Fr] {
        for code in gazetteer.municipalities(&PlaceCode::Whole(country)).unwrap_or_default() {
            let Some(of) = gazetteer.names(&code) else { continue };
            for name in [of.fr, of.nl, of.de].into_iter().flatten() {
                let name = spaced(&name);
                if country == Country::Be {
                    names.words.extend(name.split(' ').map(str::to_owned));
                }
                names.longest = names.longest.max(name.split(' ').count());
                names.codes.entry(name).or_insert_with(|| code.clone());
            }
        }
    }
    names
});

/// Whether a folded word is part of a Belgian municipality's name.
pub(super) fn is_place(word: &str) -> bool {
    NAMES.words.contains(word)
}

/// The longest municipality's name in a text.
fn municipality(text: &str) -> Option<&'static PlaceCode> {
    let text = spaced(text);
    let words: Vec<&str> = text.split(' ').collect();
    (1..=NAMES.longest.min(words.len())).rev().find_map(|length| {
        words
            .windows(length)
            .map(|part| part.join(" "))
            .filter(|name| name.len() > 2)
            .find_map(|name| NAMES.codes.get(&name))
    })
}

/// The municipality that words name somewhere among others.
#[must_use]
pub fn place_in(words: &str) -> Option<PlaceCode> {
    municipality(words).cloned()
}

/// The middle of a place, in degrees north and east.
#[must_use]
pub fn middle_of(app: &App, code: &PlaceCode) -> Option<(f64, f64)> {
    middle(app, code).map(|at| (at.lat(), at.lng()))
}

/// The middle of a place, remembered: its cells are unpacked once.
pub(in crate::app) fn middle(app: &App, code: &PlaceCode) -> Option<LatLng> {
    static MIDDLES: LazyLock<Mutex<HashMap<PlaceCode, Option<LatLng>>>> = LazyLock::new(Mutex::default);
    if let Some(known) = super::held(&MIDDLES).get(code) {
        return *known;
    }
    let cells = app.gazetteer.cells_of(code).ok();
    let middle = cells.and_then(|cells| {
        let (mut lat, mut lng, mut count) = (0.0, 0.0, 0.0);
        for cell in cells.cells() {
            let centre = LatLng::from(cell);
            // A compacted cell stands for seven of the next size.
            let weight = 7_f64.powi(15 - i32::from(u8::from(cell.resolution())));
            lat += centre.lat() * weight;
            lng += centre.lng() * weight;
            count += weight;
        }
        LatLng::new(lat / count, lng / count).ok()
    });
    super::held(&MIDDLES).insert(code.clone(), middle);
    middle
}

/// What an answer says of where and when.
pub(super) struct Seen {
    place: Option<PlaceCode>,
    middle: Option<LatLng>,
    /// The point shown on a map.
    spot: Option<Spot>,
    place_precision: Option<PlacePrecision>,
    read_by: &'static str,
    when: Option<(DateTime<Utc>, Precision)>,
}

/// Reads where and when: what was shown or chosen counts before what was written, what was typed before what was said.
pub(super) fn seen(app: &App, place: &Place, told: &Told, now: DateTime<Utc>) -> Seen {
    let zone = Zone::from(place.country);
    let said = || {
        let (local, precision) = when::read(&told.when, zone.wall_clock(now))?;
        Some((zone.moment_of(local)?, precision))
    };
    let shown = told.spot.and_then(|spot| LatLng::new(spot.lat, spot.lng).ok());
    let (place, read_by) = match (shown, &told.chosen) {
        (Some(point), _) => (app.gazetteer.unit_of_cell(point.to_cell(Resolution::Eleven)), "map"),
        (None, Some(chosen)) => (Some(chosen.clone()), "choice"),
        (None, None) => (municipality(&told.place).cloned(), "name"),
    };
    let named = || place.as_ref().map(|_| PlacePrecision::Municipality);
    Seen {
        middle: shown.or_else(|| place.as_ref().and_then(|code| middle(app, code))),
        spot: told.spot.filter(|_| shown.is_some()),
        place_precision: told.place_precision.or_else(|| if shown.is_some() { None } else { named() }),
        read_by,
        place,
        when: told.moment.or_else(said),
    }
}

impl Seen {
    /// For the sealed text, beside the words it was read from.
    pub fn to_document(&self) -> Value {
        json!({
            "place": self.place.as_ref().map(ToString::to_string),
            "lat": self.spot.map(|spot| (spot.lat * 1e5).round() / 1e5), "lng": self.spot.map(|spot| (spot.lng * 1e5).round() / 1e5),
            "place_precision": self.place_precision.map(PlacePrecision::code),
            "at": self.when.map(|(at, _)| at), "at_precision": self.when.map(|(_, precision)| precision.code()),
            "read_by": self.middle.is_some().then_some(self.read_by),
        })
    }

    /// What of it tells one answer from another, beside the words: a cell and an hour.
    pub fn marks(&self) -> String {
        let cell = self.spot.and(self.middle).map(|point| point.to_cell(NEAR).to_string());
        let hour = self.when.map(|(at, _)| at.format("%d/%m %Hh").to_string());
        [cell, hour].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// The municipality it names, to be counted.
    pub fn municipality(&self) -> Option<String> {
        self.place.as_ref().filter(|code| code.kind() == PlaceKind::Municipality).map(ToString::to_string)
    }

    /// Keyed names of its place and hour, its own first, then those of the cells and hours around.
    pub fn names(&self, place: &Place) -> Vec<String> {
        let (Some(middle), Some((at, precision))) = (self.middle, self.when) else { return Vec::new() };
        if matches!(precision, Precision::Day | Precision::PartOfDay) {
            return Vec::new();
        }
        let (cell, hour) = (middle.to_cell(NEAR), at.timestamp().div_euclid(3600));
        let name =
            |cell: CellIndex, hour: i64| format!("{:016x}", place.likeness.name("sighting", &format!("{cell} {hour}")));
        let mut names = vec![name(cell, hour)];
        for near in cell.grid_disk::<Vec<_>>(1) {
            names.extend((hour - 1..=hour + 1).filter(|h| (near, *h) != (cell, hour)).map(|hour| name(near, hour)));
        }
        names
    }

    /// Whether nobody gets there in that time from where the person was last seen for sure, or it was before that.
    pub fn is_too_far(&self, app: &App, place: &Place) -> bool {
        let (Some(there), Some((at, precision))) = (self.middle, self.when) else { return false };
        let Some((last, since)) = &place.last_seen else { return false };
        let Some(from) = middle(app, last) else { return false };
        let slack = match precision {
            Precision::Minute => 0.5,
            Precision::Hour => 1.0,
            Precision::PartOfDay => 6.0,
            Precision::Day => 24.0,
        };
        let km = from.distance_km(there);
        let seconds = i32::try_from((at - *since).num_seconds()).unwrap_or(i32::MAX);
        let hours = f64::from(seconds) / 3600.0 + slack;
        hours < 0.0 || (km > ALWAYS_PLAUSIBLE_KM && km > hours * TOO_FAST)
    }
}
