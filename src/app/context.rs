//! What every use case may need: configuration, database, clock, random source, pictures, the server's key.

use super::audience::AudienceIndex;
use super::intake::Intake;
use super::passkeys::relying_party;
use super::random::Chance;
use super::{ServerKey, open_checkpoint_key};
use crate::area::{Gazetteer, Reading};
use crate::channels::openid::Provider;
use crate::channels::paid::Ports;
use crate::config::{self, BadConfig, Config};
use crate::db::{Conn, Db, DbError};
use crate::domain::area::CellSet;
use crate::domain::flow::Budget;
use crate::domain::place::{Country, Facilities, PlaceCode};
use crate::domain::rules::RuleBook;
use crate::lint::{LocalityTags, Speller};
use crate::media::{Bucket, MediaStore, StoreError};
use crate::sealing::{CheckpointKey, RelyingParty};
use chrono::{DateTime, TimeDelta, Utc};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

/// The time every decision is made at: the database's clock, which all processes share. Tests shift it.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    shift_micros: Arc<AtomicI64>,
}

impl Clock {
    /// Now, on database time.
    pub fn now(&self, conn: &mut Conn) -> Result<DateTime<Utc>, DbError> {
        Ok(self.shifted(conn.now()?))
    }

    /// A moment of the database's clock as this clock shows it.
    #[must_use]
    pub fn shifted(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        at + TimeDelta::microseconds(self.shift_micros.load(Ordering::Relaxed))
    }

