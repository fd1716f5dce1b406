//! A corridor becomes polygons: one capsule for each straight piece, all united, so that every cover mode is right for
//! the whole. Lines run as on the map (RFC 7946, 3.1.1): straight in longitude and latitude.
//!
//! The border is within 1 % of the radius: circles are drawn with 40 corners that stand outside (0.31 %), pieces are cut
//! so that the map's line and the shortest way differ by at most 0.1 %, and bends of less than 0.25 % are left out.

use geo::{
    BoundingRect as _, Contains as _, ConvexHull as _, Coord, Destination as _, Distance as _, Haversine, LineString,
    MultiPoint, Point, Polygon, unary_union,
};

use super::fault::{AreaFault, limits};
use crate::domain::area::Corridor;

/// See the file's head.
const CORNERS: u16 = 40;
const BEND: f64 = 0.0025;
const STRAIGHT: f64 = 0.001;
/// Positions looked at to leave bends out: some twenty times the largest line, as a line that winds no more than roads do
/// takes, three times over; a tenth of a second at most.
const LOOKS: usize = 5_000_000;
/// The mean radius of the Earth, as `Haversine` has it, and a degree of latitude.
const EARTH_M: f64 = 6_371_008.8;
const DEGREE_M: f64 = EARTH_M * std::f64::consts::PI / 180.0;

/// The polygons within the corridor's radius of its lines.
pub(super) fn corridor_polygons(corridor: &Corridor, pointer: &str) -> Result<Vec<Polygon<f64>>, AreaFault> {
    let radius = f64::from(corridor.radius_m());
    let mut capsules = Vec::new();
    for line in corridor.lines() {
        let too_many = || {
            let message = format!(
                "the line has more than {} straight pieces at this radius; simplify it, or take a larger radius",
                limits::PIECES
            );
            AreaFault::new(format!("{pointer}/line"), "too_many_pieces", message)
        };
        // A line that winds so that its bends take that long to find has no fewer of them.
        let bends = simplified(&line, radius).ok_or_else(too_many)?;
        let mut circles: Vec<Polygon<f64>> = Vec::new();
        let mut before: Option<(f64, f64)> = None;
        for (lon, lat) in bends {
            let from = before.unwrap_or((lon, lat));
            let count = pieces(from, (lon, lat), radius);
            if capsules.len() + circles.len() + usize::try_from(count).unwrap_or(usize::MAX) > limits::PIECES {
                return Err(too_many());
            }
            // The first position alone, then the end of every piece.
            let steps = if before.is_none() { 0..=0 } else { 1..=count };
            for i in steps {
                let part = if count == 0 { 0.0 } else { f64::from(i) / f64::from(count) };
                let at = (from.0 + (lon - from.0) * part, from.1 + (lat - from.1) * part);
                circles.push(circle(at, radius, pointer)?);
            }
            before = Some((lon, lat));
        }
        if let [only] = circles.as_slice() {
            capsules.push(only.clone());
        }
        for (a, b) in circles.iter().zip(circles.iter().skip(1)) {
            let corners = a.exterior().points().chain(b.exterior().points()).collect::<Vec<_>>();
            capsules.push(MultiPoint::new(corners).convex_hull());
        }
    }
    Ok(unary_union(&capsules).into_iter().filter(|polygon| polygon.bounding_rect().is_some()).collect())
}

/// The line without bends that do not matter at this radius; none when finding them takes too long. The plane of
/// simplification is longitude scaled by the shortest degree on the line, so the tolerance is never more than meant.
/// (Douglas and Peucker 1973; on a line that winds to and fro their way takes the square of its length.)
fn simplified(line: &[(f64, f64)], radius: f64) -> Option<Vec<(f64, f64)>> {
    let widest = line.iter().map(|(_, lat)| lat.abs()).fold(f64::INFINITY, f64::min);
    let squeeze = widest.to_radians().cos();
    let plane: Vec<Coord<f64>> = line.iter().map(|(lon, lat)| Coord { x: lon * squeeze, y: *lat }).collect();
    let most = (radius * BEND / DEGREE_M).powi(2);
    let mut kept = vec![true; line.len()];
    let mut open = vec![(0, line.len().saturating_sub(1))];
    let mut looked = 0;
    while let Some((from, to)) = open.pop() {
        looked += to - from;
        if looked > LOOKS {
            return None;
        }
        let (Some(a), Some(b)) = (plane.get(from), plane.get(to)) else { continue };
        let inner = || (from + 1..to).zip(plane.get(from + 1..to).unwrap_or(&[]));
        let away = inner().map(|(at, p)| (squared_distance(*p, *a, *b), at));
        let farthest = away.fold((0.0, from), |best, next| if next.0 > best.0 { next } else { best });
        if farthest.0 > most {
            open.extend([(from, farthest.1), (farthest.1, to)]);
        } else {
            kept.get_mut(from + 1..to).unwrap_or(&mut []).fill(false);
        }
    }
    Some(line.iter().zip(kept).filter(|(_, kept)| *kept).map(|(place, _)| *place).collect())
}

