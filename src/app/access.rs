//! Accounts: made with a one-time code, activated by their owner, entered with two factors. Turns a bearer token into
//! an [`Actor`]. Nobody but the owner ever knows the password, the second factor or the reader key.

use super::audit::{self, Act, By};
use super::{App, AppError, random};
use crate::db::access::{self as rows, Credentials, NewUser, Session, Unit, User};
use crate::db::tokens::{self, Token};
use crate::db::{Conn, DbError};
use crate::domain::actor::{Actor, Denied, Means, Permission, Role, TokenScope};
use crate::domain::faults::Fault;
use crate::domain::ids::{PersonId, SessionId, TokenId, UnitId, UserId};
use crate::domain::place::Country;
use crate::sealing::{
    ApiToken, LockedReaderKey, NewPassword, OneTimeCode, OsRandom, Password, PasswordHash, ReaderKeyPair,
    ReaderPrivateKey, Secret, SessionToken, SessionWrap, StretchCost, TotpSecret, check_login, hash_password,
    unwrap_from_session, wrap_for_session,
};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Semaphore;

/// How long a one-time code works.
const ACTIVATION: TimeDelta = TimeDelta::hours(72);
/// A session ends after ten hours at the latest, after thirty idle minutes, for validators after fifteen.
const SESSION: TimeDelta = TimeDelta::hours(10);
const IDLE: TimeDelta = TimeDelta::minutes(30);
const IDLE_VALIDATOR: TimeDelta = TimeDelta::minutes(15);
/// The longest a token may work.
const TOKEN_DAYS: i64 = 90;

/// Each hash takes 64 MiB and a core for a fifth of a second: four at once are 256 MiB, the rest is told to come back.
static HASHING: Semaphore = Semaphore::const_new(4);

impl From<Denied> for AppError {
    fn from(denied: Denied) -> Self {
        Self::Forbidden { code: denied.code() }
    }
}

impl App {
    /// The cost of a password guess. Cheap only in tests of other things, which say so in their configuration.
    fn stretch(&self) -> StretchCost {
        if self.config.keys.cheap_passwords_for_tests { StretchCost::FOR_TESTS } else { StretchCost::STANDARD }
    }
}

/// A unit and its first administrator, made from the command line.
pub fn found_unit(conn: &mut Conn, app: &App, name: &str, country: Country, contact: &str) -> Result<Unit, AppError> {
    let now = app.clock.now(conn)?;
    let unit = Unit {
        id: UnitId::from_parts(now, random::bytes()),
        name: name.to_owned(),
        parent: None,
        country,
        contact: contact.to_owned(),
    };
    rows::add_unit(conn, &unit, now)?;
    audit::record(
        conn,
        now,
        By::service("cli"),
        &Act { action: "unit.added", object: unit.id.as_str(), ..Act::default() },
    )?;
    Ok(unit)
}

/// What a new account is made of.
pub struct Invitation<'a> {
    /// Where they work.
    pub unit: &'a UnitId,
    /// What they will type: 3 to 60 of `a-z0-9.-_`.
    pub login: &'a str,
    /// Their name.
    pub name: &'a str,
    /// What they may do.
    pub roles: &'a [Role],
    /// The natural person, when they have another account already.
    pub person: Option<PersonId>,
}

/// Makes an account that waits for its owner; the one-time code is shown once.
pub fn invite(
    conn: &mut Conn,
    app: &App,
    by: By,
    invitation: &Invitation<'_>,
) -> Result<(UserId, OneTimeCode), AppError> {
    let now = app.clock.now(conn)?;
    let login_fits = (3..=60).contains(&invitation.login.len())
        && invitation.login.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b));
    if !login_fits {
        return Err(vec![Fault::at("/login", "login-shape")].into());
    }
    let code = OneTimeCode::generate(&mut OsRandom);
    let id = UserId::from_parts(now, random::bytes());
    let person = invitation.person.clone().unwrap_or_else(|| PersonId::from_parts(now, random::bytes()));
    let new = NewUser {
        id: &id,
        person: &person,
        unit: invitation.unit,
        login: invitation.login,
        name: invitation.name,
        roles: invitation.roles,
        activation_digest: &code.digest().to_hex(),
        activation_until: now + ACTIVATION,
    };
    rows::add_user(conn, &new, now).map_err(|e| match e {
        DbError::Conflict => AppError::Conflict { code: "login-taken" },
        other => other.into(),
    })?;
    audit::record(conn, now, by, &Act { action: "user.invited", object: id.as_str(), ..Act::default() })?;
    Ok((id, code))
}

