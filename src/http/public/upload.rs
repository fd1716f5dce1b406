//! A form with files as browsers send it (multipart/form-data), with or without scripts: texts and files apart, bounded
//! before anything is looked at. What a file may be is decided in `app::intake`.

use crate::app::intake::Upload;
use crate::domain::attachment::{FileFault, LONGEST_FILE, LONGEST_FORM, MOST_FILES};
use actix_multipart::{Field, Multipart};
use actix_web::http::header;
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use tokio::sync::Semaphore;

/// Forms with files read at a time in a process: each may hold [`LONGEST_FORM`]. Others wait; forms without files never do.
static READING: Semaphore = Semaphore::const_new(4);
/// Bytes of one text field.
const LONGEST_FIELD: usize = 64 * 1024;
/// Fields of a form.
const MOST_FIELDS: usize = 40;
/// What is read and thrown away so that a browser gets an answer instead of a broken connection.
const PATIENCE: usize = 200 * 1024 * 1024;

/// A form taken apart.
#[derive(Default)]
pub struct Parts {
    /// Names and values.
    pub texts: Vec<(String, String)>,
    /// Files, those that were left empty aside.
    pub files: Vec<Upload>,
    /// Why not all of them were read.
    pub fault: Option<FileFault>,
}

/// Whether a request is such a form.
pub fn is_multipart(request: &HttpRequest) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}

/// Reads at most `limit` bytes of a part, and the rest away; nothing when it was longer. `None` when the form is malformed
/// or far too long.
async fn content(field: &mut Field, limit: usize, seen: &mut usize) -> Option<Option<Vec<u8>>> {
    let (mut bytes, mut fits) = (Vec::new(), true);
    while let Some(piece) = field.next().await {
        let piece = piece.ok()?;
        *seen += piece.len();
        if *seen > PATIENCE {
            return None;
        }
        fits &= bytes.len() + piece.len() <= limit;
        if fits {
            bytes.extend_from_slice(&piece);
        } else {
            bytes = Vec::new();
        }
    }
    Some(fits.then_some(bytes))
}

/// Reads a form; `None` when it is malformed.
pub async fn read(request: &HttpRequest, payload: web::Payload) -> Option<Parts> {
    let _turn = READING.acquire().await.ok()?;
    let mut form = Multipart::new(request.headers(), payload);
    let (mut parts, mut seen, mut kept) = (Parts::default(), 0, 0);
    let mut fields = 0;
    while let Some(field) = form.next().await {
        let mut field = field.ok()?;
        fields += 1;
        if fields > MOST_FIELDS {
            return None;
        }
        let name = field.name()?.to_owned();
        let filename = field.content_disposition().and_then(|d| d.get_filename()).map(str::to_owned);
        let Some(filename) = filename else {
            let bytes = content(&mut field, LONGEST_FIELD, &mut seen).await??;
            parts.texts.push((name, String::from_utf8_lossy(&bytes).into_owned()));
            continue;
        };
        let room = if parts.files.len() >= MOST_FILES { 1 } else { LONGEST_FILE.min(LONGEST_FORM - kept) };
        match content(&mut field, room, &mut seen).await? {
            // A file field that nobody touched.
            Some(bytes) if bytes.is_empty() && filename.is_empty() => {}
            Some(bytes) if parts.files.len() < MOST_FILES => {
                kept += bytes.len();
                parts.files.push(Upload { name: filename.chars().take(200).collect(), bytes: bytes.into() });
            }
            _ if parts.files.len() >= MOST_FILES => parts.fault = Some(FileFault::TooMany),
            _ => parts.fault = Some(FileFault::TooLarge),
        }
    }
    Some(parts)
}
