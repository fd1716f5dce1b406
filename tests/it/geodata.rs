//! The gazetteer inside the program against the boundaries it was made from, when the shared sources lie beside the clone.

use crate::support::workers::was_told;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn check(points: &str) -> Option<Output> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/geodata");
    if !source.join("be_municipalities.geojson").exists() {
        eprintln!("skipped: the boundary files are not beside the clone");
        return None;
    }
    let seed = std::env::var("TOCSIN_TEST_SEED").unwrap_or_else(|_| "1".to_owned());
    eprintln!("{points} points of each country, TOCSIN_TEST_SEED={seed}");
    let out = Command::new(env!("CARGO_BIN_EXE_tocsin"))
        .args(["geodata", "check", "--json", "--points", points, "--seed", &seed])
        .arg(source)
        .output()
        .unwrap();
    eprintln!("{}", String::from_utf8_lossy(&out.stdout));
    Some(out)
}

#[test]
fn points_are_located_as_the_boundaries_say() {
    if was_told() {
        return;
    }
    let points = if std::env::var("TOCSIN_TEST_LONG").is_ok() { "1000000" } else { "20000" };
    let Some(out) = check(points) else { return };
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let found: Value = serde_json::from_slice(&out.stdout).unwrap();
    for (country, units) in [(0, 565), (1, 34_000)] {
        let of = &found["countries"][country];
        let number = |value: &Value| value.as_u64().unwrap();
        assert_eq!(of["compared"].to_string(), points);
        assert!(number(&of["agreeing"]) * 1000 >= number(&of["compared"]) * 999, "{of}");
        let interior = &of["interior_points"];
        assert!(number(&interior["units"]) >= units, "{interior}");
        assert_eq!(interior["disagreeing"], 0, "{interior}");
        // Units smaller than a cell: a handful of French communes.
        let shared = number(&interior["shared"]);
        assert!(shared < 10 && (country == 1 || shared == 0), "{interior}");
        assert_eq!(number(&interior["agreeing"]) + shared, number(&interior["units"]));
    }
}

#[test]
fn a_check_without_its_sources_says_what_is_missing() {
    let empty = tempfile::tempdir().unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_tocsin")).args(["geodata", "check"]).arg(empty.path()).output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("be_municipalities.geojson"), "{out:?}");
}
