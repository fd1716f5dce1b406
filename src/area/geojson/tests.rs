//! Every way a document can be broken, and that none of them does harm.
#![allow(clippy::unwrap_used, reason = "tests may")]
use super::*;
use proptest::prelude::*;
use serde_json::json;

fn faults(document: &Value) -> Vec<(String, &'static str)> {
    let found = polygons(document, "", limits::VERTICES).unwrap_err();
    found.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn polygon(rings: &Value) -> Value {
    json!({ "type": "Polygon", "coordinates": rings })
}

fn one(pointer: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(pointer.to_owned(), code)]
}

#[test]
fn polygons_holes_features_and_collections_are_taken() {
    let ring = json!([[4.0, 50.0], [5.0, 50.0], [5.0, 51.0], [4.0, 50.0]]);
    let hole = json!([[4.5, 50.2, 12.0], [4.6, 50.2, 12.0], [4.6, 50.3, 12.0], [4.5, 50.2, 12.0]]);
    let plain = polygon(&json!([ring, hole]));
    let multi = json!({ "type": "MultiPolygon", "coordinates": [[ring], [hole]] });
    let feature = json!({ "type": "Feature", "properties": null, "geometry": plain });
    let collection = json!({ "type": "FeatureCollection", "features": [feature, feature] });
    let mixed = json!({ "type": "GeometryCollection", "geometries": [plain, multi] });
    for (document, count) in [(plain, 1), (multi, 2), (feature, 1), (collection, 2), (mixed, 3)] {
        assert_eq!(polygons(&document, "", 100).unwrap().len(), count);
    }
}

#[test]
fn each_broken_position_is_named() {
    let at = |third: Value| polygon(&json!([[[4.0, 50.0], [5.0, 50.0], third, [4.0, 50.0]]]));
    for position in
        [json!([4.0]), json!([]), json!([4.0, "50"]), json!([4.0, null]), json!(4.0), json!([4.0, 50.0, "x"])]
    {
        assert_eq!(faults(&at(position)), one("/coordinates/0/2", "position"));
    }
    assert_eq!(faults(&at(json!([181.0, 50.0]))), one("/coordinates/0/2/0", "longitude"));
    assert_eq!(faults(&at(json!([4.0, 95.0]))), one("/coordinates/0/2/1", "latitude"));
    let found = polygons(&at(json!([4.0, 120.0])), "/include/0/geojson", 100).unwrap_err();
    let fault = found.first().unwrap();
    assert_eq!(fault.pointer, "/include/0/geojson/coordinates/0/2/1");
    assert!(fault.message.contains("swapped"), "{}", fault.message);
    let lambert = polygons(&at(json!([149_000.0, 171_000.0])), "", 100).unwrap_err();
    assert!(lambert.first().unwrap().message.contains("metres"));
}

#[test]
fn each_broken_ring_is_named() {
    let ring = |positions: Value| polygon(&json!([positions]));
    assert_eq!(faults(&ring(json!([[4, 50], [5, 50], [4, 50]]))), one("/coordinates/0", "ring_too_short"));
    assert_eq!(faults(&ring(json!([]))), one("/coordinates/0", "ring_too_short"));
    assert_eq!(faults(&ring(json!([[4, 50], [5, 50], [5, 51], [4, 51]]))), one("/coordinates/0/3", "ring_not_closed"));
    assert!(polygons(&ring(json!([[179, 50], [-179, 50], [-179, 51], [179, 50]])), "", 100).is_ok());
    assert_eq!(
        faults(&ring(json!([[-120, -5], [0, 5], [120, 5], [-120, -5]]))),
        one("/coordinates/0", "around_the_earth")
    );
    assert_eq!(faults(&polygon(&json!([]))), one("/coordinates", "empty"));
    assert_eq!(faults(&polygon(&json!([7]))), one("/coordinates/0", "wrong_type"));
}

#[test]
fn what_has_no_surface_is_refused() {
    assert_eq!(faults(&json!({ "type": "Point", "coordinates": [4, 50] })), one("/type", "unsupported_geometry"));
    assert_eq!(faults(&json!({ "type": "Topology" })), one("/type", "unsupported_geometry"));
    assert_eq!(faults(&json!({ "coordinates": [] })), one("/type", "missing"));
    assert_eq!(faults(&json!([1, 2])), one("", "wrong_type"));
    assert_eq!(faults(&json!({ "type": "Feature", "geometry": null })), one("/geometry", "empty"));
    assert_eq!(faults(&json!({ "type": "FeatureCollection", "features": [] })).len(), 1);
    let wrong = json!({ "type": "FeatureCollection", "features": [{ "type": "Polygon", "coordinates": [] }] });
    assert_eq!(faults(&wrong), one("/features/0", "wrong_type"));
}

#[test]
fn all_faults_are_told_at_once_and_limits_are_kept() {
    let two = polygon(&json!([[[4, 95], [5, 50], [5, 51], [4, 95]], [[4, 50], [5, 50], [4, 50]]]));
    assert_eq!(faults(&two).len(), 3);
    let long: Vec<Value> = (0..200).map(|_| json!([4, 50])).collect();
    let found = polygons(&polygon(&json!([long])), "", 100).unwrap_err();
    assert_eq!(found.first().map(|f| f.code), Some("too_many_vertices"));
    let mut deep = polygon(&json!([]));
    for _ in 0..10 {
        deep = json!({ "type": "GeometryCollection", "geometries": [deep] });
    }
    assert_eq!(faults(&deep).first().map(|f| f.1), Some("too_deep"));
    let lambert = json!({ "type": "Polygon", "crs": { "properties": { "name": "urn:ogc:def:crs:EPSG::31370" } }, "coordinates": [] });
    assert_eq!(faults(&lambert).first().cloned(), Some(("/crs".to_owned(), "crs")));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<f64>().prop_map(|n| json!(n)),
        "[a-zA-Z]{0,8}".prop_map(Value::from),
        Just(json!("Polygon")),
        Just(json!("Feature")),
    ];
    leaf.prop_recursive(6, 80, 6, |inner| {
        let key = prop_oneof![
            Just("type".to_owned()),
            Just("coordinates".to_owned()),
            Just("geometry".to_owned()),
            Just("features".to_owned())
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map(key, inner, 0..4)
                .prop_map(|m| m.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn no_document_makes_the_reader_fail_badly(document in any_json()) {
        drop(polygons(&document, "", 100));
    }

    #[test]
    fn no_coordinates_make_the_reader_fail_badly(coordinates in any_json()) {
        drop(polygons(&polygon(&coordinates), "", 100));
    }
}
