//! Sign-in through an identity provider. It says who comes, in place of the password; an account bound to that person is
//! entered, none is ever made. The second factor is still asked here, unless the configuration accepts the provider's. Such a
//! session has no reader key, which only the password opens.
//!
//! Whoever begins is given a secret that does not travel through the provider and must come back with its answer: what the
//! cookie would do for a site whose sessions are cookies. Ours are bearer tokens held by programs, which can keep a secret.

use super::audit::{self, Act, By};
use super::factors::{self, Proof};
use super::passkeys::{self, Begun};
use super::sessions::{self, Opening, in_person};
use super::{App, AppError, random, sign_in};
use crate::channels::openid::{Identity, Kept, Provider, VisitFailed};
use crate::db::access::{self as rows, User};
use crate::db::openid::{self as stored, Binding, Claim, Stage, Visit};
use crate::db::{Conn, DbError, passkeys as passkey_rows};
use crate::domain::actor::{Actor, STEP_UP};
use crate::domain::canonical;
use crate::domain::ids::{BindingId, SessionId};
use crate::sealing::{LinkToken, OsRandom, Secret, SessionToken};
use chrono::{DateTime, TimeDelta, Utc};

/// How long somebody may be away.
const AWAY: TimeDelta = TimeDelta::minutes(5);
/// Visits expected back at once: beginning one takes no account, and each is a row.
const MOST: i64 = 10_000;

/// A visit that begins.
pub struct Begin {
    /// Where the browser goes.
    pub url: String,
    /// Comes back through the provider.
    pub state: Secret<String>,
    /// Stays with whoever began, and is given with the answer.
    pub secret: Secret<String>,
    /// When it is too late.
    pub ends_at: DateTime<Utc>,
}

/// What somebody holds who comes back.
pub struct Ticket {
    /// What came through the provider.
    pub state: String,
    /// What stayed.
    pub secret: String,
}

/// What a code is worth.
pub enum Came {
    /// In.
    In(SessionToken),
    /// Known; a second factor is owed, with a challenge where the account has passkeys.
    FactorOwed(Option<Begun>),
}

impl Ticket {
    fn claim(&self) -> Result<Claim, AppError> {
        let digest = |text: &str| LinkToken::parse(text).map(|token| token.digest().to_hex());
        let (Ok(state), Ok(secret)) = (digest(&self.state), digest(&self.secret)) else {
            return Err(AppError::Unauthenticated);
        };
        Ok(Claim { state, secret })
    }
}

fn provider(app: &App) -> Result<&Provider, AppError> {
    app.openid.as_deref().ok_or(AppError::Conflict { code: "openid-off" })
}

fn place(claim: &Claim) -> String {
    format!("openid {}", claim.state)
}

/// Sends somebody to the provider: to sign in, or from their session to bind their account.
pub async fn begin(app: &App, actor: Option<Actor>) -> Result<Begin, AppError> {
    if let Some(actor) = actor.clone() {
        let context = app.clone();
        app.db.read(move |conn| factors::fresh(&actor, context.clock.now(conn)?).map(drop)).await?;
    }
    let provider = provider(app)?;
    let (state, secret) = (LinkToken::generate(&mut OsRandom), LinkToken::generate(&mut OsRandom));
    let (state_text, secret_text) = (state.text(), secret.text());
    let departure = provider.depart(state_text.expose()).await.map_err(failed)?;
    let claim = Claim { state: state.digest().to_hex(), secret: secret.digest().to_hex() };
    let kept = format!("{} {}", departure.kept.nonce, departure.kept.verifier);
    let sealed = app.key.seal(&place(&claim), kept.as_bytes(), random::bytes());
    let sealed = canonical::hex(&sealed.ok_or_else(|| AppError::Broken("sealing".to_owned()))?);
    let context = app.clone();
    let ends_at = app
        .db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            if stored::open_visits(conn, now)? >= MOST {
                return Err(AppError::TooMany { retry_after: 60 });
            }
            let session = actor.as_ref().map(in_person).transpose()?;
            stored::expect(conn, &claim, session, &sealed, now + AWAY, now)?;
            if let Some(actor) = &actor {
                let act = Act { action: "openid.asked", object: actor.user.as_str(), ..Act::default() };
                audit::record(conn, now, actor, &act)?;
            }
            Ok(now + AWAY)
        })
        .await?;
    Ok(Begin { url: departure.url, state: state_text, secret: secret_text, ends_at })
}

fn failed(why: VisitFailed) -> AppError {
    match why {
        VisitFailed::Down(cause) => {
            tracing::error!(event = "openid.down", %cause);
            AppError::ProviderDown
        }
        VisitFailed::Refused { reason, detail } => {
            tracing::warn!(event = "openid.refused", reason, %detail);
            AppError::Unauthenticated
        }
    }
}

