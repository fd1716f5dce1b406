//! A mass mail cut into shards of cells: each within one province, so that progress can be told by province, and small
//! enough for one claim.

use super::audience::View;
use super::{App, AppError};
use crate::db::Conn;
use crate::domain::area::{CellRange, SUBSCRIBER_RESOLUTION};
use crate::domain::language::Language;
use crate::domain::place::{Country, PlaceCode};

/// The ten Belgian provinces (REFNIS) and Brussels, which is in none.
const BELGIAN: [&str; 11] = [
    "PROV:10000",
    "PROV:20001",
    "PROV:20002",
    "PROV:30000",
    "PROV:40000",
    "PROV:50000",
    "PROV:60000",
    "PROV:70000",
    "PROV:80000",
    "PROV:90000",
    "REG:04000",
];

/// The codes of a country's provinces or departments; Corsica's two have letters.
fn codes(country: Country) -> Vec<String> {
    match country {
        Country::Be => BELGIAN.iter().map(|code| (*code).to_owned()).collect(),
        Country::Fr => {
            let numbers = (1..=95).filter(|number| *number != 20).map(|number| format!("DEP:{number:02}"));
            numbers.chain(["DEP:2A".to_owned(), "DEP:2B".to_owned()]).collect()
        }
    }
}

/// An audience's cells by province, each cell once; what is in none has an empty code and comes last.
pub fn by_province(app: &App, wanted: &[CellRange]) -> Result<Vec<(String, Vec<CellRange>)>, AppError> {
    let (mut parts, mut left) = (Vec::new(), wanted.to_vec());
    for (country, territory) in app.territories() {
        if common(&left, &territory.ranges(SUBSCRIBER_RESOLUTION)).is_empty() {
            continue;
        }
        for code in codes(*country) {
            let place = PlaceCode::parse(&code).map_err(|e| AppError::Broken(format!("{code}: {e}")))?;
            // A gazetteer without the place (a build of one country) leaves its people without a province.
            let Ok(cells) = app.gazetteer.cells_of(&place) else { continue };
            let cells = cells.ranges(SUBSCRIBER_RESOLUTION);
            let here = common(&left, &cells);
            if !here.is_empty() {
                left = without(&left, &cells);
                parts.push((code, here));
            }
            if left.is_empty() {
                return Ok(parts);
            }
        }
    }
    if !left.is_empty() {
        parts.push((String::new(), left));
    }
    Ok(parts)
}

/// What is in both of two ordered lists of separate ranges.
fn common(one: &[CellRange], other: &[CellRange]) -> Vec<CellRange> {
    let (mut found, mut one, mut other) = (Vec::new(), one.iter().peekable(), other.iter().peekable());
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        let (first, last) = (a.first.max(b.first), a.last.min(b.last));
        if first <= last {
            found.push(CellRange { first, last });
        }
        if a.last <= b.last {
            one.next();
        } else {
            other.next();
        }
    }
    found
}

/// What is in the first of two ordered lists of separate ranges only.
fn without(one: &[CellRange], other: &[CellRange]) -> Vec<CellRange> {
    let mut found = Vec::new();
    let mut gone = other.iter().peekable();
    for range in one {
        let mut first = range.first;
        while gone.next_if(|hole| hole.last < first).is_some() {}
        let mut holes = gone.clone();
        while let Some(hole) = holes.next_if(|hole| hole.first <= range.last) {
            if hole.first > first {
                found.push(CellRange { first, last: hole.first - 1 });
            }
            first = first.max(hole.last.saturating_add(1));
        }
        if first <= range.last {
            found.push(CellRange { first, last: range.last });
        }
    }
    found
}

/// Part of an audience that one claim carries.
#[derive(Default)]
pub struct Shard {
    /// Its cells, at the subscribers' resolution.
    pub cells: Vec<CellRange>,
    /// How many people live there.
    pub people: i64,
}

/// Cuts an audience into runs of cells with about `size` people each, in cell order, and hands each over as soon as it
/// is full: ten million people are never in memory. A single crowded cell is one shard. Empty cells between two of a
/// shard belong to it, so that its cells stay few ranges; none is outside the audience's.
pub fn cut(
    conn: &mut Conn,
    view: &View,
    chosen: Language,
    wanted: &[CellRange],
    size: i64,
    mut each: impl FnMut(&mut Conn, &Shard) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let mut open = Shard::default();
    let mut ranges = wanted.iter().copied().peekable();
    view.cells(conn, chosen, wanted, |conn, cell, people| {
        if open.people > 0 && open.people + people > size {
            each(conn, &std::mem::take(&mut open))?;
        }
        while ranges.next_if(|range| range.last < cell).is_some() {}
        let begins = ranges.peek().map_or(cell, |range| range.first);
        match open.cells.last_mut() {
            Some(run) if run.first >= begins => run.last = cell,
            _ => open.cells.push(CellRange { first: cell, last: cell }),
        }
        open.people += people;
        Ok(())
    })?;
    if open.people > 0 { each(conn, &open) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn ranges() -> impl Strategy<Value = Vec<CellRange>> {
        proptest::collection::vec((0_u64..6, 0_u64..6), 0..12).prop_map(|steps| {
            let mut at = 0;
            steps
                .into_iter()
                .map(|(gap, length)| {
                    let first = at + gap;
                    at = first + length + 1;
                    CellRange { first, last: first + length }
                })
                .collect()
        })
    }

    fn numbers(ranges: &[CellRange]) -> BTreeSet<u64> {
        ranges.iter().flat_map(|range| range.first..=range.last).collect()
    }

    proptest! {
        #[test]
        fn two_lists_of_ranges_are_compared_like_sets(one in ranges(), other in ranges()) {
            let (a, b) = (numbers(&one), numbers(&other));
            prop_assert_eq!(numbers(&common(&one, &other)), a.intersection(&b).copied().collect());
            prop_assert_eq!(numbers(&without(&one, &other)), a.difference(&b).copied().collect());
        }
    }
}
