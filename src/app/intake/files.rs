//! Files of witnesses on their way in: examined and scanned while they can be read, then every form of them sealed under a
//! key of the file's own and put into the store; name, digest and that key are sealed like any field of the response.

use super::super::respond::{context, sealing};
use super::super::{App, AppError, random};
use super::place::Place;
use crate::db::attachments::Attachment;
use crate::db::responses::Response;
use crate::domain::attachment::{FileFault, FileForm, LONGEST_FORM, MOST_FILES, ScanVerdict};
use crate::domain::ids::{AttachmentId, MessageId};
use crate::domain::likeness::PictureSketch;
use crate::media::{Examined, Scanner, digest_of, examine};
use crate::sealing::{AppealPublicKey, AttachmentKey, OsRandom, Sealed, ThreadPublicKey, seal};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Files examined at a time in a process: what their decoding may take together stays below 300 MB.
static EXAMINING: Semaphore = Semaphore::const_new(2);

/// A file as it was sent.
#[derive(Clone)]
pub struct Upload {
    /// The name its sender's machine gave it: data, never a path.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A file that may be kept.
#[derive(Clone)]
pub struct CheckedFile {
    name: String,
    bytes: Bytes,
    examined: Arc<Examined>,
    scan: ScanVerdict,
}

/// Which file was not taken, by its name, and why.
pub struct RefusedFile {
    /// Its name.
    pub name: String,
    /// Why.
    pub fault: FileFault,
}

fn scanner(app: &App) -> Scanner {
    // Judged when the configuration was read.
    Scanner::parse(&app.config.responses.scanner).unwrap_or(Scanner::None)
}

/// Examines and scans files; all of them can be kept, or the first that cannot is named.
pub async fn check(app: &App, uploads: Vec<Upload>) -> Result<Result<Vec<CheckedFile>, RefusedFile>, AppError> {
    let together: usize = uploads.iter().map(|upload| upload.bytes.len()).sum();
    if let Some(last) = uploads.last().filter(|_| uploads.len() > MOST_FILES || together > LONGEST_FORM) {
        let fault = if uploads.len() > MOST_FILES { FileFault::TooMany } else { FileFault::TooLarge };
        return Ok(Err(RefusedFile { name: last.name.clone(), fault }));
    }
    let (scanner, patience) = (scanner(app), Duration::from_secs(app.config.responses.scan_seconds));
    let mut checked = Vec::new();
    for Upload { name, bytes } in uploads {
        let turn = EXAMINING.acquire().await.map_err(|e| AppError::Broken(e.to_string()))?;
        let (named, read) = (name.clone(), bytes.clone());
        let examined = tokio::task::spawn_blocking(move || examine(&named, &read)).await;
        drop(turn);
        match examined.map_err(|e| AppError::Broken(e.to_string()))? {
            Err(fault) => return Ok(Err(RefusedFile { name, fault })),
            Ok(examined) => {
                let scan = scanner.scan(&bytes, patience).await;
                checked.push(CheckedFile { name, bytes, examined: Arc::new(examined), scan });
            }
        }
    }
    Ok(Ok(checked))
}

/// The field a form of a file is sealed as.
pub(in crate::app) fn field(id: &AttachmentId, form: FileForm) -> String {
    format!("attachment/{id}/{form}")
}

/// The field its name, digest and key are sealed as.
pub(in crate::app) fn meta_field(id: &AttachmentId) -> String {
    format!("attachment/{id}/meta")
}

/// A file's form, sealed, under the digest of its ciphertext.
type Closed = (FileForm, String, Vec<u8>);

fn close(response: &Response, id: &AttachmentId, file: &CheckedFile) -> Result<(AttachmentKey, Vec<Closed>), AppError> {
    let key = AttachmentKey::generate(&mut OsRandom);
    let copies = file.examined.copies.as_ref();
    let forms = [
        (FileForm::Original, Some(&file.bytes[..])),
        (FileForm::View, copies.map(|copies| copies.view.as_slice())),
        (FileForm::Preview, copies.map(|copies| copies.preview.as_slice())),
    ];
    let mut closed = Vec::new();
    for (form, content) in forms.into_iter().filter_map(|(form, content)| Some((form, content?))) {
        let field = field(id, form);
        let sealed = key.seal(&context(response, &field), content, &mut OsRandom).map_err(sealing)?;
        closed.push((form, digest_of(&sealed), sealed));
    }
    Ok((key, closed))
}

/// Where files belong that are kept.
pub(in crate::app) struct Belonging<'a> {
    /// The response.
    pub response: &'a Response,
    /// When they came.
    pub at: DateTime<Utc>,
    /// The message they came with, if not with the response itself.
    pub message: Option<&'a MessageId>,
    /// The thread whose sender is to open them too.
    pub thread: Option<&'a ThreadPublicKey>,
}

