//! Passkeys: registered, listed, renamed and removed by their owner, and given as a second factor. Every challenge is kept
//! here for five minutes, bound to the account and the session it was asked in, and is used once whatever the answer.

use super::audit::{self, Act, By};
use super::sessions::in_person;
use super::{App, AppError, factors, random, sessions, sign_in};
use crate::db::access::{self as rows, User};
use crate::db::passkeys::{self as stored, Ceremony, CeremonyKind, Passkey};
use crate::db::{Conn, DbError, factors as factor_rows};
use crate::domain::actor::Actor;
use crate::domain::faults::Fault;
use crate::domain::ids::{CeremonyId, PasskeyId, SessionId};
use crate::sealing::{Challenge, PasskeyRefused, PublicKey, RelyingParty};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::time::Duration;

/// How long a challenge waits: time to find the key and type its PIN.
const PATIENCE: Duration = Duration::from_mins(5);
/// Passkeys of one account. More than a person carries, few enough to be looked through.
const MOST: usize = 10;

/// A challenge for the browser.
pub struct Begun {
    /// Comes back with the answer.
    pub ceremony: CeremonyId,
    /// What the browser hands to `navigator.credentials`, with its `publicKey`.
    pub options: Value,
    /// When it is too late.
    pub ends_at: DateTime<Utc>,
}

/// The installation as passkeys know it; none when its address is none that browsers have passkeys for. An origin or a
/// domain that was configured on purpose must be usable.
pub fn relying_party(config: &crate::config::Config, public_url: &str) -> Result<Option<RelyingParty>, String> {
    let access = &config.access;
    if !access.passkey_origin.is_empty() {
        return RelyingParty::new(&access.passkey_origin, &access.passkey_domain, PATIENCE).map(Some);
    }
    let url = if config.server.public_url.is_empty() { public_url } else { &config.server.public_url };
    match RelyingParty::new(url, &access.passkey_domain, PATIENCE) {
        Err(why) if !access.passkey_domain.is_empty() => Err(why),
        derived => Ok(derived.ok()),
    }
}

/// The installation as passkeys know it, where it has them.
pub(super) fn party(app: &App) -> Result<&RelyingParty, AppError> {
    app.passkeys.as_deref().ok_or(AppError::Conflict { code: "passkeys-off" })
}

fn corrupt(refused: PasskeyRefused) -> AppError {
    AppError::Broken(format!("passkey: {refused}"))
}

fn keys(passkeys: &[Passkey]) -> Result<Vec<PublicKey>, AppError> {
    passkeys.iter().map(|passkey| PublicKey::parse(&passkey.credential).map_err(corrupt)).collect()
}

fn begin(
    conn: &mut Conn,
    user: &User,
    session: Option<&SessionId>,
    kind: CeremonyKind,
    challenge: Challenge,
    now: DateTime<Utc>,
) -> Result<Begun, AppError> {
    let id = CeremonyId::from_parts(now, random::bytes());
    let ends_at = now + TimeDelta::from_std(PATIENCE).unwrap_or_default();
    let ceremony = Ceremony { id: &id, user: &user.id, session, kind };
    stored::begin(conn, &ceremony, &challenge.state, ends_at, now)?;
    let reason = if kind == CeremonyKind::Registration { "registration" } else { "authentication" };
    let act = Act { action: "passkey.asked", object: user.id.as_str(), reason, ..Act::default() };
    audit::record(conn, now, By::user(&user.id, &user.unit), &act)?;
    Ok(Begun { ceremony: id, options: challenge.options, ends_at })
}

/// Asks for a new passkey of the caller.
pub fn begin_registration(conn: &mut Conn, app: &App, actor: &Actor) -> Result<Begun, AppError> {
    let now = app.clock.now(conn)?;
    let session = factors::fresh(actor, now)?;
    let party = party(app)?;
    let user = rows::user(conn, &actor.user)?;
    let known = stored::of_user(conn, &user.id)?;
    not_too_many(&known)?;
    let challenge = party.register(user.id.as_str(), &user.login, &keys(&known)?).map_err(corrupt)?;
    begin(conn, &user, Some(session), CeremonyKind::Registration, challenge, now)
}

