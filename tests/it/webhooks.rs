//! Programs are told what happens: by ids only, signed, again and again until it arrives. How a rush is told: `notices`.

use crate::support::receiver::Receiver;
use crate::support::{TestApp, member};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tocsin::app::send_webhooks;
use tocsin::channels::webhook::Posted;
use tocsin::domain::actor::Role;

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

async fn messages(app: &TestApp, webhook: &Value) -> Vec<Value> {
    let path = format!("/webhooks/{}/messages", webhook["id"].as_str().unwrap());
    app.http.get(&app.team.dispatcher, &path).await["items"].as_array().unwrap().clone()
}

const SECRET: &str = "Je l'ai vue au quai du tram 44";

#[actix_web::test]
async fn a_program_is_told_ids_signed_so_that_it_can_tell_who_speaks() {
    let app = start().await;
    let receiver = Receiver::start();
    let added = hook(&app, &json!({"url": receiver.url(), "description": "our case system"})).await;
    let secret = added["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"));
    let listed = app.http.get(&app.team.dispatcher, "/webhooks").await;
    assert!(!listed.to_string().contains(&secret), "shown once");
    let (id, slug) = live(&app).await;
    let path = format!("/fr/a/{slug}/respond");
    app.http.fill(&path, &[("kind", "tip"), ("what", SECRET), ("contact_name", "Anne Exemple")]).await;
    app.work().await;
    let told = receiver.of("response.received");
    assert_eq!(told.len(), 1);
    assert!(told[0].is_signed(&secret) && told[0].headers["content-type"] == "application/json");
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    let data = told[0].json()["data"].clone();
    assert_eq!((&data["appeal"], &data["response"], &data["count"]), (&json!(id), &list["items"][0]["id"], &json!(1)));
    for heard in receiver.heard() {
        for word in ["tram", "Anne", "Lina", "Ixelles", "veste"] {
            assert!(!heard.body.contains(word), "{word} in {}", heard.body);
        }
        assert!(heard.body.len() < 1_000);
    }
    // The secret is nowhere in the files, in no spelling.
    let raw = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &secret[6..]).unwrap();
    let files = crate::responses::files(&app);
    assert!(!crate::responses::holds(&files, &raw) && !crate::responses::holds(&files, &secret.as_bytes()[6..]));

    // A new secret: both sign for a day, then the new one alone.
    let path = format!("/webhooks/{}", added["id"].as_str().unwrap());
    let new = app.http.post(&app.team.dispatcher, &format!("{path}/secret"), &json!({})).await;
    let new = new["secret"].as_str().unwrap().to_owned();
    let try_out = || async {
        app.http.post(&app.team.dispatcher, &format!("{path}/test"), &json!({})).await;
        app.work().await;
        receiver.of("webhook.test").pop().unwrap()
    };
    let both = try_out().await;
    assert!(both.is_signed(&secret) && both.is_signed(&new));
    let version = app.http.get(&app.team.dispatcher, "/webhooks").await["items"][0]["version"].as_i64().unwrap();
    let only = json!({"events": ["appeal.closed"]});
    let changed = app.http.patch(&app.team.dispatcher, &path, version, &only).await;
    assert_eq!((&changed["events"], changed.get("secret")), (&json!(["appeal.closed"]), None));
    let before = receiver.heard().len();
    app.http.fill(&format!("/fr/a/{slug}/respond"), &[("kind", "tip"), ("what", "Autre chose à Liège")]).await;
    app.http.post(&app.team.dispatcher, &format!("{path}/test"), &json!({})).await;
    app.app.clock.advance(TimeDelta::hours(25));
    app.work().await;
    let heard = receiver.heard();
    assert_eq!(heard.len(), before + 1, "what it does not ask for it is not told");
    assert!(heard[before].is_signed(&new) && !heard[before].is_signed(&secret), "the old secret has had its day");
}

