//! One number line for all H3 cells: cells of one resolution numbered densely in index order, so that a cell is a
//! half-open span of positions of the finest resolution and set algebra is merging of spans.
//!
//! A hexagon has 7 children, a pentagon 6 (digit 1 is missing); the numbering leaves no gaps, so equal sets have
//! equal spans.

#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "levels come from resolutions (0 to 15) and base cells from 7 bits of a valid index or from `split`, below 122"
)]

use h3o::{CellIndex, Resolution};

/// The finest resolution H3 has; the positions of [`Span`] are cells of it.
const FINEST: u32 = 15;
/// The base cells that are pentagons, a bit each (H3 documentation, table of base cells).
const PENTAGONS: u128 = {
    let numbers = [4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117];
    let (mut bits, mut i) = (0, 0);
    while i < numbers.len() {
        bits |= 1 << numbers[i];
        i += 1;
    }
    bits
};
/// How many base cells H3 has.
const BASE_CELLS: usize = 122;
/// Resolutions there are, 0 to 15.
const LEVELS: usize = 16;

/// Positions `start..end` at the finest resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first position inside.
    pub start: u64,
    /// The first position after.
    pub end: u64,
}

/// Descendants of a hexagon, and of a pentagon (one pentagon and 5 hexagons a level), by how many levels down. Asked
/// millions of times a second, so looked up.
const DESCENDANTS: [(u64, u64); LEVELS] = {
    let mut all = [(1, 1); LEVELS];
    let mut level = 1;
    while level < LEVELS {
        let (hexagons, pentagons) = all[level - 1];
        all[level] = (7 * hexagons, pentagons + 5 * hexagons);
        level += 1;
    }
    all
};

/// Positions before each base cell, and at last of all, when every base cell is divided so many times.
static OFFSETS: [[u64; BASE_CELLS + 1]; LEVELS] = {
    let mut all = [[0; BASE_CELLS + 1]; LEVELS];
    let mut level = 0;
    while level < LEVELS {
        let mut base = 0;
        while base < BASE_CELLS {
            let (hexagons, pentagons) = DESCENDANTS[level];
            let own = if PENTAGONS >> base & 1 == 1 { pentagons } else { hexagons };
            all[level][base + 1] = all[level][base] + own;
            base += 1;
        }
        level += 1;
    }
    all
};

/// Descendants of a hexagon, `levels` down.
const fn hexagon(levels: u32) -> u64 {
    DESCENDANTS[levels as usize].0
}

/// Descendants of a pentagon, `levels` down.
const fn pentagon(levels: u32) -> u64 {
    DESCENDANTS[levels as usize].1
}

const fn is_pentagon(base: u64) -> bool {
    PENTAGONS >> base & 1 == 1
}

/// Positions before this base cell when every base cell is divided `levels` times.
fn base_offset(base: u64, levels: u32) -> u64 {
    OFFSETS[levels as usize][base as usize]
}

/// The base cell that holds the position, and the position inside it.
fn split(position: u64, levels: u32) -> (u64, u64) {
    // Pentagons are smaller, so the true base cell is the quotient or one of the next two.
    let last = BASE_CELLS as u64 - 1;
    let mut base = (position / hexagon(levels)).min(last);
    while base < last && base_offset(base + 1, levels) <= position {
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
    base_offset(BASE_CELLS as u64, levels_of(resolution))
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
