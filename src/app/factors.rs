//! Second factors: what was given is judged here (passkeys in `passkeys`), used up in the same transaction that lets its
//! owner in, and replaced by ten recovery codes or, when all are lost, by two administrators (`grants`).

use super::audit::{self, Act, By};
use super::{App, AppError, passkeys, random, sessions, sign_in};
use crate::db::access::{self as rows, User};
use crate::db::passkeys::{self as stored, Passkey};
use crate::db::{Conn, DbError, factors};
use crate::domain::actor::{Actor, Denied, Means, STEP_UP};
use crate::domain::canonical;
use crate::domain::ids::{PasskeyId, SessionId};
use crate::sealing::{OneTimeCode, OsRandom, Secret, TotpSecret};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Ten codes: one a month outlasts most telephones (security-and-ops section 5).
const CODES: usize = 10;

/// A second factor as somebody gave it.
#[derive(Clone)]
pub enum Proof {
    /// Six digits.
    Totp(String),
    /// A recovery code.
    Recovery(String),
    /// A passkey's answer to a challenge of the account.
    Passkey {
        /// Which challenge.
        ceremony: String,
        /// What the browser made of it, a `PublicKeyCredential` in JSON.
        credential: Value,
    },
}

/// A factor that is right and not yet used up.
pub enum Accepted {
    /// Of this time step.
    Totp(i64),
    /// With this digest.
    Recovery(String),
    /// This one, as it was and as it is after this use.
    Passkey(Box<(Passkey, Passkey)>),
}

impl Accepted {
    /// How the audit names it.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Totp(_) => "totp",
            Self::Recovery(_) => "recovery-code",
            Self::Passkey(_) => "passkey",
        }
    }
}

fn totp_step(app: &App, user: &User, code: &str, now: DateTime<Utc>) -> Option<i64> {
    let sealed = canonical::unhex(user.totp_sealed.as_deref()?)?;
    let secret = TotpSecret::from_bytes(&app.key.open_sealed(&format!("totp {}", user.id), &sealed)?).ok()?;
    let last = user.totp_last_step.and_then(|step| u64::try_from(step).ok());
    let step = secret.check(code, u64::try_from(now.timestamp()).ok()?, last)?;
    i64::try_from(step).ok()
}

/// Judges a factor given in a session or at sign-in; none when it is wrong.
fn judge(
    conn: &mut Conn,
    app: &App,
    user: &User,
    session: Option<&SessionId>,
    proof: &Proof,
    now: DateTime<Utc>,
) -> Result<Option<Accepted>, AppError> {
    match proof {
        Proof::Totp(code) => Ok(totp_step(app, user, code, now).map(Accepted::Totp)),
        Proof::Recovery(code) => {
            let Ok(code) = OneTimeCode::parse(code) else { return Ok(None) };
            let digest = code.digest().to_hex();
            Ok(factors::code_is_good(conn, &user.id, &digest)?.then_some(Accepted::Recovery(digest)))
        }
        Proof::Passkey { ceremony, credential } => {
            Ok(passkeys::judge(conn, app, user, session, (ceremony, credential), now)?.map(Accepted::Passkey))
        }
    }
}

/// Judges a factor and uses it up. None when it is wrong, or somebody used it first: the failure is counted, and the caller
/// must commit.
pub(super) fn spend(
    conn: &mut Conn,
    app: &App,
    user: &User,
    session: Option<&SessionId>,
    proof: &Proof,
    now: DateTime<Utc>,
) -> Result<Option<Accepted>, AppError> {
    if let Some(accepted) = judge(conn, app, user, session, proof, now)? {
        match use_up(conn, user, &accepted, now) {
            Err(DbError::Stale) => {}
            used => return Ok(used.map(|()| Some(accepted))?),
        }
    }
    sign_in::refuse(conn, user, now)?;
    Ok(None)
}

/// Forgets earlier failures too.
fn use_up(conn: &mut Conn, user: &User, accepted: &Accepted, now: DateTime<Utc>) -> Result<(), DbError> {
    match accepted {
        Accepted::Totp(step) => return rows::record_login(conn, &user.id, *step),
        Accepted::Recovery(digest) => factors::use_code(conn, &user.id, digest, now)?,
        Accepted::Passkey(passkey) => stored::record_use(conn, &passkey.0, &passkey.1, now)?,
    }
    factors::forget_failures(conn, &user.id)
}

