//! How people get in.

use serde::Deserialize;

/// How people get in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Access {
    /// Where the pages are on which people use passkeys: `https://…`, or `http://localhost…`. Empty: `server.public_url`;
    /// passkeys are off when that is no such address.
    pub passkey_origin: String,
    /// The domain passkeys are bound to for good: the origin's host or one above it. Empty: the host.
    pub passkey_domain: String,
}
