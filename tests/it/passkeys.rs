//! Passkeys: real ceremonies through HTTP with an authenticator in software.

use crate::access::{acts, ask, code, delete, get, id, post, sign_in};
use crate::support::authenticator::Authenticator;
use crate::support::client::{Person, codes};
use crate::support::{TestApp, member};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use tocsin::domain::actor::Role;

const ORIGIN: &str = "https://tocsin.example.be";

async fn start() -> TestApp {
    TestApp::start_with(|config| ORIGIN.clone_into(&mut config.access.passkey_origin)).await
}

/// Registers a key of somebody; what it is called in their list.
async fn register(app: &TestApp, who: &Person, key: &Authenticator) -> (u16, Value) {
    let (status, options) = post(app, who, "/me/passkeys/challenge", json!({})).await;
    assert_eq!(status, 201, "{options}");
    let body = json!({"ceremony": options["ceremony"], "name": "key ring", "credential": key.create(&options)});
    post(app, who, "/me/passkeys", body).await
}

/// A challenge at sign-in.
async fn asked(app: &TestApp, who: &Person) -> Value {
    let body = json!({"login": who.login, "password": who.password});
    let (status, options) = post(app, who, "/sessions/passkey", body).await;
    assert_eq!(status, 201, "{options}");
    options
}

fn answer(options: &Value, key: &mut Authenticator) -> Value {
    json!({"passkey": {"ceremony": options["ceremony"], "credential": key.get(options)}})
}

async fn enter(app: &TestApp, who: &Person, key: &mut Authenticator) -> Option<Person> {
    let options = asked(app, who).await;
    sign_in(app, who, answer(&options, key)).await
}

#[actix_web::test]
async fn a_passkey_is_registered_and_signs_in_and_makes_a_session_fresh() {
    let app = start().await;
    let who = &app.team.responder;
    let elsewhere = sign_in(&app, who, json!({"code": code(&app, who)})).await.unwrap();
    let mut key = Authenticator::new(ORIGIN);
    let (status, added) = register(&app, who, &key).await;
    assert_eq!((status, &added["name"]), (201, &json!("key ring")), "{added}");
    assert_eq!(get(&app, &elsewhere, "/me").await.0, 401, "other sessions end with a change of factors");
    let inside = enter(&app, who, &mut key).await.unwrap();
    let inside = enter(&app, &inside, &mut key).await.unwrap();
    // The factor ages; the same key makes it fresh.
    app.app.clock.advance(TimeDelta::minutes(6));
    assert_eq!(codes(&post(&app, &inside, "/me/passkeys/challenge", json!({})).await.1)[0], "needs-step-up");
    let (_, options) = post(&app, &inside, "/sessions/current/passkey", json!({})).await;
    let (status, fresh) = post(&app, &inside, "/sessions/current/step-up", answer(&options, &mut key)).await;
    assert_eq!(status, 201);
    let fresh = Person { token: fresh["token"].as_str().unwrap().to_owned(), ..inside };
    assert_eq!(post(&app, &fresh, "/me/recovery-codes", json!({})).await.0, 201);
    // One without a counter, and names of one's own.
    let mut plain = Authenticator::new(ORIGIN);
    plain.counter = 0;
    let (_, second) = register(&app, &fresh, &plain).await;
    let path = format!("/me/passkeys/{}", second["id"].as_str().unwrap());
    assert_eq!(ask(&app, &fresh, Method::PATCH, &path, &json!({"name": " telephone "})).await.0, 200);
    assert_eq!(codes(&ask(&app, &fresh, Method::PATCH, &path, &json!({"name": ""})).await.1)[1], "too-long");
    let (_, list) = get(&app, &fresh, "/me/passkeys").await;
    assert_eq!((&list["items"][0]["name"], &list["items"][1]["name"]), (&json!("key ring"), &json!("telephone")));
    for _ in 0..2 {
        assert!(enter(&app, &fresh, &mut plain).await.is_some());
    }
    assert_eq!(ask(&app, &app.team.validator, Method::PATCH, &path, &json!({"name": "mine"})).await.0, 404);
    let other = &app.team.validator;
    let other = sign_in(&app, other, json!({"code": code(&app, other)})).await.unwrap();
    assert_eq!(delete(&app, &other, &path).await.0, 404);
    assert_eq!(delete(&app, &fresh, &path).await.0, 200);
    let reader = Person { token: fresh.token.clone(), ..fresh.clone() };
    let found = app.http.get(&reader, "/audit?limit=1000").await;
    for action in ["passkey.asked", "passkey.added", "passkey.renamed", "passkey.removed"] {
        assert!(found["items"].as_array().unwrap().iter().any(|e| e["action"] == action), "{action}");
    }
    assert!(
        found["items"].as_array().unwrap().iter().any(|e| e["action"] == "session.opened" && e["reason"] == "passkey")
    );
}

