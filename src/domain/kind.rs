//! The kinds of appeal (appeals-and-law §1) and what each needs by nature. What the law needs of each: `authority`.

use super::codes::codes;

codes! {
    /// What an appeal asks the public for.
    AppealKind {
        /// Worrying disappearance of an adult.
        MissingAdult = "missing_adult",
        /// Disappearance of a minor that is not an alert plan.
        MissingMinor = "missing_minor",
        /// Relay of a Child Alert (BE) or alerte enlèvement (FR) the magistrate launched.
        ChildAlert = "child_alert",
        /// Identified person suspected, not convicted.
        WantedSuspect = "wanted_suspect",
        /// Convicted person on the run.
        WantedConvict = "wanted_convict",
        /// Unidentified person on images, or a composite portrait.
        UnknownSuspect = "unknown_suspect",
        /// Call for witnesses; nobody is shown.
        Witness = "witness",
        /// A vehicle is sought.
        Vehicle = "vehicle",
        /// Living person without identity, or deceased.
        UnidentifiedPerson = "unidentified_person",
        /// Stolen works or goods are sought.
        ObjectsStolen = "objects_stolen",
        /// Recovered goods, owners are sought.
        ObjectsFound = "objects_found",
        /// Family of a person is sought for restitution.
        HeirsSought = "heirs_sought",
    }
}

impl AppealKind {
    /// Kinds that show a catalogue of lots.
    #[must_use]
    pub const fn has_lots(self) -> bool {
        matches!(self, Self::ObjectsStolen | Self::ObjectsFound)
    }

    /// Kinds about somebody suspected or convicted: a portrait then needs more than the magistrate in charge.
    #[must_use]
    pub const fn is_wanted(self) -> bool {
        matches!(self, Self::WantedSuspect | Self::WantedConvict | Self::UnknownSuspect)
    }

    /// Kinds about a missing person, whose end may be told as "found, thank you".
    #[must_use]
    pub const fn is_missing(self) -> bool {
        matches!(self, Self::MissingAdult | Self::MissingMinor | Self::ChildAlert)
    }

    /// What the public looks for.
    #[must_use]
    pub const fn sought(self) -> Sought {
        match self {
            Self::MissingAdult | Self::MissingMinor | Self::ChildAlert | Self::WantedSuspect | Self::WantedConvict => {
                Sought::Person
            }
            Self::UnknownSuspect | Self::UnidentifiedPerson => Sought::Identity,
            Self::Witness => Sought::Facts,
            Self::Vehicle => Sought::Vehicle,
            Self::ObjectsStolen | Self::ObjectsFound => Sought::Objects,
            Self::HeirsSought => Sought::Heirs,
        }
    }

    /// Whether seconds count when somebody sees it: the emergency number is then the first thing to do.
    /// A catalogue or a family search must not fill the emergency line.
    #[must_use]
    pub const fn is_urgent(self) -> bool {
        matches!(self.sought(), Sought::Person | Sought::Identity | Sought::Vehicle)
    }
}

/// What the public looks for: decides the question asked and whether the emergency number leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// A known person, to be seen.
    Person,
    /// A person without a name, to be recognised.
    Identity,
    /// Something that happened.
    Facts,
    /// A vehicle.
    Vehicle,
    /// Objects to be recognised.
    Objects,
    /// A family.
    Heirs,
}
