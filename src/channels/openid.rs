//! An organisation's identity provider (OpenID Connect): where people are sent, and who it says came back. Which account
//! that is, whether a second factor is still owed and what is recorded, is `app::openid`'s matter.

#[cfg(not(feature = "openid"))]
mod absent;
#[cfg(feature = "openid")]
mod provider;

#[cfg(not(feature = "openid"))]
pub use absent::Provider;
#[cfg(feature = "openid")]
pub use provider::Provider;

use chrono::{DateTime, Utc};

/// What this side keeps while somebody is away: never sent to the browser.
#[derive(Clone)]
pub struct Kept {
    /// Comes back inside the provider's token.
    pub nonce: String,
    /// Proves that the code is spent by whoever asked for it (PKCE).
    pub verifier: String,
}

/// A visit to the provider that begins.
pub struct Departure {
    /// Where the browser goes.
    pub url: String,
    /// What this side keeps.
    pub kept: Kept,
}

/// Who the provider says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Its name for the person: stable, and unique with it.
    pub subject: String,
    /// Their address, when the provider has verified it.
    pub email: Option<String>,
    /// The provider used a second factor that the configuration accepts.
    pub vouched: bool,
    /// When the person last proved themselves there, where the provider says so.
    pub proved_at: Option<DateTime<Utc>>,
}

/// Why nobody is known after a visit.
#[derive(Clone, Debug, thiserror::Error)]
pub enum VisitFailed {
    /// The provider cannot be reached or does not speak the protocol. Trying later may help.
    #[error("the identity provider is out of reach: {0}")]
    Down(String),
    /// What came back proves nothing.
    #[error("{reason}: {detail}")]
    Refused {
        /// Stable code for the audit.
        reason: &'static str,
        /// For the log.
        detail: String,
    },
}
