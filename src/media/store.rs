//! The one door to stored pictures: a directory or an S3 bucket, chosen once at start. Bytes are named by their digest,
//! which is checked on the way in and on the way out: a file changed behind our back is an error, never a picture.
//! Decides nothing about who may read; deleting what no appeal uses any more is left to the caller.

use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt as _};

use super::digest_of;

/// An S3-compatible bucket, addressed path-style (`endpoint/bucket/key`), which every implementation understands.
/// Not printable: it holds the secret key.
pub struct Bucket<'a> {
    /// Name.
    pub name: &'a str,
    /// Address of the service. `http://` is taken at its word, for a store on the same machine.
    pub endpoint: &'a str,
    /// Region.
    pub region: &'a str,
    /// Access key.
    pub access_key: &'a str,
    /// Secret key.
    pub secret_key: &'a str,
}

/// A picture could not be stored or found.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Wrong configuration, found at start.
    #[error("the store for pictures cannot be opened: {0}")]
    Unusable(String),
    /// Reading or writing failed; trying later may help.
    #[error("the store for pictures does not answer: {0}")]
    Unavailable(String),
    /// What lies there is not what was stored. Restore it from a backup, or clean and store the picture again.
    #[error("the picture {0} is damaged in the store")]
    Damaged(String),
    /// A mistake of the caller: not 64 hexadecimal digits, or not the digest of these bytes.
    #[error("not the digest of these bytes: {0}")]
    WrongDigest(String),
}

/// Cheap to clone; all clones share one connection pool.
#[derive(Clone, Debug)]
pub struct MediaStore {
    objects: Arc<dyn ObjectStore>,
}

impl MediaStore {
    /// Files below `folder`, which is made when missing. Written under another name, synced and renamed, so that a reader
    /// or a crash never meets half a file.
    pub fn directory(folder: &FilePath) -> Result<Self, StoreError> {
        let unusable = |cause: &dyn std::fmt::Display| StoreError::Unusable(format!("{}: {cause}", folder.display()));
        std::fs::create_dir_all(folder).map_err(|e| unusable(&e))?;
        let files = LocalFileSystem::new_with_prefix(folder).map_err(|e| unusable(&e))?.with_fsync(true);
        Ok(Self { objects: Arc::new(files) })
    }

    /// Objects in a bucket. Nothing is asked of the network yet.
    pub fn bucket(bucket: &Bucket<'_>) -> Result<Self, StoreError> {
        let objects = AmazonS3Builder::new()
            .with_endpoint(bucket.endpoint)
            .with_region(bucket.region)
            .with_bucket_name(bucket.name)
            .with_access_key_id(bucket.access_key)
            .with_secret_access_key(bucket.secret_key)
            .with_allow_http(bucket.endpoint.starts_with("http://"))
            .with_virtual_hosted_style_request(false)
            // One DELETE per object: the bulk call is an extension that smaller implementations lack.
            .with_disable_bulk_delete(true)
            .build()
            .map_err(|e| StoreError::Unusable(e.to_string()))?;
        Ok(Self { objects: Arc::new(objects) })
    }

    /// Keeps the bytes under their digest. Putting the same bytes twice is harmless.
    pub async fn put(&self, digest: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let place = place_of(digest)?;
        if digest_of(&bytes) != digest {
            return Err(StoreError::WrongDigest(digest.to_owned()));
        }
        self.objects.put(&place, bytes.into()).await.map_err(|e| unavailable(&e))?;
        Ok(())
    }

    /// The bytes of this digest and no others, or nothing when they are not kept.
    pub async fn get(&self, digest: &str) -> Result<Option<Bytes>, StoreError> {
        let found = match self.objects.get(&place_of(digest)?).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            other => other.map_err(|e| unavailable(&e))?,
        };
        let bytes = found.bytes().await.map_err(|e| unavailable(&e))?;
        if digest_of(&bytes) == digest { Ok(Some(bytes)) } else { Err(StoreError::Damaged(digest.to_owned())) }
    }

    /// Is something kept under this digest? Its content is not read.
    pub async fn exists(&self, digest: &str) -> Result<bool, StoreError> {
        match self.objects.head(&place_of(digest)?).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Forgets the bytes. Deleting what is not there is no error: a repeated take-down must succeed.
    pub async fn delete(&self, digest: &str) -> Result<(), StoreError> {
        match self.objects.delete(&place_of(digest)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(unavailable(&error)),
        }
    }
}

fn unavailable(error: &object_store::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

/// `ab/cd/<digest>`: two levels of 256 keep directories short at millions of files. Lower case only, so that a digest has
/// one place; anything else never reaches the file system.
fn place_of(digest: &str) -> Result<ObjectPath, StoreError> {
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match (digest.get(..2), digest.get(2..4)) {
        (Some(first), Some(second)) if is_digest => Ok(ObjectPath::from_iter([first, second, digest])),
        _ => Err(StoreError::WrongDigest(digest.chars().take(80).collect())),
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