/// From a point to a straight piece, squared.
fn squared_distance(p: Coord<f64>, a: Coord<f64>, b: Coord<f64>) -> f64 {
    let (run, to) = (b - a, p - a);
    let length = run.x * run.x + run.y * run.y;
    let part = if length > 0.0 { ((to.x * run.x + to.y * run.y) / length).clamp(0.0, 1.0) } else { 0.0 };
    let apart = to - run * part;
    apart.x * apart.x + apart.y * apart.y
}

/// Into how many pieces a straight line on the map is cut. The shortest way bows away from the map's line by about
/// L² tan(latitude) / 8R.
fn pieces(from: (f64, f64), to: (f64, f64), radius: f64) -> u32 {
    let length = Haversine.distance(Point::new(from.0, from.1), Point::new(to.0, to.1));
    let slope = from.1.abs().max(to.1.abs()).to_radians().tan().max(0.01);
    let longest = (8.0 * EARTH_M * radius * STRAIGHT / slope).sqrt().min(200_000.0);
    #[allow(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "20,000 km in pieces of at least 40 m are half a million"
    )]
    let count = (length / longest).ceil() as u32;
    count
}

fn circle((lon, lat): (f64, f64), radius: f64, pointer: &str) -> Result<Polygon<f64>, AreaFault> {
    let corners = f64::from(CORNERS);
    // Corners outside by half of what the bends left out may cost, so that nothing within the radius is lost.
    let reach = radius * (1.0 + BEND) / (std::f64::consts::PI / corners).cos();
    let centre = Point::new(lon, lat);
    let ring: LineString<f64> =
        (0..CORNERS).map(|i| Haversine.destination(centre, -360.0 * f64::from(i) / corners, reach).0).collect();
    if ring.coords().any(|c| (c.x - lon).abs() > 180.0 || c.y.abs() > 85.0) {
        let message = "the corridor reaches the antimeridian; file one on each side of it";
        return Err(AreaFault::new(format!("{pointer}/line"), "antimeridian", message));
    }
    let polygon = Polygon::new(ring, Vec::new());
    debug_assert!(polygon.contains(&centre), "a circle holds its centre");
    Ok(polygon)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::area::cover::{Shape, cover};
    use crate::domain::area::CoverMode;
    use h3o::{LatLng, Resolution};
    use proptest::prelude::*;

    /// Metres from a point to lines on the map, by walking them in steps of a 500th of a radius at most.
    fn distance(corridor: &Corridor, at: Point<f64>) -> f64 {
        let mut least = f64::INFINITY;
        for line in corridor.lines() {
            for (a, b) in line.iter().zip(line.iter().skip(1)) {
                let length = Haversine.distance(Point::new(a.0, a.1), Point::new(b.0, b.1));
                let steps = (length / f64::from(corridor.radius_m()) * 20.0).ceil().max(1.0);
                let mut part = 0.0;
                let nearest = |t: f64| Haversine.distance(at, Point::new(a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t));
                let mut best = (nearest(0.0), 0.0);
                while part <= steps {
                    let found = nearest(part / steps);
                    if found < best.0 {
                        best = (found, part / steps);
                    }
                    part += 1.0;
                }
                // Between the best step's neighbours the distance has one lowest point.
                let (mut low, mut high) = ((best.1 - 1.0 / steps).max(0.0), (best.1 + 1.0 / steps).min(1.0));
                for _ in 0..40 {
                    let (x, y) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
                    if nearest(x) < nearest(y) { high = y } else { low = x }
                }
                least = least.min(nearest(f64::midpoint(low, high))).min(best.0);
            }
        }
        least
    }

    fn corridors() -> impl Strategy<Value = Corridor> {
        let line = proptest::collection::vec((4.0..4.4_f64, 50.4..50.7_f64), 2..7);
        (proptest::collection::vec(line, 1..3), 200.0..4_000.0_f64)
            .prop_map(|(lines, radius)| Corridor::new(&lines, radius).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn every_mode_agrees_with_distances_to_the_line(corridor in corridors(), samples in proptest::collection::vec((3.95..4.45_f64, 50.37..50.73_f64), 60)) {
            let resolution = Resolution::Eight;
            let polygons = corridor_polygons(&corridor, "").unwrap();
            let radius = f64::from(corridor.radius_m());
            let by = |mode| cover(&Shape::new(&polygons), resolution, mode).unwrap();
            let (covers, centroid, inside) = (by(CoverMode::Covers), by(CoverMode::Centroid), by(CoverMode::Inside));
            for (lon, lat) in samples {
                let cell = LatLng::new(lat, lon).unwrap().to_cell(resolution);
                if distance(&corridor, Point::new(lon, lat)) <= radius {
                    prop_assert!(covers.contains(cell), "{lon} {lat} is missed");
                }
                let centre = LatLng::from(cell);
                let to_centre = distance(&corridor, Point::new(centre.lng(), centre.lat()));
                prop_assert!(centroid.contains(cell) || to_centre > radius, "{to_centre}");
                prop_assert!(!centroid.contains(cell) || to_centre < radius * 1.01, "{to_centre}");
                // The cell's corners and the middles of its sides, and its centre.
                let corners: Vec<Point<f64>> = cell.boundary().iter().map(|c| Point::new(c.lng(), c.lat())).collect();
                let middles = corners.iter().zip(corners.iter().cycle().skip(1)).map(|(a, b)| (*a + *b) / 2.0);
                let edge: Vec<f64> = corners.iter().copied().chain(middles).map(|p| distance(&corridor, p)).collect();
                if inside.contains(cell) {
                    prop_assert!(edge.iter().all(|d| *d < radius * 1.01), "{edge:?}");
                }
                if edge.iter().any(|d| *d <= radius) {
                    prop_assert!(covers.contains(cell));
                }
            }
        }
    }

    #[test]
    fn a_cell_across_the_joint_of_two_pieces_is_inside() {
        // A cell in the middle of a straight line of many positions lies in no single piece's capsule.
        let line: Vec<(f64, f64)> =
            (0..40).map(|i| (4.30 + 0.001 * f64::from(i), 50.85 + 0.000_1 * f64::from(i % 2))).collect();
        let polygons = corridor_polygons(&Corridor::new(&[line], 700.0).unwrap(), "").unwrap();
        assert_eq!(polygons.len(), 1);
        let inside = cover(&Shape::new(&polygons), Resolution::Nine, CoverMode::Inside).unwrap();
        assert!(inside.contains(LatLng::new(50.85, 4.32).unwrap().to_cell(Resolution::Nine)));
    }

    #[test]
    fn what_is_absurd_is_refused_and_what_is_long_is_not() {
        let around = Corridor::new(&[vec![(-170.0, 10.0), (170.0, 70.0)]], 1.0).unwrap();
        assert_eq!(corridor_polygons(&around, "").unwrap_err().code, "too_many_pieces");
        let edge = Corridor::new(&[vec![(179.0, 10.0), (179.9, 10.0)]], 50_000.0).unwrap();
        assert_eq!(corridor_polygons(&edge, "").unwrap_err().code, "antimeridian");
        let track: Vec<(f64, f64)> =
            (0..20_000).map(|i| (4.0 + f64::from(i) * 5e-5, 50.5 + (f64::from(i) * 0.01).sin() * 0.05)).collect();
        assert!(corridor_polygons(&Corridor::new(&[track], 500.0).unwrap(), "").is_ok());
        let still = Corridor::new(&[vec![(4.35, 50.85), (4.35, 50.85)]], 100.0).unwrap();
        assert_eq!(corridor_polygons(&still, "").unwrap().len(), 1);
    }

    #[test]
    fn a_line_that_winds_to_and_fro_is_refused_before_it_takes_seconds() {
        let zigzag: Vec<(f64, f64)> =
            (0..50_000_u32).map(|i| (4.0 + f64::from(i) / 5e4, 50.0 + f64::from(i % 2) / 10.0)).collect();
        assert!(simplified(&zigzag, 500.0).is_none());
        let corridor = Corridor::new(&[zigzag], 500.0).unwrap();
        assert_eq!(corridor_polygons(&corridor, "").unwrap_err().code, "too_many_pieces");
        // As many positions along a road are no trouble.
        let road: Vec<(f64, f64)> =
            (0..50_000_u32).map(|i| (4.0 + f64::from(i) / 1e5, 50.0 + 0.05 * (f64::from(i) / 1e3).sin())).collect();
        assert!(simplified(&road, 100.0).is_some_and(|kept| kept.len() < 2_000));
    }
}
