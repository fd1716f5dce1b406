//! Reads a filed area from the API's JSON (or a bare `GeoJSON` document) into the domain's form, with every fault at
//! once and its place. What only the gazetteer or the cover can know is left to `resolve`.

use h3o::Resolution;
use serde_json::{Map, Value};

use super::cover::Shape;
use super::fault::{AreaFault, limits};
use super::parse_line::corridor;
use super::too_many::{Drawn, over_the_limits};
use super::{geojson, size, validity};
use crate::domain::area::{AreaPart, AreaSpec, CellSet, Circle, CoverMode, FINEST_RESOLUTION, SUBSCRIBER_RESOLUTION};
use crate::domain::place::PlaceCode;

/// Reads `{"include": […], "exclude": […], "mode": "covers", "resolution": 10}`; parts are `{"place": "NIS:21009"}`,
/// `{"circle": {"lat": …, "lon": …, "radius_m": …}}`,
/// `{"corridor": {"line": …, "radius_m": …}}`, `{"geojson": {…}}` or `{"cells": ["8a…", …]}`. A place may be a name.
pub fn parse_spec(body: &Value) -> Result<AreaSpec, Vec<AreaFault>> {
    let mut faults = Vec::new();
    let Some(object) = body.as_object() else {
        return Err(vec![AreaFault::new("", "wrong_type", "must be an object with `include`")]);
    };
    unknown_keys(object, &["include", "exclude", "mode", "resolution"], "", &mut faults);
    // Before anything is read closely: what is too much costs little to refuse.
    if let Some(fault) = size::too_much(object) {
        faults.push(fault);
        return Err(faults);
    }
    let mut settings = Vec::new();
    let mode = mode(object.get("mode"), &mut settings);
    let resolution = resolution(object.get("resolution"), &mut settings);
    // With a wrong setting it is not known what would be too much.
    let cover = settings.is_empty().then_some((resolution, mode));
    let include = parts(object, "include", cover, &mut faults);
    let exclude =
        parts(object, "exclude", cover.map(|(resolution, mode)| (resolution, mode.for_exclusions())), &mut faults);
    if !object.contains_key("include") {
        faults.push(AreaFault::new("/include", "missing", "an area includes at least one part"));
    } else if object.get("include").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        faults.push(AreaFault::new("/include", "empty", "an area includes at least one part"));
    }
    faults.extend(settings);
    faults.truncate(limits::FAULTS);
    if faults.is_empty() { Ok(AreaSpec { include, exclude, resolution, mode }) } else { Err(faults) }
}

/// The filing for one `GeoJSON` document as it stands in a file. Pointers of faults are into that document.
pub fn geojson_spec(text: &str, resolution: Resolution, mode: CoverMode) -> Result<AreaSpec, Vec<AreaFault>> {
    let document = read_geojson(text, "").map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    check_geometry(&document, "", Some((resolution, mode)), &mut faults);
    if faults.is_empty() {
        Ok(AreaSpec { include: vec![AreaPart::Geometry(text.to_owned())], exclude: Vec::new(), resolution, mode })
    } else {
        Err(faults)
    }
}

/// At which resolution and in which mode a part will be covered, where that is known.
type Cover = Option<(Resolution, CoverMode)>;

/// Geometry text as JSON, within the limit of size.
pub(super) fn read_geojson(text: &str, pointer: &str) -> Result<Value, AreaFault> {
    if text.len() > limits::BYTES {
        let message = format!("more than {} bytes; simplify the outline", limits::BYTES);
        return Err(AreaFault::new(pointer, "too_large", message));
    }
    serde_json::from_str(text).map_err(|e| AreaFault::new(pointer, "not_json", format!("is no JSON: {e}")))
}

