//! Files that come later: through the receipt code, from a platform, from officers to the sender. All the way of the first form:
//! the same limits, the same seals, the same looks at what they are.

use crate::attachments::jpeg_for_mail;
use crate::support::TestApp;
use crate::support::client::{between, receipt};
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

/// Adds to a thread as a browser does; the token may be an old one.
async fn add(
    app: &TestApp,
    code: &str,
    token: Option<&str>,
    text: &str,
    files: &[(&str, Vec<u8>)],
) -> (StatusCode, String, String) {
    let (_, page) = app.http.send_form("/fr/r", &[("code", code)]).await;
    let fresh = between(&page, "name=\"token\" value=\"", "\"").unwrap_or_default();
    let token = token.unwrap_or(&fresh).to_owned();
    let mut form =
        Form::new().text("token", token.clone()).text("code", code.to_owned()).text("message", text.to_owned());
    for (name, bytes) in files {
        form = form.part("files", Part::bytes(bytes.clone()).file_name((*name).to_owned()));
    }
    let answer = app.http.http.post(format!("{}/fr/r", app.http.base)).multipart(form).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap(), token)
}

async fn told(app: &TestApp, slug: &str, what: &str) -> String {
    let path = format!("/fr/a/{slug}/respond");
    let (status, page) = app.http.fill(&path, &[("kind", "tip"), ("what", what)]).await;
    assert_eq!(status, 200, "{page}");
    receipt(&page)
}

#[actix_web::test]
async fn a_sender_adds_pictures_later_and_they_are_kept_like_the_first() {
    let app = TestApp::start().await;
    let (id, slug) = app.live().await;
    let code = told(&app, &slug, "Une femme en rouge attendait le tram").await;
    let canary = b"gps-canary-2026";
    let photo = crate::attachments::jpeg_with_canary(canary);
    let pdf = b"%PDF-1.7\n%%EOF".to_vec();
    let (status, page, token) =
        add(&app, &code, None, "Voici les photos", &[("a.jpg", photo.clone()), ("b.pdf", pdf)]).await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Votre complément") || page.contains("class=\"success\""), "{page}");
    assert!(page.contains("photo") && page.contains("document"), "both are named in the thread");
    // The page loaded once more does not add once more.
    let (status, _, _) = add(&app, &code, Some(&token), "Voici les photos", &[("a.jpg", photo.clone())]).await;
    assert_eq!(status, 200);
    let opened = app.opened(&id).await.remove(0);
    let messages = opened["messages"].as_array().unwrap();
    assert_eq!((messages.len(), &messages[0]["text"]), (1, &json!("Voici les photos")));
    let files = opened["files"].as_array().unwrap();
    assert_eq!((files.len(), &opened["attachments"]), (2, &json!(2)));
    assert_eq!((&files[0]["message"], &files[0]["name"]), (&messages[0]["id"], &json!("a.jpg")));
    assert_eq!(files[0]["sha256"], tocsin::media::digest_of(&photo));
    assert_eq!(files[0]["forms"], json!(["preview", "view", "original"]));
    let file =
        format!("/responses/{}/attachments/{}", opened["id"].as_str().unwrap(), files[0]["id"].as_str().unwrap());
    let look = |form: &'static str| {
        let request = app.http.http.get(format!("{}/api/v1{file}?form={form}&reason=is%20it%20her", app.http.base));
        let request = request.bearer_auth(&app.team.responder.token);
        async move { request.send().await.unwrap().bytes().await.unwrap().to_vec() }
    };
    assert_eq!(look("original").await, photo);
    let view = look("view").await;
    assert!(image::load_from_memory(&view).is_ok() && !view.windows(canary.len()).any(|part| part == canary));
    assert!(!app.lies_open("gps-canary-2026"));
    // Files alone are a message too; the same picture of somebody else is known.
    let other = told(&app, &slug, "Un homme avec un parapluie vert courait").await;
    let (status, _, _) = add(&app, &other, None, "", &[("same.jpg", photo.clone())]).await;
    assert_eq!(status, 200);
    let all = app.opened(&id).await;
    assert_eq!((&all[1]["files"][0]["same_picture"], &all[1]["messages"][0]["text"]), (&json!(1), &json!("")));
    assert!(
        app.http.get(&app.team.responder, &format!("/audit?object={}", all[1]["id"].as_str().unwrap())).await["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["action"] == "response.message_received")
    );
}

