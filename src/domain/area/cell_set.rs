//! A set of H3 cells of any resolutions, kept as merged spans of [`position`](super::position): compacted by nature,
//! sorted, without duplicates. Algebra is exact and linear in the number of spans.

use h3o::{CellIndex, Resolution};

use super::CoverMode;
use super::position::{Span, cell_at, coarsest_at, count, narrow, position, span, widen};

/// Cells `first..=last` of one resolution, as H3 indexes: what an index scan `BETWEEN first AND last` reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellRange {
    /// The smallest index inside.
    pub first: u64,
    /// The largest index inside.
    pub last: u64,
}

/// The text is no H3 cell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an H3 cell")]
pub struct NotACell(pub String);

/// A set of H3 cells. Two sets that hold the same descendants are equal, however they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellSet {
    /// Sorted, disjoint, never adjacent, never empty.
    spans: Vec<Span>,
}

impl FromIterator<CellIndex> for CellSet {
    fn from_iter<T: IntoIterator<Item = CellIndex>>(cells: T) -> Self {
        Self::from_spans(cells.into_iter().map(span).collect())
    }
}

impl CellSet {
    /// The union of these spans, in any order.
    #[must_use]
    pub fn from_spans(mut spans: Vec<Span>) -> Self {
        spans.retain(|s| s.start < s.end);
        spans.sort_unstable();
        // `a` is the later span, `b` the kept one before it.
        spans.dedup_by(|a, b| {
            let touches = a.start <= b.end;
            if touches {
                b.end = b.end.max(a.end);
            }
            touches
        });
        spans.shrink_to_fit();
        Self { spans }
    }

