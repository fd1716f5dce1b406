//! The sweep against looking at every pair, on lattices, where everything touches everything.
#![allow(clippy::unwrap_used, reason = "tests may")]
use super::*;
use geo::algorithm::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::{LineString, Polygon, Validation as _, coord};
use proptest::prelude::*;

fn edges(rings: &[LineString<f64>]) -> Vec<Edge> {
    let mut all = Vec::new();
    for (ring, positions) in rings.iter().enumerate() {
        let lines: Vec<_> = positions.lines().filter(|line| line.start != line.end).collect();
        let of = lines.len();
        all.extend(lines.into_iter().enumerate().map(|(number, line)| Edge { line, ring, number, of }));
    }
    all
}

fn ring(points: &[(f64, f64)]) -> LineString<f64> {
    let mut ring = LineString::from(points.to_vec());
    ring.close();
    ring
}

fn nested(rings: &[&[(f64, f64)]]) -> Result<Vec<Option<usize>>, (usize, usize)> {
    let rings: Vec<_> = rings.iter().map(|points| ring(points)).collect();
    nesting(&edges(&rings), rings.len()).map_err(|meeting| meeting.rings)
}

fn square(at: f64, side: f64) -> [(f64, f64); 4] {
    [(at, at), (at + side, at), (at + side, at + side), (at, at + side)]
}

#[test]
fn each_ring_knows_the_ring_it_lies_in() {
    let (outer, hole, island, beside) = (square(0.0, 9.0), square(1.0, 5.0), square(2.0, 1.0), square(7.0, 1.0));
    assert_eq!(nested(&[&outer, &hole, &island, &beside]), Ok(vec![None, Some(0), Some(1), Some(0)]));
    assert_eq!(nested(&[&hole, &outer]), Ok(vec![Some(1), None]));
    assert_eq!(nested(&[&island, &beside]), Ok(vec![None, None]));
    // Touching at the first vertex of both, and a vertex on an edge.
    assert_eq!(nested(&[&outer, &[(0.0, 0.0), (3.0, 1.0), (1.0, 3.0)]]), Ok(vec![None, Some(0)]));
    assert_eq!(nested(&[&outer, &[(0.0, 4.0), (3.0, 5.0), (3.0, 3.0)]]), Ok(vec![None, Some(0)]));
    assert_eq!(nested(&[&outer, &[(9.0, 9.0), (12.0, 10.0), (10.0, 12.0)]]), Ok(vec![None, None]));
}

#[test]
fn a_ring_that_leaves_through_vertices_crosses() {
    let outer = square(0.0, 4.0);
    let on_the_edge = [(2.0, 1.0), (4.0, 1.0), (6.0, 2.0), (4.0, 3.0), (2.0, 3.0)];
    assert_eq!(nested(&[&outer, &on_the_edge]), Err((0, 1)));
    let through_corners = [(2.0, 2.0), (4.0, 4.0), (6.0, 2.0), (4.0, 0.0)];
    assert_eq!(nested(&[&outer, &through_corners]), Err((0, 1)));
    let along = [(1.0, 0.0), (3.0, 0.0), (2.0, 2.0)];
    assert_eq!(nested(&[&outer, &along]), Err((0, 1)));
    let pinched = [(0.0, 0.0), (2.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 2.0), (1.0, 1.0)];
    assert_eq!(nested(&[&pinched]), Err((0, 0)));
}

/// What the sweep must find, found by comparing every two edges and every two turns at a point.
fn looked_at_pairwise(edges: &[Edge]) -> bool {
    let crossed = |a: &Edge| edges.iter().any(|b| !std::ptr::eq(a, b) && crossing(a, b).is_some());
    edges.iter().any(crossed)
}

fn corners() -> impl Strategy<Value = Vec<(u8, u8)>> {
    proptest::collection::vec((0..7_u8, 0..7_u8), 3..7)
}