#[actix_web::test]
async fn attacks_through_the_thread_are_refused_as_in_the_form_and_a_thread_has_an_end() {
    let app = TestApp::start().await;
    let (id, slug) = app.live().await;
    let code = told(&app, &slug, "Une femme en rouge attendait le tram").await;
    let huge = vec![b'x'; 26 * 1024 * 1024];
    for (name, bytes) in [
        ("a.jpg", b"<html><script>alert(1)</script>".to_vec()),
        ("photo.html", jpeg_for_mail()),
        ("a.jpg", jpeg_for_mail()[..400].to_vec()),
        ("tout.zip", b"PK\x03\x04".to_vec()),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
        ("a.pdf", Vec::new()),
        ("long.pdf", [b"%PDF-1.7".to_vec(), huge].concat()),
    ] {
        let (status, page, _) = add(&app, &code, None, "Mon texte reste", &[(name, bytes)]).await;
        assert_eq!(status, 422, "{name}");
        assert!(
            page.contains("Mon texte reste") && page.contains("id=\"mistake-files\""),
            "{name}: what was typed stays"
        );
    }
    let six: Vec<(&str, Vec<u8>)> = (0..6).map(|_| ("a.pdf", b"%PDF-1.7".to_vec())).collect();
    assert_eq!(add(&app, &code, None, "", &six).await.0, 422, "five at a time");
    assert!(app.opened(&id).await[0]["messages"].as_array().unwrap().is_empty(), "nothing of it was kept");
    let five: Vec<(&str, Vec<u8>)> = (0..5).map(|_| ("a.pdf", b"%PDF-1.7".to_vec())).collect();
    for round in 0..6 {
        assert_eq!(add(&app, &code, None, &format!("partie {round}"), &five).await.0, 200);
    }
    let (status, page, _) = add(&app, &code, None, "encore", &five[..1]).await;
    assert_eq!((status.as_u16(), page.contains("autant de fichiers")), (422, true));
    let opened = app.opened(&id).await.remove(0);
    let numbers: Vec<i64> =
        opened["files"].as_array().unwrap().iter().map(|file| file["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=30).collect::<Vec<i64>>());
    // Without a code nothing is looked at, let alone kept.
    let (status, _, _) = add(&app, "0000-0000-0000-0000-0000-0000", None, "x", &[("a.jpg", jpeg_for_mail())]).await;
    assert_eq!(status, 404);
    // Erased, nothing of it is left in the store.
    let stored = |app: &TestApp| {
        let mut folders = vec![app.folder.path().join("media")];
        let mut count = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                if entry.path().is_dir() { folders.push(entry.path()) } else { count += 1 }
            }
        }
        count
    };
    let before = stored(&app);
    let path = format!("/responses/{}", opened["id"].as_str().unwrap());
    app.http.delete_with(&app.team.responder, &path, &json!({"reason": "asked for by the sender"})).await;
    assert_eq!(before - stored(&app), 30);
}

