//! Saying where by name: read, refused with the candidates, noted, stored as it was meant.

use crate::support::TestApp;
use crate::support::client::Ask;
use crate::support::workers::was_told;
use reqwest::Method;
use serde_json::{Value, json};
use std::process::Command;

async fn refused(app: &TestApp, id: &str, area: &Value) -> Value {
    let path = format!("/appeals/{id}/area");
    let version = app.appeal(id).await["version"].to_string();
    let ask = Ask {
        method: Method::PUT,
        path: &path,
        who: Some(&app.team.investigator),
        seen: Some(&version),
        key: None,
        body: Some(area),
    };
    let response = app.http.ask(ask).await;
    assert_eq!(response.status(), 422);
    response.json().await.unwrap()
}

#[actix_web::test]
async fn an_area_filed_by_name_says_what_it_was_read_as_and_who_lives_there() {
    let app = TestApp::start().await;
    let id = app.filed().await;
    let version = app.appeal(&id).await["version"].as_i64().unwrap();
    let body = json!({"include": [{"place": "Elsene"}, {"place": "kraainem"}], "exclude": [{"place": "NIS:23023"}]});
    let answer = app.http.put(&app.team.investigator, &format!("/appeals/{id}/area"), version, &body).await;
    let area = &answer["area"];
    assert_eq!(area["places"][0]["code"], "NIS:21009");
    assert_eq!(area["places"][0]["filed"], "Elsene");
    assert_eq!(area["places"][1]["code"], "NIS:23099");
    let people = &area["inhabitants"];
    assert_eq!(people["about"], people["at_most"], "whole municipalities are exact");
    assert_eq!(people["by_language"]["fr"], people["by_language"]["nl"]);
    assert_eq!(people["by_place"][0]["code"], "NIS:21009");
    assert!(people["error"]["detail"].as_str().unwrap().contains("estimate"));

    let notes = area["notes"].as_array().unwrap();
    let merged = notes.iter().find(|note| note["code"] == "merged-code").unwrap();
    assert_eq!(merged["pointer"], "/exclude/0/place");
    assert!(merged["detail"].as_str().unwrap().contains("NIS:23106"), "{merged}");
    // Stored as evidence: the words, what they meant, and the note.
    let stored = app.http.get(&app.team.investigator, &format!("/appeals/{id}/area")).await;
    assert_eq!(stored["spec"]["include"][0], json!({"place": "Elsene", "read_as": "NIS:21009"}));
    assert_eq!(stored["spec"]["exclude"][0], json!({"place": "NIS:23023", "read_as": "NIS:23106"}));
    assert_eq!(stored["notes"][0]["code"], "merged-code");
    assert_eq!(stored["inhabitants"]["about"], people["about"]);
}

