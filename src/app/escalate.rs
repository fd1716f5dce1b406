//! Says what is late, once each: in the audit, in the log, and by mail to whoever is on duty. A mail names ids and moments,
//! never a person or a word of an appeal: it passes through mailboxes that nobody here looks after.

use super::audit::{self, Act, By};
use super::{App, AppError, events, random};
use crate::channels::email::render::{DutyMail, Matter};
use crate::db::letters::{self, Letter};
use crate::db::{Conn, access, appeals, authorisations, chain, escalations, reports, takedowns};
use crate::domain::actor::{Actor, Permission};
use crate::domain::authorisation::ORAL_CONFIRMATION;
use crate::domain::canonical;
use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, UnitId, WebhookId};
use crate::words::{Locale, Zone};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// A takedown that is still open after this long is told to somebody (security-and-ops §4).
const LATE_TAKEDOWN: TimeDelta = TimeDelta::minutes(5);
/// The paper of an oral decision is asked for this long before the decision lapses, and once more when little time is left.
const ORAL_DUE: TimeDelta = TimeDelta::hours(12);
const ORAL_LAPSING: TimeDelta = TimeDelta::hours(2);
/// How long before its end a credential is told about (security-and-ops §5).
const CREDENTIAL: TimeDelta = TimeDelta::days(14);

/// Says everything that became late since the last look.
pub fn escalate(conn: &mut Conn, app: &App, now: DateTime<Utc>) -> Result<(), AppError> {
    for review in chain::overdue_reviews(conn, now)? {
        let told = Told { matter: Matter::ReviewOverdue, object: review.appeal.as_str(), at: review.due_at };
        let unit = appeals::any(conn, &review.appeal)?.unit;
        tell(conn, app, &unit, &told, true, now)?;
    }
    let mut written = Vec::new();
    for (_, appeal) in takedowns::overdue_takedowns(conn, now - LATE_TAKEDOWN, now)? {
        let id = AppealId::parse(&appeal).map_err(|e| AppError::Broken(e.to_string()))?;
        let unit = appeals::any(conn, &id)?.unit;
        let told = Told { matter: Matter::TakedownOverdue, object: &appeal, at: now };
        // An entry for each channel and language, a mail for all of them.
        let is_first = !written.contains(&id);
        tell(conn, app, &unit, &told, is_first, now)?;
        written.push(id);
    }
    papers(conn, app, now)?;
    for (appeal, response, unit) in reports::overdue(conn, now)? {
        let act = Act { action: "response.overdue", object: response.as_str(), ..Act::default() };
        audit::record(conn, now, By::of_unit("sweeper", &unit), &act)?;
        events::raise(conn, EventKind::ResponseOverdue, &unit, Some(&appeal), response.as_str(), now)?;
    }
    for (id, unit, ends) in escalations::credentials_ending(conn, now + CREDENTIAL)? {
        if escalations::is_new(conn, Matter::CredentialEnding.code(), &id, &ends.to_rfc3339(), now)? {
            let told = Told { matter: Matter::CredentialEnding, object: &id, at: ends };
            tell(conn, app, &unit, &told, true, now)?;
        }
    }
    Ok(())
}

/// Says that the money of an appeal's campaigns is not as it should be, to whoever is on duty.
pub(super) fn money(conn: &mut Conn, app: &App, appeal: &AppealId, now: DateTime<Utc>) -> Result<(), AppError> {
    let unit = appeals::any(conn, appeal)?.unit;
    let told = Told { matter: Matter::MoneyDrift, object: appeal.as_str(), at: now };
    tell(conn, app, &unit, &told, true, now)
}

/// Says that a webhook was switched off, to whoever is on duty.
pub(super) fn webhook_off(
    conn: &mut Conn,
    app: &App,
    unit: &UnitId,
    webhook: &WebhookId,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    tell(conn, app, unit, &Told { matter: Matter::WebhookOff, object: webhook.as_str(), at: now }, true, now)
}

