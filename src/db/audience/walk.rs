//! Reads seats within ranges of cells, in order, a bounded page at a time; between pages the connection is free. Pages
//! are found by the last key seen, so nothing is held open on either database.

use super::super::schema::audience_blocks;
use super::blocks::{self, begins_after, begins_before};
use super::{LAST_NUMBER, Seat, Spot};
use crate::db::{Conn, DbError};
use crate::domain::area::CellRange;
use crate::domain::language::Language;
use diesel::prelude::*;
use std::collections::VecDeque;

/// Most seats in memory at once: half a mebibyte, and a statement's fixed cost is lost in it.
pub const PAGE: usize = 65_536;
/// Ranges no more than this many cells apart are read as one and the cells between are skipped here: a statement costs
/// as much as some blocks of people, and a cell of resolution 10 seldom holds more than a few.
const BRIDGE: i64 = 64;

/// Scans PostgreSQL gets in one statement cover at most so many cells in all: a round trip costs as much as hundreds of
/// blocks, but what does not fit a page is found again for the next one.
#[cfg(feature = "postgres")]
const TOGETHER: i64 = 20_000;

/// Keys `first..=last` of the table; holds one or more wanted ranges.
struct Scan {
    first: i64,
    last: i64,
}

/// A walk over the seats of one language within ranges of cells.
pub struct Walk {
    /// What counts, sorted and disjoint.
    wanted: Vec<(i64, i64)>,
    /// The first wanted range that may still have something.
    at: usize,
    /// What is left to read, in order.
    scans: VecDeque<Scan>,
    /// The first and the last key of the last block read: everything up to it was looked at.
    seen: Option<(i64, i64)>,
}

impl Walk {
    /// Over the ranges of [`CellSet::ranges`](crate::domain::area::CellSet::ranges) (sorted, disjoint).
    #[must_use]
    pub fn new(language: Language, ranges: &[CellRange]) -> Self {
        let mut wanted = Vec::with_capacity(ranges.len());
        let mut scans: VecDeque<Scan> = VecDeque::new();
        let mut before: Option<Spot> = None;
        for range in ranges {
            let (from, to) = Spot::range(language, *range);
            let (first, last) = (from.seat(0).0, to.seat(LAST_NUMBER).0);
            wanted.push((first, last));
            match (scans.back_mut(), before) {
                (Some(scan), Some(before)) if before.until(from) <= BRIDGE => scan.last = last,
                _ => scans.push_back(Scan { first, last }),
            }
            before = Some(to);
        }
        Self { wanted, at: 0, scans, seen: None }
    }

    pub(super) fn everybody() -> Self {
        let scan = Scan { first: i64::MIN, last: i64::MAX };
        Self { wanted: vec![(scan.first, scan.last)], at: 0, scans: VecDeque::from([scan]), seen: None }
    }

    /// Fills `page` with the next seats, at most [`PAGE`]; an empty page is the end.
    pub fn next(&mut self, conn: &mut Conn, page: &mut Vec<Seat>) -> Result<(), DbError> {
        page.clear();
        loop {
            let room = (PAGE - page.len()) / blocks::MOST;
            if room == 0 {
                return Ok(());
            }
            let Some(from) = self.begin(conn)? else { return Ok(()) };
            let Some(scan) = self.scans.front() else { return Ok(()) };
            let (rows, read) = match conn {
                #[cfg(feature = "postgres")]
                Conn::Postgres(c) => match together(&self.scans) {
                    1 => (rows(conn, from, scan.last, room)?, 1),
                    several => (rows_together(c, self.scans.iter().take(several), from, room)?, several),
                },
                Conn::Sqlite(_) => (rows(conn, from, scan.last, room)?, 1),
            };
            let whole = rows.len() < room;
            for bytes in rows {
                self.keep_wanted(&bytes, page)?;
            }
            if whole {
                drop(self.scans.drain(..read));
            }
            if let Some((_, last)) = self.seen {
                self.go_on_after(last);
            }
        }
    }

