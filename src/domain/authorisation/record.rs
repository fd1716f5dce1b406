//! The record itself: the decision, its verification and its withdrawal.

use super::consent::{Consent, ConsentBasis};
use crate::domain::authority::{AuthorityType, ConsentKind};
use crate::domain::codes::codes;
use crate::domain::ids::{AppealId, AuthorisationId, PersonId};
use crate::domain::place::Country;
use crate::domain::rules::{RuleBook, RuleId};
use crate::domain::scope::Scope;
use chrono::{DateTime, TimeDelta, Utc};

codes! {
    /// How the decision was given.
    DecisionForm {
        /// On paper or as a signed file.
        WrittenSigned = "written_signed",
        /// By mail from the office.
        WrittenMail = "written_mail",
        /// Orally; writing must follow within [`ORAL_CONFIRMATION`].
        OralConfirmed = "oral_confirmed",
    }
}
codes! {
    /// At whose request a minor's identity is published (FR art. 39 bis).
    RequestedBy {
        /// The judicial authority.
        Judicial = "judicial",
        /// Those with custody.
        Custodian = "custodian",
        /// An administrative authority.
        Administrative = "administrative",
    }
}
codes! {
    /// How the document is signed.
    SignatureKind {
        /// A scan of handwriting.
        HandwrittenScan = "handwritten_scan",
        /// Advanced electronic signature.
        Advanced = "advanced",
        /// Qualified electronic signature.
        Qualified = "qualified",
    }
}

/// How long an oral decision holds before writing must be there.
pub const ORAL_CONFIRMATION: TimeDelta = TimeDelta::hours(24);

/// Who decided. Internal only: never in a public text.
#[derive(Clone, PartialEq, Eq)]
pub struct Magistrate {
    /// Family name.
    pub family_name: String,
    /// Given name.
    pub given_name: String,
    /// Function.
    pub function: String,
    /// Code of the office (prosecutor's office or court in the gazetteer).
    pub office_code: String,
    /// The office in words.
    pub office: String,
    /// Telephone or mail, for the call back.
    pub contact: String,
}

impl std::fmt::Debug for Magistrate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Magistrate({})", self.office_code)
    }
}

/// The paper behind the decision; the file itself lies in the evidence store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentProof {
    /// SHA-256, 64 hexadecimal digits.
    pub sha256: String,
    /// Size.
    pub bytes: i64,
    /// Media type.
    pub mime: String,
    /// Signature.
    pub signature: SignatureKind,
}

/// The decision.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorisation {
    /// Its id.
    pub id: AuthorisationId,
    /// The appeal it is about.
    pub appeal: AppealId,
    /// The magistrate's country.
    pub country: Country,
    /// The magistrate's authority.
    pub authority: AuthorityType,
    /// Who decided.
    pub magistrate: Magistrate,
    /// Case number, 3 to 64 characters as the office writes it; never published.
    pub case_reference: String,
    /// How it was given.
    pub form: DecisionForm,
    /// When it was given.
    pub decided_at: DateTime<Utc>,
    /// First moment it covers.
    pub valid_from: DateTime<Utc>,
    /// First moment it covers no longer.
    pub valid_until: DateTime<Utc>,
    /// Reminder before the end.
    pub review_at: DateTime<Utc>,
    /// What it rests on.
    pub legal_basis: Vec<RuleId>,
    /// At whose request.
    pub requested_by: RequestedBy,
    /// The paper; may follow an oral decision.
    pub document: Option<DocumentProof>,
    /// What it covers.
    pub scope: Scope,
    /// Consents.
    pub consents: Vec<Consent>,
    /// Free conditions, shown to every validator.
    pub conditions: String,
    /// Who recorded it.
    pub entered_by: PersonId,
    /// The record it extends or changes.
    pub previous: Option<AuthorisationId>,
}

impl std::fmt::Debug for Authorisation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Names, the case number and the conditions stay out of every log.
        f.debug_struct("Authorisation")
            .field("id", &self.id)
            .field("appeal", &self.appeal)
            .field("authority", &self.authority)
            .field("valid_from", &self.valid_from)
            .field("valid_until", &self.valid_until)
            .finish_non_exhaustive()
    }
}

/// A second person called the office back and was told the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Verification {
    /// Who called.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// The number called, from the directory and not from the letter.
    pub called_back_on: String,
}

impl std::fmt::Debug for Verification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verification").field("by", &self.by).field("at", &self.at).finish_non_exhaustive()
    }
}

/// The magistrate took the decision back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Who recorded it.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

/// A decision with what happened to it since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorisationRecord {
    /// The decision.
    pub authorisation: Authorisation,
    /// Set once verified.
    pub verification: Option<Verification>,
    /// Set once withdrawn.
    pub withdrawal: Option<Withdrawal>,
}

