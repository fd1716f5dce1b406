//! Shapes to cells: how many there will be, and which. Input is checked polygons only.

use geo::{
    BoundingRect as _, ChamberlainDuquetteArea as _, Destination as _, Haversine, Length as _, LineString, Point,
    Polygon,
};
use h3o::geom::{ContainmentMode, TilerBuilder};
use h3o::{LatLng, Resolution};

use super::fault::limits;
use crate::domain::area::{CellSet, Circle, CoverMode};

/// The tiler gave far more cells than estimated; it is stopped rather than trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Runaway;

/// Corners of a circle's polygon: its corners stand 0.03 % beyond the circle, its edges touch it.
const CIRCLE_CORNERS: u16 = 128;

/// How many cells a polygon fills at a resolution: its surface in cells of its own neighbourhood (a cell's size varies
/// over the Earth), and half of the cells its border runs through.
pub(super) fn estimate(polygon: &Polygon<f64>, resolution: Resolution, mode: CoverMode) -> f64 {
    /// Cells of edge 1 that a line of length 1 enters, in a hexagon grid: 2/pi x 2/sqrt(3).
    const ENTERED: f64 = 0.735;
    let middle = polygon.bounding_rect().map(geo::Rect::center);
    let cell = middle.and_then(|c| LatLng::new(c.y, c.x).ok()).map(|point| point.to_cell(resolution).area_km2());
    let cell_km2 = cell.unwrap_or_else(|| resolution.area_km2());
    let edge_km = (cell_km2 / 2.598).sqrt(); // a hexagon's surface is 3 sqrt(3) / 2 x edge squared
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    let border_km: f64 = rings.map(|ring| Haversine.length(ring)).sum::<f64>() / 1000.0;
    let surface = polygon.chamberlain_duquette_unsigned_area() / 1e6 / cell_km2;
    let border = ENTERED * border_km / edge_km / 2.0;
    match mode {
        CoverMode::Covers => surface + border + 1.0,
        CoverMode::Centroid => surface,
        CoverMode::Inside => (surface - border).max(0.0),
    }
}

/// The cells of polygons, at most twice the limit.
pub(super) fn cover<'a>(
    polygons: impl IntoIterator<Item = &'a Polygon<f64>>,
    resolution: Resolution,
    mode: CoverMode,
) -> Result<CellSet, Runaway> {
    let containment = match mode {
        CoverMode::Covers => ContainmentMode::Covers,
        CoverMode::Centroid => ContainmentMode::ContainsCentroid,
        CoverMode::Inside => ContainmentMode::ContainsBoundary,
    };
    // Edges across the antimeridian were refused, so wide polygons are just wide.
    let mut tiler =
        TilerBuilder::new(resolution).containment_mode(containment).disable_transmeridian_heuristic().build();
    for polygon in polygons {
        tiler.add(polygon.clone()).map_err(|_| Runaway)?;
    }
    let cap = usize::try_from(2 * limits::CELLS).unwrap_or(usize::MAX);
    let cells: Vec<_> = tiler.into_coverage().take(cap + 1).collect();
    if cells.len() > cap { Err(Runaway) } else { Ok(cells.into_iter().collect()) }
}

