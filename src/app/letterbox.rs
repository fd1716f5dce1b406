//! Mails that name no appeal, or one that ended: sealed as they came to a key of their unit, opened by a reader with a reason,
//! and brought to the appeal they are about by the same way a mail takes that was addressed rightly. The audit keeps who
//! opened, routed or removed one, and why.
//!
//! # What a captured process could read
//! The mails that pass through it while it is captured. It holds the public half of the letterbox's key only; the private
//! half is kept wrapped for each reader, as an appeal's is. A thief of the database learns how many mails lie there and when
//! they came; of the files, how long each is to the next 16 KiB.

use super::access::Caller;
use super::audit::{self, Act, By};
use super::inbound_mail::{self, Letter, Summary};
use super::respond::sealing;
use super::work_response::REASON;
use super::{App, AppError, factors, random};
use crate::db::letterbox::{self as rows, Kept, Letterbox};
use crate::db::{Conn, DbError, access, appeals};
use crate::domain::actor::{Permission, Role};
use crate::domain::canonical;
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, LetterId, LetterboxId, UnitId, UserId};
use crate::domain::place::Country;
use crate::media::{StoreError, digest_of};
use crate::sealing::{
    AppealKeyPair, AppealPrivateKey, AppealPublicKey, AttachmentKey, OsRandom, ReaderPublicKey, RecoveryPublicKey,
    SealContext, Sealed, Secret, WrappedAppealKey, open, seal, unwrap_for_reader, wrap_for_reader, wrap_for_recovery,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

const SCHEMA: u16 = 1;
/// Mails removed in one transaction when their time is over.
const STEP: i64 = 100;

fn context<'a>(letterbox: &'a LetterboxId, unit: &'a UnitId, id: &'a LetterId, field: &'a str) -> SealContext<'a> {
    SealContext {
        unit: unit.as_str(),
        appeal: letterbox.as_str(),
        response: id.as_str(),
        field,
        schema_version: SCHEMA,
    }
}

/// The unit whose letterbox takes what names no appeal: the configured one, else the only one there is.
fn unit_in(conn: &mut Conn, app: &App) -> Result<Option<access::Unit>, DbError> {
    let named = app.config.responses.letterbox_unit.trim();
    let mut units = access::all_units(conn)?;
    if named.is_empty() {
        return Ok(if units.len() == 1 { units.pop() } else { None });
    }
    Ok(units.into_iter().find(|unit| unit.id.as_str() == named || unit.name == named))
}

/// Whose letterbox there is.
pub async fn unit(app: &App) -> Result<Option<UnitId>, AppError> {
    let context = app.clone();
    app.db.read(move |conn| Ok::<_, AppError>(unit_in(conn, &context)?.map(|unit| unit.id))).await
}

/// Whose wall clock and whose numbers its senders are told.
pub(super) async fn country(app: &App) -> Result<Option<Country>, AppError> {
    let context = app.clone();
    app.db.read(move |conn| Ok::<_, AppError>(unit_in(conn, &context)?.map(|unit| unit.country))).await
}

/// The letterbox; made when the first mail comes, its key wrapped for everybody who reads responses in the unit.
fn of(conn: &mut Conn, app: &App, unit: &UnitId, now: DateTime<Utc>) -> Result<Letterbox, AppError> {
    if let Some(known) = rows::of_unit(conn, unit)? {
        return Ok(known);
    }
    let keys = AppealKeyPair::generate(&mut OsRandom);
    let made = Letterbox {
        id: LetterboxId::from_parts(now, random::bytes()),
        unit: unit.clone(),
        public_key: keys.public().as_bytes().to_vec(),
    };
    rows::add(conn, &made, now)?;
    let mut readers = 0;
    for user in access::users_of(conn, unit)? {
        let Some(public) = user.reader_public.as_deref().filter(|_| user.roles.contains(&Role::Responder)) else {
            continue;
        };
        give(conn, &made.id, keys.private(), public, &user.id, now)?;
        readers += 1;
    }
    let recovery = &app.config.keys.recovery_public_key;
    if readers == 0 && recovery.is_empty() {
        // Sealed to nobody is thrown away: the mail server keeps it until somebody can read it.
        return Err(AppError::Unavailable(format!("letterbox: nobody of {unit} reads responses yet")));
    }
    if !recovery.is_empty() {
        let public = RecoveryPublicKey::from_text(recovery).map_err(sealing)?;
        let wrapped = wrap_for_recovery(keys.private(), &public, made.id.as_str(), &mut OsRandom).map_err(sealing)?;
        rows::add_key(conn, &made.id, "recovery", wrapped.as_bytes(), now)?;
    }
    let act = Act { action: "letterbox.made", object: made.id.as_str(), ..Act::default() };
    audit::record(conn, now, By::of_unit("public", unit), &act)?;
    Ok(made)
}

fn give(
    conn: &mut Conn,
    id: &LetterboxId,
    key: &AppealPrivateKey,
    public: &[u8],
    reader: &UserId,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let public = ReaderPublicKey::from_slice(public).map_err(sealing)?;
    let wrapped = wrap_for_reader(key, &public, id.as_str(), reader.as_str(), &mut OsRandom).map_err(sealing)?;
    Ok(rows::add_key(conn, id, reader.as_str(), wrapped.as_bytes(), now)?)
}

/// Keeps a mail; whether it is new. Durable when it returns.
pub(super) async fn keep(app: &App, letter: &Letter<'_>) -> Result<bool, AppError> {
    let context_ = app.clone();
    let (letterbox, now) = app
        .db
        .write(move |conn| {
            let now = context_.clock.now(conn)?;
            let unit = unit_in(conn, &context_)?.ok_or(AppError::NotFound)?;
            Ok::<_, AppError>((of(conn, &context_, &unit.id, now)?, now))
        })
        .await?;
    let id = LetterId::from_parts(now, random::bytes());
    let key = AttachmentKey::generate(&mut OsRandom);
    let bound = |field: &'static str| context(&letterbox.id, &letterbox.unit, &id, field);
    let sealed = key.seal(&bound("mail"), letter.raw(), &mut OsRandom).map_err(sealing)?;
    let content = digest_of(&sealed);
    let public = AppealPublicKey::from_slice(&letterbox.public_key).map_err(sealing)?;
    let sealed_key = seal(&public, &bound("key"), key.expose(), &mut OsRandom).map_err(sealing)?.into_bytes();
    let named = format!("{} {}", letterbox.id, letter.known_as());
    let mail = Kept {
        known_as: canonical::digest(&json!(named)),
        letterbox: letterbox.id.clone(),
        unit: letterbox.unit.clone(),
        sealed_key,
        content: content.clone(),
        received_at: now,
        id: id.clone(),
    };
    // In the store before the row that names it.
    app.media.put(&content, sealed).await.map_err(|e| AppError::Unavailable(e.to_string()))?;
    let kept = app
        .db
        .write(move |conn| {
            let new = rows::keep(conn, &mail)?;
            if new {
                let act = Act { action: "letter.received", object: mail.id.as_str(), ..Act::default() };
                audit::record(conn, now, By::of_unit("public", &mail.unit), &act)?;
            }
            Ok::<_, AppError>(new)
        })
        .await?;
    if !kept {
        forget(app, &content).await;
    }
    Ok(kept)
}

async fn forget(app: &App, content: &str) {
    if let Err(cause) = app.media.delete(content).await {
        tracing::warn!(event = "letterbox.forget", %cause);
    }
}

/// The unit's mails that wait, oldest first, without opening them.
pub fn list(conn: &mut Conn, app: &App, caller: &Caller, after: &str, limit: i64) -> Result<Vec<Kept>, AppError> {
    let now = app.clock.now(conn)?;
    caller.actor.may(Permission::ReadResponses, now)?;
    Ok(rows::list(conn, &caller.actor.unit, after, limit)?)
}

fn stated(reason: &str) -> Result<&str, AppError> {
    let reason = reason.trim();
    if REASON.contains(&reason.chars().count()) {
        Ok(reason)
    } else {
        Err(vec![Fault::at("/reason", "reading-reason")].into())
    }
}

fn private(conn: &mut Conn, caller: &Caller, id: &LetterboxId) -> Result<AppealPrivateKey, AppError> {
    let refused = || AppError::Forbidden { code: "no-reader-key" };
    let reader = caller.reader_key().ok_or_else(refused)?;
    let wrapped = rows::key_for(conn, id, &caller.actor.user).map_err(|e| match e {
        DbError::NotFound => refused(),
        other => other.into(),
    })?;
    let wrapped = WrappedAppealKey::from_bytes(wrapped);
    unwrap_for_reader(&wrapped, &reader, id.as_str(), caller.actor.user.as_str()).map_err(sealing)
}

/// The key to one mail, after the audit has it why.
fn ask(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    id: &LetterId,
    action: &str,
    reason: &str,
) -> Result<(Kept, AttachmentKey), AppError> {
    let now = app.clock.now(conn)?;
    caller.actor.may(Permission::ReadResponses, now)?;
    let reason = stated(reason)?;
    let mail = rows::mail(conn, &caller.actor.unit, id)?;
    let private = private(conn, caller, &mail.letterbox)?;
    let sealed = Sealed::from_bytes(mail.sealed_key.clone());
    let opened = open(&private, &context(&mail.letterbox, &mail.unit, id, "key"), &sealed).map_err(sealing)?;
    let key = AttachmentKey::from_slice(opened.expose()).map_err(sealing)?;
    audit::record(conn, now, &caller.actor, &Act { action, object: id.as_str(), reason, ..Act::default() })?;
    Ok((mail, key))
}

async fn fetch(app: &App, mail: &Kept, key: &AttachmentKey) -> Result<Secret<Vec<u8>>, AppError> {
    let damaged = || AppError::Conflict { code: "file-damaged" };
    let sealed = match app.media.get(&mail.content).await {
        Ok(found) => found.ok_or_else(damaged)?,
        Err(StoreError::Damaged(_)) => return Err(damaged()),
        Err(other) => return Err(AppError::Unavailable(other.to_string())),
    };
    key.open(&context(&mail.letterbox, &mail.unit, &mail.id, "mail"), &sealed).map_err(|_| damaged())
}

/// Opens a mail; the audit has it, with the reason, before a word is shown.
pub async fn read(app: &App, caller: &Caller, id: &LetterId, reason: &str) -> Result<(Kept, Summary), AppError> {
    let (context, who, wanted, reason) = (app.clone(), caller.clone(), id.clone(), reason.to_owned());
    let (mail, key) = app.db.write(move |conn| ask(conn, &context, &who, &wanted, "letter.read", &reason)).await?;
    let raw = fetch(app, &mail, &key).await?;
    let letter = Letter::read(raw.expose(), None).ok_or(AppError::Conflict { code: "file-damaged" })?;
    Ok((mail, letter.summary()))
}

/// Brings a mail to an appeal of the unit that is out, by the way mails take; then it is gone from the letterbox. Done twice
/// it is one response: what is known there is not taken again.
pub async fn route(app: &App, caller: &Caller, id: &LetterId, appeal: &AppealId, reason: &str) -> Result<(), AppError> {
    let (context, who, wanted, reason) = (app.clone(), caller.clone(), id.clone(), reason.to_owned());
    let target = appeal.clone();
    let (mail, key, slug) = app
        .db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            who.actor.may(Permission::AnswerResponses, now)?;
            let appeal = appeals::of_unit(conn, &target, &who.actor.unit)?;
            let (mail, key) = ask(conn, &context, &who, &wanted, "letter.opened_to_route", &reason)?;
            Ok::<_, AppError>((mail, key, appeal.slug))
        })
        .await?;
    let place = super::enter_response::place(app, &slug, None).await.map_err(|e| match e {
        AppError::NotFound => AppError::Conflict { code: "appeal-not-out" },
        other => other,
    })?;
    if !place.is_shown(app) {
        return Err(AppError::Conflict { code: "appeal-not-out" });
    }
    let raw = fetch(app, &mail, &key).await?;
    let letter = Letter::read(raw.expose(), None).ok_or(AppError::Conflict { code: "file-damaged" })?;
    inbound_mail::into_appeal(app, &place, &letter).await?;
    let (context, who, target, gone) = (app.clone(), caller.clone(), appeal.to_string(), mail.id.clone());
    app.db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            rows::remove(conn, &gone)?;
            let act = Act { action: "letter.routed", object: gone.as_str(), reason: &target, ..Act::default() };
            audit::record(conn, now, &who.actor, &act)
        })
        .await?;
    forget(app, &mail.content).await;
    Ok(())
}

