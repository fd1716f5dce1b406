//! An authenticator in software: a P-256 key that answers challenges as a browser hands them to it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const NEW_KEY: u8 = 0x40;

pub struct Authenticator {
    key: EcdsaKeyPair,
    id: [u8; 32],
    /// What the last signature counted; 0: it keeps no counter.
    pub counter: u32,
    /// Where the browser says it is.
    pub origin: String,
    /// Whether the user typed their PIN.
    pub verified: bool,
}

/// A byte string in CBOR.
fn bytes(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[0x59], &length[..], content].concat()
}

impl Authenticator {
    pub fn new(origin: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = Sha256::digest(key.public_key().as_ref()).into();
        Self { key, id, counter: 1, origin: origin.to_owned(), verified: true }
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = options["publicKey"]["challenge"].as_str().unwrap();
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false}).to_string().into()
    }

    fn data(&self, domain: &str, flags: u8) -> Vec<u8> {
        let flags = flags | PRESENT | if self.verified { VERIFIED } else { 0 };
        [&Sha256::digest(domain)[..], &[flags], &self.counter.to_be_bytes()].concat()
    }

    /// `navigator.credentials.create`.
    pub fn create(&self, options: &Value) -> Value {
        let client = self.client_data("webauthn.create", options);
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        // COSE: EC2, ES256, P-256, x, y.
        let key = [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21][..], &bytes(x), &[0x22], &bytes(y)].concat();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let data = self.data(options["publicKey"]["rp"]["id"].as_str().unwrap(), NEW_KEY);
        let data = [&data[..], &[0; 16], &length, &self.id, &key].concat();
        let object = [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData"[..], &bytes(&data)].concat();
        json!({"id": B64.encode(self.id), "rawId": B64.encode(self.id), "type": "public-key",
            "response": {"attestationObject": B64.encode(object), "clientDataJSON": B64.encode(client)},
            "clientExtensionResults": {}})
    }

    /// `navigator.credentials.get`, counted.
    pub fn get(&mut self, options: &Value) -> Value {
        let client = self.client_data("webauthn.get", options);
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.data(options["publicKey"]["rpId"].as_str().unwrap(), 0);
        let signed = [&data[..], &Sha256::digest(&client)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({"id": B64.encode(self.id), "rawId": B64.encode(self.id), "type": "public-key",
            "response": {"authenticatorData": B64.encode(data), "clientDataJSON": B64.encode(client),
                "signature": B64.encode(signature.as_ref()), "userHandle": null},
            "clientExtensionResults": {}})
    }
}
