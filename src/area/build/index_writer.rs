//! Writes the format of [`unit_index`](crate::area::unit_index).

use h3o::Resolution;

use crate::area::unit_index::{MAGIC, Run};

/// Runs a block: small enough that finding one cell decodes little, large enough that the directory stays small.
const RUNS_PER_BLOCK: usize = 256;

/// The bytes of an index. Runs are sorted, disjoint and not empty.
pub(super) fn write(resolution: Resolution, units: u16, runs: &[Run], shared: &[(u64, u16)]) -> Option<Vec<u8>> {
    let mut directory = Vec::new();
    let mut body = Vec::new();
    for block in runs.chunks(RUNS_PER_BLOCK) {
        directory.extend_from_slice(&block.first()?.start.to_le_bytes());
        directory.extend_from_slice(&u32::try_from(body.len()).ok()?.to_le_bytes());
        write_block(block, &mut body)?;
    }
    let blocks = u32::try_from(runs.chunks(RUNS_PER_BLOCK).len()).ok()?;
    let mut out = MAGIC.to_vec();
    out.push(u8::from(resolution));
    out.extend_from_slice(&units.to_le_bytes());
    out.extend_from_slice(&blocks.to_le_bytes());
    out.extend_from_slice(&u32::try_from(shared.len()).ok()?.to_le_bytes());
    out.append(&mut directory);
    for (cell, unit) in shared {
        out.extend_from_slice(&cell.to_le_bytes());
        out.extend_from_slice(&unit.to_le_bytes());
    }
    out.append(&mut body);
    Some(out)
}

fn write_block(block: &[Run], body: &mut Vec<u8>) -> Option<()> {
    let mut units: Vec<u16> = block.iter().map(|run| run.unit).collect();
    units.sort_unstable();
    units.dedup();
    let radix = u64::try_from(units.len()).ok()? + 1;
    let mut numbers = Vec::with_capacity(block.len() * 2);
    let mut position = block.first()?.start;
    for run in block {
        if run.start > position {
            numbers.push((run.start - position - 1).checked_mul(radix)?);
        }
        let owner = u64::try_from(units.binary_search(&run.unit).ok()?).ok()? + 1;
        numbers.push((run.end - run.start - 1).checked_mul(radix)?.checked_add(owner)?);
        position = run.end;
    }
    varint(u64::try_from(numbers.len()).ok()?, body);
    varint(radix - 1, body);
    for unit in units {
        varint(u64::from(unit), body);
    }
    for number in numbers {
        varint(number, body);
    }
    Some(())
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::area::unit_index::UnitIndex;
    use proptest::prelude::*;

    /// Disjoint sorted runs, some adjacent, some far apart.
    fn runs() -> impl Strategy<Value = Vec<Run>> {
        let step = (prop_oneof![Just(0_u64), 0..20_u64, 0..1_000_000_000_u64], 1..500_u64, 0..40_u16);
        proptest::collection::vec(step, 1..900).prop_map(|steps| {
            let mut at = 5_000_000_u64;
            let run = |(gap, cells, unit)| {
                let start = at + gap;
                at = start + cells;
                Run { start, end: at, unit }
            };
            steps.into_iter().map(run).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn what_is_written_reads_back_and_is_found_in_place(runs in runs(), pick in any::<proptest::sample::Index>()) {
            let bytes = write(Resolution::Ten, 40, &runs, &[(7, 3)]).unwrap();
            let index = UnitIndex::parse(bytes.into()).unwrap();
            prop_assert_eq!(index.runs().collect::<Vec<_>>(), runs.clone());
            prop_assert_eq!((index.units(), index.shared()), (40, [(7_u64, 3_u16)].as_slice()));
            let run = *pick.get(&runs);
            prop_assert_eq!(index.owner(run.start), Some(run.unit));
            prop_assert_eq!(index.owner(run.end - 1), Some(run.unit));
            prop_assert_eq!(index.owner(7), Some(3));
            let after = runs.iter().find(|r| r.start == run.end).map(|r| r.unit);
            prop_assert_eq!(index.owner(run.end), after);
        }

        #[test]
        fn damaged_bytes_are_refused_or_read_without_harm(mut bytes in Just(()).prop_map(|()| {
            write(Resolution::Nine, 2, &[Run { start: 1, end: 9, unit: 1 }], &[]).unwrap()
        }), at in any::<proptest::sample::Index>(), value in any::<u8>(), cut in any::<proptest::sample::Index>()) {
            let at = at.index(bytes.len());
            if let Some(byte) = bytes.get_mut(at) { *byte = value; }
            bytes.truncate(cut.index(bytes.len()) + 1);
            if let Ok(index) = UnitIndex::parse(bytes.into()) {
                prop_assert!(index.runs().take(1000).count() <= 1000);
                index.owner(3);
            }
        }
    }
}
