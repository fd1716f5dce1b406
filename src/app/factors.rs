//! Second factors: what was given is judged here, used up in the same transaction that lets its owner in, and replaced by
//! ten recovery codes or, when all are lost, by two administrators (`grants`).

use super::audit::{self, Act, By};
use super::{App, AppError, random};
use crate::db::access::{self as rows, User};
use crate::db::{Conn, DbError, factors};
use crate::domain::actor::{Actor, Denied, Means, STEP_UP};
use crate::domain::canonical;
use crate::sealing::{OneTimeCode, OsRandom, Secret, TotpSecret};
use chrono::{DateTime, Utc};

/// Ten codes: one a month outlasts most telephones (security-and-ops section 5).
const CODES: usize = 10;

/// A second factor as somebody gave it.
#[derive(Clone)]
pub enum Proof {
    /// Six digits.
    Totp(String),
    /// A recovery code.
    Recovery(String),
}

/// A factor that is right and not yet used up.
pub enum Accepted {
    /// Of this time step.
    Totp(i64),
    /// With this digest.
    Recovery(String),
}

impl Accepted {
    /// How the audit names it.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Totp(_) => "totp",
            Self::Recovery(_) => "recovery-code",
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

/// Judges a factor; none when it is wrong.
pub(super) fn judge(
    conn: &mut Conn,
    app: &App,
    user: &User,
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
    }
}

/// Uses a factor up and forgets earlier failures; `Stale` when somebody used it first.
pub(super) fn use_up(conn: &mut Conn, user: &User, accepted: &Accepted, now: DateTime<Utc>) -> Result<(), DbError> {
    match accepted {
        Accepted::Totp(step) => rows::record_login(conn, &user.id, *step),
        Accepted::Recovery(digest) => {
            factors::use_code(conn, &user.id, digest, now)?;
            factors::forget_failures(conn, &user.id)
        }
    }
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

/// Whoever changes their own factors gave one within the last minutes.
pub fn fresh(actor: &Actor, now: DateTime<Utc>) -> Result<(), AppError> {
    match &actor.means {
        Means::Token { .. } => Err(Denied::NeedsSession.into()),
        Means::Session { factor_at, .. } if now - *factor_at > STEP_UP => Err(Denied::NeedsStepUp.into()),
        Means::Session { .. } => Ok(()),
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
