//! The best choice there is, where there is little to choose from: every choice is looked at, but for those that cannot
//! beat the best one known. Begins with what the search found, and leaves it as it is when there are too many.
#![allow(clippy::indexing_slicing, reason = "numbers of sets, atoms and parts come from the lists they index")]

use super::{Choice, SLIP, Score};
use crate::domain::aim::AimGoal;

/// Atoms looked at before it gives up: a fifth of a second.
const WORK: u64 = 20_000_000;

struct Walk {
    /// Sets in the order in which they are decided: the widest first, so that bounds bite early.
    order: Vec<usize>,
    /// After how many decisions nothing can cover an atom any more.
    last: Vec<usize>,
    best: Score,
    kept: Vec<usize>,
    /// The work at which it gives up.
    until: u64,
}

impl Choice<'_> {
    /// Becomes the best choice if that can be told in time; stays as good as it is otherwise.
    pub(super) fn perfect(&mut self) {
        let (best, kept) = (self.score(), self.numbers());
        if best.excess > 0 || best.short > SLIP {
            return;
        }
        let problem = self.problem;
        let mut order: Vec<usize> = (0..problem.sets.len()).collect();
        order.sort_by_key(|set| std::cmp::Reverse(problem.sets[*set].len()));
        let mut last = vec![0; problem.atoms.len()];
        for (decided, set) in (1..).zip(&order) {
            for atom in &problem.sets[*set] {
                last[*atom] = decided;
            }
        }
        self.become_choice(&[]);
        let mut walk = Walk { order, last, best, kept, until: self.work + WORK };
        self.walk(&mut walk, 0);
        self.become_choice(&walk.kept);
    }

    fn walk(&mut self, walk: &mut Walk, decided: usize) {
        if self.work > walk.until {
            return;
        }
        let score = self.score();
        if score.beats(&walk.best) {
            (walk.best, walk.kept) = (score, self.numbers());
        }
        if decided == walk.order.len() || self.is_hopeless(walk, decided) {
            return;
        }
        let set = walk.order[decided];
        self.add(set);
        if self.cost <= self.ceiling + SLIP && self.weight <= self.problem.most {
            self.walk(walk, decided + 1);
        }
        self.remove(set);
        self.walk(walk, decided + 1);
    }

    /// Whether nothing that can still be decided beats the best.
    fn is_hopeless(&mut self, walk: &Walk, decided: usize) -> bool {
        let recall = matches!(self.goal, AimGoal::Recall { .. });
        if recall && (self.cost > walk.best.main + SLIP || self.is_full()) {
            return true;
        }
        let problem = self.problem;
        let mut within = self.reached.clone();
        let coverable = |(atom, _): &(usize, _)| self.covered[*atom] == 0 && walk.last[*atom] > decided;
        for (_, atom) in problem.atoms.iter().enumerate().filter(coverable) {
            for (part, people) in &atom.gains {
                within[*part] += people;
            }
        }
        self.work += u64::try_from(problem.atoms.len()).unwrap_or(0);
        let all: f64 = within.iter().sum();
        if recall {
            let parts = self.wanted.iter().zip(&within);
            all < self.wanted_in_all - SLIP || parts.into_iter().any(|(wanted, within)| *within < wanted - SLIP)
        } else {
            -all >= walk.best.main
        }
    }
}
