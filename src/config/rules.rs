//! Which rules an installation adds, and how it reads target areas.

use serde::Deserialize;
use std::path::PathBuf;

/// Rules of law and of the chain.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// TOML files whose rows are added to the shipped rules; a row with a known id takes its place.
    pub files: Vec<PathBuf>,
    /// Hosts a notice may link to, such as `police.be`, besides this service's own.
    pub official_links: Vec<String>,
    /// Handles of official accounts a notice may name.
    pub official_handles: Vec<String>,
}

/// Target areas.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Area {
    /// Languages of Belgian municipalities with facilities. Brussels always has both of its.
    pub facilities: Facilities,
}

/// In which languages people of a municipality with facilities are addressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Facilities {
    /// The area's and the facility language: what the law gives them a right to.
    #[default]
    Both,
    /// The area's language only.
    AreaLanguage,
}
