//! How well circles fit a target, measured on H3 cells finer than the raster they were found on: a coarse grid
//! flatters. A cell is reached when its centre is.

use h3o::{LatLng, Resolution};

use super::Aimed;
use super::people::{BEYOND, Count, People, Unit, km2};
use crate::area::cover::{circle_polygon, cover_polygons};
use crate::domain::aim::{AimGoal, Circles, Fit, Reached};
use crate::domain::area::position::span;
use crate::domain::area::{CellSet, Circle, CoverMode};

/// Above this surface the judge's cells are of resolution 10, below it of 11: the finer of the two that stays quick.
const FINE_BELOW_KM2: f64 = 700.0;

/// A municipality of which not one inhabitant lives in the target is no part of it.
pub(super) const SOMEBODY: f64 = 1.0;

/// Inhabitants that must still be reached, and where some could be.
pub(super) struct Missed {
    pub wanted: f64,
    /// Centres of cells, and who lives there.
    pub cells: Vec<(LatLng, f64)>,
}

/// How far an aim stays below what is asked.
#[derive(Default)]
pub(super) struct Short {
    /// Units of the target, and the share of each that is missing.
    pub units: Vec<(Unit, f64)>,
    /// Missing inhabitants.
    pub inhabitants: f64,
}

/// Circles of one unit and the cells of each.
#[derive(Default)]
pub(super) struct Drawn {
    pub circles: Circles,
    includes: Vec<CellSet>,
    excludes: Vec<CellSet>,
}

impl Drawn {
    fn reached(&self) -> CellSet {
        let all = |sets: &[CellSet]| CellSet::from_spans(sets.iter().flat_map(CellSet::spans).copied().collect());
        let included = all(&self.includes);
        if self.excludes.is_empty() { included } else { included.difference(&all(&self.excludes)) }
    }
}

/// A target and what is known about it, to judge many aims by.
pub(super) struct Judge<'a> {
    people: &'a People<'a>,
    target: &'a CellSet,
    /// Others reach these: whoever is reached there is not reached in vain.
    neutral: Option<&'a CellSet>,
    of_target: Count,
    /// Of the cells that are counted; pixels of the search are asked at it too, because the children of a cell do not
    /// lie inside it and an edge looks different at each resolution.
    pub resolution: Resolution,
}

impl<'a> Judge<'a> {
    pub(super) fn new(people: &'a People<'a>, target: &'a CellSet, neutral: Option<&'a CellSet>) -> Self {
        let fine = km2(target.spans()) <= FINE_BELOW_KM2;
        let resolution = if fine { Resolution::Eleven } else { Resolution::Ten };
        Self { people, target, neutral, of_target: people.count(target), resolution }
    }

    /// The cells an aim reaches: those of any unit.
    pub(super) fn reached(&self, units: &[Circles]) -> CellSet {
        let mut all = CellSet::default();
        for unit in units {
            let one = self.drawn(unit.clone(), &Drawn::default()).reached();
            all = if all.is_empty() { one } else { all.union(&one) };
        }
        all
    }

    /// The cells of each circle; those that another drawing has too are taken from there.
    pub(super) fn drawn(&self, circles: Circles, known: &Drawn) -> Drawn {
        let side = |circles: &[Circle], before: &[Circle], drawn: &[CellSet]| -> Vec<CellSet> {
            let known = |circle: &Circle| before.iter().position(|b| b == circle).and_then(|i| drawn.get(i).cloned());
            let cells = |circle: &Circle| known(circle).unwrap_or_else(|| self.cells(*circle, CoverMode::Centroid));
            circles.iter().map(cells).collect()
        };
        let includes = side(&circles.includes, &known.circles.includes, &known.includes);
        let excludes = side(&circles.excludes, &known.circles.excludes, &known.excludes);
        Drawn { circles, includes, excludes }
    }

    /// The cells of one circle; nothing where it cannot be covered.
    pub(super) fn cells(&self, circle: Circle, mode: CoverMode) -> CellSet {
        cover_polygons(&[circle_polygon(circle)], self.resolution, mode).unwrap_or_default()
    }

    /// An aim with its measure.
    pub(super) fn judged(&self, units: Vec<Circles>, goal: AimGoal) -> Aimed {
        let reached = self.reached(&units);
        let fit = self.fit(&reached, &reached.intersection(self.target));
        let met = fit.meets(goal);
        Aimed { units, fit, met }
    }

