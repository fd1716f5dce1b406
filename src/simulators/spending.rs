//! What a running campaign costs over the simulator's clock: evenly over its time, never above its total. A daily budget
//! is overspent by a quarter, as Meta allows itself, because that is what a sender has to reckon with.

use chrono::{DateTime, Utc};

/// A thousand showings cost 4 euros, a person sees it 1.6 times, and a hundredth clicks: figures a plausible campaign has.
const MICROS_PER_SHOWING: i64 = 4_000;

/// A budget, in millionths of the currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// For the whole life.
    Total(i64),
    /// For an average day.
    Daily(i64),
}

/// The cost of one campaign or ad set.
#[derive(Clone, Debug, Default)]
pub struct Spending {
    /// Millionths spent.
    pub micros: i64,
    counted_until: Option<DateTime<Utc>>,
}

impl Spending {
    /// Counts the time since the last look, as far as it was running between `starts` and `ends`.
    pub fn count(
        &mut self,
        now: DateTime<Utc>,
        runs: bool,
        (starts, ends): (DateTime<Utc>, DateTime<Utc>),
        budget: Budget,
    ) {
        let since = self.counted_until.replace(now).unwrap_or(now).max(starts);
        let until = now.min(ends);
        if !runs || until <= since {
            return;
        }
        let millis = |span: chrono::TimeDelta| i128::from(span.num_milliseconds().max(1));
        let took = millis(until - since);
        let (cost, most) = match budget {
            Budget::Total(total) => (i128::from(total) * took / millis(ends - starts), total),
            Budget::Daily(daily) => (i128::from(daily) * 5 / 4 * took / 86_400_000, i64::MAX),
        };
        self.micros = self.micros.saturating_add(i64::try_from(cost).unwrap_or(i64::MAX)).min(most);
    }

    /// Times shown.
    #[must_use]
    pub const fn impressions(&self) -> i64 {
        self.micros / MICROS_PER_SHOWING
    }

    /// People reached.
    #[must_use]
    pub const fn reach(&self) -> i64 {
        self.impressions() * 5 / 8
    }

    /// Times clicked.
    #[must_use]
    pub const fn clicks(&self) -> i64 {
        self.impressions() / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_total_is_spent_evenly_and_never_exceeded() {
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let life = (start, start + TimeDelta::days(4));
        let mut spending = Spending::default();
        let mut look = |hours, runs| {
            spending.count(start + TimeDelta::hours(hours), runs, life, Budget::Total(40_000_000));
            spending.micros
        };
        assert_eq!(
            [look(0, true), look(24, true), look(48, false), look(72, true)],
            [0, 10_000_000, 10_000_000, 20_000_000]
        );
        assert_eq!(look(1000, true), 30_000_000, "paused time is not made up, and nothing is spent after the end");
    }
}
