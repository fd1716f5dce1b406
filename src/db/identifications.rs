//! Victims and owners who were identified, by which response. A name is sealed to the appeal's readers.

use super::schema::{identifications, responses};
use super::{Conn, DbError};
use crate::domain::ids::{AppealId, IdentificationId, LotId, ResponseId, UnitId, UserId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// Somebody who was identified.
#[derive(Clone)]
pub struct Identification {
    /// Its id.
    pub id: IdentificationId,
    /// To which appeal.
    pub appeal: AppealId,
    /// By which response.
    pub response: ResponseId,
    /// `victim` or `owner`.
    pub of: String,
    /// Of which lot, for an owner.
    pub lot: Option<LotId>,
    /// The identification this one bears out: the same person, counted there.
    pub same_as: Option<IdentificationId>,
    /// Who it is, sealed.
    pub sealed_name: Option<Vec<u8>>,
    /// Which officer says so.
    pub by: UserId,
    /// When.
    pub at: DateTime<Utc>,
}

type Columns = (String, String, String, String, Option<String>, Option<String>, Option<Vec<u8>>, String, NaiveDateTime);

fn from(row: Columns) -> Result<Identification, DbError> {
    let (id, appeal, response, of, lot, same_as, sealed_name, by, at) = row;
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("identifications", e);
    Ok(Identification {
        id: IdentificationId::parse(&id).map_err(corrupt)?,
        appeal: AppealId::parse(&appeal).map_err(corrupt)?,
        response: ResponseId::parse(&response).map_err(corrupt)?,
        of,
        lot: lot.map(|id| LotId::parse(&id).map_err(corrupt)).transpose()?,
        same_as: same_as.map(|id| IdentificationId::parse(&id).map_err(corrupt)).transpose()?,
        sealed_name,
        by: UserId::parse(&by).map_err(corrupt)?,
        at: at.and_utc(),
    })
}

/// Keeps one.
pub fn add(conn: &mut Conn, one: &Identification) -> Result<(), DbError> {
    use identifications as i;
    diesel::insert_into(i::table)
        .values((
            i::id.eq(one.id.as_str()),
            i::appeal_id.eq(one.appeal.as_str()),
            i::response_id.eq(one.response.as_str()),
            i::of_whom.eq(&one.of),
            i::lot_id.eq(one.lot.as_ref().map(LotId::as_str)),
            i::same_as.eq(one.same_as.as_ref().map(IdentificationId::as_str)),
            i::sealed_name.eq(&one.sealed_name),
            i::by_user.eq(one.by.as_str()),
            i::at.eq(one.at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// An appeal's, oldest first.
pub fn of_appeal(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<Identification>, DbError> {
    use identifications as i;
    let rows: Vec<Columns> = i::table.filter(i::appeal_id.eq(appeal.as_str())).order(i::id).load(conn)?;
    rows.into_iter().map(from).collect()
}

/// A response's, oldest first.
pub fn of_response(conn: &mut Conn, response: &ResponseId) -> Result<Vec<Identification>, DbError> {
    use identifications as i;
    let rows: Vec<Columns> = i::table.filter(i::response_id.eq(response.as_str())).order(i::id).load(conn)?;
    rows.into_iter().map(from).collect()
}

/// A unit's of a span of time: appeal, `victim` or `owner`, whether it is counted elsewhere.
pub fn between(
    conn: &mut Conn,
    unit: &UnitId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<(String, String, bool)>, DbError> {
    use identifications as i;
    use responses as r;
    let of_unit = r::table.filter(r::unit_id.eq(unit.as_str())).select(r::id);
    let rows: Vec<(String, String, Option<String>)> = i::table
        .filter(i::at.ge(from.naive_utc()).and(i::at.lt(to.naive_utc())))
        .filter(i::response_id.eq_any(of_unit))
        .order(i::id)
        .select((i::appeal_id, i::of_whom, i::same_as))
        .load(conn)?;
    Ok(rows.into_iter().map(|(appeal, of, same_as)| (appeal, of, same_as.is_some())).collect())
}

/// Takes one back; whoever was counted there counts for themselves.
pub fn remove(conn: &mut Conn, id: &IdentificationId) -> Result<(), DbError> {
    use identifications as i;
    let heir: Option<String> =
        i::table.filter(i::same_as.eq(id.as_str())).order(i::id).select(i::id).first(conn).optional()?;
    if let Some(heir) = heir {
        diesel::update(i::table.find(&heir)).set(i::same_as.eq(None::<String>)).execute(conn)?;
        diesel::update(i::table.filter(i::same_as.eq(id.as_str()))).set(i::same_as.eq(Some(heir))).execute(conn)?;
    }
    diesel::delete(i::table.find(id.as_str())).execute(conn)?;
    Ok(())
}

/// Removes a response's.
pub fn erase(conn: &mut Conn, response: &str) -> Result<(), DbError> {
    use identifications as i;
    let ids: Vec<String> = i::table.filter(i::response_id.eq(response)).select(i::id).load(conn)?;
    for id in ids {
        remove(conn, &IdentificationId::parse(&id).map_err(|e| DbError::corrupt("identifications.id", e))?)?;
    }
    Ok(())
}
