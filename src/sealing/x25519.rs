//! X25519 keys that know what they are for: an appeal's, a reader's, a thread's and the recovery key are four types, so one
//! cannot be passed for another. What is sealed with them: the files named after the roles.

use std::{fmt, marker::PhantomData};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hpke::{Deserializable, Kem as _, Serializable, kem::X25519HkdfSha256};
use sha2::{Digest, Sha256};

use super::{RandomSource, SealError, Secret, random::Draw};

pub(super) type Kem = X25519HkdfSha256;
pub(super) type KemPublic = <Kem as hpke::Kem>::PublicKey;
pub(super) type KemPrivate = <Kem as hpke::Kem>::PrivateKey;

/// What a key pair is for. Closed: the roles are those of this module.
pub trait Role: role::Closed + Copy + fmt::Debug {}

pub(super) mod role {
    pub trait Closed {
        const NAME: &'static str;
    }

    /// Declares a role: a type that is never a value.
    macro_rules! role {
        ($(#[$doc:meta])* $name:ident, $text:literal) => {
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub enum $name {}
            impl Closed for $name {
                const NAME: &'static str = $text;
            }
            impl super::Role for $name {}
        };
    }
    role!(/// Opens what is sent about one appeal.
        Appeal, "appeal");
    role!(/// Opens the appeal keys one user was granted.
        Reader, "reader");
    role!(/// Opens the messages to one witness.
        Thread, "thread");
    role!(/// Kept offline; opens every appeal key.
        Recovery, "recovery");
}

/// Names a key in stored rows and logs: the first 8 bytes of the SHA-256 of the public half. Not a secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 8]);

impl KeyId {
    /// The first 8 bytes of the SHA-256 of all parts.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        let digest = parts.iter().fold(Sha256::new(), Sha256::chain_update).finalize();
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(bytes)
    }

    /// The bytes as they stand in an envelope.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// Eight bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// Reads the 16 hex digits that `Display` writes.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        super::digest::from_hex(hex).map(Self)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::digest::to_hex(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// The half that seals. May be stored and shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey<R: Role> {
    bytes: [u8; 32],
    role: PhantomData<R>,
}

impl<R: Role> PublicKey<R> {
    /// A key as stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self { bytes, role: PhantomData }
    }

    /// A key as stored, when its length is not yet known to be right.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, SealError> {
        let bytes = bytes.try_into().map_err(|_| SealError::Truncated { needed: 32, found: bytes.len() })?;
        Ok(Self::from_bytes(bytes))
    }

    /// 32 bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The written form, for configuration: 43 characters of base64url.
    #[must_use]
    pub fn to_text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.bytes)
    }

    /// Reads [`Self::to_text`].
    pub fn from_text(text: &str) -> Result<Self, SealError> {
        decode_key(text).map(Self::from_bytes)
    }

    /// The name under which the key is known.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of(&[&self.bytes])
    }

    pub(super) fn kem(&self) -> Result<KemPublic, SealError> {
        KemPublic::from_bytes(&self.bytes).map_err(|_| SealError::UnusableKey)
    }
}

impl<R: Role> fmt::Debug for PublicKey<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", R::NAME, self.id())
    }
}

/// The half that opens.
#[derive(Clone)]
pub struct PrivateKey<R: Role> {
    bytes: Secret<[u8; 32]>,
    role: PhantomData<R>,
}

impl<R: Role> PrivateKey<R> {
    pub(super) fn from_secret(bytes: Secret<[u8; 32]>) -> Self {
        Self { bytes, role: PhantomData }
    }

    pub(super) fn from_opened(opened: &Secret<Vec<u8>>) -> Result<Self, SealError> {
        let bytes = opened.expose().as_slice().try_into().map_err(|_| SealError::MalformedContent)?;
        Ok(Self::from_secret(Secret::new(bytes)))
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        self.bytes.expose()
    }

    /// The half to seal with.
    pub fn public(&self) -> Result<PublicKey<R>, SealError> {
        Ok(PublicKey::from_bytes(Kem::sk_to_pk(&self.kem()?).to_bytes().into()))
    }

    pub(super) fn kem(&self) -> Result<KemPrivate, SealError> {
        KemPrivate::from_bytes(self.expose()).map_err(|_| SealError::UnusableKey)
    }
}

impl PrivateKey<role::Recovery> {
    /// The written form, for the one printing that goes into the safe.
    #[must_use]
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(BASE64_URL_SAFE_NO_PAD.encode(self.expose()))
    }

    /// Reads [`Self::to_text`].
    pub fn from_text(text: &str) -> Result<Self, SealError> {
        decode_key(text).map(|bytes| Self::from_secret(Secret::new(bytes)))
    }
}

impl<R: Role> fmt::Debug for PrivateKey<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({} ***)", R::NAME)
    }
}

/// Both halves, as made.
#[derive(Clone, Debug)]
pub struct KeyPair<R: Role> {
    public: PublicKey<R>,
    private: PrivateKey<R>,
}

impl<R: Role> KeyPair<R> {
    /// A new pair (RFC 9180 `DeriveKeyPair` of 256 random bits).
    #[must_use]
    pub fn generate(random: &mut dyn RandomSource) -> Self {
        let (private, public) = Kem::gen_keypair_with_rng(&mut Draw(random));
        Self {
            public: PublicKey::from_bytes(public.to_bytes().into()),
            private: PrivateKey::from_secret(Secret::new(private.to_bytes().into())),
        }
    }

    /// The half to store as it is.
    #[must_use]
    pub const fn public(&self) -> &PublicKey<R> {
        &self.public
    }

    /// The half to wrap and drop.
    #[must_use]
    pub const fn private(&self) -> &PrivateKey<R> {
        &self.private
    }
}

fn decode_key(text: &str) -> Result<[u8; 32], SealError> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| SealError::MalformedKeyText)?;
    bytes.try_into().map_err(|_| SealError::MalformedKeyText)
}
