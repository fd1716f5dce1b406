//! Filing and editing through the API: faults with their places, versions, idempotency, units kept apart.

use crate::support::client::{Ask, codes};
use crate::support::{TestApp, member, missing_minor};
use reqwest::Method;
use serde_json::{Value, json};
use tocsin::domain::actor::Role;

#[actix_web::test]
async fn every_fault_of_a_filing_is_named_with_its_place_in_the_callers_language() {
    let app = TestApp::start().await;
    let mut body = missing_minor();
    body["subject"]["age"] = json!(19);
    body["notices"]["fr"]["headline"] = json!("x".repeat(200));
    body["surprise"] = json!(1);
    let url = format!("{}/api/v1/appeals", app.http.base);
    let request =
        app.http.http.post(url).bearer_auth(&app.team.investigator.token).header("accept-language", "fr").json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 422);
    assert_eq!(response.headers()["content-language"], "fr");
    let problem: Value = response.json().await.unwrap();
    let mut places: Vec<(&str, &str)> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap()))
        .collect();
    places.sort_unstable();
    assert_eq!(
        places,
        [("/notices/fr/headline", "too-long"), ("/subject/age", "not-a-minor"), ("/surprise", "unknown-key")]
    );
    assert!(
        problem["errors"].as_array().unwrap().iter().all(|e| !e["detail"].as_str().unwrap().starts_with("fault-")),
        "{problem:#}"
    );
}

#[actix_web::test]
async fn broken_json_broken_geometry_and_a_wrong_type_are_problems_not_crashes() {
    let app = TestApp::start().await;
    let url = format!("{}/api/v1/appeals", app.http.base);
    let send = |kind: &'static str, body: &'static str| {
        let request =
            app.http.http.post(&url).bearer_auth(&app.team.investigator.token).header("content-type", kind).body(body);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(send("application/json", "{\"kind\":").await, 422);
    assert_eq!(send("text/plain", "{}").await, 415);
    let id = app.filed().await;
    let area = json!({"include": [{"geojson": {"type": "Polygon", "coordinates": [[[4.0], [5.0, 50.0], [5.0, 51.0], [4.0]]]}}]});
    let (path, seen) = (format!("/appeals/{id}/area"), "3");
    let response = app
        .http
        .ask(Ask {
            method: Method::PUT,
            path: &path,
            who: Some(&app.team.investigator),
            seen: Some(seen),
            key: None,
            body: Some(&area),
        })
        .await;
    assert_eq!(response.status(), 422);
    let problem: Value = response.json().await.unwrap();
    assert!(
        problem["errors"][0]["pointer"].as_str().unwrap().starts_with("/include/0/geojson/coordinates/0/0"),
        "{problem:#}"
    );
}

#[actix_web::test]
async fn an_edit_needs_the_version_it_saw() {
    let app = TestApp::start().await;
    let id = app.filed().await;
    let path = format!("/appeals/{id}");
    let patch = json!({"title": "Autre titre"});
    let ask = |seen: Option<&'static str>| {
        let ask = Ask {
            method: Method::PATCH,
            path: &path,
            who: Some(&app.team.investigator),
            seen,
            key: None,
            body: Some(&patch),
        };
        async { app.http.ask(ask).await.status().as_u16() }
    };
    assert_eq!(ask(None).await, 428);
    assert_eq!(ask(Some("1")).await, 412);
    assert_eq!(ask(Some("3")).await, 200);
    assert_eq!(app.appeal(&id).await["title"], "Autre titre");
}

#[actix_web::test]
async fn the_same_key_and_body_file_once_and_another_body_is_refused() {
    let app = TestApp::start().await;
    let ask = |body: Value| {
        let app = &app;
        async move {
            let ask = Ask {
                method: Method::POST,
                path: "/appeals",
                who: Some(&app.team.investigator),
                seen: None,
                key: Some("k1"),
                body: Some(&body),
            };
            let response = app.http.ask(ask).await;
            (response.status().as_u16(), response.json::<Value>().await.unwrap())
        }
    };
    let (first, second) = (ask(missing_minor()).await, ask(missing_minor()).await);
    assert_eq!((first.0, second.0), (201, 201));
    assert_eq!(first.1["id"], second.1["id"]);
    let mut other = missing_minor();
    other["title"] = json!("Another");
    let (status, problem) = ask(other).await;
    assert_eq!((status, codes(&problem)[0].as_str()), (409, "idempotency-key-reused"));
    let list = app.http.get(&app.team.investigator, "/appeals").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn another_unit_sees_nothing_and_nobody_acts_without_a_role() {
    let app = TestApp::start().await;
    let id = app.filed().await;
    let stranger = member(&app.app, &app.http, "other unit", "stranger", &[Role::Investigator, Role::Dispatcher]).await;
    for path in [
        format!("/appeals/{id}"),
        format!("/appeals/{id}/plan"),
        format!("/appeals/{id}/area"),
        format!("/appeals/{id}/responses"),
    ] {
        let response = app
            .http
            .ask(Ask { method: Method::GET, path: &path, who: Some(&stranger), seen: None, key: None, body: None })
            .await;
        assert_eq!(response.status(), 404, "{path}");
    }
    let (status, _) =
        app.http.refused(&stranger, &format!("/appeals/{id}/takedown"), None, &json!({"reason": "just because"})).await;
    assert_eq!(status, 404);
    let (status, codes) = app.http.refused(&app.team.responder, "/appeals", None, &missing_minor()).await;
    assert_eq!((status, codes[0].as_str()), (403, "not-allowed"));
    let response =
        app.http.ask(Ask { method: Method::GET, path: "/appeals", who: None, seen: None, key: None, body: None }).await;
    assert_eq!(response.status(), 401);
}

#[actix_web::test]
async fn a_token_files_but_never_validates_and_a_wrong_code_does_not_sign_in() {
    let app = TestApp::start().await;
    let body = json!({"name": "script", "scopes": ["appeals:read", "appeals:write"], "days": 5});
    let token = app.http.post(&app.team.investigator, "/tokens", &body).await["token"].as_str().unwrap().to_owned();
    let mut program = app.team.investigator.clone();
    program.token = token;
    app.http.post(&program, "/appeals", &missing_minor()).await;
    let (status, codes) = app.http.refused(&program, "/tokens", None, &body).await;
    assert_eq!((status, codes[0].as_str()), (403, "needs-session"));
    let body = json!({"name": "script", "scopes": ["appeals:validate"]});
    let (status, codes) = app.http.refused(&app.team.investigator, "/tokens", None, &body).await;
    assert_eq!((status, codes[1].as_str()), (422, "scope-needs-person"));
    let mut wrong = app.team.validator.credentials();
    wrong["code"] = json!("000000");
    let response = app
        .http
        .ask(Ask { method: Method::POST, path: "/sessions", who: None, seen: None, key: None, body: Some(&wrong) })
        .await;
    assert_eq!(response.status(), 401);
    // The code that signed them in is used up, too.
    let again = app.team.validator.credentials();
    let response = app
        .http
        .ask(Ask { method: Method::POST, path: "/sessions", who: None, seen: None, key: None, body: Some(&again) })
        .await;
    assert!([401, 201].contains(&response.status().as_u16()), "a new half minute may have begun");
}
