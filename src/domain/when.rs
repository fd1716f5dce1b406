//! When something was seen, read from what people write in a form: "hier vers 18h30", "maandag 9u", "21/11 om 17 uur".

use super::codes::codes;
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

codes! {
    /// How exactly it is known.
    Precision {
        /// To the minute.
        Minute = "minute",
        /// To the hour.
        Hour = "hour",
        /// To the day.
        Day = "day",
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
}
