//! Sign-in through an organisation's identity provider.

use super::SecretText;
use serde::Deserialize;

/// Sign-in through an organisation's identity provider (OpenID Connect). Off without an issuer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Openid {
    /// The provider, exactly as its tokens name it: `https://…`, or `http://` on this machine. The only one accepted.
    pub issuer: String,
    /// What the provider calls this installation.
    pub client_id: String,
    /// The secret it gave; empty for a public client, which PKCE protects.
    pub client_secret: SecretText,
    /// Where the provider sends people back to, as registered there: a page of the console, which hands `code` and `state`
    /// to `POST /sessions/openid/code`.
    pub redirect_url: String,
    /// What is asked for besides `openid`, such as `email`.
    pub scopes: Vec<String>,
    /// Mail domain of this force: somebody whose verified address is `LOGIN@` this is bound to the account LOGIN at first
    /// sign-in. Empty: accounts are bound by their owners only.
    pub email_domain: String,
    /// Values of `acr` with which the provider vouches for a second factor. Empty: one is asked here, always.
    pub accepted_acr: Vec<String>,
}

/// Whether secrets may travel there.
pub(super) fn is_safe(url: &str) -> bool {
    let here = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
    let rest = here.iter().find_map(|begin| url.strip_prefix(begin));
    url.starts_with("https://") || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
}

impl Openid {
    /// Whether it is on.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.issuer.is_empty()
    }

    /// The first key whose value cannot be used, and why.
    pub(super) fn validate(&self) -> Result<(), (&'static str, &'static str)> {
        if !self.is_on() {
            return Ok(());
        }
        if !is_safe(&self.issuer) {
            return Err(("openid.issuer", "must begin with https://"));
        }
        if self.client_id.is_empty() {
            return Err(("openid.client_id", "is needed with openid.issuer"));
        }
        if !is_safe(&self.redirect_url) {
            return Err(("openid.redirect_url", "is needed with openid.issuer and must begin with https://"));
        }
        if self.email_domain.contains('@') {
            return Err(("openid.email_domain", "is the part after the @"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_needs_a_client_and_a_safe_way_back() {
        let with = |issuer: &str, client: &str, back: &str| {
            let openid = Openid {
                issuer: issuer.to_owned(),
                client_id: client.to_owned(),
                redirect_url: back.to_owned(),
                ..Openid::default()
            };
            openid.validate().map_err(|(key, _)| key)
        };
        assert_eq!(with("", "", ""), Ok(()), "off");
        assert_eq!(with("https://id.example.be", "tocsin", "https://tocsin.example.be/back"), Ok(()));
        assert_eq!(with("http://127.0.0.1:9000", "tocsin", "http://localhost/back"), Ok(()));
        assert_eq!(with("http://localhost.example.be", "tocsin", "https://a.be"), Err("openid.issuer"));
        assert_eq!(with("https://id.example.be", "", "https://a.be"), Err("openid.client_id"));
        assert_eq!(with("https://id.example.be", "tocsin", ""), Err("openid.redirect_url"));
    }
}
