//! Claims on lots: registered with the response that makes them, examined, put the hidden question through the thread,
//! decided by two officers, and reported when the lot was handed over. Every step is in the audit under the claim's id.

use super::access::Caller;
use super::audit::{self, Act};
use super::respond::{context, seal_message, sealing};
use super::work_response::appeal_key;
use super::{App, AppError, events, random};
use crate::db::appeals::{self, Appeal};
use crate::db::claims::{self, Claim};
use crate::db::responses::{self, Response};
use crate::db::{Conn, DbError, threads};
use crate::domain::actor::{Actor, Permission};
use crate::domain::claim::{ClaimProof, ClaimStanding, ClaimVerdict, HiddenAnswer, Judged, decide, state_of};
use crate::domain::event::EventKind;
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, ClaimId, LotId, ResponseId, UnitId};
use crate::domain::language::Language;
use crate::domain::lot::{ClaimState, LegalStatus, Lot};
use crate::sealing::{AppealPublicKey, OsRandom, Sealed, open, seal};
use crate::words::{Locale, Words};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn record(
    conn: &mut Conn,
    now: DateTime<Utc>,
    actor: &Actor,
    action: &str,
    claim: &Claim,
    reason: &str,
) -> Result<(), AppError> {
    let id = claim.judged.id.as_str();
    let act = Act { action, object: id, version: claim.version, reason, payload: claim.response.as_str() };
    audit::record(conn, now, actor, &act)
}

fn raise(conn: &mut Conn, kind: EventKind, claim: &Claim, unit: &UnitId, now: DateTime<Utc>) -> Result<(), AppError> {
    events::raise(conn, kind, unit, Some(&claim.appeal), claim.judged.id.as_str(), now)
}

/// What an officer works on.
struct Desk {
    response: Response,
    appeal: Appeal,
    claim: Claim,
    now: DateTime<Utc>,
}

fn desk(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    response: &ResponseId,
    claim: &ClaimId,
    version: i32,
) -> Result<Desk, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::AnswerResponses, now)?;
    let response = responses::of_unit(conn, response, &actor.unit)?;
    let claim = claims::of_response(conn, &response.id, claim)?;
    if claim.version != version {
        return Err(AppError::Stale);
    }
    let appeal = appeals::any(conn, &response.appeal)?;
    Ok(Desk { response, appeal, claim, now })
}

fn lot<'a>(appeal: &'a Appeal, id: &LotId) -> Result<&'a Lot, AppError> {
    appeal.lots.iter().find(|lot| lot.id == *id).ok_or(AppError::NotFound)
}

fn store(conn: &mut Conn, claim: &mut Claim) -> Result<(), AppError> {
    claims::update(conn, claim)?;
    claim.version += 1;
    Ok(())
}

/// Registers a claim that somebody made otherwise than through the lot's own button.
pub fn register(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    response: &ResponseId,
    number: i64,
) -> Result<Claim, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::AnswerResponses, now)?;
    let response = responses::of_unit(conn, response, &actor.unit)?;
    let appeal = appeals::any(conn, &response.appeal)?;
    let unknown = || AppError::from(vec![Fault::at("/lot", "unknown-value").with("value", number)]);
    let lot = appeal.lots.iter().find(|lot| lot.number == number).ok_or_else(unknown)?;
    let id = ClaimId::from_parts(now, random::bytes());
    let claim = Claim::new(id, response.id.clone(), appeal.id, lot.id.clone(), now);
    claims::add_all(conn, &[&claim])?;
    record(conn, now, actor, "claim.registered", &claim, &format!("lot {number}"))?;
    raise(conn, EventKind::ClaimMade, &claim, &response.unit, now)?;
    Ok(claim)
}

/// Notes what the claimant showed and what came of the hidden question.
pub fn examine(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    (response, claim, version): (&ResponseId, &ClaimId, i32),
    proofs: Option<Vec<ClaimProof>>,
    hidden: Option<HiddenAnswer>,
) -> Result<Claim, AppError> {
    let mut desk = desk(conn, app, actor, response, claim, version)?;
    if !desk.claim.judged.standing.is_open() {
        return Err(AppError::Conflict { code: "claim-decided" });
    }
    desk.claim.judged.proofs = proofs.unwrap_or(desk.claim.judged.proofs);
    desk.claim.judged.hidden = hidden.unwrap_or(desk.claim.judged.hidden);
    // What one officer proposed to accept was another claim than this one is now.
    (desk.claim.judged.standing, desk.claim.judged.proposed_by) = (ClaimStanding::Open, None);
    store(conn, &mut desk.claim)?;
    let shown: Vec<_> = desk.claim.judged.proofs.iter().map(|proof| proof.code()).collect();
    let about = format!("{}; hidden question: {}", shown.join(" "), desk.claim.judged.hidden);
    record(conn, desk.now, actor, "claim.examined", &desk.claim, &about)?;
    Ok(desk.claim)
}

