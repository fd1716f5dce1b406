//! Sign-in through an identity provider, against a small one on loopback.

use crate::access::{acts, code, delete, get, post};
use crate::support::TestApp;
use crate::support::authenticator::Authenticator;
use crate::support::client::{Person, codes};
use crate::support::identity::{BACK, CLIENT, Identity, SECRET};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tocsin::config::Config;

async fn start(change: impl FnOnce(&mut Config)) -> (TestApp, Identity) {
    let identity = Identity::start();
    let issuer = identity.issuer();
    let app = TestApp::start_with(|config| {
        config.openid.issuer = issuer;
        CLIENT.clone_into(&mut config.openid.client_id);
        config.openid.client_secret = SECRET.into();
        BACK.clone_into(&mut config.openid.redirect_url);
        change(config);
    })
    .await;
    (app, identity)
}

/// Sends somebody away from `path`, and what they come back with when the provider says `claims`.
async fn away(app: &TestApp, identity: &Identity, who: &Person, path: &str, subject: &str, claims: Value) -> Value {
    let (status, begun) = post(app, who, path, json!({})).await;
    assert_eq!(status, 201, "{begun}");
    let (code, state) = identity.approve(begun["authorization_url"].as_str().unwrap(), subject, claims);
    assert_eq!(state, begun["state"].as_str().unwrap());
    json!({"state": state, "secret": begun["secret"], "code": code})
}

/// Comes back to sign in.
async fn back(app: &TestApp, identity: &Identity, who: &Person, subject: &str, claims: Value) -> (u16, Value, Value) {
    let ticket = away(app, identity, who, "/sessions/openid", subject, claims).await;
    let (status, answer) = post(app, who, "/sessions/openid/code", ticket.clone()).await;
    (status, answer, ticket)
}

async fn bind(app: &TestApp, identity: &Identity, who: &Person, subject: &str) {
    let ticket = away(app, identity, who, "/me/openid", subject, json!({})).await;
    let (status, bound) = post(app, who, "/me/openid/code", ticket).await;
    assert_eq!((status, &bound["subject"]), (201, &json!(subject)), "{bound}");
}

fn with_factor(ticket: &Value, factor: Value) -> Value {
    let mut body = json!({"state": ticket["state"], "secret": ticket["secret"]});
    body.as_object_mut().unwrap().extend(factor.as_object().unwrap().clone());
    body
}

fn holding(answer: &Value, who: &Person) -> Person {
    Person { token: answer["token"].as_str().unwrap().to_owned(), ..who.clone() }
}

/// Why somebody was refused: of nobody known, so in no unit's own audit.
fn refusals(app: &TestApp) -> Vec<String> {
    let entries = app.app.db.read_now(|conn| tocsin::db::audit::entries_after(conn, 0, None, None, 10_000)).unwrap();
    entries.into_iter().map(|s| s.entry).filter(|e| e.action == "openid.refused").map(|e| e.reason).collect()
}

#[actix_web::test]
async fn a_bound_account_is_entered_with_a_second_factor_of_ours() {
    const ORIGIN: &str = "https://tocsin.example.be";
    let (app, identity) = start(|config| ORIGIN.clone_into(&mut config.access.passkey_origin)).await;
    let who = &app.team.verifier;
    assert_eq!(back(&app, &identity, who, "anna", json!({})).await.0, 401, "no account is made");
    assert_eq!(get(&app, who, "/me/openid").await.0, 404);
    bind(&app, &identity, who, "anna").await;
    assert_eq!(get(&app, who, "/me/openid").await.1["issuer"], json!(identity.issuer()));
    // One person, one account.
    let ticket = away(&app, &identity, &app.team.head, "/me/openid", "anna", json!({})).await;
    assert_eq!(codes(&post(&app, &app.team.head, "/me/openid/code", ticket).await.1)[0], "openid-bound");

    let (status, owed, ticket) = back(&app, &identity, who, "anna", json!({})).await;
    assert_eq!((status, &owed["factor_needed"], &owed["passkey"]), (200, &json!(true), &Value::Null));
    assert!(owed.get("token").is_none());
    let wrong = with_factor(&ticket, json!({"code": "000000"}));
    assert_eq!(post(&app, who, "/sessions/openid/factor", wrong).await.0, 401);
    let mut stolen = with_factor(&ticket, json!({"code": code(&app, who)}));
    stolen["secret"] = stolen["state"].clone();
    assert_eq!(post(&app, who, "/sessions/openid/factor", stolen).await.0, 401, "the state alone is worth nothing");
    let right = with_factor(&ticket, json!({"code": code(&app, who)}));
    let (status, entered) = post(&app, who, "/sessions/openid/factor", right).await;
    assert_eq!(status, 201, "{entered}");
    let inside = holding(&entered, who);
    assert_eq!(get(&app, &inside, "/me").await.1["login"], json!("verifier"));
    let again = with_factor(&ticket, json!({"code": code(&app, who)}));
    assert_eq!(post(&app, who, "/sessions/openid/factor", again).await.0, 401, "a visit enters once");

    // With a passkey.
    let mut key = Authenticator::new(ORIGIN);
    let (_, options) = post(&app, &inside, "/me/passkeys/challenge", json!({})).await;
    let body = json!({"ceremony": options["ceremony"], "name": "key", "credential": key.create(&options)});
    assert_eq!(post(&app, &inside, "/me/passkeys", body).await.0, 201);
    let (_, owed, ticket) = back(&app, &identity, who, "anna", json!({})).await;
    let answer = json!({"passkey": {"ceremony": owed["passkey"]["ceremony"], "credential": key.get(&owed["passkey"])}});
    let (status, entered) = post(&app, who, "/sessions/openid/factor", with_factor(&ticket, answer)).await;
    assert_eq!(status, 201, "{entered}");
    let inside = holding(&entered, who);
    let reasons: Vec<_> = acts(&app, "session.opened").await.iter().map(|e| e["reason"].clone()).collect();
    assert!(reasons.contains(&json!("openid and totp")) && reasons.contains(&json!("openid and passkey")));

    assert_eq!(delete(&app, &inside, "/me/openid").await.0, 200);
    assert_eq!(back(&app, &identity, who, "anna", json!({})).await.0, 401);
    for action in ["openid.asked", "openid.bound", "openid.identified", "openid.unbound"] {
        assert!(!acts(&app, action).await.is_empty(), "{action}");
    }
}

