//! What the checks of texts look up on this machine.

use serde::Deserialize;
use std::path::PathBuf;

/// What the checks of texts look up on this machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lint {
    /// Directories with Hunspell dictionaries (`fr_BE.aff`, `fr_BE.dic`, …); the first that has a language wins. A language
    /// without one is not checked for spelling, and every plan says so.
    pub dictionaries: Vec<PathBuf>,
    /// TOML files with the official hashtags of localities; rows of later files are added.
    pub hashtags: Vec<PathBuf>,
}

impl Default for Lint {
    fn default() -> Self {
        // Where Debian's packages put them.
        Self { dictionaries: vec![PathBuf::from("/usr/share/hunspell")], hashtags: Vec::new() }
    }
}
