//! Who may be shown an advertisement: people of a place, of a language and of an adult age band. Interests, behaviour,
//! lists of persons and anything else cannot be said with these types (security-and-ops, appeals-and-law).

use super::{AdultAges, Cents};
use crate::domain::aim::Circles;
use crate::domain::language::Language;

/// How many people of the language's cells a unit of circles reaches: what divides a budget among units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// All of the unit.
    pub people: u64,
    /// Each including circle by itself, in their order; empty where that was not counted.
    pub each: Vec<u64>,
}

impl From<u64> for Weight {
    fn from(people: u64) -> Self {
        Self { people, each: Vec::new() }
    }
}

/// Where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Circles, by the platform's unit (ad set, campaign); with each its weight.
    Circles(Vec<(Circles, Weight)>),
    /// Ids of places of the platform's own list.
    Places(Vec<String>),
}

/// To whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience {
    /// Where.
    pub placement: Placement,
    /// Who reads this language, and is shown it.
    pub language: Language,
    /// Of which age.
    pub ages: AdultAges,
}

impl Placement {
    /// Nowhere would mean everywhere on some platforms.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Circles(units) => units.is_empty() || units.iter().any(|(unit, _)| unit.includes.is_empty()),
            Self::Places(ids) => ids.is_empty(),
        }
    }

    /// The same circles with one in each unit, for a platform that refuses several in one (Meta, subcode 1815946); each keeps
    /// the exclusions. Its weight is the people it reaches by itself, or else its part of the unit's by its surface. None
    /// when nothing changes.
    #[must_use]
    pub fn one_circle_each(&self) -> Option<Self> {
        let Self::Circles(units) = self else { return None };
        if units.iter().all(|(unit, _)| unit.includes.len() <= 1) {
            return None;
        }
        let mut single = Vec::new();
        for (unit, weight) in units {
            let surface = |radius: u32| u64::from(radius) * u64::from(radius) / 1_000;
            let all: u64 = unit.includes.iter().map(|circle| surface(circle.radius_m())).sum::<u64>().max(1);
            for (n, circle) in unit.includes.iter().enumerate() {
                let by_surface = || {
                    let part = u128::from(weight.people) * u128::from(surface(circle.radius_m())) / u128::from(all);
                    u64::try_from(part).unwrap_or(u64::MAX)
                };
                let counted = weight.each.get(n).copied().filter(|_| weight.each.len() == unit.includes.len());
                let circles = Circles { includes: vec![*circle], excludes: unit.excludes.clone() };
                single.push((circles, Weight::from(counted.unwrap_or_else(by_surface).max(1))));
            }
        }
        Some(Self::Circles(single))
    }

    /// What each unit may cost of a sum: by the people it reaches, every cent given out.
    #[must_use]
    pub fn shares(&self, ceiling: Cents) -> Vec<Cents> {
        match self {
            Self::Circles(units) => ceiling.shared(&units.iter().map(|(_, weight)| weight.people).collect::<Vec<_>>()),
            Self::Places(_) => vec![ceiling],
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]
    use super::*;
    use crate::domain::area::Circle;

    #[test]
    fn a_budget_is_shared_by_people_and_not_by_surface() {
        let circle = |radius| Circle::new(50.8, 4.3, radius).unwrap();
        let unit =
            |radii: &[f64]| Circles { includes: radii.iter().map(|r| circle(*r)).collect(), excludes: Vec::new() };
        // A small circle over a town, a large one over fields, a small one over half a town.
        let town = Weight { people: 900, each: vec![880, 20] };
        let both = Placement::Circles(vec![(unit(&[1_000.0, 9_000.0]), town), (unit(&[1_000.0]), 100.into())]);
        assert_eq!(both.shares(Cents(1_001)), [Cents(901), Cents(100)]);
        let apart = both.one_circle_each().unwrap();
        assert_eq!(apart.shares(Cents(1_000)), [Cents(880), Cents(20), Cents(100)]);
        assert_eq!(Placement::Places(vec!["a".to_owned()]).shares(Cents(7)), [Cents(7)]);
    }

    #[test]
    fn units_whose_people_were_not_counted_circle_by_circle_are_divided_by_surface() {
        let circle = |radius| Circle::new(50.8, 4.3, radius).unwrap();
        let unit = Circles { includes: vec![circle(1_000.0), circle(2_000.0)], excludes: vec![circle(1_500.0)] };
        let divided = Placement::Circles(vec![(unit, 500.into())]).one_circle_each().unwrap();
        let Placement::Circles(units) = &divided else { panic!() };
        assert_eq!(units.iter().map(|(_, weight)| weight.people).collect::<Vec<_>>(), [100, 400]);
        assert!(units.iter().all(|(unit, _)| unit.excludes.len() == 1));
        assert_eq!(divided.one_circle_each(), None);
    }
}
