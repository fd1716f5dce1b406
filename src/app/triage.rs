//! The work on answers: the queue and what is next in it, who has which open, notes, tags, links, hand-overs. Opening,
//! judging and answering one is `work_response`'s.

use super::access::Caller;
use super::audit::{self, Act};
use super::respond::{context, sealing};
use super::work_response::{self, Opened};
use super::{App, AppError, events, random};
use crate::db::appeals::Appeal;
use crate::db::responses::{self, Response};
use crate::db::triage::{self as rows, After, Note, Transfer};
use crate::db::{Conn, DbError, appeals, reports, statements};
use crate::domain::actor::{Actor, Permission};
use crate::domain::event::EventKind;
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, NoteId, PersonId, ResponseId, TransferId, UserId};
use crate::domain::response::{LinkKind, NoteVisibility, ResponseKind, Tag};
use crate::domain::rules::{Arrival, country_day};
use crate::sealing::{AppealPublicKey, OsRandom, seal};
use chrono::{DateTime, Utc};

/// Of those that are next, so many are looked at for one that this reader may open.
const LOOKED_AT: i64 = 20;

/// What the rules give an answer of a kind to an appeal today.
pub(super) fn arrival(app: &App, appeal: &Appeal, kind: ResponseKind, now: DateTime<Utc>) -> Arrival {
    let country = appeal.draft.country;
    app.rules.arrival(kind, appeal.draft.kind(), country, country_day(country, now))
}

/// Whether a response that only so many people may ever open has been opened by others.
pub(super) fn is_confided(
    conn: &mut Conn,
    response: &ResponseId,
    arrival: &Arrival,
    person: &PersonId,
) -> Result<bool, AppError> {
    let Some(readers) = arrival.readers else { return Ok(false) };
    let known = statements::confidants(conn, response)?;
    Ok(known.len() >= usize::from(readers) && !known.iter().any(|one| one == person.as_str()))
}

/// Leaves out what this person may not know of.
pub(super) fn shown_to(
    conn: &mut Conn,
    app: &App,
    appeal: &Appeal,
    person: &PersonId,
    found: Vec<Response>,
    now: DateTime<Utc>,
) -> Result<Vec<Response>, AppError> {
    let mut shown = Vec::with_capacity(found.len());
    for response in found {
        let arrival = arrival(app, appeal, response.kind, now);
        if !is_confided(conn, &response.id, &arrival, person)? {
            shown.push(response);
        }
    }
    Ok(shown)
}

/// One line of the queue.
pub struct Line {
    /// The response, sealed.
    pub response: Response,
    /// How many repeat it.
    pub copies: i64,
    /// By when it must have been opened, where the rules say so.
    pub due_at: Option<DateTime<Utc>>,
}

/// What is to be read, without opening it.
pub fn queue(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    appeal: &AppealId,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Line>, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let appeal = appeals::of_unit(conn, appeal, &actor.unit)?;
    let (wanted, mut from) = (usize::try_from(limit).unwrap_or(0), after.cloned());
    let mut found = Vec::new();
    // What this person may not know of is left out, and does not make the page shorter.
    loop {
        let page = rows::queue(conn, &appeal.id, from.as_ref(), None, limit)?;
        let is_last = page.len() < wanted;
        from = page.last().map(|r| After { urgency: r.urgency, weight: r.weight, id: r.id.to_string() });
        found.extend(shown_to(conn, app, &appeal, &actor.person, page, now)?);
        if is_last || found.len() >= wanted {
            break;
        }
    }
    found.truncate(wanted);
    let ids: Vec<&str> = found.iter().map(|r| r.id.as_str()).collect();
    let (copies, dues) = (rows::copies(conn, &ids)?, reports::dues(conn, &ids)?);
    let line = |response: Response| Line {
        copies: copies.get(response.id.as_str()).copied().unwrap_or(0),
        due_at: dues.get(response.id.as_str()).copied(),
        response,
    };
    Ok(found.into_iter().map(line).collect())
}

/// Opens what is next in the queue for this reader, and keeps it for them; nothing when nothing is left.
pub fn next(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    appeal: &AppealId,
    reason: &str,
) -> Result<Option<Opened>, AppError> {
    let now = app.clock.now(conn)?;
    caller.actor.may(Permission::ReadResponses, now)?;
    let appeal = appeals::of_unit(conn, appeal, &caller.actor.unit)?;
    let free = Some((&caller.actor.user, now));
    let found = rows::queue(conn, &appeal.id, None, free, LOOKED_AT)?;
    let found = shown_to(conn, app, &appeal, &caller.actor.person, found, now)?;
    let Some(first) = found.into_iter().next() else { return Ok(None) };
    let until = now + arrival(app, &appeal, first.kind, now).lock;
    rows::lock(conn, &first.id, &caller.actor.user, now, until).map_err(taken)?;
    work_response::read(conn, app, caller, &first.id, reason).map(Some)
}

fn taken(error: DbError) -> AppError {
    match error {
        DbError::Conflict => AppError::Conflict { code: "response-locked" },
        other => other.into(),
    }
}

/// Whether somebody else has it open.
pub(super) fn is_taken(response: &Response, user: &UserId, now: DateTime<Utc>) -> bool {
    response.locked_until.is_some_and(|until| until > now) && response.locked_by.as_deref() != Some(user.as_str())
}

fn worked(conn: &mut Conn, app: &App, actor: &Actor, id: &ResponseId) -> Result<(Response, DateTime<Utc>), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::AnswerResponses, now)?;
    Ok((responses::of_unit(conn, id, &actor.unit)?, now))
}

