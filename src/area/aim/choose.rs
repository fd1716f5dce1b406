//! The choice among sets that overlap and nest: greedy by what a set costs for what it still brings, then pruned, then
//! improved by adding one and dropping what it makes needless, and by taking one away and filling up anew, until no such
//! step helps; where there is little to choose from, it is the best there is (`exact`). Pure numbers: whose people they
//! are is [`places`](super::places)' business. Nothing is random, and effort is counted in work, so that the choice is
//! the same everywhere.
#![allow(clippy::indexing_slicing, reason = "numbers of sets, atoms and parts come from the lists they index")]

mod exact;

use crate::domain::aim::AimGoal;

/// A piece that is reached as a whole.
#[derive(Clone, Debug, Default)]
pub(super) struct Atom {
    /// People of the target in it, by part.
    pub gains: Vec<(usize, f64)>,
    /// People outside the target in it.
    pub cost: f64,
}

/// What there is to choose from.
#[derive(Clone, Debug, Default)]
pub(super) struct Problem {
    pub atoms: Vec<Atom>,
    /// Each set's atoms.
    pub sets: Vec<Vec<usize>>,
    /// How much of `most` each set takes.
    pub weights: Vec<usize>,
    /// People of each part of the target, whether any set reaches them or not.
    pub parts: Vec<f64>,
    pub most: usize,
}

/// Atoms looked at before the search ends: under a second.
const WORK: u64 = 100_000_000;
/// Of a person: what sums in another order may differ by.
const SLIP: f64 = 1e-6;

/// How good a choice is; smaller is better, first things first.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Score {
    /// Ids beyond what is taken.
    excess: usize,
    /// People short of the goal, or above the ceiling.
    short: f64,
    /// What is to be least: people outside, or people of the target not reached.
    main: f64,
    /// The other of the two, as far as it matters.
    other: f64,
    weight: usize,
}

impl Score {
    fn beats(&self, other: &Self) -> bool {
        if self.excess != other.excess {
            return self.excess < other.excess;
        }
        for (a, b) in [(self.short, other.short), (self.main, other.main), (self.other, other.other)] {
            if (a - b).abs() > SLIP {
                return a < b;
            }
        }
        self.weight < other.weight
    }
}

struct Choice<'a> {
    problem: &'a Problem,
    goal: AimGoal,
    chosen: Vec<bool>,
    /// By how many chosen sets each atom is covered.
    covered: Vec<u32>,
    reached: Vec<f64>,
    cost: f64,
    weight: usize,
    /// People to reach: in each part, and in all.
    wanted: Vec<f64>,
    wanted_in_all: f64,
    /// People outside that may be reached.
    ceiling: f64,
    work: u64,
}

/// What adding a set changes.
struct Step {
    brings: f64,
    costs: f64,
}

/// The numbers of the chosen sets.
pub(super) fn choose(problem: &Problem, goal: AimGoal) -> Vec<usize> {
    let mut choice = Choice::new(problem, goal);
    choice.fill(None);
    choice.prune(None);
    choice.fit_most();
    choice.improve();
    choice.perfect();
    choice.numbers()
}

impl<'a> Choice<'a> {
    fn new(problem: &'a Problem, goal: AimGoal) -> Self {
        let mut choice = Self {
            problem,
            goal,
            chosen: vec![false; problem.sets.len()],
            covered: vec![0; problem.atoms.len()],
            reached: vec![0.0; problem.parts.len()],
            cost: 0.0,
            weight: 0,
            wanted: vec![0.0; problem.parts.len()],
            wanted_in_all: 0.0,
            ceiling: f64::INFINITY,
            work: 0,
        };
        let all: f64 = problem.parts.iter().sum();
        match goal {
            AimGoal::Recall { whole, each } => {
                let mut reachable = vec![0.0; problem.parts.len()];
                for (part, people) in problem.atoms.iter().flat_map(|atom| &atom.gains) {
                    reachable[*part] += people;
                }
                // What nothing reaches cannot be asked for.
                choice.wanted_in_all = (whole * all).min(reachable.iter().sum());
                let parts = problem.parts.iter().zip(&reachable);
                choice.wanted = parts.map(|(of, reachable)| (each * of).min(*reachable)).collect();
            }
            AimGoal::Ceiling { over_reach } => {
                choice.ceiling = over_reach * all;
                choice.wanted_in_all = all;
            }
        }
        choice
    }

    fn numbers(&self) -> Vec<usize> {
        self.chosen.iter().enumerate().filter(|(_, chosen)| **chosen).map(|(set, _)| set).collect()
    }

