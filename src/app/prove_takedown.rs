//! Takedowns proven: what our own channels show is read back from outside, again and again for days, until it is gone or
//! given up with a name. Only reads, so whatever is killed in between is simply looked at again.

use super::audit::{self, Act, By};
use super::{App, AppError, events, fault, keep_campaigns};
use crate::db::takedowns::{self, Look, Looked};
use crate::db::{Conn, DbError, appeals};
use crate::domain::event::EventKind;
use crate::domain::ids::AppealId;
use crate::domain::scope::ChannelKind;
use crate::domain::stage::{Stage, Step};
use crate::domain::takedown::next_look;
use chrono::{DateTime, TimeDelta, Utc};

/// A look takes at most half of this; whoever died with one in hand leaves it due again.
const LOOK_LEASE: TimeDelta = TimeDelta::seconds(30);

/// What to read and what it must not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// This must answer 404 or 410.
    Gone(String),
    /// This must answer 200 without the mark.
    Without {
        /// Where.
        url: String,
        /// What must not be there.
        mark: String,
    },
    /// Nothing: whoever keeps the campaigns has looked already, and this is what they saw.
    Seen(Result<String, String>),
}

/// Whether a look is due. Only reads.
pub fn is_due(conn: &mut Conn, app: &App) -> Result<bool, AppError> {
    let now = app.clock.now(conn)?;
    Ok(takedowns::is_due(conn, now)?)
}

/// Claims a look that is due, with the address to read.
pub fn next(conn: &mut Conn, app: &App) -> Result<Option<(Look, Address)>, AppError> {
    let now = app.clock.now(conn)?;
    let Some(look) = takedowns::claim(conn, now, LOOK_LEASE)? else { return Ok(None) };
    let (base, language, slug) = (&app.public_url, look.language, &look.slug);
    let address = match look.channel {
        channel if channel.is_paid() => Address::Seen(keep_campaigns::proof(conn, &look)?),
        ChannelKind::Feed => {
            Address::Without { url: format!("{base}/feeds/{language}.atom"), mark: format!("/a/{slug}") }
        }
        _ => Address::Gone(format!("{base}/{language}/a/{slug}")),
    };
    Ok(Some((look, address)))
}

/// Writes down what a look saw: the proof, or the name of the failure. A look somebody else took over is forgotten.
pub fn record(conn: &mut Conn, app: &App, look: &Look, seen: Result<String, String>) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let looks = u32::try_from(look.looks).unwrap_or(u32::MAX);
    let looked = match seen {
        Ok(proof) => Looked::Proven(proof),
        Err(failure) => match next_look(looks, look.decided_at, now, app.chance.jitter()) {
            Some(at) => Looked::Again(failure, at),
            None => Looked::GivenUp(failure),
        },
    };
    match takedowns::record(conn, look, &looked, now) {
        Err(DbError::Stale) => return Ok(()),
        other => other?,
    }
    let (action, reason) = match &looked {
        Looked::Again(..) => return Ok(()),
        Looked::Proven(proof) => ("takedown.proven", proof),
        Looked::GivenUp(failure) => ("takedown.failed", failure),
    };
    if let Looked::GivenUp(failure) = &looked {
        tracing::error!(event = "takedown.failed", appeal = %look.appeal, failure);
    }
    let act = Act { action, object: look.id.as_str(), reason, ..Act::default() };
    audit::record(conn, now, By::service("worker"), &act)?;
    let unit = appeals::any(conn, &look.appeal)?.unit;
    let kind = if matches!(looked, Looked::Proven(_)) { EventKind::TakedownProven } else { EventKind::TakedownFailed };
    events::raise(conn, kind, &unit, Some(&look.appeal), look.id.as_str(), now)?;
    confirm(conn, &look.appeal, now)?;
    fault::point("look.inside")
}

/// Ends a closed appeal whose every way back is proven.
pub(super) fn confirm(conn: &mut Conn, id: &AppealId, now: DateTime<Utc>) -> Result<(), AppError> {
    let mut appeal = appeals::any(conn, id)?;
    if appeal.stage != Stage::Closed || takedowns::unproven(conn, id)? > 0 {
        return Ok(());
    }
    appeal.stage = appeal.stage.after(Step::ConfirmTakedown)?;
    appeals::save(conn, &mut appeal, now)?;
    let act =
        Act { action: "appeal.takedown_verified", object: id.as_str(), version: appeal.version, ..Act::default() };
    audit::record(conn, now, By::service("worker"), &act)?;
    events::raise(conn, EventKind::TakedownFinished, &appeal.unit, Some(id), id.as_str(), now)
}