#[actix_web::test]
async fn what_does_not_arrive_is_sent_again_later_under_the_same_id() {
    let app = start().await;
    let receiver = Receiver::start();
    let added = hook(&app, &json!({"url": receiver.url()})).await;
    let path = format!("/webhooks/{}", added["id"].as_str().unwrap());
    receiver.answer(500, "");
    receiver.answer(503, "retry-after: 1200\r\n");
    receiver.answer(302, "location: http://127.0.0.1:1/\r\n");
    app.http.post(&app.team.dispatcher, &format!("{path}/test"), &json!({})).await;
    // Soon, after what the other side asked for, after the schedule's step.
    for (minutes, heard) in [(0, 1), (1, 2), (10, 2), (11, 3), (40, 4), (600, 4)] {
        app.app.clock.advance(TimeDelta::minutes(minutes));
        app.work().await;
        assert_eq!(receiver.heard().len(), heard, "{minutes} minutes later");
    }
    let heard = receiver.heard();
    assert!(heard.iter().all(|one| one.headers["webhook-id"] == heard[0].headers["webhook-id"]));
    assert!(heard[0].headers["webhook-timestamp"] < heard[3].headers["webhook-timestamp"]);
    // Every try can be looked at. Sessions have ended meanwhile: somebody signs in anew.
    let owner = member(&app.app, &app.http, "unit", "owner", &[Role::Administrator]).await;
    let all = app.http.get(&owner, &format!("{path}/messages")).await["items"].as_array().unwrap().clone();
    assert_eq!((all.len(), &all[0]["state"]), (1, &json!("delivered")));
    let tries: Vec<_> = all[0]["attempts"].as_array().unwrap().iter().map(|t| (&t["status"], &t["outcome"])).collect();
    let said = [(500, "refused"), (503, "refused"), (302, "redirected"), (204, "delivered")];
    assert_eq!(
        tries,
        said.each_ref().map(|(s, o)| (json!(s), json!(o))).iter().map(|(s, o)| (s, o)).collect::<Vec<_>>()
    );

    // Once more by hand, under the old id; not while it is on its way.
    let again = format!("{path}/messages/{}/redelivery", all[0]["id"].as_str().unwrap());
    app.http.post(&owner, &again, &json!({})).await;
    assert_eq!(app.http.refused(&owner, &again, None, &json!({})).await, (409, vec!["message-under-way".to_owned()]));
    app.work().await;
    let heard = receiver.heard();
    assert_eq!((heard.len(), &heard[4].headers["webhook-id"]), (5, &heard[0].headers["webhook-id"]));
}

#[actix_web::test]
async fn who_does_not_answer_for_days_or_wants_nothing_any_more_is_switched_off_and_its_owners_hear_of_it() {
    let app = start().await;
    let duty = "permanence@police.example.be";
    let units = app.http.get(&app.team.dispatcher, "/units").await;
    let unit = format!("/units/{}/duty", units["items"][0]["id"].as_str().unwrap());
    app.http.put(&app.team.dispatcher, &unit, 1, &json!({"address": duty, "language": "en"})).await;
    let (gone, deaf) = (Receiver::start(), Receiver::start());
    gone.answer(410, "");
    for _ in 0..20 {
        deaf.answer(500, "");
    }
    let (first, second) =
        (hook(&app, &json!({"url": gone.url()})).await, hook(&app, &json!({"url": deaf.url()})).await);
    for one in [&first, &second] {
        let path = format!("/webhooks/{}/test", one["id"].as_str().unwrap());
        app.http.post(&app.team.dispatcher, &path, &json!({})).await;
    }
    app.work().await;
    let listed = app.http.get(&app.team.dispatcher, "/webhooks").await;
    assert_eq!(
        (&listed["items"][0]["enabled"], &listed["items"][0]["disabled_because"], &listed["items"][1]["enabled"]),
        (&json!(false), &json!("gone"), &json!(true))
    );
    for _ in 0..13 {
        app.app.clock.advance(TimeDelta::hours(12));
        app.work().await;
    }
    let owner = member(&app.app, &app.http, "unit", "owner", &[Role::Administrator]).await;
    let listed = app.http.get(&owner, "/webhooks").await;
    assert_eq!(
        (&listed["items"][1]["enabled"], &listed["items"][1]["disabled_because"]),
        (&json!(false), &json!("refused"))
    );
    let tries = app.http.get(&owner, &format!("/webhooks/{}/messages", second["id"].as_str().unwrap())).await;
    let test = tries["items"].as_array().unwrap().iter().find(|one| one["type"] == "webhook.test").unwrap().clone();
    // The message that was tried last when patience ended failed; what waited beside it was cancelled.
    assert!(test["state"] == "failed" || test["state"] == "cancelled", "{test:#}");
    assert!((8..=12).contains(&test["attempts"].as_array().unwrap().len()), "{test:#}");
    assert_eq!(app.mails_to(duty).len(), 2);
    for (mail, one) in app.mails_to(duty).iter().zip([&first, &second]) {
        let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
        assert!(parsed.body_text(0).unwrap().contains(one["id"].as_str().unwrap()));
    }
    // Switched on again, it is told what happens from then on.
    let path = format!("/webhooks/{}", second["id"].as_str().unwrap());
    let refused = app.http.refused(&owner, &format!("{path}/test"), None, &json!({})).await;
    assert_eq!(refused, (409, vec!["webhook-disabled".to_owned()]));
    let version = listed["items"][1]["version"].as_i64().unwrap();
    app.http.patch(&owner, &path, version, &json!({"enabled": true})).await;
    let fresh = Receiver::start();
    app.http.patch(&owner, &path, version + 1, &json!({"url": fresh.url()})).await;
    app.http.post(&owner, &format!("{path}/test"), &json!({})).await;
    app.work().await;
    assert_eq!(fresh.of("webhook.test").len(), 1);
}