#[actix_web::test]
async fn the_last_factor_stays() {
    let app = start().await;
    let who = &app.team.responder;
    assert_eq!(codes(&delete(&app, who, "/me/totp").await.1)[0], "last-factor");
    let mut key = Authenticator::new(ORIGIN);
    let (_, added) = register(&app, who, &key).await;
    assert_eq!(delete(&app, who, "/me/totp").await.0, 200);
    assert!(sign_in(&app, who, json!({"code": code(&app, who)})).await.is_none(), "it is worth nothing");
    assert_eq!(delete(&app, who, "/me/totp").await.0, 404);
    let path = format!("/me/passkeys/{}", added["id"].as_str().unwrap());
    assert_eq!(codes(&delete(&app, who, &path).await.1)[0], "last-factor");
    assert!(enter(&app, who, &mut key).await.is_some(), "it stayed");
    let (status, totp) = post(&app, who, "/me/totp", json!({})).await;
    assert_eq!(status, 201);
    assert_eq!(codes(&post(&app, who, "/me/totp", json!({})).await.1)[0], "totp-exists");
    assert_eq!(delete(&app, who, &path).await.0, 200);
    let who = Person { totp: totp["totp_secret"].as_str().unwrap().to_owned(), ..who.clone() };
    assert!(sign_in(&app, &who, json!({"code": code(&app, &who)})).await.is_some());
    let wrong = json!({"login": who.login, "password": who.password});
    assert_eq!(codes(&post(&app, &who, "/sessions/passkey", wrong).await.1)[0], "no-passkey");
}

#[actix_web::test]
async fn an_answer_counts_once_in_time_and_for_whom_it_was_asked() {
    let app = start().await;
    let (who, other) = (&app.team.responder, &app.team.dispatcher);
    // Not from another site, and not without the PIN.
    let mut key = Authenticator::new("https://tocsin.example.org");
    let (status, refused) = register(&app, who, &key).await;
    assert_eq!((status, codes(&refused)[1].as_str()), (422, "passkey-refused"));
    ORIGIN.clone_into(&mut key.origin);
    key.verified = false;
    assert_eq!(register(&app, who, &key).await.0, 422);
    key.verified = true;
    assert_eq!(register(&app, who, &key).await.0, 201);
    assert_eq!(codes(&register(&app, other, &key).await.1)[0], "passkey-known", "one key, one account");
    let mut others = Authenticator::new(ORIGIN);
    assert_eq!(register(&app, other, &others).await.0, 201);
    // Asked of one account, answered by another's key, or by the right key for another account's challenge.
    let options = asked(&app, who).await;
    assert!(sign_in(&app, who, answer(&options, &mut others)).await.is_none(), "another's key");
    let options = asked(&app, other).await;
    assert!(sign_in(&app, who, answer(&options, &mut key)).await.is_none(), "another's challenge");
    // A challenge for a session is none for signing in.
    let (_, options) = post(&app, who, "/sessions/current/passkey", json!({})).await;
    assert!(sign_in(&app, who, answer(&options, &mut key)).await.is_none(), "asked in a session");
    // After five failures in a row each waits, as with any factor.
    let body = json!({"login": who.login, "password": who.password});
    assert_eq!(post(&app, who, "/sessions/passkey", body).await.0, 429);
    app.app.clock.advance(TimeDelta::minutes(1));
    // From a look-alike page.
    let options = asked(&app, who).await;
    "https://tocsin.example.be.example.org".clone_into(&mut key.origin);
    assert!(sign_in(&app, who, answer(&options, &mut key)).await.is_none(), "wrong origin");
    ORIGIN.clone_into(&mut key.origin);
    app.app.clock.advance(TimeDelta::minutes(1));
    assert!(sign_in(&app, who, answer(&options, &mut key)).await.is_none(), "the challenge was used up");
    app.app.clock.advance(TimeDelta::minutes(1));
    key.verified = false;
    assert!(enter(&app, who, &mut key).await.is_none(), "without the PIN");
    key.verified = true;
    app.app.clock.advance(TimeDelta::minutes(1));
    let options = asked(&app, who).await;
    let given = answer(&options, &mut key);
    assert!(sign_in(&app, who, given.clone()).await.is_some());
    assert!(sign_in(&app, who, given).await.is_none(), "replayed");
    let options = asked(&app, who).await;
    app.app.clock.advance(TimeDelta::seconds(301));
    assert!(sign_in(&app, who, answer(&options, &mut key)).await.is_none(), "too late");
    assert!(enter(&app, who, &mut key).await.is_some());
    let nobody = json!({"login": "nobody.here", "password": who.password});
    assert_eq!(post(&app, who, "/sessions/passkey", nobody).await.0, 401);
}

