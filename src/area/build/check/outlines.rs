//! Source boundaries as a map that answers exactly: which unit holds a point, and whether a border is near. Slower and
//! far larger than the cell index, which is why only its check uses it.

use std::collections::HashMap;

use geo::algorithm::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::{BoundingRect as _, Coord, Line, Polygon, Rect};

use crate::domain::place::Country;

/// A metre is this part of a degree of latitude (mean radius of the Earth, 6,371,008.8 m).
pub(super) const METRES_PER_DEGREE: f64 = 111_195.08;
/// Side of a square of the grid of edges. At 52 degrees north 0.005 degrees are 340 m of longitude, at 60 still 278 m,
/// so whatever is within [`FARTHEST_M`] lies in the square of a point or in one beside it.
const EDGE_SQUARE: f64 = 0.005;
/// The largest distance that may be asked for.
pub(super) const FARTHEST_M: f64 = 250.0;
/// Side of a square of the grid of units: several communes, one municipality.
const UNIT_SQUARE: f64 = 0.05;

/// A square of a grid, by column and row.
type Square = (i32, i32);

/// One municipality or commune.
pub(super) struct Unit {
    pub country: Country,
    pub code: String,
    pub boundary: Vec<Polygon<f64>>,
}

/// All units of both countries.
pub(super) struct Outlines {
    units: Vec<Unit>,
    by_square: HashMap<Square, Vec<u32>>,
    borders: HashMap<Square, Vec<Line<f64>>>,
}

fn square(c: Coord<f64>, side: f64) -> Square {
    #[allow(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "degrees over a side of at least 0.005 are at most 72,000 squares"
    )]
    let number = |degrees: f64| (degrees / side).floor() as i32;
    (number(c.x), number(c.y))
}

fn squares(rect: Rect<f64>, side: f64) -> impl Iterator<Item = Square> {
    let ((west, south), (east, north)) = (square(rect.min(), side), square(rect.max(), side));
    (west..=east).flat_map(move |x| (south..=north).map(move |y| (x, y)))
}

impl Outlines {
    /// Belgium's units must come first: where boundaries of the two countries overlap, the first unit has the point.
    pub(super) fn new(units: Vec<Unit>) -> Self {
        let mut by_square: HashMap<Square, Vec<u32>> = HashMap::new();
        let mut borders: HashMap<Square, Vec<Line<f64>>> = HashMap::new();
        for (number, unit) in (0_u32..).zip(&units) {
            for polygon in &unit.boundary {
                for at in polygon.bounding_rect().into_iter().flat_map(|rect| squares(rect, UNIT_SQUARE)) {
                    let there = by_square.entry(at).or_default();
                    if there.last() != Some(&number) {
                        there.push(number);
                    }
                }
                for line in
                    std::iter::once(polygon.exterior()).chain(polygon.interiors()).flat_map(geo::LineString::lines)
                {
                    for at in squares(line.bounding_rect(), EDGE_SQUARE) {
                        borders.entry(at).or_default().push(line);
                    }
                }
            }
        }
        Self { units, by_square, borders }
    }

    pub(super) fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The unit whose boundary holds a point; none in the gaps between boundaries and beyond them.
    pub(super) fn unit_at(&self, point: Coord<f64>) -> Option<&Unit> {
        let near = self.by_square.get(&square(point, UNIT_SQUARE))?;
        let units = near.iter().filter_map(|number| self.units.get(usize::try_from(*number).ok()?));
        units.into_iter().find(|unit| unit.boundary.iter().any(|polygon| holds(polygon, point)))
    }

    /// Whether any boundary of either country runs within some metres (at most [`FARTHEST_M`]) of a point. On the
    /// plane that touches the Earth near the point: over 250 m the error is below a millimetre.
    pub(super) fn border_within(&self, point: Coord<f64>, metres: f64) -> bool {
        let (column, row) = square(point, EDGE_SQUARE);
        let around = (column - 1..=column + 1).flat_map(|x| (row - 1..=row + 1).map(move |y| (x, y)));
        let east = METRES_PER_DEGREE * point.y.to_radians().cos();
        let flat = |c: Coord<f64>| ((c.x - point.x) * east, (c.y - point.y) * METRES_PER_DEGREE);
        let near = |line: &Line<f64>| {
            let ((ax, ay), (bx, by)) = (flat(line.start), flat(line.end));
            let (dx, dy) = (bx - ax, by - ay);
            let length = dx * dx + dy * dy;
            let along = if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
            (ax + along * dx).hypot(ay + along * dy) <= metres
        };
        around.into_iter().filter_map(|at| self.borders.get(&at)).flatten().any(near)
    }
}

/// Whether a polygon holds a point; a point on a ring counts as held.
pub(super) fn holds(polygon: &Polygon<f64>, point: Coord<f64>) -> bool {
    let rect = polygon.bounding_rect();
    let within =
        |r: Rect<f64>| (r.min().x..=r.max().x).contains(&point.x) && (r.min().y..=r.max().y).contains(&point.y);
    rect.is_some_and(within)
        && coord_pos_relative_to_ring(point, polygon.exterior()) != CoordPos::Outside
        && polygon.interiors().iter().all(|hole| coord_pos_relative_to_ring(point, hole) != CoordPos::Inside)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use geo::{Distance as _, Haversine, LineString, Point, coord};
    use proptest::prelude::*;

    fn unit(country: Country, code: &str, west: f64, south: f64, side: f64) -> Unit {
        let (east, north) = (west + side, south + side);
        let ring = vec![(west, south), (east, south), (east, north), (west, north), (west, south)];
        let (a, b) = (west + side * 0.4, south + side * 0.4);
        let hole = vec![(a, b), (a + side * 0.2, b), (a + side * 0.2, b + side * 0.2), (a, b)];
        let boundary = vec![Polygon::new(LineString::from(ring), vec![LineString::from(hole)])];
        Unit { country, code: code.to_owned(), boundary }
    }

    #[test]
    fn a_point_is_in_its_unit_not_in_its_hole_and_the_first_unit_wins() {
        let map = Outlines::new(vec![unit(Country::Be, "B", 3.0, 50.0, 0.3), unit(Country::Fr, "F", 2.9, 49.9, 0.2)]);
        let at = |x, y| map.unit_at(coord! { x: x, y: y }).map(|unit| unit.code.as_str());
        assert_eq!(at(3.05, 50.05), Some("B"));
        assert_eq!(at(2.95, 49.95), Some("F"));
        assert_eq!(at(3.16, 50.13), None, "the hole");
        assert_eq!(at(9.0, 50.0), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn near_a_border_is_what_it_is_on_the_sphere(x in 2.99..3.31_f64, y in 49.99..50.31_f64, metres in 1.0..250.0_f64) {
            let map = Outlines::new(vec![unit(Country::Be, "B", 3.0, 50.0, 0.3)]);
            let point = Point::new(x, y);
            // Every edge in steps of a metre or so; the truth within a metre.
            let rings = map.units().first().unwrap().boundary.first().unwrap();
            let lines = std::iter::once(rings.exterior()).chain(rings.interiors()).flat_map(LineString::lines);
            let nearest = lines
                .flat_map(|l| (0..=20_000_u32).map(move |i| l.start + l.delta() * (f64::from(i) / 20_000.0)))
                .filter(|c| (c.y - y).abs() < 0.004)
                .map(|c| Haversine.distance(point, Point::from(c)))
                .fold(f64::INFINITY, f64::min);
            prop_assume!((nearest - metres).abs() > 1.0);
            prop_assert_eq!(map.border_within(point.0, metres), nearest < metres, "{}", nearest);
        }
    }
}
