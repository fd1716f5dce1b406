//! The engine under the dispatches: an account that fails or has a budget, effects nobody is sure of, what overtakes what,
//! takedowns read back from outside, waking.

use crate::support::workers::{Process, arrivals, count, open_deliveries, repeated, until};
use crate::support::{ANY, TestApp, on_postgres};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tocsin::catcher::{Script, SmtpCatcher};
use tocsin::domain::dispatch::MAX_UNCLEAR;
use tocsin::domain::ids::AppealId;
use tocsin::worker::Worker;

async fn work(app: &TestApp) {
    app.work().await;
}

/// Everybody gave their factor just now: minutes pass in these stories.
fn fresh_factors(app: &TestApp) {
    use diesel::connection::SimpleConnection;
    let later = app.app.db.read_now(|conn| app.app.clock.now(conn)).unwrap();
    let statement = format!("UPDATE sessions SET factor_at = '{0}', used_at = '{0}'", later.format("%F %T"));
    app.app.db.write_now(|conn| conn.batch_execute(&statement).map_err(tocsin::db::DbError::from)).unwrap();
}

async fn progress(app: &TestApp, dispatch: &str) -> Value {
    app.http.get(&app.team.dispatcher, &format!("/dispatches/{dispatch}")).await
}

#[actix_web::test]
async fn a_relay_that_is_away_is_left_alone_and_costs_nobody_a_try() {
    let address = TcpListener::bind(SocketAddr::from((ANY, 0))).unwrap().local_addr().unwrap();
    let app = TestApp::start_with(|config| config.email.port = address.port()).await;
    app.subscribe("21009", "fr", 20);
    let (_, dispatch) = app.dispatched().await;
    work(&app).await;
    let failures = "SELECT CAST(failures AS BIGINT) AS n FROM account_flows";
    assert_eq!(count(&app, failures), 8, "one batch was enough to notice");
    assert_eq!(count(&app, "SELECT CAST(SUM(attempts) AS BIGINT) AS n FROM recipients"), 0);
    let begun = Instant::now();
    for _ in 0..20 {
        work(&app).await;
    }
    // On a busy machine the first pauses pass meanwhile.
    let knocked = count(&app, failures);
    if begun.elapsed() < Duration::from_secs(2) {
        assert_eq!(knocked, 8, "nobody knocked meanwhile");
    }
    // Still away after the pause: one probe, not eight.
    app.app.clock.advance(TimeDelta::minutes(2));
    work(&app).await;
    assert_eq!(count(&app, failures), knocked + 1);
    let relay = SmtpCatcher::start(address).await.unwrap();
    app.app.clock.advance(TimeDelta::minutes(2));
    work(&app).await;
    assert_eq!(relay.accepted(), 20);
    assert_eq!(count(&app, failures), 0);
    assert_eq!(progress(&app, &dispatch).await["finished"], true);
}

#[actix_web::test]
async fn a_budget_holds_for_all_workers_together() {
    let app = TestApp::start_with(|config| {
        config.email.per_minute = 60;
        config.worker.shard_recipients = 5;
    })
    .await;
    app.subscribe_apart("21009", "fr", 30);
    app.dispatched().await;
    let begun = Instant::now();
    // Two workers, each until it finds nothing to do.
    for _ in 0..2 {
        work(&app).await;
    }
    let most = 6 + usize::try_from(begun.elapsed().as_secs()).unwrap() + 1;
    assert!((6..=most).contains(&app.catcher.accepted()), "{} of {most}", app.catcher.accepted());
    for _ in 0..10 {
        app.app.clock.advance(TimeDelta::seconds(7));
        work(&app).await;
    }
    assert_eq!((app.catcher.accepted(), open_deliveries(&app)), (30, 0));
}

#[actix_web::test]
async fn after_silence_time_after_time_a_person_decides() {
    let most = usize::try_from(MAX_UNCLEAR).unwrap();
    for decision in ["count_as_sent", "send_again"] {
        let app = TestApp::start().await;
        let people = app.subscribe("21009", "fr", 3);
        app.catcher.script(&people[0], Script::HangUpAfterData(u32::try_from(MAX_UNCLEAR).unwrap()));
        let (_, dispatch) = app.dispatched().await;
        for _ in 0..most + 3 {
            work(&app).await;
            app.app.clock.advance(TimeDelta::minutes(4));
        }
        assert_eq!(app.mails_to(&people[0]).len(), most, "not once more by itself");
        fresh_factors(&app);
        let view = progress(&app, &dispatch).await;
        assert_eq!((&view["held"], &view["finished"]), (&json!(1), &json!(false)), "{view:#}");
        let held = app.http.get(&app.team.dispatcher, &format!("/dispatches/{dispatch}/deliveries?state=held")).await;
        let row = &held["items"][0];
        assert_eq!((&row["undecided"], &row["sent"]), (&json!(1), &json!(2)), "{held:#}");
        let path = format!("/deliveries/{}/resolution", row["id"].as_str().unwrap());
        let body = json!({"decision": decision, "reason": "the relay's log was read"});
        let (status, _) = app.http.refused(&app.team.dispatcher, &path, None, &json!({"decision": decision})).await;
        assert_eq!(status, 422, "a reason is needed");
        app.http.post(&app.team.dispatcher, &path, &body).await;
        work(&app).await;
        let again = usize::from(decision == "send_again");
        assert_eq!(app.mails_to(&people[0]).len(), most + again);
        let ids: std::collections::BTreeSet<_> = arrivals(&app).into_keys().collect();
        assert_eq!(ids.len(), people.len(), "every try under the same Message-ID");
        let view = progress(&app, &dispatch).await;
        assert_eq!((&view["held"], &view["finished"]), (&json!(0), &json!(true)), "{view:#}");
        let mails: Vec<_> =
            view["progress"].as_array().unwrap().iter().filter(|row| row["channel"] == "email").collect();
        assert_eq!(mails[0]["sent"], 3);
        let (status, code) = app.http.refused(&app.team.dispatcher, &path, None, &body).await;
        assert_eq!((status, code[0].as_str()), (409, "not-held"));
        let acts = "SELECT COUNT(*) AS n FROM audit_entries WHERE action IN ('delivery.held', 'delivery.resolved')";
        assert_eq!(count(&app, acts), 2);
    }
}

