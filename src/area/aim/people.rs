//! Who lives where around a target: each municipality's inhabitants spread evenly over its cells, and a flat guess
//! beyond Belgium and France. Counting is a merge of two sorted lists of spans.
#![allow(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "spans of the finest positions are below 2^50, exact in an f64"
)]

use std::collections::BTreeMap;

use geo::{Rect, coord};
use h3o::Resolution;

use super::frame::Frame;
use crate::area::cover::cover_polygons;
use crate::area::gazetteer::Gazetteer;
use crate::domain::area::position::{Span, cell_at, narrow, widen};
use crate::domain::area::{CellSet, CoverMode};
use crate::domain::place::{Country, PlaceCode};

/// A municipality or commune by number: Belgian rows first, then French ones.
pub(in crate::area) type Unit = u16;
/// Nobody's land in the tables.
pub(super) const BEYOND: Unit = u16::MAX - 1;
/// Inhabitants per km² beyond Belgium and France: about that of the German, Dutch and Luxembourg border country.
const BEYOND_PER_KM2: f64 = 200.0;
/// Surfaces are measured by cells of this resolution: theirs differ by under 0.1 % from one to the next.
const BLOCK: Resolution = Resolution::Five;

struct Run {
    start: u64,
    end: u64,
    unit: Unit,
}

/// Inhabitants of a region.
pub(in crate::area) struct People<'a> {
    gazetteer: &'a Gazetteer,
    /// Sorted, disjoint; what lies between is beyond.
    runs: Vec<Run>,
    /// Per finest position, by unit; 0 where no run is.
    density: Vec<f64>,
    /// Square kilometres of a finest position in the middle of the region.
    position_km2: f64,
}

/// Inhabitants of a set, by unit.
pub(super) type Count = BTreeMap<Unit, f64>;

impl<'a> People<'a> {
    /// The people of a frame and a little around it. None where the frame is no part of the map (poles, antimeridian).
    pub(super) fn around(gazetteer: &'a Gazetteer, frame: Frame) -> Option<Self> {
        if frame.west < -180.0 || frame.east > 180.0 || frame.south < -85.0 || frame.north > 85.0 {
            return None;
        }
        let corners = (coord! { x: frame.west, y: frame.south }, coord! { x: frame.east, y: frame.north });
        let polygon = Rect::new(corners.0, corners.1).to_polygon();
        // Cells of about 40 km² for a country: a few thousand at most.
        let (height, width) = frame.size();
        let resolution = if height * width > 2e12 { Resolution::Four } else { Resolution::Six };
        let region = cover_polygons(&[polygon], resolution, CoverMode::Covers).ok()?;
        let middle = h3o::LatLng::new(f64::midpoint(frame.south, frame.north), f64::midpoint(frame.west, frame.east));
        Some(Self::of_region(gazetteer, &region, middle.ok()?))
    }

    /// The people of a region; surfaces are measured as they are in its middle.
    pub(super) fn of_region(gazetteer: &'a Gazetteer, region: &CellSet, middle: h3o::LatLng) -> Self {
        let position_km2 = middle.to_cell(BLOCK).area_km2() / positions_of_block();

        let first_french = gazetteer.belgium.index.units();
        let mut runs: Vec<Run> = Vec::new();
        let mut belgian = Vec::new();
        for (row, part) in gazetteer.belgium.index.owned_parts(region) {
            runs.push(Run { start: part.start, end: part.end, unit: row });
            belgian.push(part);
        }
        let abroad = region.difference(&CellSet::from_spans(belgian));
        for (row, part) in gazetteer.france.index.owned_parts(&abroad) {
            runs.push(Run { start: part.start, end: part.end, unit: first_french.saturating_add(row) });
        }
        runs.sort_unstable_by_key(|run| run.start);
        let mut people = Self { gazetteer, runs, density: Vec::new(), position_km2 };
        let units: std::collections::BTreeSet<Unit> = people.runs.iter().map(|run| run.unit).collect();
        let mut density = vec![0.0; units.last().map_or(0, |last| usize::from(*last) + 1)];
        for unit in units {
            let positions = people.row(unit).map_or(0, |(country, row)| gazetteer.size_of(country, row));
            if let Some(known) = density.get_mut(usize::from(unit)).filter(|_| positions > 0) {
                *known = people.population(unit) / positions as f64;
            }
        }
        people.density = density;
        people
    }

    fn density(&self, unit: Unit) -> f64 {
        self.density.get(usize::from(unit)).copied().unwrap_or(0.0)
    }

