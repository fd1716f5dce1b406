//! A change of a campaign that is out: what it may cost, when it ends. Ordered by a later decision, asked of the platform after
//! its intent is stored, done when the platform was seen to have it. Pure: `app::change_campaigns` stores and asks.
//!
//! Less is not asked for but due: a platform that refuses to cost less or end sooner has its campaign taken down, and one
//! that does not answer is asked until it does. More is a wish: refused or unclear, the campaign goes on as it was.

use super::{Answer, Campaign, MAX_LOOKS};
use crate::domain::codes::codes;
use crate::domain::dispatch::retry_delay;
use crate::domain::ids::{ChangeId, DeliveryId};
use chrono::{DateTime, Utc};
use std::time::Duration;

codes! {
    /// Where a change stands.
    ChangeState {
        /// Decided; nothing was asked of the platform, or not all of it yet.
        Waiting = "waiting",
        /// It is or was about to be asked for.
        Intended = "intended",
        /// The platform was seen to have it.
        Made = "made",
        /// Nobody but a person can say.
        Held = "held",
        /// The platform would not have it.
        Refused = "refused",
        /// A later one came, or the campaign ended.
        Replaced = "replaced",
    }
}

impl ChangeState {
    /// It is not settled yet.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Intended | Self::Held)
    }
}

/// What bounds a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most it may spend in its life, euro cents.
    pub cap_cents: i64,
    /// When the platform stops it by itself.
    pub ends_at: DateTime<Utc>,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its id.
    pub id: ChangeId,
    /// Of whose campaign.
    pub delivery: DeliveryId,
    /// What decided it: a plan's digest, a decision, a person's word.
    pub because: String,
    /// What is ordered.
    pub to: Limits,
    /// What the platform may still have.
    pub from: Limits,
    /// Where it stands.
    pub state: ChangeState,
    /// Times it was asked for without being seen.
    pub tries: i32,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// When it was last asked for.
    pub asked_at: Option<DateTime<Utc>>,
    /// When it was settled.
    pub settled_at: Option<DateTime<Utc>>,
    /// The platform's last words about it, beginning with the code of a trouble; empty when it has none.
    pub detail: String,
}

/// What a platform shows beside what was ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// As ordered.
    Reached,
    /// It may spend less, or ends sooner: nothing is wrong but that it is not done yet.
    Short,
    /// It may spend more than it should, or longer.
    Over,
}

/// Compares a campaign with what was ordered of it, as the platform keeps such an order.
#[must_use]
pub fn compared(shown: &Campaign, wanted: Limits) -> Compared {
    if shown.cap_cents > wanted.cap_cents || shown.ends_at > wanted.ends_at {
        Compared::Over
    } else if shown.cap_cents == wanted.cap_cents && shown.ends_at == wanted.ends_at {
        Compared::Reached
    } else {
        Compared::Short
    }
}

/// What follows from asking for a change and looking afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// It is done.
    Made,
    /// The platform will not have more; the campaign goes on as it was.
    Refused,
    /// The platform will not have less: the campaign must go.
    TakeDown,
    /// Asked again at this moment. `is_late`: for so long already that somebody must know.
    Again {
        /// When.
        at: DateTime<Utc>,
        /// Whether somebody must know.
        is_late: bool,
    },
    /// Nobody but a person can say whether there will be more.
    Hold,
}

/// Tries after which a campaign that still may spend too much, or too long, is said; with [`retry_delay`] about ten minutes.
const LATE: i32 = 7;

/// Judges one try, the `tries`th: what the platform answered (none when it was not asked) and what it shows.
#[must_use]
pub fn followed(
    answer: Option<&Answer>,
    shown: Option<Compared>,
    tries: i32,
    now: DateTime<Utc>,
    jitter: u8,
) -> Followed {
    let is_over = shown == Some(Compared::Over);
    let asked: Option<Duration> = if let Some(Answer::NotNow(after)) = answer { *after } else { None };
    match (shown, answer) {
        (Some(Compared::Reached), _) => return Followed::Made,
        (Some(Compared::Over), Some(Answer::No(_))) => return Followed::TakeDown,
        (Some(Compared::Short), Some(Answer::No(_))) => return Followed::Refused,
        _ => {}
    }
    if tries >= MAX_LOOKS && shown == Some(Compared::Short) {
        return Followed::Hold;
    }
    let earlier = u32::try_from(tries - 1).unwrap_or(0);
    // What must become less is asked for often, however long it takes.
    let earlier = if is_over || shown.is_none() { earlier.min(4) } else { earlier };
    Followed::Again { at: now + retry_delay(earlier, asked, jitter), is_late: is_over && tries >= LATE }
}

