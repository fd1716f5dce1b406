//! The way in: name, password and a second factor. What is wrong looks the same, whichever it is, and is counted; after
//! five in a row each attempt waits. Sign-in through an identity provider is `openid`'s matter.

use super::access::hashing;
use super::audit::{self, Act, By};
use super::factors::{self, Proof};
use super::passkeys::{self, Begun};
use super::sessions::{self, Opening};
use super::{App, AppError};
use crate::db::access::{self as rows, User};
use crate::db::{Conn, DbError, factors as factor_rows};
use crate::domain::ids::UserId;
use crate::sealing::{LockedReaderKey, Password, PasswordHash, ReaderPrivateKey, SessionToken, check_login};
use chrono::{DateTime, TimeDelta, Utc};

/// After five wrong attempts each waits.
fn not_too_often(user: &User, now: DateTime<Utc>) -> Result<(), AppError> {
    match user.retry_login_at.filter(|at| *at > now) {
        Some(at) => Err(AppError::TooMany { retry_after: u32::try_from((at - now).num_seconds()).unwrap_or(0) + 1 }),
        None => Ok(()),
    }
}

/// The account as it is now, for one attempt at a time: others wait for the commit, so that no two wrong ones at once are
/// counted as one.
pub(super) fn attempt(conn: &mut Conn, id: &UserId, now: DateTime<Utc>) -> Result<User, AppError> {
    factor_rows::hold(conn, id)?;
    let user = rows::user(conn, id)?;
    not_too_often(&user, now)?;
    Ok(user)
}

/// Counts a failure, which the caller must commit. After five in a row each waits longer, to a minute.
pub(super) fn refuse(conn: &mut Conn, user: &User, now: DateTime<Utc>) -> Result<(), AppError> {
    let failures = user.failed_logins + 1;
    let wait = if failures < 5 { 0 } else { (i64::from(failures) - 4).min(5) * 12 };
    rows::record_failed_login(conn, &user.id, failures, now + TimeDelta::seconds(wait))?;
    let by = By::user(&user.id, &user.unit);
    audit::record(conn, now, by, &Act { action: "session.refused", object: user.id.as_str(), ..Act::default() })
}

/// Somebody who typed a name and a password.
struct Typed {
    user: User,
    /// The password is theirs and the account is open.
    right: bool,
    reader: Option<ReaderPrivateKey>,
    now: DateTime<Utc>,
}

/// Looks at name and password, with the same work for a name nobody has.
async fn look_at(app: &App, login: String, password: String) -> Result<Typed, AppError> {
    let context = app.clone();
    let (user, now) = app
        .db
        .read(move |conn| {
            let now = context.clock.now(conn)?;
            match rows::user_by_login(conn, &login) {
                Ok(user) => Ok((Some(user), now)),
                Err(DbError::NotFound) => Ok((None, now)),
                Err(other) => Err(AppError::from(other)),
            }
        })
        .await?;
    user.as_ref().map_or(Ok(()), |user| not_too_often(user, now))?;
    let cost = app.stretch();
    let typed = user.clone();
    let (fits, reader) = hashing(move || {
        let password = Password::typed(password);
        let stored = typed.as_ref().and_then(|user| user.password_hash.as_deref()).and_then(PasswordHash::parse);
        let fits = check_login(&password, stored.as_ref(), cost);
        let reader = typed.filter(|_| fits).and_then(|user| unlock_reader(&user, &password));
        Ok((fits, reader))
    })
    .await?;
    let user = user.ok_or(AppError::Unauthenticated)?;
    Ok(Typed { right: fits && user.disabled_at.is_none(), user, reader, now })
}

fn unlock_reader(user: &User, password: &Password) -> Option<ReaderPrivateKey> {
    let locked = LockedReaderKey::from_bytes(user.reader_wrapped.clone()?);
    locked.unlock(password, user.id.as_str()).ok()
}

/// Signs in with password and second factor. A wrong name, password or factor, and one used before, look the same.
pub async fn sign_in(app: &App, login: String, password: String, proof: Proof) -> Result<SessionToken, AppError> {
    let Typed { user, right, reader, now } = look_at(app, login, password).await?;
    let (token, kept) = sessions::new_token()?;
    let context = app.clone();
    app.db
        .write(move |conn| {
            let user = attempt(conn, &user.id, now)?;
            if !right {
                refuse(conn, &user, now)?;
                return Ok(false);
            }
            let Some(accepted) = factors::spend(conn, &context, &user, None, &proof, now)? else { return Ok(false) };
            let opening = Opening { token: &kept, reader: reader.as_ref(), factor_at: now, ends_at: None };
            let id = sessions::open(conn, &user, &opening, now)?;
            let by = By::user(&user.id, &user.unit);
            let act = Act { action: "session.opened", object: id.as_str(), reason: accepted.code(), ..Act::default() };
            audit::record(conn, now, by, &act)?;
            Ok(true)
        })
        .await
        .and_then(|opened| if opened { Ok(token) } else { Err(AppError::Unauthenticated) })
}

/// A challenge for one of the account's passkeys, for whoever knows its password; a wrong one is counted.
pub async fn ask_passkey(app: &App, login: String, password: String) -> Result<Begun, AppError> {
    passkeys::party(app)?;
    let Typed { user, right, now, .. } = look_at(app, login, password).await?;
    let context = app.clone();
    let begun = app
        .db
        .write(move |conn| {
            let user = attempt(conn, &user.id, now)?;
            if !right {
                refuse(conn, &user, now)?;
                return Ok(None);
            }
            passkeys::ask(conn, &context, &user, None, now).map(Some)
        })
        .await?;
    begun.ok_or(AppError::Unauthenticated)
}
