//! The outbox: deliveries with lease and fence, and their attempts. What they carry is in `dispatches`, whom they are for
//! in `recipients`.

use super::schema::{attempts, deliveries};
use super::{Conn, DbError, per_backend};
use crate::domain::area::CellRange;
use crate::domain::dispatch::{DeliveryState, Purpose};
use crate::domain::ids::{AppealId, AttemptId, DeliveryId, DispatchId};
use crate::domain::language::Language;
use crate::domain::scope::ChannelKind;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

/// States of what has not ended.
const OPEN: [&str; 4] = [
    DeliveryState::Pending.code(),
    DeliveryState::Leased.code(),
    DeliveryState::EffectUnknown.code(),
    DeliveryState::Held.code(),
];

/// One row of the outbox.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Its dispatch.
    pub dispatch: DispatchId,
    /// Its appeal.
    pub appeal: AppealId,
    /// Appeal, correction or closure.
    pub purpose: Purpose,
    /// Where.
    pub channel: ChannelKind,
    /// In which language.
    pub language: Language,
    /// Whom: a subscriber's chosen language for a shard of cells, or the id of the delivery whose recipients are meant.
    pub audience: String,
    /// Cells of the shard as `first-last` pairs, at the subscribers' resolution.
    pub cells: Vec<CellRange>,
    /// Grows with every claim; every write says which one it belongs to.
    pub fence: i64,
    /// Tries so far.
    pub attempts: i32,
    /// Lower goes first.
    pub priority: i32,
    /// This claim took over from one whose lease ran out.
    pub taken_over: bool,
}

/// A new row of the outbox.
#[derive(Clone)]
pub struct NewDelivery<'a> {
    /// Its id.
    pub id: DeliveryId,
    /// Its dispatch.
    pub dispatch: &'a DispatchId,
    /// Its appeal.
    pub appeal: &'a AppealId,
    /// Appeal, correction or closure.
    pub purpose: Purpose,
    /// Where.
    pub channel: ChannelKind,
    /// In which language.
    pub language: Language,
    /// See [`Delivery::audience`].
    pub audience: &'a str,
    /// Number of the shard, from 0.
    pub shard: i32,
    /// See [`Delivery::cells`].
    pub cells: &'a [CellRange],
    /// Code of the province every cell is in; empty where there is none.
    pub province: &'a str,
    /// Lower goes first.
    pub priority: i32,
    /// Not before.
    pub due_at: DateTime<Utc>,
    /// How many it should reach.
    pub expected: i64,
}

fn cells_text(cells: &[CellRange]) -> String {
    cells.iter().map(|range| format!("{:x}-{:x}", range.first, range.last)).collect::<Vec<_>>().join(" ")
}

fn cells_from(text: &str) -> Option<Vec<CellRange>> {
    text.split_whitespace()
        .map(|pair| {
            let (first, last) = pair.split_once('-')?;
            Some(CellRange { first: u64::from_str_radix(first, 16).ok()?, last: u64::from_str_radix(last, 16).ok()? })
        })
        .collect()
}

/// Adds rows to the outbox. The same key twice is the same delivery: dispatching twice is harmless.
pub fn add(conn: &mut Conn, new: &NewDelivery<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    use deliveries as d;
    let row = (
        d::id.eq(new.id.as_str()),
        d::dispatch_id.eq(new.dispatch.as_str()),
        d::appeal_id.eq(new.appeal.as_str()),
        d::purpose.eq(new.purpose.code()),
        d::channel.eq(new.channel.code()),
        d::language.eq(new.language.code()),
        d::audience.eq(new.audience),
        d::shard.eq(new.shard),
        d::cells.eq(cells_text(new.cells)),
        d::state.eq(DeliveryState::Pending.code()),
        d::province.eq(new.province),
        d::priority.eq(new.priority),
        d::due_at.eq(new.due_at.naive_utc()),
        d::expected.eq(new.expected),
        d::created_at.eq(now.naive_utc()),
        d::updated_at.eq(now.naive_utc()),
    );
    per_backend!(conn, c => diesel::insert_into(d::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries)]
struct Row {
    id: String,
    dispatch_id: String,
    appeal_id: String,
    purpose: String,
    channel: String,
    language: String,
    audience: String,
    cells: String,
    fence: i64,
    attempts: i32,
    priority: i32,
}

impl TryFrom<Row> for Delivery {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("deliveries", e);
        Ok(Self {
            id: DeliveryId::parse(&row.id).map_err(corrupt)?,
            dispatch: DispatchId::parse(&row.dispatch_id).map_err(corrupt)?,
            appeal: AppealId::parse(&row.appeal_id).map_err(corrupt)?,
            purpose: Purpose::parse(&row.purpose).ok_or_else(|| DbError::corrupt("deliveries.purpose", row.purpose))?,
            channel: ChannelKind::parse(&row.channel)
                .ok_or_else(|| DbError::corrupt("deliveries.channel", row.channel))?,
            language: Language::parse(&row.language).map_err(|e| DbError::corrupt("deliveries.language", e))?,
            audience: row.audience,
            cells: cells_from(&row.cells).ok_or_else(|| DbError::corrupt("deliveries.cells", "not pairs of cells"))?,
            fence: row.fence,
            attempts: row.attempts,
            priority: row.priority,
            taken_over: false,
        })
    }
}

