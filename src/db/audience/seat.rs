//! One active subscriber as one 64-bit key: language, then cell, then number. Keys sort as a search by language and
//! cells reads, so that the table needs no other column and no other index.
//!
//! `((language * 122 * 7^10 + place) - 2^36) * 2^27 + number`, where `place` writes a cell of resolution 10 in base 7:
//! 7 digits out of H3's 8 save the bits that make room for the number. Migration 000002 does the same arithmetic.
#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "bit fields of known width, on the path of ten million rows"
)]

use crate::domain::area::CellRange;
use crate::domain::language::Language;

/// 134 million numbers: twice the people of Belgium and France. Numbers go to confirmed subscribers only.
pub(super) const NUMBER_BITS: u32 = 27;
/// The highest number there is.
pub const LAST_NUMBER: u32 = (1 << NUMBER_BITS) - 1;
/// Cells of resolution 10, pentagons counted as if they had seven children.
const PLACES: i64 = 122 * 7_i64.pow(LEVELS);
const LEVELS: u32 = 10;
/// Takes the three languages' places (37 bits) into the range of signed numbers.
const MIDDLE: i64 = 1 << 36;

/// A language and a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot(pub(super) i64);

/// Somebody: a language, a cell and their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seat(pub(super) i64);

fn place(cell: u64) -> i64 {
    let base = ((cell >> 45) & 0x7f) as i64;
    (1..=LEVELS).fold(base, |place, level| place * 7 + ((cell >> (3 * (15 - level))) & 7) as i64)
}

impl Spot {
    /// Of a cell of resolution 10.
    #[must_use]
    pub fn new(language: Language, cell: u64) -> Self {
        let language = match language {
            Language::Fr => 0,
            Language::Nl => 1,
            Language::De => 2,
        };
        Self(language * PLACES + place(cell) - MIDDLE)
    }

    /// The cell, as an H3 index.
    #[must_use]
    pub fn cell(self) -> u64 {
        let mut place = (self.0 + MIDDLE) % PLACES;
        // Mode 1 (cell), resolution 10, unused digits all 7, as H3 writes them.
        let mut cell = (1_u64 << 59) | (u64::from(LEVELS) << 52) | 0x7fff;
        for level in (1..=LEVELS).rev() {
            cell |= ((place % 7) as u64) << (3 * (15 - level));
            place /= 7;
        }
        cell | ((place as u64) << 45)
    }

    /// The language.
    #[must_use]
    pub fn language(self) -> Language {
        match (self.0 + MIDDLE) / PLACES {
            0 => Language::Fr,
            1 => Language::Nl,
            _ => Language::De,
        }
    }

    /// The seat of somebody here.
    #[must_use]
    pub fn seat(self, number: u32) -> Seat {
        Seat((self.0 << NUMBER_BITS) | i64::from(number & LAST_NUMBER))
    }

    /// The first and last spot of a range of cells.
    #[must_use]
    pub fn range(language: Language, range: CellRange) -> (Self, Self) {
        (Self::new(language, range.first), Self::new(language, range.last))
    }

    /// How many cells lie between this one and a later one; one language.
    pub(super) fn until(self, later: Self) -> i64 {
        later.0 - self.0
    }
}

impl Seat {
    /// Where.
    #[must_use]
    pub fn spot(self) -> Spot {
        Spot(self.0 >> NUMBER_BITS)
    }

    /// Who.
    #[must_use]
    pub fn number(self) -> u32 {
        (self.0 as u32) & LAST_NUMBER
    }

    /// The key as stored.
    #[must_use]
    pub fn key(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn somebody() -> impl Strategy<Value = (Language, u64, u32)> {
        let cell = (-90.0..90.0_f64, -180.0..180.0_f64).prop_filter_map("finite", |(lat, lon)| {
            h3o::LatLng::new(lat, lon).ok().map(|at| u64::from(at.to_cell(h3o::Resolution::Ten)))
        });
        (proptest::sample::select(Language::ALL.to_vec()), cell, 0..=LAST_NUMBER)
    }

    proptest! {
        #[test]
        fn a_seat_reads_back_and_sorts_by_language_cell_and_number(a in somebody(), b in somebody()) {
            let seat = |(language, cell, number)| Spot::new(language, cell).seat(number);
            for who in [a, b] {
                let seat = seat(who);
                prop_assert_eq!((seat.spot().language(), seat.spot().cell(), seat.number()), who);
            }
            prop_assert_eq!(seat(a).cmp(&seat(b)), a.cmp(&b));
        }
    }
}
