//! Files of witnesses: sealed before they touch the disk, looked at blurred first, and none of them an attack on anybody.

mod attacks;
mod files;

use crate::support::TestApp;
use crate::support::client::{Ask, Client, Person, between};
use files::{CANARY, jpeg, jpeg_with};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A photograph as somebody would mail it.
pub fn jpeg_for_mail() -> Vec<u8> {
    jpeg(300, 200, 11)
}

/// The same with something in it that no viewing copy may hold.
pub fn jpeg_with_canary(canary: &[u8]) -> Vec<u8> {
    jpeg_with(&jpeg(300, 200, 12), 0xE1, &[b"Exif\0\0", canary].concat())
}

/// Sends the form with files, as a browser does.
async fn send(http: &Client, path: &str, what: &str, files: &[(&str, &[u8])]) -> (StatusCode, String) {
    let (_, page) = http.page(path).await;
    let token = between(&page, "name=\"token\" value=\"", "\"").unwrap();
    let mut form = Form::new().text("token", token).text("kind", "tip").text("what", what.to_owned());
    for (name, bytes) in files {
        form = form.part("files", Part::bytes(bytes.to_vec()).file_name((*name).to_owned()));
    }
    let answer = http.http.post(format!("{}{path}", http.base)).multipart(form).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// Status, headers that matter, and bytes of a form of a file.
async fn look(http: &Client, who: &Person, path: &str) -> (u16, String, Vec<u8>) {
    let ask = Ask { method: Method::GET, path, who: Some(who), seen: None, key: None, body: None };
    let answer = http.ask(ask).await;
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), kind, answer.bytes().await.unwrap().to_vec())
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

async fn live(app: &TestApp) -> (String, String) {
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    (id, format!("/fr/a/{slug}/respond"))
}

