//! Whether any edges of a polygon meet where they must not, and which ring lies in which: one sweep from west to east
//! with the edges under it kept in order (Shamos and Hoey), so that no polygon, however it is built, costs more than
//! n log n. All decisions are exact signs of determinants; nothing is rounded. Words for it are in `validity`.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::ops::Bound::{Excluded, Unbounded};

use geo::algorithm::kernels::{Kernel as _, Orientation, RobustKernel};
use geo::algorithm::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Line};

/// One edge of a ring, with its number among the edges that have a length.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub line: Line<f64>,
    pub ring: usize,
    pub number: usize,
    /// Edges of its ring, to know that the last is beside the first.
    pub of: usize,
}

/// Two rings (or one and itself) cross or touch in a way that valid ones do not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Meeting {
    pub rings: (usize, usize),
    pub place: Coord<f64>,
}

impl Meeting {
    fn new(a: usize, b: usize, place: Coord<f64>) -> Self {
        Self { rings: (a.min(b), a.max(b)), place }
    }
}

/// Where two edges meet in a way a valid polygon's edges do not.
pub(super) fn crossing(a: &Edge, b: &Edge) -> Option<Coord<f64>> {
    match line_intersection(a.line, b.line)? {
        // Rings may touch at a point, and neighbours of one ring share theirs.
        LineIntersection::SinglePoint { is_proper: false, .. } if beside(a, b) || a.ring != b.ring => None,
        LineIntersection::SinglePoint { intersection, .. } => Some(intersection),
        LineIntersection::Collinear { intersection } => Some(intersection.start),
    }
}

fn beside(a: &Edge, b: &Edge) -> bool {
    let apart = a.number.abs_diff(b.number);
    a.ring == b.ring && (apart == 1 || apart + 1 == a.of)
}

/// West first, south first on one meridian.
fn in_order(a: Coord<f64>, b: Coord<f64>) -> Ordering {
    a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y))
}

/// An edge under the sweep, from its first to its last point; ordered from south to north.
#[derive(Clone, Copy)]
struct Active<'a> {
    first: Coord<f64>,
    last: Coord<f64>,
    edge: &'a Edge,
}

impl<'a> Active<'a> {
    fn new(edge: &'a Edge) -> Self {
        let (start, end) = (edge.line.start, edge.line.end);
        let (first, last) = if in_order(start, end).is_le() { (start, end) } else { (end, start) };
        Self { first, last, edge }
    }

    /// Whether a point is north of this edge (less: the edge is south of it).
    fn below(&self, point: Coord<f64>) -> Ordering {
        match RobustKernel::orient2d(self.first, self.last, point) {
            Orientation::CounterClockwise => Ordering::Less,
            Orientation::Clockwise => Ordering::Greater,
            Orientation::Collinear => Ordering::Equal,
        }
    }
}

impl Ord for Active<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let ahead = |a: &Self, b: &Self| a.below(b.first).then_with(|| a.below(b.last));
        let by_place =
            if in_order(self.first, other.first).is_le() { ahead(self, other) } else { ahead(other, self).reverse() };
        by_place.then_with(|| (self.edge.ring, self.edge.number).cmp(&(other.edge.ring, other.edge.number)))
    }
}

impl PartialOrd for Active<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Active<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Active<'_> {}

