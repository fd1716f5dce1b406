//! Nothing leaves without authority: each refusal the issue names, through the API.

use crate::support::client::Person;
use crate::support::{TestApp, decision, portrait};
use serde_json::{Value, json};

/// Records and verifies `decision`, then asks for the plan's blockers.
async fn blockers(app: &TestApp, id: &str, decision: &Value) -> Vec<String> {
    let authorisation = app.recorded(id, decision).await;
    app.verified(&authorisation).await;
    plan_blockers(app, id).await
}

async fn plan_blockers(app: &TestApp, id: &str) -> Vec<String> {
    let plan = app.http.get(&app.team.investigator, &format!("/appeals/{id}/plan")).await;
    plan["blockers"].as_array().unwrap().iter().map(|b| b["code"].as_str().unwrap().to_owned()).collect()
}

async fn try_to_dispatch(app: &TestApp, who: &Person, id: &str, digest: &str) -> (u16, Vec<String>) {
    app.http.refused(who, &format!("/appeals/{id}/dispatches"), Some(digest), &json!({})).await
}

#[actix_web::test]
async fn without_an_authorisation_or_with_an_unverified_one_nothing_moves() {
    let app = TestApp::start().await;
    let id = app.filed().await;
    assert!(plan_blockers(&app, &id).await.contains(&"AU-00-none".to_owned()));
    assert_eq!(try_to_dispatch(&app, &app.team.dispatcher, &id, &"0".repeat(64)).await.0, 409);
    let decision = decision(&app.appeal(&id).await);
    app.recorded(&id, &decision).await;
    assert_eq!(plan_blockers(&app, &id).await, ["AU-02-unverified"]);
    let plan = app.http.get(&app.team.investigator, &format!("/appeals/{id}/plan")).await;
    let digest = plan["digest"].as_str().unwrap();
    let (status, codes) =
        app.http.refused(&app.team.investigator, &format!("/appeals/{id}/submission"), Some(digest), &json!({})).await;
    assert_eq!((status, codes[0].as_str()), (409, "wrong-stage"));
}

#[actix_web::test]
async fn whoever_recorded_a_decision_cannot_verify_it() {
    let app = TestApp::start().await;
    let id = app.filed().await;
    let mut decision = decision(&app.appeal(&id).await);
    decision["magistrate"]["contact"] = json!("+32 2 000 00 00");
    let authorisation = app.recorded(&id, &decision).await;
    let path = format!("/authorisations/{authorisation}/verification");
    let (status, codes) =
        app.http.refused(&app.team.investigator, &path, None, &json!({"called_back_on": "+32 2 508 00 00"})).await;
    assert_eq!((status, codes[0].as_str()), (403, "not-allowed"), "an investigator lacks the role");
    app.verified(&authorisation).await;
    let (status, codes) =
        app.http.refused(&app.team.verifier, &path, None, &json!({"called_back_on": "+32 2 508 00 00"})).await;
    assert_eq!((status, codes[0].as_str()), (409, "already-verified"));
}

#[actix_web::test]
async fn another_area_language_picture_text_channel_or_consent_is_refused_by_name() {
    let app = TestApp::start().await;
    let id = app.filed().await;
    let good = decision(&app.appeal(&id).await);
    let cases: [(&str, Value, &str); 7] = [
        ("/scope/area", json!({"include": [{"place": "NIS:21009"}]}), "AU-06-area"),
        ("/scope/languages", json!(["fr"]), "AU-04-language"),
        ("/scope/media", json!([]), "AU-04-picture"),
        ("/scope/texts", json!([]), "AU-04-text"),
        ("/scope/channels", json!(["page"]), "AU-05-channel"),
        ("/consents", json!([]), "AU-08-consent"),
        ("/authority_type", json!("be_fed"), "AU-00-authority"),
    ];
    for (place, value, code) in cases {
        let mut other = good.clone();
        *other.pointer_mut(place).unwrap() = value;
        let found = blockers(&app, &id, &other).await;
        assert!(found.iter().any(|f| f == code) && found.iter().all(|f| f == code), "{place}: {found:?}");
    }
    assert_eq!(blockers(&app, &id, &good).await, Vec::<String>::new());
}

#[actix_web::test]
async fn a_picture_added_later_is_not_covered() {
    let app = TestApp::start().await;
    let id = app.authorised().await;
    let picture = json!({"data": portrait(9), "alt": {"fr": "Autre", "nl": "Ander"}});
    app.http.post(&app.team.investigator, &format!("/appeals/{id}/media"), &picture).await;
    assert_eq!(app.appeal(&id).await["stage"], "filed", "an edit voids what was decided");
    assert_eq!(plan_blockers(&app, &id).await, ["AU-04-picture"]);
}