    /// One unit's aim with its measure, and how far it stays below what is asked.
    pub(super) fn judged_with_shortages(&self, drawn: &Drawn, goal: AimGoal) -> (Aimed, Short) {
        let reached = drawn.reached();
        let inside = reached.intersection(self.target);
        let fit = self.fit(&reached, &inside);
        let mut short = Short::default();
        if let AimGoal::Recall { whole, each } = goal {
            short.units = self.shortages(&inside, each);
            let missing = |(unit, share): &(Unit, f64)| share * self.of_target.get(unit).copied().unwrap_or(0.0);
            let in_whole = whole * fit.target_inhabitants - fit.reached_inhabitants;
            short.inhabitants = short.units.iter().map(missing).sum::<f64>() + in_whole.max(0.0);
        }
        let met = fit.meets(goal);
        (Aimed { units: vec![drawn.circles.clone()], fit, met }, short)
    }

    /// Inhabitants reached in vain per inhabitant of the target.
    pub(super) fn over_reach(&self, drawn: &Drawn) -> f64 {
        let over = self.over(&drawn.reached());
        let target: f64 = self.of_target.values().sum();
        if target > 0.0 { self.people.count(&over).values().sum::<f64>() / target } else { 0.0 }
    }

    fn over(&self, reached: &CellSet) -> CellSet {
        let outside = reached.difference(self.target);
        self.neutral.map_or_else(|| outside.clone(), |neutral| outside.difference(neutral))
    }

    fn shortages(&self, inside: &CellSet, each: f64) -> Vec<(Unit, f64)> {
        let reached = self.people.count(inside);
        let missing = |unit: &Unit, of: f64| each - reached.get(unit).copied().unwrap_or(0.0) / of;
        let units = self.of_target.iter().filter(|(_, of)| **of >= SOMEBODY);
        units.map(|(unit, of)| (*unit, missing(unit, *of))).filter(|(_, missing)| *missing > 0.0).collect()
    }

    /// What must still be reached, and the cells where it could be: for each municipality that is short, else for the
    /// whole.
    pub(super) fn missed(&self, drawn: &Drawn, whole: f64, each: f64) -> Vec<Missed> {
        let inside = drawn.reached().intersection(self.target);
        let outside = self.target.difference(&inside);
        let mut short: Vec<Missed> = self
            .shortages(&inside, each)
            .into_iter()
            .map(|(unit, missing)| {
                let wanted = missing * self.of_target.get(&unit).copied().unwrap_or(0.0);
                Missed { wanted, cells: self.inhabited(&outside, Some(unit)) }
            })
            .collect();
        let (all, reached) = (self.of_target.values().sum::<f64>(), self.people.count(&inside).values().sum::<f64>());
        if short.is_empty() && reached < whole * all {
            short.push(Missed { wanted: whole * all - reached, cells: self.inhabited(&outside, None) });
        }
        short
    }

    /// The judge's cells of a set, with their inhabitants.
    fn inhabited(&self, set: &CellSet, unit: Option<Unit>) -> Vec<(LatLng, f64)> {
        let cell = |cell: h3o::CellIndex| {
            let span = span(cell);
            let (owner, people) = self.people.in_span(span);
            (people > 0.0 && unit.is_none_or(|unit| unit == owner)).then(|| (LatLng::from(cell), people))
        };
        set.cells_at(self.resolution).filter_map(cell).collect()
    }

    /// How well any set of cells fits the target.
    pub(super) fn fit_of(&self, reached: &CellSet) -> Fit {
        self.fit(reached, &reached.intersection(self.target))
    }

    /// The whole measure.
    fn fit(&self, reached: &CellSet, inside: &CellSet) -> Fit {
        let over = self.over(reached);
        let (of_inside, of_over) = (self.people.count(inside), self.people.count(&over));
        let mut parts: Vec<Reached> = self
            .of_target
            .iter()
            .filter(|(_, of)| **of >= SOMEBODY)
            .map(|(unit, of)| Reached {
                place: self.people.place(*unit),
                inhabitants: of_inside.get(unit).copied().unwrap_or(0.0),
                of: *of,
            })
            .collect();
        parts.sort_by(|a, b| (a.inhabitants / a.of).total_cmp(&(b.inhabitants / b.of)));
        let mut spill: Vec<Reached> = of_over
            .iter()
            .map(|(unit, inhabitants)| {
                let outside = self.people.population(*unit) - self.of_target.get(unit).copied().unwrap_or(0.0);
                let of = if *unit == BEYOND { *inhabitants } else { outside.max(*inhabitants) };
                Reached { place: self.people.place(*unit), inhabitants: *inhabitants, of }
            })
            .collect();
        spill.sort_by(|a, b| b.inhabitants.total_cmp(&a.inhabitants));
        let target_km2 = km2(self.target.spans());
        Fit {
            target_inhabitants: self.of_target.values().sum(),
            reached_inhabitants: of_inside.values().sum(),
            target_km2,
            missed_km2: (target_km2 - km2(inside.spans())).max(0.0),
            over_inhabitants: of_over.values().sum(),
            over_km2: km2(over.spans()),
            spill,
            parts,
        }
    }
}
