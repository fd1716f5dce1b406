//! Messages that platforms forward: signed by them over the very bytes, taken like any other answer. The shape is that of
//! Messenger's webhooks; which appeal a message is about stands in the referral its conversation began with.

use super::enter_response::{Entry, place, take};
use super::respond::{LONGEST_TEXT, Told};
use super::{App, AppError};
use crate::domain::canonical;
use crate::domain::response::ResponseKind;
use aws_lc_rs::hmac;
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
    slug: String,
    told: Told,
}

fn heard(event: &Value) -> Option<Heard> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let what: String = text("/message/text")?.trim().chars().take(LONGEST_TEXT).collect();
    let referral = text("/message/referral/ref").or_else(|| text("/referral/ref")).unwrap_or_default();
    let told = Told {
        kind: Some(ResponseKind::Tip),
        what,
        name: text("/sender/id").map(|id| format!("messenger {id}")).unwrap_or_default(),
        ..Told::default()
    };
    Some(Heard { id: text("/message/mid")?.to_owned(), slug: referral.to_lowercase(), told })
}

/// Takes in what a signed call forwards.
pub async fn receive(app: &App, body: &Value) -> Result<Forwarded, AppError> {
    let mut forwarded = Forwarded::default();
    let list = |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    for event in list(body, "entry").iter().flat_map(|entry| list(entry, "messaging")) {
        let Some(Heard { id, slug, told }) = heard(&event).filter(|heard| !heard.told.what.is_empty()) else {
            continue;
        };
        let found = match place(app, &slug, None).await {
            Err(AppError::NotFound) => None,
            other => Some(other?).filter(|place| place.is_shown(app)),
        };
        let Some(found) = found else {
            forwarded.unmatched += 1;
            continue;
        };
        let entry = Entry { channel: "messenger", known_as: id, told, files: Vec::new() };
        match take(app, &found, entry).await {
            Ok(_) => forwarded.taken += 1,
            Err(AppError::Conflict { .. }) => forwarded.repeated += 1,
            Err(other) => return Err(other),
        }
    }
    Ok(forwarded)
}
