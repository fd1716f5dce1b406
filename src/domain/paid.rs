//! One paid campaign, from the money set aside to its end: which call to the platform comes next and what an answer means
//! (security-and-ops §10.3 to 10.6). Pure: `app::advertise` stores a course and its calls' intents, `worker` makes them.
//!
//! The promise: **never two campaigns for one delivery, never one without its money set aside before.** It rests on three
//! things: a key that never changes and is in the campaign's name; the intent to create stored before the call; and an
//! unclear answer followed by look-ups, not by another create, until the platform's settling time has passed.

use super::canonical;
use super::codes::codes;
use super::dispatch::retry_delay;
use super::ids::DeliveryId;
use super::language::Language;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::time::Duration;

mod change;
pub use change::{Change, ChangeState, Compared, Followed, Limits, compared, followed, within};

codes! {
    /// How far a campaign is.
    Phase {
        /// Its money is set aside; nothing was asked of the platform.
        Reserved = "reserved",
        /// It is or was about to be created: it may exist.
        Intended = "intended",
        /// It exists and is not known to run.
        Made = "made",
        /// It runs, or will when the platform has looked at it.
        Running = "running",
        /// It spends nothing any more, or never existed.
        Ended = "ended",
        /// The platform would not have it.
        Refused = "refused",
    }
}

codes! {
    /// What a platform shows of a campaign.
    CampaignState {
        /// Made, not switched on.
        Paused = "paused",
        /// Switched on; the platform looks at it before it runs.
        Review = "review",
        /// Runs and spends.
        Running = "running",
        /// Spends nothing any more: over, switched off for good, deleted or archived.
        Ended = "ended",
        /// The platform will not show it.
        Rejected = "rejected",
    }
}

/// What a platform knows about a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// The platform's id.
    pub id: String,
    /// How it stands.
    pub state: CampaignState,
    /// The most it may spend in its life, euro cents, rounded up.
    pub cap_cents: i64,
    /// When the platform stops it by itself.
    pub ends_at: DateTime<Utc>,
    /// What it has spent so far, euro cents, rounded up.
    pub spent_cents: i64,
    /// Whom it was shown to so far.
    pub shown: Shown,
}

/// Whom a campaign was shown to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Different people, where the platform counts them.
    pub reach: Option<i64>,
    /// Times shown.
    pub impressions: i64,
    /// Times its link was followed.
    pub clicks: i64,
}

/// What is ordered. The same for every try: a retry orders nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// In the campaign's name, and what it is found by. Made of the delivery's id, so it never changes.
    pub key: String,
    /// The most it may spend in its life, euro cents: at least 1.
    pub cap_cents: i64,
    /// When the platform stops it by itself; never after the authorisation's end.
    pub ends_at: DateTime<Utc>,
    /// The language of its text.
    pub language: Language,
    /// What it shows and whom it aims at: the plan item's finished content.
    pub content: Value,
}

/// The key of a delivery's campaign.
#[must_use]
pub fn key_of(delivery: &DeliveryId) -> String {
    format!("tocsin-{delivery}")
}

impl Order {
    /// SHA-256 of the canonical form: shows later that every try ordered the same.
    #[must_use]
    pub fn digest(&self) -> String {
        canonical::digest(&json!({
            "key": self.key, "cap_cents": self.cap_cents, "ends_at": super::document::moment(self.ends_at),
            "language": self.language.code(), "content": self.content,
        }))
    }
}

/// The shares of `parts` campaigns in a ceiling: equal, the first ones a cent larger where it does not divide. Their sum is
/// the ceiling.
#[must_use]
pub fn shares(ceiling_cents: i64, parts: usize) -> Vec<i64> {
    let count = i64::try_from(parts).unwrap_or(i64::MAX).max(1);
    let (each, over) = (ceiling_cents.max(0) / count, ceiling_cents.max(0) % count);
    (0..count).take(parts).map(|part| each + i64::from(part < over)).collect()
}

/// What a platform asks of whoever is not sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The longest time from the moment a create is asked for until its campaign shows up in look-ups, if it took effect
    /// at all: the call's own time limit, the platform's work after we hung up, and the lag of its lists, with a margin.
    pub settle: TimeDelta,
}

