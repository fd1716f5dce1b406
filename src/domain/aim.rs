//! Aims: what one advertising platform can express of a target area, and how well. How an aim is found: `area::aim`;
//! how it is written for the platform: `channels::targeting`.

use super::area::Circle;
use super::codes::codes;
use super::place::PlaceCode;

codes! {
    /// An advertising platform.
    AimPlatform {
        /// Facebook and Instagram: circles, some of them excluding.
        Meta = "meta",
        /// Google Ads: circles.
        Google = "google",
        /// X: places of its own list.
        X = "x",
    }
}

/// What a platform can be told about places, in circles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircleLimits {
    /// Circles in one unit of the platform (ad set, campaign).
    pub circles: usize,
    /// Excluding circles in one unit; 0 where the platform has none.
    pub exclusions: usize,
    /// Units an aim may be divided into. It takes more than one only when they are worth it; the rule: `area::aim`.
    pub units: usize,
    /// Metres.
    pub min_radius_m: u32,
    /// Metres.
    pub max_radius_m: u32,
}

/// What an aim should reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AimGoal {
    /// At least this share of the target's inhabitants and of those of every municipality in it, with the least
    /// over-reach.
    Recall {
        /// Of the whole target, 0 to 1.
        whole: f64,
        /// Of each municipality's part of the target, 0 to 1.
        each: f64,
    },
    /// The most inhabitants of the target, with an over-reach of at most this share of them.
    Ceiling {
        /// Inhabitants outside over inhabitants of the target.
        over_reach: f64,
    },
}

impl Default for AimGoal {
    /// 99 % of the inhabitants, 95 % of every municipality's.
    fn default() -> Self {
        Self::Recall { whole: 0.99, each: 0.95 }
    }
}

/// How long to search. Effort is counted in work, not in time, so that an aim is the same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AimEffort {
    /// A usable aim: under a second for a province.
    Quick,
    /// The aim that is sent: under five seconds, whole countries included.
    #[default]
    Full,
}

/// Circles to show an advertisement in, minus circles not to show it in: those of one unit of a platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circles {
    /// Who is in any of these is reached,
    pub includes: Vec<Circle>,
    /// unless they are in any of these.
    pub excludes: Vec<Circle>,
}

/// Inhabitants reached of one municipality, outside the target or inside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached {
    /// The municipality or commune; none beyond Belgium and France.
    pub place: Option<PlaceCode>,
    /// Inhabitants reached, by the municipal average.
    pub inhabitants: f64,
    /// Inhabitants it could have been: those of the municipality's part inside, or outside, the target.
    pub of: f64,
}

/// How well an aim fits its target. Measured on a finer grid than the one it was found on.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Inhabitants of the target.
    pub target_inhabitants: f64,
    /// Those of them who are reached.
    pub reached_inhabitants: f64,
    /// Square kilometres of the target.
    pub target_km2: f64,
    /// Square kilometres of the target that are not reached.
    pub missed_km2: f64,
    /// Inhabitants outside the target who are reached.
    pub over_inhabitants: f64,
    /// Square kilometres outside the target that are reached.
    pub over_km2: f64,
    /// Municipalities outside the target that are reached, most inhabitants first.
    pub spill: Vec<Reached>,
    /// The municipalities of the target, least reached first.
    pub parts: Vec<Reached>,
}

impl Fit {
    /// Share of the target's inhabitants who are reached, 0 to 1; 1 when nobody lives there.
    #[must_use]
    pub fn recall(&self) -> f64 {
        share(self.reached_inhabitants, self.target_inhabitants)
    }

    /// Inhabitants outside per inhabitant of the target.
    #[must_use]
    pub fn over_reach(&self) -> f64 {
        if self.target_inhabitants > 0.0 { self.over_inhabitants / self.target_inhabitants } else { 0.0 }
    }

    /// The smallest share reached of a municipality's part of the target.
    #[must_use]
    pub fn least_part(&self) -> f64 {
        self.parts.iter().map(|part| share(part.inhabitants, part.of)).fold(1.0, f64::min)
    }

    /// Whether the goal is met.
    #[must_use]
    pub fn meets(&self, goal: AimGoal) -> bool {
        match goal {
            AimGoal::Recall { whole, each } => self.recall() >= whole && self.least_part() >= each,
            AimGoal::Ceiling { over_reach } => self.over_reach() <= over_reach,
        }
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 1.0 }
}
