//! Campaigns that are out under a later word: longer once the chain said yes, shorter and cheaper at once, dearer only within
//! what is authorised; on the three platforms, with lost answers and refusals.

use crate::support::platforms::{PAID, Platforms, authorised, dispatched, effects, plan};
use crate::support::workers::count;
use crate::support::{TestApp, decision};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tocsin::db::ledger::{self, Budget};
use tocsin::db::paid_changes;
use tocsin::domain::ids::AppealId;
use tocsin::domain::paid::{Campaign, Change, ChangeState};
use tocsin::domain::scope::ChannelKind;
use tocsin::simulators::{Fault, Planned};

const BUDGET: i64 = 9_000;

/// Six campaigns that run, on three platforms in two languages.
async fn running() -> (Platforms, TestApp, String) {
    let platforms = Platforms::start().await;
    let app = platforms.installation().await;
    let id = authorised(&app, &PAID, BUDGET).await;
    plan(&app, &id).await;
    dispatched(&app, &id).await;
    platforms.settle(&app, TimeDelta::minutes(5)).await;
    assert_eq!(platforms.campaigns().1, 6);
    (platforms, app, id)
}

/// What the magistrate decides next: the same words, for so many days, and so much for advertisements.
async fn next_decision(app: &TestApp, id: &str, days: i64, cents: i64) -> (String, Value, DateTime<Utc>) {
    let records = app.http.get(&app.team.investigator, &format!("/appeals/{id}/authorisations")).await;
    let first = records["items"].as_array().unwrap().last().unwrap()["id"].clone();
    let mut next = decision(&app.appeal(id).await);
    let until = Utc::now() + TimeDelta::days(days);
    next["previous_id"] = first;
    next["valid_until"] = json!(until);
    next["scope"]["channels"] = json!(["page", "meta_ads", "google_ads", "x_ads"]);
    next["scope"]["paid_ads_cents"] = json!(cents);
    let authorisation = app.recorded(id, &next).await;
    let path = format!("/authorisations/{authorisation}/verification");
    let answer = app.http.post(&app.team.verifier, &path, &json!({"called_back_on": "+32 2 508 00 00"})).await;
    (authorisation, answer["live"].clone(), until)
}

/// What the platforms themselves show of an appeal's campaigns.
async fn shown(app: &TestApp, id: &str) -> Vec<(ChannelKind, Campaign)> {
    let mut all = Vec::new();
    for effect in effects(app, id) {
        let port = app.app.ports.port(effect.channel).unwrap();
        let found = port.find(&effect.key, effect.course.external_id.as_deref()).await.unwrap();
        assert_eq!(found.len(), 1, "{effect:?}");
        all.push((effect.channel, found[0].clone()));
    }
    all
}

fn changes(app: &TestApp, id: &str) -> Vec<Change> {
    let latest = |effect: &tocsin::db::paid_effects::Effect| {
        app.app.db.read_now(|conn| paid_changes::latest(conn, &effect.delivery)).unwrap()
    };
    effects(app, id).iter().filter_map(latest).collect()
}

fn budget(app: &TestApp, id: &str) -> Budget {
    let id = AppealId::parse(id).unwrap();
    app.app.db.read_now(|conn| ledger::budget(conn, &id)).unwrap().unwrap()
}

/// What is set aside or spent.
fn bound(app: &TestApp, id: &str) -> i64 {
    let money = budget(app, id);
    money.reserved_cents + money.committed_cents
}

/// The ledger entry by entry: never more set aside and spent than `most`.
fn never_over(app: &TestApp, most: i64) {
    let worst = "SELECT CAST(COALESCE(MAX(s), 0) AS BIGINT) AS n FROM (SELECT SUM(CASE kind WHEN 'reserve' THEN cents WHEN 'release' THEN -cents ELSE 0 END) OVER (ORDER BY at, id) AS s FROM ledger) AS sums";
    assert!(count(app, worst) <= most, "{} over {most}", count(app, worst));
}

/// Works on in small steps, so that what is tried again has its time.
async fn work_on(platforms: &Platforms, app: &TestApp, steps: usize) {
    for _ in 0..steps {
        app.work().await;
        platforms.advance(app, TimeDelta::seconds(15));
    }
    app.work().await;
}

async fn set_budget(app: &TestApp, id: &str, cents: i64) -> Value {
    let version = app.appeal(id).await["version"].as_i64().unwrap();
    let path = format!("/appeals/{id}/budget");
    app.http.put(&app.team.investigator, &path, version, &json!({"budget_cents": cents})).await
}

async fn ends_as_kept(app: &TestApp, id: &str, until: DateTime<Utc>) {
    for (channel, campaign) in shown(app, id).await {
        let port = app.app.ports.port(channel).unwrap();
        assert!(campaign.ends_at <= until, "never after the authorisation: {channel} {campaign:?}");
        assert_eq!(campaign.ends_at, port.keeps(until).await.unwrap(), "{channel}");
    }
}

