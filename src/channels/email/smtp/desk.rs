//! The mails one delivery has under way: who waits, who may go next, what became of whom. Connections take from it what
//! the receiving domains' pace allows, so that a domain that is slow or puts us off holds up nobody else's mail.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::answer;
use super::exchange::{Fate, Item};
use crate::channels::Failure;
use crate::domain::pace::Pace;

/// Mails one connection takes at a time: the pipeline runs dry once for each share, and 64 make that 2 %.
const SHARE: usize = 64;
/// Slow domains together hold at most one connection in so many.
const SLOW_PART: usize = 4;
/// Domains remembered; beyond this the ordinary ones are forgotten.
const MOST_DOMAINS: usize = 20_000;
/// The longest a connection without work sleeps: a rest may end.
const NAP: Duration = Duration::from_millis(200);

/// What is known of every receiving domain, kept by the relay from delivery to delivery.
#[derive(Default)]
pub struct Paces(HashMap<String, Pace>);

impl Paces {
    fn of(&mut self, domain: &str) -> &mut Pace {
        if self.0.len() >= MOST_DOMAINS && !self.0.contains_key(domain) {
            self.0.retain(|_, pace| !pace.is_ordinary());
        }
        self.0.entry(domain.to_owned()).or_default()
    }
}

/// One connection's share.
#[derive(Default)]
pub struct Share {
    /// The mails' numbers.
    pub numbers: Vec<u64>,
    /// The mails, in the same order.
    pub items: Vec<Item>,
    /// They go to domains that take mails: none of them is likely to hold up or take down those behind it.
    pub is_trusted: bool,
}

/// What a connection does next.
pub enum Next {
    /// Send these.
    Send(Share),
    /// Look again after this long, or when something changes.
    Wait(Duration),
    /// Nothing will come any more.
    Done,
}

#[derive(Default)]
struct Domain {
    waiting: VecDeque<(u64, Item)>,
    under_way: usize,
}

#[derive(Default)]
struct State {
    domains: HashMap<String, Domain>,
    /// Domains with somebody waiting, each once, next first.
    turn: VecDeque<String>,
    waiting: usize,
    /// Under way to slow domains.
    slow: HashSet<u64>,
    outcomes: Vec<(u64, Result<(), Failure>)>,
    is_closed: bool,
}

/// See the file's head.
pub struct Desk<'a> {
    paces: &'a Mutex<Paces>,
    connections: usize,
    /// One connection in so many is for slow domains.
    slow_part: usize,
    state: Mutex<State>,
    /// There is something to do for connections.
    called: Notify,
    /// There are outcomes.
    told: Notify,
}

impl<'a> Desk<'a> {
    pub(super) fn new(paces: &'a Mutex<Paces>, connections: usize) -> Self {
        let (called, told) = (Notify::new(), Notify::new());
        Self { paces, connections, slow_part: SLOW_PART, state: Mutex::default(), called, told }
    }

    /// The desk of one delivery among so many that are sent at a time: slow domains hold no more of the relay for that.
    #[must_use]
    pub fn among(mut self, deliveries: usize) -> Self {
        self.slow_part = SLOW_PART * deliveries.max(1);
        self
    }

    /// Gives mails to be sent, each under a number of the caller's.
    pub fn put(&self, mails: Vec<(u64, Item)>) {
        let mut state = lock(&self.state);
        for (number, item) in mails {
            let domain = domain_of(&item).to_owned();
            state.waiting += 1;
            let queue = state.domains.entry(domain.clone()).or_default();
            let was_empty = queue.waiting.is_empty();
            queue.waiting.push_back((number, item));
            if was_empty {
                state.turn.push_back(domain);
            }
        }
        drop(state);
        self.called.notify_waiters();
        self.told.notify_waiters();
    }

    /// Nothing more will be put; what waits is still sent.
    pub fn close(&self) {
        lock(&self.state).is_closed = true;
        self.called.notify_waiters();
    }

    /// What was not begun is not sent: it comes back with this failure.
    pub fn stop(&self, failure: &Failure) {
        let mut state = lock(&self.state);
        let waiting = state.drain();
        if waiting.is_empty() {
            return;
        }
        state.outcomes.extend(waiting.into_iter().map(|(number, _)| (number, Err(failure.clone()))));
        drop(state);
        self.called.notify_waiters();
        self.told.notify_waiters();
    }

    /// What became of mails since the last question, once there are `enough` of them or `patience` ran out.
    pub async fn outcomes(&self, enough: usize, patience: Duration) -> Vec<(u64, Result<(), Failure>)> {
        let until = tokio::time::Instant::now() + patience;
        loop {
            let told = self.told.notified();
            {
                let mut state = lock(&self.state);
                if state.outcomes.len() >= enough {
                    return std::mem::take(&mut state.outcomes);
                }
            }
            if tokio::time::timeout_at(until, told).await.is_err() {
                return std::mem::take(&mut lock(&self.state).outcomes);
            }
        }
    }

