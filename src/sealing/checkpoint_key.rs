//! The Ed25519 key that signs audit checkpoints: its 32-byte seed lies in a file beside the server key, never in the
//! database; its public half goes to whoever may have to check the chain.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{SealError, digest};

/// Signs checkpoints.
pub struct CheckpointKey {
    pair: Ed25519KeyPair,
    public: CheckpointPublicKey,
}

impl CheckpointKey {
    /// The key of a seed.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, SealError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| SealError::UnusableKey)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| SealError::UnusableKey)?;
        Ok(Self { pair, public: CheckpointPublicKey(public) })
    }

    /// The half that may be given away.
    #[must_use]
    pub const fn public(&self) -> &CheckpointPublicKey {
        &self.public
    }

    /// The signature over `bytes` in 128 hexadecimal digits.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> String {
        digest::to_hex(self.pair.sign(bytes).as_ref())
    }
}

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckpointKey({} ***)", self.public.id())
    }
}

/// Checks checkpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointPublicKey([u8; 32]);

impl CheckpointPublicKey {
    /// Reads 43 characters of base64url.
    pub fn from_text(text: &str) -> Result<Self, SealError> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| SealError::MalformedKeyText)?;
        bytes.try_into().map(Self).map_err(|_| SealError::MalformedKeyText)
    }

    /// The form that [`Self::from_text`] reads.
    #[must_use]
    pub fn to_text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Names the key in a checkpoint: the first 16 hexadecimal digits of its SHA-256.
    #[must_use]
    pub fn id(&self) -> String {
        digest::to_hex(Sha256::digest(self.0).get(..8).unwrap_or_default())
    }

    /// Whether `signature` is this key's over `bytes`.
    #[must_use]
    pub fn signed(&self, bytes: &[u8], signature: &str) -> bool {
        digest::from_hex::<64>(signature)
            .is_some_and(|signature| UnparsedPublicKey::new(&ED25519, &self.0).verify(bytes, &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn the_signature_is_that_of_rfc_8032() {
        // Section 7.1, test 2: a message of one byte.
        let seed = digest::from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").unwrap();
        let key = CheckpointKey::from_seed(&seed).unwrap();
        let signature = key.sign(&[0x72]);
        assert_eq!(
            signature,
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
        assert!(key.public().signed(&[0x72], &signature));
        assert!(!key.public().signed(&[0x73], &signature));
        assert!(!key.public().signed(&[0x72], "00"));
        let again = CheckpointPublicKey::from_text(&key.public().to_text()).unwrap();
        assert_eq!((again.id().len(), &again), (16, key.public()));
        assert!(format!("{key:?}").ends_with(" ***)"));
    }
}