    /// Moves the clock forward for good. Only tests and the demo have a reason to.
    pub fn advance(&self, by: TimeDelta) {
        self.shift_micros.fetch_add(by.num_microseconds().unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}

/// Whether this process was asked to end: it takes on nothing new and lets streams come back elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Stopping(Arc<AtomicBool>);

impl Stopping {
    /// Asks it to end.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// It was asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// One installation's parts, built once in `cli` or a test. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The configuration.
    pub config: Arc<Config>,
    /// The database.
    pub db: Db,
    /// Database time.
    pub clock: Clock,
    /// Jitter of waiting times.
    pub chance: Chance,
    /// Whether this process ends.
    pub stopping: Stopping,
    /// The installation's key.
    pub key: ServerKey,
    /// Signs audit checkpoints.
    pub audit_key: Arc<CheckpointKey>,
    /// The one door to pictures.
    pub media: MediaStore,
    /// Who lives where, in memory while it fits.
    pub audience: Arc<AudienceIndex>,
    /// Places and their cells.
    pub gazetteer: &'static Gazetteer,
    /// The dictionaries that texts are checked with.
    pub speller: Speller,
    /// Official hashtags of localities.
    pub hashtags: Arc<LocalityTags>,
    /// The rules of this installation; a unit's changes are applied by `standing`.
    pub rules: Arc<RuleBook>,
    /// What each country covers, worked out once when first asked for.
    territories: Arc<OnceLock<Vec<(Country, CellSet)>>>,
    /// What public links begin with, without a slash at the end.
    pub public_url: Arc<str>,
    /// Asks for passkeys; none where the installation's address is none that browsers have them for.
    pub passkeys: Option<Arc<RelyingParty>>,
    /// The paid platforms this installation serves.
    pub ports: Ports,
    /// The identity provider, where one is configured.
    pub openid: Option<Arc<Provider>>,
    /// The way in for answers of the public.
    pub intake: Arc<Intake>,
}

/// The installation cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is wrong.
    #[error("configuration: {0}")]
    Config(#[from] BadConfig),
    /// The database cannot be opened.
    #[error("database: {0}")]
    Database(#[from] DbError),
    /// A file or folder cannot be used.
    #[error("{0}")]
    Files(String),
}

impl App {
    /// Opens what `config` names. The database must have been migrated.
    pub fn open(config: Config, public_url: &str) -> Result<Self, StartError> {
        let url = config.database_url()?;
        if let crate::db::DatabaseUrl::Sqlite(file) = &url
            && let Some(folder) = Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(|e| StartError::Files(format!("{}: {e}", folder.display())))?;
        }
        let db = Db::open(url, config.database.connections)?;
        let key = ServerKey::open(&config.keys.server_key_file).map_err(|e| StartError::Files(e.to_string()))?;
        let audit_key = open_checkpoint_key(&config.audit_key_file()).map_err(|e| StartError::Files(e.to_string()))?;
        let media = open_media(&config).map_err(|e| StartError::Files(e.to_string()))?;
        let gazetteer = Gazetteer::embedded().map_err(|e| StartError::Files(e.to_string()))?;
        let rules = Arc::new(read_rules(&config).map_err(StartError::Files)?);
        let invalid = |key| move |why| BadConfig::Invalid { key, why };
        let passkeys = relying_party(&config, public_url).map_err(invalid("access.passkey_origin"))?;
        let openid = Provider::new(&config.openid).map_err(invalid("openid.issuer"))?;
        let hashtags = Arc::new(read_hashtags(&config).map_err(StartError::Files)?);
        let speller = Speller::new(config.lint.dictionaries.iter().cloned());
        let audience = Arc::new(AudienceIndex::new(config.worker.audience_index_mb));
        let mut app = Self {
            config: Arc::new(config),
            db,
            clock: Clock::default(),
            chance: Chance::default(),
            stopping: Stopping::default(),
            key,
            audit_key: Arc::new(audit_key),
            media,
            audience,
            gazetteer,
            speller,
            hashtags,
            rules,
            territories: Arc::default(),
            public_url: Arc::from(public_url),
            passkeys: passkeys.map(Arc::new),
            ports: Ports::default(),
            openid: openid.map(Arc::new),
            intake: Arc::default(),
        };
        app.ports = super::ad_ports::ports(&app);
        Ok(app)
    }
}

impl App {
    /// What each country covers, in cells. Together they are what the gazetteer knows.
    #[must_use]
    pub fn territories(&self) -> &[(Country, CellSet)] {
        self.territories.get_or_init(|| {
            let cells = |country| self.gazetteer.cells_of(&PlaceCode::Whole(country)).unwrap_or_default();
            [Country::Be, Country::Fr].into_iter().map(|country| (country, cells(country))).collect()
        })
    }

    /// The mail relay as an account with a budget: all workers with the same relay share it.
    #[must_use]
    pub fn relay_account(&self) -> String {
        format!("email:{}:{}", self.config.email.host, self.config.email.port)
    }

    /// How many sends a minute the relay takes.
    #[must_use]
    pub fn relay_budget(&self) -> Budget {
        Budget { per_minute: self.config.email.per_minute }
    }

    /// How areas are read here: where both countries have a name, `home`'s place is meant.
    #[must_use]
    pub fn reading(&self, home: Option<Country>) -> Reading {
        let facilities = match self.config.area.facilities {
            config::Facilities::Both => Facilities::Both,
            config::Facilities::AreaLanguage => Facilities::AreaLanguage,
        };
        Reading { home, facilities }
    }
}

/// The shipped rules with the installation's own files; every fault of every file at once.
pub fn read_rules(config: &Config) -> Result<RuleBook, String> {
    let mut files = Vec::new();
    for path in &config.rules.files {
        let text = std::fs::read_to_string(path).map_err(|e| format!("rules.files: {}: {e}", path.display()))?;
        files.push((path.display().to_string(), text));
    }
    RuleBook::parse(&files).map_err(|faults| {
        let words: Vec<_> = faults.iter().map(ToString::to_string).collect();
        format!("rules: {}", words.join("; "))
    })
}

fn read_hashtags(config: &Config) -> Result<LocalityTags, String> {
    let mut tags = LocalityTags::default();
    for path in &config.lint.hashtags {
        let text = std::fs::read_to_string(path).map_err(|e| format!("lint.hashtags: {}: {e}", path.display()))?;
        tags.read(&path.display().to_string(), &text)?;
    }
    Ok(tags)
}

fn open_media(config: &Config) -> Result<MediaStore, StoreError> {
    let media = &config.media;
    if media.bucket.is_empty() {
        return MediaStore::directory(&media.directory);
    }
    MediaStore::bucket(&Bucket {
        name: &media.bucket,
        endpoint: &media.endpoint,
        region: &media.region,
        access_key: media.access_key.reveal(),
        secret_key: media.secret_key.reveal(),
    })
}
