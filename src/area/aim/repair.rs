//! The last metres: where the judge's cells say that a goal is just missed, circles are grown to the nearest missed cells
//! and excluding circles drawn back from them, cheapest first. Small parts of a municipality, which a raster cannot see
//! well, get their share here.

use std::collections::BTreeMap;

use h3o::LatLng;

use super::judge::Judge;
use crate::domain::aim::{AimGoal, CircleLimits, Circles};
use crate::domain::area::Circle;

/// Each round settles what the rounds before made visible; a goal that can be met is met in a few.
const ROUNDS: usize = 12;
/// Metres beyond a cell's centre, so that rounding to whole metres cannot lose it.
const BEYOND_M: f64 = 2.0;

/// One change: which circle, to which radius.
#[derive(Clone, Copy)]
enum Change {
    Grow(usize, f64),
    Shrink(usize, f64),
}

/// The circles, changed until the goal is met or no circle can give more.
pub(super) fn repaired(
    judge: &Judge<'_>,
    mut circles: Circles,
    (whole, each): (f64, f64),
    limits: &CircleLimits,
) -> Circles {
    for _ in 0..ROUNDS {
        let missed = judge.missed(&circles, whole, each);
        if missed.is_empty() {
            break;
        }
        let mut grown: BTreeMap<usize, f64> = BTreeMap::new();
        let mut shrunk: BTreeMap<usize, f64> = BTreeMap::new();
        for part in missed {
            let mut changes: Vec<(f64, f64, Vec<Change>)> = part
                .cells
                .iter()
                .filter_map(|(centre, people)| {
                    let (cost, changes) = cheapest(*centre, &circles, limits)?;
                    Some((cost, *people, changes))
                })
                .collect();
            changes.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut wanted = part.wanted;
            for (_, people, changes) in changes {
                if wanted <= 0.0 {
                    break;
                }
                wanted -= people;
                for change in changes {
                    match change {
                        Change::Grow(i, radius) => {
                            grown.entry(i).and_modify(|r| *r = r.max(radius)).or_insert(radius);
                        }
                        Change::Shrink(i, radius) => {
                            shrunk.entry(i).and_modify(|r| *r = r.min(radius)).or_insert(radius);
                        }
                    }
                }
            }
        }
        if grown.is_empty() && shrunk.is_empty() {
            break;
        }
        let sized = |circle: &Circle, radius: Option<&f64>| match radius {
            None => Some(*circle),
            Some(radius) if *radius < f64::from(limits.min_radius_m) => None,
            Some(radius) => Circle::new(circle.lat(), circle.lon(), *radius).ok(),
        };
        let all = |circles: &[Circle], radii: &BTreeMap<usize, f64>| -> Vec<Circle> {
            circles.iter().enumerate().filter_map(|(i, circle)| sized(circle, radii.get(&i))).collect()
        };
        circles = Circles { includes: all(&circles.includes, &grown), excludes: all(&circles.excludes, &shrunk) };
    }
    circles
}

/// The circles without those that waste most for what they reach, until a ceiling of over-reach holds.
pub(super) fn trimmed(judge: &Judge<'_>, mut circles: Circles, over_reach: f64) -> Circles {
    while circles.includes.len() > 1
        && judge.judged(circles.clone(), AimGoal::Ceiling { over_reach }).fit.over_reach() > over_reach
    {
        let wasted = |circle: &Circle| {
            let alone = Circles { includes: vec![*circle], excludes: circles.excludes.clone() };
            let fit = judge.judged(alone, AimGoal::Ceiling { over_reach }).fit;
            fit.over_inhabitants / fit.reached_inhabitants.max(1.0)
        };
        let worst = circles.includes.iter().map(wasted).enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((worst, _)) = worst else { break };
        circles.includes.remove(worst);
    }
    circles
}

/// What reaches one cell with the fewest metres of change.
fn cheapest(centre: LatLng, circles: &Circles, limits: &CircleLimits) -> Option<(f64, Vec<Change>)> {
    let away = |circle: &Circle| LatLng::new(circle.lat(), circle.lon()).map_or(f64::MAX, |c| c.distance_m(centre));
    let (mut cost, mut changes) = (0.0, Vec::new());
    let nearest = circles
        .includes
        .iter()
        .enumerate()
        .map(|(i, circle)| (away(circle) + BEYOND_M - f64::from(circle.radius_m()), i, away(circle) + BEYOND_M))
        .min_by(|a, b| a.0.total_cmp(&b.0))?;
    if nearest.0 > 0.0 {
        if nearest.2 > f64::from(limits.max_radius_m) {
            return None;
        }
        cost += nearest.0;
        changes.push(Change::Grow(nearest.1, nearest.2));
    }
    for (i, circle) in circles.excludes.iter().enumerate() {
        let radius = away(circle) - BEYOND_M;
        let over = f64::from(circle.radius_m()) - radius;
        if over > 0.0 {
            cost += over;
            changes.push(Change::Shrink(i, radius));
        }
    }
    (!changes.is_empty()).then_some((cost, changes))
}