    /// Waits until something may have changed for connections, at most `patience`.
    pub(super) async fn called(&self, patience: Duration) {
        let _ = tokio::time::timeout(patience, self.called.notified()).await;
    }

    /// What a connection does next: its share of those whose domain has room.
    pub(super) fn take(&self, now: Instant) -> Next {
        let mut state = lock(&self.state);
        let mut paces = lock(self.paces);
        let fair = state.waiting.div_ceil(self.connections.max(1)).clamp(1, SHARE);
        let slow_room = (self.connections / self.slow_part).max(1).saturating_sub(state.slow.len());
        let mut share = Share::default();
        for _ in 0..state.turn.len() {
            if share.items.len() >= fair {
                break;
            }
            let Some(name) = state.turn.pop_front() else { break };
            let pace = paces.of(&name);
            let Some(queue) = state.domains.get_mut(&name) else { continue };
            if let Some(rest) = pace.rest(now) {
                // What waits for a rest to end would fill the places of others: it comes back untried.
                let back = std::mem::take(&mut queue.waiting);
                state.waiting -= back.len();
                let waits = || Failure::Waits { after: rest, reason: "its mail server wants a rest".to_owned() };
                state.outcomes.extend(back.into_iter().map(|(number, _)| (number, Err(waits()))));
                continue;
            }
            let room = pace.room(queue.under_way).min(fair - share.items.len());
            let is_first = share.items.is_empty();
            let may_go = room > 0
                && (!pace.is_slow() || (slow_room > 0 && is_first))
                && (is_first || share.is_trusted == pace.is_trusted());
            if may_go {
                let going: Vec<_> = queue.waiting.drain(..room.min(queue.waiting.len())).collect();
                queue.under_way += going.len();
                let is_more = !queue.waiting.is_empty();
                state.waiting -= going.len();
                share.is_trusted = pace.is_trusted();
                for (number, item) in going {
                    share.numbers.push(number);
                    share.items.push(item);
                }
                if is_more {
                    state.turn.push_back(name);
                }
                if pace.is_slow() {
                    state.slow.extend(&share.numbers);
                    break;
                }
            } else {
                state.turn.push_back(name);
            }
        }
        let has_told = !state.outcomes.is_empty();
        let is_done = state.is_closed && state.waiting == 0;
        drop(paces);
        drop(state);
        if has_told {
            self.told.notify_waiters();
        }
        match (share.items.is_empty(), is_done) {
            (false, _) => Next::Send(share),
            (true, true) => Next::Done,
            (true, false) => Next::Wait(NAP),
        }
    }

    /// A mail came to its end after `took`; who waits for that learns it from [`Desk::report`].
    pub(super) fn ended(&self, number: u64, item: &Item, fate: Fate, took: Duration, now: Instant) {
        let domain = domain_of(item);
        let mut state = lock(&self.state);
        let mut paces = lock(self.paces);
        let pace = paces.of(domain);
        state.slow.remove(&number);
        match &fate {
            Fate::Accepted => pace.accepted(took),
            Fate::Never(_) | Fate::Us(_) => pace.answered(took),
            // The number's last byte spreads rests apart as well as chance would.
            Fate::Later(_) | Fate::Unknown(_) => pace.put_off(took, now, number.to_le_bytes()[0]),
        }
        drop(paces);
        if let Some(queue) = state.domains.get_mut(domain) {
            queue.under_way = queue.under_way.saturating_sub(1);
        }
        state.outcomes.push((number, answer::outcome(fate)));
    }

    /// A mail nothing was tried with goes back to the head of its domain; likewise.
    pub(super) fn untried(&self, number: u64, item: Item) {
        let mut state = lock(&self.state);
        let domain = domain_of(&item).to_owned();
        state.slow.remove(&number);
        let queue = state.domains.entry(domain.clone()).or_default();
        queue.under_way = queue.under_way.saturating_sub(1);
        let was_empty = queue.waiting.is_empty();
        queue.waiting.push_front((number, item));
        state.waiting += 1;
        if was_empty {
            state.turn.push_front(domain);
        }
    }

    /// Wakes who waits for outcomes or for room: once for a whole share, not once for each of its mails.
    pub(super) fn report(&self) {
        self.told.notify_waiters();
        self.called.notify_waiters();
    }
}

impl State {
    fn drain(&mut self) -> Vec<(u64, Item)> {
        self.turn.clear();
        self.waiting = 0;
        self.domains.values_mut().flat_map(|queue| queue.waiting.drain(..)).collect()
    }
}

fn domain_of(item: &Item) -> &str {
    item.to.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// A panic elsewhere leaves a list, which is a list all the same.
pub(super) fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
