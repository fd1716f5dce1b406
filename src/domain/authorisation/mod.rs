//! The magistrate's decision as recorded (appeals-and-law §2). Records are added, never edited: verification and
//! withdrawal are values of their own beside it.

mod consent;
mod document;
mod line;
mod record;

pub use consent::{Consent, ConsentBasis};
pub use line::Line;
pub use record::{
    Authorisation, AuthorisationRecord, DecisionForm, DocumentProof, Magistrate, ORAL_CONFIRMATION,
    RefusedVerification, RequestedBy, SignatureKind, Verification, Withdrawal,
};
