//! What a cover will cost, told from the length of the border before a single cell is looked at.

use h3o::{LatLng, Resolution};

use super::super::fault::limits;
use super::descend::VISIT;
use super::plane::{Edge, Place};
use super::reach::STRETCH;
use super::shape::Shape;
use crate::domain::area::CoverMode;

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

impl Shape {
    /// What covering this will take. One walk along the border.
    #[must_use]
    pub fn estimate(&self, resolution: Resolution, mode: CoverMode) -> Estimate {
        let Some((middle, _)) = self.middle() else {
            return Estimate::default();
        };
        let cell = LatLng::from_radians(middle.y, middle.x).map(|p| p.to_cell(resolution).area_rads2());
        let cell = cell.unwrap_or_else(|_| resolution.edge_length_rads().powi(2) * HEXAGON);
        let edge = (cell / HEXAGON).sqrt();
        let surface = self.surface() / cell;
        let walked = walked(&self.borders, edge);
        let border = ENTERED * walked / edge;
        let cells = compacted(surface, border, mode);

        // Every level divides the cells whose reach an edge comes into, and tests each of their near edges 7 times.
        let straight: f64 = self.borders.iter().map(length).sum();
        let levels = f64::from(u8::from(resolution));
        let mean_width = 2.0 * STRETCH / HEXAGON;
        let per_level = |run: f64| mean_width * run / edge / LEVEL;
        let deeper = LEVEL / (LEVEL - 1.0); // all coarser levels together, as a share of the last
        let visits = 7.0 * (per_level(walked) * deeper + levels);
        let edges = f64::from(u32::try_from(self.borders.len()).unwrap_or(u32::MAX));
        let tests = 7.0 * 3.0 * (per_level(straight) * deeper + OVERLAP * levels * edges);
        Estimate { cells, work: visits * f64::from(u32::try_from(VISIT).unwrap_or(u32::MAX)) + tests }
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
