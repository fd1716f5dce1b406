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
}
