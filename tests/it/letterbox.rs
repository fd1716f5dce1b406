//! Mails that name no appeal: sealed like answers, opened by a reader with a reason, brought to where they belong, removed.

use crate::support::client::Ask;
use crate::support::{TestApp, member};
use reqwest::Method;
use serde_json::{Value, json};
use tocsin::app::inbound_mail::{self, Delivered, Letter, Recipient};
use tocsin::app::letterbox;
use tocsin::domain::actor::Role;

const CANARY: &str = "canari-sans-adresse-0815";

fn mail(to: &str, number: u32) -> String {
    let photo = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, crate::attachments::jpeg_for_mail());
    let lines: Vec<&str> = photo.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!(
        "From: Paul Exemple <paul@mail.example.be>\r\nTo: <{to}>\r\nSubject: Pas la bonne adresse {number}\r\n\
         Message-ID: <{number}@mail.example.be>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         Je l'ai vue. {CANARY}\r\n--b\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"photo.jpg\"\r\n\r\n{}\r\n--b--\r\n",
        lines.join("\r\n")
    )
}

async fn hand(app: &TestApp, raw: &str) -> Delivered {
    let letter = Letter::read(raw.as_bytes(), None).unwrap();
    inbound_mail::deliver(&app.app, &letter, &Recipient::Letterbox).await.unwrap()
}

