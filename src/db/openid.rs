//! Accounts' persons at identity providers, and visits there that are expected back, as rows. Secrets arrive here hashed or
//! sealed; what they are worth is `app::openid`'s matter.

use super::schema::{openid_bindings, openid_visits};
use super::{Conn, DbError};
use crate::domain::ids::{BindingId, SessionId, UserId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// An account's person at an identity provider.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Its id.
    pub id: BindingId,
    /// The account.
    pub user: UserId,
    /// The provider.
    pub issuer: String,
    /// The provider's name for the person.
    pub subject: String,
    /// When it last opened a session.
    pub used_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = openid_bindings)]
struct BindingRow {
    id: String,
    user_id: String,
    issuer: String,
    subject: String,
    used_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
}

impl TryFrom<BindingRow> for Binding {
    type Error = DbError;

    fn try_from(row: BindingRow) -> Result<Self, DbError> {
        Ok(Self {
            id: BindingId::parse(&row.id).map_err(|e| DbError::corrupt("openid_bindings.id", e))?,
            user: UserId::parse(&row.user_id).map_err(|e| DbError::corrupt("openid_bindings.user_id", e))?,
            issuer: row.issuer,
            subject: row.subject,
            used_at: row.used_at.map(|at| at.and_utc()),
            created_at: row.created_at.and_utc(),
        })
    }
}

/// Binds an account; `Conflict` when the account or the person is bound already.
pub fn bind(conn: &mut Conn, binding: &Binding) -> Result<(), DbError> {
    diesel::insert_into(openid_bindings::table)
        .values((
            openid_bindings::id.eq(binding.id.as_str()),
            openid_bindings::user_id.eq(binding.user.as_str()),
            openid_bindings::issuer.eq(&binding.issuer),
            openid_bindings::subject.eq(&binding.subject),
            openid_bindings::created_at.eq(binding.created_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// An account's binding.
pub fn of_user(conn: &mut Conn, user: &UserId) -> Result<Option<Binding>, DbError> {
    let row: Option<BindingRow> = openid_bindings::table
        .filter(openid_bindings::user_id.eq(user.as_str()))
        .select(BindingRow::as_select())
        .first(conn)
        .optional()?;
    row.map(Binding::try_from).transpose()
}

/// The binding of a person.
pub fn of_person(conn: &mut Conn, issuer: &str, subject: &str) -> Result<Option<Binding>, DbError> {
    let row: Option<BindingRow> = openid_bindings::table
        .filter(openid_bindings::issuer.eq(issuer).and(openid_bindings::subject.eq(subject)))
        .select(BindingRow::as_select())
        .first(conn)
        .optional()?;
    row.map(Binding::try_from).transpose()
}

/// Notes that a binding opened a session.
pub fn record_use(conn: &mut Conn, id: &BindingId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(openid_bindings::table.find(id.as_str()))
        .set(openid_bindings::used_at.eq(now.naive_utc()))
        .execute(conn)?;
    Ok(())
}

/// Ends an account's binding and forgets its visits; whether there was one.
pub fn forget(conn: &mut Conn, user: &UserId) -> Result<bool, DbError> {
    diesel::delete(openid_visits::table.filter(openid_visits::user_id.eq(user.as_str()))).execute(conn)?;
    let bound = openid_bindings::table.filter(openid_bindings::user_id.eq(user.as_str()));
    Ok(diesel::delete(bound).execute(conn)? > 0)
}

/// How far a visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// At the provider.
    Away,
    /// Back with a code, which is being looked at: nobody else may bring one.
    Back,
    /// The account is known; its second factor is owed.
    Identified,
}

impl Stage {
    const fn code(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Back => "back",
            Self::Identified => "identified",
        }
    }
}

/// Whoever brings both is who was sent away.
pub struct Claim {
    /// SHA-256 of the state that goes through the provider.
    pub state: String,
    /// SHA-256 of the secret that stayed with whoever began.
    pub secret: String,
}

/// A visit as it is kept.
pub struct Visit {
    /// The session it began in; none at sign-in.
    pub session: Option<String>,
    /// The account, once it is known.
    pub user: Option<UserId>,
    /// Nonce and verifier under the server key.
    pub sealed: String,
}

/// How many visits are expected back.
pub fn open_visits(conn: &mut Conn, now: DateTime<Utc>) -> Result<i64, DbError> {
    Ok(openid_visits::table.filter(openid_visits::ends_at.gt(now.naive_utc())).count().get_result(conn)?)
}

/// Expects somebody back until `ends_at`, and forgets those who did not come.
pub fn expect(
    conn: &mut Conn,
    claim: &Claim,
    session: Option<&SessionId>,
    sealed: &str,
    ends_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::delete(openid_visits::table.filter(openid_visits::ends_at.le(now.naive_utc()))).execute(conn)?;
    diesel::insert_into(openid_visits::table)
        .values((
            openid_visits::state_digest.eq(&claim.state),
            openid_visits::secret_digest.eq(&claim.secret),
            openid_visits::session_id.eq(session.map(SessionId::as_str)),
            openid_visits::stage.eq(Stage::Away.code()),
            openid_visits::sealed.eq(sealed),
            openid_visits::ends_at.eq(ends_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// A visit at a stage, while it is not too late; none when state or secret is wrong.
pub fn visit(conn: &mut Conn, claim: &Claim, stage: Stage, now: DateTime<Utc>) -> Result<Option<Visit>, DbError> {
    let row: Option<(Option<String>, Option<String>, String)> = openid_visits::table
        .find(&claim.state)
        .filter(openid_visits::secret_digest.eq(&claim.secret).and(openid_visits::stage.eq(stage.code())))
        .filter(openid_visits::ends_at.gt(now.naive_utc()))
        .select((openid_visits::session_id, openid_visits::user_id, openid_visits::sealed))
        .first(conn)
        .optional()?;
    let Some((session, user, sealed)) = row else { return Ok(None) };
    let user = user.map(|id| UserId::parse(&id)).transpose();
    Ok(Some(Visit { session, user: user.map_err(|e| DbError::corrupt("openid_visits.user_id", e))?, sealed }))
}

/// Moves a visit on; `Stale` when somebody did before.
pub fn advance(conn: &mut Conn, claim: &Claim, from: Stage, to: Stage, user: Option<&UserId>) -> Result<(), DbError> {
    let row = openid_visits::table.find(&claim.state).filter(openid_visits::stage.eq(from.code()));
    let changed = diesel::update(row)
        .set((openid_visits::stage.eq(to.code()), openid_visits::user_id.eq(user.map(UserId::as_str))))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// Ends a visit at a stage; `Stale` when somebody did before.
pub fn end(conn: &mut Conn, claim: &Claim, stage: Stage) -> Result<(), DbError> {
    let row = openid_visits::table.find(&claim.state).filter(openid_visits::stage.eq(stage.code()));
    if diesel::delete(row).execute(conn)? == 1 { Ok(()) } else { Err(DbError::Stale) }
}
