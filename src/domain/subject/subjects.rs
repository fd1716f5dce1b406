//! One variant a kind, and what every kind can be asked for.

use super::facts::{Appearance, Conviction, MissingPerson, Named, Sighting, VehicleFacts, WantedPerson};
use crate::domain::kind::AppealKind;

/// Whom or what an appeal is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// See [`AppealKind::MissingAdult`].
    MissingAdult(MissingPerson),
    /// See [`AppealKind::MissingMinor`].
    MissingMinor(MissingPerson),
    /// See [`AppealKind::ChildAlert`].
    ChildAlert {
        /// The child.
        missing: MissingPerson,
        /// The vehicle the child may be in.
        vehicle: Option<VehicleFacts>,
        /// Reference of the official alert that is relayed.
        alert_reference: String,
    },
    /// See [`AppealKind::WantedSuspect`].
    WantedSuspect(WantedPerson),
    /// See [`AppealKind::WantedConvict`].
    WantedConvict(WantedPerson, Conviction),
    /// See [`AppealKind::UnknownSuspect`].
    UnknownSuspect {
        /// A drawing, not an image.
        composite: bool,
        /// Estimated age, from and to.
        age: (i64, i64),
        /// Looks.
        appearance: Appearance,
        /// The event.
        event: Sighting,
    },
    /// See [`AppealKind::Witness`].
    Witness(Sighting),
    /// See [`AppealKind::Vehicle`].
    Vehicle(VehicleFacts, Option<Sighting>),
    /// See [`AppealKind::UnidentifiedPerson`].
    UnidentifiedPerson {
        /// Alive.
        living: bool,
        /// Estimated age, from and to.
        age: (i64, i64),
        /// Looks.
        appearance: Appearance,
        /// Where and when found.
        found: Sighting,
    },
    /// See [`AppealKind::ObjectsStolen`]; the objects are lots.
    ObjectsStolen(Sighting),
    /// See [`AppealKind::ObjectsFound`]; the objects are lots.
    ObjectsFound {
        /// Record of the seizure.
        seizure_reference: String,
        /// Where and when found.
        found: Sighting,
    },
    /// See [`AppealKind::HeirsSought`].
    HeirsSought {
        /// The deceased.
        deceased: Named,
        /// Where and when they last lived.
        last_lived: Option<Sighting>,
    },
}

impl Subject {
    /// The kind it belongs to.
    #[must_use]
    pub const fn kind(&self) -> AppealKind {
        match self {
            Self::MissingAdult(_) => AppealKind::MissingAdult,
            Self::MissingMinor(_) => AppealKind::MissingMinor,
            Self::ChildAlert { .. } => AppealKind::ChildAlert,
            Self::WantedSuspect(_) => AppealKind::WantedSuspect,
            Self::WantedConvict(..) => AppealKind::WantedConvict,
            Self::UnknownSuspect { .. } => AppealKind::UnknownSuspect,
            Self::Witness(_) => AppealKind::Witness,
            Self::Vehicle(..) => AppealKind::Vehicle,
            Self::UnidentifiedPerson { .. } => AppealKind::UnidentifiedPerson,
            Self::ObjectsStolen(_) => AppealKind::ObjectsStolen,
            Self::ObjectsFound { .. } => AppealKind::ObjectsFound,
            Self::HeirsSought { .. } => AppealKind::HeirsSought,
        }
    }

    /// The named person, if it is about one.
    #[must_use]
    pub const fn named(&self) -> Option<&Named> {
        match self {
            Self::MissingAdult(missing) | Self::MissingMinor(missing) | Self::ChildAlert { missing, .. } => {
                Some(&missing.person)
            }
            Self::WantedSuspect(wanted) | Self::WantedConvict(wanted, _) => Some(&wanted.person),
            Self::HeirsSought { deceased, .. } => Some(deceased),
            _ => None,
        }
    }

    /// Where and when it happened.
    #[must_use]
    pub const fn sighting(&self) -> Option<&Sighting> {
        match self {
            Self::MissingAdult(missing) | Self::MissingMinor(missing) | Self::ChildAlert { missing, .. } => {
                Some(&missing.last_seen)
            }
            Self::WantedSuspect(wanted) | Self::WantedConvict(wanted, _) => wanted.last_seen.as_ref(),
            Self::UnknownSuspect { event: at, .. }
            | Self::Witness(at)
            | Self::UnidentifiedPerson { found: at, .. }
            | Self::ObjectsStolen(at)
            | Self::ObjectsFound { found: at, .. } => Some(at),
            Self::Vehicle(_, at) => at.as_ref(),
            Self::HeirsSought { last_lived, .. } => last_lived.as_ref(),
        }
    }

    /// Looks, if it is about a person.
    #[must_use]
    pub const fn appearance(&self) -> Option<&Appearance> {
        match self {
            Self::UnknownSuspect { appearance, .. } | Self::UnidentifiedPerson { appearance, .. } => Some(appearance),
            _ => match self.named() {
                Some(named) => Some(&named.appearance),
                None => None,
            },
        }
    }

    /// The vehicle, if there is one.
    #[must_use]
    pub const fn vehicle(&self) -> Option<&VehicleFacts> {
        match self {
            Self::Vehicle(vehicle, _) => Some(vehicle),
            Self::ChildAlert { vehicle, .. } => vehicle.as_ref(),
            _ => None,
        }
    }

    /// Whether a suspect may have been a minor. An age nobody proved counts as possibly a minor.
    #[must_use]
    pub const fn may_be_minor_suspect(&self) -> bool {
        match self {
            Self::WantedSuspect(wanted) | Self::WantedConvict(wanted, _) => match wanted.person.age {
                Some(age) => age < 18 || !wanted.adult_proven,
                None => !wanted.adult_proven,
            },
            Self::UnknownSuspect { age, .. } => age.0 < 18,
            _ => false,
        }
    }
}
