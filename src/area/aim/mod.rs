//! Aims: circles that reach the people of a target area and as few others as can be. Laid on a raster, searched by
//! annealing, judged on finer H3 cells; never worse than what one would do without a search. How platforms want their
//! circles written: `channels::targeting`.
//!
//! | file | what |
//! |---|---|
//! | `people` | who lives where |
//! | `frame`, `grid`, `lay`, `field` | the raster, who lives on it, and what a change of one disc is worth on it |
//! | `start`, `search`, `borders`, `dice` | where a search begins, and the search |
//! | `naive` | what one would do without it |
//! | `course` | the search from the coarse to the judge's word |
//! | `units` | how many ad sets, and which part of the target each |
//! | `fence` | the authorised zone as a hard limit |
//! | `judge`, `repair` | how good an aim is, and its last metres |
//! | `weigh` | how many people each unit reaches |
//! | `places`, `choose` | an aim where a platform takes named places only, and the choice among them |

mod borders;
mod choose;
#[cfg(test)]
mod choose_tests;
mod course;
mod dice;
mod fence;
mod field;
mod frame;
mod grid;
mod judge;
mod lay;
mod naive;
mod people;
mod places;
#[cfg(test)]
mod places_tests;
mod repair;
mod search;
mod start;
#[cfg(test)]
mod tests;
mod units;
mod weigh;

use std::collections::BTreeMap;

use h3o::{LatLng, Resolution};

use self::field::{Prices, Side};
pub(in crate::area) use self::frame::EARTH_M;
use self::frame::Frame;
use self::grid::{Disc, Grid};
use self::judge::Judge;
use self::lay::{Sets, lay};
use self::people::People;
pub use self::places::{AimedAtPlaces, PlaceTask, aim_by_places};
use self::search::{Lifts, Search};
use self::start::greedy;
pub use self::weigh::weigh;
use super::gazetteer::Gazetteer;
use crate::domain::aim::{AimEffort, AimGoal, CircleLimits, Circles, Fit};
use crate::domain::area::{CellSet, CoverMode};

/// What to aim at, with what.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The cells to reach.
    pub target: &'a CellSet,
    /// The cells no including circle may leave; none when spilling is a matter of measure.
    pub fence: Option<&'a CellSet>,
    /// What the platform takes.
    pub limits: CircleLimits,
    /// What is wanted.
    pub goal: AimGoal,
    /// How long to search.
    pub effort: AimEffort,
}

/// Why there is no aim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AimError {
    /// No cell.
    #[error("there is nothing to aim at")]
    Empty,
    /// The raster needs a flat piece of the map.
    #[error("areas across the antimeridian or near a pole cannot be aimed at with circles")]
    OffTheMap,
    /// No place the platform lists touches the area, or none of them stays inside the authorised zone.
    #[error("the platform's list has no place that reaches the area{}", if *fenced { " and stays inside the authorised zone" } else { "" })]
    NoPlace {
        /// Whether a zone was given.
        fenced: bool,
    },
    /// The fence leaves no room for the smallest circle the platform takes.
    #[error("no circle of {0} m fits inside the authorised zone")]
    Fenced(u32),
}

/// An aim and how well it fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Aimed {
    /// The circles of each unit of the platform (ad set, campaign). An excluding circle holds in its own unit only.
    pub units: Vec<Circles>,
    /// Measured on cells of resolution 11, or 10 above 700 km².
    pub fit: Fit,
    /// Whether the goal is met.
    pub met: bool,
}

/// Which way an aim was made, for comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// One circumscribed circle per compacted cell.
    PerCell,
    /// One circle around everything.
    Enclosing,
    /// Discs chosen one by one, each time the one worth most.
    Greedy,
    /// The search.
    Search,
}

/// No raster is finer: a cell of resolution 11 is 50 m across.
const FINEST_PITCH_M: f64 = 25.0;
/// However little of its box a target fills, its raster has no more pixels than so many for each within the target.
const MOST_PIXELS: f64 = 10.0;
/// Any number: the search only has to be the same each time.
const SEED: u64 = 0x70c5_1a1e;

