//! Shapes to cells: how many there will be, and which. Input is checked polygons only.
//!
//! A coarse-to-fine cover: cells far from every border are taken or dropped whole, so the work goes with the length of
//! the border and not with the surface. The sets are those of h3o's tiler, which decides on straight edges in
//! longitude and latitude too; where it is wrong (cells around a pole), ours are right.
//!
//! | file | what |
//! |---|---|
//! | `shape`, `plane` | polygons as edges; sides, crossings, contact, exactly |
//! | `reach` | the region that holds all descendants of a cell |
//! | `descend` | the descent |
//! | `estimate` | what a cover will cost, before |
//! | `circle` | circles as polygons |

mod circle;
mod descend;
mod estimate;
mod plane;
mod reach;
mod runs;
mod shape;
#[cfg(test)]
mod tests;

use geo::Polygon;
use h3o::Resolution;

use super::fault::limits;
use crate::domain::area::{CellSet, CoverMode};

pub(super) use circle::circle_polygon;
pub(super) use estimate::Estimate;
pub(super) use shape::Shape;

/// A cover that was stopped: more cells, or more work, than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shape cannot be covered within the limits of cells and work")]
pub struct Runaway;

/// What a cover may use at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Compacted cells.
    pub cells: u64,
    /// Edge tests; see `descend::VISIT`.
    pub work: u64,
}

impl Bounds {
    /// The estimate is right within a factor of two; beyond that the cover is stopped rather than trusted.
    fn filing() -> Self {
        Self { cells: 2 * u64::from(limits::CELLS), work: 2 * limits::WORK }
    }
}

/// The cells of checked polygons, within twice the limits of a filing.
pub(super) fn cover(shape: &Shape, resolution: Resolution, mode: CoverMode) -> Result<CellSet, Runaway> {
    descend::descend(shape, resolution, mode, Bounds::filing())
}

/// The cells of polygons at a resolution, for programs: the same cover as for a filing, without its check of the
/// polygons and with room for any country. Rings must not cross; longitudes may run past 180.
pub fn cover_polygons(polygons: &[Polygon<f64>], resolution: Resolution, mode: CoverMode) -> Result<CellSet, Runaway> {
    // A hundred filings' worth: a minute of work, a few hundred megabytes of cells.
    let bounds = Bounds { cells: 100 * u64::from(limits::CELLS), work: 100 * limits::WORK };
    descend::descend(&Shape::new(polygons), resolution, mode, bounds)
}
