//! The state of a search: which pixels are covered by how many discs, and what a change of one disc is worth. A change
//! is weighed on the pixels between the old and the new disc only.
#![allow(
    clippy::indexing_slicing,
    reason = "rows and columns come clipped to the grid, disc numbers from the lists they index"
)]

use super::grid::{Disc, Grid};
use super::people::Unit;

/// What a forbidden pixel costs: more than any aim can be worth.
const FORBIDDEN: f32 = 1e12;

/// Which list a disc is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Include,
    Exclude,
}

#[derive(Clone, Copy, Default)]
struct Pixel {
    /// Inhabitants of the target gained when it is reached,
    gain: f32,
    /// and others reached with them.
    cost: f32,
    /// Whose price the gain has.
    part: u16,
    includes: u16,
    excludes: u16,
}

/// A pixel of the target that is excluded and not included would never be won by moving one disc. A part of its value
/// for either step leads out.
const LED: f32 = 0.25;
/// What a row costs beside its pixels: finding where the disc begins and ends in it.
const ROW_WORK: usize = 3;
/// What weighing a change costs beside its rows: making the disc, drawing the move.
const CHANGE_WORK: usize = 100;

impl Pixel {
    #[inline]
    fn of(self, side: Side) -> u16 {
        match side {
            Side::Include => self.includes,
            Side::Exclude => self.excludes,
        }
    }

    #[inline]
    fn prized(self, prices: &[f32]) -> f32 {
        self.gain * prices.get(usize::from(self.part)).copied().unwrap_or(0.0)
    }

    #[inline]
    fn net(self, prices: &[f32]) -> f32 {
        self.prized(prices) - self.cost
    }

    /// What the first including disc is worth here. No including disc may lie over a forbidden pixel, excluded or not.
    #[inline]
    fn included(self, prices: &[f32]) -> f32 {
        let covered = if self.cost >= FORBIDDEN { -self.cost } else { LED * self.prized(prices) };
        if self.excludes == 0 { self.net(prices) } else { covered }
    }

    /// What the first excluding disc is worth here.
    #[inline]
    fn excluded(self, prices: &[f32]) -> f32 {
        if self.includes > 0 { -self.net(prices) } else { -LED * self.prized(prices) }
    }

    #[inline]
    fn is_reached(self) -> bool {
        self.includes > 0 && self.excludes == 0
    }

    #[inline]
    fn count(&mut self, side: Side, on: bool) {
        let count = if side == Side::Include { &mut self.includes } else { &mut self.excludes };
        *count = if on { count.saturating_add(1) } else { count.saturating_sub(1) };
    }
}

/// How much the search minds missing somebody, per inhabitant reached in vain.
pub(super) struct Prices {
    /// For the target as a whole.
    pub miss: f64,
    /// A further factor for municipalities that lag behind, by unit; 1 where absent.
    pub lagging: std::collections::BTreeMap<Unit, f64>,
}

/// Inhabitants by what happens to them, on the raster.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub target: f64,
    pub reached: f64,
    pub over: f64,
    /// Of each unit of the target, in the grid's order: inhabitants, and those reached.
    pub parts: Vec<(f64, f64)>,
}

impl Tally {
    pub(super) fn recall(&self) -> f64 {
        if self.target > 0.0 { self.reached / self.target } else { 1.0 }
    }

    pub(super) fn over_reach(&self) -> f64 {
        if self.target > 0.0 { self.over / self.target } else { 0.0 }
    }
}

/// The pixels of one disc: a first row, and the columns in it and those that follow.
#[derive(Clone, Default)]
struct Rows {
    first: usize,
    columns: Vec<(usize, usize)>,
}

impl Rows {
    fn of(grid: &Grid, disc: &Disc) -> Self {
        let (first, last) = grid.rows_of(disc);
        Self { first, columns: (first..last).map(|row| grid.columns_of(disc, row)).collect() }
    }

    #[inline]
    fn at(&self, row: usize) -> (usize, usize) {
        row.checked_sub(self.first).and_then(|i| self.columns.get(i)).copied().unwrap_or((0, 0))
    }
}

pub(super) struct Field<'a> {
    pub grid: &'a Grid,
    pixels: Vec<Pixel>,
    pub includes: Vec<Disc>,
    pub excludes: Vec<Disc>,
    include_rows: Vec<Rows>,
    exclude_rows: Vec<Rows>,
    /// What missing somebody costs, by the grid's parts.
    prices: Vec<f32>,
    /// Kept with every change.
    pub tally: Tally,
    /// Work done: pixels and rows looked at.
    pub work: u64,
}

