//! One person's yes or no to one plan digest, and who may give it: nobody fills two required seats. Which levels a plan
//! passes is data (`rules`); whether all of them said yes, the gate's to say.

use super::authorisation::AuthorisationRecord;
use super::codes::codes;
use super::ids::{PersonId, ValidationId};
use super::plan::PlanDigest;
use super::rules::Level;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

codes! {
    /// The answer.
    Verdict { /// It may go out.
        Yes = "yes", /// It goes back, with reasons.
        No = "no" }
}

/// One person's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validation {
    /// Its id.
    pub id: ValidationId,
    /// Exactly what was looked at.
    pub plan: PlanDigest,
    /// Who.
    pub by: PersonId,
    /// At which level of the chain.
    pub level: Level,
    /// Whose seat it is, when somebody speaks for a person who is away.
    pub on_behalf_of: Option<PersonId>,
    /// Yes or no.
    pub verdict: Verdict,
    /// Why, when it is no.
    pub reasons: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Why somebody may not validate this appeal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedSeat {
    /// They wrote part of it.
    #[error("whoever wrote the appeal cannot validate it")]
    Author,
    /// They recorded the decision.
    #[error("whoever recorded the decision cannot validate the plan")]
    Recorder,
    /// They verified the decision.
    #[error("whoever verified the decision cannot validate the plan")]
    Verifier,
    /// The verifier wrote part of the appeal.
    #[error("whoever wrote the appeal cannot verify its decision")]
    VerifierWrote,
}

impl RefusedSeat {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Author => "validator-is-author",
            Self::Recorder => "validator-is-recorder",
            Self::Verifier => "validator-is-verifier",
            Self::VerifierWrote => "verifier-is-author",
        }
    }
}

/// Whether a person may take the verifying seat as far as the appeal's authors go; the recorder is refused by
/// [`AuthorisationRecord::verify`].
pub fn may_verify(person: &PersonId, authors: &BTreeSet<PersonId>) -> Result<(), RefusedSeat> {
    if authors.contains(person) { Err(RefusedSeat::VerifierWrote) } else { Ok(()) }
}

/// Whether a person may take the validating seat. Natural persons are compared, never accounts.
pub fn may_validate(
    person: &PersonId,
    authors: &BTreeSet<PersonId>,
    records: &[&AuthorisationRecord],
) -> Result<(), RefusedSeat> {
    if authors.contains(person) {
        return Err(RefusedSeat::Author);
    }
    if records.iter().any(|record| record.authorisation.entered_by == *person) {
        return Err(RefusedSeat::Recorder);
    }
    if records.iter().any(|record| record.verification.as_ref().is_some_and(|verified| verified.by == *person)) {
        return Err(RefusedSeat::Verifier);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::AppealKind;
    use crate::domain::place::Country;
    use crate::domain::samples;

    #[test]
    fn nobody_fills_two_seats() {
        let record = samples::record(AppealKind::Witness, Country::Be);
        let authors = BTreeSet::from([samples::person(samples::AUTHOR)]);
        let validate = |who| may_validate(&samples::person(who), &authors, &[&record]);
        assert_eq!(validate(samples::AUTHOR), Err(RefusedSeat::Author));
        assert_eq!(validate(samples::RECORDER), Err(RefusedSeat::Recorder));
        assert_eq!(validate(samples::VERIFIER), Err(RefusedSeat::Verifier));
        assert_eq!(validate(samples::VALIDATOR), Ok(()));
        assert_eq!(may_verify(&samples::person(samples::AUTHOR), &authors), Err(RefusedSeat::VerifierWrote));
        assert_eq!(may_verify(&samples::person(samples::VERIFIER), &authors), Ok(()));
    }
}
