//! Plays schedules, as many as the environment asks for.
use super::State;
use super::World;

#[test]
fn whatever_the_schedule_there_is_one_campaign_and_nothing_runs_after_its_takedown() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let schedules = number("TOCSIN_SIMULATIONS").unwrap_or(3_000);
    let first = number("TOCSIN_TEST_SEED").unwrap_or(0);
    let begun = std::time::Instant::now();
    let (mut steps, mut held, mut refused) = (0, 0, 0);
    for seed in first..first + schedules {
        let mut world = World::new(seed);
        world.run(seed);
        steps += world.steps;
        held += usize::from(world.store.state == State::Held);
        refused += usize::from(world.store.state == State::Failed);
    }
    let took = begun.elapsed().as_secs_f64();
    println!("{schedules} schedules, {steps} events, {held} held, {refused} refused, {took:.1} s");
    assert!(refused > 0 || schedules < 100, "nothing was refused");
}
