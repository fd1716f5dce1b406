//! Hostile areas over HTTP, against a server process of its own: each is refused with its place or taken, the area stored
//! before stays, memory stays bounded, and a sound filing is answered as before.

#[path = "../hostile/mod.rs"]
mod documents;

use crate::support::client::Client;
use crate::support::workers::was_told;
use crate::support::{TestApp, area};
use documents::{Form, document, first_seed, great, long};
use reqwest::Response;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// `tocsin serve` as its own process, on the test's database.
struct Server {
    child: Child,
    http: Client,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(app: &TestApp) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tocsin"))
            .args(["serve", "--no-worker", "--listen", "127.0.0.1:0"])
            .env("TOCSIN_DATABASE__URL", &app.url)
            .env("TOCSIN_KEYS__SERVER_KEY_FILE", app.folder.path().join("server.key"))
            .env("TOCSIN_MEDIA__DIRECTORY", app.folder.path().join("media"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
        Self { child, http: Client::new(&base) }
    }

    /// Resident memory now and at its highest, in MiB.
    fn memory(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let of = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
        };
        (of("VmRSS:"), of("VmHWM:"))
    }

    async fn put(&self, app: &TestApp, id: &str, version: i64, body: Vec<u8>) -> reqwest::Result<Response> {
        let url = format!("{}/api/v1/appeals/{id}/area", self.http.base);
        let request = self.http.http.put(url).bearer_auth(&app.team.investigator.token);
        let request = request.header("if-match", format!("\"{version}\"")).header("content-type", "application/json");
        // Nothing may hang; unoptimised, the dearest take some seconds.
        request.timeout(Duration::from_mins(2)).body(body).send().await
    }

    async fn stored(&self, app: &TestApp, id: &str, form: &str) -> Response {
        let url = format!("{}/api/v1/appeals/{id}/area?as={form}", self.http.base);
        self.http.http.get(url).bearer_auth(&app.team.investigator.token).send().await.unwrap()
    }
}

fn version(response: &Response) -> i64 {
    response.headers()["etag"].to_str().unwrap().trim_matches('"').parse().unwrap()
}

fn filing(tried: &documents::Document) -> Vec<u8> {
    match tried.form {
        Form::Filing => tried.bytes.clone(),
        Form::GeoJson => [b"{\"include\":[{\"geojson\":".as_slice(), &tried.bytes, b"}]}"].concat(),
    }
}

/// What a refusal must be like.
fn check(problem: &Value, body: &[u8], about: &str) {
    let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{about}: no place: {problem}"));
    assert!(!errors.is_empty() && errors.len() <= 50, "{about}: {problem}");
    let document: Result<Value, _> = serde_json::from_slice(body);
    for error in errors {
        let (pointer, detail) = (error["pointer"].as_str().unwrap(), error["detail"].as_str().unwrap());
        match &document {
            Ok(document) => {
                let above = pointer.rsplit_once('/').map_or("", |(above, _)| above);
                assert!(document.pointer(pointer).or(document.pointer(above)).is_some(), "{about}: no {pointer}");
            }
            Err(_) => assert!(detail.contains("line ") && detail.contains("column "), "{about}: where? {detail}"),
        }
        assert!(!detail.is_empty() && detail.len() < 1_500, "{about}: {detail:.300}");
    }
}

#[actix_web::test]
async fn hostile_areas_are_refused_with_their_place_and_change_nothing() {
    if was_told() {
        return;
    }
    let app = TestApp::start().await;
    let id = app.filed().await;
    let server = Server::start(&app);
    let count = if long() { 4_000 } else { 120 };
    let first = first_seed();
    eprintln!("{count} documents from TOCSIN_TEST_SEED={first} on");
    let mut seen = 3;
    let (before, _) = server.memory();
    let (mut taken, mut refused) = (0, 0);
    let seeded =
        (0..count).map(|i| first.wrapping_add(i)).map(|seed| (format!("TOCSIN_TEST_SEED={seed}"), document(seed)));
    for (seed, tried) in seeded.chain(great().map(|tried| ("great".to_owned(), tried))) {
        let about = format!("{seed} ({})", tried.made);
        let body = filing(&tried);
        let response = server.put(&app, &id, seen, body.clone()).await.unwrap_or_else(|e| panic!("{about}: {e}"));
        let status = response.status().as_u16();
        if status == 200 {
            taken += 1;
            seen = version(&response);
            let drawn = server.stored(&app, &id, "geojson").await.status().as_u16();
            assert!(drawn == 200 || drawn == 409, "{about}: drawn {drawn}");
            continue;
        }
        refused += 1;
        assert_eq!(status, 422, "{about}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{about}");
        check(&response.json().await.unwrap(), &body, &about);
        let kept = server.stored(&app, &id, "split").await;
        assert_eq!((kept.status().as_u16(), version(&kept)), (200, seen), "{about}: the area before it is gone");
    }
    assert!(taken > count / 50 && refused > count / 3, "{taken} taken, {refused} refused: the mixture shows nothing");

    // A body over the limit is refused or cut off, however large it says it is.
    for size in [16, 64] {
        let body = [b"{\"include\":\"".to_vec(), vec![b'x'; size << 20], b"\"}".to_vec()].concat();
        if let Ok(response) = server.put(&app, &id, seen, body).await {
            assert_eq!(response.status(), 413);
        }
    }
    let (after, highest) = server.memory();
    eprintln!("{taken} taken, {refused} refused; memory {before} MiB before, {after} after, {highest} at its highest");
    // A body of 6 MiB of the smallest values becomes some 200 MiB in memory while it is read; nothing of it stays but
    // what the allocator keeps for the next.
    assert!(highest < 1_024 && after < before + 512, "{before} MiB before, {after} after, {highest} at its highest");

    let sound = area().to_string().into_bytes();
    let response = server.put(&app, &id, seen, sound).await.unwrap();
    assert_eq!(response.status(), 200, "a sound filing is taken as before");
}
