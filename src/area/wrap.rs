//! Rings across the antimeridian and around a pole, as filed with longitudes from -180 to 180, made continuous: their
//! longitudes then run past 180, which the cover understands.

use geo::{BoundingRect as _, Coord, LineString, Polygon};

/// Why a polygon cannot be made continuous: which ring, a stable word, a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotOnePlane {
    pub ring: usize,
    pub code: &'static str,
    pub message: &'static str,
}

/// The polygon with continuous longitudes. One that jumps nowhere is returned as it is.
pub(super) fn unwrapped(exterior: LineString<f64>, holes: Vec<LineString<f64>>) -> Result<Polygon<f64>, NotOnePlane> {
    let no = |ring, code, message| Err(NotOnePlane { ring, code, message });
    let jumps = std::iter::once(&exterior).chain(&holes).any(|ring| ring.lines().any(|l| is_jump(l.start, l.end)));
    if !jumps {
        return Ok(Polygon::new(exterior, holes));
    }
    let (outer, turns) = continuous(&exterior);
    let outer = match turns {
        0 => outer,
        1 | -1 => {
            let (south, north) = latitudes(&outer);
            if south <= 0.0 && north >= 0.0 {
                return no(
                    0,
                    "around_the_earth",
                    "this ring goes around the Earth and meets the equator, so it encloses no pole more than the other; \
                     split it into polygons between -180 and 180",
                );
            }
            cap(&exterior, if north > 0.0 { 90.0 } else { -90.0 })
        }
        _ => return no(0, "around_the_earth", "this ring goes more than once around the Earth"),
    };
    let frame = outer.bounding_rect().map_or((-180.0, 180.0), |rect| (rect.min().x, rect.max().x));
    let mut inner = Vec::with_capacity(holes.len());
    for (hole, ring) in holes.iter().zip(1_usize..) {
        let (hole, turns) = continuous(hole);
        if turns != 0 {
            return no(ring, "around_the_earth", "a hole that goes around a pole; file the ring as the outer ring");
        }
        inner.push(moved_into(hole, frame));
    }
    Ok(Polygon::new(outer, inner))
}

/// An edge that is shorter across the antimeridian. From -180 to 180 along one parallel is the way around the Earth:
/// the short way would be no way at all.
fn is_jump(a: Coord<f64>, b: Coord<f64>) -> bool {
    let apart = (a.x - b.x).abs();
    apart > 180.0 && !(apart >= 360.0 && a.y.to_bits() == b.y.to_bits())
}

/// The ring without jumps, and how many turns it makes around the Earth.
fn continuous(ring: &LineString<f64>) -> (LineString<f64>, i32) {
    let mut turns = 0_i32;
    let mut coords: Vec<Coord<f64>> = Vec::with_capacity(ring.0.len());
    let mut before: Option<Coord<f64>> = None;
    for c in &ring.0 {
        if let Some(before) = before
            && is_jump(before, *c)
        {
            turns += if c.x < before.x { 1 } else { -1 };
        }
        before = Some(*c);
        coords.push(Coord { x: c.x + 360.0 * f64::from(turns), y: c.y });
    }
    (LineString::new(coords), turns)
}

/// What lies between a ring around a pole and the pole, cut open at the antimeridian.
fn cap(ring: &LineString<f64>, pole: f64) -> LineString<f64> {
    // The positions from the jump on, then those before it; a ring around a pole may jump to and fro, the last counts.
    let open = ring.0.get(..ring.0.len().saturating_sub(1)).unwrap_or(&[]);
    let after = ring.lines().enumerate().filter(|(_, l)| is_jump(l.start, l.end)).last();
    let Some((at, line)) = after else { return ring.clone() };
    let side = 180.0_f64.copysign(line.end.x);
    let apart = 360.0 - (line.end.x - line.start.x).abs();
    let share = if apart > 0.0 { (180.0 - line.start.x.abs()) / apart } else { 0.0 };
    let y = line.start.y + share * (line.end.y - line.start.y);
    let mut coords = vec![Coord { x: side, y }];
    coords.extend(open.iter().cycle().skip(at + 1).take(open.len()));
    let (mut round, _) = continuous(&LineString::new(coords));
    round.0.extend([
        Coord { x: -side, y },
        Coord { x: -side, y: pole },
        Coord { x: side, y: pole },
        Coord { x: side, y },
    ]);
    round.0.dedup();
    round
}

fn latitudes(ring: &LineString<f64>) -> (f64, f64) {
    ring.bounding_rect().map_or((0.0, 0.0), |rect| (rect.min().y, rect.max().y))
}

/// The ring moved by full turns until its middle lies in the frame.
fn moved_into(ring: LineString<f64>, (west, east): (f64, f64)) -> LineString<f64> {
    let Some(rect) = ring.bounding_rect() else { return ring };
    let middle = rect.center().x;
    let turn = [0.0, 360.0, -360.0].into_iter().find(|t| (west..=east).contains(&(middle + t))).unwrap_or(0.0);
    if turn == 0.0 { ring } else { LineString::new(ring.0.iter().map(|c| Coord { x: c.x + turn, y: c.y }).collect()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp, reason = "tests may; whole turns are exact")]
    use super::*;

    fn ring(points: &[(f64, f64)]) -> LineString<f64> {
        LineString::from(points.to_vec())
    }

    #[test]
    fn a_ring_that_jumps_nowhere_stays_as_it_is() {
        let plain = ring(&[(170.0, 0.0), (180.0, 0.0), (180.0, 5.0), (170.0, 0.0)]);
        assert_eq!(unwrapped(plain.clone(), vec![]).unwrap().exterior(), &plain);
        let band = ring(&[(-180.0, 10.0), (180.0, 10.0), (180.0, 20.0), (-180.0, 20.0), (-180.0, 10.0)]);
        assert_eq!(unwrapped(band.clone(), vec![]).unwrap().exterior(), &band);
    }

    #[test]
    fn a_ring_across_the_antimeridian_runs_past_180_and_takes_its_holes_along() {
        let outer = ring(&[(170.0, -10.0), (-170.0, -10.0), (-170.0, 10.0), (170.0, 10.0), (170.0, -10.0)]);
        let hole = ring(&[(-178.0, 0.0), (-176.0, 0.0), (-176.0, 1.0), (-178.0, 0.0)]);
        let polygon = unwrapped(outer, vec![hole]).unwrap();
        let rect = polygon.exterior().bounding_rect().unwrap();
        assert_eq!((rect.min().x, rect.max().x), (170.0, 190.0));
        assert_eq!(polygon.interiors().first().unwrap().bounding_rect().unwrap().min().x, 182.0);
    }

    #[test]
    fn a_ring_around_a_pole_is_its_cap_and_around_the_equator_is_refused() {
        for turn in [1.0, -1.0] {
            let around: Vec<_> = [-120.0, 0.0, 120.0, -120.0].iter().map(|x| (x * turn, 70.0)).collect();
            let polygon = unwrapped(ring(&around), vec![]).unwrap();
            let rect = polygon.exterior().bounding_rect().unwrap();
            assert_eq!((rect.min().x, rect.max().x, rect.min().y, rect.max().y), (-180.0, 180.0, 70.0, 90.0));
            assert_eq!(polygon.exterior().0.first(), polygon.exterior().0.last());
        }
        let equator = ring(&[(-120.0, -5.0), (0.0, 5.0), (120.0, 5.0), (-120.0, -5.0)]);
        assert_eq!(unwrapped(equator, vec![]).unwrap_err().code, "around_the_earth");
    }
}
