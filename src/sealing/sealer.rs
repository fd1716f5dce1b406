//! Many responses sealed under one key agreement: a rush of 11,000 an hour must not pay X25519 for each.
//!
//! One HPKE sender context (RFC 9180 base mode, export-only: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256) gives every value a
//! key of its own through the secret export interface (§5.3), exported under 128 random bits and the value's place. Values
//! open in any order, each alone, with the appeal's private key: no counter has to be right.
//!
//! # What a captured process could read
//! The context's export secret stays in memory while the context lives. Whoever captures the process in that time can
//! open what was sealed under this context: besides what arrives from then on (which a captured process sees in the clear
//! whatever the scheme) that is the past of this one context, [`AppealSealer::MOST`] values or the seconds its owner keeps
//! it (see `app::intake`), never more. Dropped, the secret is wiped, and a database alone opens nothing.
//!
//! # Layout
//! version 2 | id of the key 8 | encapsulated key 32 | salt 16 | nonce 12 | ciphertext of the padded content | tag 16

use hpke::{
    Deserializable as _, OpModeR, OpModeS, Serializable as _,
    aead::{AeadCtxS, ExportOnlyAead},
    kdf::HkdfSha256,
    setup_receiver, setup_sender_with_rng,
};

use super::{
    AppealPublicKey, RandomSource, SealContext, SealError, Sealed, Secret, aead,
    envelope::{Opened, bind, pad, unpad},
    framing::join,
    random::{Draw, draw},
    x25519::{Kem, KeyId, PrivateKey, role::Appeal},
};

/// The version byte of this layout; [`super::envelope`] writes 1.
pub(super) const VERSION: u8 = 2;
const INFO: &[u8] = b"tocsin response fields v2";
const ENCAPPED: usize = 32;
const SALT: usize = 16;

/// A short-lived sender to one appeal's key.
pub struct AppealSealer {
    context: AeadCtxS<ExportOnlyAead, HkdfSha256, Kem>,
    encapped: [u8; ENCAPPED],
    key: KeyId,
    sealed: u64,
}

impl std::fmt::Debug for AppealSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AppealSealer({} ***)", self.key)
    }
}

impl AppealSealer {
    /// Values after which a context is to be replaced, whatever its age: the most that one captured secret is worth.
    pub const MOST: u64 = 20_000;

    /// Agrees on a secret with the appeal's key.
    pub fn new(to: &AppealPublicKey, random: &mut dyn RandomSource) -> Result<Self, SealError> {
        let (encapped, context) = setup_sender_with_rng::<ExportOnlyAead, HkdfSha256, Kem>(
            &OpModeS::Base,
            &to.kem()?,
            INFO,
            &mut Draw(random),
        )
        .map_err(|_| SealError::UnusableKey)?;
        Ok(Self { context, encapped: encapped.to_bytes().into(), key: to.id(), sealed: 0 })
    }

    /// Whether it has sealed all it may.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        self.sealed >= Self::MOST
    }

    /// Which key it seals to.
    #[must_use]
    pub const fn key_id(&self) -> KeyId {
        self.key
    }

    /// Seals `plaintext`, padded, into its place; [`super::open`] opens it.
    pub fn seal(
        &mut self,
        context: &SealContext<'_>,
        plaintext: &[u8],
        random: &mut dyn RandomSource,
    ) -> Result<Sealed, SealError> {
        let padded = pad(plaintext)?;
        let place = bind::<Appeal>(context, self.key);
        let salt: [u8; SALT] = draw(random);
        let mut key = Secret::new([0; 32]);
        self.context.export(&join(&[&salt, &place]), key.expose_mut()).map_err(|_| SealError::UnusableKey)?;
        let closed = aead::close(&key, &place, padded.expose(), random)?;
        let mut bytes = Vec::with_capacity(1 + 8 + ENCAPPED + SALT + closed.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(self.key.as_bytes());
        bytes.extend_from_slice(&self.encapped);
        bytes.extend_from_slice(&salt);
        bytes.extend_from_slice(&closed);
        self.sealed += 1;
        Ok(Sealed::from_bytes(bytes))
    }
}

