//! Victims and owners who were identified, each by the response that did it. Counted by id; a name is sealed to the appeal's
//! readers like the response itself.

use super::audit::{self, Act};
use super::respond::{context, sealing};
use super::{App, AppError, events, random};
use crate::db::identifications::{self as rows, Identification};
use crate::db::{Conn, appeals, responses};
use crate::domain::actor::{Actor, Permission};
use crate::domain::event::EventKind;
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, IdentificationId, ResponseId};
use crate::sealing::{AppealPublicKey, OsRandom, seal};

/// Who was identified.
#[derive(Clone, Debug, Default)]
pub struct Identified {
    /// `victim` or `owner`.
    pub of: String,
    /// The number of the lot, for an owner.
    pub lot: Option<i64>,
    /// Their name; empty: not kept.
    pub name: String,
    /// Another identification of the same person, which counts.
    pub same_as: Option<IdentificationId>,
}

/// The field a name is sealed as.
pub(super) fn name_field(id: &IdentificationId) -> String {
    format!("identification/{id}/name")
}

/// Notes who a response identified.
pub fn add(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    response: &ResponseId,
    who: &Identified,
) -> Result<Identification, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::AnswerResponses, now)?;
    let response = responses::of_unit(conn, response, &actor.unit)?;
    let appeal = appeals::any(conn, &response.appeal)?;
    let mut faults = Vec::new();
    if !["victim", "owner"].contains(&who.of.as_str()) {
        faults.push(Fault::at("/of", "unknown-value").with("value", &who.of));
    }
    let name = who.name.trim();
    if name.chars().count() > 200 {
        faults.push(Fault::at("/name", "too-long").with("limit", 200).with("length", name.chars().count()));
    }
    let lot = who.lot.map(|number| (number, appeal.lots.iter().find(|lot| lot.number == number)));
    if let Some((number, None)) = lot {
        faults.push(Fault::at("/lot", "unknown-value").with("value", number));
    }
    let known = rows::of_appeal(conn, &appeal.id)?;
    // Counted at the first one, however many bear each other out.
    let same_as = who.same_as.as_ref().map(|id| known.iter().find(|one| one.id == *id).ok_or(id));
    if let Some(Err(id)) = same_as {
        faults.push(Fault::at("/same_as", "unknown-value").with("value", id));
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let first = same_as.and_then(Result::ok).map(|one| one.same_as.clone().unwrap_or_else(|| one.id.clone()));
    let id = IdentificationId::from_parts(now, random::bytes());
    let sealed_name = if name.is_empty() {
        None
    } else {
        let key = AppealPublicKey::from_slice(&appeal.public_key).map_err(sealing)?;
        let field = name_field(&id);
        let sealed = seal(&key, &context(&response, &field), name.as_bytes(), &mut OsRandom).map_err(sealing)?;
        Some(sealed.into_bytes())
    };
    let one = Identification {
        id,
        appeal: appeal.id.clone(),
        response: response.id.clone(),
        of: who.of.clone(),
        lot: lot.and_then(|(_, lot)| lot).map(|lot| lot.id.clone()),
        same_as: first,
        sealed_name,
        by: actor.user.clone(),
        at: now,
    };
    rows::add(conn, &one)?;
    let act =
        Act { action: "identification.made", object: one.id.as_str(), payload: response.id.as_str(), ..Act::default() };
    audit::record(conn, now, actor, &act)?;
    events::raise(conn, EventKind::IdentificationMade, &response.unit, Some(&appeal.id), one.id.as_str(), now)?;
    Ok(one)
}

/// An appeal's identifications without names, oldest first.
pub fn list(conn: &mut Conn, app: &App, actor: &Actor, id: &AppealId) -> Result<Vec<Identification>, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    Ok(rows::of_appeal(conn, &appeal.id)?)
}

/// Takes back what was noted by mistake, with a reason.
pub fn remove(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    (response, id): (&ResponseId, &IdentificationId),
    reason: &str,
) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::AnswerResponses, now)?;
    let response = responses::of_unit(conn, response, &actor.unit)?;
    let reason = reason.trim();
    if !super::work_response::REASON.contains(&reason.chars().count()) {
        return Err(vec![Fault::at("/reason", "reading-reason")].into());
    }
    if !rows::of_response(conn, &response.id)?.iter().any(|one| one.id == *id) {
        return Err(AppError::NotFound);
    }
    rows::remove(conn, id)?;
    let act = Act { action: "identification.taken_back", object: id.as_str(), reason, ..Act::default() };
    audit::record(conn, now, actor, &act)
}
