//! Why a ciphertext was not made or not opened. The reasons say nothing of the content, so they may be logged.

use super::x25519::KeyId;

/// Every refusal of the sealing functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Fewer bytes than the layout needs.
    #[error("sealed bytes are cut short: {found} of at least {needed}")]
    Truncated {
        /// The layout's minimum.
        needed: usize,
        /// What came.
        found: usize,
    },
    /// The first byte is of no version we know.
    #[error("sealed bytes have version {0}, known is 1")]
    UnknownVersion(u8),
    /// Sealed to another key than the one given; look for the key with the first id.
    #[error("sealed to key {sealed_to}, opened with key {given}")]
    OtherKey {
        /// The key it was sealed to.
        sealed_to: KeyId,
        /// The key that was tried.
        given: KeyId,
    },
    /// The content is longer than one envelope takes.
    #[error("{found} bytes to seal, at most {limit}")]
    TooLong {
        /// The most that fits.
        limit: usize,
        /// What came.
        found: usize,
    },
    /// Wrong key, wrong password, altered bytes, or bytes moved from another place: they cannot be told apart.
    #[error("does not open: wrong key or password, altered, or moved from elsewhere")]
    DoesNotOpen,
    /// The content opened but is not of the shape expected.
    #[error("opened content is malformed")]
    MalformedContent,
    /// A public key with which no secret can be agreed (a point of small order).
    #[error("public key is unusable")]
    UnusableKey,
    /// A key's written form is not 32 bytes in base64url.
    #[error("key text is not 32 bytes in base64url")]
    MalformedKeyText,
    /// Stored Argon2 cost outside what this service ever writes.
    #[error("stored Argon2 cost is out of bounds")]
    CostOutOfBounds,
    /// The machine had no memory for Argon2.
    #[error("no memory to derive a key from the password")]
    NoMemory,
}
