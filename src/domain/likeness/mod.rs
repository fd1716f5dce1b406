//! Whether two answers of the public say the same: sketches made at intake, before anything is sealed, under a secret key
//! of their appeal.
//!
//! A [`Sketch`] holds 64 keyed minima over the words and word pairs of a text (`MinHash`), and the keyed hashes of its
//! *facts*: what a detective would underline, such as figures, names, colours, places, days (`facts`). Two texts are the
//! same message when their words are alike **and** the second brings no fact that the first has not; with a new fact it is
//! a *variant*, shown on its own beside its family. So the one tip that adds a number plate is not folded away under ten
//! thousand copies of the text it started from.
//!
//! # What a sketch tells
//! Without the key: only how alike two texts of the same appeal are, which putting them together tells anyway. With the
//! key: a guessed text can be tested. Therefore the key never stands in the database in the clear, only heads of families
//! keep a sketch, sealed, and both go when the appeal closes (`app::intake`).

mod facts;
mod index;
mod picture;
mod words;

pub use index::{Found, LikenessIndex};
pub use picture::{GRID, PictureSketch};
pub use words::fold;

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Minima in a sketch: the likeness of two texts is estimated with a standard error of at most 1/16.
const MINIMA: usize = 64;
/// The share of words and pairs from which two texts are of one family.
const RELATED: f64 = 0.34;
/// The share from which a text without a new fact is the same message.
const ALIKE: f64 = 0.5;
/// Facts kept; a text with more is an essay, and its first 48 tell it apart well enough.
const MOST_FACTS: usize = 48;

/// The secret under which one appeal's texts are compared.
#[derive(Clone)]
pub struct LikenessKey([u8; 32]);

impl std::fmt::Debug for LikenessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LikenessKey(***)")
    }
}

impl LikenessKey {
    /// 32 random bytes, different for every appeal.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A keyed name of a text for one purpose.
    #[must_use]
    pub fn name(&self, purpose: &str, text: &str) -> u64 {
        let digest = Sha256::new().chain_update(self.0).chain_update(purpose).chain_update([0]).chain_update(text);
        let mut first = [0; 8];
        first.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
        u64::from_be_bytes(first)
    }
}

/// What is compared instead of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    minima: [u16; MINIMA],
    /// Facts that are certain: figures, places, colours, days. Sorted.
    firm: Vec<u32>,
    /// Names as written, where a slip of the pen makes another one. Sorted.
    loose: Vec<u32>,
}

/// How a text stands to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The same words, and nothing the other has not.
    Same,
    /// The same words with a fact of its own; whether that fact is certain.
    Variant {
        /// Whether a figure, place, colour or day is new, and not only a name spelt otherwise.
        firm: bool,
    },
    /// Something else.
    Different,
}

/// A bijection on 64 bits that mixes well (the finaliser of `SplitMix64`).
const fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The upper bits of a hash.
fn top16(x: u64) -> u16 {
    u16::try_from(x >> 48).unwrap_or(u16::MAX)
}

fn top32(x: u64) -> u32 {
    u32::try_from(x >> 32).unwrap_or(u32::MAX)
}

impl Sketch {
    /// The sketch of a text; `is_place` says whether a folded word names a place.
    #[must_use]
    pub fn of(key: &LikenessKey, text: &str, is_place: impl Fn(&str) -> bool) -> Self {
        let words = words::words(text);
        let mut minima = [u64::MAX; MINIMA];
        let mut take = |token: &str| {
            let named = key.name("token", token);
            for (salt, least) in (1_u64..).zip(minima.iter_mut()) {
                *least = (*least).min(mix(named ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
            }
        };
        let stems: Vec<String> = words.iter().map(words::Word::stem).collect();
        for stem in &stems {
            take(stem);
        }
        for pair in stems.windows(2) {
            take(&pair.join(" "));
        }
        let facts = facts::facts(&words, &is_place);
        let named = |kind: facts::Kind| -> Vec<u32> {
            let of_kind = facts.iter().filter(|fact| fact.kind == kind);
            let found: BTreeSet<u32> =
                of_kind.map(|fact| top32(key.name("fact", &fact.text))).take(MOST_FACTS).collect();
            found.into_iter().collect()
        };
        Self { minima: minima.map(top16), firm: named(facts::Kind::Firm), loose: named(facts::Kind::Loose) }
    }

    /// The share of words and word pairs two texts have in common, estimated: 0 to 1.
    #[must_use]
    pub fn alike(&self, other: &Self) -> f64 {
        let equal = self.minima.iter().zip(&other.minima).filter(|(a, b)| a == b).count();
        f64::from(u32::try_from(equal).unwrap_or(0)) / 64.0
    }

    /// How this text stands to one that came before.
    #[must_use]
    pub fn against(&self, before: &Self) -> Likeness {
        let alike = self.alike(before);
        if alike < RELATED {
            return Likeness::Different;
        }
        let new = |ours: &[u32], theirs: &[u32]| ours.iter().any(|fact| theirs.binary_search(fact).is_err());
        let (firm, loose) = (new(&self.firm, &before.firm), new(&self.loose, &before.loose));
        // Half of the words: below, two people who saw the same thing use the same words for it, and both shall be heard.
        // Names alone do not tell two nearly equal texts apart: one letter wrong is a new name.
        if firm || alike < ALIKE || (loose && alike < 0.8) { Likeness::Variant { firm } } else { Likeness::Same }
    }

    /// To store, sealed: minima, then the two lists with their lengths.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = |list: &[u32]| u8::try_from(list.len()).unwrap_or(u8::MAX);
        let mut bytes: Vec<u8> = self.minima.iter().flat_map(|m| m.to_be_bytes()).collect();
        bytes.extend([count(&self.firm), count(&self.loose)]);
        bytes.extend(self.firm.iter().chain(&self.loose).flat_map(|fact| fact.to_be_bytes()));
        bytes
    }

    /// Reads [`Self::to_bytes`].
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (head, rest) = bytes.split_at_checked(MINIMA * 2)?;
        let minima: Vec<u16> = head.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
        let ([firm, loose], lists) = rest.split_first_chunk::<2>()?;
        let (numbers, rest) = lists.as_chunks::<4>();
        let numbers: Vec<u32> = numbers.iter().map(|four| u32::from_be_bytes(*four)).collect();
        let fits = rest.is_empty() && numbers.len() == usize::from(*firm) + usize::from(*loose);
        let (firm, loose) = numbers.split_at_checked(usize::from(*firm)).filter(|_| fits)?;
        Some(Self { minima: minima.try_into().ok()?, firm: firm.to_vec(), loose: loose.to_vec() })
    }

    /// Whether there is too little in the text to compare it with another.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.minima.iter().all(|least| *least == u16::MAX)
    }
}

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod tests;
