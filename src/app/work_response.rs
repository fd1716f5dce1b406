//! Reading, answering and judging responses. Opening one needs a reader key, which only the reader's own session unlocks,
//! and a reason, which the audit keeps before a word is shown.

use super::access::Caller;
use super::audit::{self, Act};
use super::grants::{self, Wanted};
use super::respond::{Line, context, seal_message, sealing};
use super::{App, AppError, events, identify, reports, statements};
use crate::db::access as rows;
use crate::db::claims::count_useful;
use crate::db::responses::{self, Response};
use crate::db::{Conn, appeals, identifications, statements as said, threads, triage};
use crate::domain::actor::{Actor, Permission, Role};
use crate::domain::event::EventKind;
use crate::domain::faults::Fault;
use crate::domain::grant::Field;
use crate::domain::ids::{AppealId, ResponseId, UserId};
use crate::domain::response::{NoteVisibility, ResponseKind, ResponseState, Tag};
use crate::sealing::{
    AppealPrivateKey, AppealPublicKey, OsRandom, ReaderPublicKey, Sealed, WrappedAppealKey, open, unwrap_for_reader,
    wrap_for_reader,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A response with its seals open. Never printed.
pub struct Opened {
    /// What can be seen without a key.
    pub response: Response,
    /// What was said.
    pub text: Value,
    /// Who said it, when they told and the reader may see it.
    pub sender: Option<Value>,
    /// Whether there is a sender whom this reader may not see.
    pub sender_withheld: bool,
    /// The thread, oldest first.
    pub lines: Vec<Line>,
    /// What officers noted, as far as this reader may read it: who, for whom, when, what.
    pub notes: Vec<(String, NoteVisibility, DateTime<Utc>, String)>,
    /// From the vocabulary.
    pub tags: Vec<Tag>,
    /// Kind and id of what it is linked with.
    pub links: Vec<(String, String)>,
    /// Whom it identified: id, `victim` or `owner`, lot, name.
    pub identified: Vec<Value>,
    /// Its files: what is known of them without opening them.
    pub files: Vec<super::open_attachment::Listed>,
}

/// The longest reason kept.
pub(super) const REASON: std::ops::RangeInclusive<usize> = 5..=500;

pub(super) fn appeal_key(conn: &mut Conn, caller: &Caller, appeal: &AppealId) -> Result<AppealPrivateKey, AppError> {
    let reader = caller.reader_key().ok_or(AppError::Forbidden { code: "no-reader-key" })?;
    let wrapped = appeals::key_for(conn, appeal, &caller.actor.user).map_err(|e| match e {
        crate::db::DbError::NotFound => AppError::Forbidden { code: "no-reader-key" },
        other => other.into(),
    })?;
    unwrap_for_reader(&WrappedAppealKey::from_bytes(wrapped), &reader, appeal.as_str(), caller.actor.user.as_str())
        .map_err(sealing)
}

/// Opens a response. The audit entry and the reading are one transaction: no entry, no reading.
pub fn read(conn: &mut Conn, app: &App, caller: &Caller, id: &ResponseId, reason: &str) -> Result<Opened, AppError> {
    let now = app.clock.now(conn)?;
    caller.actor.may(Permission::ReadResponses, now)?;
    let response = responses::of_unit(conn, id, &caller.actor.unit)?;
    if response.kind == ResponseKind::IllegalContent {
        return Err(AppError::Forbidden { code: "report-elsewhere" });
    }
    if super::triage::is_taken(&response, &caller.actor.user, now) {
        return Err(AppError::Conflict { code: "response-locked" });
    }
    let appeal = appeals::any(conn, &response.appeal)?;
    let arrival = super::triage::arrival(app, &appeal, response.kind, now);
    if super::triage::is_confided(conn, id, &arrival, &caller.actor.person)? {
        return Err(AppError::Forbidden { code: "response-confided" });
    }
    let person = &caller.actor.person;
    let opened = unseal(conn, caller, response, ("response.read", reason), now)?;
    if arrival.readers.is_some() && !said::confidants(conn, id)?.iter().any(|known| known == person.as_str()) {
        said::confide(conn, id, person, now)?;
    }
    Ok(opened)
}

/// Opens a response's seals for who was found entitled to, and says so in the audit.
pub(super) fn unseal(
    conn: &mut Conn,
    caller: &Caller,
    response: Response,
    (action, reason): (&str, &str),
    now: DateTime<Utc>,
) -> Result<Opened, AppError> {
    let id = &response.id.clone();
    let reason = reason.trim();
    if !REASON.contains(&reason.chars().count()) {
        return Err(vec![Fault::at("/reason", "reading-reason")].into());
    }
    let key = appeal_key(conn, caller, &response.appeal)?;
    let json = |field: &str, sealed: &[u8]| -> Result<Value, AppError> {
        let opened = open(&key, &context(&response, field), &Sealed::from_bytes(sealed.to_vec())).map_err(sealing)?;
        serde_json::from_slice(opened.expose()).map_err(|e| AppError::Broken(e.to_string()))
    };
    let text = json("text", &response.sealed_text)?;
    let told = response.sealed_sender.as_deref();
    let sees = caller.actor.sees(Field::SenderIdentity);
    let sender = told.filter(|_| sees).map(|sealed| json("sender", sealed)).transpose()?;
    let sender_withheld = told.is_some() && !sees;
    let mut lines = Vec::new();
    for message in threads::of_response(conn, id)? {
        let field = format!("message/{}/police", message.id);
        let opened =
            open(&key, &context(&response, &field), &Sealed::from_bytes(message.sealed_reader)).map_err(sealing)?;
        let text = String::from_utf8_lossy(opened.expose()).into_owned();
        lines.push(Line { id: message.id, to_sender: message.to_sender, at: message.at, text });
    }
    let mut notes = Vec::new();
    for note in triage::notes(conn, id, &caller.actor.user)? {
        let field = super::triage::note_field(&note.id);
        let opened = open(&key, &context(&response, &field), &Sealed::from_bytes(note.sealed)).map_err(sealing)?;
        notes.push((note.by, note.visibility, note.at, String::from_utf8_lossy(opened.expose()).into_owned()));
    }
    let (tags, links) = (triage::tags(conn, id)?, triage::links(conn, id)?);
    let mut identified = Vec::new();
    for one in identifications::of_response(conn, id)? {
        let field = identify::name_field(&one.id);
        let sealed = one.sealed_name.filter(|_| sees);
        let name = sealed.map(|sealed| open(&key, &context(&response, &field), &Sealed::from_bytes(sealed)));
        let name = name.transpose().map_err(sealing)?;
        let name = name.map(|opened| String::from_utf8_lossy(opened.expose()).into_owned());
        identified.push(json!({"id": one.id.as_str(), "of": one.of, "name": name,
            "lot": one.lot.map(|lot| lot.to_string()), "same_as": one.same_as.map(|id| id.to_string())}));
    }
    let files = super::open_attachment::list(conn, &key, &response)?;
    audit::record(conn, now, &caller.actor, &Act { action, object: id.as_str(), reason, ..Act::default() })?;
    if sender.is_some() {
        let act = Act { action: "response.sender_read", object: id.as_str(), reason, ..Act::default() };
        audit::record(conn, now, &caller.actor, &act)?;
    }
    Ok(Opened { response, text, sender, sender_withheld, lines, notes, tags, links, identified, files })
}

/// Lets another account read an appeal's responses, by wrapping the appeal's key for it: only who holds the key can, and
/// only for somebody who may read there.
pub fn add_reader(conn: &mut Conn, app: &App, caller: &Caller, id: &AppealId, reader: &UserId) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    caller.actor.may(Permission::ReadResponses, now)?;
    super::factors::fresh(&caller.actor, now)?;
    let appeal = appeals::of_unit(conn, id, &caller.actor.unit)?;
    let unknown = || AppError::from(vec![Fault::at("/user", "unknown-value").with("value", reader)]);
    let user = rows::user(conn, reader).map_err(|_| unknown())?;
    let public = user.reader_public.clone().ok_or_else(unknown)?;
    let wanted = Wanted { unit: None, object: Some(id.to_string()) };
    let there = grants::actor(conn, user, caller.actor.means.clone(), &wanted)?;
    let reads = |role: &Role| *role == Role::Responder || reports::receives(*role);
    let reads = there.unit == appeal.unit && there.roles.iter().any(reads);
    if !reads {
        return Err(AppError::Conflict { code: "reader-without-grant" });
    }
    let key = appeal_key(conn, caller, id)?;
    let public = ReaderPublicKey::from_slice(&public).map_err(sealing)?;
    let wrapped = wrap_for_reader(&key, &public, id.as_str(), reader.as_str(), &mut OsRandom).map_err(sealing)?;
    appeals::add_key(conn, id, reader.as_str(), wrapped.as_bytes(), now)?;
    let act = Act { action: "appeal.reader_added", object: id.as_str(), reason: reader.as_str(), ..Act::default() };
    audit::record(conn, now, &caller.actor, &act)
}

