//! How an officer wants to be told by mail: at once what is urgent, the rest together, every so often or once a day. A
//! rush is one mail with a count, never thousands.

use super::place::Country;
use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Europe;

/// Two mails at once to the same officer are never nearer to each other than this, however urgent.
pub const APART: TimeDelta = TimeDelta::minutes(5);
/// The shortest and the longest time between two mails that somebody may choose, minutes.
pub const EVERY: std::ops::RangeInclusive<i64> = 5..=1440;

/// When the mails that can wait go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// Never: only what is urgent, if at all.
    Never,
    /// So long after the first thing to tell, and so long after the mail before.
    Every(TimeDelta),
    /// Once a day at a time of the unit's country.
    Daily(NaiveTime),
}

/// What somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What is urgent at once.
    pub urgent: bool,
    /// The rest.
    pub cadence: Cadence,
}

/// The next moment after `since` at which the clocks of a country show a time. Where the clocks skip it, an hour later.
fn next_at(country: Country, time: NaiveTime, since: DateTime<Utc>) -> DateTime<Utc> {
    let zone = match country {
        Country::Be => Europe::Brussels,
        Country::Fr => Europe::Paris,
    };
    let today = since.with_timezone(&zone).date_naive();
    (0..3)
        .filter_map(|ahead| today.checked_add_days(chrono::Days::new(ahead)))
        .filter_map(|day| {
            let local = day.and_time(time);
            let found = zone.from_local_datetime(&local).earliest();
            found.or_else(|| zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest())
        })
        .map(|at| at.with_timezone(&Utc))
        .find(|at| *at > since)
        .unwrap_or(since + TimeDelta::days(1))
}

impl Wish {
    /// When something that happened now is told; never for nobody.
    #[must_use]
    pub fn tells_at(
        &self,
        is_urgent: bool,
        is_timed: bool,
        last: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        country: Country,
    ) -> Option<DateTime<Utc>> {
        let free = last.map_or(now, |last| now.max(last + APART));
        if is_timed || (is_urgent && self.urgent) {
            return Some(free);
        }
        match self.cadence {
            Cadence::Never => None,
            Cadence::Every(span) => Some(last.map_or(now + span, |last| (last + span).max(now + APART))),
            Cadence::Daily(time) => Some(next_at(country, time, now)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_urgent_goes_at_once_but_never_as_a_flood() {
        let wish = Wish { urgent: true, cadence: Cadence::Daily(NaiveTime::from_hms_opt(7, 0, 0).unwrap()) };
        let now = at("2026-11-20T21:00:00Z");
        let tells = |urgent, last| wish.tells_at(urgent, false, last, now, Country::Be);
        assert_eq!(tells(true, None), Some(now));
        assert_eq!(tells(true, Some(now - TimeDelta::minutes(2))), Some(now + TimeDelta::minutes(3)));
        assert_eq!(tells(false, None), Some(at("2026-11-21T06:00:00Z")), "seven o'clock in Brussels in winter");
        assert_eq!(
            wish.tells_at(false, false, None, at("2026-07-01T04:59:00Z"), Country::Fr),
            Some(at("2026-07-01T05:00:00Z"))
        );
    }

    #[test]
    fn the_rest_is_gathered_and_who_wants_nothing_gets_what_a_rule_times_alone() {
        let now = at("2026-11-20T21:00:00Z");
        let hourly = Wish { urgent: false, cadence: Cadence::Every(TimeDelta::hours(1)) };
        assert_eq!(hourly.tells_at(true, false, None, now, Country::Be), Some(now + TimeDelta::hours(1)));
        let long_ago = Some(now - TimeDelta::hours(9));
        assert_eq!(hourly.tells_at(false, false, long_ago, now, Country::Be), Some(now + APART));
        let nothing = Wish { urgent: false, cadence: Cadence::Never };
        assert_eq!(nothing.tells_at(true, false, None, now, Country::Be), None);
        assert_eq!(nothing.tells_at(true, true, None, now, Country::Be), Some(now));
    }

    #[test]
    fn an_hour_that_the_clocks_skip_comes_an_hour_later() {
        let wish = Wish { urgent: false, cadence: Cadence::Daily(NaiveTime::from_hms_opt(2, 30, 0).unwrap()) };
        let eve = at("2027-03-28T00:00:00Z");
        assert_eq!(wish.tells_at(false, false, None, eve, Country::Be), Some(at("2027-03-28T01:30:00Z")));
    }
}