    fn add(&mut self, set: usize) {
        self.chosen[set] = true;
        self.weight += self.problem.weights[set];
        self.turn(set, true);
    }

    fn remove(&mut self, set: usize) {
        self.chosen[set] = false;
        self.weight -= self.problem.weights[set];
        self.turn(set, false);
    }

    fn turn(&mut self, set: usize, on: bool) {
        let problem = self.problem;
        for atom in &problem.sets[set] {
            self.covered[*atom] = if on { self.covered[*atom] + 1 } else { self.covered[*atom] - 1 };
            let changes = if on { self.covered[*atom] == 1 } else { self.covered[*atom] == 0 };
            if changes {
                let sign = if on { 1.0 } else { -1.0 };
                let atom = &problem.atoms[*atom];
                self.cost += sign * atom.cost;
                for (part, people) in &atom.gains {
                    self.reached[*part] += sign * people;
                }
            }
        }
        self.work += u64::try_from(problem.sets[set].len()).unwrap_or(0) + 1;
    }

    /// People short of what is wanted, once for the whole and once for the parts.
    fn short(&self) -> f64 {
        let parts: f64 =
            self.wanted.iter().zip(&self.reached).map(|(wanted, reached)| (wanted - reached).max(0.0)).sum();
        parts + (self.wanted_in_all - self.reached.iter().sum::<f64>()).max(0.0)
    }

    /// Whether everything asked for is reached.
    fn is_full(&self) -> bool {
        self.short() <= SLIP
    }

    fn score(&self) -> Score {
        let excess = self.weight.saturating_sub(self.problem.most);
        let (reached, weight) = (self.reached.iter().sum::<f64>(), self.weight);
        match self.goal {
            AimGoal::Recall { .. } => Score { excess, short: self.short(), main: self.cost, other: -reached, weight },
            AimGoal::Ceiling { .. } => {
                let short = (self.cost - self.ceiling).max(0.0);
                Score { excess, short, main: -reached, other: self.cost, weight }
            }
        }
    }

    /// What a set would bring of what is still wanted, and what it would cost.
    fn step(&mut self, set: usize) -> Step {
        let problem = self.problem;
        let mut gains: Vec<(usize, f64)> = Vec::new();
        let (mut costs, mut all) = (0.0, 0.0);
        for atom in problem.sets[set].iter().filter(|atom| self.covered[**atom] == 0) {
            costs += problem.atoms[*atom].cost;
            for (part, people) in &problem.atoms[*atom].gains {
                all += people;
                gains.push((*part, *people));
            }
        }
        self.work += u64::try_from(problem.sets[set].len()).unwrap_or(0) + 1;
        gains.sort_unstable_by_key(|(part, _)| *part);
        let of_part = |run: &[(usize, f64)]| {
            let (part, people) = (run[0].0, run.iter().map(|(_, people)| people).sum::<f64>());
            people.min((self.wanted[part] - self.reached[part]).max(0.0))
        };
        let parts: f64 = gains.chunk_by(|a, b| a.0 == b.0).map(of_part).sum();
        let missing = (self.wanted_in_all - self.reached.iter().sum::<f64>()).max(0.0);
        Step { brings: parts + all.min(missing), costs }
    }

    /// Adds sets, each time the one that costs least for what it brings, until the goal or the ceiling is reached.
    fn fill(&mut self, without: Option<usize>) {
        loop {
            let mut best: Option<(usize, Step)> = None;
            for set in 0..self.problem.sets.len() {
                if self.chosen[set] || Some(set) == without {
                    continue;
                }
                let step = self.step(set);
                let room = self.cost + step.costs <= self.ceiling + SLIP
                    && (self.ceiling.is_infinite() || self.weight + self.problem.weights[set] <= self.problem.most);
                if step.brings > SLIP
                    && room
                    && best.as_ref().is_none_or(|(at, best)| self.prefers(set, &step, *at, best))
                {
                    best = Some((set, step));
                }
            }
            match best {
                Some((set, _)) => self.add(set),
                None => return,
            }
            if self.is_full() {
                return;
            }
        }
    }

    fn prefers(&self, set: usize, step: &Step, than: usize, other: &Step) -> bool {
        let (mine, theirs) = (step.costs * other.brings, other.costs * step.brings);
        if (mine - theirs).abs() > 1e-9 * (mine.abs() + theirs.abs()) {
            return mine < theirs;
        }
        if (step.brings - other.brings).abs() > SLIP {
            return step.brings > other.brings;
        }
        self.problem.weights[set] < self.problem.weights[than]
    }