/// The polygons of a geometry and whether they are sound. What would be too much to cover is refused before that is
/// looked at, which takes longer than anything else.
pub(super) fn check_geometry(
    document: &Value,
    pointer: &str,
    cover: Cover,
    faults: &mut Vec<AreaFault>,
) -> Vec<geojson::FiledPolygon> {
    match geojson::polygons(document, pointer, limits::VERTICES) {
        Ok(polygons) => {
            let too_many = cover.and_then(|(resolution, mode)| {
                let shape = Shape::new(polygons.iter().map(|filed| &filed.polygon));
                over_the_limits(resolution, &[Drawn { at: pointer, shape: &shape, mode }])
            });
            if let Some(fault) = too_many {
                faults.push(fault);
                return Vec::new();
            }
            let unsound: Vec<AreaFault> = polygons.iter().flat_map(validity::faults).take(limits::FAULTS).collect();
            faults.extend(unsound);
            polygons
        }
        Err(found) => {
            faults.extend(found);
            Vec::new()
        }
    }
}

/// Bytes of a key that a pointer still shows.
const LONGEST_KEY: usize = 100;

pub(super) fn unknown_keys(object: &Map<String, Value>, known: &[&str], pointer: &str, faults: &mut Vec<AreaFault>) {
    for key in object.keys().filter(|key| !known.contains(&key.as_str())).take(limits::FAULTS) {
        // A pointer is for reading: a key that is no word is quoted, cut, at the object that has it.
        if key.len() > LONGEST_KEY || key.chars().any(char::is_control) {
            faults.push(AreaFault::new(
                pointer,
                "unknown_key",
                format!("`{key}` is not known; use {}", known.join(", ")),
            ));
            continue;
        }
        // RFC 6901: `~` and `/` are escaped in pointers.
        let at = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
        faults.push(AreaFault::new(at, "unknown_key", format!("is not known; use {}", known.join(", "))));
    }
}

fn parts(object: &Map<String, Value>, key: &str, cover: Cover, faults: &mut Vec<AreaFault>) -> Vec<AreaPart> {
    let pointer = format!("/{key}");
    let items = match object.get(key) {
        None => return Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => {
            faults.push(AreaFault::new(pointer, "wrong_type", "must be an array of parts"));
            return Vec::new();
        }
    };
    let read = |(i, item)| part(item, &format!("{pointer}/{i}"), cover, faults);
    items.iter().enumerate().filter_map(read).collect()
}

const KINDS: [&str; 5] = ["place", "circle", "corridor", "geojson", "cells"];

fn part(item: &Value, pointer: &str, cover: Cover, faults: &mut Vec<AreaFault>) -> Option<AreaPart> {
    let Some(object) = item.as_object() else {
        faults.push(AreaFault::new(
            pointer,
            "wrong_type",
            "a part is an object with one of place, circle, corridor, geojson, cells",
        ));
        return None;
    };
    unknown_keys(object, &KINDS, pointer, faults);
    let mut given = KINDS.iter().filter_map(|kind| Some((*kind, object.get(*kind)?)));
    match (given.next(), given.next()) {
        (Some((kind, value)), None) => one(kind, value, &format!("{pointer}/{kind}"), cover, faults),
        (Some(_), Some(_)) => {
            faults.push(AreaFault::new(
                pointer,
                "ambiguous",
                "a part has only one of place, circle, corridor, geojson, cells",
            ));
            None
        }
        (None, _) => {
            faults.push(AreaFault::new(
                pointer,
                "missing",
                "a part has one of place, circle, corridor, geojson, cells",
            ));
            None
        }
    }
}

fn one(kind: &str, value: &Value, pointer: &str, cover: Cover, faults: &mut Vec<AreaFault>) -> Option<AreaPart> {
    match kind {
        "place" => place(value, pointer, faults),
        "circle" => circle(value, pointer, faults),
        "corridor" => corridor(value, pointer, faults),
        "geojson" => {
            let text = value.to_string();
            if text.len() > limits::BYTES {
                let message = format!("more than {} bytes; simplify the outline", limits::BYTES);
                faults.push(AreaFault::new(pointer, "too_large", message));
                return None;
            }
            check_geometry(value, pointer, cover, faults);
            Some(AreaPart::Geometry(text))
        }
        _ => cells(value, pointer, faults),
    }
}

fn place(value: &Value, pointer: &str, faults: &mut Vec<AreaFault>) -> Option<AreaPart> {
    let Some(text) = value.as_str() else {
        faults.push(AreaFault::new(pointer, "wrong_type", "a place is a text, e.g. \"NIS:21009\""));
        return None;
    };
    place_part(text).map_err(|e| faults.push(AreaFault::new(pointer, "malformed_place", e))).ok()
}

