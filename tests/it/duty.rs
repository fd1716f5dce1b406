//! Who is on duty hears what is late: once, in the unit's language, by ids only.

use crate::support::{TestApp, decision};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

const DUTY: &str = "permanence@police.example.be";

/// Names who is on duty, in Dutch.
async fn on_duty(app: &TestApp) {
    let who = &app.team.dispatcher;
    let units = app.http.get(who, "/units").await;
    let path = format!("/units/{}/duty", units["items"][0]["id"].as_str().unwrap());
    let named = app.http.put(who, &path, 1, &json!({"address": DUTY, "language": "nl"})).await;
    assert_eq!((named["duty_address"].as_str(), named["duty_language"].as_str()), (Some(DUTY), Some("nl")));
}

/// Subjects and texts of the mails to whoever is on duty, oldest first.
fn mails(app: &TestApp) -> Vec<(String, String)> {
    let raw = app.mails_to(DUTY);
    let read = |raw: &String| {
        let mail = mail_parser::MessageParser::default().parse(raw.as_bytes()).unwrap();
        (mail.subject().unwrap().to_owned(), mail.body_text(0).unwrap().into_owned())
    };
    raw.iter().map(read).collect()
}

/// No word of the appeal, its people or its decision.
fn says_nothing(text: &str) {
    for word in ["Lina", "Ixelles", "Exemple", "TEST/2026/001", "water", "@", "+32"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[actix_web::test]
async fn an_overdue_review_is_written_to_the_duty_address_once() {
    let app = TestApp::start().await;
    on_duty(&app).await;
    let id = app.authorised().await;
    let digest = app.plan_digest(&id).await;
    let emergency = json!({"emergency": "the child may be in the water"});
    app.http.decide(&app.team.investigator, &format!("/appeals/{id}/submission"), &digest, &emergency).await;
    app.say_yes(&id, &digest).await;
    app.work().await;
    assert_eq!(mails(&app).len(), 0);
    app.app.clock.advance(TimeDelta::hours(25));
    app.work().await;
    app.work().await;
    let told = mails(&app);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, format!("Aandacht vereist: {id}"));
    assert!(told[0].1.contains("nazicht") && told[0].1.contains(&id), "{}", told[0].1);
    says_nothing(&told[0].1);
}

#[actix_web::test]
async fn the_paper_of_an_oral_decision_is_asked_for_and_then_asked_for_again() {
    let app = TestApp::start().await;
    on_duty(&app).await;
    let (waiting, confirmed) = (app.filed().await, app.filed().await);
    let mut oral = Vec::new();
    for id in [&waiting, &confirmed] {
        let mut decision = decision(&app.appeal(id).await);
        decision["decision"] = json!({"form": "oral_confirmed", "at": Utc::now() - TimeDelta::hours(1)});
        decision["document"] = Value::Null;
        let authorisation = app.recorded(id, &decision).await;
        app.verified(&authorisation).await;
        oral.push(authorisation);
    }
    let paper =
        json!({"sha256": "1".repeat(64), "bytes": 900, "mime": "application/pdf", "signature_kind": "qualified"});
    let path = format!("/authorisations/{}/confirmation", oral[1]);
    app.http.post(&app.team.investigator, &path, &paper).await;
    let called = json!({"called_back_on": "+32 2 508 00 00"});
    app.http.post(&app.team.verifier, &format!("{path}/verification"), &called).await;
    app.work().await;
    assert_eq!(mails(&app).len(), 0, "there is time");
    for (hours, count) in [(12, 1), (1, 1), (9, 2), (1, 2), (2, 2)] {
        app.app.clock.advance(TimeDelta::hours(hours));
        app.work().await;
        assert_eq!(mails(&app).len(), count, "{hours} hours later");
    }
    let told = mails(&app);
    assert!(told.iter().all(|(subject, text)| subject.contains(&oral[0]) && text.contains(&oral[0])), "{told:?}");
    assert!(told[0].1.contains("wacht op") && told[1].1.contains("vervalt bijna"), "{told:?}");
    for (_, text) in &told {
        says_nothing(text);
    }
}

#[actix_web::test]
async fn a_credential_about_to_end_is_told_once_for_each_end() {
    let app = TestApp::start_with(|config| {
        DUTY.clone_into(&mut config.duty.address);
        "de".clone_into(&mut config.duty.language);
    })
    .await;
    let who = &app.team.dispatcher;
    let account = json!({"platform": "x", "name": "Police locale", "language": "fr"});
    let added = app.http.post(who, "/channels", &account).await;
    let id = added["id"].as_str().unwrap();
    let path = format!("/channels/{id}/credential");
    let sealed = |days: i64| json!({"credential": "a credential of some length", "expires_at": Utc::now() + TimeDelta::days(days)});
    app.http.put(who, &path, 1, &sealed(20)).await;
    app.work().await;
    assert_eq!(mails(&app).len(), 0);
    app.http.put(who, &path, 2, &sealed(10)).await;
    app.work().await;
    app.work().await;
    let told = mails(&app);
    assert_eq!(told.len(), 1);
    assert!(told[0].0.starts_with("Aufmerksamkeit") && told[0].1.contains(id), "the settings' language: {told:?}");
    assert!(!told[0].1.contains("Police locale") && !told[0].1.contains("credential of some"));
    app.http.put(who, &path, 3, &sealed(9)).await;
    app.work().await;
    assert_eq!(mails(&app).len(), 2, "another end is another matter");
}

#[actix_web::test]
async fn a_takedown_that_lasts_is_written_once_for_all_its_languages_with_its_entry() {
    let app = TestApp::start().await;
    on_duty(&app).await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let parsed = tocsin::domain::ids::AppealId::parse(&id).unwrap();
    for (n, language) in
        [tocsin::domain::language::Language::Fr, tocsin::domain::language::Language::Nl].into_iter().enumerate()
    {
        let open = tocsin::db::takedowns::Takedown {
            id: tocsin::domain::ids::TakedownId::from_parts(Utc::now(), [u8::try_from(n).unwrap(); 10]),
            channel: tocsin::domain::scope::ChannelKind::Email,
            language,
            reason: "wrong picture".to_owned(),
            decided_at: Utc::now(),
            started_at: None,
            done_at: None,
            proof: String::new(),
            state: tocsin::domain::takedown::TakedownState::Waiting,
            due_at: None,
            looks: 0,
            looked_at: None,
            failure: String::new(),
        };
        app.app.db.write_now(|conn| tocsin::db::takedowns::add(conn, &parsed, &open)).unwrap();
    }
    app.app.clock.advance(TimeDelta::minutes(4));
    app.work().await;
    assert_eq!(mails(&app).len(), 0);
    app.app.clock.advance(TimeDelta::minutes(2));
    app.work().await;
    app.work().await;
    let told = mails(&app);
    assert_eq!(told.len(), 1, "{told:?}");
    says_nothing(&told[0].1);
    let entries = app.app.db.read_now(|conn| tocsin::db::audit::entries_after(conn, 0, None, None, 1000)).unwrap();
    assert_eq!(entries.iter().filter(|stored| stored.entry.action == "takedown.overdue").count(), 2);
}
