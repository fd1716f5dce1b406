//! Which official unit owns each cell of a country: runs of equal owner along the cell numbering, in blocks that are
//! searched in place. Nothing is unpacked into memory, so the French index costs only the pages that are read.
//! Written by [`build`](super::build); what a unit is called is in the tables.
//!
//! # Format
//! `TOCSIN-CELLS-1\n`, then little-endian: resolution u8, units u16, blocks u32, shared cells u32; per block the first
//! cell's position u64 and the offset of its body u32; per shared cell its position u64 and unit u16; then the bodies.
//! A body is LEB128 numbers: runs, distinct units, those units, then per run `(cells - 1) * (units + 1) + owner`,
//! owner 0 being nobody and 1.. the block's own list. Blocks never begin or end with nobody's cells.

use std::borrow::Cow;
use std::sync::OnceLock;

use h3o::Resolution;

use crate::domain::area::CellSet;
use crate::domain::area::position::{Span, narrow, widen};

/// The first bytes; the digit is the version of the format.
pub(super) const MAGIC: &[u8; 15] = b"TOCSIN-CELLS-1\n";
const HEADER: usize = MAGIC.len() + 1 + 2 + 4 + 4;
const BLOCK_ENTRY: usize = 12;
const SHARED_ENTRY: usize = 10;

/// Why bytes are no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cell index is damaged: {0}")]
pub struct DamagedIndex(&'static str);

/// Cells `start..end` (positions at the index's resolution) of one unit, by its row in the table of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub start: u64,
    pub end: u64,
    pub unit: u16,
}

/// One country's index.
#[derive(Debug)]
pub(super) struct UnitIndex {
    bytes: Cow<'static, [u8]>,
    resolution: Resolution,
    units: u16,
    blocks: usize,
    shared: Vec<(u64, u16)>,
    body: usize,
    /// (unit, block) pairs, sorted; made on the first question about a unit.
    by_unit: OnceLock<Vec<(u16, u32)>>,
}

impl UnitIndex {
    pub(super) fn parse(bytes: Cow<'static, [u8]>) -> Result<Self, DamagedIndex> {
        if !bytes.starts_with(MAGIC) {
            return Err(DamagedIndex("it does not begin as one"));
        }
        let short = DamagedIndex("it is cut short");
        let at = MAGIC.len();
        let resolution = bytes.get(at).and_then(|r| Resolution::try_from(*r).ok()).ok_or(DamagedIndex("resolution"))?;
        let units = u16::from_le_bytes(array(&bytes, at + 1).ok_or(short)?);
        let blocks = read_size(&bytes, at + 3).ok_or(short)?;
        let shared_count = read_size(&bytes, at + 7).ok_or(short)?;
        let shared_at = blocks.checked_mul(BLOCK_ENTRY).and_then(|n| n.checked_add(HEADER)).ok_or(short)?;
        let body = shared_count.checked_mul(SHARED_ENTRY).and_then(|n| n.checked_add(shared_at)).ok_or(short)?;
        if bytes.len() < body {
            return Err(short);
        }
        let shared = (0..shared_count)
            .map(|i| {
                let at = shared_at + i * SHARED_ENTRY;
                Some((u64::from_le_bytes(array(&bytes, at)?), u16::from_le_bytes(array(&bytes, at + 8)?)))
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(short)?;
        Ok(Self { bytes, resolution, units, blocks, shared, body, by_unit: OnceLock::new() })
    }

    pub(super) const fn resolution(&self) -> Resolution {
        self.resolution
    }

    pub(super) const fn units(&self) -> u16 {
        self.units
    }

    /// Cells of units smaller than a cell: each also belongs to the unit that owns its centre, if any does.
    #[cfg(test)]
    pub(super) fn shared(&self) -> &[(u64, u16)] {
        &self.shared
    }

    /// The owner of a cell by its centre, else a unit that shares it.
    pub(super) fn owner(&self, position: u64) -> Option<u16> {
        let by_centre = self.runs_between(position, position + 1).next().map(|run| run.unit);
        by_centre.or_else(|| self.shared.iter().find(|(cell, _)| *cell == position).map(|(_, unit)| *unit))
    }

    /// Every run as a span with its unit, in order.
    pub(super) fn owned_spans(&self) -> impl Iterator<Item = (u16, Span)> + '_ {
        self.runs().map(|run| (run.unit, self.span(run.start, run.end)))
    }

    /// Every run, in order.
    pub(super) fn runs(&self) -> impl Iterator<Item = Run> + '_ {
        (0..self.blocks).flat_map(|block| self.block(block))
    }

