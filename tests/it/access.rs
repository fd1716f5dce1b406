//! Sessions, factors, rights: who gets in, for how long, who may do what where, and how it is taken away at once.

use crate::support::client::{Ask, Person, codes, receipt};
use crate::support::{TestApp, member};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use tocsin::domain::actor::Role;
use tocsin::sealing::TotpSecret;

/// One request of somebody; status and answer.
pub async fn ask(app: &TestApp, who: &Person, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let body = (method != Method::GET).then_some(body);
    let answer = app.http.ask(Ask { method, path, who: Some(who), seen: None, key: None, body }).await;
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

pub async fn get(app: &TestApp, who: &Person, path: &str) -> (u16, Value) {
    ask(app, who, Method::GET, path, &Value::Null).await
}

pub async fn post(app: &TestApp, who: &Person, path: &str, body: Value) -> (u16, Value) {
    ask(app, who, Method::POST, path, &body).await
}

pub async fn delete(app: &TestApp, who: &Person, path: &str) -> (u16, Value) {
    ask(app, who, Method::DELETE, path, &json!({})).await
}

/// A code that was not used yet: a minute later.
pub fn code(app: &TestApp, who: &Person) -> String {
    app.app.clock.advance(TimeDelta::seconds(60));
    let now = app.app.db.read_now(|conn| app.app.clock.now(conn)).unwrap();
    let secret = TotpSecret::from_base32(&who.totp).unwrap();
    secret.code_at(u64::try_from(now.timestamp()).unwrap()).expose().clone()
}

pub async fn sign_in(app: &TestApp, who: &Person, factor: Value) -> Option<Person> {
    let mut body = json!({"login": who.login, "password": who.password});
    body.as_object_mut().unwrap().extend(factor.as_object().unwrap().clone());
    let (status, answer) = post(app, who, "/sessions", body).await;
    (status == 201).then(|| Person { token: answer["token"].as_str().unwrap().to_owned(), ..who.clone() })
}

pub async fn id(app: &TestApp, who: &Person) -> String {
    get(app, who, "/me").await.1["id"].as_str().unwrap().to_owned()
}

pub async fn acts(app: &TestApp, action: &str) -> Vec<Value> {
    let found = app.http.get(&app.team.responder, "/audit?limit=1000").await;
    found["items"].as_array().unwrap().iter().filter(|e| e["action"] == action).cloned().collect()
}

#[actix_web::test]
async fn sessions_are_listed_stepped_up_and_ended() {
    let app = TestApp::start().await;
    let first = &app.team.validator;
    let second = sign_in(&app, first, json!({"code": code(&app, first)})).await.unwrap();
    let (_, list) = get(&app, first, "/sessions").await;
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    let other = items.iter().find(|s| s["current"] == false).unwrap()["id"].as_str().unwrap();
    assert_eq!(delete(&app, &app.team.verifier, &format!("/sessions/{other}")).await.0, 404, "not theirs");
    assert_eq!(delete(&app, first, &format!("/sessions/{other}")).await.0, 200);
    assert_eq!(get(&app, &second, "/me").await.0, 401, "at once");
    // A factor ages; a fresh one makes a new token and ends the old one.
    app.app.clock.advance(TimeDelta::minutes(6));
    assert_eq!(codes(&post(&app, first, "/me/recovery-codes", json!({})).await.1)[0], "needs-step-up");
    assert_eq!(post(&app, first, "/sessions/current/step-up", json!({"code": "000000"})).await.0, 401);
    let (_, stepped) = post(&app, first, "/sessions/current/step-up", json!({"code": code(&app, first)})).await;
    let fresh = Person { token: stepped["token"].as_str().unwrap().to_owned(), ..first.clone() };
    assert_eq!(get(&app, first, "/me").await.0, 401, "the old token is of no use");
    assert_eq!(post(&app, &fresh, "/me/recovery-codes", json!({})).await.0, 201);
    assert_eq!(acts(&app, "session.stepped_up").await.len(), 1);
    assert!(acts(&app, "access.denied").await.iter().any(|e| e["reason"] == "needs-step-up"));
    let again = sign_in(&app, first, json!({"code": code(&app, first)})).await.unwrap();
    assert_eq!(delete(&app, &fresh, "/sessions").await.1["ended"], 2);
    assert_eq!((get(&app, &fresh, "/me").await.0, get(&app, &again, "/me").await.0), (401, 401));
}

#[actix_web::test]
async fn a_session_ends_idle_and_after_ten_hours() {
    let app = TestApp::start().await;
    let (decider, other) = (&app.team.verifier, &app.team.responder);
    app.app.clock.advance(TimeDelta::minutes(16));
    assert_eq!((get(&app, decider, "/me").await.0, get(&app, other, "/me").await.0), (401, 200));
    for _ in 0..23 {
        app.app.clock.advance(TimeDelta::minutes(25));
        assert_eq!(get(&app, other, "/me").await.0, 200);
    }
    app.app.clock.advance(TimeDelta::minutes(25));
    assert_eq!(get(&app, other, "/me").await.0, 401, "ten hours are over");
    // Stepping up does not make a session longer than it would have been.
    let again = sign_in(&app, other, json!({"code": code(&app, other)})).await.unwrap();
    let ends = get(&app, &again, "/sessions").await.1["items"][0]["ends_at"].clone();
    let (_, stepped) = post(&app, &again, "/sessions/current/step-up", json!({"code": code(&app, other)})).await;
    let fresh = Person { token: stepped["token"].as_str().unwrap().to_owned(), ..again };
    assert_eq!(get(&app, &fresh, "/sessions").await.1["items"][0]["ends_at"], ends);
}

#[actix_web::test]
async fn a_recovery_code_stands_in_once() {
    let app = TestApp::start().await;
    let who = &app.team.responder;
    let (_, made) = post(&app, who, "/me/recovery-codes", json!({})).await;
    let codes: Vec<String> =
        made["recovery_codes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    let factor = json!({"recovery_code": codes[3].to_lowercase()});
    let inside = sign_in(&app, who, factor.clone()).await.unwrap();
    assert_eq!(get(&app, &inside, "/me").await.1["recovery_codes_left"], 9);
    assert!(sign_in(&app, who, factor).await.is_none(), "used up");
    assert!(sign_in(&app, &app.team.validator, json!({"recovery_code": codes[4]})).await.is_none(), "another's");
    let (status, _) = post(&app, who, "/sessions", json!({"login": who.login, "password": who.password})).await;
    assert_eq!(status, 422, "no factor, no session");
    post(&app, who, "/me/recovery-codes", json!({})).await;
    assert!(sign_in(&app, who, json!({"recovery_code": codes[5]})).await.is_none(), "replaced");
    let refused = acts(&app, "session.refused").await.len();
    assert_eq!(refused, 3, "each refusal is in the audit");
}

#[actix_web::test]
async fn a_dangerous_right_takes_two_administrators_and_losing_it_one() {
    let app = TestApp::start().await;
    let one = &app.team.dispatcher;
    let two = &member(&app.app, &app.http, "unit", "second", &[Role::Administrator]).await;
    let three = &member(&app.app, &app.http, "unit", "third", &[Role::Investigator]).await;
    let elsewhere = &member(&app.app, &app.http, "other", "stranger", &[Role::Administrator]).await;
    let gains = id(&app, three).await;
    let invited = json!({"login": "newcomer", "name": "New", "roles": ["investigator", "validator"]});
    let (status, made) = post(&app, one, "/users", invited).await;
    assert_eq!((status, &made["pending"][0]["code"]), (201, &json!("validator")));
    let (_, users) = get(&app, one, "/users").await;
    let newcomer = users["items"].as_array().unwrap().iter().find(|u| u["login"] == "newcomer").unwrap();
    assert_eq!(newcomer["roles"], json!(["investigator"]));
    let wish = |user: &str, right: Value| {
        let mut body = json!({"user": user, "reason": "shift of the weekend"});
        body.as_object_mut().unwrap().extend(right.as_object().unwrap().clone());
        body
    };
    assert_eq!(
        codes(&post(&app, one, "/grants", wish(&id(&app, one).await, json!({"role": "auditor"}))).await.1)[0],
        "grant-to-oneself"
    );
    assert_eq!(post(&app, three, "/grants", wish(&gains, json!({"role": "auditor"}))).await.0, 403);
    let (_, harmless) = post(&app, one, "/grants", wish(&gains, json!({"role": "auditor"}))).await;
    assert_eq!(harmless["state"], "active");
    assert_eq!(get(&app, three, "/me").await.0, 401, "a change of roles ends the sessions");
    let three = sign_in(&app, three, json!({"code": code(&app, three)})).await.unwrap();
    let (_, asked) = post(&app, one, "/grants", wish(&gains, json!({"role": "validator"}))).await;
    assert_eq!(asked["state"], "asked");
    let confirm = format!("/grants/{}/confirmation", asked["id"].as_str().unwrap());
    assert_eq!(codes(&post(&app, one, &confirm, json!({})).await.1)[0], "grant-needs-another");
    assert_eq!(post(&app, &three, &confirm, json!({})).await.0, 403);
    assert!(!get(&app, &three, "/me").await.1["roles"].as_array().unwrap().contains(&json!("validator")));
    assert_eq!(post(&app, two, &confirm, json!({})).await.1["state"], "active");
    assert_eq!(codes(&post(&app, two, &confirm, json!({})).await.1)[0], "grant-settled");
    let three = sign_in(&app, &three, json!({"code": code(&app, &three)})).await.unwrap();
    assert!(get(&app, &three, "/me").await.1["roles"].as_array().unwrap().contains(&json!("validator")));
    assert_eq!(delete(&app, two, &format!("/users/{gains}/roles/validator")).await.0, 200);
    assert_eq!(get(&app, &three, "/me").await.0, 401);
    // An account closed is closed at once, with its tokens.
    let three = sign_in(&app, &three, json!({"code": code(&app, &three)})).await.unwrap();
    let (_, token) = post(&app, &three, "/tokens", json!({"name": "script", "scopes": ["appeals:read"]})).await;
    let program = Person { token: token["token"].as_str().unwrap().to_owned(), ..three.clone() };
    assert_eq!(get(&app, &program, "/appeals").await.0, 200);
    let elsewhere = sign_in(&app, elsewhere, json!({"code": code(&app, elsewhere)})).await.unwrap();
    assert_eq!(delete(&app, &elsewhere, &format!("/users/{gains}")).await.0, 404);
    assert_eq!(delete(&app, two, &format!("/users/{gains}")).await.0, 200);
    assert_eq!((get(&app, &program, "/appeals").await.0, get(&app, &three, "/me").await.0), (401, 401));
    assert!(sign_in(&app, &three, json!({"code": code(&app, &three)})).await.is_none());
    for action in ["grant.asked", "grant.confirmed", "grant.given", "role.taken", "user.disabled"] {
        assert!(!acts(&app, action).await.is_empty(), "{action}");
    }
}

#[actix_web::test]
async fn a_lost_factor_is_replaced_by_two_administrators_and_the_password() {
    let app = TestApp::start().await;
    let one = &app.team.dispatcher;
    let two = &member(&app.app, &app.http, "unit", "second", &[Role::Administrator]).await;
    let who = &app.team.responder;
    let path = format!("/users/{}/factor-reset", id(&app, who).await);
    let (_, asked) = post(&app, one, &path, json!({"reason": "telephone lost, seen in person"})).await;
    assert_eq!(asked["state"], "asked");
    assert_eq!(get(&app, who, "/me").await.0, 200, "asking changes nothing");
    let (_, done) =
        post(&app, two, &format!("/grants/{}/confirmation", asked["id"].as_str().unwrap()), json!({})).await;
    let one_time = done["one_time_code"].as_str().unwrap();
    assert_eq!(get(&app, who, "/me").await.0, 401, "at once");
    assert!(sign_in(&app, who, json!({"code": code(&app, who)})).await.is_none(), "the lost one is worth nothing");
    let set = |password: &str| json!({"code": one_time, "password": password});
    let (status, wrong) = post(&app, who, "/users/activation", set("some other long passphrase")).await;
    assert_eq!((status, codes(&wrong)[1].as_str()), (422, "password-wrong"));
    let (_, renewed) = post(&app, who, "/users/activation", set(&who.password)).await;
    let who = Person { totp: renewed["totp_secret"].as_str().unwrap().to_owned(), ..who.clone() };
    assert!(sign_in(&app, &who, json!({"code": code(&app, &who)})).await.is_some());
    assert_eq!(post(&app, &who, "/users/activation", set(&who.password)).await.0, 422, "the code works once");
}

#[actix_web::test]
async fn a_right_reaches_one_unit_or_one_appeal_and_no_further() {
    let app = TestApp::start().await;
    let (granted, other) = (app.filed().await, app.filed().await);
    let guest = &member(&app.app, &app.http, "other", "guest", &[Role::Responder]).await;
    let guest_id = id(&app, guest).await;
    let path = |id: &str| format!("/appeals/{id}");
    assert_eq!(get(&app, guest, &path(&granted)).await.0, 404, "another unit's appeal does not exist");
    let wish = json!({"user": guest_id, "role": "responder", "appeal": granted, "reason": "speaks Polish"});
    let (_, grant) = post(&app, &app.team.dispatcher, "/grants", wish).await;
    assert_eq!(grant["state"], "active");
    assert_eq!((get(&app, guest, &path(&granted)).await.0, get(&app, guest, &path(&other)).await.0), (200, 404));
    assert_eq!(get(&app, guest, "/appeals").await.1["items"], json!([]), "their own unit's list is theirs");
    let takedown = post(&app, guest, &format!("/appeals/{granted}/takedown"), json!({"reason": "because"})).await;
    assert_eq!(takedown.0, 403, "one role is one role");
    // The whole unit, by name.
    let unit = get(&app, &app.team.dispatcher, "/me").await.1["unit"].as_str().unwrap().to_owned();
    let in_unit = |path: String| {
        let request = app.http.http.get(format!("{}/api/v1{path}", app.http.base)).bearer_auth(&guest.token);
        let request = request.header("tocsin-unit", &unit);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(in_unit("/appeals".to_owned()).await, 403);
    let wish = json!({"user": guest_id, "role": "responder", "reason": "helps out for a week"});
    let (_, whole) = post(&app, &app.team.dispatcher, "/grants", wish).await;
    assert_eq!((in_unit("/appeals".to_owned()).await, in_unit(path(&other)).await), (200, 200));
    for id in [&grant["id"], &whole["id"]] {
        assert_eq!(delete(&app, &app.team.dispatcher, &format!("/grants/{}", id.as_str().unwrap())).await.0, 200);
    }
    assert_eq!((get(&app, guest, &path(&granted)).await.0, in_unit(path(&other)).await), (404, 403));
}

#[actix_web::test]
async fn a_guest_reads_responses_once_a_holder_of_the_key_lets_them_and_never_the_sender() {
    let app = TestApp::start().await;
    let (appeal, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&appeal).await["slug"].as_str().unwrap().to_owned();
    let fields = [("kind", "sighting"), ("what", "Vu au quai"), ("contact_name", "Anne Exemple")];
    let (_, page) = app.http.fill(&format!("/fr/a/{slug}/respond"), &fields).await;
    receipt(&page);
    let guest = &member(&app.app, &app.http, "other", "guest", &[Role::Investigator]).await;
    let user = id(&app, guest).await;
    let readers = format!("/appeals/{appeal}/readers");
    let (_, refused) = post(&app, &app.team.responder, &readers, json!({"user": user})).await;
    assert_eq!(codes(&refused)[0], "reader-without-grant");
    let wish = json!({"user": user, "role": "responder", "appeal": appeal, "reason": "speaks Polish"});
    post(&app, &app.team.dispatcher, "/grants", wish).await;
    let list = app.http.get(guest, &format!("/appeals/{appeal}/responses")).await;
    let path = format!("/responses/{}?reason=translation", list["items"][0]["id"].as_str().unwrap());
    assert_eq!(codes(&get(&app, guest, &path).await.1)[0], "no-reader-key");
    assert_eq!(post(&app, &app.team.responder, &readers, json!({"user": user})).await.0, 201);
    let (_, read) = get(&app, guest, &path).await;
    assert_eq!((&read["text"]["what"], &read["sender"]), (&json!("Vu au quai"), &Value::Null));
    assert_eq!(read["sender_withheld"], true);
    let (_, read) = get(&app, &app.team.responder, &path).await;
    assert_eq!((&read["sender"]["name"], &read["sender_withheld"]), (&json!("Anne Exemple"), &json!(false)));
    assert_eq!(acts(&app, "response.sender_read").await.len(), 1, "and that it was opened is recorded");
}

#[actix_web::test]
async fn the_magistrates_name_is_for_those_who_were_given_sight_of_it() {
    let app = TestApp::start().await;
    let appeal = app.authorised().await;
    let path = format!("/appeals/{appeal}/authorisations");
    let (_, seen) = get(&app, &app.team.verifier, &path).await;
    assert_eq!(seen["items"][0]["magistrate"]["family_name"], "Exemple");
    let (_, seen) = get(&app, &app.team.validator, &path).await;
    let decision = &seen["items"][0];
    assert_eq!((&decision["magistrate"]["family_name"], &decision["case_reference"]), (&Value::Null, &Value::Null));
    assert!(decision["magistrate"]["office"] == "Parquet de Bruxelles" && !seen.to_string().contains("TEST/2026/001"));
}
