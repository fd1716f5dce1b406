//! Our own pages as the public gets them: whether something taken down is gone, read through the same address, proxies
//! and caches as everybody's.

use std::time::Duration;

/// Longest answer looked through, bytes: a feed of 100 entries has a tenth of it.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// One look's patience.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads public addresses back.
#[derive(Clone, Debug)]
pub struct ReadBack(reqwest::Client);

/// The reader cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("read back: {0}")]
pub struct Unready(String);

impl ReadBack {
    /// A reader that follows no redirect: where a page moved to is not where it was.
    pub fn new() -> Result<Self, Unready> {
        let client =
            reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).no_proxy();
        // A kept connection would prove something about a server that may be gone.
        client.pool_max_idle_per_host(0).build().map(Self).map_err(|e| Unready(e.to_string()))
    }

    /// Proof that an address answers 404 or 410, or the name of what is wrong: `unreachable`, `still-shown`,
    /// `unexpected-answer`.
    pub async fn is_gone(&self, url: &str) -> Result<String, String> {
        let answer = self.0.get(url).send().await.map_err(unreachable)?;
        match answer.status().as_u16() {
            status @ (404 | 410) => Ok(format!("{url} answered {status}")),
            status @ 200..300 => Err(format!("still-shown: {url} answered {status}")),
            status => Err(format!("unexpected-answer: {url} answered {status}")),
        }
    }

    /// Proof that an address answers 200 without `mark`, or the name of what is wrong, as [`ReadBack::is_gone`].
    pub async fn is_without(&self, url: &str, mark: &str) -> Result<String, String> {
        let mut answer = self.0.get(url).send().await.map_err(unreachable)?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Err(format!("unexpected-answer: {url} answered {status}"));
        }
        let mut text = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(unreachable)? {
            text.extend_from_slice(&part);
            if text.len() > MOST_BYTES {
                return Err(format!("unexpected-answer: {url} is longer than {MOST_BYTES} bytes"));
            }
        }
        if text.windows(mark.len().max(1)).any(|part| part == mark.as_bytes()) {
            return Err(format!("still-shown: {url} names {mark}"));
        }
        Ok(format!("{url} answered 200 without {mark}"))
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the shape map_err asks for")]
fn unreachable(error: reqwest::Error) -> String {
    let words: String = error.without_url().to_string().chars().take(160).collect();
    format!("unreachable: {words}")
}
