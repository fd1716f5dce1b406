//! Death in the middle of campaigns that cost, through real processes against the three platforms, which keep a ledger of
//! every effect: workers are killed, stopped and struck, others finish. One campaign each, never over the ceiling.

use crate::support::TestApp;
use crate::support::platforms::{
    PAID, Platforms, add_cases, authorised, dispatched, effects, never_over_the_ceiling, plan,
};
use crate::support::workers::{LEASE, Process, count, draw, is_long, open_deliveries, standing, until};
use diesel::connection::SimpleConnection;
use futures_util::future::join_all;
use serde_json::json;
use std::time::Duration;
use tocsin::domain::paid::Phase;
use tocsin::simulators::{Fault, Planned};

const MINUTE: Duration = Duration::from_mins(1);
const BUDGET: i64 = 9_000;
/// So many calls that the rate budget, which has stories of its own, is in nobody's way.
const LIMITS: &str = "{ calls_per_minute = 6000 }";

struct Bench {
    platforms: Platforms,
    app: TestApp,
    id: String,
    dispatch: String,
    variables: Vec<(&'static str, String)>,
}

/// An appeal with six campaigns out, and the outbox still full.
async fn bench(channels: &[&str]) -> Bench {
    let platforms = Platforms::start_repeating().await;
    let app = platforms.installation().await;
    let id = authorised(&app, channels, BUDGET).await;
    plan(&app, &id).await;
    app.work().await;
    let dispatch = dispatched(&app, &id).await;
    let mut variables = platforms.variables();
    variables.push(("TOCSIN_ADS__SETTLE_SECONDS", "60".to_owned()));
    for name in ["TOCSIN_META_ADS__LIMITS", "TOCSIN_GOOGLE_ADS__LIMITS", "TOCSIN_X_ADS__LIMITS"] {
        variables.push((name, LIMITS.to_owned()));
    }
    Bench { platforms, app, id, dispatch, variables }
}

impl Bench {
    fn worker(&self, more: &[(&str, &str)]) -> Process {
        let all: Vec<(&str, &str)> =
            self.variables.iter().map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied()).collect();
        Process::worker(&self.app, &all)
    }

    /// Everything the platforms were asked to do so far.
    fn asked(&self) -> usize {
        self.platforms.all().iter().map(|one| one.asked().0).sum()
    }

    fn waiting(&self) -> i64 {
        count(&self.app, "SELECT COUNT(*) AS n FROM deliveries WHERE state IN ('pending', 'leased', 'effect_unknown')")
    }

    /// One campaign under each key, all as ordered, and the money in order; how many wait for a person.
    fn is_sound(&self, decided: usize) -> i64 {
        let (names, _) = self.platforms.campaigns();
        let twice: Vec<_> = names.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "made twice: {twice:?}");
        let held = count(&self.app, "SELECT COUNT(*) AS n FROM deliveries WHERE state = 'held'");
        let all = effects(&self.app, &self.id);
        assert_eq!(all.len(), decided);
        let wrong: Vec<_> = all.iter().filter(|one| !one.drift.is_empty()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        let running = all.iter().filter(|one| one.course.phase == Phase::Running).count();
        assert_eq!(running + usize::try_from(held).unwrap(), decided, "none is lost");
        assert!(names.len() >= running, "what runs exists");
        never_over_the_ceiling(&self.app);
        held
    }
}

