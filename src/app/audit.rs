//! Writes the audit entry of a use case into its own transaction.

use super::{App, AppError, random};
use crate::db::{self, Conn};
use crate::domain::actor::Actor;
use crate::domain::audit::{ERASED, Entry, Form};
use crate::domain::canonical;
use chrono::{DateTime, Utc};

/// Who an act is recorded under.
#[derive(Clone, Debug)]
pub struct By {
    actor: String,
    unit: String,
}

impl By {
    /// The service itself: `worker`, `sweeper`, `cli`, `public`.
    #[must_use]
    pub fn service(name: &str) -> Self {
        Self { actor: name.to_owned(), unit: String::new() }
    }
}

impl By {
    /// The account, or the part of the service.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.actor
    }
}

impl By {
    /// A part of the service, acting on something of a unit's.
    #[must_use]
    pub fn of_unit(name: &str, unit: &crate::domain::ids::UnitId) -> Self {
        Self { actor: name.to_owned(), unit: unit.to_string() }
    }
}

impl From<&Actor> for By {
    fn from(actor: &Actor) -> Self {
        Self { actor: actor.user.to_string(), unit: actor.unit.to_string() }
    }
}

impl By {
    /// An account, before it acts through a session of its own.
    #[must_use]
    pub fn user(user: &crate::domain::ids::UserId, unit: &crate::domain::ids::UnitId) -> Self {
        Self { actor: user.to_string(), unit: unit.to_string() }
    }
}

/// One act.
#[derive(Clone, Debug, Default)]
pub struct Act<'a> {
    /// What, e.g. `appeal.filed`.
    pub action: &'a str,
    /// To which object.
    pub object: &'a str,
    /// Its version afterwards.
    pub version: i32,
    /// Why, where a reason is asked.
    pub reason: &'a str,
    /// SHA-256 of what was decided on, or any text that stands for it; the chain keeps a salted digest of it.
    pub payload: &'a str,
}

/// Appends the act to the chain.
pub fn record(conn: &mut Conn, now: DateTime<Utc>, by: impl Into<By>, act: &Act<'_>) -> Result<(), AppError> {
    record_numbered(conn, now, by, act).map(drop)
}

/// [`record`]; the act's number in the chain, which only grows.
pub fn record_numbered(conn: &mut Conn, now: DateTime<Utc>, by: impl Into<By>, act: &Act<'_>) -> Result<i64, AppError> {
    let by = by.into();
    let blank = Entry {
        seq: 0,
        at: now,
        actor: by.actor,
        on_behalf_of: by.unit,
        action: act.action.to_owned(),
        object: act.object.to_owned(),
        object_version: i64::from(act.version),
        reason: String::new(),
        salt: String::new(),
        reason_digest: String::new(),
        payload_digest: String::new(),
        form: Form::Salted,
        prev_hash: String::new(),
    };
    let entry = blank.about(act.reason, act.payload, &canonical::hex(&random::bytes::<16>()));
    Ok(db::audit::append(conn, entry)?)
}

/// Erases the reasons given in the entries about an object, and the salts with which its payloads could be guessed. The
/// chain holds all the same, and this act is in it. How many entries had any.
pub fn erase(conn: &mut Conn, app: &App, by: impl Into<By>, object: &str, reason: &str) -> Result<usize, AppError> {
    let now = app.clock.now(conn)?;
    let emptied = db::audit::erase_words(conn, object)?;
    if emptied > 0 {
        record(conn, now, by, &Act { action: ERASED, object, reason, ..Act::default() })?;
    }
    Ok(emptied)
}
