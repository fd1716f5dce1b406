//! The magistrate's act: recorded by one person, verified by another who calls the office back, withdrawn by anyone who
//! learns of it. Records are only ever added.

use super::audit::{self, Act};
use super::{App, AppError, random, take_down};
use crate::area;
use crate::db::authorisations::{self, Stored};
use crate::db::{Conn, appeals};
use crate::domain::actor::{Actor, Permission};
use crate::domain::area::CellSet;
use crate::domain::authorisation::{Authorisation, RefusedVerification, Withdrawal};
use crate::domain::canonical;
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, AuthorisationId};
use crate::domain::place::Country;
use crate::domain::stage::Step;
use crate::domain::validation::may_verify;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The cells of the area a scope names, before any transaction; none when it covers the country. Names of places are
/// those of the decision's own country.
pub fn scope_cells(app: &App, document: &Value) -> Result<Option<CellSet>, AppError> {
    let Some(filed @ Value::Object(_)) = document.pointer("/scope/area") else { return Ok(None) };
    let home = document.get("country").and_then(Value::as_str).and_then(Country::parse);
    let below = |mut faults: Vec<area::AreaFault>| {
        for fault in &mut faults {
            fault.pointer = format!("/scope/area{}", fault.pointer);
        }
        AppError::Area(faults)
    };
    let spec = area::parse_spec(filed).map_err(below)?;
    Ok(Some(area::resolve_under(&spec, app.gazetteer, app.reading(home)).map_err(below)?.cells))
}

/// Records a decision.
pub fn record(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    appeal: &AppealId,
    document: &Value,
    cells: Option<&CellSet>,
) -> Result<Authorisation, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::RecordAuthorisation, now)?;
    let appeal = appeals::of_unit(conn, appeal, &actor.unit)?;
    let id = AuthorisationId::from_parts(now, random::bytes());
    let decision =
        Authorisation::from_document(document, id, appeal.id.clone(), appeal.draft.kind(), actor.person.clone())?;
    let mut faults = Vec::new();
    if decision.decided_at > now {
        faults.push(Fault::at("/decision/at", "in-the-future"));
    }
    if decision.valid_until <= now {
        faults.push(Fault::at("/valid_until", "in-the-past"));
    }
    if let Some(previous) = &decision.previous
        && !authorisations::of_appeal(conn, &appeal.id, appeal.draft.kind())?
            .iter()
            .any(|known| known.record.authorisation.id == *previous)
    {
        faults.push(Fault::at("/previous_id", "unknown-value").with("value", previous));
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    authorisations::add(conn, &decision, cells, now)?;
    let payload = canonical::digest(&decision.to_document());
    let act =
        Act { action: "authorisation.recorded", object: decision.id.as_str(), payload: &payload, ..Act::default() };
    audit::record(conn, now, actor, &act)?;
    Ok(decision)
}

fn stored(conn: &mut Conn, actor: &Actor, id: &AuthorisationId) -> Result<(appeals::Appeal, Stored), AppError> {
    let appeal = authorisations::appeal_of(conn, id)?;
    let appeal = appeals::of_unit(conn, &appeal, &actor.unit)?;
    let found = authorisations::of_appeal(conn, &appeal.id, appeal.draft.kind())?
        .into_iter()
        .find(|stored| stored.record.authorisation.id == *id)
        .ok_or(AppError::NotFound)?;
    Ok((appeal, found))
}

/// Verifies a decision by calling the office back; the appeal is authorised from then on.
pub fn verify(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AuthorisationId,
    called_back_on: &str,
) -> Result<Stored, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::VerifyAuthorisation, now)?;
    let (mut appeal, mut found) = stored(conn, actor, id)?;
    if called_back_on.trim().chars().count() < 5 {
        return Err(vec![Fault::at("/called_back_on", "required")].into());
    }
    may_verify(&actor.person, &appeal.authors).map_err(|seat| AppError::Forbidden { code: seat.code() })?;
    let verification =
        found.record.verify(&actor.person, now, called_back_on.trim().to_owned()).map_err(|refused| match refused {
            RefusedVerification::SamePerson => AppError::Forbidden { code: "verifier-is-recorder" },
            RefusedVerification::AlreadyVerified => AppError::Conflict { code: "already-verified" },
            RefusedVerification::Withdrawn => AppError::Conflict { code: "withdrawn" },
        })?;
    authorisations::add_verification(conn, id, &verification)?;
    found.record.verification = Some(verification);
    // A decision may be verified while the appeal is already further: then it only joins the record.
    if let Ok(stage) = appeal.stage.after(Step::Authorise) {
        appeal.stage = stage;
        appeals::save(conn, &mut appeal, now)?;
    }
    audit::record(conn, now, actor, &Act { action: "authorisation.verified", object: id.as_str(), ..Act::default() })?;
    Ok(found)
}

/// Notes that the magistrate took the decision back. Whatever is out comes down in the same transaction.
pub fn withdraw(conn: &mut Conn, app: &App, actor: &Actor, id: &AuthorisationId, reason: &str) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::WithdrawAuthorisation, now)?;
    let (appeal, found) = stored(conn, actor, id)?;
    if reason.trim().chars().count() < 3 {
        return Err(vec![Fault::at("/reason", "required")].into());
    }
    if found.record.withdrawal.is_some() {
        return Err(AppError::Conflict { code: "withdrawn" });
    }
    let withdrawal = Withdrawal { by: actor.person.clone(), at: now, reason: reason.trim().to_owned() };
    authorisations::add_withdrawal(conn, id, &withdrawal)?;
    audit::record(
        conn,
        now,
        actor,
        &Act { action: "authorisation.withdrawn", object: id.as_str(), reason: &withdrawal.reason, ..Act::default() },
    )?;
    take_down::lapse_if_uncovered(conn, app, &appeal.id, actor.into())
}

/// The decision to judge by: the latest that is verified, not withdrawn and valid now; else the latest, so that its
/// shortcomings can be named.
#[must_use]
pub fn in_force(records: &[Stored], now: DateTime<Utc>) -> Option<&Stored> {
    let holds = |stored: &&Stored| {
        let record = &stored.record;
        record.verification.is_some()
            && record.withdrawal.is_none()
            && record.authorisation.valid_from <= now
            && now < record.authorisation.ends_at()
    };
    records.iter().rev().find(holds).or_else(|| records.last())
}