/// A call to the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Create the ordered campaign, switched off.
    Create,
    /// Look for it.
    Look,
    /// Switch it on. Again is harmless.
    Activate(String),
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Created, with the platform's id.
    Made(String),
    /// Everything the platform shows under the key.
    Found(Vec<Campaign>),
    /// Switched on.
    Activated,
    /// Certainly nothing happened; not before so long.
    NotNow(Option<Duration>),
    /// It may have happened.
    Unclear,
    /// Certainly nothing happened, and it never will; the platform's words.
    No(String),
    /// It never will, and nothing under the key is left of this create or an earlier one: what there was of it we took away
    /// ourselves. Why, in words.
    Undone(String),
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Make this call, once what the course says now is stored.
    Call(Call),
    /// Nothing before this moment.
    Wait(DateTime<Utc>),
    /// Nobody but a person can say; why.
    Hold(String),
    /// The platform will not have it; its words.
    Refused(String),
    /// It is out.
    Launched,
}

/// Creates under one key before a person is asked: each was followed by a settling time in which nothing showed up, so that
/// another one cannot double what is there. On platforms where a campaign is made in several requests each create goes on
/// where the one before was lost; with one request in twenty lost, three were too few for one campaign in some hundreds,
/// and eight are enough for all but one in millions.
pub const MAX_CREATES: i32 = 8;
/// Tries in a row that brought nothing before a person is asked; with [`retry_delay`] about five hours.
pub const MAX_LOOKS: i32 = 12;

/// How far one campaign is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// The phase.
    pub phase: Phase,
    /// The platform's id, once known.
    pub external_id: Option<String>,
    /// When a create was last asked for.
    pub asked_at: Option<DateTime<Utc>>,
    /// Creates that may have taken effect.
    pub creates: i32,
    /// Tries in a row that brought nothing.
    pub looks: i32,
    /// Since when every look-up that was answered found nothing.
    pub absent_since: Option<DateTime<Utc>>,
}

impl Course {
    /// Before anything was asked of the platform.
    #[must_use]
    pub const fn new() -> Self {
        Self { phase: Phase::Reserved, external_id: None, asked_at: None, creates: 0, looks: 0, absent_since: None }
    }

    /// Goes on after what was heard of a call, and when that call was decided: a look-up shows the world as it was then,
    /// however late its answer is worked on. `None` when nobody knows what came of the last call (a start, a restart, a claim
    /// taken over). The caller stores the course before it makes the call.
    pub fn turn(
        &mut self,
        heard: Option<(&Call, &Answer, DateTime<Utc>)>,
        order: &Order,
        terms: Terms,
        now: DateTime<Utc>,
        jitter: u8,
    ) -> Turn {
        match heard {
            None => self.resume(now),
            Some((Call::Create, answer, _)) => self.created(answer, now, jitter),
            Some((Call::Look, answer, asked)) => self.looked((answer, asked), order, terms, now, jitter),
            Some((Call::Activate(_), answer, _)) => self.activated(answer, now, jitter),
        }
    }

    fn resume(&mut self, now: DateTime<Utc>) -> Turn {
        match self.phase {
            Phase::Reserved => self.create(now),
            Phase::Intended | Phase::Made => Turn::Call(Call::Look),
            Phase::Running => Turn::Launched,
            Phase::Ended => Turn::Hold("the campaign has ended already".to_owned()),
            Phase::Refused => Turn::Refused("refused before".to_owned()),
        }
    }

    fn create(&mut self, now: DateTime<Utc>) -> Turn {
        self.phase = Phase::Intended;
        self.asked_at = Some(now);
        self.absent_since = None;
        self.creates += 1;
        self.looks = 0;
        Turn::Call(Call::Create)
    }

    fn created(&mut self, answer: &Answer, now: DateTime<Utc>, jitter: u8) -> Turn {
        match answer {
            Answer::Made(id) => {
                self.adopt(id);
                Turn::Call(Call::Look)
            }
            Answer::NotNow(after) => {
                self.creates -= 1;
                if self.creates == 0 {
                    // Nothing was ever asked that could have taken effect.
                    self.phase = Phase::Reserved;
                    self.asked_at = None;
                }
                self.later(*after, now, jitter)
            }
            // "No" to a repeated create may well be "you have it already".
            Answer::No(words) if self.creates <= 1 => self.refused(words),
            // However often it was asked for. A look would find it ended, by nobody but us.
            Answer::Undone(words) => self.refused(words),
            _ => Turn::Call(Call::Look),
        }
    }

    fn refused(&mut self, words: &str) -> Turn {
        self.phase = Phase::Refused;
        Turn::Refused(words.to_owned())
    }

