//! Backup and restore. A backup is a copy with a manifest; a restore checks both, raises the epoch and holds everything
//! that had not ended: an old backup must not send again (security-and-ops §11). Pictures and keys are kept elsewhere.

use super::audit::{self, Act, By};
use super::{App, AppError};
use crate::config::Config;
use crate::db::{self, Conn, DatabaseUrl, Db, DbError, backup, held};
use crate::domain::canonical;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};

/// What a backup says of itself, in a file beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// SHA-256 of the copy.
    pub sha256: String,
    /// Length of the copy.
    pub bytes: u64,
    /// Last audit entry at the least: the copy is made afterwards.
    pub audit_seq: i64,
    /// Its hash.
    pub audit_hash: String,
    /// How often the installation had been restored.
    pub epoch: i64,
}

/// What a restore did.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The new epoch.
    pub epoch: i64,
    /// Deliveries that wait for a person now.
    pub held: usize,
    /// What the backup said.
    pub manifest: Manifest,
}

/// Where a backup's manifest is.
#[must_use]
pub fn manifest_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".manifest.json");
    PathBuf::from(name)
}

fn unusable(path: &Path, cause: impl std::fmt::Display) -> AppError {
    AppError::Unavailable(format!("{}: {cause}", path.display()))
}

fn kind(url: &DatabaseUrl) -> &'static str {
    match url {
        DatabaseUrl::Sqlite(_) => "sqlite",
        DatabaseUrl::Postgres(_) => "postgres",
    }
}

fn digest_of(path: &Path) -> Result<(String, u64), AppError> {
    let mut file = std::fs::File::open(path).map_err(|e| unusable(path, e))?;
    let (mut hash, mut length, mut part) = (Sha256::new(), 0_u64, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut part).map_err(|e| unusable(path, e))?;
        if read == 0 {
            return Ok((canonical::hex(&hash.finalize()), length));
        }
        hash.update(part.get(..read).unwrap_or_default());
        length += u64::try_from(read).unwrap_or(0);
    }
}

impl Manifest {
    fn to_document(&self) -> Value {
        json!({"made_at": self.made_at, "database": self.database, "sha256": self.sha256, "bytes": self.bytes,
            "audit_seq": self.audit_seq, "audit_hash": self.audit_hash, "epoch": self.epoch})
    }

    fn from_document(value: &Value) -> Option<Self> {
        let text = |key: &str| value.get(key)?.as_str().map(str::to_owned);
        Some(Self {
            made_at: DateTime::parse_from_rfc3339(&text("made_at")?).ok()?.with_timezone(&Utc),
            database: text("database")?,
            sha256: text("sha256")?,
            bytes: value.get("bytes")?.as_u64()?,
            audit_seq: value.get("audit_seq")?.as_i64()?,
            audit_hash: text("audit_hash")?,
            epoch: value.get("epoch")?.as_i64()?,
        })
    }
}

/// Copies the database of a running installation into `file`, which must not exist.
pub fn back_up(app: &App, file: &Path) -> Result<Manifest, AppError> {
    if file.exists() {
        return Err(unusable(file, "is there already"));
    }
    let (made_at, (audit_seq, audit_hash), epoch) =
        app.db.read_now(|conn| Ok::<_, DbError>((app.clock.now(conn)?, db::audit::head(conn)?, held::epoch(conn)?)))?;
    backup::copy_to(&app.db, file)?;
    let (sha256, bytes) = digest_of(file)?;
    let manifest =
        Manifest { made_at, database: kind(app.db.url()).to_owned(), sha256, bytes, audit_seq, audit_hash, epoch };
    let beside = manifest_path(file);
    std::fs::write(&beside, format!("{:#}\n", manifest.to_document())).map_err(|e| unusable(&beside, e))?;
    app.db.write_now(|conn| record(conn, app, "installation.backed_up", &manifest.sha256))?;
    Ok(manifest)
}

fn record(conn: &mut Conn, app: &App, action: &str, payload: &str) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let act = Act { action, object: "installation", payload, ..Act::default() };
    audit::record(conn, now, By::service("cli"), &act)
}

/// Puts a backup in the place of the configured database and holds everything open. Other processes must have ended. A
/// database with acts in it is replaced only when `replace` says so.
pub fn restore(config: Config, file: &Path, replace: bool) -> Result<Restored, AppError> {
    let url = config.database_url().map_err(|e| AppError::Unavailable(e.to_string()))?;
    let beside = manifest_path(file);
    let text = std::fs::read_to_string(&beside).map_err(|e| unusable(&beside, e))?;
    let manifest = serde_json::from_str(&text).ok().and_then(|value| Manifest::from_document(&value));
    let manifest = manifest.ok_or_else(|| unusable(&beside, "is not a manifest"))?;
    let (sha256, bytes) = digest_of(file)?;
    if (&sha256, bytes) != (&manifest.sha256, manifest.bytes) {
        return Err(unusable(file, "is not what its manifest describes"));
    }
    if manifest.database != kind(&url) {
        return Err(unusable(file, format!("is of {}, the configured database is not", manifest.database)));
    }
    if !replace && is_in_use(&url)? {
        return Err(AppError::Conflict { code: "already-exists" });
    }
    backup::put_back(&url, file)?;
    let app = App::open(config, "").map_err(|e| AppError::Unavailable(e.to_string()))?;
    app.db.bare(db::migrate)?;
    app.db.write_now(|conn| {
        let now = app.clock.now(conn)?;
        if manifest.audit_seq > 0 {
            let entry = db::audit::entry(conn, manifest.audit_seq)?;
            if entry.hash != manifest.audit_hash {
                return Err(AppError::Broken("the audit chain is not the manifest's".to_owned()));
            }
        }
        let note = format!("restored from a backup of {}", manifest.made_at.format("%F %T UTC"));
        let (held, epoch) = held::hold_everything(conn, &note, now)?;
        record(conn, &app, "installation.restored", &manifest.sha256)?;
        Ok(Restored { epoch, held, manifest: manifest.clone() })
    })
}

/// Whether the configured database has anything to lose.
fn is_in_use(url: &DatabaseUrl) -> Result<bool, AppError> {
    if let DatabaseUrl::Sqlite(place) = url
        && !Path::new(place).exists()
    {
        return Ok(false);
    }
    let db = Db::open(url.clone(), 1)?;
    // A database without tables is empty; any other answer means it is not.
    let is_new = db.bare(db::migration_state)?;
    if is_new.pending.len() == is_new.known {
        return Ok(false);
    }
    Ok(db.read_now(db::audit::head).map_or(true, |(seq, _)| seq > 0))
}