/// A place as somebody writes it: what has a colon is a code, anything else a name.
pub fn place_part(text: &str) -> Result<AreaPart, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("a place has a code or a name".to_owned());
    }
    if text.chars().count() > limits::NAME {
        return Err(format!("a place's name has at most {} letters", limits::NAME));
    }
    if text.contains(':') {
        return PlaceCode::parse(text).map(AreaPart::Place).map_err(|e| e.to_string());
    }
    Ok(AreaPart::Named { text: text.to_owned(), read_as: None })
}

fn circle(value: &Value, pointer: &str, faults: &mut Vec<AreaFault>) -> Option<AreaPart> {
    let Some(object) = value.as_object() else {
        faults.push(AreaFault::new(pointer, "wrong_type", "a circle has lat, lon and radius_m"));
        return None;
    };
    unknown_keys(object, &["lat", "lon", "radius_m"], pointer, faults);
    let mut number = |key: &str| {
        let found = object.get(key).and_then(Value::as_f64);
        if found.is_none() {
            faults.push(AreaFault::new(format!("{pointer}/{key}"), "missing", "must be a number"));
        }
        found
    };
    let (lat, lon, radius) = (number("lat"), number("lon"), number("radius_m"));
    Circle::new(lat?, lon?, radius?)
        .map_err(|e| {
            use crate::domain::area::ImpossibleCircle::{Latitude, Longitude, Radius};
            let key = match e {
                Latitude(_) => "lat",
                Longitude(_) => "lon",
                Radius(_) => "radius_m",
            };
            faults.push(AreaFault::new(format!("{pointer}/{key}"), "impossible_circle", e.to_string()));
        })
        .ok()
        .map(AreaPart::Circle)
}

fn cells(value: &Value, pointer: &str, faults: &mut Vec<AreaFault>) -> Option<AreaPart> {
    let Some(items) = value.as_array() else {
        faults.push(AreaFault::new(pointer, "wrong_type", "must be an array of H3 cells as text"));
        return None;
    };
    if u32::try_from(items.len()).map_or(true, |count| count > limits::CELLS) {
        let message = format!("{} cells; at most {} are taken, compact them", items.len(), limits::CELLS);
        faults.push(AreaFault::new(pointer, "too_many_cells", message));
        return None;
    }
    let before = faults.len();
    for (i, item) in items.iter().enumerate() {
        let fault = match item.as_str().map(|text| CellSet::from_hex([text])) {
            Some(Ok(_)) => continue,
            Some(Err(e)) => e.to_string(),
            None => "must be a text".to_owned(),
        };
        if faults.len() - before < limits::FAULTS {
            faults.push(AreaFault::new(format!("{pointer}/{i}"), "not_a_cell", fault));
        }
    }
    CellSet::from_hex(items.iter().filter_map(Value::as_str)).ok().map(AreaPart::Cells)
}

fn mode(value: Option<&Value>, faults: &mut Vec<AreaFault>) -> CoverMode {
    let read = match value {
        None => return CoverMode::default(),
        Some(value) => value.as_str().map(CoverMode::parse),
    };
    match read {
        Some(Ok(mode)) => return mode,
        Some(Err(e)) => faults.push(AreaFault::new("/mode", "unknown_mode", e.to_string())),
        None => faults.push(AreaFault::new("/mode", "wrong_type", "must be covers, centroid or inside")),
    }
    CoverMode::default()
}

fn resolution(value: Option<&Value>, faults: &mut Vec<AreaFault>) -> Resolution {
    let Some(value) = value else {
        return SUBSCRIBER_RESOLUTION;
    };
    let read = value.as_u64().and_then(|n| u8::try_from(n).ok()).and_then(|n| Resolution::try_from(n).ok());
    read.filter(|r| *r <= FINEST_RESOLUTION).unwrap_or_else(|| {
        let message = format!("must be a whole number from 0 to {}", u8::from(FINEST_RESOLUTION));
        faults.push(AreaFault::new("/resolution", "resolution", message));
        SUBSCRIBER_RESOLUTION
    })
}
