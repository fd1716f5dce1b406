//! Accounts on outside platforms: credentials that go in and never come out again, few holders, a warning before one
//! expires, and a register of the names that are ours or pretend to be.

use super::audit::{self, Act};
use super::{App, AppError, random};
use crate::db::channel_accounts::{self as rows, Account, Change, Name};
use crate::db::{Conn, DbError, access};
use crate::domain::account_name::{Standing, is_name, looks_like};
use crate::domain::actor::{Actor, Permission};
use crate::domain::faults::Fault;
use crate::domain::ids::{ChannelId, ChannelNameId, UserId};
use crate::domain::language::Language;
use chrono::{DateTime, TimeDelta, Utc};

/// How long before its end a credential is warned about (security-and-ops section 5).
const WARNING: TimeDelta = TimeDelta::days(14);
/// Platforms whose accounts can be kept here.
pub const PLATFORMS: [&str; 9] =
    ["facebook", "instagram", "x", "bluesky", "mastodon", "google-ads", "meta-ads", "x-ads", "whatsapp"];

/// What should be done about a credential now; none when all is well.
#[must_use]
pub fn warning(account: &Account, now: DateTime<Utc>) -> Option<&'static str> {
    if account.status != "active" {
        return None;
    }
    match account.expires_at {
        _ if account.last_four.is_empty() => Some("no-credential"),
        Some(at) if at <= now => Some("expired"),
        Some(at) if at - now <= WARNING => Some("expires-soon"),
        _ => None,
    }
}

fn note(
    conn: &mut Conn,
    actor: &Actor,
    action: &str,
    object: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    audit::record(conn, now, actor, &Act { action, object, reason, ..Act::default() })
}

fn platform(text: &str) -> Result<String, Fault> {
    let known = PLATFORMS.contains(&text);
    if known { Ok(text.to_owned()) } else { Err(Fault::at("/platform", "unknown-value").with("value", text)) }
}

/// Adds an account; its name joins the register as owned.
pub fn add(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    on: &str,
    name: &str,
    language: &str,
) -> Result<Account, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ManageChannels, now)?;
    let mut faults = Vec::new();
    let on = platform(on).map_err(|fault| faults.push(fault)).unwrap_or_default();
    if !is_name(name) {
        faults.push(Fault::at("/name", "account-name"));
    }
    if Language::parse(language).is_err() {
        faults.push(Fault::at("/language", "unknown-language"));
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let account = Account {
        id: ChannelId::from_parts(now, random::bytes()),
        unit: actor.unit.clone(),
        platform: on.clone(),
        name: name.trim().to_owned(),
        language: language.to_owned(),
        status: "active".to_owned(),
        last_four: String::new(),
        expires_at: None,
        version: 1,
    };
    rows::add(conn, &account, now)?;
    if !rows::names(conn, &actor.unit)?.iter().any(|known| known.platform == on && known.name == account.name) {
        let owned = Name {
            id: ChannelNameId::from_parts(now, random::bytes()),
            platform: on,
            name: account.name.clone(),
            standing: Standing::Owned,
            resembles: String::new(),
            note: String::new(),
        };
        rows::add_name(conn, &actor.unit, &owned, now)?;
    }
    note(conn, actor, "channel.added", account.id.as_str(), "", now)?;
    Ok(account)
}

/// The place that ties a sealed credential to its account.
fn place(id: &ChannelId) -> String {
    format!("channel credential {id}")
}

/// Sets a credential in place of the one before. It can be used by the sender and seen by nobody.
pub fn set_credential(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &ChannelId,
    credential: &str,
    expires_at: Option<DateTime<Utc>>,
) -> Result<Account, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ManageChannels, now)?;
    let account = rows::of_unit(conn, id, &actor.unit)?;
    let length = credential.chars().count();
    if !(8..=8192).contains(&length) {
        let fault = Fault::at("/credential", "out-of-range").with("min", 8).with("max", 8192);
        return Err(vec![fault].into());
    }
    if expires_at.is_some_and(|at| at <= now) {
        return Err(vec![Fault::at("/expires_at", "in-the-past")].into());
    }
    let sealed = app.key.seal(&place(id), credential.as_bytes(), random::bytes());
    let sealed = sealed.ok_or_else(|| AppError::Broken("sealing".to_owned()))?;
    // Of a short secret four characters would be too much of it.
    let shown = if length >= 16 { 4 } else { 0 };
    let last_four: String = credential.chars().skip(length - shown).collect();
    let last_four = if last_four.is_empty() { "****".to_owned() } else { last_four };
    let change = Change { credential: Some(Some(&sealed)), last_four: &last_four, expires_at, status: &account.status };
    rows::change(conn, &account, &change, now)?;
    note(conn, actor, "channel.credential_set", id.as_str(), "", now)?;
    Ok(rows::of_unit(conn, id, &actor.unit)?)
}

