//! Sends a validated plan: stage, audit entry and outbox rows in one transaction. From here the worker needs no appeal,
//! no area and no geometry: its rows carry the finished contents and the cells.

use super::audit::{self, Act, By};
use super::{App, AppError, advertise, plan_dispatch, random, shards};
use crate::db::appeals;
use crate::db::contents;
use crate::db::deliveries::{self, NewDelivery};
use crate::db::dispatches::{self, Dispatch};
use crate::db::{Conn, authorisations, wake_workers};
use crate::domain::actor::{Actor, Permission};
use crate::domain::dispatch::{DispatchOrder, Evidence, Purpose};
use crate::domain::ids::{AppealId, DeliveryId, DispatchId};
use crate::domain::kind::AppealKind;
use crate::domain::plan::PlanDigest;
use crate::domain::scope::ChannelKind;
use crate::domain::stage::Step;
use chrono::{DateTime, Utc};

/// Takedowns and corrections overtake everything, child alerts overtake the rest (security-and-ops §10.9).
pub(super) const PRIORITY_TAKEDOWN: i32 = 0;
pub(super) const PRIORITY_CHILD_ALERT: i32 = 10;
const PRIORITY_APPEAL: i32 = 20;

/// Dispatches the plan the caller looked at.
pub fn dispatch(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    digest: &PlanDigest,
) -> Result<Dispatch, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Dispatch, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    send(conn, app, (actor.into(), actor.user.as_str()), appeal, digest)
}

/// Dispatches a plan for whoever was found to be entitled to: recorded under `by`, published by an account. Nothing is
/// written when it is refused.
pub(super) fn send(
    conn: &mut Conn,
    app: &App,
    (by, account): (By, &str),
    mut appeal: appeals::Appeal,
    digest: &PlanDigest,
) -> Result<Dispatch, AppError> {
    let now = app.clock.now(conn)?;
    let id = appeal.id.clone();
    let later = appeal.draft.schedule.filter(|at| *at > now);
    let stage = appeal.stage.after(if later.is_some() { Step::Schedule } else { Step::Dispatch })?;
    let preview = plan_dispatch::preview(conn, app, &appeal)?;
    if !preview.refusals.is_empty() {
        return Err(AppError::Refused(preview.refusals));
    }
    let Some(plan) = preview.plan else { return Err(AppError::Stale) };
    if plan.digest() != *digest {
        return Err(AppError::Stale);
    }
    let validations = authorisations::validations_of(conn, &id)?;
    let order = DispatchOrder::prove(
        plan,
        &Evidence {
            authority: preview.standing.authority(app, &appeal, now),
            stage: appeal.stage,
            pictures: &appeal.media,
            authors: &appeal.authors,
            validations: &validations,
            levels: preview.standing.chain(&appeal, now).1,
        },
    )
    .map_err(AppError::Refused)?;
    let dispatch = Dispatch {
        id: DispatchId::from_parts(now, random::bytes()),
        appeal: id.clone(),
        authorisations: order.plan().authorisations.clone(),
        carried_by: Vec::new(),
        plan: order.digest().clone(),
        created_at: now,
    };
    dispatches::add_dispatch(conn, &dispatch, account)?;
    fill_outbox(conn, app, &appeal, &order, &dispatch, later.unwrap_or(now), now)?;
    appeal.stage = stage;
    appeals::save(conn, &mut appeal, now)?;
    let action = if later.is_some() { "appeal.scheduled" } else { "appeal.dispatched" };
    let act = Act { action, object: id.as_str(), version: appeal.version, payload: digest.as_str(), reason: "" };
    audit::record(conn, now, by, &act)?;
    Ok(dispatch)
}

fn fill_outbox(
    conn: &mut Conn,
    app: &App,
    appeal: &appeals::Appeal,
    order: &DispatchOrder,
    dispatch: &Dispatch,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let priority = if appeal.draft.kind() == AppealKind::ChildAlert { PRIORITY_CHILD_ALERT } else { PRIORITY_APPEAL };
    if let (true, Some(cents)) = (order.items().iter().any(|i| i.channel.is_paid()), order.plan().budget_cents) {
        advertise::set_ceiling(conn, &appeal.id, cents, now)?;
    }
    for item in order.items() {
        contents::add_content(
            conn,
            &dispatch.id,
            Purpose::Appeal,
            item.channel,
            item.language,
            &item.content,
            &item.to_document(),
        )?;
        let whole = NewDelivery {
            id: DeliveryId::from_parts(now, random::bytes()),
            dispatch: &dispatch.id,
            appeal: &appeal.id,
            purpose: Purpose::Appeal,
            channel: item.channel,
            language: item.language,
            audience: "",
            shard: 0,
            cells: &[],
            province: "",
            priority,
            due_at,
            expected: 1,
        };
        if item.channel != ChannelKind::Email {
            deliveries::add(conn, &whole, now)?;
            if item.channel.is_paid() {
                let ends_at = order.plan().ends_at;
                advertise::reserve(conn, app, (&appeal.id, &whole.id), item, (ends_at, ends_at), now)?;
            }
            continue;
        }
        let view = app.audience.view(conn)?;
        let mut numbers = std::collections::BTreeMap::new();
        for audience in plan_dispatch::audiences(appeal).iter().filter(|audience| audience.text == item.language) {
            let number = numbers.entry(audience.chosen).or_insert(0);
            let size = i64::from(app.config.worker.shard_recipients);
            for (province, ranges) in shards::by_province(app, &audience.ranges)? {
                shards::cut(conn, &view, audience.chosen, &ranges, size, |conn, part| {
                    let row = NewDelivery {
                        id: DeliveryId::from_parts(now, random::bytes()),
                        audience: audience.chosen.code(),
                        shard: *number,
                        cells: &part.cells,
                        province: &province,
                        expected: part.people,
                        ..whole.clone()
                    };
                    *number += 1;
                    Ok(deliveries::add(conn, &row, now)?)
                })?;
            }
        }
    }
    Ok(wake_workers(conn)?)
}
