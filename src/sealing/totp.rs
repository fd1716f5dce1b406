//! The second factor of those without a passkey: TOTP (RFC 6238) as authenticator apps speak it, SHA-1, six digits, 30 s.
//! The secret is kept closed under [`super::AtRestKey`]; the last accepted step is kept by `app` and never goes back.

use std::fmt::{self, Write as _};

use subtle::ConstantTimeEq;
use totp_rs::{Algorithm, Builder, Totp};

use super::{RandomSource, SealError, Secret, random::draw};

const STEP: u64 = 30;
const DIGITS: u8 = 6;

/// 160 bits, the length RFC 4226 recommends.
#[derive(Clone)]
pub struct TotpSecret(Secret<[u8; 20]>);

impl TotpSecret {
    /// A new secret.
    #[must_use]
    pub fn generate(random: &mut dyn RandomSource) -> Self {
        Self(Secret::new(draw(random)))
    }

    /// The secret as it came out of its seal.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        bytes.try_into().map(|bytes| Self(Secret::new(bytes))).map_err(|_| SealError::MalformedContent)
    }

    /// The bytes, to be closed before they are stored.
    #[must_use]
    pub fn expose(&self) -> &[u8; 20] {
        self.0.expose()
    }

    /// Which step the code belongs to, if it is right now, one step early or late, and later than the last one accepted.
    /// Store the step in the same transaction that lets the user in: each step works once (ASVS 6.5.1).
    #[must_use]
    pub fn check(&self, code: &str, at_unix: u64, last_accepted: Option<u64>) -> Option<u64> {
        let typed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let now = at_unix / STEP;
        let mut found = None;
        // All three are computed whatever matches, so that the time taken says nothing.
        for step in [now.saturating_add(1), now, now.saturating_sub(1)] {
            let right = bool::from(self.code_of(step).expose().as_bytes().ct_eq(typed.as_bytes()));
            if right && last_accepted.is_none_or(|last| step > last) {
                found = Some(step);
            }
        }
        found
    }

    /// The code of a moment: for the command line and for tests.
    #[must_use]
    pub fn code_at(&self, at_unix: u64) -> Secret<String> {
        self.code_of(at_unix / STEP)
    }

    /// What the authenticator app reads from the QR code. Shown once.
    #[must_use]
    pub fn otpauth_uri(&self, issuer: &str, account: &str) -> Secret<String> {
        let (issuer, account) = (percent(issuer), percent(account));
        let secret = self.base32();
        Secret::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP}",
            secret.expose()
        ))
    }

    /// Reads what activation printed.
    pub fn from_base32(text: &str) -> Result<Self, SealError> {
        let secret = totp_rs::Secret::try_from_base32(text.trim()).map_err(|_| SealError::DoesNotOpen)?;
        Self::from_bytes(secret.as_ref())
    }

    /// For those who type it into the app.
    #[must_use]
    pub fn base32(&self) -> Secret<String> {
        Secret::new(totp_rs::Secret::new_stack(*self.0.expose()).to_base32())
    }

    fn code_of(&self, step: u64) -> Secret<String> {
        Secret::new(self.totp().generate(step.saturating_mul(STEP)).to_string())
    }

    fn totp(&self) -> Totp {
        // The RFC's bounds on secret, digits and step are met by the constants above, so the unchecked build is right.
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS)
            .with_step_duration(STEP)
            .with_secret(totp_rs::Secret::new_stack(*self.0.expose()))
            .build_noncompliant()
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(***)")
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::sealing::OsRandom;

    fn rfc() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").unwrap()
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of the eight digits.
        for (at, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(rfc().code_at(at).expose(), code);
        }
    }

    #[test]
    fn a_code_counts_one_step_either_way() {
        let (secret, at) = (rfc(), 1_234_567_890);
        let code = secret.code_at(at);
        for (shift, right) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let found = secret.check(code.expose(), at.checked_add_signed(shift).unwrap(), None);
            assert_eq!(found, right.then_some(at / 30), "{shift}");
        }
    }

    #[test]
    fn a_step_is_accepted_once_and_never_an_earlier_one() {
        let (secret, at) = (rfc(), 1_234_567_890);
        let code = secret.code_at(at);
        let step = secret.check(code.expose(), at, None).unwrap();
        assert_eq!(secret.check(code.expose(), at + 20, Some(step)), None);
        assert_eq!(secret.check(secret.code_at(at - 30).expose(), at, Some(step)), None);
        assert_eq!(secret.check(secret.code_at(at + 30).expose(), at, Some(step)), Some(step + 1));
    }

    #[test]
    fn typing_is_forgiven_but_not_guessing() {
        let (secret, at) = (rfc(), 1_234_567_890);
        assert!(secret.check(" 005 924 ", at, None).is_some());
        for wrong in ["", "5924", "0059240", "00592٤", "005925"] {
            assert_eq!(secret.check(wrong, at, None), None, "{wrong}");
        }
    }

    #[test]
    fn the_app_reads_the_uri() {
        let uri = rfc().otpauth_uri("Tocsin Liège", "lotte@politie.example");
        assert_eq!(
            uri.expose(),
            "otpauth://totp/Tocsin%20Li%C3%A8ge:lotte%40politie.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Tocsin%20Li%C3%A8ge&algorithm=SHA1&digits=6&period=30"
        );
        assert_ne!(TotpSecret::generate(&mut OsRandom).expose(), TotpSecret::generate(&mut OsRandom).expose());
    }
}
