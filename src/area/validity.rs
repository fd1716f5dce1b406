//! What is wrong with a polygon's rings, and where, in words. Whether anything is wrong is the exact `sweep`'s to say; it
//! ends at the first crossing, so a second, bounded look finds more places to tell at once.

use geo::{Coord, Line, LineString};

use super::fault::{AreaFault, limits};
use super::geojson::FiledPolygon;
use super::sweep::{Edge, Meeting, crossing, nesting};

/// Pairs of edges looked at to tell more than one crossing: some tens of milliseconds.
const PAIRS: usize = 2_000_000;

/// Everything wrong with one polygon.
pub(super) fn faults(filed: &FiledPolygon) -> Vec<AreaFault> {
    let rings: Vec<&LineString<f64>> =
        std::iter::once(filed.polygon.exterior()).chain(filed.polygon.interiors()).collect();
    let mut found = Vec::new();
    let mut edges: Vec<Edge> = Vec::new();
    for (ring, positions) in rings.iter().enumerate() {
        let lines: Vec<Line<f64>> = positions.lines().filter(|line| line.start != line.end).collect();
        if lines.len() < 3 {
            let message = format!("{} encloses nothing", name(ring));
            found.push(AreaFault::new(format!("{}/{ring}", filed.pointer), "degenerate", message));
        }
        let of = lines.len();
        edges.extend(lines.into_iter().enumerate().map(|(number, line)| Edge { line, ring, number, of }));
    }
    match nesting(&edges, rings.len()) {
        Ok(parents) if found.is_empty() => found.extend(stray_holes(&filed.pointer, &parents)),
        Ok(_) => {}
        Err(first) => {
            let mut all = crossings(&edges);
            if !all.iter().any(|meeting| meeting.rings == first.rings) {
                all.insert(0, first);
            }
            found.extend(all.into_iter().take(limits::FAULTS).map(|meeting| tell(&filed.pointer, meeting)));
        }
    }
    found
}

fn name(ring: usize) -> String {
    if ring == 0 { "the outer ring".to_owned() } else { format!("hole {ring}") }
}

/// Directions to sweep along, each with the one across it. Long parallel edges are what makes a sweep slow, so the
/// direction along which the edges are shortest is taken.
const SWEEPS: [(Coord<f64>, Coord<f64>); 4] = {
    const X: Coord<f64> = Coord { x: 1.0, y: 0.0 };
    const Y: Coord<f64> = Coord { x: 0.0, y: 1.0 };
    const UP: Coord<f64> = Coord { x: 1.0, y: 1.0 };
    const DOWN: Coord<f64> = Coord { x: 1.0, y: -1.0 };
    [(X, Y), (Y, X), (UP, DOWN), (DOWN, UP)]
};

/// What an edge spans in one direction.
fn extent(line: &Line<f64>, direction: Coord<f64>) -> (f64, f64) {
    let along = |c: Coord<f64>| c.x * direction.x + c.y * direction.y;
    let (a, b) = (along(line.start), along(line.end));
    // Sums of two coordinates round; a hair more never loses a neighbour.
    (a.min(b) - 1e-12, a.max(b) + 1e-12)
}

/// One place for each pair of rings that cross, as far as a bounded look finds them.
fn crossings(edges: &[Edge]) -> Vec<Meeting> {
    let total = |direction: Coord<f64>| -> f64 {
        // The diagonal directions have length sqrt(2).
        let length = direction.x.hypot(direction.y);
        let spans = edges.iter().map(|edge| extent(&edge.line, direction));
        spans.map(|(from, until)| until - from).sum::<f64>() / length
    };
    let shortest = SWEEPS.into_iter().min_by(|a, b| total(a.0).total_cmp(&total(b.0)));
    let Some((along, across)) = shortest else {
        return Vec::new();
    };
    let spans = |edge| (extent(&edge, along), extent(&edge, across));
    let mut swept: Vec<_> = edges.iter().map(|edge| (spans(edge.line), edge)).collect();
    swept.sort_by(|a, b| a.0.0.0.total_cmp(&b.0.0.0));

    let mut found: Vec<Meeting> = Vec::new();
    let mut left = PAIRS;
    for (i, (((_, until), beside), edge)) in swept.iter().enumerate() {
        for (((from, _), other_beside), other) in swept.get(i + 1..).unwrap_or(&[]) {
            if from > until {
                break;
            }
            if left == 0 || found.len() >= limits::FAULTS {
                return found;
            }
            left -= 1;
            if other_beside.0 > beside.1 || beside.0 > other_beside.1 {
                continue;
            }
            let rings = (edge.ring.min(other.ring), edge.ring.max(other.ring));
            if let Some(place) = crossing(edge, other)
                && !found.iter().any(|meeting| meeting.rings == rings)
            {
                found.push(Meeting { rings, place });
            }
        }
    }
    found
}

fn tell(pointer: &str, Meeting { rings: (first, second), place }: Meeting) -> AreaFault {
    let at = format!("near {:.6} {:.6} (longitude, latitude)", place.x, place.y);
    if first == second {
        let message = format!("{} crosses or touches itself {at}", name(first));
        AreaFault::new(format!("{pointer}/{first}"), "self_crossing", message)
    } else {
        let message = format!("{} and {} cross or share an edge {at}", name(second), name(first));
        AreaFault::new(format!("{pointer}/{second}"), "rings_cross", message)
    }
}

