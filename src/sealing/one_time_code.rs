//! Codes that work once: to activate an account, to set a password anew, to stand in for a lost factor. When one expires and
//! that it is spent: `app`.

use std::fmt;

use super::{
    RandomSource, Secret, SecretDigest,
    crockford::{Code, CodeError},
};

/// 120 bits as 24 characters; a type of its own, so that a receipt is never taken for one.
#[derive(Clone)]
pub struct OneTimeCode(Code);

impl OneTimeCode {
    /// A new code.
    #[must_use]
    pub fn generate(random: &mut dyn RandomSource) -> Self {
        Self(Code::generate(random))
    }

    /// Reads what was typed, as forgiving as a receipt.
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
        // Kept apart from receipts: the same characters give another digest.
        let labelled = Secret::new([b"one-time code ".as_slice(), self.0.expose()].concat());
        SecretDigest::of(labelled.expose())
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(***)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::sealing::{OsRandom, ReceiptCode};

    #[test]
    fn a_code_is_recognised_and_is_no_receipt() {
        let code = OneTimeCode::generate(&mut OsRandom);
        let shown = code.grouped();
        assert_eq!(OneTimeCode::parse(shown.expose()).unwrap().digest(), code.digest());
        assert_ne!(ReceiptCode::parse(shown.expose()).unwrap().digest(), code.digest());
        assert_eq!(format!("{code:?}"), "OneTimeCode(***)");
    }
}
