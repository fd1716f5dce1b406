//! Mail that comes back or is refused for good: counted, its address erased and never written to again until its owner
//! comes back; a relay that refuses everybody empties no list. And the signature under every mail, read by another program.

use crate::support::TestApp;
use crate::support::client::between;
use crate::support::workers::count;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use chrono::TimeDelta;
use diesel::connection::SimpleConnection as _;
use mail_parser::MessageParser;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use tocsin::app::bounce;
use tocsin::app::subscribe::{self, ImportLine, Imported};
use tocsin::catcher::Script;
use tocsin::channels::email::dkim::DkimSigner;

const DOMAIN: &str = "bounce.tocsin.example";

/// An installation whose bounces come to a Maildir.
async fn installation() -> (TestApp, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("new")).unwrap();
    let place = folder.path().to_owned();
    let app = TestApp::start_with(|config| {
        DOMAIN.clone_into(&mut config.email.bounce_domain);
        config.email.bounce_folder = Some(place);
    })
    .await;
    (app, folder)
}

/// Puts a report about the mail that was sent to an address into the folder.
fn come_back(app: &TestApp, folder: &Path, name: &str, address: &str, status: &str) {
    let sent = app.catcher.mails().into_iter().rev().find(|mail| mail.to == [address]).unwrap();
    assert!(sent.from.ends_with(DOMAIN), "{}", sent.from);
    let report = format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@relay.example\r\nX-Original-To: {}\r\nSubject: Undelivered\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"cut\"\r\n\r\n\
         --cut\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n--cut\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; relay.example\r\n\r\nFinal-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: {status}\r\n\
         \r\n--cut--\r\n",
        sent.from
    );
    std::fs::write(folder.join("new").join(name), report).unwrap();
}

fn imported(app: &TestApp, emails: &[&str]) -> Imported {
    let now = app.app.db.read_now(|conn| app.app.clock.now(conn)).unwrap();
    let line = |email: &&str| {
        let line = ImportLine { email, language: "fr", cell: "", place: "NIS:21009" };
        subscribe::parse_line(&app.app, &line, "again", now).unwrap()
    };
    let people: Vec<_> = emails.iter().map(line).collect();
    app.app.db.write_now(|conn| subscribe::import(conn, &app.app, &people)).unwrap()
}

