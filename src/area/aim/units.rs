//! How many units of the platform (ad sets) an aim takes, and which part of the target each.
//!
//! One unit, unless it cannot do: when choosing discs one by one shows that the target needs more circles than a unit
//! takes, the search begins with as many units as that needs. When a shape comes out full (nearly all the circles or
//! exclusions of a unit are used) and the goal is missed or more than [`BEARABLE`] is reached in vain, twice as many are
//! tried and kept if the goal is then met, or at most [`MATERIAL`] of the over-reach is left. Each unit has a budget of
//! its own on the platform, so none is added for less. Only shapes are compared, on the coarse raster; the chosen ones
//! are finished.
//!
//! Parts are cut along the raster's rows and columns so that each has about as much border. A unit may reach into the
//! others' parts, where it is neither wanted nor minded; what it excludes there the others still reach.
#![allow(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of circles and pixels, far below 2^52"
)]

use std::ops::Range;

use super::course::{self, Shape};
use super::frame::Frame;
use super::grid::Grid;
use super::judge::Judge;
use super::people::People;
use super::search::{Lifts, Search};
use super::{Aimed, SEED, Task, begin, first_prices, laid, margin};
use crate::domain::aim::{AimGoal, CircleLimits};

/// Over-reach for which no further unit is tried.
const BEARABLE: f64 = 0.01;
/// What a split must leave of the over-reach at most to be worth it.
const MATERIAL: f64 = 2.0 / 3.0;
/// A unit with this share of its circles is full.
const FULL: f64 = 0.95;
/// A pixel within a part counts so much beside one on its border.
const WITHIN: f64 = 0.02;

/// Aims by search, in as many units as are worth it; the best is among what is returned.
pub(super) fn searched(task: &Task<'_>, people: &People<'_>, judge: &Judge<'_>, frame: Frame) -> Vec<Aimed> {
    let most = task.limits.units.max(1);
    let (few, many) = course::pixels(task.effort);
    let (fine, times) = laid(task, people, judge, frame, many, Some(few));
    let coarse = fine.coarsened(times);
    let needed = if most > 1 { needed(task, &coarse).clamp(1, most) } else { 1 };
    let mut chosen = Shaped::of(task, &coarse, needed);
    while chosen.shapes.len() < most && chosen.is_wanting(&task.limits, task.goal) {
        let next = Shaped::of(task, &coarse, (2 * chosen.shapes.len()).min(most));
        if next.shapes.len() <= chosen.shapes.len() || !next.is_worth(&chosen, task.goal) {
            break;
        }
        chosen = next;
    }
    let windows: Vec<Grid> = (0..chosen.shapes.len()).map(|part| chosen.cut.window(&fine, times, part, task)).collect();
    course::finished(task, judge, &windows, chosen.shapes)
}

/// The units a target needs when circles are chosen one by one until nearly everybody is reached.
fn needed(task: &Task<'_>, coarse: &Grid) -> usize {
    let limits = CircleLimits { circles: task.limits.circles * task.limits.units, ..task.limits };
    // Circles may spill as long as they reach more than that.
    let mut search = Search::new(coarse, limits, task.goal, Lifts::default(), first_prices(), SEED);
    begin(&mut search, &Task { limits, ..*task }, coarse.pitch / 2.0);
    search.field.includes.len().div_ceil(task.limits.circles.max(1))
}

/// A target in parts, each with the shape of its unit on the coarse raster.
struct Shaped {
    cut: Cut,
    shapes: Vec<Shape>,
}

impl Shaped {
    fn of(task: &Task<'_>, coarse: &Grid, units: usize) -> Self {
        let cut = Cut::of(coarse, units);
        let shape = |part| course::shaped(task, &cut.window(coarse, 1, part, task), cut.parts);
        let shapes = (0..cut.parts).map(shape).collect();
        Self { cut, shapes }
    }

    fn sum(&self, of: fn(&super::field::Tally) -> f64) -> f64 {
        self.shapes.iter().map(|shape| of(&shape.found.tally)).sum()
    }

    fn recall(&self) -> f64 {
        self.sum(|tally| tally.reached) / self.sum(|tally| tally.target).max(1.0)
    }