/// Answers the sender through their thread.
pub fn answer(conn: &mut Conn, app: &App, actor: &Actor, id: &ResponseId, text: &str) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::AnswerResponses, now)?;
    let response = responses::of_unit(conn, id, &actor.unit)?;
    let length = text.trim().chars().count();
    if length == 0 || length > super::respond::LONGEST_TEXT {
        return Err(vec![
            Fault::at("/text", "too-long").with("limit", super::respond::LONGEST_TEXT).with("length", length),
        ]
        .into());
    }
    let appeal = appeals::any(conn, &response.appeal)?;
    let key = AppealPublicKey::from_slice(&appeal.public_key).map_err(sealing)?;
    let message = seal_message(&response, &key, text.trim(), true, Some(actor.user.clone()), now)?;
    threads::add(conn, id, &message)?;
    if response.state == ResponseState::New {
        responses::set_state(conn, &response, ResponseState::Acknowledged, response.kind, now)?;
    }
    audit::record(conn, now, actor, &Act { action: "response.answered", object: id.as_str(), ..Act::default() })
}

/// The municipality a response names, as far as whoever judges it can read it with their own key. No row says where a
/// response comes from; only its readers know, and only they can have it counted.
fn named_place(conn: &mut Conn, caller: &Caller, response: &Response) -> Option<String> {
    let key = appeal_key(conn, caller, &response.appeal).ok()?;
    let sealed = Sealed::from_bytes(response.sealed_text.clone());
    let opened = open(&key, &context(response, "text"), &sealed).ok()?;
    let text: Value = serde_json::from_slice(opened.expose()).ok()?;
    text.pointer("/read/place")?.as_str().map(str::to_owned)
}