#[actix_web::test]
async fn a_delivery_that_fails_by_itself_again_and_again_is_held_and_stops_nothing_else() {
    use diesel::connection::SimpleConnection;
    let app = TestApp::start().await;
    app.subscribe("21009", "fr", 2);
    app.subscribe("21009", "nl", 2);
    app.dispatched().await;
    let spoilt = "UPDATE contents SET content = '{}' WHERE channel = 'email' AND language = 'fr'";
    app.app.db.write_now(|conn| conn.batch_execute(spoilt).map_err(tocsin::db::DbError::from)).unwrap();
    let worker = Worker::new(app.app.clone()).unwrap();
    let held = "SELECT COUNT(*) AS n FROM deliveries WHERE state = 'held' AND channel = 'email' AND language = 'fr'";
    for round in 0..12 {
        assert_eq!(count(&app, held), i64::from(round >= 8), "round {round}");
        // Each error ends one run; the next thing due is done by the next.
        for _ in 0..3 {
            let _ = worker.run_until_idle().await;
        }
        app.app.clock.advance(TimeDelta::minutes(30));
    }
    assert_eq!((app.catcher.accepted(), open_deliveries(&app)), (2, 1), "the Dutch ones are out, one waits");
    let tries = "SELECT COUNT(*) AS n FROM attempts WHERE outcome = 'error'";
    assert_eq!(count(&app, tries), 8);
}

#[actix_web::test]
async fn corrections_overtake_a_mass_mail_in_the_middle() {
    let app = TestApp::start_with(|config| config.worker.shard_recipients = 200).await;
    let people = app.subscribe("21009", "fr", 80);
    let (first, _) = app.dispatched().await;
    work(&app).await;
    for person in &people {
        app.catcher.script(person, Script::Slow(Duration::from_millis(60)));
    }
    app.dispatched().await;
    let worker = Process::worker(&app, &[]);
    assert!(until(Duration::from_mins(1), || app.catcher.accepted() > 80 + 8).await);
    app.http
        .post(&app.team.dispatcher, &format!("/appeals/{first}/takedown"), &json!({"reason": "wrong picture"}))
        .await;
    assert!(until(Duration::from_mins(1), || open_deliveries(&app) == 0).await);
    drop(worker);
    let mails = app.catcher.mails();
    let is_correction =
        |mail: &tocsin::catcher::CaughtMail| String::from_utf8_lossy(&mail.raw).contains(".correction.");
    let last = mails.iter().rposition(is_correction).unwrap();
    let after = mails.len() - 1 - last;
    assert!(after >= 8, "only {after} mails of the appeal after the last correction");
    assert_eq!((mails.len(), repeated(&arrivals(&app))), (3 * 80, 0));
}

#[actix_web::test]
async fn numbers_are_told_by_province() {
    let app = TestApp::start_with(|config| config.worker.shard_recipients = 4).await;
    app.subscribe("21009", "fr", 6);
    app.subscribe("23099", "nl", 5);
    let (_, dispatch) = app.dispatched().await;
    work(&app).await;
    let view = progress(&app, &dispatch).await;
    let row = |province: &str, language: &str, people: i64| {
        let rows = view["provinces"].as_array().unwrap();
        let row = rows.iter().find(|row| row["province"] == province && row["language"] == language);
        assert_eq!(row.map(|row| row["sent"].as_i64().unwrap()), Some(people), "{view:#}");
    };
    row("REG:04000", "fr", 6);
    row("PROV:20001", "nl", 5);
    assert_eq!(view["provinces"].as_array().unwrap().len(), 2, "{view:#}");
    assert_eq!(view["estimated_end"], Value::Null, "it is over");
}

