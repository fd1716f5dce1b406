//! When the audit chain is sealed by a signed checkpoint, and where that is kept.

use super::Config;
use serde::Deserialize;
use std::path::PathBuf;

/// When the audit chain is sealed by a signed checkpoint, and where that is kept outside the database.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// The longest an entry waits for its checkpoint, in seconds: what somebody with the database can rewrite unseen.
    pub checkpoint_seconds: u32,
    /// As many entries make one before that. A broken chain is narrowed down to this many.
    pub checkpoint_entries: u32,
    /// File that checkpoints are appended to. Empty: `audit-checkpoints.jsonl` beside the server key; `off`: none.
    pub checkpoint_file: String,
    /// `udp://HOST:514` or `tcp://HOST:601`, RFC 5424; empty: none.
    pub syslog: String,
    /// Mailbox of an auditor; empty: none. Needs the relay of `[email]`.
    pub mailbox: String,
    /// Minutes between two mails to it.
    pub mail_minutes: u32,
    /// Language of those mails: fr, nl, de or en.
    pub mail_language: String,
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            checkpoint_seconds: 300,
            checkpoint_entries: 1000,
            checkpoint_file: String::new(),
            syslog: String::new(),
            mailbox: String::new(),
            mail_minutes: 60,
            mail_language: "en".to_owned(),
        }
    }
}

impl Config {
    /// Where checkpoints are appended to; none when switched off.
    #[must_use]
    pub fn checkpoint_file(&self) -> Option<PathBuf> {
        match self.audit.checkpoint_file.as_str() {
            "off" => None,
            "" => Some(self.keys.server_key_file.with_file_name("audit-checkpoints.jsonl")),
            path => Some(PathBuf::from(path)),
        }
    }

    /// Where the key that signs checkpoints lies.
    #[must_use]
    pub fn audit_key_file(&self) -> PathBuf {
        if self.keys.audit_key_file.as_os_str().is_empty() {
            return self.keys.server_key_file.with_file_name("audit.key");
        }
        self.keys.audit_key_file.clone()
    }
}

impl Audit {
    /// The first key whose value cannot be used, and why.
    pub(super) fn validate(&self) -> Result<(), (&'static str, &'static str)> {
        if self.checkpoint_seconds == 0 || self.checkpoint_entries == 0 {
            return Err(("audit.checkpoint_seconds", "and checkpoint_entries must be at least 1"));
        }
        if !self.syslog.is_empty() && !self.syslog.starts_with("udp://") && !self.syslog.starts_with("tcp://") {
            return Err(("audit.syslog", "must begin with udp:// or tcp://"));
        }
        if !["fr", "nl", "de", "en"].contains(&self.mail_language.as_str()) {
            return Err(("audit.mail_language", "must be fr, nl, de or en"));
        }
        Ok(())
    }
}