/// What an owner is shown once at activation.
pub struct Activated {
    /// The account.
    pub user: UserId,
    /// The second factor, base 32, for an authenticator.
    pub totp: Secret<String>,
    /// The same as an `otpauth://` address.
    pub uri: Secret<String>,
}

async fn hashing<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    let Ok(_seat) = HASHING.try_acquire() else { return Err(AppError::TooMany { retry_after: 2 }) };
    tokio::task::spawn_blocking(work).await.map_err(|e| AppError::Broken(e.to_string()))?
}

/// Sets an account's password, second factor and reader key, using its one-time code up.
pub async fn activate(app: &App, code: &str, password: String) -> Result<Activated, AppError> {
    let wrong_code = || AppError::from(vec![Fault::at("/code", "one-time-code")]);
    let digest = OneTimeCode::parse(code).map_err(|_| wrong_code())?.digest().to_hex();
    let clock = app.clone();
    let looked_up = digest.clone();
    let user = app
        .db
        .read(move |conn| {
            let now = clock.clock.now(conn)?;
            rows::user_by_activation(conn, &looked_up, now).map_err(AppError::from)
        })
        .await
        .map_err(|e| if matches!(e, AppError::NotFound) { wrong_code() } else { e })?;
    let chosen = NewPassword::choose(&password, &[user.login.as_str(), user.name.as_str()])
        .map_err(|refused| AppError::from(vec![Fault::at("/password", "password-refused").with("why", refused)]))?;
    let (cost, app2, id) = (app.stretch(), app.clone(), user.id.clone());
    let broken = |e: crate::sealing::SealError| AppError::Broken(e.to_string());
    let (hash, reader_public, reader_wrapped, totp) = hashing(move || {
        let hash = hash_password(chosen.password(), cost, &mut OsRandom).map_err(broken)?;
        let pair = ReaderKeyPair::generate(&mut OsRandom);
        let locked = LockedReaderKey::lock(pair.private(), chosen.password(), id.as_str(), cost, &mut OsRandom)
            .map_err(broken)?;
        Ok((hash, pair.public().as_bytes().to_vec(), locked.as_bytes().to_vec(), TotpSecret::generate(&mut OsRandom)))
    })
    .await?;
    let place = format!("totp {}", user.id);
    let sealed =
        app.key.seal(&place, totp.expose(), random::bytes()).ok_or_else(|| AppError::Broken("sealing".to_owned()))?;
    let activated =
        Activated { user: user.id.clone(), totp: totp.base32(), uri: totp.otpauth_uri("Tocsin", &user.login) };
    app.db
        .write(move |conn| {
            let now = app2.clock.now(conn)?;
            // Asked again inside the transaction: the code works once.
            rows::user_by_activation(conn, &digest, now)?;
            let credentials = Credentials {
                password_hash: hash.as_str(),
                totp_sealed: &crate::domain::canonical::hex(&sealed),
                reader_public: &reader_public,
                reader_wrapped: &reader_wrapped,
            };
            rows::activate(conn, &user.id, &credentials)?;
            let by = By::service(user.id.as_str());
            audit::record(conn, now, by, &Act { action: "user.activated", object: user.id.as_str(), ..Act::default() })
        })
        .await?;
    Ok(activated)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect()
}