fn tell(conn: &mut Conn, desk: &Desk, actor: &Actor, response: &Response, text: &str) -> Result<(), AppError> {
    let key = AppealPublicKey::from_slice(&desk.appeal.public_key).map_err(sealing)?;
    let message = seal_message(response, &key, text, true, Some(actor.user.clone()), desk.now)?;
    Ok(threads::add(conn, &response.id, &message)?)
}

fn words(response: &Response) -> Words {
    Words::of(Language::parse(&response.language).map_or(Locale::En, Locale::from))
}

/// Puts the lot's hidden question to the claimant, through their thread.
pub fn ask(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    (response, claim, version): (&ResponseId, &ClaimId, i32),
) -> Result<Claim, AppError> {
    let mut desk = desk(conn, app, actor, response, claim, version)?;
    let lot = lot(&desk.appeal, &desk.claim.lot)?;
    let number = lot.number.to_string();
    let question = lot.hidden.as_ref().map(|hidden| hidden.question.clone());
    let question = question.ok_or(AppError::Conflict { code: "claim-no-question" })?;
    if !desk.claim.judged.standing.is_open() {
        return Err(AppError::Conflict { code: "claim-decided" });
    }
    let words = words(&desk.response);
    let text = words.say_with("thread-claim-question", &[("number", number.as_str())]);
    tell(conn, &desk, actor, &desk.response, &format!("{text}\n{question}"))?;
    desk.claim.judged.hidden = HiddenAnswer::Asked;
    store(conn, &mut desk.claim)?;
    record(conn, desk.now, actor, "claim.question_put", &desk.claim, "")?;
    Ok(desk.claim)
}

/// Decides a claim; accepted it is once a second officer says so, and never while others wait for the same lot.
pub fn judge(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    (response, claim, version): (&ResponseId, &ClaimId, i32),
    verdict: ClaimVerdict,
    reason: &str,
) -> Result<Claim, AppError> {
    let mut desk = desk(conn, app, actor, response, claim, version)?;
    if !(5..=500).contains(&reason.trim().chars().count()) {
        return Err(vec![Fault::at("/reason", "reading-reason")].into());
    }
    let (has_question, number) = {
        let lot = lot(&desk.appeal, &desk.claim.lot)?;
        (lot.hidden.is_some(), lot.number.to_string())
    };
    let others: Vec<Judged> = claims::of_appeal(conn, &desk.appeal.id, Some(&desk.claim.lot))?
        .into_iter()
        .filter(|other| other.judged.id != desk.claim.judged.id)
        .map(|other| other.judged)
        .collect();
    let next = decide(&desk.claim.judged, &others, has_question, verdict, &actor.user)
        .map_err(|refused| AppError::Conflict { code: refused.code() })?;
    desk.claim.judged.standing = next;
    if next == ClaimStanding::Proposed {
        desk.claim.judged.proposed_by = Some(actor.user.clone());
    } else {
        (desk.claim.decided_by, desk.claim.decided_at) = (Some(actor.user.clone()), Some(desk.now));
    }
    store(conn, &mut desk.claim)?;
    let said = words(&desk.response);
    let number = number.as_str();
    match next {
        ClaimStanding::Accepted => {
            tell(conn, &desk, actor, &desk.response, &said.say_with("thread-claim-accepted", &[("number", number)]))?;
        }
        ClaimStanding::Rejected => {
            tell(conn, &desk, actor, &desk.response, &said.say_with("thread-claim-rejected", &[("number", number)]))?;
        }
        _ => {}
    }
    record(conn, desk.now, actor, &format!("claim.{next}"), &desk.claim, reason.trim())?;
    if !next.is_open() {
        raise(conn, EventKind::ClaimDecided, &desk.claim, &desk.response.unit, desk.now)?;
    }
    Ok(desk.claim)
}

/// The field a restitution is sealed as.
fn restitution_field(claim: &ClaimId) -> String {
    format!("claim/{claim}/restitution")
}