/// What each platform is told a change with.
fn telling(fault: Fault, times: u32) -> [Planned; 3] {
    [("POST", "/v26.0/"), ("POST", "mutate"), ("PUT", "/line_items")]
        .map(|(method, path)| Planned { times, ..Planned::once(fault, method, path) })
}

#[actix_web::test]
async fn a_longer_decision_moves_every_end_once_the_chain_said_yes_even_when_answers_get_lost() {
    let (platforms, app, id) = running().await;
    let before = shown(&app, &id).await;
    let (_, effect, until) = next_decision(&app, &id, 20, BUDGET).await;
    assert_eq!(effect["effect"], "waits");
    work_on(&platforms, &app, 2).await;
    let limits =
        |all: &[(ChannelKind, Campaign)]| all.iter().map(|(_, one)| (one.cap_cents, one.ends_at)).collect::<Vec<_>>();
    assert_eq!(limits(&shown(&app, &id).await), limits(&before), "nobody signed for longer yet");
    let digest = effect["plan_digest"].as_str().unwrap();
    platforms.plan(telling(Fault::ResetAfter, 1));
    app.say_yes(&id, digest).await;
    work_on(&platforms, &app, 12).await;
    ends_as_kept(&app, &id, until).await;
    for (campaign, (_, was)) in shown(&app, &id).await.iter().zip(&before) {
        assert!(campaign.1.ends_at > was.ends_at && campaign.1.cap_cents == was.cap_cents, "{campaign:?}");
    }
    let made = changes(&app, &id);
    assert_eq!(made.len(), 6);
    assert!(made.iter().all(|change| change.state == ChangeState::Made && change.because == digest), "{made:#?}");
    let lost = made.iter().filter(|change| change.detail.starts_with("no-answer")).count();
    assert_eq!(lost, 3, "one answer was lost on each platform, and what it did was seen: {made:#?}");
    let report = app.http.get(&app.team.dispatcher, &format!("/appeals/{id}/report")).await;
    let rows = report["money"]["campaigns"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["change"]["state"] == "made" && row["drift"] == ""), "{:#}", report["money"]);
    assert_eq!(platforms.campaigns().0.values().max(), Some(&1), "nothing was made anew");
}

#[actix_web::test]
async fn a_shorter_decision_ends_every_campaign_sooner_at_once() {
    let (platforms, app, id) = running().await;
    let (_, effect, until) = next_decision(&app, &id, 3, BUDGET).await;
    assert_eq!(effect["effect"], "covered", "{effect}");
    assert!(effects(&app, &id).iter().all(|effect| effect.ends_at <= until), "ordered in the same transaction");
    app.work().await;
    ends_as_kept(&app, &id, until).await;
    platforms.plan(telling(Fault::Outage, 2));
    let (_, _, until) = next_decision(&app, &id, 2, BUDGET).await;
    work_on(&platforms, &app, 12).await;
    ends_as_kept(&app, &id, until).await;
    assert_eq!(platforms.campaigns().1, 6, "all of them go on until then");
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM audit_entries WHERE action = 'money.drift'"), 0);
}

#[actix_web::test]
async fn less_money_is_told_at_once_and_given_back_when_it_was_seen() {
    let (platforms, app, id) = running().await;
    platforms.plan(telling(Fault::ErrorAfter, 1));
    assert_eq!(set_budget(&app, &id, 6_001).await, json!({"effect": "lowered", "budget_cents": 6_001}));
    let money = budget(&app, &id);
    assert_eq!((money.authorised_cents, money.ceiling_cents, bound(&app, &id)), (6_001, BUDGET, BUDGET));
    work_on(&platforms, &app, 12).await;
    let caps: i64 = shown(&app, &id).await.iter().map(|(_, campaign)| campaign.cap_cents).sum();
    assert_eq!((caps, budget(&app, &id).ceiling_cents), (6_001, 6_001), "{:#?}", changes(&app, &id));
    assert_eq!(bound(&app, &id), 6_001);
    assert!(changes(&app, &id).iter().all(|change| change.state == ChangeState::Made));
    never_over(&app, BUDGET);
}

#[actix_web::test]
async fn more_money_needs_the_magistrate_and_the_chain_and_is_set_aside_before_it_is_asked_for() {
    let (platforms, app, id) = running().await;
    let wish = set_budget(&app, &id, 12_000).await;
    assert_eq!(wish, json!({"effect": "waits", "plan_digest": null}), "the decision does not allow it");
    next_decision(&app, &id, 7, 12_000).await;
    let waits = plan(&app, &id).await["extension"].clone();
    assert_eq!((&waits["blockers"], &waits["plan"]["budget_cents"]), (&json!([]), &json!(12_000)), "{waits:#}");
    work_on(&platforms, &app, 1).await;
    assert_eq!(bound(&app, &id), BUDGET, "a wish sets nothing aside");
    app.say_yes(&id, waits["digest"].as_str().unwrap()).await;
    work_on(&platforms, &app, 6).await;
    let caps: Vec<i64> = shown(&app, &id).await.iter().map(|(_, campaign)| campaign.cap_cents).collect();
    assert_eq!(caps, [2_000; 6], "{:#?}", changes(&app, &id));
    assert_eq!((budget(&app, &id).ceiling_cents, bound(&app, &id)), (12_000, 12_000));
    never_over(&app, 12_000);
    assert_eq!(app.appeal(&id).await["budget_cents"], 12_000);
}

