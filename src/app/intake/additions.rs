//! What is added to an answer later: a message of its thread, files, or both. It goes the way of answers: checked, sealed, in the
//! store before the row that names it, compared with what the appeal has, stored by the one writer together with whatever
//! else waits.

use super::super::enter_response::place;
use super::super::{App, AppError};
use super::files::{self, Belonging, CheckedFile};
use super::writer::{Work, Writer};
use super::{PATIENCE, Place};
use crate::app::audit::{self, Act, By};
use crate::db::attachments::{self, Attachment};
use crate::db::responses::{self, Response};
use crate::db::threads::{self, Message};
use crate::db::{Conn, DbError, appeals};
use crate::domain::attachment::MOST_IN_THREAD;
use crate::domain::likeness::PictureSketch;
use crate::domain::response::ResponseState;
use crate::sealing::ThreadPublicKey;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Something to add, sealed.
pub(in crate::app) struct Addition {
    response: Response,
    message: Option<Message>,
    files: Vec<(Attachment, Option<PictureSketch>)>,
    by: By,
    action: &'static str,
    pub(super) reply: oneshot::Sender<Result<(), AppError>>,
}

/// What somebody adds, before it is sealed.
pub(in crate::app) struct More<'a> {
    /// To what.
    pub response: &'a Response,
    /// The message, sealed already.
    pub message: Option<Message>,
    /// The files.
    pub files: &'a [CheckedFile],
    /// Lets the sender open the files too.
    pub thread: Option<&'a ThreadPublicKey>,
    /// Who adds it.
    pub by: By,
    /// How the audit names it.
    pub action: &'static str,
}

/// The appeal of a response as its answers see it.
pub(in crate::app) async fn place_of(app: &App, response: &Response) -> Result<Arc<Place>, AppError> {
    let id = response.appeal.clone();
    let slug = app.db.read(move |conn| Ok::<_, AppError>(appeals::any(conn, &id)?.slug)).await?;
    place(app, &slug, None).await
}

/// Adds it; returns when it is durable. `Conflict` when the same form was sent before (`form-sent-before`), or when the answer
/// would have more than [`MOST_IN_THREAD`] files (`too-many-files`).
pub(in crate::app) async fn add(app: &App, place: &Place, more: More<'_>) -> Result<(), AppError> {
    let message = more.message.as_ref().map(|message| message.id.clone());
    let to = Belonging { response: more.response, at: place.now(app), message: message.as_ref(), thread: more.thread };
    let kept = files::keep(app, place, &to, more.files).await?;
    let rows: Vec<Attachment> = kept.iter().map(|(file, _)| file.clone()).collect();
    let (reply, answered) = oneshot::channel();
    let addition = Addition {
        response: more.response.clone(),
        message: more.message,
        files: kept,
        by: more.by,
        action: more.action,
        reply,
    };
    let stored = async {
        let queued = app.intake.writer(app).send_timeout(Work::Addition(Box::new(addition)), PATIENCE).await;
        queued.map_err(|_| AppError::Unavailable("intake queue is full".to_owned()))?;
        answered.await.map_err(|_| AppError::Unavailable("intake writer ended".to_owned()))?
    };
    let stored = stored.await;
    if matches!(stored, Err(AppError::Conflict { .. } | AppError::NotFound)) {
        files::forget(app, &rows).await;
    }
    stored
}

impl Writer {
    /// Stores additions; what became of each.
    pub(super) fn add_all(
        &mut self,
        conn: &mut Conn,
        later: &mut [Addition],
    ) -> Result<Vec<Result<(), AppError>>, AppError> {
        let now = self.clock.now(conn)?;
        later.iter_mut().map(|addition| self.add_one(conn, addition, now)).collect()
    }

    /// The outer error is the database's and takes the whole batch with it; the inner one is this addition's own.
    fn add_one(
        &mut self,
        conn: &mut Conn,
        addition: &mut Addition,
        now: DateTime<Utc>,
    ) -> Result<Result<(), AppError>, AppError> {
        let id = addition.response.id.clone();
        // It may have been erased while it was written to.
        let response = match responses::any(conn, &id) {
            Err(DbError::NotFound) => return Ok(Err(AppError::NotFound)),
            other => other?,
        };
        let form = addition.message.as_ref().and_then(|message| message.form_digest.as_deref());
        if let Some(form) = form
            && threads::is_known(conn, form)?
        {
            return Ok(Err(AppError::Conflict { code: "form-sent-before" }));
        }
        let there = attachments::of_response(conn, &id)?;
        if !addition.files.is_empty() && there.len() + addition.files.len() > MOST_IN_THREAD {
            return Ok(Err(AppError::Conflict { code: "too-many-files" }));
        }
        let act = Act { action: addition.action, object: id.as_str(), ..Act::default() };
        let seq = audit::record_numbered(conn, now, addition.by.clone(), &act)?;
        self.entered(seq);
        if let Some(message) = &addition.message {
            threads::add(conn, &id, message)?;
            if message.to_sender && response.state == ResponseState::New {
                responses::set_state(conn, &response, ResponseState::Acknowledged, response.kind, now)?;
            }
        }
        if addition.files.is_empty() {
            return Ok(Ok(()));
        }
        let last = there.iter().map(|file| file.number).max().unwrap_or(0);
        for (number, (file, _)) in (last + 1..).zip(&mut addition.files) {
            file.number = number;
        }
        // A closed appeal's pictures are compared no more: its secret is gone.
        let appeal = appeals::any(conn, &response.appeal)?;
        let mut heads = Vec::new();
        if appeal.outcome.is_none() {
            self.catch_up(conn, &response.appeal)?;
            let known = self.known.entry(response.appeal.clone()).or_default();
            heads = known.pictures.place(&self.key, &mut addition.files, seq)?.0;
            known.batch = seq;
        }
        let rows: Vec<&Attachment> = addition.files.iter().map(|(file, _)| file).collect();
        attachments::add_all(conn, &rows)?;
        attachments::add_heads(conn, &heads)?;
        let count = i32::try_from(there.len() + rows.len()).unwrap_or(i32::MAX);
        responses::set_attachments(conn, &id, count)?;
        Ok(Ok(()))
    }
}