/// Says that an appeal's answers will be erased, to whoever is on duty.
pub(super) fn retention_ending(
    conn: &mut Conn,
    app: &App,
    unit: &UnitId,
    (appeal, until): (&AppealId, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let told = Told { matter: Matter::RetentionEnding, object: appeal.as_str(), at: until };
    tell(conn, app, unit, &told, true, now)
}

/// Reports of illegal content of one appeal are told by mail at most this often: a rush of them is one mail.
const REPORTS_APART: TimeDelta = TimeDelta::hours(1);

/// Says that reports of illegal content wait, to whoever is on duty in the unit that looks at them.
pub(super) fn report_waits(
    conn: &mut Conn,
    app: &App,
    unit: &UnitId,
    appeal: &AppealId,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let hour = now.duration_trunc(REPORTS_APART).unwrap_or(now).to_rfc3339();
    let matter = Matter::ReportWaits;
    if !escalations::is_new(conn, matter.code(), appeal.as_str(), &hour, now)? {
        return Ok(());
    }
    tell(conn, app, unit, &Told { matter, object: appeal.as_str(), at: now }, true, now)
}

/// Oral decisions that something may rest on and whose paper nobody has seen.
fn papers(conn: &mut Conn, app: &App, now: DateTime<Utc>) -> Result<(), AppError> {
    for (id, appeal) in escalations::oral_since(conn, now - ORAL_CONFIRMATION)? {
        if escalations::is_known(conn, Matter::OralLapsing.code(), id.as_str(), "")? {
            continue;
        }
        let appeal = appeals::any(conn, &appeal)?;
        let records = authorisations::of_appeal(conn, &appeal.id)?;
        let Some(stored) = records.iter().find(|stored| stored.record.authorisation.id == id) else { continue };
        let decision = &stored.record.authorisation;
        if decision.document.is_some() || !stored.record.holds_or_waits(now) || appeal.outcome.is_some() {
            continue;
        }
        let left = decision.ends_at() - now;
        let matter = if left <= ORAL_LAPSING { Matter::OralLapsing } else { Matter::OralDue };
        if left <= ORAL_DUE && escalations::is_new(conn, matter.code(), id.as_str(), "", now)? {
            tell(conn, app, &appeal.unit, &Told { matter, object: id.as_str(), at: decision.ends_at() }, true, now)?;
        }
    }
    Ok(())
}

/// What is late.
struct Told<'a> {
    matter: Matter,
    object: &'a str,
    at: DateTime<Utc>,
}

/// The entry and the mail, in one transaction.
fn tell(
    conn: &mut Conn,
    app: &App,
    unit: &UnitId,
    told: &Told<'_>,
    by_mail: bool,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let Told { matter, object, at } = *told;
    tracing::error!(event = matter.code(), %object);
    let act = Act { action: matter.code(), object, ..Act::default() };
    audit::record(conn, now, By::service("sweeper"), &act)?;
    let unit = access::unit(conn, unit)?;
    let or = |own: &str, default: &str| if own.is_empty() { default.to_owned() } else { own.to_owned() };
    let recipient = or(&unit.duty_address, &app.config.duty.address);
    if recipient.is_empty() || !by_mail {
        return Ok(());
    }
    let locale = Locale::parse(&or(&unit.duty_language, &app.config.duty.language)).unwrap_or(Locale::En);
    let mail = DutyMail {
        locale,
        zone: Zone::from(unit.country),
        operator: app.config.server.operator.clone(),
        matter,
        object: object.to_owned(),
        at,
    };
    let rendered = mail.render().map_err(|e| AppError::Broken(e.to_string()))?;
    let letter = Letter {
        id: format!("duty.{}", canonical::hex(&random::bytes::<10>())),
        recipient,
        language: locale.code().to_owned(),
        subject: rendered.subject,
        plain: rendered.text,
        html: rendered.html,
        attempts: 0,
        answers: None,
    };
    Ok(letters::add(conn, &letter, now)?)
}

/// Names who is on duty in the actor's unit and in which language; an empty text leaves it to the installation's settings.
pub fn set_duty(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    unit: &UnitId,
    address: &str,
    language: &str,
) -> Result<access::Unit, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ManageUsers, now)?;
    if *unit != actor.unit {
        return Err(AppError::NotFound);
    }
    let mut faults = Vec::new();
    if !address.is_empty() && EmailAddress::parse(address).is_err() {
        faults.push(Fault::at("/address", "not-an-address"));
    }
    if !language.is_empty() && Locale::parse(language).is_err() {
        faults.push(Fault::at("/language", "unknown-value").with("value", language));
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    access::set_duty(conn, unit, address, language)?;
    let payload = canonical::digest(&serde_json::json!({"address": address, "language": language}));
    let act = Act { action: "unit.duty_named", object: unit.as_str(), payload: &payload, ..Act::default() };
    audit::record(conn, now, actor, &act)?;
    Ok(access::unit(conn, unit)?)
}