/// Finds the aim.
pub fn aim(gazetteer: &Gazetteer, task: &Task<'_>) -> Result<Aimed, AimError> {
    by(gazetteer, task, Method::Search)
}

/// Makes an aim in one way. [`Method::Search`] is what is used; the others are its yardsticks.
pub fn by(gazetteer: &Gazetteer, task: &Task<'_>, method: Method) -> Result<Aimed, AimError> {
    if task.target.is_empty() {
        return Err(AimError::Empty);
    }
    let tight = frame_of(task.target).ok_or(AimError::OffTheMap)?;
    let naive: Vec<Circles> = match method {
        Method::PerCell => naive::per_cell(task.target, &task.limits).into_iter().collect(),
        Method::Enclosing => naive::enclosing(task.target, &task.limits).into_iter().collect(),
        Method::Greedy => Vec::new(),
        Method::Search => {
            let (cells, one) =
                (naive::per_cell(task.target, &task.limits), naive::enclosing(task.target, &task.limits));
            cells.into_iter().chain(one).collect()
        }
    };
    let around = margin(tight.size(), &task.limits);
    let reach = naive.iter().flat_map(|c| &c.includes).map(|c| f64::from(c.radius_m())).fold(around, f64::max);
    let people = People::around(gazetteer, tight.grown(reach)).ok_or(AimError::OffTheMap)?;
    let judge = Judge::new(&people, task.target);
    let candidates: Vec<Circles> = match task.fence {
        None => naive,
        Some(fence) => naive.into_iter().filter(|c| fence::keeps(&judge, c, fence)).collect(),
    };
    let mut judged: Vec<Aimed> = candidates.into_iter().map(|circles| judge.judged(vec![circles], task.goal)).collect();
    match method {
        Method::PerCell | Method::Enclosing => {}
        Method::Greedy => judged.push(judge.judged(vec![greedy_only(task, &people, tight, &judge)], task.goal)),
        Method::Search => judged.extend(units::searched(task, &people, &judge, tight)),
    }
    let some = judged.into_iter().filter(|aimed| aimed.units.iter().any(|unit| !unit.includes.is_empty()));
    some.reduce(|best, next| if better(&next, &best, task.goal) { next } else { best }).ok_or(if task.fence.is_some() {
        AimError::Fenced(task.limits.min_radius_m)
    } else {
        AimError::OffTheMap
    })
}

/// Metres around a target: room for the smallest circle beside it, and for circles that cut corners of a large one.
fn margin((height, width): (f64, f64), limits: &CircleLimits) -> f64 {
    (2.5 * f64::from(limits.min_radius_m)).max(0.2 * height.max(width))
}

/// Whether one aim is to be preferred: first what meets the goal, then what serves it better.
fn better(a: &Aimed, b: &Aimed, goal: AimGoal) -> bool {
    match goal {
        AimGoal::Recall { .. } if a.met && b.met => a.fit.over_inhabitants < b.fit.over_inhabitants,
        AimGoal::Ceiling { .. } if !a.met && !b.met => a.fit.over_inhabitants < b.fit.over_inhabitants,
        _ if a.met != b.met => a.met,
        _ => a.fit.reached_inhabitants > b.fit.reached_inhabitants,
    }
}

/// What a picture of an aim is made of.
pub(in crate::area) struct Canvas<'a> {
    pub frame: Frame,
    pub people: People<'a>,
    /// The cells the circles reach.
    pub reached: CellSet,
}

impl Canvas<'_> {
    /// Whether a unit is neither Belgian nor French.
    pub(in crate::area) const fn is_beyond(unit: u16) -> bool {
        unit == people::BEYOND
    }
}

/// The map around a target and the circles aimed at it; none where there is nothing, or off the map.
pub(in crate::area) fn canvas<'a>(gazetteer: &'a Gazetteer, target: &CellSet, units: &[Circles]) -> Option<Canvas<'a>> {
    let frame = margin_around(frame_of(target).filter(|_| !target.is_empty())?, units);
    let people = People::around(gazetteer, frame)?;
    let reached = Judge::new(&people, target).reached(units);
    Some(Canvas { frame, people, reached })
}

