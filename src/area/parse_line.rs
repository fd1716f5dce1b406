//! Reads filed corridors, and the documents a file may hold: one geometry, a line with a radius beside it, or a whole
//! filing. Shapes other than lines are read in `geojson` and `parse`.

use h3o::Resolution;
use serde_json::Value;

use super::fault::{AreaFault, limits};
use super::parse::{geojson_spec, parse_spec, read_geojson, unknown_keys};
use crate::domain::area::{AreaPart, AreaSpec, Corridor, CoverMode, ImpossibleCorridor};

/// Reads `{"line": …, "radius_m": …}`; the line is an array of positions or a `LineString` or `MultiLineString`.
pub(super) fn corridor(value: &Value, pointer: &str, faults: &mut Vec<AreaFault>) -> Option<AreaPart> {
    let Some(object) = value.as_object() else {
        faults.push(AreaFault::new(pointer, "wrong_type", "a corridor has line and radius_m"));
        return None;
    };
    unknown_keys(object, &["line", "radius_m"], pointer, faults);
    let radius = object.get("radius_m").and_then(Value::as_f64);
    if radius.is_none() {
        faults.push(AreaFault::new(format!("{pointer}/radius_m"), "missing", "must be a number"));
    }
    let at = format!("{pointer}/line");
    let Some(line) = object.get("line") else {
        faults.push(AreaFault::new(at, "missing", "a corridor runs along a line"));
        return None;
    };
    let (lines, base) = lines(line, &at, faults)?;
    made(&lines, radius?, &base, pointer, faults)
}

/// The corridor along the lines of a file.
pub fn corridor_from_geojson(text: &str, radius_m: f64) -> Result<AreaPart, Vec<AreaFault>> {
    let document = read_geojson(text, "").map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    let read = lines(&document, "", &mut faults);
    let part = read.and_then(|(lines, base)| made(&lines, radius_m, &base, "", &mut faults));
    match part {
        Some(part) if faults.is_empty() => Ok(part),
        _ => Err(faults),
    }
}

/// What a file holds: a filing (then its own mode and resolution hold, and the given ones where it has none), or one
/// `GeoJSON` document.
pub fn file_spec(text: &str, resolution: Resolution, mode: CoverMode) -> Result<AreaSpec, Vec<AreaFault>> {
    // What has no `include` at all is not parsed twice.
    if !text.contains("\"include\"") {
        return geojson_spec(text, resolution, mode);
    }
    let mut document = read_geojson(text, "").map_err(|fault| vec![fault])?;
    match document.as_object_mut() {
        Some(object) if object.contains_key("include") => {
            object.entry("resolution").or_insert_with(|| u8::from(resolution).into());
            object.entry("mode").or_insert_with(|| mode.code().into());
            parse_spec(&document)
        }
        _ => geojson_spec(text, resolution, mode),
    }
}

/// Lines of positions as (longitude, latitude).
type Lines = Vec<Vec<(f64, f64)>>;

/// The lines, and where the first of them stands: `…/coordinates` of a geometry.
fn lines(line: &Value, at: &str, faults: &mut Vec<AreaFault>) -> Option<(Lines, Where)> {
    let before = faults.len();
    let (read, base) = match line {
        Value::Array(_) => (vec![positions(line, at, faults)], Where { at: at.to_owned(), many: false }),
        Value::Object(object) => match object.get("type").and_then(Value::as_str) {
            Some("Feature") => {
                let Some(geometry) = object.get("geometry").filter(|geometry| geometry.is_object()) else {
                    faults.push(AreaFault::new(format!("{at}/geometry"), "empty", "the feature has no geometry"));
                    return None;
                };
                if geometry.get("type").and_then(Value::as_str) == Some("Feature") {
                    faults.push(AreaFault::new(format!("{at}/geometry"), "wrong_type", "a geometry is no feature"));
                    return None;
                }
                return lines(geometry, &format!("{at}/geometry"), faults);
            }
            Some("LineString") => {
                let at = format!("{at}/coordinates");
                let none = Value::Null;
                let read = positions(object.get("coordinates").unwrap_or(&none), &at, faults);
                (vec![read], Where { at, many: false })
            }
            Some("MultiLineString") => {
                let at = format!("{at}/coordinates");
                let Some(all) = object.get("coordinates").and_then(Value::as_array) else {
                    faults.push(AreaFault::new(at, "wrong_type", "must be an array of lines"));
                    return None;
                };
                let each = |(i, line)| positions(line, &format!("{at}/{i}"), faults);
                (all.iter().enumerate().map(each).collect(), Where { at, many: true })
            }
            _ => {
                let message = "a corridor runs along a LineString or a MultiLineString";
                faults.push(AreaFault::new(format!("{at}/type"), "unsupported_geometry", message));
                return None;
            }
        },
        _ => {
            faults.push(AreaFault::new(
                at,
                "wrong_type",
                "must be an array of positions, a LineString or a MultiLineString",
            ));
            return None;
        }
    };
    let count: usize = read.iter().map(Vec::len).sum();
    if count > limits::VERTICES {
        let message = format!("more than {} positions; simplify the line", limits::VERTICES);
        faults.push(AreaFault::new(at, "too_many_vertices", message));
    }
    (faults.len() == before).then_some((read, base))
}

/// Where the lines stand, to point at one position.
struct Where {
    at: String,
    many: bool,
}

impl Where {
    fn line(&self, line: usize) -> String {
        if self.many { format!("{}/{line}", self.at) } else { self.at.clone() }
    }
}

fn positions(line: &Value, at: &str, faults: &mut Vec<AreaFault>) -> Vec<(f64, f64)> {
    let Some(all) = line.as_array() else {
        faults.push(AreaFault::new(at, "wrong_type", "a line is an array of positions"));
        return Vec::new();
    };
    let before = faults.len();
    let mut read = Vec::new();
    for (i, position) in all.iter().take(limits::VERTICES + 1).enumerate() {
        let numbers = position.as_array().map(|p| p.iter().map_while(Value::as_f64).collect::<Vec<_>>());
        match numbers.as_deref() {
            Some([lon, lat, ..]) => read.push((*lon, *lat)),
            _ if faults.len() - before < limits::FAULTS => {
                let message = "a position is at least two numbers, longitude then latitude";
                faults.push(AreaFault::new(format!("{at}/{i}"), "position", message));
            }
            _ => {}
        }
    }
    read
}

fn made(lines: &Lines, radius: f64, base: &Where, pointer: &str, faults: &mut Vec<AreaFault>) -> Option<AreaPart> {
    let impossible = |e: ImpossibleCorridor| {
        let at = match e {
            ImpossibleCorridor::Radius(_) => format!("{pointer}/radius_m"),
            ImpossibleCorridor::TooShort { line } => base.line(line),
            ImpossibleCorridor::Position { line, position, .. } => format!("{}/{position}", base.line(line)),
        };
        faults.push(AreaFault::new(at, "impossible_corridor", e.to_string()));
    };
    Corridor::new(lines, radius).map_err(impossible).ok().map(AreaPart::Corridor)
}
