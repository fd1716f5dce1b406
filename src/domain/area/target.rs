//! The target area an appeal carries: the filing, the cells it became, and their languages. Kept whole as evidence,
//! so that a later boundary table or library cannot change what was decided.

use std::collections::BTreeMap;

use h3o::Resolution;

use super::{AreaNote, AreaSpec, CellRange, CellSet, CoverMode, SUBSCRIBER_RESOLUTION};
use crate::domain::language::Language;
use crate::domain::place::Regime;

/// A target area, resolved against one version of the boundaries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetArea {
    /// What was filed.
    pub spec: AreaSpec,
    /// What it became.
    pub cells: CellSet,
    /// No cell is finer. The cells of a place are those of the index, divided or rounded to this.
    pub resolution: Resolution,
    /// How borders were rounded.
    pub mode: CoverMode,
    /// The version of the boundary index that was used.
    pub index_version: String,
    /// The cells by language.
    pub split: LanguageSplit,
    /// What a person should know about how the filing was read.
    pub notes: Vec<AreaNote>,
}

impl TargetArea {
    /// The ranges a search among subscribers reads. Where the area is finer than a subscriber's cell, the mode decides
    /// on cells that are partly in it: `inside` reaches none of them, `centroid` those whose centre is in it.
    #[must_use]
    pub fn subscriber_ranges(&self) -> Vec<CellRange> {
        self.cells.coarsened(SUBSCRIBER_RESOLUTION, self.mode).ranges(SUBSCRIBER_RESOLUTION)
    }
}

/// The cells of an area by official language. Where a place has two languages (Brussels, facilities) its cells count
/// in both, so the sets overlap there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LanguageSplit {
    /// Only languages that occur.
    pub by_language: BTreeMap<Language, CellSet>,
    /// Outside Belgium and France.
    pub unassigned: CellSet,
    /// Cells at [`SUBSCRIBER_RESOLUTION`] by regime; each cell counts once.
    pub regimes: BTreeMap<Regime, u64>,
}

impl LanguageSplit {
    /// The languages an appeal for this area needs.
    pub fn languages(&self) -> impl Iterator<Item = Language> + '_ {
        self.by_language.keys().copied()
    }
}
