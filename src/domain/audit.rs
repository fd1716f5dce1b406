//! What is recorded of each act, and the chain that shows when a record was touched afterwards.

use super::canonical::hex;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// The hash before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One act. Holds no personal data: payloads are represented by their digest.
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
    /// Why, where a reason is asked.
    pub reason: String,
    /// SHA-256 of what was decided on; empty when nothing was.
    pub payload_digest: String,
    /// Hash of the entry before.
    pub prev_hash: String,
}

impl Entry {
    /// SHA-256 over a domain tag and every field with its length before it, so that no two entries read the same.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(b"tocsin audit 1");
        hasher.update(self.seq.to_be_bytes());
        hasher.update(self.at.timestamp_micros().to_be_bytes());
        hasher.update(self.object_version.to_be_bytes());
        let texts = [
            &self.actor,
            &self.on_behalf_of,
            &self.action,
            &self.object,
            &self.reason,
            &self.payload_digest,
            &self.prev_hash,
        ];
        for text in texts {
            hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        hex(&hasher.finalize())
    }
}

/// Where a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq}: {why}")]
pub struct BrokenChain {
    /// The first entry that does not fit.
    pub seq: u64,
    /// What does not fit.
    pub why: &'static str,
}

/// Follows a chain entry by entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainWalk {
    seq: u64,
    hash: String,
}

impl Default for ChainWalk {
    fn default() -> Self {
        Self { seq: 0, hash: GENESIS.to_owned() }
    }
}

impl ChainWalk {
    /// Takes the next entry and the hash stored beside it.
    pub fn follow(&mut self, entry: &Entry, stored: &str) -> Result<(), BrokenChain> {
        let broken = |why| BrokenChain { seq: self.seq + 1, why };
        if entry.seq != self.seq + 1 {
            return Err(broken("is missing or out of order"));
        }
        if entry.prev_hash != self.hash {
            return Err(broken("does not continue the entry before it"));
        }
        if entry.hash() != stored {
            return Err(broken("was changed after it was written"));
        }
        self.seq = entry.seq;
        stored.clone_into(&mut self.hash);
        Ok(())
    }

    /// Compares with where the chain should end: a cut tail shows here.
    pub fn end(&self, seq: u64, hash: &str) -> Result<(), BrokenChain> {
        if self.seq == seq && self.hash == hash {
            Ok(())
        } else {
            Err(BrokenChain { seq: self.seq + 1, why: "is where the stored head and the entries part" })
        }
    }

    /// How far it came.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.seq
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use proptest::prelude::*;

    fn chain(length: u64) -> Vec<(Entry, String)> {
        let mut prev_hash = GENESIS.to_owned();
        (1..=length)
            .map(|seq| {
                let entry = Entry {
                    seq,
                    at: DateTime::from_timestamp(i64::try_from(seq).unwrap(), 0).unwrap(),
                    actor: format!("usr_{seq}"),
                    on_behalf_of: String::new(),
                    action: "appeal.filed".to_owned(),
                    object: "apl_1".to_owned(),
                    object_version: 1,
                    reason: String::new(),
                    payload_digest: String::new(),
                    prev_hash: prev_hash.clone(),
                };
                prev_hash = entry.hash();
                (entry, prev_hash.clone())
            })
            .collect()
    }

    fn verify(chain: &[(Entry, String)], head: &(Entry, String)) -> Result<(), BrokenChain> {
        let mut walk = ChainWalk::default();
        for (entry, stored) in chain {
            walk.follow(entry, stored)?;
        }
        walk.end(head.0.seq, &head.1)
    }

    proptest! {
        #[test]
        fn any_edit_deletion_or_swap_is_found(length in 2_u64..20, at in 0_usize..20, how in 0_u8..5) {
            let whole = chain(length);
            let head = whole.last().unwrap().clone();
            prop_assert!(verify(&whole, &head).is_ok());
            let mut touched = whole.clone();
            let at = at % whole.len();
            match how {
                0 => touched[at].0.reason.push('x'),
                1 => { touched[at].0.actor.push('x'); touched[at].1 = touched[at].0.hash(); }
                2 => { touched.remove(at); }
                3 => { touched.swap(at, (at + 1) % whole.len()); }
                _ => { touched.truncate(at); }
            }
            prop_assert!(touched == whole || verify(&touched, &head).is_err());
        }
    }
}
