//! Answers that do not come through the form: by telephone, mail and platform, all in the one model; what is said at once
//! in distress and at night; what is kept how long.

use crate::support::TestApp;
use crate::support::client::receipt;
use chrono::{TimeDelta, Timelike, Utc};
use serde_json::{Value, json};
use tocsin::app::{inbound_mail, retention};
use tocsin::domain::attachment::LONGEST_FILE;

async fn live(app: &TestApp) -> (String, String) {
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    (id, slug)
}

async fn opened(app: &TestApp, id: &str) -> Vec<Value> {
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    let mut all = Vec::new();
    for item in list["items"].as_array().unwrap() {
        let path = format!("/responses/{}?reason=triage", item["id"].as_str().unwrap());
        all.push(app.http.get(&app.team.responder, &path).await);
    }
    all
}

#[actix_web::test]
async fn a_clerk_types_in_a_call_and_the_caller_can_come_back_with_the_code() {
    let app = TestApp::start().await;
    let (id, _) = live(&app).await;
    let call = json!({"kind": "sighting", "channel": "phone", "language": "nl", "what": "Zij stapte op tram 44",
        "where": "Tervuren", "when": "20/11/2026 18h30", "name": "An Voorbeeld", "phone": "+32 470 00 00 00"});
    let path = format!("/appeals/{id}/responses");
    let entered = app.http.post(&app.team.responder, &path, &call).await;
    let code = entered["receipt"].as_str().unwrap();
    assert_eq!(app.http.fill("/nl/r", &[("code", code)]).await.0, 200);
    let all = opened(&app, &id).await;
    assert_eq!(
        (&all[0]["channel"], &all[0]["language"], &all[0]["kind"]),
        (&json!("phone"), &json!("nl"), &json!("sighting"))
    );
    assert_eq!((&all[0]["text"]["what"], &all[0]["sender"]["name"]), (&call["what"], &call["name"]));
    assert_eq!(all[0]["text"]["read"]["place"], "NIS:24104");
    let (status, codes) =
        app.http.refused(&app.team.responder, &path, None, &json!({"channel": "fax", "kind": "tip"})).await;
    assert_eq!((status, codes.contains(&"required".to_owned())), (422, true));
    assert_eq!(app.http.refused(&app.team.dispatcher, &path, None, &call).await.0, 403);
    // The same request twice is one response, under a key of the caller's own.
    for expected in [201, 409] {
        let ask = crate::support::client::Ask {
            method: reqwest::Method::POST,
            path: &path,
            who: Some(&app.team.responder),
            seen: None,
            key: Some("letter 17"),
            body: Some(&json!({"kind": "tip", "channel": "letter", "what": "Geachte, ik weet iets"})),
        };
        assert_eq!(app.http.ask(ask).await.status(), expected);
    }
    assert_eq!(opened(&app, &id).await.len(), 2);
    let audit = app.http.get(&app.team.responder, &format!("/audit?object={}", entered["id"].as_str().unwrap())).await;
    assert!(
        audit["items"].as_array().unwrap().iter().any(|e| e["action"] == "response.entered" && e["reason"] == "phone")
    );
    let closure = json!({"outcome": "found_safe", "reason": "at home"});
    app.http.post(&app.team.dispatcher, &format!("/appeals/{id}/closure"), &closure).await;
    assert_eq!(app.http.refused(&app.team.responder, &path, None, &call).await.1, ["appeal-closed"]);
}

