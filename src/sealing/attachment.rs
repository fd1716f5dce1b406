//! Files of witnesses, closed in pieces under a key of their own, so that a missing end, a swapped piece and a moved file
//! are noticed, and so that forgetting 32 bytes forgets the file. The key itself is kept sealed to the appeal's key; who
//! does that is `app::intake`.
//!
//! # Layout
//! | bytes | what |
//! |---|---|
//! | 1 | version, 1 |
//! | 7 | random part of the nonces |
//! | n × (16384 + 16) | pieces: AES-256-GCM of: length u64 big-endian, content, zeros |
//!
//! The nonce of a piece is the random part, its number (u32 big-endian) and 1 for the last one, else 0 (the STREAM
//! construction of Hoang, Reyhanitabar, Rogaway and Vizár). Authenticated but not stored: unit, appeal, response, which
//! attachment and which part of it. All pieces are full: a length tells the next 16 KiB and no more.

use super::{
    RandomSource, SealContext, SealError, Secret, aead,
    framing::{Cut, VERSION, join},
    random::draw,
};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Bytes of a piece before its tag.
const PIECE: usize = 16 * 1024;
const TAG: usize = 16;
const LENGTH: usize = 8;
const PREFIX: usize = 7;
/// Plaintext bytes at the most; far above what an upload may have, and far below 2^32 pieces.
pub const LONGEST_ATTACHMENT: usize = 64 * 1024 * 1024;
const INFO: &[u8] = b"tocsin attachment v1";

/// The key of one attachment; its parts (the original, what is looked at) have keys derived from it.
#[derive(Clone, Debug)]
pub struct AttachmentKey(Secret<[u8; 32]>);

impl AttachmentKey {
    /// A new one.
    #[must_use]
    pub fn generate(random: &mut dyn RandomSource) -> Self {
        Self(Secret::new(draw(random)))
    }

    /// One that was kept sealed.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, SealError> {
        let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| SealError::MalformedContent)?;
        Ok(Self(Secret::new(bytes)))
    }

    /// To be sealed at once.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    fn for_part(&self, place: &[u8]) -> Result<LessSafeKey, SealError> {
        let key = aead::derive(self.0.expose(), &join(&[INFO, place]))?;
        let key = UnboundKey::new(&AES_256_GCM, key.expose()).map_err(|_| SealError::UnusableKey)?;
        Ok(LessSafeKey::new(key))
    }

    /// Closes the part that `context.field` names.
    pub fn seal(
        &self,
        context: &SealContext<'_>,
        content: &[u8],
        random: &mut dyn RandomSource,
    ) -> Result<Vec<u8>, SealError> {
        if content.len() > LONGEST_ATTACHMENT {
            return Err(SealError::TooLong { limit: LONGEST_ATTACHMENT, found: content.len() });
        }
        let place = bind(context);
        let key = self.for_part(&place)?;
        let prefix: [u8; PREFIX] = draw(random);
        let length = u64::try_from(content.len()).map_err(|_| SealError::MalformedContent)?.to_be_bytes();
        let pieces = (LENGTH + content.len()).div_ceil(PIECE);
        let mut out = Vec::with_capacity(1 + PREFIX + pieces * (PIECE + TAG));
        out.push(VERSION);
        out.extend_from_slice(&prefix);
        let mut rest = length.iter().chain(content).copied();
        for number in 0..pieces {
            let start = out.len();
            out.extend(rest.by_ref().take(PIECE));
            out.resize(start + PIECE, 0);
            let nonce = nonce(prefix, number, number + 1 == pieces)?;
            let piece = out.get_mut(start..).ok_or(SealError::MalformedContent)?;
            let tag = key
                .seal_in_place_separate_tag(nonce, Aad::from(&place), piece)
                .map_err(|_| SealError::MalformedContent)?;
            out.extend_from_slice(tag.as_ref());
        }
        Ok(out)
    }

    /// Opens what [`Self::seal`] closed for this place; anything changed, cut off, added or moved does not open.
    pub fn open(&self, context: &SealContext<'_>, sealed: &[u8]) -> Result<Secret<Vec<u8>>, SealError> {
        let place = bind(context);
        let key = self.for_part(&place)?;
        let mut cut = Cut::versioned(sealed)?;
        let prefix: [u8; PREFIX] = cut.take()?;
        let body = cut.rest(PIECE + TAG)?;
        if !body.len().is_multiple_of(PIECE + TAG) {
            return Err(SealError::DoesNotOpen);
        }
        let pieces = body.len() / (PIECE + TAG);
        let mut content = Secret::new(Vec::with_capacity(pieces * PIECE));
        let mut buffer = Secret::new(vec![0; PIECE + TAG]);
        for (number, piece) in body.chunks_exact(PIECE + TAG).enumerate() {
            buffer.expose_mut().copy_from_slice(piece);
            let nonce = nonce(prefix, number, number + 1 == pieces)?;
            let opened =
                key.open_in_place(nonce, Aad::from(&place), buffer.expose_mut()).map_err(|_| SealError::DoesNotOpen)?;
            content.expose_mut().extend_from_slice(opened);
        }
        let bytes = content.expose_mut();
        let (length, _) = bytes.split_first_chunk::<LENGTH>().ok_or(SealError::MalformedContent)?;
        let length = usize::try_from(u64::from_be_bytes(*length)).map_err(|_| SealError::MalformedContent)?;
        let end = LENGTH.checked_add(length).filter(|end| *end <= bytes.len()).ok_or(SealError::MalformedContent)?;
        bytes.copy_within(LENGTH..end, 0);
        bytes.truncate(length);
        Ok(content)
    }
}

