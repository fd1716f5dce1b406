//! How far a dispatch is: counts by channel, language and province, and when it will be over if it goes on like this.

use super::AppError;
use crate::db::dispatches::{self, Dispatch, Tally};
use crate::db::{Conn, appeals};
use crate::domain::dispatch::DeliveryState;
use chrono::{DateTime, TimeDelta, Utc};

/// How far a dispatch is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Which.
    pub dispatch: Dispatch,
    /// Counts by purpose, channel, language, state and province.
    pub tallies: Vec<Tally>,
    /// When it may be over, from what was sent since it began. None while nothing was sent, and when nothing is left.
    pub estimated_end: Option<DateTime<Utc>>,
}

impl Progress {
    /// Nothing of it moves any more, and nobody is asked about it.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.tallies.iter().all(|tally| !is_open(tally) && tally.state != DeliveryState::Held.code())
    }

    /// How many deliveries wait for a person.
    #[must_use]
    pub fn held(&self) -> i64 {
        self.tallies.iter().filter(|tally| tally.state == DeliveryState::Held.code()).map(|t| t.deliveries).sum()
    }
}

fn is_open(tally: &Tally) -> bool {
    [DeliveryState::Pending, DeliveryState::Leased, DeliveryState::EffectUnknown]
        .iter()
        .any(|state| state.code() == tally.state)
}

/// Works it out; the caller has asked whether anybody may know.
pub fn progress(conn: &mut Conn, dispatch: Dispatch, now: DateTime<Utc>) -> Result<Progress, AppError> {
    let tallies = dispatches::tally(conn, &dispatch.id)?;
    let schedule = appeals::any(conn, &dispatch.appeal)?.draft.schedule;
    let began = schedule.map_or(dispatch.created_at, |at| at.max(dispatch.created_at));
    let sent: i64 = tallies.iter().map(|t| t.sent).sum();
    let left: i64 = tallies.iter().filter(|t| is_open(t)).map(|t| (t.expected - t.sent - t.failed).max(0)).sum();
    let estimated_end = end(now, now - began, sent, left);
    Ok(Progress { dispatch, tallies, estimated_end })
}

fn end(now: DateTime<Utc>, passed: TimeDelta, sent: i64, left: i64) -> Option<DateTime<Utc>> {
    if sent <= 0 || left <= 0 || passed <= TimeDelta::zero() {
        return None;
    }
    let needed = i128::from(passed.num_milliseconds()) * i128::from(left) / i128::from(sent);
    now.checked_add_signed(TimeDelta::try_milliseconds(i64::try_from(needed).ok()?)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn the_end_is_estimated_from_what_was_sent_and_never_made_up() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(end(now, TimeDelta::seconds(10), 100, 50), Some(now + TimeDelta::seconds(5)));
        assert_eq!(end(now, TimeDelta::seconds(10), 0, 50), None);
        assert_eq!(end(now, TimeDelta::seconds(10), 100, 0), None);
        assert_eq!(end(now, TimeDelta::seconds(-10), 100, 50), None, "scheduled for later");
        assert_eq!(end(now, TimeDelta::days(30), 1, i64::MAX), None, "further away than time goes");
    }
}