/// A ceiling divided among campaigns that are out: each keeps what it spent, and what is left is given in proportion to what
/// each could still spend, every cent of it and none twice. What was spent already is more than the ceiling: each keeps just
/// that. `parts`: what each may spend now and what it spent.
#[must_use]
pub fn within(ceiling_cents: i64, parts: &[(i64, i64)]) -> Vec<i64> {
    let spent: i64 = parts.iter().map(|(_, spent)| *spent).sum();
    let open: Vec<u64> =
        parts.iter().map(|(cap, spent)| u64::try_from(cap.saturating_sub(*spent)).unwrap_or(0)).collect();
    let most: i64 = open.iter().map(|open| i64::try_from(*open).unwrap_or(i64::MAX)).sum();
    let left = (ceiling_cents - spent).clamp(0, most.max(0));
    let more = crate::domain::advert::Cents(left).shared(&open);
    parts.iter().zip(more).map(|((_, spent), more)| spent + more.0).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::domain::paid::{CampaignState, Shown};
    use chrono::TimeDelta;
    use proptest::prelude::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::hours(hours)
    }

    fn shown(cap_cents: i64, hours: i64) -> Campaign {
        Campaign {
            id: "c".to_owned(),
            state: CampaignState::Running,
            cap_cents,
            ends_at: at(hours),
            spent_cents: 0,
            shown: Shown::default(),
        }
    }

    #[test]
    fn more_money_or_time_than_ordered_is_over_whatever_the_other_is() {
        let wanted = Limits { cap_cents: 100, ends_at: at(10) };
        let seen = |cap, hours| compared(&shown(cap, hours), wanted);
        assert_eq!([seen(100, 10), seen(99, 10), seen(100, 9)], [Compared::Reached, Compared::Short, Compared::Short]);
        assert_eq!([seen(101, 9), seen(50, 11)], [Compared::Over, Compared::Over]);
    }

    #[test]
    fn less_is_asked_for_until_it_is_seen_and_more_until_a_person_must_say() {
        let no = Answer::No("refused: never".to_owned());
        let said = |answer, seen, tries| followed(answer, Some(seen), tries, at(0), 0);
        assert_eq!(said(Some(&Answer::Unclear), Compared::Reached, 99), Followed::Made, "seen is what counts");
        assert_eq!(said(Some(&no), Compared::Over, 1), Followed::TakeDown);
        assert_eq!(said(Some(&no), Compared::Short, 1), Followed::Refused);
        assert_eq!(said(Some(&Answer::Unclear), Compared::Short, MAX_LOOKS), Followed::Hold);
        let Followed::Again { at: next, is_late } = said(Some(&Answer::Unclear), Compared::Over, 1_000) else {
            unreachable!("what is too much is never given up")
        };
        assert!(is_late && next <= at(0) + TimeDelta::minutes(2));
        let asked = Answer::NotNow(Some(Duration::from_mins(10)));
        assert_eq!(
            said(Some(&asked), Compared::Over, 1),
            Followed::Again { at: at(0) + TimeDelta::minutes(10), is_late: false }
        );
    }

    proptest! {
        #[test]
        fn a_smaller_ceiling_is_divided_to_the_cent(
            parts in prop::collection::vec((0_i64..100_000, 0_i64..100_000), 1..8), ceiling in 0_i64..500_000,
        ) {
            let parts: Vec<(i64, i64)> = parts.into_iter().map(|(a, b)| (a.max(b), a.min(b))).collect();
            let targets = within(ceiling, &parts);
            let sum: i64 = targets.iter().sum();
            let spent: i64 = parts.iter().map(|(_, spent)| *spent).sum();
            let caps: i64 = parts.iter().map(|(cap, _)| *cap).sum();
            prop_assert_eq!(sum, ceiling.max(spent).min(caps));
            for (target, (cap, spent)) in targets.iter().zip(&parts) {
                prop_assert!(target >= spent && target <= cap);
            }
        }
    }
}