/// Signs in with password and second factor. A wrong name, password or code, and a code used before, look the same.
pub async fn sign_in(app: &App, login: String, password: String, code: String) -> Result<SessionToken, AppError> {
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
    if let Some(at) = user.as_ref().and_then(|user| user.retry_login_at).filter(|at| *at > now) {
        return Err(AppError::TooMany { retry_after: u32::try_from((at - now).num_seconds()).unwrap_or(0) + 1 });
    }
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
    let Some(user) = user else { return Err(AppError::Unauthenticated) };
    let step = accepted_step(app, &user, &code, now);
    let token = SessionToken::generate(&mut OsRandom);
    let session_token = SessionToken::parse(token.text().expose()).map_err(|e| AppError::Broken(e.to_string()))?;
    let allowed = fits && user.disabled_at.is_none();
    app.db
        .write(move |conn| {
            let (Some(step), true) = (step, allowed) else {
                return refuse_login(conn, &user, now);
            };
            match rows::record_login(conn, &user.id, step) {
                Err(DbError::Stale) => return refuse_login(conn, &user, now),
                other => other?,
            }
            let id = SessionId::from_parts(now, random::bytes());
            let reader_wrapped = match &reader {
                Some(key) => Some(
                    wrap_for_session(key, &session_token, id.as_str(), &mut OsRandom)
                        .map_err(|e| AppError::Broken(e.to_string()))?
                        .as_bytes()
                        .to_vec(),
                ),
                None => None,
            };
            let session = Session { id, factor_at: now, used_at: now, ends_at: now + SESSION, reader_wrapped };
            rows::add_session(conn, &session, &user.id, &session_token.digest().to_hex())?;
            let by = By::service(user.id.as_str());
            let act = Act { action: "session.opened", object: session.id.as_str(), ..Act::default() };
            audit::record(conn, now, by, &act)?;
            Ok(true)
        })
        .await
        .and_then(|opened| if opened { Ok(token) } else { Err(AppError::Unauthenticated) })
}

/// Commits the failure (so it cannot roll back) and answers `false`. After five in a row each waits longer, to a minute.
fn refuse_login(conn: &mut Conn, user: &User, now: DateTime<Utc>) -> Result<bool, AppError> {
    let failures = user.failed_logins + 1;
    let wait = if failures < 5 { 0 } else { (i64::from(failures) - 4).min(5) * 12 };
    rows::record_failed_login(conn, &user.id, failures, now + TimeDelta::seconds(wait))?;
    let by = By::service(user.id.as_str());
    audit::record(conn, now, by, &Act { action: "session.refused", object: user.id.as_str(), ..Act::default() })?;
    Ok(false)
}

fn unlock_reader(user: &User, password: &Password) -> Option<ReaderPrivateKey> {
    let locked = LockedReaderKey::from_bytes(user.reader_wrapped.clone()?);
    locked.unlock(password, user.id.as_str()).ok()
}

fn accepted_step(app: &App, user: &User, code: &str, now: DateTime<Utc>) -> Option<i64> {
    let sealed = unhex(user.totp_sealed.as_deref()?)?;
    let secret = TotpSecret::from_bytes(&app.key.open_sealed(&format!("totp {}", user.id), &sealed)?).ok()?;
    let last = user.totp_last_step.and_then(|step| u64::try_from(step).ok());
    let step = secret.check(code, u64::try_from(now.timestamp()).ok()?, last)?;
    i64::try_from(step).ok()
}

/// A person or program acting, with what only their own token can open.
#[derive(Clone)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// The session token and the reader key wrapped under it; programs have neither.
    reader: Option<(SessionToken, SessionId, Vec<u8>)>,
}

impl Caller {
    /// The reader key, unwrapped for this one request.
    #[must_use]
    pub fn reader_key(&self) -> Option<ReaderPrivateKey> {
        let (token, id, wrapped) = self.reader.as_ref()?;
        let wrap = SessionWrap::from_bytes(wrapped.clone());
        unwrap_from_session(&wrap, token, id.as_str()).ok()
    }
}

