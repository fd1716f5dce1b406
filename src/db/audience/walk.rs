//! Reads seats within ranges of cells, in order, a bounded page at a time; between pages the connection is free. Pages
//! are found by the last key seen, so nothing is held open on either database.

use super::super::schema::audience;
use super::{LAST_NUMBER, Seat, Spot};
use crate::db::{Conn, DbError};
use crate::domain::area::CellRange;
use crate::domain::language::Language;
use diesel::prelude::*;
use std::collections::VecDeque;

/// Most seats in memory at once: half a mebibyte, and a statement's fixed cost is lost in it.
pub const PAGE: usize = 65_536;
/// Ranges no more than this many cells apart are read as one and the cells between are skipped here: a statement costs
/// as much as some fifty rows, and a cell of resolution 10 seldom holds more than a few.
const BRIDGE: i64 = 16;

/// Scans PostgreSQL gets in one statement cover at most so many cells in all: a round trip costs as much as hundreds of
/// rows, but what does not fit a page is found again for the next one.
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
        Self { wanted, at: 0, scans }
    }

    pub(super) fn everybody() -> Self {
        let scan = Scan { first: i64::MIN, last: i64::MAX };
        Self { wanted: vec![(scan.first, scan.last)], at: 0, scans: VecDeque::from([scan]) }
    }

    /// Fills `page` with the next seats, at most [`PAGE`]; an empty page is the end.
    pub fn next(&mut self, conn: &mut Conn, page: &mut Vec<Seat>) -> Result<(), DbError> {
        page.clear();
        while page.len() < PAGE {
            let room = PAGE - page.len();
            let Some(scan) = self.scans.front() else { break };
            let (keys, read) = match conn {
                Conn::Sqlite(c) => (by_rows(c, scan, room)?, 1),
                #[cfg(feature = "postgres")]
                Conn::Postgres(c) => match together(&self.scans) {
                    1 => (packed(c, scan, room)?, 1),
                    several => (packed_together(c, self.scans.iter().take(several), room)?, several),
                },
            };
            self.keep_wanted(&keys, page);
            match keys.last() {
                Some(end) if keys.len() == room => self.go_on_after(*end),
                _ => drop(self.scans.drain(..read)),
            }
        }
        Ok(())
    }

    /// Drops what was read up to this key.
    fn go_on_after(&mut self, end: i64) {
        while let Some(scan) = self.scans.front_mut() {
            if scan.last > end {
                scan.first = scan.first.max(end + 1);
                return;
            }
            self.scans.pop_front();
        }
    }

    /// Adds what lies in wanted ranges; both sides are sorted.
    fn keep_wanted(&mut self, keys: &[i64], page: &mut Vec<Seat>) {
        let mut keys = keys.iter().copied().peekable();
        while let (Some(key), Some((first, last))) = (keys.peek().copied(), self.wanted.get(self.at).copied()) {
            if key > last {
                self.at += 1;
            } else {
                keys.next();
                if key >= first {
                    page.push(Seat(key));
                }
            }
        }
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

fn by_rows(conn: &mut SqliteConnection, scan: &Scan, room: usize) -> Result<Vec<i64>, DbError> {
    Ok(audience::table
        .filter(audience::seat.between(scan.first, scan.last))
        .order(audience::seat)
        .limit(limit(room))
        .select(audience::seat)
        .load(conn)?)
}

/// A page as one row: an array costs PostgreSQL's protocol 12 bytes a seat and no row at all.
#[cfg(feature = "postgres")]
fn packed(conn: &mut PgConnection, scan: &Scan, room: usize) -> Result<Vec<i64>, DbError> {
    use diesel::sql_types::BigInt;
    let page = diesel::sql_query(
        "SELECT array_agg(seat) AS keys FROM \
         (SELECT seat FROM audience WHERE seat BETWEEN $1 AND $2 ORDER BY seat LIMIT $3) AS page",
    );
    let page = page.bind::<BigInt, _>(scan.first).bind::<BigInt, _>(scan.last).bind::<BigInt, _>(limit(room));
    Ok(page.get_result::<Packed>(conn)?.sorted())
}

/// Several scans in one statement. A plain join with the ranges is planned as scans of the whole table; a lateral
/// subquery with its own limit is one index scan a range.
#[cfg(feature = "postgres")]
fn packed_together<'a>(
    conn: &mut PgConnection,
    scans: impl Iterator<Item = &'a Scan>,
    room: usize,
) -> Result<Vec<i64>, DbError> {
    use diesel::sql_types::{Array, BigInt};
    let (firsts, lasts): (Vec<i64>, Vec<i64>) = scans.map(|scan| (scan.first, scan.last)).unzip();
    let page = diesel::sql_query(
        "SELECT array_agg(seat) AS keys FROM \
         (SELECT found.seat FROM unnest($1, $2) AS scan (first, last) CROSS JOIN LATERAL \
         (SELECT seat FROM audience WHERE seat BETWEEN scan.first AND scan.last ORDER BY seat LIMIT $3) AS found \
         ORDER BY found.seat LIMIT $3) AS page",
    );
    let page = page.bind::<Array<BigInt>, _>(firsts).bind::<Array<BigInt>, _>(lasts).bind::<BigInt, _>(limit(room));
    Ok(page.get_result::<Packed>(conn)?.sorted())
}

#[cfg(feature = "postgres")]
#[derive(QueryableByName)]
struct Packed {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Array<diesel::sql_types::BigInt>>)]
    keys: Option<Vec<i64>>,
}

#[cfg(feature = "postgres")]
impl Packed {
    /// PostgreSQL aggregates a sorted subquery in its order, but promises it only "usually".
    fn sorted(self) -> Vec<i64> {
        let mut keys = self.keys.unwrap_or_default();
        if !keys.is_sorted() {
            keys.sort_unstable();
        }
        keys
    }
}
