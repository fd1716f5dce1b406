//! HTTP as a user speaks it.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use tocsin::sealing::TotpSecret;

#[derive(Clone)]
pub struct Person {
    pub token: String,
    pub login: String,
    pub password: String,
    pub totp: String,
}

pub struct Client {
    pub base: String,
    pub http: reqwest::Client,
    key: AtomicU32,
}

/// One request being put together.
pub struct Ask<'a> {
    pub method: Method,
    pub path: &'a str,
    pub who: Option<&'a Person>,
    pub seen: Option<&'a str>,
    pub key: Option<&'a str>,
    pub body: Option<&'a Value>,
}

impl Client {
    pub fn new(base: &str) -> Self {
        // No connection is kept: on a busy machine one is used again just when the server closes it.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).pool_max_idle_per_host(0);
        let http = http.build().unwrap();
        Self { base: base.to_owned(), http, key: AtomicU32::new(1) }
    }

    /// Sends to an address below `/api/v1`.
    pub async fn ask(&self, ask: Ask<'_>) -> Response {
        let mut request = self.http.request(ask.method.clone(), format!("{}/api/v1{}", self.base, ask.path));
        if let Some(person) = ask.who {
            request = request.bearer_auth(&person.token);
        }
        if let Some(seen) = ask.seen {
            request = request.header("if-match", format!("\"{seen}\""));
        }
        let fresh = format!("test-{}", self.key.fetch_add(1, Ordering::Relaxed));
        if ask.method != Method::GET {
            request = request.header("idempotency-key", ask.key.unwrap_or(&fresh));
        }
        if let Some(body) = ask.body {
            request = request.json(body);
        }
        request.send().await.unwrap()
    }

    async fn well(&self, ask: Ask<'_>) -> Value {
        let what = format!("{} {}", ask.method, ask.path);
        let response = self.ask(ask).await;
        let status = response.status();
        let answer: Value = response.json().await.unwrap_or_default();
        assert!(status.is_success(), "{what}: {status} {answer:#}");
        answer
    }

    pub async fn get(&self, who: &Person, path: &str) -> Value {
        self.well(Ask { method: Method::GET, path, who: Some(who), seen: None, key: None, body: None }).await
    }

    pub async fn post(&self, who: &Person, path: &str, body: &Value) -> Value {
        self.well(Ask { method: Method::POST, path, who: Some(who), seen: None, key: None, body: Some(body) }).await
    }

    pub async fn put(&self, who: &Person, path: &str, version: i64, body: &Value) -> Value {
        let seen = version.to_string();
        self.well(Ask { method: Method::PUT, path, who: Some(who), seen: Some(&seen), key: None, body: Some(body) })
            .await
    }

    pub async fn patch(&self, who: &Person, path: &str, version: i64, body: &Value) -> Value {
        let seen = version.to_string();
        self.well(Ask { method: Method::PATCH, path, who: Some(who), seen: Some(&seen), key: None, body: Some(body) })
            .await
    }

    pub async fn decide(&self, who: &Person, path: &str, digest: &str, body: &Value) -> Value {
        self.well(Ask { method: Method::POST, path, who: Some(who), seen: Some(digest), key: None, body: Some(body) })
            .await
    }

    /// A POST that must fail: status and the codes it names.
    pub async fn refused(&self, who: &Person, path: &str, seen: Option<&str>, body: &Value) -> (u16, Vec<String>) {
        let response =
            self.ask(Ask { method: Method::POST, path, who: Some(who), seen, key: None, body: Some(body) }).await;
        let status = response.status();
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let problem: Value = response.json().await.unwrap();
        (status.as_u16(), codes(&problem))
    }

    /// A GET that must fail: status and the codes it names.
    pub async fn refused_get(&self, who: &Person, path: &str) -> (u16, Vec<String>) {
        let ask = Ask { method: Method::GET, path, who: Some(who), seen: None, key: None, body: None };
        let response = self.ask(ask).await;
        let status = response.status().as_u16();
        let problem: Value = response.json().await.unwrap();
        (status, codes(&problem))
    }

    pub async fn delete(&self, who: &Person, path: &str) -> Value {
        self.well(Ask { method: Method::DELETE, path, who: Some(who), seen: None, key: None, body: None }).await
    }

    pub async fn delete_with(&self, who: &Person, path: &str, body: &Value) -> Value {
        self.well(Ask { method: Method::DELETE, path, who: Some(who), seen: None, key: None, body: Some(body) }).await
    }

    /// A public page.
    pub async fn page(&self, path: &str) -> (u16, String) {
        let response = self.http.get(format!("{}{path}", self.base)).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Fills a form in with the token it came with.
    pub async fn fill(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let (_, form) = self.page(path).await;
        let token = between(&form, "name=\"token\" value=\"", "\"").unwrap_or_default();
        let mut all = vec![("token", token.as_str())];
        all.extend(fields);
        self.send_form(path, &all).await
    }

    pub async fn send_form(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let encode = |text: &str| {
            text.bytes()
                .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
                .collect::<String>()
        };
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let request =
            self.http.post(format!("{}{path}", self.base)).header("content-type", "application/x-www-form-urlencoded");
        let response = request.body(body.join("&")).send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// Activates an account and signs in, at a moment of the installation's clock.
    pub async fn join(&self, login: &str, code: &str, at: chrono::DateTime<chrono::Utc>) -> Person {
        let password = format!("a long passphrase of {login} for tests");
        let activation = json!({"code": code, "password": password});
        let activated = self
            .well(Ask {
                method: Method::POST,
                path: "/users/activation",
                who: None,
                seen: None,
                key: None,
                body: Some(&activation),
            })
            .await;
        let totp = activated["totp_secret"].as_str().unwrap().to_owned();
        let mut person = Person { token: String::new(), login: login.to_owned(), password, totp };
        let credentials = person.credentials_at(at);
        let session = self
            .well(Ask {
                method: Method::POST,
                path: "/sessions",
                who: None,
                seen: None,
                key: None,
                body: Some(&credentials),
            })
            .await;
        session["token"].as_str().unwrap().clone_into(&mut person.token);
        person
    }
}

impl Person {
    /// What signing in takes now.
    pub fn credentials(&self) -> Value {
        self.credentials_at(chrono::Utc::now())
    }

    /// What signing in takes at a moment of the installation's clock.
    pub fn credentials_at(&self, at: chrono::DateTime<chrono::Utc>) -> Value {
        let secret = TotpSecret::from_base32(&self.totp).unwrap();
        let now = u64::try_from(at.timestamp()).unwrap();
        json!({"login": self.login, "password": self.password, "code": secret.code_at(now).expose().as_str()})
    }
}

/// The problem's own code and those of its places.
pub fn codes(problem: &Value) -> Vec<String> {
    let mut codes = vec![problem["code"].as_str().unwrap_or_default().to_owned()];
    codes.extend(
        problem["errors"].as_array().into_iter().flatten().map(|e| e["code"].as_str().unwrap_or_default().to_owned()),
    );
    codes
}

pub fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(inside, _)| inside.to_owned())
}

/// The code on a receipt page.
pub fn receipt(page: &str) -> String {
    let inside = between(page, "<p class=\"code\">", "</p>").expect("a receipt code");
    inside.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text.trim()).collect()
}