/// Notes that the lot was handed over: to whom, against which document, where. Sealed like the response it belongs to.
pub fn hand_over(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    (response, claim, version): (&ResponseId, &ClaimId, i32),
    handed: &Value,
) -> Result<Claim, AppError> {
    let mut desk = desk(conn, app, actor, response, claim, version)?;
    if desk.claim.judged.standing != ClaimStanding::Accepted {
        return Err(AppError::Conflict { code: "claim-not-accepted" });
    }
    if desk.claim.returned_at.is_some() {
        return Err(AppError::Conflict { code: "claim-decided" });
    }
    let mut faults = Vec::new();
    for name in ["received_by", "identity_document", "place"] {
        let text = handed.get(name).and_then(Value::as_str).unwrap_or_default();
        if !(2..=300).contains(&text.trim().chars().count()) {
            faults.push(Fault::at(format!("/{name}"), "required"));
        }
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let key = AppealPublicKey::from_slice(&desk.appeal.public_key).map_err(sealing)?;
    let field = restitution_field(&desk.claim.judged.id);
    let content = handed.to_string();
    let sealed = seal(&key, &context(&desk.response, &field), content.as_bytes(), &mut OsRandom).map_err(sealing)?;
    desk.claim.sealed_restitution = Some(sealed.into_bytes());
    desk.claim.returned_at = Some(desk.now);
    store(conn, &mut desk.claim)?;
    record(conn, desk.now, actor, "claim.returned", &desk.claim, "")?;
    raise(conn, EventKind::LotReturned, &desk.claim, &desk.response.unit, desk.now)?;
    Ok(desk.claim)
}

/// The restitution report: which object, on whose decision, to whom and when. Reading it is reading the claimant's
/// identity, and in the audit.
pub fn report(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    response: &ResponseId,
    claim: &ClaimId,
) -> Result<Value, AppError> {
    let now = app.clock.now(conn)?;
    caller.actor.may(Permission::ReadResponses, now)?;
    let response = responses::of_unit(conn, response, &caller.actor.unit)?;
    let claim = claims::of_response(conn, &response.id, claim)?;
    let sealed = claim.sealed_restitution.clone().ok_or(DbError::NotFound)?;
    let appeal = appeals::any(conn, &response.appeal)?;
    let lot = lot(&appeal, &claim.lot)?;
    let key = appeal_key(conn, caller, &appeal.id)?;
    let field = restitution_field(&claim.judged.id);
    let opened = open(&key, &context(&response, &field), &Sealed::from_bytes(sealed)).map_err(sealing)?;
    let handed: Value = serde_json::from_slice(opened.expose()).map_err(|e| AppError::Broken(e.to_string()))?;
    let others = claims::of_appeal(conn, &appeal.id, Some(&claim.lot))?;
    record(conn, now, &caller.actor, "claim.report_read", &claim, "")?;
    let texts: BTreeMap<_, _> =
        lot.texts.iter().map(|(l, t)| (l.code(), t.title.as_ref().unwrap_or(&t.object_type))).collect();
    Ok(json!({
        "appeal": appeal.id.as_str(), "claim": claim.judged.id.as_str(), "response": response.id.as_str(),
        "lot": {"number": lot.number, "title": texts, "seizure_reference": lot.seizure_reference,
            "legal_status": lot.legal_status.map(LegalStatus::code), "found_on": lot.found_on.map(|day| day.to_string())},
        "proofs": claim.judged.proofs.iter().map(|proof| proof.code()).collect::<Vec<_>>(),
        "hidden_question": claim.judged.hidden.code(),
        "proposed_by": claim.judged.proposed_by.as_ref().map(ToString::to_string),
        "decided_by": claim.decided_by.as_ref().map(ToString::to_string), "decided_at": claim.decided_at,
        "competing": others.iter().filter(|other| other.judged.id != claim.judged.id).map(|other| json!({
            "claim": other.judged.id.as_str(), "state": other.judged.standing.code(), "decided_at": other.decided_at,
        })).collect::<Vec<_>>(),
        "returned_at": claim.returned_at, "handed_over": handed,
    }))
}

/// Claims of an appeal, and what they make of its lots.
pub struct Overview {
    /// Claims with the number of their lot and how many others wait for the same one.
    pub claims: Vec<(Claim, i64, usize)>,
    /// How many lots are in each state.
    pub lots: BTreeMap<&'static str, usize>,
}

/// An appeal's claims, oldest first; of one lot when its number is named.
pub fn overview(conn: &mut Conn, appeal: &Appeal, number: Option<i64>) -> Result<Overview, AppError> {
    let mut of_lot: BTreeMap<LotId, Vec<Claim>> = BTreeMap::new();
    for claim in claims::of_appeal(conn, &appeal.id, None)? {
        of_lot.entry(claim.lot.clone()).or_default().push(claim);
    }
    let mut overview = Overview { claims: Vec::new(), lots: BTreeMap::new() };
    for lot in &appeal.lots {
        let claims = of_lot.remove(&lot.id).unwrap_or_default();
        let standings: Vec<_> = claims.iter().map(|claim| claim.judged.standing).collect();
        let returned = claims.iter().any(|claim| claim.returned_at.is_some());
        *overview.lots.entry(state_of(&standings, returned).code()).or_default() += 1;
        if number.is_none_or(|number| number == lot.number) {
            let waiting = |id: &ClaimId| {
                claims.iter().filter(|other| other.judged.standing.is_open() && other.judged.id != *id).count()
            };
            let lines = claims.iter().map(|claim| (claim.clone(), lot.number, waiting(&claim.judged.id)));
            overview.claims.extend(lines);
        }
    }
    overview.claims.sort_by(|(a, ..), (b, ..)| a.judged.id.cmp(&b.judged.id));
    Ok(overview)
}

/// [`overview`] for who may see the appeal.
pub fn list(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    appeal: &AppealId,
    number: Option<i64>,
) -> Result<Overview, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let appeal = appeals::of_unit(conn, appeal, &actor.unit)?;
    overview(conn, &appeal, number)
}

impl Overview {
    /// Lots in a state.
    #[must_use]
    pub fn in_state(&self, state: ClaimState) -> usize {
        self.lots.get(state.code()).copied().unwrap_or(0)
    }
}