/// The ring each ring lies in directly, if any; or the first place where edges meet.
pub(super) fn nesting(edges: &[Edge], rings: usize) -> Result<Vec<Option<usize>>, Meeting> {
    let mut sweep = Sweep {
        under: BTreeSet::new(),
        touches: Vec::new(),
        lowest: lowest_edges(edges, rings),
        parents: vec![None; rings],
    };
    // Ends before beginnings, so that edges that only follow each other are never under the sweep together.
    let mut events: Vec<(Coord<f64>, bool, Active<'_>)> = edges
        .iter()
        .map(Active::new)
        .flat_map(|active| [(active.first, true, active), (active.last, false, active)])
        .collect();
    events.sort_by(|a, b| in_order(a.0, b.0).then(a.1.cmp(&b.1)));
    for at_one_place in events.chunk_by(|a, b| a.0 == b.0) {
        let mut begun = Vec::new();
        for (place, begins, active) in at_one_place {
            if *begins {
                sweep.begin(*active)?;
                begun.push(*active);
            } else {
                sweep.end(*active, *place)?;
            }
        }
        sweep.settle(begun);
    }
    crossing_at_a_point(edges, &sweep.touches)?;
    Ok(sweep.parents)
}

struct Sweep<'a> {
    under: BTreeSet<Active<'a>>,
    /// Points where a ring's vertex lies on another ring's edge.
    touches: Vec<(Coord<f64>, &'a Edge)>,
    /// Of each ring, the edge at its first vertex that has the inside to its north, and whether edges that run
    /// eastward have.
    lowest: Vec<Option<(usize, bool)>>,
    parents: Vec<Option<usize>>,
}

impl<'a> Sweep<'a> {
    fn neighbours(&self, of: &Active<'a>) -> (Option<Active<'a>>, Option<Active<'a>>) {
        let south = self.under.range((Unbounded, Excluded(*of))).next_back().copied();
        let north = self.under.range((Excluded(*of), Unbounded)).next().copied();
        (south, north)
    }

    fn begin(&mut self, active: Active<'a>) -> Result<(), Meeting> {
        let (south, north) = self.neighbours(&active);
        for beside in [south, north].into_iter().flatten() {
            self.compare(active, beside)?;
        }
        self.under.insert(active);
        Ok(())
    }

    fn end(&mut self, active: Active<'a>, place: Coord<f64>) -> Result<(), Meeting> {
        if !self.under.remove(&active) {
            // The order under the sweep is lost only where edges cross.
            return Err(Meeting::new(active.edge.ring, active.edge.ring, place));
        }
        if let (Some(south), Some(north)) = self.neighbours(&active) {
            self.compare(south, north)?;
        }
        Ok(())
    }

    fn compare(&mut self, a: Active<'a>, b: Active<'a>) -> Result<(), Meeting> {
        if let Some(place) = crossing(a.edge, b.edge) {
            return Err(Meeting::new(a.edge.ring, b.edge.ring, place));
        }
        if a.edge.ring != b.edge.ring {
            for (one, other) in [(a, b), (b, a)] {
                let on = |p: &Coord<f64>| {
                    *p != other.first
                        && *p != other.last
                        && in_order(*p, other.first).is_gt()
                        && in_order(*p, other.last).is_lt()
                        && other.below(*p).is_eq()
                };
                self.touches.extend([one.first, one.last].into_iter().filter(on).map(|place| (place, other.edge)));
            }
        }
        Ok(())
    }

    /// Of the rings that begin at one place, the ring each lies in: it is told by the edge to the south.
    fn settle(&mut self, mut begun: Vec<Active<'a>>) {
        let lowest = &self.lowest;
        let of = |ring: usize| lowest.get(ring).copied().flatten();
        begun.retain(|active| of(active.edge.ring).is_some_and(|(number, _)| number == active.edge.number));
        begun.sort();
        for active in begun {
            let south = self.under.range((Unbounded, Excluded(active))).next_back();
            let parent = south.and_then(|south| {
                let eastward = south.first == south.edge.line.start;
                let inside =
                    self.lowest.get(south.edge.ring).copied().flatten().is_some_and(|(_, ccw)| ccw == eastward);
                if inside { Some(south.edge.ring) } else { self.parents.get(south.edge.ring).copied().flatten() }
            });
            if let Some(place) = self.parents.get_mut(active.edge.ring) {
                *place = parent;
            }
        }
    }
}

/// Of each ring, the southern one of the two edges at its first vertex, and whether the ring runs counter-clockwise.
fn lowest_edges(edges: &[Edge], rings: usize) -> Vec<Option<(usize, bool)>> {
    let mut found = vec![None; rings];
    for ring in edges.chunk_by(|a, b| a.ring == b.ring) {
        let first = ring.iter().min_by(|a, b| in_order(a.line.start, b.line.start));
        let Some((leaving, place)) = first.zip(ring.first().map(|edge| edge.ring)) else {
            continue;
        };
        let before = (leaving.number + leaving.of - 1) % leaving.of;
        let Some(arriving) = ring.get(before) else {
            continue;
        };
        let turn = RobustKernel::orient2d(leaving.line.start, leaving.line.end, arriving.line.start);
        let ccw = turn == Orientation::CounterClockwise;
        if let Some(found) = found.get_mut(place) {
            *found = Some((if ccw { leaving.number } else { arriving.number }, ccw));
        }
    }
    found
}

/// A line through a point: a ring's two edges there, or one edge that runs through it.
struct Through<'a> {
    edge: &'a Edge,
    from: Coord<f64>,
    to: Coord<f64>,
}

