//! Accounts: made with a one-time code, activated by their owner. Turns a bearer token into an [`Actor`]; getting one is
//! `sign_in`'s matter. Nobody but the owner ever knows the password, the second factor or the reader key.

use super::audit::{self, Act, By};
use super::factors;
use super::grants::{self, Wanted};
use super::{App, AppError, random, sessions, sign_in};
use crate::db::access::{self as rows, Credentials, NewUser, Unit, User};
use crate::db::factors as stored_factors;
use crate::db::tokens;
use crate::db::{Conn, DbError};
use crate::domain::actor::{Actor, Denied, Means, Permission, Role, TokenScope};
use crate::domain::faults::Fault;
use crate::domain::ids::{PersonId, SessionId, UnitId, UserId};
use crate::domain::place::Country;
use crate::sealing::{
    ApiToken, LockedReaderKey, NewPassword, OneTimeCode, OsRandom, Password, PasswordHash, ReaderKeyPair,
    ReaderPrivateKey, Secret, SessionToken, SessionWrap, StretchCost, check_login, hash_password, unwrap_from_session,
};
use chrono::TimeDelta;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a one-time code works.
const ACTIVATION: TimeDelta = TimeDelta::hours(72);

/// Each hash takes 64 MiB and a core for a fifth of a second: four at once are 256 MiB.
static HASHING: Semaphore = Semaphore::const_new(4);
/// Who may wait for one of them; a whole shift that signs in at once does, a flood is told to come back.
static WAITING: Semaphore = Semaphore::const_new(32);
/// How long: what the last of them waits on a slow core.
const PATIENCE: Duration = Duration::from_secs(10);

impl From<Denied> for AppError {
    fn from(denied: Denied) -> Self {
        Self::Forbidden { code: denied.code() }
    }
}

impl App {
    /// The cost of a password guess. Cheap only in tests of other things, which say so in their configuration.
    pub(super) fn stretch(&self) -> StretchCost {
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
        duty_address: String::new(),
        duty_language: String::new(),
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
    /// Ten codes that stand in for a lost factor, once each.
    pub recovery: Vec<Secret<String>>,
}

pub(super) async fn hashing<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    let busy = || AppError::TooMany { retry_after: 2 };
    let place = WAITING.try_acquire().map_err(|_| busy())?;
    let Ok(Ok(_seat)) = tokio::time::timeout(PATIENCE, HASHING.acquire()).await else { return Err(busy()) };
    drop(place);
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
    if user.activation_kind == "factor" {
        return renew_factor(app, user, digest, password).await;
    }
    let chosen = NewPassword::choose(&password, &[user.login.as_str(), user.name.as_str()])
        .map_err(|refused| AppError::from(vec![Fault::at("/password", "password-refused").with("why", refused)]))?;
    let (cost, app2, id) = (app.stretch(), app.clone(), user.id.clone());
    let broken = |e: crate::sealing::SealError| AppError::Broken(e.to_string());
    let (hash, reader_public, reader_wrapped) = hashing(move || {
        let hash = hash_password(chosen.password(), cost, &mut OsRandom).map_err(broken)?;
        let pair = ReaderKeyPair::generate(&mut OsRandom);
        let locked = LockedReaderKey::lock(pair.private(), chosen.password(), id.as_str(), cost, &mut OsRandom)
            .map_err(broken)?;
        Ok((hash, pair.public().as_bytes().to_vec(), locked.as_bytes().to_vec()))
    })
    .await?;
    let (totp, sealed) = factors::new_totp(app, &user)?;
    let (shown, uri) = (totp.base32(), totp.otpauth_uri("Tocsin", &user.login));
    app.db
        .write(move |conn| {
            let now = app2.clock.now(conn)?;
            // Asked again inside the transaction: the code works once.
            rows::user_by_activation(conn, &digest, now)?;
            let credentials = Credentials {
                password_hash: hash.as_str(),
                totp_sealed: &sealed,
                reader_public: &reader_public,
                reader_wrapped: &reader_wrapped,
            };
            rows::activate(conn, &user.id, &credentials)?;
            let by = By::user(&user.id, &user.unit);
            audit::record(
                conn,
                now,
                by,
                &Act { action: "user.activated", object: user.id.as_str(), ..Act::default() },
            )?;
            let recovery = factors::new_codes(conn, &user, now)?;
            Ok(Activated { user: user.id, totp: shown, uri, recovery })
        })
        .await
}

