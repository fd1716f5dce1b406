//! One field of one response, sealed to the appeal's key (or, for a message to the witness, to the thread's key).
//!
//! # Layout
//! | bytes | what |
//! |---|---|
//! | 1 | version, 1 |
//! | 8 | id of the key it is sealed to |
//! | 32 | HPKE encapsulated key |
//! | n × 1024 | ciphertext of: length u32 big-endian, content, zeros |
//! | 16 | tag |
//!
//! Authenticated but not stored: unit, appeal, response, field, schema version, role and id of the key. A ciphertext that is
//! copied to another response or field therefore does not open there. The padding hides all but the length's bucket.

use super::{
    RandomSource, SealError, Secret,
    framing::{Cut, VERSION, join},
    hpke_box, sealer,
    x25519::{KeyId, PrivateKey, PublicKey, Role, role},
};

/// Padding step: a yes, a name and two paragraphs look alike from outside (figure of the security reference, §6).
const BUCKET: usize = 1024;
const LENGTH: usize = 4;
/// A phone's picture fits; longer evidence must go in chunks (not here), since an envelope is whole in memory.
pub const LONGEST: usize = 16 * 1024 * 1024;

const INFO: &[u8] = b"tocsin response field v1";

/// Keys an envelope can be sealed to: the appeal's and the thread's.
pub trait Addressee: Role {
    /// Opens what a short-lived sender sealed (version 2), where such senders exist.
    #[doc(hidden)]
    fn open_shared(
        _with: &PrivateKey<Self>,
        _context: &SealContext<'_>,
        _key: KeyId,
        _rest: &[u8],
    ) -> Result<Opened, SealError> {
        Err(SealError::UnknownVersion(sealer::VERSION))
    }
}
impl Addressee for role::Appeal {
    fn open_shared(
        with: &PrivateKey<Self>,
        context: &SealContext<'_>,
        key: KeyId,
        rest: &[u8],
    ) -> Result<Opened, SealError> {
        sealer::open(with, context, key, rest)
    }
}
impl Addressee for role::Thread {}

/// The place of a sealed value. The key's id is added from the key itself, so it cannot be named wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealContext<'a> {
    /// The unit (tenant) that owns the appeal.
    pub unit: &'a str,
    /// The appeal.
    pub appeal: &'a str,
    /// The response.
    pub response: &'a str,
    /// Which value of the response, e.g. `text`, `sender`, `message/MSG-ID/witness`. Distinct per value and per copy.
    pub field: &'a str,
    /// Version of the content's own shape.
    pub schema_version: u16,
}

/// A sealed value, ready to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    bytes: Vec<u8>,
}

impl Sealed {
    /// Bytes read from storage; they are judged when opened.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// The layout above.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The layout above, to store.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Which key opens it.
    pub fn key_id(&self) -> Result<KeyId, SealError> {
        Cut::of_versions(&self.bytes, &[VERSION, sealer::VERSION])?.1.take().map(KeyId::from_bytes)
    }
}

/// Opened content: never prints, wiped on drop.
pub type Opened = Secret<Vec<u8>>;

/// Seals `plaintext` so that only the holder of the private half opens it, and only in this place.
pub fn seal<R: Addressee>(
    to: &PublicKey<R>,
    context: &SealContext<'_>,
    plaintext: &[u8],
    random: &mut dyn RandomSource,
) -> Result<Sealed, SealError> {
    let id = to.id();
    let ciphertext = hpke_box::seal(to, INFO, &bind::<R>(context, id), pad(plaintext)?.expose(), random)?;
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(id.as_bytes());
    bytes.extend_from_slice(&ciphertext);
    Ok(Sealed { bytes })
}

