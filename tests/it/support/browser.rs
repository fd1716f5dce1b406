//! Real Chromium through chromedriver's WebDriver protocol: plain HTTP and JSON, so no client library is needed.

use base64::Engine;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub struct Browser {
    driver: Child,
    session: String,
    http: reqwest::Client,
    profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A driver that is killed leaves its browser behind: the session is ended first.
        let _ = self.end_session();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = self.profile.path();
    }
}

impl Browser {
    /// `DELETE /session/{id}`, blocking: there may be no runtime left when a test ends.
    fn end_session(&self) -> std::io::Result<()> {
        let rest = self.session.trim_start_matches("http://");
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut stream = std::net::TcpStream::connect(host)?;
        stream.set_read_timeout(Some(std::time::Duration::from_secs(5)))?;
        write!(stream, "DELETE /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    }

    /// A window of a width in CSS pixels, as a phone (320) or a desk (1280) has it.
    pub async fn open(width: u32) -> Self {
        Self::open_as(width, json!({})).await
    }

    /// [`Browser::open`] for somebody who switched scripts off. What the tests themselves evaluate still runs.
    pub async fn open_without_scripts(width: u32) -> Self {
        Self::open_as(width, json!({"profile.managed_default_content_settings.javascript": 2})).await
    }

    async fn open_as(width: u32, preferences: Value) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut driver =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let started = lines.find(|line| line.contains("started successfully on port")).expect("chromedriver starts");
        let port: u16 = started.rsplit("port ").next().unwrap().trim_end_matches('.').trim().parse().unwrap();
        // The pipe must be read to its end, or the driver would block on a full one.
        std::thread::spawn(move || lines.for_each(drop));
        let arguments = json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
            "--hide-scrollbars",
            format!("--user-data-dir={}", profile.path().display()),
        ]);
        let options = json!({"args": arguments, "prefs": preferences, "mobileEmulation": {"deviceMetrics": {"width": width, "height": 900, "pixelRatio": 1, "touch": false}}});
        let capabilities =
            json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}});
        let http = reqwest::Client::new();
        let base = format!("http://127.0.0.1:{port}/session");
        let answer: Value = http.post(&base).json(&capabilities).send().await.unwrap().json().await.unwrap();
        let id = answer["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {answer}"));
        Self { driver, session: format!("{base}/{id}"), http, profile }
    }

    async fn post(&self, what: &str, body: &Value) -> Value {
        let answer: Value =
            self.http.post(format!("{}/{what}", self.session)).json(body).send().await.unwrap().json().await.unwrap();
        assert!(answer["value"]["error"].is_null(), "{what}: {answer}");
        answer["value"].clone()
    }

    pub async fn go(&self, url: &str) {
        self.post("url", &json!({"url": url})).await;
    }

    /// Evaluates an expression in the page.
    pub async fn value(&self, expression: &str) -> Value {
        self.post("execute/sync", &json!({"script": format!("return {expression}"), "args": []})).await
    }

    /// What a script hands to its last argument, a function.
    pub async fn value_of(&self, script: &str) -> Value {
        self.post("execute/async", &json!({"script": script, "args": []})).await
    }

    /// Presses keys, one after the other, wherever the focus is (WebDriver's code points: U+E004 tabulator, U+E007 enter).
    pub async fn keys(&self, keys: &str) {
        let presses: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key.to_string()})))
            .collect();
        self.post("actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": presses}]})).await;
    }

    /// What has the focus: its tag and name.
    pub async fn focus(&self) -> Value {
        self.value("(e => ({tag: e.tagName.toLowerCase(), name: e.name || ''}))(document.activeElement)").await
    }

    /// How wide the page is, and how wide the window.
    pub async fn widths(&self) -> (i64, i64) {
        let wide = self.value("document.documentElement.scrollWidth").await;
        let shown = self.value("innerWidth").await;
        (wide.as_i64().unwrap(), shown.as_i64().unwrap())
    }

    /// The text of the first element of a CSS selector, once the page shows it: a click answers before the page that
    /// it leads to has come, so what is on that page is waited for. Ends with what the page says instead.
    pub async fn text_of(&self, selector: &str) -> String {
        const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);
        let began = std::time::Instant::now();
        let text = format!("(e => e && e.innerText)(document.querySelector({}))", Value::from(selector));
        loop {
            // Between two pages there may be no document to ask: an error here only means "not yet".
            let asked = json!({"script": format!("return {text}"), "args": []});
            let sent = self.http.post(format!("{}/execute/sync", self.session)).json(&asked).send().await.unwrap();
            let answer: Value = sent.json().await.unwrap();
            if let Some(text) = answer["value"].as_str().filter(|text| !text.is_empty()) {
                return text.to_owned();
            }
            let left = PATIENCE.checked_sub(began.elapsed());
            let shown = if left.is_none() { self.value("document.body.innerText").await } else { Value::Null };
            assert!(left.is_some(), "no {selector} on the page: {shown}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// Clicks the first element of a CSS selector.
    pub async fn click(&self, selector: &str) {
        let found = self.post("element", &json!({"using": "css selector", "value": selector})).await;
        let id = found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
        self.post(&format!("element/{id}/click"), &json!({})).await;
    }

    /// Types into the first element of a CSS selector.
    pub async fn write(&self, selector: &str, text: &str) {
        let found = self.post("element", &json!({"using": "css selector", "value": selector})).await;
        let id = found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
        self.post(&format!("element/{id}/value"), &json!({"text": text})).await;
    }

    /// Keeps a picture of the window under `target/screenshots`, for people to look at.
    pub async fn picture(&self, name: &str) {
        let answer: Value =
            self.http.get(format!("{}/screenshot", self.session)).send().await.unwrap().json().await.unwrap();
        let png = base64::engine::general_purpose::STANDARD.decode(answer["value"].as_str().unwrap()).unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }
}
