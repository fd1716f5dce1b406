//! Takes filed `GeoJSON` (RFC 7946) apart into polygons. Every position, ring and member is checked here, before any
//! geometry library sees it, so that a fault has its place; whether rings cross is in `validity`.

use geo::{Coord, LineString, Polygon};
use serde_json::Value;

use super::fault::{AreaFault, limits};
use super::wrap::unwrapped;

/// A polygon and where its coordinates stand in the document. An edge that jumps more than 180 degrees of longitude was
/// taken to cross the antimeridian the short way; longitudes then run past 180.
#[derive(Clone, Debug)]
pub(super) struct FiledPolygon {
    pub pointer: String,
    pub polygon: Polygon<f64>,
}

/// The polygons of a document, or all its faults.
pub(super) fn polygons(
    document: &Value,
    pointer: &str,
    max_vertices: usize,
) -> Result<Vec<FiledPolygon>, Vec<AreaFault>> {
    let mut reading = Reading { polygons: Vec::new(), faults: Vec::new(), vertices: 0, max_vertices };
    reading.object(document, pointer, 0);
    if reading.faults.is_empty() && reading.polygons.is_empty() {
        reading.fault(pointer, "empty", "holds no polygon");
    }
    if reading.faults.is_empty() { Ok(reading.polygons) } else { Err(reading.faults) }
}

struct Reading {
    polygons: Vec<FiledPolygon>,
    faults: Vec<AreaFault>,
    vertices: usize,
    max_vertices: usize,
}

impl Reading {
    fn fault(&mut self, pointer: &str, code: &'static str, message: impl Into<String>) {
        if self.faults.len() < limits::FAULTS {
            self.faults.push(AreaFault::new(pointer, code, message));
        }
    }

    /// No more will be told, so no more need be read.
    fn full(&self) -> bool {
        self.faults.len() >= limits::FAULTS
    }

    fn object(&mut self, value: &Value, pointer: &str, depth: usize) {
        if depth > limits::DEPTH {
            let message = format!("collections are nested more than {} deep", limits::DEPTH);
            return self.fault(pointer, "too_deep", message);
        }
        let Some(object) = value.as_object() else {
            return self.fault(pointer, "wrong_type", "must be a GeoJSON object");
        };
        if let Some(name) = object.get("crs").and_then(|crs| crs.pointer("/properties/name")).and_then(Value::as_str)
            && !["CRS84", "4326"].iter().any(|known| name.ends_with(known))
        {
            let message = format!("`{name}` is not taken: GeoJSON is WGS 84 longitude and latitude in degrees");
            self.fault(&format!("{pointer}/crs"), "crs", message);
        }
        match object.get("type").and_then(Value::as_str) {
            Some("FeatureCollection") => self.each(value, pointer, "features", depth),
            Some("GeometryCollection") => self.each(value, pointer, "geometries", depth),
            Some("Feature") => match object.get("geometry") {
                Some(Value::Null) | None => {
                    self.fault(&format!("{pointer}/geometry"), "empty", "the feature has no geometry");
                }
                Some(geometry) => self.object(geometry, &format!("{pointer}/geometry"), depth + 1),
            },
            Some("Polygon") => {
                let at = format!("{pointer}/coordinates");
                self.polygon(object.get("coordinates"), &at);
            }
            Some("MultiPolygon") => {
                let at = format!("{pointer}/coordinates");
                match object.get("coordinates").and_then(Value::as_array) {
                    Some(parts) if !parts.is_empty() => {
                        for (i, part) in parts.iter().enumerate() {
                            if self.full() {
                                break;
                            }
                            self.polygon(Some(part), &format!("{at}/{i}"));
                        }
                    }
                    Some(_) => self.fault(&at, "empty", "the multipolygon has no polygon"),
                    None => self.fault(&at, "wrong_type", "must be an array of polygons"),
                }
            }
            Some(other @ ("Point" | "MultiPoint")) => {
                let message = format!("a {other} has no surface; file a `circle` with its centre and a radius");
                self.fault(&format!("{pointer}/type"), "unsupported_geometry", message);
            }
            Some(other @ ("LineString" | "MultiLineString")) => {
                let message = format!("a {other} has no surface; file it as the `line` of a `corridor` with a radius");
                self.fault(&format!("{pointer}/type"), "unsupported_geometry", message);
            }
            Some(other) => {
                self.fault(&format!("{pointer}/type"), "unsupported_geometry", format!("`{other}` is no GeoJSON type"));
            }
            None => self.fault(&format!("{pointer}/type"), "missing", "a GeoJSON object has a `type`"),
        }
    }

