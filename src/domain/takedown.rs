//! The way back as work: how long it may take on each channel, when to look again, when to give up with a name.

use super::codes::codes;
use super::scope::ChannelKind;
use chrono::{DateTime, TimeDelta, Utc};

codes! {
    /// Where a takedown stands.
    TakedownState {
        /// Done on our side; not yet seen to be gone from outside.
        Open = "open",
        /// Waits for mails that are on their way.
        Waiting = "waiting",
        /// Seen to be gone, or as gone as the channel allows.
        Proven = "proven",
        /// Given up after days; a person must look.
        Failed = "failed",
    }
}

/// How long a takedown may take on a channel before it is late: our own pages a minute, mail to everyone reached and
/// campaigns a quarter of an hour.
#[must_use]
pub const fn target(channel: ChannelKind) -> TimeDelta {
    match channel {
        ChannelKind::Email | ChannelKind::MetaAds | ChannelKind::GoogleAds | ChannelKind::XAds => {
            TimeDelta::minutes(15)
        }
        _ => TimeDelta::minutes(1),
    }
}

/// Looks go on for so long: a proxy or cache outside our hands may need a weekend and a person.
const LOOKED_FOR: TimeDelta = TimeDelta::days(7);

/// When to look again after look number `looks` + 1 proved nothing: 2 s doubling to an hour, stretched by up to a half by
/// `jitter` (0 to 255). None: given up, seven days after the decision.
#[must_use]
pub fn next_look(looks: u32, decided_at: DateTime<Utc>, now: DateTime<Utc>, jitter: u8) -> Option<DateTime<Utc>> {
    if now - decided_at >= LOOKED_FOR {
        return None;
    }
    let base = 2000_i64.saturating_mul(1 << looks.min(12)).min(3_600_000);
    Some(now + TimeDelta::milliseconds(base + base * i64::from(jitter) / 510))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn looks_go_on_for_a_week_and_become_rare() {
        let decided = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let (mut now, mut looks) = (decided, 0);
        while let Some(next) = next_look(looks, decided, now, 0) {
            assert!(next > now && next - now <= TimeDelta::hours(1));
            (now, looks) = (next, looks + 1);
        }
        assert!((170..190).contains(&looks), "{looks} looks in a week");
        assert!(now - decided >= LOOKED_FOR);
        assert_eq!(next_look(0, decided, decided, 255), Some(decided + TimeDelta::seconds(3)));
    }
}
