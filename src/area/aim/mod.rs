//! Aims: circles that reach the people of a target area and as few others as can be. Laid on a raster, searched by
//! annealing, judged on finer H3 cells; never worse than what one would do without a search. How platforms want their
//! circles written: `channels::targeting`.
//!
//! | file | what |
//! |---|---|
//! | `people` | who lives where |
//! | `grid`, `field` | the raster, and what a change of one disc is worth on it |
//! | `start`, `search`, `dice` | where a search begins, and the search |
//! | `naive` | what one would do without it |
//! | `fence` | the authorised zone as a hard limit |
//! | `judge`, `repair` | how good an aim is, and its last metres |
//! | `places`, `choose` | an aim where a platform takes named places only, and the choice among them |

mod choose;
#[cfg(test)]
mod choose_tests;
mod dice;
mod fence;
mod field;
mod grid;
mod judge;
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

use std::collections::BTreeMap;

use h3o::{LatLng, Resolution};

use self::fence::fenced;
use self::field::{Prices, Side};
pub(in crate::area) use self::grid::EARTH_M;
use self::grid::{Disc, Frame, Grid};
use self::judge::Judge;
use self::people::People;
pub use self::places::{AimedAtPlaces, PlaceTask, aim_by_places};
use self::repair::{repaired, trimmed};
use self::search::{Found, Lifts, Search, Stretch};
use self::start::greedy;
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
    /// The circles.
    pub circles: Circles,
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

/// How finely to search and for how long.
struct Budget {
    /// Pixels within the target on the raster on which the shape is found, and on that on which it is finished.
    coarse: f64,
    fine: f64,
    /// Work on each, and for finishing after a judgement; about 1 ns a unit.
    shape: u64,
    finish: u64,
    mend: u64,
}

impl Budget {
    /// A large raster does not fit the processor's caches, so that each look costs more: measured, the work of five
    /// seconds falls with the power 1.5 of its pixels.
    fn scaled(work: u64, grid: &Grid) -> u64 {
        /// Thousands of pixels at which the budget is the one written.
        const WRITTEN: f64 = 255.0;
        #[allow(
            clippy::as_conversions,
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a budget below 2^40, times at most 1.5"
        )]
        let scale = |share: f64| (work as f64 * share.clamp(0.2, 1.5)) as u64;
        #[allow(clippy::as_conversions, clippy::cast_precision_loss, reason = "below 2^21")]
        let pixels = grid.pixels().max(1) as f64;
        scale((WRITTEN * 1_000.0 / pixels).powf(1.5))
    }

    const fn of(effort: AimEffort) -> Self {
        match effort {
            AimEffort::Quick => {
                Self { coarse: 8_000.0, fine: 16_000.0, shape: 60_000_000, finish: 40_000_000, mend: 10_000_000 }
            }
            AimEffort::Full => {
                Self { coarse: 12_000.0, fine: 50_000.0, shape: 480_000_000, finish: 340_000_000, mend: 60_000_000 }
            }
        }
    }
}

