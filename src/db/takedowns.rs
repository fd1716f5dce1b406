//! The way back on each channel: decided, looked at from outside until it is proven gone, or given up with a name. Claims
//! work as the outbox's do: lease, fence, guarded writes.

use super::schema::{publications, takedowns};
use super::{Conn, DbError};
use crate::domain::ids::{AppealId, TakedownId};
use crate::domain::language::Language;
use crate::domain::scope::ChannelKind;
use crate::domain::takedown::TakedownState;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

/// The way back on one channel in one language.
#[derive(Clone, Debug)]
pub struct Takedown {
    /// Its id.
    pub id: TakedownId,
    /// Which channel.
    pub channel: ChannelKind,
    /// Which language.
    pub language: Language,
    /// Why.
    pub reason: String,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// When the first thing was done.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was proven gone, or as gone as the channel allows.
    pub done_at: Option<DateTime<Utc>>,
    /// What proves it, or what is on its way.
    pub proof: String,
    /// Where it stands.
    pub state: TakedownState,
    /// The next look from outside.
    pub due_at: Option<DateTime<Utc>>,
    /// Looks so far.
    pub looks: i32,
    /// The last of them.
    pub looked_at: Option<DateTime<Utc>>,
    /// Why the last look proved nothing; empty when there was none or it did.
    pub failure: String,
}

/// A takedown somebody is looking at.
#[derive(Clone, Debug)]
pub struct Look {
    /// Which.
    pub id: TakedownId,
    /// Of which appeal.
    pub appeal: AppealId,
    /// Where.
    pub channel: ChannelKind,
    /// In which language.
    pub language: Language,
    /// The appeal's name in addresses.
    pub slug: String,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// Looks before this one.
    pub looks: i32,
    fence: i64,
}

