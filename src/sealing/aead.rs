//! AES-256-GCM under a key we already share, and HKDF-SHA256 to get such a key from a secret of full strength.

use aes_gcm::{
    Aes256Gcm,
    aead::{Aead as _, KeyInit as _, Payload},
};
use hkdf::Hkdf;
use sha2::Sha256;

use super::{RandomSource, SealError, Secret, random::draw};

const NONCE: usize = 12;
/// Nonce plus tag: what closing adds.
pub(super) const OVERHEAD: usize = NONCE + 16;

/// A key for [`close`]. `secret` must hold at least 112 bits: HKDF does not slow a guesser down.
pub(super) fn derive(secret: &[u8], info: &[u8]) -> Result<Secret<[u8; 32]>, SealError> {
    let mut key = Secret::new([0; 32]);
    // Fails only above 255 blocks of output; we ask for one.
    Hkdf::<Sha256>::new(None, secret).expand(info, key.expose_mut()).map_err(|_| SealError::MalformedContent)?;
    Ok(key)
}

/// Writes nonce (12, random) | ciphertext and tag (plaintext + 16). With 96 random bits a key may close 2^32 times (NIST SP
/// 800-38D 8.3); every key here closes a handful, the key at rest some thousands.
pub(super) fn close(
    key: &Secret<[u8; 32]>,
    aad: &[u8],
    plaintext: &[u8],
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, SealError> {
    let nonce: [u8; NONCE] = draw(random);
    let ciphertext = Aes256Gcm::new(key.expose().into())
        .encrypt((&nonce).into(), Payload { msg: plaintext, aad })
        .map_err(|_| SealError::TooLong { limit: usize::MAX, found: plaintext.len() })?;
    let mut out = nonce.to_vec();
    out.extend_from_slice(&ciphertext);
    Ok(out)
}

/// Reads what [`close`] wrote.
pub(super) fn open(key: &Secret<[u8; 32]>, aad: &[u8], closed: &[u8]) -> Result<Secret<Vec<u8>>, SealError> {
    let Some((nonce, ciphertext)) = closed.split_first_chunk::<NONCE>() else {
        return Err(SealError::Truncated { needed: OVERHEAD, found: closed.len() });
    };
    Aes256Gcm::new(key.expose().into())
        .decrypt(nonce.into(), Payload { msg: ciphertext, aad })
        .map(Secret::new)
        .map_err(|_| SealError::DoesNotOpen)
}
