//! Every setting, its default, unit and reason. Built once in `main` from defaults, one commented TOML file and
//! `TOCSIN_SECTION__KEY` variables, validated as a whole, then passed around as plain values.

mod access;
mod ads;
mod audit;
mod channels;
mod duty;
mod email;
mod lint;
mod openid;
mod responses;
mod rules;
mod secret;
mod webhooks;

pub use access::Access;
pub use ads::{AccountLimits, Ads, AimEffort, GoogleAds, MetaAds, XAds};
pub use audit::Audit;
pub use channels::Channels;
pub use duty::Duty;
pub use email::{Dkim, Email, SmtpSecurity, WarmUp};
pub use lint::Lint;
pub use openid::Openid;
pub use responses::{MailAddress, MailDialect, MailDoor, Responses};
pub use rules::{Area, Facilities, Rules};
pub use secret::SecretText;
pub use webhooks::{Network, Webhooks};

use crate::db::DatabaseUrl;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The whole configuration. `tocsin.example.toml` beside the README shows every key with its comment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The HTTP face.
    pub server: Server,
    /// Where the truth is kept.
    pub database: Database,
    /// Pictures.
    pub media: Media,
    /// Outgoing mail.
    pub email: Email,
    /// Dispatch.
    pub worker: Worker,
    /// Keys kept outside the database.
    pub keys: Keys,
    /// Target areas.
    pub area: Area,
    /// Rules of law and of the chain.
    pub rules: Rules,
    /// Where the audit chain is witnessed.
    pub audit: Audit,
    /// Accounts on outside platforms.
    pub channels: Channels,
    /// How people get in.
    pub access: Access,
    /// Sign-in through an identity provider.
    pub openid: Openid,
    /// Who is told what is late.
    pub duty: Duty,
    /// What the checks of texts look up on this machine.
    pub lint: Lint,
    /// Paid advertising.
    pub ads: Ads,
    /// Facebook and Instagram.
    pub meta_ads: MetaAds,
    /// Google Ads.
    pub google_ads: GoogleAds,
    /// X.
    pub x_ads: XAds,
    /// How answers of the public are taken in.
    pub responses: Responses,
    /// Messages to programs.
    pub webhooks: Webhooks,
}

/// The HTTP face.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address to listen on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// What links in mails and feeds begin with, without a slash at the end. Empty: derived from `listen`.
    pub public_url: String,
    /// Operator named in the privacy notice and in feeds.
    pub operator: String,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: String::new(),
            operator: "Tocsin".to_owned(),
        }
    }
}

/// Where the truth is kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/NAME`.
    pub url: SecretText,
    /// Connections this process may hold. Eight serve two cores well; PostgreSQL has 100 for all processes.
    pub connections: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: "sqlite:data/tocsin.db".into(), connections: 8 }
    }
}

/// Pictures: a directory, or a bucket when several machines share them.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Media {
    /// Directory for the pictures; unused when `bucket` is set.
    pub directory: PathBuf,
    /// Name of an S3-compatible bucket.
    pub bucket: String,
    /// The bucket service's address, e.g. `https://s3.example.be`.
    pub endpoint: String,
    /// The bucket's region.
    pub region: String,
    /// Access key of the bucket.
    pub access_key: SecretText,
    /// Secret key of the bucket.
    pub secret_key: SecretText,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("data/media"),
            bucket: String::new(),
            endpoint: String::new(),
            region: "eu-west-1".to_owned(),
            access_key: SecretText::default(),
            secret_key: SecretText::default(),
        }
    }
}

/// Dispatch.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Worker {
    /// How long a claim holds without a sign of life. A dead worker's work waits this long.
    pub lease_seconds: u32,
    /// Recipients per claim: small enough to finish well within a lease, large enough to claim rarely.
    pub shard_recipients: u32,
    /// Milliseconds between looks for due work when nothing wakes the worker.
    pub poll_millis: u64,
    /// Send a neutral correction by mail when an appeal is taken down.
    pub correction_mail: bool,
    /// Mebibytes the copy of who lives where may take; 0: no copy. 10 million people in 3 million cells take about 80,
    /// at worst (everybody in a cell of their own) 160. Above it the database answers instead, more slowly.
    pub audience_index_mb: u32,
}

impl Default for Worker {
    fn default() -> Self {
        Self {
            lease_seconds: 60,
            shard_recipients: 250,
            poll_millis: 500,
            correction_mail: true,
            audience_index_mb: 256,
        }
    }
}

/// Keys kept outside the database.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// 32 random bytes, made at the first start with mode 0600. Signs unsubscribe links, seals second factors.
    pub server_key_file: PathBuf,
    /// 32 random bytes, made at the first start with mode 0600: signs audit checkpoints. Empty: `audit.key` beside the
    /// server key.
    pub audit_key_file: PathBuf,
    /// Base64 X25519 public key of the offline recovery key; every appeal's key is also wrapped to it.
    pub recovery_public_key: String,
    /// Makes guessing passwords cheap, so that tests are fast. Never in a real installation.
    pub cheap_passwords_for_tests: bool,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            server_key_file: PathBuf::from("data/server.key"),
            audit_key_file: PathBuf::new(),
            recovery_public_key: String::new(),
            cheap_passwords_for_tests: false,
        }
    }
}