async fn waiting(app: &TestApp) -> Vec<String> {
    let list = app.http.get(&app.team.responder, "/letterbox").await;
    list["items"].as_array().unwrap().iter().map(|mail| mail["id"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_mail_without_an_address_is_sealed_opened_with_a_reason_and_brought_to_its_appeal() {
    let boxes = tempfile::tempdir().unwrap();
    let folder = boxes.path().to_owned();
    let app = TestApp::start_with(|config| config.responses.mail_directory = folder.display().to_string()).await;
    let (id, slug) = app.live().await;
    for (n, to) in
        ["tips@police.example.be", "tips+0000000000@police.example.be", "tips@police.example.be"].iter().enumerate()
    {
        // The third is the first once more.
        std::fs::write(folder.join(n.to_string()), mail(to, if n == 1 { 2 } else { 1 })).unwrap();
    }
    let picked = inbound_mail::pick_up(&app.app).await.unwrap();
    assert_eq!((picked.boxed, picked.repeated, picked.taken, picked.aside), (2, 1, 0, 0));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "nothing is left in the clear");
    assert!(!app.lies_open(CANARY), "nor in database and store");
    let mails = waiting(&app).await;
    assert_eq!(mails.len(), 2);
    let reader = &app.team.responder;
    let first = format!("/letterbox/{}", mails[0]);
    assert_eq!(app.http.refused_get(reader, &first).await.0, 422, "without a reason");
    let refused = app.http.refused_get(&app.team.dispatcher, &format!("{first}?reason=curious")).await;
    assert_eq!(refused.0, 403);
    let opened = app.http.get(reader, &format!("{first}?reason=where%20does%20it%20belong")).await;
    assert!(opened["text"].as_str().unwrap().contains(CANARY), "{opened}");
    assert_eq!(
        (&opened["subject"], &opened["from"]),
        (&json!("Pas la bonne adresse 1"), &json!("paul@mail.example.be"))
    );
    assert_eq!(opened["files"][0]["name"], "photo.jpg");
    let routing = format!("{first}/routing");
    let body = json!({"appeal": id, "reason": "it is about her"});
    assert_eq!(app.http.refused(&app.team.dispatcher, &routing, None, &body).await.0, 403);
    assert_eq!(app.http.refused(reader, &routing, None, &json!({"appeal": id})).await.0, 422);
    app.http.post(reader, &routing, &body).await;
    let all = app.opened(&id).await;
    assert_eq!(all.len(), 1);
    assert!(all[0]["text"]["what"].as_str().unwrap().contains(CANARY));
    assert_eq!((&all[0]["channel"], &all[0]["files"][0]["name"]), (&json!("mail"), &json!("photo.jpg")));
    assert_eq!(all[0]["sender"]["email"], "paul@mail.example.be");
    assert_eq!(app.http.refused(reader, &routing, None, &body).await.0, 404, "it lies there no more");
    // Sent once more to the right address it is the same answer.
    let right = mail(&format!("tips+{slug}@police.example.be"), 1);
    let to = inbound_mail::recipient(&app.app, &format!("tips+{slug}@police.example.be")).await.unwrap();
    let letter = Letter::read(right.as_bytes(), None).unwrap();
    assert_eq!(inbound_mail::deliver(&app.app, &letter, &to).await.unwrap(), Delivered::Repeated);
    let removal = format!("/letterbox/{}", mails[1]);
    app.http.delete_with(reader, &removal, &json!({"reason": "nothing to do with us"})).await;
    assert!(waiting(&app).await.is_empty());
    for (letter, acts) in [
        (&mails[0], ["letter.received", "letter.read", "letter.opened_to_route", "letter.routed"].as_slice()),
        (&mails[1], ["letter.received", "letter.removed"].as_slice()),
    ] {
        let audit = app.http.get(reader, &format!("/audit?object={letter}")).await;
        let found: Vec<&str> =
            audit["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        assert!(acts.iter().all(|act| found.contains(act)), "{found:?}");
    }
    assert!(!app.lies_open(CANARY));
}

#[actix_web::test]
async fn only_those_who_were_given_the_key_read_and_old_mails_go() {
    let app = TestApp::start().await;
    app.live().await;
    assert_eq!(hand(&app, &mail("tips@police.example.be", 1)).await, Delivered::Boxed);
    assert_eq!(hand(&app, &mail("tips@police.example.be", 1)).await, Delivered::Repeated);
    let letter = waiting(&app).await.remove(0);
    let second = member(&app.app, &app.http, "unit", "second", &[Role::Responder]).await;
    let path = format!("/letterbox/{letter}?reason=first%20look");
    assert_eq!(app.http.refused_get(&second, &path).await, (403, vec!["no-reader-key".to_owned()]));
    let me = app.http.get(&second, "/me").await;
    app.http.post(&app.team.responder, "/letterbox/readers", &json!({"user": me["id"]})).await;
    assert!(app.http.get(&second, &path).await["text"].as_str().unwrap().contains(CANARY));
    let stranger = member(&app.app, &app.http, "elsewhere", "stranger", &[Role::Responder]).await;
    assert_eq!(app.http.refused_get(&stranger, &path).await.0, 404, "another unit's is not there");
    // A flipped byte in the store does not open.
    let store = app.folder.path().join("media");
    let mut folders = vec![store];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let mut bytes = std::fs::read(entry.path()).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(entry.path(), bytes).unwrap();
        }
    }
    let ask = Ask { method: Method::GET, path: &path, who: Some(&second), seen: None, key: None, body: None };
    let answer = app.http.ask(ask).await;
    assert_eq!(answer.status(), 409);
    let body: Value = answer.json().await.unwrap();
    assert!(!body.to_string().contains(CANARY));
    let ids = || {
        app.app.db.read_now(|conn| {
            let unit = tocsin::db::access::user_by_login(conn, "reader")?.unit;
            Ok::<_, tocsin::db::DbError>(tocsin::db::letterbox::list(conn, &unit, "", 10)?.len())
        })
    };
    app.app.clock.advance(chrono::TimeDelta::days(89));
    letterbox::sweep(&app.app).await.unwrap();
    assert_eq!(ids().unwrap(), 1);
    app.app.clock.advance(chrono::TimeDelta::days(2));
    letterbox::sweep(&app.app).await.unwrap();
    assert_eq!(ids().unwrap(), 0, "kept as long as responses are, and no longer");
}
