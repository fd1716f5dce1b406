//! What the public answers, closed to everybody but the appeal's readers; and every secret a person or program shows us.
//!
//! Pure: no I/O, no clock, no database; randomness comes in as [`RandomSource`], the moment as a number. What is kept in
//! which table is `db`'s, who may open what is `app`'s.
//!
//! # Who can open a response
//! ```text
//! response field ──HPKE──> appeal key ──HPKE──> reader key ──AES-GCM──> key from the reader's password (Argon2id)
//!                                    │                    └─AES-GCM──> key from a live session's token (HKDF)
//!                                    └──HPKE──> offline recovery key
//! attachment ──AES-GCM pieces──> its own key ──(as a response field)──> appeal key
//! thread message ──HPKE──> thread key ──AES-GCM──> key from the witness's receipt code (HKDF)
//! ```
//! The server keeps public keys and wrapped keys only: a stolen database opens nothing.
//!
//! # Invariants
//! - Every ciphertext is bound to its place (unit, appeal, response, field, user or session): moved, it does not open.
//! - Every stored byte string starts with a version byte and names its layout in the file that writes it.
//! - No secret prints: all are [`Secret`], wiped on drop; comparisons of secrets take constant time.

mod aead;
pub mod appeal_key;
pub mod at_rest;
pub mod attachment;
pub mod checkpoint_key;
mod crockford;
pub mod digest;
pub mod envelope;
pub mod error;
mod framing;
mod hpke_box;
pub mod one_time_code;
pub mod passkey;
pub mod password;
pub mod password_policy;
pub mod random;
pub mod reader_key;
pub mod receipt;
pub mod recovery_key;
pub mod sealer;
pub mod secret;
pub mod session_wrap;
pub mod stretch;
pub mod thread_key;
pub mod token;
pub mod totp;
pub mod x25519;

pub use appeal_key::{AppealKeyPair, AppealPrivateKey, AppealPublicKey};
pub use at_rest::AtRestKey;
pub use attachment::{AttachmentKey, LONGEST_ATTACHMENT};
pub use checkpoint_key::{CheckpointKey, CheckpointPublicKey};
pub use crockford::CodeError;
pub use digest::SecretDigest;
pub use envelope::{Opened, SealContext, Sealed, open, seal};
pub use error::SealError;
pub use one_time_code::OneTimeCode;
pub use passkey::{Challenge, PasskeyRefused, PublicKey, RelyingParty};
pub use password::{Password, PasswordHash, check_login, hash_password, verify_password};
pub use password_policy::{NewPassword, PasswordRefused};
pub use random::{OsRandom, RandomSource};
pub use reader_key::{
    LockedReaderKey, ReaderKeyPair, ReaderPrivateKey, ReaderPublicKey, WrappedAppealKey, unwrap_for_reader,
    wrap_for_reader,
};
pub use receipt::ReceiptCode;
pub use recovery_key::{
    RecoveryKeyPair, RecoveryPrivateKey, RecoveryPublicKey, unwrap_for_recovery, wrap_for_recovery,
};
pub use sealer::AppealSealer;
pub use secret::Secret;
pub use session_wrap::{SessionWrap, unwrap_from_session, wrap_for_session};
pub use stretch::StretchCost;
pub use thread_key::{NewThreadKey, ThreadPrivateKey, ThreadPublicKey, WrappedThreadKey, open_thread};
pub use token::{ApiToken, LinkToken, SessionToken, TokenError, TokenId, TokenKind};
pub use totp::TotpSecret;
pub use x25519::KeyId;

#[cfg(test)]
mod stored_v1;
