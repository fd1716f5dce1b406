//! Days and times in words, on the wall clock of Brussels or Paris. Month and weekday names come from the catalogue.

use chrono::{DateTime, Datelike, NaiveDateTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use super::{Family, Value, Words};
use crate::domain::place::Country;

/// Whose wall clock the reader looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// Europe/Brussels.
    Brussels,
    /// Europe/Paris.
    Paris,
}

impl From<Country> for Zone {
    fn from(country: Country) -> Self {
        match country {
            Country::Be => Self::Brussels,
            Country::Fr => Self::Paris,
        }
    }
}

impl Zone {
    const fn tz(self) -> Tz {
        match self {
            Self::Brussels => chrono_tz::Europe::Brussels,
            Self::Paris => chrono_tz::Europe::Paris,
        }
    }

    /// What the clock on the wall shows at a moment.
    #[must_use]
    pub fn wall_clock(self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.tz()).naive_local()
    }

    /// The moment at which the wall clock shows this; the earlier one when it does so twice, none when it never does.
    #[must_use]
    pub fn moment_of(self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        self.tz().from_local_datetime(&local).earliest().map(|at| at.with_timezone(&Utc))
    }

    /// Whether the wall clock shows this twice, as in the night summer time ends.
    #[must_use]
    pub fn shows_twice(self, local: NaiveDateTime) -> bool {
        matches!(self.tz().from_local_datetime(&local), chrono::LocalResult::Ambiguous(..))
    }
}

impl Words {
    /// The day, e.g. "samedi 21 novembre 2026".
    #[must_use]
    pub fn day(&self, at: DateTime<Utc>, zone: Zone) -> String {
        self.local_day(at.with_timezone(&zone.tz()))
    }

    /// The day and the time, e.g. "samedi 21 novembre 2026 à 05:13".
    #[must_use]
    pub fn moment(&self, at: DateTime<Utc>, zone: Zone) -> String {
        let local = at.with_timezone(&zone.tz());
        let (day, hour, minute) =
            (self.local_day(local), format!("{:02}", local.hour()), format!("{:02}", local.minute()));
        self.say_with("date-moment", &[("day", day.as_str()), ("hour", hour.as_str()), ("minute", minute.as_str())])
            .into_owned()
    }

    fn local_day(&self, local: DateTime<Tz>) -> String {
        let weekday = self.label(Family::Weekday, &local.weekday().number_from_monday().to_string());
        let month = self.label(Family::Month, &local.month().to_string());
        let year = i64::from(local.year());
        self.say_with(
            "date-day",
            &[
                ("weekday", Value::from(weekday.as_str())),
                ("day", Value::from(local.day())),
                ("month", Value::from(month.as_str())),
                ("year", Value::from(year)),
            ],
        )
        .into_owned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::words::Locale;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn each_language_writes_the_moment_its_own_way() {
        let said = |locale| Words::of(locale).moment(at("2026-11-21T04:13:00Z"), Zone::Brussels);
        assert_eq!(said(Locale::Fr), "samedi 21 novembre 2026 à 05:13");
        assert_eq!(said(Locale::Nl), "zaterdag 21 november 2026 om 05.13 uur");
        assert_eq!(said(Locale::De), "Samstag, 21. November 2026, um 05:13 Uhr");
        assert_eq!(said(Locale::En), "Saturday 21 November 2026 at 05:13");
    }

    #[test]
    fn summer_time_moves_the_day_and_the_first_is_ordinal_in_french() {
        let words = Words::of(Locale::Fr);
        assert_eq!(words.day(at("2026-07-31T22:30:00Z"), Zone::Paris), "samedi 1er août 2026");
        assert_eq!(words.day(at("2026-12-31T23:30:00Z"), Zone::Brussels), "vendredi 1er janvier 2027");
        assert_eq!(Words::of(Locale::Nl).day(at("2026-07-31T22:30:00Z"), Zone::Brussels), "zaterdag 1 augustus 2026");
    }
}
