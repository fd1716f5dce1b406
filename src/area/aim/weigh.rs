//! How many people of a target each unit of circles reaches, and each circle by itself: what a budget is shared by. Counted on
//! the cells an aim is judged on; whoever two units reach counts for both.
#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "inhabitants: rounded, not negative, and below any 64-bit number by far"
)]

use super::judge::Judge;
use super::people::People;
use super::{frame_of, margin_around};
use crate::area::gazetteer::Gazetteer;
use crate::domain::advert::Weight;
use crate::domain::aim::Circles;
use crate::domain::area::CellSet;

/// Weighs units; `apart`: each circle by itself too. None where the target is off the map.
#[must_use]
pub fn weigh(gazetteer: &Gazetteer, target: &CellSet, units: &[Circles], apart: bool) -> Option<Vec<Weight>> {
    let people = People::around(gazetteer, margin_around(frame_of(target)?, units))?;
    let judge = Judge::new(&people, target);
    let count = |circles: &Circles| -> u64 {
        let reached = judge.reached(std::slice::from_ref(circles)).intersection(target);
        people.count(&reached).values().sum::<f64>().round().max(0.0) as u64
    };
    let weight = |unit: &Circles| {
        let one = |circle| Circles { includes: vec![circle], excludes: unit.excludes.clone() };
        let each = if apart { unit.includes.iter().map(|circle| count(&one(*circle))).collect() } else { Vec::new() };
        Weight { people: count(unit), each }
    };
    Some(units.iter().map(weight).collect())
}
