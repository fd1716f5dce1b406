//! The work on answers: the queue and what is next in it, who has which open, notes, tags, links, hand-overs. Opening,
//! judging and answering one is `work_response`'s.

use super::access::Caller;
use super::audit::{self, Act};
use super::respond::{context, sealing};
use super::work_response::{self, Opened};
use super::{App, AppError, random};
use crate::db::responses::{self, Response};
use crate::db::triage::{self as rows, After, Note, Transfer};
use crate::db::{Conn, DbError, appeals};
use crate::domain::actor::{Actor, Permission};
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, NoteId, ResponseId, TransferId, UserId};
use crate::domain::response::{LinkKind, NoteVisibility, Tag};
use crate::sealing::{AppealPublicKey, OsRandom, seal};
use chrono::{DateTime, TimeDelta, Utc};

/// How long a response stays with who opened it, unless they let it go before: a long telephone call.
pub const LOCK: TimeDelta = TimeDelta::minutes(15);

/// One line of the queue.
pub struct Line {
    /// The response, sealed.
    pub response: Response,
    /// How many repeat it.
    pub copies: i64,
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
    let found = rows::queue(conn, &appeal.id, after, None, limit)?;
    let ids: Vec<&str> = found.iter().map(|r| r.id.as_str()).collect();
    let copies = rows::copies(conn, &ids)?;
    let line = |response: Response| Line { copies: copies.get(response.id.as_str()).copied().unwrap_or(0), response };
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
    let Some(first) = rows::queue(conn, &appeal.id, None, free, 1)?.into_iter().next() else { return Ok(None) };
    rows::lock(conn, &first.id, &caller.actor.user, now, now + LOCK).map_err(taken)?;
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
    let (_, now) = worked(conn, app, actor, id)?;
    rows::lock(conn, id, &actor.user, now, now + LOCK).map_err(taken)?;
    record(conn, now, actor, "response.locked", id, "")?;
    Ok(now + LOCK)
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
    Ok(transfer.id)
}

/// Takes or refuses what was offered; taken, it is this user's.
pub fn accept(conn: &mut Conn, app: &App, actor: &Actor, id: &ResponseId, accepted: bool) -> Result<(), AppError> {
    let (_, now) = worked(conn, app, actor, id)?;
    let transfer = rows::offered(conn, id, &actor.user).map_err(|e| match e {
        DbError::NotFound => AppError::Conflict { code: "nothing-offered" },
        other => other.into(),
    })?;
    rows::decide(conn, &transfer, accepted, now)?;
    if accepted {
        rows::assign(conn, id, Some(&actor.user))?;
    }
    let action = if accepted { "response.taken_over" } else { "response.transfer_refused" };
    record(conn, now, actor, action, id, &transfer)
}
