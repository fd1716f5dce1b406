//! The search: simulated annealing over the discs of a field. Missing somebody has a price that is raised until the goal
//! is met and lowered when it is more than met, so that the discs settle where the goal is only just met and the
//! over-reach is least.
#![allow(clippy::indexing_slicing, reason = "disc numbers are drawn below the length of the list they index")]

use std::collections::BTreeMap;

use super::borders::Borders;
use super::dice::Dice;
use super::field::{Field, Prices, Side, Tally};
use super::frame::EARTH_M;
use super::grid::{Disc, Grid};
use super::people::Unit;
use crate::domain::aim::{AimGoal, CircleLimits};

/// A set of discs and how it did on the raster.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub includes: Vec<Disc>,
    pub excludes: Vec<Disc>,
    pub tally: Tally,
}

/// One stretch of searching.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    /// Pixels and rows it may look at.
    pub work: u64,
    /// Temperatures at begin and end, as shares of the target's inhabitants.
    pub heat: (f64, f64),
    /// Typical step at begin and end, metres.
    pub step: (f64, f64),
}

/// Shares to reach beyond the goal's.
#[derive(Clone, Debug, Default)]
pub(super) struct Lifts {
    pub whole: f64,
    pub each: f64,
    pub parts: BTreeMap<Unit, f64>,
}

impl Lifts {
    /// The share of a unit's part to reach: never all of it, which a raster cannot tell from nearly all.
    fn floor(&self, each: f64, unit: Unit) -> f64 {
        (each + self.each + self.parts.get(&unit).copied().unwrap_or(0.0)).min(0.999)
    }

    fn whole(&self, whole: f64) -> f64 {
        (whole + self.whole).min(0.999_9)
    }
}

pub(super) struct Search<'a> {
    pub field: Field<'a>,
    pub prices: Prices,
    limits: CircleLimits,
    goal: AimGoal,
    /// What is asked in addition for the whole and for single municipalities, because the judge found them short.
    lifts: Lifts,
    dice: Dice,
    target: f64,
    best: Option<Found>,
    /// Pixels of the target that are not reached, and pixels outside that are.
    gaps: Vec<usize>,
    spills: Vec<usize>,
    borders: Borders,
}

/// How much dearer missing becomes per look and per unit of relative shortfall.
const PULL: f64 = 4.0;
/// Work for one disc between two looks: two changes or so.
const EACH_WORK: u64 = 1_000;
/// How often the prices move in a stretch, at most.
const LOOKS: u64 = 1_000;
/// Prices settle around what they steer for, so they steer for a little more than is asked: of the whole, of a part.
const STEER: (f64, f64) = (0.000_2, 0.002);
/// Prices stay within these: below, discs vanish; above, a raster's noise is chased.
const PRICES: (f64, f64) = (0.01, 5_000.0);

impl<'a> Search<'a> {
    pub(super) fn new(
        grid: &'a Grid,
        limits: CircleLimits,
        goal: AimGoal,
        lifts: Lifts,
        prices: Prices,
        seed: u64,
    ) -> Self {
        let field = Field::new(grid, &prices);
        let target = field.tally.target;
        let (gaps, spills) = (Vec::new(), Vec::new());
        let borders = Borders::of(grid);
        Self { field, prices, limits, goal, lifts, dice: Dice::new(seed), target, best: None, gaps, spills, borders }
    }

    /// Asks for more than before; what was best is forgotten.
    pub(super) fn ask(&mut self, lifts: Lifts) {
        self.lifts = lifts;
        self.best = None;
    }

    pub(super) fn target(&self) -> f64 {
        self.target
    }

    /// Whether anything found so far meets the goal.
    pub(super) const fn has_met(&self) -> bool {
        self.best.is_some()
    }

    /// The best found so far; what stands now if nothing met the goal.
    pub(super) fn found(&mut self) -> Found {
        match self.best.clone() {
            Some(found) => found,
            None => self.now(),
        }
    }

    fn now(&mut self) -> Found {
        let tally = self.field.tally.clone();
        Found { includes: self.field.includes.clone(), excludes: self.field.excludes.clone(), tally }
    }

    /// Puts other discs in place.
    pub(super) fn put(&mut self, includes: &[Disc], excludes: &[Disc]) {
        for (side, discs) in [(Side::Include, includes), (Side::Exclude, excludes)] {
            while let Some(last) = self.field.discs(side).len().checked_sub(1) {
                self.field.remove(side, last);
            }
            for disc in discs.iter().filter(|disc| self.field.grid.holds(disc)) {
                self.field.add(side, *disc);
            }
        }
    }

    /// Puts the best back in place.
    pub(super) fn back_to_best(&mut self) {
        if let Some(best) = self.best.clone() {
            self.put(&best.includes, &best.excludes);
        }
    }

