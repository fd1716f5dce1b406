//! The mails one delivery has under way: who waits, who may go next, what became of whom. Connections take from it what
//! the receiving domains' pace allows, so that a domain that is slow or puts us off holds up nobody else's mail. How many
//! are under way to a domain counts over all desks of a relay.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::answer;
use super::exchange::{Fate, Item};
use super::paces::{Known, Paces};
use crate::channels::Failure;

/// Mails one connection takes at a time: the pipeline runs dry once for each share, and 64 make that 2 %.
const SHARE: usize = 64;
/// Slow domains together hold at most one connection in so many.
const SLOW_PART: usize = 4;
/// The longest a connection without work sleeps: a rest may end.
const NAP: Duration = Duration::from_millis(200);
/// Rests are told in steps of so many seconds, rounded up: many that wait for different domains are written down together.
const STEP: u64 = 10;
/// What waits for slow domains beyond what a desk keeps comes back after this: by then the others have theirs.
const AFTER_OTHERS: Duration = Duration::from_secs(30);

/// One connection's share.
#[derive(Default)]
pub struct Share {
    /// The mails' numbers.
    pub numbers: Vec<u64>,
    /// The mails, in the same order.
    pub items: Vec<Item>,
    /// They go to domains that take mails: none of them is likely to hold up or take down those behind it. Otherwise all
    /// go to one domain.
    pub is_trusted: bool,
    /// Nothing is known against whom they go to: a connection lost with them says something about the relay.
    pub is_ordinary: bool,
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
    /// Of this desk.
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
    state: Mutex<State>,
    /// There is something to do for connections.
    called: Notify,
    /// There are outcomes.
    told: Notify,
}

impl<'a> Desk<'a> {
    pub(super) fn new(paces: &'a Mutex<Paces>, connections: usize) -> Self {
        let (called, told) = (Notify::new(), Notify::new());
        Self { paces, connections, state: Mutex::default(), called, told }
    }

