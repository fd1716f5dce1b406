//! The work on responses as rows: the queue, who has what open, notes, tags, links, hand-overs.

use super::responses::{Response, Row};
use super::schema::{response_links, response_notes, response_tags, response_transfers, responses};
use super::{Conn, DbError, ROWS, per_backend};
use crate::domain::ids::{AppealId, NoteId, ResponseId, TransferId, UserId};
use crate::domain::response::{LinkKind, NoteVisibility, ResponseKind, ResponseState, Tag};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::HashMap;

/// Where a page of the queue ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// Urgency of the last one.
    pub urgency: i32,
    /// Its weight.
    pub weight: i32,
    /// Its id.
    pub id: String,
}

/// States in which nothing more is to be done.
const DONE: [ResponseState; 4] =
    [ResponseState::Useful, ResponseState::NotUseful, ResponseState::Transmitted, ResponseState::Closed];

/// What is to be read, most urgent and weightiest first; copies stand behind what they repeat, and reports of illegal
/// content are not shown here at all. With `free_for`, only what this user may open now.
pub fn queue(
    conn: &mut Conn,
    appeal: &AppealId,
    after: Option<&After>,
    free_for: Option<(&UserId, DateTime<Utc>)>,
    limit: i64,
) -> Result<Vec<Response>, DbError> {
    use responses as r;
    let mut query = r::table
        .filter(r::appeal_id.eq(appeal.as_str()).and(r::duplicate_of.is_null()))
        .filter(r::state.ne_all(DONE.map(ResponseState::code)))
        .filter(r::kind.ne(ResponseKind::IllegalContent.code()))
        .order((r::urgency.desc(), r::weight.desc(), r::id))
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = after {
        let same = r::weight.eq(after.weight).and(r::id.gt(after.id.clone()));
        let lighter = r::weight.lt(after.weight).or(same);
        query = query.filter(r::urgency.lt(after.urgency).or(r::urgency.eq(after.urgency).and(lighter)));
    }
    if let Some((user, now)) = free_for {
        let me = user.as_str().to_owned();
        let open = r::locked_until.is_null().or(r::locked_until.lt(now.naive_utc()));
        query = query.filter(open.or(r::locked_by.eq(me.clone())).assume_not_null());
        query = query.filter(r::assigned_to.is_null().or(r::assigned_to.eq(me)).assume_not_null());
    }
    query.load::<Row>(conn)?.into_iter().map(Response::try_from).collect()
}

/// How many repeat each of these.
pub fn copies(conn: &mut Conn, heads: &[&str]) -> Result<HashMap<String, i64>, DbError> {
    use responses as r;
    let rows: Vec<(Option<String>, i64)> = r::table
        .filter(r::duplicate_of.eq_any(heads.iter().map(|id| Some((*id).to_owned()))))
        .group_by(r::duplicate_of)
        .select((r::duplicate_of, diesel::dsl::count_star()))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, count)| Some((id?, count))).collect())
}

/// Takes a response for reading; `Conflict` while somebody else has it.
pub fn lock(
    conn: &mut Conn,
    id: &ResponseId,
    user: &UserId,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<(), DbError> {
    use responses as r;
    let free = r::locked_until.is_null().or(r::locked_until.lt(now.naive_utc())).or(r::locked_by.eq(user.as_str()));
    let changed = diesel::update(r::table.find(id.as_str()).filter(free.assume_not_null()))
        .set((r::locked_by.eq(user.as_str()), r::locked_until.eq(until.naive_utc())))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Conflict) }
}

/// Lets a response go, if this user has it.
pub fn unlock(conn: &mut Conn, id: &ResponseId, user: &UserId) -> Result<(), DbError> {
    use responses as r;
    diesel::update(r::table.find(id.as_str()).filter(r::locked_by.eq(user.as_str())))
        .set((r::locked_by.eq(None::<String>), r::locked_until.eq(None::<NaiveDateTime>)))
        .execute(conn)?;
    Ok(())
}

/// Gives a response to somebody, or to nobody.
pub fn assign(conn: &mut Conn, id: &ResponseId, to: Option<&UserId>) -> Result<(), DbError> {
    use responses as r;
    diesel::update(r::table.find(id.as_str())).set(r::assigned_to.eq(to.map(UserId::as_str))).execute(conn)?;
    Ok(())
}

/// A note as stored.
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// Who wrote it.
    pub by: String,
    /// Who may read it.
    pub visibility: NoteVisibility,
    /// Sealed to the appeal's key.
    pub sealed: Vec<u8>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Adds a note.
