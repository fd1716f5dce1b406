//! What the public sends: sealed, read with a reason, answered through the receipt code.

use crate::support::client::{Ask, receipt};
use crate::support::{TestApp, member};
use reqwest::Method;
use serde_json::json;
use tocsin::domain::actor::Role;

async fn live(app: &TestApp) -> (String, String) {
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    (id, slug)
}

const SECRET: &str = "Je l'ai vue au quai du tram 44";

#[actix_web::test]
async fn a_response_is_sealed_opened_with_a_reason_and_answered() {
    let app = TestApp::start().await;
    let (id, slug) = live(&app).await;
    let path = format!("/fr/a/{slug}/respond");
    let (status, page) =
        app.http.fill(&path, &[("kind", "sighting"), ("what", SECRET), ("contact_name", "Anne Exemple")]).await;
    assert_eq!(status, 200);
    let code = receipt(&page);

    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    assert_eq!((&list["items"][0]["kind"], &list["items"][0]["anonymous"]), (&json!("sighting"), &json!(false)));
    let response = list["items"][0]["id"].as_str().unwrap().to_owned();
    let open = |who, query: &'static str| {
        let (app, path) = (&app, format!("/responses/{response}{query}"));
        async move {
            let answer = app
                .http
                .ask(Ask { method: Method::GET, path: &path, who: Some(who), seen: None, key: None, body: None })
                .await;
            (answer.status().as_u16(), answer.json::<serde_json::Value>().await.unwrap())
        }
    };
    assert_eq!(open(&app.team.responder, "").await.0, 422, "no reason, no reading");
    assert_eq!(open(&app.team.dispatcher, "?reason=curiosity").await.0, 403);
    let (status, opened) = open(&app.team.responder, "?reason=triage%20of%20sightings").await;
    assert_eq!(
        (status, &opened["text"]["what"], &opened["sender"]["name"]),
        (200, &json!(SECRET), &json!("Anne Exemple"))
    );
    let audit = app.http.get(&app.team.responder, &format!("/audit?object={response}")).await;
    assert!(
        audit["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|e| e["action"] == "response.read" && e["reason"] == "triage of sightings")
    );

    app.http
        .post(&app.team.responder, &format!("/responses/{response}/messages"), &json!({"text": "Vers quelle heure ?"}))
        .await;
    let (_, thread) = app.http.fill("/fr/r", &[("code", &code)]).await;
    assert!(thread.contains("Vers quelle heure"));
    app.http.fill("/fr/r", &[("code", &code), ("message", "Vers 17 heures.")]).await;
    let (_, opened) = open(&app.team.responder, "?reason=follow%20up").await;
    assert_eq!(opened["messages"][1]["text"], "Vers 17 heures.");
    let (status, page) = app.http.fill("/fr/r", &[("code", "0000-0000-0000-0000-0000-0000")]).await;
    assert!(status == 404 && !page.contains("17 heures"));
    let report = app.http.get(&app.team.responder, &format!("/appeals/{id}/report")).await;
    assert_eq!(report["responses"]["by"]["kind"]["sighting"], 1);
}

#[actix_web::test]
async fn nothing_a_witness_wrote_stands_readable_in_the_database() {
    let app = TestApp::start().await;
    let (_, slug) = live(&app).await;
    let (_, page) = app
        .http
        .fill(
            &format!("/fr/a/{slug}/respond"),
            &[("kind", "tip"), ("what", SECRET), ("contact_email", "anne@mail.example.be")],
        )
        .await;
    let code = receipt(&page);
    app.http.fill("/fr/r", &[("code", &code), ("message", "Encore un détail: la gare")]).await;
    let dump = if crate::support::on_postgres() {
        let out = std::process::Command::new("pg_dump").arg(&app.url).output().unwrap();
        assert!(out.status.success());
        out.stdout
    } else {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(app.folder.path()).unwrap().flatten() {
            if entry.file_name().to_string_lossy().starts_with("test.db") {
                all.extend(std::fs::read(entry.path()).unwrap());
            }
        }
        all
    };
    for secret in [SECRET, "anne@mail.example.be", "la gare", code.as_str()] {
        let found = dump.windows(secret.len()).any(|window| window == secret.as_bytes());
        // PostgreSQL dumps binary columns in hexadecimal.
        let hex = tocsin::domain::canonical::hex(secret.as_bytes());
        assert!(!found && !dump.windows(hex.len()).any(|window| window == hex.as_bytes()), "{secret}");
    }
}

