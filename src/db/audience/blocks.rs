//! Seats stored in blocks: some hundred people a row, so that a search reads rows by the page and not by the person. A
//! block holds the seats from its first to where the next block begins; a change rewrites the blocks it falls in.

use super::super::schema::audience_blocks;
use super::{Change, Seat};
use crate::db::ROWS;
use crate::db::{Conn, DbError, per_backend};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// Most seats of a block: with its key it stays below PostgreSQL's 2,032 bytes, above which a row is moved aside.
pub(super) const MOST: usize = 240;
/// Seats of a block that is made by cutting: room for half as many again.
const MADE: usize = 160;
/// Bytes a seat takes, big-endian.
const BYTES: usize = 8;
/// More changes than this look their blocks up in a list of all of them, fewer one by one.
const FEW: usize = 64;

/// Seats in order as the rows they are stored in.
pub fn blocks(seats: &[Seat]) -> impl Iterator<Item = (i64, Vec<u8>)> + '_ {
    let parts = if seats.len() <= MOST { 1 } else { seats.len().div_ceil(MADE) };
    let row = |part: &[Seat]| Some((part.first()?.0, part.iter().flat_map(|seat| seat.0.to_be_bytes()).collect()));
    seats.chunks(seats.len().div_ceil(parts).max(1)).filter_map(row)
}

/// The seats of a row.
pub(super) fn seats(bytes: &[u8]) -> Result<impl Iterator<Item = i64> + '_, DbError> {
    let (whole, rest) = bytes.as_chunks::<BYTES>();
    if whole.is_empty() || !rest.is_empty() {
        return Err(DbError::corrupt("audience_blocks.seats", bytes.len()));
    }
    Ok(whole.iter().map(|seat| i64::from_be_bytes(*seat)))
}

/// Carries changes out, oldest first. To come twice or to leave twice is to do so once.
pub(super) fn change(conn: &mut Conn, changes: &[Change]) -> Result<(), DbError> {
    use audience_blocks as b;
    let last: BTreeMap<i64, bool> = changes.iter().map(|change| (change.seat.0, change.came)).collect();
    let by_block = grouped(conn, last)?;
    let firsts: Vec<i64> = by_block.keys().copied().collect();
    for part in firsts.chunks(ROWS) {
        let rows: Vec<(i64, Vec<u8>)> =
            b::table.filter(b::first.eq_any(part)).select((b::first, b::seats)).load(conn)?;
        let mut old: BTreeMap<i64, Vec<u8>> = rows.into_iter().collect();
        diesel::delete(b::table.filter(b::first.eq_any(part))).execute(conn)?;
        let mut new: Vec<(i64, Vec<u8>)> = Vec::with_capacity(part.len());
        for first in part {
            let bytes = old.remove(first).unwrap_or_default();
            let before: Vec<i64> = if bytes.is_empty() { Vec::new() } else { seats(&bytes)?.collect() };
            let after = merged(&before, by_block.get(first).map(Vec::as_slice).unwrap_or_default());
            new.extend(blocks(&after));
        }
        for rows in new.chunks(ROWS) {
            let rows: Vec<_> = rows.iter().map(|(first, seats)| (b::first.eq(first), b::seats.eq(seats))).collect();
            per_backend!(conn, c => diesel::insert_into(b::table).values(&rows).execute(c))?;
        }
    }
    Ok(())
}

/// The changes by the block they fall in: the last that begins at or before the seat, else the first there is. With no
/// block at all, they are to make one.
fn grouped(conn: &mut Conn, changes: BTreeMap<i64, bool>) -> Result<BTreeMap<i64, Vec<(i64, bool)>>, DbError> {
    use audience_blocks as b;
    let mut by_block: BTreeMap<i64, Vec<(i64, bool)>> = BTreeMap::new();
    let all: Vec<i64> =
        if changes.len() > FEW { b::table.order(b::first).select(b::first).load(conn)? } else { Vec::new() };
    let least: Option<i64> = b::table.order(b::first).select(b::first).first(conn).optional()?;
    let mut without = None;
    for (seat, came) in changes {
        let block = if all.is_empty() {
            begins_before(conn, seat)?
        } else {
            all.partition_point(|first| *first <= seat).checked_sub(1).and_then(|i| all.get(i)).copied()
        };
        let block = block.or(least).unwrap_or_else(|| *without.get_or_insert(seat));
        by_block.entry(block).or_default().push((seat, came));
    }
    Ok(by_block)
}

/// Where the block begins in which a seat is, if it is anywhere.
pub(super) fn begins_before(conn: &mut Conn, seat: i64) -> Result<Option<i64>, DbError> {
    use audience_blocks as b;
    let found = b::table.filter(b::first.le(seat)).order(b::first.desc()).select(b::first).first(conn);
    Ok(found.optional()?)
}

/// Where the next block begins after a key, if there is one.
pub(super) fn begins_after(conn: &mut Conn, key: i64) -> Result<Option<i64>, DbError> {
    use audience_blocks as b;
    let found = b::table.filter(b::first.gt(key)).order(b::first).select(b::first).first(conn);
    Ok(found.optional()?)
}

/// Seats in order after changes in order.
fn merged(before: &[i64], changes: &[(i64, bool)]) -> Vec<Seat> {
    let mut after = Vec::with_capacity(before.len() + changes.len());
    let mut changes = changes.iter().copied().peekable();
    for seat in before {
        while let Some((other, came)) = changes.next_if(|(other, _)| other < seat) {
            after.extend(came.then_some(Seat(other)));
        }
        let stays = changes.next_if(|(other, _)| other == seat).is_none_or(|(_, came)| came);
        after.extend(stays.then_some(Seat(*seat)));
    }
    after.extend(changes.filter(|(_, came)| *came).map(|(seat, _)| Seat(seat)));
    after
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_hold_every_seat_once_and_none_too_many(keys in proptest::collection::btree_set(any::<i64>(), 0..2000)) {
            let all: Vec<Seat> = keys.iter().map(|key| Seat(*key)).collect();
            let rows: Vec<(i64, Vec<u8>)> = blocks(&all).collect();
            let mut read = Vec::new();
            for (first, bytes) in &rows {
                prop_assert!(bytes.len() <= MOST * BYTES);
                let block: Vec<i64> = seats(bytes).unwrap().collect();
                prop_assert_eq!(block[0], *first);
                read.extend(block);
            }
            prop_assert_eq!(read, keys.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn changes_come_out_as_in_a_set(
            before in proptest::collection::btree_set(0_i64..100, 0..60),
            changes in proptest::collection::btree_map(0_i64..100, any::<bool>(), 0..60),
        ) {
            let list: Vec<(i64, bool)> = changes.iter().map(|(seat, came)| (*seat, *came)).collect();
            let found = merged(&before.iter().copied().collect::<Vec<_>>(), &list);
            let mut wanted = before;
            for (seat, came) in changes {
                if came { wanted.insert(seat); } else { wanted.remove(&seat); }
            }
            prop_assert_eq!(found.iter().map(|seat| seat.0).collect::<Vec<_>>(), wanted.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_damaged_block_is_told() {
        assert!(seats(&[]).is_err() && seats(&[0; 12]).is_err() && seats(&[0; 16]).is_ok());
    }
}