/// Opens what [`seal`] or an [`super::AppealSealer`] made for this key and this place.
pub fn open<R: Addressee>(
    with: &PrivateKey<R>,
    context: &SealContext<'_>,
    sealed: &Sealed,
) -> Result<Opened, SealError> {
    let (version, mut cut) = Cut::of_versions(&sealed.bytes, &[VERSION, sealer::VERSION])?;
    let sealed_to = KeyId::from_bytes(cut.take()?);
    let given = with.public()?.id();
    if sealed_to != given {
        return Err(SealError::OtherKey { sealed_to, given });
    }
    if version == sealer::VERSION {
        return R::open_shared(with, context, given, cut.rest(BUCKET)?);
    }
    let ciphertext = cut.rest(hpke_box::OVERHEAD + BUCKET)?;
    unpad(hpke_box::open(with, INFO, &bind::<R>(context, given), ciphertext)?)
}

pub(super) fn bind<R: Addressee>(context: &SealContext<'_>, key: KeyId) -> Vec<u8> {
    join(&[
        context.unit.as_bytes(),
        context.appeal.as_bytes(),
        context.response.as_bytes(),
        context.field.as_bytes(),
        &context.schema_version.to_be_bytes(),
        R::NAME.as_bytes(),
        key.as_bytes(),
    ])
}

pub(super) fn pad(plaintext: &[u8]) -> Result<Secret<Vec<u8>>, SealError> {
    let too_long = SealError::TooLong { limit: LONGEST, found: plaintext.len() };
    if plaintext.len() > LONGEST {
        return Err(too_long);
    }
    let length = u32::try_from(plaintext.len()).map_err(|_| too_long)?;
    // Sized before anything is written: a growing vector would leave copies behind.
    let mut padded = Secret::new(vec![0; (LENGTH + plaintext.len()).next_multiple_of(BUCKET)]);
    let content = length.to_be_bytes().into_iter().chain(plaintext.iter().copied());
    padded.expose_mut().iter_mut().zip(content).for_each(|(to, from)| *to = from);
    Ok(padded)
}