/// The map around a target and places aimed at; none where there is nothing, or off the map.
pub(in crate::area) fn canvas_of_places<'a>(
    gazetteer: &'a Gazetteer,
    target: &CellSet,
    places: &[CellSet],
) -> Option<Canvas<'a>> {
    let reached = CellSet::from_spans(places.iter().flat_map(CellSet::spans).copied().collect());
    let frame = margin_around(frame_of(&target.union(&reached)).filter(|_| !target.is_empty())?, &[]);
    let people = People::around(gazetteer, frame)?;
    Some(Canvas { frame, people, reached })
}

/// A frame that holds circles too, with a little around it.
fn margin_around(mut frame: Frame, units: &[Circles]) -> Frame {
    for circle in units.iter().flat_map(|unit| &unit.includes) {
        let around = Frame { south: circle.lat(), north: circle.lat(), west: circle.lon(), east: circle.lon() };
        let around = around.grown(f64::from(circle.radius_m()));
        frame = Frame {
            south: frame.south.min(around.south),
            north: frame.north.max(around.north),
            west: frame.west.min(around.west),
            east: frame.east.max(around.east),
        };
    }
    let (height, width) = frame.size();
    frame.grown(0.04 * height.max(width))
}

/// The box around a target, from coarse cells; none across the antimeridian.
fn frame_of(target: &CellSet) -> Option<Frame> {
    let mut frame = Frame { south: 90.0, north: -90.0, west: 180.0, east: -180.0 };
    for cell in target.coarsened(Resolution::Eight, CoverMode::Covers).cells() {
        let centre = LatLng::from(cell);
        for corner in cell.boundary().iter() {
            if (corner.lng() - centre.lng()).abs() > 180.0 {
                return None;
            }
            frame.south = frame.south.min(corner.lat());
            frame.north = frame.north.max(corner.lat());
            frame.west = frame.west.min(corner.lng());
            frame.east = frame.east.max(corner.lng());
        }
    }
    (frame.east - frame.west < 180.0).then_some(frame)
}

fn first_prices() -> Prices {
    Prices { miss: 1.0, lagging: BTreeMap::new() }
}

fn circles_of(includes: &[Disc], excludes: &[Disc]) -> Circles {
    let all = |discs: &[Disc]| discs.iter().filter_map(Disc::circle).collect();
    Circles { includes: all(includes), excludes: all(excludes) }
}

fn greedy_only(task: &Task<'_>, people: &People<'_>, tight: Frame, judge: &Judge<'_>) -> Circles {
    let (grid, _) = laid(task, people, judge, tight, course::GREEDY_PIXELS, None);
    let prices = Prices { miss: 4.0, ..first_prices() };
    let mut search = Search::new(&grid, task.limits, task.goal, Lifts::default(), prices, SEED);
    begin(&mut search, task, grid.pitch);
    course::within_fence(task, judge, circles_of(&search.field.includes, &[]))
}

fn begin(search: &mut Search<'_>, task: &Task<'_>, slack: f64) {
    let least = 2e-5 * search.target();
    let inside = |field: &field::Field<'_>, pixel: usize| field.grid.inside(pixel);
    greedy(&mut search.field, Side::Include, &task.limits, task.limits.circles, slack, least, inside);
}

/// A raster with so many pixels in the target, and how many of them each way make a pixel of one with only `few`.
#[allow(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few")]
fn laid(
    task: &Task<'_>,
    people: &People<'_>,
    judge: &Judge<'_>,
    frame: Frame,
    pixels: f64,
    few: Option<f64>,
) -> (Grid, usize) {
    let frame = frame.grown(margin(frame.size(), &task.limits));
    let (height, width) = frame.size();
    let surface = people::km2(task.target.spans()) * 1e6;
    let pitch = |pixels: f64| {
        let (by_target, by_box) = ((surface / pixels).sqrt(), (height * width / (MOST_PIXELS * pixels)).sqrt());
        by_target.max(by_box).max(FINEST_PITCH_M)
    };
    let times = few.map_or(1, |few| (pitch(few) / pitch(pixels)).round().max(1.0) as usize);
    let grid = Grid::bare(frame, pitch(pixels), times, task.fence.is_some());
    (lay(grid, Sets { target: task.target, fence: task.fence }, people, judge.resolution), times)
}
