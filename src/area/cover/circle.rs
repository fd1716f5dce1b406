//! Circles as polygons, across the antimeridian and around the poles too.

use geo::{Coord, Destination as _, Haversine, LineString, Point, Polygon};

use super::super::wrap::unwrapped;
use crate::domain::area::Circle;

/// Corners of a circle's polygon: its corners stand 0.03 % beyond the circle, its edges touch it.
pub(super) const CIRCLE_CORNERS: u16 = 128;
/// Where meridians converge an edge straight in longitude and latitude bends away from the circle; it is halved until
/// it spans no more degrees of longitude than this (0.1 % of the distance to the pole), or this often.
const MOST_DEGREES: f64 = 5.0;
const HALVINGS: u32 = 12;

/// The radius of a circle as a share of the distance to the corners of its polygon.
pub(in crate::area) fn circle_in_polygon() -> f64 {
    (std::f64::consts::PI / f64::from(CIRCLE_CORNERS)).cos()
}

/// A polygon around a circle. Longitudes may run past 180.
pub(in crate::area) fn circle_polygon(circle: Circle) -> Polygon<f64> {
    let corners = f64::from(CIRCLE_CORNERS);
    let mut reach = f64::from(circle.radius_m()) / circle_in_polygon();
    // A border through the very pole has no longitude there; two metres more and the pole is inside.
    let centre = Point::new(circle.lon(), circle.lat());
    let to_pole = (90.0 - circle.lat().abs()).to_radians() * Haversine.radius();
    if (reach - to_pole).abs() < 1.0 {
        reach = to_pole + 2.0;
    }
    let corner = |bearing: f64| Haversine.destination(centre, bearing, reach).0;
    let bearing = |i: u16| -360.0 * f64::from(i) / corners;
    let mut ring = vec![corner(0.0)];
    for i in 0..CIRCLE_CORNERS {
        halved(&corner, (bearing(i), bearing(i + 1)), HALVINGS, &mut ring);
    }
    // The last corner is the first but for rounding.
    ring.pop();
    ring.extend(ring.first().copied());
    let ring = LineString::new(ring);
    unwrapped(ring.clone(), Vec::new()).unwrap_or_else(|_| Polygon::new(ring, Vec::new()))
}

/// The corners after the first bearing, up to and with the last.
fn halved(corner: &impl Fn(f64) -> Coord<f64>, (from, to): (f64, f64), left: u32, ring: &mut Vec<Coord<f64>>) {
    let end = corner(to);
    let apart = ring.last().map_or(0.0, |start| (start.x - end.x).abs());
    if left > 0 && apart.min(360.0 - apart) > MOST_DEGREES {
        let middle = f64::midpoint(from, to);
        halved(corner, (from, middle), left - 1, ring);
        halved(corner, (middle, to), left - 1, ring);
    } else {
        ring.push(end);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp, reason = "tests may; the cut is exact")]
    use super::*;
    use geo::Distance as _;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn a_circle_is_right_within_one_percent_everywhere(
            lat in -90.0..=90.0_f64, lon in -180.0..=180.0_f64, radius in 50.0..50_000.0_f64,
        ) {
            let circle = Circle::new(lat, lon, radius).unwrap();
            let polygon = circle_polygon(circle);
            let centre = Point::new(circle.lon(), circle.lat());
            let metres = f64::from(circle.radius_m());
            for line in polygon.exterior().lines() {
                // The cut of a cap runs along the antimeridian and the pole.
                let cut = line.start.x.abs() == 180.0 && line.end.x.abs() == 180.0;
                for point in [Point::from(line.start), Point::from((line.start + line.end) / 2.0)] {
                    let error = (Haversine.distance(centre, point) - metres).abs() / metres;
                    prop_assert!(cut || line.start.y.abs() == 90.0 || error < 0.01, "{error}");
                }
            }
        }

        #[test]
        fn a_circle_around_a_pole_is_a_cap(lat in 89.0..=90.0_f64, lon in -180.0..=180.0_f64, north: bool) {
            let lat = if north { lat } else { -lat };
            let polygon = circle_polygon(Circle::new(lat, lon, 200_000.0).unwrap());
            let ends = polygon.exterior().0.iter().map(|c| c.x);
            prop_assert_eq!(ends.clone().fold(0.0, f64::max) - ends.fold(0.0, f64::min), 360.0);
            prop_assert!(polygon.exterior().0.iter().any(|c| c.y.abs() == 90.0 && (c.y > 0.0) == north));
        }
    }
}