/// The newest response of an appeal, opened.
async fn newest(app: &TestApp, http: &Client, id: &str) -> Value {
    let list = http.get(&app.team.responder, &format!("/appeals/{id}/responses?limit=200")).await;
    let last = list["items"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
    http.get(&app.team.responder, &format!("/responses/{last}?reason=looking%20at%20files")).await
}

/// Every file below the folder of stored bytes.
fn stored(app: &TestApp) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![app.folder.path().join("media")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found.sort();
    found
}

#[actix_web::test]
async fn a_picture_is_kept_as_evidence_and_shown_blurred_then_clean() {
    let app = TestApp::start().await;
    let (id, path) = live(&app).await;
    let before = stored(&app);
    let photo = jpeg_with(&jpeg(2000, 1500, 1), 0xE1, &[b"Exif\0\0", CANARY].concat());
    let pdf = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF".to_vec();
    let (status, page) = send(&app.http, &path, "Une photo", &[("IMG_1.jpg", &photo), ("facture.pdf", &pdf)]).await;
    assert_eq!(status, 200, "{page}");
    let opened = newest(&app, &app.http, &id).await;
    assert_eq!((&opened["attachments"], &opened["files"][0]["scan"]), (&json!(2), &json!("not_scanned")));
    assert_eq!(opened["files"][0]["name"], "IMG_1.jpg");
    assert_eq!(opened["files"][0]["sha256"], tocsin::media::digest_of(&photo));
    assert_eq!(opened["files"][0]["forms"], json!(["preview", "view", "original"]));
    assert_eq!(opened["files"][1]["forms"], json!(["original"]), "a document has no viewing copy");
    let of = |n: usize| {
        let (response, file) = (opened["id"].as_str().unwrap(), opened["files"][n]["id"].as_str().unwrap());
        format!("/responses/{response}/attachments/{file}")
    };
    let reader = &app.team.responder;
    let (status, kind, preview) = look(&app.http, reader, &of(0)).await;
    assert_eq!((status, kind.as_str()), (200, "image/jpeg"));
    let small = image::load_from_memory(&preview).unwrap().into_luma8();
    assert_eq!(small.dimensions(), (96, 72));
    let beside = |x: u32, y: u32| small.get_pixel(x, y).0[0].abs_diff(small.get_pixel(x + 1, y).0[0]);
    let steps = (0..72).flat_map(|y| (0..95).map(move |x| (x, y))).map(|(x, y)| beside(x, y)).max().unwrap();
    assert!(steps < 40, "blurred: the sharpest step of brightness is {steps}");
    assert_eq!(look(&app.http, reader, &format!("{}?form=view", of(0))).await.0, 422, "more wants a reason");
    let (status, _, view) = look(&app.http, reader, &format!("{}?form=view&reason=is%20it%20her", of(0))).await;
    assert_eq!((status, holds(&view, CANARY)), (200, false));
    assert_eq!(image::load_from_memory(&view).unwrap().width(), 1600);
    let (status, kind, original) = look(&app.http, reader, &format!("{}?form=original&reason=evidence", of(0))).await;
    assert_eq!((status, kind.as_str()), (200, "application/octet-stream"));
    assert_eq!(original, photo, "the original is as it came");
    assert_eq!(look(&app.http, reader, &format!("{}?form=view&reason=read%20it", of(1))).await.0, 409);
    assert_eq!(look(&app.http, reader, &format!("{}?form=original&reason=read%20it", of(1))).await.2, pdf);
    assert_eq!(look(&app.http, &app.team.dispatcher, &of(0)).await.0, 403);
    let audit = app.http.get(reader, &format!("/audit?object={}", opened["id"].as_str().unwrap())).await;
    let acts: Vec<_> =
        audit["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    for act in ["attachment.previewed", "attachment.viewed", "attachment.original_opened"] {
        assert!(acts.contains(&act), "{acts:?}");
    }
    // Nothing of it lies open, and nothing of it is left once it is erased.
    let kept: Vec<_> = stored(&app).into_iter().filter(|file| !before.contains(file)).collect();
    assert_eq!(kept.len(), 4, "original, view and preview of one, original of the other");
    // The first bytes of each form, and enough of them that sealed bytes do not hold them by chance.
    for file in &kept {
        let bytes = std::fs::read(file).unwrap();
        for clear in [CANARY, b"JavaScript", &photo[..20], &view[..20], &preview[..20], &pdf[..20]] {
            assert!(!holds(&bytes, clear), "{} holds {:?}", file.display(), String::from_utf8_lossy(clear));
        }
    }
    let response = format!("/responses/{}", opened["id"].as_str().unwrap());
    app.http.delete_with(reader, &response, &json!({"reason": "asked for by the sender"})).await;
    assert_eq!(stored(&app), before);
}

#[actix_web::test]
async fn a_flipped_cut_or_moved_file_is_noticed() {
    let app = TestApp::start().await;
    let (id, path) = live(&app).await;
    let photo = jpeg(900, 600, 2);
    send(&app.http, &path, "Une photo", &[("a.jpg", &photo)]).await;
    let opened = newest(&app, &app.http, &id).await;
    let address = format!(
        "/responses/{}/attachments/{}?form=original&reason=evidence",
        opened["id"].as_str().unwrap(),
        opened["files"][0]["id"].as_str().unwrap()
    );
    let reader = &app.team.responder;
    assert_eq!(look(&app.http, reader, &address).await.0, 200);
    let response = tocsin::domain::ids::ResponseId::parse(opened["id"].as_str().unwrap()).unwrap();
    let row = app.app.db.read_now(|conn| tocsin::db::attachments::of_response(conn, &response)).unwrap().remove(0);
    let named = |file: &&std::path::PathBuf| file.ends_with(&row.original);
    let files = stored(&app);
    let largest = files.iter().find(named).unwrap();
    let whole = std::fs::read(largest).unwrap();
    for at in [0, 5, 100, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(largest, &changed).unwrap();
        assert_eq!(look(&app.http, reader, &address).await.0, 409, "byte {at}");
        std::fs::write(largest, &whole[..at]).unwrap();
        assert_eq!(look(&app.http, reader, &address).await.0, 409, "cut at {at}");
    }
    std::fs::write(largest, &whole).unwrap();
    // Somebody who can write the database as well: another file's bytes under this file's name, digest and all.
    send(&app.http, &path, "Une autre photo du lieu", &[("b.jpg", &jpeg(900, 600, 3))]).await;
    let parse = |id: &Value| tocsin::domain::ids::ResponseId::parse(id.as_str().unwrap()).unwrap();
    let other = newest(&app, &app.http, &id).await;
    let (first, second) = (parse(&opened["id"]), parse(&other["id"]));
    app.app
        .db
        .write_now(|conn| {
            let theirs = tocsin::db::attachments::of_response(conn, &second)?.remove(0);
            let mut ours = tocsin::db::attachments::of_response(conn, &first)?.remove(0);
            ours.original = theirs.original;
            tocsin::db::attachments::erase(conn, first.as_str())?;
            tocsin::db::attachments::add_all(conn, &[&ours])
        })
        .unwrap();
    let (status, _, problem) = look(&app.http, reader, &address).await;
    assert!(status == 409 && holds(&problem, b"file-damaged"), "{status}");
}

#[actix_web::test]
async fn the_same_picture_is_known_again_and_a_copied_text_with_a_new_picture_is_not_folded_away() {
    let app = TestApp::start().await;
    let (id, path) = live(&app).await;
    let scene = image::load_from_memory(&jpeg(1200, 900, 4)).unwrap();
    let smaller = files::encoded(&scene.thumbnail(640, 480).into_rgb8(), 55);
    let text = "Je l'ai vue à la gare de Namur hier soir avec un homme en manteau noir";
    for (what, photo) in [
        (text, files::encoded(&scene.to_rgb8(), 90)),
        ("Regardez bien cette photo du parking", smaller),
        (text, jpeg(1000, 800, 5)),
        (text, Vec::new()),
    ] {
        let files: Vec<(&str, &[u8])> = if photo.is_empty() { vec![] } else { vec![("p.jpg", &photo)] };
        assert_eq!(send(&app.http, &path, what, &files).await.0, 200);
    }
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    let of = |n: usize, key: &str| list["items"][n][key].clone();
    assert_eq!(of(1, "signs"), json!(["same_picture"]), "scaled and recompressed");
    assert_eq!(of(2, "duplicate_of"), Value::Null, "a new picture is something new");
    assert_eq!(of(2, "family"), of(0, "id"));
    assert_eq!(of(3, "duplicate_of"), of(0, "id"), "the text alone is a copy");
    let reason = "reason=looking%20at%20files";
    let first =
        app.http.get(&app.team.responder, &format!("/responses/{}?{reason}", of(0, "id").as_str().unwrap())).await;
    assert_eq!(first["files"][0]["same_picture"], 1);
}

#[actix_web::test]
async fn a_scanner_is_asked_and_what_it_found_is_never_passed_over_in_silence() {
    let app = TestApp::start_with(|config| config.responses.scanner = "command:grep -vqa INFECTED".to_owned()).await;
    let (id, path) = live(&app).await;
    for (content, verdict, status) in [("INFECTED", "infected", 409), ("sound", "clean", 200)] {
        let pdf = format!("%PDF-1.7 {content}");
        assert_eq!(send(&app.http, &path, content, &[("a.pdf", pdf.as_bytes())]).await.0, 200);
        let opened = newest(&app, &app.http, &id).await;
        assert_eq!(opened["files"][0]["scan"], verdict);
        let (response, file) = (opened["id"].as_str().unwrap(), opened["files"][0]["id"].as_str().unwrap());
        let address = format!("/responses/{response}/attachments/{file}?form=original&reason=evidence");
        assert_eq!(look(&app.http, &app.team.responder, &address).await.0, status);
        let despite = format!("{address}&despite_scan=true");
        assert_eq!(look(&app.http, &app.team.responder, &despite).await.2, pdf.as_bytes());
    }
}
