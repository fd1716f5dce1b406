//! One number line for all H3 cells: cells of one resolution numbered densely in index order, so that a cell is a
//! half-open span of positions of the finest resolution and set algebra is merging of spans.
//!
//! A hexagon has 7 children, a pentagon 6 (digit 1 is missing); the numbering leaves no gaps, so equal sets have
//! equal spans.

use h3o::{CellIndex, Resolution};

/// The finest resolution H3 has; the positions of [`Span`] are cells of it.
const FINEST: u32 = 15;
/// The base cells that are pentagons (H3 documentation, table of base cells).
const PENTAGONS: [u64; 12] = [4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117];
/// How many base cells H3 has.
const BASE_CELLS: u64 = 122;

/// Positions `start..end` at the finest resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first position inside.
    pub start: u64,
    /// The first position after.
    pub end: u64,
}

/// Descendants of a hexagon, `levels` down.
const fn hexagon(levels: u32) -> u64 {
    7_u64.pow(levels)
}

/// Descendants of a pentagon, `levels` down: one pentagon and 5 hexagons a level.
const fn pentagon(levels: u32) -> u64 {
    1 + 5 * (hexagon(levels) - 1) / 6
}

fn is_pentagon(base: u64) -> bool {
    PENTAGONS.contains(&base)
}

/// Positions before this base cell when every base cell is divided `levels` times.
fn base_offset(base: u64, levels: u32) -> u64 {
    let below: u64 = PENTAGONS.iter().map(|&p| u64::from(p < base)).sum();
    base * hexagon(levels) - below * (hexagon(levels) - pentagon(levels))
}

/// The base cell that holds the position, and the position inside it.
fn split(position: u64, levels: u32) -> (u64, u64) {
    // Pentagons are smaller, so the true base cell is the quotient or one of the next two.
    let mut base = (position / hexagon(levels)).min(BASE_CELLS - 1);
    while base + 1 < BASE_CELLS && base_offset(base + 1, levels) <= position {
        base += 1;
    }
    (base, position - base_offset(base, levels))
}

fn levels_of(resolution: Resolution) -> u32 {
    u32::from(u8::from(resolution))
}

/// How many cells a resolution has; positions are below it.
#[must_use]
pub fn count(resolution: Resolution) -> u64 {
    base_offset(BASE_CELLS, levels_of(resolution))
}

/// The number of this cell among the cells of its own resolution.
#[must_use]
pub fn position(cell: CellIndex) -> u64 {
    walk(cell, levels_of(cell.resolution())).0
}

/// The positions of all descendants of this cell at the finest resolution.
#[must_use]
pub fn span(cell: CellIndex) -> Span {
    let (start, still_pentagon) = walk(cell, FINEST);
    let below = FINEST - levels_of(cell.resolution());
    Span { start, end: start + if still_pentagon { pentagon(below) } else { hexagon(below) } }
}

/// The position of the cell's first descendant at resolution `levels`, and whether the cell is a pentagon.
fn walk(cell: CellIndex, levels: u32) -> (u64, bool) {
    let bits = u64::from(cell);
    let base = (bits >> 45) & 0x7f;
    let mut place = base_offset(base, levels);
    let mut in_pentagon = is_pentagon(base);
    for level in 1..=levels_of(cell.resolution()) {
        let digit = (bits >> (3 * (FINEST - level))) & 7;
        let below = levels - level;
        if !in_pentagon {
            place += digit * hexagon(below);
        } else if digit >= 2 {
            place += pentagon(below) + (digit - 2) * hexagon(below);
            in_pentagon = false;
        }
    }
    (place, in_pentagon)
}

