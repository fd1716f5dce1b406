//! Requests out and answers in: one connection pool a platform, no redirects, answers cut off at a size, and a clear word on
//! whether a request can have had an effect when there is no answer.

use super::failed::{Failed, Next, Trouble};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// No answer of these platforms is longer: a page of 1,000 rows is some 300 KB.
const LARGEST: usize = 16 * 1024 * 1024;

/// The time and random numbers, so that a recorded conversation is the same each time.
#[derive(Clone)]
pub struct Moments {
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    nonce: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Default for Moments {
    /// This machine's.
    fn default() -> Self {
        let nonce = || {
            let mut bytes = [0_u8; 16];
            // Without randomness the time still makes it unique enough for a nonce.
            if getrandom::fill(&mut bytes).is_err() {
                bytes = Utc::now().timestamp_nanos_opt().map_or([0; 16], |nanos| i128::from(nanos).to_le_bytes());
            }
            crate::domain::canonical::hex(&bytes)
        };
        Self { now: Arc::new(Utc::now), nonce: Arc::new(nonce) }
    }
}

impl Moments {
    /// Others.
    pub fn new(
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
        nonce: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        Self { now: Arc::new(now), nonce: Arc::new(nonce) }
    }

    /// Another clock, with this machine's randomness.
    pub fn by(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), ..Self::default() }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    pub(super) fn nonce(&self) -> String {
        (self.nonce)()
    }
}

impl std::fmt::Debug for Moments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Moments")
    }
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: reqwest::Method,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    /// Content type and bytes.
    pub body: Option<(String, Vec<u8>)>,
    /// It changes something: without an answer it may have happened.
    pub writes: bool,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    headers: reqwest::header::HeaderMap,
    /// Null when it is no JSON.
    pub body: Value,
}

impl Answer {
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// `Retry-After` in seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
    }
}

/// A client of one platform.
#[derive(Clone, Debug)]
pub struct Wire {
    http: reqwest::Client,
}

impl Wire {
    /// Gives up after `timeout`.
    pub fn new(timeout: Duration) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5).min(timeout))
            .timeout(timeout)
            .tcp_nodelay(true)
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self { http })
    }

    /// Sends; a failure says whether anything can have happened.
    pub async fn send(&self, request: Request) -> Result<Answer, Failed> {
        let lost = if request.writes { Next::LookUp } else { Next::Retry { after: None } };
        // Addresses carry tokens: never shown.
        let silent =
            |next, cause: reqwest::Error| Failed::new(next, Trouble::NoAnswer, cause.without_url().to_string());
        let mut builder = self.http.request(request.method, &request.url);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        if let Some((kind, bytes)) = request.body {
            builder = builder.header("content-type", kind).body(bytes);
        }
        let sent = builder.send().await;
        let mut answer = match sent {
            Ok(answer) => answer,
            // No connection, no request.
            Err(cause) if cause.is_connect() || cause.is_builder() => {
                return Err(silent(Next::Retry { after: None }, cause));
            }
            Err(cause) => return Err(silent(lost, cause)),
        };
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|cause| silent(lost, cause))? {
            if bytes.len() + chunk.len() > LARGEST {
                return Err(Failed::new(lost, Trouble::NoAnswer, format!("the answer is longer than {LARGEST} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        let read = serde_json::from_slice(&bytes);
        if read.is_err() && (200..300).contains(&status) {
            return Err(Failed::new(
                lost,
                Trouble::NoAnswer,
                format!("status {status} with an answer that is no JSON"),
            ));
        }
        Ok(Answer { status, headers, body: read.unwrap_or_default() })
    }
}

/// What an error without further explanation means: 5xx after a write may have happened, before a read it has not.
pub fn by_status(status: u16, writes: bool, after: Option<Duration>, detail: &str) -> Failed {
    let detail = format!("HTTP {status} {detail}");
    match status {
        429 => Failed::new(Next::Retry { after }, Trouble::TooMany, detail),
        500..=599 | 408 if writes => Failed::new(Next::LookUp, Trouble::Outage, detail),
        500..=599 | 408 => Failed::new(Next::Retry { after }, Trouble::Outage, detail),
        401 => Failed::person(Trouble::Token, detail),
        403 => Failed::person(Trouble::Permission, detail),
        404 => Failed::permanent(Trouble::NotFound, detail),
        _ => Failed::permanent(Trouble::Refused, detail),
    }
}
