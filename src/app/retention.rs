//! How long the responses of a closed appeal are kept: a number of days, a warning before the end, a hold for proceedings
//! with a name and a reason; then they are erased like any other, and the audit says so.

use super::audit::{self, Act, By};
use super::{App, AppError, erase, escalate, events};
use crate::db::attachments::{self, Attachment};
use crate::db::retention::{self, Retention};
use crate::db::{Conn, appeals, responses};
use crate::domain::actor::{Actor, Permission};
use crate::domain::event::EventKind;
use crate::domain::faults::Fault;
use crate::domain::ids::AppealId;
use chrono::{DateTime, TimeDelta, Utc};

/// How long before the end readers are warned (security-and-ops §6).
const WARNING: TimeDelta = TimeDelta::days(14);
/// Responses erased in one transaction.
const STEP: i64 = 200;

/// Starts the clock when an appeal ends.
pub(super) fn start(conn: &mut Conn, app: &App, appeal: &AppealId, now: DateTime<Utc>) -> Result<(), AppError> {
    let days = TimeDelta::days(app.config.responses.retention_days.into());
    Ok(retention::start(conn, appeal, now + days)?)
}

/// How long an appeal's responses are kept; none while it is open.
pub fn show(conn: &mut Conn, app: &App, actor: &Actor, id: &AppealId) -> Result<Option<Retention>, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    Ok(retention::of_appeal(conn, &appeal.id)?)
}

/// Holds the responses for proceedings, or lets them go; both with a reason.
pub fn hold(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    held: bool,
    reason: &str,
) -> Result<Retention, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Close, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    let reason = reason.trim();
    if !(5..=500).contains(&reason.chars().count()) {
        return Err(vec![Fault::at("/reason", "reading-reason")].into());
    }
    let known = retention::of_appeal(conn, &appeal.id)?.ok_or(AppError::Conflict { code: "appeal-open" })?;
    if known.erased_at.is_some() {
        return Err(AppError::Conflict { code: "responses-erased" });
    }
    retention::hold(conn, &appeal.id, held.then_some((&actor.user, reason)))?;
    let action = if held { "retention.held" } else { "retention.released" };
    audit::record(conn, now, actor, &Act { action, object: id.as_str(), reason, ..Act::default() })?;
    retention::of_appeal(conn, &appeal.id)?.ok_or(AppError::NotFound)
}

/// One step: warnings, and the erasure of at most [`STEP`] responses of one appeal whose time is over. What is to be taken
/// out of the store, and whether something is left to do.
fn step(conn: &mut Conn, app: &App) -> Result<(Vec<Attachment>, bool), AppError> {
    let now = app.clock.now(conn)?;
    let ending = retention::ending(conn, now + WARNING)?;
    for soon in ending.iter().filter(|one| one.warned_at.is_none()) {
        retention::warned(conn, &soon.appeal, now)?;
        let until = soon.until.to_rfc3339();
        let act = Act { action: "retention.warned", object: soon.appeal.as_str(), reason: &until, ..Act::default() };
        audit::record(conn, now, By::service("retention"), &act)?;
        let unit = appeals::any(conn, &soon.appeal)?.unit;
        escalate::retention_ending(conn, app, &unit, (&soon.appeal, soon.until), now)?;
        let id = soon.appeal.as_str();
        events::raise(conn, EventKind::RetentionWarning, &unit, Some(&soon.appeal), id, now)?;
    }
    let Some(over) = ending.into_iter().find(|one| one.until <= now) else { return Ok((Vec::new(), false)) };
    let found = responses::of_appeal(conn, &over.appeal, "", STEP)?;
    let mut files = Vec::new();
    for response in &found {
        files.extend(attachments::of_response(conn, &response.id)?);
        responses::erase(conn, response)?;
        let act = Act { action: "response.expired", object: response.id.as_str(), ..Act::default() };
        audit::record(conn, now, By::service("retention"), &act)?;
    }
    if found.is_empty() {
        retention::erased(conn, &over.appeal, now)?;
        let act = Act { action: "retention.erased", object: over.appeal.as_str(), ..Act::default() };
        audit::record(conn, now, By::service("retention"), &act)?;
        let unit = appeals::any(conn, &over.appeal)?.unit;
        let id = over.appeal.as_str();
        events::raise(conn, EventKind::RetentionErased, &unit, Some(&over.appeal), id, now)?;
    }
    Ok((files, true))
}

/// Warns and erases all that is due.
pub async fn sweep(app: &App) -> Result<(), AppError> {
    let mut erased = false;
    loop {
        let context = app.clone();
        let (files, more) = app.db.write(move |conn| step(conn, &context)).await?;
        erase::files(app, &files).await;
        erased |= more;
        if !more {
            break;
        }
    }
    if erased {
        // Also out of the write-ahead log.
        app.db.settle().await?;
    }
    Ok(())
}