/// The field name and key of a file are sealed as for the sender.
pub(in crate::app) fn thread_field(id: &AttachmentId) -> String {
    format!("attachment/{id}/witness")
}

/// Seals a response's files and puts them into the store; their rows, and what their pictures are compared by.
pub(in crate::app) async fn keep(
    app: &App,
    place: &Place,
    to: &Belonging<'_>,
    files: &[CheckedFile],
) -> Result<Vec<(Attachment, Option<PictureSketch>)>, AppError> {
    let public = AppealPublicKey::from_slice(&place.public_key).map_err(sealing)?;
    let response = to.response;
    let mut kept = Vec::new();
    for (number, file) in (1_i32..).zip(files) {
        let id = AttachmentId::from_parts(to.at, random::bytes());
        let (owner, name, content) = (response.clone(), id.clone(), file.clone());
        let closed = tokio::task::spawn_blocking(move || {
            let digest = digest_of(&content.bytes);
            close(&owner, &name, &content).map(|(key, closed)| (digest, key, closed))
        });
        let (digest, key, closed) = closed.await.map_err(|e| AppError::Broken(e.to_string()))??;
        let of =
            |wanted: FileForm| closed.iter().find(|(form, ..)| *form == wanted).map(|(_, digest, _)| digest.clone());
        let (original, view, preview) = (of(FileForm::Original), of(FileForm::View), of(FileForm::Preview));
        let meta: Value = json!({"name": file.name, "bytes": file.bytes.len(), "sha256": digest,
            "key": STANDARD.encode(key.expose())});
        let sealed_thread = to.thread.map(|thread| {
            let field = thread_field(&id);
            let text = zeroize::Zeroizing::new(meta.to_string());
            seal(thread, &context(response, &field), text.as_bytes(), &mut OsRandom).map_err(sealing)
        });
        let sealed_thread = sealed_thread.transpose()?.map(Sealed::into_bytes);
        let field = meta_field(&id);
        let sealed_meta = app.intake.seal(&public, response, &[(&field, meta)])?.pop().unwrap_or_default();
        for (_, digest, sealed) in closed {
            app.media.put(&digest, sealed).await.map_err(|e| AppError::Unavailable(e.to_string()))?;
        }
        let copies = file.examined.copies.as_ref();
        let sketch = copies.and_then(|copies| PictureSketch::of(&place.likeness, &copies.grid));
        let row = Attachment {
            id,
            response: response.id.clone(),
            appeal: response.appeal.clone(),
            number,
            kind: file.examined.kind,
            scan: file.scan,
            sealed_meta,
            original: original.ok_or_else(|| AppError::Broken("sealing".to_owned()))?,
            view,
            preview,
            same_as: None,
            at: to.at,
            message: to.message.cloned(),
            sealed_thread,
        };
        kept.push((row, sketch));
    }
    Ok(kept)
}

/// Takes files out of the store again; what cannot be deleted stays unreadable, since no row holds its key.
pub(in crate::app) async fn forget(app: &App, files: &[Attachment]) {
    for file in files {
        for digest in [Some(&file.original), file.view.as_ref(), file.preview.as_ref()].into_iter().flatten() {
            if let Err(cause) = app.media.delete(digest).await {
                tracing::warn!(event = "attachment.forget", %cause);
            }
        }
    }
}
