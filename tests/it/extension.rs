//! A live appeal under a later decision: carried on without a break once the chain signed it, cut back at once where the
//! magistrate now says less.

use crate::support::{TestApp, decision};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

/// A live appeal: its id, its public name and the decision it is out under.
async fn live(app: &TestApp) -> (String, String, String) {
    let (id, _) = app.dispatched().await;
    app.work().await;
    let view = app.appeal(&id).await;
    assert_eq!(view["stage"], "live");
    let records = app.http.get(&app.team.investigator, &format!("/appeals/{id}/authorisations")).await;
    let first = records["items"][0]["id"].as_str().unwrap().to_owned();
    (id, view["slug"].as_str().unwrap().to_owned(), first)
}

/// What the magistrate decided before, once more and for so many days, in the words of the appeal as it is.
async fn follows(app: &TestApp, id: &str, first: &str, days: i64) -> Value {
    let mut next = decision(&app.appeal(id).await);
    next["previous_id"] = json!(first);
    next["valid_until"] = json!(Utc::now() + TimeDelta::days(days));
    next
}

/// Records and verifies; what the answer says about what is out.
async fn verified(app: &TestApp, id: &str, next: &Value) -> (String, Value) {
    let authorisation = app.recorded(id, next).await;
    let body = json!({"called_back_on": "+32 2 508 00 00"});
    let path = format!("/authorisations/{authorisation}/verification");
    let answer = app.http.post(&app.team.verifier, &path, &body).await;
    (authorisation, answer["live"].clone())
}

async fn extension(app: &TestApp, id: &str) -> Value {
    app.http.get(&app.team.validator, &format!("/appeals/{id}/plan")).await["extension"].clone()
}

fn acts(app: &TestApp, action: &str) -> Vec<String> {
    let told = app.app.db.read_now(|conn| tocsin::db::audit::entries_after(conn, 0, None, None, 1000)).unwrap();
    told.into_iter().filter(|stored| stored.entry.action == action).map(|stored| stored.entry.reason).collect()
}

#[actix_web::test]
async fn an_extension_that_the_chain_signed_carries_a_live_appeal_on_without_a_break() {
    let app = TestApp::start().await;
    let (id, slug, first) = live(&app).await;
    let next = follows(&app, &id, &first, 20).await;
    let mut abroad = next.clone();
    (abroad["country"], abroad["authority_type"]) = (json!("FR"), json!("fr_pr"));
    (abroad["legal_basis"], abroad["scope"]["area"]) = (json!(["FR-74-1"]), json!("national"));
    let path = format!("/appeals/{id}/authorisations");
    let (status, codes) = app.http.refused(&app.team.investigator, &path, None, &abroad).await;
    assert_eq!((status, codes[1].as_str()), (422, "of-other-country"), "{codes:?}");

    let recorded = app.recorded(&id, &next).await;
    assert_eq!(extension(&app, &id).await, Value::Null, "nobody called back yet");
    app.verified(&recorded).await;
    let waits = extension(&app, &id).await;
    assert_eq!((&waits["blockers"], &waits["plan"]["authorisations"]), (&json!([]), &json!([recorded])));
    let digest = waits["digest"].as_str().unwrap().to_owned();
    let (yes, path) = (json!({"verdict": "yes"}), format!("/appeals/{id}/validations"));
    let (status, codes) = app.http.refused(&app.team.verifier, &path, Some(&digest), &yes).await;
    assert_eq!((status, codes[0].as_str()), (403, "validator-is-verifier"));
    let (status, codes) = app.http.refused(&app.team.validator, &path, Some(&"0".repeat(64)), &yes).await;
    assert_eq!((status, codes[0].as_str()), (412, "stale"));
    let before = app.http.page(&format!("/fr/a/{slug}")).await.1;
    app.http.decide(&app.team.validator, &path, &digest, &yes).await;
    assert_eq!(acts(&app, "appeal.extended").len(), 0, "one level of two");
    assert_eq!(app.http.page(&format!("/fr/a/{slug}")).await.1, before);
    app.http.decide(&app.team.head, &path, &digest, &yes).await;
    assert_eq!((acts(&app, "appeal.extension_validated").len(), acts(&app, "appeal.extended").len()), (1, 1));
    assert_ne!(app.http.page(&format!("/fr/a/{slug}")).await.1, before, "the page says the new end");
    assert_eq!(extension(&app, &id).await, Value::Null);
    let report = app.http.get(&app.team.investigator, &format!("/appeals/{id}/report")).await;
    assert_eq!(report["takedowns"], json!([]));
    assert_eq!(report["dispatches"][0]["carried_by"], json!([recorded]));

    for (days, stage, status) in [(8, "live", 200), (13, "suspended", 410)] {
        app.app.clock.advance(TimeDelta::days(days));
        app.work().await;
        assert_eq!((app.stage_in_database(&id), app.http.page(&format!("/nl/a/{slug}")).await.0), (stage, status));
        let feed = app.http.page("/feeds/nl.atom").await.1;
        assert_eq!(feed.contains("Lina is verdwenen"), stage == "live");
    }
}

