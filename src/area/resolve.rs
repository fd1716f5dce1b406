//! A filing becomes a target area: codes are looked up, shapes are covered, exclusions taken away, languages told.

use h3o::Resolution;

use super::corridor::corridor_polygons;
use super::cover::{Shape, circle_polygon, cover};
use super::fault::AreaFault;
use super::gazetteer::Gazetteer;
use super::members::AreaError;
use super::parse::{check_geometry, read_geojson};
use super::settle::{Reading, settle};
use super::too_many::{Drawn, over_the_limits};
use crate::domain::area::{AreaPart, AreaSpec, CellSet, CoverMode, TargetArea};

/// Resolves a filing against the gazetteer. Faults point into the form [`parse_spec`](super::parse_spec) reads.
pub fn resolve(spec: &AreaSpec, gazetteer: &Gazetteer) -> Result<TargetArea, Vec<AreaFault>> {
    resolve_under(spec, gazetteer, Reading::default())
}

/// [`resolve`] where names and languages are read as `reading` says.
pub fn resolve_under(spec: &AreaSpec, gazetteer: &Gazetteer, reading: Reading) -> Result<TargetArea, Vec<AreaFault>> {
    let mut faults = Vec::new();
    let (spec, notes) = settle(spec, gazetteer, reading.home, &mut faults);
    let spec = &spec;
    let (covered, cut) = ((spec.resolution, spec.mode), (spec.resolution, spec.mode.for_exclusions()));
    let include = ready(&spec.include, "include", covered, gazetteer, &mut faults);
    let exclude = ready(&spec.exclude, "exclude", cut, gazetteer, &mut faults);
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
        split: gazetteer.split_under(&cells, reading.facilities),
        notes,
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
    /// Polygons to cover, and where they were filed.
    Shape(String, Shape),
}

fn ready(
    parts: &[AreaPart],
    side: &str,
    cover: (Resolution, CoverMode),
    gazetteer: &Gazetteer,
    faults: &mut Vec<AreaFault>,
) -> Vec<Ready> {
    let mut all = Vec::with_capacity(parts.len());
    for (i, part) in parts.iter().enumerate() {
        let pointer = format!("/{side}/{i}");
        match part {
            // Told by `settle`.
            AreaPart::Named { read_as: None, .. } => {}
            AreaPart::Corridor(corridor) => {
                let pointer = format!("{pointer}/corridor");
                match corridor_polygons(corridor, &pointer) {
                    Ok(polygons) => all.push(Ready::Shape(pointer, Shape::new(&polygons))),
                    Err(fault) => faults.push(fault),
                }
            }
            AreaPart::Place(code) | AreaPart::Named { read_as: Some(code), .. } => match gazetteer.cells_of(code) {
                Ok(cells) => all.push(Ready::Cells(cells)),
                Err(e) => faults.push(place_fault(&pointer, &e)),
            },
            AreaPart::Cells(cells) => all.push(Ready::Cells(cells.clone())),
            AreaPart::Circle(circle) => {
                all.push(Ready::Shape(format!("{pointer}/circle"), Shape::new([&circle_polygon(*circle)])));
            }
            AreaPart::Geometry(text) => {
                let pointer = format!("{pointer}/geojson");
                match read_geojson(text, &pointer) {
                    Ok(document) => {
                        let polygons = check_geometry(&document, &pointer, Some(cover), faults);
                        all.push(Ready::Shape(pointer, Shape::new(polygons.iter().map(|filed| &filed.polygon))));
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

/// Refuses before covering, and names the finest resolution that would fit.
fn too_many(include: &[Ready], exclude: &[Ready], spec: &AreaSpec) -> Option<AreaFault> {
    let mut all = drawn(include, spec.mode);
    all.extend(drawn(exclude, spec.mode.for_exclusions()));
    over_the_limits(spec.resolution, &all)
}

fn drawn(parts: &[Ready], mode: CoverMode) -> Vec<Drawn<'_>> {
    let mut all = Vec::new();
    for part in parts {
        if let Ready::Shape(at, shape) = part {
            all.push(Drawn { at, shape, mode });
        }
    }
    all
}

fn filled(parts: Vec<Ready>, resolution: Resolution, mode: CoverMode, faults: &mut Vec<AreaFault>) -> CellSet {
    let mut spans = Vec::new();
    for part in parts {
        match part {
            Ready::Cells(cells) => {
                spans.extend_from_slice(cells.coarsened(resolution, mode).spans());
            }
            Ready::Shape(pointer, shape) => match cover(&shape, resolution, mode) {
                Ok(cells) => spans.extend_from_slice(cells.spans()),
                Err(e) => faults.push(AreaFault::new(pointer, "too_many_cells", e.to_string())),
            },
        }
    }
    CellSet::from_spans(spans)
}