#[actix_web::test]
async fn a_stream_goes_on_where_it_was_left() {
    let app = TestApp::start().await;
    app.subscribe("21009", "fr", 2);
    let (_, dispatch) = app.dispatched().await;
    let url = format!("{}/api/v1/dispatches/{dispatch}/events", app.http.base);
    let stream = |last: Option<String>| {
        let request = app.http.http.get(&url).bearer_auth(&app.team.dispatcher.token);
        last.into_iter().fold(request, |request, last| request.header("last-event-id", last)).send()
    };
    let mut first = stream(None).await.unwrap();
    let mut text = String::new();
    while !text.contains("event: progress") {
        text += &String::from_utf8_lossy(&first.chunk().await.unwrap().unwrap());
    }
    assert!(text.starts_with("retry: "), "{text}");
    let id = crate::support::client::between(&text, "id: ", "\n").unwrap();
    drop(first);
    let mut second = stream(Some(id.clone())).await.unwrap();
    let mut text = String::new();
    let silence = tokio::time::timeout(Duration::from_secs(1), async {
        while !text.contains("event:") {
            text += &String::from_utf8_lossy(&second.chunk().await.unwrap().unwrap());
        }
    });
    assert!(silence.await.is_err(), "nothing happened, yet it told: {text}");
    work(&app).await;
    let rest = second.text().await.unwrap();
    assert!(rest.contains("event: finished") && !rest.contains(&format!("id: {id}\n")), "{rest}");
}

/// A stand-in for a cache before our pages: answers everything with the status it is told, 0: hangs up.
fn front(status: Arc<AtomicU16>) -> String {
    let listener = TcpListener::bind(SocketAddr::from((ANY, 0))).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let status = status.load(Ordering::SeqCst);
            let _ = client.read(&mut [0; 4096]);
            if status > 0 {
                let _ = write!(client, "HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            }
        }
    });
    base
}

#[actix_web::test]
async fn a_page_still_shown_is_named_until_it_is_gone() {
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    work(&app).await;
    let status = Arc::new(AtomicU16::new(200));
    let mut cached = app.app.clone();
    cached.public_url = front(status.clone()).into();
    let worker = Worker::new(cached).unwrap();
    app.http.post(&app.team.dispatcher, &format!("/appeals/{id}/takedown"), &json!({"reason": "wrong"})).await;
    let report = async || {
        let report = app.http.get(&app.team.dispatcher, &format!("/appeals/{id}/report")).await;
        report["takedowns"].as_array().unwrap().iter().find(|row| row["channel"] == "page").unwrap().clone()
    };
    for (answer, name) in [(500, "unexpected-answer"), (0, "unreachable"), (200, "still-shown")] {
        status.store(answer, Ordering::SeqCst);
        app.app.clock.advance(TimeDelta::seconds(70));
        worker.run_until_idle().await.unwrap();
        let row = report().await;
        assert!(row["failure"].as_str().unwrap().starts_with(name), "{row:#}");
        assert_eq!((&row["state"], &row["done_at"], &row["late"]), (&json!("open"), &Value::Null, &json!(true)));
    }
    status.store(410, Ordering::SeqCst);
    app.app.clock.advance(TimeDelta::seconds(70));
    worker.run_until_idle().await.unwrap();
    let row = report().await;
    assert_eq!((&row["state"], &row["failure"], &row["looks"]), (&json!("proven"), &json!(""), &json!(4)));
    assert!(row["proof"].as_str().unwrap().ends_with("answered 410"), "{row:#}");
}

#[actix_web::test]
async fn a_takedown_nobody_can_prove_is_tried_for_days_and_given_up_by_name() {
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    work(&app).await;
    let mut away = app.app.clone();
    away.public_url = front(Arc::new(AtomicU16::new(0))).into();
    app.http.post(&app.team.dispatcher, &format!("/appeals/{id}/takedown"), &json!({"reason": "wrong"})).await;
    let id = AppealId::parse(&id).unwrap();
    let mut states = Vec::new();
    for _ in 0..9 {
        // A worker a day, each forgotten with what it knew.
        Worker::new(away.clone()).unwrap().run_until_idle().await.unwrap();
        app.app.clock.advance(TimeDelta::days(1));
        let rows = app.app.db.read_now(|conn| tocsin::db::takedowns::takedowns_of(conn, &id)).unwrap();
        assert!(rows.iter().all(|row| row.failure.starts_with("unreachable")), "{rows:?}");
        states.push(rows.iter().map(|row| row.state.code()).collect::<std::collections::BTreeSet<_>>());
    }
    assert!(states[..7].iter().all(|states| states.iter().eq(&["open"])), "{states:?}");
    assert!(states[7..].iter().all(|states| states.iter().eq(&["failed"])), "{states:?}");
}

#[actix_web::test]
async fn a_new_dispatch_wakes_a_worker_that_polls_once_an_hour() {
    if !on_postgres() {
        // SQLite cannot call: there workers poll.
        return;
    }
    let app = TestApp::start().await;
    let people = app.subscribe("21009", "fr", 5);
    let _worker = Process::worker(&app, &[("TOCSIN_WORKER__POLL_MILLIS", "3600000")]);
    tokio::time::sleep(Duration::from_secs(6)).await;
    app.dispatched().await;
    assert!(until(Duration::from_secs(10), || app.catcher.accepted() == people.len()).await, "it slept on");
}
