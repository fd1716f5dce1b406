//! A week of cold appeals: one list, one round of the chain, each out at its own hour if the gate passes then.

use crate::support::{TestApp, decision};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// A call for witnesses with a verified decision for ten days; its id.
async fn witness(app: &TestApp, title: &str) -> String {
    let who = &app.team.investigator;
    let appeal = json!({
        "kind": "witness", "country": "BE", "title": title, "channels": ["page"],
        "subject": {"event": {"at": "2026-11-20T07:10:00Z", "until": "2026-11-20T08:10:00Z", "place": "NIS:21009"}},
        "notices": {"fr": {"headline": title, "lead": "Avez-vous vu l'accident ?", "look_for": ["Une voiture"]},
            "nl": {"headline": title, "lead": "Hebt u het ongeval gezien?", "look_for": ["Een wagen"]}},
    });
    let filed = app.http.post(who, "/appeals", &appeal).await;
    let id = filed["id"].as_str().unwrap().to_owned();
    app.http.put(who, &format!("/appeals/{id}/area"), 1, &crate::support::area()).await;
    let authorisation = app.recorded(&id, &decided(app, &id).await).await;
    app.verified(&authorisation).await;
    id
}

async fn decided(app: &TestApp, id: &str) -> Value {
    let mut value = decision(&app.appeal(id).await);
    (value["legal_basis"], value["consents"]) = (json!(["BE-28Q3"]), json!([]));
    value["valid_until"] = json!(Utc::now() + TimeDelta::days(10));
    value
}

fn list(ids: &[(&str, DateTime<Utc>)]) -> Value {
    let items: Vec<_> = ids.iter().map(|(id, at)| json!({"appeal": id, "at": at})).collect();
    json!({"title": "Week 48", "items": items})
}

fn states(week: &Value) -> Vec<(&str, &str)> {
    let items = week["items"].as_array().unwrap().iter();
    items.map(|item| (item["state"].as_str().unwrap(), item["note"].as_str().unwrap())).collect()
}

fn in_days(days: i64) -> DateTime<Utc> {
    Utc::now() + TimeDelta::days(days)
}