#[actix_web::test]
async fn kill_9_at_random_moments_makes_no_second_campaign_and_passes_no_ceiling() {
    let mut draw = draw("kill -9 with campaigns");
    let kills = if is_long() { 200 } else { 3 };
    let bench = bench(&PAID).await;
    let decided = 6 + add_cases(&bench.app, &bench.id, &bench.dispatch, kills / 2 + 1);
    for (number, one) in bench.platforms.all().into_iter().enumerate() {
        one.by_chance(draw.0.wrapping_add(number as u64), 3);
    }
    let mut struck = 0;
    for _ in 0..kills {
        let process = bench.worker(&[]);
        let next = bench.asked() + 1 + draw.below(40);
        // In the middle of a conversation with a platform, as long as there is anything to say.
        if until(Duration::from_secs(20), || bench.asked() >= next || bench.waiting() == 0).await && bench.waiting() > 0
        {
            struck += 1;
        }
        tokio::time::sleep(Duration::from_micros(draw.below(60_000) as u64)).await;
        process.kill();
        never_over_the_ceiling(&bench.app);
    }
    bench.platforms.heal();
    let _last = [bench.worker(&[]), bench.worker(&[])];
    assert!(
        until(15 * MINUTE, || bench.waiting() == 0).await,
        "{} not finished: {:#?}",
        bench.waiting(),
        standing(&bench.app)
    );
    let held = bench.is_sound(decided);
    println!("{kills} kills, {struck} of them in mid-dispatch: {decided} campaigns, none twice, {held} held");
    assert!(held * 100 <= i64::try_from(decided).unwrap(), "{held} of {decided} wait for a person");
}

/// The points a campaign passes, and which of its calls (create, look-up, activation) they are struck at.
const POINTS: [(&str, u32); 11] = [
    ("claim.inside", 1),
    ("claim.after", 1),
    ("record.inside", 4),
    ("intent.inside", 3),
    ("intent.after", 3),
    ("send.before", 3),
    ("send.after", 3),
    ("finish.inside", 1),
    ("finish.after", 1),
    ("look.after", 1),
    ("look.inside", 1),
];

#[actix_web::test]
async fn whatever_point_a_campaign_is_struck_at_it_is_made_once() {
    let mut draw = draw("kill points of campaigns");
    let bench = bench(&PAID).await;
    let clean = bench.worker(&[]);
    let is_out = until(5 * MINUTE, || open_deliveries(&bench.app) == 0).await;
    assert!(is_out, "{:#?}\n{}", standing(&bench.app), clean.words());
    drop(clean);
    let mut strikes: Vec<String> = POINTS
        .iter()
        .flat_map(|(point, times)| (1..=*times).map(move |time| (point, time)))
        .flat_map(|(point, time)| ["abort", "error", "stall"].map(|effect| format!("{point}:{effect}:{time}")))
        .collect();
    if !is_long() {
        // A few of them, drawn.
        let some = [draw.below(strikes.len()), draw.below(strikes.len()), draw.below(strikes.len())];
        strikes = some.into_iter().map(|at| strikes[at].clone()).collect();
    }
    let (mut decided, mut unhit) = (6, Vec::new());
    for strike in &strikes {
        if strike.starts_with("look.") {
            // What runs is compared with what was ordered.
            let due = "UPDATE paid_effects SET due_at = '2026-01-01 00:00:00' WHERE phase = 'running'";
            bench.app.app.db.write_now(|conn| conn.batch_execute(due).map_err(tocsin::db::DbError::from)).unwrap();
        } else {
            decided += add_cases(&bench.app, &bench.id, &bench.dispatch, 1);
        }
        let mut process = bench.worker(&[("TOCSIN_FAULT", strike)]);
        if !until(Duration::from_secs(40), || process.words().contains("fault point")).await {
            unhit.push(strike.clone());
        }
        if strike.contains(":abort") {
            assert!(until(MINUTE, || process.ended().is_some()).await, "{strike}");
        } else {
            // A stalled one is left alone past its lease; one with an error goes on.
            tokio::time::sleep(Duration::from_secs(if strike.contains(":stall") { LEASE + 3 } else { 1 })).await;
            assert!(process.ended().is_none(), "{strike}: {}", process.words());
        }
    }
    let _last = bench.worker(&[]);
    assert!(
        until(10 * MINUTE, || bench.waiting() == 0).await,
        "{} not finished: {:#?}",
        bench.waiting(),
        standing(&bench.app)
    );
    let held = bench.is_sound(decided);
    println!("{} strikes: {decided} campaigns, none twice, {held} held, unhit: {unhit:?}", strikes.len());
    assert_eq!(held, 0, "nobody need be asked");
    assert!(unhit.is_empty(), "never struck at {unhit:?}");
    // And the way back over what all these strikes left.
    let path = format!("/appeals/{}/takedown", bench.id);
    bench
        .app
        .app
        .db
        .write_now(|conn| {
            conn.batch_execute("UPDATE sessions SET used_at = CURRENT_TIMESTAMP").map_err(tocsin::db::DbError::from)
        })
        .unwrap();
    bench.app.http.post(&bench.app.team.dispatcher, &path, &json!({"reason": "the child is found"})).await;
    let shown = || bench.platforms.campaigns().1;
    // Hundreds of campaigns under one appeal, which no real one has: one worker takes them away one after another.
    let limit = 5 * MINUTE + Duration::from_secs(5) * u32::try_from(decided).unwrap();
    assert!(until(limit, || shown() == 0).await, "{} still run", shown());
}

