//! Fresh random bytes for ids, from the operating system, and the chance in waiting times, which tests may seed.

use crate::sealing::{OsRandom, RandomSource};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Random bytes of any number known at compile time.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRandom.fill(&mut bytes);
    bytes
}

/// Where the jitter of waiting times comes from. Never for ids or keys.
#[derive(Clone, Debug, Default)]
pub struct Chance(Option<Arc<AtomicU64>>);

impl Chance {
    /// The same sequence from the same seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(AtomicU64::new(seed))))
    }

    /// 0 to 255, from the operating system unless seeded.
    #[must_use]
    pub fn jitter(&self) -> u8 {
        let Some(state) = &self.0 else {
            let [byte] = bytes();
            return byte;
        };
        // SplitMix64.
        let seed = state.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed).wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let [byte, ..] = (mixed ^ (mixed >> 31)).to_be_bytes();
        byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself_and_uses_the_whole_range() {
        let draw = |seed| {
            let chance = Chance::seeded(seed);
            (0..1000).map(|_| chance.jitter()).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!(draw(7).iter().min() < Some(&8) && draw(7).iter().max() > Some(&247));
    }
}
