//! What an operator meets: a disk without room, a database that is restarted, a process stopped in the middle of a write.
//! Nothing is lost, nothing is done that could not be written down, and it goes on by itself.

use crate::support::platforms::{Platforms, add_cases, authorised, dispatched, effects, never_over_the_ceiling, plan};
use crate::support::postgres::Cluster;
use crate::support::workers::{
    IN_FLIGHT, Process, arrivals, count, draw, is_long, open_deliveries, repeated, standing, until,
};
use crate::support::{TestApp, missing_minor, on_postgres};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use tocsin::catcher::Script;
use tocsin::domain::paid::Phase;

const MINUTE: Duration = Duration::from_mins(1);

#[actix_web::test]
async fn a_full_disk_stops_what_leaves_and_loses_nothing() {
    if on_postgres() {
        // There the disk is the server's: what we see is a statement that fails, as when it is restarted.
        return;
    }
    let app = TestApp::start_with(|config| config.worker.shard_recipients = 20).await;
    let people = app.subscribe_apart("21009", "fr", 160);
    for person in &people {
        app.catcher.script(person, Script::Slow(Duration::from_millis(20)));
    }
    app.dispatched().await;
    let mut worker = Process::limited(&app, &["worker"], &[]);
    assert!(until(MINUTE, || app.catcher.accepted() > 10).await);
    // No file may grow beyond what a database and its log are long past.
    worker.room(Some(64 * 1024));
    assert!(
        until(MINUTE, || worker.words().contains("database unavailable") || worker.words().contains("unavailable:"))
            .await,
        "{}",
        worker.words()
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = app.catcher.accepted();
    assert!(before < people.len(), "it was over before the disk was full");
    tokio::time::sleep(Duration::from_secs(4)).await;
    let meanwhile = app.catcher.accepted() - before;
    assert!(meanwhile <= IN_FLIGHT, "{meanwhile} mails left that nobody could write down");
    assert!(worker.ended().is_none(), "{}", worker.words());
    worker.room(None);
    assert!(until(2 * MINUTE, || open_deliveries(&app) == 0).await, "it does not go on: {}", worker.words());
    let counts = arrivals(&app);
    println!("disk full: {} reached, {} mails twice", counts.len(), repeated(&counts));
    assert_eq!(counts.len(), people.len(), "nobody was lost");
    assert!(repeated(&counts) <= IN_FLIGHT, "{} repeated", repeated(&counts));
}

#[actix_web::test]
async fn what_comes_in_while_the_disk_is_full_is_refused_for_now_and_taken_later() {
    if on_postgres() {
        return;
    }
    let app = TestApp::start().await;
    let port = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap().local_addr().unwrap().port();
    let listen = format!("127.0.0.1:{port}");
    let server = Process::limited(&app, &["serve", "--no-worker", "--listen", &listen], &[]);
    let base = format!("http://{listen}");
    let file = async || {
        let request = app.http.http.post(format!("{base}/api/v1/appeals")).bearer_auth(&app.team.investigator.token);
        let key = format!("disk-{}", chrono::Utc::now().timestamp_micros());
        let answer = request.header("idempotency-key", key).json(&missing_minor()).send().await;
        answer.map(|answer| answer.status().as_u16()).map_err(|cause| format!("{cause:?}"))
    };
    let begun = std::time::Instant::now();
    while file().await.is_err() {
        assert!(begun.elapsed() < MINUTE, "{}", server.words());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let filed = "SELECT COUNT(*) AS n FROM appeals";
    assert_eq!(file().await, Ok(201));
    server.room(Some(0));
    let before = count(&app, filed);
    assert_eq!(file().await, Ok(503));
    assert_eq!(count(&app, filed), before);
    server.room(None);
    assert_eq!(file().await, Ok(201), "without a restart");
    assert_eq!(count(&app, filed), before + 1);
}

#[actix_web::test]
async fn a_database_that_is_stopped_and_started_in_mid_dispatch_loses_nothing_and_doubles_nothing() {
    if !on_postgres() {
        // SQLite has no server.
        return;
    }
    let mut draw = draw("database restarts");
    let rounds = if is_long() { 20 } else { 2 };
    let cluster = std::sync::Arc::new(Cluster::own());
    let url = cluster.database();
    let platforms = Platforms::start().await;
    let app = TestApp::start_with(|config| {
        platforms.configure(config);
        config.database.url = url.as_str().into();
        config.worker.shard_recipients = 20;
    })
    .await;
    Platforms::import_places(&app);
    let people = app.subscribe_apart("21009", "fr", 60 + rounds * 60);
    for person in &people {
        app.catcher.script(person, Script::Slow(Duration::from_millis(30)));
    }
    let id = authorised(&app, &["email", "meta_ads", "google_ads"], 9_000).await;
    plan(&app, &id).await;
    app.work().await;
    let dispatch = dispatched(&app, &id).await;
    let decided = 4 + add_cases(&app, &id, &dispatch, rounds);
    let variables = platforms.variables();
    let mut variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    variables.push(("TOCSIN_ADS__SETTLE_SECONDS", "60"));
    let mut workers = [Process::worker(&app, &variables), Process::worker(&app, &variables)];
    for round in 0..rounds {
        let before = app.catcher.accepted();
        until(Duration::from_secs(20), || app.catcher.accepted() > before + draw.below(20)).await;
        let how = if round % 2 == 0 { "immediate" } else { "fast" };
        let (cluster, away) = (cluster.clone(), Duration::from_millis(draw.below(1500) as u64));
        // Beside the platforms and the relay, which go on meanwhile.
        tokio::task::spawn_blocking(move || cluster.restart(how, away)).await.unwrap();
    }
    let unfinished =
        || count(&app, "SELECT COUNT(*) AS n FROM deliveries WHERE state IN ('pending', 'leased', 'effect_unknown')");
    assert!(until(10 * MINUTE, || unfinished() == 0).await, "{} not finished: {:#?}", unfinished(), standing(&app));
    for worker in &mut workers {
        assert!(worker.ended().is_none(), "a worker gave up: {}", worker.words());
    }
    let counts = arrivals(&app);
    let (names, _) = platforms.campaigns();
    let running = effects(&app, &id).iter().filter(|one| one.course.phase == Phase::Running).count();
    println!(
        "{rounds} restarts: {} reached, {} mails twice, {} of {decided} campaigns run",
        counts.len(),
        repeated(&counts),
        running
    );
    assert_eq!(counts.len(), people.len(), "nobody was lost");
    assert!(repeated(&counts) <= 2 * IN_FLIGHT * rounds, "{} repeated", repeated(&counts));
    assert!(names.values().all(|times| *times == 1) && names.len() == decided, "{names:?}");
    assert_eq!(running, decided);
    never_over_the_ceiling(&app);
}

#[actix_web::test]
async fn a_process_stopped_in_the_middle_of_a_write_is_named_and_waited_for() {
    use diesel::connection::SimpleConnection;
    if on_postgres() {
        // There its session is ended after 20 s (tests/it/crash.rs).
        return;
    }
    let app = TestApp::start().await;
    app.subscribe("21009", "fr", 3);
    app.dispatched().await;
    // Another process as it would be stopped: in the middle of a transaction, with the writer's place.
    let path = app.url.strip_prefix("sqlite:").unwrap();
    let mut stopped = <diesel::SqliteConnection as diesel::Connection>::establish(path).unwrap();
    stopped.batch_execute("BEGIN IMMEDIATE").unwrap();
    let mut worker = Process::worker(&app, &[]);
    assert!(until(MINUTE, || worker.words().contains("database is locked")).await, "{}", worker.words());
    assert!(worker.ended().is_none() && app.catcher.accepted() == 0, "it waits");
    // Whoever only reads is not kept waiting.
    assert!(open_deliveries(&app) > 0);
    stopped.batch_execute("ROLLBACK").unwrap();
    assert!(until(MINUTE, || open_deliveries(&app) == 0).await, "{}", worker.words());
    assert_eq!(app.catcher.accepted(), 3);
}
