//! Who says yes: levels one after the other, seats and delegations, the emergency path with its review, a no that ends it.

use crate::support::TestApp;
use serde_json::{Value, json};

/// A missing minor's plan in the chain: the appeal's id, the plan's digest and where to answer.
async fn submitted(app: &TestApp, body: &Value) -> (String, String, String) {
    let id = app.authorised().await;
    let digest = app.plan_digest(&id).await;
    app.http.decide(&app.team.investigator, &format!("/appeals/{id}/submission"), &digest, body).await;
    let path = format!("/appeals/{id}/validations");
    (id, digest, path)
}

fn user_id(app: &TestApp, login: &str) -> String {
    let login = login.to_owned();
    app.app.db.read_now(|conn| tocsin::db::access::user_by_login(conn, &login)).unwrap().id.to_string()
}

#[actix_web::test]
async fn the_plan_says_which_levels_it_passes_and_what_the_magistrate_asked_for() {
    let app = TestApp::start().await;
    let id = app.filed().await;
    let mut decision = crate::support::decision(&app.appeal(&id).await);
    decision["conditions"] = json!("No picture after the child is found.");
    let authorisation = app.recorded(&id, &decision).await;
    app.verified(&authorisation).await;
    let plan = app.http.get(&app.team.investigator, &format!("/appeals/{id}/plan")).await;
    assert_eq!(plan["chain"]["sensitivity"], "sensitive");
    let levels: Vec<_> = plan["chain"]["levels"].as_array().unwrap().iter().map(|l| l["level"].clone()).collect();
    assert_eq!(levels, [json!("communication_officer"), json!("head_of_communication")]);
    assert_eq!(
        plan["conditions"],
        json!([{"authorisation": authorisation, "text": "No picture after the child is found."}])
    );
}

#[actix_web::test]
async fn an_unfinished_chain_sends_nothing() {
    let app = TestApp::start().await;
    let (id, digest, path) = submitted(&app, &json!({})).await;
    app.http.decide(&app.team.validator, &path, &digest, &json!({"verdict": "yes"})).await;
    let (status, codes) =
        app.http.refused(&app.team.dispatcher, &format!("/appeals/{id}/dispatches"), Some(&digest), &json!({})).await;
    assert_eq!((status, codes[0].as_str()), (409, "wrong-stage"));
    let (status, codes) = app.http.refused(&app.team.head, &path, Some(&digest), &json!({"verdict": "no"})).await;
    assert_eq!((status, codes[1].as_str()), (422, "required"));
    app.http.decide(&app.team.head, &path, &digest, &json!({"verdict": "no", "reasons": "wrong tone"})).await;
    assert_eq!(app.appeal(&id).await["stage"], "authorised", "it goes back with the reasons");
}

