//! What the rules give each kind of answer: reports of illegal content in the list of those who look at them, a self-report
//! to two people, deadlines, and the second officer without whom nobody is said to be dead or found.

use crate::support::client::{Ask, receipt};
use crate::support::receiver::Receiver;
use crate::support::{TestApp, member};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use tocsin::domain::actor::Role;

async fn live(app: &TestApp) -> (String, String) {
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    (id, slug)
}

async fn answer(app: &TestApp, slug: &str, kind: &str, what: &str) -> String {
    receipt(&app.http.fill(&format!("/fr/a/{slug}/respond"), &[("kind", kind), ("what", what)]).await.1)
}

async fn put(app: &TestApp, who: &crate::support::client::Person, path: &str, body: &Value) -> u16 {
    let ask = Ask { method: Method::PUT, path, who: Some(who), seen: None, key: None, body: Some(body) };
    app.http.ask(ask).await.status().as_u16()
}

#[actix_web::test]
async fn a_report_of_illegal_content_goes_to_those_who_look_at_them_and_its_sender_hears_what_was_decided() {
    let app = TestApp::start_with(|config| config.webhooks.networks = vec!["127.0.0.0/8".to_owned()]).await;
    let receiver = Receiver::start();
    app.http.post(&app.team.dispatcher, "/webhooks", &json!({"url": receiver.url()})).await;
    let officer = member(&app.app, &app.http, "unit", "reports", &[Role::ReportOfficer]).await;
    let (mine, duty) = ("signalements@police.example.be", "permanence@police.example.be");
    let wish = json!({"address": mine, "language": "fr", "urgent": true});
    app.http.put(&officer, "/me/notices", 1, &wish).await;
    let units = app.http.get(&app.team.dispatcher, "/units").await;
    let unit = units["items"][0]["id"].as_str().unwrap().to_owned();
    app.http
        .put(&app.team.dispatcher, &format!("/units/{unit}/duty"), 1, &json!({"address": duty, "language": "nl"}))
        .await;
    let (id, slug) = live(&app).await;
    let code = answer(&app, &slug, "illegal_content", "https://example.org/horrible").await;
    answer(&app, &slug, "tip", "Vue à Mons").await;
    app.work().await;

    // Nowhere but in the officers' list.
    let responder = &app.team.responder;
    for path in ["queue", "responses"] {
        let list = app.http.get(responder, &format!("/appeals/{id}/{path}")).await;
        let kinds: Vec<_> = list["items"].as_array().unwrap().iter().map(|r| r["kind"].clone()).collect();
        assert_eq!(kinds, [json!("tip")], "{path}");
    }
    assert_eq!(app.http.refused_get(responder, "/reports").await, (403, vec!["not-allowed".to_owned()]));
    let list = app.http.get(&officer, "/reports?open=true").await;
    let report = list["items"][0].clone();
    assert_eq!((list["items"].as_array().unwrap().len(), &report["role"]), (1, &json!("report_officer")));
    assert_eq!((&report["rule"], &report["unit"]), (&json!("TRIAGE-ILLEGAL-BE"), &json!(unit)));
    assert!(report["due_at"].is_string());
    let response = report["id"].as_str().unwrap();
    let open = format!("/responses/{response}?reason=what%20is%20it");
    assert_eq!(app.http.refused_get(responder, &open).await, (403, vec!["report-elsewhere".to_owned()]));
    // By mail and message: ids only.
    assert_eq!(receiver.of("report.received")[0].json()["data"]["response"], report["id"]);
    for address in [mine, duty] {
        let mails = app.mails_to(address);
        assert_eq!(mails.len(), 1, "{address}");
        let mail = mail_parser::MessageParser::default().parse(mails[0].as_bytes()).unwrap();
        assert!(mail.body_text(0).unwrap().contains(&id) && !mails[0].contains("horrible"));
    }
    // Opened with a reason; the officer opens nothing else.
    let path = format!("/reports/{response}");
    assert_eq!(app.http.refused_get(&officer, &path).await.0, 422);
    let opened = app.http.get(&officer, &format!("{path}?reason=duty%20of%20reports")).await;
    assert_eq!(opened["response"]["text"]["what"], "https://example.org/horrible");
    let tip = app.http.get(responder, &format!("/appeals/{id}/responses")).await["items"][0]["id"].clone();
    let other = format!("/responses/{}?reason=curiosity", tip.as_str().unwrap());
    assert_eq!(app.http.refused_get(&officer, &other).await, (403, vec!["not-allowed".to_owned()]));
    assert_eq!(
        app.http.refused_get(&officer, &format!("/reports/{}?reason=curiosity", tip.as_str().unwrap())).await.0,
        404
    );
    let trail = app.http.get(responder, &format!("/audit?object={response}")).await.to_string();
    assert!(trail.contains("report.read") && trail.contains("duty of reports"));
    let looked = app.http.get(responder, &format!("/audit?object={unit}")).await.to_string();
    assert!(looked.contains("reports.listed"), "looking at the list is in the audit");

    // Decided once, by version, with a reason; the sender reads it.
    let decision = format!("{path}/decision");
    let body = json!({"verdict": "illegal", "reason": "clear case"});
    assert_eq!(app.http.refused(&officer, &decision, Some("7"), &body).await.0, 412);
    assert_eq!(app.http.refused(&officer, &decision, Some("1"), &json!({"verdict": "illegal"})).await.0, 422);
    let decided = app.http.decide(&officer, &decision, "1", &body).await;
    assert_eq!(decided["verdict"], "illegal");
    assert_eq!(app.http.refused(&officer, &decision, Some("2"), &body).await.1, ["report-decided"]);
    assert_eq!(app.http.get(&officer, "/reports?open=true").await["items"], json!([]));
    let (_, thread) = app.http.fill("/fr/r", &[("code", &code)]).await;
    assert!(thread.contains("considéré comme illégal"), "{thread}");
    // What reports nothing goes where it belongs.
    answer(&app, &slug, "illegal_content", "Je l'ai vue à Arlon, en fait").await;
    let wrong = app.http.get(&officer, "/reports?open=true").await["items"][0]["id"].as_str().unwrap().to_owned();
    let body = json!({"verdict": "not_a_report", "reason": "it is a tip"});
    app.http.decide(&officer, &format!("/reports/{wrong}/decision"), "1", &body).await;
    let queue = app.http.get(responder, &format!("/appeals/{id}/queue")).await;
    assert!(queue["items"].as_array().unwrap().iter().any(|r| r["id"] == json!(wrong) && r["kind"] == "tip"));
    // And what turns out to be one is routed by whoever reads it.
    let version = queue["items"][0]["version"].as_i64().unwrap();
    let first = queue["items"][0]["id"].as_str().unwrap().to_owned();
    app.http.patch(responder, &format!("/responses/{first}"), version, &json!({"kind": "illegal_content"})).await;
    let open: Vec<Value> = app.http.get(&officer, "/reports").await["items"].as_array().unwrap().clone();
    assert!(open.iter().any(|r| r["id"] == json!(first)));
}