/// The configuration cannot be used; says where.
#[derive(Debug, thiserror::Error)]
pub enum BadConfig {
    /// The named file cannot be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// Not TOML, an unknown key, or a value of the wrong type.
    #[error("{0}: {1}")]
    Malformed(String, String),
    /// A value outside its range.
    #[error("{key}: {why}")]
    Invalid {
        /// The key, `section.name`.
        key: &'static str,
        /// What is wrong with the value.
        why: String,
    },
}

impl Config {
    /// Defaults ← `file` ← `TOCSIN_SECTION__KEY` among `variables`, then one validation of the whole.
    pub fn load(file: Option<&Path>, variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, BadConfig> {
        let (name, text) = match file {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|e| BadConfig::Unreadable(path.to_owned(), e))?;
                (path.display().to_string(), text)
            }
            None => ("defaults".to_owned(), String::new()),
        };
        let malformed = |cause: toml::de::Error| BadConfig::Malformed(name.clone(), cause.to_string());
        let mut table: toml::Table = text.parse().map_err(malformed)?;
        // Typed once from the file alone, so that a mistake in it is reported with its line.
        toml::from_str::<Self>(&text).map_err(malformed)?;
        for (variable, value) in variables {
            let Some(path) = variable.strip_prefix("TOCSIN_") else { continue };
            let Some((section, key)) = path.split_once("__") else { continue };
            let section = table.entry(section.to_lowercase()).or_insert_with(|| toml::Table::new().into());
            let Some(section) = section.as_table_mut() else { continue };
            section.insert(key.to_lowercase(), typed(&value));
        }
        let config: Self = table.try_into().map_err(|cause: toml::de::Error| {
            BadConfig::Malformed("TOCSIN_ variables".to_owned(), cause.to_string())
        })?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), BadConfig> {
        let invalid = |key, why: &str| Err(BadConfig::Invalid { key, why: why.to_owned() });
        self.database_url()?;
        if self.database.connections < 2 {
            return invalid("database.connections", "at least 2 are needed: one reads while one writes");
        }
        if !self.server.public_url.is_empty()
            && (!self.server.public_url.starts_with("http") || self.server.public_url.ends_with('/'))
        {
            return invalid("server.public_url", "must begin with http and not end with a slash");
        }
        if self.worker.lease_seconds < 5 {
            return invalid("worker.lease_seconds", "below 5 seconds a slow relay would lose its claim");
        }
        if self.worker.shard_recipients == 0 {
            return invalid("worker.shard_recipients", "must be at least 1");
        }
        if let Err((key, why)) = self
            .audit
            .validate()
            .and_then(|()| self.email.validate())
            .and_then(|()| self.openid.validate())
            .and_then(|()| self.responses.validate())
            .and_then(|()| self.webhooks.validate())
            .and_then(|()| ads::validate(&self.ads, &self.meta_ads, &self.google_ads, &self.x_ads))
        {
            return invalid(key, why);
        }
        if !self.media.bucket.is_empty() && self.media.endpoint.is_empty() {
            return invalid("media.endpoint", "is needed with media.bucket");
        }
        Ok(())
    }

    /// The database address, told apart by scheme.
    pub fn database_url(&self) -> Result<DatabaseUrl, BadConfig> {
        DatabaseUrl::parse(self.database.url.reveal())
            .map_err(|cause| BadConfig::Invalid { key: "database.url", why: cause.to_string() })
    }
}

/// A variable's text as the TOML value it spells, else as text: `8` is a number, `a@b.be` is not TOML.
fn typed(value: &str) -> toml::Value {
    format!("v = {value}")
        .parse::<toml::Table>()
        .ok()
        .and_then(|mut table| table.remove("v"))
        .unwrap_or_else(|| toml::Value::String(value.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Config, BadConfig> {
        Config::load(None, variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn variables_override_defaults_and_unknown_ones_are_errors() {
        let config = with(&[("TOCSIN_EMAIL__HOST", "relay.example"), ("TOCSIN_EMAIL__PORT", "25")]).unwrap();
        assert_eq!((config.email.host.as_str(), config.email.port), ("relay.example", 25));
        assert!(with(&[("TOCSIN_EMAIL__HSOT", "x")]).unwrap_err().to_string().contains("hsot"));
    }

    #[test]
    fn the_policy_for_facilities_is_one_of_two_words() {
        let policy = |word: &str| with(&[("TOCSIN_AREA__FACILITIES", word)]).map(|config| config.area.facilities);
        assert_eq!(policy("area-language").unwrap(), Facilities::AreaLanguage);
        assert_eq!(Config::default().area.facilities, Facilities::Both);
        assert!(policy("none").is_err());
    }

    #[test]
    fn a_database_address_without_a_known_scheme_is_refused() {
        assert!(with(&[("TOCSIN_DATABASE__URL", "postgres")]).unwrap_err().to_string().contains("database.url"));
    }

    #[test]
    fn secrets_do_not_print() {
        let config = with(&[("TOCSIN_EMAIL__PASSWORD", "hunter2hunter2")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn the_example_file_spells_the_defaults() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("tocsin.example.toml");
        let from_file = Config::load(Some(&example), []).unwrap();
        assert_eq!(format!("{from_file:?}"), format!("{:?}", with(&[]).unwrap()));
    }
}
