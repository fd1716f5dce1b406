//! What the public sent back, sealed. Nothing in these rows says who sent it.

use super::schema::{receipt_runs, responses};
use super::{Conn, DbError, insert_rows};
use crate::domain::ids::{AppealId, ResponseId, UnitId};
use crate::domain::response::{ResponseKind, ResponseState};
use crate::domain::triage::{Proof, Sign};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::HashSet;

/// A response as stored.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = responses, treat_none_as_default_value = false)]
pub(super) struct Row {
    id: String,
    appeal_id: String,
    unit_id: String,
    kind: String,
    channel: String,
    language: String,
    state: String,
    version: i32,
    receipt_digest: String,
    form_digest: String,
    key_id: String,
    sealed_text: Vec<u8>,
    sealed_sender: Option<Vec<u8>>,
    thread_public: Vec<u8>,
    thread_wrapped: Vec<u8>,
    received_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    batch: i64,
    family: String,
    duplicate_of: Option<String>,
    sighting: Option<String>,
    proof: String,
    urgency: i32,
    weight: i32,
    signs: String,
    assigned_to: Option<String>,
    locked_by: Option<String>,
    locked_until: Option<NaiveDateTime>,
    attachments: i32,
}

/// A response.
#[derive(Clone)]
pub struct Response {
    /// Its id.
    pub id: ResponseId,
    /// To which appeal.
    pub appeal: AppealId,
    /// Whose appeal it is.
    pub unit: UnitId,
    /// What it is.
    pub kind: ResponseKind,
    /// Which channel's link it came by.
    pub channel: String,
    /// Language of the form.
    pub language: String,
    /// Where the work on it stands.
    pub state: ResponseState,
    /// Grows with every change of state.
    pub version: i32,
    /// SHA-256 of the receipt code, behind the prefix of its run ([`begin_run`]) when it has one.
    pub receipt_digest: String,
    /// SHA-256 of the form's one-time token: the same form sent twice is one response.
    pub form_digest: String,
    /// Which of the appeal's keys it is sealed to.
    pub key_id: String,
    /// What was said, sealed.
    pub sealed_text: Vec<u8>,
    /// Who said it, sealed apart; none when anonymous.
    pub sealed_sender: Option<Vec<u8>>,
    /// Public half of the thread key.
    pub thread_public: Vec<u8>,
    /// Its private half, wrapped under the receipt code.
    pub thread_wrapped: Vec<u8>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The audit entry it came with.
    pub batch: i64,
    /// The first response of those alike; empty in rows from before families were kept.
    pub family: String,
    /// The response it repeats.
    pub duplicate_of: Option<String>,
    /// The keyed name of place and hour it tells of.
    pub sighting: Option<String>,
    /// What its sender did to be believed a person.
    pub proof: Proof,
    /// 0 to 3.
    pub urgency: i32,
    /// Higher is read first.
    pub weight: i32,
    /// What the reader should know before opening.
    pub signs: Vec<Sign>,
    /// Whose work it is.
    pub assigned_to: Option<String>,
    /// Who has it open.
    pub locked_by: Option<String>,
    /// Until when it is theirs.
    pub locked_until: Option<DateTime<Utc>>,
    /// How many files came with it.
    pub attachments: i32,
}

impl TryFrom<Row> for Response {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("responses", e);
        Ok(Self {
            id: ResponseId::parse(&row.id).map_err(corrupt)?,
            appeal: AppealId::parse(&row.appeal_id).map_err(corrupt)?,
            unit: UnitId::parse(&row.unit_id).map_err(corrupt)?,
            kind: ResponseKind::parse(&row.kind).ok_or_else(|| DbError::corrupt("responses.kind", row.kind))?,
            channel: row.channel,
            language: row.language,
            state: ResponseState::parse(&row.state).ok_or_else(|| DbError::corrupt("responses.state", row.state))?,
            version: row.version,
            receipt_digest: row.receipt_digest,
            form_digest: row.form_digest,
            key_id: row.key_id,
            sealed_text: row.sealed_text,
            sealed_sender: row.sealed_sender,
            thread_public: row.thread_public,
            thread_wrapped: row.thread_wrapped,
            received_at: row.received_at.and_utc(),
            batch: row.batch,
            family: row.family,
            duplicate_of: row.duplicate_of,
            sighting: row.sighting,
            proof: Proof::parse(&row.proof).ok_or_else(|| DbError::corrupt("responses.proof", row.proof))?,
            urgency: row.urgency,
            weight: row.weight,
            signs: Sign::read(&row.signs),
            assigned_to: row.assigned_to,
            locked_by: row.locked_by,
            locked_until: row.locked_until.map(|at| at.and_utc()),
            attachments: row.attachments,
        })
    }
}

