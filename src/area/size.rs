//! How much a filing asks for, before it is read closely: parts and positions of the whole filing, counted in passing.

use serde_json::{Map, Value};

use super::fault::{AreaFault, limits};

/// The part that goes beyond the limits of the filing as a whole, if any does.
pub(super) fn too_much(filing: &Map<String, Value>) -> Option<AreaFault> {
    let sides = ["include", "exclude"].into_iter().filter_map(|side| Some((side, filing.get(side)?.as_array()?)));
    let parts: Vec<(&str, usize, &Value)> =
        sides.flat_map(|(side, parts)| parts.iter().enumerate().map(move |(i, part)| (side, i, part))).collect();
    if let Some((side, i, _)) = parts.get(limits::PARTS) {
        let message = format!("{} parts; at most {} are taken", parts.len(), limits::PARTS);
        return Some(AreaFault::new(format!("/{side}/{i}"), "too_many_parts", message));
    }
    let mut total = 0;
    let (side, i, kind) = parts.into_iter().find_map(|(side, i, part)| {
        let (kind, drawn) = ["geojson", "corridor"].into_iter().find_map(|kind| Some((kind, part.get(kind)?)))?;
        total += positions(drawn);
        (total > limits::VERTICES).then_some((side, i, kind))
    })?;
    let message = format!("more than {} positions in all geometries together; simplify them", limits::VERTICES);
    Some(AreaFault::new(format!("/{side}/{i}/{kind}"), "too_many_vertices", message))
}

/// Lists that begin with a number, where a geometry keeps its positions.
fn positions(value: &Value) -> usize {
    match value {
        Value::Array(items) if items.first().is_some_and(Value::is_number) => 1,
        Value::Array(items) => items.iter().map(positions).sum(),
        Value::Object(members) => {
            let telling = ["coordinates", "geometry", "geometries", "features", "line"];
            telling.into_iter().filter_map(|key| members.get(key)).map(positions).sum()
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use serde_json::json;

    fn fault(filing: &Value) -> Option<(String, &'static str)> {
        too_much(filing.as_object().unwrap()).map(|fault| (fault.pointer, fault.code))
    }

    #[test]
    fn the_part_that_is_too_much_is_named() {
        let ring: Vec<Value> = (0..30_000).map(|i| json!([f64::from(i) * 1e-5, 50])).collect();
        let part = json!({ "geojson": { "type": "Polygon", "coordinates": [ring] } });
        let feature = json!({ "geojson": { "type": "Feature", "geometry": part.get("geojson"), "properties": { "a": [[1], [2]] } } });
        let place = json!({ "place": "NIS:21009" });
        assert_eq!(fault(&json!({ "include": [part, place], "exclude": [place] })), None);
        let two = json!({ "include": [place, part], "exclude": [feature] });
        assert_eq!(fault(&two), Some(("/exclude/0/geojson".to_owned(), "too_many_vertices")));
        let many: Vec<&Value> = (0..600).map(|_| &place).collect();
        let halves = json!({ "include": many, "exclude": many });
        assert_eq!(fault(&halves), Some(("/exclude/400".to_owned(), "too_many_parts")));
        assert_eq!(fault(&json!({ "include": 7, "exclude": null })), None);
    }
}
