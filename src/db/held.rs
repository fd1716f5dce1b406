//! Deliveries that wait for a person, and what the person said; the epoch that a restore raises.

use super::deliveries::Delivery;
use super::schema::{deliveries, installation, recipients, takedowns};
use super::{Conn, DbError};
use crate::domain::dispatch::{DeliveryState, MAX_UNCLEAR};
use crate::domain::ids::{DeliveryId, DispatchId};
use crate::domain::takedown::TakedownState;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// How far the fence of every row jumps at a restore: claims from before it, whose numbers the backup does not know, can
/// never match again.
const EPOCH: i64 = 1 << 32;

/// A delivery as somebody who follows it sees it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = deliveries)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// Appeal, correction or closure.
    pub purpose: String,
    /// Where.
    pub channel: String,
    /// Language.
    pub language: String,
    /// Code of the province; empty where there is none.
    pub province: String,
    /// Where it stands.
    pub state: String,
    /// Tries so far.
    pub attempts: i32,
    /// How many people it should reach.
    pub expected: i64,
    /// How many it did.
    pub sent: i64,
    /// How many it never will.
    pub failed: i64,
    /// Why it stands where it stands.
    pub note: String,
    /// Last change.
    pub updated_at: NaiveDateTime,
}

/// Deliveries of a dispatch in a state, oldest first, after `after`.
pub fn listed(
    conn: &mut Conn,
    dispatch: &DispatchId,
    state: Option<DeliveryState>,
    after: &str,
    limit: i64,
) -> Result<Vec<Listed>, DbError> {
    use deliveries as d;
    let states: Vec<&str> =
        state.map_or_else(|| DeliveryState::ALL.iter().map(|state| state.code()).collect(), |state| vec![state.code()]);
    Ok(d::table
        .filter(d::dispatch_id.eq(dispatch.as_str()).and(d::state.eq_any(states)).and(d::id.gt(after)))
        .order(d::id)
        .limit(limit)
        .select(Listed::as_select())
        .load(conn)?)
}

/// How many people of a delivery only a person can decide about.
pub fn undecided(conn: &mut Conn, delivery: &str) -> Result<i64, DbError> {
    use recipients as r;
    Ok(r::table
        .filter(r::delivery_id.eq(delivery).and(r::state.eq("unknown")).and(r::unclear.ge(MAX_UNCLEAR)))
        .count()
        .get_result(conn)?)
}

/// Ends the hold of a delivery in a new state; adds to what counts as sent. `Stale` when it is not held (any more).
pub fn end_hold(
    conn: &mut Conn,
    delivery: &DeliveryId,
    state: DeliveryState,
    sent: i64,
    note: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use deliveries as d;
    let held = d::table.find(delivery.as_str()).filter(d::state.eq(DeliveryState::Held.code()));
    let changed = diesel::update(held)
        .set((
            d::state.eq(state.code()),
            d::fence.eq(d::fence + 1),
            d::due_at.eq(now.naive_utc()),
            d::leased_until.eq(None::<NaiveDateTime>),
            d::sent.eq(d::sent + sent),
            d::note.eq(note),
            d::updated_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// One delivery, claimed or not.
pub fn delivery(conn: &mut Conn, id: &DeliveryId) -> Result<Delivery, DbError> {
    super::deliveries::find(conn, id)
}

/// Where a delivery stands.
pub fn state_of(conn: &mut Conn, id: &DeliveryId) -> Result<DeliveryState, DbError> {
    let state: String = deliveries::table.find(id.as_str()).select(deliveries::state).first(conn)?;
    DeliveryState::parse(&state).ok_or_else(|| DbError::corrupt("deliveries.state", state))
}

/// How often this installation was restored.
pub fn epoch(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(installation::table.select(installation::epoch).first(conn)?)
}

/// After a restore: raises the epoch and holds everything that has not ended until somebody says what became of it.
/// How many deliveries, and the new epoch.
pub fn hold_everything(conn: &mut Conn, note: &str, now: DateTime<Utc>) -> Result<(usize, i64), DbError> {
    use deliveries as d;
    diesel::update(installation::table).set(installation::epoch.eq(installation::epoch + 1)).execute(conn)?;
    diesel::update(d::table).set(d::fence.eq(d::fence + EPOCH)).execute(conn)?;
    let open = [DeliveryState::Pending, DeliveryState::Leased, DeliveryState::EffectUnknown].map(DeliveryState::code);
    let held = diesel::update(d::table.filter(d::state.eq_any(open)))
        .set((
            d::state.eq(DeliveryState::Held.code()),
            d::leased_until.eq(None::<NaiveDateTime>),
            d::note.eq(note),
            d::updated_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    super::paid_effects::look_at_everything(conn, EPOCH, now)?;
    // Looking again sends nothing: takedowns go on by themselves.
    let open = takedowns::table.filter(takedowns::state.eq(TakedownState::Open.code()));
    diesel::update(open)
        .set((takedowns::fence.eq(takedowns::fence + EPOCH), takedowns::due_at.eq(now.naive_utc())))
        .execute(conn)?;
    Ok((held, epoch(conn)?))
}
