//! Who is told by mail what is late, where a unit named nobody.

use serde::Deserialize;

/// Who is told what is late.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Duty {
    /// Address of whoever is on duty; empty: only units that named an address of their own are written to.
    pub address: String,
    /// Language of the mails where the unit named none: `fr`, `nl`, `de` or `en`.
    pub language: String,
}

impl Default for Duty {
    fn default() -> Self {
        Self { address: String::new(), language: "fr".to_owned() }
    }
}