fn not_too_many(known: &[Passkey]) -> Result<(), AppError> {
    if known.len() < MOST { Ok(()) } else { Err(AppError::Conflict { code: "too-many-passkeys" }) }
}

fn name_of(name: &str) -> Result<String, AppError> {
    let name = name.trim();
    match name.chars().count() {
        1..=80 => Ok(name.to_owned()),
        length => Err(vec![Fault::at("/name", "too-long").with("limit", 80).with("length", length)].into()),
    }
}

/// What [`register`] was given.
pub struct Registration {
    /// The challenge's id.
    pub ceremony: String,
    /// What its owner will call the passkey: 1 to 80 characters.
    pub name: String,
    /// What the browser made, a `PublicKeyCredential` in JSON.
    pub credential: Value,
}

/// Adds the passkey that answers the challenge; the account's other sessions end. A wrong answer is a wrong factor.
pub async fn register(app: &App, actor: Actor, given: Registration) -> Result<Passkey, AppError> {
    let context = app.clone();
    let added = app
        .db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            let session = factors::fresh(&actor, now)?;
            let party = party(&context)?;
            let name = name_of(&given.name)?;
            let user = sign_in::attempt(conn, &actor.user, now)?;
            not_too_many(&stored::of_user(conn, &user.id)?)?;
            let key = match take(conn, &user, Some(session), CeremonyKind::Registration, &given.ceremony, now)? {
                Some(state) => party.registered(&state, &given.credential).map_err(log),
                None => Err(()),
            };
            let Ok(key) = key else {
                sign_in::refuse(conn, &user, now)?;
                return Ok(None);
            };
            let passkey = Passkey {
                id: PasskeyId::from_parts(now, random::bytes()),
                name,
                credential_id: key.id(),
                credential: key.text().map_err(corrupt)?,
                counter: key.counter(),
                refused_at: None,
                used_at: None,
                created_at: now,
            };
            stored::add(conn, &user.id, &passkey).map_err(|e| match e {
                DbError::Conflict => AppError::Conflict { code: "passkey-known" },
                other => other.into(),
            })?;
            let act = Act { action: "passkey.added", object: passkey.id.as_str(), ..Act::default() };
            audit::record(conn, now, &actor, &act)?;
            sessions::end_others(conn, &actor, now)?;
            Ok::<_, AppError>(Some(passkey))
        })
        .await?;
    added.ok_or_else(|| vec![Fault::at("/credential", "passkey-refused")].into())
}

fn log(refused: PasskeyRefused) {
    tracing::info!(event = "passkey.refused", cause = %refused);
}

