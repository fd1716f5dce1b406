//! Says that something happened, in the transaction in which it does: who is told, and how, is found later by a worker
//! (`tell`), so that an act never waits for it and a rush of answers costs a row a batch.

use super::{AppError, random};
use crate::db::{self, Conn};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{AppealId, EventId, UnitId};
use chrono::{DateTime, Utc};

/// Something happened once.
pub(super) fn raise(
    conn: &mut Conn,
    kind: EventKind,
    unit: &UnitId,
    appeal: Option<&AppealId>,
    object: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    raise_many(conn, kind, unit, appeal, (object, object, 1), now)
}

/// Something happened so many times: the ids of the first and the last, and the count.
pub(super) fn raise_many(
    conn: &mut Conn,
    kind: EventKind,
    unit: &UnitId,
    appeal: Option<&AppealId>,
    (object, latest, count): (&str, &str, i64),
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let event = Event {
        kind,
        unit: unit.clone(),
        appeal: appeal.cloned(),
        object: object.to_owned(),
        latest: latest.to_owned(),
        count,
        at: now,
    };
    Ok(db::events::add(conn, &EventId::from_parts(now, random::bytes()), &event)?)
}