/// Holes that do not lie in the outer ring, and in no other hole, by the ring each ring lies in.
fn stray_holes(pointer: &str, parents: &[Option<usize>]) -> Vec<AreaFault> {
    let stray = parents.iter().enumerate().skip(1).filter_map(|(ring, parent)| {
        let at = format!("{pointer}/{ring}");
        match parent {
            Some(0) => None,
            None => Some(AreaFault::new(at, "hole_outside", format!("{} lies outside the outer ring", name(ring)))),
            Some(other) => {
                let message = format!("{} lies in {}, which is cut out already", name(ring), name(*other));
                Some(AreaFault::new(at, "hole_in_hole", message))
            }
        }
    });
    stray.take(limits::FAULTS).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use geo::{Polygon, Validation};
    use proptest::prelude::*;

    fn filed(rings: &[&[(f64, f64)]]) -> FiledPolygon {
        let mut rings = rings.iter().map(|ring| LineString::from(ring.to_vec()));
        FiledPolygon {
            pointer: "/coordinates".to_owned(),
            polygon: Polygon::new(rings.next().unwrap(), rings.collect()),
        }
    }

    fn codes(rings: &[&[(f64, f64)]]) -> Vec<(String, &'static str)> {
        faults(&filed(rings)).into_iter().map(|f| (f.pointer, f.code)).collect()
    }

    const SQUARE: &[(f64, f64)] = &[(4.0, 50.0), (5.0, 50.0), (5.0, 51.0), (4.0, 51.0), (4.0, 50.0)];

    #[test]
    fn a_bow_tie_is_refused_with_the_crossing() {
        let found = faults(&filed(&[&[(4.0, 50.0), (5.0, 51.0), (5.0, 50.0), (4.0, 51.0), (4.0, 50.0)]]));
        let fault = found.first().unwrap();
        assert_eq!((fault.pointer.as_str(), fault.code), ("/coordinates/0", "self_crossing"));
        assert!(fault.message.contains("4.500000 50.500000"), "{}", fault.message);
    }

    #[test]
    fn spikes_flat_rings_and_touching_are_refused() {
        assert_eq!(
            codes(&[&[(4.0, 50.0), (5.0, 50.0), (5.0, 51.0), (5.0, 52.0), (5.0, 51.0), (4.0, 51.0), (4.0, 50.0)]])
                .len(),
            1
        );
        assert!(!codes(&[&[(4.0, 50.0), (5.0, 50.0), (4.5, 50.0), (4.0, 50.0)]]).is_empty());
        assert_eq!(
            codes(&[&[(4.0, 50.0), (4.0, 50.0), (4.0, 50.0), (4.0, 50.0)]]),
            [("/coordinates/0".to_owned(), "degenerate")]
        );
        let pinched = [(4.0, 50.0), (5.0, 50.0), (4.5, 50.5), (5.0, 51.0), (4.0, 51.0), (4.5, 50.5), (4.0, 50.0)];
        assert_eq!(codes(&[&pinched]), [("/coordinates/0".to_owned(), "self_crossing")]);
    }

    #[test]
    fn holes_must_lie_inside_and_may_touch_at_a_point() {
        let inside: &[(f64, f64)] = &[(4.2, 50.2), (4.4, 50.2), (4.4, 50.4), (4.2, 50.2)];
        let touching: &[(f64, f64)] = &[(4.0, 50.5), (4.2, 50.5), (4.2, 50.7), (4.0, 50.5)];
        let outside: &[(f64, f64)] = &[(6.0, 50.2), (6.4, 50.2), (6.4, 50.4), (6.0, 50.2)];
        let across: &[(f64, f64)] = &[(4.8, 50.2), (5.4, 50.2), (5.4, 50.4), (4.8, 50.2)];
        assert_eq!(codes(&[SQUARE, inside, touching]), []);
        assert_eq!(codes(&[SQUARE, inside, outside]), [("/coordinates/2".to_owned(), "hole_outside")]);
        assert_eq!(codes(&[SQUARE, across]), [("/coordinates/1".to_owned(), "rings_cross")]);
        assert_eq!(codes(&[SQUARE, inside, inside]).first().map(|f| f.1), Some("rings_cross"));
    }

    #[test]
    fn repeated_positions_are_no_fault() {
        assert_eq!(
            codes(&[&[(4.0, 50.0), (5.0, 50.0), (5.0, 50.0), (5.0, 51.0), (4.0, 51.0), (4.0, 50.0), (4.0, 50.0)]]),
            []
        );
    }

    proptest! {
        #[test]
        fn the_sweep_sees_whatever_the_library_sees(points in proptest::collection::vec((0..12_u8, 0..12_u8), 3..9)) {
            let mut ring: Vec<(f64, f64)> = points.into_iter().map(|(x, y)| (f64::from(x), f64::from(y))).collect();
            ring.dedup();
            if ring.first() == ring.last() { ring.pop(); }
            prop_assume!(ring.len() >= 4);
            ring.push(*ring.first().unwrap());
            let filed = filed(&[&ring]);
            // The library overlooks some spikes; what it does see, the sweep must see too.
            prop_assert!(filed.polygon.is_valid() || !faults(&filed).is_empty());
        }
    }
}
