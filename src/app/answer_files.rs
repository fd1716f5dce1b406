//! An officer's answer with files: sealed like a witness's, and to the thread's key besides, so that whoever holds the receipt
//! code can open them. An answer without files is `work_response`'s.

use super::audit::By;
use super::intake::{self, More, RefusedFile, Upload};
use super::respond::{LONGEST_TEXT, seal_message, sealing};
use super::{App, AppError};
use crate::db::responses;
use crate::domain::actor::{Actor, Permission};
use crate::domain::canonical;
use crate::domain::faults::Fault;
use crate::domain::ids::ResponseId;
use crate::sealing::{AppealPublicKey, ThreadPublicKey};
use serde_json::json;

/// Where in the request the files stand.
const FILES: &str = "/files";

/// Answers the sender; the same `known_as` twice is one answer. The first file that cannot be kept is named.
pub async fn answer(
    app: &App,
    actor: &Actor,
    id: &ResponseId,
    text: &str,
    uploads: Vec<Upload>,
    known_as: &str,
) -> Result<(), AppError> {
    let length = text.trim().chars().count();
    if length > LONGEST_TEXT {
        return Err(vec![Fault::at("/text", "too-long").with("limit", LONGEST_TEXT).with("length", length)].into());
    }
    let (context, who, wanted) = (app.clone(), actor.clone(), id.clone());
    let response = app
        .db
        .read(move |conn| {
            let now = context.clock.now(conn)?;
            who.may(Permission::AnswerResponses, now)?;
            Ok::<_, AppError>(responses::of_unit(conn, &wanted, &who.unit)?)
        })
        .await?;
    let files = intake::check(app, uploads).await?;
    let files = files.map_err(|RefusedFile { fault, .. }| AppError::from(vec![Fault::at(FILES, fault.code())]))?;
    let place = intake::place_of(app, &response).await?;
    let key = AppealPublicKey::from_slice(place.public_key()).map_err(sealing)?;
    let thread = ThreadPublicKey::from_slice(&response.thread_public).map_err(sealing)?;
    let by = Some(actor.user.clone());
    let mut message = seal_message(&response, &key, text.trim(), true, by, place.now(app))?;
    if !known_as.is_empty() {
        message.form_digest = Some(canonical::digest(&json!(["answer", actor.user.as_str(), id.as_str(), known_as])));
    }
    let more = More {
        response: &response,
        message: Some(message),
        files: &files,
        thread: Some(&thread),
        by: By::from(actor),
        action: "response.answered",
    };
    match intake::add(app, &place, more).await {
        Err(AppError::Conflict { code: "form-sent-before" }) => Ok(()),
        other => other,
    }
}
