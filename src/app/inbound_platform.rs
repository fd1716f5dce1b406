//! Messages that platforms forward: signed by them over the very bytes, taken like any other answer. The shape is that of
//! Messenger's webhooks; which appeal a message is about stands in the referral its conversation began with. Pictures come
//! with the message, or as addresses that a worker fetches from (`app::platform_tasks`).

use super::acknowledge::{self, Sender};
use super::enter_response::{Entry, place, take};
use super::intake::{Place, Upload};
use super::respond::{LONGEST_TEXT, Told};
use super::{App, AppError, platform_tasks};
use crate::domain::attachment::MOST_FILES;
use crate::domain::canonical;
use crate::domain::ids::ResponseId;
use crate::domain::response::ResponseKind;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// What became of the messages of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forwarded {
    /// Taken in.
    pub taken: usize,
    /// Known from before: platforms repeat what was not answered in time.
    pub repeated: usize,
    /// About no appeal that is out; nothing of them is kept.
    pub unmatched: usize,
}

/// Whether `signature` (`sha256=` and 64 hexadecimal digits) is made over these bytes with the configured secret. Nothing is
/// believed while no secret is configured.
#[must_use]
pub fn is_signed(app: &App, body: &[u8], signature: &str) -> bool {
    let secret = app.config.responses.webhook_secret.reveal();
    let tag = signature.strip_prefix("sha256=").and_then(canonical::unhex);
    let Some(tag) = tag.filter(|_| !secret.is_empty()) else { return false };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    // In constant time.
    hmac::verify(&key, body, &tag).is_ok()
}

struct Heard {
    id: String,
    sender: String,
    slug: String,
    told: Told,
    files: Vec<Upload>,
    urls: Vec<String>,
}

/// What came with a message: bytes that travelled with it, and addresses to be fetched from later.
fn attachments(event: &Value) -> (Vec<Upload>, Vec<String>) {
    let (mut files, mut urls) = (Vec::new(), Vec::new());
    let list = event.pointer("/message/attachments").and_then(Value::as_array);
    for payload in list.into_iter().flatten().filter_map(|one| one.get("payload")).take(MOST_FILES) {
        let text = |key: &str| payload.get(key).and_then(Value::as_str).unwrap_or_default();
        match STANDARD.decode(text("data")) {
            Ok(bytes) if !bytes.is_empty() => {
                let name = text("name").chars().take(200).collect();
                files.push(Upload { name, bytes: bytes.into() });
            }
            _ if !text("url").is_empty() => urls.push(text("url").to_owned()),
            _ => {}
        }
    }
    (files, urls)
}

fn heard(event: &Value) -> Option<Heard> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    // What we wrote ourselves comes back as an echo.
    if event.pointer("/message/is_echo").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let (files, urls) = attachments(event);
    let mut what: String = text("/message/text").unwrap_or_default().trim().chars().take(LONGEST_TEXT).collect();
    if what.is_empty() && !(files.is_empty() && urls.is_empty()) {
        // Nothing was said: the reader sees how much was sent, also where it could not be fetched.
        what = format!("[{}]", files.len() + urls.len());
    }
    let referral = text("/message/referral/ref").or_else(|| text("/referral/ref")).unwrap_or_default();
    let sender = text("/sender/id").unwrap_or_default().to_owned();
    let told = Told {
        kind: Some(ResponseKind::Tip),
        what,
        name: if sender.is_empty() { String::new() } else { format!("messenger {sender}") },
        ..Told::default()
    };
    Some(Heard { id: text("/message/mid")?.to_owned(), sender, slug: referral.to_lowercase(), told, files, urls })
}

/// Takes one message in; the response it became.
async fn keep(app: &App, found: &Place, heard: &Heard) -> Result<ResponseId, AppError> {
    let mut files = heard.files.clone();
    let mut told = heard.told.clone();
    // A file that cannot be kept is left out and named, never the message with it.
    loop {
        let entry =
            Entry { channel: "messenger", known_as: heard.id.clone(), told: told.clone(), files: files.clone() };
        match take(app, found, entry).await? {
            Ok((_, id)) => return Ok(id),
            Err(refused) => {
                let at = files.iter().position(|file| file.name == refused.name).unwrap_or(0);
                files.remove(at);
                told.what = format!("{}\n[{}]", told.what, refused.name);
            }
        }
    }
}

/// Takes in what a signed call forwards.
pub async fn receive(app: &App, body: &Value) -> Result<Forwarded, AppError> {
    let mut forwarded = Forwarded::default();
    let list = |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    for event in list(body, "entry").iter().flat_map(|entry| list(entry, "messaging")) {
        let Some(heard) = heard(&event).filter(|heard| !heard.told.what.is_empty()) else {
            continue;
        };
        let found = match place(app, &heard.slug, None).await {
            Err(AppError::NotFound) => None,
            other => Some(other?).filter(|place| place.is_shown(app)),
        };
        let Some(found) = found else {
            forwarded.unmatched += 1;
            continue;
        };
        match keep(app, &found, &heard).await {
            Ok(id) => {
                forwarded.taken += 1;
                if !heard.urls.is_empty() {
                    platform_tasks::fetch(app, &id, &heard.urls).await?;
                }
                let sender = Sender::Messenger { id: &heard.sender, language: found.publication.language };
                let reachable = !heard.sender.is_empty() && !app.config.responses.platform_token.reveal().is_empty();
                if reachable && let Err(cause) = acknowledge::at_night(app, found.country, &sender).await {
                    tracing::warn!(event = "responses.acknowledge", %cause);
                }
            }
            Err(AppError::Conflict { .. }) => forwarded.repeated += 1,
            Err(other) => return Err(other),
        }
    }
    Ok(forwarded)
}
