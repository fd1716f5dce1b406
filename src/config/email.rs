//! Outgoing mail: the relay, the sender, its signature, and where what comes back is found.

use super::SecretText;
use serde::Deserialize;
use std::path::PathBuf;

/// How the connection to the mail relay is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    /// In clear: only for a relay on this machine.
    None,
    /// Upgrade on the usual port; refused when the relay does not offer it.
    #[default]
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// Outgoing mail. Without a host the channel is off: a development start cannot reach anybody.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Email {
    /// Relay host; empty switches the channel off.
    pub host: String,
    /// Relay port.
    pub port: u16,
    /// Protection of the connection.
    pub security: SmtpSecurity,
    /// User name; empty: no authentication.
    pub username: String,
    /// Password.
    pub password: SecretText,
    /// Extra certificate authority (PEM file) the relay is signed by.
    pub ca_file: Option<PathBuf>,
    /// Sender address.
    pub from: String,
    /// Sender name.
    pub from_name: String,
    /// Domain whose mail comes back to this installation; empty: mail comes back to the sender address and is not read.
    pub bounce_domain: String,
    /// Where that mail is put, a file each: a Maildir, or any folder a delivery agent fills.
    pub bounce_folder: Option<PathBuf>,
    /// Signature under every mail.
    pub dkim: Dkim,
    /// Connections kept to the relay.
    pub connections: u16,
    /// Mails before a connection is renewed: many relays take no more.
    pub per_connection: u16,
    /// Mails one worker has under way at a time: also the most that its sudden death can repeat.
    pub in_flight: u16,
    /// Several whole mails at a time on one connection, where the relay offers CHUNKING and PIPELINING (RFC 3030, 2920).
    pub chunking: bool,
    /// Seconds without an answer after which a connection is given up.
    pub timeout_seconds: u64,
    /// Mails a minute the relay takes from all workers together; 0: no limit.
    pub per_minute: u32,
    /// How a relay that receivers do not know yet is made known.
    pub warm_up: WarmUp,
}

impl Default for Email {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            security: SmtpSecurity::default(),
            username: String::new(),
            password: SecretText::default(),
            ca_file: None,
            from: "alerts@tocsin.example".to_owned(),
            from_name: "Tocsin".to_owned(),
            bounce_domain: String::new(),
            bounce_folder: None,
            dkim: Dkim::default(),
            connections: 8,
            per_connection: 100,
            in_flight: 8,
            chunking: true,
            timeout_seconds: 30,
            per_minute: 0,
            warm_up: WarmUp::default(),
        }
    }
}

impl Email {
    /// What cannot be meant.
    pub(super) fn validate(&self) -> Result<(), (&'static str, &'static str)> {
        if !(1..=256).contains(&self.connections) {
            return Err(("email.connections", "must be 1 to 256"));
        }
        if !(1..=10_000).contains(&self.per_connection) {
            return Err(("email.per_connection", "must be 1 to 10000"));
        }
        if !(1..=10_000).contains(&self.in_flight) {
            return Err(("email.in_flight", "must be 1 to 10000"));
        }
        if !self.bounce_domain.is_empty() && !is_domain(&self.bounce_domain) {
            return Err(("email.bounce_domain", "must be a domain in ASCII, such as bounce.tocsin.example"));
        }
        if self.bounce_folder.is_some() && self.bounce_domain.is_empty() {
            return Err(("email.bounce_domain", "is needed with email.bounce_folder"));
        }
        self.warm_up.validate()?;
        self.dkim.validate()
    }
}

/// How a relay that receivers do not know yet is made known: off without a first day's number.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WarmUp {
    /// Mails on the first day (UTC) of the relay with this sender's domain; 0: the relay is known.
    pub first_day: u32,
    /// Each day's number in hundredths of the one before: 200 doubles it with every day the relay was used on.
    pub percent: u32,
    /// From this number a day on, nothing is limited any more.
    pub full: u32,
    /// Child alerts go out whatever the day's number says. Corrections always do.
    pub child_alerts_overtake: bool,
}

impl Default for WarmUp {
    fn default() -> Self {
        Self { first_day: 0, percent: 200, full: 1_000_000, child_alerts_overtake: true }
    }
}

impl WarmUp {
    fn validate(&self) -> Result<(), (&'static str, &'static str)> {
        if !(101..=1000).contains(&self.percent) {
            return Err(("email.warm_up.percent", "must be 101 to 1000: each day more than the one before"));
        }
        Ok(())
    }
}

/// Labels of letters, digits and hyphens, as the DNS has them.
fn is_domain(text: &str) -> bool {
    text.split('.').all(|label| {
        !label.is_empty() && label.len() <= 63 && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

/// A DKIM signature (RFC 6376): off without a key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dkim {
    /// The signing domain; the sender's own when empty.
    pub domain: String,
    /// Under which name the public key stands in the DNS.
    pub selector: String,
    /// The private key: PKCS#8 in PEM, RSA of 2048 bits and more, or Ed25519.
    pub key_file: Option<PathBuf>,
}

impl Dkim {
    fn validate(&self) -> Result<(), (&'static str, &'static str)> {
        if self.key_file.is_some() && !is_domain(&self.selector) {
            return Err((
                "email.dkim.selector",
                "is needed with email.dkim.key_file: letters, digits, hyphens and dots",
            ));
        }
        if !self.domain.is_empty() && !is_domain(&self.domain) {
            return Err(("email.dkim.domain", "must be a domain in ASCII"));
        }
        Ok(())
    }
}
