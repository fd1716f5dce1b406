//! Mail in bad weather: a third of the domains put everybody off, some know nobody, some hang up in the text, some are
//! tarpits. Whoever can be reached is, whoever cannot is asked once, and nobody waits for a slow server of others.

use crate::support::workers::{count, draw, is_long, open_deliveries};
use crate::support::{ANY, TestApp};
use chrono::TimeDelta;
use std::net::SocketAddr;
use std::time::Duration;
use tocsin::app::subscribe::{self, ImportLine};
use tocsin::catcher::{Options, Script, SmtpCatcher, Storm, Weather};
use tocsin::domain::{area::SUBSCRIBER_RESOLUTION, place::PlaceCode};

#[actix_web::test]
async fn in_a_storm_everybody_who_can_be_reached_is_and_nobody_twice() {
    let (people, domains) = if is_long() { (100_000, 200) } else { (800, 100) };
    let tarpit_wait = Duration::from_millis(1200);
    let of_seed = |seed| Storm { seed, later: 30, never: 5, reset: 5, tarpit: 5, tarpit_wait };
    let all = [Weather::Fair, Weather::Later, Weather::Never, Weather::Reset, Weather::Tarpit];
    let has_all = |storm: &Storm| {
        all.iter().all(|weather| (0..domains).any(|n| storm.over(&format!("p@d{n}.example")) == *weather))
    };
    let storm = (draw("storm").0..).take(1000).map(of_seed).find(has_all).unwrap();
    let options = Options { storm: Some(storm), kept: 200_000, ..Options::default() };
    let relay = SmtpCatcher::start_with(SocketAddr::from((ANY, 0)), options).await.unwrap();
    let app = TestApp::start_with(|config| {
        config.email.port = relay.address.port();
        config.email.in_flight = 1000;
        config.email.connections = 32;
    })
    .await;
    let now = app.app.db.read_now(|conn| app.app.clock.now(conn)).unwrap();
    // Few people behind each tarpit: a mail through one takes more than a second.
    let emails: Vec<String> = (0..people)
        .map(|n| format!("p{n}@d{}.example", n % domains))
        .filter(|email| storm.over(email) != Weather::Tarpit || email.len() % 8 == 0)
        .collect();
    let lines: Vec<_> = emails
        .iter()
        .map(|email| {
            let line = ImportLine { email, language: "fr", cell: "", place: "NIS:21009" };
            subscribe::parse_line(&app.app, &line, "storm", now).unwrap()
        })
        .collect();
    app.app.db.write_now(|conn| subscribe::import(conn, &app.app, &lines)).unwrap();
    app.dispatched().await;
    // Domains rest in real time, up to five minutes, whatever the time of the deliveries is.
    let (rounds, pause, step) = if is_long() { (3600, Duration::from_secs(1), 5) } else { (60, Duration::ZERO, 300) };
    for _ in 0..rounds {
        app.work().await;
        if count(&app, "SELECT COUNT(*) AS n FROM recipients WHERE state IN ('pending', 'unknown')") == 0 {
            break;
        }
        app.app.clock.advance(TimeDelta::seconds(step));
        tokio::time::sleep(pause).await;
    }
    let of = |weather: Weather| emails.iter().filter(move |email| storm.over(email) == weather);
    let lost = of(Weather::Never).count();
    let (sent, failed) = (
        "SELECT COUNT(*) AS n FROM recipients WHERE state = 'sent'",
        "SELECT COUNT(*) AS n FROM recipients WHERE state = 'failed'",
    );
    assert_eq!(count(&app, sent), i64::try_from(emails.len() - lost).unwrap());
    assert_eq!(count(&app, failed), i64::try_from(lost).unwrap());
    assert_eq!(relay.accepted(), emails.len() - lost, "each once");
    for email in of(Weather::Never) {
        assert_eq!(relay.tries_of(email), 1, "{email}: a refusal for good is never tried again");
    }
    for email in of(Weather::Later) {
        assert!(relay.tries_of(email) >= 3, "{email}: put off twice");
    }
    assert_eq!(open_deliveries(&app), 0);
}

#[actix_web::test]
async fn a_slow_server_holds_up_nobody_elses_mail() {
    let app = TestApp::start_with(|config| {
        config.email.in_flight = 512;
        config.email.connections = 8;
        // Slow, and not taken for dead.
        config.email.timeout_seconds = 30;
        config.worker.shard_recipients = 40;
    })
    .await;
    let now = app.app.db.read_now(|conn| app.app.clock.now(conn)).unwrap();
    let cells = app.app.gazetteer.cells_of(&PlaceCode::parse("NIS:21009").unwrap()).unwrap();
    let cells: Vec<_> = cells.cells_at(SUBSCRIBER_RESOLUTION).collect();
    // One in forty behind the slow server, in each of several deliveries.
    let emails: Vec<String> = (0..160)
        .map(|n| if n % 40 == 7 { format!("p{n}@slow.example") } else { format!("p{n}@d{}.example", n % 20) })
        .collect();
    let lines: Vec<_> = emails
        .iter()
        .enumerate()
        .map(|(n, email)| {
            let cell = cells[n % cells.len()].to_string();
            let line = ImportLine { email, language: "fr", cell: &cell, place: "" };
            subscribe::parse_line(&app.app, &line, "slow", now).unwrap()
        })
        .collect();
    app.app.db.write_now(|conn| subscribe::import(conn, &app.app, &lines)).unwrap();
    for email in emails.iter().filter(|email| email.ends_with("slow.example")) {
        app.catcher.script(email, Script::SlowAtRecipient(Duration::from_secs(6)));
    }
    app.dispatched().await;
    let shards = count(&app, "SELECT COUNT(*) AS n FROM deliveries WHERE channel = 'email'");
    assert!(shards > 2, "{shards}");
    for _ in 0..10 {
        app.work().await;
        if open_deliveries(&app) == 0 {
            break;
        }
        app.app.clock.advance(TimeDelta::minutes(1));
    }
    let order: Vec<bool> =
        app.catcher.mails().iter().map(|mail| mail.to.iter().any(|to| to.ends_with("slow.example"))).collect();
    assert_eq!((order.len(), order.iter().filter(|is_slow| **is_slow).count()), (160, 4), "everybody once");
    let last_quick = order.iter().rposition(|is_slow| !is_slow).unwrap();
    let before = order[..last_quick].iter().filter(|is_slow| **is_slow).count();
    assert!(before < 2, "{before} slow ones came before the last of the others");
}