/// Columns a choice among due rows is made by.
type Candidate = (i32, NaiveDateTime, String, i64, String);

/// Rows in a state whose time has come, most urgent first. On PostgreSQL rows that another worker is just claiming are
/// passed over instead of waited for.
fn candidates(
    conn: &mut Conn,
    channels: &[&str],
    state: DeliveryState,
    now: NaiveDateTime,
) -> Result<Vec<Candidate>, DbError> {
    use deliveries as d;
    // One state a query: each walks an index in order instead of sorting everything due. A lease that ran out is found
    // by `due_at` too, which a claim moves to its lease's end; `leased_until` alone is moved by older programs.
    macro_rules! due {
        ($limit:literal) => {
            d::table
                .filter(d::state.eq(state.code()).and(d::due_at.le(now)).and(d::channel.eq_any(channels)))
                .filter(d::leased_until.is_null().or(d::leased_until.lt(now)))
                .order((d::priority, d::due_at, d::id))
                .limit($limit)
                .select((d::priority, d::due_at, d::id, d::fence, d::state))
        };
    }
    Ok(match conn {
        // SQLite has one writer: nobody else is claiming.
        Conn::Sqlite(c) => due!(1).load(c)?,
        #[cfg(feature = "postgres")]
        Conn::Postgres(c) => due!(1).for_update().skip_locked().load(c)?,
    })
}

