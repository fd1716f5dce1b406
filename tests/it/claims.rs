//! A catalogue of 500 lots, 230 claimants, two of them on one lot; resolved by two officers, with its trail, and counted.

use crate::support::client::{Person, receipt};
use crate::support::{TestApp, area, decision, member};
use chrono::{TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use tocsin::app::intake::{self, Cost, Sent};
use tocsin::app::respond::{Told, form_token};
use tocsin::domain::actor::Role;
use tocsin::domain::language::Language;
use tocsin::domain::response::ResponseKind;

/// An appeal over `lots` recovered objects, out on its page; its id and slug.
async fn catalogue(app: &TestApp, lots: i64) -> (String, String) {
    let who = &app.team.investigator;
    let notice = |headline: &str, lead: &str| json!({"headline": headline, "lead": lead, "look_for": []});
    let appeal = json!({
        "kind": "objects_found", "country": "BE", "title": "Objets retrouvés", "channels": ["page", "feed"],
        "subject": {"seizure_reference": "SAISIE-7", "found": {"at": Utc::now() - TimeDelta::days(20), "place": "NIS:62063"}},
        "notices": {
            "fr": notice("Ces objets sont-ils à vous ?", "La police a retrouvé des objets volés et cherche leurs propriétaires."),
            "nl": notice("Zijn deze voorwerpen van u?", "De politie vond gestolen voorwerpen terug en zoekt de eigenaars."),
        },
    });
    let id = app.http.post(who, "/appeals", &appeal).await["id"].as_str().unwrap().to_owned();
    let lot = |number: i64| {
        json!({"number": number, "seizure_reference": "SAISIE-7", "texts": {
            "fr": {"object_type": "Peinture", "title": format!("Paysage {number}")},
            "nl": {"object_type": "Schilderij", "title": format!("Landschap {number}")}},
            "hidden": {"question": "Que lit-on au dos ?", "answer": "Pour Emma"}})
    };
    let all: Vec<Value> = (1..=lots).map(lot).collect();
    let view = app.http.post(who, &format!("/appeals/{id}/lots:import"), &Value::Array(all)).await;
    app.http.put(who, &format!("/appeals/{id}/area"), view["version"].as_i64().unwrap(), &area()).await;
    let view = app.appeal(&id).await;
    let mut decided = decision(&view);
    decided["authority_type"] = json!("be_ji");
    decided["legal_basis"] = json!(["BE-AVIS-2005"]);
    decided["consents"] =
        json!([{"kind": "seizure_record", "given_by": "record SAISIE-7", "at": Utc::now() - TimeDelta::days(19)}]);
    decided["scope"]["lots"] = (1..=lots).collect();
    decided["scope"]["channels"] = json!(["page", "feed"]);
    let authorisation = app.recorded(&id, &decided).await;
    app.verified(&authorisation).await;
    let digest = app.plan_digest(&id).await;
    app.http.decide(who, &format!("/appeals/{id}/submission"), &digest, &json!({})).await;
    let path = format!("/appeals/{id}/validations");
    let said = app.http.decide(&app.team.validator, &path, &digest, &json!({"verdict": "yes"})).await;
    if said["stage"] == "submitted" {
        app.http.decide(&app.team.head, &path, &digest, &json!({"verdict": "yes"})).await;
    }
    app.http.decide(&app.team.dispatcher, &format!("/appeals/{id}/dispatches"), &digest, &json!({})).await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    (id, slug)
}

async fn claim(app: &TestApp, slug: &str, n: u32, lot: i64) {
    let place = app.app.intake.place(&app.app, Language::Fr, slug).await.unwrap();
    let told = Told {
        kind: Some(ResponseKind::Claim),
        lot: Some(lot),
        // Everybody says the same: claims are never folded together for that.
        what: "Cet objet est à moi, il a été volé chez moi à Namur.".to_owned(),
        place: "Namur".to_owned(),
        ..Told::default()
    };
    let token = form_token(&app.app, Cost::NOTHING);
    let from = Some(IpAddr::V4(Ipv4Addr::from(n << 8)));
    let sent = Sent { channel: "page", token: &token, nonce: "", from, told: &told, files: &[] };
    intake::receive(&app.app, &place, &sent).await.unwrap();
}

/// A claim as it stands, and its address.
async fn claims_on(app: &TestApp, id: &str, lot: i64) -> Vec<(Value, String)> {
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/claims?lot={lot}")).await;
    let with_path = |claim: &Value| {
        let path =
            format!("/responses/{}/claims/{}", claim["response"].as_str().unwrap(), claim["id"].as_str().unwrap());
        (claim.clone(), path)
    };
    list["items"].as_array().unwrap().iter().map(with_path).collect()
}

async fn verdict(app: &TestApp, who: &Person, path: &str, version: &Value, verdict: &str) -> Result<Value, String> {
    let body = json!({"verdict": verdict, "reason": "compared with the invoice"});
    let version = version.to_string();
    let path = format!("{path}/decision");
    let ask = crate::support::client::Ask {
        method: reqwest::Method::POST,
        path: &path,
        who: Some(who),
        seen: Some(&version),
        key: None,
        body: Some(&body),
    };
    let answer = app.http.ask(ask).await;
    let is_well = answer.status().is_success();
    let value: Value = answer.json().await.unwrap();
    if is_well { Ok(value) } else { Err(value["code"].as_str().unwrap_or_default().to_owned()) }
}

#[actix_web::test]
async fn five_hundred_lots_are_claimed_and_the_disputed_one_goes_to_one_of_two() {
    let app = TestApp::start().await;
    let (id, slug) = catalogue(&app, 500).await;
    // 230 claimants: lots 1 to 229 are claimed once but lot 7, which two people claim.
    let lots: Vec<i64> = (1..=229).chain([7]).collect();
    let (app_, slug_) = (&app, slug.as_str());
    stream::iter(lots.into_iter().zip(0_u32..))
        .map(|(lot, n)| async move { claim(app_, slug_, n, lot).await })
        .buffer_unordered(64)
        .collect::<Vec<()>>()
        .await;
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/claims")).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 230);
    assert_eq!(list["lots"], json!({"claimed": 228, "disputed": 1, "open": 271}));
    let queue = app.http.get(&app.team.responder, &format!("/appeals/{id}/queue?limit=200")).await;
    assert!(queue["items"].as_array().unwrap().iter().all(|item| item["copies"] == 0), "no claim hides behind another");

    let officer = &app.team.responder;
    let second = member(&app.app, &app.http, "unit", "colleague", &[Role::Responder]).await;
    let two = claims_on(&app, &id, 7).await;
    assert_eq!(two.len(), 2);
    assert_eq!(two[0].0["competing"], 1);
    let ((first, first_path), (other, other_path)) = (two[0].clone(), two[1].clone());
    assert_eq!(
        verdict(&app, officer, &first_path, &first["version"], "accept").await,
        Err("claim-without-proof".into())
    );
    let examine = |path: String, version: Value, body: Value| {
        let app = &app;
        async move { app.http.patch(officer, &path, version.as_i64().unwrap(), &body).await }
    };
    let first = examine(first_path.clone(), first["version"].clone(), json!({"proofs": ["invoice", "photo"]})).await;
    assert_eq!(
        verdict(&app, officer, &first_path, &first["version"], "accept").await,
        Err("claim-hidden-question".into())
    );
    let asked =
        app.http.decide(officer, &format!("{first_path}/question"), &first["version"].to_string(), &json!({})).await;
    assert_eq!(asked["hidden"], "asked");
    let response = format!("/responses/{}?reason=the%20answer", first["response"].as_str().unwrap());
    let opened = app.http.get(officer, &response).await;
    assert!(opened["messages"][0]["text"].as_str().unwrap().contains("Que lit-on au dos"));
    let first = examine(first_path.clone(), asked["version"].clone(), json!({"hidden": "matches"})).await;
    assert_eq!(verdict(&app, officer, &first_path, &first["version"], "accept").await, Err("claim-competing".into()));
    // The other one did not know what stands on the back.
    let other = examine(other_path.clone(), other["version"].clone(), json!({"hidden": "differs"})).await;
    verdict(&app, officer, &other_path, &other["version"], "reject").await.unwrap();
    let first = verdict(&app, officer, &first_path, &first["version"], "accept").await.unwrap();
    assert_eq!(first["state"], "proposed");
    assert_eq!(
        verdict(&app, officer, &first_path, &first["version"], "accept").await,
        Err("claim-same-officer".into())
    );
    assert_eq!(
        verdict(&app, &second, &first_path, &json!(1), "accept").await.map_err(|code| code.is_empty()),
        Err(false)
    );
    let first = verdict(&app, &second, &first_path, &first["version"], "accept").await.unwrap();
    assert_eq!(first["state"], "accepted");
    assert_eq!(verdict(&app, &second, &other_path, &json!(3), "accept").await, Err("claim-decided".into()));

    let handed = json!({"received_by": "Anne Exemple", "identity_document": "BE 590-0000000-00", "place": "Namur"});
    let version = first["version"].to_string();
    let path = format!("{first_path}/restitution");
    assert_eq!(app.http.refused(officer, &path, Some(&version), &json!({})).await.0, 422);
    app.http.decide(officer, &path, &version, &handed).await;
    let report = app.http.get(officer, &path).await;
    assert_eq!((&report["handed_over"], &report["lot"]["number"]), (&handed, &json!(7)));
    assert_eq!(report["competing"][0]["state"], "rejected");
    assert_ne!(report["proposed_by"], report["decided_by"]);
    let list = app.http.get(officer, &format!("/appeals/{id}/claims")).await;
    assert_eq!(list["lots"], json!({"claimed": 228, "open": 271, "returned": 1}));
    // The trail, step by step, and nobody's name in it.
    let trail = app.http.get(officer, &format!("/audit?object={}", first["id"].as_str().unwrap())).await;
    let acts: Vec<_> = trail["items"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    for act in [
        "claim.examined",
        "claim.question_put",
        "claim.proposed",
        "claim.accepted",
        "claim.returned",
        "claim.report_read",
    ] {
        assert!(acts.contains(&act), "{act} is missing in {acts:?}");
    }
    assert!(!trail.to_string().contains("Anne Exemple"));
    let statistics = app.http.get(officer, &format!("/appeals/{id}/statistics")).await;
    assert_eq!(statistics["lots"]["claimed"], 229);
    assert_eq!(statistics["lots"]["returned"], 1);
    let namur = json!({"code": "NIS:92094", "name": "Namur / Namen", "received": 230, "useful": 0});
    assert_eq!(statistics["municipalities"][0], namur);
}

#[actix_web::test]
async fn a_claim_through_the_form_is_registered_with_its_lot_and_erased_with_its_response() {
    let app = TestApp::start().await;
    let (id, slug) = catalogue(&app, 3).await;
    let path = format!("/nl/a/{slug}/respond?lot=2");
    let (_, page) = app.http.fill(&path, &[("kind", "claim"), ("what", "Dat is van mijn grootmoeder")]).await;
    receipt(&page);
    // A tip about a lot claims nothing.
    app.http.fill(&path, &[("kind", "tip"), ("what", "Dit hing bij mijn buurman")]).await;
    let claims = claims_on(&app, &id, 2).await;
    assert_eq!(claims.len(), 1);
    let response = claims[0].0["response"].as_str().unwrap();
    let body = json!({"lot": 3});
    let by_hand = app.http.post(&app.team.responder, &format!("/responses/{response}/claims"), &body).await;
    assert_eq!(by_hand["state"], "open");
    let again = app.http.refused(&app.team.responder, &format!("/responses/{response}/claims"), None, &body).await;
    assert_eq!(again.0, 409);
    let reason = json!({"reason": "asked for by the sender"});
    app.http.delete_with(&app.team.responder, &format!("/responses/{response}"), &reason).await;
    let left = app.http.get(&app.team.responder, &format!("/appeals/{id}/claims")).await;
    assert_eq!(left["lots"], json!({"open": 3}));
}

#[actix_web::test]
async fn an_appeal_is_counted_in_every_shape_and_no_cell_of_a_table_is_a_formula() {
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    for (language, kind, place) in [("fr", "sighting", "Namur"), ("fr", "tip", "gare de Namur"), ("nl", "tip", "Gent")]
    {
        let what = format!("{kind} {place} {language}: een rode jas");
        let path = format!("/{language}/a/{slug}/respond?c=email");
        assert_eq!(app.http.fill(&path, &[("kind", kind), ("what", &what), ("where", place)]).await.0, 200);
    }
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    let first = list["items"][0]["id"].as_str().unwrap();
    app.http.patch(&app.team.responder, &format!("/responses/{first}"), 1, &json!({"state": "useful"})).await;
    let shown = app.http.get(&app.team.responder, &format!("/appeals/{id}/statistics")).await;
    assert_eq!((&shown["received"], &shown["useful"]), (&json!(3), &json!(1)));
    assert_eq!(shown["by"]["kind"]["sighting"], json!({"received": 1, "useful": 1}));
    assert_eq!(
        shown["by"]["language"],
        json!({"fr": {"received": 2, "useful": 1}, "nl": {"received": 1, "useful": 0}})
    );
    assert_eq!(shown["by"]["channel"]["email"]["received"], 3);
    let minutes: i64 = shown["minutes"].as_array().unwrap().iter().map(|m| m["received"].as_i64().unwrap()).sum();
    assert_eq!(minutes, 3);
    assert_eq!(shown["municipalities"][0]["received"], 2);
    assert_eq!((&shown["course"]["responses"], &shown["money"]), (&json!(3), &Value::Null));
    let get = |shape: &'static str| {
        let (app, id) = (&app, id.clone());
        async move {
            let url = format!("{}/api/v1/appeals/{id}/statistics?as={shape}", app.http.base);
            let answer = app.http.http.get(url).bearer_auth(&app.team.responder.token).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{shape}");
            answer.bytes().await.unwrap().to_vec()
        }
    };
    let table = String::from_utf8(get("csv").await).unwrap();
    assert!(table.contains("municipality,NIS:92094,Namur / Namen,2,"), "{table}");
    for cell in table.lines().flat_map(|line| line.split(',')) {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
    let places: Value = serde_json::from_slice(&get("geojson").await).unwrap();
    assert_eq!(places["features"].as_array().unwrap().len(), 2);
    let at = &places["features"][0]["geometry"]["coordinates"];
    assert!((at[0].as_f64().unwrap() - 4.87).abs() < 0.2 && (at[1].as_f64().unwrap() - 50.46).abs() < 0.2, "{at}");
    let cells: Value = serde_json::from_slice(&get("cells").await).unwrap();
    assert_eq!(cells["cells"].as_array().unwrap().len(), 2);
    let picture = image::load_from_memory_with_format(&get("png").await, image::ImageFormat::Png).unwrap();
    assert_eq!(picture.width(), 800);
    let week = app.http.get(&app.team.responder, "/statistics/week").await;
    assert_eq!((&week["received"], &week["appeals"][0]["appeal"]), (&json!(3), &json!(id)));
    let url = format!("{}/api/v1/statistics/week?as=pdf&language=nl", app.http.base);
    let report = app.http.http.get(url).bearer_auth(&app.team.responder.token).send().await.unwrap();
    assert_eq!(report.headers()["content-type"], "application/pdf");
    let report = report.bytes().await.unwrap();
    assert!(report.starts_with(b"%PDF-1.4") && report.windows(20).any(|part| part == b"Activiteitenverslag,"));
    let before = app.http.get(&app.team.responder, "/statistics/week?of=2026-01-01").await;
    assert_eq!((&before["from"], &before["received"]), (&json!("2025-12-29"), &json!(0)));
}