#[actix_web::test]
async fn a_counter_that_runs_backwards_ends_the_passkey_and_its_owner_is_told() {
    let app = start().await;
    let who = &app.team.responder;
    let mut key = Authenticator::new(ORIGIN);
    let (_, added) = register(&app, who, &key).await;
    // Two challenges of one moment: the second answer is behind the first's counter, whatever its challenge knew.
    let (first, second) = (asked(&app, who).await, asked(&app, who).await);
    key.counter = 9;
    assert!(sign_in(&app, who, answer(&first, &mut key)).await.is_some());
    key.counter = 7;
    assert!(sign_in(&app, who, answer(&second, &mut key)).await.is_none());
    let body = json!({"login": who.login, "password": who.password});
    assert_eq!(codes(&post(&app, who, "/sessions/passkey", body).await.1)[0], "no-passkey", "nor with a higher one");
    let noted = acts(&app, "passkey.counter_backwards").await;
    assert_eq!((noted.len(), &noted[0]["object"]), (1, &added["id"]));
    let me = get(&app, who, "/me").await.1;
    assert_eq!((&me["notices"][0]["code"], &me["notices"][0]["passkey"]), (&json!("passkey-counter"), &added["id"]));
    let said = app.http.http.get(format!("{}/api/v1/me", app.http.base)).bearer_auth(&who.token);
    let said: Value = said.header("accept-language", "nl").send().await.unwrap().json().await.unwrap();
    assert!(said["notices"][0]["detail"].as_str().unwrap().starts_with("De toegangssleutel"), "{said}");
    assert!(get(&app, who, "/me/passkeys").await.1["items"][0]["refused_at"].is_string());
    assert_eq!(codes(&delete(&app, who, "/me/totp").await.1)[0], "last-factor", "a refused one is none");
    let path = format!("/me/passkeys/{}", added["id"].as_str().unwrap());
    assert_eq!(delete(&app, who, &path).await.0, 200);
    assert_eq!(get(&app, who, "/me").await.1["notices"], json!([]));
    // Also against what the challenge itself knew.
    let mut key = Authenticator::new(ORIGIN);
    key.counter = 5;
    register(&app, who, &key).await;
    key.counter = 4;
    assert!(enter(&app, who, &mut key).await.is_none());
    assert_eq!(acts(&app, "passkey.counter_backwards").await.len(), 2);
}

#[actix_web::test]
async fn a_reset_takes_passkeys_away_and_an_account_has_at_most_ten() {
    let app = start().await;
    let who = &app.team.responder;
    let mut key = Authenticator::new(ORIGIN);
    assert_eq!(register(&app, who, &key).await.0, 201);
    for _ in 1..10 {
        assert_eq!(register(&app, who, &Authenticator::new(ORIGIN)).await.0, 201);
    }
    assert_eq!(codes(&post(&app, who, "/me/passkeys/challenge", json!({})).await.1)[0], "too-many-passkeys");
    let options = asked(&app, who).await;
    let two = &member(&app.app, &app.http, "unit", "second", &[Role::Administrator]).await;
    let path = format!("/users/{}/factor-reset", id(&app, who).await);
    let (_, asked) = post(&app, &app.team.dispatcher, &path, json!({"reason": "bag lost, seen in person"})).await;
    let confirm = format!("/grants/{}/confirmation", asked["id"].as_str().unwrap());
    let (_, done) = post(&app, two, &confirm, json!({})).await;
    assert!(sign_in(&app, who, answer(&options, &mut key)).await.is_none());
    let set = json!({"code": done["one_time_code"], "password": who.password});
    let (_, renewed) = post(&app, who, "/users/activation", set).await;
    let who = Person { totp: renewed["totp_secret"].as_str().unwrap().to_owned(), ..who.clone() };
    let who = sign_in(&app, &who, json!({"code": code(&app, &who)})).await.unwrap();
    assert_eq!(get(&app, &who, "/me/passkeys").await.1["items"], json!([]));
}

#[actix_web::test]
async fn an_address_without_a_domain_has_no_passkeys_and_a_wrong_setting_does_not_start() {
    let app = TestApp::start().await;
    let (status, off) = post(&app, &app.team.responder, "/me/passkeys/challenge", json!({})).await;
    assert_eq!((status, codes(&off)[0].as_str()), (409, "passkeys-off"));
    let open = |origin: &str, domain: &str| {
        let mut config = (*app.app.config).clone();
        origin.clone_into(&mut config.access.passkey_origin);
        domain.clone_into(&mut config.access.passkey_domain);
        tocsin::app::App::open(config, "http://127.0.0.1:1").map(|app| app.passkeys.is_some())
    };
    assert_eq!(open("https://tocsin.example.be", "example.be").ok(), Some(true));
    for (origin, domain) in
        [("http://tocsin.example.be", ""), ("https://tocsin.example.be", "other.be"), ("", "example.be")]
    {
        let refused = open(origin, domain).unwrap_err().to_string();
        assert!(refused.contains("access.passkey_origin"), "{refused}");
    }
}
