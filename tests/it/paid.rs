//! Paid channels: one campaign at most, never over the ceiling, taken back with proof, compared again and again.

use crate::access::{code, sign_in};
use crate::support::market::{Fault, Market};
use crate::support::platforms::add_cases;
use crate::support::workers::{count, draw, is_long, open_deliveries};
use crate::support::{TestApp, decision, missing_minor};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::sync::Arc;
use tocsin::channels::Failure;
use tocsin::domain::actor::{Actor, Means};
use tocsin::domain::dispatch::{DeliveryState, Resolution};
use tocsin::domain::ids::{AppealId, DeliveryId, DispatchId, SessionId};
use tocsin::domain::paid::{CampaignState, Phase};
use tocsin::domain::scope::ChannelKind;
use tocsin::worker::Worker;

const BUDGET: i64 = 50_001;

async fn installation(market: &Market) -> TestApp {
    let port = Arc::new(market.clone());
    TestApp::start_on(|_| {}, |app| app.ports.add(ChannelKind::MetaAds, port)).await
}

fn advance(app: &TestApp, market: &Market, by: TimeDelta) {
    app.app.clock.advance(by);
    market.advance(by);
}

/// An appeal with a page and advertisements in two languages, validated; its id and the plan's digest.
async fn validated(app: &TestApp) -> (String, String) {
    let mut appeal = missing_minor();
    (appeal["channels"], appeal["budget_cents"]) = (json!(["page", "meta_ads"]), json!(BUDGET));
    let id = app.filed_as(&appeal).await;
    let mut decision = decision(&app.appeal(&id).await);
    decision["scope"]["channels"] = json!(["page", "meta_ads"]);
    decision["scope"]["paid_ads_cents"] = json!(BUDGET);
    let authorisation = app.recorded(&id, &decision).await;
    app.verified(&authorisation).await;
    let digest = app.plan_digest(&id).await;
    app.http.decide(&app.team.investigator, &format!("/appeals/{id}/submission"), &digest, &json!({})).await;
    app.say_yes(&id, &digest).await;
    (id, digest)
}

async fn dispatched(app: &TestApp) -> (String, String) {
    let (id, digest) = validated(app).await;
    let path = format!("/appeals/{id}/dispatches");
    let dispatch = app.http.decide(&app.team.dispatcher, &path, &digest, &json!({})).await;
    (id, dispatch["id"].as_str().unwrap().to_owned())
}

/// Signs in for it: hours pass in these stories, and sessions end meanwhile.
async fn report(app: &TestApp, id: &str) -> Value {
    let code = json!({"code": code(app, &app.team.dispatcher)});
    let who = sign_in(app, &app.team.dispatcher, code).await.unwrap();
    app.http.get(&who, &format!("/appeals/{id}/report")).await
}

/// Works until nothing is left to do but to wait, moving time on in small steps, at most for `limit`.
async fn settle(app: &TestApp, market: &Market, limit: TimeDelta) {
    let worker = Worker::new(app.app.clone()).unwrap();
    let mut passed = TimeDelta::zero();
    loop {
        worker.run_until_idle().await.unwrap();
        if passed >= limit
            || count(app, "SELECT COUNT(*) AS n FROM deliveries WHERE state IN ('pending', 'leased', 'effect_unknown')")
                == 0
        {
            return;
        }
        let step = TimeDelta::seconds(10);
        advance(app, market, step);
        passed += step;
    }
}

/// What holds at every instant of the ledger, entry by entry.
fn never_over_the_ceiling(app: &TestApp, ceiling: i64) {
    let worst = "SELECT CAST(COALESCE(MAX(s), 0) AS BIGINT) AS n FROM (SELECT SUM(CASE kind WHEN 'reserve' THEN cents WHEN 'release' THEN -cents ELSE 0 END) OVER (ORDER BY at, id) AS s FROM ledger) AS sums";
    assert!(count(app, worst) <= ceiling);
    let sums = "SELECT CAST(COALESCE(SUM(reserved_cents + committed_cents), 0) AS BIGINT) AS n FROM budgets";
    assert!(count(app, sums) <= ceiling);
}

