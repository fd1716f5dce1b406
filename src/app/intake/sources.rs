//! Where answers come from, in memory only and for a day at most: a keyed hash of the address's network (/24, /64), under
//! a key that is drawn at the start and again every day. It tells a rush from a crowd; it never refuses anybody.

use super::held;
use crate::app::random;
use crate::config::Responses;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// Networks remembered; beyond, those that were quiet longest are forgotten, which only makes their next answer free.
const MOST: usize = 200_000;

/// What is asked of a sender for a place in the usual order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Leading zero bits of the proof of work; 0: nothing is asked.
    pub bits: u8,
}

impl Cost {
    /// Nothing is asked.
    pub const NOTHING: Self = Self { bits: 0 };
}

#[derive(Clone, Copy)]
struct Seen {
    since: Instant,
    answers: u32,
    waited: u32,
}

struct State {
    key: [u8; 32],
    drawn: Instant,
    networks: HashMap<u64, Seen>,
    /// Answers of everybody in the running second, and in the one before.
    second: (Instant, u32, u32),
}

/// The counters of one process.
pub struct Sources(Mutex<State>);

impl Default for Sources {
    fn default() -> Self {
        let now = Instant::now();
        Self(Mutex::new(State { key: random::bytes(), drawn: now, networks: HashMap::new(), second: (now, 0, 0) }))
    }
}

/// Those behind one address: a /24 or a /64.
fn network(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets().iter().take(3).copied().collect(),
        IpAddr::V6(address) => address.octets().iter().take(8).copied().collect(),
    }
}

/// The cost for a network with so many answers in its hour, while so many a second come from everywhere.
fn cost(answers: u32, a_second: u32, settings: &Responses) -> Cost {
    let over = answers.checked_div(settings.soft_per_hour.max(1)).unwrap_or(0);
    let rush = a_second > settings.rush_per_second;
    if over == 0 && !rush {
        return Cost { bits: 0 };
    }
    let steps = u8::try_from((over + u32::from(rush)).ilog2()).unwrap_or(0);
    Cost { bits: settings.proof_bits.saturating_add(steps.min(6)) }
}

impl State {
    fn of(&mut self, from: Option<IpAddr>, now: Instant) -> &mut Seen {
        if now.duration_since(self.drawn) > DAY {
            self.key = random::bytes();
            self.drawn = now;
            self.networks.clear();
        }
        let digest =
            Sha256::new().chain_update(self.key).chain_update(from.map(network).unwrap_or_default()).finalize();
        let name = digest.iter().take(8).fold(0_u64, |name, byte| name << 8 | u64::from(*byte));
        if self.networks.len() >= MOST && !self.networks.contains_key(&name) {
            self.networks.retain(|_, seen| now.duration_since(seen.since) < HOUR / 4);
            if self.networks.len() >= MOST {
                self.networks.clear();
            }
        }
        let fresh = Seen { since: now, answers: 0, waited: 0 };
        let seen = self.networks.entry(name).or_insert(fresh);
        if now.duration_since(seen.since) > HOUR {
            *seen = fresh;
        }
        seen
    }

    fn a_second(&mut self, now: Instant, add: u32) -> u32 {
        let (began, running, before) = self.second;
        let passed = now.duration_since(began).as_secs();
        self.second = match passed {
            0 => (began, running.saturating_add(add), before),
            1 => (now, add, running),
            _ => (now, add, 0),
        };
        self.second.1.max(self.second.2)
    }
}

impl Sources {
    /// What a form given to this address asks for.
    pub fn asked(&self, from: Option<IpAddr>, settings: &Responses) -> Cost {
        let now = Instant::now();
        let mut state = held(&self.0);
        let a_second = state.a_second(now, 0);
        let answers = state.of(from, now).answers;
        cost(answers, a_second, settings)
    }

    /// Counts an answer; what was asked of it.
    pub fn received(&self, from: Option<IpAddr>, settings: &Responses) -> Cost {
        let now = Instant::now();
        let mut state = held(&self.0);
        let a_second = state.a_second(now, 1);
        let seen = state.of(from, now);
        let asked = cost(seen.answers, a_second, settings);
        seen.answers = seen.answers.saturating_add(1);
        asked
    }

    /// Counts an answer whose form was open long enough; whether this network may still use that way this hour.
    pub fn waited(&self, from: Option<IpAddr>, settings: &Responses) -> bool {
        let mut state = held(&self.0);
        let seen = state.of(from, Instant::now());
        seen.waited = seen.waited.saturating_add(1);
        seen.waited <= settings.waits_per_hour
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn a_crowd_behind_one_address_is_asked_for_more_and_never_refused() {
        let (sources, settings) =
            (Sources::default(), Responses { rush_per_second: 1_000_000, ..Responses::default() });
        let carrier = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)));
        let bits: Vec<u8> = (0..1000).map(|_| sources.received(carrier, &settings).bits).collect();
        assert!(bits.iter().take(10).all(|bits| *bits == 0), "the first ten are free");
        assert!(bits.windows(2).all(|pair| pair.first() <= pair.get(1)));
        assert_eq!(bits.last().copied(), Some(settings.proof_bits + 6));
        let neighbour = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 200)));
        assert!(sources.asked(neighbour, &settings).bits > 0, "one network");
        let elsewhere = Some(IpAddr::V6(Ipv6Addr::LOCALHOST));
        assert_eq!(sources.asked(elsewhere, &settings).bits, 0);
    }

    #[test]
    fn a_rush_asks_everybody_a_little() {
        let (sources, settings) = (Sources::default(), Responses::default());
        for n in 0..settings.rush_per_second * 3 {
            let _ = sources.received(Some(IpAddr::V4(Ipv4Addr::from(n << 8))), &settings);
        }
        assert_eq!(sources.asked(Some(IpAddr::V6(Ipv6Addr::LOCALHOST)), &settings).bits, settings.proof_bits);
    }

    #[test]
    fn waiting_is_a_way_of_few() {
        let (sources, settings) = (Sources::default(), Responses::default());
        let allowed = (0..settings.waits_per_hour * 2).filter(|_| sources.waited(None, &settings)).count();
        assert_eq!(u32::try_from(allowed).unwrap_or(0), settings.waits_per_hour);
    }
}
