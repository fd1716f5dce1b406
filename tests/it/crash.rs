//! Death in the middle, through real processes: workers are killed, stopped, struck at named points; others finish. Nobody
//! is lost, and no more mails come twice than were in flight.

use crate::support::workers::{
    IN_FLIGHT, LEASE, Process, arrivals, count, draw, is_long, open_deliveries, repeated, standing, until,
};
use crate::support::{TestApp, area, decision, missing_minor, on_postgres};
use futures_util::future::join_all;
use serde_json::json;
use std::time::Duration;
use tocsin::app::fault::POINTS;
use tocsin::catcher::Script;

const MINUTE: Duration = Duration::from_mins(1);

#[actix_web::test]
async fn kill_9_at_random_moments_loses_nobody_and_repeats_at_most_those_in_flight() {
    let mut draw = draw("kill -9");
    let kills = if is_long() { 200 } else { 4 };
    let app = TestApp::start_with(|config| config.worker.shard_recipients = 20).await;
    let people = app.subscribe_apart("21009", "fr", 100 + kills * 24);
    // Slow answers keep mails in flight when the kill comes.
    for person in &people {
        app.catcher.script(person, Script::Slow(Duration::from_millis(10)));
    }
    app.dispatched().await;
    for _ in 0..kills {
        let process = Process::worker(&app, &[]);
        let before = app.catcher.accepted();
        until(Duration::from_secs(20), || app.catcher.accepted() > before).await;
        tokio::time::sleep(Duration::from_micros(draw.below(40_000) as u64)).await;
        process.kill();
    }
    let last = Process::worker(&app, &[]);
    let is_over = until(15 * MINUTE, || open_deliveries(&app) == 0).await;
    assert!(is_over, "not finished: {:#?}\n{}", standing(&app), last.words());
    let counts = arrivals(&app);
    println!("{kills} kills: {} reached, {} mails twice", counts.len(), repeated(&counts));
    assert_eq!(counts.len(), people.len(), "nobody was lost");
    assert!(repeated(&counts) <= IN_FLIGHT * kills, "{} repeated after {kills} kills", repeated(&counts));
    let sent = count(&app, "SELECT CAST(SUM(sent) AS BIGINT) AS n FROM deliveries WHERE channel = 'email'");
    assert_eq!(sent, i64::try_from(people.len()).unwrap(), "each counted once");
}

#[actix_web::test]
async fn whoever_a_dead_worker_was_sending_to_is_told_when_the_appeal_is_taken_back() {
    let app = TestApp::start_with(|config| config.worker.shard_recipients = 200).await;
    let people = app.subscribe("21009", "fr", 30);
    for person in &people {
        app.catcher.script(person, Script::Slow(Duration::from_millis(20)));
    }
    let (appeal, _) = app.dispatched().await;
    // It dies when mails have arrived and before it can write that down.
    let mut dying = Process::worker(&app, &[("TOCSIN_FAULT", "send.after:abort")]);
    assert!(until(MINUTE, || dying.ended().is_some()).await);
    let got: std::collections::BTreeSet<String> = app.catcher.mails().into_iter().flat_map(|mail| mail.to).collect();
    assert!(!got.is_empty() && got.len() <= IN_FLIGHT, "{got:?}");
    let named = "SELECT COUNT(*) AS n FROM recipients WHERE state <> 'pending'";
    assert_eq!(count(&app, named), 0, "no row of theirs says so");
    let path = format!("/appeals/{appeal}/takedown");
    app.http.post(&app.team.dispatcher, &path, &json!({"reason": "wrong picture"})).await;
    let _next = Process::worker(&app, &[]);
    assert!(until(MINUTE, || open_deliveries(&app) == 0).await, "{:#?}", standing(&app));
    let corrections = app.catcher.mails().into_iter().filter(|mail| {
        let text = String::from_utf8_lossy(&mail.raw).into_owned();
        text.contains(".correction.")
    });
    let told: std::collections::BTreeSet<String> = corrections.flat_map(|mail| mail.to).collect();
    assert!(told.is_superset(&got), "{got:?} got one, {told:?} were told");
    assert!(told.len() <= IN_FLIGHT, "nobody is told whom nothing can have reached: {told:?}");
}

