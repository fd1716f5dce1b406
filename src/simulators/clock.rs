//! The simulators' time: it runs, or stands still, and can be moved forward, so that a campaign of a week is a test of a
//! second.

use chrono::{DateTime, TimeDelta, Utc};

/// A clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    stands_at: Option<DateTime<Utc>>,
    ahead: TimeDelta,
}

impl Clock {
    /// The machine's time.
    #[must_use]
    pub const fn running() -> Self {
        Self { stands_at: None, ahead: TimeDelta::zero() }
    }

    /// Always the same moment until it is moved.
    #[must_use]
    pub const fn standing(at: DateTime<Utc>) -> Self {
        Self { stands_at: Some(at), ahead: TimeDelta::zero() }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.stands_at.unwrap_or_else(Utc::now) + self.ahead
    }

    /// Moves it forward.
    pub fn advance(&mut self, by: TimeDelta) {
        self.ahead += by.max(TimeDelta::zero());
    }
}
