//! A platform's own places: its list imported, read, stored on either database, and aimed with.

use crate::support::TestApp;
use serde_json::{Value, json};
use std::process::Command;

/// An answer of `GET /12/targeting_criteria/locations`; ids are invented.
fn page(rows: &[(&str, &str, &str, &str)]) -> String {
    let rows: Vec<Value> = rows
        .iter()
        .map(|(id, name, kind, country)| {
            json!({"name": name, "country_code": country, "location_type": kind, "targeting_value": id,
                "targeting_type": "LOCATION"})
        })
        .collect();
    json!({"request": {"params": {"country_code": "BE"}}, "next_cursor": null, "data": rows}).to_string()
}

fn tocsin(app: &TestApp, arguments: &[&str]) -> (i32, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_tocsin"))
        .args(arguments)
        .current_dir(app.folder.path())
        .env("TOCSIN_DATABASE__URL", &app.url)
        .env("TOCSIN_KEYS__SERVER_KEY_FILE", app.folder.path().join("server.key"))
        .env("TOCSIN_MEDIA__DIRECTORY", app.folder.path().join("media"))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (out.status.code().unwrap_or(-1), text(&out.stdout), text(&out.stderr))
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[actix_web::test]
async fn a_list_of_places_is_imported_read_and_aimed_with() {
    let app = TestApp::start().await;
    let (code, _, words) = tocsin(&app, &["area", "aim", "--platform", "x", "--place", "NIS:21009"]);
    assert!(code == 1 && words.contains("channel places import"), "{words}");

    let first = page(&[
        ("00000000000000a1", "Belgium", "COUNTRIES", "BE"),
        ("00000000000000a2", "Brussels", "REGIONS", "BE"),
        ("00000000000000a3", "Elsene", "CITIES", "BE"),
    ]);
    let second = page(&[
        ("00000000000000a4", "Etterbeek", "CITIES", "BE"),
        ("00000000000000a5", "Breda", "CITIES", "NL"),
        ("00000000000000a6", "1070", "POSTAL_CODES", "BE"),
        ("00000000000000a3", "Ixelles", "CITIES", "BE"),
    ]);
    std::fs::write(app.folder.path().join("one.json"), &first).unwrap();
    std::fs::write(app.folder.path().join("two.json"), format!("{first}\n{second}")).unwrap();
    let import = ["channel", "places", "import", "one.json", "two.json", "--fetched-at", "2026-11-20T08:00:00Z"];
    let (code, out, words) = tocsin(&app, &import);
    assert_eq!((code, out.as_str()), (0, "10 read, 6 stored, 0 removed, 1 not understood\n"), "{words}");
    assert!(words.contains("Breda\t? NL is not in the tables"), "{words}");
    assert_eq!(tocsin(&app, &import).1, out, "again is harmless");

    let listed = read(&tocsin(&app, &["channel", "places", "list", "--json"]).1);
    assert_eq!(listed.as_array().unwrap().len(), 6);
    assert_eq!(
        (&listed[2]["name"], &listed[2]["place"], &listed[2]["fetched_at"]),
        (&json!("Ixelles"), &json!("NIS:21009"), &json!("2026-11-20T08:00:00+00:00"))
    );
    let (_, out, _) = tocsin(&app, &["channel", "places", "list", "--unresolved"]);
    assert_eq!(out.lines().count(), 1, "{out}");

    let area = ["area", "aim", "--platform", "x", "--language", "nl", "--place", "NIS:21009", "--place", "NIS:21001"];
    let (code, out, words) = tocsin(&app, &area);
    let aim = read(&out);
    assert_eq!((code, &aim["met"]), (0, &json!(true)), "{words}");
    assert_eq!((&aim["fit"]["recall"], &aim["fit"]["over_reach"]["inhabitants"]), (&json!(1.0), &json!(0.0)));
    let operations = aim["targeting"][0].as_array().unwrap();
    let values: Vec<(&str, &str)> = operations
        .iter()
        .map(|o| (o["params"]["targeting_type"].as_str().unwrap(), o["params"]["targeting_value"].as_str().unwrap()))
        .collect();
    assert_eq!(values, [("LOCATION", "00000000000000a3"), ("LOCATION", "00000000000000a6"), ("LANGUAGE", "nl")]);

    // Saint-Gilles is in no row of its own: the region is the least that reaches it, and its spill is named.
    let (code, out, _) = tocsin(&app, &["area", "aim", "--platform", "x", "--place", "NIS:21013"]);
    let aim = read(&out);
    assert_eq!((code, &aim["places"][0]["code"]), (0, &json!("REG:04000")), "{aim}");
    assert_eq!(aim["fit"]["spill"].as_array().unwrap().len(), 18);
    let fenced = ["area", "aim", "--platform", "x", "--place", "NIS:21013", "--fence", "NIS:21013"];
    let (code, out, words) = tocsin(&app, &fenced);
    assert!(code == 1 && out.is_empty() && words.contains("inside the authorised zone"), "{words}");

    // The whole list anew: what X no longer has is forgotten.
    let (_, out, _) = tocsin(&app, &["channel", "places", "import", "one.json", "--replace"]);
    assert_eq!(out, "3 read, 3 stored, 3 removed, 0 not understood\n");
}

#[test]
fn files_serve_instead_of_a_database_and_a_wrong_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.json");
    std::fs::write(&file, page(&[("00000000000000a3", "Namur", "CITIES", "BE")])).unwrap();
    let aim = |file: &std::path::Path| {
        let out = Command::new(env!("CARGO_BIN_EXE_tocsin"))
            .args(["area", "aim", "--platform", "x", "--place", "NIS:92094", "--places"])
            .arg(file)
            .current_dir(folder.path())
            .output()
            .unwrap();
        (out.status.code(), out.stdout, String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let (code, out, _) = aim(&file);
    assert_eq!(code, Some(0));
    assert_eq!(read(&String::from_utf8_lossy(&out))["places"][0]["name"], "Namur");
    assert!(!folder.path().join("tocsin.db").exists(), "no database is made");
    std::fs::write(&file, page(&[("00000000000000a3", "Namur", "TOWNS", "BE")])).unwrap();
    let (code, _, words) = aim(&file);
    assert!(code == Some(1) && words.contains("list.json") && words.contains("row 1: `TOWNS`"), "{words}");
}
