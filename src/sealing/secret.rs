//! A value that never prints and is wiped when dropped. Reading it takes the word `expose`, so that a review can find it.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, Zeroizing};

/// Holds `T` out of logs, panics and core dumps as far as a program can: no `Debug` content, no `PartialEq`, wiped on drop.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Takes `value` in; the caller keeps no copy.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The only way to the content. Never pass it to a log or an error.
    #[must_use]
    pub fn expose(&self) -> &T {
        &self.0
    }

    pub(super) fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl<T: Zeroize> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<const N: usize> ConstantTimeEq for Secret<[u8; N]> {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.expose().as_slice().ct_eq(other.expose().as_slice())
    }
}

impl From<String> for Secret<String> {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints() {
        let secret = Secret::new(String::from("the witness is Jan Voorbeeld"));
        assert_eq!(format!("{secret:?} {secret:#?} {secret}"), "Secret(***) Secret(***) ***");
        assert_eq!(secret.expose(), "the witness is Jan Voorbeeld");
    }

    #[test]
    fn secrets_compare_in_constant_time() {
        let (a, b) = (Secret::new([1_u8; 4]), Secret::new([1_u8, 1, 1, 2]));
        assert!(bool::from(a.ct_eq(&a.clone())));
        assert!(!bool::from(a.ct_eq(&b)));
    }
}
