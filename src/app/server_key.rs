//! The one secret of an installation that is not in the database: 32 bytes in a file only its owner may read.
//! Signs unsubscribe links and seals second-factor secrets, each under a key of its own derived from it.

use crate::sealing::CheckpointKey;
use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit};
use hkdf::Hkdf;
use sha2::Sha256;
use std::io::Write;
use std::path::Path;
use zeroize::Zeroizing;

/// The installation's key.
#[derive(Clone)]
pub struct ServerKey {
    key: Zeroizing<[u8; 32]>,
    /// Derived once: mass mail signs two links a recipient.
    signing: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerKey(***)")
    }
}

/// The key file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("key file {0}")]
pub struct UnusableKey(String);

/// 32 secret bytes from a file that only its owner may read, made when it does not exist yet.
fn secret_file(path: &Path) -> Result<Zeroizing<[u8; 32]>, UnusableKey> {
    let broken = |cause: String| UnusableKey(format!("{}: {cause}", path.display()));
    if !path.exists() {
        create(path).map_err(|cause| broken(cause.to_string()))?;
    }
    let bytes = Zeroizing::new(std::fs::read(path).map_err(|cause| broken(cause.to_string()))?);
    let key =
        <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| broken(format!("holds {} bytes, not 32", bytes.len())))?;
    Ok(Zeroizing::new(key))
}

/// The key that signs audit checkpoints, made like the server key but apart from it: a machine that only has to serve
/// pages can do without it, and an auditor can hold it elsewhere.
pub fn open_checkpoint_key(path: &Path) -> Result<CheckpointKey, UnusableKey> {
    let seed = secret_file(path)?;
    CheckpointKey::from_seed(&seed).map_err(|cause| UnusableKey(format!("{}: {cause}", path.display())))
}

impl ServerKey {
    /// Reads the key, or makes it when the file does not exist yet. Two first starts at once agree on one file:
    /// whoever comes second reads what the first one wrote.
    pub fn open(path: &Path) -> Result<Self, UnusableKey> {
        secret_file(path).map(|key| Self { signing: derived(&key, "sign"), key })
    }

    /// A signature of `text` for one `purpose`: 32 lower-case hexadecimal digits (128 bits).
    #[must_use]
    pub fn sign(&self, purpose: &str, text: &str) -> String {
        let mut tag = [0_u8; 16];
        let _ = Hkdf::<Sha256>::new(Some(purpose.as_bytes()), &*self.signing).expand(text.as_bytes(), &mut tag);
        crate::domain::canonical::hex(&tag)
    }

    /// Whether `signature` is [`ServerKey::sign`] of the same; takes the same time for any wrong one.
    #[must_use]
    pub fn signed(&self, purpose: &str, text: &str, signature: &str) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.sign(purpose, text).as_bytes(), signature.as_bytes()).into()
    }

    /// Encrypts a small secret for the database; `place` ties it to its row and column.
    #[must_use]
    pub fn seal(&self, place: &str, secret: &[u8], nonce: [u8; 12]) -> Option<Vec<u8>> {
        let cipher = Aes256Gcm::new_from_slice(&*derived(&self.key, place)).ok()?;
        let sealed = cipher.encrypt(&nonce.into(), secret).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`ServerKey::seal`] made for the same place; `None` when it was changed or moved.
    #[must_use]
    pub fn open_sealed(&self, place: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, body) = sealed.split_first_chunk::<12>()?;
        let cipher = Aes256Gcm::new_from_slice(&*derived(&self.key, place)).ok()?;
        cipher.decrypt(&(*nonce).into(), body).ok().map(Zeroizing::new)
    }
}

/// The key for one purpose.
fn derived(key: &[u8; 32], purpose: &str) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0_u8; 32]);
    // 32 bytes is one block of SHA-256 output: expand cannot refuse it.
    let _ = Hkdf::<Sha256>::new(None, key).expand(purpose.as_bytes(), &mut *derived);
    derived
}

fn create(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut key = Zeroizing::new([0_u8; 32]);
    getrandom::fill(&mut *key).map_err(std::io::Error::other)?;
    // Written aside and linked into place, so that nobody ever reads half a key.
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&draft)?.write_all(&*key)?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn a_key_is_made_once_and_signs_by_purpose() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/server.key");
        let (first, second) = (ServerKey::open(&path).unwrap(), ServerKey::open(&path).unwrap());
        let signature = first.sign("unsubscribe", "sub_1");
        assert!(second.signed("unsubscribe", "sub_1", &signature));
        assert!(!second.signed("unsubscribe", "sub_2", &signature));
        assert!(!second.signed("other", "sub_1", &signature));
    }

    #[test]
    fn a_sealed_secret_opens_only_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let key = ServerKey::open(&folder.path().join("server.key")).unwrap();
        let sealed = key.seal("totp usr_1", b"secret", [7; 12]).unwrap();
        assert_eq!(key.open_sealed("totp usr_1", &sealed).unwrap().as_slice(), b"secret");
        assert!(key.open_sealed("totp usr_2", &sealed).is_none());
    }
}
