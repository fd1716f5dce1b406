//! A paid platform in virtual time, with a ledger of every effect: it loses answers, lags, refuses, hangs. In process, so
//! that a thousand lost answers take seconds; platforms with their own wire have simulators of their own.

use super::tamper::Draw;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tocsin::channels::Failure;
use tocsin::channels::paid::PaidPort;
use tocsin::domain::flow::Budget;
use tocsin::domain::paid::{Campaign, CampaignState, Order, Shown, Terms};

/// What befalls a call. Everything but the first two may hide that it took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The platform refuses for good.
    Refuse,
    /// 429 with a time to wait, seconds.
    TooMany(u64),
    /// 5xx, nothing done.
    ErrorBefore,
    /// 5xx, done all the same.
    ErrorAfter,
    /// Cut before the effect.
    ResetBefore,
    /// Cut after the effect.
    ResetAfter,
    /// Done so many seconds after the client gave up.
    Slow(i64),
    /// Done, answered with something that does not parse.
    WrongJson,
    /// 200 with an unknown error inside, nothing done.
    ErrorInside,
}

impl Fault {
    /// Every kind, drawn.
    pub fn drawn(draw: &mut Draw) -> Self {
        match draw.below(8) {
            0 => Self::TooMany(draw.below(60) as u64),
            1 => Self::ErrorBefore,
            2 => Self::ErrorAfter,
            3 => Self::ResetBefore,
            4 => Self::ResetAfter,
            5 => Self::Slow(i64::try_from(draw.below(20)).unwrap()),
            6 => Self::WrongJson,
            _ => Self::ErrorInside,
        }
    }
}

struct Held {
    key: String,
    campaign: Campaign,
    /// From when lists show it, and it exists at all.
    shown_from: DateTime<Utc>,
}

struct State {
    shift: TimeDelta,
    campaigns: Vec<Held>,
    /// The next calls' fates, by call (`create`, `find`, `activate`, `stop`).
    faults: BTreeMap<&'static str, Vec<Fault>>,
    /// Of a hundred calls so many go wrong, drawn.
    trouble: usize,
    /// Longest lag of the lists, seconds.
    lag: usize,
    draw: Draw,
    calls: Vec<&'static str>,
}

/// The platform, and this program's way to it.
#[derive(Clone)]
pub struct Market(Arc<Mutex<State>>);

impl Market {
    pub fn new(draw: Draw) -> Self {
        Self(Arc::new(Mutex::new(State {
            shift: TimeDelta::zero(),
            campaigns: Vec::new(),
            faults: BTreeMap::new(),
            trouble: 0,
            lag: 0,
            draw,
            calls: Vec::new(),
        })))
    }

    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().unwrap())
    }

    pub fn advance(&self, by: TimeDelta) {
        self.with(|state| state.shift += by);
    }

    pub fn next(&self, call: &'static str, faults: &[Fault]) {
        self.with(|state| state.faults.entry(call).or_default().extend(faults.iter().rev()));
    }

    /// Trouble with so many of a hundred calls, lists that lag up to so many seconds.
    pub fn trouble(&self, percent: usize, lag: usize) {
        self.with(|state| (state.trouble, state.lag) = (percent, lag));
    }

    /// Everything that was ever created: key and campaign.
    pub fn campaigns(&self) -> Vec<(String, Campaign)> {
        self.with(|state| state.campaigns.iter().map(|held| (held.key.clone(), held.campaign.clone())).collect())
    }

    pub fn calls(&self, of: &str) -> usize {
        self.with(|state| state.calls.iter().filter(|call| **call == of).count())
    }

    pub fn change(&self, f: impl Fn(&mut Campaign)) {
        self.with(|state| state.campaigns.iter_mut().for_each(|held| f(&mut held.campaign)));
    }

    /// A call: its fate, its effect at a moment, its answer.
    fn call<T>(&self, name: &'static str, effect: impl FnOnce(&mut State, DateTime<Utc>) -> T) -> Result<T, Failure> {
        self.with(|state| {
            state.calls.push(name);
            let now = Utc::now() + state.shift;
            let planned = state.faults.get_mut(name).and_then(Vec::pop);
            let is_struck = state.draw.below(100) < state.trouble;
            let fault = planned.or_else(|| is_struck.then(|| Fault::drawn(&mut state.draw)));
            let unknown = |reason: &str| Err(Failure::Unknown { reason: reason.to_owned() });
            match fault {
                None => Ok(effect(state, now)),
                Some(Fault::Refuse) => Err(Failure::Refused { reason: "policy".to_owned() }),
                Some(Fault::TooMany(seconds)) => {
                    Err(Failure::Retry { after: Some(Duration::from_secs(seconds)), reason: "429".to_owned() })
                }
                Some(Fault::ErrorBefore) => unknown("502"),
                Some(Fault::ResetBefore) => unknown("reset"),
                Some(Fault::ErrorInside) => unknown("200 with an error inside"),
                Some(Fault::ErrorAfter | Fault::ResetAfter | Fault::WrongJson) => {
                    effect(state, now);
                    unknown("after the effect")
                }
                Some(Fault::Slow(seconds)) => {
                    effect(state, now + TimeDelta::seconds(seconds));
                    unknown("timeout")
                }
            }
        })
    }
}