#[actix_web::test]
async fn another_unit_looks_at_the_reports_when_the_administrator_says_so() {
    let app = TestApp::start().await;
    let theirs = member(&app.app, &app.http, "federal", "federal.reports", &[Role::ReportOfficer]).await;
    let mine = member(&app.app, &app.http, "unit", "reports", &[Role::ReportOfficer]).await;
    let other = app.http.get(&theirs, "/units").await["items"][0]["id"].as_str().unwrap().to_owned();
    let own = app.http.get(&app.team.dispatcher, "/units").await["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/units/{own}/report-receiver");
    assert_eq!(app.http.get(&app.team.dispatcher, &path).await["unit"], json!(own), "itself unless somebody says so");
    assert_eq!(put(&app, &app.team.dispatcher, &path, &json!({"unit": format!("unt_{}", "0".repeat(26))})).await, 422);
    assert_eq!(
        put(&app, &app.team.dispatcher, &format!("/units/{other}/report-receiver"), &json!({"unit": own})).await,
        404
    );
    assert_eq!(put(&app, &app.team.dispatcher, &path, &json!({"unit": other})).await, 200);
    let (_, slug) = live(&app).await;
    answer(&app, &slug, "illegal_content", "https://example.org/horrible").await;
    assert_eq!(app.http.get(&mine, "/reports").await["items"], json!([]));
    let report = app.http.get(&theirs, "/reports").await["items"][0]["id"].as_str().unwrap().to_owned();
    let opened = app.http.get(&theirs, &format!("/reports/{report}?reason=duty%20of%20reports")).await;
    assert_eq!(opened["response"]["text"]["what"], "https://example.org/horrible");
    assert_eq!(app.http.refused_get(&mine, &format!("/reports/{report}?reason=curiosity")).await.0, 404);
    // Of that unit's appeals they see nothing else.
    let list = app.http.get(&theirs, "/appeals").await;
    assert_eq!(list["items"], json!([]));
}