/// A worker is stopped between two writes, past its lease, and wakes up when another one has done its work.
async fn zombie_round(pause: Duration) {
    let app = TestApp::start_with(|config| config.worker.shard_recipients = 50).await;
    let people = app.subscribe_apart("21009", "fr", 50);
    // Stopped while it waits for the answer to an envelope: it wakes up with the text still to be sent.
    for person in &people {
        app.catcher.script(person, Script::SlowAtRecipient(Duration::from_millis(300)));
    }
    app.dispatched().await;
    let zombie = Process::worker(&app, &[]);
    assert!(until(2 * MINUTE, || app.catcher.accepted() >= IN_FLIGHT).await, "nothing sent: {}", zombie.words());
    tokio::time::sleep(pause).await;
    zombie.stop_between_writes(&app).await;
    for person in &people {
        app.catcher.script(person, Script::SlowAtRecipient(Duration::ZERO));
    }
    tokio::time::sleep(Duration::from_secs(LEASE)).await;
    let other = Process::worker(&app, &[]);
    assert!(until(2 * MINUTE, || open_deliveries(&app) == 0).await, "not taken over: {}", other.words());
    let state = "SELECT CAST(SUM(sent * 1000000 + attempts * 1000 + fence) AS BIGINT) AS n FROM deliveries";
    let (mails, rows) = (arrivals(&app), count(&app, state));
    zombie.signal("CONT");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(arrivals(&app), mails, "a mail from beyond the lease");
    assert_eq!(count(&app, state), rows, "a row changed from beyond the lease");
    assert_eq!(mails.len(), people.len(), "nobody was lost");
    assert!(repeated(&mails) <= IN_FLIGHT, "{} repeated", repeated(&mails));
}

#[actix_web::test]
async fn a_worker_that_was_stopped_past_its_lease_wakes_up_without_any_effect() {
    let mut draw = draw("zombie");
    let rounds = if is_long() { 100 } else { 1 };
    let mut left = rounds;
    while left > 0 {
        // Side by side: they mostly wait.
        let some = left.min(4);
        let pause = |_| Duration::from_millis(60 + draw.below(150) as u64);
        join_all((0..some).map(pause).map(zombie_round)).await;
        left -= some;
    }
    println!("{rounds} workers stopped past their lease: no effect from beyond it");
}

/// A dispatch asked for twice at once, its hour come while every worker looks for it (each sweeps: there is no scheduler
/// besides), and a job a mail: everybody lives in a cell of their own.
#[actix_web::test]
async fn two_schedulers_and_many_workers_do_every_job_exactly_once() {
    // The full size is PostgreSQL's: an SQLite file is one machine's.
    // Bastogne is large enough for the full size.
    let (place, jobs, hands) = match (is_long(), on_postgres()) {
        (true, true) => ("82039", 10_000, 8),
        (true, false) => ("82039", 2_000, 4),
        (false, _) => ("21009", 120, 2),
    };
    let app = TestApp::start_with(|config| config.worker.shard_recipients = 1).await;
    let people = app.subscribe_apart(place, "fr", jobs);
    let mut appeal = missing_minor();
    let hour = chrono::Utc::now() + chrono::TimeDelta::seconds(if is_long() { 240 } else { 40 });
    appeal["schedule_at"] = json!(hour.format("%FT%TZ").to_string());
    let id = app.filed_as(&appeal).await;
    let mut area = area();
    area["include"].as_array_mut().unwrap().push(json!({"place": format!("NIS:{place}")}));
    let version = app.appeal(&id).await["version"].as_i64().unwrap();
    app.http.put(&app.team.investigator, &format!("/appeals/{id}/area"), version, &area).await;
    let mut decided = decision(&app.appeal(&id).await);
    decided["scope"]["area"] = area;
    let authorisation = app.recorded(&id, &decided).await;
    app.verified(&authorisation).await;
    let digest = app.plan_digest(&id).await;
    app.http.decide(&app.team.investigator, &format!("/appeals/{id}/submission"), &digest, &json!({})).await;
    app.say_yes(&id, &digest).await;
    let ask = |key| {
        let url = format!("{}/api/v1/appeals/{id}/dispatches", app.http.base);
        let request = app.http.http.post(url).bearer_auth(&app.team.dispatcher.token);
        request.header("if-match", format!("\"{digest}\"")).header("idempotency-key", key).json(&json!({})).send()
    };
    let (one, other) = futures_util::future::join(ask("one"), ask("other")).await;
    let mut statuses = [one.unwrap().status().as_u16(), other.unwrap().status().as_u16()];
    statuses.sort_unstable();
    assert!(statuses[0] == 201 && statuses[1] >= 400, "one of two: {statuses:?}");
    let shards = count(&app, "SELECT COUNT(*) AS n FROM deliveries WHERE channel = 'email'");
    println!("{} mails in {shards} jobs, {hands} workers", people.len());
    assert_eq!(shards, i64::try_from(jobs).unwrap());
    // No lease runs out here, however busy the machine: a job done twice would be two claims of a living one.
    let lease = [("TOCSIN_WORKER__LEASE_SECONDS", "600")];
    let _workers: Vec<_> = (0..hands).map(|_| Process::worker(&app, &lease)).collect();
    let early = app.catcher.accepted();
    assert!(early == 0 || chrono::Utc::now() >= hour, "not before its hour");
    assert!(
        until(30 * MINUTE, || chrono::Utc::now() > hour && open_deliveries(&app) == 0).await,
        "not finished: {:#?}",
        standing(&app)
    );
    let counts = arrivals(&app);
    assert_eq!((counts.len(), repeated(&counts)), (people.len(), 0));
    let again = count(&app, "SELECT COUNT(*) AS n FROM deliveries WHERE fence <> 1");
    assert_eq!(again, 0, "a job was claimed twice");
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM audit_entries WHERE action = 'appeal.dispatched'"), 1);
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM dispatches"), 1);
}