#[async_trait]
impl PaidPort for Market {
    fn account(&self) -> String {
        "market:1".to_owned()
    }

    fn budget(&self) -> Budget {
        Budget { per_minute: 0 }
    }

    fn terms(&self) -> Terms {
        // 60 s of lag, 20 s of work after a hang-up, and some more.
        Terms { settle: TimeDelta::seconds(90) }
    }

    async fn create(&self, order: &Order, may_still: &(dyn Fn() -> bool + Send + Sync)) -> Result<String, Failure> {
        if !may_still() {
            return Err(Failure::Retry { after: None, reason: "too late".to_owned() });
        }
        self.call("create", |state, at| {
            let id = format!("cmp{}", state.campaigns.len() + 1);
            let lag = TimeDelta::milliseconds(i64::try_from(state.draw.below(state.lag * 1000 + 1)).unwrap());
            let campaign = Campaign {
                id: id.clone(),
                state: CampaignState::Paused,
                cap_cents: order.cap_cents,
                ends_at: order.ends_at,
                spent_cents: 0,
                shown: Shown::default(),
            };
            state.campaigns.push(Held { key: order.key.clone(), campaign, shown_from: at + lag });
            id
        })
    }

    async fn find(&self, key: &str, _known: Option<&str>) -> Result<Vec<Campaign>, Failure> {
        self.call("find", |state, at| {
            let shown = state.campaigns.iter().filter(|held| held.key == key && held.shown_from <= at);
            shown.map(|held| held.campaign.clone()).collect()
        })
    }

    async fn activate(&self, id: &str) -> Result<(), Failure> {
        self.call("activate", |state, _| {
            let held = state.campaigns.iter_mut().find(|held| held.campaign.id == id).unwrap();
            if held.campaign.state == CampaignState::Paused {
                held.campaign.state = CampaignState::Running;
            }
        })
    }

    async fn change(&self, id: &str, order: &Order) -> Result<(), Failure> {
        self.call("change", |state, _| {
            let held = state.campaigns.iter_mut().find(|held| held.campaign.id == id).unwrap();
            (held.campaign.cap_cents, held.campaign.ends_at) = (order.cap_cents, order.ends_at);
        })
    }

    async fn keeps(&self, ends_at: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
        Ok(ends_at)
    }

    async fn stop(&self, id: &str) -> Result<(), Failure> {
        self.call("stop", |state, _| {
            state.campaigns.iter_mut().find(|held| held.campaign.id == id).unwrap().campaign.state =
                CampaignState::Ended;
        })
    }
}
