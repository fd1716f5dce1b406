//! Who lives in each pixel of a raster, asked from the H3 cells below it: seldom where all is alike, nine times a pixel
//! along the border of the target. What a raster does not see, a search makes use of.
#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "pixel and municipality numbers, far below 2^52 and 2^16"
)]

use std::collections::BTreeMap;

use h3o::{CellIndex, Resolution};

use super::grid::{Frame, Grid};
use super::people::{People, Unit};
use crate::domain::area::CellSet;
use crate::domain::area::position::span;

/// A block this wide with five equal samples is taken to be even: cells of the target are 130 m across or more.
const SMOOTH_M: f64 = 130.0;
/// Where the target's border runs, a pixel is asked this often along and across.
const ASKED: usize = 3;
/// A cell and its neighbours hold a disc of this share of a cell's mean edge around every point of the cell: an edge,
/// less what cells differ in size and children reach beyond them.
const FLOWER: f64 = 0.7;
/// Pixels that may share a sample where no border of the target is near.
const FEW: usize = 8;

/// What a raster is laid over.
#[derive(Clone, Copy)]
pub(super) struct Sets<'a> {
    /// The cells to reach.
    pub target: &'a CellSet,
    /// Cells in which nobody counts.
    pub neutral: Option<&'a CellSet>,
    /// The cells no including circle may leave.
    pub fence: Option<&'a CellSet>,
}

/// Where a point is.
#[derive(Clone, Copy, Default, PartialEq)]
struct Kind {
    inside: bool,
    free: bool,
    forbidden: bool,
}

/// What is known of one point.
#[derive(Clone, Copy, Default, PartialEq)]
struct Sample {
    unit: Unit,
    per_km2: f64,
    kind: Kind,
}

impl Sample {
    fn new((unit, per_km2): (Unit, f64), kind: Kind) -> Self {
        Self { unit, per_km2: if kind.free { 0.0 } else { per_km2 }, kind }
    }
}

/// Pixels that may be alike.
struct Block {
    rows: (usize, usize),
    cols: (usize, usize),
    /// The finest resolution at which they were found not to be.
    asked: Resolution,
    /// What all of them are, where no border of the target is near.
    kind: Option<Kind>,
}

impl Block {
    fn pixels(&self) -> usize {
        (self.rows.1 - self.rows.0) * (self.cols.1 - self.cols.0)
    }

    /// Metres from top to bottom and from side to side.
    fn size(&self, grid: &Grid) -> (f64, f64) {
        let (tall, wide) = grid.spacing();
        ((self.rows.1 - self.rows.0) as f64 * tall, (self.cols.1 - self.cols.0) as f64 * wide)
    }

    /// The middle and the corners, as rows and columns.
    fn points(&self) -> ((f64, f64), [(f64, f64); 4]) {
        let ends = |(from, until): (usize, usize)| (from as f64 - 0.5, until as f64 - 0.5);
        let ((south, north), (west, east)) = (ends(self.rows), ends(self.cols));
        let middle = (f64::midpoint(south, north), f64::midpoint(west, east));
        (middle, [(south, west), (south, east), (north, west), (north, east)])
    }

    fn halves(&self, across: bool) -> [Self; 2] {
        let (row, col) = (self.rows.0.midpoint(self.rows.1), self.cols.0.midpoint(self.cols.1));
        if (across && self.rows.1 - self.rows.0 > 1) || self.cols.1 - self.cols.0 < 2 {
            [Self { rows: (self.rows.0, row), ..*self }, Self { rows: (row, self.rows.1), ..*self }]
        } else {
            [Self { cols: (self.cols.0, col), ..*self }, Self { cols: (col, self.cols.1), ..*self }]
        }
    }
}

/// Lays a raster over a frame.
pub(super) fn lay(frame: Frame, pitch: f64, sets: Sets<'_>, people: &People<'_>, resolution: Resolution) -> Grid {
    let grid = Grid::bare(frame, pitch, sets.fence.is_some());
    let mut blocks = vec![Block { rows: (0, grid.rows), cols: (0, grid.cols), asked: Resolution::Six, kind: None }];
    let mut laying = Laying { grid, sets, people, resolution, numbers: BTreeMap::new() };
    while let Some(mut block) = blocks.pop() {
        if let Some(known) = laying.known(&mut block) {
            laying.fill(&block, |_, _, found| found.push(known));
            continue;
        }
        let (height, width) = block.size(&laying.grid);
        let small = height.max(width) <= SMOOTH_M || (block.kind.is_some() && block.pixels() <= FEW);
        if small || block.pixels() < 2 {
            laying.ask(&block);
        } else {
            blocks.extend(block.halves(height > width));
        }
    }
    let Laying { mut grid, numbers, .. } = laying;
    let mut units: Vec<(u16, Unit)> = numbers.into_iter().map(|(unit, number)| (number, unit)).collect();
    units.sort_unstable();
    grid.units = units.into_iter().map(|(_, unit)| unit).collect();
    grid
}

