//! Claims on lots: what proves one, how it is decided by two officers, and what several claims make of a lot. A lot that
//! several people claim is given to nobody until each of them was heard.

use super::codes::codes;
use super::ids::{ClaimId, UserId};
use super::lot::ClaimState;

codes! {
    /// What a claimant shows.
    ClaimProof {
        /// An invoice or receipt.
        Invoice = "invoice",
        /// A photograph of the object in their home.
        Photo = "photo",
        /// A mark or engraving they described before seeing it.
        Engraving = "engraving",
        /// A serial number.
        Serial = "serial",
        /// An insurer's record.
        Insurance = "insurance",
        /// A complaint of the theft, with its reference.
        Complaint = "complaint",
        /// Somebody who knows the object.
        Witness = "witness",
    }
}

codes! {
    /// Where a claim stands.
    ClaimStanding {
        /// Being examined.
        Open = "open",
        /// One officer would accept it.
        Proposed = "proposed",
        /// A second officer did.
        Accepted = "accepted",
        /// It was refused.
        Rejected = "rejected",
        /// The claimant gave it up.
        Withdrawn = "withdrawn",
    }
}

codes! {
    /// What came of the question that only the owner can answer.
    HiddenAnswer {
        /// It was not put.
        NotAsked = "not_asked",
        /// It was put.
        Asked = "asked",
        /// The claimant knew.
        Matches = "matches",
        /// The claimant did not.
        Differs = "differs",
    }
}

codes! {
    /// What an officer decides.
    ClaimVerdict {
        /// It is theirs; counts once a second officer says so too.
        Accept = "accept",
        /// It is not.
        Reject = "reject",
        /// The claimant gave it up.
        Withdraw = "withdraw",
    }
}

impl ClaimStanding {
    /// Whether it still waits for somebody.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Proposed)
    }
}

/// A claim as far as it is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Which.
    pub id: ClaimId,
    /// Where it stands.
    pub standing: ClaimStanding,
    /// What was shown.
    pub proofs: Vec<ClaimProof>,
    /// What came of the hidden question.
    pub hidden: HiddenAnswer,
    /// Who proposed to accept it.
    pub proposed_by: Option<UserId>,
}

/// Why a decision is not possible; each has a code with words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimRefusal {
    /// It was decided before.
    #[error("decided")]
    Decided,
    /// Nothing was shown.
    #[error("no proof")]
    WithoutProof,
    /// The lot has a hidden question, and the claimant did not answer it rightly.
    #[error("hidden question")]
    HiddenQuestion,
    /// Others claim the same lot and were not refused yet.
    #[error("competing")]
    Competing,
    /// The second officer is the first one.
    #[error("same officer")]
    SameOfficer,
    /// The lot was given to somebody.
    #[error("awarded")]
    Awarded,
}

impl ClaimRefusal {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Decided => "claim-decided",
            Self::WithoutProof => "claim-without-proof",
            Self::HiddenQuestion => "claim-hidden-question",
            Self::Competing => "claim-competing",
            Self::SameOfficer => "claim-same-officer",
            Self::Awarded => "claim-lot-awarded",
        }
    }
}

/// Where a verdict takes a claim. `others` are the other claims on the lot.
pub fn decide(
    claim: &Judged,
    others: &[Judged],
    has_question: bool,
    verdict: ClaimVerdict,
    officer: &UserId,
) -> Result<ClaimStanding, ClaimRefusal> {
    if !claim.standing.is_open() {
        return Err(ClaimRefusal::Decided);
    }
    match verdict {
        ClaimVerdict::Reject => return Ok(ClaimStanding::Rejected),
        ClaimVerdict::Withdraw => return Ok(ClaimStanding::Withdrawn),
        ClaimVerdict::Accept => {}
    }
    if others.iter().any(|other| other.standing == ClaimStanding::Accepted) {
        return Err(ClaimRefusal::Awarded);
    }
    if claim.proofs.is_empty() {
        return Err(ClaimRefusal::WithoutProof);
    }
    if has_question && claim.hidden != HiddenAnswer::Matches {
        return Err(ClaimRefusal::HiddenQuestion);
    }
    if others.iter().any(|other| other.standing.is_open()) {
        return Err(ClaimRefusal::Competing);
    }
    match &claim.proposed_by {
        Some(first) if first == officer => Err(ClaimRefusal::SameOfficer),
        Some(_) => Ok(ClaimStanding::Accepted),
        None => Ok(ClaimStanding::Proposed),
    }
}