/// Moves a response or corrects what it is.
pub fn judge(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    id: &ResponseId,
    version: i32,
    state: Option<ResponseState>,
    kind: Option<ResponseKind>,
) -> Result<Response, AppError> {
    let now = app.clock.now(conn)?;
    let actor = &caller.actor;
    actor.may(Permission::AnswerResponses, now)?;
    let mut response = responses::of_unit(conn, id, &actor.unit)?;
    if response.version != version {
        return Err(AppError::Stale);
    }
    if response.kind == ResponseKind::IllegalContent {
        return Err(AppError::Forbidden { code: "report-elsewhere" });
    }
    let appeal = appeals::any(conn, &response.appeal)?;
    let arrival = super::triage::arrival(app, &appeal, response.kind, now);
    if super::triage::is_confided(conn, id, &arrival, &actor.person)? {
        return Err(AppError::Forbidden { code: "response-confided" });
    }
    let next = state.unwrap_or(response.state);
    if next != response.state && !response.state.may_become(next) {
        return Err(AppError::Conflict { code: "response-state" });
    }
    let (was_useful, is_useful) = (response.state == ResponseState::Useful, next == ResponseState::Useful);
    if is_useful && !was_useful {
        statements::allow_useful(conn, &appeal.id, id, arrival.officers)?;
    }
    let kind = kind.unwrap_or(response.kind);
    responses::set_state(conn, &response, next, kind, now)?;
    if was_useful != is_useful
        && let Some(place) = named_place(conn, caller, &response)
    {
        count_useful(conn, &response.appeal, &place, is_useful)?;
    }
    if kind == ResponseKind::IllegalContent {
        let arrival = super::triage::arrival(app, &appeal, kind, now);
        if let Some(receiver) = reports::route(conn, &response, &arrival, now)? {
            events::raise(conn, EventKind::ReportReceived, &receiver, Some(&appeal.id), id.as_str(), now)?;
        }
    }
    // A verdict lets it go, so that the next keystroke is the next response.
    triage::unlock(conn, id, &actor.user)?;
    response.version += 1;
    response.state = next;
    response.kind = kind;
    let act = Act {
        action: "response.judged",
        object: id.as_str(),
        version: response.version,
        reason: next.code(),
        payload: "",
    };
    audit::record(conn, now, actor, &act)?;
    Ok(response)
}

/// An appeal's responses without opening them, oldest first.
pub fn list(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    appeal: &AppealId,
    after: &str,
    limit: i64,
) -> Result<Vec<Response>, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let appeal = appeals::of_unit(conn, appeal, &actor.unit)?;
    let (wanted, mut from) = (usize::try_from(limit).unwrap_or(0), after.to_owned());
    let mut found = Vec::new();
    // What this person may not know of is left out, and does not make the page shorter.
    loop {
        let mut page = responses::of_appeal(conn, &appeal.id, &from, limit)?;
        let is_last = page.len() < wanted;
        from = page.last().map(|r| r.id.to_string()).unwrap_or_default();
        // Reports of illegal content are in the list of those who look at them.
        page.retain(|response| response.kind != ResponseKind::IllegalContent);
        found.extend(super::triage::shown_to(conn, app, &appeal, &actor.person, page, now)?);
        if is_last || found.len() >= wanted {
            break;
        }
    }
    found.truncate(wanted);
    Ok(found)
}

/// Counts of an appeal's responses.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// In all.
    pub received: usize,
    /// Judged useful.
    pub useful: usize,
    /// By kind, state, channel and language.
    pub by: BTreeMap<&'static str, BTreeMap<String, usize>>,
}

/// Counts an appeal's responses.
pub fn counts(conn: &mut Conn, appeal: &AppealId) -> Result<Counts, AppError> {
    let mut counts = Counts::default();
    for (kind, state, channel, language) in responses::counts(conn, appeal)? {
        counts.received += 1;
        counts.useful += usize::from(state == ResponseState::Useful.code());
        for (property, value) in [("kind", kind), ("state", state), ("channel", channel), ("language", language)] {
            *counts.by.entry(property).or_default().entry(value).or_default() += 1;
        }
    }
    Ok(counts)
}