#[actix_web::test]
async fn a_form_says_what_is_missing_keeps_the_rest_and_counts_once() {
    let app = TestApp::start().await;
    let (id, slug) = live(&app).await;
    let path = format!("/nl/a/{slug}/respond");
    let (status, page) = app.http.fill(&path, &[("kind", "tip"), ("what", ""), ("where", "Station Kraainem")]).await;
    assert_eq!(status, 422);
    assert!(page.contains("aria-invalid=\"true\"") && page.contains("Station Kraainem"));
    let (_, form) = app.http.page(&path).await;
    assert!(form.contains("112") && form.contains("101"), "emergency numbers first");
    let token = crate::support::client::between(&form, "name=\"token\" value=\"", "\"").unwrap();
    let fields = [("token", token.as_str()), ("kind", "tip"), ("what", "Gezien bij de halte")];
    assert_eq!(app.http.send_form(&path, &fields).await.0, 200);
    assert_eq!(app.http.send_form(&path, &fields).await.0, 409, "the same form twice is one response");
    let forged = [("token", "abc.def"), ("kind", "tip"), ("what", "Gezien")];
    assert_eq!(app.http.send_form(&path, &forged).await.0, 422);
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_reader_who_joined_later_or_elsewhere_has_no_key() {
    let app = TestApp::start().await;
    let (id, slug) = live(&app).await;
    app.http.fill(&format!("/fr/a/{slug}/respond"), &[("kind", "tip"), ("what", SECRET)]).await;
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    let path = format!("/responses/{}?reason=curious%20about%20it", list["items"][0]["id"].as_str().unwrap());
    let late = member(&app.app, &app.http, "unit", "late", &[Role::Responder]).await;
    let elsewhere = member(&app.app, &app.http, "other", "elsewhere", &[Role::Responder]).await;
    for (who, status) in [(&late, 403), (&elsewhere, 404)] {
        let answer = app
            .http
            .ask(Ask { method: Method::GET, path: &path, who: Some(who), seen: None, key: None, body: None })
            .await;
        assert_eq!(answer.status(), status);
    }
}

/// Stands nowhere else in these tests.
const CANARY: &str = "Elle nourrissait un canari nommé Zéphyrin-Qu1nze";

/// The sealed bytes of the one response there is.
fn sealed(app: &TestApp, id: &str) -> Vec<u8> {
    let id = tocsin::domain::ids::AppealId::parse(id).unwrap();
    let found = app.app.db.read_now(|conn| tocsin::db::responses::of_appeal(conn, &id, "", 10)).unwrap();
    found[0].sealed_text.clone()
}

/// Everything the database keeps, as bytes.
pub fn files(app: &TestApp) -> Vec<u8> {
    if crate::support::on_postgres() {
        let out = std::process::Command::new("pg_dump").arg(&app.url).output().unwrap();
        assert!(out.status.success());
        return out.stdout;
    }
    let entries = std::fs::read_dir(app.folder.path()).unwrap().flatten();
    let of_database = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("test.db"));
    of_database.flat_map(|entry| std::fs::read(entry.path()).unwrap()).collect()
}

pub fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    let hex = tocsin::domain::canonical::hex(needle);
    // The whole database server's files are gigabytes by the end of a run.
    [needle, hex.as_bytes()].iter().any(|part| memchr::memmem::find(haystack, part).is_some())
}

#[actix_web::test]
async fn what_is_erased_is_in_no_file_any_more_not_even_sealed() {
    let app = TestApp::start().await;
    let (id, slug) = live(&app).await;
    let (_, page) = app.http.fill(&format!("/fr/a/{slug}/respond"), &[("kind", "tip"), ("what", CANARY)]).await;
    let code = receipt(&page);
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    let path = format!("/responses/{}", list["items"][0]["id"].as_str().unwrap());
    app.http
        .post(
            &app.team.responder,
            &format!("{path}/notes"),
            &json!({"text": "canari des notes effacées", "visibility": "own"}),
        )
        .await;
    app.http.get(&app.team.responder, &format!("{path}?reason=a%20reason%20to%20forget")).await;
    let canary = sealed(&app, &id);
    let part = &canary[canary.len() / 2..canary.len() / 2 + 48];
    assert!(holds(&files(&app), part), "the canary is there before");
    app.http.delete_with(&app.team.responder, &path, &json!({"reason": "asked for by the sender"})).await;
    let after = files(&app);
    assert!(!holds(&after, part), "no part of what was sealed is left");
    assert!(!holds(&after, b"a reason to forget"), "nor why it was read");
    // The words themselves were never in any file: not in the folder, and not in the pages and logs of the database server.
    let mut folders = vec![app.folder.path().to_owned()];
    if crate::support::on_postgres() {
        folders.push(crate::support::postgres::cluster().data());
    }
    let mut seen = 0;
    for folder in folders {
        let all = crate::keyless::bytes_below(&folder);
        seen += all.len();
        for canary in [CANARY, "canari des notes effacées", code.as_str()] {
            assert!(!holds(&all, canary.as_bytes()), "{canary} in {}", folder.display());
        }
    }
    assert!(seen > 1_000, "only {seen} bytes were looked through");
    assert_eq!(app.http.fill("/fr/r", &[("code", &code)]).await.0, 404);
    assert_eq!(app.http.refused_get(&app.team.responder, &format!("{path}?reason=again")).await.0, 404);
}

#[actix_web::test]
async fn closing_thanks_every_open_thread_and_forgets_how_texts_were_compared() {
    let app = TestApp::start().await;
    let (id, slug) = live(&app).await;
    let mut codes = Vec::new();
    for text in [SECRET, "Un vélo rouge est resté devant la gare de Mons"] {
        let (_, page) = app.http.fill(&format!("/fr/a/{slug}/respond"), &[("kind", "tip"), ("what", text)]).await;
        codes.push(receipt(&page));
    }
    let kept = |app: &TestApp| {
        let id = tocsin::domain::ids::AppealId::parse(&id).unwrap();
        app.app.db.read_now(|conn| {
            let key = tocsin::db::likeness::key(conn, &id)?;
            Ok::<_, tocsin::db::DbError>((key.is_some(), tocsin::db::likeness::heads_after(conn, &id, 0, 10)?.len()))
        })
    };
    assert_eq!(kept(&app).unwrap(), (true, 2));
    let closure = json!({"outcome": "found_safe", "reason": "at home"});
    app.http.post(&app.team.dispatcher, &format!("/appeals/{id}/closure"), &closure).await;
    for code in &codes {
        let (status, thread) = app.http.fill("/fr/r", &[("code", code)]).await;
        assert!(status == 200 && thread.contains("Merci d’avoir pris le temps"), "{thread}");
        assert!(!thread.contains("retrouvé") && !thread.contains("at home"), "nothing of how or where");
    }
    app.work().await;
    assert_eq!(app.http.page(&format!("/fr/a/{slug}/respond")).await.0, 410);
    assert_eq!(kept(&app).unwrap(), (false, 0), "and it is not made again");
}
