//! A person's sessions: opened, made fresh with another factor under a new id, listed, ended. A session ends with its account,
//! with a change of its roles or factors, after idle minutes, and after ten hours whatever happens.

use super::access::Caller;
use super::audit::{self, Act, By};
use super::factors::{self, Proof};
use super::{App, AppError, random, sign_in};
use crate::db::access::{self as rows, Session, User};
use crate::db::factors::{self as stored, OpenSession};
use crate::db::{Conn, tokens};
use crate::domain::actor::{Actor, Denied, Means, Role};
use crate::domain::ids::{SessionId, UserId};
use crate::sealing::{OsRandom, ReaderPrivateKey, SessionToken, wrap_for_session};
use chrono::{DateTime, TimeDelta, Utc};

/// The longest a session lasts (ASVS 7.3.2).
const SESSION: TimeDelta = TimeDelta::hours(10);
/// Idle minutes after which it ends (ASVS 7.3.1)...
const IDLE: TimeDelta = TimeDelta::minutes(30);
/// ...for those whose yes publishes.
const IDLE_DECIDER: TimeDelta = TimeDelta::minutes(15);

/// How long somebody with these roles may do nothing.
pub(super) fn patience(roles: &[Role]) -> TimeDelta {
    let decides = roles.iter().any(|role| matches!(role, Role::Validator | Role::Verifier));
    if decides { IDLE_DECIDER } else { IDLE }
}

/// A session about to be opened.
pub(super) struct Opening<'a> {
    /// What its owner will hold.
    pub token: &'a SessionToken,
    /// The reader key, where the password opened it.
    pub reader: Option<&'a ReaderPrivateKey>,
    /// When a factor was given.
    pub factor_at: DateTime<Utc>,
    /// When it ends; ten hours from now when none.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Opens a session for somebody whose factors were right.
pub(super) fn open(
    conn: &mut Conn,
    user: &User,
    opening: &Opening<'_>,
    now: DateTime<Utc>,
) -> Result<SessionId, AppError> {
    let id = SessionId::from_parts(now, random::bytes());
    let wrap = |key| wrap_for_session(key, opening.token, id.as_str(), &mut OsRandom);
    let wrapped = opening.reader.map(wrap).transpose().map_err(|e| AppError::Broken(e.to_string()))?;
    let session = Session {
        id: id.clone(),
        factor_at: opening.factor_at,
        used_at: now,
        ends_at: opening.ends_at.unwrap_or(now + SESSION),
        reader_wrapped: wrapped.map(|wrapped| wrapped.as_bytes().to_vec()),
    };
    rows::add_session(conn, &session, &user.id, &opening.token.digest().to_hex())?;
    Ok(id)
}

/// A new token, twice: to keep and to hand over.
pub(super) fn new_token() -> Result<(SessionToken, SessionToken), AppError> {
    let token = SessionToken::generate(&mut OsRandom);
    let same = SessionToken::parse(token.text().expose()).map_err(|e| AppError::Broken(e.to_string()))?;
    Ok((token, same))
}

/// Gives another factor: a new session under a new token, fresh for the next minutes, in place of the old one and ending
/// when that would have. Wrong attempts count as wrong logins.
pub async fn step_up(app: &App, caller: Caller, proof: Proof) -> Result<SessionToken, AppError> {
    let Means::Session { id: old, .. } = caller.actor.means.clone() else { return Err(Denied::NeedsSession.into()) };
    let (token, kept) = new_token()?;
    let context = app.clone();
    let opened = app
        .db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            let user = sign_in::attempt(conn, &caller.actor.user, now)?;
            let Some(accepted) = factors::spend(conn, &context, &user, Some(&old), &proof, now)? else {
                return Ok(false);
            };
            let ends_at = stored::open_sessions(conn, &user.id, now)?
                .into_iter()
                .find(|session| session.id == old.as_str())
                .map(|session| session.ends_at)
                .ok_or(AppError::Unauthenticated)?;
            let reader = caller.reader_key();
            let opening = Opening { token: &kept, reader: reader.as_ref(), factor_at: now, ends_at: Some(ends_at) };
            let new = open(conn, &user, &opening, now)?;
            rows::revoke_session(conn, &old, now)?;
            let by = By::user(&user.id, &user.unit);
            let act =
                Act { action: "session.stepped_up", object: new.as_str(), reason: accepted.code(), ..Act::default() };
            audit::record(conn, now, by, &act)?;
            Ok::<_, AppError>(true)
        })
        .await?;
    if opened { Ok(token) } else { Err(AppError::Unauthenticated) }
}