    fn over_reach(&self) -> f64 {
        self.sum(|tally| tally.over) / self.sum(|tally| tally.target).max(1.0)
    }

    fn met(&self) -> bool {
        self.shapes.iter().all(|shape| shape.met)
    }

    /// Whether more circles may help: some unit is full, and not everything is well.
    fn is_wanting(&self, limits: &CircleLimits, goal: AimGoal) -> bool {
        let full = |used: usize, most: usize| most > 0 && used as f64 >= FULL * most as f64;
        let some_full = self.shapes.iter().any(|Shape { found, .. }| {
            full(found.includes.len(), limits.circles) || full(found.excludes.len(), limits.exclusions)
        });
        some_full
            && match goal {
                AimGoal::Recall { .. } => !self.met() || self.over_reach() > BEARABLE,
                AimGoal::Ceiling { .. } => !self.met() || self.recall() < 1.0 - BEARABLE,
            }
    }

    /// Whether this is worth its units.
    fn is_worth(&self, fewer: &Self, goal: AimGoal) -> bool {
        if self.met() != fewer.met() {
            return self.met();
        }
        match goal {
            AimGoal::Recall { .. } if self.met() => self.over_reach() <= MATERIAL * fewer.over_reach(),
            _ => self.recall() >= fewer.recall() + BEARABLE,
        }
    }
}

/// Which part of the target a pixel of the coarse raster is in.
struct Cut {
    /// By pixel; any number where the target is not.
    part_of: Vec<usize>,
    cols: usize,
    parts: usize,
}

/// A pixel of the target, and what it counts.
struct Piece {
    row: usize,
    col: usize,
    weight: f64,
}

impl Piece {
    const fn row(&self) -> usize {
        self.row
    }

    const fn col(&self) -> usize {
        self.col
    }
}

impl Cut {
    /// A target in so many parts that lie together, with about as much border in each.
    fn of(coarse: &Grid, parts: usize) -> Self {
        let mut pieces = Vec::new();
        for row in 0..coarse.rows {
            for col in 0..coarse.cols {
                if coarse.inside(row * coarse.cols + col) {
                    let beside =
                        [(row.wrapping_sub(1), col), (row + 1, col), (row, col.wrapping_sub(1)), (row, col + 1)];
                    let apart = |(row, col): &(usize, usize)| {
                        *row >= coarse.rows || *col >= coarse.cols || !coarse.inside(row * coarse.cols + col)
                    };
                    let weight = if beside.iter().any(apart) { 1.0 } else { WITHIN };
                    pieces.push(Piece { row, col, weight });
                }
            }
        }
        let parts = parts.clamp(1, pieces.len().max(1));
        let mut cut = Self { part_of: vec![0; coarse.pixels()], cols: coarse.cols, parts };
        cut.divide(pieces, (0..coarse.rows, 0..coarse.cols), 0..parts, coarse.spacing());
        cut
    }

    /// Numbers the pixels of a box by the parts it is to have.
    fn divide(
        &mut self,
        mut pieces: Vec<Piece>,
        (rows, cols): (Range<usize>, Range<usize>),
        parts: Range<usize>,
        spacing: (f64, f64),
    ) {
        if parts.len() <= 1 || pieces.len() < 2 {
            for row in rows {
                let line = row * self.cols;
                if let Some(line) = self.part_of.get_mut(line + cols.start..line + cols.end) {
                    line.fill(parts.start);
                }
            }
            return;
        }
        let extent = |of: fn(&Piece) -> usize| {
            let low = pieces.iter().map(of).min().unwrap_or(0);
            (pieces.iter().map(of).max().unwrap_or(0) - low) as f64
        };
        let by_rows = extent(Piece::row) * spacing.0 > extent(Piece::col) * spacing.1;
        let along = if by_rows { Piece::row } else { Piece::col };
        pieces.sort_by_key(along);
        let first = parts.len() / 2;
        let wanted = pieces.iter().map(|piece| piece.weight).sum::<f64>() * first as f64 / parts.len() as f64;
        let (lowest, highest) = (pieces.first().map_or(0, along), pieces.last().map_or(0, along));
        let mut sum = 0.0;
        let reached = pieces.iter().find(|piece| {
            sum += piece.weight;
            sum >= wanted
        });
        // Whole rows or columns go together.
        let at = (reached.map_or(lowest, along) + 1).clamp(lowest + 1, highest.max(lowest + 1));
        let rest = pieces.split_off(pieces.partition_point(|piece| along(piece) < at));
        let (low, high) = if by_rows {
            ((rows.start..at, cols.clone()), (at..rows.end, cols))
        } else {
            ((rows.clone(), cols.start..at), (rows, at..cols.end))
        };
        let middle = parts.start + first;
        self.divide(pieces, low, parts.start..middle, spacing);
        self.divide(rest, high, middle..parts.end, spacing);
    }

