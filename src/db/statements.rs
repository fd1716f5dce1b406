//! What officers say of the person sought, each with the second officer's word; and the few who may open what only a few
//! may ever open.

use super::schema::{response_confidants, statements};
use super::{Conn, DbError};
use crate::domain::ids::{AppealId, PersonId, ResponseId, StatementId, UserId};
use crate::domain::statement::{Says, StatementState};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its id.
    pub id: StatementId,
    /// Of which appeal's person.
    pub appeal: AppealId,
    /// On which response it rests; none when on something else, or when that was erased.
    pub response: Option<ResponseId>,
    /// What it says.
    pub says: Says,
    /// Where it stands.
    pub state: StatementState,
    /// Who said so first: account and person.
    pub proposed_by: (UserId, PersonId),
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who had the second word, and when.
    pub decided: Option<(UserId, DateTime<Utc>)>,
}

type Columns = (
    String,
    String,
    Option<String>,
    String,
    String,
    String,
    String,
    NaiveDateTime,
    Option<String>,
    Option<String>,
    Option<NaiveDateTime>,
);

fn from(row: Columns) -> Result<Statement, DbError> {
    let (id, appeal, response, says, state, user, person, proposed_at, decided_by, _, decided_at) = row;
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("statements", e);
    let decided_by = decided_by.map(|id| UserId::parse(&id).map_err(corrupt)).transpose()?;
    Ok(Statement {
        id: StatementId::parse(&id).map_err(corrupt)?,
        appeal: AppealId::parse(&appeal).map_err(corrupt)?,
        response: response.map(|id| ResponseId::parse(&id).map_err(corrupt)).transpose()?,
        says: Says::parse(&says).ok_or_else(|| DbError::corrupt("statements.says", says))?,
        state: StatementState::parse(&state).ok_or_else(|| DbError::corrupt("statements.state", state))?,
        proposed_by: (UserId::parse(&user).map_err(corrupt)?, PersonId::parse(&person).map_err(corrupt)?),
        proposed_at: proposed_at.and_utc(),
        decided: decided_by.zip(decided_at.map(|at| at.and_utc())),
    })
}

/// Keeps what one officer says.
pub fn add(conn: &mut Conn, statement: &Statement) -> Result<(), DbError> {
    use statements as s;
    diesel::insert_into(s::table)
        .values((
            s::id.eq(statement.id.as_str()),
            s::appeal_id.eq(statement.appeal.as_str()),
            s::response_id.eq(statement.response.as_ref().map(ResponseId::as_str)),
            s::says.eq(statement.says.code()),
            s::state.eq(statement.state.code()),
            s::proposed_by.eq(statement.proposed_by.0.as_str()),
            s::proposed_person.eq(statement.proposed_by.1.as_str()),
            s::proposed_at.eq(statement.proposed_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// An appeal's statements, oldest first.
pub fn of_appeal(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<Statement>, DbError> {
    let rows: Vec<Columns> =
        statements::table.filter(statements::appeal_id.eq(appeal.as_str())).order(statements::id).load(conn)?;
    rows.into_iter().map(from).collect()
}

/// Writes the second officer's word down; `Stale` when somebody was faster.
pub fn decide(
    conn: &mut Conn,
    id: &StatementId,
    state: StatementState,
    (user, person): (&UserId, &PersonId),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use statements as s;
    let open = s::state.eq(StatementState::Proposed.code());
    let changed = diesel::update(s::table.find(id.as_str()).filter(open))
        .set((
            s::state.eq(state.code()),
            s::decided_by.eq(user.as_str()),
            s::decided_person.eq(person.as_str()),
            s::decided_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// Who may open a response that only a few may ever open.
pub fn confidants(conn: &mut Conn, response: &ResponseId) -> Result<Vec<String>, DbError> {
    use response_confidants as c;
    Ok(c::table.filter(c::response_id.eq(response.as_str())).order(c::at).select(c::person_id).load(conn)?)
}

/// Lets one more person open it.
pub fn confide(conn: &mut Conn, response: &ResponseId, person: &PersonId, now: DateTime<Utc>) -> Result<(), DbError> {
    use response_confidants as c;
    diesel::insert_into(c::table)
        .values((c::response_id.eq(response.as_str()), c::person_id.eq(person.as_str()), c::at.eq(now.naive_utc())))
        .execute(conn)?;
    Ok(())
}

/// Removes what was kept of a response; a statement that rested on it stays, without it.
pub fn erase(conn: &mut Conn, response: &str) -> Result<(), DbError> {
    use response_confidants as c;
    diesel::delete(c::table.filter(c::response_id.eq(response))).execute(conn)?;
    diesel::update(statements::table.filter(statements::response_id.eq(response)))
        .set(statements::response_id.eq(None::<String>))
        .execute(conn)?;
    Ok(())
}
