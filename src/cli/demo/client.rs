//! The demo's HTTP client: one method per way of asking, each failing with what the service said.

use crate::sealing::TotpSecret;
use anyhow::{Context, bail, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

/// Somebody signed in.
pub struct Person {
    token: String,
}

/// The service as seen from outside.
pub struct Api {
    base: String,
    http: reqwest::Client,
    key: AtomicU32,
}

impl Api {
    pub fn new(base: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(30)).build()?;
        Ok(Self { base: base.to_owned(), http, key: AtomicU32::new(1) })
    }

    async fn ask(
        &self,
        method: Method,
        who: Option<&Person>,
        path: &str,
        version: Option<&str>,
        body: Option<&Value>,
    ) -> anyhow::Result<(StatusCode, Value)> {
        let mut request = self.http.request(method.clone(), format!("{}/api/v1{path}", self.base));
        if let Some(person) = who {
            request = request.bearer_auth(&person.token);
        }
        if let Some(version) = version {
            request = request.header("if-match", format!("\"{version}\""));
        }
        if method != Method::GET {
            request = request.header("idempotency-key", format!("demo-{}", self.key.fetch_add(1, Ordering::Relaxed)));
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.with_context(|| format!("{method} {path}"))?;
        let status = response.status();
        Ok((status, response.json().await.unwrap_or(Value::Null)))
    }

    async fn wanted(
        &self,
        method: Method,
        who: Option<&Person>,
        path: &str,
        version: Option<&str>,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let (status, answer) = self.ask(method.clone(), who, path, version, body).await?;
        ensure!(status.is_success(), "{method} {path}: {status} {answer}");
        Ok(answer)
    }

    pub async fn get(&self, who: &Person, path: &str) -> anyhow::Result<Value> {
        self.wanted(Method::GET, Some(who), path, None, None).await
    }

    pub async fn post(&self, who: &Person, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.wanted(Method::POST, Some(who), path, None, Some(body)).await
    }

    /// POST about the version or digest the caller looked at.
    pub async fn decide(&self, who: &Person, path: &str, seen: &str, body: &Value) -> anyhow::Result<Value> {
        self.wanted(Method::POST, Some(who), path, Some(seen), Some(body)).await
    }

    pub async fn put(&self, who: &Person, path: &str, seen: &str, body: &Value) -> anyhow::Result<Value> {
        self.wanted(Method::PUT, Some(who), path, Some(seen), Some(body)).await
    }

    /// POST that must be refused; the codes of the refusal.
    pub async fn refused(&self, who: &Person, path: &str, seen: &str, body: &Value) -> anyhow::Result<Vec<String>> {
        let (status, answer) = self.ask(Method::POST, Some(who), path, Some(seen), Some(body)).await?;
        ensure!(status.is_client_error(), "{path} should have been refused: {status} {answer}");
        let mut codes: Vec<String> = answer
            .pointer("/errors")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|e| text(e, "/code"))
            .collect();
        codes.push(text(&answer, "/code"));
        Ok(codes)
    }

    /// Activates an account and signs in.
    pub async fn join(&self, login: &str, code: &str) -> anyhow::Result<Person> {
        let password = format!("demo passphrase of {login}, long enough");
        let body = json!({"code": code, "password": password});
        let activated = self.wanted(Method::POST, None, "/users/activation", None, Some(&body)).await?;
        let secret = TotpSecret::from_base32(&text(&activated, "/totp_secret")).map_err(|e| anyhow::anyhow!("{e}"))?;
        let now = u64::try_from(chrono::Utc::now().timestamp())?;
        let body = json!({"login": login, "password": password, "code": secret.code_at(now).expose().as_str()});
        let session = self.wanted(Method::POST, None, "/sessions", None, Some(&body)).await?;
        Ok(Person { token: text(&session, "/token") })
    }

    /// A public page as a reader gets it.
    pub async fn page(&self, path: &str) -> anyhow::Result<(u16, String)> {
        let response = self.http.get(format!("{}{path}", self.base)).send().await?;
        Ok((response.status().as_u16(), response.text().await?))
    }

    /// Fills a public form in, with the one-time token the form came with.
    pub async fn fill(&self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<String> {
        let (_, form) = self.page(path).await?;
        let token = between(&form, "name=\"token\" value=\"", "\"").unwrap_or_default();
        let mut body = vec![format!("token={}", encoded(&token))];
        body.extend(fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))));
        let request =
            self.http.post(format!("{}{path}", self.base)).header("content-type", "application/x-www-form-urlencoded");
        let response = request.body(body.join("&")).send().await?;
        let status = response.status();
        let page = response.text().await?;
        if !status.is_success() {
            bail!("{path}: {status}");
        }
        Ok(page)
    }
}

/// Percent-encodes for a form.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// What stands between two marks.
pub fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(inside, _)| inside.to_owned())
}

/// Text at a pointer.
pub fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
