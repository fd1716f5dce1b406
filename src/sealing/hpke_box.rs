//! HPKE (RFC 9180) base mode, one suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Single shot: every call has
//! its own ephemeral key, so no nonce is ever used twice. What is bound in `info` and `aad`: the callers.

use hpke::{Deserializable as _, OpModeR, OpModeS, Serializable as _, aead::AesGcm256, kdf::HkdfSha256};

use super::{
    RandomSource, SealError, Secret,
    random::Draw,
    x25519::{Kem, PrivateKey, PublicKey, Role},
};

/// Encapsulated key plus tag: what HPKE adds.
pub(super) const OVERHEAD: usize = ENCAPPED + 16;
const ENCAPPED: usize = 32;

/// Writes encapsulated key (32) | ciphertext and tag (plaintext + 16).
pub(super) fn seal<R: Role>(
    to: &PublicKey<R>,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, SealError> {
    let (encapped, ciphertext) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
        &OpModeS::Base,
        &to.kem()?,
        info,
        plaintext,
        aad,
        &mut Draw(random),
    )
    .map_err(|_| SealError::UnusableKey)?;
    let mut out = encapped.to_bytes().to_vec();
    out.extend_from_slice(&ciphertext);
    Ok(out)
}

/// Reads what [`seal`] wrote.
pub(super) fn open<R: Role>(
    with: &PrivateKey<R>,
    info: &[u8],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Secret<Vec<u8>>, SealError> {
    let Some((encapped, ciphertext)) = sealed.split_first_chunk::<ENCAPPED>() else {
        return Err(SealError::Truncated { needed: OVERHEAD, found: sealed.len() });
    };
    let encapped = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapped).map_err(|_| SealError::DoesNotOpen)?;
    hpke::single_shot_open::<AesGcm256, HkdfSha256, Kem>(&OpModeR::Base, &with.kem()?, &encapped, info, ciphertext, aad)
        .map(Secret::new)
        .map_err(|_| SealError::DoesNotOpen)
}
