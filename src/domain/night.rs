//! The hours in which nobody reads what the public sends (appeals-and-law §7): midnight to six on the wall clock of the country,
//! in summer and in winter time. Whose clock that is: `words::Zone`.

use chrono::{NaiveDate, NaiveDateTime, Timelike};

/// Hours of the wall clock.
pub const HOURS: std::ops::Range<u32> = 0..6;

/// The night a moment of the wall clock belongs to, named by its day; none by day. An hour that is shown twice or never
/// changes nothing: the clock on the wall decides.
#[must_use]
pub fn night(local: NaiveDateTime) -> Option<NaiveDate> {
    HOURS.contains(&local.hour()).then(|| local.date())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn the_night_is_from_midnight_to_six() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        for (hour, minute, is_night) in
            [(23, 59, false), (0, 0, true), (2, 30, true), (5, 59, true), (6, 0, false), (12, 0, false)]
        {
            let at = day.and_hms_opt(hour, minute, 0).unwrap();
            assert_eq!(night(at), is_night.then_some(day), "{hour}:{minute}");
        }
    }
}