/// What its claims make of a lot.
#[must_use]
pub fn state_of(standings: &[ClaimStanding], returned: bool) -> ClaimState {
    let open = standings.iter().filter(|standing| standing.is_open()).count();
    match () {
        () if returned => ClaimState::Returned,
        () if standings.contains(&ClaimStanding::Accepted) => ClaimState::Awarded,
        () if open > 1 => ClaimState::Disputed,
        () if open == 1 => ClaimState::Claimed,
        () => ClaimState::Open,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use chrono::DateTime;

    fn user(n: u8) -> UserId {
        UserId::from_parts(DateTime::UNIX_EPOCH, [n; 10])
    }

    fn claim(n: u8) -> Judged {
        Judged {
            id: ClaimId::from_parts(DateTime::UNIX_EPOCH, [n; 10]),
            standing: ClaimStanding::Open,
            proofs: vec![ClaimProof::Invoice],
            hidden: HiddenAnswer::Matches,
            proposed_by: None,
        }
    }

    #[test]
    fn a_lot_is_given_by_two_officers_to_one_claimant_who_proved_it() {
        let accept =
            |claim: &Judged, others: &[Judged], who| decide(claim, others, true, ClaimVerdict::Accept, &user(who));
        let mut first = claim(1);
        assert_eq!(accept(&first, &[claim(2)], 1), Err(ClaimRefusal::Competing));
        let refused = Judged { standing: ClaimStanding::Rejected, ..claim(2) };
        assert_eq!(accept(&Judged { proofs: vec![], ..claim(1) }, &[], 1), Err(ClaimRefusal::WithoutProof));
        let silent = Judged { hidden: HiddenAnswer::Asked, ..claim(1) };
        assert_eq!(accept(&silent, &[], 1), Err(ClaimRefusal::HiddenQuestion));
        assert_eq!(decide(&silent, &[], false, ClaimVerdict::Accept, &user(1)), Ok(ClaimStanding::Proposed));
        assert_eq!(accept(&first, std::slice::from_ref(&refused), 1), Ok(ClaimStanding::Proposed));
        (first.standing, first.proposed_by) = (ClaimStanding::Proposed, Some(user(1)));
        assert_eq!(accept(&first, &[], 1), Err(ClaimRefusal::SameOfficer));
        assert_eq!(accept(&first, &[claim(3)], 2), Err(ClaimRefusal::Competing), "somebody came in between");
        assert_eq!(accept(&first, &[], 2), Ok(ClaimStanding::Accepted));
        let accepted = Judged { standing: ClaimStanding::Accepted, ..first };
        assert_eq!(accept(&claim(4), std::slice::from_ref(&accepted), 2), Err(ClaimRefusal::Awarded));
        assert_eq!(accept(&accepted, &[], 2), Err(ClaimRefusal::Decided));
    }

    #[test]
    fn claims_make_the_state_of_a_lot() {
        use ClaimStanding as S;
        for (standings, returned, state) in [
            (&[][..], false, ClaimState::Open),
            (&[S::Rejected], false, ClaimState::Open),
            (&[S::Open, S::Rejected], false, ClaimState::Claimed),
            (&[S::Open, S::Proposed], false, ClaimState::Disputed),
            (&[S::Accepted, S::Rejected], false, ClaimState::Awarded),
            (&[S::Accepted], true, ClaimState::Returned),
        ] {
            assert_eq!(state_of(standings, returned), state);
        }
    }
}
