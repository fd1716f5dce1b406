//! Polygons as directed edges in radians: all of them for absolute answers, and those that are really a border for the
//! descent. Borders shared by two polygons, the seam at the antimeridian and the line at a pole are no borders.

use std::collections::HashMap;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

use geo::{LineString, Polygon};

use super::plane::{Edge, Place};
use super::reach::Reach;
use super::runs::Runs;

/// Positions this near the antimeridian or a pole (radians; 0.006 mm) are on it.
const ON: f64 = 1e-12;

/// A union of polygons. Longitudes may run past the antimeridian; everything repeats after a full turn.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Every edge of every ring, with its inside on the left.
    rings: Vec<Edge>,
    /// Where each polygon's edges end in `rings`.
    ends: Vec<usize>,
    ring_runs: Runs,
    /// Edges with an outside.
    pub(super) borders: Vec<Edge>,
    pub(super) border_runs: Runs,
    west: f64,
    east: f64,
    south: f64,
    north: f64,
}

impl Shape {
    /// The union of polygons in degrees, each with rings that do not cross themselves or each other.
    #[must_use]
    pub fn new<'a>(polygons: impl IntoIterator<Item = &'a Polygon<f64>>) -> Self {
        let (mut rings, mut ends) = (Vec::new(), Vec::new());
        for polygon in polygons {
            add_ring(&mut rings, polygon.exterior(), true);
            for hole in polygon.interiors() {
                add_ring(&mut rings, hole, false);
            }
            ends.push(rings.len());
        }
        Self::of(rings, ends)
    }

    fn of(rings: Vec<Edge>, ends: Vec<usize>) -> Self {
        let over = |pick: fn(&Place) -> f64, better: fn(f64, f64) -> f64, none: f64| {
            rings.iter().map(|e| pick(&e.a)).fold(none, better)
        };
        let (west, east) = (over(|p| p.x, f64::min, f64::INFINITY), over(|p| p.x, f64::max, f64::NEG_INFINITY));
        let (south, north) = (over(|p| p.y, f64::min, f64::INFINITY), over(|p| p.y, f64::max, f64::NEG_INFINITY));
        let borders = borders(&rings, ends.len() > 1);
        let (ring_runs, border_runs) = (Runs::of(&rings), Runs::of(&borders));
        Self { rings, ends, ring_runs, borders, border_runs, west, east, south, north }
    }

    /// Each polygon on its own.
    pub(super) fn parts(&self) -> impl Iterator<Item = Self> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(from, to)| {
            let rings = self.rings.get(from..*to).unwrap_or(&[]).to_vec();
            let ends = vec![rings.len()];
            Self::of(rings, ends)
        })
    }

    /// How many polygons there are.
    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    /// Every edge of every ring, shared ones too.
    pub(super) fn every_edge(&self) -> impl Iterator<Item = &Edge> {
        self.rings.iter()
    }

    /// Edges in all, which is what a question about the whole shape costs.
    pub(super) fn size(&self) -> usize {
        self.rings.len()
    }

    /// The middle of the bounding rectangle, and half its diagonal or more, as angles. None when nothing is there.
    pub(super) fn middle(&self) -> Option<(Place, f64)> {
        (self.west <= self.east).then(|| {
            let middle = Place { x: f64::midpoint(self.west, self.east), y: f64::midpoint(self.south, self.north) };
            // A degree of longitude is widest at the latitude nearest to the equator.
            let nearest =
                if self.south <= 0.0 && self.north >= 0.0 { 0.0 } else { self.south.abs().min(self.north.abs()) };
            let wide = (self.east - self.west) / 2.0 * nearest.cos();
            (middle, wide.hypot((self.north - self.south) / 2.0))
        })
    }

    /// Whether a latitude near a pole (within the angle) is reached.
    pub(super) fn is_polar(&self, within: f64) -> bool {
        self.north.max(-self.south) > FRAC_PI_2 - within
    }

    /// The full turns to add to a longitude so that it may fall between `west - wide` and `east + wide`.
    fn turns(&self, x: f64, wide: f64) -> impl Iterator<Item = f64> + use<> {
        let first = ((self.west - wide - x) / TAU).ceil();
        let last = ((self.east + wide - x) / TAU).floor();
        // A filed longitude is within two turns, so there are never more than a few.
        (0_u8..4).map(move |k| first + f64::from(k)).take_while(move |k| *k <= last).map(|k| k * TAU)
    }

    /// How often the union winds around a point: 0 is outside.
    pub(super) fn winding(&self, at: Place) -> i32 {
        if at.y < self.south || at.y > self.north {
            return 0;
        }
        let by = |turn: f64| self.ring_runs.wound(&self.rings, Place { x: at.x + turn, y: at.y });
        self.turns(at.x, 0.0).map(by).sum()
    }

    /// Whether anything of the bounding rectangle comes into a region.
    pub(super) fn may_meet(&self, reach: &Reach) -> bool {
        self.west <= self.east
            && reach.meets_latitudes(self.south, self.north)
            && self.turns(reach.centre.x, reach.half_width()).next().is_some()
    }

    /// Whether the border stands beside a region as it was filed: no edge has to be moved by a turn.
    pub(super) fn is_unturned(&self, reach: &Reach) -> bool {
        self.turns(reach.centre.x, reach.half_width()).all(|turn| turn == 0.0)
    }

    /// The border edges in a region, moved beside its centre.
    pub(super) fn near(&self, reach: &Reach, into: &mut Vec<Edge>) {
        for turn in self.turns(reach.centre.x, reach.half_width()) {
            into.extend(self.borders.iter().map(|e| e.moved(-turn)).filter(|e| reach.meets(e)));
        }
    }
}