    /// Gives mails to be sent, each under a number of the caller's.
    pub fn put(&self, mails: Vec<(u64, Item)>) {
        let mut state = lock(&self.state);
        for (number, item) in mails {
            let State { domains, turn, waiting, .. } = &mut *state;
            let domain = domain_of(&item);
            let queue = match domains.get_mut(domain) {
                Some(queue) => queue,
                None => domains.entry(domain.to_owned()).or_default(),
            };
            if queue.waiting.is_empty() {
                turn.push_back(domain.to_owned());
            }
            queue.waiting.push_back((number, item));
            *waiting += 1;
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

    /// Gives back what waits for domains that are slow to answer, or do not answer at all, beyond `keep` mails: it would
    /// fill the places of others. With `at_end` whoever is merely late is waited for no longer, and whatever is under way
    /// counts as kept.
    pub fn lay_back(&self, keep: usize, at_end: bool, now: Instant) {
        let mut state = lock(&self.state);
        let State { domains, turn, waiting, outcomes, .. } = &mut *state;
        let under_way: usize = if at_end { domains.values().map(|queue| queue.under_way).sum() } else { 0 };
        let keep = keep.saturating_sub(under_way);
        let slow = slow_among(&mut lock(self.paces), turn, at_end, now);
        let (each, mut over) =
            (keep.checked_div(slow.len()).unwrap_or(keep), keep.checked_rem(slow.len()).unwrap_or(0));
        for name in slow {
            let Some(queue) = domains.get_mut(&name) else { continue };
            let back = queue.waiting.split_off(queue.waiting.len().min(each + usize::from(over > 0)));
            over = over.saturating_sub(1);
            *waiting -= back.len();
            let later = || Failure::Waits { after: AFTER_OTHERS, reason: "its mail server is slow".to_owned() };
            outcomes.extend(back.into_iter().map(|(number, _)| (number, Err(later()))));
        }
        turn.retain(|name| domains.get(name).is_some_and(|queue| !queue.waiting.is_empty()));
    }

    /// How long each of these domains is still left alone: a mail to one that is need not be made.
    pub fn rests<'d>(&self, domains: impl Iterator<Item = &'d str>, now: Instant) -> Vec<Option<Failure>> {
        let paces = lock(self.paces);
        let rest = |domain: &str| paces.known.get(domain).and_then(|known| known.pace.rest(now)).map(resting);
        domains.map(rest).collect()
    }

    /// Whether there are mails to slow domains and to others.
    pub fn is_mixed(&self) -> bool {
        let state = lock(&self.state);
        let paces = lock(self.paces);
        let is_slow = |name: &String| paces.known.get(name).is_some_and(|known| known.pace.is_slow());
        let mut here = state.domains.iter().filter(|(_, queue)| queue.under_way > 0 || !queue.waiting.is_empty());
        let Some((first, _)) = here.next() else { return false };
        let first = is_slow(first);
        here.any(|(name, _)| is_slow(name) != first)
    }

    /// What a connection does next: its share of those whose domain has room.
    pub(super) fn take(&self, now: Instant) -> Next {
        let mut state = lock(&self.state);
        let mut paces = lock(self.paces);
        let fair = state.waiting.div_ceil(self.connections.max(1)).clamp(1, SHARE);
        let slow_room = (self.connections / SLOW_PART).max(1).saturating_sub(paces.slow);
        let mut share = Share::default();
        for _ in 0..state.turn.len() {
            if share.items.len() >= fair {
                break;
            }
            let Some(name) = state.turn.pop_front() else { break };
            let known = paces.of(&name);
            let pace = &known.pace;
            let Some(queue) = state.domains.get_mut(&name) else { continue };
            if let Some(rest) = pace.rest(now) {
                // What waits for a rest to end would fill the places of others: it comes back untried.
                let back = std::mem::take(&mut queue.waiting);
                state.waiting -= back.len();
                state.outcomes.extend(back.into_iter().map(|(number, _)| (number, Err(resting(rest)))));
                continue;
            }
            let is_first = share.items.is_empty();
            let (is_trusted, is_slow, is_ordinary) = (pace.is_trusted(), pace.is_slow(), pace.is_ordinary());
            let room = pace.room(known.under_way).min(fair - share.items.len());
            // Whoever is not known to take mails travels alone: what happens to it happens to nobody else.
            if room == 0 || (is_slow && slow_room == 0) || !(is_first || is_trusted) {
                state.turn.push_back(name);
                continue;
            }
            let going: Vec<_> = queue.waiting.drain(..room.min(queue.waiting.len())).collect();
            if known.under_way == 0 {
                known.heard = Some(now);
            }
            queue.under_way += going.len();
            known.under_way += going.len();
            let is_more = !queue.waiting.is_empty();
            state.waiting -= going.len();
            (share.is_trusted, share.is_ordinary) = (is_trusted, is_ordinary);
            for (number, item) in going {
                share.numbers.push(number);
                share.items.push(item);
            }
            if is_more {
                state.turn.push_back(name);
            }
            if is_slow {
                paces.slow += share.numbers.len();
                state.slow.extend(&share.numbers);
            }
            if !is_trusted {
                break;
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
        state.is_back(&mut paces, number, domain);
        if let Some((pace, slowly)) = paces.hear(domain, took, now) {
            match &fate {
                Fate::Accepted => pace.accepted(slowly),
                Fate::Never(_) | Fate::Us(_) => pace.answered(slowly),
                // The number's last byte spreads rests apart as well as chance would.
                Fate::Later(_) | Fate::Unknown(_) => pace.put_off(slowly, now, number.to_le_bytes()[0]),
            }
        }
        drop(paces);
        state.outcomes.push((number, answer::outcome(fate)));
    }

    /// A mail nothing was tried with goes back to the head of its domain; likewise.
    pub(super) fn untried(&self, number: u64, item: Item) {
        let mut state = lock(&self.state);
        let domain = domain_of(&item).to_owned();
        state.is_back(&mut lock(self.paces), number, &domain);
        let queue = state.domains.entry(domain.clone()).or_default();
        let was_empty = queue.waiting.is_empty();
        queue.waiting.push_front((number, item));
        state.waiting += 1;
        if was_empty {
            state.turn.push_front(domain);
        }
    }

    /// Wakes who waits for outcomes, and connections if there is something for them: once for a whole share, not once for
    /// each of its mails.
    pub(super) fn report(&self) {
        self.told.notify_waiters();
        let state = lock(&self.state);
        if state.waiting > 0 || state.is_closed {
            drop(state);
            self.called.notify_waiters();
        }
    }
}

/// Whatever is still under way is so no longer: who sends it has been dropped.
impl Drop for Desk<'_> {
    fn drop(&mut self) {
        let state = lock(&self.state);
        let mut paces = lock(self.paces);
        paces.slow = paces.slow.saturating_sub(state.slow.len());
        for (name, queue) in &state.domains {
            paces.give_back(name, queue.under_way);
        }
    }
}

impl State {
    /// A mail is not under way any more.
    fn is_back(&mut self, paces: &mut Paces, number: u64, domain: &str) {
        if self.slow.remove(&number) {
            paces.slow = paces.slow.saturating_sub(1);
        }
        paces.give_back(domain, 1);
        if let Some(queue) = self.domains.get_mut(domain) {
            queue.under_way = queue.under_way.saturating_sub(1);
        }
    }

    fn drain(&mut self) -> Vec<(u64, Item)> {
        self.turn.clear();
        self.waiting = 0;
        self.domains.values_mut().flat_map(|queue| queue.waiting.drain(..)).collect()
    }
}

fn domain_of(item: &Item) -> &str {
    domain_in(&item.to)
}

/// The domain of an address.
#[must_use]
pub fn domain_in(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// Those whose turn is to come and who are slow, or silent for so long that they must be; or, with `or_late`, silent for
/// longer than others.
fn slow_among(paces: &mut Paces, turn: &VecDeque<String>, or_late: bool, now: Instant) -> Vec<String> {
    let (slow_from, late_from) = (paces.usual.slow(), paces.usual.late());
    let mut is_slow = |name: &&String| {
        let Known { pace, under_way, heard, .. } = paces.of(name);
        // Of trusted ones it is heard when a whole share has ended.
        let asked = heard.filter(|_| *under_way > 0 && !pace.is_trusted());
        let silent = asked.map(|heard| now.saturating_duration_since(heard));
        if silent.is_some_and(|silent| silent >= slow_from) {
            pace.answered(true);
        }
        pace.is_slow() || (or_late && silent.is_some_and(|silent| silent >= late_from))
    };
    turn.iter().filter(|name| is_slow(name)).cloned().collect()
}

fn resting(rest: Duration) -> Failure {
    let after = Duration::from_secs((rest.as_secs() + 1).next_multiple_of(STEP));
    Failure::Waits { after, reason: "its mail server wants a rest".to_owned() }
}

/// A panic elsewhere leaves a list, which is a list all the same.
pub(super) fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