/// Why a verification is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedVerification {
    /// Recording and verifying need two people.
    #[error("the person who recorded the decision cannot verify it")]
    SamePerson,
    /// It was verified before.
    #[error("already verified")]
    AlreadyVerified,
    /// It was withdrawn.
    #[error("withdrawn")]
    Withdrawn,
}

impl AuthorisationRecord {
    /// Whether it stands at a moment: verified, not withdrawn, begun and not ended.
    #[must_use]
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.authorisation.valid_from <= now && self.holds_or_waits(now)
    }

    /// Whether it stands at a moment or will: verified, not withdrawn and not ended.
    #[must_use]
    pub fn holds_or_waits(&self, now: DateTime<Utc>) -> bool {
        self.verification.is_some() && self.withdrawal.is_none() && now < self.authorisation.ends_at()
    }

    /// Verifies the decision.
    pub fn verify(
        &self,
        by: &PersonId,
        at: DateTime<Utc>,
        called_back_on: String,
    ) -> Result<Verification, RefusedVerification> {
        if self.withdrawal.is_some() {
            return Err(RefusedVerification::Withdrawn);
        }
        if self.verification.is_some() {
            return Err(RefusedVerification::AlreadyVerified);
        }
        if *by == self.authorisation.entered_by {
            return Err(RefusedVerification::SamePerson);
        }
        Ok(Verification { by: by.clone(), at, called_back_on })
    }
}

impl Authorisation {
    /// When it stops covering anything: its own end, or the end of an oral decision's grace without a paper.
    #[must_use]
    pub fn ends_at(&self) -> DateTime<Utc> {
        if self.form == DecisionForm::OralConfirmed && self.document.is_none() {
            self.valid_until.min(self.decided_at + ORAL_CONFIRMATION)
        } else {
            self.valid_until
        }
    }

    /// Whether something was asked, checked or agreed: given, rightly waived, or contained in the decision itself.
    #[must_use]
    pub fn has_consent(&self, rules: &RuleBook, kind: ConsentKind) -> bool {
        rules.implies(self.authority, kind)
            || self.was_given(kind)
            || (self.consent(kind).is_some() && rules.may_be_waived(kind))
    }

    /// Whether a consent was given, and not only waived.
    #[must_use]
    pub fn was_given(&self, kind: ConsentKind) -> bool {
        self.consent(kind).is_some_and(|consent| matches!(consent.basis, ConsentBasis::Given { .. }))
    }

    /// The consent of a kind.
    #[must_use]
    pub fn consent(&self, kind: ConsentKind) -> Option<&Consent> {
        self.consents.iter().find(|consent| consent.kind == kind)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::domain::kind::AppealKind;
    use crate::domain::samples;

    fn unverified() -> AuthorisationRecord {
        AuthorisationRecord { verification: None, ..samples::record(AppealKind::Witness, Country::Be) }
    }

    #[test]
    fn recording_and_verifying_are_two_people() {
        let record = unverified();
        let verify = |record: &AuthorisationRecord, who| {
            record.verify(&samples::person(who), samples::now(), "+32 2 555 00 00".to_owned())
        };
        assert_eq!(verify(&record, samples::RECORDER), Err(RefusedVerification::SamePerson));
        let verification = verify(&record, samples::VERIFIER).unwrap();
        let verified = AuthorisationRecord { verification: Some(verification), ..record.clone() };
        assert_eq!(verify(&verified, samples::VALIDATOR), Err(RefusedVerification::AlreadyVerified));
        let withdrawal =
            Withdrawal { by: samples::person(samples::VERIFIER), at: samples::now(), reason: "judge".to_owned() };
        let withdrawn = AuthorisationRecord { withdrawal: Some(withdrawal), ..record };
        assert_eq!(verify(&withdrawn, samples::VERIFIER), Err(RefusedVerification::Withdrawn));
    }

    #[test]
    fn an_oral_decision_ends_after_a_day_unless_the_paper_is_there() {
        let mut decision = unverified().authorisation;
        decision.form = DecisionForm::OralConfirmed;
        assert_eq!(decision.ends_at(), decision.valid_until);
        decision.document = None;
        assert_eq!(decision.ends_at(), decision.decided_at + ORAL_CONFIRMATION);
    }

    #[test]
    fn nothing_internal_shows_in_a_log() {
        let shown = format!("{:?}", samples::record(AppealKind::MissingMinor, Country::Be));
        for word in ["Peeters", "BR11.99", "Geheim", "555"] {
            assert!(!shown.contains(word), "{word} in {shown}");
        }
    }
}
