//! What came of answers: victims identified, by which response, each counted once; pieces claimed and returned; what was
//! useful from where; reach, responses, outcome and cost by channel and language.

use crate::support::TestApp;
use crate::support::client::Ask;
use reqwest::Method;
use serde_json::{Value, json};

async fn get_text(app: &TestApp, path: &str) -> String {
    let url = format!("{}/api/v1{path}", app.http.base);
    let answer = app.http.http.get(url).bearer_auth(&app.team.responder.token).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap()
}

#[actix_web::test]
async fn victims_are_counted_once_and_named_to_the_appeals_readers_only() {
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    let reader = &app.team.responder;
    for (language, what, place) in [
        ("fr", "C'est ma voisine du dessus", "Namur"),
        ("fr", "Elle travaillait avec moi à la poste", "gare de Namur"),
        ("nl", "Dat is mijn nicht uit Gent", "Gent"),
    ] {
        let path = format!("/{language}/a/{slug}/respond?c=email");
        let fields = [("kind", "tip"), ("what", what), ("where", place)];
        assert_eq!(app.http.fill(&path, &fields).await.0, 200);
    }
    let list = app.http.get(reader, &format!("/appeals/{id}/responses")).await;
    let ids: Vec<String> =
        list["items"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect();
    let path = |n: usize| format!("/responses/{}/identifications", ids[n]);
    assert_eq!(app.http.refused(reader, &path(0), None, &json!({"of": "somebody"})).await.0, 422);
    assert_eq!(app.http.refused(reader, &path(0), None, &json!({"of": "owner", "lot": 9})).await.0, 422);
    let name = "Marie Exemple-Retrouvée";
    let first = app.http.post(reader, &path(0), &json!({"of": "victim", "name": name})).await;
    // The second response says the same person, the third another one; one entry is a slip and taken back.
    let same = app.http.post(reader, &path(1), &json!({"of": "victim", "same_as": first["id"]})).await;
    assert_eq!(same["same_as"], first["id"]);
    app.http.post(reader, &path(2), &json!({"of": "victim"})).await;
    let slip = app.http.post(reader, &path(2), &json!({"of": "owner"})).await;
    let slip = format!("{}/{}", path(2), slip["id"].as_str().unwrap());
    app.http.delete_with(reader, &slip, &json!({"reason": "entered twice"})).await;

    let listed = app.http.get(&app.team.investigator, &format!("/appeals/{id}/identifications")).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 3);
    assert!(!listed.to_string().contains("Marie") && listed["items"][0]["named"] == true);
    let opened = app.http.get(reader, &format!("/responses/{}?reason=who%20is%20it", ids[0])).await;
    assert_eq!(opened["identified"][0]["name"], name);
    assert!(!crate::responses::holds(&crate::responses::files(&app), name.as_bytes()), "sealed at rest");

    let judge = |n: usize, version: i64, state: &'static str| {
        let (app, path) = (&app, format!("/responses/{}", ids[n]));
        async move { app.http.patch(&app.team.responder, &path, version, &json!({"state": state})).await }
    };
    judge(0, 1, "useful").await;
    judge(1, 1, "useful").await;
    judge(2, 1, "not_useful").await;
    // A second thought takes it out of the counts again, and a third puts it back.
    judge(1, 2, "in_check").await;
    let statistics = |app: &TestApp| {
        let (http, path, who) = (app.http.base.clone(), format!("/appeals/{id}/statistics"), reader.token.clone());
        async move {
            let answer =
                reqwest::Client::new().get(format!("{http}/api/v1{path}")).bearer_auth(who).send().await.unwrap();
            answer.json::<Value>().await.unwrap()
        }
    };
    assert_eq!(statistics(&app).await["municipalities"][0]["useful"], 1);
    judge(1, 3, "useful").await;
    let shown = statistics(&app).await;
    assert_eq!((&shown["victims_identified"], &shown["owners_found"]), (&json!(2), &json!(0)));
    assert_eq!(shown["identifications"][1]["same_as"], first["id"]);
    assert_eq!(shown["identifications"][0]["response"], json!(ids[0]));
    let namur = &shown["municipalities"][0];
    assert_eq!((&namur["code"], &namur["received"], &namur["useful"]), (&json!("NIS:92094"), &json!(2), &json!(2)));
    assert_eq!(shown["municipalities"][1]["useful"], 0);
    let course = shown["course"]["by"].as_array().unwrap();
    let email = |language: &str| {
        course.iter().find(|row| row["channel"] == "email" && row["language"] == language).unwrap().clone()
    };
    assert_eq!((&email("fr")["responses"], &email("fr")["useful"]), (&json!(2), &json!(2)));
    assert_eq!((&email("nl")["responses"], &email("nl")["useful"]), (&json!(1), &json!(0)));
    let reached: i64 = course.iter().map(|row| row["reached"].as_i64().unwrap()).sum();
    assert_eq!(shown["course"]["reached"], json!(reached));
    // No channel cost anything, so nothing has a price.
    assert!(course.iter().all(|row| row["spent_cents"].is_null()));

    let table = get_text(&app, &format!("/appeals/{id}/statistics?as=csv")).await;
    for line in [
        "victims_identified,,,2,".to_owned(),
        "owners_found,,,0,".to_owned(),
        format!("identification,{},{},,victim", first["id"].as_str().unwrap(), ids[0]),
        "municipality,NIS:92094,Namur / Namen,2,2".to_owned(),
        "course,email fr,,2,2".to_owned(),
    ] {
        assert!(table.lines().any(|known| known == line), "{line} is not in\n{table}");
    }
    assert!(!table.contains("Marie"));
    let week = app.http.get(reader, "/statistics/week").await;
    assert_eq!((&week["outcome"]["victims_identified"], &week["outcome"]["pieces"]["claimed"]), (&json!(2), &json!(0)));
    assert_eq!(week["appeals"][0]["outcome"]["victims_identified"], 2);
    let report = get_pdf(&app).await;
    assert!(
        report.windows(12).any(|part| part == b"Slachtoffers") || report.windows(11).any(|part| part == b"slachtoffer")
    );

    // Erased with its response: who was counted there counts for themselves.
    app.http
        .delete_with(reader, &format!("/responses/{}", ids[0]), &json!({"reason": "asked for by the sender"}))
        .await;
    let left = app.http.get(reader, &format!("/appeals/{id}/identifications")).await;
    assert_eq!(left["items"].as_array().unwrap().len(), 2);
    assert_eq!(left["items"][0]["same_as"], Value::Null);
    assert_eq!(statistics(&app).await["victims_identified"], 2);
}

