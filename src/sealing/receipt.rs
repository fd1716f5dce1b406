//! The receipt that a witness gets once and returns with: it finds the response (by digest) and opens its thread
//! ([`super::thread_key`]). Nobody can show it again; the server keeps the digest only.

use std::fmt;

use super::{
    RandomSource, Secret, SecretDigest,
    crockford::{Code, CodeError},
};

/// 120 bits as 24 characters, e.g. `7Q2M-…`.
#[derive(Clone)]
pub struct ReceiptCode(Code);

impl ReceiptCode {
    /// A new receipt.
    #[must_use]
    pub fn generate(random: &mut dyn RandomSource) -> Self {
        Self(Code::generate(random))
    }

    /// Reads what a witness typed; forgives case, spaces, hyphens, O for 0, I and L for 1.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        Code::parse(text).map(Self)
    }

    /// For the one showing: six groups of four.
    #[must_use]
    pub fn grouped(&self) -> Secret<String> {
        self.0.grouped()
    }

    /// What is stored, and searched for.
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        self.0.digest()
    }

    pub(super) fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

impl fmt::Debug for ReceiptCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptCode(***)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::sealing::OsRandom;

    #[test]
    fn a_receipt_is_found_again_by_what_the_witness_types() {
        let receipt = ReceiptCode::generate(&mut OsRandom);
        let typed = ReceiptCode::parse(&receipt.grouped().expose().replace('-', " ")).unwrap();
        assert_eq!(typed.digest(), receipt.digest());
        assert_ne!(ReceiptCode::generate(&mut OsRandom).digest(), receipt.digest());
        assert_eq!(format!("{receipt:?}"), "ReceiptCode(***)");
    }
}