#[actix_web::test]
async fn somebody_away_is_spoken_for_by_a_colleague_and_never_by_an_author() {
    let app = TestApp::start().await;
    let delegate = |to: String, from: chrono::DateTime<chrono::Utc>, hours: i64| json!({"to": to, "level": "head_of_communication", "from": from, "until": from + chrono::TimeDelta::hours(hours), "reason": "on leave"});
    let now = chrono::Utc::now();
    let (validator, author) = (user_id(&app, "validator"), user_id(&app, "author"));
    let (status, codes) =
        app.http.refused(&app.team.validator, "/levels/delegations", None, &delegate(author.clone(), now, 8)).await;
    assert_eq!((status, codes[0].as_str()), (403, "no-seat"), "nobody gives away what is not theirs");
    let (status, codes) =
        app.http.refused(&app.team.head, "/levels/delegations", None, &delegate(validator.clone(), now, 24 * 60)).await;
    assert_eq!((status, codes[1].as_str()), (422, "lasts-too-long"));
    // The head is away; the author of the appeal has the delegation, and still cannot answer for their own text.
    app.http.post(&app.team.head, "/levels/delegations", &delegate(author, now, 8)).await;
    let (id, digest, path) = submitted(&app, &json!({})).await;
    app.http.decide(&app.team.validator, &path, &digest, &json!({"verdict": "yes"})).await;
    let yes = json!({"verdict": "yes"});
    let (status, codes) = app.http.refused(&app.team.investigator, &path, Some(&digest), &yes).await;
    assert_eq!((status, codes[0].as_str()), (403, "validator-is-author"));
    // The first validator has a delegation too, and has said yes already: one person, one level.
    app.http.post(&app.team.head, "/levels/delegations", &delegate(validator, now, 8)).await;
    let second = json!({"verdict": "yes", "level": "head_of_communication"});
    let (status, codes) = app.http.refused(&app.team.validator, &path, Some(&digest), &second).await;
    assert_eq!((status, codes[0].as_str()), (403, "already-said-yes"));
    let away =
        crate::support::member(&app.app, &app.http, "unit", "deputy", &[tocsin::domain::actor::Role::Validator]).await;
    let deputy = user_id(&app, "deputy");
    app.http.post(&app.team.head, "/levels/delegations", &delegate(deputy.clone(), now, 8)).await;
    let said = app.http.decide(&away, &path, &digest, &second).await;
    assert_eq!((said["level"].as_str(), said["stage"].as_str()), (Some("head_of_communication"), Some("validated")));
    assert_eq!(app.appeal(&id).await["stage"], "validated");
    // Taken back, the delegation is over at once.
    let seats = app.http.get(&app.team.dispatcher, "/levels").await;
    let given = seats["items"].as_array().unwrap().iter().find(|seat| seat["user"] == json!(deputy)).unwrap();
    app.http.delete(&app.team.head, &format!("/levels/{}", given["id"].as_str().unwrap())).await;
    let seats = app.http.get(&app.team.dispatcher, "/levels").await;
    assert!(seats["items"].as_array().unwrap().iter().all(|seat| seat["user"] != json!(deputy)));
}

#[actix_web::test]
async fn an_administrator_gives_levels_to_validators_and_never_to_themselves() {
    let app = TestApp::start().await;
    let give = |user: String| json!({"user": user, "level": "directorate", "reason": "appointed"});
    let (own, validator, author) = (user_id(&app, "dispatcher"), user_id(&app, "validator"), user_id(&app, "reader"));
    let (status, codes) = app.http.refused(&app.team.dispatcher, "/levels", None, &give(own)).await;
    assert_eq!((status, codes[0].as_str()), (403, "own-right"));
    let (status, codes) = app.http.refused(&app.team.dispatcher, "/levels", None, &give(author)).await;
    assert_eq!((status, codes[1].as_str()), (422, "not-a-validator"));
    let (status, _) = app.http.refused(&app.team.validator, "/levels", None, &give(validator.clone())).await;
    assert_eq!(status, 403);
    let given = app.http.post(&app.team.dispatcher, "/levels", &give(validator.clone())).await;
    assert_eq!((given["level"].as_str(), given["user"].as_str()), (Some("directorate"), Some(validator.as_str())));
    // It counts once a second administrator confirmed it.
    assert_eq!(given["confirmed_by"], Value::Null);
    let path = format!("/levels/{}/confirmation", given["id"].as_str().unwrap());
    let now = chrono::Utc::now();
    let lend = json!({"to": user_id(&app, "head"), "level": "directorate", "from": now,
        "until": now + chrono::TimeDelta::hours(8), "reason": "on leave"});
    let (status, codes) = app.http.refused(&app.team.validator, "/levels/delegations", None, &lend).await;
    assert_eq!((status, codes[0].as_str()), (403, "no-seat"));
    let (status, codes) = app.http.refused(&app.team.dispatcher, &path, None, &json!({})).await;
    assert_eq!((status, codes[0].as_str()), (403, "grant-needs-another"));
    let role = tocsin::domain::actor::Role::Administrator;
    let second = crate::support::member(&app.app, &app.http, "unit", "second.admin", &[role]).await;
    let confirmed = app.http.post(&second, &path, &json!({})).await;
    assert_eq!(confirmed["confirmed_by"], json!(user_id(&app, "second.admin")));
    let (status, codes) = app.http.refused(&second, &path, None, &json!({})).await;
    assert_eq!((status, codes[0].as_str()), (409, "already-exists"));
    app.http.post(&app.team.validator, "/levels/delegations", &lend).await;
    let (status, codes) = app.http.refused(&app.team.dispatcher, "/levels", None, &give(validator)).await;
    assert_eq!((status, codes[0].as_str()), (409, "already-exists"));
}