    fn each(&mut self, value: &Value, pointer: &str, member: &str, depth: usize) {
        let at = format!("{pointer}/{member}");
        let Some(items) = value.get(member).and_then(Value::as_array) else {
            return self.fault(&at, "wrong_type", "must be an array");
        };
        if items.is_empty() {
            self.fault(&at, "empty", "the collection is empty");
        }
        for (i, item) in items.iter().enumerate() {
            if self.full() {
                break;
            }
            let at = format!("{at}/{i}");
            let kind = item.get("type").and_then(Value::as_str);
            if member == "features" && kind != Some("Feature") {
                self.fault(&at, "wrong_type", "a FeatureCollection holds Features");
            } else {
                self.object(item, &at, depth + 1);
            }
        }
    }

    fn polygon(&mut self, coordinates: Option<&Value>, pointer: &str) {
        let Some(rings) = coordinates.and_then(Value::as_array) else {
            return self.fault(pointer, "wrong_type", "a polygon is an array of rings");
        };
        if rings.is_empty() {
            return self.fault(pointer, "empty", "the polygon has no ring");
        }
        let before = self.faults.len();
        let mut read: Vec<LineString<f64>> = Vec::with_capacity(rings.len());
        for (i, ring) in rings.iter().enumerate() {
            if self.full() {
                break;
            }
            read.extend(self.ring(ring, &format!("{pointer}/{i}")));
        }
        if self.faults.len() == before && self.vertices <= self.max_vertices && !read.is_empty() {
            let exterior = read.remove(0);
            match unwrapped(exterior, read) {
                Ok(polygon) => self.polygons.push(FiledPolygon { pointer: pointer.to_owned(), polygon }),
                Err(e) => self.fault(&format!("{pointer}/{}", e.ring), e.code, e.message),
            }
        }
    }

    fn ring(&mut self, ring: &Value, pointer: &str) -> Option<LineString<f64>> {
        let Some(positions) = ring.as_array() else {
            self.fault(pointer, "wrong_type", "a ring is an array of positions");
            return None;
        };
        let below = self.vertices <= self.max_vertices;
        self.vertices += positions.len();
        if self.vertices > self.max_vertices {
            if below {
                let message = format!("more than {} positions; simplify the outline", self.max_vertices);
                self.fault(pointer, "too_many_vertices", message);
            }
            return None;
        }
        let before = self.faults.len();
        let mut coords = Vec::with_capacity(positions.len());
        for (i, position) in positions.iter().enumerate() {
            if self.full() {
                break;
            }
            coords.extend(self.position(position, pointer, i));
        }
        if self.faults.len() > before {
            return None;
        }
        if coords.len() < 4 {
            let message =
                format!("a ring has at least 4 positions, the last equal to the first; this one has {}", coords.len());
            self.fault(pointer, "ring_too_short", message);
            return None;
        }
        if let (Some(first), Some(last)) = (coords.first(), coords.last())
            && first != last
        {
            let message = format!(
                "the ring is not closed: it ends at {} {} and began at {} {}",
                last.x, last.y, first.x, first.y
            );
            self.fault(&format!("{pointer}/{}", coords.len() - 1), "ring_not_closed", message);
            return None;
        }
        Some(LineString::new(coords))
    }

    fn position(&mut self, position: &Value, ring: &str, number: usize) -> Option<Coord<f64>> {
        let at = || format!("{ring}/{number}");
        let numbers: Option<Vec<f64>> = position.as_array().map(|a| a.iter().map_while(Value::as_f64).collect());
        let members = position.as_array().map_or(0, Vec::len);
        let (lon, lat) = match numbers.as_deref() {
            Some([lon, lat, rest @ ..]) if rest.len() + 2 == members && lon.is_finite() && lat.is_finite() => {
                (*lon, *lat)
            }
            Some(_) => {
                self.fault(&at(), "position", "a position is at least two numbers, longitude then latitude");
                return None;
            }
            None => {
                self.fault(&at(), "position", "a position is an array of numbers, longitude then latitude");
                return None;
            }
        };
        let (lon_ok, lat_ok) = ((-180.0..=180.0).contains(&lon), (-90.0..=90.0).contains(&lat));
        let hint = if lon.abs() > 1_000.0 || lat.abs() > 1_000.0 {
            "; GeoJSON is in degrees of WGS 84, this looks like metres of another projection"
        } else if (-180.0..=180.0).contains(&lat) && (-90.0..=90.0).contains(&lon) {
            "; the axes look swapped: longitude comes first"
        } else {
            ""
        };
        if !lon_ok {
            self.fault(
                &format!("{}/0", at()),
                "longitude",
                format!("longitude {lon} is not between -180 and 180{hint}"),
            );
        }
        if !lat_ok {
            self.fault(&format!("{}/1", at()), "latitude", format!("latitude {lat} is not between -90 and 90{hint}"));
        }
        (lon_ok && lat_ok).then_some(Coord { x: lon, y: lat })
    }
}

#[cfg(test)]
mod tests;
