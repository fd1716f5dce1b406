//! An aim in named places, for a platform without circles: the places of its list whose official territories reach the
//! target's people with the least outside. The map is cut into atoms, the pieces that the same places cover, so that the
//! choice ([`choose`](super::choose)) is one of sets; how well it fits is measured on the same cells as circles.

use std::collections::{BTreeMap, HashMap};

use h3o::{LatLng, Resolution};

use super::AimError;
use super::choose::{Atom, Problem, choose};
use super::judge::{Judge, SOMEBODY};
use super::people::{People, Unit};
use crate::area::channel_places::PlaceGroup;
use crate::area::gazetteer::Gazetteer;
use crate::domain::aim::{AimGoal, Fit};
use crate::domain::area::position::Span;
use crate::domain::area::{CellSet, CoverMode};

/// Around the places, so that every cell in them is in the region: the children of a cell protrude a little.
const REGION: Resolution = Resolution::Six;

/// What to aim at, with which places.
#[derive(Clone, Copy, Debug)]
pub struct PlaceTask<'a> {
    /// The cells to reach.
    pub target: &'a CellSet,
    /// The cells no place may leave; none when spilling is a matter of measure.
    pub fence: Option<&'a CellSet>,
    /// The places of the list near the target ([`Gazetteer::place_groups`]).
    pub places: &'a [PlaceGroup],
    /// How many ids the platform takes.
    pub most: usize,
    /// What is wanted.
    pub goal: AimGoal,
}

/// Places and how well they fit.
#[derive(Clone, Debug, PartialEq)]
pub struct AimedAtPlaces {
    /// The rows of the list, sorted.
    pub rows: Vec<usize>,
    /// Measured by the official territories of the places.
    pub fit: Fit,
    /// Whether the goal is met.
    pub met: bool,
}

/// Finds the places. The same for the same list, whatever machine.
pub fn aim_by_places(gazetteer: &Gazetteer, task: &PlaceTask<'_>) -> Result<AimedAtPlaces, AimError> {
    let first = task.target.cells().next().ok_or(AimError::Empty)?;
    let places: Vec<&PlaceGroup> =
        task.places.iter().filter(|place| task.fence.is_none_or(|fence| place.cells.is_subset_of(fence))).collect();
    let everything = places.iter().flat_map(|place| place.cells.spans()).chain(task.target.spans());
    let everything = CellSet::from_spans(everything.copied().collect());
    let region = everything.coarsened(REGION, CoverMode::Covers);
    let people = People::of_region(gazetteer, &region, LatLng::from(first));
    let judge = Judge::new(&people, task.target, None);

    let count = people.count(task.target);
    let parts: Vec<(Unit, f64)> = count.into_iter().filter(|(_, people)| *people >= SOMEBODY).collect();
    let number: BTreeMap<Unit, usize> = parts.iter().enumerate().map(|(i, (unit, _))| (*unit, i)).collect();
    let mut problem = Problem {
        atoms: Vec::new(),
        sets: vec![Vec::new(); places.len()],
        weights: places.iter().map(|place| place.rows.len()).collect(),
        parts: parts.iter().map(|(_, people)| *people).collect(),
        most: task.most,
    };
    for (members, cells) in atoms(&places) {
        let inside = people.count(&cells.intersection(task.target));
        let gains = inside.iter().filter_map(|(unit, people)| Some((*number.get(unit)?, *people))).collect();
        let cost = people.count(&cells.difference(task.target)).values().sum();
        for member in members {
            if let Some(set) = problem.sets.get_mut(member) {
                set.push(problem.atoms.len());
            }
        }
        problem.atoms.push(Atom { gains, cost });
    }
    let chosen: Vec<&PlaceGroup> =
        choose(&problem, task.goal).into_iter().filter_map(|set| places.get(set).copied()).collect();
    if chosen.is_empty() {
        return Err(AimError::NoPlace { fenced: task.fence.is_some() });
    }
    let reached = CellSet::from_spans(chosen.iter().flat_map(|place| place.cells.spans()).copied().collect());
    let fit = judge.fit_of(&reached);
    let mut rows: Vec<usize> = chosen.iter().flat_map(|place| place.rows.iter().copied()).collect();
    rows.sort_unstable();
    rows.dedup();
    Ok(AimedAtPlaces { met: fit.meets(task.goal), rows, fit })
}

/// The pieces of the map that are covered by the same places, with those.
fn atoms(places: &[&PlaceGroup]) -> Vec<(Vec<usize>, CellSet)> {
    let mut edges: Vec<(u64, usize)> = Vec::new();
    for (number, place) in places.iter().enumerate() {
        edges.extend(place.cells.spans().iter().flat_map(|span| [(span.start, number), (span.end, number)]));
    }
    edges.sort_unstable();
    let mut pieces: Vec<(Vec<usize>, Vec<Span>)> = Vec::new();
    let mut known: HashMap<Vec<usize>, usize> = HashMap::new();
    // Sorted; a place's spans never touch, so its edges open and close it in turn.
    let mut open: Vec<usize> = Vec::new();
    let mut from = 0;
    for (at, number) in edges {
        if at > from && !open.is_empty() {
            let piece = known.get(&open).copied().unwrap_or_else(|| {
                known.insert(open.clone(), pieces.len());
                pieces.push((open.clone(), Vec::new()));
                pieces.len() - 1
            });
            if let Some((_, spans)) = pieces.get_mut(piece) {
                spans.push(Span { start: from, end: at });
            }
        }
        from = at;
        match open.binary_search(&number) {
            Ok(i) => drop(open.remove(i)),
            Err(i) => open.insert(i, number),
        }
    }
    pieces.into_iter().map(|(members, spans)| (members, CellSet::from_spans(spans))).collect()
}