#[actix_web::test]
async fn no_address_of_a_network_of_ours_is_called_whatever_it_is_called() {
    let receiver = Receiver::start();
    let app = TestApp::start_with(|config| config.webhooks.ports = vec![443, receiver.address.port()]).await;
    let who = &app.team.dispatcher;
    for (url, code) in [
        (receiver.url(), "url-not-https"),
        ("https://127.0.0.1/".to_owned(), "url-private"),
        ("https://169.254.169.254/latest/meta-data".to_owned(), "url-private"),
        ("https://[::ffff:10.0.0.1]/".to_owned(), "url-private"),
        ("https://hooks.example.be:8443/".to_owned(), "url-port"),
        ("ftp://hooks.example.be/".to_owned(), "url-not-https"),
        ("hooks".to_owned(), "url-malformed"),
    ] {
        let refused = app.http.refused(who, "/webhooks", None, &json!({"url": url})).await;
        assert_eq!(refused, (422, vec!["invalid".to_owned(), code.to_owned()]), "{url}");
    }
    assert_eq!(app.http.refused(who, "/webhooks", None, &json!({"events": []})).await.0, 422);
    let unknown = json!({"url": "https://hooks.example.be/", "events": ["response.read"]});
    assert_eq!(app.http.refused(who, "/webhooks", None, &unknown).await.0, 422);
    // A name that leads to this machine: found out at the call, and nothing is sent.
    let trick =
        hook(&app, &json!({"url": format!("https://localhost.localdomain:{}/", receiver.address.port())})).await;
    let rebound = hook(&app, &json!({"url": "https://hooks.example.be/"})).await;
    let change = format!("https://ip6-localhost.localhost:{}/", receiver.address.port());
    let path = format!("/webhooks/{}", rebound["id"].as_str().unwrap());
    app.http.patch(who, &path, 1, &json!({"url": change})).await;
    for one in [&trick, &rebound] {
        app.http.post(who, &format!("/webhooks/{}/test", one["id"].as_str().unwrap()), &json!({})).await;
    }
    app.work().await;
    assert_eq!(receiver.heard().len(), 0);
    for one in [&trick, &rebound] {
        let tried = messages(&app, one).await[0]["attempts"][0].clone();
        // Where the machine does not know the name at all, nothing is called either.
        assert!(["forbidden-address", "unreachable"].contains(&tried["outcome"].as_str().unwrap()), "{tried}");
        assert_eq!(tried["status"], Value::Null);
    }
}

#[actix_web::test]
async fn a_message_in_the_hands_of_a_worker_that_died_is_taken_over_and_what_that_one_says_later_counts_no_more() {
    let app = start().await;
    let receiver = Receiver::start();
    let added = hook(&app, &json!({"url": receiver.url()})).await;
    app.http.post(&app.team.dispatcher, &format!("/webhooks/{}/test", added["id"].as_str().unwrap()), &json!({})).await;
    // Claimed, and then silence.
    let held = app.app.db.write_now(|conn| send_webhooks::next(conn, &app.app)).unwrap().unwrap();
    app.work().await;
    assert_eq!(receiver.heard().len(), 0, "it is in somebody's hands");
    app.app.clock.advance(TimeDelta::minutes(3));
    app.work().await;
    assert_eq!(receiver.heard().len(), 1);
    assert_eq!(receiver.heard()[0].headers["webhook-id"], held.message.id.as_str());
    let late = Posted { status: Some(500), outcome: "refused", retry_after: None, took: std::time::Duration::ZERO };
    app.app.db.write_now(|conn| send_webhooks::record(conn, &app.app, &held.message, &late)).unwrap();
    app.app.clock.advance(TimeDelta::minutes(20));
    app.work().await;
    assert_eq!(receiver.heard().len(), 1, "it arrived, whatever the dead one thought");
}

#[actix_web::test]
async fn two_workers_at_once_send_each_message_once() {
    let app = start().await;
    let receivers: Vec<Receiver> = (0..4).map(|_| Receiver::start()).collect();
    for receiver in &receivers {
        let added = hook(&app, &json!({"url": receiver.url()})).await;
        let path = format!("/webhooks/{}/test", added["id"].as_str().unwrap());
        for _ in 0..5 {
            app.http.post(&app.team.dispatcher, &path, &json!({})).await;
        }
    }
    futures_util::join!(app.work(), app.work(), app.work());
    for receiver in &receivers {
        let mut ids: Vec<_> = receiver.heard().iter().map(|heard| heard.headers["webhook-id"].clone()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!((receiver.heard().len(), ids.len()), (5, 5));
    }
}
