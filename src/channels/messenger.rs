//! The messenger platform that forwards messages to us, from our side: one short answer, and the pictures people sent, from
//! the hosts that were configured and no others. No redirects, bounded in time and bytes, nothing of addresses in words.

use crate::config::Responses;
use crate::domain::attachment::LONGEST_FILE;
use serde_json::json;
use std::time::Duration;

/// Connecting.
const CONNECT: Duration = Duration::from_secs(5);
/// All of one call.
const PATIENCE: Duration = Duration::from_mins(1);

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It may work later.
    #[error("{0}")]
    Later(String),
    /// It never will.
    #[error("{0}")]
    Never(String),
}

/// A client of the platform.
#[derive(Clone, Debug)]
pub struct Messenger {
    http: reqwest::Client,
    api: String,
    token: String,
    hosts: Vec<String>,
}

/// Scheme, host and port of an address; none when it carries a name or a password, or is no address.
fn origin(url: &str) -> Option<(String, String)> {
    let parsed = reqwest::Url::parse(url).ok()?;
    let plain = parsed.username().is_empty() && parsed.password().is_none();
    let host = parsed.host_str().filter(|_| plain)?.to_ascii_lowercase();
    let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some((parsed.scheme().to_owned(), format!("{host}{port}")))
}

/// Whether an address is at one of the hosts: `scontent.example.net`, `*.example.net` for what is below it. Over https, except
/// where `http://` was written before the host, which is for tests on one machine.
fn is_allowed(hosts: &[String], url: &str) -> bool {
    let Some((scheme, found)) = origin(url) else { return false };
    hosts.iter().any(|host| {
        let (wanted, host) = host.strip_prefix("http://").map_or(("https", host.as_str()), |host| ("http", host));
        let fits = host.strip_prefix('*').map_or(found == host, |below| below.len() > 2 && found.ends_with(below));
        scheme == wanted && fits
    })
}

impl Messenger {
    /// Prepares a client; none when the platform is not configured.
    #[must_use]
    pub fn new(settings: &Responses) -> Option<Self> {
        let token = settings.platform_token.reveal().to_owned();
        let hosts: Vec<String> = settings.platform_media.split_whitespace().map(str::to_ascii_lowercase).collect();
        if token.is_empty() && hosts.is_empty() {
            return None;
        }
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .build()
            .ok()?;
        Some(Self { http, api: settings.platform_api.trim_end_matches('/').to_owned(), token, hosts })
    }

    /// Writes to somebody who wrote to us, as an answer within the platform's window.
    pub async fn tell(&self, recipient: &str, text: &str) -> Result<(), Trouble> {
        if self.token.is_empty() {
            return Err(Trouble::Never("no platform_token".to_owned()));
        }
        let body = json!({"recipient": {"id": recipient}, "messaging_type": "RESPONSE", "message": {"text": text}});
        let sent = self.http.post(format!("{}/me/messages", self.api)).bearer_auth(&self.token).json(&body).send();
        judged(sent.await.map_err(silent)?).map(drop)
    }

    /// Fetches what somebody sent, at most as much as a file may have.
    pub async fn fetch(&self, url: &str) -> Result<Vec<u8>, Trouble> {
        if !is_allowed(&self.hosts, url) {
            return Err(Trouble::Never("not at one of platform_media".to_owned()));
        }
        let mut answer = judged(self.http.get(url).send().await.map_err(silent)?)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(silent)? {
            if bytes.len() + chunk.len() > LONGEST_FILE {
                return Err(Trouble::Never("longer than a file may be".to_owned()));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

fn judged(answer: reqwest::Response) -> Result<reqwest::Response, Trouble> {
    let status = answer.status().as_u16();
    match status {
        200..300 => Ok(answer),
        408 | 429 | 500..600 => Err(Trouble::Later(format!("HTTP {status}"))),
        _ => Err(Trouble::Never(format!("HTTP {status}"))),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the shape map_err asks for")]
fn silent(error: reqwest::Error) -> Trouble {
    Trouble::Later(error.without_url().to_string().chars().take(160).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_configured_hosts_are_asked() {
        let hosts = ["lookaside.example.com", "*.cdn.example.net", "http://127.0.0.1:9"].map(str::to_owned);
        for url in ["https://lookaside.example.com/x?y=z", "https://a.b.cdn.example.net/p.jpg", "http://127.0.0.1:9/p"]
        {
            assert!(is_allowed(&hosts, url), "{url}");
        }
        for url in [
            "http://lookaside.example.com/x",
            "https://lookaside.example.com.evil.org/x",
            "https://evil.org/lookaside.example.com",
            "https://lookaside.example.com@evil.org/x",
            "https://a@lookaside.example.com/x",
            "https://lookaside.example.com:8443/x",
            "https://cdn.example.net.evil.org/",
            "https://evilcdn.example.net/",
            "https://127.0.0.1:9/p",
            "http://127.0.0.1:10/p",
            "http://169.254.169.254/latest",
            "file:///etc/passwd",
            "",
        ] {
            assert!(!is_allowed(&hosts, url), "{url}");
        }
    }
}
