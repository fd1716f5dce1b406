//! Boundaries to a partition of cells by cell centre, with the checks that it is one.

use geo::Polygon;
use h3o::geom::{ContainmentMode, TilerBuilder};
use h3o::{LatLng, Resolution};

use super::run::{BuildError, Step};
use crate::area::unit_index::Run;
use crate::domain::area::SUBSCRIBER_RESOLUTION;
use crate::domain::area::position::position;

/// A unit to be placed: its code, its boundary if known, and a point inside it if known.
pub(super) struct Place {
    pub code: String,
    pub boundary: Vec<Polygon<f64>>,
    pub point: Option<(f64, f64)>,
}

/// What became of one country's units.
pub(super) struct Partition {
    pub runs: Vec<Run>,
    /// Cells of units that own none, by position.
    pub shared: Vec<(u64, u16)>,
    pub cells: u64,
    /// Cells whose centre lay in two units; the first by code has them.
    pub contested: u64,
    /// Cells that hold a unit's interior point and went to it, though their centre lies elsewhere.
    pub handed_over: u64,
    /// Codes without boundary and without point.
    pub without_cells: Vec<String>,
}

/// One cell in a thousand; source boundaries overlap nowhere, so more is a broken source, not rounding.
const CONTESTED_PER_CELL: u64 = 1_000;

pub(super) fn partition(
    places: &[Place],
    resolution: Resolution,
    progress: &(dyn Fn(Step) + Sync),
) -> Result<Partition, BuildError> {
    let mut owned = tiled(places, resolution, progress)?;
    let all = owned.len();
    owned.sort_unstable();
    owned.dedup_by_key(|(cell, _)| *cell);
    let contested = u64::try_from(all - owned.len()).unwrap_or(u64::MAX);
    let cells = u64::try_from(owned.len()).unwrap_or(u64::MAX);
    if contested > cells / CONTESTED_PER_CELL {
        return Err(BuildError::Check(format!(
            "{contested} of {cells} cells lie in two units; the boundaries overlap"
        )));
    }

    let mut owns = vec![false; places.len()];
    for (_, unit) in &owned {
        if let Some(owns) = owns.get_mut(usize::from(*unit)) {
            *owns = true;
        }
    }
    let (mut shared, mut without_cells) = (Vec::new(), Vec::new());
    let homeless = places.iter().zip(owns).zip(0_u16..).filter(|((_, owns), _)| !owns);
    for ((place, _), unit) in homeless {
        let Some(cell) = cell_of(place, resolution) else {
            without_cells.push(place.code.clone());
            continue;
        };
        match owned.binary_search_by_key(&cell, |(cell, _)| *cell) {
            Ok(_) => shared.push((cell, unit)),
            // Nobody's centre: the cell is simply this unit's, e.g. an islet.
            Err(at) => owned.insert(at, (cell, unit)),
        }
    }
    shared.sort_unstable();
    let handed_over = hand_over(places, resolution, &mut owned, &shared);
    Ok(Partition { runs: runs(&owned), shared, cells, contested, handed_over, without_cells })
}

/// The cell by which a unit's interior point will be located: found at the subscribers' resolution, then its parent.
/// That is not always the coarser cell that holds the point, because children stick out of their parents.
fn cell_of(place: &Place, resolution: Resolution) -> Option<u64> {
    let (lat, lon) = place.point?;
    let cell = LatLng::new(lat, lon).ok()?.to_cell(SUBSCRIBER_RESOLUTION.max(resolution));
    cell.parent(resolution).map(position)
}

/// A unit's interior point must be located in the unit, but in a narrow unit the centre of its cell can lie in the
/// neighbour. Such a cell goes to the unit whose point it holds, unless the neighbour's own point lies in it too or the
/// neighbour has no other cell.
fn hand_over(places: &[Place], resolution: Resolution, owned: &mut Vec<(u64, u16)>, shared: &[(u64, u16)]) -> u64 {
    let points: Vec<Option<u64>> = places.iter().map(|place| cell_of(place, resolution)).collect();
    let mut counts = vec![0_u64; places.len()];
    for (_, unit) in owned.iter() {
        if let Some(count) = counts.get_mut(usize::from(*unit)) {
            *count += 1;
        }
    }
    let mut handed_over = 0;
    for (unit, cell) in (0_u16..).zip(&points) {
        let Some(cell) = *cell else { continue };
        if shared.contains(&(cell, unit)) {
            continue;
        }
        match owned.binary_search_by_key(&cell, |(cell, _)| *cell) {
            Ok(at) => {
                let Some((_, owner)) = owned.get_mut(at) else { continue };
                let owners = usize::from(*owner);
                let spare =
                    points.get(owners) != Some(&Some(cell)) && counts.get(owners).is_some_and(|count| *count > 1);
                if *owner == unit || !spare {
                    continue;
                }
                *owner = unit;
                if let Some(count) = counts.get_mut(owners) {
                    *count -= 1;
                }
            }
            Err(at) => owned.insert(at, (cell, unit)),
        }
        if let Some(count) = counts.get_mut(usize::from(unit)) {
            *count += 1;
        }
        handed_over += 1;
    }
    handed_over
}

