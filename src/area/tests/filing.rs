//! Whole filings from the API's JSON to cells, and how they are refused.

use serde_json::{Value, json};

use super::{cells, gazetteer};
use crate::area::{AreaFault, parse_spec, resolve};
use crate::domain::area::{CoverMode, TargetArea};
use h3o::Resolution;

pub(super) fn area(body: &Value) -> Result<TargetArea, Vec<(String, &'static str)>> {
    let faults = |found: Vec<AreaFault>| found.into_iter().map(|f| (f.pointer, f.code)).collect::<Vec<_>>();
    resolve(&parse_spec(body).map_err(faults)?, gazetteer()).map_err(faults)
}

fn refused(body: &Value, pointer: &str, code: &str) {
    match area(body) {
        Ok(_) => panic!("{body} was taken"),
        Err(found) => assert!(found.iter().any(|(p, c)| p == pointer && *c == code), "{found:?}"),
    }
}

#[test]
fn a_filing_becomes_cells_with_exclusions_taken_away() {
    let whole = area(&json!({ "include": [{ "place": "PROV:04000" }] })).unwrap();
    let part = area(&json!({ "include": [{ "place": "PROV:04000" }], "exclude": [{ "place": "NIS:21009" }] })).unwrap();
    assert_eq!(part.cells.union(&cells("NIS:21009")), whole.cells);
    assert_eq!((whole.resolution, whole.mode), (Resolution::Ten, CoverMode::Covers));
    assert_eq!(whole.index_version, gazetteer().version());
    assert_eq!(TargetArea::from_document(&part.to_document()).unwrap(), part);
    let nothing = json!({ "include": [{ "place": "NIS:21009" }], "exclude": [{ "place": "PROV:04000" }] });
    refused(&nothing, "/include", "empty");
}

#[test]
fn places_are_rounded_to_a_coarser_resolution_as_the_mode_says() {
    let by = |mode: &str| {
        area(&json!({ "include": [{ "place": "PROV:20001" }], "resolution": 7, "mode": mode })).unwrap().cells
    };
    let (covers, centroid, inside, exact) = (by("covers"), by("centroid"), by("inside"), cells("PROV:20001"));
    assert!(inside.is_subset_of(&centroid) && centroid.is_subset_of(&covers));
    assert!(inside.is_subset_of(&exact) && exact.is_subset_of(&covers));
    assert!(covers.cells().all(|cell| cell.resolution() <= Resolution::Seven));
}

#[test]
fn a_country_at_resolution_10_is_refused_with_a_resolution_that_fits() {
    let belgium = json!({ "type": "Polygon", "coordinates": [[[2.5, 49.5], [6.4, 49.5], [6.4, 51.5], [2.5, 51.5], [2.5, 49.5]]] });
    let body = |resolution| json!({ "include": [{ "geojson": belgium }], "resolution": resolution });
    let spec = parse_spec(&body(10)).unwrap();
    let faults = resolve(&spec, gazetteer()).unwrap_err();
    let fault = faults.first().unwrap();
    assert_eq!((fault.pointer.as_str(), fault.code), ("/include/0/geojson", "too_many_cells"));
    assert!(fault.message.contains("resolution 8 would fit"), "{}", fault.message);
    assert!(area(&body(8)).is_ok());
    assert!(
        area(&json!({ "include": [{ "place": "PROV:02000" }, { "place": "PROV:03000" }] })).is_ok(),
        "codes need no filling"
    );
}

#[test]
fn all_faults_of_a_filing_come_at_once_with_their_pointers() {
    let bow_tie = json!({ "type": "Polygon", "coordinates": [[[4, 50], [5, 51], [5, 50], [4, 51], [4, 50]]] });
    let body = json!({
        "include": [
            { "place": "21009" }, { "circle": { "lat": 95, "lon": 4, "radius_m": 10 } }, { "geojson": bow_tie },
            { "circle": { "lat": 50, "lon": 4 } }, { "place": "NIS:21009", "circle": {} }, {}, 7, { "cells": ["zz"] },
        ],
        "exclude": "all", "mode": "most", "resolution": 11, "colour": "red",
    });
    for (pointer, code) in [
        ("/include/0/place", "malformed_place"),
        ("/include/1/circle/lat", "impossible_circle"),
        ("/include/2/geojson/coordinates/0", "self_crossing"),
        ("/include/3/circle/radius_m", "missing"),
        ("/include/4", "ambiguous"),
        ("/include/5", "missing"),
        ("/include/6", "wrong_type"),
        ("/include/7/cells/0", "not_a_cell"),
        ("/exclude", "wrong_type"),
        ("/mode", "unknown_mode"),
        ("/resolution", "resolution"),
        ("/colour", "unknown_key"),
    ] {
        refused(&body, pointer, code);
    }
    refused(&json!({}), "/include", "missing");
    refused(&json!({ "include": [] }), "/include", "empty");
    refused(&json!([]), "", "wrong_type");
    refused(&json!({ "include": [{ "place": "NIS:99999" }] }), "/include/0/place", "unknown_place");
    refused(&json!({ "include": [{ "place": "NIS:11007" }] }), "/include/0/place", "abolished_place");
    refused(&json!({ "include": [{ "place": "INSEE:14666" }] }), "/include/0/place", "no_boundary");
    refused(
        &json!({ "include": [{ "circle": { "lat": 0, "lon": 179.99, "radius_m": 9000 } }] }),
        "/include/0/circle",
        "antimeridian",
    );
}
