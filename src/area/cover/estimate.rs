//! What a cover will cost, told from the length of the border before a single cell is looked at.

use std::f64::consts::TAU;

use geo::Haversine;
use h3o::{LatLng, Resolution};

use super::super::fault::limits;
use super::circle::CIRCLE_CORNERS;
use super::descend::VISIT;
use super::plane::{Edge, Place};
use super::reach::STRETCH;
use super::shape::Shape;
use crate::domain::area::{Circle, CoverMode};

/// Cells of edge 1 that a line of length 1 enters, in a hexagon grid: their mean width 6/pi over their surface.
const ENTERED: f64 = 0.735;
/// The surface of a hexagon of edge 1.
const HEXAGON: f64 = 2.598;
/// How much less the border is per level up: sqrt(7).
const LEVEL: f64 = 2.645_75;

/// What a cover at a resolution comes to, within a factor of two; a thin shape has fewer cells wholly inside.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Compacted cells.
    pub cells: f64,
    /// Edge tests, as the descent counts them.
    pub work: f64,
}

impl Estimate {
    /// The larger share of a limit that is used.
    #[must_use]
    pub fn load(self) -> f64 {
        let work = f64::from(u32::try_from(limits::WORK).unwrap_or(u32::MAX));
        (self.cells / f64::from(limits::CELLS)).max(self.work / work)
    }

    /// Within the limits of a filing.
    #[must_use]
    pub fn fits(self) -> bool {
        self.load() <= 1.0
    }
}

impl std::ops::Add for Estimate {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { cells: self.cells + other.cells, work: self.work + other.work }
    }
}

impl std::iter::Sum for Estimate {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |a, b| a + b)
    }
}

/// What an estimate is made of.
struct Measures {
    middle: Place,
    /// Steradians.
    surface: f64,
    /// Radians along the border, every bend of it.
    straight: f64,
    edges: f64,
}

impl Measures {
    /// What a cover comes to; `walked` tells the length of the border in steps of at least so many radians.
    fn estimate(&self, resolution: Resolution, mode: CoverMode, walked: impl Fn(f64) -> f64) -> Estimate {
        let Self { middle, surface, straight, edges } = *self;
        let cell = LatLng::from_radians(middle.y, middle.x).map(|p| p.to_cell(resolution).area_rads2());
        let cell = cell.unwrap_or_else(|_| resolution.edge_length_rads().powi(2) * HEXAGON);
        let edge = (cell / HEXAGON).sqrt();
        let walked = walked(edge);
        let border = ENTERED * walked / edge;
        let cells = compacted(surface / cell, border, mode);

        // Every level divides the cells whose reach an edge comes into, and tests each of their near edges 7 times.
        let levels = f64::from(u8::from(resolution));
        let mean_width = 2.0 * STRETCH / HEXAGON;
        let per_level = |run: f64| mean_width * run / edge / LEVEL;
        let deeper = LEVEL / (LEVEL - 1.0); // all coarser levels together, as a share of the last
        let visits = 7.0 * (per_level(walked) * deeper + levels);
        let tests = 7.0 * 3.0 * (per_level(straight) * deeper + OVERLAP * levels * edges);
        Estimate { cells, work: visits * f64::from(u32::try_from(VISIT).unwrap_or(u32::MAX)) + tests }
    }
}

impl Estimate {
    /// What covering a circle will take, without making it a polygon first.
    #[must_use]
    pub fn of_circle(circle: Circle, resolution: Resolution, mode: CoverMode) -> Self {
        let radius = f64::from(circle.radius_m()) / Haversine.radius();
        let border = TAU * radius.sin();
        let measures = Measures {
            middle: Place { x: circle.lon().to_radians(), y: circle.lat().to_radians() },
            surface: TAU * (1.0 - radius.cos()),
            straight: border,
            edges: f64::from(CIRCLE_CORNERS),
        };
        // What is narrower than a step is walked in none.
        measures.estimate(resolution, mode, |step| if 2.0 * radius < step { 0.0 } else { border })
    }
}

impl Shape {
    /// What covering this will take. One walk along the border.
    #[must_use]
    pub fn estimate(&self, resolution: Resolution, mode: CoverMode) -> Estimate {
        let Some((middle, _)) = self.middle() else {
            return Estimate::default();
        };
        let measures = Measures {
            middle,
            surface: self.surface(),
            straight: self.borders.iter().map(length).sum(),
            edges: f64::from(u32::try_from(self.borders.len()).unwrap_or(u32::MAX)),
        };
        measures.estimate(resolution, mode, |step| walked(&self.borders, step))
    }

    /// On the unit sphere.
    fn surface(&self) -> f64 {
        let strip = |e: &Edge| (e.a.x - e.b.x) * f64::midpoint(e.a.y.sin(), e.b.y.sin());
        self.every_edge().map(strip).sum::<f64>().abs()
    }
}

/// In how many cells of a level a short edge is near: the surface of a disc of reach over that of the hexagon.
const OVERLAP: f64 = std::f64::consts::PI * STRETCH * STRETCH / HEXAGON;

/// Compacted cells of an area of so many cells with so many on its border. The factors are the middle of what thousands
/// of random shapes came to.
fn compacted(surface: f64, border: f64, mode: CoverMode) -> f64 {
    let (uncompacted, on_border) = match mode {
        CoverMode::Covers => (surface + border / 2.0 + 1.0, 1.5),
        CoverMode::Centroid => (surface, 1.2),
        CoverMode::Inside => ((surface - border / 2.0).max(0.0), 1.15),
    };
    uncompacted.min(on_border * border + 7.0)
}

/// Radians on the ground; edges are straight in the plane, so a parallel is its own shortest way.
fn length(e: &Edge) -> f64 {
    distance(e.a, e.b)
}

fn distance(a: Place, b: Place) -> f64 {
    let wide = (b.x - a.x) * f64::midpoint(a.y, b.y).cos();
    wide.hypot(b.y - a.y)
}

/// The length of the border in steps of at least `step`: bends within a cell enter no more cells.
fn walked(borders: &[Edge], step: f64) -> f64 {
    let mut total = 0.0;
    let mut chain: Option<(Place, Place)> = None;
    for e in borders {
        let (from, last) = chain.unwrap_or((e.a, e.a));
        let from = if last == e.a {
            from
        } else {
            total += distance(from, last);
            e.a
        };
        let gone = distance(from, e.b);
        let anchor = if gone >= step {
            total += gone;
            e.b
        } else {
            from
        };
        chain = Some((anchor, e.b));
    }
    total + chain.map_or(0.0, |(from, last)| distance(from, last))
}