/// Ten new codes for an account, in place of those it had; shown once.
pub(super) fn new_codes(conn: &mut Conn, user: &User, now: DateTime<Utc>) -> Result<Vec<Secret<String>>, AppError> {
    let codes: Vec<OneTimeCode> = (0..CODES).map(|_| OneTimeCode::generate(&mut OsRandom)).collect();
    let digests: Vec<String> = codes.iter().map(|code| code.digest().to_hex()).collect();
    factors::replace_codes(conn, &user.id, &digests, now)?;
    let by = By::user(&user.id, &user.unit);
    audit::record(conn, now, by, &Act { action: "recovery.replaced", object: user.id.as_str(), ..Act::default() })?;
    Ok(codes.iter().map(OneTimeCode::grouped).collect())
}

/// Whoever changes their own factors gave one within the last minutes; the session they did it in.
pub fn fresh(actor: &Actor, now: DateTime<Utc>) -> Result<&SessionId, AppError> {
    match &actor.means {
        Means::Token { .. } => Err(Denied::NeedsSession.into()),
        Means::Session { factor_at, .. } if now - *factor_at > STEP_UP => Err(Denied::NeedsStepUp.into()),
        Means::Session { id, .. } => Ok(id),
    }
}

/// Ten new recovery codes for the caller; shown once.
pub fn replace_codes(conn: &mut Conn, app: &App, actor: &Actor) -> Result<Vec<Secret<String>>, AppError> {
    let now = app.clock.now(conn)?;
    fresh(actor, now)?;
    let user = rows::user(conn, &actor.user)?;
    new_codes(conn, &user, now)
}

/// A new second factor for an account, sealed for its row.
pub(super) fn new_totp(app: &App, user: &User) -> Result<(TotpSecret, String), AppError> {
    let totp = TotpSecret::generate(&mut OsRandom);
    let sealed = app.key.seal(&format!("totp {}", user.id), totp.expose(), random::bytes());
    let sealed = sealed.ok_or_else(|| AppError::Broken("sealing".to_owned()))?;
    Ok((totp, canonical::hex(&sealed)))
}

/// Refuses to leave an account without a second factor. Recovery codes stand in for one; they are none.
pub(super) fn one_remains(conn: &mut Conn, user: &User, without: Option<&PasskeyId>) -> Result<(), AppError> {
    let passkeys = stored::of_user(conn, &user.id)?;
    let remains = passkeys.iter().any(|key| key.refused_at.is_none() && Some(&key.id) != without);
    // Without a passkey named, it is the time-based factor that goes.
    if remains || (without.is_some() && user.totp_sealed.is_some()) {
        Ok(())
    } else {
        Err(AppError::Conflict { code: "last-factor" })
    }
}

/// Takes the caller's time-based factor away; a passkey must remain.
pub fn remove_totp(conn: &mut Conn, app: &App, actor: &Actor) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    fresh(actor, now)?;
    factors::hold(conn, &actor.user)?;
    let user = rows::user(conn, &actor.user)?;
    if user.totp_sealed.is_none() {
        return Err(AppError::NotFound);
    }
    one_remains(conn, &user, None)?;
    factors::clear_totp(conn, &user.id)?;
    audit::record(conn, now, actor, &Act { action: "totp.removed", object: user.id.as_str(), ..Act::default() })?;
    sessions::end_others(conn, actor, now)
}

/// Gives the caller a time-based factor where they have none: base 32 and `otpauth://` address, shown once.
pub fn add_totp(conn: &mut Conn, app: &App, actor: &Actor) -> Result<(Secret<String>, Secret<String>), AppError> {
    let now = app.clock.now(conn)?;
    fresh(actor, now)?;
    factors::hold(conn, &actor.user)?;
    let user = rows::user(conn, &actor.user)?;
    if user.totp_sealed.is_some() {
        return Err(AppError::Conflict { code: "totp-exists" });
    }
    let (totp, sealed) = new_totp(app, &user)?;
    factors::set_totp(conn, &user.id, &sealed)?;
    audit::record(conn, now, actor, &Act { action: "totp.added", object: user.id.as_str(), ..Act::default() })?;
    sessions::end_others(conn, actor, now)?;
    Ok((totp.base32(), totp.otpauth_uri("Tocsin", &user.login)))
}
