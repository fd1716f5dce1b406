//! Pages, feeds, headers, documents, the command line: what anybody sees first.

use crate::support::TestApp;
use crate::support::client::between;
use crate::support::workers::was_told;
use serde_json::json;
use std::process::Command;

const DUTCH: [&str; 6] = ["verdwenen", "rode jas", "Elsene", "vermist", "Bel ", "gezien"];
const FRENCH: [&str; 6] = ["disparu", "veste rouge", "Ixelles", "Appelez", "avez-vous", "Vue"];

#[actix_web::test]
async fn a_page_and_a_feed_speak_one_language_only() {
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    for (language, foreign) in [("fr", DUTCH), ("nl", FRENCH)] {
        for path in [
            format!("/{language}/a/{slug}"),
            format!("/feeds/{language}.atom"),
            format!("/{language}"),
            format!("/{language}/a/{slug}/respond"),
        ] {
            let (status, text) = app.http.page(&path).await;
            assert_eq!(status, 200, "{path}");
            for word in foreign {
                assert!(!text.contains(word), "{path} says `{word}`");
            }
        }
    }
}

#[actix_web::test]
async fn public_pages_ask_nobody_else_and_can_be_cached() {
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    for path in [
        "/".to_owned(),
        format!("/fr/a/{slug}"),
        "/feeds/fr.atom".to_owned(),
        "/fr/privacy".to_owned(),
        "/assets/tocsin.css".to_owned(),
    ] {
        let url = format!("{}{path}", app.http.base);
        let response = app.http.http.get(&url).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let header = |name: &str| {
            response.headers().get(name).unwrap_or_else(|| panic!("{path} lacks {name}")).to_str().unwrap().to_owned()
        };
        assert!(header("content-security-policy").starts_with("default-src 'none'"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(response.headers().get("set-cookie").is_none());
        let tag = header("etag");
        let text = response.text().await.unwrap();
        assert!(!text.contains("<script") && !text.contains("style=\""), "{path}");
        for (_, address) in
            text.match_indices("src=\"").map(|(at, _)| (at, between(&text[at..], "src=\"", "\"").unwrap()))
        {
            assert!(address.starts_with('/') || address.starts_with(&app.http.base), "{path} loads {address}");
        }
        let again = app.http.http.get(&url).header("if-none-match", tag).send().await.unwrap();
        assert_eq!(again.status(), 304, "{path}");
    }
    let head = app.http.http.head(format!("{}/fr/a/{slug}", app.http.base)).send().await.unwrap();
    assert_eq!(head.status(), 200);
}

#[actix_web::test]
async fn the_api_documents_itself() {
    let app = TestApp::start().await;
    let (_, text) = app.http.page("/api/v1/openapi.json").await;
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for path in [
        "/api/v1/appeals",
        "/api/v1/appeals/{id}/dispatches",
        "/api/v1/dispatches/{id}/events",
        "/api/v1/responses/{id}/messages",
    ] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
    let (status, page) = app.http.page("/api/docs").await;
    assert!(status == 200 && page.contains("/appeals/{id}/validations") && !page.contains("<script"));
    let (status, rules) = app.http.page("/api/docs/rules").await;
    assert!(status == 200 && rules.contains("BE-PORTRAIT-FED") && !rules.contains("<script"));
    assert_eq!(app.http.page("/livez").await.0, 200);
    assert_eq!(app.http.page("/readyz").await.0, 200);
    assert_eq!(app.http.page("/nothing/here").await.0, 404);
}

fn tocsin(arguments: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_tocsin")).args(arguments).current_dir(folder.path()).output().unwrap();
    (
        out.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&out.stdout).into_owned(),
        String::from_utf8_lossy(&out.stderr).into_owned(),
    )
}

#[test]
fn the_command_line_locates_splits_and_covers() {
    let (code, out, _) = tocsin(&["area", "locate", "50.827", "4.372"]);
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &found["code"], &found["regime"]), (0, &serde_json::json!("21009"), &serde_json::json!("BRU")));
    assert_eq!(found["languages"].as_array().unwrap().len(), 2);
    let (code, out, _) = tocsin(&["area", "cover", "--place", "NIS:23099"]);
    assert!(
        code == 0 && out.lines().count() > 20 && out.lines().all(|cell| u64::from_str_radix(cell, 16).is_ok()),
        "{out}"
    );
    let (code, out, _) = tocsin(&["area", "split", "--place", "NIS:62063", "--json"]);
    assert!(code == 0 && out.contains("fr") && !out.contains("\"nl\":["), "{out}");
    assert_eq!(tocsin(&["area", "locate", "fifty", "4"]).0, 2, "wrong usage");
    assert_eq!(tocsin(&["area", "cover", "--place", "NIS:00000"]).0, 1, "no such place");
    assert_eq!(tocsin(&["no-such-command"]).0, 2);
}

