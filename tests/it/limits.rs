//! Limits that hold whichever appeal it is for: what an advertising account may cost in a month, and what a relay that nobody
//! knows yet is given in a day.

use crate::support::TestApp;
use crate::support::platforms::{Platforms, authorised, blockers, dispatched, plan};
use crate::support::workers::{count, open_deliveries};
use chrono::TimeDelta;
use serde_json::json;
use tocsin::db::DbError;

const CAP: i64 = 5_000;

async fn capped() -> (Platforms, TestApp) {
    let platforms = Platforms::start().await;
    let app = TestApp::start_with(|config| {
        platforms.configure(config);
        config.meta_ads.limits.monthly_cap_cents = CAP;
    })
    .await;
    (platforms, app)
}

#[actix_web::test]
async fn an_account_spends_no_more_in_a_month_than_its_cap_whatever_the_appeals_allow() {
    use diesel::connection::SimpleConnection;
    let (_platforms, app) = capped().await;
    let first = authorised(&app, &["meta_ads"], 3_000).await;
    let seen = plan(&app, &first).await;
    assert_eq!(seen["blockers"], json!([]), "{seen:#}");
    let account = &seen["paid"][0]["account"];
    assert_eq!((&account["monthly_cap_cents"], &account["left_cents"]), (&json!(CAP), &json!(CAP)), "{account:#}");
    assert_eq!(account["calls_per_minute"], 60);
    assert!(seen["paid"][0]["said"].to_string().contains("50.00"), "said before anything is submitted: {seen:#}");
    // A second one, planned while there was room for it.
    let second = authorised(&app, &["meta_ads"], 3_000).await;
    let digest = app.plan_digest(&second).await;
    app.http.decide(&app.team.investigator, &format!("/appeals/{second}/submission"), &digest, &json!({})).await;
    app.say_yes(&second, &digest).await;
    dispatched(&app, &first).await;
    let left = plan(&app, &second).await;
    assert_eq!(blockers(&left), ["CH-08-account-cap"], "{left:#}");
    let words = left["blockers"][0]["detail"].as_str().unwrap();
    assert!(words.contains("20.00") && words.contains("30.00"), "{words}");
    let path = format!("/appeals/{second}/dispatches");
    let (status, codes) = app.http.refused(&app.team.dispatcher, &path, Some(&digest), &json!({})).await;
    assert!(status == 422 || status == 409, "{status} {codes:?}");
    assert!(codes.iter().any(|code| code == "CH-08-account-cap"), "{codes:?}");
    // The database itself refuses what is over it, whatever a program thinks.
    for statement in [
        "UPDATE account_caps SET ceiling_cents = 2999",
        "UPDATE account_caps SET reserved_cents = reserved_cents + 2001",
    ] {
        let done = app.app.db.write_now(|conn| conn.batch_execute(statement).map_err(DbError::from));
        assert!(done.is_err(), "{statement}");
    }
    let sums = "SELECT CAST(SUM(reserved_cents + committed_cents) AS BIGINT) AS n FROM account_caps";
    assert_eq!(count(&app, sums), 3_000);
    // What is given back is free for others.
    app.http.post(&app.team.dispatcher, &format!("/appeals/{first}/takedown"), &json!({"reason": "found"})).await;
    app.work().await;
    assert_eq!(count(&app, sums), 0, "nothing was made, so nothing can be spent");
    assert_eq!(plan(&app, &second).await["blockers"], json!([]));
}

#[actix_web::test]
async fn two_decisions_at_once_do_not_both_get_what_is_left_of_an_account() {
    let (_platforms, app) = capped().await;
    let mut ready = Vec::new();
    for _ in 0..2 {
        let id = authorised(&app, &["meta_ads"], 3_000).await;
        plan(&app, &id).await;
        let digest = app.plan_digest(&id).await;
        app.http.decide(&app.team.investigator, &format!("/appeals/{id}/submission"), &digest, &json!({})).await;
        app.say_yes(&id, &digest).await;
        ready.push((format!("/appeals/{id}/dispatches"), digest));
    }
    let body = json!({});
    let send = |(path, digest): &(String, String)| {
        let request = app.http.http.post(format!("{}/api/v1{path}", app.http.base));
        let request = request.bearer_auth(&app.team.dispatcher.token).header("if-match", format!("\"{digest}\""));
        request.header("idempotency-key", path.clone()).json(&body).send()
    };
    let (one, other) = futures_util::future::join(send(&ready[0]), send(&ready[1])).await;
    let mut statuses = [one.unwrap().status().as_u16(), other.unwrap().status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    assert!(statuses[1] >= 400, "{statuses:?}");
    let sums = "SELECT CAST(SUM(reserved_cents) AS BIGINT) AS n FROM account_caps";
    assert_eq!(count(&app, sums), 3_000);
}

async fn warming(child_alerts_overtake: bool) -> TestApp {
    TestApp::start_with(|config| {
        config.email.warm_up.first_day = 20;
        config.email.warm_up.full = 60;
        config.email.warm_up.child_alerts_overtake = child_alerts_overtake;
        config.worker.shard_recipients = 30;
    })
    .await
}

/// Moves time to shortly after the next midnight UTC.
fn next_day(app: &TestApp) {
    let now = app.app.db.read_now(|conn| app.app.clock.now(conn)).unwrap();
    let midnight = tocsin::domain::warm_up::next_day(now);
    app.app.clock.advance(midnight - now + TimeDelta::seconds(1));
}

#[actix_web::test]
async fn a_relay_nobody_knows_is_given_more_from_day_to_day() {
    let app = warming(true).await;
    app.subscribe_apart("21009", "fr", 130);
    app.dispatched().await;
    let mut by_day = Vec::new();
    for _ in 0..4 {
        // Two workers on one database: the number is for both.
        for _ in 0..2 {
            app.work().await;
        }
        by_day.push(app.catcher.accepted());
        next_day(&app);
    }
    // 20, twice as many, and from 60 on everything.
    assert_eq!(by_day, [20, 60, 130, 130]);
    assert_eq!(open_deliveries(&app), 0);
    let rows = "SELECT CAST(SUM(mails) AS BIGINT) AS n FROM relay_days";
    assert_eq!(count(&app, rows), 60, "a known relay is counted no more");
}

#[actix_web::test]
async fn corrections_and_child_alerts_wait_for_no_day() {
    use diesel::connection::SimpleConnection;
    for (overtake, reached) in [(true, 40), (false, 20)] {
        let app = warming(overtake).await;
        app.subscribe_apart("21009", "fr", 40);
        app.dispatched().await;
        // As urgent as a child alert.
        let alert = "UPDATE deliveries SET priority = 10";
        app.app.db.write_now(|conn| conn.batch_execute(alert).map_err(DbError::from)).unwrap();
        app.work().await;
        assert_eq!(app.catcher.accepted(), reached);
    }
    let app = warming(true).await;
    app.subscribe_apart("21009", "fr", 40);
    let (id, _) = app.dispatched().await;
    app.work().await;
    assert_eq!(app.catcher.accepted(), 20);
    app.http.post(&app.team.dispatcher, &format!("/appeals/{id}/takedown"), &json!({"reason": "wrong"})).await;
    app.work().await;
    assert_eq!(app.catcher.accepted(), 40, "whoever got it is told today that it was wrong");
    assert_eq!(open_deliveries(&app), 0);
}
