//! From a set of cells to the places and languages in it.

use std::collections::BTreeMap;

use super::gazetteer::Gazetteer;
use crate::domain::area::position::Span;
use crate::domain::area::{CellSet, LanguageSplit, SUBSCRIBER_RESOLUTION};
use crate::domain::language::Language;
use crate::domain::place::{Country, Facilities, PlaceCode, Regime};

/// A cell of the subscriber resolution in positions: 7 children at each of the 5 levels below. (Only 12 cells on Earth
/// have fewer, none near these countries.)
const CELL: u64 = 7_u64.pow(5);

/// How much of a municipality lies in an area, in cells of the subscriber resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The municipality or commune.
    pub place: PlaceCode,
    /// Its cells in the area.
    pub inside: u64,
    /// All its cells.
    pub total: u64,
}

impl Gazetteer {
    /// The area's cells by official language. Cells of Brussels and of municipalities with facilities count in both
    /// of their languages; what lies in neither country is unassigned.
    #[must_use]
    pub fn split(&self, cells: &CellSet) -> LanguageSplit {
        self.split_under(cells, Facilities::default())
    }

    /// [`Gazetteer::split`] under another policy for municipalities with facilities. This is the one place that
    /// decides which languages a target area is in: plans, audiences and blockers read what is stored from here.
    #[must_use]
    pub fn split_under(&self, cells: &CellSet, facilities: Facilities) -> LanguageSplit {
        let mut by_regime: BTreeMap<Regime, Vec<Span>> = BTreeMap::new();
        let mut belgian = Vec::new();
        for (row, part) in self.belgium.index.owned_parts(cells) {
            if let Some(municipality) = self.belgium.municipality(row) {
                by_regime.entry(municipality.regime).or_default().push(part);
                belgian.push(part);
            }
        }
        let abroad = cells.difference(&CellSet::from_spans(belgian));
        let french =
            CellSet::from_spans(self.france.index.owned_parts(&abroad).into_iter().map(|(_, part)| part).collect());
        let unassigned = abroad.difference(&french);
        if !french.is_empty() {
            by_regime.entry(Regime::Fr).or_default().extend(french.spans());
        }

        let mut by_language: BTreeMap<Language, Vec<Span>> = BTreeMap::new();
        let mut regimes = BTreeMap::new();
        for (regime, spans) in by_regime {
            for language in regime.addressed(facilities) {
                by_language.entry(*language).or_default().extend(&spans);
            }
            regimes.insert(regime, CellSet::from_spans(spans).count_at(SUBSCRIBER_RESOLUTION));
        }
        let by_language = by_language.into_iter().map(|(language, spans)| (language, CellSet::from_spans(spans)));
        LanguageSplit { by_language: by_language.collect(), unassigned, regimes }
    }

    /// The municipalities and communes that own cells of the area, those with the most cells first.
    #[must_use]
    pub fn municipalities_in(&self, cells: &CellSet) -> Vec<Share> {
        let mut inside: BTreeMap<(Country, u16), Vec<Span>> = BTreeMap::new();
        let mut belgian = Vec::new();
        for (row, part) in self.belgium.index.owned_parts(cells) {
            inside.entry((Country::Be, row)).or_default().push(part);
            belgian.push(part);
        }
        let abroad = cells.difference(&CellSet::from_spans(belgian));
        for (row, part) in self.france.index.owned_parts(&abroad) {
            inside.entry((Country::Fr, row)).or_default().push(part);
        }
        let mut shares: Vec<Share> = inside
            .into_iter()
            .filter_map(|((country, row), spans)| {
                let place = self.code_of(country, row)?;
                let total = self.size_of(country, row) / CELL;
                Some(Share { place, inside: CellSet::from_spans(spans).count_at(SUBSCRIBER_RESOLUTION), total })
            })
            .collect();
        shares.sort_by(|a, b| b.inside.cmp(&a.inside).then_with(|| a.place.cmp(&b.place)));
        shares
    }
}
