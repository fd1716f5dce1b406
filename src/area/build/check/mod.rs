//! Whether the gazetteer says where a point is as the boundaries themselves do: what `tocsin geodata check` measures.
//! Random points, spread evenly over each country's land, are asked of both; points near a border are left out, because
//! an answer by cell is not meant to be exact there. So are the tables' interior points, all of them.
//!
//! # How doubtful points count
//! Where Belgian and French boundaries overlap, Belgium wins, as in the gazetteer. Where they leave a gap no boundary
//! holds a point, so none is drawn there; the gaps are metres wide and within the distance left out anyway.

mod outlines;

use std::collections::HashMap;
use std::path::Path;

use geo::{BoundingRect as _, ChamberlainDuquetteArea as _, Coord, coord};
use h3o::LatLng;

use self::outlines::{FARTHEST_M, Outlines, Unit, holds};
use super::run::BuildError;
use super::sources::{boundaries, field, rows};
use crate::area::Gazetteer;
use crate::domain::area::SUBSCRIBER_RESOLUTION;
use crate::domain::place::{Country, PlaceCode};

/// Points within this many metres of a border are left out: a little more than a cell's radius at the resolution of the
/// country's index (76 m at 10, 201 m at 9).
const fn left_out_m(country: Country) -> f64 {
    match country {
        Country::Be => 80.0,
        Country::Fr => 200.0,
    }
}

/// Disagreements told in words; the first few show what is wrong.
const EXAMPLES: usize = 5;
/// Draws a point asked for, before it is given up: a source whose land is all border.
const DRAWS: u64 = 50;
/// Of a thousand far points, so many must agree.
const PROMISED_PER_THOUSAND: u64 = 999;

/// How far the check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStep {
    /// A country's points are about to be drawn.
    Country(Country, u64),
    /// So many more are compared.
    Compared(u64),
}

/// A point at which the two differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// The unit by the boundaries.
    pub boundary: String,
    /// The unit by the gazetteer, if any.
    pub located: Option<String>,
}

/// What was found for one country.
#[derive(Clone, Debug, PartialEq)]
pub struct CountryCheck {
    /// Which.
    pub country: Country,
    /// Metres from a border within which points are left out.
    pub left_out_m: f64,
    /// Points left out.
    pub near_border: u64,
    /// Far points, compared.
    pub compared: u64,
    /// Of those, with the same answer.
    pub agreeing: u64,
    /// The first few of the others.
    pub examples: Vec<Disagreement>,
    /// The tables' interior points.
    pub interior: InteriorPoints,
}

/// The interior point of every unit that has a boundary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InteriorPoints {
    /// Units with a boundary and a point.
    pub units: u64,
    /// Located in their unit.
    pub agreeing: u64,
    /// Units smaller than a cell, which share the cell of their point: it is among their cells, but a point in it is
    /// located in the larger unit. They count neither for nor against.
    pub shared: u64,
    /// Located elsewhere: the first few.
    pub examples: Vec<Disagreement>,
    /// How many are located elsewhere.
    pub disagreeing: u64,
}

impl CountryCheck {
    /// Whether the promise holds: 99.9 % of the far points, and every interior point of a unit that owns a cell.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.agreeing * 1000 >= self.compared * PROMISED_PER_THOUSAND
            && self.compared > 0
            && self.interior.disagreeing == 0
    }
}

/// Compares the gazetteer with the boundaries it came from: `points` far points of each country, the same for the same
/// seed.
pub fn check(
    source: &Path,
    gazetteer: &Gazetteer,
    points: u64,
    seed: u64,
    progress: &(dyn Fn(CheckStep) + Sync),
) -> Result<Vec<CountryCheck>, BuildError> {
    let mut units = Vec::new();
    for (country, name) in [(Country::Be, "be_municipalities.geojson"), (Country::Fr, "fr_communes.geojson.gz")] {
        let known = boundaries(source, name)?.into_iter();
        units.extend(known.map(|(code, boundary)| Unit { country, code, boundary }));
    }
    let map = Outlines::new(units);
    let interior = |country, name, code| interior_points(source, gazetteer, &map, country, name, code);
    let tables = [(Country::Be, "be_municipalities.csv", "nis"), (Country::Fr, "fr_communes.csv", "code")];
    let mut found = Vec::new();
    for (country, name, code) in tables {
        progress(CheckStep::Country(country, points));
        let drawn = drawn(&map, gazetteer, country, points, seed, progress)?;
        found.push(CountryCheck { interior: interior(country, name, code)?, ..drawn });
    }
    Ok(found)
}

