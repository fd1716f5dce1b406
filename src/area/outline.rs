//! The outline of a set of cells as `GeoJSON`, for maps and for `GET …/area?as=geojson`.

use geo::{LineString, MultiPolygon};
use h3o::geom::SolventBuilder;
use h3o::{CellIndex, LatLng, Resolution};
use serde_json::{Value, json};

use crate::domain::area::CellSet;

/// Why there is no outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutlineError {
    /// A ring around the world's edge cannot be drawn in longitude and latitude.
    #[error("the area touches the antimeridian and cannot be drawn as one outline")]
    Antimeridian,
    /// The set holds cells finer than the resolution asked for.
    #[error("the area cannot be outlined: {0}")]
    Undrawable(h3o::error::DissolutionError),
}

/// A `Feature` with a `MultiPolygon`; rings follow RFC 7946. `resolution` is the finest of the set.
pub fn outline(cells: &CellSet, resolution: Resolution) -> Result<Value, OutlineError> {
    if cells.cells().any(crosses_antimeridian) {
        return Err(OutlineError::Antimeridian);
    }
    let solvent = SolventBuilder::new().enable_heterogeneous_support(resolution).build();
    let outline = if cells.is_empty() {
        MultiPolygon::new(Vec::new())
    } else {
        solvent.dissolve(cells.cells()).map_err(OutlineError::Undrawable)?
    };
    let polygons: Vec<Value> = outline
        .iter()
        .map(|polygon| {
            let exterior = ring(polygon.exterior(), true);
            let holes = polygon.interiors().iter().map(|hole| ring(hole, false));
            std::iter::once(exterior).chain(holes).collect()
        })
        .collect();
    Ok(json!({ "type": "Feature", "properties": {}, "geometry": { "type": "MultiPolygon", "coordinates": polygons } }))
}

/// One ring, counter-clockwise or clockwise, in 1e-7 degrees (a centimetre).
fn ring(line: &LineString<f64>, counter_clockwise: bool) -> Value {
    let doubled: f64 = line.lines().map(|l| (l.end.x - l.start.x) * (l.end.y + l.start.y)).sum();
    let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
    let position = |c: &geo::Coord<f64>| json!([round(c.x), round(c.y)]);
    if (doubled < 0.0) == counter_clockwise {
        line.0.iter().map(position).collect()
    } else {
        line.0.iter().rev().map(position).collect()
    }
}

fn crosses_antimeridian(cell: CellIndex) -> bool {
    let centre = LatLng::from(cell).lng();
    cell.boundary().iter().any(|corner| (corner.lng() - centre).abs() > 180.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::area::geojson::polygons;
    use crate::area::validity;

    #[test]
    fn an_outline_is_a_sound_polygon_with_the_hole_kept() {
        let middle = LatLng::new(50.85, 4.35).unwrap().to_cell(Resolution::Nine);
        let ring: CellSet = middle.grid_ring::<Vec<_>>(2).into_iter().collect();
        let feature = outline(&ring, Resolution::Ten).unwrap();
        let found = polygons(&feature, "", 10_000).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found.first().unwrap().polygon.interiors().len(), 1);
        assert!(found.iter().all(|p| validity::faults(p).is_empty()));
    }

    #[test]
    fn nothing_is_drawn_across_the_antimeridian() {
        let far: CellSet = [LatLng::new(0.0, 179.9999).unwrap().to_cell(Resolution::Five)].into_iter().collect();
        assert_eq!(outline(&far, Resolution::Five), Err(OutlineError::Antimeridian));
    }
}
