//! Brings what happened to those who want to know: a message for each webhook of the unit, a line in the next mail of each
//! officer who may see such things and asked to be told. What comes in thousands is folded: one message, one line, a count.

use super::{App, AppError, escalate, random};
use crate::channels::email::render::{DigestLine, DigestMail};
use crate::db::access::{self, User};
use crate::db::letters::{self, Letter};
use crate::db::notices::{self, Notices};
use crate::db::webhooks::{self, Webhook};
use crate::db::{Conn, events, grants, webhook_messages};
use crate::domain::actor::{Permission, Role};
use crate::domain::canonical;
use crate::domain::event::{Event, EventKind};
use crate::domain::grant::Right;
use crate::domain::ids::{AppealId, MessageOutId, UnitId};
use crate::domain::place::Country;
use crate::words::Locale;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Events told on in one transaction.
const STEP: i64 = 200;
/// Two messages about the same kind of thing of one appeal are never nearer to each other; what comes in between is one.
const APART: TimeDelta = TimeDelta::seconds(30);

/// Those of a unit who are told.
struct Audience {
    webhooks: Vec<Webhook>,
    officers: Vec<(Vec<Role>, Notices)>,
    country: Country,
}

/// The roles of somebody in their own unit now, with those they were given for a while.
fn roles(conn: &mut Conn, user: User) -> Result<Vec<Role>, AppError> {
    let mut roles = user.roles;
    for grant in grants::active_of(conn, &user.id)? {
        if let Right::Role(role) = grant.right
            && grant.reach.unit == user.unit
            && grant.reach.appeal.is_none()
        {
            roles.push(role);
        }
    }
    Ok(roles)
}

fn may(roles: &[Role], permission: Permission) -> bool {
    roles.iter().any(|role| role.permissions().contains(&permission))
}

fn audience(conn: &mut Conn, unit: &UnitId) -> Result<Audience, AppError> {
    let mut officers = Vec::new();
    for user in access::users_of(conn, unit)? {
        if user.disabled_at.is_none()
            && let Some(wanted) = notices::of_user(conn, &user.id)?
        {
            officers.push((roles(conn, user)?, wanted));
        }
    }
    Ok(Audience { webhooks: webhooks::of_unit(conn, unit)?, officers, country: access::unit(conn, unit)?.country })
}

/// Whether something waits to be told. Only reads.
pub fn is_due(conn: &mut Conn, app: &App) -> Result<bool, AppError> {
    let now = app.clock.now(conn)?;
    Ok(events::are_waiting(conn)? || notices::is_due(conn, now)?)
}

/// Tells some of what waits: webhooks' messages and lines of mails are made, mails that are due are written.
pub fn tell(conn: &mut Conn, app: &App) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let mut known: BTreeMap<UnitId, Audience> = BTreeMap::new();
    for event in events::take(conn, STEP)? {
        if !known.contains_key(&event.unit) {
            known.insert(event.unit.clone(), audience(conn, &event.unit)?);
        }
        if let (EventKind::ReportReceived, Some(appeal)) = (event.kind, &event.appeal) {
            escalate::report_waits(conn, app, &event.unit, appeal, now)?;
        }
        let Some(told) = known.get(&event.unit) else { continue };
        for webhook in told.webhooks.iter().filter(|webhook| webhook.wants(event.kind)) {
            message(conn, webhook, &event, now)?;
        }
        for (roles, wanted) in &told.officers {
            if !event.kind.told_to().is_some_and(|permission| may(roles, permission)) {
                continue;
            }
            let (kind, last) = (event.kind, wanted.last_at);
            if let Some(at) = wanted.wish.tells_at(kind.is_urgent(), kind.is_timed(), last, now, told.country) {
                notices::note(conn, &wanted.user, &event, at)?;
            }
        }
    }
    while write(conn, app, now)? {}
    Ok(())
}

fn message(conn: &mut Conn, webhook: &Webhook, event: &Event, now: DateTime<Utc>) -> Result<(), AppError> {
    let id = MessageOutId::from_parts(now, random::bytes());
    if !event.kind.is_counted() {
        return Ok(webhook_messages::add(conn, &id, &webhook.id, event, None, now, now)?);
    }
    let name = format!("{} {}", event.kind, event.appeal.as_ref().map_or("", AppealId::as_str));
    if webhook_messages::fold(conn, &webhook.id, &name, event)? {
        return Ok(());
    }
    let due_at = webhook_messages::last_of(conn, &webhook.id, &name)?.map_or(now, |last| now.max(last + APART));
    Ok(webhook_messages::add(conn, &id, &webhook.id, event, Some(&name), due_at, now)?)
}

/// Writes one mail that is due; whether there was one.
fn write(conn: &mut Conn, app: &App, now: DateTime<Utc>) -> Result<bool, AppError> {
    let Some((wanted, lines)) = notices::take(conn, now)? else { return Ok(false) };
    let user = access::user(conn, &wanted.user)?;
    // Whoever was let go meanwhile is told nothing any more.
    let active = user.disabled_at.is_none();
    let roles = roles(conn, user)?;
    let lines: Vec<DigestLine> = lines
        .into_iter()
        .filter(|line| active && line.kind.told_to().is_some_and(|permission| may(&roles, permission)))
        .map(|line| DigestLine {
            kind: line.kind,
            object: match (line.appeal.is_empty(), line.count) {
                (true, _) => line.object,
                (false, 1) if line.object != line.appeal => format!("{}, {}", line.appeal, line.object),
                (false, _) => line.appeal,
            },
            count: line.count,
        })
        .collect();
    if lines.is_empty() {
        return Ok(true);
    }
    let locale = Locale::parse(&wanted.language).unwrap_or(Locale::En);
    let mail = DigestMail { locale, operator: app.config.server.operator.clone(), lines };
    let rendered = mail.render().map_err(|e| AppError::Broken(e.to_string()))?;
    let letter = Letter {
        id: format!("notice.{}", canonical::hex(&random::bytes::<10>())),
        recipient: wanted.address,
        language: locale.code().to_owned(),
        subject: rendered.subject,
        plain: rendered.text,
        html: rendered.html,
        attempts: 0,
        answers: None,
    };
    letters::add(conn, &letter, now)?;
    Ok(true)
}