#[actix_web::test]
async fn mails_are_picked_up_sealed_and_deleted() {
    let boxes = tempfile::tempdir().unwrap();
    let folder = boxes.path().to_owned();
    let app = TestApp::start_with(|config| config.responses.mail_directory = folder.display().to_string()).await;
    let (id, slug) = live(&app).await;
    let photo = crate::attachments::jpeg_for_mail();
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &photo);
    let lines: Vec<&str> = encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let mail = |number: u32, to: &str, more: &str| {
        format!(
            "From: =?UTF-8?Q?Andr=C3=A9_Exemple?= <andre@mail.example.be>\r\nTo: <{to}>\r\nSubject: =?UTF-8?Q?Vu_=C3=A0_la_gare?=\r\n\
             Message-ID: <{number}@mail.example.be>\r\nMIME-Version: 1.0\r\n{more}Content-Type: multipart/mixed; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
             Elle attendait pr=C3=A8s du kiosque num=C3=A9ro {number}.\r\n\
             --b\r\nContent-Type: image/jpeg; name=\"photo.jpg\"\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename=\"photo.jpg\"\r\n\r\n{}\r\n\
             --b\r\nContent-Type: application/zip; name=\"tout.zip\"\r\nContent-Disposition: attachment; filename=\"tout.zip\"\r\n\r\n\
             PK not a zip\r\n--b--\r\n",
            lines.join("\r\n")
        )
    };
    let to = format!("tips+{}@police.example.be", slug.to_uppercase());
    std::fs::write(folder.join("1"), mail(1, &to, "")).unwrap();
    std::fs::write(folder.join("2"), mail(1, &to, "")).unwrap();
    std::fs::write(folder.join("3"), mail(3, "tips+0000000000@police.example.be", "")).unwrap();
    std::fs::write(folder.join("4"), mail(4, &to, "Auto-Submitted: auto-replied\r\n")).unwrap();
    std::fs::write(folder.join("5"), "no mail at all").unwrap();
    std::fs::write(folder.join(".6"), "still being written").unwrap();
    let picked = inbound_mail::pick_up(&app.app).await.unwrap();
    assert_eq!(picked, inbound_mail::Picked { taken: 2, repeated: 1, boxed: 2, aside: 0 });
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 1, "only what is still being written: {left:?}");
    let all = opened(&app, &id).await;
    assert_eq!(all.len(), 2);
    let what = all[0]["text"]["what"].as_str().unwrap();
    assert!(
        what.starts_with("Vu à la gare") && what.contains("près du kiosque numéro 1") && what.contains("[tout.zip]"),
        "{what}"
    );
    assert_eq!(all[0]["sender"], json!({"name": "André Exemple", "email": "andre@mail.example.be", "phone": ""}));
    assert_eq!((&all[0]["channel"], &all[0]["files"][0]["name"]), (&json!("mail"), &json!("photo.jpg")));
    assert_eq!(all[1]["kind"], "out_of_scope", "what a machine answers");
    assert_eq!(inbound_mail::pick_up(&app.app).await.unwrap(), inbound_mail::Picked::default());
    assert!(LONGEST_FILE > photo.len());
}

#[actix_web::test]
async fn a_platform_is_believed_by_its_signature_alone() {
    use aws_lc_rs::hmac;
    let secret = "a secret of the platform";
    let app = TestApp::start_with(|config| {
        config.responses.webhook_secret = secret.into();
        config.responses.webhook_word = "wort".into();
    })
    .await;
    let (id, slug) = live(&app).await;
    let event = |mid: &str, slug: &str, text: &str| json!({"sender": {"id": "4711"}, "message": {"mid": mid, "text": text, "referral": {"ref": slug}}});
    let body = json!({"object": "page", "entry": [{"messaging": [
        event("m1", &slug, "Je l'ai vue à Mons"), event("m2", "elsewhere", "Bonjour"), json!({"sender": {"id": "1"}, "read": {}}),
    ]}]})
    .to_string();
    let url = format!("{}/inbound/messenger", app.http.base);
    let call = |body: String, signature: String| {
        let request = app.http.http.post(&url).header("x-hub-signature-256", signature);
        async move { request.body(body).send().await.unwrap().status().as_u16() }
    };
    let sign = |body: &str, secret: &str| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body.as_bytes());
        format!("sha256={}", tocsin::domain::canonical::hex(tag.as_ref()))
    };
    assert_eq!(call(body.clone(), String::new()).await, 401);
    assert_eq!(call(body.clone(), sign(&body, "another secret")).await, 401);
    assert_eq!(call(body.replace("Mons", "Gand"), sign(&body, secret)).await, 401, "changed on the way");
    // Twice: platforms repeat what was not answered in time.
    assert_eq!(call(body.clone(), sign(&body, secret)).await, 200);
    assert_eq!(call(body.clone(), sign(&body, secret)).await, 200);
    let all = opened(&app, &id).await;
    assert_eq!(all.len(), 1);
    assert_eq!((&all[0]["text"]["what"], &all[0]["channel"]), (&json!("Je l'ai vue à Mons"), &json!("messenger")));
    assert_eq!(all[0]["sender"]["name"], "messenger 4711", "apart from the text, under its own grant");
    let ask = |word: &str| format!("/inbound/messenger?hub.mode=subscribe&hub.verify_token={word}&hub.challenge=12345");
    assert_eq!(app.http.page(&ask("wort")).await, (200, "12345".to_owned()));
    assert_eq!(app.http.page(&ask("other")).await.0, 403);
    let closed = TestApp::start().await;
    let unsigned = closed
        .http
        .http
        .post(format!("{}/inbound/messenger", closed.http.base))
        .header("x-hub-signature-256", sign("{}", ""));
    assert_eq!(unsigned.body("{}").send().await.unwrap().status(), 401, "without a secret nothing is believed");
}

