//! What a relay knows of receiving domains, from delivery to delivery: how fast each takes mails, and how many are under way
//! to it. How fast is fast enough is `domain::pace`'s to say.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::domain::pace::{Length, Pace, Usual};

/// Domains remembered; beyond this the ordinary ones are forgotten.
const MOST_DOMAINS: usize = 20_000;

/// What is known of every receiving domain, kept by the relay from delivery to delivery.
#[derive(Default)]
pub struct Paces {
    /// By domain.
    pub known: HashMap<String, Known>,
    /// Mails under way that were begun to slow domains.
    pub slow: usize,
    /// How long mails take.
    pub usual: Usual,
}

/// One domain.
#[derive(Default)]
pub struct Known {
    /// How fast it may be written to.
    pub pace: Pace,
    /// Mails under way, from all desks.
    pub under_way: usize,
    /// When it was last heard of, or asked after nothing was under way.
    pub heard: Option<Instant>,
    /// Its last answer's.
    length: Option<Length>,
}

impl Paces {
    /// What is known of a domain, from now on at least that it exists.
    pub fn of(&mut self, domain: &str) -> &mut Known {
        if self.known.len() >= MOST_DOMAINS && !self.known.contains_key(domain) {
            let usual = &mut self.usual;
            self.known.retain(|_, known| {
                let stays = known.under_way > 0 || !known.pace.is_ordinary();
                if !stays {
                    usual.moved(known.length, None);
                }
                stays
            });
        }
        self.known.entry(domain.to_owned()).or_default()
    }

    /// A domain answered after `took`: its pace, and whether that was slow. Of a forgotten one nothing is learnt.
    pub fn hear(&mut self, domain: &str, took: Duration, now: Instant) -> Option<(&mut Pace, bool)> {
        let slow_from = self.usual.slow();
        let known = self.known.get_mut(domain)?;
        known.heard = Some(now);
        let length = Some(Length::of(took));
        self.usual.moved(std::mem::replace(&mut known.length, length), length);
        Some((&mut known.pace, took >= slow_from))
    }

    /// So many mails to a domain are under way no longer.
    pub fn give_back(&mut self, domain: &str, mails: usize) {
        if let Some(known) = self.known.get_mut(domain) {
            known.under_way = known.under_way.saturating_sub(mails);
        }
    }
}