    /// Searches until the work is done.
    pub(super) fn run(&mut self, stretch: Stretch) {
        let begun = self.field.work;
        let mut done = 0.0;
        self.field.reprice(&self.prices);
        self.find_gaps();
        // Whole passes over the raster are kept to a tenth of the work.
        let pass = 2 * u64::try_from(self.field.grid.pixels()).unwrap_or(0);
        let mut surveyed = self.field.work;
        while done < 1.0 {
            if self.field.work - surveyed > (stretch.work / 60).max(10 * pass) {
                self.find_gaps();
                surveyed = self.field.work;
            }
            let between = |(from, to): (f64, f64)| from * f64::powf(to / from, done);
            let heat = between(stretch.heat) * self.target.max(1.0);
            let step = between(stretch.step);
            // Each disc is tried a few times between two looks, lest prices run away from them.
            let discs = self.field.includes.len() + self.field.excludes.len();
            let tried = EACH_WORK * u64::try_from(discs).unwrap_or(0);
            let until = self.field.work + (stretch.work / LOOKS).max(tried);
            while self.field.work < until {
                self.change(heat, step);
            }
            self.look();
            #[allow(clippy::as_conversions, clippy::cast_precision_loss, reason = "a share of a budget below 2^40")]
            {
                done = (self.field.work - begun) as f64 / stretch.work.max(1) as f64;
            }
        }
    }

    /// Judges the present state on the raster, remembers it if it is the best, and moves the prices.
    fn look(&mut self) {
        let tally = &self.field.tally;
        let (meets, better) = match self.goal {
            AimGoal::Recall { whole, each } => {
                let each = |(unit, (of, reached)): (&Unit, &(f64, f64))| *reached >= self.lifts.floor(each, *unit) * of;
                let meets = tally.recall() >= self.lifts.whole(whole)
                    && self.field.grid.units.iter().zip(&tally.parts).all(each);
                (meets, self.best.as_ref().is_none_or(|best| tally.over < best.tally.over))
            }
            AimGoal::Ceiling { over_reach } => {
                let meets = tally.over_reach() <= over_reach * (1.0 - self.lifts.whole);
                (meets, self.best.as_ref().is_none_or(|best| tally.reached > best.tally.reached))
            }
        };
        if meets && better {
            self.best = Some(self.now());
        }
        let tally = &self.field.tally;
        let pull = match self.goal {
            AimGoal::Recall { whole, .. } => self.lifts.whole(whole) + STEER.0 - tally.recall(),
            AimGoal::Ceiling { over_reach } => over_reach * (1.0 - self.lifts.whole - 0.01) - tally.over_reach(),
        };
        let factor = (PULL * pull).clamp(-0.03, 0.03).exp();
        self.prices.miss = (self.prices.miss * factor).clamp(PRICES.0, PRICES.1);
        if let AimGoal::Recall { each, .. } = self.goal {
            self.hurry(each);
        }
        self.field.reprice(&self.prices);
    }

    /// Municipalities that lag behind their own share become dearer.
    fn hurry(&mut self, each: f64) {
        for (unit, (of, reached)) in self.field.grid.units.iter().zip(&self.field.tally.parts) {
            let share = if *of > 0.0 { reached / of } else { 1.0 };
            let short = (self.lifts.floor(each, *unit) + STEER.1).min(0.999_5) - share;
            let factor = self.prices.lagging.get(unit).copied().unwrap_or(1.0);
            let next = (factor * (PULL * short).clamp(-0.01, 0.06).exp()).min(1_000.0);
            if next > 1.0 {
                self.prices.lagging.insert(*unit, next);
            } else {
                self.prices.lagging.remove(unit);
            }
        }
    }

    fn find_gaps(&mut self) {
        self.gaps.clear();
        self.spills.clear();
        for pixel in 0..self.field.grid.pixels() {
            let (inside, reached) = (self.field.grid.inside(pixel), self.field.reached(pixel));
            if inside && !reached && self.field.grid.people[pixel].0 > 0.0 {
                self.gaps.push(pixel);
            } else if !inside && reached {
                self.spills.push(pixel);
            }
        }
        self.field.work += 2 * u64::try_from(self.field.grid.pixels()).unwrap_or(0);
    }

    fn change(&mut self, heat: f64, step: f64) {
        let (count, excludes) = (self.field.includes.len(), self.field.excludes.len());
        let side =
            if excludes > 0 && self.dice.below(count + excludes) >= count { Side::Exclude } else { Side::Include };
        match self.dice.below(40) {
            0 => self.relocate(side, heat),
            1 => self.open(heat),
            2 => self.close(side, heat),
            kind => self.nudge(side, kind, heat, step),
        }
    }

    /// Moves and sizes one disc a little.
    fn nudge(&mut self, side: Side, kind: usize, heat: f64, step: f64) {
        let number = self.dice.below(self.field.discs(side).len());
        let Some(old) = self.field.discs(side).get(number).copied() else { return };
        // A few octaves around the typical step: long steps leave a trap, short ones finish.
        let length = step * f64::exp2(3.0 * self.dice.signed());
        let angle = std::f64::consts::PI * self.dice.signed();
        let (north, east) = (length * angle.sin(), length * angle.cos());
        let sign = if self.dice.below(2) == 0 { 1.0 } else { -1.0 };
        let (shift, grown) = match kind % 4 {
            0 => (0.0, sign * length),
            // The far side stays where it is.
            1 => (1.0, sign * length),
            2 => (1.0, 0.5 * sign * length),
            _ => (1.0, 0.0),
        };
        let metres = self.clamped(old.metres() + grown);
        let new = old.moved(shift * north, shift * east, metres - old.metres());
        if !self.field.grid.holds(&new) {
            return;
        }
        let gain = self.field.gain(side, Some(number), Some(&new));
        if self.accepts(gain, heat) {
            self.field.replace(side, number, new);
        }
    }