#[actix_web::test]
async fn officers_answer_with_a_picture_that_only_the_code_opens() {
    let app = TestApp::start().await;
    let (id, slug) = app.live().await;
    let code = told(&app, &slug, "Une femme en rouge attendait le tram").await;
    let other = told(&app, &slug, "Un homme avec un parapluie vert courait").await;
    let response = app.opened(&id).await[0]["id"].as_str().unwrap().to_owned();
    let photo = crate::attachments::jpeg_with_canary(b"camera-of-the-unit");
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &photo);
    let body = json!({"text": "Est-ce elle ?", "files": [{"name": "portrait.jpg", "data": data}]});
    let path = format!("/responses/{response}/messages");
    for _ in 0..2 {
        let ask = crate::support::client::Ask {
            method: reqwest::Method::POST,
            path: &path,
            who: Some(&app.team.responder),
            seen: None,
            key: Some("answer 1"),
            body: Some(&body),
        };
        assert_eq!(app.http.ask(ask).await.status(), 201, "twice is once");
    }
    assert_eq!(app.http.refused(&app.team.dispatcher, &path, None, &body).await.0, 403);
    let wrong = json!({"text": "x", "files": [{"name": "a.exe", "data": "TVo="}]});
    let (status, codes) = app.http.refused(&app.team.responder, &path, None, &wrong).await;
    assert_eq!((status, codes.contains(&"file-not-accepted".to_owned())), (422, true), "{codes:?}");
    let (_, page) = app.http.send_form("/fr/r", &[("code", &code)]).await;
    assert_eq!(page.matches("name=\"file\"").count(), 1, "{page}");
    let file = between(&page, "name=\"file\" value=\"", "\"").unwrap();
    let fetch = |code: String, file: String| {
        let request = app.http.http.post(format!("{}/fr/r/file", app.http.base));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        async move { request.body(format!("code={code}&file={file}")).send().await.unwrap() }
    };
    let answer = fetch(code.clone(), file.clone()).await;
    assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()), (200, "image/jpeg"));
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert!(answer.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let bytes = answer.bytes().await.unwrap().to_vec();
    assert!(image::load_from_memory(&bytes).is_ok());
    assert!(!bytes.windows(18).any(|part| part == b"camera-of-the-unit"), "cleaned");
    assert_eq!(fetch(other.clone(), file.clone()).await.status(), 404, "another code opens nothing");
    assert_eq!(fetch(code.clone(), "atc_00000000000000000000000000".to_owned()).await.status(), 404);
    // What the sender sent stays the reader's: the thread names it and hands nothing out.
    add(&app, &other, None, "", &[("mine.jpg", jpeg_for_mail())]).await;
    let (_, page) = app.http.send_form("/fr/r", &[("code", &other)]).await;
    assert!(page.contains("photo") && !page.contains("name=\"file\""));
    let opened = app.opened(&id).await.remove(0);
    assert_eq!((&opened["state"], opened["messages"].as_array().unwrap().len()), (&json!("acknowledged"), 1));
}

/// A platform on this machine: hands out pictures, hears what is told, and fails as often as it is asked to.
struct Platform {
    base: String,
    heard: Arc<Mutex<Vec<String>>>,
    fails: Arc<Mutex<u32>>,
}

impl Platform {
    fn start(picture: Vec<u8>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (heard, fails) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0_u32)));
        let (log, left) = (heard.clone(), fails.clone());
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                stream.set_read_timeout(Some(std::time::Duration::from_secs(2))).unwrap();
                let mut bytes = Vec::new();
                let mut part = [0; 4096];
                let text = loop {
                    let read = stream.read(&mut part).unwrap_or(0);
                    bytes.extend_from_slice(&part[..read]);
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    let length =
                        between(&text.to_lowercase(), "content-length: ", "\r\n").and_then(|n| n.parse::<usize>().ok());
                    if let Some((_, body)) = text.split_once("\r\n\r\n")
                        && body.len() >= length.unwrap_or(0)
                    {
                        break text;
                    }
                    if read == 0 {
                        break text;
                    }
                };
                log.lock().unwrap().push(text.clone());
                let fail = {
                    let mut left = left.lock().unwrap();
                    let fail = *left > 0;
                    *left -= u32::from(fail);
                    fail
                };
                let (status, body): (&str, &[u8]) = if fail {
                    ("503 Busy", b"")
                } else if text.starts_with("GET /endless") {
                    ("302 Found\r\nLocation: http://169.254.169.254/", b"")
                } else if text.starts_with("GET /") {
                    ("200 OK", &picture)
                } else {
                    ("200 OK", b"{\"recipient_id\":\"4711\"}")
                };
                let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
            }
        });
        Self { base, heard, fails }
    }

    fn requests(&self, beginning: &str) -> Vec<String> {
        self.heard.lock().unwrap().iter().filter(|text| text.starts_with(beginning)).cloned().collect()
    }
}