/// Removes a mail for good, with a reason and a fresh factor.
pub async fn remove(app: &App, caller: &Caller, id: &LetterId, reason: &str) -> Result<(), AppError> {
    let (context, who, wanted, reason) = (app.clone(), caller.clone(), id.clone(), reason.to_owned());
    let content = app
        .db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            who.actor.may(Permission::AnswerResponses, now)?;
            let reason = stated(&reason)?;
            let mail = rows::mail(conn, &who.actor.unit, &wanted)?;
            factors::fresh(&who.actor, now)?;
            rows::remove(conn, &wanted)?;
            let act = Act { action: "letter.removed", object: wanted.as_str(), reason, ..Act::default() };
            audit::record(conn, now, &who.actor, &act)?;
            Ok::<_, AppError>(mail.content)
        })
        .await?;
    forget(app, &content).await;
    app.db.settle().await?;
    Ok(())
}

/// Lets another account of the unit read its letterbox; by somebody who does, with a fresh factor.
pub fn add_reader(conn: &mut Conn, app: &App, caller: &Caller, reader: &UserId) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    caller.actor.may(Permission::ReadResponses, now)?;
    factors::fresh(&caller.actor, now)?;
    let unknown = || AppError::from(vec![Fault::at("/user", "unknown-value").with("value", reader)]);
    let letterbox = rows::of_unit(conn, &caller.actor.unit)?.ok_or(AppError::NotFound)?;
    let user = access::user(conn, reader).map_err(|_| unknown())?;
    let public = user.reader_public.clone().ok_or_else(unknown)?;
    if user.unit != caller.actor.unit || !user.roles.contains(&Role::Responder) {
        return Err(AppError::Conflict { code: "reader-without-grant" });
    }
    let key = private(conn, caller, &letterbox.id)?;
    give(conn, &letterbox.id, &key, &public, reader, now)?;
    let act = Act {
        action: "letterbox.reader_added",
        object: letterbox.id.as_str(),
        reason: reader.as_str(),
        ..Act::default()
    };
    audit::record(conn, now, &caller.actor, &act)
}

/// Removes what nobody found a place for in the days that responses are kept.
pub async fn sweep(app: &App) -> Result<(), AppError> {
    let days = TimeDelta::days(app.config.responses.retention_days.into());
    loop {
        let context = app.clone();
        let gone = app
            .db
            .write(move |conn| {
                let now = context.clock.now(conn)?;
                let old = rows::older(conn, now - days, STEP)?;
                for mail in &old {
                    rows::remove(conn, &mail.id)?;
                    let act = Act { action: "letter.expired", object: mail.id.as_str(), ..Act::default() };
                    audit::record(conn, now, By::of_unit("retention", &mail.unit), &act)?;
                }
                Ok::<_, AppError>(old)
            })
            .await?;
        for mail in &gone {
            forget(app, &mail.content).await;
        }
        if gone.is_empty() {
            return Ok(());
        }
        app.db.settle().await?;
    }
}
