//! How much one outside account (a mail relay, later a platform account) may be asked: a rate budget and a circuit breaker,
//! as values that the database keeps so that every worker obeys the same ones (security-and-ops §10.9).

use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// Failures of the account in a row after which it is left alone.
pub const TRIP: i32 = 5;
/// First pause of a tripped account; it doubles with every failed probe.
const FIRST_PAUSE: i64 = 2;
/// Longest pause, seconds: a relay that came back is noticed within this, and a child alert waits no longer.
const LONGEST_PAUSE: i64 = 60;
/// While one worker tries whether the account is back, the others wait so long, seconds: longer than a patient attempt.
const PROBE: i64 = 30;
/// Sends are counted in thousandths, so that a slow budget refills between two looks.
const WHOLE: i64 = 1000;

/// What an account is allowed: so many sends a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Sends a minute; 0: no limit.
    pub per_minute: u32,
}

/// Where an account stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Sends left now, in thousandths; never more than a tenth of a minute's budget, and at least one send.
    pub tokens: i64,
    /// When `tokens` was worked out.
    pub refilled_at: DateTime<Utc>,
    /// Failures of the account itself in a row.
    pub failures: i32,
    /// Nothing goes before this moment.
    pub closed_until: Option<DateTime<Utc>>,
}

/// Whether something may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// So many, at least one; they are counted as sent.
    Go(u32),
    /// None before this moment.
    NotBefore(DateTime<Utc>),
}

impl Budget {
    fn burst(self) -> i64 {
        (i64::from(self.per_minute) * WHOLE / 10).max(WHOLE)
    }
}

impl Flow {
    /// An account nothing is known about: healthy, with a full budget.
    #[must_use]
    pub fn fresh(budget: Budget, now: DateTime<Utc>) -> Self {
        Self { tokens: budget.burst(), refilled_at: now, failures: 0, closed_until: None }
    }

    /// Whether the account was left alone because it failed.
    #[must_use]
    pub const fn is_tripped(&self) -> bool {
        self.failures >= TRIP
    }

    /// When something may go again; none: now.
    #[must_use]
    pub fn waits_until(&self, budget: Budget, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if let Some(until) = self.closed_until.filter(|until| *until > now) {
            return Some(until);
        }
        if budget.per_minute == 0 {
            return None;
        }
        let missing = WHOLE - self.refilled(budget, now);
        (missing > 0).then(|| now + TimeDelta::milliseconds(missing * 60 / i64::from(budget.per_minute) + 1))
    }

    fn refilled(&self, budget: Budget, now: DateTime<Utc>) -> i64 {
        let passed = (now - self.refilled_at).num_milliseconds().clamp(0, 60_000);
        (self.tokens + passed * i64::from(budget.per_minute) / 60).min(budget.burst())
    }

    /// Takes up to `wanted` sends out of the budget. A tripped account whose pause is over gets one: the probe.
    pub fn admit(&mut self, wanted: u32, budget: Budget, now: DateTime<Utc>) -> Admission {
        if let Some(at) = self.waits_until(budget, now) {
            return Admission::NotBefore(at);
        }
        let mut granted = wanted.max(1);
        if self.is_tripped() {
            granted = 1;
            self.closed_until = Some(now + TimeDelta::seconds(PROBE));
        }
        if budget.per_minute > 0 {
            let left = self.refilled(budget, now);
            granted = granted.min(u32::try_from(left / WHOLE).unwrap_or(u32::MAX)).max(1);
            self.tokens = left - i64::from(granted) * WHOLE;
            self.refilled_at = now;
        }
        Admission::Go(granted)
    }

    /// Takes a call that follows another one of the same conversation at once: it is made now, in debt if need be, and later
    /// conversations wait for it. Were it refused, whoever comes back would spend what was saved up on the call before it
    /// again, and never get further.
    pub fn follow(&mut self, budget: Budget, now: DateTime<Utc>) -> Admission {
        if let Some(until) = self.closed_until.filter(|until| *until > now) {
            return Admission::NotBefore(until);
        }
        if budget.per_minute > 0 {
            self.tokens = self.refilled(budget, now) - WHOLE;
            self.refilled_at = now;
        }
        Admission::Go(1)
    }

    /// The account answered. A time it asked for itself stays.
    pub const fn succeeded(&mut self) {
        if self.is_tripped() {
            self.closed_until = None;
        }
        self.failures = 0;
    }

    /// The account itself failed so many times; `asked` is what it named (Retry-After), obeyed to the second and never
    /// undercut. `jitter` (0 to 255) stretches our own pause by up to a half.
    pub fn failed(&mut self, times: u32, asked: Option<Duration>, jitter: u8, now: DateTime<Utc>) {
        self.failures = self.failures.saturating_add(i32::try_from(times).unwrap_or(i32::MAX));
        let asked = asked.and_then(|asked| TimeDelta::from_std(asked).ok()).map(|asked| now + asked);
        let own = self.is_tripped().then(|| {
            let doubled = (self.failures - TRIP).clamp(0, 5);
            let pause = (FIRST_PAUSE << doubled).min(LONGEST_PAUSE) * 1000;
            now + TimeDelta::milliseconds(pause + pause * i64::from(jitter) / 510)
        });
        // An old probe's window ends with the probe.
        let before = self.closed_until.filter(|_| !self.is_tripped());
        self.closed_until = asked.into_iter().chain(own).chain(before).max();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]
    use super::*;
    use proptest::prelude::*;