/// (position, unit) of every cell whose centre lies in a unit, in no order. Two threads: the work is all arithmetic.
fn tiled(
    places: &[Place],
    resolution: Resolution,
    progress: &(dyn Fn(Step) + Sync),
) -> Result<Vec<(u64, u16)>, BuildError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let lots: Vec<Vec<(u16, &Place)>> =
        (0..threads).map(|lot| (0_u16..).zip(places).skip(lot).step_by(threads).collect()).collect();
    let one_lot = |lot: Vec<(u16, &Place)>| {
        let mut found = Vec::new();
        for (unit, place) in lot {
            let mut tiler = TilerBuilder::new(resolution)
                .containment_mode(ContainmentMode::ContainsCentroid)
                .disable_transmeridian_heuristic()
                .build();
            for polygon in &place.boundary {
                let broken = |e| BuildError::Check(format!("{}: {e}", place.code));
                tiler.add(polygon.clone()).map_err(broken)?;
            }
            found.extend(tiler.into_coverage().map(|cell| (position(cell), unit)));
            progress(Step::UnitDone);
        }
        // A unit in several parts can meet the same cell twice; that is no contest.
        found.sort_unstable();
        found.dedup();
        Ok(found)
    };
    let one_lot = &one_lot;
    std::thread::scope(|scope| {
        let running: Vec<_> = lots.into_iter().map(|lot| scope.spawn(move || one_lot(lot))).collect();
        let mut all = Vec::new();
        for lot in running {
            let found = lot.join().map_err(|_| BuildError::Check("a tiling thread ended badly".to_owned()))??;
            all.extend(found);
        }
        Ok(all)
    })
}

fn runs(owned: &[(u64, u16)]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (cell, unit) in owned {
        match runs.last_mut() {
            Some(run) if run.unit == *unit && run.end == *cell => run.end += 1,
            _ => runs.push(Run { start: *cell, end: cell + 1, unit: *unit }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use geo::LineString;

    fn place(code: &str, ring: &[(f64, f64)]) -> Place {
        let boundary = vec![Polygon::new(LineString::from(ring.to_vec()), vec![])];
        // Between two corners that are not neighbours, which is inside these shapes or on their edge.
        let point = ring.first().zip(ring.get(2)).map(|(a, b)| (f64::midpoint(a.1, b.1), f64::midpoint(a.0, b.0)));
        Place { code: code.to_owned(), point, boundary }
    }

    #[test]
    fn neighbours_share_no_cell_and_a_tiny_unit_keeps_one() {
        let west = place("W", &[(4.30, 50.80), (4.35, 50.80), (4.35, 50.85), (4.30, 50.85), (4.30, 50.80)]);
        let east = place("E", &[(4.35, 50.80), (4.40, 50.80), (4.40, 50.85), (4.35, 50.85), (4.35, 50.80)]);
        let tiny = place("T", &[(4.32, 50.82), (4.32001, 50.82), (4.32001, 50.82001), (4.32, 50.82)]);
        let islet = place("I", &[(4.80, 50.82), (4.80001, 50.82), (4.80001, 50.82001), (4.80, 50.82)]);
        let nowhere = Place { code: "N".to_owned(), boundary: vec![], point: None };
        let all = partition(&[west, east, tiny, islet, nowhere], Resolution::Nine, &|_| ()).unwrap();
        assert!(all.runs.windows(2).all(|pair| matches!(pair, [a, b] if a.end <= b.start)));
        assert_eq!(all.contested, 0);
        assert_eq!(all.shared.len(), 1);
        assert_eq!(all.shared.first().map(|(_, unit)| *unit), Some(2));
        assert!(all.runs.iter().any(|run| run.unit == 3));
        assert_eq!(all.without_cells, ["N"]);
        let counted: u64 = all.runs.iter().map(|run| run.end - run.start).sum();
        assert_eq!(counted, all.cells + 1);
    }

    #[test]
    fn a_narrow_unit_gets_the_cell_of_its_interior_point_if_its_neighbour_can_spare_it() {
        let cell = LatLng::new(50.82, 4.33).unwrap().to_cell(Resolution::Nine);
        let centre = LatLng::from(cell);
        // The neighbours' border runs 20 m east of the cell's centre; the narrow unit's point is 10 m beyond.
        let (x, y) = (centre.lng() + 0.0003, centre.lat());
        let wide = |west: f64, east: f64, point: (f64, f64)| {
            let ring = [(west, 50.80), (east, 50.80), (east, 50.84), (west, 50.84), (west, 50.80)];
            Place { point: Some(point), ..place("", &ring) }
        };
        let narrow = wide(x, x + 0.003, (y, x + 0.0001));
        let places = [wide(4.28, x, (50.81, 4.29)), narrow];
        let all = partition(&places, Resolution::Nine, &|_| ()).unwrap();
        let owner = |cell| all.runs.iter().find(|run| (run.start..run.end).contains(&cell)).map(|run| run.unit);
        assert_eq!((owner(position(cell)), all.handed_over), (Some(1), 1));
        // The neighbour's own point lies in it too: its centre decides.
        let narrow = wide(x, x + 0.003, (y, x + 0.0001));
        let places = [wide(4.28, x, (y, x - 0.0001)), narrow];
        let all = partition(&places, Resolution::Nine, &|_| ()).unwrap();
        let owner = |cell| all.runs.iter().find(|run| (run.start..run.end).contains(&cell)).map(|run| run.unit);
        assert_eq!((owner(position(cell)), all.handed_over), (Some(0), 0));
    }

    #[test]
    fn overlapping_boundaries_are_refused() {
        let ring = [(4.30, 50.80), (4.35, 50.80), (4.35, 50.85), (4.30, 50.85), (4.30, 50.80)];
        assert!(partition(&[place("A", &ring), place("B", &ring)], Resolution::Nine, &|_| ()).is_err());
    }
}