/// No raster is finer: a cell of resolution 11 is 50 m across.
const FINEST_PITCH_M: f64 = 25.0;
/// No raster is larger, however little of its box a target fills: 3 MB of state, what a core keeps near it.
const MOST_PIXELS: f64 = 400_000.0;
/// The raster's recall is held a little above the goal, for what it cannot see.
const MARGIN: f64 = 0.0004;
/// How often the search is sent back when the judge finds it short, and how often for a large target, where judging
/// costs as much as mending.
const MENDINGS: usize = 4;
const MENDINGS_IF_LARGE: usize = 2;
const LARGE_KM2: f64 = 2_500.0;
/// The judge may be content with this share above the goal.
const ENOUGH: f64 = 0.000_1;
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
    let (height, width) = tight.size();
    let longest = height.max(width);
    // Room for the smallest circle beside the target, and for circles that cut corners of a large one.
    let margin = (2.5 * f64::from(task.limits.min_radius_m)).max(0.2 * longest);
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
    let reach = naive.iter().flat_map(|c| &c.includes).map(|c| f64::from(c.radius_m())).fold(margin, f64::max);
    let people = People::around(gazetteer, tight.grown(reach)).ok_or(AimError::OffTheMap)?;
    let judge = Judge::new(&people, task.target);
    let candidates: Vec<Circles> = match task.fence {
        None => naive,
        Some(fence) => naive.into_iter().filter(|c| fence::keeps(&judge, c, fence)).collect(),
    };
    let mut judged: Vec<Aimed> = candidates.into_iter().map(|circles| judge.judged(circles, task.goal)).collect();
    match method {
        Method::PerCell | Method::Enclosing => {}
        Method::Greedy => {
            judged.push(judge.judged(greedy_only(task, &people, tight.grown(margin), &judge), task.goal));
        }
        Method::Search => judged.extend(searched(task, &people, tight.grown(margin), &judge)),
    }
    let some = judged.into_iter().filter(|aimed| !aimed.circles.includes.is_empty());
    some.reduce(|best, next| if better(&next, &best, task.goal) { next } else { best }).ok_or(if task.fence.is_some() {
        AimError::Fenced(task.limits.min_radius_m)
    } else {
        AimError::OffTheMap
    })
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
pub(in crate::area) fn canvas<'a>(gazetteer: &'a Gazetteer, target: &CellSet, circles: &Circles) -> Option<Canvas<'a>> {
    let mut frame = frame_of(target).filter(|_| !target.is_empty())?;
    for circle in &circles.includes {
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
    let frame = frame.grown(0.04 * height.max(width));
    let people = People::around(gazetteer, frame)?;
    let reached = Judge::new(&people, target).reached(circles);
    Some(Canvas { frame, people, reached })
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

fn lay(task: &Task<'_>, people: &People<'_>, frame: Frame, pixels: f64, resolution: Resolution) -> Grid {
    let (height, width) = frame.size();
    let by_target = (people::km2(task.target.spans()) * 1e6 / pixels).sqrt();
    let by_box = (height * width / MOST_PIXELS).sqrt();
    Grid::lay(frame, by_target.max(by_box).max(FINEST_PITCH_M), task.target, task.fence, people, resolution)
}

fn first_prices() -> Prices {
    Prices { miss: 1.0, lagging: BTreeMap::new() }
}

fn circles_of(includes: &[Disc], excludes: &[Disc]) -> Circles {
    let all = |discs: &[Disc]| discs.iter().filter_map(Disc::circle).collect();
    Circles { includes: all(includes), excludes: all(excludes) }
}

fn greedy_only(task: &Task<'_>, people: &People<'_>, frame: Frame, judge: &Judge<'_>) -> Circles {
    let grid = lay(task, people, frame, Budget::of(task.effort).fine, judge.resolution);
    let mut search =
        Search::new(&grid, task.limits, task.goal, Lifts::default(), Prices { miss: 4.0, ..first_prices() }, SEED);
    begin(&mut search, task, grid.pitch);
    let circles = circles_of(&search.field.includes, &[]);
    finished(task, circles, judge)
}

fn begin(search: &mut Search<'_>, task: &Task<'_>, slack: f64) {
    let most = task.limits.circles * task.limits.units;
    let least = 2e-5 * search.target();
    let inside = |field: &field::Field<'_>, pixel: usize| field.grid.inside(pixel);
    greedy(&mut search.field, Side::Include, &task.limits, most, slack, least, inside);
}

/// The authorised zone is kept by the circles as they will be sent.
fn finished(task: &Task<'_>, circles: Circles, judge: &Judge<'_>) -> Circles {
    match task.fence {
        Some(fence) => fenced(judge, circles, fence, &task.limits),
        None => circles,
    }
}

fn searched(task: &Task<'_>, people: &People<'_>, frame: Frame, judge: &Judge<'_>) -> Vec<Aimed> {
    let budget = Budget::of(task.effort);
    let min = f64::from(task.limits.min_radius_m);
    let (height, width) = frame.size();
    let stride = (0.05 * height.max(width)).max(0.3 * min);

    let coarse = lay(task, people, frame, budget.coarse, judge.resolution);
    let fine = lay(task, people, frame, budget.fine, judge.resolution);
    let (shape, finish, mend) =
        (Budget::scaled(budget.shape, &fine), Budget::scaled(budget.finish, &fine), Budget::scaled(budget.mend, &fine));
    let mut lifts = Lifts { whole: MARGIN, each: 2.0 * MARGIN, ..Lifts::default() };
    let mut search = Search::new(&coarse, task.limits, task.goal, lifts.clone(), first_prices(), SEED);
    begin(&mut search, task, coarse.pitch / 2.0);
    let shaping = |work| Stretch { work, heat: (1e-4, 2e-6), step: (stride, coarse.pitch / 2.0) };
    if task.limits.exclusions == 0 {
        search.run(shaping(shape));
    } else {
        search.run(shaping(shape / 4));
        // Reach nearly everybody, then cut away what is reached in vain.
        search.back_to_best();
        search.prices.miss *= 4.0;
        search.run(Stretch { work: shape / 10, heat: (2e-6, 1e-6), step: (stride / 4.0, coarse.pitch / 2.0) });
        let least = 2e-6 * search.target();
        let outside = |field: &field::Field<'_>, pixel: usize| !field.grid.inside(pixel);
        search.field.reprice(&search.prices);
        greedy(&mut search.field, Side::Exclude, &task.limits, task.limits.exclusions, 0.0, least, outside);
        search.ask(lifts.clone());
        search.run(shaping(shape * 2 / 3));
    }
    let Found { includes, excludes, .. } = search.found();
    let prices = search.into_prices();

    let mut search = Search::new(&fine, task.limits, task.goal, lifts.clone(), prices, SEED + 1);
    search.put(&includes, &excludes);
    let step = (2.0 * coarse.pitch, fine.pitch / 4.0);
    search.run(Stretch { work: finish, heat: (2e-6, 5e-8), step });

    // The judge has the last word: what it finds missing is asked for in addition.
    let mut all: Vec<Aimed> = Vec::new();
    let mendings = if people::km2(task.target.spans()) > LARGE_KM2 { MENDINGS_IF_LARGE } else { MENDINGS };
    for mending in 0..=mendings {
        let found = search.found();
        let circles = finished(task, circles_of(&found.includes, &found.excludes), judge);
        let (aimed, short) = judge.judged_with_parts(circles, task.goal);
        let over = match task.goal {
            AimGoal::Recall { whole, .. } => aimed.fit.recall() - whole,
            AimGoal::Ceiling { over_reach } if over_reach > 0.0 => 1.0 - aimed.fit.over_reach() / over_reach,
            AimGoal::Ceiling { .. } => 0.0,
        };
        let done = mending == mendings || (aimed.met && over < 3.0 * ENOUGH);
        all.push(aimed);
        if done {
            break;
        }
        lifts.whole = (lifts.whole + ENOUGH - over).min(0.9);
        for (unit, missing) in short {
            *lifts.parts.entry(unit).or_default() += missing + 1e-3;
        }
        search.back_to_best();
        search.ask(lifts.clone());
        search.run(Stretch { work: mend, heat: (1e-7, 2e-8), step: (fine.pitch, fine.pitch / 4.0) });
    }
    // The last mending may be a hair short; a few metres more are cheaper than another.
    if task.fence.is_none()
        && let Some(last) = all.last().filter(|last| !last.met)
    {
        let mended = match task.goal {
            AimGoal::Recall { whole, each } => repaired(judge, last.circles.clone(), (whole, each), &task.limits),
            AimGoal::Ceiling { over_reach } => trimmed(judge, last.circles.clone(), over_reach),
        };
        all.push(judge.judged(mended, task.goal));
    }
    all
}
