//! The audience in memory: seats in order, cut into blocks; in each block the distinct spots, where each begins, and the
//! numbers as a column of their own. A change rewrites its block and shares the others, so a reader keeps what it has
//! and nobody waits.
#![allow(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "positions come from the block they index, and a block holds at most 65,536 rows"
)]

use crate::db::audience::{Change, Seat, Spot};
use std::collections::BTreeMap;
use std::mem::size_of;
use std::sync::Arc;

/// Rows a block is made with: rewriting it for one change takes some fifty microseconds, and ten million people are
/// three hundred blocks.
pub(super) const ROWS: usize = 32_768;
/// Rows at which a block is cut again.
const FULL: usize = 2 * ROWS;

struct Block {
    spots: Box<[Spot]>,
    /// Where each spot's numbers begin, and where the last one's end.
    starts: Box<[u32]>,
    numbers: Box<[u32]>,
}

impl Block {
    /// From seats in order, at least one.
    fn new(seats: &[Seat]) -> Self {
        let mut spots: Vec<Spot> = Vec::new();
        let mut starts = Vec::new();
        for (at, seat) in seats.iter().enumerate() {
            if spots.last() != Some(&seat.spot()) {
                spots.push(seat.spot());
                starts.push(at as u32);
            }
        }
        starts.push(seats.len() as u32);
        Self { spots: spots.into(), starts: starts.into(), numbers: seats.iter().map(|seat| seat.number()).collect() }
    }

    fn seats(&self) -> impl Iterator<Item = Seat> + '_ {
        let runs = self.spots.iter().zip(self.starts.windows(2));
        runs.flat_map(|(spot, run)| {
            self.numbers[run[0] as usize..run[1] as usize].iter().map(|number| spot.seat(*number))
        })
    }

    fn first(&self) -> Seat {
        self.spots[0].seat(self.numbers[0])
    }

    fn last_spot(&self) -> Spot {
        self.spots[self.spots.len() - 1]
    }

    fn bytes(&self) -> usize {
        // 16 bytes more for each of the three allocations and for the shared pointer's counts.
        self.spots.len() * size_of::<Spot>() + (self.starts.len() + self.numbers.len()) * size_of::<u32>() + 64
    }
}

/// Part of a block that a question asked for.
pub(super) struct Part<'a> {
    block: &'a Block,
    from: usize,
    to: usize,
}

impl<'a> Part<'a> {
    /// The numbers of everybody here.
    pub(super) fn numbers(&self) -> &'a [u32] {
        &self.block.numbers[self.block.starts[self.from] as usize..self.block.starts[self.to] as usize]
    }

    /// The spots here, with how many people.
    pub(super) fn spots(&self) -> impl Iterator<Item = (Spot, i64)> + 'a {
        let starts = self.block.starts[self.from..=self.to].windows(2);
        self.block.spots[self.from..self.to].iter().zip(starts).map(|(spot, run)| (*spot, i64::from(run[1] - run[0])))
    }
}

/// The first position from `at` on that is not before: steps that double, then halves.
fn forward<T>(sorted: &[T], at: usize, before: impl Fn(&T) -> bool) -> usize {
    let mut step = 1;
    let mut low = at;
    while sorted.get(low + step - 1).is_some_and(&before) {
        low += step;
        step *= 2;
    }
    let high = (low + step - 1).min(sorted.len());
    low + sorted[low..high].partition_point(before)
}

/// Everybody, in order.
#[derive(Clone, Default)]
pub struct Columns {
    blocks: Vec<Arc<Block>>,
    bytes: usize,
}

impl Columns {
    /// Adds seats that come after all others, in order; about `ROWS` at a time make good blocks.
    pub fn append(&mut self, seats: &[Seat]) {
        if seats.is_empty() {
            return;
        }
        // Even parts: a full block and a crumb would leave another crumb with every change.
        let parts = if seats.len() <= FULL { 1 } else { seats.len().div_ceil(ROWS) };
        for part in seats.chunks(seats.len().div_ceil(parts)) {
            self.share(Arc::new(Block::new(part)));
        }
    }

    fn share(&mut self, block: Arc<Block>) {
        self.bytes += block.bytes() + size_of::<Arc<Block>>();
        self.blocks.push(block);
    }

    /// Memory taken, shared blocks included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many people.
    #[must_use]
    pub fn people(&self) -> usize {
        self.blocks.iter().map(|block| block.numbers.len()).sum()
    }