#[actix_web::test]
async fn a_validated_week_goes_out_day_by_day_and_only_what_the_gate_lets_pass() {
    let app = TestApp::start().await;
    let (first, second, third, fourth) = (
        witness(&app, "Accident").await,
        witness(&app, "Vol").await,
        witness(&app, "Incendie").await,
        witness(&app, "Bagarre").await,
    );
    let filed = list(&[(&second, in_days(2)), (&first, in_days(1)), (&third, in_days(3)), (&fourth, in_days(4))]);
    let week = app.http.post(&app.team.validator, "/weeks", &filed).await;
    let (id, digest) = (week["id"].as_str().unwrap(), week["digest"].as_str().unwrap());
    assert_eq!(week["items"][0]["appeal"], json!(first), "by hour");
    assert_eq!(app.appeal(&third).await["stage"], "submitted");
    let (say, send) = (format!("/weeks/{id}/validations"), format!("/weeks/{id}/dispatches"));
    let yes = json!({"verdict": "yes"});
    // Nothing goes out, and nobody may let it, before the chain is whole; nor a list that nobody looked at.
    let (status, codes) = app.http.refused(&app.team.dispatcher, &send, Some(digest), &json!({})).await;
    assert_eq!((status, codes[1].as_str()), (409, "not-validated"), "{codes:?}");
    let (status, codes) = app.http.refused(&app.team.validator, &say, Some(&"0".repeat(64)), &yes).await;
    assert_eq!((status, codes[0].as_str()), (412, "stale"));
    let (status, codes) = app.http.refused(&app.team.investigator, &say, Some(digest), &yes).await;
    assert_eq!((status, codes[0].as_str()), (403, "validator-is-author"));
    // A change of one voids that one.
    let version = app.appeal(&third).await["version"].as_i64().unwrap();
    let patch = json!({"notices": {"fr": {"lead": "Avez-vous vu l'incendie ?"}}});
    app.http.patch(&app.team.investigator, &format!("/appeals/{third}"), version, &patch).await;
    let said = app.http.decide(&app.team.validator, &say, digest, &yes).await;
    assert_eq!(states(&said), [("planned", ""), ("planned", ""), ("void", "filed"), ("planned", "")]);
    assert_eq!((app.stage_in_database(&first), app.stage_in_database(&second)), ("validated", "validated"));
    let released = app.http.decide(&app.team.dispatcher, &send, digest, &json!({})).await;
    assert!(released["released_at"].is_string());
    let (status, codes) = app.http.refused(&app.team.dispatcher, &send, Some(digest), &json!({})).await;
    assert_eq!((status, codes[0].as_str()), (409, "already-released"));
    // The magistrate takes the second back, and the first is out on its day.
    let records = app.http.get(&app.team.investigator, &format!("/appeals/{second}/authorisations")).await;
    let path = format!("/authorisations/{}/withdrawal", records["items"][0]["id"].as_str().unwrap());
    app.http.post(&app.team.verifier, &path, &json!({"reason": "the thief was found"})).await;
    let slugs = [app.appeal(&first).await, app.appeal(&fourth).await].map(|a| a["slug"].as_str().unwrap().to_owned());
    app.work().await;
    assert_eq!(app.stage_in_database(&first), "validated", "its hour has not come");
    for _ in 0..3 {
        app.app.clock.advance(TimeDelta::days(1));
        app.work().await;
    }
    let stages = [&first, &second, &third, &fourth].map(|id| app.stage_in_database(id));
    assert_eq!(stages, ["live", "filed", "filed", "validated"]);
    assert_eq!(app.http.page(&format!("/fr/a/{}", slugs[0])).await.0, 200);
    assert_eq!(app.http.page(&format!("/fr/a/{}", slugs[1])).await.0, 404);
    app.app.clock.advance(TimeDelta::days(1));
    app.work().await;
    assert_eq!(app.http.page(&format!("/fr/a/{}", slugs[1])).await.0, 200);
    let known = tocsin::domain::ids::WeekId::parse(id).unwrap();
    let unit = app.app.db.read_now(tocsin::db::access::all_units).unwrap().remove(0).id;
    let week = app.app.db.read_now(|conn| tocsin::db::weeks::of_unit(conn, &known, &unit)).unwrap();
    let ends: Vec<_> = week.items.iter().map(|item| item.state.code()).collect();
    assert_eq!(ends, ["dispatched", "void", "void", "dispatched"]);
    let told = app.app.db.read_now(|conn| tocsin::db::audit::entries_after(conn, 0, None, None, 1000)).unwrap();
    let count = |action: &str| told.iter().filter(|stored| stored.entry.action == action).count();
    assert_eq!(["week.composed", "week.validated", "week.released", "week.item_void"].map(count), [1, 1, 1, 2]);
    assert_eq!(count("appeal.dispatched"), 2);
}

