//! The key pair of a user who may read responses: the private half locked under the password, the granted appeal keys
//! wrapped to the public half. An administrator without a grant has no wrapped key and cannot read; a password set anew
//! by somebody else does not open the old private half, so grants must then be wrapped again by another reader.
//!
//! # Layouts
//! Locked reader key: version 1 | Argon2id cost (3 × u32: memory KiB, passes, lanes) | salt 16 | nonce 12 | key 32 | tag 16.
//! Authenticated: cost, salt, user. Wrapped appeal key: version 1 | HPKE encapsulated key 32 | key 32 | tag 16, bound to
//! appeal and user.

use super::{
    AppealPrivateKey, Password, RandomSource, SealError, Secret, StretchCost, aead,
    framing::{Cut, VERSION, join},
    hpke_box,
    random::draw,
    x25519::{KeyPair, PrivateKey, PublicKey, role::Reader},
};

/// Made when a user sets the first password.
pub type ReaderKeyPair = KeyPair<Reader>;
/// Appeal keys are wrapped to it.
pub type ReaderPublicKey = PublicKey<Reader>;
/// Opens the appeal keys granted to its owner.
pub type ReaderPrivateKey = PrivateKey<Reader>;

const SALT: usize = 16;
const LOCK: &[u8] = b"tocsin reader key under password v1";
const GRANT: &[u8] = b"tocsin appeal key to reader v1";

/// A reader's private key under the password, as stored with the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedReaderKey(Vec<u8>);

impl LockedReaderKey {
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

    /// Locks `private` under `password`. Slow by design: run it where the password hash is run, within the same limit.
    pub fn lock(
        private: &ReaderPrivateKey,
        password: &Password,
        user: &str,
        cost: StretchCost,
        random: &mut dyn RandomSource,
    ) -> Result<Self, SealError> {
        let salt: [u8; SALT] = draw(random);
        let key = cost.stretch(password.expose(), &salt)?;
        let closed = aead::close(&key, &bind_lock(cost, &salt, user), private.expose(), random)?;
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&cost.to_bytes());
        bytes.extend_from_slice(&salt);
        bytes.extend_from_slice(&closed);
        Ok(Self(bytes))
    }

    /// Opens with the password, at the cost it was locked with. A wrong password is [`SealError::DoesNotOpen`].
    pub fn unlock(&self, password: &Password, user: &str) -> Result<ReaderPrivateKey, SealError> {
        let mut cut = Cut::versioned(&self.0)?;
        let cost = StretchCost::cut(&mut cut)?;
        let salt: [u8; SALT] = cut.take()?;
        let closed = cut.rest(aead::OVERHEAD + 32)?;
        let key = cost.stretch(password.expose(), &salt)?;
        ReaderPrivateKey::from_opened(&aead::open(&key, &bind_lock(cost, &salt, user), closed)?)
    }

    /// Whether to lock it again at the next login because the wanted cost has risen.
    pub fn needs_relock(&self, wanted: &StretchCost) -> Result<bool, SealError> {
        Ok(StretchCost::cut(&mut Cut::versioned(&self.0)?)?.is_below(wanted))
    }
}

fn bind_lock(cost: StretchCost, salt: &[u8; SALT], user: &str) -> Vec<u8> {
    join(&[LOCK, &cost.to_bytes(), salt, user.as_bytes()])
}

/// An appeal's private key for one reader (or for recovery), as stored with the grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedAppealKey(pub(super) Vec<u8>);

