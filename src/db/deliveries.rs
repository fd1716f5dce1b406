//! The outbox: finished contents, deliveries with lease and fence, attempts. What they carry out is `dispatches`.

use super::schema::{attempts, contents, deliveries, recipients};
use super::{Conn, DbError, per_backend};
use crate::domain::area::CellRange;
use crate::domain::dispatch::{DeliveryState, Purpose};
use crate::domain::ids::{AppealId, AttemptId, DeliveryId, DispatchId};
use crate::domain::language::Language;
use crate::domain::plan::PlanItem;
use crate::domain::scope::ChannelKind;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde_json::Value;

/// Stores what a channel shows in one language, finished.
pub fn add_content(
    conn: &mut Conn,
    dispatch: &DispatchId,
    purpose: Purpose,
    channel: ChannelKind,
    language: Language,
    content: &Value,
    item: &Value,
) -> Result<(), DbError> {
    let row = (
        contents::dispatch_id.eq(dispatch.as_str()),
        contents::purpose.eq(purpose.code()),
        contents::channel.eq(channel.code()),
        contents::language.eq(language.code()),
        contents::content.eq(content.to_string()),
        contents::item.eq(item.to_string()),
    );
    per_backend!(conn, c => diesel::insert_into(contents::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Changes what a channel shows in one language, for whatever has not gone out yet.
pub fn renew_content(conn: &mut Conn, dispatch: &DispatchId, item: &PlanItem) -> Result<(), DbError> {
    let key = (dispatch.as_str(), Purpose::Appeal.code(), item.channel.code(), item.language.code());
    diesel::update(contents::table.find(key))
        .set((contents::content.eq(item.content.to_string()), contents::item.eq(item.to_document().to_string())))
        .execute(conn)?;
    Ok(())
}

/// What a dispatch shows of the appeal itself, per channel and language.
pub fn items_of(conn: &mut Conn, dispatch: &DispatchId) -> Result<Vec<PlanItem>, DbError> {
    let rows: Vec<String> = contents::table
        .filter(contents::dispatch_id.eq(dispatch.as_str()).and(contents::purpose.eq(Purpose::Appeal.code())))
        .order((contents::channel, contents::language))
        .select(contents::item)
        .load(conn)?;
    rows.into_iter()
        .map(|item| {
            let item = super::appeals::json("contents.item", &item)?;
            PlanItem::from_document(&item).ok_or_else(|| DbError::corrupt("contents.item", dispatch))
        })
        .collect()
}

/// The finished content of a delivery and the plan item it came from.
pub fn content(conn: &mut Conn, delivery: &Delivery) -> Result<(Value, Value), DbError> {
    let key = (delivery.dispatch.as_str(), delivery.purpose.code(), delivery.channel.code(), delivery.language.code());
    let (content, item): (String, String) =
        contents::table.find(key).select((contents::content, contents::item)).first(conn)?;
    Ok((super::appeals::json("contents.content", &content)?, super::appeals::json("contents.item", &item)?))
}

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
        })
    }
}

/// Claims the most urgent due delivery on one of `channels`, or one whose holder went silent. The guarded update makes
/// the claim: of two workers that saw the same row, one changes it and the other looks again.
pub fn claim(
    conn: &mut Conn,
    channels: &[&str],
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> Result<Option<Delivery>, DbError> {
    use deliveries as d;
    let time = now.naive_utc();
    let due = d::state
        .eq(DeliveryState::Pending.code())
        .and(d::due_at.le(time))
        .or(d::state.eq(DeliveryState::Leased.code()).and(d::leased_until.lt(time)));
    // Looking at a few spreads workers over rows; whoever loses every race simply asks again.
    let candidates: Vec<(String, i64)> = d::table
        .filter(d::channel.eq_any(channels).and(due))
        .order((d::priority, d::due_at, d::id))
        .limit(8)
        .select((d::id, d::fence))
        .load(conn)?;
    for (id, fence) in candidates {
        let changed = diesel::update(d::table.find(&id).filter(d::fence.eq(fence)))
            .set((
                d::state.eq(DeliveryState::Leased.code()),
                d::fence.eq(fence + 1),
                d::leased_until.eq((now + lease).naive_utc()),
                d::updated_at.eq(time),
            ))
            .execute(conn)?;
        if changed == 1 {
            return Ok(Some(d::table.find(&id).select(Row::as_select()).first::<Row>(conn)?.try_into()?));
        }
    }
    Ok(None)
}

/// Prolongs a claim; `Stale` when it was lost.
pub fn heartbeat(conn: &mut Conn, delivery: &Delivery, now: DateTime<Utc>, lease: TimeDelta) -> Result<(), DbError> {
    use deliveries as d;
    let changed = diesel::update(held(delivery)).set(d::leased_until.eq((now + lease).naive_utc())).execute(conn)?;
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
    Ok(diesel::update(d::table.filter(d::appeal_id.eq(appeal.as_str()).and(d::purpose.eq(purpose.code())).and(
        d::state.eq_any([DeliveryState::Pending.code(), DeliveryState::Leased.code(), DeliveryState::Held.code()]),
    )))
    .set((d::state.eq(DeliveryState::Cancelled.code()), d::fence.eq(d::fence + 1), d::updated_at.eq(now.naive_utc())))
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
    let open = [DeliveryState::Pending.code(), DeliveryState::Leased.code(), DeliveryState::Held.code()];
    let of_part = d::channel.eq(channel.code()).and(d::language.eq(language.code()));
    let of_appeal = d::appeal_id.eq(appeal.as_str()).and(d::purpose.eq(Purpose::Appeal.code()));
    Ok(diesel::update(d::table.filter(of_appeal.and(of_part).and(d::state.eq_any(open))))
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
    let open = [DeliveryState::Pending.code(), DeliveryState::Leased.code(), DeliveryState::Held.code()];
    Ok(d::table
        .filter(d::appeal_id.eq(appeal.as_str()).and(d::purpose.eq(purpose.code())).and(d::state.eq_any(open)))
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

/// Mail deliveries of an appeal that reached somebody: whom a correction must reach too.
pub fn mailed(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<(DeliveryId, DispatchId, Language, i64)>, DbError> {
    use deliveries as d;
    let rows: Vec<(String, String, String)> = d::table
        .filter(
            d::appeal_id
                .eq(appeal.as_str())
                .and(d::channel.eq(ChannelKind::Email.code()))
                .and(d::purpose.eq(Purpose::Appeal.code())),
        )
        .order(d::id)
        .select((d::id, d::dispatch_id, d::language))
        .load(conn)?;
    let mut found = Vec::new();
    for (id, dispatch, language) in rows {
        // Somebody being mailed at this very moment has an undecided row and will be in the count by the next claim.
        let reached: i64 = recipients::table
            .filter(recipients::delivery_id.eq(&id).and(recipients::state.eq_any(["sent", "unknown"])))
            .count()
            .get_result(conn)?;
        let id = DeliveryId::parse(&id).map_err(|e| DbError::corrupt("deliveries.id", e))?;
        let dispatch = DispatchId::parse(&dispatch).map_err(|e| DbError::corrupt("deliveries.dispatch_id", e))?;
        let language = Language::parse(&language).map_err(|e| DbError::corrupt("deliveries.language", e))?;
        found.push((id, dispatch, language, reached));
    }
    Ok(found)
}
