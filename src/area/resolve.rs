//! A filing becomes a target area: codes are looked up, shapes are covered, exclusions taken away, languages told.

use geo::Polygon;
use h3o::Resolution;

use super::cover::{circle_polygon, cover, estimate};
use super::fault::{AreaFault, limits};
use super::gazetteer::Gazetteer;
use super::members::AreaError;
use super::parse::{check_geometry, read_geojson};
use crate::domain::area::{AreaPart, AreaSpec, CellSet, CoverMode, TargetArea};

/// Resolves a filing against the gazetteer. Faults point into the form [`parse_spec`](super::parse_spec) reads.
pub fn resolve(spec: &AreaSpec, gazetteer: &Gazetteer) -> Result<TargetArea, Vec<AreaFault>> {
    let mut faults = Vec::new();
    let include = ready(&spec.include, "include", gazetteer, &mut faults);
    let exclude = ready(&spec.exclude, "exclude", gazetteer, &mut faults);
    if faults.is_empty() {
        faults.extend(too_many(&include, &exclude, spec));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let included = filled(include, spec.resolution, spec.mode, &mut faults);
    let excluded = filled(exclude, spec.resolution, spec.mode.for_exclusions(), &mut faults);
    let cells = included.difference(&excluded);
    if faults.is_empty() && cells.is_empty() {
        let message = if included.is_empty() {
            format!("nothing is left at resolution {} in mode `{}`", u8::from(spec.resolution), spec.mode)
        } else {
            "nothing is left after the exclusions".to_owned()
        };
        faults.push(AreaFault::new("/include", "empty", message));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(TargetArea {
        spec: spec.clone(),
        split: gazetteer.split(&cells),
        cells,
        resolution: spec.resolution,
        mode: spec.mode,
        index_version: gazetteer.version().to_owned(),
    })
}

/// A part that is looked up or checked, but not filled yet.
enum Ready {
    /// Cells as they will be.
    Cells(CellSet),
    /// Polygons to fill, and where they were filed.
    Shape(String, Vec<Polygon<f64>>),
}

fn ready(parts: &[AreaPart], side: &str, gazetteer: &Gazetteer, faults: &mut Vec<AreaFault>) -> Vec<Ready> {
    let mut all = Vec::with_capacity(parts.len());
    for (i, part) in parts.iter().enumerate() {
        let pointer = format!("/{side}/{i}");
        match part {
            AreaPart::Place(code) => match gazetteer.cells_of(code) {
                Ok(cells) => all.push(Ready::Cells(cells)),
                Err(e) => faults.push(place_fault(&pointer, &e)),
            },
            AreaPart::Cells(cells) => all.push(Ready::Cells(cells.clone())),
            AreaPart::Circle(circle) => {
                let pointer = format!("{pointer}/circle");
                match circle_polygon(*circle) {
                    Some(polygon) => all.push(Ready::Shape(pointer, vec![polygon])),
                    None => faults.push(AreaFault::new(
                        pointer,
                        "antimeridian",
                        "the circle reaches a pole or the antimeridian; file a polygon on one side of it",
                    )),
                }
            }
            AreaPart::Geometry(text) => {
                let pointer = format!("{pointer}/geojson");
                match read_geojson(text, &pointer) {
                    Ok(document) => {
                        let polygons = check_geometry(&document, &pointer, faults);
                        all.push(Ready::Shape(pointer, polygons.into_iter().map(|filed| filed.polygon).collect()));
                    }
                    Err(fault) => faults.push(fault),
                }
            }
        }
    }
    all
}

fn place_fault(pointer: &str, error: &AreaError) -> AreaFault {
    let kind = match error {
        AreaError::Unknown(_) => "unknown_place",
        AreaError::Abolished { .. } | AreaError::MergedZone { .. } => "abolished_place",
        AreaError::NoBoundary(_) => "no_boundary",
    };
    AreaFault::new(format!("{pointer}/place"), kind, error.to_string())
}

/// Refuses before filling, and names the finest resolution that would fit.
fn too_many(include: &[Ready], exclude: &[Ready], spec: &AreaSpec) -> Option<AreaFault> {
    let limit = f64::from(limits::CELLS);
    let of = |parts: &[Ready], resolution, mode| -> Vec<(String, f64)> {
        let shape = |part: &Ready| match part {
            Ready::Cells(_) => None,
            Ready::Shape(at, polygons) => {
                Some((at.clone(), polygons.iter().map(|p| estimate(p, resolution, mode)).sum()))
            }
        };
        parts.iter().filter_map(shape).collect()
    };
    let all = |resolution| {
        let mut counts = of(include, resolution, spec.mode);
        counts.extend(of(exclude, resolution, spec.mode.for_exclusions()));
        counts
    };
    let counts = all(spec.resolution);
    let total: f64 = counts.iter().map(|(_, count)| count).sum();
    if total <= limit {
        return None;
    }
    let coarser = (0..u8::from(spec.resolution)).rev().filter_map(|r| Resolution::try_from(r).ok());
    let fits = coarser
        .into_iter()
        .find(|r| all(*r).iter().map(|(_, count)| count).sum::<f64>() <= limit)
        .map_or_else(|| "file a smaller area".to_owned(), |r| format!("resolution {} would fit", u8::from(r)));
    let largest = counts.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at).unwrap_or_default();
    let message = format!(
        "about {total:.0} cells at resolution {}; at most {} are taken: {fits}, or name places by their codes",
        u8::from(spec.resolution),
        limits::CELLS
    );
    Some(AreaFault::new(largest, "too_many_cells", message))
}

fn filled(parts: Vec<Ready>, resolution: Resolution, mode: CoverMode, faults: &mut Vec<AreaFault>) -> CellSet {
    let mut spans = Vec::new();
    for part in parts {
        match part {
            Ready::Cells(cells) => {
                spans.extend_from_slice(cells.coarsened(resolution, mode).spans());
            }
            Ready::Shape(pointer, polygons) => match cover(&polygons, resolution, mode) {
                Ok(cells) => spans.extend_from_slice(cells.spans()),
                Err(_) => {
                    faults.push(AreaFault::new(pointer, "too_many_cells", "this shape cannot be filled with cells"));
                }
            },
        }
    }
    CellSet::from_spans(spans)
}