#[actix_web::test]
async fn distress_is_told_to_call_illegal_content_is_never_shown_and_the_night_says_who_answers() {
    let app = TestApp::start().await;
    let officer =
        crate::support::member(&app.app, &app.http, "unit", "reports", &[tocsin::domain::actor::Role::ReportOfficer])
            .await;
    let (id, slug) = live(&app).await;
    let path = format!("/fr/a/{slug}/respond");
    let (_, page) = app.http.fill(&path, &[("kind", "distress"), ("what", "Elle est enfermée avec moi")]).await;
    receipt(&page);
    let (call, code) = (page.find("href=\"tel:112\"").expect("112"), page.find("class=\"code\"").unwrap());
    assert!(page.contains("href=\"tel:101\"") && call < code, "the numbers stand before the code");
    let (_, page) = app.http.fill(&path, &[("kind", "illegal_content"), ("what", "https://example.org/x")]).await;
    assert!(page.contains("transmis au service compétent"));
    let queue = app.http.get(&app.team.responder, &format!("/appeals/{id}/queue")).await;
    assert_eq!((queue["items"].as_array().unwrap().len(), &queue["items"][0]["kind"]), (1, &json!("distress")));
    assert_eq!(queue["items"][0]["urgency"], 3);
    // A report's files are shown to nobody, not even blurred.
    let pdf = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, b"%PDF-1.7");
    let entry = json!({"kind": "illegal_content", "channel": "api", "what": "voir le fichier", "files": [{"name": "a.pdf", "data": pdf}]});
    let entered = app.http.post(&app.team.responder, &format!("/appeals/{id}/responses"), &entry).await;
    let response = format!("/responses/{}", entered["id"].as_str().unwrap());
    let report = response.replace("responses", "reports");
    let file = app.http.get(&officer, &format!("{report}?reason=routing")).await["response"]["files"][0]["id"].clone();
    let address = format!("{response}/attachments/{}?form=original&reason=routing", file.as_str().unwrap());
    assert_eq!(app.http.refused_get(&app.team.responder, &address).await, (403, vec!["file-never-shown".to_owned()]));

    // Whatever the hour is now: two o'clock in the morning, then noon.
    for (hour, says) in [(2, true), (12, false)] {
        let now = app.app.db.read_now(|conn| app.app.clock.now(conn)).unwrap();
        let local = tocsin::words::Zone::Brussels.wall_clock(now);
        let minutes = (i64::from(hour) * 60 - i64::from(local.hour() * 60 + local.minute())).rem_euclid(24 * 60);
        app.app.clock.advance(TimeDelta::minutes(minutes));
        let text = format!("Un détail de {hour} heures");
        let (status, page) = app.http.fill(&path, &[("kind", "tip"), ("what", &text)]).await;
        assert_eq!((status.as_u16(), page.contains("Il fait nuit")), (200, says), "{hour}");
        assert!(!says || (page.contains("101") && page.contains("112")));
    }
}