/// Turns a bearer token into who is acting. Wrong, ended and revoked tokens look the same.
pub async fn authenticate(app: &App, bearer: &str) -> Result<Caller, AppError> {
    let unknown = |e: AppError| if matches!(e, AppError::NotFound) { AppError::Unauthenticated } else { e };
    let context = app.clone();
    if let Ok(token) = SessionToken::parse(bearer) {
        let digest = token.digest().to_hex();
        let (session, user, now) = app
            .db
            .read(move |conn| {
                let now = context.clock.now(conn)?;
                let (session, user) = rows::session_by_digest(conn, &digest, now)?;
                Ok::<_, AppError>((session, user, now))
            })
            .await
            .map_err(unknown)?;
        let idle = if user.roles.contains(&Role::Validator) { IDLE_VALIDATOR } else { IDLE };
        if now - session.used_at > idle {
            return Err(AppError::Unauthenticated);
        }
        if now - session.used_at > TimeDelta::minutes(1) {
            let id = session.id.clone();
            app.db.write(move |conn| rows::touch_session(conn, &id, now).map_err(AppError::from)).await?;
        }
        let means = Means::Session { id: session.id.clone(), factor_at: session.factor_at };
        let reader = session.reader_wrapped.map(|wrapped| (token, session.id, wrapped));
        return Ok(Caller { actor: actor(user, means), reader });
    }
    let token = ApiToken::parse(bearer).map_err(|_| AppError::Unauthenticated)?;
    let digest = token.digest().to_hex();
    let (token, user) = app
        .db
        .read(move |conn| {
            let now = context.clock.now(conn)?;
            tokens::token_by_digest(conn, &digest, now).map_err(AppError::from)
        })
        .await
        .map_err(unknown)?;
    let scope = TokenScope::new(token.scopes.iter().filter_map(|code| Permission::parse(code)))
        .map_err(|permission| AppError::Broken(format!("token {} holds {permission}", token.id)))?;
    Ok(Caller { actor: actor(user, Means::Token { id: token.id, scope }), reader: None })
}

fn actor(user: User, means: Means) -> Actor {
    Actor { user: user.id, person: user.person, unit: user.unit, roles: user.roles, means }
}

/// Ends the caller's own session.
pub fn sign_out(conn: &mut Conn, app: &App, actor: &Actor) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    if let Means::Session { id, .. } = &actor.means {
        rows::revoke_session(conn, id, now)?;
        audit::record(conn, now, actor, &Act { action: "session.closed", object: id.as_str(), ..Act::default() })?;
    }
    Ok(())
}

/// A new token for the caller's own programs; shown once.
pub fn add_token(
    conn: &mut Conn,
    app: &App,
    by: By,
    user: &UserId,
    name: &str,
    scopes: &[Permission],
    days: i64,
) -> Result<(Token, ApiToken), AppError> {
    let now = app.clock.now(conn)?;
    let mut faults = Vec::new();
    if !(1..=80).contains(&name.trim().chars().count()) {
        faults.push(Fault::at("/name", "too-long").with("limit", 80).with("length", name.chars().count()));
    }
    if !(1..=TOKEN_DAYS).contains(&days) {
        faults.push(Fault::at("/days", "out-of-range").with("min", 1).with("max", TOKEN_DAYS).with("value", days));
    }
    if let Err(interactive) = TokenScope::new(scopes.iter().copied()) {
        faults.push(Fault::at("/scopes", "scope-needs-person").with("value", interactive));
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let token = ApiToken::personal(&mut OsRandom);
    let row = Token {
        id: TokenId::from_parts(now, random::bytes()),
        name: name.trim().to_owned(),
        scopes: scopes.iter().map(ToString::to_string).collect(),
        ends_at: now + TimeDelta::days(days),
    };
    tokens::add_token(conn, &row, user, &token.digest().to_hex(), now)?;
    audit::record(conn, now, by, &Act { action: "token.added", object: row.id.as_str(), ..Act::default() })?;
    Ok((row, token))
}