impl From<&Response> for Row {
    fn from(r: &Response) -> Self {
        Self {
            id: r.id.to_string(),
            appeal_id: r.appeal.to_string(),
            unit_id: r.unit.to_string(),
            kind: r.kind.code().to_owned(),
            channel: r.channel.clone(),
            language: r.language.clone(),
            state: r.state.code().to_owned(),
            version: r.version,
            receipt_digest: r.receipt_digest.clone(),
            form_digest: r.form_digest.clone(),
            key_id: r.key_id.clone(),
            sealed_text: r.sealed_text.clone(),
            sealed_sender: r.sealed_sender.clone(),
            thread_public: r.thread_public.clone(),
            thread_wrapped: r.thread_wrapped.clone(),
            received_at: r.received_at.naive_utc(),
            updated_at: r.received_at.naive_utc(),
            batch: r.batch,
            family: r.family.clone(),
            duplicate_of: r.duplicate_of.clone(),
            sighting: r.sighting.clone(),
            proof: r.proof.code().to_owned(),
            urgency: r.urgency,
            weight: r.weight,
            signs: Sign::write(&r.signs),
            assigned_to: r.assigned_to.clone(),
            locked_by: r.locked_by.clone(),
            locked_until: r.locked_until.map(|at| at.naive_utc()),
            attachments: r.attachments,
        }
    }
}

/// Rows per statement: 29 values each, below the 32,766 that SQLite binds.
const CHUNK: usize = 400;

/// Stores many responses at once; `Conflict` when a form among them was sent before (see [`forms_known`]).
pub fn add_all(conn: &mut Conn, all: &[&Response]) -> Result<(), DbError> {
    for part in all.chunks(CHUNK) {
        let rows: Vec<Row> = part.iter().map(|r| Row::from(*r)).collect();
        insert_rows!(conn, responses::table, &rows)?;
    }
    Ok(())
}

/// Which of these forms were sent before.
pub fn forms_known(conn: &mut Conn, digests: &[&str]) -> Result<HashSet<String>, DbError> {
    let mut known = HashSet::new();
    for part in digests.chunks(CHUNK) {
        let found: Vec<String> = responses::table
            .filter(responses::form_digest.eq_any(part.iter().copied()))
            .select(responses::form_digest)
            .load(conn)?;
        known.extend(found);
    }
    Ok(known)
}

/// How many responses of an appeal, copies aside, tell of one of these places and hours; and under which name the first.
pub fn sightings_near(conn: &mut Conn, appeal: &AppealId, names: &[String]) -> Result<(u32, Option<String>), DbError> {
    let found: Vec<Option<String>> = responses::table
        .filter(responses::appeal_id.eq(appeal.as_str()).and(responses::sighting.is_not_null()))
        .filter(responses::sighting.eq_any(names.iter().cloned().map(Some)))
        .filter(responses::duplicate_of.is_null())
        .order(responses::id)
        .limit(20)
        .select(responses::sighting)
        .load(conn)?;
    let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
    Ok((count, found.into_iter().flatten().next()))
}

/// Begins a run of receipts: their digests are stored behind this prefix, which no other run has.
pub fn begin_run(conn: &mut Conn, prefix: &str) -> Result<(), DbError> {
    diesel::insert_into(receipt_runs::table).values(receipt_runs::prefix.eq(prefix)).execute(conn)?;
    Ok(())
}

/// The response a receipt code opens, in whichever run it was given: one look in the index each.
pub fn by_receipt(conn: &mut Conn, digest: &str) -> Result<Response, DbError> {
    let in_any_run = receipt_runs::table.select(receipt_runs::prefix.concat(digest));
    responses::table
        .filter(responses::receipt_digest.eq_any(in_any_run))
        .select(Row::as_select())
        .first::<Row>(conn)?
        .try_into()
}

/// One response of a unit; another unit's is not found.
pub fn of_unit(conn: &mut Conn, id: &ResponseId, unit: &UnitId) -> Result<Response, DbError> {
    responses::table
        .find(id.as_str())
        .filter(responses::unit_id.eq(unit.as_str()))
        .select(Row::as_select())
        .first::<Row>(conn)?
        .try_into()
}

