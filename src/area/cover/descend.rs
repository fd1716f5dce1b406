//! The descent: from a few coarse cells to the border, level by level. A cell with no border in its reach is taken or
//! dropped with all its descendants; the others are divided. Only cells along the border are ever looked at.
#![allow(
    clippy::indexing_slicing,
    reason = "hot loop over one arena: the ranges are its own lengths taken before it grew, and it is cut back after"
)]

use std::ops::Range;

use h3o::{CellIndex, LatLng, Resolution};

use super::plane::{Contact, Edge, Place, Step, contact};
use super::reach::{ALONE, MEASURED, Reach, STRETCH, beside, centre_of, circumradius};
use super::runs::Run;
use super::shape::Shape;
use super::{Bounds, Runaway};
use crate::domain::area::position::{Span, span};
use crate::domain::area::{CellSet, CoverMode};

/// What looking at a cell costs in edge tests: its centre is decoded (about 200 ns).
pub(super) const VISIT: u64 = 60;

/// The finest resolution at which 7 cells surely hold a disc of this radius (radians): two rings of the smallest
/// cells, which have 0.7 of the average size.
fn root_resolution(radius: f64, finest: Resolution) -> Option<Resolution> {
    let fits = |r: &Resolution| radius <= 0.5 * r.edge_length_rads();
    Resolution::range(Resolution::Zero, finest).rev().find(fits)
}

/// The cells of a shape; sorted, merged spans.
pub(super) fn descend(shape: &Shape, finest: Resolution, mode: CoverMode, bounds: Bounds) -> Result<CellSet, Runaway> {
    let mut descent = Descent::new(shape, finest, mode, bounds);
    descent.run()?;
    let doubled = descent.doubled;
    let cells = CellSet::from_spans(descent.spans);
    // Where polygons overlap, one's border is not the union's; a cell wholly inside either is inside all the same.
    if mode == CoverMode::Inside && doubled && shape.count() > 1 {
        let mut all = cells;
        for part in shape.parts() {
            all = all.union(&descend(&part, finest, mode, bounds)?);
        }
        return Ok(all);
    }
    Ok(cells)
}

/// What a cover came to: compacted cells, edge tests.
#[cfg(test)]
pub(super) fn measured(shape: &Shape, finest: Resolution, mode: CoverMode) -> (f64, f64) {
    let bounds = Bounds { cells: u64::MAX, work: u64::MAX };
    let mut descent = Descent::new(shape, finest, mode, bounds);
    let done = descent.run();
    let cells = CellSet::from_spans(std::mem::take(&mut descent.spans));
    assert!(done.is_ok() && u64::try_from(cells.len()).is_ok_and(|len| descent.cells >= len));
    let number = |n: u64| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    (number(u64::try_from(cells.len()).unwrap_or(0)), number(descent.work))
}

/// What of the border may be in a cell's reach: a stretch of one of the two arenas.
#[derive(Clone)]
enum Near {
    /// Runs of the border, while there are many.
    Runs(Range<usize>),
    Edges(Range<usize>),
}

/// With so few runs near, their edges are looked at one by one: by then the boxes are about as wide as the cell.
const FEW: usize = 6;

/// A cell on the way down.
struct Node {
    cell: CellIndex,
    span: Span,
    /// Beside its parent's, so that a step never jumps around the Earth.
    centre: Place,
    /// The angle all descendants keep to.
    radius: f64,
    /// Of the centre.
    winding: i32,
}

struct Descent<'a> {
    shape: &'a Shape,
    finest: Resolution,
    mode: CoverMode,
    bounds: Bounds,
    /// The near edges of every cell on the way down, one after another.
    arena: Vec<Edge>,
    /// The numbers of the near runs, likewise.
    runs: Vec<usize>,
    spans: Vec<Span>,
    /// Edge tests so far.
    work: u64,
    /// Compacted cells so far.
    cells: u64,
    /// Some place is covered by two polygons.
    doubled: bool,
}

impl<'a> Descent<'a> {
    fn new(shape: &'a Shape, finest: Resolution, mode: CoverMode, bounds: Bounds) -> Self {
        let (arena, runs, spans) = (Vec::new(), Vec::new(), Vec::new());
        Self { shape, finest, mode, bounds, arena, runs, spans, work: 0, cells: 0, doubled: false }
    }

    fn run(&mut self) -> Result<(), Runaway> {
        let Some((middle, radius)) = self.shape.middle() else {
            return Ok(());
        };
        let local = root_resolution(radius, self.finest).filter(|_| !self.shape.is_polar(2.0 * radius));
        let mut roots: Vec<CellIndex> = match (local, LatLng::from_radians(middle.y, middle.x)) {
            (Some(resolution), Ok(middle)) => middle.to_cell(resolution).grid_disk(1),
            _ => CellIndex::base_cells().collect(),
        };
        roots.sort_unstable_by_key(|cell| span(*cell).start);
        roots.into_iter().try_for_each(|root| self.root(root).map(|_| ()))
    }

