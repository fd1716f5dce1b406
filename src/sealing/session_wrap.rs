//! A reader's private key for the length of a session, under a key that only the browser's token gives. The server keeps the
//! wrap and the token's digest, so neither a stolen database nor an ended session opens anything.
//!
//! # Layout
//! version 1 | nonce 12 | key 32 | tag 16; the key is HKDF-SHA256(token secret, label and session id).

use super::{
    RandomSource, ReaderPrivateKey, SealError, SessionToken, aead,
    framing::{Cut, VERSION, join},
};

const LABEL: &[u8] = b"tocsin reader key under session v1";

/// What the session's row keeps. Delete it with the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionWrap(Vec<u8>);

impl SessionWrap {
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

/// Wraps at login and at step-up (which changes the token).
pub fn wrap_for_session(
    reader: &ReaderPrivateKey,
    token: &SessionToken,
    session: &str,
    random: &mut dyn RandomSource,
) -> Result<SessionWrap, SealError> {
    let info = join(&[LABEL, session.as_bytes()]);
    let key = aead::derive(token.expose(), &info)?;
    let mut bytes = vec![VERSION];
    bytes.extend(aead::close(&key, &info, reader.expose(), random)?);
    Ok(SessionWrap(bytes))
}

/// Opens with the token that the browser sent.
pub fn unwrap_from_session(
    wrap: &SessionWrap,
    token: &SessionToken,
    session: &str,
) -> Result<ReaderPrivateKey, SealError> {
    let closed = Cut::versioned(&wrap.0)?.rest(aead::OVERHEAD + 32)?;
    let info = join(&[LABEL, session.as_bytes()]);
    ReaderPrivateKey::from_opened(&aead::open(&aead::derive(token.expose(), &info)?, &info, closed)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::sealing::{OsRandom, ReaderKeyPair};

    #[test]
    fn only_the_token_of_that_session_opens() {
        let reader = ReaderKeyPair::generate(&mut OsRandom);
        let (token, other) = (SessionToken::generate(&mut OsRandom), SessionToken::generate(&mut OsRandom));
        let wrap = wrap_for_session(reader.private(), &token, "ses_1", &mut OsRandom).unwrap();
        let opened = unwrap_from_session(&wrap, &token, "ses_1").unwrap();
        assert_eq!(&opened.public().unwrap(), reader.public());
        assert_eq!(unwrap_from_session(&wrap, &other, "ses_1").err(), Some(SealError::DoesNotOpen));
        assert_eq!(unwrap_from_session(&wrap, &token, "ses_2").err(), Some(SealError::DoesNotOpen));
        let short = SessionWrap::from_bytes(vec![1; 20]);
        assert_eq!(
            unwrap_from_session(&short, &token, "ses_1").err(),
            Some(SealError::Truncated { needed: 61, found: 20 })
        );
    }
}