async fn get_pdf(app: &TestApp) -> Vec<u8> {
    let url = format!("{}/api/v1/statistics/week?as=pdf&language=nl", app.http.base);
    let answer = app.http.http.get(url).bearer_auth(&app.team.responder.token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap().to_vec()
}

#[actix_web::test]
async fn whoever_judges_without_the_key_counts_no_place() {
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    let fields = [("kind", "tip"), ("what", "Vue au marché"), ("where", "Namur")];
    app.http.fill(&format!("/fr/a/{slug}/respond"), &fields).await;
    let late =
        crate::support::member(&app.app, &app.http, "unit", "late", &[tocsin::domain::actor::Role::Responder]).await;
    let list = app.http.get(&late, &format!("/appeals/{id}/responses")).await;
    let path = format!("/responses/{}", list["items"][0]["id"].as_str().unwrap());
    let body = json!({"state": "useful"});
    let ask =
        Ask { method: Method::PATCH, path: &path, who: Some(&late), seen: Some("1"), key: None, body: Some(&body) };
    assert_eq!(app.http.ask(ask).await.status(), 200);
    let shown = app.http.get(&app.team.responder, &format!("/appeals/{id}/statistics")).await;
    assert_eq!((&shown["useful"], &shown["municipalities"][0]["useful"]), (&json!(1), &json!(0)));
}