/// One worker is stopped in the middle of making a campaign, past its lease, and wakes up when another has taken over.
async fn zombie_round(seed: u64) {
    let bench = bench(&["meta_ads"]).await;
    let slow = Planned {
        skip: u32::try_from(seed % 4).unwrap(),
        ..Planned::once(Fault::Slow { millis: 1500 }, "POST", "/act_")
    };
    bench.platforms.meta.plan(slow);
    let written = || bench.platforms.meta.asked().1;
    let slow_one = written() + usize::try_from(seed % 4).unwrap() + 1;
    let zombie = bench.worker(&[]);
    assert!(until(MINUTE, || written() >= slow_one).await, "nothing was asked: {}", zombie.words());
    tokio::time::sleep(Duration::from_millis(100 + seed % 900)).await;
    zombie.stop_between_writes(&bench.app).await;
    tokio::time::sleep(Duration::from_secs(LEASE + 1)).await;
    let fences = "SELECT CAST(SUM(fence) AS BIGINT) AS n FROM deliveries WHERE channel = 'meta_ads'";
    let held_by_it = "SELECT COUNT(*) AS n FROM deliveries WHERE channel = 'meta_ads' AND state = 'leased'";
    let (fence, leased) = (count(&bench.app, fences), count(&bench.app, held_by_it));
    let other = bench.worker(&[]);
    if leased > 0 {
        assert!(until(MINUTE, || count(&bench.app, fences) > fence).await, "not taken over");
    }
    // The other one does what it can; then only the settling time is waited for.
    let mut last = (written(), 0);
    assert!(
        until(MINUTE, || {
            last = if written() == last.0 { (last.0, last.1 + 1) } else { (written(), 0) };
            last.1 > 400
        })
        .await
    );
    drop(other);
    let (effects_before, courses) = (written(), effects(&bench.app, &bench.id));
    // Nothing is to be had from the outbox for a worker that wakes up but what it had in hand.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let away = "UPDATE deliveries SET due_at = '2099-01-01 00:00:00', leased_until = NULL, state = 'effect_unknown' WHERE state IN ('leased', 'pending', 'effect_unknown')";
    bench.app.app.db.write_now(|conn| conn.batch_execute(away).map_err(tocsin::db::DbError::from)).unwrap();
    zombie.signal("CONT");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(written(), effects_before, "seed {seed}: a request from beyond the lease: {}", zombie.words());
    let after = effects(&bench.app, &bench.id);
    for (before, after) in courses.iter().zip(&after) {
        let known = before.course.external_id.is_some();
        assert!(!known || before.course == after.course, "seed {seed}: {before:?} became {after:?}");
        assert_eq!(before.course.phase, after.course.phase, "seed {seed}: a row changed from beyond the lease");
    }
    let (names, _) = bench.platforms.campaigns();
    assert!(names.values().all(|times| *times == 1), "seed {seed}: {names:?}");
    never_over_the_ceiling(&bench.app);
}

#[actix_web::test]
async fn a_worker_that_was_stopped_in_the_middle_of_a_campaign_wakes_up_without_any_effect() {
    let mut draw = draw("zombie with campaigns");
    let rounds = if is_long() { 100 } else { 1 };
    let mut left = rounds;
    while left > 0 {
        // Side by side: they mostly wait.
        let some = left.min(3);
        join_all((0..some).map(|_| zombie_round(draw.below(1_000_000) as u64))).await;
        left -= some;
    }
    println!("{rounds} workers stopped in the middle of a campaign: no effect from beyond a lease");
}
