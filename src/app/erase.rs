//! Removing an answer for good: its rows and all that hangs on them, so that neither the readers' keys nor a copy of the
//! files brings it back. The audit keeps that it was done, by whom and why, and nothing of what was said.

use super::audit::{self, Act};
use super::{App, AppError, factors};
use crate::db::attachments::Attachment;
use crate::db::{Conn, attachments, responses};
use crate::domain::actor::{Actor, Permission};
use crate::domain::faults::Fault;
use crate::domain::ids::ResponseId;

/// Erases one answer; its copies stay, the oldest of them in its place. Wants a fresh factor.
/// Its files' rows go with it, and their keys with the rows; what lies in the store is returned, for [`files`].
pub fn response(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &ResponseId,
    reason: &str,
) -> Result<Vec<Attachment>, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::AnswerResponses, now)?;
    let found = responses::of_unit(conn, id, &actor.unit)?;
    if !(5..=500).contains(&reason.trim().chars().count()) {
        return Err(vec![Fault::at("/reason", "reading-reason")].into());
    }
    factors::fresh(actor, now)?;
    let files = attachments::of_response(conn, id)?;
    responses::erase(conn, &found)?;
    audit::erase(conn, app, actor, id.as_str(), reason.trim())?;
    audit::record(
        conn,
        now,
        actor,
        &Act { action: "response.erased", object: id.as_str(), reason: reason.trim(), ..Act::default() },
    )?;
    Ok(files)
}

/// Takes the sealed bytes of erased files out of the store, once the erasure is committed.
pub async fn files(app: &App, files: &[Attachment]) {
    super::intake::forget_files(app, files).await;
}
