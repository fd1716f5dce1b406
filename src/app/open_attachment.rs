//! Looking at what came with a response: a blurred small copy first, more only when asked for with a reason, which the audit
//! keeps before a byte is shown. Changed, cut or moved bytes never open.

use super::access::Caller;
use super::audit::{self, Act};
use super::intake::{file_field, meta_field};
use super::respond::{context, sealing};
use super::work_response::{REASON, appeal_key};
use super::{App, AppError};
use crate::db::attachments::{self, Attachment};
use crate::db::responses::{self, Response};
use crate::db::{Conn, DbError};
use crate::domain::actor::Permission;
use crate::domain::attachment::{FileForm, FileKind, ScanVerdict};
use crate::domain::faults::Fault;
use crate::domain::ids::{AttachmentId, ResponseId};
use crate::domain::response::ResponseKind;
use crate::media::{StoreError, digest_of};
use crate::sealing::{AppealPrivateKey, AttachmentKey, Sealed, Secret, open};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A file as it stands in an opened response. Never printed.
pub struct Listed {
    /// What is known without a key.
    pub row: Attachment,
    /// The name its sender's machine gave it: data, never a path.
    pub name: String,
    /// Length of the original.
    pub bytes: u64,
    /// SHA-256 of the original, for the record of evidence.
    pub sha256: String,
    /// How many other files of the appeal show the same picture.
    pub same_picture: i64,
}

impl Listed {
    /// The forms it can be looked at in.
    pub fn forms(&self) -> impl Iterator<Item = FileForm> {
        let (view, preview) = (self.row.view.is_some(), self.row.preview.is_some());
        FileForm::ALL.iter().copied().filter(move |form| match form {
            FileForm::Preview => preview,
            FileForm::View => view,
            FileForm::Original => true,
        })
    }
}

fn meta(key: &AppealPrivateKey, response: &Response, file: &Attachment) -> Result<Value, AppError> {
    let field = meta_field(&file.id);
    let sealed = Sealed::from_bytes(file.sealed_meta.clone());
    let opened = open(key, &context(response, &field), &sealed).map_err(sealing)?;
    serde_json::from_slice(opened.expose()).map_err(|e| AppError::Broken(e.to_string()))
}

fn text(meta: &Value, name: &str) -> String {
    meta.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A response's files.
pub(super) fn list(conn: &mut Conn, key: &AppealPrivateKey, response: &Response) -> Result<Vec<Listed>, AppError> {
    let mut listed = Vec::new();
    for row in attachments::of_response(conn, &response.id)? {
        let meta = meta(key, response, &row)?;
        let same_picture = match &row.same_as {
            Some(first) => attachments::same_picture(conn, &row.appeal, first)?,
            None => 0,
        };
        listed.push(Listed {
            name: text(&meta, "name"),
            bytes: meta.get("bytes").and_then(Value::as_u64).unwrap_or(0),
            sha256: text(&meta, "sha256"),
            row,
            same_picture,
        });
    }
    Ok(listed)
}

/// What somebody asks to look at.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of which response.
    pub response: ResponseId,
    /// Which file.
    pub attachment: AttachmentId,
    /// In which form.
    pub form: FileForm,
    /// Why; may be empty for a blurred copy.
    pub reason: String,
    /// They know that the virus scanner found something, or could not look.
    pub despite_scan: bool,
}

/// The right to one form of one file, already in the audit.
pub struct Ticket {
    response: Response,
    attachment: AttachmentId,
    kind: FileKind,
    form: FileForm,
    digest: String,
    key: AttachmentKey,
    name: String,
    sha256: String,
}

impl Ticket {
    /// For a file whose name, digest and key were opened already.
    pub(super) fn new(response: Response, file: Attachment, form: FileForm, meta: &Value) -> Result<Self, AppError> {
        let digest = match form {
            FileForm::Original => Some(file.original),
            FileForm::View => file.view,
            FileForm::Preview => file.preview,
        };
        let bytes = Secret::new(STANDARD.decode(text(meta, "key")).unwrap_or_default());
        Ok(Self {
            response,
            attachment: file.id,
            kind: file.kind,
            form,
            digest: digest.ok_or(AppError::Conflict { code: "file-form-missing" })?,
            key: AttachmentKey::from_slice(bytes.expose()).map_err(sealing)?,
            name: text(meta, "name"),
            sha256: text(meta, "sha256"),
        })
    }
}

