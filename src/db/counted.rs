//! Responses as they are counted: nothing of what they say, nobody's place.

use super::schema::responses;
use super::{Conn, DbError};
use crate::domain::ids::{AppealId, UnitId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// One response as it is counted.
#[derive(Clone, Debug, Queryable)]
pub struct Counted {
    /// Of which appeal.
    pub appeal: String,
    /// Its kind.
    pub kind: String,
    /// Its state.
    pub state: String,
    /// Its channel.
    pub channel: String,
    /// Its language.
    pub language: String,
    /// When it came.
    pub received_at: NaiveDateTime,
}

/// An appeal's responses as they are counted, oldest first.
pub fn of_appeal(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<Counted>, DbError> {
    use responses as r;
    Ok(r::table
        .filter(r::appeal_id.eq(appeal.as_str()))
        .order(r::id)
        .select((r::appeal_id, r::kind, r::state, r::channel, r::language, r::received_at))
        .load(conn)?)
}

/// A unit's responses that came from `from` on and before `to`, as they are counted.
pub fn between(
    conn: &mut Conn,
    unit: &UnitId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Counted>, DbError> {
    use responses as r;
    Ok(r::table
        .filter(r::unit_id.eq(unit.as_str()))
        .filter(r::received_at.ge(from.naive_utc()).and(r::received_at.lt(to.naive_utc())))
        .order(r::id)
        .select((r::appeal_id, r::kind, r::state, r::channel, r::language, r::received_at))
        .load(conn)?)
}
