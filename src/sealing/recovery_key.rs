//! The offline recovery key: its public half stands in the configuration, its private half in a safe. Every appeal key is
//! wrapped to it once, so that a force that lost all its readers does not lose what witnesses said. Layout: as a reader's.

use super::{
    AppealPrivateKey, RandomSource, SealError, WrappedAppealKey,
    framing::{Cut, VERSION, join},
    hpke_box,
    x25519::{KeyPair, PrivateKey, PublicKey, role::Recovery},
};

/// Made once, on a machine that is not the server.
pub type RecoveryKeyPair = KeyPair<Recovery>;
/// In the configuration, as [`PublicKey::to_text`].
pub type RecoveryPublicKey = PublicKey<Recovery>;
/// In the safe, as its `to_text`.
pub type RecoveryPrivateKey = PrivateKey<Recovery>;

const RECOVERY: &[u8] = b"tocsin appeal key to recovery v1";

/// Wraps an appeal's key for the day nobody else can open it.
pub fn wrap_for_recovery(
    appeal_key: &AppealPrivateKey,
    recovery: &RecoveryPublicKey,
    appeal: &str,
    random: &mut dyn RandomSource,
) -> Result<WrappedAppealKey, SealError> {
    let mut bytes = vec![VERSION];
    bytes.extend(hpke_box::seal(recovery, RECOVERY, &join(&[appeal.as_bytes()]), appeal_key.expose(), random)?);
    Ok(WrappedAppealKey::from_bytes(bytes))
}

/// Opens it with the key from the safe.
pub fn unwrap_for_recovery(
    wrapped: &WrappedAppealKey,
    recovery: &RecoveryPrivateKey,
    appeal: &str,
) -> Result<AppealPrivateKey, SealError> {
    let sealed = Cut::versioned(wrapped.as_bytes())?.rest(hpke_box::OVERHEAD + 32)?;
    AppealPrivateKey::from_opened(&hpke_box::open(recovery, RECOVERY, &join(&[appeal.as_bytes()]), sealed)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::sealing::{AppealKeyPair, OsRandom};

    #[test]
    fn the_printed_key_opens_the_appeal_key() {
        let (recovery, appeal) = (RecoveryKeyPair::generate(&mut OsRandom), AppealKeyPair::generate(&mut OsRandom));
        let wrapped = wrap_for_recovery(appeal.private(), recovery.public(), "apl_1", &mut OsRandom).unwrap();
        let from_safe = RecoveryPrivateKey::from_text(recovery.private().to_text().expose()).unwrap();
        let opened = unwrap_for_recovery(&wrapped, &from_safe, "apl_1").unwrap();
        assert_eq!(&opened.public().unwrap(), appeal.public());
        assert_eq!(unwrap_for_recovery(&wrapped, &from_safe, "apl_2").err(), Some(SealError::DoesNotOpen));
    }
}
