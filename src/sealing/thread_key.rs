//! The key pair of one response's thread, by which a witness reads replies: the private half is wrapped under the receipt.
//! Every message is sealed twice with [`super::seal`], to the appeal key and to the thread key, under two field names.
//!
//! # Layout
//! version 1 | nonce 12 | key 32 | tag 16; the key is HKDF-SHA256(receipt's 24 characters, label and response id). The receipt
//! has 120 bits, so nothing slow is needed, and a thousandfold rush of tips costs microseconds each.

use super::{
    RandomSource, ReceiptCode, SealError, aead,
    framing::{Cut, VERSION, join},
    x25519::{KeyPair, PrivateKey, PublicKey, role::Thread},
};

/// Messages of the thread are sealed to it.
pub type ThreadPublicKey = PublicKey<Thread>;
/// Opens them, while the witness is there.
pub type ThreadPrivateKey = PrivateKey<Thread>;

const LABEL: &[u8] = b"tocsin thread key under receipt v1";

/// The private half, as stored with the response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedThreadKey(Vec<u8>);

impl WrappedThreadKey {
    /// Bytes read from storage.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The layout above, to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Both halves as they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewThreadKey {
    /// For sealing messages.
    pub public: ThreadPublicKey,
    /// For the witness.
    pub wrapped: WrappedThreadKey,
}

impl NewThreadKey {
    /// A new pair for one response; the bare private half does not outlive this call.
    pub fn generate(receipt: &ReceiptCode, response: &str, random: &mut dyn RandomSource) -> Result<Self, SealError> {
        let pair = KeyPair::<Thread>::generate(random);
        let info = join(&[LABEL, response.as_bytes()]);
        let key = aead::derive(receipt.expose(), &info)?;
        let mut bytes = vec![VERSION];
        bytes.extend(aead::close(&key, &info, pair.private().expose(), random)?);
        Ok(Self { public: *pair.public(), wrapped: WrappedThreadKey(bytes) })
    }
}

/// Opens the thread for the witness who holds the receipt.
pub fn open_thread(
    receipt: &ReceiptCode,
    response: &str,
    wrapped: &WrappedThreadKey,
) -> Result<ThreadPrivateKey, SealError> {
    let closed = Cut::versioned(&wrapped.0)?.rest(aead::OVERHEAD + 32)?;
    let info = join(&[LABEL, response.as_bytes()]);
    ThreadPrivateKey::from_opened(&aead::open(&aead::derive(receipt.expose(), &info)?, &info, closed)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::sealing::{AppealKeyPair, OsRandom, SealContext, open, seal};

    const TO_WITNESS: SealContext<'_> =
        SealContext { unit: "u", appeal: "a", response: "r", field: "message/1/witness", schema_version: 1 };
    const TO_POLICE: SealContext<'_> = SealContext { field: "message/1/police", ..TO_WITNESS };

    #[test]
    fn witness_and_police_each_read_their_own_copy() {
        let receipt = ReceiptCode::generate(&mut OsRandom);
        let thread = NewThreadKey::generate(&receipt, "r", &mut OsRandom).unwrap();
        let appeal = AppealKeyPair::generate(&mut OsRandom);
        let reply = b"Thank you. Which way did she walk?";
        let for_witness = seal(&thread.public, &TO_WITNESS, reply, &mut OsRandom).unwrap();
        let for_police = seal(appeal.public(), &TO_POLICE, reply, &mut OsRandom).unwrap();

        let key = open_thread(&receipt, "r", &thread.wrapped).unwrap();
        assert_eq!(open(&key, &TO_WITNESS, &for_witness).unwrap().expose(), reply);
        assert_eq!(open(appeal.private(), &TO_POLICE, &for_police).unwrap().expose(), reply);
        assert!(open(&key, &TO_POLICE, &for_police).is_err());
    }

    #[test]
    fn another_receipt_or_response_does_not_open() {
        let receipt = ReceiptCode::generate(&mut OsRandom);
        let thread = NewThreadKey::generate(&receipt, "r", &mut OsRandom).unwrap();
        let other = ReceiptCode::generate(&mut OsRandom);
        assert_eq!(open_thread(&other, "r", &thread.wrapped).err(), Some(SealError::DoesNotOpen));
        assert_eq!(open_thread(&receipt, "s", &thread.wrapped).err(), Some(SealError::DoesNotOpen));
    }
}
