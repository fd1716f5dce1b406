//! Length-prefixed byte strings and careful cutting: what the layouts of this module are written with.

use super::SealError;

/// The one version every layout of this module is at; each layout counts on its own when it changes.
pub(super) const VERSION: u8 = 1;

/// Joins parts so that no two different lists give the same bytes: each part is preceded by its length, u64 big-endian.
pub(super) fn join(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        // usize is at most 64 bits on every platform Rust has, so the fallback is never taken.
        out.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

/// Reads from the front of stored bytes.
pub(super) struct Cut<'a> {
    whole: usize,
    rest: &'a [u8],
}

impl<'a> Cut<'a> {
    /// Starts after the version byte; refuses any other version.
    pub(super) fn versioned(bytes: &'a [u8]) -> Result<Self, SealError> {
        let mut cut = Self { whole: bytes.len(), rest: bytes };
        match cut.take::<1>()? {
            [VERSION] => Ok(cut),
            [other] => Err(SealError::UnknownVersion(other)),
        }
    }

    /// Starts after the version byte of a layout that is known in several versions; which one it is.
    pub(super) fn of_versions(bytes: &'a [u8], known: &[u8]) -> Result<(u8, Self), SealError> {
        let mut cut = Self { whole: bytes.len(), rest: bytes };
        let [version] = cut.take::<1>()?;
        if known.contains(&version) { Ok((version, cut)) } else { Err(SealError::UnknownVersion(version)) }
    }

    /// The next `N` bytes.
    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], SealError> {
        let Some((head, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(SealError::Truncated { needed: self.whole - self.rest.len() + N, found: self.whole });
        };
        self.rest = rest;
        Ok(*head)
    }

    /// All that is left, at least `least` bytes.
    pub(super) fn rest(self, least: usize) -> Result<&'a [u8], SealError> {
        if self.rest.len() < least {
            return Err(SealError::Truncated { needed: self.whole - self.rest.len() + least, found: self.whole });
        }
        Ok(self.rest)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn parts_cannot_flow_into_each_other() {
        assert_ne!(join(&[b"ab", b"c"]), join(&[b"a", b"bc"]));
        assert_ne!(join(&[b"ab"]), join(&[b"ab", b""]));
    }

    #[test]
    fn cutting_too_far_says_how_much_was_needed() {
        let mut cut = Cut::versioned(&[VERSION, 9, 9]).unwrap();
        assert_eq!(cut.take::<2>().unwrap(), [9, 9]);
        assert_eq!(cut.take::<4>(), Err(SealError::Truncated { needed: 7, found: 3 }));
        assert_eq!(Cut::versioned(&[2]).err(), Some(SealError::UnknownVersion(2)));
        assert_eq!(Cut::versioned(&[]).err(), Some(SealError::Truncated { needed: 1, found: 0 }));
    }
}
