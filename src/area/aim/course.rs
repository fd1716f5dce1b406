//! The course of a search: a shape on a coarse raster, finished on a fine one, then mended until the judge is content.
//! Each unit has its own search on its own part of the raster; the judge sees them together. Effort is counted in work
//! so that an aim is the same on every machine.

use super::field::{Field, Prices, Side};
use super::grid::Grid;
use super::judge::{Drawn, Judge, Short};
use super::repair::{repaired, shrunk};
use super::search::{Found, Lifts, Search, Stretch};
use super::start::greedy;
use super::{Aimed, SEED, Task, begin, circles_of, fence, first_prices};
use crate::domain::aim::{AimEffort, AimGoal, Circles};

/// Pixels in the target for a start without a search.
pub(super) const GREEDY_PIXELS: f64 = 50_000.0;

/// How finely to search and for how long.
struct Budget {
    /// Work on the shape, on finishing it, and for finishing again after a judgement; 4 to 6 ns a unit.
    shape: u64,
    finish: u64,
    mend: u64,
    /// How often the search is sent back when the judge finds it short.
    mendings: usize,
}

impl Budget {
    /// Several units cost more to judge and are shaped more than once to find how many they should be: each search is
    /// shorter, so that all of it takes about as long as one unit's. A quick aim at a recall is mended by larger circles
    /// alone; under a ceiling circles can only be made smaller, which loses more than another search.
    fn of(task: &Task<'_>, units: usize) -> Self {
        let one = units <= 1;
        match task.effort {
            AimEffort::Quick => {
                // Under a ceiling, which circles there are decides more than where they end.
                let ceiling = matches!(task.goal, AimGoal::Ceiling { .. });
                let (shape, finish) = match (one, ceiling) {
                    (true, false) => (22_000_000, 45_000_000),
                    (true, true) => (60_000_000, 25_000_000),
                    (false, _) => (14_000_000, 36_000_000),
                };
                Self { shape, finish, mend: 8_000_000, mendings: usize::from(ceiling) }
            }
            AimEffort::Full => {
                let (shape, finish) = if one { (160_000_000, 420_000_000) } else { (70_000_000, 300_000_000) };
                Self { shape, finish, mend: 40_000_000, mendings: if one { 3 } else { 1 } }
            }
        }
    }

    fn share(work: u64, units: usize) -> u64 {
        work / u64::try_from(units.max(1)).unwrap_or(u64::MAX)
    }
}

/// Pixels within the target on the raster on which the shape is found, and on that on which it is finished.
pub(super) const fn pixels(effort: AimEffort) -> (f64, f64) {
    match effort {
        AimEffort::Quick => (8_000.0, 30_000.0),
        AimEffort::Full => (12_000.0, 100_000.0),
    }
}

/// The raster's recall is held a little above the goal, for what it cannot see.
const MARGIN: f64 = 0.0004;
/// The judge may be content with this share above the goal.
const ENOUGH: f64 = 0.000_1;
/// A shortage below this share of the target is made up by growing circles a little, without another search.
const NEARLY: f64 = 0.000_6;

fn lifts() -> Lifts {
    Lifts { whole: MARGIN, each: 2.0 * MARGIN, ..Lifts::default() }
}

/// The discs of one unit, found on a coarse raster.
pub(super) struct Shape {
    pub found: Found,
    /// Whether they meet the goal there.
    pub met: bool,
    prices: Prices,
    /// Of the raster, metres.
    pitch: f64,
}

/// Finds the shape of one unit of so many on its coarse raster.
pub(super) fn shaped(task: &Task<'_>, coarse: &Grid, units: usize) -> Shape {
    let work = Budget::share(Budget::of(task, units).shape, units);
    let (height, width) = coarse.extent();
    let stride = (0.07 * height.max(width)).max(0.3 * f64::from(task.limits.min_radius_m));
    let mut search = Search::new(coarse, task.limits, task.goal, lifts(), first_prices(), SEED);
    begin(&mut search, task, coarse.pitch / 2.0);
    let shaping = |work| Stretch { work, heat: (1e-4, 2e-6), step: (stride, coarse.pitch / 2.0) };
    if task.limits.exclusions == 0 {
        search.run(shaping(work));
    } else {
        search.run(shaping(work / 4));
        // Reach nearly everybody, then cut away what is reached in vain.
        search.back_to_best();
        search.prices.miss *= 4.0;
        search.run(Stretch { work: work / 10, heat: (2e-6, 1e-6), step: (stride / 4.0, coarse.pitch / 2.0) });
        let least = 2e-6 * search.target();
        let outside = |field: &Field<'_>, pixel: usize| !field.grid.inside(pixel);
        search.field.reprice(&search.prices);
        greedy(&mut search.field, Side::Exclude, &task.limits, task.limits.exclusions, 0.0, least, outside);
        search.ask(lifts());
        search.run(shaping(work * 2 / 3));
    }
    let met = search.has_met();
    let found = search.found();
    Shape { found, met, prices: search.into_prices(), pitch: coarse.pitch }
}