pub(super) fn unpad(mut padded: Secret<Vec<u8>>) -> Result<Opened, SealError> {
    let (length, rest) = padded.expose().split_first_chunk::<LENGTH>().ok_or(SealError::MalformedContent)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| SealError::MalformedContent)?;
    if length > rest.len() || rest.iter().skip(length).any(|byte| *byte != 0) {
        return Err(SealError::MalformedContent);
    }
    // In place, so that no second copy is made; the tail is wiped with the rest of the allocation on drop.
    let bytes = padded.expose_mut();
    bytes.copy_within(LENGTH..LENGTH + length, 0);
    bytes.truncate(length);
    Ok(padded)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::sealing::{AppealKeyPair, OsRandom, random::SeededRandom};
    use proptest::prelude::*;

    const HERE: SealContext<'_> =
        SealContext { unit: "unit_namur", appeal: "apl_01", response: "rsp_01", field: "text", schema_version: 1 };
    const TIP: &[u8] = "Je l'ai vue près de la gare, vers 18 h.".as_bytes();

    #[test]
    fn the_reader_gets_back_what_the_witness_wrote() {
        let pair = AppealKeyPair::generate(&mut OsRandom);
        let sealed = seal(pair.public(), &HERE, TIP, &mut OsRandom).unwrap();
        assert_eq!(sealed.key_id().unwrap(), pair.public().id());
        assert_eq!(open(pair.private(), &HERE, &sealed).unwrap().expose(), TIP);
        assert!(!sealed.as_bytes().windows(8).any(|part| TIP.windows(8).any(|tip| tip == part)));
    }

    #[test]
    fn a_ciphertext_cannot_be_moved() {
        let pair = AppealKeyPair::generate(&mut OsRandom);
        let sealed = seal(pair.public(), &HERE, TIP, &mut OsRandom).unwrap();
        for elsewhere in [
            SealContext { unit: "unit_mons", ..HERE },
            SealContext { appeal: "apl_02", ..HERE },
            SealContext { response: "rsp_02", ..HERE },
            SealContext { field: "sender", ..HERE },
            SealContext { schema_version: 2, ..HERE },
            // The same letters, cut elsewhere.
            SealContext { appeal: "apl_01r", response: "sp_01", ..HERE },
        ] {
            assert_eq!(open(pair.private(), &elsewhere, &sealed).err(), Some(SealError::DoesNotOpen), "{elsewhere:?}");
        }
    }

    #[test]
    fn another_key_is_named() {
        let (ours, theirs) = (AppealKeyPair::generate(&mut OsRandom), AppealKeyPair::generate(&mut OsRandom));
        let sealed = seal(ours.public(), &HERE, TIP, &mut OsRandom).unwrap();
        let expected = SealError::OtherKey { sealed_to: ours.public().id(), given: theirs.public().id() };
        assert_eq!(open(theirs.private(), &HERE, &sealed).err(), Some(expected));
    }

    #[test]
    fn lengths_within_a_bucket_look_alike() {
        let pair = AppealKeyPair::generate(&mut OsRandom);
        let length = |n: usize| seal(pair.public(), &HERE, &vec![7; n], &mut OsRandom).unwrap().as_bytes().len();
        let one_bucket = 1 + 8 + 32 + 1024 + 16;
        assert_eq!([length(0), length(1), length(1020)], [one_bucket; 3]);
        assert_eq!([length(1021), length(2044)], [one_bucket + 1024; 2]);
    }

    #[test]
    fn the_same_text_never_seals_to_the_same_bytes() {
        let pair = AppealKeyPair::generate(&mut OsRandom);
        let sealed = || seal(pair.public(), &HERE, TIP, &mut OsRandom).unwrap();
        assert_ne!(sealed(), sealed());
    }

    #[test]
    fn too_much_is_refused_with_the_limit() {
        let pair = AppealKeyPair::generate(&mut OsRandom);
        let refused = seal(pair.public(), &HERE, &vec![0; LONGEST + 1], &mut OsRandom);
        assert_eq!(refused.err(), Some(SealError::TooLong { limit: LONGEST, found: LONGEST + 1 }));
    }

    #[test]
    fn a_key_of_small_order_is_refused() {
        let zero = PublicKey::<role::Appeal>::from_bytes([0; 32]);
        assert_eq!(seal(&zero, &HERE, TIP, &mut OsRandom).err(), Some(SealError::UnusableKey));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_content_survives(content in proptest::collection::vec(any::<u8>(), 0..3000), seed: u64) {
            let random = &mut SeededRandom::new(seed);
            let pair = AppealKeyPair::generate(random);
            let sealed = seal(pair.public(), &HERE, &content, random).unwrap();
            let opened = open(pair.private(), &HERE, &sealed).unwrap();
            prop_assert_eq!(opened.expose(), &content);
        }

    }

    /// Every byte in turn, and every length: with all eight bits of each in the long run, else with one.
    #[test]
    fn any_flipped_byte_and_any_truncation_is_noticed() {
        let random = &mut SeededRandom::new(3);
        let pair = AppealKeyPair::generate(random);
        let sealed = seal(pair.public(), &HERE, TIP, random).unwrap().into_bytes();
        let opens = |bytes: Vec<u8>| open(pair.private(), &HERE, &Sealed::from_bytes(bytes)).is_ok();
        assert!(opens(sealed.clone()));
        let is_long = std::env::var("TOCSIN_TEST_LONG").is_ok();
        let mut tried = 0;
        for at in 0..sealed.len() {
            // X25519 ignores the top bit of a point, but HPKE hashes the point as sent.
            for bit in (0..8).filter(|bit| is_long || *bit == at % 8) {
                let mut flipped = sealed.clone();
                flipped[at] ^= 1 << bit;
                assert!(!opens(flipped), "bit {bit} of byte {at}");
                tried += 1;
            }
            assert!(!opens(sealed[..at].to_vec()), "cut at {at}");
        }
        println!("{tried} flips and {} cuts of a response of {} bytes: all noticed", sealed.len(), sealed.len());
    }
}
