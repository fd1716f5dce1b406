//! Bad weather for tests: some receiving domains put everybody off at first, some know nobody, some hang up in the middle
//! of the first text, some answer slowly; the others are well. Which domain does what follows from a seed.

use std::collections::HashMap;
use std::time::Duration;

/// How much of it there is, in per cent of the domains.
#[derive(Clone, Copy, Debug, Default)]
pub struct Storm {
    /// Which domains.
    pub seed: u64,
    /// Answer 451 to the first two tries of everybody.
    pub later: u64,
    /// Answer 550 5.1.1, always.
    pub never: u64,
    /// Close the connection in the first text for everybody.
    pub reset: u64,
    /// Answer every recipient only after `tarpit_wait`.
    pub tarpit: u64,
    /// See `tarpit`.
    pub tarpit_wait: Duration,
}

/// What a domain does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Takes mail at once.
    Fair,
    /// See [`Storm::later`].
    Later,
    /// See [`Storm::never`].
    Never,
    /// See [`Storm::reset`].
    Reset,
    /// See [`Storm::tarpit`].
    Tarpit,
}

impl Storm {
    /// What the domain of an address does.
    #[must_use]
    pub fn over(&self, address: &str) -> Weather {
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        // FNV-1a, finished by multiplication: spreads neighbouring names well enough for shares.
        let mixed = domain.bytes().fold(self.seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
        });
        let mut share = (mixed ^ (mixed >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        share %= 100;
        for (part, weather) in [
            (self.later, Weather::Later),
            (self.never, Weather::Never),
            (self.reset, Weather::Reset),
            (self.tarpit, Weather::Tarpit),
        ] {
            if share < part {
                return weather;
            }
            share -= part;
        }
        Weather::Fair
    }
}

/// What was tried so far.
#[derive(Debug, Default)]
pub struct Tries(HashMap<String, u32>);

impl Tries {
    /// How many tries of an address there were.
    #[must_use]
    pub fn so_far(&self, address: &str) -> u32 {
        self.0.get(&address.to_ascii_lowercase()).copied().unwrap_or(0)
    }

    /// Counts a try of an address; how many there were before.
    pub fn count(&mut self, address: &str) -> u32 {
        let tries = self.0.entry(address.to_ascii_lowercase()).or_default();
        *tries += 1;
        *tries - 1
    }
}
