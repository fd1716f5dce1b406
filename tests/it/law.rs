//! The law as data: told in words, changed by a legal officer, applied to oral decisions, borders and discovered minors.

use crate::support::{TestApp, decision, member, missing_minor, worrying};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use tocsin::domain::actor::Role;

async fn blockers(app: &TestApp, id: &str) -> Vec<Value> {
    let plan = app.http.get(&app.team.investigator, &format!("/appeals/{id}/plan")).await;
    plan["blockers"].as_array().unwrap().clone()
}

fn codes(blockers: &[Value]) -> Vec<&str> {
    blockers.iter().map(|blocker| blocker["code"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn what_a_kind_needs_is_told_in_words_with_its_source_and_mark() {
    let app = TestApp::start().await;
    let rules = app.http.get(&app.team.investigator, "/rules?kind=wanted_suspect&country=BE").await;
    let need = |id: &str| rules["needs"].as_array().unwrap().iter().find(|need| need["id"] == id).unwrap().clone();
    let portrait = need("BE-PORTRAIT");
    assert_eq!(
        portrait["asks"],
        json!([
            "When pictures are covered.",
            "Asked, checked or agreed beforehand: the federal prosecutor’s office agrees to the portrait."
        ])
    );
    assert_eq!(
        (portrait["mark"].as_str(), portrait["because"][0]["id"].as_str()),
        (Some("S"), Some("BE-PORTRAIT-FED"))
    );
    assert!(portrait["because"][0]["source"].as_str().unwrap().contains("conflicts with BE-MAG"));
    assert_eq!(need("BE-MINOR-SUSPECT")["locked"], true);
    assert_eq!(rules["chain"]["sensitivity"], "sensitive");
    let alert = app.http.get(&app.team.investigator, "/rules?kind=child_alert&country=FR").await;
    assert_eq!(alert["criteria"][0]["questions"].as_array().unwrap().len(), 4);
    assert_eq!(alert["chain"]["emergency_path"], true);
    let (status, codes) = app.http.refused_get(&app.team.investigator, "/rules?kind=gossip&country=BE").await;
    assert_eq!((status, codes[1].as_str()), (422, "unknown-value"));
}

#[actix_web::test]
async fn a_legal_officer_loosens_what_is_open_and_nobody_what_is_locked() {
    let app = TestApp::start().await;
    let officer = member(&app.app, &app.http, "unit", "legal", &[Role::LegalOfficer]).await;
    let id = app.filed().await;
    let mut decision = decision(&app.appeal(&id).await);
    decision["consents"] = json!([]);
    let authorisation = app.recorded(&id, &decision).await;
    app.verified(&authorisation).await;
    let found = blockers(&app, &id).await;
    assert_eq!(codes(&found), ["AU-08-consent"]);
    assert_eq!(found[0]["rule"], "BE-MISSING-MINOR");
    let change =
        json!({"without_consent": "custodian", "reason": "The parents are the suspects in this district's cases."});
    let path = "/rules/BE-MISSING-MINOR/changes";
    let (status, _) = app.http.refused(&app.team.investigator, path, None, &change).await;
    assert_eq!(status, 403);
    let (status, codes_) =
        app.http.refused(&officer, path, None, &json!({"off": true, "reason": "just because of it"})).await;
    assert_eq!((status, codes_[0].as_str()), (409, "rule-names-authority"));
    let (status, codes_) = app
        .http
        .refused(
            &officer,
            "/rules/FR-MINOR-SUSPECT/changes",
            None,
            &json!({"off": true, "reason": "just because of it"}),
        )
        .await;
    assert_eq!((status, codes_[0].as_str()), (409, "rule-locked"));
    let (status, codes_) = app.http.refused(&officer, path, None, &json!({"reason": "just because of it"})).await;
    assert_eq!((status, codes_[1].as_str()), (422, "exactly-one"));
    let changed = app.http.post(&officer, path, &change).await;
    assert_eq!(blockers(&app, &id).await, Vec::<Value>::new());
    let rules = app.http.get(&app.team.investigator, "/rules?kind=missing_minor&country=BE").await;
    assert_eq!(rules["changes"][0]["rule"], "BE-MISSING-MINOR");
    // The checks of texts are rules too: what is open may become a warning, what is locked may not.
    let warn = json!({"severity": "warn", "reason": "this force names streets on purpose"});
    app.http.post(&officer, "/rules/PD-04/changes", &warn).await;
    let (status, codes_) = app.http.refused(&officer, "/rules/SE-02/changes", None, &warn).await;
    assert_eq!((status, codes_[0].as_str()), (409, "rule-locked"));
    let end = format!("/rules/changes/{}", changed["id"].as_str().unwrap());
    app.http.delete_with(&officer, &end, &json!({"reason": "the practice was stopped"})).await;
    assert_eq!(codes(&blockers(&app, &id).await), ["AU-08-consent"]);
    let told = app.app.db.read_now(|conn| tocsin::db::audit::entries_after(conn, 0, None, None, 1000)).unwrap();
    let acts: Vec<_> =
        told.iter().filter(|s| s.entry.action.starts_with("rule.")).map(|s| s.entry.action.as_str()).collect();
    assert_eq!(acts, ["rule.changed", "rule.changed", "rule.restored"]);
}

#[actix_web::test]
async fn questions_are_asked_and_kept_also_when_nothing_triggers() {
    let app = TestApp::start().await;
    let filed = app.http.post(&app.team.investigator, "/appeals", &missing_minor()).await;
    let id = filed["id"].as_str().unwrap();
    let path = format!("/appeals/{id}/assessments");
    let kept = app.http.post(&app.team.investigator, &path, &worrying("unknown")).await;
    assert_eq!(kept["outcome"], "not_triggered");
    let found = blockers(&app, id).await;
    assert!(codes(&found).contains(&"AU-08-not-triggered"), "{found:?}");
    app.http.post(&app.team.investigator, &path, &worrying("yes")).await;
    assert!(!codes(&blockers(&app, id).await).contains(&"AU-08-not-triggered"));
    let all = app.http.get(&app.team.investigator, &path).await;
    let outcomes: Vec<_> = all["items"].as_array().unwrap().iter().map(|a| a["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["not_triggered", "triggered"]);
    let (status, codes) =
        app.http.refused(&app.team.investigator, &path, None, &json!({"criteria": "FR-AE", "answers": []})).await;
    assert_eq!((status, codes[1].as_str()), (422, "criteria-of-other-kind"));
}

/// An oral decision given an hour ago; its id.
async fn oral(app: &TestApp, id: &str) -> String {
    let mut decision = decision(&app.appeal(id).await);
    decision["decision"] = json!({"form": "oral_confirmed", "at": Utc::now() - TimeDelta::hours(1)});
    decision["document"] = Value::Null;
    let authorisation = app.recorded(id, &decision).await;
    app.verified(&authorisation).await;
    authorisation
}

async fn out(app: &TestApp, id: &str) {
    let digest = app.plan_digest(id).await;
    app.http.decide(&app.team.investigator, &format!("/appeals/{id}/submission"), &digest, &json!({})).await;
    app.say_yes(id, &digest).await;
    app.http.decide(&app.team.dispatcher, &format!("/appeals/{id}/dispatches"), &digest, &json!({})).await;
    app.work().await;
    assert_eq!(app.appeal(id).await["stage"], "live");
}

#[actix_web::test]
async fn an_oral_decision_without_its_paper_comes_down_after_a_day() {
    let app = TestApp::start().await;
    let id = app.filed().await;
    oral(&app, &id).await;
    out(&app, &id).await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    app.app.clock.advance(TimeDelta::hours(24));
    app.work().await;
    assert_eq!(app.stage_in_database(&id), "suspended");
    assert_eq!(app.http.page(&format!("/fr/a/{slug}")).await.0, 410);
}

#[actix_web::test]
async fn the_paper_of_an_oral_decision_counts_once_a_second_person_saw_it() {
    let app = TestApp::start().await;
    let id = app.filed().await;
    let authorisation = oral(&app, &id).await;
    out(&app, &id).await;
    let paper =
        json!({"sha256": "1".repeat(64), "bytes": 900, "mime": "application/pdf", "signature_kind": "qualified"});
    let path = format!("/authorisations/{authorisation}/confirmation");
    let called = json!({"called_back_on": "+32 2 508 00 00"});
    let (status, codes) = app.http.refused(&app.team.verifier, &format!("{path}/verification"), None, &called).await;
    assert_eq!((status, codes[0].as_str()), (409, "not-confirmed"));
    app.http.post(&app.team.investigator, &path, &paper).await;
    let (status, codes) = app.http.refused(&app.team.investigator, &path, None, &paper).await;
    assert_eq!((status, codes[0].as_str()), (409, "already-confirmed"));
    let before = app.http.get(&app.team.investigator, &format!("/appeals/{id}/authorisations")).await;
    app.http.post(&app.team.verifier, &format!("{path}/verification"), &called).await;
    let after = app.http.get(&app.team.investigator, &format!("/appeals/{id}/authorisations")).await;
    assert!(after["items"][0]["ends_at"].as_str() > before["items"][0]["ends_at"].as_str());
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    app.app.clock.advance(TimeDelta::hours(24));
    app.work().await;
    assert_eq!(app.stage_in_database(&id), "live", "the decision lasts as it says");
    assert_eq!(app.http.page(&format!("/fr/a/{slug}")).await.0, 200);
}

#[actix_web::test]
async fn a_minor_discovered_takes_down_what_was_decided_without_knowing() {
    let app = TestApp::start().await;
    let id = app.filed().await;
    let decision_ = decision(&app.appeal(&id).await);
    let authorisation = app.recorded(&id, &decision_).await;
    app.verified(&authorisation).await;
    out(&app, &id).await;
    let (status, _) = app
        .http
        .refused(&app.team.responder, &format!("/appeals/{id}/minor"), None, &json!({"note": "his brother is 15"}))
        .await;
    assert_eq!(status, 403);
    let view = app
        .http
        .post(
            &app.team.validator,
            &format!("/appeals/{id}/minor"),
            &json!({"note": "the brother on the picture is 15"}),
        )
        .await;
    assert_eq!(view["stage"], "suspended", "in the same transaction");
    let slug = view["slug"].as_str().unwrap();
    assert_eq!(app.http.page(&format!("/nl/a/{slug}")).await.0, 410);
    assert_eq!(codes(&blockers(&app, &id).await), ["MI-01-discovered"]);
    // The magistrate decides again, knowing.
    app.app.clock.advance(TimeDelta::minutes(2));
    let mut knowing = decision(&app.appeal(&id).await);
    knowing["decision"]["at"] = json!(Utc::now() + TimeDelta::minutes(1));
    let authorisation = app.recorded(&id, &knowing).await;
    app.verified(&authorisation).await;
    assert_eq!(blockers(&app, &id).await, Vec::<Value>::new());
}

#[actix_web::test]
async fn across_the_border_the_other_countrys_magistrate_decides_too() {
    let app = TestApp::start().await;
    let who = &app.team.investigator;
    let appeal = json!({
        "kind": "witness", "country": "BE", "title": "Accident à la frontière", "channels": ["page"],
        "subject": {"event": {"at": "2026-11-20T07:10:00Z", "until": "2026-11-20T08:10:00Z", "place": "NIS:57081"}},
        "notices": {"fr": {"headline": "Accident", "lead": "Avez-vous vu l'accident ?", "look_for": ["Une voiture blanche"]}},
    });
    let filed = app.http.post(who, "/appeals", &appeal).await;
    let id = filed["id"].as_str().unwrap().to_owned();
    let area = json!({"include": [{"place": "NIS:57081"}, {"place": "INSEE:59350"}]});
    app.http.put(who, &format!("/appeals/{id}/area"), 1, &area).await;
    let of_country = |seen: &Value, country: &str, authority: &str, basis: &str| {
        let mut value = decision(seen);
        value["country"] = json!(country);
        value["authority_type"] = json!(authority);
        value["legal_basis"] = json!([basis]);
        value["consents"] = json!([]);
        value["scope"]["area"] = area.clone();
        value["scope"]["languages"] = json!(["fr"]);
        value
    };
    let seen = app.appeal(&id).await;
    let home = app.recorded(&id, &of_country(&seen, "BE", "be_pdr", "BE-28Q3")).await;
    app.verified(&home).await;
    let found = blockers(&app, &id).await;
    let abroad: Vec<_> = found.iter().filter(|b| b["country"] == "FR").map(|b| b["code"].as_str().unwrap()).collect();
    assert_eq!((codes(&found), abroad), (vec!["AU-00-none"], vec!["AU-00-none"]), "{found:?}");
    let other = app.recorded(&id, &of_country(&seen, "FR", "fr_pr", "FR-11")).await;
    assert_eq!(codes(&blockers(&app, &id).await), ["AU-02-unverified"]);
    app.verified(&other).await;
    let plan = app.http.get(who, &format!("/appeals/{id}/plan")).await;
    assert_eq!(plan["blockers"], json!([]));
    assert_eq!(plan["plan"]["authorisations"], json!([home, other]));
    let digest = plan["digest"].as_str().unwrap().to_owned();
    app.http.decide(who, &format!("/appeals/{id}/submission"), &digest, &json!({})).await;
    app.http
        .decide(&app.team.validator, &format!("/appeals/{id}/validations"), &digest, &json!({"verdict": "yes"}))
        .await;
    app.http.decide(&app.team.dispatcher, &format!("/appeals/{id}/dispatches"), &digest, &json!({})).await;
    app.work().await;
    assert_eq!(app.appeal(&id).await["stage"], "live");
    // The French magistrate takes it back: it is not shown in Belgium alone either, because the plan was for both.
    let reason = json!({"reason": "the victim was found"});
    app.http.post(&app.team.verifier, &format!("/authorisations/{other}/withdrawal"), &reason).await;
    assert_eq!(app.appeal(&id).await["stage"], "suspended");
}

#[actix_web::test]
async fn a_text_that_betrays_somebody_is_blocked_with_its_place_and_a_suggestion() {
    let app = TestApp::start().await;
    let who = &app.team.investigator;
    let mut appeal = missing_minor();
    appeal["notices"]["fr"]["lead"] = json!("Le ravisseur portait un tatouage de dragon. Appelez le 0470 12 34 56.");
    let filed = app.http.post(who, "/appeals", &appeal).await;
    let id = filed["id"].as_str().unwrap();
    let secrets = json!({"hold_back": [{"wordings": ["tatouage de dragon", "drakentatoeage"]}], "people": [{"family_name": "Vandenzwaluw"}]});
    let kept = app.http.put(who, &format!("/appeals/{id}/secrets"), 1, &secrets).await;
    assert_eq!(kept, json!({"hold_back": 1, "people": 1, "references": 0}), "nobody sees them again");
    let plan = app.http.get(who, &format!("/appeals/{id}/plan")).await;
    let findings = plan["findings"].as_array().unwrap();
    let of = |rule: &str| {
        findings.iter().find(|finding| finding["rule"] == rule).unwrap_or_else(|| panic!("{rule} in {plan:#}"))
    };
    let (held, phone) = (of("SE-02"), of("PD-02"));
    assert_eq!(
        (held["severity"].as_str(), held["pointer"].as_str(), &held["excerpt"]),
        (Some("block"), Some("/lead"), &Value::Null)
    );
    assert!(phone["excerpt"].as_str().unwrap().contains("0470"));
    assert!(!phone["suggestion"].as_str().unwrap().is_empty());
    let text = plan.to_string();
    assert!(!text.contains("Vandenzwaluw") && !text.contains("drakentatoeage"));
    let blockers = plan["blockers"].as_array().unwrap();
    assert!(blockers.iter().filter(|b| b["code"] == "check").count() >= 2, "{blockers:?}");
    // Nothing of it lies readable in the database.
    let sealed = app
        .app
        .db
        .read_now(|conn| tocsin::db::rules::secrets_of(conn, &tocsin::domain::ids::AppealId::parse(id).unwrap()));
    assert!(!String::from_utf8_lossy(&sealed.unwrap().unwrap()).contains("dragon"));
}