struct Laying<'a> {
    grid: Grid,
    sets: Sets<'a>,
    people: &'a People<'a>,
    /// Of the cells the pixels are asked at.
    resolution: Resolution,
    /// The target's municipalities in the order they were met.
    numbers: BTreeMap<Unit, u16>,
}

impl Laying<'_> {
    fn sample(&self, row: f64, col: f64) -> Sample {
        let Some(point) = self.grid.point(row, col) else { return Sample::default() };
        let at = span(point.to_cell(self.resolution)).start;
        let kind = Kind {
            inside: self.sets.target.holds_position(at),
            free: self.sets.neutral.is_some_and(|neutral| neutral.holds_position(at)),
            forbidden: self.sets.fence.is_some_and(|fence| !fence.holds_position(at)),
        };
        Sample::new(self.people.at(at), kind)
    }

    /// One sample for the whole block, if cells that surely hold it are alike.
    fn known(&self, block: &mut Block) -> Option<Sample> {
        if block.kind.is_some() && block.pixels() <= FEW {
            return None;
        }
        let (height, width) = block.size(&self.grid);
        let fits = |r: &Resolution| *r > block.asked && height.hypot(width) < 2.0 * FLOWER * r.edge_length_m();
        let resolution = Resolution::range(Resolution::Seven, Resolution::Nine).rev().find(fits)?;
        block.asked = resolution;
        let (row, col) = block.points().0;
        let cells: Vec<CellIndex> = self.grid.point(row, col)?.to_cell(resolution).grid_disk(1);
        let (first, rest) = cells.split_first()?;
        let kind = self.kind(*first).filter(|kind| rest.iter().all(|cell| self.kind(*cell) == Some(*kind)))?;
        block.kind = Some(kind);
        let owner = self.people.sole(span(*first));
        let owner = owner.filter(|owner| rest.iter().all(|cell| self.people.sole(span(*cell)) == Some(*owner)));
        match owner {
            Some(owner) => Some(Sample::new(owner, kind)),
            // Away from the target it matters little whose people they are.
            None if !kind.inside => Some(self.sample(row, col)),
            None => None,
        }
    }

    /// What all of a cell is; none where a border runs through it.
    fn kind(&self, cell: CellIndex) -> Option<Kind> {
        let whole = |set: &CellSet| {
            let all = set.contains(cell);
            (all || set.within(span(cell)).next().is_none()).then_some(all)
        };
        let inside = whole(self.sets.target)?;
        let free = self.sets.neutral.map_or(Some(false), whole)?;
        let forbidden = self.sets.fence.map_or(Some(false), |fence| whole(fence).map(|within| !within))?;
        Some(Kind { inside, free, forbidden })
    }

    /// Asks a small block: once where no border of the target is near; else its corners tell how often.
    fn ask(&mut self, block: &Block) {
        let (middle, corners) = block.points();
        let middle = self.sample(middle.0, middle.1);
        let (mut even, mut alike) = (block.kind.is_some(), block.kind.is_some());
        if !even {
            let corners = corners.map(|(row, col)| self.sample(row, col));
            even = corners.iter().all(|corner| *corner == middle);
            alike = corners.iter().all(|corner| corner.kind == middle.kind);
        }
        if even {
            self.fill(block, |_, _, found| found.push(middle));
        } else if alike {
            self.fill(block, |laying, (row, col), found| found.push(laying.sample(row, col)));
        } else {
            let part = |i: usize| (i as f64 + 0.5) / ASKED as f64 - 0.5;
            self.fill(block, |laying, (row, col), found| {
                let each = (0..ASKED * ASKED).map(|i| laying.sample(row + part(i / ASKED), col + part(i % ASKED)));
                found.extend(each);
            });
        }
    }

    /// Fills every pixel of a block from its samples.
    fn fill(&mut self, block: &Block, samples: impl Fn(&Self, (f64, f64), &mut Vec<Sample>)) {
        let mut found = Vec::with_capacity(ASKED * ASKED);
        for row in block.rows.0..block.rows.1 {
            for col in block.cols.0..block.cols.1 {
                found.clear();
                samples(self, (row as f64, col as f64), &mut found);
                let pixel = row * self.grid.cols + col;
                let km2 = self.grid.pixel_km2(row) / found.len().max(1) as f64;
                let (mut inside, mut outside, mut inner, mut forbidden) = (0.0, 0.0, 0, false);
                for one in &found {
                    if one.kind.inside {
                        inside += one.per_km2 * km2;
                        inner += 1;
                        let next = self.numbers.len() as u16;
                        let number = *self.numbers.entry(one.unit).or_insert(next);
                        if let Some(part) = self.grid.part.get_mut(pixel) {
                            *part = number;
                        }
                    } else {
                        outside += one.per_km2 * km2;
                    }
                    forbidden |= one.kind.forbidden;
                }
                self.grid.fill(pixel, (inside, outside), 2 * inner >= found.len(), forbidden);
            }
        }
    }
}
