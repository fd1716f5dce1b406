//! The course of one unit's search: a shape on a coarse raster, finished on a fine one, then mended until the judge is
//! content. Effort is counted in work so that an aim is the same on every machine.

use super::field::{Field, Side};
use super::judge::{Drawn, Short};
use super::repair::{repaired, shrunk};
use super::search::{Found, Lifts, Search, Stretch};
use super::start::greedy;
use super::{Aimed, Ground, SEED, begin, circles_of, first_prices};
use crate::domain::aim::{AimEffort, AimGoal};

/// Pixels in the target for a start without a search.
pub(super) const GREEDY_PIXELS: f64 = 50_000.0;

/// How finely to search and for how long.
struct Budget {
    /// Pixels within the target on the raster on which the shape is found, and on that on which it is finished.
    coarse: f64,
    fine: f64,
    /// Work on each, and for finishing after a judgement; 4 to 6 ns a unit.
    shape: u64,
    finish: u64,
    mend: u64,
    /// How often the search is sent back when the judge finds it short.
    mendings: usize,
}

impl Budget {
    const fn of(effort: AimEffort) -> Self {
        match effort {
            AimEffort::Quick => Self {
                coarse: 8_000.0,
                fine: 30_000.0,
                shape: 22_000_000,
                finish: 45_000_000,
                mend: 8_000_000,
                mendings: 1,
            },
            AimEffort::Full => Self {
                coarse: 12_000.0,
                fine: 100_000.0,
                shape: 160_000_000,
                finish: 420_000_000,
                mend: 40_000_000,
                mendings: 3,
            },
        }
    }
}

/// The raster's recall is held a little above the goal, for what it cannot see.
const MARGIN: f64 = 0.0004;
/// The judge may be content with this share above the goal.
const ENOUGH: f64 = 0.000_1;
/// A shortage below this share of the target is made up by growing circles a little, without another search.
const NEARLY: f64 = 0.000_6;

/// What a search comes to, judged by itself; one of `units` that share the effort.
pub(super) fn searched(ground: &Ground<'_>, units: u32) -> Vec<Aimed> {
    let (task, judge) = (ground.task, ground.judge);
    let budget = Budget::of(task.effort);
    let share = |work: u64| work / u64::from(units.max(1));
    let (height, width) = ground.frame.size();
    let stride = (0.07 * height.max(width)).max(0.3 * f64::from(task.limits.min_radius_m));

    let coarse = ground.laid(budget.coarse);
    let fine = ground.laid(budget.fine * 2.0 / f64::from(units.max(1) + 1));
    let mut lifts = Lifts { whole: MARGIN, each: 2.0 * MARGIN, ..Lifts::default() };
    let mut search = Search::new(&coarse, task.limits, task.goal, lifts.clone(), first_prices(), SEED);
    begin(&mut search, task, coarse.pitch / 2.0);
    let shape = share(budget.shape);
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
        let outside = |field: &Field<'_>, pixel: usize| !field.grid.inside(pixel);
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
    search.run(Stretch { work: share(budget.finish), heat: (2e-6, 5e-8), step });

    // The judge has the last word: what it finds missing is asked for in addition.
    let mut all: Vec<Aimed> = Vec::new();
    for mending in 0..=budget.mendings {
        let found = search.found();
        let circles = ground.finished(circles_of(&found.includes, &found.excludes));
        let drawn = judge.drawn(circles, &Drawn::default());
        let (aimed, short) = judge.judged_with_shortages(&drawn, task.goal);
        let last = mending == budget.mendings;
        let over = match task.goal {
            AimGoal::Recall { whole, .. } => aimed.fit.recall() - whole,
            AimGoal::Ceiling { over_reach } if over_reach > 0.0 => 1.0 - aimed.fit.over_reach() / over_reach,
            AimGoal::Ceiling { .. } => 0.0,
        };
        let mended =
            if aimed.met || task.fence.is_some() { None } else { last_metres(ground, &aimed, drawn, &short, last) };
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
        search.back_to_best();
        search.ask(lifts.clone());
        search.run(Stretch { work: share(budget.mend), heat: (1e-7, 2e-8), step: (fine.pitch, fine.pitch / 4.0) });
    }
    all
}

/// An aim that is a hair short, with circles a few metres larger; one that reaches too far, with smaller ones.
fn last_metres(ground: &Ground<'_>, aimed: &Aimed, drawn: Drawn, short: &Short, last: bool) -> Option<Aimed> {
    let (task, judge) = (ground.task, ground.judge);
    let mended = match task.goal {
        AimGoal::Recall { whole, each } if last || short.inhabitants < NEARLY * aimed.fit.target_inhabitants => {
            repaired(judge, drawn, (whole, each), &task.limits)
        }
        AimGoal::Ceiling { over_reach } if last => shrunk(judge, drawn, over_reach, &task.limits),
        _ => return None,
    };
    Some(judge.judged_with_shortages(&mended, task.goal).0)
}