    fn adopt(&mut self, id: &str) {
        self.phase = Phase::Made;
        self.external_id = Some(id.to_owned());
        self.looks = 0;
        self.absent_since = None;
    }

    /// A try that brought nothing.
    fn later(&mut self, after: Option<Duration>, now: DateTime<Utc>, jitter: u8) -> Turn {
        self.looks += 1;
        if self.looks >= MAX_LOOKS {
            return Turn::Hold("the platform gives no useful answer".to_owned());
        }
        let tries = u32::try_from(self.looks - 1).unwrap_or(0);
        Turn::Wait(now + retry_delay(tries, after, jitter))
    }

    fn looked(
        &mut self,
        (answer, as_of): (&Answer, DateTime<Utc>),
        order: &Order,
        terms: Terms,
        now: DateTime<Utc>,
        jitter: u8,
    ) -> Turn {
        match answer {
            Answer::Found(found) => match found.as_slice() {
                [] => self.absent(terms, as_of, now, jitter),
                [one] => self.found(one, order),
                many => Turn::Hold(format!("{} campaigns carry the key", many.len())),
            },
            Answer::NotNow(after) => self.later(*after, now, jitter),
            _ => self.later(None, now, jitter),
        }
    }

    fn absent(&mut self, terms: Terms, as_of: DateTime<Utc>, now: DateTime<Utc>, jitter: u8) -> Turn {
        if self.phase != Phase::Intended {
            // It exists and does not show yet.
            return self.later(None, now, jitter);
        }
        self.looks = 0;
        let first = *self.absent_since.get_or_insert(as_of);
        let asked = *self.asked_at.get_or_insert(as_of);
        let settled = first.max(asked) + terms.settle;
        if as_of < settled {
            // Soon at first, because most show up at once; then rarely. The last look is the one that decides.
            let pause = (now - asked).clamp(TimeDelta::seconds(2), TimeDelta::seconds(30));
            return Turn::Wait((now + pause).min(settled.max(now + TimeDelta::seconds(1))));
        }
        if self.creates >= MAX_CREATES {
            return Turn::Hold(format!("created {} times and never found", self.creates));
        }
        self.create(now)
    }

    fn found(&mut self, campaign: &Campaign, order: &Order) -> Turn {
        if self.external_id.as_ref().is_some_and(|known| *known != campaign.id) {
            return Turn::Hold("another campaign carries the key".to_owned());
        }
        let tries = self.looks;
        self.adopt(&campaign.id);
        self.looks = tries;
        if let Some(what) = differs(campaign, order.cap_cents, order.ends_at) {
            return Turn::Hold(what);
        }
        match campaign.state {
            CampaignState::Paused => Turn::Call(Call::Activate(campaign.id.clone())),
            CampaignState::Review | CampaignState::Running => {
                self.phase = Phase::Running;
                self.looks = 0;
                Turn::Launched
            }
            CampaignState::Ended => Turn::Hold("somebody else ended the campaign".to_owned()),
            CampaignState::Rejected => {
                self.phase = Phase::Ended;
                Turn::Refused("rejected: the platform rejected the campaign".to_owned())
            }
        }
    }

    fn activated(&mut self, answer: &Answer, now: DateTime<Utc>, jitter: u8) -> Turn {
        match answer {
            Answer::No(words) => Turn::Hold(format!("it cannot be switched on: {words}")),
            Answer::NotNow(after) => self.later(*after, now, jitter),
            _ => {
                // Seen to run is what counts. The first look comes at once; a list that lags gets time.
                self.looks += 1;
                if self.looks == 1 { Turn::Call(Call::Look) } else { self.later(None, now, jitter) }
            }
        }
    }
}

impl Default for Course {
    fn default() -> Self {
        Self::new()
    }
}

/// What is wrong with a campaign's limits; nothing when it can spend no more and no longer than ordered.
#[must_use]
pub fn differs(campaign: &Campaign, cap_cents: i64, ends_at: DateTime<Utc>) -> Option<String> {
    let mut wrong = Vec::new();
    if campaign.cap_cents > cap_cents {
        wrong.push(format!("its cap is {} cents, ordered were {cap_cents}", campaign.cap_cents));
    }
    // Platforms keep whole seconds, some whole minutes: never later than ordered.
    if campaign.ends_at > ends_at {
        wrong.push(format!("it ends at {}, ordered was {ends_at}", campaign.ends_at));
    }
    (!wrong.is_empty()).then(|| wrong.join("; "))
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
