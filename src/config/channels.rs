//! Accounts on outside platforms.

use serde::Deserialize;

/// Accounts on outside platforms.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Channels {
    /// People who may hold one account's credential. A shift of two with their stand-ins are four; more means that nobody
    /// knows who has it.
    pub holders: u32,
}

impl Default for Channels {
    fn default() -> Self {
        Self { holders: 4 }
    }
}