/// Opens the part of the layout after version and key id.
pub(super) fn open(
    with: &PrivateKey<Appeal>,
    context: &SealContext<'_>,
    key: KeyId,
    rest: &[u8],
) -> Result<Opened, SealError> {
    let short = SealError::Truncated { needed: ENCAPPED + SALT + aead::OVERHEAD, found: rest.len() };
    let (encapped, rest) = rest.split_first_chunk::<ENCAPPED>().ok_or(short)?;
    let (salt, closed) = rest.split_first_chunk::<SALT>().ok_or(short)?;
    let encapped = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapped).map_err(|_| SealError::DoesNotOpen)?;
    let receiver = setup_receiver::<ExportOnlyAead, HkdfSha256, Kem>(&OpModeR::Base, &with.kem()?, &encapped, INFO)
        .map_err(|_| SealError::DoesNotOpen)?;
    let place = bind::<Appeal>(context, key);
    let mut message = Secret::new([0; 32]);
    receiver.export(&join(&[salt, &place]), message.expose_mut()).map_err(|_| SealError::DoesNotOpen)?;
    unpad(aead::open(&message, &place, closed)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::sealing::{AppealKeyPair, OsRandom, open as open_sealed, random::SeededRandom};
    use proptest::prelude::*;

    const HERE: SealContext<'_> =
        SealContext { unit: "unt_1", appeal: "apl_1", response: "rsp_1", field: "text", schema_version: 2 };
    const TIP: &[u8] = "Ik zag haar aan de halte, om vijf uur.".as_bytes();

    #[test]
    fn one_context_seals_many_and_each_opens_alone_in_any_order() {
        let pair = AppealKeyPair::generate(&mut OsRandom);
        let mut sealer = AppealSealer::new(pair.public(), &mut OsRandom).unwrap();
        let places: Vec<String> = (0..50).map(|n| format!("rsp_{n}")).collect();
        let sealed: Vec<_> = places
            .iter()
            .map(|id| sealer.seal(&SealContext { response: id, ..HERE }, id.as_bytes(), &mut OsRandom).unwrap())
            .collect();
        for (id, sealed) in places.iter().zip(&sealed).rev() {
            let there = SealContext { response: id, ..HERE };
            assert_eq!(open_sealed(pair.private(), &there, sealed).unwrap().expose(), id.as_bytes());
            assert_eq!(sealed.key_id().unwrap(), pair.public().id());
        }
        // The same text twice under one context: nothing but the key's name and the encapsulated key repeats.
        let (first, second) =
            (sealer.seal(&HERE, TIP, &mut OsRandom).unwrap(), sealer.seal(&HERE, TIP, &mut OsRandom).unwrap());
        assert_eq!(first.as_bytes()[..41], second.as_bytes()[..41]);
        assert_ne!(first.as_bytes()[41..], second.as_bytes()[41..]);
    }

    #[test]
    fn a_value_opens_only_in_its_place_and_with_its_key() {
        let (pair, other) = (AppealKeyPair::generate(&mut OsRandom), AppealKeyPair::generate(&mut OsRandom));
        let sealed = AppealSealer::new(pair.public(), &mut OsRandom).unwrap().seal(&HERE, TIP, &mut OsRandom).unwrap();
        for elsewhere in [
            SealContext { unit: "unt_2", ..HERE },
            SealContext { appeal: "apl_2", ..HERE },
            SealContext { response: "rsp_2", ..HERE },
            SealContext { field: "sender", ..HERE },
            SealContext { schema_version: 1, ..HERE },
        ] {
            assert_eq!(open_sealed(pair.private(), &elsewhere, &sealed).err(), Some(SealError::DoesNotOpen));
        }
        assert!(matches!(open_sealed(other.private(), &HERE, &sealed), Err(SealError::OtherKey { .. })));
    }

    #[test]
    fn lengths_within_a_bucket_look_alike() {
        let pair = AppealKeyPair::generate(&mut OsRandom);
        let mut sealer = AppealSealer::new(pair.public(), &mut OsRandom).unwrap();
        let mut length = |n: usize| sealer.seal(&HERE, &vec![7; n], &mut OsRandom).unwrap().as_bytes().len();
        assert_eq!([length(0), length(1), length(1020)], [1 + 8 + 32 + 16 + 12 + 1024 + 16; 3]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_flipped_bit_or_missing_end_is_noticed(at in 0..1109_usize, bit in 0..8_u8) {
            let random = &mut SeededRandom::new(5);
            let pair = AppealKeyPair::generate(random);
            let bytes = AppealSealer::new(pair.public(), random).unwrap().seal(&HERE, TIP, random).unwrap().into_bytes();
            let (mut flipped, mut cut) = (bytes.clone(), bytes);
            flipped[at] ^= 1 << bit;
            cut.truncate(at);
            prop_assert!(open_sealed(pair.private(), &HERE, &Sealed::from_bytes(flipped)).is_err());
            prop_assert!(open_sealed(pair.private(), &HERE, &Sealed::from_bytes(cut)).is_err());
        }
    }
}