    /// What lies between spots, both included, pair by pair; in order, as the pairs must be. Walks forward from where the
    /// last pair ended, so that a country's thousands of ranges cost the distance between them and not a search each.
    pub(super) fn between<E>(
        &self,
        pairs: impl Iterator<Item = (Spot, Spot)>,
        mut each: impl FnMut(Part<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (mut at, mut from) = (0, 0);
        for (first, last) in pairs {
            let begin = at;
            at = forward(&self.blocks, at, |block| block.last_spot() < first);
            from = if at == begin { from } else { 0 };
            while let Some(block) = self.blocks.get(at).filter(|block| block.spots[0] <= last) {
                let start = forward(&block.spots, from, |spot| *spot < first);
                let to = forward(&block.spots, start, |spot| *spot <= last);
                if start < to {
                    each(Part { block, from: start, to })?;
                }
                // The same block again for the next pair, unless this one goes on after it.
                from = to;
                if block.last_spot() > last {
                    break;
                }
                at += 1;
                from = 0;
            }
        }
        Ok(())
    }

    /// The same after these changes, oldest first. To have come or left twice is to have done so once.
    #[must_use]
    pub fn changed(&self, changes: &[Change]) -> Self {
        let last: BTreeMap<Seat, bool> = changes.iter().map(|change| (change.seat, change.came)).collect();
        let mut changes = last.into_iter().peekable();
        let mut new = Self { blocks: Vec::with_capacity(self.blocks.len() + 1), bytes: 0 };
        if self.blocks.is_empty() {
            new.append(&changes.filter(|(_, came)| *came).map(|(seat, _)| seat).collect::<Vec<_>>());
            return new;
        }
        for (number, block) in self.blocks.iter().enumerate() {
            let next = self.blocks.get(number + 1).map(|next| next.first());
            let belongs = |seat: Seat| next.is_none_or(|next| seat < next);
            if changes.peek().is_none_or(|(seat, _)| !belongs(*seat)) {
                new.share(block.clone());
                continue;
            }
            let mut seats = Vec::with_capacity(block.numbers.len() + 16);
            for seat in block.seats() {
                while let Some((other, came)) = changes.next_if(|(other, _)| *other < seat) {
                    seats.extend(came.then_some(other));
                }
                let stays = changes.next_if(|(other, _)| *other == seat).is_none_or(|(_, came)| came);
                seats.extend(stays.then_some(seat));
            }
            while let Some((other, came)) = changes.next_if(|(other, _)| belongs(*other)) {
                seats.extend(came.then_some(other));
            }
            new.append(&seats);
        }
        new
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::domain::area::CellRange;
    use crate::domain::language::Language;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// A few cells and many numbers, so that spots are shared and moves happen.
    fn seat() -> impl Strategy<Value = Seat> {
        (proptest::sample::select(Language::ALL.to_vec()), 0_u8..40, 0_u32..3000).prop_map(
            |(language, cell, number)| {
                let at = h3o::LatLng::new(50.8 + f64::from(cell) / 500.0, 4.3).unwrap();
                Spot::new(language, u64::from(at.to_cell(h3o::Resolution::Ten))).seat(number)
            },
        )
    }

    fn naive(people: &BTreeSet<Seat>, (first, last): (Spot, Spot)) -> Vec<Seat> {
        people.iter().copied().filter(|seat| first <= seat.spot() && seat.spot() <= last).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn it_answers_as_a_naive_filter_after_any_changes(
            first in proptest::collection::btree_set(seat(), 0..3000),
            chunk in 1_usize..500,
            rounds in proptest::collection::vec(proptest::collection::vec((seat(), any::<bool>()), 0..400), 0..6),
            asked in proptest::collection::vec((seat(), seat()), 8),
        ) {
            let mut people = first;
            let mut columns = Columns::default();
            for part in people.iter().copied().collect::<Vec<_>>().chunks(chunk) {
                columns.append(part);
            }
            for round in rounds {
                let before = columns.clone();
                let count = before.people();
                let mut changes: Vec<Change> = round.iter().map(|(seat, came)| Change { seat: *seat, came: *came }).collect();
                // Whole blocks must be able to empty.
                changes.extend(people.iter().take(chunk).map(|seat| Change { seat: *seat, came: false }));
                columns = columns.changed(&changes);
                for change in changes {
                    if change.came { people.insert(change.seat); } else { people.remove(&change.seat); }
                }
                prop_assert_eq!(before.people(), count, "a reader keeps what it has");
            }
            prop_assert_eq!(columns.people(), people.len());
            prop_assert!(columns.bytes() >= people.len() * 4);
            let all = |pairs: &[(Spot, Spot)]| {
                let (mut numbers, mut counted) = (Vec::new(), BTreeMap::<Spot, i64>::new());
                columns.between(pairs.iter().copied(), |part| {
                    numbers.extend_from_slice(part.numbers());
                    part.spots().for_each(|(spot, people)| *counted.entry(spot).or_default() += people);
                    Ok::<_, ()>(())
                }).unwrap();
                (numbers, counted)
            };
            let mut pairs: Vec<(Spot, Spot)> = Vec::new();
            for (a, b) in asked {
                let (cells, language) = ([a.spot().cell(), b.spot().cell()], a.spot().language());
                let range = CellRange { first: cells[0].min(cells[1]), last: cells[0].max(cells[1]) };
                let spots = Spot::range(language, range);
                let wanted = naive(&people, spots);
                let (numbers, counted) = all(&[spots]);
                prop_assert_eq!(numbers, wanted.iter().map(|seat| seat.number()).collect::<Vec<_>>());
                let mut wanted_counts: BTreeMap<Spot, i64> = BTreeMap::new();
                for seat in wanted {
                    *wanted_counts.entry(seat.spot()).or_default() += 1;
                }
                prop_assert_eq!(counted, wanted_counts);
                pairs.push(spots);
            }
            // Many at once, those that overlap an earlier one left out.
            pairs.sort_unstable();
            pairs.dedup_by(|next, kept| next.0 <= kept.1);
            let one_by_one: Vec<u32> = pairs.iter().flat_map(|pair| all(&[*pair]).0).collect();
            prop_assert_eq!(all(&pairs).0, one_by_one);
        }
    }

    #[test]
    fn blocks_stay_of_middling_size_as_people_come_one_by_one() {
        let spot = Spot::new(Language::Fr, 0x8a1_fa49_2600_7fff);
        let mut columns = Columns::default();
        columns.append(&(0..60_000).map(|number| spot.seat(number * 2)).collect::<Vec<_>>());
        for round in 0..60 {
            let come: Vec<Change> =
                (0..1000).map(|n| Change { seat: spot.seat(round * 2000 + n * 2 + 1), came: true }).collect();
            columns = columns.changed(&come);
        }
        assert_eq!(columns.people(), 120_000);
        assert!(columns.blocks.len() < 6, "{} blocks", columns.blocks.len());
        assert!(columns.blocks.iter().all(|block| block.numbers.len() <= FULL));
    }
}
