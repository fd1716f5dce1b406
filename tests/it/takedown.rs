//! The way back: at once on our own channels, neutral words to those already reached, nothing new afterwards.

use crate::support::TestApp;
use serde_json::json;

#[actix_web::test]
async fn a_takedown_removes_page_feed_and_picture_at_once_and_corrects_mails() {
    let app = TestApp::start().await;
    let people = app.subscribe("21009", "nl", 3);
    let (id, _) = app.dispatched().await;
    app.work().await;
    let appeal = app.appeal(&id).await;
    let slug = appeal["slug"].as_str().unwrap();
    let (_, page) = app.http.page(&format!("/nl/a/{slug}")).await;
    let picture = crate::support::client::between(&page, "/media/", ".jpg").unwrap();
    assert_eq!(app.http.page(&format!("/media/{picture}.jpg")).await.0, 200);

    let report = app
        .http
        .post(&app.team.validator, &format!("/appeals/{id}/takedown"), &json!({"reason": "wrong picture"}))
        .await;
    assert_eq!(report["stage"], "suspended");
    for language in ["fr", "nl"] {
        let (status, gone) = app.http.page(&format!("/{language}/a/{slug}")).await;
        assert_eq!(status, 410);
        assert!(!gone.contains("Lina"), "a neutral text only");
        assert!(!app.http.page(&format!("/feeds/{language}.atom")).await.1.contains("Lina"));
    }
    assert_eq!(app.http.page(&format!("/media/{picture}.jpg")).await.0, 404);
    assert_eq!(app.http.page(&format!("/nl/a/{slug}/respond")).await.0, 410);

    app.work().await;
    let mails = app.mails_to(&people[0]);
    assert_eq!(mails.len(), 2, "the appeal and one correction");
    assert!(!mails[1].contains("Lina") && mails[1].contains("Content-Language: nl"));
    let report = app.http.get(&app.team.dispatcher, &format!("/appeals/{id}/report")).await;
    let takedowns = report["takedowns"].as_array().unwrap();
    assert_eq!(takedowns.len(), 5, "page and feed in two languages, mail in one: {takedowns:#?}");
    assert!(takedowns.iter().all(|t| !t["done_at"].is_null()));
}

#[actix_web::test]
async fn a_taken_down_appeal_is_not_delivered_by_a_late_worker() {
    let app = TestApp::start().await;
    app.subscribe("21009", "fr", 5);
    let (id, dispatch) = app.dispatched().await;
    app.http
        .post(
            &app.team.dispatcher,
            &format!("/appeals/{id}/takedown"),
            &json!({"reason": "found before the first mail"}),
        )
        .await;
    app.work().await;
    assert_eq!(app.catcher.accepted(), 0);
    let view = app.http.get(&app.team.dispatcher, &format!("/dispatches/{dispatch}")).await;
    assert!(view["progress"].as_array().unwrap().iter().all(|row| row["state"] == "cancelled"), "{view:#}");
}

#[actix_web::test]
async fn a_closure_needs_an_outcome_and_tells_everyone_without_whereabouts() {
    let app = TestApp::start().await;
    let people = app.subscribe("21009", "fr", 2);
    let (id, _) = app.dispatched().await;
    app.work().await;
    let path = format!("/appeals/{id}/closure");
    assert_eq!(app.http.refused(&app.team.dispatcher, &path, None, &json!({})).await.0, 422);
    app.http.post(&app.team.dispatcher, &path, &json!({"outcome": "located_minor"})).await;
    app.work().await;
    let mails = app.mails_to(&people[0]);
    assert_eq!(mails.len(), 2);
    let parsed = mail_parser::MessageParser::default().parse(mails[1].as_bytes()).unwrap();
    let text = parsed.body_text(0).unwrap();
    assert!(!text.contains("Lina") && !text.contains("Ixelles") && !text.contains("Kraainem"), "{text}");
    assert_eq!(app.appeal(&id).await["stage"], "takedown_verified");
    assert_eq!(app.http.refused(&app.team.dispatcher, &path, None, &json!({"outcome": "duplicate"})).await.0, 409);
}

#[actix_web::test]
async fn an_end_that_passes_takes_the_appeal_down_by_itself() {
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    app.app.clock.advance(chrono::TimeDelta::days(8));
    assert_eq!(app.http.page(&format!("/fr/a/{slug}")).await.0, 410, "even before the sweeper came by");
    app.work().await;
    let id = tocsin::domain::ids::AppealId::parse(&id).unwrap();
    let appeal = app.app.db.read_now(|conn| tocsin::db::appeals::any(conn, &id)).unwrap();
    assert_eq!(appeal.stage.code(), "suspended");
}

#[actix_web::test]
async fn what_became_of_a_takedown_is_a_page_to_print_in_four_languages() {
    let app = TestApp::start().await;
    app.subscribe("21009", "nl", 2);
    let (id, _) = app.dispatched().await;
    app.work().await;
    app.http
        .post(&app.team.validator, &format!("/appeals/{id}/takedown"), &json!({"reason": "the child is found"}))
        .await;
    app.work().await;
    let paper = async |query: &str| {
        let url = format!("{}/api/v1/appeals/{id}/report?{query}", app.http.base);
        let answer = app.http.http.get(url).bearer_auth(&app.team.dispatcher.token).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/pdf", "{query}");
        let bytes = answer.bytes().await.unwrap();
        bytes.iter().map(|byte| char::from(*byte)).collect::<String>()
    };
    for (language, title) in [("fr", "Retrait"), ("nl", "Intrekking"), ("de", "R\u{fc}cknahme"), ("en", "Takedown")] {
        let text = paper(&format!("as=pdf&language={language}")).await;
        assert!(text.starts_with("%PDF-1.4") && text.contains("/Count 1/"), "{language}: one page");
        for part in [title, "Disparition Lina", &id, "the child is found", "answered", "410", "0:00:0", "UTC"] {
            assert!(text.contains(part), "{language}: {part}\n{text}");
        }
        assert!(!text.contains("takedown-"), "{language}: a sentence is missing");
    }
    let refused = app.http.refused_get(&app.team.dispatcher, &format!("/appeals/{id}/report?as=odt")).await;
    assert_eq!(refused.0, 422);
    let report = app.http.get(&app.team.dispatcher, &format!("/appeals/{id}/report?as=json")).await;
    assert!(report["takedowns"].as_array().unwrap().len() >= 4);
}
