//! How answers of the public are taken in.

use super::SecretText;
use serde::Deserialize;

/// Soft limits: they ask for more, they never refuse an answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Responses {
    /// Answers an hour from one network (/24, /64) before its senders' browsers are asked to work.
    pub soft_per_hour: u32,
    /// Answers a second from everywhere above which everybody's browser is asked to work a little.
    pub rush_per_second: u32,
    /// Leading zero bits of that work at first: 14 take a telephone about a second; at most 24.
    pub proof_bits: u8,
    /// Seconds a form must have been open to count as written by a person, for browsers that run no scripts.
    pub writing_seconds: i64,
    /// How often an hour one network may use that way.
    pub waits_per_hour: u32,
    /// Reverse proxies of ours in front of this server: the client's address is that many hops from the right in
    /// `X-Forwarded-For`. 0: the header is not believed.
    pub proxy_hops: u8,
    /// Virus scanner that files are shown to before they are sealed: `unix:/run/clamav/clamd.ctl`, `tcp:127.0.0.1:3310`,
    /// `command:clamdscan --no-summary -`, or empty: then readers are told that nothing was scanned.
    pub scanner: String,
    /// Seconds a scanner has; then the file is kept with the mark that the scan failed.
    pub scan_seconds: u64,
    /// Directory that the mail server delivers mails to `tips+SLUG@…` into, one file each; empty: no mails are taken.
    pub mail_directory: String,
    /// Secret that platforms sign forwarded messages with (`/inbound/messenger`); empty: none are taken.
    pub webhook_secret: SecretText,
    /// The word a platform must know when the address is registered with it.
    pub webhook_word: SecretText,
    /// Days after the closing of an appeal until its responses are erased, unless they are held.
    pub retention_days: u16,
}

impl Default for Responses {
    fn default() -> Self {
        Self {
            soft_per_hour: 10,
            rush_per_second: 50,
            proof_bits: 14,
            writing_seconds: 20,
            waits_per_hour: 200,
            proxy_hops: 0,
            scanner: String::new(),
            scan_seconds: 10,
            mail_directory: String::new(),
            webhook_secret: SecretText::default(),
            webhook_word: SecretText::default(),
            retention_days: 90,
        }
    }
}

impl Responses {
    /// What is wrong with it: the key, and why.
    pub(super) fn validate(&self) -> Result<(), (&'static str, &'static str)> {
        if self.proof_bits > 24 {
            return Err(("responses.proof_bits", "above 24 a telephone works for a quarter of an hour"));
        }
        let scanner = self.scanner.trim();
        let known =
            ["unix:", "tcp:", "command:"].iter().any(|kind| scanner.len() > kind.len() && scanner.starts_with(kind));
        if !scanner.is_empty() && !known {
            return Err(("responses.scanner", "begins with unix:, tcp: or command:, or is empty"));
        }
        Ok(())
    }
}
