//! The audit as a court would check it: tampering found and named, checkpoints kept outside, an export that needs nobody.

use crate::support::TestApp;
use crate::support::tamper::{Draw, tamper};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use std::process::Command;
use tocsin::app::audit::{self, Act, By};
use tocsin::app::checkpoints::{self, Outside};
use tocsin::app::verify_audit::{self, Finding};
use tocsin::app::{App, AppError};
use tocsin::db::{self, Conn, DbError};
use tocsin::domain::audit::{Broken, Checkpoint, Entry, Verdict, Why};
use tocsin::sealing::{CheckpointPublicKey, OsRandom, RandomSource};

fn sql(app: &App, statement: &str) {
    app.db.write_now(|conn| conn.batch_execute(statement).map_err(DbError::from)).unwrap();
}

/// The command with the installation of `app`; exit code and JSON.
fn command(app: &TestApp, arguments: &[&str]) -> (i32, Value) {
    let out = Command::new(env!("CARGO_BIN_EXE_tocsin"))
        .args(arguments)
        .arg("--json")
        .env("TOCSIN_DATABASE__URL", &app.url)
        .env("TOCSIN_KEYS__SERVER_KEY_FILE", app.folder.path().join("server.key"))
        .env("TOCSIN_MEDIA__DIRECTORY", app.folder.path().join("media"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let view = serde_json::from_str(text.lines().last().unwrap_or("null")).unwrap_or(Value::Null);
    (out.status.code().unwrap(), view)
}

fn acts(app: &App, count: usize) {
    let done = app.db.write_now(|conn| {
        let now = app.clock.now(conn)?;
        for n in 0..count {
            let object = format!("rsp_{}", n % 5);
            let reason = if n % 3 == 0 { "triage" } else { "" };
            let payload = if n % 4 == 0 { "a name" } else { "" };
            let act = Act { action: "response.read", object: &object, reason, payload, ..Act::default() };
            audit::record(conn, now, By::service("test"), &act)?;
        }
        Ok::<_, AppError>(())
    });
    done.unwrap();
}

fn seal(app: &App) -> Option<Checkpoint> {
    app.db.write_now(|conn| checkpoints::seal(conn, app)).unwrap()
}

fn kept(app: &TestApp) -> Vec<Checkpoint> {
    let file = app.app.config.checkpoint_file().unwrap();
    verify_audit::read_checkpoints(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn verify(conn: &mut Conn, keys: &[CheckpointPublicKey], kept: &[Checkpoint]) -> Result<Verdict, Finding> {
    verify_audit::database(conn, keys, kept.to_vec(), &mut |_, _| {}).unwrap()
}

#[actix_web::test]
async fn checkpoints_are_made_pushed_and_shown_while_the_service_runs() {
    let app = TestApp::start_with(|config| {
        config.audit.checkpoint_entries = 10;
        "auditor@court.example".clone_into(&mut config.audit.mailbox);
    })
    .await;
    let log = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut heard = app.app.clone();
    let mut config = (*app.app.config).clone();
    config.audit.syslog = format!("udp://{}", log.local_addr().unwrap());
    heard.config = std::sync::Arc::new(config);
    let witness = tokio::spawn(tocsin::worker::witness_audit(heard, stopped));
    log.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    let mut buffer = [0; 2048];
    let length = tokio::task::spawn_blocking(move || log.recv(&mut buffer).map(|n| buffer[..n].to_vec()));
    let message = String::from_utf8(length.await.unwrap().unwrap()).unwrap();
    stop.send(true).unwrap();
    witness.await.unwrap();
    let (first, file) = (verify_audit::read_checkpoints(&message).unwrap(), kept(&app));
    assert_eq!(first, file, "log and file say the same");
    app.work().await;
    let mails = app.mails_to("auditor@court.example");
    let mail = mail_parser::MessageParser::default().parse(mails[0].as_bytes()).unwrap();
    let line = mail.body_text(0).unwrap();
    let line: String = line.lines().filter(|line| line.starts_with('{')).collect();
    assert_eq!(verify_audit::read_checkpoints(&line).unwrap(), file);
    let shown = app.http.get(&app.team.responder, "/audit/checkpoints").await;
    assert_eq!(shown["items"], json!([file[0].to_document()]));
    let key = CheckpointPublicKey::from_text(shown["key"].as_str().unwrap()).unwrap();
    assert!(key.signed(&file[0].mark.signed_bytes(), &file[0].signature));
    let (status, told) = command(&app, &["check"]);
    let finding = told["checks"].as_array().unwrap().iter().find(|c| c["check"] == "audit").unwrap().clone();
    assert_eq!((status, &finding["ok"]), (0, &json!(true)), "{told}");
}

#[actix_web::test]
async fn every_tampering_with_the_table_is_found() {
    let app = TestApp::start().await;
    for _ in 0..4 {
        acts(&app.app, 8);
        seal(&app.app).unwrap();
    }
    for outside in Outside::configured(&app.app) {
        checkpoints::push(&app.app, &outside).unwrap();
    }
    let (kept, keys) = (kept(&app), [app.app.audit_key.public().clone()]);
    let chain: Vec<(Entry, String)> = app
        .app
        .db
        .read_now(|conn| db::audit::entries_after(conn, 0, None, None, 1000))
        .unwrap()
        .into_iter()
        .map(|stored| (stored.entry, stored.hash))
        .collect();
    let verdict = app.app.db.read_now(|conn| Ok::<_, DbError>(verify(conn, &keys, &kept))).unwrap().unwrap();
    assert_eq!((verdict.entries, verdict.covered), (chain.len() as u64, chain.len() as u64));
    let long = std::env::var("TOCSIN_TEST_LONG").is_ok();
    let rounds = if long { 10_000 } else { 300 };
    let mut seed = [0; 8];
    OsRandom.fill(&mut seed);
    let state = std::env::var("TOCSIN_TEST_SEED").map_or(u64::from_le_bytes(seed), |text| text.parse().unwrap());
    println!("TOCSIN_TEST_SEED={state}");
    let mut draw = Draw(state);
    let mut missed = Vec::new();
    for _ in 0..rounds {
        let statement = tamper(&chain, &mut draw);
        let mut found = None;
        // The tampering is undone by refusing to commit it.
        let undone: Result<(), DbError> = app.app.db.write_now(|conn| {
            conn.batch_execute(&statement).map_err(DbError::from)?;
            found = Some(match verify_audit::database(conn, &keys, kept.clone(), &mut |_, _| {}) {
                Ok(outcome) => outcome.is_err(),
                // A value no entry can have is found by reading it.
                Err(verify_audit::Unverifiable::Database(DbError::Corrupt(_))) => true,
                Err(other) => panic!("{other}"),
            });
            Err(DbError::Stale)
        });
        assert!(matches!(undone, Err(DbError::Stale)), "{undone:?}\n{statement}");
        if found != Some(true) {
            missed.push(statement);
        }
    }
    assert!(missed.is_empty(), "{} of {rounds} not found, e.g. {}", missed.len(), missed[0]);
}

#[actix_web::test]
async fn the_command_names_the_first_bad_row_or_the_range_it_is_in() {
    let app = TestApp::start().await;
    acts(&app.app, 20);
    let (status, made) = command(&app, &["audit", "checkpoint"]);
    assert_eq!((status, &made["checkpoint"]["number"]), (0, &json!(1)));
    let first = made["checkpoint"]["size"].as_i64().unwrap();
    acts(&app.app, 30);
    command(&app, &["audit", "checkpoint"]);
    let file = app.app.config.checkpoint_file().unwrap().display().to_string();
    let checked = ["audit", "verify", "--checkpoint", &file];
    let (status, well) = command(&app, &checked);
    assert_eq!((status, &well["covered"], &well["checkpoints"]), (0, &json!(first + 30), &json!(2)), "{well}");
    // A wrong key, a forged signature.
    let other = tocsin::sealing::CheckpointKey::from_seed(&[7; 32]).unwrap();
    let forged = app.folder.path().join("forged");
    let mut last = kept(&app).pop().unwrap();
    last.signature = other.sign(&last.mark.signed_bytes());
    std::fs::write(&forged, last.to_document().to_string()).unwrap();
    let (status, told) = command(&app, &["audit", "verify", "--checkpoint", forged.to_str().unwrap()]);
    assert_eq!((status, &told["why"], &told["checkpoint"]), (1, &json!("checkpoint"), &json!(2)));
    // Rewritten from row `first` + 5 on, every hash, the head and the stored checkpoints: only the file knows better.
    let row = first + 5;
    let tampered = app.app.db.write_now(|conn| {
        let mut entries = db::audit::entries_after(conn, row - 1, None, None, 1000)?;
        entries[0].entry.actor = "usr_somebody_else".to_owned();
        let mut before = entries[0].entry.prev_hash.clone();
        for stored in &mut entries {
            stored.entry.prev_hash.clone_from(&before);
            before = stored.entry.hash();
            let (entry, seq) = (&stored.entry, stored.entry.seq);
            let set = format!("actor = '{}', prev_hash = '{}', hash = '{before}'", entry.actor, entry.prev_hash);
            conn.batch_execute(&format!("UPDATE audit_entries SET {set} WHERE seq = {seq}"))?;
        }
        conn.batch_execute(&format!("UPDATE audit_head SET hash = '{before}'; DELETE FROM audit_checkpoints"))?;
        Ok::<_, DbError>(())
    });
    tampered.unwrap();
    assert_eq!(command(&app, &["audit", "verify"]).0, 0, "without the file the forgery is perfect");
    let (status, told) = command(&app, &checked);
    assert_eq!(status, 1);
    assert_eq!(
        (&told["seq"], &told["upto"], &told["exact"], &told["why"], &told["checkpoint"]),
        (&json!(first + 1), &json!(first + 30), &json!(false), &json!("rewritten"), &json!(2))
    );
    // The file says that it is not the database's any more, and nothing is appended to it.
    acts(&app.app, 1);
    let before = std::fs::read_to_string(&file).unwrap();
    assert_eq!(command(&app, &["audit", "checkpoint"]).0, 1);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    // One field of one row, hashes as they were: named exactly.
    sql(&app.app, "UPDATE audit_entries SET reason = 'other' WHERE seq = 7");
    let (_, told) = command(&app, &checked);
    assert_eq!((&told["seq"], &told["exact"]), (&json!(7), &json!(true)), "{told}");
}

#[actix_web::test]
async fn an_export_is_verified_without_database_or_key_file() {
    let app = TestApp::start().await;
    acts(&app.app, 25);
    seal(&app.app).unwrap();
    let (whole, bare) = (app.folder.path().join("whole.jsonl"), app.folder.path().join("bare.jsonl"));
    let (status, made) = command(&app, &["audit", "export", whole.to_str().unwrap()]);
    assert_eq!(status, 0, "{made}");
    assert_eq!(command(&app, &["audit", "export", bare.to_str().unwrap(), "--without-texts"]).0, 0);
    let elsewhere = tempfile::tempdir().unwrap();
    let check = |file: &std::path::Path, key: Option<&str>| {
        let mut offline = Command::new(env!("CARGO_BIN_EXE_tocsin"));
        offline.args(["audit", "verify", "--json", "--export"]).arg(file).current_dir(elsewhere.path());
        offline.args(key.iter().flat_map(|key| ["--key", key])).env("TOCSIN_DATABASE__URL", "sqlite:/nowhere/at/all");
        let out = offline.output().unwrap();
        let view: Value = serde_json::from_slice(&out.stdout).unwrap();
        (out.status.code().unwrap(), view)
    };
    let key = made["key"].as_str().unwrap();
    for file in [&whole, &bare] {
        let (status, told) = check(file, Some(key));
        assert_eq!((status, &told["ok"], &told["unproved_key"]), (0, &json!(true), &Value::Null), "{told}");
        assert_eq!(told["covered"], told["entries"], "the export's own act is covered as well");
    }
    assert!(check(&whole, None).1["unproved_key"].is_string());
    assert!(std::fs::read_dir(elsewhere.path()).unwrap().next().is_none(), "nothing was made");
    let text = std::fs::read_to_string(&whole).unwrap();
    assert!(text.contains("triage") && !std::fs::read_to_string(&bare).unwrap().contains("triage"));
    let other = tocsin::sealing::CheckpointKey::from_seed(&[7; 32]).unwrap();
    assert_eq!(check(&whole, Some(&other.public().to_text())).1["why"], "checkpoint");
    let at = text.lines().position(|line| line.contains("triage")).unwrap();
    let line = text.lines().nth(at).unwrap();
    let seq = serde_json::from_str::<Value>(line).unwrap()["entry"]["seq"].clone();
    std::fs::write(&whole, text.replacen("triage", "gossip", 1)).unwrap();
    let (status, told) = check(&whole, Some(key));
    assert_eq!((status, &told["seq"], &told["exact"], &told["why"]), (1, &seq, &json!(true), &json!("words-changed")));
    let cut: Vec<&str> = text.lines().collect();
    std::fs::write(&whole, cut[..cut.len() - 3].join("\n")).unwrap();
    assert_eq!(check(&whole, Some(key)).1["why"], "missing");
}

#[actix_web::test]
async fn a_place_that_fails_is_shown_tried_again_and_stops_nothing() {
    let app = TestApp::start().await;
    let file = app.app.config.checkpoint_file().unwrap();
    std::fs::create_dir(&file).unwrap();
    acts(&app.app, 3);
    seal(&app.app).unwrap();
    let [outside] = Outside::configured(&app.app).try_into().unwrap();
    assert!(matches!(checkpoints::push(&app.app, &outside), Err(AppError::Unavailable(_))));
    assert!(checkpoints::standing(&app.app).is_err());
    let (_, told) = command(&app, &["check"]);
    let finding = told["checks"].as_array().unwrap().iter().find(|c| c["check"] == "audit").unwrap();
    assert_eq!(finding["ok"], false, "{told}");
    app.filed().await;
    std::fs::remove_dir(&file).unwrap();
    seal(&app.app).unwrap();
    checkpoints::push(&app.app, &outside).unwrap();
    assert_eq!(kept(&app).len(), 2, "what it missed came with the next");
    assert!(checkpoints::standing(&app.app).is_ok());
}

#[actix_web::test]
async fn a_broken_tail_is_not_signed() {
    let app = TestApp::start().await;
    seal(&app.app).unwrap();
    acts(&app.app, 5);
    let (seq, _) = app.app.db.read_now(db::audit::head).unwrap();
    sql(&app.app, &format!("UPDATE audit_entries SET object = 'x' WHERE seq = {}", seq - 2));
    let refused = app.app.db.write_now(|conn| checkpoints::seal(conn, &app.app));
    assert!(matches!(refused, Err(AppError::Broken(_))), "{refused:?}");
    sql(&app.app, "DELETE FROM audit_entries WHERE seq > 2; UPDATE audit_head SET seq = 2");
    assert!(app.app.db.read_now(|conn| checkpoints::is_due(conn, &app.app)).unwrap(), "a shorter chain is looked at");
    assert!(app.app.db.write_now(|conn| checkpoints::seal(conn, &app.app)).is_err());
}

#[actix_web::test]
async fn erasing_an_objects_words_keeps_the_chain_and_is_itself_an_act() {
    let app = TestApp::start().await;
    acts(&app.app, 20);
    seal(&app.app).unwrap();
    let keys = [app.app.audit_key.public().clone()];
    let (status, told) = command(&app, &["audit", "erase", "rsp_0", "--reason", "order of the court"]);
    assert_eq!((status, &told["erased"]), (0, &json!(2)));
    let look = || app.app.db.read_now(|conn| Ok::<_, DbError>(verify(conn, &keys, &[]))).unwrap();
    assert_eq!(look().unwrap().erased, 2);
    let entries = app.app.db.read_now(|conn| db::audit::entries_after(conn, 0, None, Some("rsp_0"), 100)).unwrap();
    let about = entries.iter().filter(|s| s.entry.action == "response.read");
    assert!(
        about.clone().count() == 4 && about.into_iter().all(|s| s.entry.reason.is_empty() && s.entry.salt.is_empty())
    );
    sql(&app.app, "UPDATE audit_entries SET reason = '', salt = '' WHERE object = 'rsp_1'");
    let Err(Finding::Chain(Broken { why, .. })) = look() else { panic!("a silent erasure is found") };
    assert_eq!(why, Why::SilentlyErased);
}

#[actix_web::test]
async fn reading_personal_data_is_in_the_audit() {
    let app = TestApp::start().await;
    let id = app.authorised().await;
    app.appeal(&id).await;
    let decisions = app.http.get(&app.team.investigator, &format!("/appeals/{id}/authorisations")).await;
    let decision = decisions["items"][0]["id"].as_str().unwrap().to_owned();
    let acts = |object: String| {
        let app = &app;
        async move {
            let found = app.http.get(&app.team.responder, &format!("/audit?object={object}")).await;
            let items = found["items"].as_array().unwrap().clone();
            items.iter().map(|e| e["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    assert!(acts(id).await.contains(&"appeal.read".to_owned()));
    let of_decision = acts(decision.clone()).await;
    assert!(of_decision.contains(&"authorisation.read".to_owned()), "{of_decision:?}");
    // What was decided on is salted: twice the same content is not twice the same digest, and yet it can be proved.
    let found = app.http.get(&app.team.responder, &format!("/audit?object={decision}")).await;
    let recorded = found["items"].as_array().unwrap().iter().find(|e| e["action"] == "authorisation.recorded").unwrap();
    let seq = recorded["seq"].to_string();
    assert_eq!(command(&app, &["audit", "about", &seq, &"0".repeat(64)]).0, 1);
}