#[actix_web::test]
async fn in_an_emergency_the_same_people_answer_in_any_order_and_somebody_reviews_it() {
    let app = TestApp::start().await;
    let (id, digest, path) = submitted(&app, &json!({"emergency": "the child may be in the water"})).await;
    let yes = json!({"verdict": "yes"});
    app.http.decide(&app.team.head, &path, &digest, &yes).await;
    assert_eq!(app.appeal(&id).await["stage"], "submitted", "never one person");
    app.http.decide(&app.team.validator, &path, &digest, &yes).await;
    app.http.decide(&app.team.dispatcher, &format!("/appeals/{id}/dispatches"), &digest, &json!({})).await;
    app.work().await;
    assert_eq!(app.appeal(&id).await["stage"], "live");
    let reviews = app.http.get(&app.team.investigator, &format!("/appeals/{id}/reviews")).await;
    assert_eq!((reviews["items"].as_array().unwrap().len(), &reviews["items"][0]["done"]), (1, &Value::Null));
    let review = |verdict: &str| json!({"verdict": verdict, "note": "the facts did not bear an emergency"});
    let path = format!("/appeals/{id}/reviews");
    let (status, codes) = app.http.refused(&app.team.head, &path, None, &review("yes")).await;
    assert_eq!((status, codes[0].as_str()), (403, "reviewer-validated"));
    let (status, codes) = app.http.refused(&app.team.investigator, &path, None, &review("yes")).await;
    assert_eq!((status, codes[0].as_str()), (403, "validator-is-author"));
    let reviewer =
        crate::support::member(&app.app, &app.http, "unit", "reviewer", &[tocsin::domain::actor::Role::Validator])
            .await;
    app.http.post(&reviewer, &path, &review("no")).await;
    assert_eq!(app.appeal(&id).await["stage"], "suspended", "a no takes it down");
    let (status, codes) = app.http.refused(&reviewer, &path, None, &review("no")).await;
    assert_eq!((status, codes[0].as_str()), (409, "no-review"));
}

#[actix_web::test]
async fn a_review_that_nobody_made_in_a_day_is_said_once() {
    let app = TestApp::start().await;
    let (_, digest, path) = submitted(&app, &json!({"emergency": "the child may be in the water"})).await;
    for who in [&app.team.validator, &app.team.head] {
        app.http.decide(who, &path, &digest, &json!({"verdict": "yes"})).await;
    }
    let overdue = || {
        let told = app.app.db.read_now(|conn| tocsin::db::audit::entries_after(conn, 0, None, None, 1000)).unwrap();
        told.iter().filter(|stored| stored.entry.action == "review.overdue").count()
    };
    app.work().await;
    assert_eq!(overdue(), 0);
    app.app.clock.advance(chrono::TimeDelta::hours(25));
    app.work().await;
    app.work().await;
    assert_eq!(overdue(), 1);
}

#[actix_web::test]
async fn a_decision_not_to_publish_ends_the_appeal_and_is_kept() {
    let app = TestApp::start().await;
    let (id, digest, path) = submitted(&app, &json!({})).await;
    let no = json!({"verdict": "no", "final": true, "reasons": "the family asks not to"});
    app.http.decide(&app.team.validator, &path, &digest, &no).await;
    let appeal = app.appeal(&id).await;
    assert_eq!(
        (appeal["stage"].as_str(), appeal["outcome"].as_str()),
        (Some("takedown_verified"), Some("not_published"))
    );
    let told = app.app.db.read_now(|conn| tocsin::db::audit::entries_after(conn, 0, None, None, 1000)).unwrap();
    let kept = told.iter().find(|stored| stored.entry.action == "appeal.not_published").unwrap();
    assert_eq!(kept.entry.reason, "the family asks not to");
}