/// Whether something is due on one of `channels`; a lease that ran out is.
pub fn is_due(conn: &mut Conn, channels: &[&str], now: DateTime<Utc>) -> Result<bool, DbError> {
    use deliveries as d;
    let time = now.naive_utc();
    for state in [DeliveryState::Pending, DeliveryState::EffectUnknown, DeliveryState::Leased] {
        let due = d::state.eq(state.code()).and(d::due_at.le(time)).and(d::channel.eq_any(channels));
        let free = d::leased_until.is_null().or(d::leased_until.lt(time));
        if d::table.filter(due).filter(free).select(d::id).first::<String>(conn).optional()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Claims the most urgent due delivery on one of `channels`, or one whose holder went silent. The guarded update makes
/// the claim: of two workers that saw the same row, one changes it and the other finds nothing and looks again.
pub fn claim(
    conn: &mut Conn,
    channels: &[&str],
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> Result<Option<Delivery>, DbError> {
    use deliveries as d;
    let time = now.naive_utc();
    let mut found = Vec::new();
    for state in [DeliveryState::Pending, DeliveryState::EffectUnknown, DeliveryState::Leased] {
        found.extend(candidates(conn, channels, state, time)?);
    }
    let Some((_, _, id, fence, before)) = found.into_iter().min() else { return Ok(None) };
    let until = (now + lease).naive_utc();
    let changed = diesel::update(d::table.find(&id).filter(d::fence.eq(fence).and(d::state.eq(&before))))
        .set((
            d::state.eq(DeliveryState::Leased.code()),
            d::fence.eq(fence + 1),
            d::leased_until.eq(until),
            d::due_at.eq(until),
            d::updated_at.eq(time),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Ok(None);
    }
    let row = d::table.find(&id).select(Row::as_select()).first::<Row>(conn)?;
    Ok(Some(Delivery { taken_over: before == DeliveryState::Leased.code(), ..row.try_into()? }))
}

/// Whether something more urgent than `priority` is due on one of `channels`.
pub fn is_overtaken(conn: &mut Conn, channels: &[&str], priority: i32, now: DateTime<Utc>) -> Result<bool, DbError> {
    use deliveries as d;
    let urgent: Option<i32> = d::table
        .filter(d::state.eq(DeliveryState::Pending.code()).and(d::priority.lt(priority)))
        .filter(d::due_at.le(now.naive_utc()).and(d::channel.eq_any(channels)))
        .order(d::priority)
        .select(d::priority)
        .first(conn)
        .optional()?;
    Ok(urgent.is_some())
}

/// One delivery as it stands; not a claim.
pub(super) fn find(conn: &mut Conn, id: &DeliveryId) -> Result<Delivery, DbError> {
    deliveries::table.find(id.as_str()).select(Row::as_select()).first::<Row>(conn)?.try_into()
}

/// Prolongs a claim; `Stale` when it was lost.
pub fn heartbeat(conn: &mut Conn, delivery: &Delivery, now: DateTime<Utc>, lease: TimeDelta) -> Result<(), DbError> {
    use deliveries as d;
    let until = (now + lease).naive_utc();
    let changed = diesel::update(held(delivery)).set((d::leased_until.eq(until), d::due_at.eq(until))).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

pub(super) type Held = diesel::dsl::Filter<
    diesel::dsl::Find<deliveries::table, String>,
    diesel::dsl::And<diesel::dsl::Eq<deliveries::fence, i64>, diesel::dsl::Eq<deliveries::state, &'static str>>,
>;

/// The row, as long as this claim holds it.
pub(super) fn held(delivery: &Delivery) -> Held {
    deliveries::table
        .find(delivery.id.to_string())
        .filter(deliveries::fence.eq(delivery.fence).and(deliveries::state.eq("leased")))
}

/// Ends a claim in a final or waiting state; `Stale` when it was lost.
pub fn settle(
    conn: &mut Conn,
    delivery: &Delivery,
    state: DeliveryState,
    due_at: DateTime<Utc>,
    note: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use deliveries as d;
    let changed = diesel::update(held(delivery))
        .set((
            d::state.eq(state.code()),
            d::due_at.eq(due_at.naive_utc()),
            d::leased_until.eq(None::<NaiveDateTime>),
            d::attempts.eq(d::attempts + 1),
            d::note.eq(note),
            d::updated_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// Gives a claim back without a try: somebody else may have it from `due_at` on. `Stale` when it was lost.
pub fn release(
    conn: &mut Conn,
    delivery: &Delivery,
    state: DeliveryState,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use deliveries as d;
    let changed = diesel::update(held(delivery))
        .set((
            d::state.eq(state.code()),
            d::due_at.eq(due_at.naive_utc()),
            d::leased_until.eq(None::<NaiveDateTime>),
            d::updated_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// Counts mails that were in flight when the delivery was cancelled.
pub fn count_late(conn: &mut Conn, delivery: &Delivery, sent: i64) -> Result<(), DbError> {
    use deliveries as d;
    let cancelled = d::table.find(delivery.id.as_str()).filter(d::state.eq(DeliveryState::Cancelled.code()));
    diesel::update(cancelled).set(d::sent.eq(d::sent + sent)).execute(conn)?;
    Ok(())
}

/// Adds to a delivery's counts; `Stale` when the claim was lost.
pub fn count(conn: &mut Conn, delivery: &Delivery, sent: i64, failed: i64, now: DateTime<Utc>) -> Result<(), DbError> {
    use deliveries as d;
    let changed = diesel::update(held(delivery))
        .set((d::sent.eq(d::sent + sent), d::failed.eq(d::failed + failed), d::updated_at.eq(now.naive_utc())))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// Cancels what has not finished of an appeal's deliveries for a purpose. A claim that is out loses its fence.
pub fn cancel(conn: &mut Conn, appeal: &AppealId, purpose: Purpose, now: DateTime<Utc>) -> Result<usize, DbError> {
    use deliveries as d;
    Ok(diesel::update(
        d::table.filter(d::appeal_id.eq(appeal.as_str()).and(d::purpose.eq(purpose.code())).and(d::state.eq_any(OPEN))),
    )
    .set((
        d::state.eq(DeliveryState::Cancelled.code()),
        d::fence.eq(d::fence + 1),
        d::leased_until.eq(None::<NaiveDateTime>),
        d::updated_at.eq(now.naive_utc()),
    ))
    .execute(conn)?)
}

/// Cancels what has not finished of the appeal itself on one channel in one language.
pub fn cancel_part(
    conn: &mut Conn,
    appeal: &AppealId,
    (channel, language): (ChannelKind, Language),
    now: DateTime<Utc>,
) -> Result<usize, DbError> {
    use deliveries as d;
    let of_part = d::channel.eq(channel.code()).and(d::language.eq(language.code()));
    let of_appeal = d::appeal_id.eq(appeal.as_str()).and(d::purpose.eq(Purpose::Appeal.code()));
    Ok(diesel::update(d::table.filter(of_appeal.and(of_part).and(d::state.eq_any(OPEN))))
        .set((
            d::state.eq(DeliveryState::Cancelled.code()),
            d::fence.eq(d::fence + 1),
            d::updated_at.eq(now.naive_utc()),
        ))
        .execute(conn)?)
}

/// How many of an appeal's deliveries for a purpose have not finished.
pub fn open_count(conn: &mut Conn, appeal: &AppealId, purpose: Purpose) -> Result<i64, DbError> {
    use deliveries as d;
    Ok(d::table
        .filter(d::appeal_id.eq(appeal.as_str()).and(d::purpose.eq(purpose.code())).and(d::state.eq_any(OPEN)))
        .count()
        .get_result(conn)?)
}

/// Keeps one try.
pub fn add_attempt(
    conn: &mut Conn,
    id: &AttemptId,
    delivery: &Delivery,
    outcome: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::insert_into(attempts::table)
        .values((
            attempts::id.eq(id.as_str()),
            attempts::delivery_id.eq(delivery.id.as_str()),
            attempts::fence.eq(delivery.fence),
            attempts::at.eq(now.naive_utc()),
            attempts::outcome.eq(outcome),
            attempts::detail.eq(detail),
        ))
        .execute(conn)?;
    Ok(())
}

/// How many tries of a delivery ended in an error of ours.
pub fn error_count(conn: &mut Conn, delivery: &Delivery) -> Result<i64, DbError> {
    Ok(attempts::table
        .filter(attempts::delivery_id.eq(delivery.id.as_str()).and(attempts::outcome.eq("error")))
        .count()
        .get_result(conn)?)
}