fn note(conn: &mut Conn, now: DateTime<Utc>, by: By, reason: &str, person: &str) -> Result<(), AppError> {
    audit::record(conn, now, by, &Act { action: "openid.refused", reason, payload: person, ..Act::default() })
}

/// How the audit's digests name a person.
fn person(who: &Identity) -> String {
    format!("{} {}", who.issuer, who.subject)
}

/// Lets nobody else bring a code for this visit, then asks the provider who it is. What fails is recorded.
async fn identify(app: &App, ticket: &Ticket, actor: Option<&Actor>, code: &str) -> Result<Identity, AppError> {
    let provider = provider(app)?;
    let claim = ticket.claim()?;
    let session = actor.map(in_person).transpose()?.cloned();
    let by = actor.map_or_else(|| By::service("openid"), By::from);
    let noted = by.clone();
    let context = app.clone();
    let back = app
        .db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            let visit = stored::visit(conn, &claim, Stage::Away, now)?;
            let ours = |visit: &Visit| visit.session.as_deref() == session.as_ref().map(SessionId::as_str);
            let moved = match visit.filter(ours) {
                Some(visit) => match stored::advance(conn, &claim, Stage::Away, Stage::Back, None) {
                    Err(DbError::Stale) => None,
                    moved => Some(moved.map(|()| visit)?),
                },
                None => None,
            };
            let Some(visit) = moved else {
                note(conn, now, by, "unknown-visit", "")?;
                return Ok::<_, AppError>(None);
            };
            let kept =
                canonical::unhex(&visit.sealed).and_then(|sealed| context.key.open_sealed(&place(&claim), &sealed));
            let kept = kept.and_then(|kept| {
                let text = std::str::from_utf8(&kept).ok()?;
                let (nonce, verifier) = text.split_once(' ')?;
                Some(Kept { nonce: nonce.to_owned(), verifier: verifier.to_owned() })
            });
            Ok(Some((kept.ok_or_else(|| AppError::Broken("openid visit".to_owned()))?, now)))
        })
        .await?;
    let Some((kept, now)) = back else { return Err(AppError::Unauthenticated) };
    let identity = provider.identify(code, &kept, now).await;
    if let Err(why) = &identity {
        let reason = match why {
            VisitFailed::Down(_) => "provider-down",
            VisitFailed::Refused { reason, .. } => reason,
        };
        let claim = ticket.claim()?;
        app.db
            .write(move |conn| {
                stored::end(conn, &claim, Stage::Back)?;
                note(conn, now, noted, reason, "")
            })
            .await?;
    }
    identity.map_err(failed)
}

/// The open account of a person: the bound one, or the one their verified address names, bound now.
fn account(
    conn: &mut Conn,
    app: &App,
    who: &Identity,
    now: DateTime<Utc>,
) -> Result<Result<User, &'static str>, AppError> {
    let user = if let Some(binding) = stored::of_person(conn, &who.issuer, &who.subject)? {
        stored::record_use(conn, &binding.id, now)?;
        rows::user(conn, &binding.user)?
    } else {
        let domain = &app.config.openid.email_domain;
        let login = who.email.as_deref().and_then(|email| email.rsplit_once('@'));
        let login =
            login.filter(|(_, at)| !domain.is_empty() && at.eq_ignore_ascii_case(domain)).map(|(login, _)| login);
        let Some(login) = login else { return Ok(Err("unknown-person")) };
        let user = match rows::user_by_login(conn, &login.to_ascii_lowercase()) {
            Err(DbError::NotFound) => return Ok(Err("unknown-person")),
            found => found?,
        };
        if stored::of_user(conn, &user.id)?.is_some() {
            return Ok(Err("bound-to-another-person"));
        }
        if !is_open(conn, &user)? {
            return Ok(Err("account-closed"));
        }
        bind(conn, &user, who, By::user(&user.id, &user.unit), now)?;
        user
    };
    Ok(if is_open(conn, &user)? { Ok(user) } else { Err("account-closed") })
}

/// Activated, not closed, and not waiting for a new factor after a reset.
fn is_open(conn: &mut Conn, user: &User) -> Result<bool, DbError> {
    let factor = user.totp_sealed.is_some() || !passkey_rows::of_user(conn, &user.id)?.is_empty();
    Ok(user.disabled_at.is_none() && user.password_hash.is_some() && factor)
}

fn bind(conn: &mut Conn, user: &User, who: &Identity, by: By, now: DateTime<Utc>) -> Result<Binding, AppError> {
    let binding = Binding {
        id: BindingId::from_parts(now, random::bytes()),
        user: user.id.clone(),
        issuer: who.issuer.clone(),
        subject: who.subject.clone(),
        used_at: None,
        created_at: now,
    };
    stored::bind(conn, &binding).map_err(|e| match e {
        DbError::Conflict => AppError::Conflict { code: "openid-bound" },
        other => other.into(),
    })?;
    let act = Act { action: "openid.bound", object: binding.id.as_str(), payload: &person(who), ..Act::default() };
    audit::record(conn, now, by, &act)?;
    Ok(binding)
}

