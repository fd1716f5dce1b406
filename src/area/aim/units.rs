//! How many units of the platform (ad sets) an aim takes, and which part of the target each.
//!
//! One unit, unless it cannot do: when choosing discs one by one shows that the target needs more circles than a unit
//! takes, the search begins with as many units as that needs. When a unit comes out full (nearly all its circles or
//! exclusions are used) and the goal is missed or more than [`BEARABLE`] is reached in vain, twice as many are tried and
//! kept if the goal is then met, or at most [`MATERIAL`] of the over-reach is left. Each unit has a budget of its own on
//! the platform, so none is added for less.
//!
//! Parts are cut along straight lines so that each has about as much border. A unit may reach into the others' parts,
//! where it is neither wanted nor minded; what it excludes there the others still reach.
#![allow(clippy::as_conversions, clippy::cast_precision_loss, reason = "counts of cells and units, far below 2^52")]

use h3o::{LatLng, Resolution};

use super::judge::Judge;
use super::people::People;
use super::search::{Lifts, Search};
use super::{Aimed, Ground, Prices, SEED, Task, begin, better, course, first_prices, frame_of};
use crate::domain::aim::{AimGoal, CircleLimits};
use crate::domain::area::CellSet;
use crate::domain::area::position::{Span, span};

/// Over-reach for which no further unit is tried.
const BEARABLE: f64 = 0.01;
/// What a split must leave of the over-reach at most to be worth it.
const MATERIAL: f64 = 2.0 / 3.0;
/// A unit with this share of its circles is full.
const FULL: f64 = 0.95;
/// A target of fewer pieces is cut more finely.
const PIECES: u64 = 4_000;
/// Pixels for counting the circles a target needs.
const COUNTING_PIXELS: f64 = 12_000.0;

/// Aims by search, in one unit and in more where they are worth it; the best last.
pub(super) fn searched(task: &Task<'_>, people: &People<'_>, judge: &Judge<'_>) -> Vec<Aimed> {
    let most = task.limits.units.max(1);
    let mut units = if most > 1 { needed(task, people, judge).clamp(1, most) } else { 1 };
    let mut all: Vec<Aimed> = in_units(task, people, judge, units);
    while units < most {
        let best = all.iter().reduce(|best, next| if better(next, best, task.goal) { next } else { best });
        if best.is_some_and(|best| !is_wanting(best, &task.limits, task.goal)) {
            break;
        }
        units = (2 * units).min(most);
        let next = in_units(task, people, judge, units);
        let kept: Vec<Aimed> =
            next.into_iter().filter(|next| best.is_none_or(|best| is_worth(next, best, task.goal))).collect();
        if kept.is_empty() && best.is_some() {
            break;
        }
        all = kept;
    }
    all
}

/// Whether more circles may help: some unit is full, and not everything is well.
fn is_wanting(aimed: &Aimed, limits: &CircleLimits, goal: AimGoal) -> bool {
    let full = |used: usize, most: usize| most > 0 && used as f64 >= FULL * most as f64;
    let some_full = aimed
        .units
        .iter()
        .any(|unit| full(unit.includes.len(), limits.circles) || full(unit.excludes.len(), limits.exclusions));
    some_full
        && match goal {
            AimGoal::Recall { .. } => !aimed.met || aimed.fit.over_reach() > BEARABLE,
            AimGoal::Ceiling { .. } => !aimed.met || aimed.fit.recall() < 1.0 - BEARABLE,
        }
}

/// Whether an aim in more units is worth them.
fn is_worth(next: &Aimed, best: &Aimed, goal: AimGoal) -> bool {
    if next.met != best.met {
        return next.met;
    }
    match goal {
        AimGoal::Recall { .. } if next.met => next.fit.over_inhabitants <= MATERIAL * best.fit.over_inhabitants,
        _ => next.fit.recall() >= best.fit.recall() + BEARABLE,
    }
}

