//! Officers are told by mail what happens: ids and counts, urgent at once, the rest together; and a rush is a handful of
//! messages to a program and one mail to a person.

use crate::support::TestApp;
use crate::support::client::{Ask, receipt};
use crate::support::receiver::Receiver;
use crate::support::workers::is_long;
use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use tocsin::app::intake::{self, Cost, Sent};
use tocsin::app::respond::{Told, form_token};
use tocsin::domain::language::Language;
use tocsin::domain::response::ResponseKind;

/// An installation that may call this machine.
async fn start() -> TestApp {
    TestApp::start_with(|config| config.webhooks.networks = vec!["127.0.0.0/8".to_owned()]).await
}

async fn live(app: &TestApp) -> (String, String) {
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    (id, slug)
}

async fn hook(app: &TestApp, body: &Value) -> Value {
    app.http.post(&app.team.dispatcher, "/webhooks", body).await
}

const SECRET: &str = "Je l'ai vue au quai du tram 44";

/// Sends a text the way the form does, past HTTP.
async fn tell(app: &TestApp, slug: &str, n: u32) {
    let place = app.app.intake.place(&app.app, Language::Fr, slug).await.unwrap();
    let told = Told { kind: Some(ResponseKind::Tip), what: format!("Vue à {n}"), ..Told::default() };
    let token = form_token(&app.app, Cost::NOTHING);
    let from = Some(IpAddr::V4(Ipv4Addr::from(n << 8)));
    let sent = Sent { channel: "page", token: &token, nonce: "", from, told: &told, files: &[] };
    intake::receive(&app.app, &place, &sent).await.unwrap();
}

