//! How many mails a relay is given in a day while receivers do not know it yet: a new sender that writes to a million people
//! on its first day is taken for a spammer by the large mail providers. The first day's number, and how it grows with every
//! day the relay is used on. Pure: the days and their numbers are given.

use chrono::{DateTime, Days, NaiveDate, Utc};

/// How a new relay's daily number grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp {
    /// Mails on the first day, at least 1.
    pub first_day: u32,
    /// A day's number in hundredths of the one before, 101 to 1000: 200 doubles.
    pub percent: u32,
    /// From this number of mails a day on the relay counts as known, and nothing is limited any more.
    pub full: u32,
}

impl Ramp {
    /// How many mails on a day before which the relay was used on so many days; none when it is known.
    #[must_use]
    pub fn most(&self, days_before: u32) -> Option<i64> {
        let full = i64::from(self.full);
        let mut most = i64::from(self.first_day.max(1));
        for _ in 0..days_before {
            if most >= full {
                break;
            }
            // At least one more each day, however small the first one was.
            most = (most.saturating_mul(i64::from(self.percent)) / 100).max(most + 1);
        }
        (most < full).then_some(most)
    }
}

/// The day's name in the register: days begin at midnight UTC, wherever the relay stands.
#[must_use]
pub fn day_of(now: DateTime<Utc>) -> NaiveDate {
    now.date_naive()
}

/// When the day after begins.
#[must_use]
pub fn next_day(now: DateTime<Utc>) -> DateTime<Utc> {
    let tomorrow = now.date_naive().checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
    tomorrow.and_time(chrono::NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn it_doubles_with_each_day_of_use_until_the_relay_is_known() {
        let ramp = Ramp { first_day: 1000, percent: 200, full: 50_000 };
        let days: Vec<_> = (0..8).map(|day| ramp.most(day)).collect();
        let wanted = [1000, 2000, 4000, 8000, 16_000, 32_000].map(Some);
        assert_eq!(days, [wanted.as_slice(), &[None, None]].concat());
        assert_eq!(ramp.most(u32::MAX), None);
    }

    #[test]
    fn it_grows_every_day_however_it_is_set() {
        let ramp = Ramp { first_day: 1, percent: 101, full: 1000 };
        let days: Vec<_> = (0..20).filter_map(|day| ramp.most(day)).collect();
        assert!(days.is_sorted_by(|day, next| day < next), "{days:?}");
    }

    #[test]
    fn the_next_day_begins_at_midnight_utc() {
        let now: DateTime<Utc> = "2026-12-31T23:59:59Z".parse().unwrap();
        assert_eq!(next_day(now), "2027-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(day_of(now).to_string(), "2026-12-31");
    }
}