#[actix_web::test]
async fn what_proves_nothing_opens_nothing() {
    let (app, identity) = start(|_| {}).await;
    let who = &app.team.verifier;
    bind(&app, &identity, who, "anna").await;
    let past = chrono::Utc::now().timestamp() - 600;
    for (claims, reason) in [
        (json!({"nonce": "another"}), "token-nonce"),
        (json!({"aud": "another"}), "token-audience"),
        (json!({"aud": [CLIENT, "another"]}), "token-audience"),
        (json!({"exp": past}), "token-expired"),
        (json!({"iss": "https://id.example.org"}), "token-issuer"),
        (json!({"sub": "berta"}), "unknown-person"),
        (json!({"sub": "berta", "email": "verifier@police.example.be", "email_verified": true}), "unknown-person"),
    ] {
        let (status, answer, _) = back(&app, &identity, who, "anna", claims).await;
        assert_eq!((status, answer["code"].as_str()), (401, Some("unauthenticated")), "{reason}");
        assert!(refusals(&app).iter().any(|said| said == reason), "{reason}");
    }
    // A key of the same name that was not published when we asked.
    identity.change_key("first");
    assert_eq!(back(&app, &identity, who, "anna", json!({})).await.0, 401);
    assert!(refusals(&app).contains(&"token-signature".to_owned()));
}

#[actix_web::test]
async fn a_way_back_is_walked_once_by_whoever_left() {
    let (app, identity) = start(|_| {}).await;
    let who = &app.team.verifier;
    bind(&app, &identity, who, "anna").await;
    let (status, _, ticket) = back(&app, &identity, who, "anna", json!({})).await;
    assert_eq!(status, 200);
    assert_eq!(post(&app, who, "/sessions/openid/code", ticket).await.0, 401, "a state is used once");
    // Somebody else's browser, sent a link to come back by.
    let planted = away(&app, &identity, who, "/sessions/openid", "anna", json!({})).await;
    let other = away(&app, &identity, who, "/sessions/openid", "anna", json!({})).await;
    let mixed = json!({"state": planted["state"], "secret": other["secret"], "code": planted["code"]});
    assert_eq!(post(&app, who, "/sessions/openid/code", mixed).await.0, 401);
    // The provider knows the code by its verifier: one visit's code is no use in another.
    let crossed = json!({"state": other["state"], "secret": other["secret"], "code": planted["code"]});
    assert_eq!(post(&app, who, "/sessions/openid/code", crossed).await.0, 401);
    assert!(refusals(&app).contains(&"code-refused".to_owned()));
    let late = away(&app, &identity, who, "/sessions/openid", "anna", json!({})).await;
    app.app.clock.advance(TimeDelta::seconds(301));
    assert_eq!(post(&app, who, "/sessions/openid/code", late).await.0, 401, "too late");
    assert!(refusals(&app).contains(&"unknown-visit".to_owned()));
    // A visit to sign in binds nobody, and one to bind signs nobody in.
    let fresh = crate::access::sign_in(&app, who, json!({"code": code(&app, who)})).await.unwrap();
    let visit = away(&app, &identity, &fresh, "/sessions/openid", "carl", json!({})).await;
    assert_eq!(post(&app, &fresh, "/me/openid/code", visit).await.0, 401);
    let visit = away(&app, &identity, &fresh, "/me/openid", "anna", json!({})).await;
    assert_eq!(post(&app, &fresh, "/sessions/openid/code", visit).await.0, 401);
}

