//! What stands in for a second factor, and what becomes of an account's factors and sessions when one is lost.

use super::schema::{recovery_codes, sessions, users};
use super::{Conn, DbError, openid, passkeys};
use crate::domain::ids::{SessionId, UserId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// Replaces an account's recovery codes by those with these digests.
pub fn replace_codes(conn: &mut Conn, user: &UserId, digests: &[String], now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user.as_str()))).execute(conn)?;
    for digest in digests {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::digest.eq(digest),
                recovery_codes::user_id.eq(user.as_str()),
                recovery_codes::created_at.eq(now.naive_utc()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Whether this is an unused code of the account.
pub fn code_is_good(conn: &mut Conn, user: &UserId, digest: &str) -> Result<bool, DbError> {
    let known: i64 = recovery_codes::table
        .filter(recovery_codes::digest.eq(digest).and(recovery_codes::user_id.eq(user.as_str())))
        .filter(recovery_codes::used_at.is_null())
        .count()
        .get_result(conn)?;
    Ok(known == 1)
}

/// Uses a code up; `Stale` when it was used meanwhile.
pub fn use_code(conn: &mut Conn, user: &UserId, digest: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let code = recovery_codes::table
        .filter(recovery_codes::digest.eq(digest).and(recovery_codes::user_id.eq(user.as_str())))
        .filter(recovery_codes::used_at.is_null());
    let changed = diesel::update(code).set(recovery_codes::used_at.eq(now.naive_utc())).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// How many codes an account has left.
pub fn codes_left(conn: &mut Conn, user: &UserId) -> Result<i64, DbError> {
    let left =
        recovery_codes::table.filter(recovery_codes::user_id.eq(user.as_str()).and(recovery_codes::used_at.is_null()));
    Ok(left.count().get_result(conn)?)
}

/// Forgets wrong attempts after a right one.
pub fn forget_failures(conn: &mut Conn, user: &UserId) -> Result<(), DbError> {
    diesel::update(users::table.find(user.as_str()))
        .set((users::failed_logins.eq(0), users::retry_login_at.eq(None::<NaiveDateTime>)))
        .execute(conn)?;
    Ok(())
}

/// Takes every second factor of an account away, with its person at an identity provider, who may count as one, and gives
/// it a one-time code with which its owner, who must know the password, sets a new one.
pub fn reset(conn: &mut Conn, user: &UserId, digest: &str, until: DateTime<Utc>) -> Result<(), DbError> {
    passkeys::remove_all(conn, user)?;
    openid::forget(conn, user)?;
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user.as_str()))).execute(conn)?;
    diesel::update(users::table.find(user.as_str()))
        .set((
            users::totp_secret.eq(None::<String>),
            users::totp_last_step.eq(None::<i64>),
            users::activation_digest.eq(digest),
            users::activation_until.eq(until.naive_utc()),
            users::activation_kind.eq("factor"),
        ))
        .execute(conn)?;
    Ok(())
}

/// Makes whoever else changes this account's factors wait: what is counted here stays so until the commit.
pub fn hold(conn: &mut Conn, user: &UserId) -> Result<(), DbError> {
    diesel::update(users::table.find(user.as_str()))
        .set(users::failed_logins.eq(users::failed_logins))
        .execute(conn)?;
    Ok(())
}

/// Takes the time-based factor away.
pub fn clear_totp(conn: &mut Conn, user: &UserId) -> Result<(), DbError> {
    diesel::update(users::table.find(user.as_str()))
        .set((users::totp_secret.eq(None::<String>), users::totp_last_step.eq(None::<i64>)))
        .execute(conn)?;
    Ok(())
}

/// Sets a time-based factor where there is none, as after a reset, and uses the code up.
pub fn set_totp(conn: &mut Conn, user: &UserId, sealed: &str) -> Result<(), DbError> {
    diesel::update(users::table.find(user.as_str()))
        .set((
            users::totp_secret.eq(sealed),
            users::activation_digest.eq(None::<String>),
            users::activation_until.eq(None::<NaiveDateTime>),
            users::activation_kind.eq("account"),
        ))
        .execute(conn)?;
    Ok(())
}

/// An open session as its owner sees it.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// Its id.
    pub id: String,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub used_at: DateTime<Utc>,
    /// When a factor was last given.
    pub factor_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub ends_at: DateTime<Utc>,
}

type SessionColumns = (String, NaiveDateTime, NaiveDateTime, NaiveDateTime, NaiveDateTime);

/// An account's sessions that have not ended, newest first.
pub fn open_sessions(conn: &mut Conn, user: &UserId, now: DateTime<Utc>) -> Result<Vec<OpenSession>, DbError> {
    let rows: Vec<SessionColumns> = sessions::table
        .filter(sessions::user_id.eq(user.as_str()).and(sessions::revoked_at.is_null()))
        .filter(sessions::ends_at.gt(now.naive_utc()))
        .order(sessions::id.desc())
        .select((sessions::id, sessions::created_at, sessions::used_at, sessions::factor_at, sessions::ends_at))
        .load(conn)?;
    let open = |(id, created, used, factor, ends): SessionColumns| OpenSession {
        id,
        created_at: created.and_utc(),
        used_at: used.and_utc(),
        factor_at: factor.and_utc(),
        ends_at: ends.and_utc(),
    };
    Ok(rows.into_iter().map(open).collect())
}

/// Ends one of the account's sessions; `NotFound` when it is not theirs or has ended.
pub fn end_session(conn: &mut Conn, user: &UserId, id: &SessionId, now: DateTime<Utc>) -> Result<(), DbError> {
    let session = sessions::table.find(id.as_str());
    let session = session.filter(sessions::user_id.eq(user.as_str()).and(sessions::revoked_at.is_null()));
    let changed = diesel::update(session)
        .set((sessions::revoked_at.eq(now.naive_utc()), sessions::reader_wrapped.eq(None::<Vec<u8>>)))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::NotFound) }
}

/// Ends every session of an account but the one to `keep`; how many were open.
pub fn end_sessions(
    conn: &mut Conn,
    user: &UserId,
    keep: Option<&SessionId>,
    now: DateTime<Utc>,
) -> Result<usize, DbError> {
    let open = sessions::table
        .filter(sessions::user_id.eq(user.as_str()).and(sessions::revoked_at.is_null()))
        .filter(sessions::id.ne(keep.map(SessionId::as_str).unwrap_or_default()));
    Ok(diesel::update(open)
        .set((sessions::revoked_at.eq(now.naive_utc()), sessions::reader_wrapped.eq(None::<Vec<u8>>)))
        .execute(conn)?)
}
