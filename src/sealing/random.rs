//! Where random bytes come from. Injected, so that a test can repeat itself; the service uses [`OsRandom`].

use std::convert::Infallible;

use hpke::rand_core::{TryCryptoRng, TryRng};

/// A cryptographically secure source of bytes. It cannot fail: without randomness nothing here has a safe answer.
pub trait RandomSource {
    /// Overwrites every byte of `out`.
    fn fill(&mut self, out: &mut [u8]);
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl RandomSource for OsRandom {
    fn fill(&mut self, out: &mut [u8]) {
        if let Err(error) = getrandom::fill(out) {
            // A key from anything else would be worse than an outage, and a caller that may catch a panic could go on.
            eprintln!("the operating system gives no random bytes: {error}");
            std::process::abort();
        }
    }
}

/// `N` fresh bytes.
pub(super) fn draw<const N: usize>(random: &mut dyn RandomSource) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// Our source in the shape that HPKE wants.
pub(super) struct Draw<'a>(pub(super) &'a mut dyn RandomSource);

impl TryRng for Draw<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(draw(self.0)))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(draw(self.0)))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(out);
        Ok(())
    }
}

impl TryCryptoRng for Draw<'_> {}

/// A repeatable source for tests: SHA-256 of a seed and a counter.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct SeededRandom {
    seed: u64,
    drawn: u64,
}

#[cfg(test)]
impl SeededRandom {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }
}

#[cfg(test)]
impl RandomSource for SeededRandom {
    fn fill(&mut self, out: &mut [u8]) {
        use sha2::{Digest, Sha256};
        for chunk in out.chunks_mut(32) {
            self.drawn += 1;
            let block =
                Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(self.drawn.to_be_bytes()).finalize();
            chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operating_system_gives_different_bytes_each_time() {
        assert_ne!(draw::<32>(&mut OsRandom), draw::<32>(&mut OsRandom));
    }

    #[test]
    fn a_seed_repeats_itself() {
        assert_eq!(draw::<40>(&mut SeededRandom::new(7)), draw::<40>(&mut SeededRandom::new(7)));
    }
}
