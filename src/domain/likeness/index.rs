//! Finds what a new text resembles among the heads of families that came before, without comparing it with each.

use super::{Likeness, Sketch};
use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

/// 32 bands of 2 minima: texts with a third of their words in common share one with a chance of 97 in 100.
const BANDS: usize = 32;
/// Heads kept; older ones are forgotten first. 100,000 take about 60 MB.
const MOST_HEADS: usize = 100_000;
/// Heads compared per text; a band that everybody shares would otherwise cost a comparison with everybody.
const MOST_COMPARED: usize = 48;
/// Entries kept per band: the newest, since a rush copies what it just saw.
const PER_BAND: usize = 24;

#[derive(Clone)]
struct Head {
    id: String,
    family: String,
    sketch: Sketch,
}

/// What a new text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It says what this one said.
    Duplicate {
        /// The head it repeats.
        of: String,
        /// The head's family.
        family: String,
    },
    /// It belongs to this family and says something more.
    Variant {
        /// The family.
        family: String,
        /// Which variant of the family it is, from 1.
        rank: u32,
        /// Whether what it adds is certain to be new.
        firm: bool,
    },
    /// Nothing like it came before.
    New,
}

/// The heads of one appeal, in memory.
#[derive(Clone, Default)]
pub struct LikenessIndex {
    heads: VecDeque<Head>,
    /// Number of the first head in `heads`; numbers only grow.
    first: usize,
    bands: HashMap<u64, VecDeque<usize>, BuildHasherDefault<Banded>>,
    ranks: HashMap<String, u32>,
    /// Bands a head shares with the text that is looked for, by its number modulo [`MOST_HEADS`]; zero between two texts.
    tally: Vec<u8>,
}

/// Bands are keyed hashes already: nobody outside chooses them, and mixing them once more is enough for a table.
#[derive(Default)]
struct Banded(u64);

impl Hasher for Banded {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = super::mix(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, band: u64) {
        self.0 = super::mix(band);
    }
}

/// Each band with its number in front, so that the same minima in two bands are two.
fn bands(sketch: &Sketch) -> impl Iterator<Item = u64> + '_ {
    let pairs = sketch.minima.as_chunks::<2>().0.iter().take(BANDS);
    (0_u64..).zip(pairs).map(|(at, [a, b])| at << 32 | u64::from(*a) << 16 | u64::from(*b))
}

impl LikenessIndex {
    /// Who shares bands with a text: most bands first, then the oldest; not more than are compared.
    fn candidates(&mut self, sketch: &Sketch) -> Vec<(Reverse<u8>, usize)> {
        let mut met = Vec::new();
        for number in bands(sketch).filter_map(|band| self.bands.get(&band)).flatten() {
            let Some(votes) = self.tally.get_mut(number % MOST_HEADS) else { continue };
            if *votes == 0 {
                met.push((Reverse(0), *number));
            }
            *votes += 1;
        }
        for (votes, number) in &mut met {
            *votes = Reverse(self.tally.get_mut(*number % MOST_HEADS).map(std::mem::take).unwrap_or_default());
        }
        if met.len() > MOST_COMPARED {
            met.select_nth_unstable(MOST_COMPARED);
            met.truncate(MOST_COMPARED);
        }
        met.sort_unstable();
        met
    }

    /// What a text is among those before it.
    pub fn find(&mut self, sketch: &Sketch) -> Found {
        if sketch.is_empty() {
            return Found::New;
        }
        let mut closest: Option<(bool, f64, &Head)> = None;
        for (_, number) in self.candidates(sketch) {
            let Some(head) = number.checked_sub(self.first).and_then(|at| self.heads.get(at)) else { continue };
            match sketch.against(&head.sketch) {
                Likeness::Same => return Found::Duplicate { of: head.id.clone(), family: head.family.clone() },
                Likeness::Variant { firm } => {
                    let alike = sketch.alike(&head.sketch);
                    // Nothing is new that any relative said before.
                    let certain = firm && closest.is_none_or(|(before, ..)| before);
                    if closest.is_none_or(|(_, best, _)| alike > best) {
                        closest = Some((certain, alike, head));
                    } else if let Some((before, ..)) = &mut closest {
                        *before = certain;
                    }
                }
                Likeness::Different => {}
            }
        }
        closest.map_or(Found::New, |(firm, _, head)| {
            let rank = self.ranks.get(&head.family).copied().unwrap_or(0) + 1;
            Found::Variant { family: head.family.clone(), rank, firm }
        })
    }

    /// Remembers a head: the first of a family, or a variant of one.
    pub fn add(&mut self, id: &str, family: &str, sketch: Sketch) {
        if sketch.is_empty() {
            return;
        }
        let number = self.first + self.heads.len();
        for band in bands(&sketch) {
            let numbers = self.bands.entry(band).or_default();
            numbers.push_back(number);
            if numbers.len() > PER_BAND {
                numbers.pop_front();
            }
        }
        if id != family {
            *self.ranks.entry(family.to_owned()).or_default() += 1;
        }
        if self.tally.len() < MOST_HEADS {
            self.tally.push(0);
        }
        self.heads.push_back(Head { id: id.to_owned(), family: family.to_owned(), sketch });
        if self.heads.len() > MOST_HEADS {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.heads.pop_front() else { return };
        for band in bands(&oldest.sketch) {
            if let Some(numbers) = self.bands.get_mut(&band) {
                numbers.retain(|number| *number != self.first);
                if numbers.is_empty() {
                    self.bands.remove(&band);
                }
            }
        }
        if oldest.id == oldest.family {
            self.ranks.remove(&oldest.family);
        }
        self.first += 1;
    }

    /// How many heads are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }
}