/// Two threads or as many as there are: asking is all arithmetic. The points depend on the seed and on how many threads
/// share them only through the lots' own seeds, so the number of lots is fixed.
const LOTS: u64 = 16;

fn drawn(
    map: &Outlines,
    gazetteer: &Gazetteer,
    country: Country,
    points: u64,
    seed: u64,
    progress: &(dyn Fn(CheckStep) + Sync),
) -> Result<CountryCheck, BuildError> {
    let land = Land::of(map, country);
    let next = std::sync::atomic::AtomicU64::new(0);
    let one_lot = |lot: u64| {
        let share = points / LOTS + u64::from(lot < points % LOTS);
        let draws = Draws { seed: seed ^ (lot + 1).wrapping_mul(0xd6e8_feb8_6659_fd93) };
        compare(map, gazetteer, &land, draws, share, progress)
    };
    let worker = || {
        let mut done = Vec::new();
        loop {
            let lot = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if lot >= LOTS {
                return done;
            }
            done.push((lot, one_lot(lot)));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut lots = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let mut all = Vec::new();
        for thread in running {
            all.extend(thread.join().map_err(|_| BuildError::Check("a comparing thread ended badly".to_owned()))?);
        }
        Ok::<_, BuildError>(all)
    })?;
    lots.sort_by_key(|(lot, _)| *lot);
    let mut sum = land.nothing_yet();
    for (_, lot) in lots {
        sum.near_border += lot.near_border;
        sum.compared += lot.compared;
        sum.agreeing += lot.agreeing;
        sum.examples.extend(lot.examples);
    }
    sum.examples.truncate(EXAMPLES);
    Ok(sum)
}

fn compare(
    map: &Outlines,
    gazetteer: &Gazetteer,
    land: &Land<'_>,
    mut draws: Draws,
    points: u64,
    progress: &(dyn Fn(CheckStep) + Sync),
) -> CountryCheck {
    /// Points between two steps of the progress bar.
    const STEP: u64 = 1_000;
    let mut found = land.nothing_yet();
    let mut left = points.saturating_mul(DRAWS);
    while found.compared < points && left > 0 {
        left -= 1;
        let Some(point) = land.draw(&mut draws) else {
            break;
        };
        // Drawn in this country's polygon, but Belgium may have it.
        let Some(unit) = map.unit_at(point) else {
            continue;
        };
        if map.border_within(point, left_out_m(unit.country).max(left_out_m(land.country)).min(FARTHEST_M)) {
            found.near_border += 1;
            continue;
        }
        found.compared += 1;
        match disagreement(gazetteer, point, unit) {
            None => found.agreeing += 1,
            Some(example) if found.examples.len() < EXAMPLES => found.examples.push(example),
            Some(_) => {}
        }
        if found.compared.is_multiple_of(STEP) {
            progress(CheckStep::Compared(STEP));
        }
    }
    progress(CheckStep::Compared(found.compared % STEP));
    found
}

fn disagreement(gazetteer: &Gazetteer, point: Coord<f64>, unit: &Unit) -> Option<Disagreement> {
    let located = gazetteer.locate(point.y, point.x).ok().and_then(|located| located.place).map(|place| place.code);
    let boundary = place_code(unit.country, &unit.code);
    if located.as_ref() == Some(&boundary) {
        return None;
    }
    let (boundary, located) = (boundary.to_string(), located.map(|code| code.to_string()));
    Some(Disagreement { lat: point.y, lon: point.x, boundary, located })
}

