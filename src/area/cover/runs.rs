//! Edges that follow each other on a ring stay near each other: runs of a few with a box around them, so that most edges
//! are told apart from a cell, a step or a ray a run at a time. Boxes are exact, so a run set aside holds no edge that
//! would have counted.

use std::ops::Range;

use super::plane::{Edge, Place, Step, wound};
use super::reach::Reach;

/// Edges of a run. A municipality's border has some twenty a cell of resolution 8: fewer leave too much to test, more
/// make boxes wider than the cells.
const RUN: usize = 8;

/// Some edges in a row, and the least rectangle around them.
#[derive(Clone, Debug)]
pub(super) struct Run {
    edges: Range<usize>,
    pub west: f64,
    pub east: f64,
    pub south: f64,
    pub north: f64,
}

/// All runs of a list of edges.
#[derive(Clone, Debug)]
pub(super) struct Runs(Vec<Run>);

impl Runs {
    pub(super) fn of(edges: &[Edge]) -> Self {
        let run = |(number, some): (usize, &[Edge])| {
            let from = number * RUN;
            let mut run = Run {
                edges: from..from + some.len(),
                west: f64::INFINITY,
                east: f64::NEG_INFINITY,
                south: f64::INFINITY,
                north: f64::NEG_INFINITY,
            };
            for p in some.iter().flat_map(|e| [e.a, e.b]) {
                run.west = run.west.min(p.x);
                run.east = run.east.max(p.x);
                run.south = run.south.min(p.y);
                run.north = run.north.max(p.y);
            }
            run
        };
        Self(edges.chunks(RUN).enumerate().map(run).collect())
    }

    pub(super) fn get(&self, number: usize) -> Option<&Run> {
        self.0.get(number)
    }

    /// The numbers of the runs that may come into a region.
    pub(super) fn near<'a>(&'a self, reach: &'a Reach) -> impl Iterator<Item = usize> + 'a {
        self.0.iter().enumerate().filter(|(_, run)| reach.may_meet(run)).map(|(number, _)| number)
    }

    /// What all edges add to the winding number of a point, by the ray from it eastwards.
    pub(super) fn wound(&self, edges: &[Edge], p: Place) -> i32 {
        let hit = |run: &&Run| run.south <= p.y && run.north > p.y && run.east >= p.x;
        self.0.iter().filter(hit).flat_map(|run| run.of(edges)).map(|e| wound(e, p)).sum()
    }
}

impl Run {
    /// Its edges.
    pub(super) fn of<'a>(&self, edges: &'a [Edge]) -> &'a [Edge] {
        edges.get(self.edges.clone()).unwrap_or(&[])
    }

    /// How many edges it has.
    pub(super) fn len(&self) -> usize {
        self.edges.len()
    }

    /// How the winding number changes on a step.
    pub(super) fn crossed(&self, edges: &[Edge], step: &Step) -> i32 {
        if step.is_beside(self) { 0 } else { self.of(edges).iter().map(|e| step.crosses(e)).sum() }
    }
}