    /// The first block to read for the next scan. Scans that end before the next block begins are dropped: where nobody
    /// lives, thousands of ranges are one question.
    fn begin(&mut self, conn: &mut Conn) -> Result<Option<i64>, DbError> {
        if let Some((seen, _)) = self.seen {
            let Some(next) = begins_after(conn, seen)? else {
                self.scans.clear();
                return Ok(None);
            };
            while self.scans.front().is_some_and(|scan| scan.last < next) {
                self.scans.pop_front();
            }
            if self.scans.front().is_some_and(|scan| scan.first <= next) {
                return Ok(Some(next));
            }
        }
        let Some(scan) = self.scans.front() else { return Ok(None) };
        Ok(Some(begins_before(conn, scan.first)?.unwrap_or(scan.first)))
    }

    /// Drops what was read up to this key.
    fn go_on_after(&mut self, end: i64) {
        while let Some(scan) = self.scans.front_mut() {
            if scan.last > end {
                scan.first = scan.first.max(end.saturating_add(1));
                return;
            }
            self.scans.pop_front();
        }
    }

    /// Adds what lies in wanted ranges, unless it was looked at before; all of it is in order.
    fn keep_wanted(&mut self, bytes: &[u8], page: &mut Vec<Seat>) -> Result<(), DbError> {
        let seen = self.seen;
        let mut ends: Option<(i64, i64)> = None;
        for key in blocks::seats(bytes)? {
            ends = Some((ends.map_or(key, |(first, _)| first), key));
            if seen.is_some_and(|(_, last)| key <= last) {
                continue;
            }
            while self.wanted.get(self.at).is_some_and(|(_, last)| key > *last) {
                self.at += 1;
            }
            if self.wanted.get(self.at).is_some_and(|(first, _)| key >= *first) {
                page.push(Seat(key));
            }
        }
        self.seen = ends;
        Ok(())
    }
}

/// How many of the next scans fit one statement.
#[cfg(feature = "postgres")]
fn together(scans: &VecDeque<Scan>) -> usize {
    let mut cells = 0;
    let fit = |scan: &&Scan| {
        cells += Seat(scan.first).spot().until(Seat(scan.last).spot());
        cells <= TOGETHER
    };
    scans.iter().take_while(fit).count().max(1)
}

fn limit(room: usize) -> i64 {
    i64::try_from(room).unwrap_or(i64::MAX)
}

/// The blocks that begin between two keys, at most so many.
fn rows(conn: &mut Conn, from: i64, last: i64, room: usize) -> Result<Vec<Vec<u8>>, DbError> {
    use audience_blocks as b;
    let found = b::table.filter(b::first.between(from, last)).order(b::first).limit(limit(room)).select(b::seats);
    Ok(found.load(conn)?)
}

/// Several scans in one statement. A plain join with the ranges is planned as scans of the whole table; a lateral
/// subquery with its own limit is one index scan a range. A block that two scans touch comes twice.
#[cfg(feature = "postgres")]
fn rows_together<'a>(
    conn: &mut PgConnection,
    scans: impl Iterator<Item = &'a Scan>,
    from: i64,
    room: usize,
) -> Result<Vec<Vec<u8>>, DbError> {
    use diesel::sql_types::{Array, BigInt};
    let (firsts, lasts): (Vec<i64>, Vec<i64>) = scans.map(|scan| (scan.first, scan.last)).unzip();
    let page = diesel::sql_query(
        "SELECT found.seats FROM unnest($1, $2) AS scan (first, last) CROSS JOIN LATERAL \
         (SELECT first, seats FROM audience_blocks WHERE first >= $4 AND first <= scan.last AND first >= coalesce( \
         (SELECT first FROM audience_blocks WHERE first <= scan.first ORDER BY first DESC LIMIT 1), scan.first) \
         ORDER BY first LIMIT $3) AS found ORDER BY found.first LIMIT $3",
    );
    let page = page.bind::<Array<BigInt>, _>(firsts).bind::<Array<BigInt>, _>(lasts);
    let page = page.bind::<BigInt, _>(limit(room)).bind::<BigInt, _>(from);
    Ok(page.load::<Block>(conn)?.into_iter().map(|block| block.seats).collect())
}

#[cfg(feature = "postgres")]
#[derive(QueryableByName)]
struct Block {
    #[diesel(sql_type = diesel::sql_types::Binary)]
    seats: Vec<u8>,
}