fn place_code(country: Country, code: &str) -> PlaceCode {
    match country {
        Country::Be => PlaceCode::Nis(code.to_owned()),
        Country::Fr => PlaceCode::Insee(code.to_owned()),
    }
}

fn interior_points(
    source: &Path,
    gazetteer: &Gazetteer,
    map: &Outlines,
    country: Country,
    table: &str,
    code: &'static str,
) -> Result<InteriorPoints, BuildError> {
    let mut found = InteriorPoints::default();
    let units = map.units().iter().filter(|unit| unit.country == country);
    let units: HashMap<&str, &Unit> = units.map(|unit| (unit.code.as_str(), unit)).collect();
    let index = match country {
        Country::Be => &gazetteer.belgium.index,
        Country::Fr => &gazetteer.france.index,
    };
    // As `locate` finds it: children stick out of their parents.
    let cell_of = |(lat, lon)| LatLng::new(lat, lon).ok()?.to_cell(SUBSCRIBER_RESOLUTION).parent(index.resolution());
    for row in rows(source, table)? {
        let code = field(&row, code)?;
        let point: Option<(f64, f64)> = field(&row, "lat")?.parse().ok().zip(field(&row, "lon")?.parse().ok());
        let (Some((lat, lon)), Some(unit)) = (point, units.get(code)) else {
            continue;
        };
        found.units += 1;
        let Some(example) = disagreement(gazetteer, coord! { x: lon, y: lat }, unit) else {
            found.agreeing += 1;
            continue;
        };
        let cell = cell_of((lat, lon));
        let own = gazetteer.cells_of(&place_code(country, code)).ok();
        if own.zip(cell).is_some_and(|(own, cell)| own.contains(cell)) {
            found.shared += 1;
        } else {
            found.disagreeing += 1;
            if found.examples.len() < EXAMPLES {
                found.examples.push(example);
            }
        }
    }
    Ok(found)
}

/// A country's polygons, to draw points from evenly by surface.
struct Land<'a> {
    country: Country,
    polygons: Vec<&'a geo::Polygon<f64>>,
    /// Surface up to and including each polygon.
    upto: Vec<f64>,
}

impl<'a> Land<'a> {
    fn of(map: &'a Outlines, country: Country) -> Self {
        let units = map.units().iter().filter(|unit| unit.country == country);
        let polygons: Vec<_> = units.flat_map(|unit| &unit.boundary).collect();
        let mut total = 0.0;
        let mut add = |polygon: &&geo::Polygon<f64>| {
            total += polygon.chamberlain_duquette_unsigned_area();
            total
        };
        let upto = polygons.iter().map(&mut add).collect();
        Self { country, polygons, upto }
    }

    fn nothing_yet(&self) -> CountryCheck {
        CountryCheck {
            country: self.country,
            left_out_m: left_out_m(self.country),
            near_border: 0,
            compared: 0,
            agreeing: 0,
            examples: Vec::new(),
            interior: InteriorPoints::default(),
        }
    }

    /// A polygon by its surface, then a point of its box until one is inside: even, because within one municipality a
    /// degree of longitude hardly changes its length. None when there is no land.
    fn draw(&self, draws: &mut Draws) -> Option<Coord<f64>> {
        let at = draws.unit() * self.upto.last()?;
        let polygon = self.polygons.get(self.upto.partition_point(|upto| *upto <= at))?;
        let rect = polygon.bounding_rect()?;
        // A polygon fills far more of its box than a ten-thousandth.
        (0..10_000).find_map(|_| {
            let x = rect.min().x + rect.width() * draws.unit();
            let y = rect.min().y + rect.height() * draws.unit();
            let point = coord! { x: x, y: y };
            holds(polygon, point).then_some(point)
        })
    }
}

/// `SplitMix64`: points need to be even and repeatable, not unguessable.
struct Draws {
    seed: u64,
}

impl Draws {
    fn next(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.seed ^ (self.seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Evenly in 0..1.
    fn unit(&mut self) -> f64 {
        // 32 bits place a point to a centimetre in the largest commune.
        let high = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(high) / (f64::from(u32::MAX) + 1.0)
    }
}
