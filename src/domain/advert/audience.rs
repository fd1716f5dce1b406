//! Who may be shown an advertisement: people of a place, of a language and of an adult age band. Interests, behaviour,
//! lists of persons and anything else cannot be said with these types (security-and-ops, appeals-and-law).

use crate::domain::aim::Circles;
use crate::domain::language::Language;

/// From and to, both included; 18 at least. 65 stands for everybody older too, as platforms have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdultAges {
    least: u8,
    most: u8,
}

/// No band of adults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} to {1} is no age band of adults: 18 to 65, where 65 means and older")]
pub struct NoAdultAges(u8, u8);

impl AdultAges {
    /// Everybody of age.
    pub const ALL: Self = Self { least: 18, most: 65 };

    /// A band.
    pub const fn new(least: u8, most: u8) -> Result<Self, NoAdultAges> {
        if least < 18 || most > 65 || least > most { Err(NoAdultAges(least, most)) } else { Ok(Self { least, most }) }
    }

    /// Youngest.
    #[must_use]
    pub const fn least(self) -> u8 {
        self.least
    }

    /// Oldest; 65 and older when 65.
    #[must_use]
    pub const fn most(self) -> u8 {
        self.most
    }
}

/// Where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Circles, by the platform's unit (ad set, campaign); with each its weight, as a rule inhabitants.
    Circles(Vec<(Circles, u64)>),
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

    /// The same circles with one in each unit, for a platform that refuses several in one (Meta, subcode 1815946); the
    /// weight of a unit goes to its circles by their area, and each keeps the exclusions. None when nothing changes.
    #[must_use]
    pub fn one_circle_each(&self) -> Option<Self> {
        let Self::Circles(units) = self else { return None };
        if units.iter().all(|(unit, _)| unit.includes.len() <= 1) {
            return None;
        }
        let mut single = Vec::new();
        for (unit, weight) in units {
            let area = |radius: u32| u64::from(radius) * u64::from(radius) / 1_000;
            let all: u64 = unit.includes.iter().map(|circle| area(circle.radius_m())).sum::<u64>().max(1);
            for circle in &unit.includes {
                let part = u128::from(*weight) * u128::from(area(circle.radius_m())) / u128::from(all);
                let circles = Circles { includes: vec![*circle], excludes: unit.excludes.clone() };
                single.push((circles, u64::try_from(part).unwrap_or(u64::MAX).max(1)));
            }
        }
        Some(Self::Circles(single))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]
    use super::*;
    use crate::domain::area::Circle;

    #[test]
    fn minors_are_no_audience() {
        assert!(AdultAges::new(17, 65).is_err() && AdultAges::new(18, 66).is_err() && AdultAges::new(40, 30).is_err());
        assert_eq!(AdultAges::new(18, 65), Ok(AdultAges::ALL));
    }

    #[test]
    fn units_are_divided_by_the_area_of_their_circles() {
        let circle = |radius| Circle::new(50.8, 4.3, radius).unwrap();
        let unit = Circles { includes: vec![circle(1_000.0), circle(2_000.0)], excludes: vec![circle(1_500.0)] };
        let divided = Placement::Circles(vec![(unit, 500)]).one_circle_each().unwrap();
        let Placement::Circles(units) = &divided else { panic!() };
        assert_eq!(units.iter().map(|(_, weight)| *weight).collect::<Vec<_>>(), [100, 400]);
        assert!(units.iter().all(|(unit, _)| unit.excludes.len() == 1));
        assert_eq!(divided.one_circle_each(), None);
    }
}