pub fn add_note(conn: &mut Conn, response: &ResponseId, note: &Note) -> Result<(), DbError> {
    use response_notes as n;
    diesel::insert_into(n::table)
        .values((
            n::id.eq(note.id.as_str()),
            n::response_id.eq(response.as_str()),
            n::by_user.eq(&note.by),
            n::visibility.eq(note.visibility.code()),
            n::sealed.eq(&note.sealed),
            n::at.eq(note.at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// The notes that `reader` may read, oldest first.
pub fn notes(conn: &mut Conn, response: &ResponseId, reader: &UserId) -> Result<Vec<Note>, DbError> {
    use response_notes as n;
    let rows: Vec<(String, String, String, Vec<u8>, NaiveDateTime)> = n::table
        .filter(n::response_id.eq(response.as_str()))
        .filter(n::visibility.eq(NoteVisibility::Unit.code()).or(n::by_user.eq(reader.as_str())))
        .order(n::id)
        .select((n::id, n::by_user, n::visibility, n::sealed, n::at))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, by, visibility, sealed, at)| {
            Ok(Note {
                id: NoteId::parse(&id).map_err(|e| DbError::corrupt("response_notes.id", e))?,
                by,
                visibility: NoteVisibility::parse(&visibility)
                    .ok_or_else(|| DbError::corrupt("response_notes.visibility", visibility))?,
                sealed,
                at: at.and_utc(),
            })
        })
        .collect()
}

/// Sets a response's tags.
pub fn set_tags(
    conn: &mut Conn,
    id: &ResponseId,
    tags: &[Tag],
    by: &UserId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use response_tags as t;
    let kept = tags.iter().map(|tag| tag.code());
    diesel::delete(t::table.filter(t::response_id.eq(id.as_str()).and(t::tag.ne_all(kept)))).execute(conn)?;
    for tag in tags {
        let row = (
            t::response_id.eq(id.as_str()),
            t::tag.eq(tag.code()),
            t::by_user.eq(by.as_str()),
            t::at.eq(now.naive_utc()),
        );
        per_backend!(conn, c => diesel::insert_into(t::table).values(row).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}

/// Tags that responses arrive with: response, tag and the rule that sets it.
pub fn add_tags(conn: &mut Conn, all: &[(String, Tag, String)], now: DateTime<Utc>) -> Result<(), DbError> {
    use response_tags as t;
    for part in all.chunks(ROWS) {
        let rows: Vec<_> = part
            .iter()
            .map(|(id, tag, rule)| {
                (t::response_id.eq(id), t::tag.eq(tag.code()), t::by_user.eq(rule), t::at.eq(now.naive_utc()))
            })
            .collect();
        per_backend!(conn, c => diesel::insert_into(t::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// A response's tags.
pub fn tags(conn: &mut Conn, id: &ResponseId) -> Result<Vec<Tag>, DbError> {
    use response_tags as t;
    let codes: Vec<String> = t::table.filter(t::response_id.eq(id.as_str())).order(t::tag).select(t::tag).load(conn)?;
    Ok(codes.iter().filter_map(|code| Tag::parse(code)).collect())
}

/// Links two responses of one appeal; again is harmless.
pub fn link(
    conn: &mut Conn,
    id: &ResponseId,
    other: &ResponseId,
    kind: LinkKind,
    by: &UserId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use response_links as l;
    let row = (
        l::response_id.eq(id.as_str()),
        l::other_id.eq(other.as_str()),
        l::kind.eq(kind.code()),
        l::by_user.eq(by.as_str()),
        l::at.eq(now.naive_utc()),
    );
    per_backend!(conn, c => diesel::insert_into(l::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// What a response is linked with, in either direction: kind and the other one.
pub fn links(conn: &mut Conn, id: &ResponseId) -> Result<Vec<(String, String)>, DbError> {
    use response_links as l;
    let mut found: Vec<(String, String)> =
        l::table.filter(l::response_id.eq(id.as_str())).select((l::kind, l::other_id)).load(conn)?;
    let back: Vec<(String, String)> =
        l::table.filter(l::other_id.eq(id.as_str())).select((l::kind, l::response_id)).load(conn)?;
    found.extend(back);
    found.sort();
    Ok(found)
}

/// A hand-over that waits for its receiver.
pub struct Transfer {
    /// Its id.
    pub id: TransferId,
    /// Who gives.
    pub from: UserId,
    /// Who is to take.
    pub to: UserId,
    /// Why.
    pub reason: String,
}

/// Offers a response to somebody.
pub fn offer(conn: &mut Conn, id: &ResponseId, transfer: &Transfer, now: DateTime<Utc>) -> Result<(), DbError> {
    use response_transfers as t;
    diesel::insert_into(t::table)
        .values((
            t::id.eq(transfer.id.as_str()),
            t::response_id.eq(id.as_str()),
            t::from_user.eq(transfer.from.as_str()),
            t::to_user.eq(transfer.to.as_str()),
            t::reason.eq(&transfer.reason),
            t::state.eq("offered"),
            t::offered_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// The offer of a response that waits for this receiver.
pub fn offered(conn: &mut Conn, id: &ResponseId, to: &UserId) -> Result<String, DbError> {
    use response_transfers as t;
    Ok(t::table
        .filter(t::response_id.eq(id.as_str()).and(t::to_user.eq(to.as_str())).and(t::state.eq("offered")))
        .order(t::id.desc())
        .select(t::id)
        .first(conn)?)
}

/// Notes what the receiver decided.
pub fn decide(conn: &mut Conn, transfer: &str, accepted: bool, now: DateTime<Utc>) -> Result<(), DbError> {
    use response_transfers as t;
    diesel::update(t::table.find(transfer))
        .set((t::state.eq(if accepted { "accepted" } else { "refused" }), t::decided_at.eq(now.naive_utc())))
        .execute(conn)?;
    Ok(())
}