impl<'a> Field<'a> {
    pub(super) fn new(grid: &'a Grid, prices: &Prices) -> Self {
        let mut field = Self {
            grid,
            pixels: vec![Pixel::default(); grid.pixels()],
            includes: Vec::new(),
            excludes: Vec::new(),
            include_rows: Vec::new(),
            exclude_rows: Vec::new(),
            prices: Vec::new(),
            tally: Tally { parts: vec![(0.0, 0.0); grid.units.len()], ..Tally::default() },
            work: 0,
        };
        for (number, (pixel, (inside, outside))) in field.pixels.iter_mut().zip(&grid.people).enumerate() {
            *pixel = Pixel { gain: *inside, cost: *outside, part: grid.part[number], ..Pixel::default() };
            if grid.is_forbidden(number) {
                pixel.cost = FORBIDDEN;
            }
            if let Some(part) = field.tally.parts.get_mut(usize::from(pixel.part)) {
                part.0 += f64::from(*inside);
            }
        }
        field.tally.target = field.tally.parts.iter().map(|part| part.0).sum();
        field.reprice(prices);
        field
    }

    /// Takes over changed prices.
    pub(super) fn reprice(&mut self, prices: &Prices) {
        #[allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "a price, not a count")]
        let price = |unit: &Unit| (prices.miss * prices.lagging.get(unit).copied().unwrap_or(1.0)) as f32;
        self.prices.clear();
        self.prices.extend(self.grid.units.iter().map(price));
    }

    /// What reaching a pixel is worth, or costs.
    pub(super) fn stake(&self, pixel: usize) -> f32 {
        let pixel = self.pixels[pixel];
        pixel.prized(&self.prices) + pixel.cost.min(1e6)
    }

    pub(super) fn discs(&self, side: Side) -> &[Disc] {
        match side {
            Side::Include => &self.includes,
            Side::Exclude => &self.excludes,
        }
    }

    /// What replacing one disc (by its number) by another, or by nothing, is worth in priced inhabitants.
    pub(super) fn gain(&mut self, side: Side, old: Option<usize>, new: Option<&Disc>) -> f64 {
        // Without exclusions a pixel has fewer states to tell apart, and most searches have none.
        let prices = self.prices.as_slice();
        let (gain, work) = match (side, self.excludes.is_empty()) {
            (Side::Include, true) => self.weigh(side, old, new, |pixel| pixel.net(prices)),
            (Side::Include, false) => self.weigh(side, old, new, |pixel| pixel.included(prices)),
            (Side::Exclude, _) => self.weigh(side, old, new, |pixel| pixel.excluded(prices)),
        };
        self.work += work;
        gain
    }

    #[inline]
    fn weigh(&self, side: Side, old: Option<usize>, new: Option<&Disc>, worth: impl Fn(&Pixel) -> f32) -> (f64, u64) {
        let empty = Rows::default();
        let before = match side {
            Side::Include => old.and_then(|number| self.include_rows.get(number)),
            Side::Exclude => old.and_then(|number| self.exclude_rows.get(number)),
        };
        let before = before.unwrap_or(&empty);
        let (first, last) = new.map_or((before.first, before.first), |disc| self.grid.rows_of(disc));
        let (top, bottom) = match (old, new) {
            (Some(_), Some(_)) => (first.min(before.first), last.max(before.first + before.columns.len())),
            (Some(_), None) => (before.first, before.first + before.columns.len()),
            _ => (first, last),
        };
        let mut total = 0.0_f64;
        let mut looked = 0_usize;
        for row in top..bottom {
            let was = before.at(row);
            let is = match new {
                Some(disc) if (first..last).contains(&row) => self.grid.columns_of(disc, row),
                _ => (0, 0),
            };
            let line = &self.pixels[row * self.grid.cols..(row + 1) * self.grid.cols];
            let mut sum = 0.0_f32;
            for (from, until) in without(is, was) {
                for pixel in line.get(from..until).unwrap_or(&[]) {
                    sum += if pixel.of(side) == 0 { worth(pixel) } else { 0.0 };
                }
                looked += until.saturating_sub(from);
            }
            for (from, until) in without(was, is) {
                for pixel in line.get(from..until).unwrap_or(&[]) {
                    sum -= if pixel.of(side) == 1 { worth(pixel) } else { 0.0 };
                }
                looked += until.saturating_sub(from);
            }
            total += f64::from(sum);
        }
        (total, u64::try_from(CHANGE_WORK + looked + ROW_WORK * bottom.saturating_sub(top)).unwrap_or(0))
    }