#[actix_web::test]
async fn a_rush_is_a_handful_of_messages_and_one_mail() {
    let app = start().await;
    let receiver = Receiver::start();
    hook(&app, &json!({"url": receiver.url(), "events": ["response.received"]})).await;
    let (id, slug) = live(&app).await;
    let mine = "lectrice@police.example.be";
    let wish = json!({"address": mine, "language": "fr", "urgent": true, "every_minutes": 60});
    app.http.put(&app.team.responder, "/me/notices", 1, &wish).await;
    let count: u32 = if is_long() { 11_000 } else { 1_100 };
    let (app_, slug_) = (&app, slug.as_str());
    // Told on between the waves, as a worker would.
    for wave in 0..11 {
        stream::iter(0..count / 11)
            .map(|n| async move { tell(app_, slug_, wave * 10_000 + n).await })
            .buffer_unordered(128)
            .collect::<Vec<()>>()
            .await;
        app.app.clock.advance(TimeDelta::seconds(10));
        app.work().await;
    }
    assert_eq!(app.mails_to(mine).len(), 0, "an hour is an hour");
    app.app.clock.advance(TimeDelta::minutes(61));
    app.work().await;
    let told = receiver.of("response.received");
    let sum: i64 = told.iter().map(|one| one.json()["data"]["count"].as_i64().unwrap()).sum();
    assert_eq!(sum, i64::from(count), "each is counted once");
    assert!(told.len() <= 6, "{} messages for {count} answers", told.len());
    let mails = app.mails_to(mine);
    assert_eq!(mails.len(), 1, "one mail for {count} answers");
    let mail = mail_parser::MessageParser::default().parse(mails[0].as_bytes()).unwrap();
    let text = mail.body_text(0).unwrap().into_owned();
    println!("{count} answers: {} messages to the program, {} mail: {text}", told.len(), mails.len());
    assert!(text.contains(&format!("Réponses reçues\u{a0}: {count} ({id})")), "{text}");
    assert!(mail.subject().unwrap().contains(&count.to_string()));
    for word in ["Vue", "Lina", "Ixelles"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[actix_web::test]
async fn an_officer_says_how_to_be_told_and_what_cannot_wait_comes_at_once() {
    let app = start().await;
    let who = &app.team.responder;
    let put = |body: Value| {
        let app = &app;
        async move {
            let ask = Ask {
                method: Method::PUT,
                path: "/me/notices",
                who: Some(&app.team.responder),
                seen: None,
                key: None,
                body: Some(&body),
            };
            app.http.ask(ask).await.status().as_u16()
        }
    };
    let mine = "lectrice@police.example.be";
    for wrong in [
        json!({"address": "nobody", "language": "fr"}),
        json!({"address": mine, "language": "tlh"}),
        json!({"address": mine, "language": "fr", "every_minutes": 1}),
        json!({"address": mine, "language": "fr", "daily_at": "25:00"}),
        json!({"address": mine, "language": "fr", "every_minutes": 60, "daily_at": "07:00"}),
    ] {
        assert_eq!(put(wrong.clone()).await, 422, "{wrong}");
    }
    assert_eq!(app.http.get(who, "/me/notices").await["address"], Value::Null);
    assert_eq!(put(json!({"address": mine, "language": "nl", "urgent": true, "daily_at": "07:30"})).await, 200);
    let shown = app.http.get(who, "/me/notices").await;
    assert_eq!((&shown["daily_at"], &shown["every_minutes"]), (&json!("07:30"), &Value::Null));
    let (id, slug) = live(&app).await;
    let path = format!("/fr/a/{slug}/respond");
    let (_, page) = app.http.fill(&path, &[("kind", "distress"), ("what", "Elle est enfermée avec moi")]).await;
    receipt(&page);
    app.http.fill(&path, &[("kind", "tip"), ("what", "Un détail de moins")]).await;
    app.work().await;
    let mails = app.mails_to(mine);
    assert_eq!(mails.len(), 1);
    let mail = mail_parser::MessageParser::default().parse(mails[0].as_bytes()).unwrap();
    let text = mail.body_text(0).unwrap().into_owned();
    assert!(text.contains("Meteen te lezen reacties") && text.contains(&id) && !text.contains("enfermée"), "{text}");
    // Nothing more than once in five minutes, however urgent; the rest in the morning.
    app.http.fill(&path, &[("kind", "distress"), ("what", "Vite, par pitié")]).await;
    app.work().await;
    assert_eq!(app.mails_to(mine).len(), 1);
    app.app.clock.advance(TimeDelta::minutes(6));
    app.work().await;
    assert_eq!(app.mails_to(mine).len(), 2);
    app.app.clock.advance(TimeDelta::hours(25));
    app.work().await;
    assert!(app.mails_to(mine).len() <= 3);
    let before = app.mails_to(mine).len();
    let me = tocsin::domain::ids::UserId::parse(
        app.app.db.read_now(|conn| tocsin::db::access::user_by_login(conn, "reader")).unwrap().id.as_str(),
    );
    app.app.db.write_now(|conn| tocsin::db::access::disable_user(conn, &me.unwrap(), chrono::Utc::now())).unwrap();
    app.http.fill(&path, &[("kind", "distress"), ("what", "Encore")]).await;
    app.app.clock.advance(TimeDelta::hours(25));
    app.work().await;
    assert_eq!(app.mails_to(mine).len(), before, "whoever left is told nothing any more");
}

#[actix_web::test]
async fn that_answers_will_be_erased_is_told_by_mail_and_message_fourteen_days_before() {
    let app = start().await;
    let receiver = Receiver::start();
    hook(&app, &json!({"url": receiver.url()})).await;
    let (mine, theirs) = ("lectrice@police.example.be", "auteur@police.example.be");
    let daily = |address: &str| json!({"address": address, "language": "de", "daily_at": "07:30"});
    app.http.put(&app.team.responder, "/me/notices", 1, &daily(mine)).await;
    app.http.put(&app.team.investigator, "/me/notices", 1, &daily(theirs)).await;
    let duty = "permanence@police.example.be";
    let units = app.http.get(&app.team.dispatcher, "/units").await;
    let unit = format!("/units/{}/duty", units["items"][0]["id"].as_str().unwrap());
    app.http.put(&app.team.dispatcher, &unit, 1, &json!({"address": duty, "language": "fr"})).await;
    let (id, slug) = live(&app).await;
    app.http.fill(&format!("/fr/a/{slug}/respond"), &[("kind", "tip"), ("what", SECRET)]).await;
    let closure = json!({"outcome": "found_safe", "reason": "at home"});
    app.http.post(&app.team.dispatcher, &format!("/appeals/{id}/closure"), &closure).await;
    app.work().await;
    for kind in ["appeal.closed", "takedown.proven", "takedown.finished"] {
        assert!(!receiver.of(kind).is_empty(), "{kind}");
    }
    app.app.clock.advance(TimeDelta::days(75));
    tocsin::app::retention::sweep(&app.app).await.unwrap();
    app.work().await;
    let (before, told) = (app.mails_to(mine).len(), receiver.of("retention.warning").len());
    assert_eq!((told, app.mails_to(duty).len()), (0, 0));
    app.app.clock.advance(TimeDelta::days(2));
    for _ in 0..2 {
        tocsin::app::retention::sweep(&app.app).await.unwrap();
        app.work().await;
    }
    assert_eq!(receiver.of("retention.warning").len(), 1);
    assert_eq!(receiver.of("retention.warning")[0].json()["data"]["appeal"], json!(id));
    assert_eq!(app.mails_to(mine).len(), before + 1, "at once, also to who wants one mail a day");
    for address in [mine, theirs, duty] {
        let last = app.mails_to(address).pop().unwrap();
        let mail = mail_parser::MessageParser::default().parse(last.as_bytes()).unwrap();
        let text = mail.body_text(0).unwrap().into_owned();
        assert!(text.contains(&id) && !text.contains("tram"), "{address}: {text}");
    }
    app.app.clock.advance(TimeDelta::days(15));
    tocsin::app::retention::sweep(&app.app).await.unwrap();
    app.work().await;
    assert_eq!(receiver.of("retention.erased").len(), 1);
}
