//! Filing and editing: the appeal's words, area, pictures and lots. Any change makes earlier decisions void by moving
//! the appeal back to `filed`; everyone who changes something becomes one of its authors.

use super::audit::{self, Act};
use super::reports::receives;
use super::{App, AppError, random, stored_aims};
use crate::db::appeals::{self, Appeal};
use crate::db::{Conn, access, reports};
use crate::domain::actor::{Actor, Permission, Role};
use crate::domain::appeal::Draft;
use crate::domain::area::TargetArea;
use crate::domain::canonical;
use crate::domain::crockford;
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, LotId, MediaId};
use crate::domain::lot::Lot;
use crate::domain::media::Media;
use crate::domain::stage::{Stage, Step};
use crate::sealing::{AppealKeyPair, OsRandom, ReaderPublicKey, RecoveryPublicKey, wrap_for_reader, wrap_for_recovery};
use serde_json::Value;

/// A picture set is a page long, not an archive.
const MAX_MEDIA: usize = 200;

fn places_exist(app: &App, draft: &Draft) -> Result<(), AppError> {
    match draft.subject.sighting() {
        Some(sighting) if !app.gazetteer.exists(&sighting.place) => {
            Err(vec![Fault::at("/subject", "unknown-place").with("value", &sighting.place)].into())
        }
        _ => Ok(()),
    }
}

/// Files an appeal, or keeps it as a draft. Its key pair is made here: the private half leaves this function only
/// wrapped, once for each reader of the unit and once for the recovery key.
pub fn file(conn: &mut Conn, app: &App, actor: &Actor, draft: Draft, keep_draft: bool) -> Result<Appeal, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::WriteAppeals, now)?;
    places_exist(app, &draft)?;
    let stage = if keep_draft { Stage::Draft } else { Stage::Draft.after(Step::File)? };
    let keys = AppealKeyPair::generate(&mut OsRandom);
    let appeal = Appeal {
        id: AppealId::from_parts(now, random::bytes()),
        unit: actor.unit.clone(),
        stage,
        version: 1,
        // Ten digits of base 32: short enough for a poster, and says nothing about anybody.
        slug: crockford::encode(&random::bytes::<6>()),
        draft,
        area: None,
        public_key: keys.public().as_bytes().to_vec(),
        outcome: None,
        created_by: actor.user.clone(),
        created_at: now,
        updated_at: now,
        media: Vec::new(),
        lots: Vec::new(),
        authors: std::iter::once(actor.person.clone()).collect(),
    };
    appeals::add(conn, &appeal, &keys.public().id().to_string())?;
    appeals::add_author(conn, &appeal.id, &actor.person)?;
    wrap_keys(conn, app, &appeal, &keys)?;
    let payload = canonical::digest(&appeal.draft.to_document());
    let action = if keep_draft { "appeal.drafted" } else { "appeal.filed" };
    audit::record(
        conn,
        now,
        actor,
        &Act { action, object: appeal.id.as_str(), version: 1, payload: &payload, reason: "" },
    )?;
    Ok(appeal)
}

fn wrap_keys(conn: &mut Conn, app: &App, appeal: &Appeal, keys: &AppealKeyPair) -> Result<(), AppError> {
    let sealed = |e: crate::sealing::SealError| AppError::Broken(e.to_string());
    let now = appeal.created_at;
    let mut readers = access::users_of(conn, &appeal.unit)?;
    readers.retain(|user| user.roles.contains(&Role::Responder) || user.roles.iter().any(|role| receives(*role)));
    // Reports of illegal content may be another unit's to look at.
    let receiver = reports::receiver(conn, &appeal.unit)?;
    if receiver != appeal.unit {
        let officers = access::users_of(conn, &receiver)?.into_iter();
        readers.extend(officers.filter(|user| user.roles.iter().any(|role| receives(*role))));
    }
    for user in readers {
        let Some(public) = user.reader_public.as_deref() else { continue };
        let public = ReaderPublicKey::from_slice(public).map_err(sealed)?;
        let wrapped = wrap_for_reader(keys.private(), &public, appeal.id.as_str(), user.id.as_str(), &mut OsRandom)
            .map_err(sealed)?;
        appeals::add_key(conn, &appeal.id, user.id.as_str(), wrapped.as_bytes(), now)?;
    }
    let recovery = &app.config.keys.recovery_public_key;
    if !recovery.is_empty() {
        let public = RecoveryPublicKey::from_text(recovery).map_err(sealed)?;
        let wrapped = wrap_for_recovery(keys.private(), &public, appeal.id.as_str(), &mut OsRandom).map_err(sealed)?;
        appeals::add_key(conn, &appeal.id, "recovery", wrapped.as_bytes(), now)?;
    }
    Ok(())
}

/// Reads an appeal for somebody of its unit, and notes that they did.
pub fn consult(conn: &mut Conn, app: &App, actor: &Actor, id: &AppealId) -> Result<Appeal, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    audit::record(
        conn,
        now,
        actor,
        &Act { action: "appeal.read", object: id.as_str(), version: appeal.version, ..Act::default() },
    )?;
    Ok(appeal)
}

