//! What one would do without a search: the yardsticks of the benchmark, and a floor under every aim.

use geo::{ConvexHull as _, Coord, LineString, MultiPoint, Point};
use h3o::{LatLng, Resolution};

use super::frame::EARTH_M;
use crate::domain::aim::{CircleLimits, Circles};
use crate::domain::area::{CellSet, Circle, CoverMode};

/// One circle around each compacted cell, at the finest resolution at which there are no more than allowed.
pub(super) fn per_cell(target: &CellSet, limits: &CircleLimits) -> Option<Circles> {
    let most = limits.circles;
    (0..=9_u8).rev().find_map(|r| {
        let resolution = Resolution::try_from(r).ok()?;
        let cells = target.coarsened(resolution, CoverMode::Covers);
        if cells.cells().take(most + 1).count() > most {
            return None;
        }
        let around = |cell: h3o::CellIndex| {
            let centre = LatLng::from(cell);
            let farthest = cell.boundary().iter().map(|corner| centre.distance_m(*corner)).fold(0.0, f64::max);
            // Children reach 5.24 % beyond the circumscribed circle of their ancestor.
            let radius = (farthest * 1.0524).ceil().max(f64::from(limits.min_radius_m));
            (radius <= f64::from(limits.max_radius_m)).then(|| Circle::new(centre.lat(), centre.lng(), radius).ok())?
        };
        let includes: Option<Vec<Circle>> = cells.cells().map(around).collect();
        includes.map(|includes| Circles { includes, excludes: Vec::new() })
    })
}

/// The smallest circle around everything, by Welzl's rule on the hull of the cells' centres in a local plane, widened by
/// a cell.
pub(super) fn enclosing(target: &CellSet, limits: &CircleLimits) -> Option<Circles> {
    let points: Vec<(f64, f64)> = target
        .cells()
        .flat_map(|cell| cell.boundary().iter().map(|corner| (corner.lng(), corner.lat())).collect::<Vec<_>>())
        .collect();
    let middle = points.iter().map(|(_, lat)| lat).sum::<f64>() / f64::from(u32::try_from(points.len()).ok()?);
    let scale = middle.to_radians().cos();
    let plane: MultiPoint<f64> = points.iter().map(|(lon, lat)| Point::new(lon * scale, *lat)).collect();
    let hull: LineString<f64> = plane.convex_hull().into_inner().0;
    let (x, y, _) = smallest_circle(&hull.0)?;
    let centre = LatLng::new(y, x / scale).ok()?;
    let corner = |c: &Coord<f64>| LatLng::new(c.y, c.x / scale).map_or(0.0, |corner| centre.distance_m(corner));
    // Half a per cent for the plane and for children that reach beyond their ancestor.
    let radius = hull.0.iter().map(corner).fold(0.0, f64::max) * 1.005;
    let radius = radius.max(f64::from(limits.min_radius_m));
    if radius > f64::from(limits.max_radius_m) || radius > EARTH_M {
        return None;
    }
    let circle = Circle::new(centre.lat(), centre.lng(), radius).ok()?;
    Some(Circles { includes: vec![circle], excludes: Vec::new() })
}

/// The smallest circle around points, as centre and radius: grown from two and three points until all are inside.
fn smallest_circle(points: &[Coord<f64>]) -> Option<(f64, f64, f64)> {
    let holds = |(x, y, r): (f64, f64, f64), p: &Coord<f64>| (p.x - x).hypot(p.y - y) <= r * (1.0 + 1e-12) + 1e-12;
    let first = points.first()?;
    let mut circle = (first.x, first.y, 0.0);
    for (i, p) in points.iter().enumerate() {
        if holds(circle, p) {
            continue;
        }
        circle = (p.x, p.y, 0.0);
        for (j, q) in points.iter().take(i).enumerate() {
            if holds(circle, q) {
                continue;
            }
            circle = across(p, q);
            for s in points.iter().take(j) {
                if !holds(circle, s) {
                    circle = through(p, q, s).unwrap_or(circle);
                }
            }
        }
    }
    Some(circle)
}

fn across(p: &Coord<f64>, q: &Coord<f64>) -> (f64, f64, f64) {
    let (x, y) = (f64::midpoint(p.x, q.x), f64::midpoint(p.y, q.y));
    (x, y, (p.x - x).hypot(p.y - y))
}

fn through(first: &Coord<f64>, second: &Coord<f64>, third: &Coord<f64>) -> Option<(f64, f64, f64)> {
    let (one, two) = (*second - *first, *third - *first);
    let doubled = 2.0 * (one.x * two.y - one.y * two.x);
    if doubled.abs() < 1e-18 {
        return None;
    }
    let (one_square, two_square) = (one.x * one.x + one.y * one.y, two.x * two.x + two.y * two.y);
    let x = (two.y * one_square - one.y * two_square) / doubled;
    let y = (one.x * two_square - two.x * one_square) / doubled;
    Some((first.x + x, first.y + y, x.hypot(y)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_smallest_circle_holds_all_and_touches_two(points in proptest::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 2..30)) {
            let coords: Vec<Coord<f64>> = points.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect();
            let (x, y, r) = smallest_circle(&coords).unwrap();
            let away = |c: &Coord<f64>| (c.x - x).hypot(c.y - y);
            prop_assert!(coords.iter().all(|c| away(c) <= r + 1e-9));
            prop_assert!(coords.iter().filter(|c| away(c) >= r - 1e-9).count() >= 2);
        }
    }
}