#[actix_web::test]
async fn an_extension_that_nobody_signed_changes_nothing() {
    let app = TestApp::start().await;
    let (id, slug, first) = live(&app).await;
    let next = follows(&app, &id, &first, 20).await;
    let (_, effect) = verified(&app, &id, &next).await;
    assert_eq!((effect["effect"].as_str(), effect["plan_digest"].is_string()), (Some("waits"), true));
    let digest = effect["plan_digest"].as_str().unwrap();
    let no = json!({"verdict": "no", "reasons": "let it end"});
    app.http.decide(&app.team.validator, &format!("/appeals/{id}/validations"), digest, &no).await;
    assert_eq!(
        (app.appeal(&id).await["stage"].as_str(), acts(&app, "appeal.extension_refused").len()),
        (Some("live"), 1)
    );
    app.app.clock.advance(TimeDelta::days(8));
    app.work().await;
    assert_eq!((app.stage_in_database(&id), app.http.page(&format!("/fr/a/{slug}")).await.0), ("suspended", 410));
}

#[actix_web::test]
async fn a_withdrawn_extension_takes_down_what_it_carried() {
    let app = TestApp::start().await;
    let (id, slug, first) = live(&app).await;
    let next = follows(&app, &id, &first, 20).await;
    let (authorisation, effect) = verified(&app, &id, &next).await;
    app.say_yes(&id, effect["plan_digest"].as_str().unwrap()).await;
    let reason = json!({"reason": "the judge thought again"});
    app.http.post(&app.team.verifier, &format!("/authorisations/{authorisation}/withdrawal"), &reason).await;
    assert_eq!((app.stage_in_database(&id), app.http.page(&format!("/fr/a/{slug}")).await.0), ("suspended", 410));
}

#[actix_web::test]
async fn a_language_that_the_magistrate_takes_away_comes_down_alone() {
    let app = TestApp::start().await;
    let (dutch, french) = (app.subscribe("21009", "nl", 2), app.subscribe("21009", "fr", 2));
    let (id, slug, first) = live(&app).await;
    let mut next = follows(&app, &id, &first, 3).await;
    next["scope"]["languages"] = json!(["fr"]);
    let (_, effect) = verified(&app, &id, &next).await;
    assert_eq!(effect["effect"], "narrowed");
    let parts: Vec<_> =
        effect["taken_down"].as_array().unwrap().iter().map(|p| (&p["channel"], &p["language"])).collect();
    assert_eq!(parts.len(), 3, "{parts:?}");
    assert!(parts.iter().all(|(_, language)| **language == json!("nl")));
    assert_eq!(app.http.page(&format!("/nl/a/{slug}")).await.0, 410);
    assert_eq!(app.http.page(&format!("/fr/a/{slug}")).await.0, 200);
    assert!(!app.http.page("/feeds/nl.atom").await.1.contains("Lina"));
    assert!(app.http.page("/feeds/fr.atom").await.1.contains("Lina"));
    app.work().await;
    app.work().await;
    assert_eq!(
        (app.mails_to(&dutch[0]).len(), app.mails_to(&french[0]).len()),
        (2, 1),
        "a correction to those who read it"
    );
    assert_eq!(app.appeal(&id).await["stage"], "live");
    let told = acts(&app, "appeal.narrowed");
    assert_eq!(told.len(), 1, "once");
    assert!(told[0].contains("AU-04-language") && told[0].contains("page/nl"), "{told:?}");
    let report = app.http.get(&app.team.investigator, &format!("/appeals/{id}/report")).await;
    assert!(report["takedowns"].as_array().unwrap().iter().all(|t| t["language"] == "nl" && !t["done_at"].is_null()));
    // What is left ends with the shorter decision.
    app.app.clock.advance(TimeDelta::days(4));
    assert_eq!(app.http.page(&format!("/fr/a/{slug}")).await.0, 410);
    app.work().await;
    assert_eq!(app.stage_in_database(&id), "suspended");
}

#[actix_web::test]
async fn a_place_that_the_magistrate_takes_away_takes_everything_down_and_says_why() {
    let app = TestApp::start().await;
    let (id, slug, first) = live(&app).await;
    let mut next = follows(&app, &id, &first, 20).await;
    next["scope"]["area"] = json!({"include": [{"place": "NIS:21009"}]});
    // From tomorrow on: until then nothing changes.
    next["valid_from"] = json!(Utc::now() + TimeDelta::days(1));
    let (_, effect) = verified(&app, &id, &next).await;
    assert_eq!((effect["effect"].as_str(), &effect["plan_digest"]), (Some("waits"), &Value::Null));
    assert_eq!(extension(&app, &id).await["blockers"][0]["code"], "AU-06-area");
    assert_eq!(app.http.page(&format!("/fr/a/{slug}")).await.0, 200);
    next["valid_from"] = Value::Null;
    let (_, effect) = verified(&app, &id, &next).await;
    assert_eq!(effect, json!({"effect": "taken_down", "because": ["AU-06-area"]}));
    assert_eq!((app.stage_in_database(&id), app.http.page(&format!("/fr/a/{slug}")).await.0), ("suspended", 410));
    assert_eq!(acts(&app, "appeal.lapsed"), ["no longer covered: AU-06-area"]);
}
