//! How the caller wants to be told by mail what happens in their unit.

use super::audit::{self, Act};
use super::{App, AppError};
use crate::db::Conn;
use crate::db::notices::{self, Notices};
use crate::domain::actor::Actor;
use crate::domain::email::EmailAddress;
use crate::domain::faults::Fault;
use crate::domain::notice_wish::{Cadence, EVERY, Wish};
use crate::words::Locale;
use chrono::{NaiveTime, TimeDelta};

/// What somebody asks for, as they wrote it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Where.
    pub address: String,
    /// In which language.
    pub language: String,
    /// What is urgent at once.
    pub urgent: bool,
    /// The rest every so many minutes…
    pub every_minutes: Option<i64>,
    /// … or once a day at `07:30`.
    pub daily_at: Option<String>,
}

/// What the caller wants; none when they never said.
pub fn show(conn: &mut Conn, actor: &Actor) -> Result<Option<Notices>, AppError> {
    Ok(notices::of_user(conn, &actor.user)?)
}

/// Sets it.
pub fn set(conn: &mut Conn, app: &App, actor: &Actor, asked: &Asked) -> Result<Notices, AppError> {
    let now = app.clock.now(conn)?;
    let mut faults = Vec::new();
    if EmailAddress::parse(&asked.address).is_err() {
        faults.push(Fault::at("/address", "not-an-address"));
    }
    if Locale::parse(&asked.language).is_err() {
        faults.push(Fault::at("/language", "unknown-value").with("value", &asked.language));
    }
    let time = asked.daily_at.as_deref().map(|text| NaiveTime::parse_from_str(text, "%H:%M"));
    let cadence = match (asked.every_minutes, time) {
        (None, None) => Cadence::Never,
        (Some(minutes), None) if EVERY.contains(&minutes) => Cadence::Every(TimeDelta::minutes(minutes)),
        (Some(_), None) => {
            let fault = Fault::at("/every_minutes", "out-of-range").with("min", EVERY.start()).with("max", EVERY.end());
            faults.push(fault);
            Cadence::Never
        }
        (None, Some(Ok(time))) => Cadence::Daily(time),
        (None, Some(Err(_))) => {
            faults.push(Fault::at("/daily_at", "not-a-time"));
            Cadence::Never
        }
        (Some(_), Some(_)) => {
            faults.push(Fault::at("/daily_at", "exactly-one"));
            Cadence::Never
        }
    };
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let wanted = Notices {
        user: actor.user.clone(),
        address: asked.address.clone(),
        language: asked.language.clone(),
        wish: Wish { urgent: asked.urgent, cadence },
        last_at: None,
        due_at: None,
    };
    notices::set(conn, &wanted)?;
    // Where to stands in no audit entry.
    audit::record(conn, now, actor, &Act { action: "notices.set", object: actor.user.as_str(), ..Act::default() })?;
    notices::of_user(conn, &actor.user)?.ok_or(AppError::NotFound)
}

/// Tells the caller nothing any more.
pub fn remove(conn: &mut Conn, app: &App, actor: &Actor) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    notices::remove(conn, &actor.user)?;
    audit::record(conn, now, actor, &Act { action: "notices.removed", object: actor.user.as_str(), ..Act::default() })
}
