//! Small secrets that the service itself must read back, such as TOTP secrets and channel credentials: closed under a key
//! from the environment or a file, never from the database.
//!
//! # Layout
//! version 1 | key id 8 | nonce 12 | ciphertext | tag 16; authenticated: what it is and whose.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{
    KeyId, Opened, RandomSource, SealError, Secret, aead,
    framing::{Cut, VERSION, join},
};

const LABEL: &[u8] = b"tocsin at rest v1";

/// 256 bits from configuration.
#[derive(Clone)]
pub struct AtRestKey(Secret<[u8; 32]>);

impl AtRestKey {
    /// A new key, to be written into the environment or a file.
    #[must_use]
    pub fn generate(random: &mut dyn RandomSource) -> Self {
        Self(Secret::new(super::random::draw(random)))
    }

    /// Reads 43 characters of base64url.
    pub fn from_text(text: &str) -> Result<Self, SealError> {
        let bytes = Secret::new(BASE64_URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| SealError::MalformedKeyText)?);
        let bytes = bytes.expose().as_slice().try_into().map_err(|_| SealError::MalformedKeyText)?;
        Ok(Self(Secret::new(bytes)))
    }

    /// The form that [`Self::from_text`] reads.
    #[must_use]
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(BASE64_URL_SAFE_NO_PAD.encode(self.0.expose()))
    }

    /// Names the key beside what it closed, so that an old key can be kept until all is closed anew.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of(&[LABEL, self.0.expose()])
    }

    /// Closes `content`: `what` is e.g. `totp`, `whose` the id of the row.
    pub fn close(
        &self,
        what: &str,
        whose: &str,
        content: &[u8],
        random: &mut dyn RandomSource,
    ) -> Result<Vec<u8>, SealError> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(self.id().as_bytes());
        bytes.extend(aead::close(&self.0, &join(&[LABEL, what.as_bytes(), whose.as_bytes()]), content, random)?);
        Ok(bytes)
    }

    /// Opens what this key closed for the same purpose and row.
    pub fn open(&self, what: &str, whose: &str, closed: &[u8]) -> Result<Opened, SealError> {
        let mut cut = Cut::versioned(closed)?;
        let sealed_to = KeyId::from_bytes(cut.take()?);
        if sealed_to != self.id() {
            return Err(SealError::OtherKey { sealed_to, given: self.id() });
        }
        let ciphertext = cut.rest(aead::OVERHEAD)?;
        aead::open(&self.0, &join(&[LABEL, what.as_bytes(), whose.as_bytes()]), ciphertext)
    }
}

impl fmt::Debug for AtRestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AtRestKey({} ***)", self.id())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::sealing::OsRandom;

    #[test]
    fn a_closed_secret_opens_in_its_place_only() {
        let key = AtRestKey::generate(&mut OsRandom);
        let closed = key.close("totp", "usr_1", b"secret", &mut OsRandom).unwrap();
        let again = AtRestKey::from_text(key.to_text().expose()).unwrap();
        assert_eq!(again.open("totp", "usr_1", &closed).unwrap().expose(), b"secret");
        assert_eq!(key.open("totp", "usr_2", &closed).err(), Some(SealError::DoesNotOpen));
        assert_eq!(key.open("channel", "usr_1", &closed).err(), Some(SealError::DoesNotOpen));
        let other = AtRestKey::generate(&mut OsRandom);
        assert!(matches!(other.open("totp", "usr_1", &closed), Err(SealError::OtherKey { .. })));
    }
}
