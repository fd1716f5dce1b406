//! Accounts on outside platforms: credentials that never come out, few holders, warnings, names that look like ours.

use crate::support::client::{Ask, Person, codes};
use crate::support::{TestApp, member};
use chrono::{TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use tocsin::app::channel_accounts as accounts;
use tocsin::domain::actor::Role;
use tocsin::domain::ids::ChannelId;

async fn ask(app: &TestApp, who: &Person, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let body = (method != Method::GET).then_some(body);
    let answer = app.http.ask(Ask { method, path, who: Some(who), seen: None, key: None, body }).await;
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

const SECRET: &str = "EAAB-long-lived-page-token-7Q4z";

async fn page(app: &TestApp) -> String {
    let body = json!({"platform": "facebook", "name": "Police Ixelles", "language": "fr"});
    app.http.post(&app.team.dispatcher, "/channels", &body).await["id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_credential_goes_in_and_never_comes_out() {
    let app = TestApp::start().await;
    let admin = &app.team.dispatcher;
    let id = page(&app).await;
    let path = format!("/channels/{id}/credential");
    let soon = Utc::now() + TimeDelta::days(20);
    let set = json!({"credential": SECRET, "expires_at": soon});
    let (status, shown) = ask(&app, admin, Method::PUT, &path, &set).await;
    assert_eq!((status, &shown["credential_last_four"], &shown["warning"]), (200, &json!("7Q4z"), &Value::Null));
    assert!(!shown.to_string().contains("long-lived"));
    let channel = ChannelId::parse(&id).unwrap();
    let opened = app.app.db.write_now(|conn| accounts::open_credential(conn, &app.app, &channel)).unwrap();
    assert_eq!(opened.as_slice(), SECRET.as_bytes(), "the sender can");
    let stored = app.app.db.read_now(|conn| tocsin::db::channel_accounts::credential(conn, &channel)).unwrap().unwrap();
    assert!(!stored.windows(10).any(|part| SECRET.as_bytes().windows(10).any(|clear| clear == part)));
    assert!(accounts::standing(&app.app).is_ok());
    // Fourteen days before its end it is warned about, in the list and by `tocsin check`.
    app.app.clock.advance(TimeDelta::days(6) + TimeDelta::minutes(5));
    assert!(accounts::standing(&app.app).unwrap_err().contains("expires-soon"));
    app.app.clock.advance(TimeDelta::days(15));
    assert!(accounts::standing(&app.app).unwrap_err().contains("expired"));
    let actor = app.app.db.read_now(|conn| tocsin::db::channel_accounts::all(conn, None)).unwrap();
    assert_eq!(actor.len(), 1);
}

#[actix_web::test]
async fn an_account_has_few_holders_of_its_own_unit_and_is_retired_with_its_credential() {
    let app = TestApp::start().await;
    let admin = &app.team.dispatcher;
    let id = page(&app).await;
    let path = format!("/channels/{id}/holders");
    let mut people = Vec::new();
    for who in
        [&app.team.investigator, &app.team.verifier, &app.team.validator, &app.team.dispatcher, &app.team.responder]
    {
        people.push(app.http.get(who, "/me").await["id"].as_str().unwrap().to_owned());
    }
    for user in &people[..4] {
        assert_eq!(ask(&app, admin, Method::POST, &path, &json!({"user": user})).await.0, 201);
    }
    let (status, refused) = ask(&app, admin, Method::POST, &path, &json!({"user": people[4]})).await;
    assert_eq!((status, codes(&refused)[0].as_str()), (409, "too-many-holders"));
    assert_eq!(ask(&app, admin, Method::DELETE, &format!("{path}/{}", people[0]), &json!({})).await.0, 200);
    let stranger = member(&app.app, &app.http, "other", "stranger", &[Role::Administrator]).await;
    let outside = app.http.get(&stranger, "/me").await["id"].clone();
    assert_eq!(ask(&app, admin, Method::POST, &path, &json!({"user": outside})).await.0, 422);
    assert_eq!(ask(&app, &stranger, Method::POST, &path, &json!({"user": outside})).await.0, 404);
    assert_eq!(ask(&app, &stranger, Method::GET, "/channels", &Value::Null).await.1["items"], json!([]));
    ask(&app, admin, Method::PUT, &format!("/channels/{id}/credential"), &json!({"credential": SECRET})).await;
    let (_, gone) = ask(&app, admin, Method::DELETE, &format!("/channels/{id}"), &json!({})).await;
    assert_eq!((&gone["status"], &gone["credential_last_four"]), (&json!("retired"), &json!("")));
    let channel = ChannelId::parse(&id).unwrap();
    let stored = app.app.db.read_now(|conn| tocsin::db::channel_accounts::credential(conn, &channel)).unwrap();
    assert!(stored.is_none(), "destroyed");
}

#[actix_web::test]
async fn the_register_knows_names_that_look_like_ours() {
    let app = TestApp::start().await;
    let admin = &app.team.dispatcher;
    page(&app).await;
    let name = |name: &str, standing: Option<&str>| {
        let mut body = json!({"platform": "x", "name": name});
        if let Some(standing) = standing {
            body["standing"] = json!(standing);
        }
        body
    };
    let (status, found) = ask(&app, admin, Method::POST, "/channels/names", &name("@P0lice_lxelles", None)).await;
    assert_eq!(
        (status, &found["standing"], &found["resembles"]),
        (201, &json!("look-alike"), &json!("Police Ixelles"))
    );
    let (status, refused) = ask(&app, admin, Method::POST, "/channels/names", &name("Ville de Namur", None)).await;
    assert_eq!((status, codes(&refused)[1].as_str()), (422, "looks-like-nothing"));
    assert_eq!(ask(&app, admin, Method::POST, "/channels/names", &name("PoliceXL", Some("reserved"))).await.0, 201);
    let (_, list) = ask(&app, admin, Method::GET, "/channels/names", &Value::Null).await;
    let standings: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|n| n["standing"].as_str().unwrap()).collect();
    assert_eq!(standings, ["owned", "look-alike", "reserved"]);
}
