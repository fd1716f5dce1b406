//! What happened and is still to be told. A row goes with the transaction that told it on.

use super::schema::events;
use super::{Conn, DbError};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{AppealId, EventId, UnitId};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// Keeps an event until it is told.
pub fn add(conn: &mut Conn, id: &EventId, event: &Event) -> Result<(), DbError> {
    diesel::insert_into(events::table)
        .values((
            events::id.eq(id.as_str()),
            events::unit_id.eq(event.unit.as_str()),
            events::kind.eq(event.kind.code()),
            events::appeal_id.eq(event.appeal.as_ref().map(AppealId::as_str)),
            events::object.eq(&event.object),
            events::latest.eq(&event.latest),
            events::count.eq(event.count),
            events::at.eq(event.at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether something waits.
pub fn are_waiting(conn: &mut Conn) -> Result<bool, DbError> {
    Ok(events::table.select(events::id).first::<String>(conn).optional()?.is_some())
}

/// Takes the oldest events, at most so many. What two workers ask for at once, one of them gets.
pub fn take(conn: &mut Conn, most: i64) -> Result<Vec<Event>, DbError> {
    type Columns = (String, String, String, Option<String>, String, String, i64, NaiveDateTime);
    let ids: Vec<String> = events::table.order(events::id).limit(most).select(events::id).load(conn)?;
    let mut rows: Vec<Columns> = diesel::delete(events::table.filter(events::id.eq_any(&ids)))
        .returning(events::all_columns)
        .get_results(conn)?;
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows.into_iter()
        .map(|(_, unit, kind, appeal, object, latest, count, at)| {
            let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("events", e);
            Ok(Event {
                kind: EventKind::parse(&kind).ok_or_else(|| DbError::corrupt("events.kind", kind))?,
                unit: UnitId::parse(&unit).map_err(corrupt)?,
                appeal: appeal.map(|id| AppealId::parse(&id).map_err(corrupt)).transpose()?,
                object,
                latest,
                count,
                at: at.and_utc(),
            })
        })
        .collect()
}
