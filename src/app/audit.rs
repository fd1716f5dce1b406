//! Writes the audit entry of a use case into its own transaction.

use super::AppError;
use crate::db::{self, Conn};
use crate::domain::actor::Actor;
use crate::domain::audit::Entry;
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

impl From<&Actor> for By {
    fn from(actor: &Actor) -> Self {
        Self { actor: actor.user.to_string(), unit: actor.unit.to_string() }
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
    /// SHA-256 of what was decided on.
    pub payload: &'a str,
}

/// Appends the act to the chain.
pub fn record(conn: &mut Conn, now: DateTime<Utc>, by: impl Into<By>, act: &Act<'_>) -> Result<(), AppError> {
    let by = by.into();
    let entry = Entry {
        seq: 0,
        at: now,
        actor: by.actor,
        on_behalf_of: by.unit,
        action: act.action.to_owned(),
        object: act.object.to_owned(),
        object_version: i64::from(act.version),
        reason: act.reason.to_owned(),
        payload_digest: act.payload.to_owned(),
        prev_hash: String::new(),
    };
    db::audit::append(conn, entry)?;
    Ok(())
}