#[actix_web::test]
async fn a_campaign_is_made_once_within_its_share_and_its_end_and_booked_as_it_spends() {
    let market = Market::new(draw("paid"));
    let app = installation(&market).await;
    let (id, _) = dispatched(&app).await;
    assert_eq!(report(&app, &id).await["money"]["reserved_cents"], BUDGET, "set aside with the decision");
    app.work().await;
    let made = market.campaigns();
    let caps: std::collections::BTreeSet<i64> = made.iter().map(|(_, c)| c.cap_cents).collect();
    assert!(made.len() == 2 && caps.into_iter().eq([25_000, 25_001]), "shares add up: {made:?}");
    let valid_until = chrono::Utc::now() + TimeDelta::days(7);
    for (key, campaign) in &made {
        assert!(key.starts_with("tocsin-dlv_") && campaign.state == CampaignState::Running, "{campaign:?}");
        assert!(campaign.ends_at <= valid_until, "not after the decision's end");
    }
    assert_eq!((market.calls("create"), open_deliveries(&app)), (2, 0));
    market.change(|campaign| campaign.spent_cents = 700);
    advance(&app, &market, TimeDelta::minutes(16));
    app.work().await;
    let money = &report(&app, &id).await["money"];
    assert_eq!((&money["committed_cents"], &money["reserved_cents"]), (&json!(1400), &json!(BUDGET - 1400)));
    assert_eq!(money["campaigns"][0]["drift"], "", "{money:#}");
    never_over_the_ceiling(&app, BUDGET);

    // Taken down: switched off, read back, proven; what was not spent is given back when no late click can come.
    market.next("stop", &[Fault::ResetBefore]);
    app.http.post(&app.team.dispatcher, &format!("/appeals/{id}/takedown"), &json!({"reason": "wrong picture"})).await;
    for _ in 0..20 {
        app.work().await;
        advance(&app, &market, TimeDelta::seconds(10));
    }
    assert!(market.campaigns().iter().all(|(_, campaign)| campaign.state == CampaignState::Ended));
    let view = report(&app, &id).await;
    let rows: Vec<&Value> =
        view["takedowns"].as_array().unwrap().iter().filter(|r| r["channel"] == "meta_ads").collect();
    assert_eq!(rows.len(), 2, "{view:#}");
    for row in rows {
        assert_eq!(row["state"], "proven", "{row:#}");
        assert!(row["proof"].as_str().unwrap().contains("700 cents spent"), "{row:#}");
    }
    assert_eq!(view["money"]["reserved_cents"], BUDGET - 1400);
    advance(&app, &market, TimeDelta::hours(49));
    app.work().await;
    let money = app.app.db.read_now(|conn| tocsin::db::ledger::budget(conn, &AppealId::parse(&id).unwrap())).unwrap();
    let money = money.unwrap();
    assert_eq!((money.reserved_cents, money.committed_cents), (0, 1400));
}

#[actix_web::test]
async fn the_database_itself_refuses_money_over_the_ceiling_and_a_changed_ledger() {
    use diesel::connection::SimpleConnection;
    let market = Market::new(draw("ceiling"));
    let app = installation(&market).await;
    dispatched(&app).await;
    let refused = [
        "INSERT INTO ledger (id, delivery_id, kind, cents, at) SELECT 'led_x', delivery_id, 'reserve', 1, updated_at FROM paid_effects",
        "INSERT INTO ledger (id, delivery_id, kind, cents, at) SELECT 'led_x' || delivery_id, delivery_id, 'commit', cap_cents + 1, updated_at FROM paid_effects",
        "INSERT INTO ledger (id, delivery_id, kind, cents, at) SELECT 'led_x' || delivery_id, delivery_id, 'release', cap_cents + 1, updated_at FROM paid_effects",
        "INSERT INTO ledger (id, delivery_id, kind, cents, at) SELECT 'led_x' || delivery_id, delivery_id, 'commit', -1, updated_at FROM paid_effects",
        "UPDATE ledger SET cents = 1",
        "DELETE FROM ledger",
        "UPDATE budgets SET ceiling_cents = 50000",
        "UPDATE paid_effects SET ends_at = '2099-01-01 00:00:00'",
    ];
    for statement in refused {
        let done = app.app.db.write_now(|conn| conn.batch_execute(statement).map_err(tocsin::db::DbError::from));
        assert!(done.is_err(), "{statement}");
    }
    never_over_the_ceiling(&app, BUDGET);
}

#[actix_web::test]
async fn what_is_not_as_ordered_is_told_once_and_never_switched_on() {
    let market = Market::new(draw("drift"));
    let app = installation(&market).await;
    let (id, _) = dispatched(&app).await;
    app.work().await;
    let told = "SELECT COUNT(*) AS n FROM audit_entries WHERE action = 'money.drift'";
    for (n, change) in [
        (2, (|c| c.spent_cents = c.cap_cents + 300) as fn(&mut tocsin::domain::paid::Campaign)),
        (4, |c| c.cap_cents += 1),
        (6, |c| c.ends_at += TimeDelta::days(1)),
    ] {
        market.change(change);
        for _ in 0..3 {
            advance(&app, &market, TimeDelta::minutes(16));
            app.work().await;
        }
        assert_eq!(count(&app, told), n, "each once");
    }
    // Everybody's session has ended by now.
    let money = app.app.db.read_now(|conn| tocsin::db::ledger::budget(conn, &AppealId::parse(&id).unwrap())).unwrap();
    assert_eq!(money.map(|money| (money.committed_cents, money.reserved_cents)), Some((BUDGET, 0)));
    assert!(crate::support::platforms::effects(&app, &id).iter().all(|effect| effect.drift.contains("it spent")));
    never_over_the_ceiling(&app, BUDGET);
}