#[test]
fn the_command_line_aims_in_one_ad_set_or_in_several() {
    if was_told() {
        return;
    }
    let (code, out, told) = tocsin(&["area", "aim", "--place", "NIS:23099", "--platform", "meta", "--quick"]);
    let aim: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, aim["met"].as_bool(), aim["targeting"].as_array().unwrap().len()), (0, Some(true), 1), "{told}");
    assert!(told.contains("excluding ones") && !told.contains("ad set"), "{told}");

    // Every fifth commune of the Aisne and the Somme: more places, far apart, than an ad set takes circles.
    let table = include_str!("../../geodata/fr_communes.csv");
    let codes = table.lines().skip(1).filter_map(|line| line.split(',').next());
    let of = |department: &'static str| codes.clone().filter(move |code| code.starts_with(department)).step_by(5);
    let places: Vec<_> = of("02").chain(of("80")).map(|code| json!({"place": format!("INSEE:{code}")})).collect();
    let folder = tempfile::tempdir().unwrap();
    let filing = folder.path().join("communes.json");
    std::fs::write(&filing, json!({"include": places}).to_string()).unwrap();
    let (code, out, told) =
        tocsin(&["area", "aim", filing.to_str().unwrap(), "--platform", "meta", "--quick", "--ad-sets", "2"]);
    let aim: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, aim["met"].as_bool()), (0, Some(true)), "{told}");
    let sets = aim["targeting"].as_array().unwrap();
    assert!(sets.len() == 2 && told.contains("ad set 2: "), "{told}");
    let lists = |set: &serde_json::Value, key: &str| set[key]["custom_locations"].as_array().map_or(0, Vec::len);
    for (set, unit) in sets.iter().zip(aim["units"].as_array().unwrap()) {
        let (circles, exclusions) = (lists(set, "geo_locations"), lists(set, "excluded_geo_locations"));
        assert!((1..=200).contains(&circles) && exclusions <= 200);
        assert_eq!(unit, &json!({"circles": circles, "exclusions": exclusions}));
    }
}

#[test]
fn a_damaged_audit_chain_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let out =
            Command::new(env!("CARGO_BIN_EXE_tocsin")).args(arguments).current_dir(folder.path()).output().unwrap();
        (out.status.code().unwrap_or(-1), String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    let (_, unit) = run(&["user", "unit", "Police de test"]);
    assert_eq!(run(&["user", "add", "admin", "--name", "Admin", "--unit", &unit]).0, 0);
    assert_eq!(run(&["audit", "verify"]), (0, "2 entries, unbroken".to_owned()));
    let db = folder.path().join("data/tocsin.db");
    let mut bytes = std::fs::read(&db).unwrap();
    let at = bytes.windows(12).rposition(|window| window == b"user.invited");
    if let Some(at) = at {
        bytes[at] = b'U';
        std::fs::write(&db, bytes).unwrap();
        assert_eq!(run(&["audit", "verify"]).0, 1);
    }
}

#[test]
fn check_finds_what_is_wrong_and_says_so_in_its_exit_code() {
    let (code, out, _) = tocsin(&["check", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    // A fresh folder: everything is there but the migrations.
    assert_eq!((code, &found["ok"]), (1, &serde_json::json!(false)));
    let failed: Vec<_> =
        found["checks"].as_array().unwrap().iter().filter(|c| c["ok"] == false).map(|c| c["check"].clone()).collect();
    assert_eq!(failed, ["migrations"]);
    let (code, _, words) = tocsin(&["--config", "nowhere.toml", "check"]);
    assert!(code == 1 && words.contains("nowhere.toml"), "{words}");
}