    const FREE: Budget = Budget { per_minute: 0 };

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn a_healthy_account_without_a_budget_is_never_in_the_way() {
        let mut flow = Flow::fresh(FREE, start());
        assert_eq!(flow.admit(8, FREE, start()), Admission::Go(8));
        flow.failed(TRIP.unsigned_abs() - 1, None, 0, start());
        assert_eq!(flow.admit(8, FREE, start()), Admission::Go(8), "not yet");
    }

    #[test]
    fn a_conversation_that_was_begun_is_finished_in_debt_and_the_next_one_waits_for_it() {
        let budget = Budget { per_minute: 60 };
        let mut flow = Flow { tokens: WHOLE, ..Flow::fresh(budget, start()) };
        assert_eq!(flow.admit(1, budget, start()), Admission::Go(1));
        assert_eq!(flow.follow(budget, start()), Admission::Go(1), "what follows is made at once");
        assert_eq!(flow.follow(budget, start()), Admission::Go(1));
        let Admission::NotBefore(at) = flow.admit(1, budget, start()) else { panic!("in debt") };
        assert_eq!((at - start()).num_seconds(), 3, "two calls owed, one to come");
        flow.failed(1, Some(Duration::from_secs(9)), 0, start());
        assert_eq!(flow.follow(budget, start()), Admission::NotBefore(start() + TimeDelta::seconds(9)));
    }

    #[test]
    fn a_tripped_account_gets_one_probe_a_pause_and_everything_after_a_success() {
        let mut flow = Flow::fresh(FREE, start());
        flow.failed(TRIP.unsigned_abs(), None, 0, start());
        let open = start() + TimeDelta::seconds(FIRST_PAUSE);
        assert_eq!(flow.admit(8, FREE, start()), Admission::NotBefore(open));
        assert_eq!(flow.admit(8, FREE, open), Admission::Go(1));
        assert!(matches!(flow.admit(8, FREE, open), Admission::NotBefore(_)), "one probe at a time");
        let mut failed = flow.clone();
        failed.failed(1, None, 0, open);
        assert_eq!(failed.closed_until, Some(open + TimeDelta::seconds(2 * FIRST_PAUSE)));
        flow.succeeded();
        assert_eq!(flow.admit(8, FREE, open), Admission::Go(8));
    }

    #[test]
    fn a_time_the_other_side_names_is_obeyed_to_the_second() {
        let mut flow = Flow::fresh(FREE, start());
        flow.failed(1, Some(Duration::from_secs(97)), 255, start());
        let at = start() + TimeDelta::seconds(97);
        assert_eq!(flow.admit(1, FREE, at - TimeDelta::milliseconds(1)), Admission::NotBefore(at));
        flow.succeeded();
        assert_eq!(flow.admit(1, FREE, start()), Admission::NotBefore(at), "also when something in flight got through");
        assert_eq!(flow.admit(1, FREE, at), Admission::Go(1));
    }

    proptest! {
        #[test]
        fn never_more_than_the_budget_in_any_stretch_of_time(
            per_minute in 1_u32..5000, asks in proptest::collection::vec((1_u32..300, 0_i64..20_000), 1..200)
        ) {
            let budget = Budget { per_minute };
            let (mut now, mut flow, mut sent) = (start(), Flow::fresh(budget, start()), 0_i64);
            for (wanted, passed) in asks {
                now += TimeDelta::milliseconds(passed);
                if let Admission::Go(granted) = flow.admit(wanted, budget, now) {
                    prop_assert!(granted <= wanted);
                    sent += i64::from(granted);
                }
                let minutes_by_1000 = (now - start()).num_milliseconds() * i64::from(per_minute) / 60;
                prop_assert!(sent * WHOLE <= minutes_by_1000 + budget.burst(), "{sent} sent");
            }
        }

        #[test]
        fn whoever_waits_until_the_moment_named_gets_through(per_minute in 1_u32..5000, failures in 0_u32..40, jitter: u8) {
            let budget = Budget { per_minute };
            let mut flow = Flow::fresh(budget, start());
            while let Admission::Go(_) = flow.admit(50, budget, start()) {}
            if failures > 0 {
                flow.failed(failures, None, jitter, start());
            }
            let Admission::NotBefore(at) = flow.admit(1, budget, start()) else { panic!("had nothing left") };
            prop_assert!(at - start() <= TimeDelta::seconds(LONGEST_PAUSE * 3 / 2 + 61));
            let after = flow.waits_until(budget, at).unwrap_or(at);
            prop_assert_eq!(flow.admit(1, budget, after), Admission::Go(1));
        }
    }
}
