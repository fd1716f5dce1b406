//! How answers of the public are taken in.

use super::SecretText;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;

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
    /// Where mails are handed over, by blanks: `lmtp:/run/tocsin/lmtp.sock`, `lmtp:127.0.0.1:2424`, `smtp:127.0.0.1:2525`; empty:
    /// nowhere. On this machine only: neither asks who speaks.
    pub mail_listen: String,
    /// The domain of those addresses; empty: any.
    pub mail_domain: String,
    /// Id or name of the unit whose letterbox takes mails that name no appeal; empty: the only unit there is.
    pub letterbox_unit: String,
    /// Secret that platforms sign forwarded messages with (`/inbound/messenger`); empty: none are taken.
    pub webhook_secret: SecretText,
    /// The word a platform must know when the address is registered with it.
    pub webhook_word: SecretText,
    /// The platform's own face, for the one answer at night.
    pub platform_api: String,
    /// Token of our page there; empty: nobody is answered there.
    pub platform_token: SecretText,
    /// Hosts that pictures are fetched from, by blanks; `*.` stands for what is below a domain. Empty: none are fetched.
    pub platform_media: String,
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
            mail_listen: String::new(),
            mail_domain: String::new(),
            letterbox_unit: String::new(),
            webhook_secret: SecretText::default(),
            webhook_word: SecretText::default(),
            platform_api: "https://graph.facebook.com/v26.0".to_owned(),
            platform_token: SecretText::default(),
            platform_media: String::new(),
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
        if self.mail_doors().is_none() {
            return Err((
                "responses.mail_listen",
                "lmtp: or smtp: followed by a path from / or by an address of this machine, such as lmtp:127.0.0.1:2424",
            ));
        }
        Ok(())
    }

    /// Where mails are handed over; none when it does not read.
    #[must_use]
    pub fn mail_doors(&self) -> Option<Vec<MailDoor>> {
        self.mail_listen.split_whitespace().map(MailDoor::parse).collect()
    }
}

/// What is spoken at a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailDialect {
    /// RFC 2033: an answer for each recipient.
    Lmtp,
    /// RFC 5321.
    Smtp,
}

/// Where a door is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailAddress {
    /// A socket in the file system.
    Unix(PathBuf),
    /// A port of this machine.
    Tcp(SocketAddr),
}

/// Where mails are handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailDoor {
    /// What is spoken there.
    pub dialect: MailDialect,
    /// Where.
    pub address: MailAddress,
}

impl MailDoor {
    fn parse(text: &str) -> Option<Self> {
        let (dialect, address) = text.split_once(':')?;
        let dialect = match dialect {
            "lmtp" => MailDialect::Lmtp,
            "smtp" => MailDialect::Smtp,
            _ => return None,
        };
        let address = if address.starts_with('/') {
            MailAddress::Unix(PathBuf::from(address))
        } else {
            MailAddress::Tcp(address.parse().ok().filter(|address: &SocketAddr| address.ip().is_loopback())?)
        };
        Some(Self { dialect, address })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn mails_are_handed_over_on_this_machine_only() {
        let doors = |text: &str| Responses { mail_listen: text.to_owned(), ..Responses::default() }.mail_doors();
        assert_eq!(doors("").unwrap(), []);
        let two = doors("lmtp:/run/tocsin/lmtp.sock smtp:[::1]:2525").unwrap();
        assert_eq!(two.first().unwrap().address, MailAddress::Unix(PathBuf::from("/run/tocsin/lmtp.sock")));
        assert_eq!(two.get(1).unwrap().dialect, MailDialect::Smtp);
        for wrong in ["lmtp:0.0.0.0:24", "smtp:192.0.2.1:25", "lmtp:", "http:127.0.0.1:24", "lmtp:localhost:24", "x"] {
            assert!(doors(wrong).is_none(), "{wrong}");
        }
    }
}