#[actix_web::test]
async fn a_takedown_in_the_middle_of_an_unclear_create_finds_the_campaign_and_stops_it() {
    let market = Market::new(draw("takedown of an unclear create"));
    market.trouble(0, 60);
    market.next("create", &[Fault::ResetAfter, Fault::ResetBefore]);
    let app = installation(&market).await;
    let (id, _) = dispatched(&app).await;
    app.work().await;
    let states = "SELECT COUNT(*) AS n FROM deliveries WHERE state = 'effect_unknown'";
    assert!(count(&app, states) >= 1);
    app.http.post(&app.team.dispatcher, &format!("/appeals/{id}/takedown"), &json!({"reason": "wrong picture"})).await;
    for _ in 0..30 {
        app.work().await;
        advance(&app, &market, TimeDelta::seconds(10));
    }
    let made = market.campaigns();
    assert_eq!(made.len(), 1, "nothing is created after a takedown");
    assert_eq!(made[0].1.state, CampaignState::Ended);
    let view = report(&app, &id).await;
    let rows: Vec<&Value> =
        view["takedowns"].as_array().unwrap().iter().filter(|r| r["channel"] == "meta_ads").collect();
    assert!(rows.len() == 2 && rows.iter().all(|row| row["state"] == "proven"), "{rows:#?}");
    assert!(rows.iter().any(|row| row["proof"].as_str().unwrap().starts_with("never made")), "{rows:#?}");
}

#[actix_web::test]
async fn what_nobody_can_say_waits_for_a_person_and_is_looked_for_before_it_is_made_again() {
    let market = Market::new(draw("held"));
    let app = installation(&market).await;
    let (_, dispatch) = dispatched(&app).await;
    market.trouble(100, 0);
    market.next("create", &[Fault::ErrorAfter, Fault::ErrorAfter]);
    settle(&app, &market, TimeDelta::hours(12)).await;
    let dispatch = DispatchId::parse(&dispatch).unwrap();
    let (state, listed) = (Some(DeliveryState::Held), tocsin::db::held::listed);
    let held = app.app.db.read_now(|conn| listed(conn, &dispatch, state, "", 10)).unwrap();
    assert_eq!(held.len(), 2, "both wait");
    market.trouble(0, 0);
    let made = market.campaigns().len();
    // Every session ended meanwhile: the word of a person without one.
    let (word, reason) = (Resolution::SendAgain, "the platform is back");
    for row in held {
        let id = DeliveryId::parse(&row.id).unwrap();
        let said = app.app.db.write_now(|conn| {
            let actor = dispatcher(conn, &app)?;
            tocsin::app::resolve_delivery::resolve(conn, &app.app, &actor, &id, word, reason)
        });
        assert_eq!(said.unwrap(), DeliveryState::Pending);
    }
    settle(&app, &market, TimeDelta::minutes(10)).await;
    assert_eq!((market.campaigns().len(), made), (2, 2), "adopted, not made again");
    assert!(market.campaigns().iter().all(|(_, campaign)| campaign.state == CampaignState::Running));
}

#[actix_web::test]
async fn a_refusal_frees_its_money_and_a_time_asked_for_is_kept() {
    let market = Market::new(draw("refusal"));
    let app = installation(&market).await;
    market.next("create", &[Fault::Refuse, Fault::TooMany(97)]);
    let (id, _) = dispatched(&app).await;
    app.work().await;
    advance(&app, &market, TimeDelta::seconds(90));
    app.work().await;
    assert_eq!(market.calls("create"), 2, "not before its time");
    advance(&app, &market, TimeDelta::seconds(8));
    app.work().await;
    assert_eq!((market.calls("create"), market.campaigns().len()), (3, 1));
    let money = &report(&app, &id).await["money"];
    assert!([25_000, 25_001].contains(&money["reserved_cents"].as_i64().unwrap()), "{money:#}");
}

#[actix_web::test]
async fn nothing_is_claimed_for_an_account_that_wants_a_rest() {
    let market = Market::new(draw("rest"));
    let app = installation(&market).await;
    market.next("create", &[Fault::TooMany(97)]);
    dispatched(&app).await;
    app.work().await;
    advance(&app, &market, TimeDelta::seconds(90));
    app.work().await;
    let claims = "SELECT CAST(SUM(fence) AS BIGINT) AS n FROM deliveries WHERE channel LIKE '%_ads'";
    assert_eq!((market.calls("create"), count(&app, claims)), (1, 1), "the other one waits where it is");
    advance(&app, &market, TimeDelta::seconds(8));
    app.work().await;
    assert_eq!((market.calls("create"), market.campaigns().len()), (3, 2));
}