/// Grants it. The audit entry and the grant are one transaction: no entry, no looking.
pub fn ask(conn: &mut Conn, app: &App, caller: &Caller, wanted: &Wanted) -> Result<Ticket, AppError> {
    let now = app.clock.now(conn)?;
    caller.actor.may(Permission::ReadResponses, now)?;
    let response = responses::of_unit(conn, &wanted.response, &caller.actor.unit)?;
    if super::triage::is_taken(&response, &caller.actor.user, now) {
        return Err(AppError::Conflict { code: "response-locked" });
    }
    // What is reported as illegal goes to those who may look at it, unseen here.
    if response.kind == ResponseKind::IllegalContent {
        return Err(AppError::Forbidden { code: "file-never-shown" });
    }
    let reason = wanted.reason.trim();
    if wanted.form != FileForm::Preview && !REASON.contains(&reason.chars().count()) {
        return Err(vec![Fault::at("/reason", "reading-reason")].into());
    }
    let files = attachments::of_response(conn, &wanted.response)?;
    let file = files.into_iter().find(|file| file.id == wanted.attachment).ok_or(DbError::NotFound)?;
    let is_there = match wanted.form {
        FileForm::Original => true,
        FileForm::View => file.view.is_some(),
        FileForm::Preview => file.preview.is_some(),
    };
    if !is_there {
        return Err(AppError::Conflict { code: "file-form-missing" });
    }
    // The copies were made by us out of pixels; the original holds whatever came.
    let suspect = matches!(file.scan, ScanVerdict::Infected | ScanVerdict::Failed);
    if wanted.form == FileForm::Original && suspect && !wanted.despite_scan {
        return Err(AppError::Conflict { code: "file-infected" });
    }
    let opened = appeal_key(conn, caller, &response.appeal)?;
    let meta = meta(&opened, &response, &file)?;
    let action = match wanted.form {
        FileForm::Preview => "attachment.previewed",
        FileForm::View => "attachment.viewed",
        FileForm::Original => "attachment.original_opened",
    };
    let act = Act { action, object: response.id.as_str(), reason, payload: &file.original, ..Act::default() };
    audit::record(conn, now, &caller.actor, &act)?;
    Ticket::new(response, file, wanted.form, &meta)
}

/// One form of a file, open.
pub struct File {
    /// The bytes.
    pub bytes: Secret<Vec<u8>>,
    /// What they are.
    pub kind: FileKind,
    /// Whether they are a copy of ours.
    pub is_copy: bool,
    /// The name it came with.
    pub name: String,
}

/// Opens what a ticket is for. `Conflict` when what lies in the store is not what was sealed.
pub async fn fetch(app: &App, ticket: Ticket) -> Result<File, AppError> {
    let damaged = || AppError::Conflict { code: "file-damaged" };
    let sealed = match app.media.get(&ticket.digest).await {
        Ok(found) => found.ok_or_else(damaged)?,
        Err(StoreError::Damaged(_)) => return Err(damaged()),
        Err(other) => return Err(AppError::Unavailable(other.to_string())),
    };
    let opened = tokio::task::spawn_blocking(move || {
        let field = file_field(&ticket.attachment, ticket.form);
        let bytes = ticket.key.open(&context(&ticket.response, &field), &sealed).ok()?;
        let whole = ticket.form != FileForm::Original || digest_of(bytes.expose()) == ticket.sha256;
        whole.then(|| File {
            bytes,
            kind: ticket.kind,
            is_copy: ticket.form != FileForm::Original,
            name: ticket.name.clone(),
        })
    });
    opened.await.map_err(|e| AppError::Broken(e.to_string()))?.ok_or_else(damaged)
}