/// The session somebody acts in. Sessions and factors are a person's business: a program that lost its token must not
/// change them.
pub(super) fn in_person(actor: &Actor) -> Result<&SessionId, AppError> {
    match &actor.means {
        Means::Session { id, .. } => Ok(id),
        Means::Token { .. } => Err(Denied::NeedsSession.into()),
    }
}

/// The caller's own sessions.
pub fn list(conn: &mut Conn, app: &App, actor: &Actor) -> Result<Vec<OpenSession>, AppError> {
    in_person(actor)?;
    let now = app.clock.now(conn)?;
    let user = rows::user(conn, &actor.user)?;
    let idle = patience(&user.roles);
    // What has been idle too long is over, though nobody has told its row.
    Ok(stored::open_sessions(conn, &actor.user, now)?.into_iter().filter(|s| now - s.used_at <= idle).collect())
}

/// Ends one of the caller's own sessions.
pub fn end(conn: &mut Conn, app: &App, actor: &Actor, id: &SessionId) -> Result<(), AppError> {
    in_person(actor)?;
    let now = app.clock.now(conn)?;
    stored::end_session(conn, &actor.user, id, now)?;
    audit::record(conn, now, actor, &Act { action: "session.closed", object: id.as_str(), ..Act::default() })
}

/// Ends all of the caller's sessions, this one too; how many.
pub fn end_everywhere(conn: &mut Conn, app: &App, actor: &Actor) -> Result<usize, AppError> {
    in_person(actor)?;
    let now = app.clock.now(conn)?;
    end_all(conn, &actor.user, actor.into(), "session.closed_everywhere", now)
}

/// Ends every session of an account.
pub(super) fn end_all(
    conn: &mut Conn,
    user: &UserId,
    by: By,
    action: &str,
    now: DateTime<Utc>,
) -> Result<usize, AppError> {
    let ended = stored::end_sessions(conn, user, None, now)?;
    if ended > 0 {
        audit::record(conn, now, by, &Act { action, object: user.as_str(), ..Act::default() })?;
    }
    Ok(ended)
}

/// Ends the caller's other sessions after a change of their factors (ASVS 7.4.3).
pub(super) fn end_others(conn: &mut Conn, actor: &Actor, now: DateTime<Utc>) -> Result<(), AppError> {
    let ended = stored::end_sessions(conn, &actor.user, Some(in_person(actor)?), now)?;
    if ended > 0 {
        let act = Act { action: "session.ended_by_factor_change", object: actor.user.as_str(), ..Act::default() };
        audit::record(conn, now, actor, &act)?;
    }
    Ok(())
}

/// Whether what somebody acts by still holds: asked again by what goes on after its request began, as a stream does.
pub fn still_holds(conn: &mut Conn, actor: &Actor, now: DateTime<Utc>) -> Result<(), AppError> {
    let user = rows::user(conn, &actor.user)?;
    let open = match &actor.means {
        Means::Session { id, .. } => {
            stored::open_sessions(conn, &user.id, now)?.iter().any(|session| session.id == id.as_str())
        }
        Means::Token { id, .. } => tokens::tokens_of(conn, &user.id, now)?.iter().any(|token| token.id == *id),
    };
    if open && user.disabled_at.is_none() { Ok(()) } else { Err(AppError::Unauthenticated) }
}
