//! Backup and restore: an old backup sends nothing by itself, and what it holds is settled by a person.

use crate::support::workers::{Process, count, until};
use crate::support::{TestApp, database};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;
use tocsin::catcher::Script;

fn tocsin(app: &TestApp, url: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tocsin"))
        .args(arguments)
        .env("TOCSIN_DATABASE__URL", url)
        .env("TOCSIN_KEYS__SERVER_KEY_FILE", app.folder.path().join("server.key"))
        .env("TOCSIN_MEDIA__DIRECTORY", app.folder.path().join("media"))
        .output()
        .unwrap()
}

fn words(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
}

#[actix_web::test]
async fn a_restored_backup_sends_nothing_before_somebody_says_what_became_of_it() {
    let app = TestApp::start_with(|config| config.worker.shard_recipients = 5).await;
    let people = app.subscribe_apart("21009", "fr", 20);
    let (_, dispatch) = app.dispatched().await;
    let file = app.folder.path().join("copy.backup");
    let copy = file.to_str().unwrap();
    let made = tocsin(&app, &app.url, &["--json", "backup", copy]);
    assert!(made.status.success(), "{}", words(&made));
    assert!(!tocsin(&app, &app.url, &["backup", copy]).status.success(), "never over another backup");
    // Life goes on after the backup.
    app.work().await;
    assert_eq!(app.catcher.accepted(), people.len());

    let other = tempfile::tempdir().unwrap();
    let url = database(&other);
    let out = tocsin(&app, &app.url, &["restore", copy]);
    assert!(!out.status.success(), "a database in use is not replaced by accident: {}", words(&out));
    let out = tocsin(&app, &url, &["--json", "restore", copy]);
    assert!(out.status.success(), "{}", words(&out));
    let said: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    // Four pages and feed entries, four shards of mail.
    assert_eq!((&said["epoch"], &said["held"]), (&1.into(), &8.into()), "{said}");

    let worker = Process::worker(&app, &[("TOCSIN_DATABASE__URL", url.as_str())]);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(app.catcher.accepted(), people.len(), "an old backup sent again: {}", worker.words());
    drop(worker);
    let out = tocsin(&app, &url, &["dispatch", "watch", "--once", &dispatch]);
    assert!(words(&out).contains("email fr 0/20") && words(&out).contains("8 deliveries wait"), "{}", words(&out));
}

#[actix_web::test]
async fn a_backup_that_was_touched_is_not_restored() {
    let app = TestApp::start().await;
    let file = app.folder.path().join("copy.backup");
    assert!(tocsin(&app, &app.url, &["backup", file.to_str().unwrap()]).status.success());
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let other = tempfile::tempdir().unwrap();
    let out = tocsin(&app, &database(&other), &["restore", file.to_str().unwrap()]);
    assert!(!out.status.success() && words(&out).contains("not what its manifest describes"), "{}", words(&out));
    assert!(!Path::new(&other.path().join("test.db")).exists(), "nothing was put anywhere");
}

#[actix_web::test]
async fn a_dispatch_is_watched_until_it_is_finished() {
    let app = TestApp::start().await;
    // Slowly enough that there is something to watch.
    for person in app.subscribe_apart("21009", "fr", 12) {
        app.catcher.script(&person, Script::Slow(Duration::from_millis(900)));
    }
    let (_, dispatch) = app.dispatched().await;
    let _worker = Process::worker(&app, &[("TOCSIN_EMAIL__CONNECTIONS", "2"), ("TOCSIN_EMAIL__IN_FLIGHT", "2")]);
    let (key, media) = (app.folder.path().join("server.key"), app.folder.path().join("media"));
    let mut watching = Command::new(env!("CARGO_BIN_EXE_tocsin"))
        .args(["--json", "dispatch", "watch", &dispatch])
        .env("TOCSIN_DATABASE__URL", &app.url)
        .env("TOCSIN_KEYS__SERVER_KEY_FILE", key)
        .env("TOCSIN_MEDIA__DIRECTORY", media)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let ended = until(Duration::from_mins(1), || watching.try_wait().unwrap().is_some()).await;
    if !ended {
        watching.kill().unwrap();
    }
    let out = watching.wait_with_output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert!(ended && out.status.success(), "{text}");
    let ends = text.lines().filter(|line| line.contains("\"estimated_end\":\"20")).count();
    assert!(ends > 0 && last["estimated_end"].is_null(), "{text}");
    assert_eq!(last["provinces"][0]["language"], "fr", "{last}");
    assert_eq!((&last["finished"], &last["provinces"][0]["sent"]), (&true.into(), &12.into()), "{last}");
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM deliveries WHERE state <> 'done'"), 0);
}