/// The units a target needs when circles are chosen one by one until nearly everybody is reached.
fn needed(task: &Task<'_>, people: &People<'_>, judge: &Judge<'_>) -> usize {
    let Some(frame) = frame_of(task.target) else { return 1 };
    let ground = Ground { task, reach: task.target, neutral: None, frame, people, judge };
    let grid = ground.laid(COUNTING_PIXELS);
    let limits = CircleLimits { circles: task.limits.circles * task.limits.units, ..task.limits };
    // Circles may spill as long as they reach more than that.
    let mut search = Search::new(&grid, limits, task.goal, Lifts::default(), Prices { ..first_prices() }, SEED);
    begin(&mut search, &Task { limits, ..*task }, grid.pitch / 2.0);
    search.field.includes.len().div_ceil(task.limits.circles.max(1))
}

/// One aim in so many units; several to choose from in one.
fn in_units(task: &Task<'_>, people: &People<'_>, judge: &Judge<'_>, units: usize) -> Vec<Aimed> {
    if units <= 1 {
        let Some(frame) = frame_of(task.target) else { return Vec::new() };
        return course::searched(&Ground { task, reach: task.target, neutral: None, frame, people, judge }, 1);
    }
    let parts = divided(task.target, units);
    let mut circles = Vec::with_capacity(parts.len());
    for part in &parts {
        let neutral = task.target.difference(part);
        let Some(frame) = frame_of(part) else { return Vec::new() };
        let own = Judge::new(people, part, Some(&neutral));
        let ground = Ground { task, reach: part, neutral: Some(&neutral), frame, people, judge: &own };
        let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let found = course::searched(&ground, count).into_iter();
        let best = found.reduce(|best, next| if better(&next, &best, task.goal) { next } else { best });
        circles.extend(best.into_iter().flat_map(|best| best.units));
    }
    vec![judge.judged(circles, task.goal)]
}

/// One place of a target.
struct Piece {
    at: (f64, f64),
    spans: Vec<Span>,
}

/// A target in parts that lie together, with about as many spans in each: a long border has many.
fn divided(target: &CellSet, parts: usize) -> Vec<CellSet> {
    let resolution = Resolution::range(Resolution::Five, Resolution::Nine)
        .find(|resolution| target.count_at(*resolution) >= PIECES)
        .unwrap_or(Resolution::Nine);
    let pieces = target.cells_at(resolution).map(|cell| {
        let centre = LatLng::from(cell);
        let east = centre.lng() * centre.lat_radians().cos();
        Piece { at: (centre.lat(), east), spans: target.within(span(cell)).collect() }
    });
    let mut cut = Vec::with_capacity(parts);
    cut_up(pieces.collect(), parts, &mut cut);
    let set = |pieces: Vec<Piece>| CellSet::from_spans(pieces.into_iter().flat_map(|piece| piece.spans).collect());
    cut.into_iter().map(set).filter(|part| !part.is_empty()).collect()
}

fn cut_up(mut pieces: Vec<Piece>, parts: usize, into: &mut Vec<Vec<Piece>>) {
    if parts <= 1 || pieces.len() < 2 {
        into.push(pieces);
        return;
    }
    let extent = |of: fn(&Piece) -> f64| {
        let low = pieces.iter().map(of).fold(f64::INFINITY, f64::min);
        pieces.iter().map(of).fold(f64::NEG_INFINITY, f64::max) - low
    };
    let north: fn(&Piece) -> f64 = |piece| piece.at.0;
    let east: fn(&Piece) -> f64 = |piece| piece.at.1;
    let along = if extent(north) > extent(east) { north } else { east };
    pieces.sort_by(|a, b| along(a).total_cmp(&along(b)));
    let first = parts / 2;
    let total: usize = pieces.iter().map(|piece| piece.spans.len()).sum();
    let (mut sum, mut at) = (0, 0);
    for piece in &pieces {
        if sum * parts >= total * first {
            break;
        }
        sum += piece.spans.len();
        at += 1;
    }
    let rest = pieces.split_off(at.clamp(1, pieces.len() - 1));
    cut_up(pieces, first, into);
    cut_up(rest, parts - first, into);
}
