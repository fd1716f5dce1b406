//! When something was seen: read from what people write in a form ("hier vers 18h30", "maandag 9u", "21/11 om 17 uur"), or from
//! a day and a time they typed beside how exactly they know it.

use super::codes::codes;
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

codes! {
    /// How exactly it is known.
    Precision {
        /// To the minute.
        Minute = "minute",
        /// To the hour.
        Hour = "hour",
        /// To a part of the day.
        PartOfDay = "part_of_day",
        /// To the day.
        Day = "day",
    }
}

codes! {
    /// How sure somebody says they are.
    Certainty {
        /// Looked at the clock.
        Exact = "exact",
        /// Half an hour more or less.
        About = "about",
        /// Morning, afternoon, evening, night.
        PartOfDay = "part_of_day",
        /// The day and nothing nearer.
        Day = "day",
        /// Not any more.
        Unknown = "unknown",
    }
}

codes! {
    /// A part of a day.
    DayPart {
        /// Midnight to six.
        Night = "night",
        /// Six to noon.
        Morning = "morning",
        /// Noon to six.
        Afternoon = "afternoon",
        /// Six to midnight.
        Evening = "evening",
    }
}

impl DayPart {
    const fn middle(self) -> u32 {
        match self {
            Self::Night => 3,
            Self::Morning => 9,
            Self::Afternoon => 15,
            Self::Evening => 21,
        }
    }

    const fn beginning(self) -> u32 {
        self.middle() - 3
    }
}

/// A day and a time as typed into fields of their own; empty where nothing was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Typed<'a> {
    /// The day.
    pub date: &'a str,
    /// The time.
    pub time: &'a str,
    /// A code of [`DayPart`].
    pub part: &'a str,
    /// A code of [`Certainty`].
    pub certainty: &'a str,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypedFault {
    /// No day, or none that exists.
    Date,
    /// No time where one is needed, or none that exists.
    Time,
    /// No part of the day where one is needed.
    Part,
    /// One of the choices that is none.
    Certainty,
    /// It has not come yet.
    Future,
}

impl Typed<'_> {
    /// The moment on the sender's wall clock, where `now` is on the same clock; nothing when nothing was typed or nothing is
    /// known.
    pub fn read(&self, now: NaiveDateTime) -> Result<Option<(NaiveDateTime, Precision)>, TypedFault> {
        let [day, time, part, certainty] = [self.date, self.time, self.part, self.certainty].map(str::trim);
        let certainty = match certainty {
            "" if !time.is_empty() => Certainty::About,
            "" if !part.is_empty() => Certainty::PartOfDay,
            "" if !day.is_empty() => Certainty::Day,
            "" => return Ok(None),
            code => Certainty::parse(code).ok_or(TypedFault::Certainty)?,
        };
        if certainty == Certainty::Unknown {
            return Ok(None);
        }
        let day = date(day, now.date()).ok_or(TypedFault::Date)?;
        let at = |hour: u32| day.and_hms_opt(hour, 0, 0).ok_or(TypedFault::Time);
        let (begins, at, precision) = match certainty {
            Certainty::Exact | Certainty::About => {
                let folded = time.to_lowercase().replace('.', ":");
                let (time, _) = clock(&folded).ok_or(TypedFault::Time)?;
                let precision = if certainty == Certainty::Exact { Precision::Minute } else { Precision::Hour };
                (day.and_time(time), day.and_time(time), precision)
            }
            Certainty::PartOfDay => {
                let part = DayPart::parse(part).ok_or(TypedFault::Part)?;
                (at(part.beginning())?, at(part.middle())?, Precision::PartOfDay)
            }
            Certainty::Day | Certainty::Unknown => (at(0)?, at(12)?, Precision::Day),
        };
        if begins > now { Err(TypedFault::Future) } else { Ok(Some((at, precision))) }
    }
}

const WEEKDAYS: [[&str; 3]; 7] = [
    ["lundi", "maandag", "montag"],
    ["mardi", "dinsdag", "dienstag"],
    ["mercredi", "woensdag", "mittwoch"],
    ["jeudi", "donderdag", "donnerstag"],
    ["vendredi", "vrijdag", "freitag"],
    ["samedi", "zaterdag", "samstag"],
    ["dimanche", "zondag", "sonntag"],
];

/// A clock time in one word: `18h30`, `18u`, `9:05`.
fn clock(word: &str) -> Option<(NaiveTime, Precision)> {
    let (hours, minutes) = word.split_once(['h', 'u', ':'])?;
    let hours: u32 = hours.parse().ok()?;
    if minutes.is_empty() {
        return Some((NaiveTime::from_hms_opt(hours, 0, 0)?, Precision::Hour));
    }
    let minutes: u32 = (minutes.len() == 2).then(|| minutes.parse().ok()).flatten()?;
    Some((NaiveTime::from_hms_opt(hours, minutes, 0)?, Precision::Minute))
}

/// A date in figures: `21/11`, `21-11-2026`, `2026-11-21`. Without a year, the last such day.
fn date(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    let parts: Option<Vec<u32>> = word.split(['/', '-', '.']).map(|part| part.parse().ok()).collect();
    let day = |year: u32, month, day| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
    match parts?.as_slice() {
        [y, m, d] if *y > 1900 => day(*y, *m, *d),
        [d, m, y] if *y > 1900 => day(*y, *m, *d),
        [d, m, y] if *y < 100 => day(*y + 2000, *m, *d),
        [d, m] => {
            let this = NaiveDate::from_ymd_opt(today.year(), *m, *d)?;
            if this > today { NaiveDate::from_ymd_opt(today.year() - 1, *m, *d) } else { Some(this) }
        }
        _ => None,
    }
}

