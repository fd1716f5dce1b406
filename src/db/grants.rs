//! Rights given one by one, and where an object of a path belongs. Who may give what is `domain::grant`.

use super::schema::{appeals, authorisations, dispatches, grants, responses, users};
use super::{Conn, DbError};
use crate::domain::actor::Role;
use crate::domain::grant::{Reach, Right};
use crate::domain::ids::{AppealId, GrantId, PersonId, UnitId, UserId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A right that was asked for, holds, was refused or has ended.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who gains.
    pub user: UserId,
    /// On what.
    pub reach: Reach,
    /// What.
    pub right: Right,
    /// `asked`, `active`, `refused` or `ended`.
    pub state: String,
    /// Why it was asked for.
    pub reason: String,
    /// The account that asked.
    pub asked_by: String,
    /// The person behind it.
    pub asked_person: String,
    /// The account that confirmed, refused or ended it.
    pub decided_by: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = grants)]
struct GrantRow {
    id: String,
    user_id: String,
    unit_id: String,
    appeal_id: Option<String>,
    kind: String,
    code: String,
    state: String,
    reason: String,
    asked_by: String,
    asked_person: String,
    decided_by: Option<String>,
    created_at: NaiveDateTime,
    changed_at: NaiveDateTime,
}

impl TryFrom<GrantRow> for Grant {
    type Error = DbError;

    fn try_from(row: GrantRow) -> Result<Self, DbError> {
        let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("grants", e);
        Ok(Self {
            id: GrantId::parse(&row.id).map_err(corrupt)?,
            user: UserId::parse(&row.user_id).map_err(corrupt)?,
            reach: Reach {
                unit: UnitId::parse(&row.unit_id).map_err(corrupt)?,
                appeal: row.appeal_id.map(|id| AppealId::parse(&id)).transpose().map_err(corrupt)?,
            },
            right: Right::parse(&row.kind, &row.code).ok_or_else(|| DbError::corrupt("grants.code", &row.code))?,
            state: row.state,
            reason: row.reason,
            asked_by: row.asked_by,
            asked_person: row.asked_person,
            decided_by: row.decided_by,
            created_at: row.created_at.and_utc(),
        })
    }
}

/// Keeps a grant as it is first written.
pub fn add(conn: &mut Conn, grant: &Grant) -> Result<(), DbError> {
    let row = GrantRow {
        id: grant.id.to_string(),
        user_id: grant.user.to_string(),
        unit_id: grant.reach.unit.to_string(),
        appeal_id: grant.reach.appeal.as_ref().map(ToString::to_string),
        kind: grant.right.kind().to_owned(),
        code: grant.right.code().to_owned(),
        state: grant.state.clone(),
        reason: grant.reason.clone(),
        asked_by: grant.asked_by.clone(),
        asked_person: grant.asked_person.clone(),
        decided_by: grant.decided_by.clone(),
        created_at: grant.created_at.naive_utc(),
        changed_at: grant.created_at.naive_utc(),
    };
    diesel::insert_into(grants::table).values(row).execute(conn)?;
    Ok(())
}

/// A grant on a unit's objects.
pub fn of_unit(conn: &mut Conn, id: &GrantId, unit: &UnitId) -> Result<Grant, DbError> {
    grants::table
        .find(id.as_str())
        .filter(grants::unit_id.eq(unit.as_str()))
        .select(GrantRow::as_select())
        .first(conn)?
        .try_into()
}

/// Grants on a unit's objects that wait or hold, oldest first.
pub fn open_of_unit(conn: &mut Conn, unit: &UnitId) -> Result<Vec<Grant>, DbError> {
    let rows: Vec<GrantRow> = grants::table
        .filter(grants::unit_id.eq(unit.as_str()).and(grants::state.eq("asked").or(grants::state.eq("active"))))
        .order(grants::id)
        .select(GrantRow::as_select())
        .load(conn)?;
    rows.into_iter().map(Grant::try_from).collect()
}

/// What an account holds.
pub fn active_of(conn: &mut Conn, user: &UserId) -> Result<Vec<Grant>, DbError> {
    let rows: Vec<GrantRow> = grants::table
        .filter(grants::user_id.eq(user.as_str()).and(grants::state.eq("active")))
        .order(grants::id)
        .select(GrantRow::as_select())
        .load(conn)?;
    rows.into_iter().map(Grant::try_from).collect()
}

/// Moves a grant on; `Stale` when it is no longer in state `from`.
pub fn settle(
    conn: &mut Conn,
    id: &GrantId,
    from: &str,
    to: &str,
    by: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let changed = diesel::update(grants::table.find(id.as_str()).filter(grants::state.eq(from)))
        .set((grants::state.eq(to), grants::decided_by.eq(by), grants::changed_at.eq(now.naive_utc())))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// Sets the roles of the home unit.
pub fn set_roles(conn: &mut Conn, user: &UserId, roles: &[Role]) -> Result<(), DbError> {
    let text = roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(" ");
    diesel::update(users::table.find(user.as_str())).set(users::roles.eq(text)).execute(conn)?;
    Ok(())
}

/// Different natural persons who administer a unit with an activated, open account.
pub fn administrators(conn: &mut Conn, unit: &UnitId) -> Result<Vec<PersonId>, DbError> {
    let mut persons: Vec<PersonId> = super::access::users_of(conn, unit)?
        .into_iter()
        .filter(|user| user.roles.contains(&Role::Administrator))
        .filter(|user| user.password_hash.is_some() && user.disabled_at.is_none())
        .map(|user| user.person)
        .collect();
    persons.sort();
    persons.dedup();
    Ok(persons)
}

/// The appeal that an object belongs to, and its unit: `id` is an appeal's, a decision's, a dispatch's or a response's.
pub fn appeal_behind(conn: &mut Conn, id: &str) -> Result<Option<(AppealId, UnitId)>, DbError> {
    let appeal: Option<String> = match id.get(..4) {
        Some("apl_") => Some(id.to_owned()),
        Some("aut_") => authorisations::table.find(id).select(authorisations::appeal_id).first(conn).optional()?,
        Some("dsp_") => dispatches::table.find(id).select(dispatches::appeal_id).first(conn).optional()?,
        Some("rsp_") => responses::table.find(id).select(responses::appeal_id).first(conn).optional()?,
        _ => None,
    };
    let Some(appeal) = appeal else { return Ok(None) };
    let unit: Option<String> = appeals::table.find(&appeal).select(appeals::unit_id).first(conn).optional()?;
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("appeals", e);
    unit.map(|unit| Ok((AppealId::parse(&appeal).map_err(corrupt)?, UnitId::parse(&unit).map_err(corrupt)?)))
        .transpose()
}