    /// Counts a disc's pixels in or out, and who is reached by it.
    #[inline]
    fn count(&mut self, side: Side, from: usize, until: usize, on: bool) {
        for pixel in self.pixels.get_mut(from..until).unwrap_or(&mut []) {
            let was = pixel.is_reached();
            pixel.count(side, on);
            let is = pixel.is_reached();
            if was != is {
                let sign = if is { 1.0 } else { -1.0 };
                self.tally.over += sign * f64::from(pixel.cost);
                if let Some(part) = self.tally.parts.get_mut(usize::from(pixel.part)) {
                    part.1 += sign * f64::from(pixel.gain);
                    self.tally.reached += sign * f64::from(pixel.gain);
                }
            }
        }
        self.work += u64::try_from(until.saturating_sub(from) + ROW_WORK).unwrap_or(0);
    }

    fn paint(&mut self, side: Side, rows: &Rows, on: bool) {
        for (row, (from, until)) in (rows.first..).zip(&rows.columns) {
            let begin = row * self.grid.cols;
            self.count(side, begin + from, begin + until, on);
        }
    }

    fn lists(&mut self, side: Side) -> (&mut Vec<Disc>, &mut Vec<Rows>) {
        match side {
            Side::Include => (&mut self.includes, &mut self.include_rows),
            Side::Exclude => (&mut self.excludes, &mut self.exclude_rows),
        }
    }

    /// Replaces a disc; only the pixels between the old and the new are touched.
    pub(super) fn replace(&mut self, side: Side, number: usize, new: Disc) {
        let after = Rows::of(self.grid, &new);
        let (discs, rows) = self.lists(side);
        discs[number] = new;
        let before = std::mem::replace(&mut rows[number], after.clone());
        let top = before.first.min(after.first);
        let bottom = (before.first + before.columns.len()).max(after.first + after.columns.len());
        for row in top..bottom {
            let (was, is) = (before.at(row), after.at(row));
            let begin = row * self.grid.cols;
            for (kept, other, on) in [(is, was, true), (was, is, false)] {
                for (from, until) in without(kept, other) {
                    self.count(side, begin + from, begin + until, on);
                }
            }
        }
    }

    pub(super) fn add(&mut self, side: Side, disc: Disc) {
        let after = Rows::of(self.grid, &disc);
        self.paint(side, &after, true);
        let (discs, rows) = self.lists(side);
        discs.push(disc);
        rows.push(after);
    }

    /// Takes a disc away; the last one takes its number.
    pub(super) fn remove(&mut self, side: Side, number: usize) -> Disc {
        let (discs, rows) = self.lists(side);
        let (old, before) = (discs.swap_remove(number), rows.swap_remove(number));
        self.paint(side, &before, false);
        old
    }

    /// Whether a pixel is reached.
    pub(super) fn reached(&self, pixel: usize) -> bool {
        self.pixels[pixel].is_reached()
    }
}

/// One half-open interval without another: what is left on either side.
#[inline]
fn without((from, until): (usize, usize), (hole_from, hole_until): (usize, usize)) -> [(usize, usize); 2] {
    if hole_from >= hole_until {
        return [(from, until), (0, 0)];
    }
    let left = (from, until.min(hole_from).max(from));
    let right = (from.max(hole_until), until.max(hole_until));
    [left, if right.0 < until { right } else { (0, 0) }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_interval_without_another_is_what_is_left(a in 0_usize..20, b in 0_usize..20, c in 0_usize..20, d in 0_usize..20) {
            let (one, hole) = ((a.min(b), a.max(b)), (c.min(d), c.max(d)));
            let left: Vec<usize> = without(one, hole).into_iter().flat_map(|(from, until)| from..until).collect();
            let wanted: Vec<usize> = (one.0..one.1).filter(|x| !(hole.0..hole.1).contains(x)).collect();
            prop_assert_eq!(left, wanted);
        }
    }
}