/// The dispatcher, as if they had just given a factor.
pub fn dispatcher(conn: &mut tocsin::db::Conn, app: &TestApp) -> Result<Actor, tocsin::app::AppError> {
    let user = tocsin::db::access::user_by_login(conn, "dispatcher")?;
    let now = app.app.clock.now(conn)?;
    Ok(Actor {
        user: user.id,
        person: user.person,
        unit: user.unit,
        roles: user.roles,
        fields: std::collections::BTreeSet::new(),
        means: Means::Session { id: SessionId::from_parts(now, [1; 10]), factor_at: now },
    })
}

/// Many campaigns under one appeal, each a case of its own: answers lost in every way, lists that lag up to a minute.
#[actix_web::test]
async fn lost_answers_make_no_second_campaign_and_nearly_never_a_question() {
    let cases = if is_long() { 1000 } else { 30 };
    let market = Market::new(draw("lost answers"));
    let app = installation(&market).await;
    let (id, dispatch) = dispatched(&app).await;
    app.work().await;
    let before = market.campaigns().len();
    // Two parts in the plan.
    add_cases(&app, &id, &dispatch, cases / 2);
    market.trouble(30, 60);
    settle(&app, &market, TimeDelta::hours(3)).await;
    let mut per_key = std::collections::BTreeMap::new();
    for (key, _) in market.campaigns() {
        *per_key.entry(key).or_insert(0_usize) += 1;
    }
    let doubled = per_key.values().filter(|count| **count > 1).count();
    let held = count(&app, "SELECT COUNT(*) AS n FROM deliveries WHERE state = 'held'");
    println!("{cases} cases: {} campaigns, {doubled} keys twice, {held} held", market.campaigns().len() - before);
    for effect in crate::support::platforms::effects(&app, &id).iter().filter(|one| one.course.phase != Phase::Running)
    {
        println!("not running: {:?} {}", effect.course, effect.trouble);
    }
    assert_eq!(doubled, 0, "two campaigns under one key");
    // One in a hundred, which only the full size can show: of thirty, three say that something is broken altogether.
    let most = if is_long() { cases / 100 } else { 3 };
    assert!(held <= i64::try_from(most).unwrap(), "{held} of {cases} needed a person");
    let running = market.campaigns().iter().filter(|(_, c)| c.state == CampaignState::Running).count();
    // One that waits for a person may run all the same: nobody could say.
    let (decided, held) = (cases + before, usize::try_from(held).unwrap());
    assert!(running <= decided && running + held >= decided, "{running} of {decided} run, {held} wait for a person");
}

/// Answers to changes get lost too; in the end each campaign is as the last word has it.
#[actix_web::test]
async fn lost_answers_to_changes_end_as_ordered() {
    let market = Market::new(draw("lost answers to changes"));
    let app = installation(&market).await;
    let id = dispatched(&app).await.0;
    app.work().await;
    market.trouble(30, 0);
    for cents in [40_000, 30_001, 20_000] {
        let (version, path) = (app.appeal(&id).await["version"].as_i64().unwrap(), format!("/appeals/{id}/budget"));
        app.http.put(&app.team.investigator, &path, version, &json!({"budget_cents": cents})).await;
        app.work().await;
        advance(&app, &market, TimeDelta::seconds(20));
    }
    market.trouble(0, 0);
    for _ in 0..12 {
        app.work().await;
        advance(&app, &market, TimeDelta::minutes(2));
    }
    let caps: i64 = market.campaigns().iter().map(|(_, campaign)| campaign.cap_cents).sum();
    assert_eq!((market.campaigns().len(), caps), (2, 20_000));
    let sums = "SELECT CAST(reserved_cents + committed_cents + ceiling_cents AS BIGINT) AS n FROM budgets";
    assert_eq!(count(&app, sums), 40_000, "the rest was given back");
    never_over_the_ceiling(&app, BUDGET);
}

#[test]
fn a_failure_is_sorted_by_what_is_certain() {
    use tocsin::app::advertise::Heard;
    use tocsin::domain::paid::{Answer, Call};
    let of = |failure| Heard::of(Call::Create, Err(failure), chrono::Utc::now()).answer;
    assert_eq!(of(Failure::Unknown { reason: String::new() }), Answer::Unclear);
    assert_eq!(of(Failure::Down { after: None, reason: String::new() }), Answer::NotNow(None));
}