#[actix_web::test]
async fn a_self_report_is_for_two_people_and_counts_when_both_say_so() {
    let app = TestApp::start().await;
    let second = member(&app.app, &app.http, "unit", "second", &[Role::Responder]).await;
    let third = member(&app.app, &app.http, "unit", "third", &[Role::Responder]).await;
    let (id, slug) = live(&app).await;
    answer(&app, &slug, "self_report", "C'est moi, tout va bien, laissez-moi").await;
    let queue = app.http.get(&app.team.responder, &format!("/appeals/{id}/queue")).await;
    let item = queue["items"][0].clone();
    assert_eq!((&item["kind"], &item["urgency"]), (&json!("self_report"), &json!(2)));
    assert!(item["due_at"].is_string());
    let response = item["id"].as_str().unwrap().to_owned();
    let open = format!("/responses/{response}?reason=is%20it%20her");
    let opened = app.http.get(&app.team.responder, &open).await;
    assert_eq!(opened["tags"], json!(["sensitive"]), "tagged by the rule on arrival");
    app.http.get(&second, &open).await;
    app.http.get(&app.team.responder, &open).await;
    assert_eq!(app.http.refused_get(&third, &open).await, (403, vec!["response-confided".to_owned()]));
    for path in ["queue", "responses"] {
        let list = app.http.get(&third, &format!("/appeals/{id}/{path}")).await;
        assert_eq!(list["items"], json!([]), "{path}: it is not even there for a third one");
    }
    let next = app.http.post(&third, &format!("/appeals/{id}/queue/next"), &json!({"reason": "triage"})).await;
    assert_eq!(next["response"], Value::Null);

    // One officer's belief makes it neither useful nor the end of the search.
    let judge = |who: crate::support::client::Person, state: &'static str| {
        let (app, response) = (&app, response.clone());
        async move {
            let body = json!({"state": state});
            let path = format!("/responses/{response}");
            let ask = Ask {
                method: Method::PATCH,
                path: &path,
                who: Some(&who),
                seen: Some("1"),
                key: None,
                body: Some(&body),
            };
            let answer = app.http.ask(ask).await;
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["code"].clone())
        }
    };
    assert_eq!(judge(app.team.responder.clone(), "useful").await, (409, json!("statement-unconfirmed")));
    let closure = json!({"outcome": "found_safe", "reason": "she wrote"});
    let path = format!("/appeals/{id}/closure");
    assert_eq!(app.http.refused(&app.team.dispatcher, &path, None, &closure).await.1, ["second-officer-needed"]);
    let statements = format!("/appeals/{id}/statements");
    let said = json!({"says": "safe", "response": response, "reason": "knows the code word"});
    assert_eq!(app.http.refused(&app.team.responder, &statements, None, &json!({"says": "safe"})).await.0, 422);
    let said = app.http.post(&app.team.responder, &statements, &said).await;
    assert_eq!(said["state"], "proposed");
    let decision = format!("{statements}/{}/decision", said["id"].as_str().unwrap());
    let yes = json!({"confirms": true, "reason": "heard her voice"});
    assert_eq!(app.http.refused(&app.team.responder, &decision, None, &yes).await.1, ["statement-same-officer"]);
    assert_eq!(app.http.refused(&app.team.verifier, &decision, None, &yes).await.0, 403);
    assert_eq!(app.http.refused(&app.team.dispatcher, &path, None, &closure).await.1, ["second-officer-needed"]);
    let confirmed = app.http.post(&second, &decision, &yes).await;
    assert_eq!(confirmed["state"], "confirmed");
    assert_eq!(app.http.refused(&second, &decision, None, &yes).await.1, ["statement-decided"]);
    assert_eq!(judge(app.team.responder.clone(), "useful").await.0, 200);
    app.http.post(&app.team.dispatcher, &path, &closure).await;
    let trail =
        app.http.get(&app.team.responder, &format!("/audit?object={}", said["id"].as_str().unwrap())).await.to_string();
    assert!(trail.contains("statement.proposed") && trail.contains("statement.confirmed"));
}