/// One change to an appeal: who may, is it the version they saw, does the stage allow it; then the change, its author
/// and its audit entry together.
#[allow(clippy::too_many_arguments, reason = "each is one thing the change is about; a struct would only rename them")]
fn change(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    version: Option<i32>,
    action: &str,
    payload: &Value,
    work: impl FnOnce(&mut Conn, &mut Appeal) -> Result<(), AppError>,
) -> Result<Appeal, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::WriteAppeals, now)?;
    let mut appeal = appeals::of_unit(conn, id, &actor.unit)?;
    if version.is_some_and(|version| version != appeal.version) {
        return Err(AppError::Stale);
    }
    appeal.stage = appeal.stage.after(Step::Edit)?;
    work(conn, &mut appeal)?;
    appeals::save(conn, &mut appeal, now)?;
    stored_aims::ask(conn, &appeal, now)?;
    appeals::add_author(conn, id, &actor.person)?;
    appeal.authors.insert(actor.person.clone());
    let payload = canonical::digest(payload);
    audit::record(
        conn,
        now,
        actor,
        &Act { action, object: id.as_str(), version: appeal.version, payload: &payload, reason: "" },
    )?;
    Ok(appeal)
}

/// Merges a patch (RFC 7396) into what was written; `file` also declares a draft complete.
pub fn edit(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    version: i32,
    patch: &Value,
    file: bool,
) -> Result<Appeal, AppError> {
    change(conn, app, actor, id, Some(version), "appeal.edited", patch, |_, appeal| {
        let mut document = appeal.draft.to_document();
        merge(&mut document, patch);
        appeal.draft = Draft::from_document(&document)?;
        places_exist(app, &appeal.draft)?;
        if file {
            appeal.stage = appeal.stage.after(Step::File)?;
        }
        Ok(())
    })
}

/// JSON merge patch: null removes, objects merge, everything else replaces.
fn merge(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    target.remove(key);
                } else {
                    merge(target.entry(key.clone()).or_insert(Value::Null), value);
                }
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}

/// Sets the target area, resolved beforehand.
pub fn set_area(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    version: i32,
    area: TargetArea,
) -> Result<Appeal, AppError> {
    let document = area.to_document();
    change(conn, app, actor, id, Some(version), "appeal.area_set", &document, |_, appeal| {
        appeal.area = Some(area);
        Ok(())
    })
}

/// Adds a picture, cleaned and stored beforehand.
pub fn add_media(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    mut picture: Media,
) -> Result<(Appeal, Media), AppError> {
    let now = app.clock.now(conn)?;
    picture.id = MediaId::from_parts(now, random::bytes());
    let document = picture.to_document();
    let added = picture.clone();
    let appeal = change(conn, app, actor, id, None, "appeal.media_added", &document, |conn, appeal| {
        if appeal.media.iter().any(|known| known.digest == picture.digest) {
            return Err(AppError::Conflict { code: "picture-known" });
        }
        if appeal.media.len() >= MAX_MEDIA {
            return Err(vec![
                Fault::at("", "too-many-items").with("limit", MAX_MEDIA).with("count", appeal.media.len() + 1),
            ]
            .into());
        }
        let position = i32::try_from(appeal.media.len()).unwrap_or(i32::MAX);
        appeals::add_media(conn, id, &picture, position, now)?;
        appeal.media.push(picture);
        Ok(())
    })?;
    Ok((appeal, added))
}

/// Adds lots; all of them or none.
pub fn add_lots(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    documents: &[Value],
) -> Result<Appeal, AppError> {
    let now = app.clock.now(conn)?;
    let payload = Value::Array(documents.to_vec());
    change(conn, app, actor, id, None, "appeal.lots_added", &payload, |conn, appeal| {
        if !appeal.draft.kind().has_lots() {
            return Err(AppError::Conflict { code: "kind-without-lots" });
        }
        let mut faults = Vec::new();
        for (i, document) in documents.iter().enumerate() {
            let pointer = if documents.len() == 1 { String::new() } else { format!("/{i}") };
            match Lot::from_document(document, &pointer, LotId::from_parts(now, random::bytes())) {
                Ok(lot) if appeal.lots.iter().any(|known| known.number == lot.number) => {
                    faults.push(Fault::at(format!("{pointer}/number"), "number-taken").with("value", lot.number));
                }
                Ok(lot) => {
                    if let Some(unknown) = lot.media.iter().find(|m| !appeal.media.iter().any(|known| known.id == **m))
                    {
                        faults.push(Fault::at(format!("{pointer}/media"), "unknown-value").with("value", unknown));
                        continue;
                    }
                    appeals::add_lot(conn, id, &lot)?;
                    appeal.lots.push(lot);
                }
                Err(more) => faults.extend(more),
            }
        }
        appeal.lots.sort_by_key(|lot| lot.number);
        if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
    })
}