    fn spend(&mut self, work: u64) -> Result<(), Runaway> {
        self.work += work;
        if self.work > self.bounds.work || self.cells > self.bounds.cells { Err(Runaway) } else { Ok(()) }
    }

    /// A cell judged on its own against the whole shape. Whether it came out full.
    fn root(&mut self, cell: CellIndex) -> Result<bool, Runaway> {
        let centre = centre_of(cell);
        let radius = circumradius(cell) * STRETCH;
        let reach = Reach::new(centre, radius);
        self.spend(VISIT)?;
        if !self.shape.may_meet(&reach) {
            return Ok(false);
        }
        let near = if self.shape.is_unturned(&reach) && !reach.is_wide() {
            let from = self.runs.len();
            self.runs.extend(self.shape.border_runs.near(&reach));
            Near::Runs(from..self.runs.len())
        } else {
            let from = self.arena.len();
            self.shape.near(&reach, &mut self.arena);
            Near::Edges(from..self.arena.len())
        };
        let tested = self.shape.size() + self.shape.borders.len();
        self.spend(u64::try_from(tested).unwrap_or(u64::MAX))?;
        let node = Node { cell, span: span(cell), centre, radius, winding: self.shape.winding(centre) };
        let full = self.settle(&node, &reach, near.clone());
        self.forget(&near);
        full
    }

    /// Cuts an arena back to what it was before this stretch.
    fn forget(&mut self, near: &Near) {
        match near {
            Near::Runs(runs) => self.runs.truncate(runs.start),
            Near::Edges(edges) => self.arena.truncate(edges.start),
        }
    }

    /// The edges of near runs that come into a region.
    fn edges_of(&mut self, runs: Range<usize>, reach: &Reach) -> Near {
        let from = self.arena.len();
        for number in &self.runs[runs] {
            if let Some(run) = self.shape.border_runs.get(*number) {
                self.arena.extend(run.of(&self.shape.borders).iter().filter(|e| reach.meets(e)));
            }
        }
        Near::Edges(from..self.arena.len())
    }

    /// What of the near border comes into a child's region.
    fn within(&mut self, near: &Near, reach: &Reach) -> Near {
        match near {
            Near::Runs(runs) => {
                let from = self.runs.len();
                for i in runs.clone() {
                    let number = self.runs[i];
                    if self.shape.border_runs.get(number).is_some_and(|run| reach.may_meet(run)) {
                        self.runs.push(number);
                    }
                }
                Near::Runs(from..self.runs.len())
            }
            Near::Edges(edges) => {
                let from = self.arena.len();
                for i in edges.clone() {
                    let e = self.arena[i];
                    if reach.meets(&e) {
                        self.arena.push(e);
                    }
                }
                Near::Edges(from..self.arena.len())
            }
        }
    }

    /// How the winding number changes on a step between a cell's centre and a child's.
    fn crossings(&self, near: &Near, step: &Step) -> i32 {
        match near {
            Near::Runs(runs) => {
                let numbers = self.runs[runs.clone()].iter();
                let runs = numbers.filter_map(|number| self.shape.border_runs.get(*number));
                runs.map(|run| run.crossed(&self.shape.borders, step)).sum()
            }
            Near::Edges(edges) => self.arena[edges.clone()].iter().map(|e| step.crosses(e)).sum(),
        }
    }

    /// Near edges, tested or not: what a level costs at most.
    fn edges_in(&self, near: &Near) -> usize {
        match near {
            Near::Runs(runs) => {
                let runs = self.runs[runs.clone()].iter().filter_map(|number| self.shape.border_runs.get(*number));
                runs.map(Run::len).sum()
            }
            Near::Edges(edges) => edges.len(),
        }
    }

    /// Takes, drops or divides a cell whose near edges are known.
    fn settle(&mut self, node: &Node, reach: &Reach, near: Near) -> Result<bool, Runaway> {
        self.doubled |= node.winding > 1;
        let near = match near {
            Near::Runs(runs) if runs.len() <= FEW || node.cell.resolution() == self.finest => {
                let edges = self.edges_of(runs, reach);
                let full = self.settle(node, reach, edges.clone());
                self.forget(&edges);
                return full;
            }
            Near::Edges(edges) if edges.is_empty() => {
                if node.winding > 0 {
                    self.take(node.span);
                }
                return Ok(node.winding > 0);
            }
            Near::Edges(edges) if node.cell.resolution() == self.finest => {
                self.spend(u64::try_from(edges.len() * 10).unwrap_or(u64::MAX))?;
                let taken = self.is_taken(node, reach, edges);
                if taken {
                    self.take(node.span);
                }
                return Ok(taken);
            }
            near => near,
        };
        let before = self.cells;
        let full = if reach.is_wide() { self.divide_wide(node)? } else { self.divide(node, &near)? };
        if full {
            self.cells = before + 1;
        }
        Ok(full)
    }