    /// Takes away what is not needed, the dearest first. Too many ids are no reason to give up what is needed.
    fn prune(&mut self, but: Option<usize>) {
        let before = Score { excess: 0, ..self.score() };
        let mut order: Vec<(f64, usize)> = Vec::new();
        for set in self.numbers() {
            let own = self.problem.sets[set].iter().filter(|atom| self.covered[**atom] == 1);
            order.push((own.map(|atom| self.problem.atoms[*atom].cost).sum(), set));
            self.work += u64::try_from(self.problem.sets[set].len()).unwrap_or(0) + 1;
        }
        order.sort_by(|a, b| {
            b.0.total_cmp(&a.0)
                .then_with(|| self.problem.weights[b.1].cmp(&self.problem.weights[a.1]))
                .then(a.1.cmp(&b.1))
        });
        let mut score = before;
        for (_, set) in order {
            if Some(set) == but {
                continue;
            }
            self.remove(set);
            let without = Score { excess: 0, ..self.score() };
            if without.beats(&score) {
                score = without;
            } else {
                self.add(set);
            }
        }
    }

    /// Becomes another choice.
    fn become_choice(&mut self, chosen: &[usize]) {
        let now = self.numbers();
        for set in now.iter().filter(|set| chosen.binary_search(set).is_err()) {
            self.remove(*set);
        }
        for set in chosen {
            if !self.chosen[*set] {
                self.add(*set);
            }
        }
    }

    /// Fewer ids, until the platform takes them all: the wider set that makes most others needless for its cost; else
    /// the least useful one goes.
    fn fit_most(&mut self) {
        while self.weight > self.problem.most {
            let (before, weight, cost) = (self.numbers(), self.weight, self.cost);
            let mut best: Option<(f64, Vec<usize>)> = None;
            for set in 0..self.problem.sets.len() {
                if self.chosen[set] || self.problem.sets[set].len() < 2 {
                    continue;
                }
                self.add(set);
                self.prune(Some(set));
                #[allow(clippy::as_conversions, clippy::cast_precision_loss, reason = "a few thousand ids")]
                let saved = weight.saturating_sub(self.weight) as f64;
                let price = (self.cost - cost).max(0.0) / saved;
                if saved > 0.0 && self.is_full() && best.as_ref().is_none_or(|(least, _)| price < *least) {
                    best = Some((price, self.numbers()));
                }
                self.become_choice(&before);
            }
            if let Some((_, chosen)) = best {
                self.become_choice(&chosen);
            } else if let Some(set) = self.least_useful() {
                self.remove(set);
            } else {
                return;
            }
        }
    }

    /// The chosen set without which least is missed.
    fn least_useful(&mut self) -> Option<usize> {
        let mut least: Option<(f64, usize)> = None;
        for set in self.numbers() {
            self.remove(set);
            let brings = self.step(set).brings;
            self.add(set);
            if least.is_none_or(|(other, _)| brings < other) {
                least = Some((brings, set));
            }
        }
        least.map(|(_, set)| set)
    }

    /// Small changes while any of them helps.
    fn improve(&mut self) {
        let mut best = self.score();
        let mut kept = self.numbers();
        loop {
            let mut helped = false;
            for set in 0..self.problem.sets.len() {
                if self.work > WORK {
                    return self.become_choice(&kept);
                }
                if self.chosen[set] {
                    self.remove(set);
                    self.fill(Some(set));
                } else {
                    self.add(set);
                    self.prune(Some(set));
                    self.make_room(set);
                    self.fill(None);
                }
                self.prune(None);
                let score = self.score();
                if score.beats(&best) {
                    (best, kept, helped) = (score, self.numbers(), true);
                } else {
                    self.become_choice(&kept);
                }
            }
            if !helped {
                return;
            }
        }
    }

    /// Under a ceiling: takes away sets until it holds again. One that is enough alone goes, of those the one that brings
    /// least; while none is, the one that wastes most for what it brings.
    fn make_room(&mut self, but: usize) {
        while self.cost > self.ceiling + SLIP {
            let over = self.cost - self.ceiling;
            let mut enough: Option<(f64, usize)> = None;
            let mut worst: Option<(f64, usize)> = None;
            for set in self.numbers().into_iter().filter(|set| *set != but) {
                self.remove(set);
                let step = self.step(set);
                self.add(set);
                let waste = step.costs / step.brings.max(SLIP);
                if step.costs + SLIP >= over && enough.is_none_or(|(least, _)| step.brings < least) {
                    enough = Some((step.brings, set));
                }
                if step.costs > 0.0 && worst.is_none_or(|(most, _)| waste > most) {
                    worst = Some((waste, set));
                }
            }
            match enough.or(worst) {
                Some((_, set)) => self.remove(set),
                None => return,
            }
        }
    }
}