fn nonce(prefix: [u8; PREFIX], number: usize, last: bool) -> Result<Nonce, SealError> {
    let number = u32::try_from(number).map_err(|_| SealError::MalformedContent)?.to_be_bytes();
    let mut bytes = [0; 12];
    let all = prefix.into_iter().chain(number).chain([u8::from(last)]);
    bytes.iter_mut().zip(all).for_each(|(to, from)| *to = from);
    Ok(Nonce::assume_unique_for_key(bytes))
}

fn bind(context: &SealContext<'_>) -> Vec<u8> {
    join(&[
        context.unit.as_bytes(),
        context.appeal.as_bytes(),
        context.response.as_bytes(),
        context.field.as_bytes(),
        &context.schema_version.to_be_bytes(),
    ])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::sealing::random::SeededRandom;

    const HERE: SealContext<'_> = SealContext {
        unit: "unt_1",
        appeal: "apl_1",
        response: "rsp_1",
        field: "attachment/att_1/original",
        schema_version: 1,
    };

    fn content(length: usize) -> Vec<u8> {
        (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect()
    }

    #[test]
    fn a_file_comes_back_whole_and_its_length_is_hidden_within_a_piece() {
        let random = &mut SeededRandom::new(1);
        let key = AttachmentKey::generate(random);
        for length in [0, 1, PIECE - LENGTH, PIECE - LENGTH + 1, 3 * PIECE, 100_000] {
            let sealed = key.seal(&HERE, &content(length), random).unwrap();
            assert_eq!(key.open(&HERE, &sealed).unwrap().expose(), &content(length), "{length}");
        }
        let sealed = |length, random: &mut SeededRandom| key.seal(&HERE, &content(length), random).unwrap().len();
        assert_eq!(sealed(10, random), sealed(9_000, random));
    }

    #[test]
    fn pieces_cannot_be_dropped_swapped_or_repeated_and_the_file_cannot_be_moved() {
        let random = &mut SeededRandom::new(2);
        let key = AttachmentKey::generate(random);
        let sealed = key.seal(&HERE, &content(5 * PIECE), random).unwrap();
        let (head, step) = (1 + PREFIX, PIECE + TAG);
        for pieces in [vec![0, 1, 2, 3, 4], vec![0, 2, 1, 3, 4, 5], vec![0, 1, 1, 2, 3, 4, 5], vec![5], vec![0]] {
            let mut bytes = sealed[..head].to_vec();
            for n in &pieces {
                bytes.extend_from_slice(&sealed[head + n * step..head + (n + 1) * step]);
            }
            assert_eq!(key.open(&HERE, &bytes).err(), Some(SealError::DoesNotOpen), "{pieces:?}");
        }
        for elsewhere in [
            SealContext { unit: "unt_2", ..HERE },
            SealContext { appeal: "apl_2", ..HERE },
            SealContext { response: "rsp_2", ..HERE },
            SealContext { field: "attachment/att_1/view", ..HERE },
            SealContext { field: "attachment/att_2/original", ..HERE },
        ] {
            assert_eq!(key.open(&elsewhere, &sealed).err(), Some(SealError::DoesNotOpen));
        }
        assert_eq!(AttachmentKey::generate(random).open(&HERE, &sealed).err(), Some(SealError::DoesNotOpen));
    }

    /// Every byte in turn, and a cut before each, in the long run; else every thirteenth, and all of head and tail.
    #[test]
    fn any_flipped_byte_or_missing_end_is_noticed() {
        let random = &mut SeededRandom::new(3);
        let key = AttachmentKey::generate(random);
        let sealed = key.seal(&HERE, &content(20_000), random).unwrap();
        assert_eq!(sealed.len(), 32_808);
        let is_long = std::env::var("TOCSIN_TEST_LONG").is_ok();
        let mut tried = 0;
        for at in 0..sealed.len() {
            if !is_long && at % 13 != 0 && (64..sealed.len() - 64).contains(&at) {
                continue;
            }
            let (mut flipped, mut cut) = (sealed.clone(), sealed.clone());
            flipped[at] ^= 1 << (at % 8);
            cut.truncate(at);
            assert!(key.open(&HERE, &flipped).is_err(), "byte {at}");
            assert!(key.open(&HERE, &cut).is_err(), "cut at {at}");
            tried += 1;
        }
        println!("{tried} flips and {tried} cuts of a file of {} bytes: all noticed", sealed.len());
    }
}