#[actix_web::test]
async fn a_provider_that_is_down_is_said_to_be_and_the_password_still_works() {
    let (app, identity) = start(|_| {}).await;
    let who = &app.team.verifier;
    bind(&app, &identity, who, "anna").await;
    let ticket = away(&app, &identity, who, "/sessions/openid", "anna", json!({})).await;
    identity.stop().await;
    let sent = app.http.http.post(format!("{}/api/v1/sessions/openid/code", app.http.base)).json(&ticket);
    let answer = sent.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (503, "5"));
    assert_eq!(codes(&answer.json().await.unwrap())[0], "openid-unavailable");
    assert!(refusals(&app).contains(&"provider-down".to_owned()));
    assert!(crate::access::sign_in(&app, who, json!({"code": code(&app, who)})).await.is_some());
    // Where it was never up.
    let app = TestApp::start_with(|config| {
        "http://127.0.0.1:1".clone_into(&mut config.openid.issuer);
        CLIENT.clone_into(&mut config.openid.client_id);
        BACK.clone_into(&mut config.openid.redirect_url);
    })
    .await;
    for _ in 0..2 {
        let (status, down) = post(&app, &app.team.head, "/sessions/openid", json!({})).await;
        assert_eq!((status, codes(&down)[0].as_str()), (503, "openid-unavailable"));
    }
}

#[actix_web::test]
async fn the_providers_factor_counts_where_the_configuration_accepts_it() {
    let (app, identity) = start(|config| config.openid.accepted_acr = vec!["urn:be:two".to_owned()]).await;
    let who = &app.team.verifier;
    bind(&app, &identity, who, "anna").await;
    let (status, _, _) = back(&app, &identity, who, "anna", json!({"acr": "urn:be:one", "amr": ["pwd", "otp"]})).await;
    assert_eq!(status, 200, "a factor of ours is owed");
    let (status, entered, _) = back(&app, &identity, who, "anna", json!({"acr": "urn:be:two"})).await;
    assert_eq!(status, 201, "{entered}");
    // When they gave it the provider did not say: what needs a fresh one asks for it.
    let inside = holding(&entered, who);
    assert_eq!(codes(&post(&app, &inside, "/me/recovery-codes", json!({})).await.1)[0], "needs-step-up");
    let now = chrono::Utc::now().timestamp();
    let (_, entered, _) = back(&app, &identity, who, "anna", json!({"acr": "urn:be:two", "auth_time": now})).await;
    assert_eq!(post(&app, &holding(&entered, who), "/me/recovery-codes", json!({})).await.0, 201);
    // Such a session has no key to what the public answered.
    let reasons: Vec<_> = acts(&app, "session.opened").await.iter().map(|e| e["reason"].clone()).collect();
    assert!(reasons.contains(&json!("openid and its factor")));
    // An account that was closed, or waits for a new factor, is not entered.
    let me = get(&app, who, "/me").await.1["id"].as_str().unwrap().to_owned();
    assert_eq!(delete(&app, &app.team.dispatcher, &format!("/users/{me}")).await.0, 200);
    assert_eq!(back(&app, &identity, who, "anna", json!({"acr": "urn:be:two"})).await.0, 401);
    assert!(refusals(&app).contains(&"account-closed".to_owned()));
}

#[actix_web::test]
async fn a_verified_address_binds_where_the_configuration_says_so() {
    let (app, identity) = start(|config| {
        "police.example.be".clone_into(&mut config.openid.email_domain);
        config.openid.scopes = vec!["email".to_owned()];
    })
    .await;
    let who = &app.team.verifier;
    let email = |address: &str, verified: bool| json!({"email": address, "email_verified": verified});
    for claims in [
        email("verifier@police.example.be", false),
        email("verifier@police.example.org", true),
        email("nobody@police.example.be", true),
        json!({"email": "verifier@police.example.be"}),
    ] {
        assert_eq!(back(&app, &identity, who, "anna", claims.clone()).await.0, 401, "{claims}");
    }
    assert_eq!(back(&app, &identity, who, "anna", email("Verifier@police.example.be", true)).await.0, 200);
    assert_eq!(back(&app, &identity, who, "anna", json!({})).await.0, 200, "bound by now");
    let (status, ..) = back(&app, &identity, who, "berta", email("verifier@police.example.be", true)).await;
    assert_eq!(status, 401, "the account is another person's");
    assert!(refusals(&app).contains(&"bound-to-another-person".to_owned()));
}

#[actix_web::test]
async fn an_installation_without_a_provider_says_so() {
    let app = TestApp::start().await;
    for path in ["/sessions/openid", "/me/openid"] {
        let (status, off) = post(&app, &app.team.head, path, json!({})).await;
        assert_eq!((status, codes(&off)[0].as_str()), (409, "openid-off"));
    }
}
