//! The twelve kinds of appeal as pages and mails see them: what is shown, and so what the public is asked.
//! The rules of a kind (what it needs, who may authorise it) are the domain's.

use super::{Family, Words};

/// A kind of appeal, by the code used in the API and the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppealKind {
    /// Worrying disappearance of an adult.
    MissingAdult,
    /// Disappearance of a minor, outside an alert plan.
    MissingMinor,
    /// An alert plan launched by the magistrate.
    ChildAlert,
    /// Identified person, suspected.
    WantedSuspect,
    /// Convicted person on the run.
    WantedConvict,
    /// Unidentified person on images or a composite portrait.
    UnknownSuspect,
    /// Call for witnesses, nobody shown.
    Witness,
    /// Vehicle sought.
    Vehicle,
    /// Living or deceased person without identity.
    UnidentifiedPerson,
    /// Stolen works or goods.
    ObjectsStolen,
    /// Recovered goods whose owners are sought.
    ObjectsFound,
    /// Family or descendants sought for restitution.
    HeirsSought,
}

/// What the public looks for: decides the question asked and whether the emergency number leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
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

/// The text is not the code of a kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind of appeal")]
pub struct UnknownKind(pub String);

impl AppealKind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::MissingAdult,
        Self::MissingMinor,
        Self::ChildAlert,
        Self::WantedSuspect,
        Self::WantedConvict,
        Self::UnknownSuspect,
        Self::Witness,
        Self::Vehicle,
        Self::UnidentifiedPerson,
        Self::ObjectsStolen,
        Self::ObjectsFound,
        Self::HeirsSought,
    ];

    /// Reads the code, e.g. `missing_minor`.
    pub fn parse(code: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.code() == code).ok_or_else(|| UnknownKind(code.to_owned()))
    }

    /// The code in the API and the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MissingAdult => "missing_adult",
            Self::MissingMinor => "missing_minor",
            Self::ChildAlert => "child_alert",
            Self::WantedSuspect => "wanted_suspect",
            Self::WantedConvict => "wanted_convict",
            Self::UnknownSuspect => "unknown_suspect",
            Self::Witness => "witness",
            Self::Vehicle => "vehicle",
            Self::UnidentifiedPerson => "unidentified_person",
            Self::ObjectsStolen => "objects_stolen",
            Self::ObjectsFound => "objects_found",
            Self::HeirsSought => "heirs_sought",
        }
    }

    /// What the public looks for.
    #[must_use]
    pub const fn subject(self) -> Subject {
        match self {
            Self::MissingAdult | Self::MissingMinor | Self::ChildAlert | Self::WantedSuspect | Self::WantedConvict => {
                Subject::Person
            }
            Self::UnknownSuspect | Self::UnidentifiedPerson => Subject::Identity,
            Self::Witness => Subject::Facts,
            Self::Vehicle => Subject::Vehicle,
            Self::ObjectsStolen | Self::ObjectsFound => Subject::Objects,
            Self::HeirsSought => Subject::Heirs,
        }
    }

    /// Whether seconds count when somebody sees it: the emergency number is then the first thing to do.
    /// A catalogue or a family search must not fill the emergency line.
    #[must_use]
    pub const fn is_urgent(self) -> bool {
        matches!(self.subject(), Subject::Person | Subject::Identity | Subject::Vehicle)
    }

    /// Whether somebody may be in danger: shown in red.
    #[must_use]
    pub const fn is_alarm(self) -> bool {
        matches!(self, Self::MissingAdult | Self::MissingMinor | Self::ChildAlert)
    }

    /// The heading of such an appeal, e.g. "Appel à témoins".
    #[must_use]
    pub fn label(self, words: Words) -> String {
        words.label(Family::Kind, self.code())
    }

    /// The question to the reader, e.g. "Vous voyez cette personne ?".
    #[must_use]
    pub fn question(self, words: Words) -> String {
        let code = match self.subject() {
            Subject::Person => "person",
            Subject::Identity => "identity",
            Subject::Facts => "facts",
            Subject::Vehicle => "vehicle",
            Subject::Objects => "objects",
            Subject::Heirs => "heirs",
        };
        words.label(Family::Question, code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_lists_exactly_these_kinds() {
        let codes: Vec<&str> = AppealKind::ALL.into_iter().map(AppealKind::code).collect();
        assert_eq!(codes, Family::Kind.codes());
        for kind in AppealKind::ALL {
            assert_eq!(AppealKind::parse(kind.code()), Ok(kind));
        }
        assert!(AppealKind::parse("riot").is_err());
    }
}
