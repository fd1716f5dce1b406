//! The plane of longitude and latitude in radians, where edges are straight: on which side a point lies, what a step
//! from one point to another crosses, and whether an edge enters a cell. Signs are exact, as in the geometry library.

use geo::Coord;
use geo::kernels::{Kernel as _, Orientation, RobustKernel};

use super::runs::Run;

/// A position: x longitude, y latitude, in radians. x may run past the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub x: f64,
    pub y: f64,
}

/// A directed edge of a ring; what it encloses is on its left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edge {
    pub a: Place,
    pub b: Place,
}

impl Edge {
    pub(super) fn moved(self, by: f64) -> Self {
        let to = |p: Place| Place { x: p.x + by, y: p.y };
        Self { a: to(self.a), b: to(self.b) }
    }
}

/// The sign of the turn a → b → p: 1 when p is on the left. Exact.
#[inline]
pub(super) fn turn(a: Place, b: Place, p: Place) -> i32 {
    // Shewchuk's bound for three rounded products; beyond it the sign of the plain arithmetic is certain.
    const CERTAIN: f64 = 3.330_669_073_875_471_6e-16;
    let left = (a.x - p.x) * (b.y - p.y);
    let right = (a.y - p.y) * (b.x - p.x);
    let doubt = CERTAIN * (left.abs() + right.abs());
    let det = left - right;
    if det > doubt {
        1
    } else if det < -doubt {
        -1
    } else {
        let coord = |p: Place| Coord { x: p.x, y: p.y };
        match RobustKernel::orient2d(coord(a), coord(b), coord(p)) {
            Orientation::CounterClockwise => 1,
            Orientation::Clockwise => -1,
            Orientation::Collinear => 0,
        }
    }
}

fn sign(value: f64) -> i32 {
    if value > 0.0 {
        1
    } else if value < 0.0 {
        -1
    } else {
        0
    }
}

/// The side of an edge a point is on. A point on the edge counts as a hair further north, and failing that east, so
/// that it has one owner among neighbours; this is also what h3o's tiler does.
#[inline]
fn side_of_edge(e: &Edge, p: Place) -> i32 {
    let turn = turn(e.a, e.b, p);
    if turn != 0 {
        return turn;
    }
    let north = sign(e.b.x - e.a.x);
    if north == 0 { sign(e.a.y - e.b.y) } else { north }
}

/// A straight step from one point to another, with its box: most edges are told apart from it by that alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    from: Place,
    to: Place,
    west: f64,
    east: f64,
    south: f64,
    north: f64,
}

impl Step {
    #[inline]
    pub(super) fn new(from: Place, to: Place) -> Self {
        let (west, east) = (from.x.min(to.x), from.x.max(to.x));
        Self { from, to, west, east, south: from.y.min(to.y), north: from.y.max(to.y) }
    }

    /// Whether a run lies strictly apart: none of its edges is crossed.
    #[inline]
    pub(super) fn is_beside(&self, run: &Run) -> bool {
        run.south > self.north || run.north < self.south || run.west > self.east || run.east < self.west
    }

    /// [`crossed`], without a look at edges wholly beside the step: the hair by which points are moved is less than any
    /// distance, so what lies strictly apart is not crossed.
    #[inline]
    #[expect(clippy::needless_bitwise_bool, reason = "eight comparisons without a jump between them")]
    pub(super) fn crosses(&self, e: &Edge) -> i32 {
        let apart = (e.a.y > self.north) & (e.b.y > self.north)
            | (e.a.y < self.south) & (e.b.y < self.south)
            | (e.a.x > self.east) & (e.b.x > self.east)
            | (e.a.x < self.west) & (e.b.x < self.west);
        if apart { 0 } else { crossed(e, self.from, self.to) }
    }
}

/// How the winding number changes on the straight step from `p` to `q`. Both are moved by the same hair as in
/// [`side_of_edge`], so steps add up exactly however the positions fall.
pub(super) fn crossed(e: &Edge, p: Place, q: Place) -> i32 {
    let side_of_step = |v: Place| {
        let turn = turn(p, q, v);
        if turn != 0 {
            return turn;
        }
        let south = sign(p.x - q.x);
        if south == 0 { sign(q.y - p.y) } else { south }
    };
    if side_of_step(e.a) == side_of_step(e.b) {
        return 0;
    }
    let (from, to) = (side_of_edge(e, p), side_of_edge(e, q));
    if from == to { 0 } else { to }
}

/// What an edge adds to the winding number of a point, by the ray from the point eastwards.
#[inline]
pub(super) fn wound(e: &Edge, p: Place) -> i32 {
    let (from, to) = (e.a.y > p.y, e.b.y > p.y);
    if from == to {
        return 0;
    }
    let side = side_of_edge(e, p);
    if to { i32::from(side > 0) } else { -i32::from(side < 0) }
}

/// Where an edge stands to a closed polygon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Contact {
    /// No point in common.
    Apart,
    /// Only the polygon's own border is touched.
    Touches,
    /// Some point inside.
    Enters,
}

/// Where a point stands to a polygon given by its corners, the last joined to the first.
fn point_contact(corners: &[Place], p: Place) -> Contact {
    let mut winding = 0;
    for (a, b) in sides(corners) {
        if turn(a, b, p) == 0
            && p.x >= a.x.min(b.x)
            && p.x <= a.x.max(b.x)
            && p.y >= a.y.min(b.y)
            && p.y <= a.y.max(b.y)
        {
            return Contact::Touches;
        }
        winding += wound(&Edge { a, b }, p);
    }
    if winding == 0 { Contact::Apart } else { Contact::Enters }
}

fn sides(corners: &[Place]) -> impl Iterator<Item = (Place, Place)> + '_ {
    let last = corners.last().into_iter();
    last.chain(corners).zip(corners).map(|(a, b)| (*a, *b))
}

/// Where an edge stands to a polygon given by its corners. An edge that runs through corners only is told by its
/// middle.
pub(super) fn contact(corners: &[Place], e: &Edge) -> Contact {
    let middle = Place { x: f64::midpoint(e.a.x, e.b.x), y: f64::midpoint(e.a.y, e.b.y) };
    let mut most = Contact::Apart;
    for p in [e.a, e.b, middle] {
        most = most.max(point_contact(corners, p));
    }
    if most == Contact::Enters {
        return most;
    }
    for (a, b) in sides(corners) {
        let corner = turn(e.a, e.b, a);
        let apart = corner * turn(e.a, e.b, b);
        let ends_apart = turn(a, b, e.a) * turn(a, b, e.b);
        if apart < 0 && ends_apart < 0 {
            return Contact::Enters;
        }
        // A corner on the edge, or an end of the edge on a side (told above).
        if corner == 0 && ends_apart < 0 {
            most = Contact::Touches;
        }
    }
    most
}
