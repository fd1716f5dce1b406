//! Where the border of the target runs, as seen from each pixel: new discs are laid along it.
#![allow(clippy::indexing_slicing, reason = "pixel numbers of one grid, with room on each side")]

use super::field::Side;
use super::grid::{Disc, Grid};

/// Metres from each pixel to the border of the target.
pub(super) struct Borders {
    /// Positive inside, negative outside.
    signed: Vec<f32>,
}

impl Borders {
    pub(super) fn of(grid: &Grid) -> Self {
        let inner = grid.depth(|pixel| grid.inside(pixel));
        let outer = grid.depth(|pixel| !grid.inside(pixel));
        Self { signed: inner.iter().zip(&outer).map(|(i, o)| i - o).collect() }
    }

    /// Metres from a disc's centre to the border on a side's own ground; negative on the other's, and off the map.
    pub(super) fn depth(&self, grid: &Grid, disc: &Disc, side: Side) -> f64 {
        let depth = grid.pixel_at(disc.lat, disc.lon).map_or(-1.0, |pixel| f64::from(self.signed[pixel]));
        if side == Side::Include { depth } else { -depth }
    }

    /// Away from the border on a side's own ground: north, east as a unit vector, and metres to the border.
    pub(super) fn beside(&self, grid: &Grid, pixel: usize, side: Side) -> Option<(f64, f64, f64)> {
        let (row, col) = (pixel / grid.cols, pixel % grid.cols);
        if row < 1 || col < 3 || row + 1 >= grid.rows || col + 3 >= grid.cols {
            return None;
        }
        let at = |row: usize, col: usize| f64::from(self.signed[row * grid.cols + col]);
        let north = at(row + 1, col) - at(row - 1, col);
        let east = (at(row, col + 3) - at(row, col - 3)) * 0.75;
        let length = north.hypot(east);
        let sign = if side == Side::Include { 1.0 } else { -1.0 };
        (length > 0.0).then(|| (sign * north / length, sign * east / length, at(row, col).abs()))
    }
}
