//! Rights that are given to an account one by one: for another unit, for one appeal, for one field; and which of them it
//! takes two administrators to give. Taking a right away takes one.

use super::actor::Role;
use super::codes::codes;
use super::ids::{AppealId, PersonId, UnitId};

codes! {
    /// A field that nobody sees by role alone.
    Field {
        /// Who sent a response, when they told.
        SenderIdentity = "sender-identity",
        /// The magistrate's name and telephone, and the case number.
        Magistrate = "magistrate",
    }
}

/// What is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Everything a role may do.
    Role(Role),
    /// Sight of a field.
    Field(Field),
    /// A new second factor in place of a lost one.
    FactorReset,
}

impl Right {
    /// `role`, `field` or `factor-reset`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Role(_) => "role",
            Self::Field(_) => "field",
            Self::FactorReset => "factor-reset",
        }
    }

    /// Which role or field.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Role(role) => role.code(),
            Self::Field(field) => field.code(),
            Self::FactorReset => "",
        }
    }

    /// Reads kind and code.
    #[must_use]
    pub fn parse(kind: &str, code: &str) -> Option<Self> {
        match kind {
            "role" => Role::parse(code).map(Self::Role),
            "field" => Field::parse(code).map(Self::Field),
            "factor-reset" => Some(Self::FactorReset),
            _ => None,
        }
    }

    /// Whether it takes two administrators: what publishes, what vouches for a magistrate, what gives rights, what names a
    /// witness, and what replaces a factor.
    #[must_use]
    pub const fn is_dangerous(self) -> bool {
        match self {
            Self::Role(role) => {
                matches!(
                    role,
                    Role::Verifier | Role::Validator | Role::Dispatcher | Role::LegalOfficer | Role::Administrator
                )
            }
            Self::Field(_) | Self::FactorReset => true,
        }
    }
}

/// On what it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Objects of this unit.
    pub unit: UnitId,
    /// Of those, this appeal and what belongs to it only.
    pub appeal: Option<AppealId>,
}

/// Why somebody may not have a part in giving a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SameHands {
    /// Nobody asks for a right of their own.
    #[error("somebody else must ask for a right of yours")]
    AskerGains,
    /// The second administrator is the first.
    #[error("another person must confirm")]
    AskerConfirms,
    /// The second administrator gives it to themselves.
    #[error("nobody confirms a right of their own")]
    ConfirmerGains,
}

impl SameHands {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AskerGains => "grant-to-oneself",
            Self::AskerConfirms => "grant-needs-another",
            Self::ConfirmerGains => "grant-to-oneself-confirmed",
        }
    }
}

/// Natural persons are compared, so a second account is no second pair of eyes.
pub fn may_ask(asker: &PersonId, gains: &PersonId) -> Result<(), SameHands> {
    if asker == gains { Err(SameHands::AskerGains) } else { Ok(()) }
}

/// Whether `confirmer` may confirm what `asker` asked for.
pub fn may_confirm(asker: &PersonId, confirmer: &PersonId, gains: &PersonId) -> Result<(), SameHands> {
    if confirmer == asker {
        return Err(SameHands::AskerConfirms);
    }
    if confirmer == gains { Err(SameHands::ConfirmerGains) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use chrono::DateTime;

    #[test]
    fn three_different_persons_give_a_dangerous_right() {
        let person = |n| PersonId::from_parts(DateTime::from_timestamp(0, 0).unwrap(), [n; 10]);
        assert_eq!(may_ask(&person(1), &person(1)), Err(SameHands::AskerGains));
        assert_eq!(may_ask(&person(1), &person(2)), Ok(()));
        assert_eq!(may_confirm(&person(1), &person(1), &person(2)), Err(SameHands::AskerConfirms));
        assert_eq!(may_confirm(&person(1), &person(2), &person(2)), Err(SameHands::ConfirmerGains));
        assert_eq!(may_confirm(&person(1), &person(3), &person(2)), Ok(()));
    }

    #[test]
    fn what_publishes_vouches_governs_or_names_is_dangerous() {
        let dangerous: Vec<&str> =
            Role::ALL.iter().copied().filter(|role| Right::Role(*role).is_dangerous()).map(Role::code).collect();
        assert_eq!(dangerous, ["verifier", "validator", "dispatcher", "legal_officer", "administrator"]);
        assert!(Field::ALL.iter().all(|field| Right::Field(*field).is_dangerous()));
        for right in [Right::Role(Role::Auditor), Right::Field(Field::Magistrate), Right::FactorReset] {
            assert_eq!(Right::parse(right.kind(), right.code()), Some(right));
        }
    }
}
