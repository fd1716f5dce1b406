//! The last metres: where the judge's cells say that a goal is just missed, circles are grown to the nearest missed cells
//! and excluding circles drawn back from them, cheapest first. Small parts of a municipality, which a raster cannot see
//! well, get their share here.

use std::collections::BTreeMap;

use h3o::LatLng;

use super::frame::EARTH_M;
use super::judge::{Drawn, Judge};
use crate::area::cover::circle_in_polygon;
use crate::domain::aim::{AimGoal, CircleLimits, Circles};
use crate::domain::area::Circle;

/// Each round settles what the rounds before made visible; a goal that can be met is met in a few.
const ROUNDS: usize = 12;
/// Circles are not made smaller by more than this: beyond, leaving some out loses less.
const FARTHEST_M: u32 = 500;
/// Metres beyond a cell's centre, so that rounding to whole metres cannot lose it.
const BEYOND_M: f64 = 2.0;

/// A circle by its unit and its number there.
type Number = (usize, usize);

/// One change: which circle, to which radius.
#[derive(Clone, Copy)]
enum Change {
    Grow(Number, f64),
    Shrink(Number, f64),
}

/// The circles, changed until the goal is met or no circle can give more.
pub(super) fn repaired(
    judge: &Judge<'_>,
    mut drawn: Vec<Drawn>,
    (whole, each): (f64, f64),
    limits: &CircleLimits,
) -> Vec<Drawn> {
    for _ in 0..ROUNDS {
        let missed = judge.missed(&drawn, whole, each);
        let units: Vec<PlacedUnit> = drawn.iter().map(|unit| PlacedUnit::of(&unit.circles)).collect();
        if missed.is_empty() {
            break;
        }
        let mut grown: BTreeMap<Number, f64> = BTreeMap::new();
        let mut shrunk: BTreeMap<Number, f64> = BTreeMap::new();
        for part in missed {
            let mut changes: Vec<(f64, f64, Vec<Change>)> = part
                .cells
                .iter()
                .filter_map(|(centre, people)| {
                    let (cost, changes) = cheapest(*centre, &units, limits)?;
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
        let all = |unit: usize, circles: &[Circle], radii: &BTreeMap<Number, f64>| -> Vec<Circle> {
            circles.iter().enumerate().filter_map(|(i, circle)| sized(circle, radii.get(&(unit, i)))).collect()
        };
        let next = drawn.iter().enumerate().map(|(unit, Drawn { circles, .. })| Circles {
            includes: all(unit, &circles.includes, &grown),
            excludes: all(unit, &circles.excludes, &shrunk),
        });
        drawn = judge.drawn(next.collect(), &drawn);
    }
    drawn
}

/// The circles, each smaller by as few metres as it takes to hold a ceiling of over-reach. If even the smallest the
/// platform takes reach too far, those that waste most for what they reach are left out.
pub(super) fn shrunk(judge: &Judge<'_>, drawn: Vec<Drawn>, over_reach: f64, limits: &CircleLimits) -> Vec<Drawn> {
    let smaller = |metres: u32| -> Vec<Circles> {
        let one = |circle: &Circle| {
            let radius = circle.radius_m().saturating_sub(metres).max(limits.min_radius_m);
            Circle::new(circle.lat(), circle.lon(), f64::from(radius)).ok()
        };
        let unit = |Drawn { circles, .. }: &Drawn| Circles {
            includes: circles.includes.iter().filter_map(one).collect(),
            excludes: circles.excludes.clone(),
        };
        drawn.iter().map(unit).collect()
    };
    let holds = |units: Vec<Circles>| judge.over_reach(&judge.drawn(units, &[])) <= over_reach;
    let mut metres = 1;
    while metres < FARTHEST_M && !holds(smaller(metres)) {
        metres *= 2;
    }
    let (mut fails, mut fits) = (metres / 2, metres);
    while fails + 1 < fits {
        let middle = fails.midpoint(fits);
        if holds(smaller(middle)) { fits = middle } else { fails = middle }
    }
    let mut drawn = judge.drawn(smaller(fits), &[]);
    while judge.over_reach(&drawn) > over_reach {
        let mut worst: Option<(f64, Number)> = None;
        for (unit, Drawn { circles, .. }) in drawn.iter().enumerate() {
            for (number, circle) in circles.includes.iter().enumerate() {
                let alone = Circles { includes: vec![*circle], excludes: circles.excludes.clone() };
                let fit = judge.judged(vec![alone], AimGoal::Ceiling { over_reach }).fit;
                let wasted = fit.over_inhabitants / fit.reached_inhabitants.max(1.0);
                if worst.is_none_or(|(most, _)| wasted > most) {
                    worst = Some((wasted, (unit, number)));
                }
            }
        }
        let mut fewer: Vec<Circles> = drawn.iter().map(|unit| unit.circles.clone()).collect();
        match worst.and_then(|(_, (unit, number))| Some((fewer.get_mut(unit)?, number))) {
            // One circle is left in any case: an aim at nothing is none.
            Some((unit, number)) if drawn.iter().map(|unit| unit.circles.includes.len()).sum::<usize>() > 1 => {
                unit.includes.remove(number);
            }
            _ => break,
        }
        drawn = judge.drawn(fewer, &drawn);
    }
    drawn
}

/// A circle as a point in space, to measure many distances from.
struct Placed {
    at: [f64; 3],
    radius: f64,
}

impl Placed {
    fn all(circles: &[Circle]) -> Vec<Self> {
        let one = |circle: &Circle| {
            let at = in_space(circle.lat().to_radians(), circle.lon().to_radians());
            Self { at, radius: f64::from(circle.radius_m()) }
        };
        circles.iter().map(one).collect()
    }

    fn metres_to(&self, there: [f64; 3]) -> f64 {
        let square: f64 = self.at.iter().zip(there).map(|(here, there)| (there - here).powi(2)).sum();
        // The arc over a chord: at 800 km the next term is a centimetre.
        EARTH_M * square.sqrt() * (1.0 + square / 24.0 + 3.0 * square * square / 640.0)
    }
}

fn in_space(lat: f64, lon: f64) -> [f64; 3] {
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

/// The circles of one unit.
struct PlacedUnit {
    includes: Vec<Placed>,
    excludes: Vec<Placed>,
}

impl PlacedUnit {
    fn of(circles: &Circles) -> Self {
        Self { includes: Placed::all(&circles.includes), excludes: Placed::all(&circles.excludes) }
    }

    /// What reaches a point with the fewest metres of change.
    fn cheapest(&self, unit: usize, at: [f64; 3], limits: &CircleLimits) -> Option<(f64, Vec<Change>)> {
        let (mut cost, mut changes) = (0.0, Vec::new());
        let apart = |circle: &Placed| circle.metres_to(at) + BEYOND_M;
        let nearest = self
            .includes
            .iter()
            .enumerate()
            .map(|(i, circle)| (apart(circle) - circle.radius, i, apart(circle)))
            .min_by(|a, b| a.0.total_cmp(&b.0))?;
        if nearest.0 > 0.0 {
            if nearest.2 > f64::from(limits.max_radius_m) {
                return None;
            }
            cost += nearest.0;
            changes.push(Change::Grow((unit, nearest.1), nearest.2));
        }
        for (i, circle) in self.excludes.iter().enumerate() {
            // The polygon that an excluding circle is judged by stands around it.
            let radius = circle.metres_to(at) * circle_in_polygon() - BEYOND_M;
            let over = circle.radius - radius;
            if over > 0.0 {
                cost += over;
                changes.push(Change::Shrink((unit, i), radius));
            }
        }
        (!changes.is_empty()).then_some((cost, changes))
    }
}

/// What reaches one cell, through any unit, with the fewest metres of change.
fn cheapest(centre: LatLng, units: &[PlacedUnit], limits: &CircleLimits) -> Option<(f64, Vec<Change>)> {
    let at = in_space(centre.lat_radians(), centre.lng_radians());
    let each = units.iter().enumerate().filter_map(|(number, unit)| unit.cheapest(number, at, limits));
    each.min_by(|a, b| a.0.total_cmp(&b.0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn metres_in_space_are_metres_on_the_sphere(
            lat in -80.0..80.0_f64, lon in -170.0..170.0_f64, north in -4.0..4.0_f64, east in -4.0..4.0_f64,
        ) {
            let circle = Circle::new(lat, lon, 1_000.0).unwrap();
            let point = LatLng::new(lat + north, lon + east).unwrap();
            let known = LatLng::new(circle.lat(), circle.lon()).unwrap().distance_m(point);
            let placed = Placed::all(&[circle]);
            let measured = placed.first().unwrap().metres_to(in_space(point.lat_radians(), point.lng_radians()));
            prop_assert!((known - measured).abs() < 0.1, "{} is not {}", measured, known);
        }
    }
}
