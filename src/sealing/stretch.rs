//! Argon2id (RFC 9106): makes guessing a password dear. Its cost is a value, so tests are cheap and the cost can rise later.

use argon2::{Algorithm, Argon2, Params, Version};

use super::{SealError, Secret, framing::Cut};

/// What one guess costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StretchCost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl StretchCost {
    /// 64 MiB, 3 passes, 1 lane: above the floor of ASVS appendix C (46 MiB, 1 pass), with room to spare on small servers.
    pub const STANDARD: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
    /// For tests and seeded demonstrations only: far below what may protect a person.
    pub const FOR_TESTS: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    /// Bytes in a stored layout: three u32, big-endian.
    pub(super) const LENGTH: usize = 12;

    /// A cost from configuration or storage. The upper bounds (512 MiB, 16 passes, 4 lanes) keep a forged row from taking
    /// the machine's memory.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, SealError> {
        let sound =
            (1..=4).contains(&lanes) && (1..=16).contains(&passes) && (8 * lanes..=512 * 1024).contains(&memory_kib);
        if sound { Ok(Self { memory_kib, passes, lanes }) } else { Err(SealError::CostOutOfBounds) }
    }

    /// Memory in KiB.
    #[must_use]
    pub const fn memory_kib(&self) -> u32 {
        self.memory_kib
    }

    /// Whether a guess at this cost is in some respect cheaper than one at `wanted`.
    #[must_use]
    pub const fn is_below(&self, wanted: &Self) -> bool {
        self.memory_kib < wanted.memory_kib || self.passes < wanted.passes
    }

    pub(super) fn argon2(&self) -> Result<Argon2<'static>, SealError> {
        let params =
            Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).map_err(|_| SealError::CostOutOfBounds)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    /// A 256-bit key from a password.
    pub(super) fn stretch(&self, password: &[u8], salt: &[u8; 16]) -> Result<Secret<[u8; 32]>, SealError> {
        let mut key = Secret::new([0; 32]);
        self.argon2()?.hash_password_into(password, salt, key.expose_mut()).map_err(|_| SealError::NoMemory)?;
        Ok(key)
    }

    pub(super) fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        let numbers = [self.memory_kib, self.passes, self.lanes];
        bytes.iter_mut().zip(numbers.into_iter().flat_map(u32::to_be_bytes)).for_each(|(to, from)| *to = from);
        bytes
    }

    pub(super) fn cut(cut: &mut Cut<'_>) -> Result<Self, SealError> {
        let mut number = || cut.take().map(u32::from_be_bytes);
        Self::new(number()?, number()?, number()?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn a_stored_cost_out_of_bounds_is_refused() {
        for (memory, passes, lanes) in [(4 << 20, 3, 1), (65536, 100, 1), (65536, 3, 64), (7, 1, 1), (65536, 0, 1)] {
            assert_eq!(StretchCost::new(memory, passes, lanes), Err(SealError::CostOutOfBounds));
        }
    }

    #[test]
    fn a_cost_survives_storage() {
        let mut bytes = vec![1];
        bytes.extend(StretchCost::STANDARD.to_bytes());
        assert_eq!(StretchCost::cut(&mut Cut::versioned(&bytes).unwrap()).unwrap(), StretchCost::STANDARD);
    }

    #[test]
    fn password_and_salt_both_count() {
        let key = |password: &[u8], salt: u8| *StretchCost::FOR_TESTS.stretch(password, &[salt; 16]).unwrap().expose();
        assert_eq!(key(b"one", 1), key(b"one", 1));
        assert_ne!(key(b"one", 1), key(b"one", 2));
        assert_ne!(key(b"one", 1), key(b"two", 1));
    }
}