#[actix_web::test]
async fn a_refused_raise_leaves_campaigns_as_they_were_and_says_why() {
    let (platforms, app, id) = running().await;
    set_budget(&app, &id, 12_000).await;
    next_decision(&app, &id, 7, 12_000).await;
    let digest = plan(&app, &id).await["extension"]["digest"].as_str().unwrap().to_owned();
    let refusing = |method: &str, path: &str| Planned { times: 100, ..Planned::once(Fault::Refuse, method, path) };
    platforms.plan([refusing("POST", "/v26.0/"), refusing("POST", "mutate"), refusing("PUT", "/campaigns")]);
    app.say_yes(&id, &digest).await;
    work_on(&platforms, &app, 3).await;
    platforms.heal();
    let settled = changes(&app, &id);
    assert!(settled.len() == 6 && settled.iter().all(|change| change.state == ChangeState::Refused), "{settled:#?}");
    let caps: i64 = shown(&app, &id).await.iter().map(|(_, campaign)| campaign.cap_cents).sum();
    assert_eq!((caps, bound(&app, &id)), (BUDGET, BUDGET), "what was set aside for more is free");
    assert_eq!(platforms.campaigns().1, 6, "they go on");
    let mut said = std::collections::BTreeSet::new();
    for language in ["fr", "nl", "de", "en"] {
        let asked = app.http.http.get(format!("{}/api/v1/appeals/{id}/report", app.http.base));
        let asked = asked.bearer_auth(&app.team.dispatcher.token).header("accept-language", language);
        let report: Value = asked.send().await.unwrap().json().await.unwrap();
        for row in report["paid"].as_array().unwrap() {
            assert_eq!(row["trouble"]["code"], "change-refused", "{row:#}");
            said.insert(row["trouble"]["said"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(said.len(), 4, "{said:?}");
}

#[actix_web::test]
async fn a_platform_that_refuses_to_cost_less_has_its_campaigns_taken_down() {
    let (platforms, app, id) = running().await;
    platforms.meta.plan(Planned { times: 2, ..Planned::once(Fault::Refuse, "POST", "/v26.0/") });
    let (_, effect, _) = next_decision(&app, &id, 7, 3_000).await;
    assert_eq!(effect, json!({"effect": "lowered", "budget_cents": 3_000}), "the magistrate allows less");
    work_on(&platforms, &app, 12).await;
    let money = budget(&app, &id);
    assert_eq!(money.authorised_cents, 3_000);
    let shown = shown(&app, &id).await;
    let on: Vec<&(ChannelKind, Campaign)> =
        shown.iter().filter(|(_, one)| !one.state.code().starts_with("ended")).collect();
    assert_eq!(on.len(), 4, "Meta's two are gone: {shown:#?}");
    assert!(on.iter().all(|(channel, _)| *channel != ChannelKind::MetaAds));
    assert!(on.iter().map(|(_, one)| one.cap_cents).sum::<i64>() <= 3_000, "{on:#?}");
    assert_eq!(app.appeal(&id).await["stage"], "live", "the page stays");
    let proven = "SELECT COUNT(*) AS n FROM takedowns WHERE channel = 'meta_ads' AND state = 'proven'";
    assert_eq!(count(&app, proven), 2);
}

#[actix_web::test]
async fn a_change_nobody_can_see_waits_for_a_person_and_is_asked_for_again() {
    let (platforms, app, id) = running().await;
    let (_, effect, until) = next_decision(&app, &id, 20, BUDGET).await;
    platforms.x.plan(Planned { times: 1_000, ..Planned::once(Fault::Outage, "PUT", "/line_items") });
    app.say_yes(&id, effect["plan_digest"].as_str().unwrap()).await;
    for _ in 0..60 {
        app.work().await;
        platforms.advance(&app, TimeDelta::minutes(10));
    }
    let held: Vec<Change> = changes(&app, &id).into_iter().filter(|change| change.state == ChangeState::Held).collect();
    assert_eq!(held.len(), 2, "{:#?}", changes(&app, &id));
    assert!(effects(&app, &id).iter().filter(|effect| effect.trouble == "change-unclear").count() == 2);
    platforms.x.heal();
    // Every session ended meanwhile: the word of a person without one.
    for change in &held {
        let word = tocsin::domain::dispatch::Resolution::SendAgain;
        let said = app.app.db.write_now(|conn| {
            let actor = crate::paid::dispatcher(conn, &app)?;
            tocsin::app::resolve_delivery::resolve(conn, &app.app, &actor, &change.delivery, word, "X is back")
        });
        said.unwrap();
    }
    work_on(&platforms, &app, 3).await;
    ends_as_kept(&app, &id, until).await;
}
