//! The choice beside the best there is, found by trying everything: nested places, places that cross, ceilings, limits.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions, reason = "tests may")]

use super::choose::{Atom, Problem, choose};
use crate::domain::aim::AimGoal;
use proptest::prelude::*;

/// People of the target reached by part, people outside, ids.
fn measured(problem: &Problem, chosen: &[usize]) -> (Vec<f64>, f64, usize) {
    let mut taken = vec![false; problem.atoms.len()];
    chosen.iter().flat_map(|set| &problem.sets[*set]).for_each(|atom| taken[*atom] = true);
    let (mut reached, mut cost) = (vec![0.0; problem.parts.len()], 0.0);
    for atom in (0..taken.len()).filter(|atom| taken[*atom]).map(|atom| &problem.atoms[atom]) {
        cost += atom.cost;
        atom.gains.iter().for_each(|(part, people)| reached[*part] += people);
    }
    (reached, cost, chosen.iter().map(|set| problem.weights[*set]).sum())
}

fn holds(problem: &Problem, chosen: &[usize], goal: AimGoal) -> bool {
    let (reached, cost, ids) = measured(problem, chosen);
    let all: f64 = problem.parts.iter().sum();
    ids <= problem.most
        && match goal {
            AimGoal::Recall { whole, each } => {
                reached.iter().sum::<f64>() >= whole * all - 1e-9
                    && reached.iter().zip(&problem.parts).all(|(reached, of)| *reached >= each * of - 1e-9)
            }
            AimGoal::Ceiling { over_reach } => cost <= over_reach * all + 1e-9,
        }
}

/// What is least outside among all choices that meet the goal, or most inside; none where nothing meets it.
fn best(problem: &Problem, goal: AimGoal) -> Option<f64> {
    let all = (0..1_usize << problem.sets.len())
        .map(|bits| -> Vec<usize> { (0..problem.sets.len()).filter(|set| bits >> set & 1 == 1).collect() });
    let value = |chosen: Vec<usize>| {
        let (reached, cost, _) = measured(problem, &chosen);
        if matches!(goal, AimGoal::Recall { .. }) { cost } else { -reached.iter().sum::<f64>() }
    };
    all.filter(|chosen| holds(problem, chosen, goal)).map(value).min_by(f64::total_cmp)
}

fn of_choice(problem: &Problem, goal: AimGoal) -> Option<f64> {
    let chosen = choose(problem, goal);
    let (reached, cost, _) = measured(problem, &chosen);
    let value = if matches!(goal, AimGoal::Recall { .. }) { cost } else { -reached.iter().sum::<f64>() };
    holds(problem, &chosen, goal).then_some(value)
}

/// Atoms in a row; sets are intervals of it (crossing) or a binary tree over it (nested).
fn problem(nested: bool) -> impl Strategy<Value = Problem> {
    let atom = (0_usize..4, 0_u32..100, 0_u32..60, any::<bool>());
    let atoms = proptest::collection::vec(atom, 8);
    let intervals = proptest::collection::vec((0_usize..8, 1_usize..5), 9);
    (atoms, intervals).prop_map(move |(atoms, intervals)| {
        let mut parts = vec![0.0; 4];
        let atoms: Vec<Atom> = atoms
            .into_iter()
            .map(|(part, gain, cost, inside)| {
                let gains = if inside && gain > 0 { vec![(part, f64::from(gain))] } else { Vec::new() };
                for (part, people) in &gains {
                    parts[*part] += people;
                }
                Atom { gains, cost: f64::from(cost) }
            })
            .collect();
        let sets: Vec<Vec<usize>> = if nested {
            let widths = [(1, 8), (2, 4), (4, 2)];
            widths
                .iter()
                .flat_map(|(width, many)| (0..*many).map(move |i| (i * width..(i + 1) * width).collect()))
                .collect()
        } else {
            intervals.into_iter().map(|(from, width)| (from..(from + width).min(8)).collect()).collect()
        };
        Problem { weights: vec![1; sets.len()], atoms, sets, parts, most: 100 }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn among_nested_places_the_choice_is_the_best_there_is(problem in problem(true), each in prop::sample::select(vec![0.0, 0.95])) {
        let goal = AimGoal::Recall { whole: 0.99, each };
        let (found, wanted) = (of_choice(&problem, goal), best(&problem, goal));
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn among_places_that_cross_it_is_the_best_too(problem in problem(false)) {
        let goal = AimGoal::default();
        prop_assert_eq!(of_choice(&problem, goal), best(&problem, goal));
    }

    #[test]
    fn under_a_ceiling_the_most_is_reached(nested in any::<bool>(), problems in (problem(true), problem(false)), over_reach in 0.0..1.0_f64) {
        let problem = if nested { problems.0 } else { problems.1 };
        let goal = AimGoal::Ceiling { over_reach };
        prop_assert_eq!(of_choice(&problem, goal), best(&problem, goal));
    }
}

/// Eight atoms with people of the target and two without; sets of one atom each, and wider ones.
fn crowded(most: usize) -> Problem {
    let inside = (0..8).map(|part| Atom { gains: vec![(part, 100.0)], cost: 0.0 });
    let outside = (0..2).map(|i| Atom { gains: Vec::new(), cost: 5.0 + f64::from(i) });
    let mut sets: Vec<Vec<usize>> = (0..8).map(|i| vec![i]).collect();
    sets.push(vec![0, 1, 2, 3, 8]);
    sets.push(vec![4, 5, 6, 7, 9]);
    Problem { weights: vec![1; sets.len()], atoms: inside.chain(outside).collect(), sets, parts: vec![100.0; 8], most }
}

#[test]
fn a_limit_on_ids_is_kept_by_wider_places_at_the_least_cost() {
    assert_eq!(choose(&crowded(8), AimGoal::default()), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(choose(&crowded(5), AimGoal::default()), [4, 5, 6, 7, 8]);
    assert_eq!(choose(&crowded(2), AimGoal::default()), [8, 9]);
    assert_eq!(choose(&crowded(1), AimGoal::default()).len(), 1);
}

#[test]
fn what_nothing_reaches_does_not_spoil_the_rest() {
    let mut problem = crowded(100);
    problem.parts.push(1_000.0);
    assert_eq!(choose(&problem, AimGoal::default()), [0, 1, 2, 3, 4, 5, 6, 7]);
}
