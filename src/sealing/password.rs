//! Passwords as typed and as stored: Argon2id in the PHC string format. Which passwords may be chosen: `password_policy`.
//! How many hashes run at once: `http`, which must bound them (64 MiB each).

use std::fmt;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc};

use super::{RandomSource, SealError, Secret, StretchCost, random::draw};

/// Longer input is refused unread; four bytes for each of the 128 characters a password may have.
const LONGEST_BYTES: usize = 512;

/// What somebody typed. Used exactly as typed: not trimmed, not normalised, not cut (ASVS 6.2.8).
#[derive(Clone, Debug)]
pub struct Password(Secret<String>);

impl Password {
    /// Any text: what is right is known only after comparing.
    #[must_use]
    pub fn typed(text: impl Into<String>) -> Self {
        Self(Secret::new(text.into()))
    }

    pub(super) fn expose(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

/// A stored hash, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash {
    text: String,
    cost: StretchCost,
}

impl PasswordHash {
    /// Reads a stored hash; refuses other algorithms and a cost that would take the machine down.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hash = phc::PasswordHash::new(text).ok()?;
        let complete = hash.algorithm.as_str() == "argon2id" && hash.salt.is_some() && hash.hash.is_some();
        let number = |name| hash.params.get_decimal(name);
        let cost = StretchCost::new(number("m")?, number("t")?, number("p")?).ok()?;
        complete.then(|| Self { text: text.to_owned(), cost })
    }

    /// The PHC string, to store. Not to log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether to hash again at the next successful login, because the wanted cost has risen (ASVS 11.2.2).
    #[must_use]
    pub const fn needs_rehash(&self, wanted: &StretchCost) -> bool {
        self.cost.is_below(wanted)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

/// Hashes with a fresh salt. Slow by design.
pub fn hash_password(
    password: &Password,
    cost: StretchCost,
    random: &mut dyn RandomSource,
) -> Result<PasswordHash, SealError> {
    let salt: [u8; 16] = draw(random);
    let hash = cost.argon2()?.hash_password_with_salt(password.expose(), &salt).map_err(|_| SealError::NoMemory)?;
    Ok(PasswordHash { text: hash.to_string(), cost })
}

/// Whether the password is the one behind `stored`, at the cost it was stored with. Slow by design.
#[must_use]
pub fn verify_password(password: &Password, stored: &PasswordHash) -> bool {
    if password.expose().len() > LONGEST_BYTES {
        return false;
    }
    let Ok(argon2) = stored.cost.argon2() else {
        return false;
    };
    phc::PasswordHash::new(&stored.text).is_ok_and(|hash| argon2.verify_password(password.expose(), &hash).is_ok())
}

/// [`verify_password`] for a login, where the user may not exist: then the same work is done for nothing, so that the time
/// taken does not tell which accounts there are (ASVS 6.3.8).
#[must_use]
pub fn check_login(password: &Password, stored: Option<&PasswordHash>, cost: StretchCost) -> bool {
    if let Some(stored) = stored {
        return verify_password(password, stored);
    }
    if password.expose().len() <= LONGEST_BYTES {
        // The key is dropped: black_box keeps the compiler from dropping the work too.
        let _ = std::hint::black_box(cost.stretch(password.expose(), &[0; 16]));
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::sealing::OsRandom;

    const CHEAP: StretchCost = StretchCost::FOR_TESTS;

    fn hashed() -> PasswordHash {
        hash_password(&Password::typed("four quiet herons "), CHEAP, &mut OsRandom).unwrap()
    }

    #[test]
    fn only_the_exact_password_is_right() {
        let stored = PasswordHash::parse(hashed().as_str()).unwrap();
        assert!(verify_password(&Password::typed("four quiet herons "), &stored));
        for wrong in ["four quiet herons", "Four quiet herons ", ""] {
            assert!(!verify_password(&Password::typed(wrong), &stored), "{wrong:?}");
        }
    }

    #[test]
    fn every_hash_has_its_own_salt() {
        assert_ne!(hashed(), hashed());
    }

    #[test]
    fn an_unknown_user_is_never_let_in() {
        let typed = Password::typed("four quiet herons ");
        assert!(check_login(&typed, Some(&hashed()), CHEAP));
        assert!(!check_login(&typed, None, CHEAP));
        assert!(!check_login(&Password::typed("x".repeat(10_000)), None, CHEAP));
    }

    #[test]
    fn a_dearer_cost_asks_for_a_rehash() {
        assert!(hashed().needs_rehash(&StretchCost::STANDARD));
        assert!(!hashed().needs_rehash(&CHEAP));
    }

    #[test]
    fn foreign_hashes_are_refused() {
        let ours = hashed();
        for text in [
            String::new(),
            "plain".to_owned(),
            ours.as_str().replace("argon2id", "argon2i"),
            ours.as_str().replace("m=8,", "m=99999999,"),
            ours.as_str().rsplit_once('$').unwrap().0.to_owned(),
        ] {
            assert!(PasswordHash::parse(&text).is_none(), "{text}");
        }
        assert_eq!(format!("{ours:?} {:?}", Password::typed("x")), "PasswordHash(***) Password(Secret(***))");
    }
}