#[actix_web::test]
async fn responses_are_erased_ninety_days_after_closing_unless_somebody_holds_them() {
    let app = TestApp::start().await;
    let (id, slug) = live(&app).await;
    let (_, page) = app.http.fill(&format!("/fr/a/{slug}/respond"), &[("kind", "tip"), ("what", "Vu à Mons")]).await;
    let code = receipt(&page);
    let path = format!("/appeals/{id}/retention");
    let shown = app.http.get(&app.team.dispatcher, &path).await;
    assert_eq!(shown["retain_until"], Value::Null);
    let put = |body: Value| {
        let (app, path) = (&app, path.clone());
        async move {
            let ask = crate::support::client::Ask {
                method: reqwest::Method::PUT,
                path: &path,
                who: Some(&app.team.dispatcher),
                seen: None,
                key: None,
                body: Some(&body),
            };
            app.http.ask(ask).await.status().as_u16()
        }
    };
    assert_eq!(put(json!({"hold": true, "reason": "proceedings"})).await, 409, "an open appeal keeps everything");
    let closure = json!({"outcome": "found_safe", "reason": "at home"});
    app.http.post(&app.team.dispatcher, &format!("/appeals/{id}/closure"), &closure).await;
    let shown = app.http.get(&app.team.dispatcher, &path).await;
    let until: chrono::DateTime<Utc> = shown["retain_until"].as_str().unwrap().parse().unwrap();
    assert!((until - Utc::now() - TimeDelta::days(90)).abs() < TimeDelta::minutes(5));
    assert_eq!(put(json!({"hold": true, "reason": "proceedings"})).await, 200);
    let stands = |app: &TestApp| {
        let id = tocsin::domain::ids::AppealId::parse(&id).unwrap();
        app.app.db.read_now(|conn| {
            let kept = tocsin::db::retention::of_appeal(conn, &id)?.unwrap();
            let left = tocsin::db::responses::of_appeal(conn, &id, "", 10)?.len();
            Ok::<_, tocsin::db::DbError>((kept.warned_at.is_some(), kept.erased_at.is_some(), left))
        })
    };
    // The clock takes everybody's session with it, so the hold is let go first, in its own step.
    app.app.clock.advance(TimeDelta::hours(1));
    retention::sweep(&app.app).await.unwrap();
    assert_eq!(stands(&app).unwrap(), (false, false, 1));
    app.app.clock.advance(TimeDelta::days(91));
    retention::sweep(&app.app).await.unwrap();
    assert_eq!(stands(&app).unwrap(), (false, false, 1), "held");
    let parsed = tocsin::domain::ids::AppealId::parse(&id).unwrap();
    app.app.db.write_now(|conn| tocsin::db::retention::hold(conn, &parsed, None)).unwrap();
    retention::sweep(&app.app).await.unwrap();
    assert_eq!(stands(&app).unwrap(), (true, true, 0));
    assert_eq!(app.http.fill("/fr/r", &[("code", &code)]).await.0, 404);
}

#[actix_web::test]
async fn readers_are_warned_two_weeks_before() {
    let app = TestApp::start().await;
    let (id, slug) = live(&app).await;
    app.http.fill(&format!("/fr/a/{slug}/respond"), &[("kind", "tip"), ("what", "Vu à Mons")]).await;
    let closure = json!({"outcome": "found_safe", "reason": "at home"});
    app.http.post(&app.team.dispatcher, &format!("/appeals/{id}/closure"), &closure).await;
    let parsed = tocsin::domain::ids::AppealId::parse(&id).unwrap();
    let warned = |app: &TestApp| {
        app.app
            .db
            .read_now(|conn| tocsin::db::retention::of_appeal(conn, &parsed))
            .unwrap()
            .unwrap()
            .warned_at
            .is_some()
    };
    app.app.clock.advance(TimeDelta::days(75));
    retention::sweep(&app.app).await.unwrap();
    assert!(!warned(&app));
    app.app.clock.advance(TimeDelta::days(2));
    retention::sweep(&app.app).await.unwrap();
    assert!(warned(&app));
    let left = app.app.db.read_now(|conn| tocsin::db::responses::of_appeal(conn, &parsed, "", 10)).unwrap();
    assert_eq!(left.len(), 1, "warned, not erased");
}