fn take(
    conn: &mut Conn,
    user: &User,
    session: Option<&SessionId>,
    kind: CeremonyKind,
    ceremony: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, AppError> {
    let Ok(id) = CeremonyId::parse(ceremony) else { return Ok(None) };
    Ok(stored::take(conn, &Ceremony { id: &id, user: &user.id, session, kind }, now)?)
}

/// Asks for one of the account's passkeys, at sign-in or in a session.
pub(super) fn ask(
    conn: &mut Conn,
    app: &App,
    user: &User,
    session: Option<&SessionId>,
    now: DateTime<Utc>,
) -> Result<Begun, AppError> {
    let party = party(app)?;
    let usable: Vec<Passkey> =
        stored::of_user(conn, &user.id)?.into_iter().filter(|passkey| passkey.refused_at.is_none()).collect();
    if usable.is_empty() {
        return Err(AppError::Conflict { code: "no-passkey" });
    }
    let challenge = party.ask(&keys(&usable)?).map_err(corrupt)?;
    begin(conn, user, session, CeremonyKind::Authentication, challenge, now)
}

/// Asks for one of the caller's passkeys, to make the session fresh.
pub fn begin_step_up(conn: &mut Conn, app: &App, actor: &Actor) -> Result<Begun, AppError> {
    let now = app.clock.now(conn)?;
    let session = in_person(actor)?;
    party(app)?;
    let user = sign_in::attempt(conn, &actor.user, now)?;
    ask(conn, app, &user, Some(session), now)
}

/// Judges an answer and uses its challenge up: the passkey as it was and as it will be, or none. A counter that ran
/// backwards ends the passkey, and its owner is told (`GET /me`).
pub(super) fn judge(
    conn: &mut Conn,
    app: &App,
    user: &User,
    session: Option<&SessionId>,
    (ceremony, credential): (&str, &Value),
    now: DateTime<Utc>,
) -> Result<Option<Box<(Passkey, Passkey)>>, AppError> {
    let Some(party) = app.passkeys.as_deref() else { return Ok(None) };
    let Some(state) = take(conn, user, session, CeremonyKind::Authentication, ceremony, now)? else { return Ok(None) };
    let known = stored::of_user(conn, &user.id)?;
    let (id, used) = match party.judge(&state, credential) {
        Ok(used) => (used.id(), Some(used)),
        Err(PasskeyRefused::CounterBackwards { credential_id }) => (credential_id, None),
        Err(wrong) => {
            log(wrong);
            return Ok(None);
        }
    };
    // Removed or refused since the challenge, it counts no more.
    let passkey = known.into_iter().find(|passkey| passkey.credential_id == id && passkey.refused_at.is_none());
    let Some(before) = passkey else { return Ok(None) };
    // The challenge knew the counter of its own moment; another use may have come between.
    let advances = |counter: u32| counter > before.counter || (counter == 0 && before.counter == 0);
    let Some(used) = used.filter(|used| advances(used.counter())) else {
        stored::refuse(conn, &before.id, now)?;
        let act = Act { action: "passkey.counter_backwards", object: before.id.as_str(), ..Act::default() };
        audit::record(conn, now, By::user(&user.id, &user.unit), &act)?;
        return Ok(None);
    };
    let key = PublicKey::parse(&before.credential).map_err(corrupt)?.after(&used);
    let after = Passkey {
        credential: key.text().map_err(corrupt)?,
        counter: used.counter(),
        used_at: Some(now),
        ..before.clone()
    };
    Ok(Some(Box::new((before, after))))
}

/// The caller's passkeys.
pub fn list(conn: &mut Conn, actor: &Actor) -> Result<Vec<Passkey>, AppError> {
    in_person(actor)?;
    Ok(stored::of_user(conn, &actor.user)?)
}

/// Gives one of the caller's passkeys another name.
pub fn rename(conn: &mut Conn, app: &App, actor: &Actor, id: &PasskeyId, name: &str) -> Result<(), AppError> {
    in_person(actor)?;
    let now = app.clock.now(conn)?;
    stored::rename(conn, &actor.user, id, &name_of(name)?)?;
    audit::record(conn, now, actor, &Act { action: "passkey.renamed", object: id.as_str(), ..Act::default() })
}

/// Removes one of the caller's passkeys, never the last factor; the account's other sessions end.
pub fn remove(conn: &mut Conn, app: &App, actor: &Actor, id: &PasskeyId) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    factors::fresh(actor, now)?;
    factor_rows::hold(conn, &actor.user)?;
    let user = rows::user(conn, &actor.user)?;
    if !stored::of_user(conn, &user.id)?.iter().any(|passkey| passkey.id == *id) {
        return Err(AppError::NotFound);
    }
    factors::one_remains(conn, &user, Some(id))?;
    stored::remove(conn, &user.id, id)?;
    audit::record(conn, now, actor, &Act { action: "passkey.removed", object: id.as_str(), ..Act::default() })?;
    sessions::end_others(conn, actor, now)
}