fn record(
    conn: &mut Conn,
    now: DateTime<Utc>,
    actor: &Actor,
    action: &str,
    id: &ResponseId,
    reason: &str,
) -> Result<(), AppError> {
    audit::record(conn, now, actor, &Act { action, object: id.as_str(), reason, ..Act::default() })
}

/// Takes a response, so that nobody else reads it at the same time; until when.
pub fn lock(conn: &mut Conn, app: &App, actor: &Actor, id: &ResponseId) -> Result<DateTime<Utc>, AppError> {
    let (response, now) = worked(conn, app, actor, id)?;
    let appeal = appeals::any(conn, &response.appeal)?;
    let arrival = arrival(app, &appeal, response.kind, now);
    if is_confided(conn, id, &arrival, &actor.person)? {
        return Err(AppError::Forbidden { code: "response-confided" });
    }
    let until = now + arrival.lock;
    rows::lock(conn, id, &actor.user, now, until).map_err(taken)?;
    record(conn, now, actor, "response.locked", id, "")?;
    Ok(until)
}

/// Lets a response go.
pub fn unlock(conn: &mut Conn, app: &App, actor: &Actor, id: &ResponseId) -> Result<(), AppError> {
    let (_, now) = worked(conn, app, actor, id)?;
    rows::unlock(conn, id, &actor.user)?;
    record(conn, now, actor, "response.unlocked", id, "")
}

/// Writes a note, sealed like the response itself.
pub fn note(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &ResponseId,
    text: &str,
    visibility: NoteVisibility,
) -> Result<NoteId, AppError> {
    let (response, now) = worked(conn, app, actor, id)?;
    let (text, length) = (text.trim(), text.trim().chars().count());
    if length == 0 || length > super::respond::LONGEST_TEXT {
        let limit = super::respond::LONGEST_TEXT;
        return Err(vec![Fault::at("/text", "too-long").with("limit", limit).with("length", length)].into());
    }
    let appeal = appeals::any(conn, &response.appeal)?;
    let key = AppealPublicKey::from_slice(&appeal.public_key).map_err(sealing)?;
    let note = NoteId::from_parts(now, random::bytes());
    let field = note_field(&note);
    let sealed = seal(&key, &context(&response, &field), text.as_bytes(), &mut OsRandom).map_err(sealing)?;
    let row = Note { id: note.clone(), by: actor.user.to_string(), visibility, sealed: sealed.into_bytes(), at: now };
    rows::add_note(conn, id, &row)?;
    record(conn, now, actor, "response.noted", id, visibility.code())?;
    Ok(note)
}

/// The field a note is sealed as.
pub(super) fn note_field(note: &NoteId) -> String {
    format!("note/{note}")
}

/// Sets the tags of a response.
pub fn tag(conn: &mut Conn, app: &App, actor: &Actor, id: &ResponseId, tags: &[Tag]) -> Result<(), AppError> {
    let (_, now) = worked(conn, app, actor, id)?;
    rows::set_tags(conn, id, tags, &actor.user, now)?;
    let codes: Vec<_> = tags.iter().map(|tag| tag.code()).collect();
    record(conn, now, actor, "response.tagged", id, &codes.join(" "))
}

/// Links two responses to one appeal.
pub fn link(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &ResponseId,
    other: &ResponseId,
    kind: LinkKind,
) -> Result<(), AppError> {
    let (response, now) = worked(conn, app, actor, id)?;
    let unknown = || AppError::from(vec![Fault::at("/response", "unknown-value").with("value", other)]);
    let linked = responses::of_unit(conn, other, &actor.unit).map_err(|_| unknown())?;
    if linked.appeal != response.appeal || linked.id == response.id {
        return Err(unknown());
    }
    rows::link(conn, id, other, kind, &actor.user, now)?;
    record(conn, now, actor, "response.linked", id, &format!("{kind} {other}"))
}

/// Offers a response to somebody who can read it; it stays with the giver until they take it.
pub fn offer(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &ResponseId,
    to: &UserId,
    reason: &str,
) -> Result<TransferId, AppError> {
    let (response, now) = worked(conn, app, actor, id)?;
    if !(5..=500).contains(&reason.trim().chars().count()) {
        return Err(vec![Fault::at("/reason", "reading-reason")].into());
    }
    appeals::key_for(conn, &response.appeal, to).map_err(|e| match e {
        DbError::NotFound => AppError::Conflict { code: "receiver-without-key" },
        other => other.into(),
    })?;
    let transfer = Transfer {
        id: TransferId::from_parts(now, random::bytes()),
        from: actor.user.clone(),
        to: to.clone(),
        reason: reason.trim().to_owned(),
    };
    rows::offer(conn, id, &transfer, now)?;
    record(conn, now, actor, "response.offered", id, to.as_str())?;
    events::raise(conn, EventKind::TransferOffered, &response.unit, Some(&response.appeal), id.as_str(), now)?;
    Ok(transfer.id)
}

/// Takes or refuses what was offered; taken, it is this user's.
pub fn accept(conn: &mut Conn, app: &App, actor: &Actor, id: &ResponseId, accepted: bool) -> Result<(), AppError> {
    let (response, now) = worked(conn, app, actor, id)?;
    let transfer = rows::offered(conn, id, &actor.user).map_err(|e| match e {
        DbError::NotFound => AppError::Conflict { code: "nothing-offered" },
        other => other.into(),
    })?;
    rows::decide(conn, &transfer, accepted, now)?;
    if accepted {
        rows::assign(conn, id, Some(&actor.user))?;
        events::raise(conn, EventKind::TransferAccepted, &response.unit, Some(&response.appeal), id.as_str(), now)?;
    }
    let action = if accepted { "response.taken_over" } else { "response.transfer_refused" };
    record(conn, now, actor, action, id, &transfer)
}
