//! A checkpoint: how long the chain was and what it ended in at a moment, signed with a key that is not in the database
//! and kept in places that are not the database. Signing is `sealing`'s; this says what is signed and in which order.

use super::super::canonical::hex;
use super::GENESIS;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What a signature is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its place among the checkpoints, from 1, without gaps.
    pub number: u64,
    /// Entries the chain had.
    pub size: u64,
    /// Hash of the last of them.
    pub head: String,
    /// Database time.
    pub at: DateTime<Utc>,
    /// [`Checkpoint::hash`] of the one before; [`GENESIS`] for the first.
    pub prev: String,
    /// Name of the key it is signed with.
    pub key_id: String,
}

impl Mark {
    /// The bytes that are signed: a domain tag, then every field, each text with its length before it.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"tocsin audit checkpoint 1".to_vec();
        bytes.extend(self.number.to_be_bytes());
        bytes.extend(self.size.to_be_bytes());
        bytes.extend(self.at.timestamp_micros().to_be_bytes());
        for text in [&self.head, &self.prev, &self.key_id] {
            bytes.extend(super::length(text));
            bytes.extend(text.as_bytes());
        }
        bytes
    }
}

/// A signed mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// What was signed.
    pub mark: Mark,
    /// Ed25519 signature in 128 hexadecimal digits.
    pub signature: String,
}

impl Checkpoint {
    /// What the next one names as the one before: SHA-256 of mark and signature.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.mark.signed_bytes());
        hasher.update(self.signature.as_bytes());
        hex(&hasher.finalize())
    }

    /// As JSON, the same in the API, the file, the log and the export.
    #[must_use]
    pub fn to_document(&self) -> Value {
        let mark = &self.mark;
        json!({"number": mark.number, "size": mark.size, "head": mark.head, "at": mark.at, "prev": mark.prev,
            "key": mark.key_id, "signature": self.signature})
    }

    /// Reads [`Self::to_document`].
    #[must_use]
    pub fn from_document(document: &Value) -> Option<Self> {
        let text = |key: &str| document.get(key)?.as_str().map(str::to_owned);
        let at = DateTime::parse_from_rfc3339(document.get("at")?.as_str()?).ok()?;
        let mark = Mark {
            number: document.get("number")?.as_u64()?,
            size: document.get("size")?.as_u64()?,
            head: text("head")?,
            at: at.with_timezone(&Utc),
            prev: text("prev")?,
            key_id: text("key")?,
        };
        Some(Self { mark, signature: text("signature")? })
    }
}

/// Why a row of checkpoints cannot be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("checkpoint {number}: {why}")]
pub struct CheckpointFault {
    /// The first that does not fit.
    pub number: u64,
    /// What does not fit.
    pub why: &'static str,
}

/// Follows checkpoints in the order they were made. The first need not be number 1: a file may begin later. `genuine`
/// says whether a signature is right.
pub fn follow_checkpoints(
    checkpoints: &[Checkpoint],
    genuine: impl Fn(&Checkpoint) -> bool,
) -> Result<(), CheckpointFault> {
    let mut before: Option<&Checkpoint> = None;
    for checkpoint in checkpoints {
        let mark = &checkpoint.mark;
        let broken = |why| Err(CheckpointFault { number: mark.number, why });
        if !genuine(checkpoint) {
            return broken("is not signed with a key that was given");
        }
        match before {
            Some(before) if mark.number != before.mark.number + 1 => return broken("is missing or out of order"),
            Some(before) if mark.prev != before.hash() => return broken("does not continue the one before it"),
            Some(before) if mark.size < before.mark.size || mark.at < before.mark.at => {
                return broken("goes back behind the one before it");
            }
            None if mark.number == 1 && mark.prev != GENESIS => return broken("is the first and names one before it"),
            _ => {}
        }
        before = Some(checkpoint);
    }
    Ok(())
}
