//! The magistrate's act: recorded by one person, verified by another who calls the office back, withdrawn by anyone who
//! learns of it. Records are only ever added.

use super::audit::{self, Act};
use super::carry_on::{self, Effect};
use super::{App, AppError, random, standing, stored_aims, take_down};
use crate::area;
use crate::db::appeals::Appeal;
use crate::db::authorisations::{self, Confirmation, Stored};
use crate::db::{Conn, appeals, chain};
use crate::domain::actor::{Actor, Permission};
use crate::domain::area::CellSet;
use crate::domain::authorisation::{Authorisation, DecisionForm, DocumentProof, RefusedVerification, Withdrawal};
use crate::domain::canonical;
use crate::domain::document;
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, AuthorisationId, DiscoveryId};
use crate::domain::place::Country;
use crate::domain::stage::Step;
use crate::domain::validation::may_verify;
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
    let rules = standing::rules_of(conn, app, &appeal.unit)?;
    let decision =
        Authorisation::file(document, id, appeal.id.clone(), actor.person.clone(), (&rules, appeal.draft.kind()))?;
    let mut faults = Vec::new();
    if decision.decided_at > now {
        faults.push(Fault::at("/decision/at", "in-the-future"));
    }
    if decision.valid_until <= now {
        faults.push(Fault::at("/valid_until", "in-the-past"));
    }
    faults.extend(carry_on::faults(conn, &rules, &appeal, &decision)?);
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

fn stored(conn: &mut Conn, actor: &Actor, id: &AuthorisationId) -> Result<(Appeal, Stored), AppError> {
    let appeal = authorisations::appeal_of(conn, id)?;
    let appeal = appeals::of_unit(conn, &appeal, &actor.unit)?;
    let found = authorisations::of_appeal(conn, &appeal.id)?
        .into_iter()
        .find(|stored| stored.record.authorisation.id == *id)
        .ok_or(AppError::NotFound)?;
    Ok((appeal, found))
}

/// Verifies a decision by calling the office back; the appeal is authorised from then on. Where it follows a decision that
/// something out rests on, what it means for that is said too.
pub fn verify(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AuthorisationId,
    called_back_on: &str,
) -> Result<(Stored, Option<Effect>), AppError> {
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
    // Its area may be a limit that no advertisement leaves.
    stored_aims::ask(conn, &appeal, now)?;
    let effect = carry_on::heed(conn, app, actor.into(), &appeal.id, id)?;
    Ok((found, effect))
}

/// Records the paper that follows an oral decision. It counts once a second person saw it.
pub fn confirm(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AuthorisationId,
    paper: &Value,
) -> Result<Stored, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::RecordAuthorisation, now)?;
    let (_, mut found) = stored(conn, actor, id)?;
    let decision = &found.record.authorisation;
    if decision.form != DecisionForm::OralConfirmed {
        return Err(AppError::Conflict { code: "not-oral" });
    }
    if found.confirmation.is_some() || decision.document.is_some() {
        return Err(AppError::Conflict { code: "already-confirmed" });
    }
    let document = document::read(paper, "", DocumentProof::read)?;
    let payload = document.sha256.clone();
    let confirmation = Confirmation { document, entered_by: actor.person.clone(), entered_at: now, verified: None };
    authorisations::add_confirmation(conn, id, &confirmation)?;
    found.confirmation = Some(confirmation);
    let act = Act { action: "authorisation.confirmed", object: id.as_str(), payload: &payload, ..Act::default() };
    audit::record(conn, now, actor, &act)?;
    Ok(found)
}

/// Verifies the paper of an oral decision by calling the office back: from now on the decision lasts as it says.
pub fn verify_confirmation(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AuthorisationId,
    called_back_on: &str,
) -> Result<Stored, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::VerifyAuthorisation, now)?;
    let (appeal, found) = stored(conn, actor, id)?;
    if called_back_on.trim().chars().count() < 5 {
        return Err(vec![Fault::at("/called_back_on", "required")].into());
    }
    let confirmation = found.confirmation.ok_or(AppError::Conflict { code: "not-confirmed" })?;
    if confirmation.verified.is_some() {
        return Err(AppError::Conflict { code: "already-verified" });
    }
    may_verify(&actor.person, &appeal.authors).map_err(|seat| AppError::Forbidden { code: seat.code() })?;
    if confirmation.entered_by == actor.person || found.record.authorisation.entered_by == actor.person {
        return Err(AppError::Forbidden { code: "verifier-is-recorder" });
    }
    authorisations::verify_confirmation(conn, id, &actor.person, called_back_on.trim(), now)?;
    let (appeal, found) = stored(conn, actor, id)?;
    // What is out under this decision alone lasts longer from now on; the plan that was signed already said so.
    carry_on::set_ends(conn, app, &appeal, now)?;
    let act = Act { action: "authorisation.confirmation_verified", object: id.as_str(), ..Act::default() };
    audit::record(conn, now, actor, &act)?;
    Ok(found)
}

/// Notes that a minor was discovered where nobody had thought of one. Whatever the decision does not cover knowingly
/// comes down in the same transaction.
pub fn discover_minor(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    note: &str,
) -> Result<Appeal, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::TakeDown, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    if note.trim().chars().count() < 3 {
        return Err(vec![Fault::at("/note", "required")].into());
    }
    let row = DiscoveryId::from_parts(now, random::bytes());
    chain::add_minor_discovered(conn, row.as_str(), id, note.trim(), &actor.person, now)?;
    let payload = canonical::digest(&Value::from(note.trim()));
    let act = Act { action: "appeal.minor_discovered", object: id.as_str(), payload: &payload, ..Act::default() };
    audit::record(conn, now, actor, &act)?;
    take_down::lapse_if_uncovered(conn, app, &appeal.id, actor.into())?;
    Ok(appeals::any(conn, id)?)
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
    take_down::lapse_if_uncovered(conn, app, &appeal.id, actor.into())?;
    Ok(())
}
