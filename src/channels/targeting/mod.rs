//! How advertising platforms want places written: circles as JSON of the Marketing APIs, in the units and the rounding
//! each takes; place ids where a platform has no circles. Which circles and which places: `area::aim`. What a campaign is made of besides places is the platform channels' own.

mod google;
mod meta;
pub mod x;

pub use google::{Google, criteria};
pub use meta::{AdSet, Meta, ad_sets};

use crate::domain::aim::CircleLimits;
use crate::domain::language::Language;

/// A platform that is told about places in circles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CirclePlatform {
    /// Facebook and Instagram.
    Meta,
    /// Google Ads.
    Google,
}

impl CirclePlatform {
    /// What it takes of circles in one unit.
    #[must_use]
    pub const fn limits(self) -> CircleLimits {
        match self {
            Self::Meta => meta::LIMITS,
            Self::Google => google::LIMITS,
        }
    }

    /// The places of an aim as the platform's own JSON: one object a unit (ad set, campaign).
    #[must_use]
    pub fn targeting(
        self,
        units: &[crate::domain::aim::Circles],
        language: Option<Language>,
    ) -> Vec<serde_json::Value> {
        match self {
            Self::Meta => ad_sets(units, &Meta::default(), language),
            Self::Google => units.iter().map(|unit| criteria(unit, &Google::default(), language)).collect(),
        }
    }
}
