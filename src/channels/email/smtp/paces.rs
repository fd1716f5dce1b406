//! What a relay knows of receiving domains, from delivery to delivery: how fast each takes mails, and how many are under way
//! to it. How fast is fast enough is `domain::pace`'s to say.

use std::collections::HashMap;

use crate::domain::pace::{Pace, Usual};

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
}

impl Paces {
    /// What is known of a domain, from now on at least that it exists.
    pub fn of(&mut self, domain: &str) -> &mut Known {
        if self.known.len() >= MOST_DOMAINS && !self.known.contains_key(domain) {
            self.known.retain(|_, known| known.under_way > 0 || !known.pace.is_ordinary());
        }
        self.known.entry(domain.to_owned()).or_default()
    }

    /// So many mails to a domain are under way no longer.
    pub fn give_back(&mut self, domain: &str, mails: usize) {
        if let Some(known) = self.known.get_mut(domain) {
            known.under_way = known.under_way.saturating_sub(mails);
        }
    }
}