/// Adds a ring, turned so that the polygon is on the left of every edge.
fn add_ring(rings: &mut Vec<Edge>, ring: &LineString<f64>, exterior: bool) {
    let snap = |value: f64, line: f64| if (value.abs() - line).abs() < ON { line.copysign(value) } else { value };
    let place = |c: &geo::Coord<f64>| Place { x: snap(c.x.to_radians(), PI), y: snap(c.y.to_radians(), FRAC_PI_2) };
    let places: Vec<Place> = ring.0.iter().map(place).collect();
    let edges = || places.iter().zip(places.iter().skip(1)).filter(|(a, b)| a != b);
    // Twice the area, measured from the first corner: small rings far from the origin keep their sign.
    let Some(o) = places.first() else { return };
    let doubled: f64 = edges().map(|(a, b)| (a.x - o.x) * (b.y - o.y) - (b.x - o.x) * (a.y - o.y)).sum();
    if (doubled > 0.0) == exterior {
        rings.extend(edges().map(|(a, b)| Edge { a: *a, b: *b }));
    } else {
        rings.extend(edges().map(|(a, b)| Edge { a: *b, b: *a }));
    }
}

/// The edges that have an outside.
fn borders(rings: &[Edge], several: bool) -> Vec<Edge> {
    // Positions near these lines were put on them.
    let both = |a: f64, b: f64, line: f64| (a.abs() - line).abs() < ON && (a - b).abs() < ON;
    let on_seam = |e: &Edge| both(e.a.x, e.b.x, PI);
    let on_pole = |e: &Edge| both(e.a.y, e.b.y, FRAC_PI_2);
    let mut kept: Vec<Edge> = rings.iter().filter(|e| !on_seam(e) && !on_pole(e)).copied().collect();
    if several {
        kept = unshared(&kept);
    }
    kept.extend(seam(rings.iter().filter(|e| on_seam(e))));
    kept
}

/// Edges without those that another polygon has the other way round.
fn unshared(edges: &[Edge]) -> Vec<Edge> {
    let key = |a: Place, b: Place| [a.x, a.y, b.x, b.y].map(f64::to_bits);
    let mut count: HashMap<[u64; 4], u32> = HashMap::with_capacity(edges.len());
    for e in edges {
        *count.entry(key(e.b, e.a)).or_default() += 1;
    }
    let mut shared = |e: &Edge| match count.get_mut(&key(e.a, e.b)) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    };
    edges.iter().filter(|e| !shared(e)).copied().collect()
}

/// What is left of the edges along the antimeridian when those from the west and from the east are set against each
/// other: their corners need not be the same.
fn seam<'a>(edges: impl Iterator<Item = &'a Edge>) -> Vec<Edge> {
    let mut steps: Vec<(f64, i32)> = Vec::new();
    let mut x = -PI;
    for e in edges {
        x = x.max(e.a.x);
        let up = if e.b.y > e.a.y { 1 } else { -1 };
        steps.push((e.a.y.min(e.b.y), up));
        steps.push((e.a.y.max(e.b.y), -up));
    }
    steps.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut left = Vec::new();
    let mut net = 0;
    for (at, next) in steps.iter().zip(steps.iter().skip(1)) {
        net += at.1;
        // Corners of the two sides that agree to a hair leave nothing between them.
        if net != 0 && next.0 - at.0 > ON {
            let (low, high) = (Place { x, y: at.0 }, Place { x, y: next.0 });
            let edge = if net > 0 { Edge { a: low, b: high } } else { Edge { a: high, b: low } };
            left.extend(std::iter::repeat_n(edge, usize::try_from(net.unsigned_abs()).unwrap_or(1)));
        }
    }
    left
}