impl WrappedAppealKey {
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

/// Grants `user`, the owner of `reader`, the appeal's key.
pub fn wrap_for_reader(
    appeal_key: &AppealPrivateKey,
    reader: &ReaderPublicKey,
    appeal: &str,
    user: &str,
    random: &mut dyn RandomSource,
) -> Result<WrappedAppealKey, SealError> {
    let mut bytes = vec![VERSION];
    bytes.extend(hpke_box::seal(reader, GRANT, &bind_grant(appeal, user), appeal_key.expose(), random)?);
    Ok(WrappedAppealKey(bytes))
}

/// Opens a grant made for this reader, appeal and user.
pub fn unwrap_for_reader(
    wrapped: &WrappedAppealKey,
    reader: &ReaderPrivateKey,
    appeal: &str,
    user: &str,
) -> Result<AppealPrivateKey, SealError> {
    let sealed = Cut::versioned(&wrapped.0)?.rest(hpke_box::OVERHEAD + 32)?;
    let opened: Secret<Vec<u8>> = hpke_box::open(reader, GRANT, &bind_grant(appeal, user), sealed)?;
    AppealPrivateKey::from_opened(&opened)
}

fn bind_grant(appeal: &str, user: &str) -> Vec<u8> {
    join(&[appeal.as_bytes(), user.as_bytes()])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::sealing::{AppealKeyPair, OsRandom};

    fn locked(pair: &ReaderKeyPair) -> LockedReaderKey {
        let password = Password::typed("four quiet herons");
        LockedReaderKey::lock(pair.private(), &password, "usr_1", StretchCost::FOR_TESTS, &mut OsRandom).unwrap()
    }

    #[test]
    fn the_password_opens_the_reader_key_and_that_opens_the_appeal_key() {
        let (reader, appeal) = (ReaderKeyPair::generate(&mut OsRandom), AppealKeyPair::generate(&mut OsRandom));
        let grant = wrap_for_reader(appeal.private(), reader.public(), "apl_1", "usr_1", &mut OsRandom).unwrap();
        let opened = locked(&reader).unlock(&Password::typed("four quiet herons"), "usr_1").unwrap();
        let key = unwrap_for_reader(&grant, &opened, "apl_1", "usr_1").unwrap();
        assert_eq!(&key.public().unwrap(), appeal.public());
    }

    #[test]
    fn another_password_or_user_does_not_open() {
        let locked = locked(&ReaderKeyPair::generate(&mut OsRandom));
        for (password, user) in [("five quiet herons", "usr_1"), ("four quiet herons", "usr_2")] {
            assert_eq!(locked.unlock(&Password::typed(password), user).err(), Some(SealError::DoesNotOpen));
        }
    }

    #[test]
    fn an_altered_lock_does_not_open() {
        let locked = locked(&ReaderKeyPair::generate(&mut OsRandom));
        assert_eq!(locked.as_bytes().len(), 1 + 12 + 16 + 12 + 32 + 16);
        for at in [0, 4, 20, 30, 50, 80] {
            let mut bytes = locked.as_bytes().to_vec();
            bytes[at] ^= 1;
            let altered = LockedReaderKey::from_bytes(bytes);
            assert!(altered.unlock(&Password::typed("four quiet herons"), "usr_1").is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_lock_cheaper_than_wanted_is_made_anew() {
        let locked = locked(&ReaderKeyPair::generate(&mut OsRandom));
        assert!(locked.needs_relock(&StretchCost::STANDARD).unwrap());
        assert!(!locked.needs_relock(&StretchCost::FOR_TESTS).unwrap());
    }

    #[test]
    fn a_grant_is_for_one_reader_appeal_and_user() {
        let (reader, other) = (ReaderKeyPair::generate(&mut OsRandom), ReaderKeyPair::generate(&mut OsRandom));
        let appeal = AppealKeyPair::generate(&mut OsRandom);
        let grant = wrap_for_reader(appeal.private(), reader.public(), "apl_1", "usr_1", &mut OsRandom).unwrap();
        for (key, appeal, user) in
            [(&other, "apl_1", "usr_1"), (&reader, "apl_2", "usr_1"), (&reader, "apl_1", "usr_2")]
        {
            let opened = unwrap_for_reader(&grant, key.private(), appeal, user);
            assert_eq!(opened.err(), Some(SealError::DoesNotOpen));
        }
    }
}
