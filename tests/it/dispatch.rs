//! From the button to the recipient: language, links, progress, relays that refuse, schedules.

use crate::support::TestApp;
use crate::support::client::between;
use serde_json::json;
use tocsin::catcher::Script;

fn sent(view: &serde_json::Value, channel: &str, language: &str) -> i64 {
    let rows = view["progress"].as_array().unwrap().iter();
    rows.filter(|row| row["channel"] == channel && row["language"] == language)
        .map(|row| row["sent"].as_i64().unwrap())
        .sum()
}

#[actix_web::test]
async fn everyone_gets_one_mail_in_their_language_or_their_places() {
    let app = TestApp::start_with(|config| config.worker.shard_recipients = 3).await;
    app.subscribe("21009", "fr", 5);
    app.subscribe("21009", "nl", 4);
    let germans = app.subscribe("23099", "de", 2);
    app.subscribe("11002", "nl", 6);
    let (_, dispatch) = app.dispatched().await;
    app.work().await;
    let view = app.http.get(&app.team.dispatcher, &format!("/dispatches/{dispatch}")).await;
    assert_eq!(view["finished"], true);
    // Kraainem is Dutch-speaking with facilities: its German speakers get the appeal's first language of the place.
    assert_eq!(sent(&view, "email", "fr") + sent(&view, "email", "nl"), 11);
    assert_eq!((sent(&view, "page", "fr"), sent(&view, "page", "nl"), sent(&view, "feed", "fr")), (1, 1, 1));
    assert_eq!(app.catcher.accepted(), 11, "nobody outside the area, nobody twice");
    for mail in app.mails_to("p0.fr.21009@mail.example.be") {
        assert!(mail.contains("Content-Language: fr") && !mail.contains("verdwenen"), "{mail}");
    }
    assert_eq!(app.mails_to(&germans[0]).len(), 1);
}

#[actix_web::test]
async fn a_mail_has_what_readers_and_providers_need() {
    let app = TestApp::start().await;
    let people = app.subscribe("21009", "nl", 1);
    app.dispatched().await;
    app.work().await;
    let source = &app.mails_to(&people[0])[0];
    let parsed = mail_parser::MessageParser::default().parse(source.as_bytes()).unwrap();
    let header = |name: &str| parsed.header_raw(name).unwrap_or_default().trim().to_owned();
    assert!(header("Message-ID").ends_with("@police.example.be>"));
    assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let unsubscribe = header("List-Unsubscribe").trim_matches(['<', '>']).to_owned();
    let (html, text) = (parsed.body_html(0).unwrap(), parsed.body_text(0).unwrap());
    assert!(html.contains("alt=\"Tekening van een meisje\"") && html.contains("/respond?c=email"), "{html}");
    assert!(text.contains("Een rode jas") && text.contains("112") && !text.contains("veste"), "{text}");
    // The one-click request of RFC 8058, then the link again: both fine.
    let path = unsubscribe.strip_prefix(&app.http.base).unwrap();
    for _ in 0..2 {
        let (status, _) = app.http.send_form(path, &[("List-Unsubscribe", "One-Click")]).await;
        assert_eq!(status, 200);
    }
    let totals = app.http.get(&app.team.dispatcher, "/subscribers").await;
    assert_eq!(totals["active"], json!({}));
}

#[actix_web::test]
async fn relay_refusals_are_final_or_tried_again_per_recipient() {
    let app = TestApp::start().await;
    let people = app.subscribe("21009", "fr", 4);
    app.catcher.script(&people[0], Script::Never);
    app.catcher.script(&people[1], Script::Later(2));
    app.catcher.script(&people[2], Script::HangUpAfterData(1));
    let (_, dispatch) = app.dispatched().await;
    for _ in 0..12 {
        app.work().await;
        app.app.clock.advance(chrono::TimeDelta::seconds(30));
    }
    let rows = app
        .app
        .db
        .read_now(|conn| {
            tocsin::db::dispatches::tally(conn, &tocsin::domain::ids::DispatchId::parse(&dispatch).unwrap())
        })
        .unwrap();
    let mail: Vec<_> = rows.iter().filter(|row| row.channel == "email").collect();
    assert_eq!(mail.iter().map(|row| (row.sent, row.failed)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)), (3, 1));
    let ids: Vec<_> =
        app.mails_to(&people[2]).iter().map(|mail| between(mail, "Message-ID: ", "\r\n").unwrap()).collect();
    assert!(ids.len() == 2 && ids[0] == ids[1], "sent again under the same Message-ID: {ids:?}");
}

#[actix_web::test]
async fn progress_can_be_followed_as_a_stream() {
    let app = TestApp::start().await;
    app.subscribe("21009", "fr", 2);
    let (_, dispatch) = app.dispatched().await;
    app.work().await;
    let url = format!("{}/api/v1/dispatches/{dispatch}/events", app.http.base);
    let response = app.http.http.get(url).bearer_auth(&app.team.dispatcher.token).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let body = response.text().await.unwrap();
    assert!(body.contains("event: finished") && body.contains("\"sent\":6"), "{body}");
}

#[actix_web::test]
async fn dispatching_needs_a_fresh_factor_and_the_plan_that_was_seen() {
    let app = TestApp::start().await;
    let (id, digest) = app.validated().await;
    let path = format!("/appeals/{id}/dispatches");
    assert_eq!(app.http.refused(&app.team.dispatcher, &path, None, &json!({})).await.0, 428);
    assert_eq!(app.http.refused(&app.team.dispatcher, &path, Some(&"1".repeat(64)), &json!({})).await.0, 412);
    assert_eq!(app.http.refused(&app.team.validator, &path, Some(&digest), &json!({})).await.0, 403);
    app.app.clock.advance(chrono::TimeDelta::minutes(6));
    let (status, codes) = app.http.refused(&app.team.dispatcher, &path, Some(&digest), &json!({})).await;
    assert_eq!((status, codes[0].as_str()), (403, "needs-step-up"));
}
