//! What had to be asked, checked or agreed before a decision may be used; or why not, and who says so.

use crate::domain::authority::ConsentKind;
use crate::domain::document::{Reader, moment};
use crate::domain::media::MediaDigest;
use crate::domain::rules::RuleBook;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Something asked, checked or agreed; or waived with a reason and a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// What.
    pub kind: ConsentKind,
    /// Given, or why not required.
    pub basis: ConsentBasis,
}

/// Whether a consent was given or waived.
#[derive(Clone, PartialEq, Eq)]
pub enum ConsentBasis {
    /// Given.
    Given {
        /// By whom.
        by: String,
        /// When.
        at: DateTime<Utc>,
        /// SHA-256 of the proof, when there is one.
        proof: Option<String>,
    },
    /// Not required.
    NotRequired {
        /// Why.
        reason: String,
        /// Who decided so.
        by: String,
        /// When.
        at: DateTime<Utc>,
    },
}

impl std::fmt::Debug for ConsentBasis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Given { .. } => "Given(***)",
            Self::NotRequired { .. } => "NotRequired(***)",
        })
    }
}

impl Consent {
    /// The stored form.
    #[must_use]
    pub fn to_document(&self) -> Value {
        let kind = self.kind.code();
        match &self.basis {
            ConsentBasis::Given { by, at, proof } => {
                json!({"kind": kind, "given_by": by, "at": moment(*at), "proof_sha256": proof})
            }
            ConsentBasis::NotRequired { reason, by, at } => {
                json!({"kind": kind, "not_required": {"reason": reason, "by": by}, "at": moment(*at)})
            }
        }
    }

    /// Reads a consent; under `rules` a waiver of what cannot be waived is a fault.
    pub fn read(mut c: Reader<'_>, rules: Option<&RuleBook>) -> Option<Self> {
        let kind = c.required("kind", |c, key| c.choice(key, ConsentKind::parse));
        let at = c.required("at", Reader::time);
        let waiver = c.object("not_required").map(|mut w| {
            let (reason, by) = (w.needed_text("reason", 3..=500), w.needed_line("by", 2..=160));
            w.finish();
            reason.zip(by)
        });
        let given_by = c.line("given_by", 2..=160);
        let proof = c.choice("proof_sha256", |t| MediaDigest::parse(t).map(|d| d.to_string()));
        if waiver.is_some() && kind.zip(rules).is_some_and(|(kind, rules)| !rules.may_be_waived(kind)) {
            c.fault("not_required", "cannot-be-waived");
        }
        let basis = match (waiver, given_by) {
            (Some(waiver), None) => {
                waiver.zip(at).map(|((reason, by), at)| ConsentBasis::NotRequired { reason, by, at })
            }
            (None, Some(by)) => at.map(|at| ConsentBasis::Given { by, at, proof }),
            _ => {
                c.fault("given_by", "given-or-not-required");
                None
            }
        };
        c.finish();
        Some(Self { kind: kind?, basis: basis? })
    }
}