    /// Reads 15-digit hexadecimal indexes, as [`CellSet::to_hex`] writes them.
    pub fn from_hex<'a>(cells: impl IntoIterator<Item = &'a str>) -> Result<Self, NotACell> {
        let read = |text: &str| {
            u64::from_str_radix(text, 16)
                .ok()
                .filter(|_| !text.starts_with('+'))
                .and_then(|bits| CellIndex::try_from(bits).ok())
                .ok_or_else(|| NotACell(text.to_owned()))
        };
        cells.into_iter().map(read).collect()
    }

    /// The compacted cells as 15-digit hexadecimal, sorted as text (coarse cells first).
    #[must_use]
    pub fn to_hex(&self) -> Vec<String> {
        let mut bits: Vec<u64> = self.cells().map(u64::from).collect();
        bits.sort_unstable();
        bits.into_iter().map(|cell| format!("{cell:015x}")).collect()
    }

    /// The spans of finest positions, sorted and disjoint.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Nothing inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The fewest cells that make up the set, in spatial order.
    pub fn cells(&self) -> impl Iterator<Item = CellIndex> + '_ {
        self.spans.iter().flat_map(|s| {
            let end = s.end;
            let mut at = s.start;
            std::iter::from_fn(move || {
                if at >= end {
                    return None;
                }
                let (cell, next) = coarsest_at(at, end)?;
                at = next;
                Some(cell)
            })
        })
    }

    /// How many cells [`CellSet::cells`] gives.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells().count()
    }

    /// The numbers of the cells of one resolution that the set touches, as inclusive merged pairs.
    fn touched(&self, resolution: Resolution) -> Vec<(u64, u64)> {
        let mut pairs: Vec<(u64, u64)> = Vec::with_capacity(self.spans.len());
        for s in &self.spans {
            let (first, last) = (narrow(s.start, resolution), narrow(s.end - 1, resolution));
            match pairs.last_mut() {
                Some(before) if first <= before.1 + 1 => before.1 = last,
                _ => pairs.push((first, last)),
            }
        }
        pairs
    }

    /// The cells of one resolution that the set holds or touches: coarser cells are divided, a finer one counts as
    /// its ancestor.
    pub fn cells_at(&self, resolution: Resolution) -> impl Iterator<Item = CellIndex> {
        let numbers = self.touched(resolution).into_iter().flat_map(|(first, last)| first..=last);
        numbers.filter_map(move |number| cell_at(number, resolution))
    }

    /// How many cells [`CellSet::cells_at`] gives, without making them.
    #[must_use]
    pub fn count_at(&self, resolution: Resolution) -> u64 {
        self.touched(resolution).into_iter().map(|(first, last)| last - first + 1).sum()
    }

    /// The cells of [`CellSet::cells_at`] as few ranges of indexes, sorted and disjoint.
    #[must_use]
    pub fn ranges(&self, resolution: Resolution) -> Vec<CellRange> {
        let bits = |number| cell_at(number, resolution).map(u64::from);
        let range = |(first, last)| Some(CellRange { first: bits(first)?, last: bits(last)? });
        self.touched(resolution).into_iter().filter_map(range).collect()
    }

    /// Whether the whole cell lies in the set.
    #[must_use]
    pub fn contains(&self, cell: CellIndex) -> bool {
        self.holds(span(cell))
    }

    /// Whether a position of the finest line lies in the set; see [`position`](super::position).
    #[must_use]
    pub fn holds_position(&self, at: u64) -> bool {
        self.holds(Span { start: at, end: at + 1 })
    }

    fn holds(&self, wanted: Span) -> bool {
        let after = self.spans.partition_point(|s| s.start <= wanted.start);
        after.checked_sub(1).and_then(|i| self.spans.get(i)).is_some_and(|s| wanted.end <= s.end)
    }

    /// Whether every cell of this set lies in the other.
    #[must_use]
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.spans.iter().all(|s| other.holds(*s))
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from_spans(self.spans.iter().chain(&other.spans).copied().collect())
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut kept = Vec::new();
        for s in &self.spans {
            kept.extend(other.overlapping(*s).map(|o| Span { start: o.start.max(s.start), end: o.end.min(s.end) }));
        }
        Self { spans: kept }
    }

    /// What is here and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut kept = Vec::new();
        for s in &self.spans {
            let mut at = s.start;
            for hole in other.overlapping(*s) {
                if at < hole.start {
                    kept.push(Span { start: at, end: hole.start });
                }
                at = hole.end;
            }
            if at < s.end {
                kept.push(Span { start: at, end: s.end });
            }
        }
        Self { spans: kept }
    }

    /// The parts of the set inside one span.
    pub fn within(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        self.overlapping(span).map(move |s| Span { start: s.start.max(span.start), end: s.end.min(span.end) })
    }

    fn overlapping(&self, with: Span) -> impl Iterator<Item = Span> + '_ {
        let from = self.spans.partition_point(|s| s.end <= with.start);
        self.spans.get(from..).unwrap_or(&[]).iter().copied().take_while(move |s| s.start < with.end)
    }

    /// The set in whole cells no finer than this resolution. A border cell is kept when the mode says so: `Covers`
    /// keeps what is touched, `Centroid` what has its centre inside, `Inside` what lies wholly inside.
    #[must_use]
    pub fn coarsened(&self, resolution: Resolution, mode: CoverMode) -> Self {
        let whole = |s: &Span| {
            let (first, last) = (narrow(s.start, resolution), narrow(s.end - 1, resolution));
            // A cell's centre is the centre of its first descendant, so the centre is inside iff the start is.
            let starts_inside = widen(first, resolution) >= s.start;
            let ends_inside = widen(last + 1, resolution) <= s.end;
            let from = if starts_inside || mode == CoverMode::Covers { first } else { first + 1 };
            let until = if ends_inside || mode != CoverMode::Inside { last + 1 } else { last };
            Span { start: widen(from, resolution), end: widen(until.max(from), resolution) }
        };
        Self::from_spans(self.spans.iter().map(whole).collect())
    }

    /// The surface on H3's sphere, from the compacted cells; about 0.35 % below the ellipsoid's in Belgium.
    #[must_use]
    pub fn area_km2(&self) -> f64 {
        self.cells().map(CellIndex::area_km2).sum()
    }

    /// Every cell there is at resolution 0, i.e. the whole Earth.
    #[must_use]
    pub fn everything() -> Self {
        Self { spans: vec![Span { start: 0, end: count(Resolution::Fifteen) }] }
    }

    /// The number of one cell among those of its resolution; see [`position`].
    #[must_use]
    pub fn number_of(cell: CellIndex) -> u64 {
        position(cell)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Cells in the neighbourhood of Brussels, of mixed resolutions, so that they overlap often.
    fn cell() -> impl Strategy<Value = CellIndex> {
        (6_u8..=10, 50.80..50.90_f64, 4.30..4.45_f64)
            .prop_map(|(r, lat, lon)| h3o::LatLng::new(lat, lon).unwrap().to_cell(Resolution::try_from(r).unwrap()))
    }

    fn cells() -> impl Strategy<Value = Vec<CellIndex>> {
        proptest::collection::vec(cell(), 0..40)
    }

    fn at_ten(cells: &[CellIndex]) -> BTreeSet<u64> {
        cells.iter().flat_map(|c| c.children(Resolution::Ten)).map(u64::from).collect()
    }

    fn bits(set: &CellSet) -> BTreeSet<u64> {
        set.cells_at(Resolution::Ten).map(u64::from).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn ranges_are_disjoint_and_cover_exactly_the_descendants(given in cells()) {
            let ranges = given.iter().copied().collect::<CellSet>().ranges(Resolution::Ten);
            prop_assert!(ranges.iter().zip(ranges.iter().skip(1)).all(|(a, b)| a.last < b.first));
            let wanted = at_ten(&given);
            for cell in &wanted {
                prop_assert!(ranges.iter().any(|r| r.first <= *cell && *cell <= r.last));
            }
            let counted: u64 = ranges.iter().map(|r| {
                let number = |b| position(CellIndex::try_from(b).unwrap());
                number(r.last) - number(r.first) + 1
            }).sum();
            prop_assert_eq!(counted, u64::try_from(wanted.len()).unwrap());
        }

        #[test]
        fn the_algebra_is_that_of_sets(left in cells(), right in cells()) {
            let (a, b) = (left.iter().copied().collect::<CellSet>(), right.iter().copied().collect::<CellSet>());
            let (x, y) = (at_ten(&left), at_ten(&right));
            prop_assert_eq!(bits(&a.union(&b)), &x | &y);
            prop_assert_eq!(bits(&a.intersection(&b)), &x & &y);
            prop_assert_eq!(bits(&a.difference(&b)), &x - &y);
            prop_assert_eq!(a.is_subset_of(&b), x.is_subset(&y));
            prop_assert_eq!(a.count_at(Resolution::Ten), u64::try_from(x.len()).unwrap());
            prop_assert_eq!(a.intersection(&b).union(&a.difference(&b)), a);
        }

        #[test]
        fn compacting_is_h3s_own_and_text_reads_back(given in cells()) {
            let set: CellSet = given.iter().copied().collect();
            let mut theirs: Vec<CellIndex> = at_ten(&given).into_iter().map(|b| CellIndex::try_from(b).unwrap()).collect();
            CellIndex::compact(&mut theirs).unwrap();
            let ours: BTreeSet<u64> = set.cells().map(u64::from).collect();
            prop_assert_eq!(&ours, &theirs.into_iter().map(u64::from).collect());
            prop_assert_eq!(set.len(), ours.len());
            let text = set.to_hex();
            prop_assert!(text.is_sorted() && text.iter().all(|t| t.len() == 15));
            prop_assert_eq!(CellSet::from_hex(text.iter().map(String::as_str)).unwrap(), set);
        }

        #[test]
        fn coarsening_keeps_what_the_mode_promises(given in cells()) {
            let set: CellSet = given.iter().copied().collect();
            let fine = at_ten(&given);
            let parents: BTreeSet<CellIndex> = set.cells_at(Resolution::Eight).collect();
            for parent in parents {
                let children: Vec<u64> = parent.children(Resolution::Ten).map(u64::from).collect();
                let whole = children.iter().all(|c| fine.contains(c));
                let centre = fine.contains(&u64::from(parent.center_child(Resolution::Ten).unwrap()));
                prop_assert!(set.coarsened(Resolution::Eight, CoverMode::Covers).contains(parent));
                prop_assert_eq!(set.coarsened(Resolution::Eight, CoverMode::Inside).contains(parent), whole);
                prop_assert_eq!(set.coarsened(Resolution::Eight, CoverMode::Centroid).contains(parent), centre);
            }
        }
    }

    #[test]
    fn a_pentagon_is_its_six_children() {
        let pentagon = CellIndex::base_cells().find(|c| c.is_pentagon()).unwrap();
        let set: CellSet = pentagon.children(Resolution::One).collect();
        assert_eq!(set.cells().collect::<Vec<_>>(), [pentagon]);
        assert_eq!(set.count_at(Resolution::One), 6);
        assert_eq!(CellSet::everything(), CellIndex::base_cells().collect());
    }

    #[test]
    fn what_is_no_cell_is_refused() {
        for text in ["", "zz", "8a1969c9a31ffff0", "+8a1969c9a31fff", "000000000000000", "8f1969c9a31ffff"] {
            assert!(CellSet::from_hex([text]).is_err(), "{text} was taken");
        }
    }
}
