//! Passkeys (WebAuthn Level 3): challenges made and their answers judged, with user verification required and no
//! attestation asked. What is stored is public; where it is kept, and that a challenge is used once, is `app`'s matter.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::time::Duration;
use webauthn_rs::prelude::{
    AuthenticationResult, Credential, Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

/// Why a passkey's answer is worth nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyRefused {
    /// Not for this challenge, origin or account, not signed by the key, or without the user's verification.
    #[error("{0}")]
    Wrong(String),
    /// All is right but the signature counter, which is not above the last one: a copy of the key may exist.
    #[error("the signature counter ran backwards")]
    CounterBackwards {
        /// What the authenticator calls the key, base64url.
        credential_id: String,
    },
}

/// The public half of a passkey, with what is known of it.
#[derive(Clone, Debug)]
pub struct PublicKey(Passkey);

impl PublicKey {
    /// Reads what [`PublicKey::text`] wrote.
    pub fn parse(text: &str) -> Result<Self, PasskeyRefused> {
        serde_json::from_str(text).map(Self).map_err(|e| PasskeyRefused::Wrong(e.to_string()))
    }

    /// For the database.
    pub fn text(&self) -> Result<String, PasskeyRefused> {
        text(&self.0)
    }

    /// What the authenticator calls it, base64url.
    #[must_use]
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.cred_id())
    }

    /// The signature counter at the last use; 0 with authenticators that keep none.
    #[must_use]
    pub fn counter(&self) -> u32 {
        Credential::from(self.0.clone()).counter
    }

    /// The key after a use.
    #[must_use]
    pub fn after(&self, used: &Used) -> Self {
        let mut passkey = self.0.clone();
        passkey.update_credential(&used.0);
        Self(passkey)
    }
}

/// A passkey given rightly.
#[derive(Clone, Debug)]
pub struct Used(AuthenticationResult);

impl Used {
    /// Which one, base64url.
    #[must_use]
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.cred_id())
    }

    /// The counter it was signed with.
    #[must_use]
    pub fn counter(&self) -> u32 {
        self.0.counter()
    }
}

/// A challenge and what its answer will be judged by.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// What the browser hands to `navigator.credentials`, with its `publicKey`.
    pub options: Value,
    /// Kept on this side only, and used once.
    pub state: String,
}

/// Who asks for passkeys: one registrable domain and the one origin its pages come from.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    webauthn: Webauthn,
    domain: String,
}

fn wrong(cause: impl std::fmt::Display) -> PasskeyRefused {
    PasskeyRefused::Wrong(cause.to_string())
}

fn text<T: serde::Serialize>(value: &T) -> Result<String, PasskeyRefused> {
    serde_json::to_string(value).map_err(wrong)
}

fn answer<T: serde::de::DeserializeOwned>(given: &Value) -> Result<T, PasskeyRefused> {
    serde_json::from_value(given.clone()).map_err(wrong)
}

impl RelyingParty {
    /// For pages of `origin` (`https://…`, or `http://localhost…`) and keys bound to `domain`, which is the origin's host
    /// or above it; empty: the host. Says why not otherwise.
    pub fn new(origin: &str, domain: &str, valid_for: Duration) -> Result<Self, String> {
        let url = Url::parse(origin).map_err(|e| format!("{origin}: {e}"))?;
        let Some(host) = url.domain() else { return Err(format!("{origin} has no domain name, which passkeys need")) };
        if url.scheme() != "https" && host != "localhost" {
            return Err(format!("{origin} is not https: browsers have no passkeys there"));
        }
        let domain = if domain.is_empty() { host } else { domain };
        let builder = WebauthnBuilder::new(domain, &url)
            .map_err(|_| format!("{domain} is neither the host of {origin} nor a domain above it"))?;
        let webauthn =
            builder.rp_name("Tocsin").timeout(valid_for).build().map_err(|e| format!("{origin}, {domain}: {e}"))?;
        Ok(Self { webauthn, domain: domain.to_owned() })
    }

    /// The domain keys are bound to.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Asks for a new key of an account that has `known` already.
    pub fn register(&self, user: &str, login: &str, known: &[PublicKey]) -> Result<Challenge, PasskeyRefused> {
        // The authenticator shows the name and keeps the handle: sixteen bytes that say nothing about the account.
        let digest = Sha256::digest(format!("passkey {user}"));
        let handle = digest.first_chunk::<16>().copied().unwrap_or_default();
        let known = known.iter().map(|key| key.0.cred_id().clone()).collect();
        let (options, state) = self
            .webauthn
            .start_passkey_registration(Uuid::from_bytes(handle), login, login, Some(known))
            .map_err(wrong)?;
        Ok(Challenge { options: serde_json::to_value(options).map_err(wrong)?, state: text(&state)? })
    }

    /// The key that answers [`RelyingParty::register`].
    pub fn registered(&self, state: &str, given: &Value) -> Result<PublicKey, PasskeyRefused> {
        let state: PasskeyRegistration = serde_json::from_str(state).map_err(wrong)?;
        let given: RegisterPublicKeyCredential = answer(given)?;
        self.webauthn.finish_passkey_registration(&given, &state).map(PublicKey).map_err(wrong)
    }

    /// Asks for one of these keys, at least one.
    pub fn ask(&self, keys: &[PublicKey]) -> Result<Challenge, PasskeyRefused> {
        let keys: Vec<Passkey> = keys.iter().map(|key| key.0.clone()).collect();
        let (options, state) = self.webauthn.start_passkey_authentication(&keys).map_err(wrong)?;
        Ok(Challenge { options: serde_json::to_value(options).map_err(wrong)?, state: text(&state)? })
    }

    /// Judges what answers [`RelyingParty::ask`].
    pub fn judge(&self, state: &str, given: &Value) -> Result<Used, PasskeyRefused> {
        let state: PasskeyAuthentication = serde_json::from_str(state).map_err(wrong)?;
        let given: PublicKeyCredential = answer(given)?;
        self.webauthn.finish_passkey_authentication(&given, &state).map(Used).map_err(|refused| match refused {
            WebauthnError::CredentialPossibleCompromise => {
                PasskeyRefused::CounterBackwards { credential_id: URL_SAFE_NO_PAD.encode(given.get_credential_id()) }
            }
            other => wrong(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(origin: &str, domain: &str) -> Result<String, String> {
        RelyingParty::new(origin, domain, Duration::from_mins(5)).map(|party| party.domain().to_owned())
    }

    #[test]
    fn a_relying_party_is_a_domain_at_or_above_a_secure_origin() {
        assert_eq!(party("https://tocsin.example.be", ""), Ok("tocsin.example.be".to_owned()));
        assert_eq!(party("https://tocsin.example.be:8443", "example.be"), Ok("example.be".to_owned()));
        assert_eq!(party("http://localhost:8080", ""), Ok("localhost".to_owned()));
        for (origin, domain) in [
            ("http://tocsin.example.be", ""),
            ("https://192.0.2.1", ""),
            ("https://tocsin.example.be", "other.be"),
            ("https://notexample.be", "example.be"),
            ("tocsin.example.be", ""),
            ("", ""),
        ] {
            assert!(party(origin, domain).is_err(), "{origin} {domain}");
        }
    }
}
