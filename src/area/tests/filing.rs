//! Whole filings from the API's JSON to cells, and how they are refused.

use serde_json::{Value, json};

use super::{cells, gazetteer};
use crate::area::{AreaFault, parse_spec, resolve};
use crate::domain::area::{CellSet, CoverMode, TargetArea};
use h3o::{CellIndex, Resolution};

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
fn a_country_is_taken_at_resolution_10_and_refused_at_12_with_a_resolution_that_fits() {
    let belgium = json!({ "type": "Polygon", "coordinates": [[[2.5, 49.5], [6.4, 49.5], [6.4, 51.5], [2.5, 51.5], [2.5, 49.5]]] });
    let body = |resolution| json!({ "include": [{ "geojson": belgium }], "resolution": resolution });
    let faults = parse_spec(&body(12)).unwrap_err();
    let fault = faults.first().unwrap();
    assert_eq!((fault.pointer.as_str(), fault.code), ("/include/0/geojson", "too_many_cells"));
    // Each half would do; together they are told when they are resolved.
    let half = |west: f64, east: f64| {
        let ring = json!([[west, 49.5], [east, 49.5], [east, 51.5], [west, 51.5], [west, 49.5]]);
        json!({ "geojson": { "type": "Polygon", "coordinates": [ring] } })
    };
    let halves = parse_spec(&json!({ "include": [half(2.5, 4.45), half(4.45, 6.4)], "resolution": 12 })).unwrap();
    let faults = resolve(&halves, gazetteer()).unwrap_err();
    assert_eq!(faults.first().map(|fault| fault.code), Some("too_many_cells"));
    assert!(fault.message.contains("resolution 11 would fit"), "{}", fault.message);
    assert!(area(&body(10)).is_ok());
    assert!(
        area(&json!({ "include": [{ "place": "PROV:02000" }, { "place": "PROV:03000" }] })).is_ok(),
        "codes need no filling"
    );
}

#[test]
fn an_area_finer_than_a_subscribers_cell_reaches_whom_its_mode_promises() {
    let by = |mode: &str| {
        let circle = json!({ "lat": 50.85, "lon": 4.35, "radius_m": 300 });
        area(&json!({ "include": [{ "circle": circle }], "resolution": 12, "mode": mode })).unwrap()
    };
    let reached = |target: &TargetArea| -> CellSet {
        let bits = target.subscriber_ranges().into_iter().flat_map(|range| [range.first, range.last]);
        bits.map(|bits| CellIndex::try_from(bits).unwrap()).collect()
    };
    let (covers, centroid, inside) = (by("covers"), by("centroid"), by("inside"));
    assert!(covers.cells.cells().any(|cell| cell.resolution() == Resolution::Twelve));
    assert!(!inside.subscriber_ranges().is_empty() && reached(&inside).is_subset_of(&inside.cells));
    assert!(!reached(&centroid).is_subset_of(&centroid.cells), "a cell partly inside, its centre too");
    let counted = |target: &TargetArea| target.cells.coarsened(Resolution::Ten, target.mode).count_at(Resolution::Ten);
    assert!(counted(&inside) < counted(&centroid) && counted(&centroid) < counted(&covers));
}

#[test]
fn a_filing_across_the_antimeridian_is_taken_in_one_piece_or_in_two() {
    let ring = |corners: [[f64; 2]; 5]| json!([corners]);
    let whole = ring([[179.5, -17.0], [-179.5, -17.0], [-179.5, -16.5], [179.5, -16.5], [179.5, -17.0]]);
    let east = ring([[179.5, -17.0], [180.0, -17.0], [180.0, -16.5], [179.5, -16.5], [179.5, -17.0]]);
    let west = ring([[-180.0, -17.0], [-179.5, -17.0], [-179.5, -16.5], [-180.0, -16.5], [-180.0, -17.0]]);
    for mode in ["covers", "centroid", "inside"] {
        let cells = |geometry: Value| {
            area(&json!({ "include": [{ "geojson": geometry }], "resolution": 7, "mode": mode })).unwrap().cells
        };
        let one = cells(json!({ "type": "Polygon", "coordinates": whole }));
        let two = cells(json!({ "type": "MultiPolygon", "coordinates": [east, west] }));
        assert_eq!(one, two, "{mode}");
    }
    assert!(area(&json!({ "include": [{ "circle": { "lat": 0, "lon": 179.99, "radius_m": 9000 } }] })).is_ok());
}

#[test]
fn all_faults_of_a_filing_come_at_once_with_their_pointers() {
    let bow_tie = json!({ "type": "Polygon", "coordinates": [[[4, 50], [5, 51], [5, 50], [4, 51], [4, 50]]] });
    let body = json!({
        "include": [
            { "place": "NIS:2100" }, { "circle": { "lat": 95, "lon": 4, "radius_m": 10 } }, { "geojson": bow_tie },
            { "circle": { "lat": 50, "lon": 4 } }, { "place": "NIS:21009", "circle": {} }, {}, 7, { "cells": ["zz"] },
        ],
        "exclude": "all", "mode": "most", "resolution": 13, "colour": "red",
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
    for (corridor, pointer, code) in [
        (json!(7), "/include/0/corridor", "wrong_type"),
        (json!({}), "/include/0/corridor/line", "missing"),
        (json!({ "line": [[4, 50], [4, 51]] }), "/include/0/corridor/radius_m", "missing"),
        (json!({ "line": [[4, 50]], "radius_m": 9 }), "/include/0/corridor/line", "impossible_corridor"),
        (json!({ "line": [[4, 50], [4]], "radius_m": 9 }), "/include/0/corridor/line/1", "position"),
        (json!({ "line": [[4, 50], [4, 95]], "radius_m": 9 }), "/include/0/corridor/line/1", "impossible_corridor"),
        (json!({ "line": [[4, 50], [4, 51]], "radius_m": 0 }), "/include/0/corridor/radius_m", "impossible_corridor"),
        (
            json!({ "line": { "type": "Point", "coordinates": [4, 50] }, "radius_m": 9 }),
            "/include/0/corridor/line/type",
            "unsupported_geometry",
        ),
        (
            json!({ "line": { "type": "MultiLineString", "coordinates": [[[4, 50], [4, 51]], [[4, 50]]] }, "radius_m": 9 }),
            "/include/0/corridor/line/coordinates/1",
            "impossible_corridor",
        ),
    ] {
        refused(&json!({ "include": [{ "corridor": corridor }] }), pointer, code);
    }
    let wide = json!({ "corridor": { "line": [[0, 50], [12, 50]], "radius_m": 100_000 } });
    refused(&json!({ "include": [wide], "resolution": 12 }), "/include/0/corridor", "too_many_cells");
    let line = json!({ "type": "LineString", "coordinates": [[4, 50], [4, 51]] });
    refused(&json!({ "include": [{ "geojson": line }] }), "/include/0/geojson/type", "unsupported_geometry");
    let drawn =
        area(&json!({ "include": [{ "corridor": { "line": line, "radius_m": 300 } }], "resolution": 9 })).unwrap();
    assert_eq!(TargetArea::from_document(&drawn.to_document()).unwrap(), drawn);
    // 111 km long and 600 m wide, with borders rounded outwards by about half a cell of 0.35 km on either side.
    assert!((67.0..115.0).contains(&drawn.cells.area_km2()), "{}", drawn.cells.area_km2());
    refused(&json!({ "include": [{ "place": "INSEE:14666" }] }), "/include/0/place", "no_boundary");
}
