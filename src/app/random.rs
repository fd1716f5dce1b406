//! Fresh random bytes for ids and jitter, from the operating system.

use crate::sealing::{OsRandom, RandomSource};

/// Random bytes of any number known at compile time.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRandom.fill(&mut bytes);
    bytes
}