/// The moment a text names, on the sender's wall clock, where `now` is on the same clock; nothing when it names none. A
/// time without a day is the last such time.
#[must_use]
pub fn read(text: &str, now: NaiveDateTime) -> Option<(NaiveDateTime, Precision)> {
    let folded = super::likeness::fold(text);
    let words: Vec<&str> = folded.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')')).collect();
    let (mut day, mut time) = (None, None);
    for (at, word) in words.iter().enumerate() {
        let word = word.trim_end_matches('.');
        let next = words.get(at + 1).copied().unwrap_or_default();
        let ago = match word {
            "aujourd'hui" | "aujourd’hui" | "vandaag" | "heute" | "today" => Some(0),
            "hier" | "gisteren" | "gestern" | "yesterday" | "gisterenavond" => Some(1),
            "avant-hier" | "eergisteren" | "vorgestern" => Some(2),
            _ => None,
        };
        let weekday = WEEKDAYS.iter().position(|names| names.contains(&word));
        if let Some(ago) = ago {
            day = now.date().checked_sub_days(Days::new(ago));
        } else if let Some(weekday) = weekday.and_then(|n| Weekday::try_from(u8::try_from(n).ok()?).ok()) {
            let back = now.date().weekday().days_since(weekday);
            day = now.date().checked_sub_days(Days::new(u64::from(back)));
        } else if let Some(found) = clock(word) {
            time = Some(found);
        } else if let (Ok(hours), true) = (word.parse(), matches!(next, "heures" | "heure" | "uur" | "uhr" | "h" | "u"))
        {
            time = NaiveTime::from_hms_opt(hours, 0, 0).map(|time| (time, Precision::Hour)).or(time);
        } else if let Some(found) = date(word, now.date()) {
            day = Some(found);
        }
    }
    match (day, time) {
        (None, None) => None,
        (Some(day), None) => Some((day.and_hms_opt(12, 0, 0)?, Precision::Day)),
        (Some(day), Some((time, precision))) => Some((day.and_time(time), precision)),
        (None, Some((time, precision))) => {
            let today = now.date().and_time(time);
            let last = if today > now { today.checked_sub_days(Days::new(1))? } else { today };
            Some((last, precision))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn what_people_write_is_understood() {
        let now = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap().and_hms_opt(20, 0, 0).unwrap();
        for (text, expected) in [
            ("hier vers 18h30", "2026-11-20 18:30 minute"),
            ("om 17 uur", "2026-11-21 17:00 hour"),
            ("21/11 à 9:05", "2026-11-21 09:05 minute"),
            ("maandag 9u", "2026-11-16 09:00 hour"),
            ("22h", "2026-11-20 22:00 hour"),
            ("2026-11-19", "2026-11-19 12:00 day"),
            ("le 24/12, vers 8 heures", "2025-12-24 08:00 hour"),
            ("gestern", "2026-11-20 12:00 day"),
        ] {
            let (at, precision) = read(text, now).unwrap();
            assert_eq!(format!("{} {precision}", at.format("%Y-%m-%d %H:%M")), expected, "{text}");
        }
        for text in ["", "je ne sais plus", "99h99", "32/13", "25 uur"] {
            assert_eq!(read(text, now), None, "{text}");
        }
    }

    #[test]
    fn what_is_typed_is_read_with_the_certainty_it_has() {
        let now = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap().and_hms_opt(20, 0, 0).unwrap();
        let typed = |date, time, part, certainty| {
            let read = Typed { date, time, part, certainty }.read(now)?;
            Ok(read.map(|(at, precision)| format!("{} {precision}", at.format("%Y-%m-%d %H:%M"))))
        };
        for (date, time, part, certainty, expected) in [
            ("2026-11-21", "18:30", "", "exact", Ok(Some("2026-11-21 18:30 minute"))),
            ("2026-11-21", "18:30", "", "about", Ok(Some("2026-11-21 18:30 hour"))),
            ("21/11/2026", "18h30", "", "", Ok(Some("2026-11-21 18:30 hour"))),
            ("2026-11-20", "9.05", "", "exact", Ok(Some("2026-11-20 09:05 minute"))),
            ("2026-11-20", "", "evening", "", Ok(Some("2026-11-20 21:00 part_of_day"))),
            ("2026-11-21", "", "evening", "part_of_day", Ok(Some("2026-11-21 21:00 part_of_day"))),
            ("2026-11-20", "", "", "day", Ok(Some("2026-11-20 12:00 day"))),
            ("2026-11-21", "", "", "", Ok(Some("2026-11-21 12:00 day"))),
            ("2026-11-20", "10:00", "", "unknown", Ok(None)),
            ("", "", "", "", Ok(None)),
            ("", "", "", "unknown", Ok(None)),
            ("", "18:30", "", "", Err(TypedFault::Date)),
            ("2026-02-30", "", "", "day", Err(TypedFault::Date)),
            ("2026-11-20", "", "", "exact", Err(TypedFault::Time)),
            ("2026-11-20", "25:00", "", "about", Err(TypedFault::Time)),
            ("2026-11-20", "", "", "part_of_day", Err(TypedFault::Part)),
            ("2026-11-20", "", "", "maybe", Err(TypedFault::Certainty)),
            ("2026-11-22", "", "", "day", Err(TypedFault::Future)),
            ("2026-11-21", "20:01", "", "exact", Err(TypedFault::Future)),
        ] {
            assert_eq!(
                typed(date, time, part, certainty),
                expected.map(|text| text.map(str::to_owned)),
                "{date} {time}"
            );
        }
    }
}