/// Brings the provider's code: a session, or a second factor owed.
pub async fn bring_code(app: &App, ticket: Ticket, code: &str) -> Result<Came, AppError> {
    let who = identify(app, &ticket, None, code).await?;
    let claim = ticket.claim()?;
    let (token, kept) = sessions::new_token()?;
    let context = app.clone();
    let came = app
        .db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            let user = match account(conn, &context, &who, now)? {
                Ok(user) => user,
                Err(reason) => {
                    stored::end(conn, &claim, Stage::Back)?;
                    note(conn, now, By::service("openid"), reason, &person(&who))?;
                    return Ok(None);
                }
            };
            if who.vouched {
                stored::end(conn, &claim, Stage::Back)?;
                // Fresh only as far as the provider says when it asked.
                let factor_at = who.proved_at.unwrap_or(now - STEP_UP - TimeDelta::seconds(1)).min(now);
                enter(conn, &user, &kept, factor_at, "openid and its factor", now)?;
                return Ok(Some(Came::In(token)));
            }
            stored::advance(conn, &claim, Stage::Back, Stage::Identified, Some(&user.id))?;
            let act = Act { action: "openid.identified", object: user.id.as_str(), ..Act::default() };
            audit::record(conn, now, By::user(&user.id, &user.unit), &act)?;
            Ok(Some(Came::FactorOwed(match passkeys::ask(conn, &context, &user, None, now) {
                Ok(begun) => Some(begun),
                Err(AppError::Conflict { .. }) => None,
                Err(other) => return Err(other),
            })))
        })
        .await?;
    came.ok_or(AppError::Unauthenticated)
}

fn enter(
    conn: &mut Conn,
    user: &User,
    token: &SessionToken,
    factor_at: DateTime<Utc>,
    means: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let id = sessions::open(conn, user, &Opening { token, reader: None, factor_at, ends_at: None }, now)?;
    let act = Act { action: "session.opened", object: id.as_str(), reason: means, ..Act::default() };
    audit::record(conn, now, By::user(&user.id, &user.unit), &act)
}

/// Gives the second factor that was owed. A wrong one is counted and may be followed by another until the visit ends.
pub async fn bring_factor(app: &App, ticket: Ticket, proof: Proof) -> Result<SessionToken, AppError> {
    provider(app)?;
    let claim = ticket.claim()?;
    let (token, kept) = sessions::new_token()?;
    let context = app.clone();
    let entered = app
        .db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            let visit = stored::visit(conn, &claim, Stage::Identified, now)?;
            let Some(id) = visit.and_then(|visit| visit.user) else { return Ok(false) };
            let user = sign_in::attempt(conn, &id, now)?;
            if !is_open(conn, &user)? {
                return Ok(false);
            }
            let Some(accepted) = factors::spend(conn, &context, &user, None, &proof, now)? else { return Ok(false) };
            stored::end(conn, &claim, Stage::Identified)?;
            enter(conn, &user, &kept, now, &format!("openid and {}", accepted.code()), now)?;
            Ok::<_, AppError>(true)
        })
        .await?;
    if entered { Ok(token) } else { Err(AppError::Unauthenticated) }
}

/// Binds the caller's account to the person the provider names; the account's other sessions end.
pub async fn bind_own(app: &App, actor: Actor, ticket: Ticket, code: &str) -> Result<Binding, AppError> {
    let (context, who) = (app.clone(), actor.clone());
    app.db.read(move |conn| factors::fresh(&who, context.clock.now(conn)?).map(drop)).await?;
    let who = identify(app, &ticket, Some(&actor), code).await?;
    let claim = ticket.claim()?;
    let context = app.clone();
    app.db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            stored::end(conn, &claim, Stage::Back)?;
            let user = rows::user(conn, &actor.user)?;
            let binding = bind(conn, &user, &who, (&actor).into(), now)?;
            sessions::end_others(conn, &actor, now)?;
            Ok(binding)
        })
        .await
}

/// The caller's binding.
pub fn own(conn: &mut Conn, actor: &Actor) -> Result<Option<Binding>, AppError> {
    in_person(actor)?;
    Ok(stored::of_user(conn, &actor.user)?)
}

/// Ends the caller's binding.
pub fn unbind(conn: &mut Conn, app: &App, actor: &Actor) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    factors::fresh(actor, now)?;
    if !stored::forget(conn, &actor.user)? {
        return Err(AppError::NotFound);
    }
    audit::record(conn, now, actor, &Act { action: "openid.unbound", object: actor.user.as_str(), ..Act::default() })?;
    sessions::end_others(conn, actor, now)
}