/// The credential, for the sender of a delivery and nobody else: opening it is an act.
pub fn open_credential(conn: &mut Conn, app: &App, id: &ChannelId) -> Result<zeroize::Zeroizing<Vec<u8>>, AppError> {
    let now = app.clock.now(conn)?;
    let sealed = rows::credential(conn, id)?.ok_or(AppError::NotFound)?;
    let opened = app.key.open_sealed(&place(id), &sealed);
    let opened = opened.ok_or_else(|| AppError::Broken(format!("credential of {id} does not open")))?;
    let act = Act { action: "channel.credential_used", object: id.as_str(), ..Act::default() };
    audit::record(conn, now, audit::By::service("worker"), &act)?;
    Ok(opened)
}

/// Retires an account and destroys its credential; without step-up, for it is the safe direction.
pub fn retire(conn: &mut Conn, app: &App, actor: &Actor, id: &ChannelId) -> Result<Account, AppError> {
    let now = app.clock.now(conn)?;
    actor.may_look(Permission::ManageChannels, now)?;
    let account = rows::of_unit(conn, id, &actor.unit)?;
    let change = Change { credential: Some(None), last_four: "", expires_at: None, status: "retired" };
    rows::change(conn, &account, &change, now)?;
    note(conn, actor, "channel.retired", id.as_str(), "", now)?;
    Ok(rows::of_unit(conn, id, &actor.unit)?)
}

/// Makes somebody of the unit a holder, as long as there are not too many.
pub fn add_holder(conn: &mut Conn, app: &App, actor: &Actor, id: &ChannelId, user: &UserId) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ManageChannels, now)?;
    rows::of_unit(conn, id, &actor.unit)?;
    let unknown = || AppError::from(vec![Fault::at("/user", "unknown-value").with("value", user)]);
    let holder = access::user(conn, user).map_err(|_| unknown())?;
    if holder.unit != actor.unit || holder.disabled_at.is_some() {
        return Err(unknown());
    }
    let most = usize::try_from(app.config.channels.holders).unwrap_or(usize::MAX);
    if rows::holders(conn, id)?.len() >= most {
        return Err(AppError::Conflict { code: "too-many-holders" });
    }
    rows::add_holder(conn, id, user, now)?;
    note(conn, actor, "channel.holder_added", id.as_str(), user.as_str(), now)
}

/// Takes somebody off the holders; the credential should then be changed on the platform.
pub fn remove_holder(conn: &mut Conn, app: &App, actor: &Actor, id: &ChannelId, user: &UserId) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    actor.may_look(Permission::ManageChannels, now)?;
    rows::of_unit(conn, id, &actor.unit)?;
    rows::remove_holder(conn, id, user)?;
    note(conn, actor, "channel.holder_removed", id.as_str(), user.as_str(), now)
}

/// Adds a name to the register. Without a standing it must look like one of ours, and says which.
pub fn add_name(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    on: &str,
    name: &str,
    standing: Option<Standing>,
    remark: &str,
) -> Result<Name, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ManageChannels, now)?;
    let on = platform(on).map_err(|fault| AppError::from(vec![fault]))?;
    if !is_name(name) || remark.chars().count() > 500 {
        return Err(vec![Fault::at("/name", "account-name")].into());
    }
    let ours = rows::names(conn, &actor.unit)?;
    let resembled = ours.iter().find(|o| o.standing == Standing::Owned && looks_like(name, &o.name));
    let standing = match standing {
        Some(standing) => standing,
        None if resembled.is_some() => Standing::LookAlike,
        None => return Err(vec![Fault::at("/standing", "looks-like-nothing")].into()),
    };
    let named = Name {
        id: ChannelNameId::from_parts(now, random::bytes()),
        platform: on,
        name: name.trim().to_owned(),
        standing,
        resembles: resembled.map(|o| o.name.clone()).unwrap_or_default(),
        note: remark.trim().to_owned(),
    };
    rows::add_name(conn, &actor.unit, &named, now)?;
    note(conn, actor, "channel.name_registered", named.id.as_str(), standing.code(), now)?;
    Ok(named)
}

/// What an operator should know: credentials that are missing, expired or about to.
pub fn standing(app: &App) -> Result<String, String> {
    let looked = app.db.read_now(|conn| {
        let now = app.clock.now(conn)?;
        let all = rows::all(conn, None)?;
        Ok::<_, DbError>((all.len(), all.into_iter().filter_map(|a| Some((warning(&a, now)?, a))).collect::<Vec<_>>()))
    });
    let (known, warned) = looked.map_err(|e| e.to_string())?;
    if warned.is_empty() {
        return Ok(format!("{known} account(s)"));
    }
    let said: Vec<String> = warned.iter().map(|(why, a)| format!("{} {}: {why}", a.platform, a.name)).collect();
    Err(said.join("; "))
}
