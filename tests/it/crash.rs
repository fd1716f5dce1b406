//! Death in the middle: a worker process is killed while it sends; another one finishes.

use crate::support::TestApp;
use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tocsin::catcher::Script;

fn worker(app: &TestApp) -> Child {
    Command::new(env!("CARGO_BIN_EXE_tocsin"))
        .arg("worker")
        .env("TOCSIN_DATABASE__URL", &app.url)
        .env("TOCSIN_KEYS__SERVER_KEY_FILE", app.folder.path().join("server.key"))
        .env("TOCSIN_MEDIA__DIRECTORY", app.folder.path().join("media"))
        .env("TOCSIN_SERVER__PUBLIC_URL", &app.http.base)
        .env("TOCSIN_EMAIL__HOST", "127.0.0.1")
        .env("TOCSIN_EMAIL__PORT", app.catcher.address.port().to_string())
        .env("TOCSIN_EMAIL__SECURITY", "none")
        .env("TOCSIN_EMAIL__CONNECTIONS", "8")
        .env("TOCSIN_WORKER__LEASE_SECONDS", "5")
        .env("TOCSIN_WORKER__POLL_MILLIS", "20")
        .env("TOCSIN_WORKER__SHARD_RECIPIENTS", "100")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[actix_web::test]
async fn kill_9_in_the_middle_loses_nobody_and_repeats_at_most_those_in_flight() {
    let app = TestApp::start_with(|config| config.worker.shard_recipients = 100).await;
    let people = app.subscribe("21009", "fr", 300);
    // Slow answers keep eight mails in flight when the kill comes.
    for person in &people {
        app.catcher.script(person, Script::Slow(Duration::from_millis(15)));
    }
    app.dispatched().await;
    let kills = if std::env::var("TOCSIN_TEST_LONG").is_ok() { 10 } else { 2 };
    for round in 1..=kills {
        let mut process = worker(&app);
        let begun = Instant::now();
        let goal = app.catcher.accepted() + 20 + round;
        while app.catcher.accepted() < goal.min(290) && begun.elapsed() < Duration::from_secs(20) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        process.kill().unwrap();
        process.wait().unwrap();
    }
    let mut last = worker(&app);
    let begun = Instant::now();
    let reached = || {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for mail in app.catcher.mails() {
            *counts.entry(mail.to[0].clone()).or_default() += 1;
        }
        counts
    };
    while reached().len() < people.len() && begun.elapsed() < Duration::from_mins(1) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Whatever would be sent twice is sent within another lease.
    tokio::time::sleep(Duration::from_secs(6)).await;
    last.kill().unwrap();
    last.wait().unwrap();
    let counts = reached();
    assert_eq!(counts.len(), people.len(), "nobody was lost");
    let repeated: usize = counts.values().map(|count| count - 1).sum();
    assert!(repeated <= 8 * kills, "{repeated} repeated after {kills} kills with 8 in flight each");
}