    /// The runs that overlap positions `start..end`, whole.
    pub(super) fn runs_between(&self, start: u64, end: u64) -> impl Iterator<Item = Run> + '_ {
        let from = self.blocks_before(start).saturating_sub(1);
        (from..self.blocks)
            .take_while(move |block| self.first_of(*block).is_some_and(|first| first < end))
            .flat_map(|block| self.block(block))
            .filter(move |run| run.end > start)
            .take_while(move |run| run.start < end)
    }

    /// The parts of a set that have an owner here, with the owner; shared cells only by their centre's owner. A block is
    /// decoded once for all the spans in it: a country has thousands of spans and few blocks.
    pub(super) fn owned_parts(&self, set: &CellSet) -> Vec<(u16, Span)> {
        let mut parts = Vec::new();
        let mut decoded: (Option<usize>, Vec<Run>) = (None, Vec::new());
        for span in set.spans() {
            let (first, last) = (narrow(span.start, self.resolution), narrow(span.end - 1, self.resolution));
            let from = self.blocks_before(first).saturating_sub(1);
            for block in from..self.blocks {
                if self.first_of(block).is_none_or(|begins| begins > last) {
                    break;
                }
                if decoded.0 != Some(block) {
                    decoded.1.clear();
                    decoded.1.extend(self.block(block));
                    decoded.0 = Some(block);
                }
                let after = decoded.1.partition_point(|run| run.end <= first);
                let here = decoded.1.get(after..).unwrap_or(&[]).iter().take_while(|run| run.start <= last);
                parts.extend(here.map(|run| {
                    let whole = self.span(run.start, run.end);
                    (run.unit, Span { start: whole.start.max(span.start), end: whole.end.min(span.end) })
                }));
            }
        }
        parts
    }

    /// Cells of units smaller than a cell, as spans with the unit.
    pub(super) fn shared_spans(&self) -> impl Iterator<Item = (u16, Span)> + '_ {
        self.shared.iter().map(|(cell, unit)| (*unit, self.span(*cell, cell + 1)))
    }

    /// All cells of these units (sorted rows), shared ones included.
    pub(super) fn cells_of(&self, units: &[u16]) -> CellSet {
        let all = units.len() == usize::from(self.units);
        let wanted = |unit: u16| all || units.binary_search(&unit).is_ok();
        let blocks = if all { (0..self.blocks).collect() } else { self.blocks_of(units) };
        let runs = blocks.into_iter().flat_map(|block| self.block(block));
        let mut spans = self.merged(runs.filter(|run| wanted(run.unit)));
        spans.extend(self.shared.iter().filter(|(_, unit)| wanted(*unit)).map(|(cell, _)| self.span(*cell, cell + 1)));
        CellSet::from_spans(spans)
    }

    /// Whether any of these units (sorted rows) has a cell.
    pub(super) fn owns_any(&self, units: &[u16]) -> bool {
        !self.blocks_of(units).is_empty() || self.shared.iter().any(|(_, unit)| units.binary_search(unit).is_ok())
    }

    /// Every cell that has an owner.
    pub(super) fn territory(&self) -> CellSet {
        CellSet::from_spans(self.merged(self.runs()))
    }

    /// Runs in order as spans, neighbours in one: of a country they are few, of its units hundreds of thousands.
    fn merged(&self, runs: impl Iterator<Item = Run>) -> Vec<Span> {
        let mut merged: Vec<(u64, u64)> = Vec::new();
        for run in runs {
            match merged.last_mut() {
                Some((_, end)) if *end == run.start => *end = run.end,
                _ => merged.push((run.start, run.end)),
            }
        }
        merged.into_iter().map(|(start, end)| self.span(start, end)).collect()
    }

    fn span(&self, start: u64, end: u64) -> Span {
        Span { start: widen(start, self.resolution), end: widen(end, self.resolution) }
    }

    fn blocks_of(&self, units: &[u16]) -> Vec<usize> {
        let pairs = self.by_unit.get_or_init(|| {
            let of_block = |block| {
                let number = u32::try_from(block).unwrap_or(u32::MAX);
                self.header(block).map(|(units, ..)| units).unwrap_or_default().into_iter().map(move |u| (u, number))
            };
            let mut pairs: Vec<(u16, u32)> = (0..self.blocks).flat_map(of_block).collect();
            pairs.sort_unstable();
            pairs.shrink_to_fit();
            pairs
        });
        let mut blocks: Vec<usize> = Vec::new();
        for unit in units {
            let from = pairs.partition_point(|(u, _)| u < unit);
            let of_unit = pairs.get(from..).unwrap_or(&[]).iter().take_while(|(u, _)| u == unit);
            blocks.extend(of_unit.filter_map(|(_, block)| usize::try_from(*block).ok()));
        }
        blocks.sort_unstable();
        blocks.dedup();
        blocks
    }

    /// How many blocks begin at or before a position.
    fn blocks_before(&self, position: u64) -> usize {
        let (mut low, mut high) = (0, self.blocks);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.first_of(middle).is_some_and(|first| first <= position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn first_of(&self, block: usize) -> Option<u64> {
        (block < self.blocks).then(|| array(&self.bytes, HEADER + block * BLOCK_ENTRY).map(u64::from_le_bytes))?
    }

    /// The block's units, number of runs, and where the runs begin.
    fn header(&self, block: usize) -> Option<(Vec<u16>, u64, usize)> {
        let mut at = self.body.checked_add(read_size(&self.bytes, HEADER + block * BLOCK_ENTRY + 8)?)?;
        let runs = varint(&self.bytes, &mut at)?;
        let count = varint(&self.bytes, &mut at)?;
        let units = (0..count)
            .map(|_| varint(&self.bytes, &mut at).and_then(|unit| u16::try_from(unit).ok()))
            .collect::<Option<_>>()?;
        Some((units, runs, at))
    }

    fn block(&self, block: usize) -> impl Iterator<Item = Run> + '_ {
        let (units, mut left, mut at) = self.header(block).unwrap_or_default();
        let mut position = self.first_of(block).unwrap_or_default();
        let radix = u64::try_from(units.len()).unwrap_or_default() + 1;
        std::iter::from_fn(move || {
            while left > 0 {
                left -= 1;
                let number = varint(&self.bytes, &mut at)?;
                let start = position;
                position = position.checked_add(number / radix + 1)?;
                let owner = usize::try_from(number % radix).ok()?;
                if let Some(unit) = owner.checked_sub(1).and_then(|i| units.get(i)) {
                    return Some(Run { start, end: position, unit: *unit });
                }
            }
            None
        })
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn read_size(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(array(bytes, at)?)).ok()
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