#[actix_web::test]
async fn asked_to_end_a_worker_finishes_what_is_in_flight_and_gives_its_claim_back() {
    let app = TestApp::start_with(|config| config.worker.shard_recipients = 200).await;
    let people = app.subscribe_apart("21009", "fr", 200);
    for person in &people {
        app.catcher.script(person, Script::Slow(Duration::from_millis(40)));
    }
    app.dispatched().await;
    let mut first = Process::worker(&app, &[("TOCSIN_WORKER__LEASE_SECONDS", "600")]);
    assert!(until(MINUTE, || app.catcher.accepted() > 10).await);
    first.signal("TERM");
    assert!(until(Duration::from_secs(20), || first.ended().is_some()).await, "still there");
    assert_eq!(first.ended(), Some(true), "{}", first.words());
    assert!(app.catcher.accepted() < people.len(), "it ended in the middle");
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM deliveries WHERE state = 'leased'"), 0, "a claim was left");
    // With a lease of ten minutes, only a claim given back can be taken over now.
    let _second = Process::worker(&app, &[]);
    assert!(until(MINUTE, || open_deliveries(&app) == 0).await);
    let counts = arrivals(&app);
    assert_eq!((counts.len(), repeated(&counts)), (people.len(), 0), "nobody lost, nobody twice");
}

/// Everybody gave their factor just now: a long story takes longer than one is good for.
fn fresh_factors(app: &TestApp) {
    use diesel::connection::SimpleConnection;
    let statement = "UPDATE sessions SET factor_at = CURRENT_TIMESTAMP";
    app.app.db.write_now(|conn| conn.batch_execute(statement).map_err(tocsin::db::DbError::from)).unwrap();
}

#[actix_web::test]
async fn whatever_point_a_worker_is_struck_at_nobody_is_lost() {
    let effects = ["abort", "error", "stall"];
    let mut dice = draw("kill points");
    let (turn, half) = (dice.below(effects.len()), dice.below(2));
    let app = TestApp::start_with(|config| config.worker.shard_recipients = 8).await;
    let people = app.subscribe_apart("21009", "fr", 24);
    let (mut appeals, mut struck, mut unhit) = (Vec::new(), 0, Vec::new());
    let mut told_back = 0;
    for (at, point) in POINTS.iter().enumerate() {
        // Each run strikes every other point, each with one of the effects in turn; a long run all of them with all three.
        if !is_long() && at % 2 == half {
            continue;
        }
        for (which, effect) in effects.iter().enumerate() {
            if !is_long() && (at + turn) % effects.len() != which {
                continue;
            }
            fresh_factors(&app);
            appeals.push(app.dispatched().await.0);
            if point.starts_with("look.") {
                // An earlier appeal comes back; its pages are read back.
                let _clean = Process::worker(&app, &[]);
                assert!(until(5 * MINUTE, || open_deliveries(&app) == 0).await, "{:#?}", standing(&app));
                let path = format!("/appeals/{}/takedown", appeals[told_back]);
                app.http.post(&app.team.dispatcher, &path, &json!({"reason": "wrong picture"})).await;
                told_back += 1;
            }
            let strike = format!("{point}:{effect}");
            let mut process = Process::worker(&app, &[("TOCSIN_FAULT", &strike)]);
            if !until(Duration::from_secs(25), || process.words().contains("fault point")).await {
                unhit.push(strike.clone());
            }
            match *effect {
                "abort" => assert!(until(MINUTE, || process.ended().is_some()).await, "{strike}"),
                // It must live on: a stalled one is left alone past its lease.
                "stall" => tokio::time::sleep(Duration::from_secs(LEASE + 3)).await,
                _ => tokio::time::sleep(Duration::from_secs(1)).await,
            }
            assert_eq!(process.ended().is_none(), *effect != "abort", "{strike}: {}", process.words());
            struck += 1;
        }
    }
    let _last = Process::worker(&app, &[]);
    let unproven = "SELECT COUNT(*) AS n FROM takedowns WHERE state <> 'proven'";
    let is_over = until(5 * MINUTE, || open_deliveries(&app) == 0 && count(&app, unproven) == 0).await;
    assert!(is_over, "not finished: {:#?}", standing(&app));
    let counts = arrivals(&app);
    println!("{struck} strikes: {} mails, {} of them twice, unhit: {unhit:?}", counts.len(), repeated(&counts));
    assert_eq!(counts.len(), people.len() * (appeals.len() + told_back), "nobody was lost");
    assert!(repeated(&counts) <= IN_FLIGHT * struck, "{} repeated", repeated(&counts));
    assert!(unhit.is_empty(), "never struck at {unhit:?}");
}