#[actix_web::test]
async fn pictures_from_a_platform_become_attachments_fetched_from_its_own_host_only() {
    use aws_lc_rs::hmac;
    let photo = jpeg_for_mail();
    let platform = Platform::start(photo.clone());
    let base = platform.base.clone();
    let app = TestApp::start_with(|config| {
        config.responses.webhook_secret = "a secret of the platform".into();
        config.responses.platform_api = format!("{base}/v26.0");
        config.responses.platform_token = "page-token".into();
        config.responses.platform_media = base.clone();
    })
    .await;
    let (id, slug) = app.live().await;
    let send = |mid: &str, text: Option<&str>, attachments: Value| {
        let mut message = json!({"mid": mid, "attachments": attachments, "referral": {"ref": slug}});
        if let Some(text) = text {
            message["text"] = json!(text);
        }
        let body =
            json!({"object": "page", "entry": [{"messaging": [{"sender": {"id": "4711"}, "message": message}]}]})
                .to_string();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"a secret of the platform"), body.as_bytes());
        let request = app.http.http.post(format!("{}/inbound/messenger", app.http.base));
        let request =
            request.header("x-hub-signature-256", format!("sha256={}", tocsin::domain::canonical::hex(tag.as_ref())));
        async move { request.body(body).send().await.unwrap().status().as_u16() }
    };
    let by_url = |url: String| json!([{"type": "image", "payload": {"url": url}}]);
    assert_eq!(
        send("m1", Some("Vue ce matin"), by_url(format!("{base}/photo?token=secret-token-of-a-picture"))).await,
        200
    );
    assert_eq!(send("m1", Some("Vue ce matin"), by_url(format!("{base}/photo"))).await, 200, "repeated");
    let inline = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &photo);
    assert_eq!(
        send("m2", None, json!([{"type": "image", "payload": {"data": inline, "name": "inline.jpg"}}])).await,
        200
    );
    let elsewhere = "http://127.0.0.1:9/secret".to_owned();
    assert_eq!(send("m3", Some("Un autre lieu, une autre rue"), by_url(elsewhere)).await, 200);
    assert_eq!(send("m4", Some("Il conduisait une camionnette blanche"), by_url(format!("{base}/endless"))).await, 200);
    assert!(platform.requests("GET").is_empty(), "nothing is fetched within a request");
    assert!(!app.lies_open("secret-token-of-a-picture"), "an address opens a picture: it is sealed");
    *platform.fails.lock().unwrap() = 1;
    app.work().await;
    app.app.clock.advance(chrono::TimeDelta::minutes(10));
    app.work().await;
    let all = app.opened(&id).await;
    assert_eq!(all.len(), 4);
    let digest = tocsin::media::digest_of(&photo);
    assert_eq!((&all[0]["files"][0]["sha256"], &all[0]["attachments"]), (&json!(digest), &json!(1)), "{:#}", all[0]);
    assert_eq!((&all[1]["files"][0]["name"], &all[1]["text"]["what"]), (&json!("inline.jpg"), &json!("[1]")));
    assert_eq!(all[1]["files"][0]["sha256"], json!(digest));
    assert!(all[2]["files"].as_array().unwrap().is_empty() && all[3]["files"].as_array().unwrap().is_empty());
    assert_eq!(platform.requests("GET /photo").len(), 2, "once in vain, once well");
    assert_eq!(crate::support::workers::count(&app, "SELECT COUNT(*) AS n FROM platform_tasks"), 0);
}

#[actix_web::test]
async fn a_sender_on_the_platform_is_told_once_a_night_that_nobody_reads() {
    use aws_lc_rs::hmac;
    let platform = Platform::start(Vec::new());
    let base = platform.base.clone();
    let app = TestApp::start_with(|config| {
        config.responses.webhook_secret = "a secret of the platform".into();
        config.responses.platform_api = format!("{base}/v26.0");
        config.responses.platform_token = "page-token".into();
    })
    .await;
    let (_, slug) = app.live().await;
    crate::night::set_clock(&app, 2, 0);
    for n in 0..3 {
        let message = json!({"mid": format!("m{n}"), "text": format!("Vue {n} fois près de la fontaine {n}"), "referral": {"ref": slug}});
        let body = json!({"entry": [{"messaging": [{"sender": {"id": "4711"}, "message": message}]}]}).to_string();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"a secret of the platform"), body.as_bytes());
        let request = app.http.http.post(format!("{}/inbound/messenger", app.http.base));
        let request =
            request.header("x-hub-signature-256", format!("sha256={}", tocsin::domain::canonical::hex(tag.as_ref())));
        assert_eq!(request.body(body).send().await.unwrap().status(), 200);
    }
    app.work().await;
    let told = platform.requests("POST /v26.0/me/messages");
    assert_eq!(told.len(), 1, "once a night");
    assert!(told[0].contains("\"4711\"") && told[0].contains("112") && told[0].contains("101"), "{}", told[0]);
    assert!(told[0].to_lowercase().contains("authorization: bearer page-token") && !told[0].contains("fontaine"));
}
