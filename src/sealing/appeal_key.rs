//! The key pair of one appeal. The web process holds the public half only; the private half exists wrapped per reader
//! ([`super::reader_key`]) and for recovery ([`super::recovery_key`]). After a reader is revoked, `app` makes a new pair.

use super::x25519::{KeyPair, PrivateKey, PublicKey, role::Appeal};

/// Made when the first response can come in; wrap [`KeyPair::private`] for every reader, then drop it.
pub type AppealKeyPair = KeyPair<Appeal>;
/// Seals what the public sends.
pub type AppealPublicKey = PublicKey<Appeal>;
/// Opens what the public sent.
pub type AppealPrivateKey = PrivateKey<Appeal>;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::sealing::{KeyId, OsRandom, digest::to_hex, random::SeededRandom};
    use sha2::{Digest, Sha256};

    #[test]
    fn a_key_is_named_by_its_digest() {
        let pair = AppealKeyPair::generate(&mut OsRandom);
        let id = pair.public().id().to_string();
        let digest = to_hex(&Sha256::digest(pair.public().as_bytes()));
        assert_eq!(id, digest.get(..16).unwrap());
        assert_eq!(KeyId::parse(&id), Some(pair.public().id()));
        assert_eq!(KeyId::parse("xyz"), None);
    }

    #[test]
    fn the_public_half_follows_from_the_private() {
        let pair = AppealKeyPair::generate(&mut OsRandom);
        assert_eq!(&pair.private().public().unwrap(), pair.public());
    }

    #[test]
    fn a_private_key_does_not_print() {
        let pair = AppealKeyPair::generate(&mut SeededRandom::new(1));
        let shown = format!("{pair:?}");
        assert!(shown.contains("PrivateKey(appeal ***)"), "{shown}");
    }

    #[test]
    fn a_public_key_survives_its_text() {
        let pair = AppealKeyPair::generate(&mut OsRandom);
        assert_eq!(&AppealPublicKey::from_text(&pair.public().to_text()).unwrap(), pair.public());
        assert!(AppealPublicKey::from_text("short").is_err());
        assert!(AppealPublicKey::from_slice(&[0; 31]).is_err());
    }
}
