//! Messages to programs: signed as Standard Webhooks says, posted once, and what came back. When to try again is the
//! domain's; which addresses may be called is [`address`]'s.

pub mod address;

use crate::config::Webhooks;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use std::time::{Duration, Instant};

/// What a secret begins with when it is shown.
pub const SECRET_PREFIX: &str = "whsec_";
/// Of an answer nothing is kept; so much is read so that the other side sees it taken.
const MOST_READ: usize = 64 * 1024;

/// A secret as it is shown, once.
#[must_use]
pub fn shown(secret: &[u8]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(secret))
}

/// The signatures of a message, one for each secret, by blanks.
#[must_use]
pub fn signatures(secrets: &[&[u8]], id: &str, timestamp: i64, body: &str) -> String {
    let text = format!("{id}.{timestamp}.{body}");
    let sign = |secret: &&[u8]| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        format!("v1,{}", STANDARD.encode(hmac::sign(&key, text.as_bytes())))
    };
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The other side's status, when it answered.
    pub status: Option<u16>,
    /// A code: `delivered`, `refused`, `gone`, `redirected`, `timeout`, `unreachable`, `forbidden-address`.
    pub outcome: &'static str,
    /// How long the other side asks to be left alone.
    pub retry_after: Option<TimeDelta>,
    /// How long it took.
    pub took: Duration,
}

impl Posted {
    /// Whether it arrived.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.outcome == "delivered"
    }

    /// Whether the other side wants nothing any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.outcome == "gone"
    }
}

/// A message on its way.
pub struct Call<'a> {
    /// Where.
    pub url: &'a str,
    /// Its id.
    pub id: &'a str,
    /// What.
    pub body: &'a str,
    /// The secrets it is signed with.
    pub secrets: &'a [&'a [u8]],
    /// When it is sent.
    pub at: DateTime<Utc>,
}

/// Posts messages.
#[derive(Clone, Debug)]
pub struct Poster {
    client: reqwest::Client,
    settings: Webhooks,
}

/// The poster cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("webhooks: {0}")]
pub struct Unready(String);

impl Poster {
    /// One that follows no redirect, uses no proxy and resolves every name anew.
    pub fn new(settings: &Webhooks) -> Result<Self, Unready> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(settings.timeout_seconds))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .user_agent("tocsin")
            .dns_resolver(address::Judge::new(settings))
            .build()
            .map_err(|e| Unready(e.to_string()))?;
        Ok(Self { client, settings: settings.clone() })
    }

    /// Sends a message once.
    pub async fn post(&self, call: &Call<'_>) -> Posted {
        let began = Instant::now();
        let ended = |status, outcome, retry_after| Posted { status, outcome, retry_after, took: began.elapsed() };
        // Judged again: what may be called may have changed since it was added.
        let Ok(url) = address::check(call.url, &self.settings) else { return ended(None, "forbidden-address", None) };
        let timestamp = call.at.timestamp();
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", call.id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures(call.secrets, call.id, timestamp, call.body));
        let mut answer = match request.body(call.body.to_owned()).send().await {
            Ok(answer) => answer,
            Err(cause) => return ended(None, failure(&cause), None),
        };
        let status = answer.status().as_u16();
        let header = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = header.and_then(|text| patience(text, call.at));
        let mut read = 0;
        while let Ok(Some(part)) = answer.chunk().await {
            read += part.len();
            if read > MOST_READ {
                break;
            }
        }
        let outcome = match status {
            200..300 => "delivered",
            300..400 => "redirected",
            410 => "gone",
            _ => "refused",
        };
        ended(Some(status), outcome, retry_after)
    }
}

/// What `Retry-After` asks for: seconds, or a moment.
fn patience(text: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(TimeDelta::seconds(i64::from(seconds)));
    }
    let at = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    Some((at.with_timezone(&Utc) - now).max(TimeDelta::zero()))
}

/// Why there is no answer.
fn failure(error: &reqwest::Error) -> &'static str {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(of) = cause {
        if of.is::<address::Forbidden>() {
            return "forbidden-address";
        }
        cause = of.source();
    }
    if error.is_timeout() { "timeout" } else { "unreachable" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    /// The example in the specification of Standard Webhooks.
    #[test]
    fn a_message_is_signed_as_standard_webhooks_says() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = r#"{"test": 2432232314}"#;
        let signed = signatures(&[&secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let two =
            signatures(&[&secret, b"another secret of 24 byte"], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert!(two.starts_with(&format!("{signed} v1,")) && two.split(' ').count() == 2);
        assert_eq!(shown(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn retry_after_is_seconds_or_a_moment() {
        let now = DateTime::parse_from_rfc3339("2026-11-20T10:00:00Z").unwrap().with_timezone(&Utc);
        assert_eq!(patience("120", now), Some(TimeDelta::seconds(120)));
        assert_eq!(patience("Fri, 20 Nov 2026 10:05:00 GMT", now), Some(TimeDelta::minutes(5)));
        assert_eq!(patience("Fri, 20 Nov 2026 09:05:00 GMT", now), Some(TimeDelta::zero()));
        assert_eq!(patience("soon", now), None);
    }
}