/// The cell with this number at this resolution; none beyond the last.
#[must_use]
pub fn cell_at(position: u64, resolution: Resolution) -> Option<CellIndex> {
    let levels = levels_of(resolution);
    let (base, mut rest) = split(position, levels);
    let mut in_pentagon = is_pentagon(base);
    // Mode 1 (cell), resolution, base cell, then unused digits all 7, as H3 writes them.
    let mut bits = (1 << 59) | (u64::from(levels) << 52) | (base << 45) | ((1 << 45) - 1);
    for level in 1..=levels {
        let below = levels - level;
        let digit = if in_pentagon && rest < pentagon(below) {
            0
        } else {
            let skipped = if in_pentagon { 2 } else { 0 };
            if in_pentagon {
                rest -= pentagon(below);
                in_pentagon = false;
            }
            let digit = rest / hexagon(below);
            rest -= digit * hexagon(below);
            digit + skipped
        };
        if digit > 6 {
            return None;
        }
        let shift = 3 * (FINEST - level);
        bits = (bits & !(7 << shift)) | (digit << shift);
    }
    CellIndex::try_from(bits).ok().filter(|_| rest == 0)
}

/// Where the descendants of cell number `position` begin on the finest line; `count` gives the end of the line.
#[must_use]
pub fn widen(position: u64, resolution: Resolution) -> u64 {
    let levels = levels_of(resolution);
    let (base, rest) = split(position, levels);
    if !is_pentagon(base) {
        return base_offset(base, FINEST) + rest * hexagon(FINEST - levels);
    }
    cell_at(position, resolution).map_or_else(|| count(Resolution::Fifteen), |cell| span(cell).start)
}

/// The number, at this resolution, of the cell that holds a finest position.
#[must_use]
pub fn narrow(finest: u64, resolution: Resolution) -> u64 {
    let levels = levels_of(resolution);
    let (base, rest) = split(finest, FINEST);
    if !is_pentagon(base) {
        return base_offset(base, levels) + rest / hexagon(FINEST - levels);
    }
    cell_at(finest, Resolution::Fifteen)
        .and_then(|cell| cell.parent(resolution))
        .map_or_else(|| count(resolution), position)
}

/// The coarsest cell that begins at a finest position and ends no later than `end`.
#[must_use]
pub fn coarsest_at(start: u64, end: u64) -> Option<(CellIndex, u64)> {
    let cell = cell_at(start, Resolution::Fifteen)?;
    let mut best = (cell, start + 1);
    for parent in Resolution::range(Resolution::Zero, Resolution::Fourteen).rev().filter_map(|r| cell.parent(r)) {
        let candidate = span(parent);
        if candidate.start != start || candidate.end > end {
            break;
        }
        best = (parent, candidate.end);
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_are_the_published_ones() {
        assert_eq!(count(Resolution::Zero), 122);
        assert_eq!(count(Resolution::Five), 2_016_842);
        assert_eq!(count(Resolution::Fifteen), 569_707_381_193_162);
    }

    #[test]
    fn cells_are_numbered_in_index_order_without_gaps() {
        for resolution in [Resolution::Zero, Resolution::One, Resolution::Two, Resolution::Three] {
            let mut cells: Vec<u64> =
                CellIndex::base_cells().flat_map(|c| c.children(resolution)).map(u64::from).collect();
            cells.sort_unstable();
            for (number, bits) in (0_u64..).zip(cells) {
                let cell = CellIndex::try_from(bits).unwrap();
                assert_eq!(position(cell), number);
                assert_eq!(cell_at(number, resolution), Some(cell));
            }
            assert_eq!(cell_at(count(resolution), resolution), None);
        }
    }

    proptest! {
        #[test]
        fn widening_and_narrowing_agree_with_h3(number in 0..count(Resolution::Fifteen), r in 0_u8..=15) {
            let resolution = Resolution::try_from(r).unwrap();
            let finest = cell_at(number, Resolution::Fifteen).unwrap();
            prop_assert_eq!(position(finest), number);
            let parent = finest.parent(resolution).unwrap();
            prop_assert_eq!(narrow(number, resolution), position(parent));
            let all = span(parent);
            prop_assert!(all.start <= number && number < all.end);
            prop_assert_eq!(widen(position(parent), resolution), all.start);
            prop_assert_eq!(all.end - all.start, parent.children_count(Resolution::Fifteen));
            prop_assert_eq!(widen(position(parent) + 1, resolution), all.end);
        }
    }
}