fn lattice(points: &[(u8, u8)]) -> Option<LineString<f64>> {
    let mut points: Vec<(f64, f64)> = points.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).collect();
    points.dedup();
    if points.first() == points.last() {
        points.pop();
    }
    (points.len() > 2).then(|| ring(&points))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_sweep_sees_what_pairs_and_the_library_see(rings in proptest::collection::vec(corners(), 1..4)) {
        let rings: Vec<_> = rings.iter().filter_map(|points| lattice(points)).collect();
        prop_assume!(!rings.is_empty());
        let edges = edges(&rings);
        match nesting(&edges, rings.len()) {
            Err(meeting) => {
                let (a, b) = meeting.rings;
                let one = Polygon::new(rings.get(a).unwrap().clone(), vec![]);
                let both = [rings.get(a).unwrap(), rings.get(b).unwrap()];
                let changes = || {
                    let pair = [both[0].clone(), both[1].clone()];
                    a != b && sides(&pair[0], &pair[1]) && sides(&pair[1], &pair[0])
                };
                prop_assert!(looked_at_pairwise(&edges) || (a == b && !one.is_valid()) || changes(), "{meeting:?}");
            }
            Ok(parents) => {
                prop_assert!(!looked_at_pairwise(&edges), "a crossing was overlooked");
                for (number, parent) in parents.iter().enumerate() {
                    let inner = rings.get(number).unwrap();
                    let around: Vec<_> = (0..rings.len()).filter(|o| *o != number && lies_in(inner, rings.get(*o).unwrap())).collect();
                    prop_assert_eq!(parent.is_some(), !around.is_empty());
                    prop_assert!(parent.is_none_or(|parent| around.contains(&parent)));
                    // The innermost of those around it.
                    prop_assert!(around.iter().all(|o| Some(*o) == *parent || lies_in(rings.get(parent.unwrap()).unwrap(), rings.get(*o).unwrap())));
                }
                if parents.iter().skip(1).all(|parent| *parent == Some(0)) && rings.len() == 2 {
                    let polygon = Polygon::new(rings.first().unwrap().clone(), rings.get(1..).unwrap().to_vec());
                    // The library also wants the inside connected; a hole that touches twice is harmless to a cover.
                    prop_assert!(polygon.is_valid() || touches(&rings) > 1);
                }
            }
        }
    }
}

/// Middles and ends of the pieces a ring's edges are cut into by a lattice: all that can be on different sides.
fn samples(ring: &LineString<f64>) -> Vec<Coord<f64>> {
    let fine = |line: Line<f64>| {
        (0..=420_u32).map(move |i| line.start + line.delta() * (f64::from(i) / 420.0 * 0.999 + 0.0005))
    };
    ring.lines().flat_map(fine).collect()
}

fn positions(of: &LineString<f64>, within: &LineString<f64>) -> Vec<CoordPos> {
    samples(of)
        .into_iter()
        .map(|c| coord_pos_relative_to_ring(c, within))
        .filter(|p| *p != CoordPos::OnBoundary)
        .collect()
}

/// Whether a ring has points on both sides of another.
fn sides(of: &LineString<f64>, within: &LineString<f64>) -> bool {
    let all = positions(of, within);
    all.contains(&CoordPos::Inside) && all.contains(&CoordPos::Outside)
}

fn lies_in(inner: &LineString<f64>, outer: &LineString<f64>) -> bool {
    positions(inner, outer).first() == Some(&CoordPos::Inside)
}

/// Lattice points common to two rings, on edges or at corners.
fn touches(rings: &[LineString<f64>]) -> usize {
    let on = |c| rings.iter().all(|ring| coord_pos_relative_to_ring(c, ring) == CoordPos::OnBoundary);
    let corners = rings.iter().flat_map(|ring| ring.0.iter().skip(1).copied());
    let mut shared: Vec<_> = corners.filter(|c| on(*c)).map(|c| (c.x.to_bits(), c.y.to_bits())).collect();
    shared.sort_unstable();
    shared.dedup();
    shared.len()
}

#[test]
fn minus_zero_and_the_smallest_numbers_do_no_harm() {
    let tiny = f64::from_bits(1);
    for d in [tiny, 1e-300, 1e-160, 1e-20, 1e-9] {
        let rings = [ring(&[(0.0, 0.0), (d, -0.0), (-0.0, d)])];
        let _ = nesting(&edges(&rings), 1);
    }
    assert_eq!(nested(&[&[(0.0, 0.0), (1.0, -0.0), (-0.0, 1.0)]]), Ok(vec![None]));
    assert_eq!(coord! { x: 0.0, y: -0.0 }, coord! { x: -0.0, y: 0.0 });
}
