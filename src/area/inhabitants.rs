//! Who lives in a set of cells. Only municipal totals are public here, so each municipality's people are spread evenly
//! over its cells; that is the average, not the truth, and the answer says how far the truth may be from it.

use std::collections::BTreeMap;

use super::gazetteer::Gazetteer;
use crate::domain::area::CellSet;
use crate::domain::area::position::Span;
use crate::domain::language::Language;
use crate::domain::place::{Country, Facilities, PlaceCode, Regime};

/// What to reckon with outside both countries, where no table is held: people per km², about the mean of the
/// neighbouring countries. Sea counts as land, so it is used only where asked for.
pub const OUTSIDE_PER_KM2: f64 = 200.0;

/// The people of one municipality or commune in an area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceInhabitants {
    /// Which.
    pub place: PlaceCode,
    /// Its language regime.
    pub regime: Regime,
    /// By share of its cells, rounded up: a part of a person counts as one.
    pub about: u64,
    /// All its people.
    pub population: u64,
    /// The whole of it lies in the area, so `about` is exact; else 0 to `population` is all that is certain.
    pub whole: bool,
}

/// The people of an area.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inhabitants {
    /// The estimate.
    pub about: u64,
    /// Certain: the municipalities wholly inside.
    pub at_least: u64,
    /// Certain: every municipality touched, whole.
    pub at_most: u64,
    /// The estimate by official language; whoever has two counts in both.
    pub by_language: BTreeMap<Language, u64>,
    /// Each municipality, most people first.
    pub by_place: Vec<PlaceInhabitants>,
    /// Surface in neither country; its people are not counted.
    pub outside_km2: f64,
}

impl Inhabitants {
    /// An estimate for the surface in neither country, at [`OUTSIDE_PER_KM2`].
    #[must_use]
    #[allow(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the Earth has 510 million km², so the product is a small positive number"
    )]
    pub fn about_outside(&self) -> u64 {
        (self.outside_km2 * OUTSIDE_PER_KM2).ceil() as u64
    }
}

/// Sizes in positions, by row.
type Sizes = Vec<u64>;

impl Gazetteer {
    /// The people of an area, by the law's default policy for municipalities with facilities.
    #[must_use]
    pub fn inhabitants(&self, cells: &CellSet) -> Inhabitants {
        self.inhabitants_under(cells, Facilities::default())
    }

    /// The people of an area. Exact for whole municipalities; never less for more cells.
    #[must_use]
    pub fn inhabitants_under(&self, cells: &CellSet, facilities: Facilities) -> Inhabitants {
        let mut found = Inhabitants::default();
        let (belgian, in_belgium) = summed(self.belgium.index.owned_parts(cells), self.belgium.index.units());
        self.count(Country::Be, &belgian, facilities, &mut found);
        let abroad = cells.difference(&CellSet::from_spans(in_belgium));
        if !abroad.is_empty() {
            let (mut french, in_france) = summed(self.france.index.owned_parts(&abroad), self.france.index.units());
            for (unit, span) in self.france.index.shared_spans() {
                let inside: u64 = overlap(&abroad, span);
                if let (Some(size), true) = (french.get_mut(usize::from(unit)), inside > 0) {
                    *size += inside;
                }
            }
            self.count(Country::Fr, &french, facilities, &mut found);
            found.outside_km2 = abroad.difference(&CellSet::from_spans(in_france)).area_km2();
        }
        found.by_place.sort_by(|a, b| b.about.cmp(&a.about).then_with(|| a.place.cmp(&b.place)));
        found
    }

    fn count(&self, country: Country, inside: &Sizes, facilities: Facilities, found: &mut Inhabitants) {
        for (row, inside) in (0_u16..).zip(inside).filter(|(_, inside)| **inside > 0) {
            let of_unit = match country {
                Country::Be => self.belgium.municipality(row).map(|m| (m.population, m.regime)),
                Country::Fr => self.france.commune(row).map(|c| (c.population, Regime::Fr)),
            };
            let (Some((population, regime)), Some(place)) = (of_unit, self.code_of(country, row)) else { continue };
            let total = self.size_of(country, row).max(1);
            let share = (u128::from(population) * u128::from(*inside)).div_ceil(u128::from(total));
            let (population, whole) = (u64::from(population), *inside >= total);
            let about = u64::try_from(share).unwrap_or(u64::MAX).min(population);
            found.about += about;
            found.at_least += if whole { population } else { 0 };
            found.at_most += population;
            for language in regime.addressed(facilities) {
                *found.by_language.entry(*language).or_default() += about;
            }
            found.by_place.push(PlaceInhabitants { place, regime, about, population, whole });
        }
    }

    /// The size of a municipality or commune in positions (see `domain::area::position`), as far as its cells are its
    /// own: what Belgium owns too is not France's.
    pub(super) fn size_of(&self, country: Country, row: u16) -> u64 {
        let sizes = match country {
            Country::Be => self.sizes.belgium.get_or_init(|| {
                let index = &self.belgium.index;
                summed(index.owned_spans().chain(index.shared_spans()), index.units()).0
            }),
            Country::Fr => self.sizes.france.get_or_init(|| {
                let (index, belgian) = (&self.france.index, self.belgium.territory());
                let own = index.owned_spans().chain(index.shared_spans());
                let mut sizes = vec![0; usize::from(index.units())];
                for (unit, span) in own {
                    if let Some(size) = sizes.get_mut(usize::from(unit)) {
                        *size += span.end - span.start - overlap(belgian, span);
                    }
                }
                sizes
            }),
        };
        sizes.get(usize::from(row)).copied().unwrap_or_default()
    }
}

/// The sizes of both countries' units, each counted on the first question.
#[derive(Debug, Default)]
pub(super) struct UnitSizes {
    belgium: std::sync::OnceLock<Sizes>,
    france: std::sync::OnceLock<Sizes>,
}

fn summed(parts: impl IntoIterator<Item = (u16, Span)>, units: u16) -> (Sizes, Vec<Span>) {
    let mut sizes = vec![0; usize::from(units)];
    let mut spans = Vec::new();
    for (unit, span) in parts {
        if let Some(size) = sizes.get_mut(usize::from(unit)) {
            *size += span.end - span.start;
            spans.push(span);
        }
    }
    (sizes, spans)
}

fn overlap(set: &CellSet, span: Span) -> u64 {
    set.within(span).map(|s| s.end - s.start).sum()
}