/// Rings may touch at a point, but not change sides there, and no ring may meet itself.
fn crossing_at_a_point(edges: &[Edge], touches: &[(Coord<f64>, &Edge)]) -> Result<(), Meeting> {
    let mut through: HashMap<(u64, u64), (Coord<f64>, Vec<Through<'_>>)> = HashMap::new();
    // Minus zero is zero.
    let key = |c: Coord<f64>| ((c.x + 0.0).to_bits(), (c.y + 0.0).to_bits());
    for ring in edges.chunk_by(|a, b| a.ring == b.ring) {
        for (edge, before) in ring.iter().zip(ring.iter().cycle().skip(ring.len().saturating_sub(1))) {
            let place = edge.line.start;
            let one = Through { edge, from: before.line.start, to: edge.line.end };
            through.entry(key(place)).or_insert((place, Vec::new())).1.push(one);
        }
    }
    for (place, edge) in touches {
        if let Some((_, there)) = through.get_mut(&key(*place))
            && !there.iter().any(|one| std::ptr::eq(one.edge, *edge))
        {
            there.push(Through { edge, from: edge.line.start, to: edge.line.end });
        }
    }
    // The first in order, so that the answer does not depend on the map's.
    let shared = through.into_values().filter(|(_, there)| there.len() > 1);
    let meetings = shared.filter_map(|(place, there)| changing_sides(place, &there));
    meetings.min_by(|a, b| in_order(a.place, b.place)).map_or(Ok(()), Err)
}

fn changing_sides(place: Coord<f64>, there: &[Through<'_>]) -> Option<Meeting> {
    let mut rings: Vec<usize> = there.iter().map(|one| one.edge.ring).collect();
    rings.sort_unstable();
    if let Some(ring) =
        rings.windows(2).find_map(|pair| matches!(pair, [a, b] if a == b).then(|| pair.first().copied())?)
    {
        return Some(Meeting::new(ring, ring, place));
    }
    let mut directions: Vec<(Coord<f64>, usize)> =
        there.iter().flat_map(|one| [(one.from, one.edge.ring), (one.to, one.edge.ring)]).collect();
    directions.sort_by(|a, b| around(place, a.0, b.0));
    // Lines that do not change sides are nested like brackets.
    let mut open: Vec<usize> = Vec::new();
    for (_, ring) in directions {
        if open.last() == Some(&ring) {
            open.pop();
        } else {
            open.push(ring);
        }
    }
    match open.as_slice() {
        [first, second, ..] => Some(Meeting::new(*first, *second, place)),
        _ => None,
    }
}

/// The order of two directions around a point, counter-clockwise from the south.
fn around(middle: Coord<f64>, a: Coord<f64>, b: Coord<f64>) -> Ordering {
    let east = |c| in_order(c, middle).is_gt();
    east(b).cmp(&east(a)).then_with(|| match RobustKernel::orient2d(middle, a, b) {
        Orientation::CounterClockwise => Ordering::Less,
        Orientation::Clockwise => Ordering::Greater,
        Orientation::Collinear => Ordering::Equal,
    })
}

#[cfg(test)]
mod tests;