#[actix_web::test]
async fn an_address_that_is_gone_is_erased_until_its_owner_confirms_again() {
    let (app, folder) = installation().await;
    let people = app.subscribe("21009", "fr", 12);
    let (_, dispatch) = app.dispatched().await;
    app.work().await;
    assert_eq!(app.catcher.accepted(), 12);
    come_back(&app, folder.path(), "1.gone", &people[3], "5.1.1");
    come_back(&app, folder.path(), "2.again", &people[3], "5.1.1");
    come_back(&app, folder.path(), "3.content", &people[4], "5.7.1");
    std::fs::write(folder.path().join("new/4.other"), "To: somebody@else.example\r\n\r\nhello\r\n").unwrap();
    std::fs::write(folder.path().join("new/.5.unfinished"), "To: ").unwrap();
    app.work().await;
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM subscribers"), 11, "the one that is gone, and nobody else");
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM bounces"), 2);
    let left: Vec<String> = std::fs::read_dir(folder.path().join("new"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left, [".5.unfinished"], "what was read holds addresses and is erased");
    assert!(folder.path().join("unread/4.other").exists(), "what is about no mail of ours is kept for a person");
    let progress = app.http.get(&app.team.dispatcher, &format!("/dispatches/{dispatch}")).await;
    let mails = "SELECT CAST(SUM(sent) AS BIGINT) AS n FROM deliveries WHERE channel = 'email'";
    assert_eq!(count(&app, mails), 10, "two did not arrive: {progress:#}");
    // A list does not bring the address back; its owner does.
    assert_eq!(imported(&app, &[&people[3], "new@example.be"]), Imported { added: 1, unreachable: 1 });
    let form = [("email", people[3].as_str()), ("language", "fr"), ("place", "NIS:21009")];
    assert_eq!(app.http.fill("/fr/subscribe", &form).await.0, 200);
    app.work().await;
    let letter = app.mails_to(&people[3]).pop().unwrap();
    let letter = MessageParser::default().parse(letter.as_bytes()).unwrap().body_text(0).unwrap().into_owned();
    let link = letter.split_whitespace().find(|word| word.contains("/subscribe/confirm/")).unwrap();
    assert_eq!(app.http.send_form(link.strip_prefix(&app.http.base).unwrap(), &[]).await.0, 200);
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM suppressions"), 0);
}

#[actix_web::test]
async fn a_full_mailbox_is_forgiven_twice() {
    let (app, folder) = installation().await;
    let people = app.subscribe("21009", "fr", 2);
    for round in 1..=3 {
        let (id, _) = app.dispatched().await;
        app.work().await;
        come_back(&app, folder.path(), &format!("full.{round}"), &people[0], "5.2.2");
        app.work().await;
        let left = count(&app, "SELECT COUNT(*) AS n FROM subscribers");
        assert_eq!(left, if round == 3 { 1 } else { 2 }, "round {round}");
        app.http
            .post(&app.team.dispatcher, &format!("/appeals/{id}/takedown"), &serde_json::json!({"reason": "over"}))
            .await;
        app.work().await;
        app.app.clock.advance(TimeDelta::seconds(61));
    }
}

#[actix_web::test]
async fn a_relay_that_knows_nobody_empties_no_list() {
    let (app, _folder) = installation().await;
    for email in app.subscribe("21009", "fr", 40) {
        app.catcher.script(&email, Script::Never);
    }
    app.dispatched().await;
    app.work().await;
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM bounces WHERE kind = 'gone'"), 40);
    assert_eq!(
        count(&app, "SELECT COUNT(*) AS n FROM subscribers"),
        40,
        "a relay set up wrongly is not forty dead mailboxes"
    );
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM bounces WHERE waits_since IS NOT NULL"), 0, "all are decided");
}

#[actix_web::test]
async fn a_refused_recipient_among_many_is_struck() {
    let (app, _folder) = installation().await;
    let people = app.subscribe("21009", "fr", 40);
    app.catcher.script(&people[7], Script::Never);
    app.dispatched().await;
    app.work().await;
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM subscribers"), 39);
    assert_eq!(imported(&app, &[&people[7]]), Imported { added: 0, unreachable: 1 });
}

#[actix_web::test]
async fn refused_recipients_among_many_are_struck_by_whichever_worker_comes_first() {
    let (app, _folder) = installation().await;
    let people = app.subscribe("21009", "fr", 40);
    for gone in &people[..6] {
        app.catcher.script(gone, Script::Never);
    }
    app.dispatched().await;
    app.work().await;
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM subscribers"), 34);
    assert_eq!(imported(&app, &[&people[3]]), Imported { added: 0, unreachable: 1 });
    let struck = "SELECT COUNT(*) AS n FROM audit_entries WHERE action = 'subscriber.unreachable'";
    assert_eq!(count(&app, struck), 6);
    // As if a worker had died before it could decide, and two looked for it.
    let again = "UPDATE bounces SET waits_since = at";
    app.app.db.write_now(|conn| conn.batch_execute(again).map_err(tocsin::db::DbError::from)).unwrap();
    let decide = || {
        let installation = app.app.clone();
        app.app.db.write(move |conn| bounce::follow_up(conn, &installation))
    };
    let (one, other) = futures_util::future::join(decide(), decide()).await;
    assert_eq!(one.unwrap() + other.unwrap(), 6, "each by one of them");
    assert_eq!(count(&app, struck), 6, "nobody is struck twice");
}

fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

/// What dkimpy says of a mail when the DNS holds `record`.
fn verified(mail: &[u8], record: &str) -> bool {
    let script = "import dkim, sys\nrecord = sys.argv[1].encode()\nmail = sys.stdin.buffer.read()\n\
                  sys.exit(0 if dkim.verify(mail, dnsfunc=lambda name, timeout=5: record) else 1)";
    let mut child = Command::new("/usr/bin/python3")
        .args(["-c", script, record])
        .stdin(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("python3 and python3-dkim, which tests/run installs");
    child.stdin.take().unwrap().write_all(mail).unwrap();
    child.wait().unwrap().success()
}

#[actix_web::test]
async fn every_mail_is_signed_and_a_changed_one_is_found_out() {
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let rsa: Pkcs8V1Der<'_> = rsa.as_der().unwrap();
    let ed25519 = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).unwrap();
    for (kind, der) in [("rsa", rsa.as_ref()), ("ed25519", ed25519.as_ref())] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dkim.pem");
        std::fs::write(&file, pem(der)).unwrap();
        let app = TestApp::start_with(|config| {
            "s2026".clone_into(&mut config.email.dkim.selector);
            config.email.dkim.key_file = Some(file);
        })
        .await;
        let people = app.subscribe("21009", "fr", 1);
        app.dispatched().await;
        app.work().await;
        let (name, record) = DkimSigner::open(&app.app.config.email).unwrap().unwrap().record();
        assert!(name.starts_with("s2026._domainkey.") && record.contains(&format!("k={kind};")), "{name} {record}");
        let mail = app.mails_to(&people[0]).pop().unwrap();
        assert!(between(&mail, " h=", " bh=").unwrap().contains("list-unsubscribe-post"), "RFC 8058 wants it signed");
        assert!(verified(mail.as_bytes(), &record), "{kind}: {mail}");
        let head = mail.replace("\r\nTo: ", "\r\nFrom: forged@example.be\r\nTo: ");
        let link = mail.replace("=One-Click", "=Two-Click");
        let body = mail.replacen("</p>", "<b></b></p>", 1);
        for (what, changed) in [("a second sender", head), ("the way out", link), ("the text", body)] {
            assert!(changed != mail && !verified(changed.as_bytes(), &record), "{kind}: {what}");
        }
    }
}
