//! Where a search begins: discs chosen one by one from the deepest places of the target, each time the one worth most.
#![allow(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixel numbers of one grid, far below 2^22"
)]

use std::collections::BinaryHeap;

use super::field::{Field, Side};
use super::frame::EARTH_M;
use super::grid::Disc;
use crate::domain::aim::CircleLimits;

/// Candidates looked at: enough that neighbours overlap by more than half for the smallest target and the largest.
const CANDIDATES: usize = 5_000;

/// A candidate with what it was worth when last weighed.
struct Candidate {
    worth: f64,
    number: usize,
    disc: Disc,
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Candidate {}
impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.worth.total_cmp(&other.worth).then_with(|| other.number.cmp(&self.number))
    }
}

/// Adds up to `most` discs while each is worth more than `least`. `eligible` says which pixels are deep inside what the
/// discs should cover; `slack` metres are added to each disc's depth.
pub(super) fn greedy(
    field: &mut Field<'_>,
    side: Side,
    limits: &CircleLimits,
    most: usize,
    slack: f64,
    least: f64,
    eligible: impl Fn(&Field<'_>, usize) -> bool,
) {
    let depth = field.grid.depth(|pixel| eligible(field, pixel));
    let places: Vec<usize> = (0..field.grid.pixels()).filter(|pixel| depth[*pixel] > 0.0).collect();
    // Every place of a small target; of a large one an even share, by a fixed stride along the rows.
    let stride = (places.len() as f64 / CANDIDATES as f64).max(1.0);
    let (min, max) = (f64::from(limits.min_radius_m), f64::from(limits.max_radius_m));
    let mut heap = BinaryHeap::new();
    let mut number = 0;
    while let Some(pixel) = places.get((number as f64 * stride) as usize) {
        let (lat, lon) = field.grid.centre(*pixel);
        let disc = Disc::new(lat, lon, (f64::from(depth[*pixel]) + slack).clamp(min, max) / EARTH_M);
        if field.grid.holds(&disc) {
            heap.push(Candidate { worth: f64::INFINITY, number, disc });
        }
        number += 1;
    }
    // A disc's worth only falls as others are added, so an old weight is an upper bound.
    while field.discs(side).len() < most {
        let Some(mut best) = heap.pop() else { break };
        best.worth = field.gain(side, None, Some(&best.disc));
        if best.worth <= least {
            continue;
        }
        if heap.peek().is_none_or(|next| best >= *next) {
            field.add(side, best.disc);
        } else {
            heap.push(best);
        }
    }
}