    fn clamped(&self, metres: f64) -> f64 {
        metres.clamp(f64::from(self.limits.min_radius_m), f64::from(self.limits.max_radius_m))
    }

    fn accepts(&mut self, gain: f64, heat: f64) -> bool {
        gain >= 0.0 || self.dice.unit() < (gain / heat).exp()
    }

    /// A place where a disc of this side is wanted, and the disc there, improved by a few tries.
    fn wanted(&mut self, side: Side) -> Option<(Disc, f64)> {
        let list = if side == Side::Include { &self.gaps } else { &self.spills };
        // The most people of a few places.
        let mut pixel = *list.get(self.dice.below(list.len()))?;
        for _ in 0..2 {
            let other = list[self.dice.below(list.len())];
            if self.field.stake(other) > self.field.stake(pixel) {
                pixel = other;
            }
        }
        // The list is of the last survey.
        if self.field.reached(pixel) == (side == Side::Include) {
            return None;
        }
        let (lat, lon) = self.field.grid.centre(pixel);
        let min = f64::from(self.limits.min_radius_m);
        let (mut disc, mut step, tries) = match self.borders.beside(self.field.grid, pixel, side) {
            Some((north, east, away)) if self.dice.below(4) > 0 => {
                let here = Disc::new(lat, lon, 0.0);
                let mut size = min;
                while size < 0.5 * f64::from(self.limits.max_radius_m) {
                    let next = 1.3 * size;
                    let there = here.moved(next * north, next * east, 0.0);
                    if self.borders.depth(self.field.grid, &there, side) < 0.85 * (next + away) - self.field.grid.pitch
                    {
                        break;
                    }
                    size = next;
                }
                let octaves = 0.8 * self.dice.signed();
                let size = self.clamped(size * f64::exp2(octaves));
                let length = size - away;
                (here.moved(length * north, length * east, size), 0.1 * size, 14)
            }
            _ => {
                let octaves = 2.0 * self.dice.unit() - 0.5;
                let size = self.clamped(min * f64::exp2(octaves));
                (Disc::new(lat, lon, size / EARTH_M), size, 24)
            }
        };
        if !self.field.grid.holds(&disc) {
            return None;
        }
        let mut gain = self.field.gain(side, None, Some(&disc));
        for _ in 0..tries {
            let angle = std::f64::consts::PI * self.dice.signed();
            let growth = 0.3 * step * self.dice.signed();
            let grown = self.clamped(disc.metres() + growth) - disc.metres();
            let next = disc.moved(step * angle.sin(), step * angle.cos(), grown);
            if self.field.grid.holds(&next) {
                let worth = self.field.gain(side, None, Some(&next));
                if worth > gain {
                    (disc, gain) = (next, worth);
                    continue;
                }
            }
            step *= 0.85;
        }
        Some((disc, gain))
    }

    /// Takes a disc away and puts one where it is wanted.
    fn relocate(&mut self, side: Side, heat: f64) {
        let number = self.dice.below(self.field.discs(side).len());
        if number >= self.field.discs(side).len() {
            return;
        }
        let loss = self.field.gain(side, Some(number), None);
        // What is dear is not worth the try.
        if loss < -40.0 * heat - 0.002 * self.target {
            return;
        }
        let old = self.field.remove(side, number);
        match self.wanted(side) {
            Some((disc, gain)) if self.accepts(loss + gain, heat) => self.field.add(side, disc),
            _ => self.field.add(side, old),
        }
    }

    /// Adds a disc while there is room.
    fn open(&mut self, heat: f64) {
        let room = |side, most| self.field.discs(side).len() < most;
        let include = room(Side::Include, self.limits.circles);
        let exclude = room(Side::Exclude, self.limits.exclusions);
        let side = match (include, exclude) {
            (true, true) if self.dice.below(2) == 0 => Side::Include,
            (true, false) => Side::Include,
            (_, true) => Side::Exclude,
            (false, false) => return,
        };
        // Each circle must earn more than noise.
        if let Some((disc, gain)) = self.wanted(side)
            && gain > 1e-6 * self.target
            && self.accepts(gain - heat, heat)
        {
            self.field.add(side, disc);
        }
    }

    /// Takes a disc away that is worth next to nothing.
    fn close(&mut self, side: Side, heat: f64) {
        let number = self.dice.below(self.field.discs(side).len());
        if number >= self.field.discs(side).len() {
            return;
        }
        let loss = self.field.gain(side, Some(number), None);
        if loss >= -1e-6 * self.target || (loss > -heat && self.dice.unit() < 0.1) {
            self.field.remove(side, number);
        }
    }

    /// The units of the target and their prices, for a search on another raster.
    pub(super) fn into_prices(self) -> Prices {
        self.prices
    }
}
