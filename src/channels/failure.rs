//! How an outside effect failed, in terms of what the outbox does next.

use std::time::Duration;

/// A failed effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing happened; try later, not before `after` when the other side named a time.
    #[error("for now: {reason}")]
    Retry {
        /// What the other side asked for.
        after: Option<Duration>,
        /// Its words.
        reason: String,
    },
    /// Nothing happened, and it concerns nobody in particular: the account itself does not answer or refuses us.
    #[error("down: {reason}")]
    Down {
        /// What the other side asked for.
        after: Option<Duration>,
        /// What was seen or said.
        reason: String,
    },
    /// Nothing was tried, because its turn did not come; costs no try and says nothing about the account.
    #[error("waits: {reason}")]
    Waits {
        /// How long at least.
        after: Duration,
        /// For what.
        reason: String,
    },
    /// Part of it happened, and the next part certainly did not: to be looked up and gone on with, not before `after` when
    /// the other side named a time.
    #[error("begun: {reason}")]
    Begun {
        /// What the other side asked for.
        after: Option<Duration>,
        /// Its words.
        reason: String,
    },
    /// It may have happened.
    #[error("unknown: {reason}")]
    Unknown {
        /// What was seen last.
        reason: String,
    },
    /// It will never happen.
    #[error("refused: {reason}")]
    Refused {
        /// The other side's words.
        reason: String,
    },
    /// It will never happen, and nothing of it is left: it was looked for, and what there was of it was taken away by us.
    #[error("undone: {reason}")]
    Undone {
        /// The other side's words, or what was not as ordered.
        reason: String,
    },
}

impl Failure {
    /// What was seen or said.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Retry { reason, .. }
            | Self::Down { reason, .. }
            | Self::Waits { reason, .. }
            | Self::Begun { reason, .. }
            | Self::Unknown { reason }
            | Self::Refused { reason }
            | Self::Undone { reason } => reason,
        }
    }
}