/// Shapes finished on the fine rasters of their units, and mended; the best is among what is returned.
pub(super) fn finished(task: &Task<'_>, judge: &Judge<'_>, fine: &[Grid], shapes: Vec<Shape>) -> Vec<Aimed> {
    let units = shapes.len();
    let budget = Budget::of(task, units);
    let mut searches: Vec<Search<'_>> = Vec::with_capacity(units);
    for (grid, Shape { found, prices, pitch, .. }) in fine.iter().zip(shapes) {
        let mut search = Search::new(grid, task.limits, task.goal, lifts(), prices, SEED + 1);
        search.put(&found.includes, &found.excludes);
        let work = Budget::share(budget.finish, units);
        search.run(Stretch { work, heat: (2e-6, 5e-8), step: (2.0 * pitch, grid.pitch / 4.0) });
        searches.push(search);
    }
    let pitch = fine.first().map_or(1.0, |grid| grid.pitch);

    // The judge has the last word: what it finds missing is asked for in addition.
    let mut lifts = lifts();
    let mut all: Vec<Aimed> = Vec::new();
    for mending in 0..=budget.mendings {
        let circles = searches.iter_mut().map(|search| {
            let found = search.found();
            within_fence(task, judge, circles_of(&found.includes, &found.excludes))
        });
        let drawn = judge.drawn(circles.collect(), &[]);
        let (aimed, short) = judge.judged_with_shortages(&drawn, task.goal);
        let last = mending == budget.mendings;
        let over = match task.goal {
            AimGoal::Recall { whole, .. } => aimed.fit.recall() - whole,
            AimGoal::Ceiling { over_reach } if over_reach > 0.0 => 1.0 - aimed.fit.over_reach() / over_reach,
            AimGoal::Ceiling { .. } => 0.0,
        };
        let mended = if aimed.met || task.fence.is_some() {
            None
        } else {
            last_metres(task, judge, &aimed, drawn, &short, last)
        };
        let content = |aimed: &Aimed| aimed.met && (over < 3.0 * ENOUGH || !short.units.is_empty());
        let done = last || content(&aimed) || mended.as_ref().is_some_and(content);
        all.push(aimed);
        all.extend(mended);
        if done {
            break;
        }
        lifts.whole = (lifts.whole + ENOUGH - over).min(0.9);
        for (unit, missing) in short.units {
            *lifts.parts.entry(unit).or_default() += missing + 1e-3;
        }
        for search in &mut searches {
            search.back_to_best();
            search.ask(lifts.clone());
            let work = Budget::share(budget.mend, units);
            search.run(Stretch { work, heat: (1e-7, 2e-8), step: (pitch, pitch / 4.0) });
        }
    }
    all
}

/// The authorised zone is kept by the circles as they will be sent.
pub(super) fn within_fence(task: &Task<'_>, judge: &Judge<'_>, circles: Circles) -> Circles {
    match task.fence {
        Some(zone) => fence::fenced(judge, circles, zone, &task.limits),
        None => circles,
    }
}

/// An aim that is a hair short, with circles a few metres larger; one that reaches too far, with smaller ones.
fn last_metres(
    task: &Task<'_>,
    judge: &Judge<'_>,
    aimed: &Aimed,
    drawn: Vec<Drawn>,
    short: &Short,
    last: bool,
) -> Option<Aimed> {
    let mended = match task.goal {
        AimGoal::Recall { whole, each } if last || short.inhabitants < NEARLY * aimed.fit.target_inhabitants => {
            repaired(judge, drawn, (whole, each), &task.limits)
        }
        AimGoal::Ceiling { over_reach } if last => shrunk(judge, drawn, over_reach, &task.limits),
        _ => return None,
    };
    Some(judge.judged_with_shortages(&mended, task.goal).0)
}