#[actix_web::test]
async fn a_name_of_several_places_is_refused_with_the_candidates() {
    let app = TestApp::start().await;
    let id = app.filed().await;
    let problem = refused(&app, &id, &json!({"include": [{"place": "NIS:21009"}, {"place": "Namur"}]})).await;
    let error = &problem["errors"][0];
    assert_eq!(
        (error["pointer"].as_str(), error["code"].as_str()),
        (Some("/include/1/place"), Some("ambiguous_place"))
    );
    let codes: Vec<&str> =
        error["candidates"].as_array().unwrap().iter().map(|c| c["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["NIS:92094", "PROV:90000"]);
    assert_eq!(error["candidates"][0]["kind"], "municipality");
    let problem = refused(&app, &id, &json!({"include": [{"place": "Ixeles"}]})).await;
    assert_eq!(problem["errors"][0]["code"], "unknown_place");
    assert_eq!(problem["errors"][0]["candidates"][0]["code"], "NIS:21009");
}

#[actix_web::test]
async fn the_policy_for_facilities_decides_the_languages_of_a_new_area() {
    let app = TestApp::start_with(|config| config.area.facilities = tocsin::config::Facilities::AreaLanguage).await;
    let id = app.filed().await;
    let version = app.appeal(&id).await["version"].as_i64().unwrap();
    let body = json!({"include": [{"place": "Kraainem"}]});
    let answer = app.http.put(&app.team.investigator, &format!("/appeals/{id}/area"), version, &body).await;
    assert_eq!(answer["area"]["languages"], json!(["nl"]));
    assert!(answer["area"]["inhabitants"]["by_language"]["fr"].is_null());
}

#[actix_web::test]
async fn places_are_looked_up_by_beginning_by_whoever_is_signed_in() {
    let app = TestApp::start().await;
    let found = app.http.get(&app.team.responder, "/places?q=ixel&limit=3").await;
    let first = &found["items"][0];
    assert_eq!((first["code"].as_str(), first["names"]["nl"].as_str()), (Some("NIS:21009"), Some("Elsene")));
    assert!(first["population"].as_u64().unwrap() > 80_000 && found["items"].as_array().unwrap().len() <= 3);
    let nobody = Ask { method: Method::GET, path: "/places?q=ixel", who: None, seen: None, key: None, body: None };
    assert_eq!(app.http.ask(nobody).await.status(), 401);
    let (_, text) = app.http.page("/api/v1/openapi.json").await;
    assert!(text.contains("/api/v1/places"));
}

#[test]
fn the_command_line_takes_names_corridors_and_exclusions_and_tells_notes() {
    if was_told() {
        return;
    }
    let run = |args: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_tocsin")).args(["area"]).args(args).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (out.status.code(), text(&out.stdout), text(&out.stderr))
    };
    let by_code = run(&["cover", "--place", "NIS:21013"]);
    let by_name = run(&["cover", "--place", "Saint Gilles", "--country", "BE"]);
    assert_eq!((by_name.0, &by_name.1), (Some(0), &by_code.1), "{}", by_name.2);
    assert!(by_name.2.contains("note: "), "{}", by_name.2);
    let several = run(&["cover", "--place", "Saint Gilles"]);
    assert!(
        several.0 == Some(1) && several.2.contains("NIS:21013") && several.2.contains("INSEE:30258"),
        "{}",
        several.2
    );
    let folder = tempfile::tempdir().unwrap();
    let route = folder.path().join("route.geojson");
    std::fs::write(&route, r#"{"type":"LineString","coordinates":[[4.35,50.84],[4.36,50.85]]}"#).unwrap();
    let given = format!("{},300m", route.display());
    let whole = run(&["cover", "--corridor", &given, "--format", "json"]);
    let less = run(&["cover", "--corridor", &given, "--exclude-circle", "50.84,4.35,200m", "--format", "json"]);
    let count = |out: &str| serde_json::from_str::<Value>(out).unwrap()["count_uncompacted"].as_u64().unwrap();
    assert!(count(&less.1) < count(&whole.1));
    let filing = folder.path().join("filing.json");
    std::fs::write(&filing, r#"{"include":[{"place":"Ixelles"}],"exclude":[{"place":"NIS:21009"}]}"#).unwrap();
    let nothing = run(&["cover", &filing.display().to_string()]);
    assert!(nothing.0 == Some(1) && nothing.2.contains("exclusions"), "{}", nothing.2);
    let split = run(&["split", "--place", "Ixelles"]);
    assert!(split.2.contains("inhabitants: about"), "{}", split.2);
    let found = run(&["find", "braine", "alleud"]);
    assert!(found.1.starts_with("NIS:25014 "), "{}", found.1);
}

/// The picture at an address.
async fn picture(app: &TestApp, path: &str) -> Vec<u8> {
    let ask = Ask { method: Method::GET, path, who: Some(&app.team.investigator), seen: None, key: None, body: None };
    let mut response = app.http.ask(ask).await;
    // It is searched for beside the request.
    while response.status() == 202 {
        assert!(response.headers().contains_key("retry-after"), "{path}");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let again =
            Ask { method: Method::GET, path, who: Some(&app.team.investigator), seen: None, key: None, body: None };
        response = app.http.ask(again).await;
    }
    assert_eq!(response.status(), 200, "{path}");
    response.bytes().await.unwrap().to_vec()
}

/// The aim at an address, as soon as it is found.
async fn aim_at(app: &TestApp, path: &str) -> Value {
    serde_json::from_slice(&picture(app, path).await).unwrap()
}

#[actix_web::test]
async fn an_aim_says_whom_it_reaches_outside_and_keeps_within_a_limit_of_the_decision() {
    if was_told() {
        return;
    }
    let app = TestApp::start().await;
    let (id, who) = (app.filed().await, &app.team.investigator);
    let version = app.appeal(&id).await["version"].as_i64().unwrap();
    let body = json!({"include": [{"place": "NIS:21009"}]});
    app.http.put(who, &format!("/appeals/{id}/area"), version, &body).await;
    let path = format!("/appeals/{id}/aim?platform=meta&language=fr&effort=quick");
    let aim = aim_at(&app, &path).await;
    assert_eq!((aim["met"].as_bool(), aim["limited_to_authorised_area"].as_bool()), (Some(true), Some(false)));
    assert!(aim["fit"]["recall"].as_f64().unwrap() >= 0.99, "{aim}");
    let spill = &aim["fit"]["spill"][0];
    let sentence = format!(
        "It reaches about {} people in {}, outside the authorised area.",
        spill["inhabitants"].as_f64().unwrap(),
        spill["name"].as_str().unwrap()
    );
    assert!(aim["said"].as_array().unwrap().contains(&json!(sentence)), "{sentence}: {}", aim["said"]);
    let circles = aim["units"][0]["circles"].as_u64().unwrap();
    let custom = aim["targeting"][0]["geo_locations"]["custom_locations"].as_array().unwrap();
    assert_eq!(u64::try_from(custom.len()).unwrap(), circles);

    // The picture shows the circles; the same each time.
    let png = format!("/appeals/{id}/area.png");
    let plain = picture(&app, &png).await;
    let with_circles = picture(&app, &format!("{png}?platform=meta&language=fr&effort=quick")).await;
    assert!(with_circles.starts_with(b"\x89PNG") && plain.starts_with(b"\x89PNG") && with_circles != plain);

    // Where the decision makes its area a limit, nobody beyond it is reached.
    let mut decision = crate::support::decision(&app.appeal(&id).await);
    decision["scope"]["area"] = json!({"include": [{"place": "PROV:04000"}]});
    decision["scope"]["area_is_limit"] = json!(true);
    let decision = app.recorded(&id, &decision).await;
    app.verified(&decision).await;
    let within = aim_at(&app, &path).await;
    assert_eq!(within["limited_to_authorised_area"], true);
    let codes: Vec<_> = within["fit"]["spill"].as_array().unwrap().iter().map(|s| s["code"].clone()).collect();
    assert!(codes.iter().all(|code| code.as_str().is_some_and(|code| code.starts_with("NIS:210"))), "{codes:?}");

    // What cannot be: told by name.
    let no_list = app.http.refused_get(who, &format!("/appeals/{id}/aim?platform=x")).await;
    assert_eq!(no_list.0, 409);
    let unknown = app.http.refused_get(who, &format!("/appeals/{id}/aim?platform=radio&language=xx")).await;
    assert_eq!(unknown.0, 422, "{unknown:?}");
    assert_eq!(app.http.refused_get(who, &format!("/appeals/{id}/aim")).await.0, 422);
    assert_eq!(app.http.refused_get(who, &format!("/appeals/{id}/aim?platform=meta&language=de")).await.0, 409);
    assert_eq!(app.http.refused_get(who, &format!("{png}?platform=x")).await.0, 409);
}