/// Any response: for who looks at reports, whose unit need not be the appeal's, and for what goes on behind no person.
pub fn any(conn: &mut Conn, id: &ResponseId) -> Result<Response, DbError> {
    responses::table.find(id.as_str()).select(Row::as_select()).first::<Row>(conn)?.try_into()
}

/// Whether an appeal has a response of a kind.
pub fn has_kind(conn: &mut Conn, appeal: &AppealId, kind: ResponseKind) -> Result<bool, DbError> {
    let of_kind = responses::appeal_id.eq(appeal.as_str()).and(responses::kind.eq(kind.code()));
    let found: Option<String> = responses::table.filter(of_kind).select(responses::id).first(conn).optional()?;
    Ok(found.is_some())
}

/// An appeal's responses, oldest first, after an id.
pub fn of_appeal(conn: &mut Conn, appeal: &AppealId, after: &str, limit: i64) -> Result<Vec<Response>, DbError> {
    let rows: Vec<Row> = responses::table
        .filter(responses::appeal_id.eq(appeal.as_str()).and(responses::id.gt(after)))
        .order(responses::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Response::try_from).collect()
}

/// Moves a response; `Stale` when somebody was faster.
pub fn set_state(
    conn: &mut Conn,
    r: &Response,
    state: ResponseState,
    kind: ResponseKind,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let changed = diesel::update(responses::table.find(r.id.as_str()).filter(responses::version.eq(r.version)))
        .set((
            responses::state.eq(state.code()),
            responses::kind.eq(kind.code()),
            responses::version.eq(r.version + 1),
            responses::updated_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// Removes a response with everything that hangs on it. Where others repeat it, the oldest of them takes its place.
pub fn erase(conn: &mut Conn, r: &Response) -> Result<(), DbError> {
    use super::schema::{likeness_heads, response_links as l, response_notes, response_tags, response_transfers};
    let id = r.id.as_str();
    let copies = || responses::table.filter(responses::duplicate_of.eq(id.to_owned()));
    let heir: Option<String> = copies().order(responses::id).select(responses::id).first(conn).optional()?;
    diesel::delete(likeness_heads::table.find(id)).execute(conn)?;
    if let Some(heir) = heir {
        diesel::update(responses::table.find(&heir))
            .set((responses::duplicate_of.eq(None::<String>), responses::weight.eq(r.weight)))
            .execute(conn)?;
        diesel::update(responses::table.filter(responses::duplicate_of.eq(id.to_owned())))
            .set(responses::duplicate_of.eq(Some(heir)))
            .execute(conn)?;
    }
    super::attachments::erase(conn, id)?;
    super::platform_tasks::forget(conn, id)?;
    super::claims::erase(conn, id)?;
    super::reports::erase(conn, id)?;
    super::statements::erase(conn, id)?;
    super::identifications::erase(conn, id)?;
    super::threads::erase(conn, &r.id)?;
    diesel::delete(response_notes::table.filter(response_notes::response_id.eq(id))).execute(conn)?;
    diesel::delete(response_tags::table.filter(response_tags::response_id.eq(id))).execute(conn)?;
    diesel::delete(l::table.filter(l::response_id.eq(id).or(l::other_id.eq(id)))).execute(conn)?;
    diesel::delete(response_transfers::table.filter(response_transfers::response_id.eq(id))).execute(conn)?;
    diesel::delete(responses::table.find(id)).execute(conn)?;
    Ok(())
}

/// How many there are of all appeals.
pub fn received(conn: &mut Conn) -> Result<u64, DbError> {
    let count: i64 = responses::table.count().get_result(conn)?;
    Ok(count.try_into().unwrap_or(0))
}

/// An appeal's counts by one property at a time.
pub fn counts(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<(String, String, String, String)>, DbError> {
    Ok(responses::table
        .filter(responses::appeal_id.eq(appeal.as_str()))
        .select((responses::kind, responses::state, responses::channel, responses::language))
        .load(conn)?)
}

/// Says how many files a response has by now.
pub fn set_attachments(conn: &mut Conn, response: &ResponseId, count: i32) -> Result<(), DbError> {
    diesel::update(responses::table.find(response.as_str())).set(responses::attachments.eq(count)).execute(conn)?;
    Ok(())
}