    fn row(&self, unit: Unit) -> Option<(Country, u16)> {
        let first_french = self.gazetteer.belgium.index.units();
        match unit {
            BEYOND => None,
            unit if unit < first_french => Some((Country::Be, unit)),
            unit => Some((Country::Fr, unit - first_french)),
        }
    }

    /// What the unit is called in the tables.
    pub(super) fn place(&self, unit: Unit) -> Option<PlaceCode> {
        let (country, row) = self.row(unit)?;
        self.gazetteer.code_of(country, row)
    }

    /// All inhabitants of a unit.
    pub(super) fn population(&self, unit: Unit) -> f64 {
        let population = self.row(unit).and_then(|(country, row)| match country {
            Country::Be => self.gazetteer.belgium.municipality(row).map(|m| m.population),
            Country::Fr => self.gazetteer.france.commune(row).map(|c| c.population),
        });
        population.map_or(0.0, f64::from)
    }

    /// The unit at a finest position, and its inhabitants per km².
    pub(in crate::area) fn at(&self, position: u64) -> (Unit, f64) {
        let after = self.runs.partition_point(|run| run.start <= position);
        match after.checked_sub(1).and_then(|i| self.runs.get(i)).filter(|run| position < run.end) {
            Some(run) => (run.unit, self.density(run.unit) / self.position_km2),
            None => (BEYOND, BEYOND_PER_KM2),
        }
    }

    /// The only unit of a span, and its inhabitants per km²; none where several meet.
    pub(super) fn sole(&self, span: Span) -> Option<(Unit, f64)> {
        let after = self.runs.partition_point(|run| run.start <= span.start);
        let before = after.checked_sub(1).and_then(|i| self.runs.get(i)).filter(|run| span.start < run.end);
        match before {
            Some(run) if span.end <= run.end => Some(self.at(span.start)),
            Some(_) => None,
            None if self.runs.get(after).is_some_and(|run| run.start < span.end) => None,
            None => Some((BEYOND, BEYOND_PER_KM2)),
        }
    }

    /// Whose a cell is, and how many live in it.
    pub(super) fn in_span(&self, span: Span) -> (Unit, f64) {
        let after = self.runs.partition_point(|run| run.start <= span.start);
        match after.checked_sub(1).and_then(|i| self.runs.get(i)).filter(|run| span.start < run.end) {
            Some(run) => {
                let density = self.density(run.unit);
                (run.unit, (span.end - span.start) as f64 * density)
            }
            None => (BEYOND, (span.end - span.start) as f64 * self.position_km2 * BEYOND_PER_KM2),
        }
    }

    /// Inhabitants of a set, by unit.
    pub(super) fn count(&self, set: &CellSet) -> Count {
        let mut positions: BTreeMap<Unit, u64> = BTreeMap::new();
        let mut beyond = Vec::new();
        for span in set.spans() {
            let mut at = span.start;
            let from = self.runs.partition_point(|run| run.end <= span.start);
            for run in self.runs.get(from..).unwrap_or(&[]).iter().take_while(|run| run.start < span.end) {
                if at < run.start {
                    beyond.push(Span { start: at, end: run.start });
                }
                *positions.entry(run.unit).or_default() += run.end.min(span.end) - run.start.max(span.start);
                at = run.end;
            }
            if at < span.end {
                beyond.push(Span { start: at, end: span.end });
            }
        }
        let mut count: Count =
            positions.into_iter().map(|(unit, positions)| (unit, positions as f64 * self.density(unit))).collect();
        if !beyond.is_empty() {
            count.insert(BEYOND, km2(&beyond) * BEYOND_PER_KM2);
        }
        count
    }
}

fn positions_of_block() -> f64 {
    7_f64.powi(15 - i32::from(u8::from(BLOCK)))
}

/// The surface of sorted spans.
pub(super) fn km2(spans: &[Span]) -> f64 {
    let (mut until, mut each) = (0, 0.0);
    let mut total = 0.0;
    for span in spans {
        let mut at = span.start;
        while at < span.end {
            if at >= until {
                let block = narrow(at, BLOCK);
                until = widen(block + 1, BLOCK);
                let begin = widen(block, BLOCK);
                each = cell_at(block, BLOCK).map_or(0.0, |cell| cell.area_km2() / (until - begin) as f64);
            }
            let end = until.min(span.end);
            total += (end - at) as f64 * each;
            at = end;
        }
    }
    total
}
