//! A person's word about deliveries of which nobody else can say what became: send again, or count as sent.

use super::audit::{self, Act};
use super::{App, AppError, change_campaigns, deliver_mail};
use crate::db::deliveries::Delivery;
use crate::db::dispatches::{self, Dispatch};
use crate::db::held::{self, Listed};
use crate::db::{Conn, appeals, paid_effects, recipients, wake_workers};
use crate::domain::actor::{Actor, Permission};
use crate::domain::dispatch::{DeliveryState, Resolution};
use crate::domain::ids::{DeliveryId, DispatchId};
use crate::domain::scope::ChannelKind;
use chrono::{DateTime, Utc};

/// Deliveries of a dispatch that one request resolves at most; the rest is for the next.
const MOST: i64 = 500;

/// A dispatch of the actor's unit.
pub fn readable(conn: &mut Conn, app: &App, actor: &Actor, id: &DispatchId) -> Result<Dispatch, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let dispatch = dispatches::dispatch(conn, id)?;
    appeals::of_unit(conn, &dispatch.appeal, &actor.unit)?;
    Ok(dispatch)
}

/// Deliveries of a dispatch, with how many people of each only a person can decide about.
pub fn list(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &DispatchId,
    state: Option<DeliveryState>,
    after: &str,
    limit: i64,
) -> Result<Vec<(Listed, i64)>, AppError> {
    readable(conn, app, actor, id)?;
    let mut rows = Vec::new();
    for row in held::listed(conn, id, state, after, limit)? {
        let undecided = if row.state == DeliveryState::Held.code() { held::undecided(conn, &row.id)? } else { 0 };
        rows.push((row, undecided));
    }
    Ok(rows)
}

/// Whether somebody may settle deliveries at all.
pub fn may(conn: &mut Conn, app: &App, actor: &Actor) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    Ok(actor.may(Permission::Dispatch, now)?)
}

/// Settles one held delivery; the state it is in afterwards.
pub fn resolve(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &DeliveryId,
    word: Resolution,
    reason: &str,
) -> Result<DeliveryState, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Dispatch, now)?;
    let delivery = held::delivery(conn, id)?;
    appeals::of_unit(conn, &delivery.appeal, &actor.unit)?;
    let state = settle(conn, app, actor, &delivery, word, reason, now)?;
    wake_workers(conn)?;
    Ok(state)
}

/// Settles the held deliveries of a dispatch alike, as after a restore; how many, and how many are left.
pub fn resolve_all(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &DispatchId,
    word: Resolution,
    reason: &str,
) -> Result<(usize, usize), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Dispatch, now)?;
    let dispatch = dispatches::dispatch(conn, id)?;
    appeals::of_unit(conn, &dispatch.appeal, &actor.unit)?;
    let rows = held::listed(conn, id, Some(DeliveryState::Held), "", MOST + 1)?;
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let settled = rows.len().min(most);
    for row in rows.iter().take(most) {
        let id = DeliveryId::parse(&row.id).map_err(|e| AppError::Broken(e.to_string()))?;
        let delivery = held::delivery(conn, &id)?;
        settle(conn, app, actor, &delivery, word, reason, now)?;
    }
    wake_workers(conn)?;
    Ok((settled, rows.len() - settled))
}

fn settle(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    delivery: &Delivery,
    word: Resolution,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<DeliveryState, AppError> {
    let id = &delivery.id;
    let is_mail = delivery.channel == ChannelKind::Email;
    let is_out = held::state_of(conn, id)? == DeliveryState::Done;
    let state = match word {
        // What is out may wait for a word about a change of it.
        _ if is_out && delivery.channel.is_paid() && change_campaigns::settle(conn, id, word, now)? => {
            DeliveryState::Done
        }
        Resolution::SendAgain => {
            held::end_hold(conn, id, DeliveryState::Pending, 0, "", now).map_err(not_held)?;
            if is_mail {
                recipients::decide_open(conn, id, false, now)?;
            }
            if delivery.channel.is_paid() {
                // Whatever a person believes, the platform is asked before anything is created.
                paid_effects::look_first(conn, id, now)?;
            }
            DeliveryState::Pending
        }
        Resolution::CountAsSent => {
            // Whoever counts as reached is told when it is taken back, so all of them must be known by name.
            let sent = if is_mail {
                deliver_mail::write_down(conn, app, delivery, now)?;
                recipients::decide_open(conn, id, true, now)?
            } else {
                if delivery.channel.is_paid() {
                    paid_effects::look_now(conn, &[id.as_str()], now)?;
                }
                0
            };
            held::end_hold(conn, id, DeliveryState::Done, sent, "counted as sent by a person", now)
                .map_err(not_held)?;
            deliver_mail::told_everyone(conn, delivery, now)?;
            DeliveryState::Done
        }
    };
    let act = Act { action: "delivery.resolved", object: id.as_str(), payload: word.code(), reason, ..Act::default() };
    audit::record(conn, now, actor, &act)?;
    Ok(state)
}

fn not_held(error: crate::db::DbError) -> AppError {
    match error {
        crate::db::DbError::Stale => AppError::Conflict { code: "not-held" },
        other => other.into(),
    }
}
