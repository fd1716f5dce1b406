//! What somebody was told about, each thing once; and which oral decisions and credentials are about to end.

use super::schema::{authorisations, channel_accounts, escalations};
use super::{Conn, DbError, per_backend};
use crate::domain::ids::{AppealId, AuthorisationId, UnitId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// Notes that somebody is told now; whether nobody was before.
pub fn is_new(conn: &mut Conn, kind: &str, object: &str, about: &str, now: DateTime<Utc>) -> Result<bool, DbError> {
    use escalations as e;
    let row = (e::kind.eq(kind), e::object.eq(object), e::about.eq(about), e::at.eq(now.naive_utc()));
    let added = per_backend!(conn, c => diesel::insert_into(e::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(added == 1)
}

/// Whether somebody was told.
pub fn is_known(conn: &mut Conn, kind: &str, object: &str, about: &str) -> Result<bool, DbError> {
    let found: Option<String> =
        escalations::table.find((kind, object, about)).select(escalations::kind).first(conn).optional()?;
    Ok(found.is_some())
}

/// Oral decisions recorded since a moment, with the appeal each is about. The decision's own words are the caller's to read.
pub fn oral_since(conn: &mut Conn, since: DateTime<Utc>) -> Result<Vec<(AuthorisationId, AppealId)>, DbError> {
    use authorisations as a;
    let rows: Vec<(String, String)> = a::table
        .filter(a::created_at.ge(since.naive_utc()).and(a::document.like("%\"oral_confirmed\"%")))
        .order(a::id)
        .select((a::id, a::appeal_id))
        .load(conn)?;
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("authorisations", e);
    rows.into_iter()
        .map(|(id, appeal)| {
            Ok((AuthorisationId::parse(&id).map_err(corrupt)?, AppealId::parse(&appeal).map_err(corrupt)?))
        })
        .collect()
}

/// Active accounts whose credential ends before a moment: id, unit and end.
pub fn credentials_ending(
    conn: &mut Conn,
    before: DateTime<Utc>,
) -> Result<Vec<(String, UnitId, DateTime<Utc>)>, DbError> {
    use channel_accounts as c;
    let rows: Vec<(String, String, Option<NaiveDateTime>)> = c::table
        .filter(c::status.eq("active").and(c::expires_at.lt(before.naive_utc())))
        .order(c::id)
        .select((c::id, c::unit_id, c::expires_at))
        .load(conn)?;
    let mut found = Vec::new();
    for (id, unit, ends) in rows {
        let unit = UnitId::parse(&unit).map_err(|e| DbError::corrupt("channel_accounts.unit_id", e))?;
        found.extend(ends.map(|ends| (id, unit, ends.and_utc())));
    }
    Ok(found)
}