    fn divide_wide(&mut self, node: &Node) -> Result<bool, Runaway> {
        let mut full = true;
        for (cell, _) in children(node.cell, node.span) {
            full &= self.root(cell)?;
        }
        Ok(full)
    }

    fn divide(&mut self, node: &Node, near: &Near) -> Result<bool, Runaway> {
        let resolution = node.cell.resolution().succ().unwrap_or(Resolution::Fifteen);
        let last = resolution == self.finest;
        let tests = u64::try_from(self.edges_in(near)).unwrap_or(u64::MAX);
        let mut full = true;
        for (cell, span) in children(node.cell, node.span) {
            self.spend(VISIT + 2 * tests)?;
            // The first child has its parent's centre. Decoded again it would differ by rounding, and a step of no
            // length makes every crossing a doubtful one.
            let centre =
                if span.start == node.span.start { node.centre } else { beside(centre_of(cell), node.centre.x) };
            let winding = if centre == node.centre {
                node.winding
            } else {
                node.winding + self.crossings(near, &Step::new(node.centre, centre))
            };
            if last && self.mode == CoverMode::Centroid {
                if winding > 0 {
                    self.take(span);
                }
                full &= winding > 0;
                continue;
            }
            let radius = if resolution <= MEASURED || node.cell.is_pentagon() {
                circumradius(cell) * STRETCH
            } else {
                node.radius / f64::sqrt(7.0)
            };
            // The finest cells have no descendants to reach beyond them.
            let reach = Reach::new(centre, if last { radius * (ALONE / STRETCH) } else { radius });
            let inner = self.within(near, &reach);
            let child = Node { cell, span, centre, radius, winding };
            full &= self.settle(&child, &reach, inner.clone())?;
            self.forget(&inner);
        }
        Ok(full)
    }

    fn take(&mut self, span: Span) {
        self.cells += 1;
        match self.spans.last_mut() {
            Some(before) if before.end == span.start => before.end = span.end,
            _ => self.spans.push(span),
        }
    }

    /// Whether a cell of the finest resolution, near some edges, belongs to the cover.
    fn is_taken(&self, node: &Node, reach: &Reach, near: Range<usize>) -> bool {
        if self.mode == CoverMode::Centroid {
            return node.winding > 0;
        }
        let corners = corners(node.cell, node.centre);
        let near = &self.arena[near];
        // Far north a cell drawn with straight sides in longitude and latitude need not hold its centre; a corner it
        // does hold.
        let winding = match corners.first() {
            Some(corner) if reach.is_wide() => self.shape.winding(*corner),
            _ => node.winding,
        };
        let most = || near.iter().map(|e| contact(&corners, e));
        match self.mode {
            CoverMode::Covers => winding > 0 || most().any(|c| c != Contact::Apart),
            _ => winding > 0 && most().all(|c| c != Contact::Enters),
        }
    }
}

/// A cell's corners in the plane beside its centre. A cell around a pole is closed along the pole's line.
fn corners(cell: CellIndex, centre: Place) -> Vec<Place> {
    let mut corners: Vec<Place> = Vec::with_capacity(12);
    for corner in cell.boundary().iter() {
        let x = corners.last().map_or(centre.x, |before| before.x);
        corners.push(beside(Place { x: corner.lng_radians(), y: corner.lat_radians() }, x));
    }
    if let (Some(first), Some(last)) = (corners.first().copied(), corners.last().copied()) {
        let again = beside(first, last.x);
        if (again.x - first.x).abs() > 1.0 {
            let pole = std::f64::consts::FRAC_PI_2.copysign(centre.y);
            corners.extend([again, Place { x: again.x, y: pole }, Place { x: first.x, y: pole }]);
        }
    }
    corners
}

/// The children of a cell in index order, each with its span.
fn children(cell: CellIndex, all: Span) -> impl Iterator<Item = (CellIndex, Span)> {
    let pentagon = cell.is_pentagon();
    let bits = u64::from(cell);
    let level = u32::from(u8::from(cell.resolution())) + 1;
    let shift = 3 * 15_u32.saturating_sub(level);
    let hexagon = 7_u64.pow(15_u32.saturating_sub(level));
    let mut start = all.start;
    // Digit 1 is missing under a pentagon.
    (0_u64..7).filter(move |digit| !pentagon || *digit != 1).filter_map(move |digit| {
        let child = (bits + (1 << 52)) & !(7 << shift) | (digit << shift);
        let size = if pentagon && digit == 0 { all.end - all.start - 5 * hexagon } else { hexagon };
        let span = Span { start, end: start + size };
        start = span.end;
        CellIndex::try_from(child).ok().map(|cell| (cell, span))
    })
}