/// Ways back that are still open after too long and about which nobody was told; marks them as told.
pub fn overdue_takedowns(
    conn: &mut Conn,
    decided_before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<(String, String)>, DbError> {
    use takedowns as t;
    let overdue = t::done_at.is_null().and(t::escalated_at.is_null()).and(t::decided_at.lt(decided_before.naive_utc()));
    let found: Vec<(String, String)> =
        t::table.filter(overdue).order(t::id).limit(100).select((t::id, t::appeal_id)).load(conn)?;
    for (id, _) in &found {
        diesel::update(t::table.find(id)).set(t::escalated_at.eq(now.naive_utc())).execute(conn)?;
    }
    Ok(found)
}

/// Adds the way back on one channel.
pub fn add(conn: &mut Conn, appeal: &AppealId, takedown: &Takedown) -> Result<(), DbError> {
    use takedowns as t;
    diesel::insert_into(t::table)
        .values((
            t::id.eq(takedown.id.as_str()),
            t::appeal_id.eq(appeal.as_str()),
            t::channel.eq(takedown.channel.code()),
            t::language.eq(takedown.language.code()),
            t::reason.eq(&takedown.reason),
            t::decided_at.eq(takedown.decided_at.naive_utc()),
            t::started_at.eq(takedown.started_at.map(|at| at.naive_utc())),
            t::done_at.eq(takedown.done_at.map(|at| at.naive_utc())),
            t::proof.eq(&takedown.proof),
            t::state.eq(takedown.state.code()),
            t::due_at.eq(takedown.due_at.map(|at| at.naive_utc())),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether a look is due.
pub fn is_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<bool, DbError> {
    use takedowns as t;
    let due = t::state.eq(TakedownState::Open.code()).and(t::due_at.le(now.naive_utc()));
    Ok(t::table.filter(due).select(t::id).first::<String>(conn).optional()?.is_some())
}

/// Claims the takedown that has been due longest; whoever dies with it in hand leaves it due again after `lease`.
pub fn claim(conn: &mut Conn, now: DateTime<Utc>, lease: TimeDelta) -> Result<Option<Look>, DbError> {
    use takedowns as t;
    type Row = (String, String, String, String, NaiveDateTime, i32, i64);
    let row: Option<Row> = t::table
        .filter(t::state.eq(TakedownState::Open.code()).and(t::due_at.le(now.naive_utc())))
        .order((t::due_at, t::id))
        .select((t::id, t::appeal_id, t::channel, t::language, t::decided_at, t::looks, t::fence))
        .first(conn)
        .optional()?;
    let Some((id, appeal, channel, language, decided_at, looks, fence)) = row else { return Ok(None) };
    let changed = diesel::update(t::table.find(&id).filter(t::fence.eq(fence)))
        .set((t::fence.eq(fence + 1), t::due_at.eq((now + lease).naive_utc())))
        .execute(conn)?;
    if changed == 0 {
        return Ok(None);
    }
    let slug: Option<String> = publications::table
        .filter(publications::appeal_id.eq(&appeal).and(publications::channel.eq(&channel)))
        .select(publications::slug)
        .first(conn)
        .optional()?;
    Ok(Some(Look {
        id: TakedownId::parse(&id).map_err(|e| DbError::corrupt("takedowns.id", e))?,
        appeal: AppealId::parse(&appeal).map_err(|e| DbError::corrupt("takedowns.appeal_id", e))?,
        channel: ChannelKind::parse(&channel).ok_or_else(|| DbError::corrupt("takedowns.channel", channel))?,
        language: Language::parse(&language).map_err(|e| DbError::corrupt("takedowns.language", e))?,
        slug: slug.unwrap_or_default(),
        decided_at: decided_at.and_utc(),
        looks,
        fence: fence + 1,
    }))
}

/// What a look ended in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// Gone; what shows it.
    Proven(String),
    /// Not proven, with the name of the reason; looked at again at this moment.
    Again(String, DateTime<Utc>),
    /// Given up with the name of the reason.
    GivenUp(String),
}

/// Writes a look's end down; `Stale` when the claim was lost.
pub fn record(conn: &mut Conn, look: &Look, looked: &Looked, now: DateTime<Utc>) -> Result<(), DbError> {
    use takedowns as t;
    let time = Some(now.naive_utc());
    let (state, due_at, done_at, proof, failure) = match looked {
        Looked::Proven(proof) => (TakedownState::Proven, None, time, Some(proof.as_str()), ""),
        Looked::Again(failure, at) => (TakedownState::Open, Some(at.naive_utc()), None, None, failure.as_str()),
        Looked::GivenUp(failure) => (TakedownState::Failed, None, None, None, failure.as_str()),
    };
    let changed = diesel::update(t::table.find(look.id.as_str()).filter(t::fence.eq(look.fence)))
        .set((
            t::state.eq(state.code()),
            t::due_at.eq(due_at),
            t::done_at.eq(done_at),
            proof.map(|proof| t::proof.eq(proof)),
            t::failure.eq(failure),
            t::looks.eq(t::looks + 1),
            t::looked_at.eq(time),
        ))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// How many ways back of an appeal are not proven.
pub fn unproven(conn: &mut Conn, appeal: &AppealId) -> Result<i64, DbError> {
    use takedowns as t;
    Ok(t::table
        .filter(t::appeal_id.eq(appeal.as_str()).and(t::state.ne(TakedownState::Proven.code())))
        .count()
        .get_result(conn)?)
}

/// Marks the ways back of an appeal on one channel that waited for something as done.
pub fn finish_waiting(
    conn: &mut Conn,
    appeal: &AppealId,
    channel: ChannelKind,
    proof: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use takedowns as t;
    let waiting = t::appeal_id.eq(appeal.as_str()).and(t::channel.eq(channel.code()));
    diesel::update(t::table.filter(waiting.and(t::state.eq(TakedownState::Waiting.code()))))
        .set((t::done_at.eq(now.naive_utc()), t::proof.eq(proof), t::state.eq(TakedownState::Proven.code())))
        .execute(conn)?;
    Ok(())
}

/// Every way back of an appeal, in the order decided.
pub fn takedowns_of(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<Takedown>, DbError> {
    use takedowns as t;
    let rows: Vec<Row> =
        t::table.filter(t::appeal_id.eq(appeal.as_str())).order(t::id).select(Row::as_select()).load(conn)?;
    rows.into_iter().map(Takedown::try_from).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = takedowns)]
struct Row {
    id: String,
    channel: String,
    language: String,
    reason: String,
    decided_at: NaiveDateTime,
    started_at: Option<NaiveDateTime>,
    done_at: Option<NaiveDateTime>,
    proof: String,
    state: String,
    due_at: Option<NaiveDateTime>,
    looks: i32,
    looked_at: Option<NaiveDateTime>,
    failure: String,
}

impl TryFrom<Row> for Takedown {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: TakedownId::parse(&row.id).map_err(|e| DbError::corrupt("takedowns.id", e))?,
            channel: ChannelKind::parse(&row.channel)
                .ok_or_else(|| DbError::corrupt("takedowns.channel", row.channel))?,
            language: Language::parse(&row.language).map_err(|e| DbError::corrupt("takedowns.language", e))?,
            reason: row.reason,
            decided_at: row.decided_at.and_utc(),
            started_at: row.started_at.map(|at| at.and_utc()),
            done_at: row.done_at.map(|at| at.and_utc()),
            proof: row.proof,
            state: TakedownState::parse(&row.state).ok_or_else(|| DbError::corrupt("takedowns.state", row.state))?,
            due_at: row.due_at.map(|at| at.and_utc()),
            looks: row.looks,
            looked_at: row.looked_at.map(|at| at.and_utc()),
            failure: row.failure,
        })
    }
}