/// After two administrators reset a lost factor: the password proves who it is, and the reader key under it stays.
async fn renew_factor(app: &App, user: User, digest: String, password: String) -> Result<Activated, AppError> {
    let (typed, cost) = (user.password_hash.clone(), app.stretch());
    let fits = hashing(move || {
        let stored = typed.as_deref().and_then(PasswordHash::parse);
        Ok(check_login(&Password::typed(password), stored.as_ref(), cost))
    })
    .await?;
    let (totp, sealed) = factors::new_totp(app, &user)?;
    let (shown, uri) = (totp.base32(), totp.otpauth_uri("Tocsin", &user.login));
    let context = app.clone();
    let renewed = app
        .db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            rows::user_by_activation(conn, &digest, now)?;
            let user = sign_in::attempt(conn, &user.id, now)?;
            if !fits {
                sign_in::refuse(conn, &user, now)?;
                return Ok(None);
            }
            stored_factors::set_totp(conn, &user.id, &sealed)?;
            let by = By::user(&user.id, &user.unit);
            audit::record(
                conn,
                now,
                by,
                &Act { action: "factor.renewed", object: user.id.as_str(), ..Act::default() },
            )?;
            let recovery = factors::new_codes(conn, &user, now)?;
            Ok::<_, AppError>(Some(Activated { user: user.id, totp: shown, uri, recovery }))
        })
        .await?;
    renewed.ok_or_else(|| vec![Fault::at("/password", "password-wrong")].into())
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
    /// Whether this is the session acting.
    #[must_use]
    pub fn is_of(&self, session: &str) -> bool {
        matches!(&self.actor.means, Means::Session { id, .. } if id.as_str() == session)
    }

    /// The reader key, unwrapped for this one request.
    #[must_use]
    pub fn reader_key(&self) -> Option<ReaderPrivateKey> {
        let (token, id, wrapped) = self.reader.as_ref()?;
        let wrap = SessionWrap::from_bytes(wrapped.clone());
        unwrap_from_session(&wrap, token, id.as_str()).ok()
    }
}

/// Turns a bearer token into who is acting, in the unit and on the object that the request names. Wrong, ended and revoked
/// tokens look the same.
pub async fn authenticate(app: &App, bearer: &str, wanted: Wanted) -> Result<Caller, AppError> {
    let unknown = |e: AppError| if matches!(e, AppError::NotFound) { AppError::Unauthenticated } else { e };
    let context = app.clone();
    if let Ok(token) = SessionToken::parse(bearer) {
        let digest = token.digest().to_hex();
        let (session, actor, now) = app
            .db
            .read(move |conn| {
                let now = context.clock.now(conn)?;
                let (session, user) = rows::session_by_digest(conn, &digest, now)?;
                if now - session.used_at > sessions::patience(&user.roles) {
                    return Err(AppError::Unauthenticated);
                }
                let means = Means::Session { id: session.id.clone(), factor_at: session.factor_at };
                Ok::<_, AppError>((session, grants::actor(conn, user, means, &wanted)?, now))
            })
            .await
            .map_err(unknown)?;
        if now - session.used_at > TimeDelta::minutes(1) {
            let id = session.id.clone();
            app.db.write(move |conn| rows::touch_session(conn, &id, now).map_err(AppError::from)).await?;
        }
        let reader = session.reader_wrapped.map(|wrapped| (token, session.id, wrapped));
        return Ok(Caller { actor, reader });
    }
    let token = ApiToken::parse(bearer).map_err(|_| AppError::Unauthenticated)?;
    let digest = token.digest().to_hex();
    let actor = app
        .db
        .read(move |conn| {
            let now = context.clock.now(conn)?;
            let (token, user) = tokens::token_by_digest(conn, &digest, now)?;
            let scope = TokenScope::new(token.scopes.iter().filter_map(|code| Permission::parse(code)))
                .map_err(|permission| AppError::Broken(format!("token {} holds {permission}", token.id)))?;
            grants::actor(conn, user, Means::Token { id: token.id, scope }, &wanted)
        })
        .await
        .map_err(unknown)?;
    Ok(Caller { actor, reader: None })
}

/// Notes that somebody known was refused something.
pub fn record_denied(conn: &mut Conn, app: &App, by: By, what: &str, code: &str) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    audit::record(conn, now, by, &Act { action: "access.denied", object: what, reason: code, ..Act::default() })
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
