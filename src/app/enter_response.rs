//! Answers that do not come through the form: typed in by a clerk (telephone, letter, counter), sent by a program, by mail
//! or by a platform. All become the one model, sealed before anything is stored, with a receipt and a thread of their own.

use super::audit::{self, Act};
use super::intake::{self, Place, RefusedFile, Sent, Upload};
use super::respond::Told;
use super::{App, AppError, random};
use crate::db::appeals;
use crate::domain::actor::{Actor, Permission};
use crate::domain::canonical;
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, ResponseId};
use crate::domain::language::Language;
use crate::sealing::ReceiptCode;
use serde_json::json;
use std::sync::Arc;

/// The ways besides the form.
pub const CHANNELS: [&str; 4] = ["phone", "letter", "counter", "api"];

/// What came in.
pub struct Entry {
    /// One of [`CHANNELS`], `mail` or `messenger`.
    pub channel: &'static str,
    /// What names it on its own way (a request key, a message id): the same one twice is one answer. Empty: it is new.
    pub known_as: String,
    /// What was said.
    pub told: Told,
    /// What came with it.
    pub files: Vec<Upload>,
}

/// The appeal under an address, in whichever language it is out.
pub(super) async fn place(app: &App, slug: &str, wanted: Option<Language>) -> Result<Arc<Place>, AppError> {
    for language in wanted.into_iter().chain([Language::Fr, Language::Nl, Language::De]) {
        match app.intake.place(app, language, slug).await {
            Err(AppError::NotFound) => {}
            other => return other,
        }
    }
    Err(AppError::NotFound)
}

/// Takes an entry in; `Conflict` when it came before. The first file that cannot be kept is named.
pub(super) async fn take(
    app: &App,
    place: &Place,
    entry: Entry,
) -> Result<Result<(ReceiptCode, ResponseId), RefusedFile>, AppError> {
    let files = match intake::check(app, entry.files).await? {
        Ok(files) => files,
        Err(refused) => return Ok(Err(refused)),
    };
    let token = if entry.known_as.is_empty() {
        format!("entry.{}", canonical::hex(&random::bytes::<16>()))
    } else {
        format!("entry.{}", canonical::digest(&json!([entry.channel, entry.known_as])))
    };
    let sent = Sent { channel: entry.channel, token: &token, nonce: "", from: None, told: &entry.told, files: &files };
    intake::receive_numbered(app, place, &sent).await.map(Ok)
}

/// Takes in what an officer or a program of the unit enters; the receipt code is theirs to hand to the sender.
pub async fn enter(
    app: &App,
    actor: &Actor,
    appeal: &AppealId,
    language: Option<Language>,
    mut entry: Entry,
) -> Result<(ReceiptCode, ResponseId), AppError> {
    let (context, who, id) = (app.clone(), actor.clone(), appeal.clone());
    let found = app.db.read(move |conn| {
        let now = context.clock.now(conn)?;
        who.may(Permission::EnterResponses, now)?;
        Ok::<_, AppError>(appeals::of_unit(conn, &id, &who.unit)?)
    });
    let found = found.await?;
    if found.outcome.is_some() {
        return Err(AppError::Conflict { code: "appeal-closed" });
    }
    let place = place(app, &found.slug, language).await.map_err(|e| match e {
        AppError::NotFound => AppError::Conflict { code: "appeal-not-out" },
        other => other,
    })?;
    if !entry.known_as.is_empty() {
        entry.known_as = format!("{} {}", actor.user, entry.known_as);
    }
    let channel = entry.channel;
    let (receipt, response) = take(app, &place, entry)
        .await?
        .map_err(|refused| AppError::from(vec![Fault::at("/files", refused.fault.code())]))?;
    let (context, who, id) = (app.clone(), actor.clone(), response.clone());
    app.db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            let act = Act { action: "response.entered", object: id.as_str(), reason: channel, ..Act::default() };
            audit::record(conn, now, &who, &act)
        })
        .await?;
    Ok((receipt, response))
}