    fn part(&self, row: usize, col: usize) -> usize {
        self.part_of.get(row * self.cols + col).copied().unwrap_or(0)
    }

    /// The raster around one part, where nobody counts in the others; `times` pixels each way are one of the coarse.
    fn window(&self, grid: &Grid, times: usize, part: usize, task: &Task<'_>) -> Grid {
        let own = |row: usize, col: usize| self.part(row / times, col / times) == part;
        if self.parts == 1 {
            return grid.window(0..grid.rows, 0..grid.cols, own);
        }
        let (rows, cols) = grid.bounds(own).unwrap_or((0..0, 0..0));
        let (tall, wide) = grid.spacing();
        let margin = margin((rows.len() as f64 * tall, cols.len() as f64 * wide), &task.limits);
        let around = |range: Range<usize>, pixels: f64, most: usize| {
            let pixels = pixels.ceil() as usize;
            range.start.saturating_sub(pixels)..(range.end + pixels).min(most)
        };
        grid.window(around(rows, margin / tall, grid.rows), around(cols, margin / wide, grid.cols), own)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::area::aim::frame::Frame;

    /// A raster of a country's size with a target in some of its pixels.
    fn raster(inside: impl Fn(usize, usize) -> bool) -> Grid {
        let frame = Frame { south: 50.0, north: 51.0, west: 4.0, east: 5.5 };
        let mut grid = Grid::bare(frame, 2_000.0, 1, false);
        for row in 0..grid.rows {
            for col in 0..grid.cols {
                let within = inside(row, col);
                grid.fill(row * grid.cols + col, if within { (10.0, 0.0) } else { (0.0, 10.0) }, within, false);
            }
        }
        grid
    }

    #[test]
    fn every_pixel_of_the_target_is_in_one_part_and_parts_are_alike() {
        let grid = raster(|row, col| (5..30).contains(&row) && (10..60).contains(&col) && (row + col) % 7 != 0);
        for parts in 1..=8 {
            let cut = Cut::of(&grid, parts);
            let mut counts = vec![0_usize; parts];
            for row in 0..grid.rows {
                for col in (0..grid.cols).filter(|col| grid.inside(row * grid.cols + col)) {
                    counts[cut.part(row, col)] += 1;
                }
            }
            let (least, most) = (counts.iter().min().copied().unwrap_or(0), counts.iter().max().copied().unwrap_or(0));
            assert!(least > 0 && most < 2 * least, "{counts:?}");
        }
    }

    #[test]
    fn a_part_minds_its_own_people_and_nobody_in_the_others() {
        let grid = raster(|row, col| row > 2 && (10..60).contains(&col));
        let limits = CircleLimits { circles: 9, exclusions: 0, units: 2, min_radius_m: 1_000, max_radius_m: 80_000 };
        let cells = crate::domain::area::CellSet::default();
        let (goal, effort) = (AimGoal::default(), crate::domain::aim::AimEffort::Quick);
        let task = Task { target: &cells, fence: None, limits, goal, effort };
        let cut = Cut::of(&grid, 2);
        let inside = |grid: &Grid| grid.people.iter().map(|people| f64::from(people.0)).sum::<f64>();
        let windows: Vec<Grid> = (0..2).map(|part| cut.window(&grid, 1, part, &task)).collect();
        assert!((windows.iter().map(inside).sum::<f64>() - inside(&grid)).abs() < 1e-6);
        for window in &windows {
            assert!(inside(window) > 0.4 * inside(&grid) && window.pixels() < grid.pixels());
            // What lies beyond both counts in each.
            assert!(window.people.iter().any(|people| people.1 > 0.0));
        }
    }
}
