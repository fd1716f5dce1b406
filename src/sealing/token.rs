//! Tokens that machines carry: API tokens, session tokens and the opaque ones in links. Shown once, stored as SHA-256.
//! Scopes, expiry and what a refused caller is told: `app` and `http`.
//!
//! # Form of API and session tokens
//! `wab_<kind>_<id>_<secret>_<check>`: kind `pat`, `svc` or `ses`; id of 8 characters, public, shown in lists; 256 secret
//! bits as 43 characters of base64url; CRC-32 of all before it as 6 characters of base62. The fixed prefix and the checksum
//! let scanners find leaked tokens, and let us refuse a mangled one without asking the database.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{RandomSource, Secret, SecretDigest, crockford, random::draw};

const PREFIX: &str = "wab_";
/// `wab_` 4, kind 3, id 8, secret 43, checksum 6 and three underscores.
const LENGTH: usize = 67;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Whose token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A person's, for scripts.
    Personal,
    /// A system's, such as a case registry.
    Service,
    /// A browser's, in the session cookie.
    Session,
}

impl TokenKind {
    /// `pat`, `svc` or `ses`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Personal => "pat",
            Self::Service => "svc",
            Self::Session => "ses",
        }
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Personal, Self::Service, Self::Session].into_iter().find(|kind| kind.code() == code)
    }
}

/// Why a text is no token. For our log; outside, all refusals look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Length, prefix, kind or alphabet.
    #[error("not of the form of a token")]
    Shape,
    /// The form is right but a character was lost or changed.
    #[error("the token's checksum does not match")]
    Checksum,
    /// A session token where an API token is due, or the reverse.
    #[error("a token of another kind")]
    Kind,
}

/// The public name of a token, eight lower-case characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenId([u8; 8]);

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

#[derive(Clone)]
struct Token {
    kind: TokenKind,
    id: TokenId,
    secret: Secret<[u8; 32]>,
}

impl Token {
    fn generate(kind: TokenKind, random: &mut dyn RandomSource) -> Self {
        Self { kind, id: TokenId(crockford::short_id(random)), secret: Secret::new(draw(random)) }
    }

    /// By position, because base64url may itself hold underscores.
    fn parse(text: &str) -> Result<Self, TokenError> {
        if text.len() != LENGTH || !text.is_ascii() {
            return Err(TokenError::Shape);
        }
        let part = |from: usize, to: usize| text.get(from..to).ok_or(TokenError::Shape);
        let underscored = part(0, 4)? == PREFIX && part(7, 8)? == "_" && part(16, 17)? == "_" && part(60, 61)? == "_";
        let kind = TokenKind::parse(part(4, 7)?).filter(|_| underscored).ok_or(TokenError::Shape)?;
        let id = part(8, 16)?.as_bytes();
        if checksum(part(0, 60)?) != part(61, LENGTH)? {
            return Err(TokenError::Checksum);
        }
        let id = id.try_into().ok().filter(|_| crockford::is_short_id(id)).ok_or(TokenError::Shape)?;
        let secret = decode::<32>(part(17, 60)?).ok_or(TokenError::Shape)?;
        Ok(Self { kind, id: TokenId(id), secret })
    }

    fn text(&self) -> Secret<String> {
        let secret = Secret::new(BASE64_URL_SAFE_NO_PAD.encode(self.secret.expose()));
        let body = Secret::new(format!("{PREFIX}{}_{}_{}", self.kind.code(), self.id, secret.expose()));
        Secret::new(format!("{}_{}", body.expose(), checksum(body.expose())))
    }

    /// Of the whole text, so kind and id cannot be exchanged around a secret.
    fn digest(&self) -> SecretDigest {
        SecretDigest::of(self.text().expose().as_bytes())
    }
}

/// A person's or a system's token for `Authorization: Bearer`.
#[derive(Clone)]
pub struct ApiToken(Token);

impl ApiToken {
    /// A new token of a person.
    #[must_use]
    pub fn personal(random: &mut dyn RandomSource) -> Self {
        Self(Token::generate(TokenKind::Personal, random))
    }

    /// A new token of a system.
    #[must_use]
    pub fn service(random: &mut dyn RandomSource) -> Self {
        Self(Token::generate(TokenKind::Service, random))
    }

    /// Reads what followed `Bearer `.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let token = Token::parse(text)?;
        if token.kind == TokenKind::Session { Err(TokenError::Kind) } else { Ok(Self(token)) }
    }

    /// Person or system.
    #[must_use]
    pub const fn kind(&self) -> TokenKind {
        self.0.kind
    }

    /// The public name.
    #[must_use]
    pub const fn id(&self) -> TokenId {
        self.0.id
    }

    /// For the one showing.
    #[must_use]
    pub fn text(&self) -> Secret<String> {
        self.0.text()
    }

    /// What is stored, and searched for.
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        self.0.digest()
    }
}

/// A browser's token: the value of the session cookie. Also opens the session's reader key ([`super::session_wrap`]).
#[derive(Clone)]
pub struct SessionToken(Token);

impl SessionToken {
    /// A new token; at login and again at step-up.
    #[must_use]
    pub fn generate(random: &mut dyn RandomSource) -> Self {
        Self(Token::generate(TokenKind::Session, random))
    }

    /// Reads the cookie.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let token = Token::parse(text)?;
        if token.kind == TokenKind::Session { Ok(Self(token)) } else { Err(TokenError::Kind) }
    }

    /// The public name, for the list of one's own sessions.
    #[must_use]
    pub const fn id(&self) -> TokenId {
        self.0.id
    }

    /// For the cookie.
    #[must_use]
    pub fn text(&self) -> Secret<String> {
        self.0.text()
    }

    /// What is stored, and searched for.
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        self.0.digest()
    }

    pub(super) fn expose(&self) -> &[u8] {
        self.0.secret.expose()
    }
}

/// 128 bits in a link: to confirm or end a subscription.
#[derive(Clone)]
pub struct LinkToken(Secret<[u8; 16]>);

impl LinkToken {
    /// A new token.
    #[must_use]
    pub fn generate(random: &mut dyn RandomSource) -> Self {
        Self(Secret::new(draw(random)))
    }

    /// Reads the 22 characters of the link.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        decode(text).map(Self).ok_or(TokenError::Shape)
    }

    /// 22 characters of base64url, for the link.
    #[must_use]
    pub fn text(&self) -> Secret<String> {
        Secret::new(BASE64_URL_SAFE_NO_PAD.encode(self.0.expose()))
    }

    /// What is stored, and searched for.
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(self.text().expose().as_bytes())
    }
}

/// `Debug` that shows the public name at most.
macro_rules! hidden {
    ($($token:ident),*) => { $(
        impl fmt::Debug for $token {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($token), "(***)"))
            }
        }
    )* };
}
hidden!(ApiToken, SessionToken, LinkToken);

fn decode<const N: usize>(text: &str) -> Option<Secret<[u8; N]>> {
    let bytes = Secret::new(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?);
    bytes.expose().as_slice().try_into().ok().map(Secret::new)
}

/// CRC-32 (IEEE) in six digits of base 62: 62^6 is above 2^32. Finds slips, proves nothing.
fn checksum(body: &str) -> String {
    let crc = !body.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    });
    let digit = |power: u32| usize::try_from(crc / 62_u32.pow(power) % 62).ok().and_then(|at| BASE62.get(at));
    (0..6).rev().filter_map(digit).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests;