#[actix_web::test]
async fn a_dispatch_under_an_expired_decision_is_refused_by_name() {
    let app = TestApp::start().await;
    app.subscribe("21009", "fr", 2);
    let id = app.filed().await;
    let mut short = decision(&app.appeal(&id).await);
    short["valid_until"] = json!(chrono::Utc::now() + chrono::TimeDelta::minutes(2));
    let authorisation = app.recorded(&id, &short).await;
    app.verified(&authorisation).await;
    let digest = app.plan_digest(&id).await;
    app.http.decide(&app.team.investigator, &format!("/appeals/{id}/submission"), &digest, &json!({})).await;
    app.say_yes(&id, &digest).await;
    app.app.clock.advance(chrono::TimeDelta::minutes(3));
    let (status, codes) = try_to_dispatch(&app, &app.team.dispatcher, &id, &digest).await;
    assert_eq!((status, codes), (409, vec!["refused".to_owned(), "AU-01-expired".to_owned()]));
    app.work().await;
    assert_eq!(app.catcher.accepted(), 0);
    assert_eq!(app.appeal(&id).await["stage"], "filed", "the sweeper put it back");
}

#[actix_web::test]
async fn a_narrower_decision_after_the_yes_stops_the_dispatch() {
    let cases: [(&str, Value, &str); 3] = [
        ("/scope/area", json!({"include": [{"place": "NIS:21009"}]}), "AU-06-area"),
        ("/scope/languages", json!(["nl"]), "AU-04-language"),
        ("/scope/media", json!([]), "AU-04-picture"),
    ];
    let app = TestApp::start().await;
    for (place, value, code) in cases {
        let (id, digest) = app.validated().await;
        let mut narrower = decision(&app.appeal(&id).await);
        *narrower.pointer_mut(place).unwrap() = value;
        let authorisation = app.recorded(&id, &narrower).await;
        app.verified(&authorisation).await;
        let (status, codes) = try_to_dispatch(&app, &app.team.dispatcher, &id, &digest).await;
        assert!(status == 409 && codes.iter().any(|c| c == code), "{place}: {status} {codes:?}");
    }
}

#[actix_web::test]
async fn authors_recorders_and_verifiers_do_not_validate() {
    let app = TestApp::start().await;
    let id = app.authorised().await;
    let digest = app.plan_digest(&id).await;
    let path = format!("/appeals/{id}/validations");
    app.http.decide(&app.team.investigator, &format!("/appeals/{id}/submission"), &digest, &json!({})).await;
    let yes = json!({"verdict": "yes"});
    let (status, codes) = app.http.refused(&app.team.investigator, &path, Some(&digest), &yes).await;
    assert_eq!((status, codes[0].as_str()), (403, "validator-is-author"));
    let (status, codes) = app.http.refused(&app.team.verifier, &path, Some(&digest), &yes).await;
    assert_eq!((status, codes[0].as_str()), (403, "validator-is-verifier"));
    let (status, _) = app.http.refused(&app.team.validator, &path, Some(&"0".repeat(64)), &yes).await;
    assert_eq!(status, 412, "a yes is about the plan that was looked at");
    let (status, _) = app.http.refused(&app.team.validator, &path, None, &yes).await;
    assert_eq!(status, 428);
    let (status, codes) = app.http.refused(&app.team.validator, &path, Some(&digest), &json!({"verdict": "no"})).await;
    assert_eq!((status, codes[1].as_str()), (422, "required"), "a no says why");
    let (status, codes) = app.http.refused(&app.team.head, &path, Some(&digest), &yes).await;
    assert_eq!((status, codes[0].as_str()), (409, "level-not-yet"), "levels follow one another");
    app.http.decide(&app.team.validator, &path, &digest, &yes).await;
    assert_eq!(app.appeal(&id).await["stage"], "submitted", "one level of two");
    let twice = json!({"verdict": "yes", "level": "head_of_communication"});
    let (status, codes) = app.http.refused(&app.team.validator, &path, Some(&digest), &twice).await;
    assert_eq!((status, codes[0].as_str()), (403, "no-seat"));
    app.http.decide(&app.team.head, &path, &digest, &yes).await;
    assert_eq!(app.appeal(&id).await["stage"], "validated");
}

#[actix_web::test]
async fn an_edit_after_the_yes_voids_it() {
    let app = TestApp::start().await;
    let (id, digest) = app.validated().await;
    let version = app.appeal(&id).await["version"].as_i64().unwrap();
    let patch = json!({"notices": {"fr": {"lead": "Texte changé"}}});
    let edited = app.http.patch(&app.team.investigator, &format!("/appeals/{id}"), version, &patch).await;
    assert_eq!(edited["stage"], "filed");
    let (status, codes) = try_to_dispatch(&app, &app.team.dispatcher, &id, &digest).await;
    assert_eq!((status, codes[0].as_str()), (409, "wrong-stage"));
    assert_eq!(plan_blockers(&app, &id).await, ["AU-04-text"], "the magistrate approved another text");
}

#[actix_web::test]
async fn a_withdrawn_decision_takes_a_live_appeal_down_at_once() {
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    assert_eq!(app.http.page(&format!("/fr/a/{slug}")).await.0, 200);
    let list = app.http.get(&app.team.verifier, &format!("/appeals/{id}/authorisations")).await;
    let path = format!("/authorisations/{}/withdrawal", list["items"][0]["id"].as_str().unwrap());
    app.http.post(&app.team.verifier, &path, &json!({"reason": "the magistrate called"})).await;
    assert_eq!(app.http.page(&format!("/fr/a/{slug}")).await.0, 410);
    assert_eq!(app.appeal(&id).await["stage"], "suspended");
}
