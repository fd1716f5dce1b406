//! "The person we seek is dead", "is found", "says they are safe": what one officer takes an answer to say counts only
//! once a second one says so too (appeals-and-law §8). Persons are compared, never accounts.

use super::codes::codes;
use super::ids::PersonId;
use super::kind::AppealKind;
use super::outcome::Outcome;

codes! {
    /// What is said of the person sought.
    Says {
        /// Dead.
        Deceased = "deceased",
        /// Alive and safe, by their own word or somebody's.
        Safe = "safe",
        /// Located; nothing is said of how.
        Located = "located",
    }
}

codes! {
    /// Where a statement stands.
    StatementState {
        /// One officer says so.
        Proposed = "proposed",
        /// A second one too.
        Confirmed = "confirmed",
        /// The second one does not.
        Refused = "refused",
    }
}

/// Why a second officer's word does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementRefusal {
    /// It was decided before.
    #[error("decided")]
    Decided,
    /// The second officer is the first.
    #[error("same officer")]
    SameOfficer,
}

impl StatementRefusal {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Decided => "statement-decided",
            Self::SameOfficer => "statement-same-officer",
        }
    }
}

/// Where the second officer's word takes a statement. To drop one takes nobody else: who proposed it may.
pub fn decide(
    state: StatementState,
    first: &PersonId,
    second: &PersonId,
    confirms: bool,
) -> Result<StatementState, StatementRefusal> {
    if state != StatementState::Proposed {
        return Err(StatementRefusal::Decided);
    }
    if !confirms {
        return Ok(StatementState::Refused);
    }
    if first == second { Err(StatementRefusal::SameOfficer) } else { Ok(StatementState::Confirmed) }
}

/// Which statements, any one of them confirmed, an ending rests on; empty: it needs none. A death always does. That a
/// missing person is found does when somebody who calls themself that person wrote, or an officer said anything: a forged "I am
/// well" must not end a search by one officer's belief.
#[must_use]
pub fn needed(outcome: Outcome, kind: AppealKind, rests_on_answers: bool) -> &'static [Says] {
    match outcome {
        Outcome::FoundDeceased => &[Says::Deceased],
        Outcome::FoundSafe | Outcome::LocatedMinor if kind.is_missing() && rests_on_answers => {
            &[Says::Safe, Says::Located]
        }
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use chrono::DateTime;

    #[test]
    fn only_another_person_confirms_and_nothing_is_decided_twice() {
        use StatementState as S;
        let person = |n| PersonId::from_parts(DateTime::from_timestamp(0, 0).unwrap(), [n; 10]);
        assert_eq!(decide(S::Proposed, &person(1), &person(1), true), Err(StatementRefusal::SameOfficer));
        assert_eq!(decide(S::Proposed, &person(1), &person(2), true), Ok(S::Confirmed));
        assert_eq!(decide(S::Proposed, &person(1), &person(1), false), Ok(S::Refused));
        for state in [S::Confirmed, S::Refused] {
            assert_eq!(decide(state, &person(1), &person(2), true), Err(StatementRefusal::Decided));
        }
    }

    #[test]
    fn a_death_always_rests_on_two_and_a_finding_when_it_rests_on_answers() {
        for kind in AppealKind::ALL {
            assert_eq!(needed(Outcome::FoundDeceased, *kind, false), [Says::Deceased], "{kind}");
            assert!(needed(Outcome::FoundSafe, *kind, false).is_empty(), "{kind}");
            assert_eq!(needed(Outcome::LocatedMinor, *kind, true).is_empty(), !kind.is_missing(), "{kind}");
            assert!(needed(Outcome::AlertEndedNotFound, *kind, true).is_empty());
        }
    }
}