#[actix_web::test]
async fn at_its_hour_the_gate_is_asked_again() {
    let app = TestApp::start().await;
    let id = witness(&app, "Accident").await;
    let week = app.http.post(&app.team.validator, "/weeks", &list(&[(&id, in_days(1))])).await;
    let (path, digest) = (format!("/weeks/{}", week["id"].as_str().unwrap()), week["digest"].as_str().unwrap());
    app.http.decide(&app.team.validator, &format!("{path}/validations"), digest, &json!({"verdict": "yes"})).await;
    app.http.decide(&app.team.dispatcher, &format!("{path}/dispatches"), digest, &json!({})).await;
    // Somebody who had said yes thinks again: one person's last word counts, whatever the appeal's stage says.
    let parsed = tocsin::domain::ids::AppealId::parse(&id).unwrap();
    app.app
        .db
        .write_now(|conn| {
            let mut last = tocsin::db::authorisations::validations_of(conn, &parsed)?.pop().unwrap();
            last.id = tocsin::domain::ids::ValidationId::from_parts(Utc::now(), [7; 10]);
            (last.verdict, last.at) = (tocsin::domain::validation::Verdict::No, Utc::now());
            tocsin::db::authorisations::add_validation(conn, &parsed, &last)
        })
        .unwrap();
    let showing = app.http.get(&app.team.validator, &path).await;
    assert_eq!(states(&showing), [("planned", "")]);
    app.app.clock.advance(TimeDelta::days(1) + TimeDelta::minutes(1));
    app.work().await;
    assert_eq!(app.stage_in_database(&id), "validated");
    let told = app.app.db.read_now(|conn| tocsin::db::audit::entries_after(conn, 0, None, None, 1000)).unwrap();
    let refused = told.iter().find(|stored| stored.entry.action == "week.item_refused").unwrap();
    assert!(refused.entry.reason.contains("not-validated"), "{}", refused.entry.reason);
}

#[actix_web::test]
async fn a_no_to_one_appeal_leaves_the_others_on_the_list() {
    let app = TestApp::start().await;
    let (good, bad) = (witness(&app, "Accident").await, witness(&app, "Vol").await);
    let week = app.http.post(&app.team.validator, "/weeks", &list(&[(&good, in_days(1)), (&bad, in_days(2))])).await;
    let (path, digest) =
        (format!("/weeks/{}/validations", week["id"].as_str().unwrap()), week["digest"].as_str().unwrap());
    let some_yes = json!({"verdict": "yes", "appeals": [good]});
    let (status, codes) = app.http.refused(&app.team.validator, &path, Some(digest), &some_yes).await;
    assert_eq!((status, codes[1].as_str()), (422, "only-with-no"));
    let no = json!({"verdict": "no", "appeals": [bad], "reasons": "wrong street"});
    let said = app.http.decide(&app.team.validator, &path, digest, &no).await;
    assert_eq!(states(&said), [("planned", ""), ("returned", "")]);
    assert_eq!((app.stage_in_database(&good), app.stage_in_database(&bad)), ("submitted", "authorised"));
    app.http.decide(&app.team.validator, &path, digest, &json!({"verdict": "yes"})).await;
    assert_eq!((app.stage_in_database(&good), app.stage_in_database(&bad)), ("validated", "authorised"));
}

#[actix_web::test]
async fn only_cold_appeals_with_a_verified_decision_of_the_own_unit_are_put_on_a_list() {
    let app = TestApp::start().await;
    let (hot, cold) = (app.authorised().await, witness(&app, "Accident").await);
    let day = in_days(1);
    let nowhere = format!("apl_{}", "0".repeat(26));
    let (status, codes) = app
        .http
        .refused(&app.team.validator, "/weeks", None, &list(&[(&hot, day), (&cold, day), (&nowhere, day)]))
        .await;
    assert_eq!((status, &codes[1..]), (422, &["not-cold".to_owned(), "unknown-value".to_owned()][..]));
    assert_eq!(app.stage_in_database(&cold), "authorised", "all or nothing");
    let late = list(&[(&cold, in_days(12))]);
    let (status, codes) = app.http.refused(&app.team.validator, "/weeks", None, &late).await;
    assert_eq!((status, codes[1].as_str()), (409, "AU-01-expired"), "the decision must last until then: {codes:?}");
    let (status, codes) = app.http.refused(&app.team.head, "/weeks", None, &list(&[(&cold, day)])).await;
    assert_eq!((status, codes[0].as_str()), (403, "no-seat"), "a communication officer composes");
    app.http.post(&app.team.validator, "/weeks", &list(&[(&cold, day)])).await;
    let (status, codes) = app.http.refused(&app.team.validator, "/weeks", None, &list(&[(&cold, day)])).await;
    assert_eq!((status, codes[0].as_str()), (409, "wrong-stage"));
}
