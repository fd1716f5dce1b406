//! What is recorded of each act, and the chain that shows when a record was touched afterwards.

mod chain;
mod checkpoint;
#[cfg(test)]
mod tests;

pub use chain::{Broken, ChainWalk, Verdict, Verifier, Why};
pub use checkpoint::{Checkpoint, CheckpointFault, Mark, follow_checkpoints};

use super::canonical::hex;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// The hash before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The act that says: the reasons and salts of an object's entries were erased. Its object is that object.
pub const ERASED: &str = "audit.erased";

/// How an entry's hash is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Until checkpoints came: the reason and an unsalted digest are in the hash themselves.
    Plain,
    /// Reason and payload are in the hash as salted digests, so that both can be erased and the chain still holds.
    #[default]
    Salted,
}

impl Form {
    /// The number it is stored as.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Plain => 1,
            Self::Salted => 2,
        }
    }

    /// Reads [`Self::number`].
    #[must_use]
    pub const fn from_number(number: i32) -> Option<Self> {
        match number {
            1 => Some(Self::Plain),
            2 => Some(Self::Salted),
            _ => None,
        }
    }
}

/// What a salt, a reason or a payload is represented by in the hash: without the salt it tells nothing, however few
/// values there are to guess among.
#[must_use]
pub fn commitment(what: &str, salt: &str, content: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"tocsin audit commitment 1");
    for text in [what, salt, content] {
        hasher.update(length(text));
        hasher.update(text.as_bytes());
    }
    hex(&hasher.finalize())
}

fn length(text: &str) -> [u8; 8] {
    u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes()
}

/// One act. What it was about is there as ids and salted digests; the reason in words can be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Position, from 1, without gaps.
    pub seq: u64,
    /// Database time.
    pub at: DateTime<Utc>,
    /// Who: a user id, `system`, `worker`, `public` or `cli`.
    pub actor: String,
    /// The unit the act belongs to; empty when none.
    pub on_behalf_of: String,
    /// What, e.g. `appeal.filed`.
    pub action: String,
    /// To which object.
    pub object: String,
    /// Its version afterwards; 0 when it has none.
    pub object_version: i64,
    /// Why, where a reason is asked; empty when none was or it was erased.
    pub reason: String,
    /// 32 hexadecimal digits that reason and payload are digested with; empty when there is neither, or after erasure.
    pub salt: String,
    /// [`commitment`] of the reason, even of an empty one; empty without a salt from the beginning.
    pub reason_digest: String,
    /// [`commitment`] of the SHA-256 of what was decided on; empty when nothing was.
    pub payload_digest: String,
    /// How the hash is made.
    pub form: Form,
    /// Hash of the entry before.
    pub prev_hash: String,
}

impl Entry {
    /// Puts reason and payload in, under `salt`; draws on it only when there is something to salt.
    #[must_use]
    pub fn about(mut self, reason: &str, payload: &str, salt: &str) -> Self {
        self.form = Form::Salted;
        reason.clone_into(&mut self.reason);
        if reason.is_empty() && payload.is_empty() {
            return self;
        }
        salt.clone_into(&mut self.salt);
        self.reason_digest = commitment("reason", salt, reason);
        if !payload.is_empty() {
            self.payload_digest = commitment("payload", salt, payload);
        }
        self
    }

    /// SHA-256 over a domain tag and every field with its length before it, so that no two entries read the same. In the
    /// salted form the reason and the salt are in it through `reason_digest`.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        let salted = self.form == Form::Salted;
        hasher.update(if salted { b"tocsin audit 2" } else { b"tocsin audit 1" });
        hasher.update(self.seq.to_be_bytes());
        hasher.update(self.at.timestamp_micros().to_be_bytes());
        hasher.update(self.object_version.to_be_bytes());
        let texts = [
            &self.actor,
            &self.on_behalf_of,
            &self.action,
            &self.object,
            if salted { &self.reason_digest } else { &self.reason },
            &self.payload_digest,
            &self.prev_hash,
        ];
        for text in texts {
            hasher.update(length(text));
            hasher.update(text.as_bytes());
        }
        hex(&hasher.finalize())
    }

    /// Whether the reason and the salt are those that were written; an erased pair is, too.
    #[must_use]
    pub fn words_hold(&self) -> bool {
        match self.form {
            Form::Plain => self.salt.is_empty() && self.reason_digest.is_empty(),
            Form::Salted if self.reason_digest.is_empty() => {
                self.reason.is_empty() && self.salt.is_empty() && self.payload_digest.is_empty()
            }
            Form::Salted if self.salt.is_empty() => self.reason.is_empty(),
            Form::Salted => self.reason_digest == commitment("reason", &self.salt, &self.reason),
        }
    }

    /// Whether reason and salt were erased.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.form == Form::Salted && self.salt.is_empty() && !self.reason_digest.is_empty()
    }

    /// Whether the act was about the content with this SHA-256; unknown after erasure.
    #[must_use]
    pub fn is_about(&self, payload: &str) -> Option<bool> {
        match self.form {
            Form::Plain => Some(self.payload_digest == payload),
            Form::Salted if self.is_erased() => None,
            Form::Salted => Some(self.payload_digest == commitment("payload", &self.salt, payload)),
        }
    }
}