/// A polygon around a circle, or nothing when the circle reaches a pole or the antimeridian, where the plane of
/// longitude and latitude ends.
pub(super) fn circle_polygon(circle: Circle) -> Option<Polygon<f64>> {
    let corners = f64::from(CIRCLE_CORNERS);
    let reach = f64::from(circle.radius_m()) / (std::f64::consts::PI / corners).cos();
    // 111 km a degree of latitude; beyond 89 degrees the corners run around the pole.
    if circle.lat().abs() + reach / 111_000.0 > 89.0 {
        return None;
    }
    let centre = Point::new(circle.lon(), circle.lat());
    let corner = |i: u16| Haversine.destination(centre, -360.0 * f64::from(i) / corners, reach).0;
    let mut ring: Vec<_> = (0..CIRCLE_CORNERS).map(corner).collect();
    if ring.iter().any(|c| (c.x - circle.lon()).abs() > 180.0) {
        return None;
    }
    ring.extend(ring.first().copied());
    Some(Polygon::new(LineString::new(ring), Vec::new()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::as_conversions, clippy::cast_precision_loss, reason = "tests may")]
    use super::*;
    use geo::{Contains as _, Distance as _, coord};
    use proptest::prelude::*;

    /// A star-shaped polygon around a point near the Belgian border, `size` degrees across.
    fn star() -> impl Strategy<Value = Polygon<f64>> {
        let radii = proptest::collection::vec(0.2..1.0_f64, 3..12);
        (radii, 0.002..0.06_f64, 49.5..51.2_f64, 2.5..6.0_f64).prop_map(|(radii, size, lat, lon)| {
            let step = std::f64::consts::TAU / radii.len() as f64;
            let corner = |(i, r): (usize, &f64)| {
                let angle = step * i as f64;
                coord! { x: lon + size * r * angle.cos(), y: lat + size * r * angle.sin() }
            };
            Polygon::new(LineString::new(radii.iter().enumerate().map(corner).collect()), vec![])
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]

        #[test]
        fn covers_holds_every_point_centroid_every_centre_inside_nothing_beyond(
            polygon in star(), samples in proptest::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 40),
        ) {
            let by = |mode| cover([&polygon], Resolution::Nine, mode).unwrap();
            let (covers, centroid, inside) = (by(CoverMode::Covers), by(CoverMode::Centroid), by(CoverMode::Inside));
            prop_assert!(!covers.is_empty());
            prop_assert!(inside.is_subset_of(&centroid) && centroid.is_subset_of(&covers));
            let rect = polygon.bounding_rect().unwrap();
            for (x, y) in samples {
                let point = Point::new(rect.min().x + x * rect.width(), rect.min().y + y * rect.height());
                let cell = LatLng::new(point.y(), point.x()).unwrap().to_cell(Resolution::Nine);
                if polygon.contains(&point) {
                    prop_assert!(covers.contains(cell), "{point:?} is missed");
                } else {
                    prop_assert!(!inside.contains(cell), "{point:?} is reached");
                }
                let centre = LatLng::from(cell);
                let centre_in = polygon.contains(&Point::new(centre.lng(), centre.lat()));
                prop_assert_eq!(centroid.contains(cell), centre_in);
            }
        }

        #[test]
        fn the_estimate_is_near_the_truth(polygon in star()) {
            for mode in [CoverMode::Covers, CoverMode::Centroid] {
                let cells = cover([&polygon], Resolution::Ten, mode).unwrap().count_at(Resolution::Ten) as f64;
                let said = estimate(&polygon, Resolution::Ten, mode);
                prop_assert!((said - cells).abs() <= cells * 0.2 + 30.0, "{mode}: {said} for {cells}");
            }
        }

        #[test]
        fn a_circle_is_right_within_one_percent(lat in -70.0..70.0_f64, lon in -170.0..170.0_f64, radius in 50.0..50_000.0_f64) {
            let circle = Circle::new(lat, lon, radius).unwrap();
            let polygon = circle_polygon(circle).unwrap();
            let centre = Point::new(circle.lon(), circle.lat());
            let metres = f64::from(circle.radius_m());
            for line in polygon.exterior().lines() {
                for point in [Point::from(line.start), Point::from((line.start + line.end) / 2.0)] {
                    let error = (Haversine.distance(centre, point) - metres).abs() / metres;
                    prop_assert!(error < 0.01, "{error}");
                }
            }
        }
    }

    #[test]
    fn a_polygon_smaller_than_a_cell_is_covered_by_at_least_one() {
        let (x, y, d) = (4.35, 50.85, 0.000_01);
        let ring = vec![(x, y), (x + d, y), (x + d, y + d), (x, y)];
        let tiny = Polygon::new(LineString::from(ring), vec![]);
        assert!(!cover([&tiny], Resolution::Five, CoverMode::Covers).unwrap().is_empty());
        assert!(cover([&tiny], Resolution::Five, CoverMode::Inside).unwrap().is_empty());
    }

    #[test]
    fn circles_at_the_edge_of_the_map_are_not_drawn() {
        assert!(circle_polygon(Circle::new(89.5, 0.0, 1000.0).unwrap()).is_none());
        assert!(circle_polygon(Circle::new(0.0, 179.999, 1000.0).unwrap()).is_none());
    }
}