#[actix_web::test]
async fn nobody_is_said_to_be_dead_by_one_officer() {
    let app = TestApp::start().await;
    let second = member(&app.app, &app.http, "unit", "second", &[Role::Responder]).await;
    let (id, slug) = live(&app).await;
    answer(&app, &slug, "tip", "On l'a trouvée dans le canal").await;
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    let response = list["items"][0]["id"].as_str().unwrap().to_owned();
    let closing = format!("/appeals/{id}/closure");
    let dead = json!({"outcome": "found_deceased", "reason": "the canal"});
    assert_eq!(
        app.http.refused(&app.team.dispatcher, &closing, None, &dead).await,
        (409, vec!["second-officer-needed".to_owned()])
    );
    let statements = format!("/appeals/{id}/statements");
    let says = |says: &str| json!({"says": says, "response": response, "reason": "what the tip says"});
    // Somebody who may end appeals may say so too, in person.
    let first = app.http.post(&app.team.dispatcher, &statements, &says("deceased")).await;
    // A tip is useful by one officer, unless somebody takes it to say that she is dead.
    let judged = app
        .http
        .ask(Ask {
            method: Method::PATCH,
            path: &format!("/responses/{response}"),
            who: Some(&app.team.responder),
            seen: Some("1"),
            key: None,
            body: Some(&json!({"state": "useful"})),
        })
        .await;
    assert_eq!(judged.status(), 409);
    let no = json!({"confirms": false, "reason": "it was a dummy"});
    let refused =
        app.http.post(&second, &format!("{statements}/{}/decision", first["id"].as_str().unwrap()), &no).await;
    assert_eq!(refused["state"], "refused");
    assert_eq!(app.http.refused(&app.team.dispatcher, &closing, None, &dead).await.0, 409);
    let again = app.http.post(&app.team.responder, &statements, &says("deceased")).await;
    // While that waits, nor may one officer end it as "found safe".
    let safe = json!({"outcome": "found_safe", "reason": "at home"});
    assert_eq!(app.http.refused(&app.team.dispatcher, &closing, None, &safe).await.1, ["second-officer-needed"]);
    let yes = json!({"confirms": true, "reason": "the doctor says so"});
    app.http.post(&second, &format!("{statements}/{}/decision", again["id"].as_str().unwrap()), &yes).await;
    let still = app.http.refused(&app.team.dispatcher, &closing, None, &safe).await;
    assert_eq!(still.1, ["second-officer-needed"], "two officers say otherwise");
    app.http.post(&app.team.dispatcher, &closing, &dead).await;
    let states: Vec<_> = app.http.get(&app.team.responder, &statements).await["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["state"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(states, ["refused", "confirmed"]);
    // And none of it is told to the public.
    let page = app.http.page(&format!("/fr/a/{slug}")).await.1;
    assert!(!page.contains("canal") && !page.contains("décédé"));
}

#[actix_web::test]
async fn rules_by_kind_are_data_and_an_answer_that_nobody_opens_in_time_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ours.toml");
    let ours = "[[triage]]\nid = \"OURS-TIP\"\nresponses = [\"tip\"]\nkinds = [\"missing_minor\"]\nurgency = 1\nweight = 25\n\
        tags = [\"place\"]\ndue_minutes = 30\nlock_minutes = 90\nmark = \"D\"\n\n[[triage]]\nid = \"OURS-PAST\"\n\
        responses = [\"tip\"]\nurgency = 3\neffective_to = \"2020-01-01\"\nmark = \"D\"\n";
    std::fs::write(&file, ours).unwrap();
    let app = TestApp::start_with(|config| {
        config.rules.files = vec![file.clone()];
        config.webhooks.networks = vec!["127.0.0.0/8".to_owned()];
    })
    .await;
    let receiver = Receiver::start();
    app.http
        .post(&app.team.dispatcher, "/webhooks", &json!({"url": receiver.url(), "events": ["response.overdue"]}))
        .await;
    let told = app.http.get(&app.team.responder, "/rules?kind=missing_minor&country=BE").await;
    let tip = told["triage"].as_array().unwrap().iter().find(|row| row["response"] == "tip").unwrap().clone();
    assert_eq!(
        (&tip["rules"], &tip["urgency"], &tip["due_minutes"], &tip["lock_minutes"]),
        (&json!(["TRIAGE-TIP", "OURS-TIP"]), &json!(1), &json!(30), &json!(90))
    );
    let (id, slug) = live(&app).await;
    answer(&app, &slug, "tip", "Vue près de l'église").await;
    answer(&app, &slug, "tip", "Un homme en bottes jaunes au marché").await;
    answer(&app, &slug, "sighting", "Elle achetait du pain").await;
    let queue = app.http.get(&app.team.responder, &format!("/appeals/{id}/queue")).await;
    let order: Vec<_> = queue["items"].as_array().unwrap().iter().map(|r| r["kind"].as_str().unwrap()).collect();
    assert_eq!(order, ["tip", "tip", "sighting"], "as urgent, and weightier by the force's own rule");
    let opened =
        app.http.post(&app.team.responder, &format!("/appeals/{id}/queue/next"), &json!({"reason": "triage"})).await;
    let opened = &opened["response"];
    assert_eq!(opened["tags"], json!(["place"]));
    // It is answered, the other tip is not.
    let path = format!("/responses/{}", opened["id"].as_str().unwrap());
    let again = app.http.get(&app.team.responder, &format!("{path}?reason=once%20more")).await;
    let until: chrono::DateTime<chrono::Utc> = again["locked_until"].as_str().unwrap().parse().unwrap();
    let left = until - chrono::Utc::now();
    assert!(left > TimeDelta::minutes(85) && left < TimeDelta::minutes(95), "locked as long as the rule says: {left}");
    app.http.patch(&app.team.responder, &path, 1, &json!({"state": "not_useful"})).await;
    app.app.clock.advance(TimeDelta::minutes(31));
    app.work().await;
    app.work().await;
    let late: Vec<_> =
        receiver.of("response.overdue").iter().map(|one| one.json()["data"]["response"].clone()).collect();
    assert_eq!(late.len(), 1, "the open tip, once: {late:?}");
    assert_ne!(late[0], opened["id"]);
}
