//! The full life of a campaign on each platform, request by request, against committed files; and its figures.

use crate::support::workers::was_told;
use std::fmt::Write as _;

use super::port::port;
use super::record::{compare, readable};
use super::{Bench, order, start_of_day};
use chrono::TimeDelta;
use tocsin::channels::ads::{Made, Next, Review, Running, carry_on};
use tocsin::channels::paid::PaidPort;
use tocsin::domain::advert::Cents;
use tocsin::domain::aim::AimPlatform;
use tocsin::domain::paid::Order;
use tocsin::simulators::{Fault, Planned};

/// What was sent since the last look, under a heading.
struct Record<'a> {
    bench: &'a Bench,
    seen: usize,
    text: String,
}

impl Record<'_> {
    fn note(&mut self, what: &str) {
        let all = self.bench.simulator.recorded();
        writeln!(self.text, "# {what}\n").unwrap();
        for one in &all[self.seen..] {
            self.text.push_str(&readable(one));
            self.text.push('\n');
        }
        self.seen = all.len();
    }
}

async fn whole_life(platform: AimPlatform, creating: &str) {
    let bench = Bench::of(platform).await;
    let client = bench.client.clone();
    let mut record = Record { bench: &bench, seen: 0, text: String::new() };

    let set_up = client.set_up().await.unwrap();
    assert_eq!((set_up.currency.as_str(), set_up.time_zone.as_str()), ("EUR", "Europe/Brussels"));
    assert_eq!(set_up.languages.len(), 3);
    record.note("set-up check");
    let one = order(platform, "wab-01j9z8-1-fr");
    client.estimate(&one).await.unwrap();
    record.note("estimate");
    client.rehearse(&one).await.unwrap();
    record.note("rehearsal");
    assert_eq!(bench.simulator.count("created", "campaign"), 0, "nothing is made by asking");

    let mut made = Made::default();
    for step in client.steps(&one) {
        let id = client.take(&one, &made, &step).await.unwrap();
        made.add(step.clone(), id);
        record.note(&format!("make: {step}"));
    }
    assert_eq!(client.verify(&one, &made).await.unwrap(), Vec::<String>::new());
    record.note("verify");
    client.switch(&made, true).await.unwrap();
    record.note("activate");
    assert_eq!(client.standing(&made).await.unwrap().review, Review::Waiting);
    bench.advance(TimeDelta::minutes(1));
    let stands = client.standing(&made).await.unwrap();
    assert_eq!((stands.running, &stands.review, stands.hindrances.len()), (Running::On, &Review::Approved, 0));
    record.note("standing, before and after the review");

    bench.advance(TimeDelta::hours(23));
    let figures = client.figures(&made, start_of_day(), bench.now()).await.unwrap();
    assert!(figures.spent_micros > 5_000_000 && figures.spent_micros < 7_000_000, "{figures:?}");
    assert!(figures.reach > Some(0) && figures.clicks > 0 && figures.impressions > figures.clicks);
    record.note("figures");
    // As the service sends them: read, less before more, read back.
    let (port, id) = (port(&bench), made.id("campaign").unwrap().to_owned());
    let ordered = |cap_cents, days| Order {
        cap_cents,
        ends_at: start_of_day() + TimeDelta::days(days),
        ..super::port::ordered(platform)
    };
    for (what, order) in [
        ("change: a smaller ceiling and an earlier end", ordered(4_000, 3)),
        ("change again: what is there already is not sent", ordered(4_000, 3)),
        ("change: more money and a later end", ordered(5_000, 5)),
        ("change: less money and a later end", ordered(4_200, 6)),
    ] {
        port.change(&id, &order).await.unwrap();
        let seen = client.rebuilt(&id).await.unwrap().unwrap();
        assert_eq!(
            (seen.cap, seen.ends_at),
            (Cents(order.cap_cents), port.keeps(order.ends_at).await.unwrap()),
            "{what}"
        );
        record.note(what);
    }
    client.switch(&made, false).await.unwrap();
    assert_eq!(client.standing(&made).await.unwrap().running, Running::Off);
    record.note("pause, and read back");
    let before = bench.simulator.ledger()["campaigns"][0]["spent_micros"].clone();
    bench.advance(TimeDelta::hours(5));
    assert_eq!(bench.simulator.ledger()["campaigns"][0]["spent_micros"], before, "paused costs nothing");

    let other = order(platform, "wab-01j9z8-2-fr");
    let other = match platform {
        // X refuses the same words twice.
        AimPlatform::X => tocsin::channels::ads::AdOrder {
            text: tocsin::domain::advert::AdText::X {
                text: "Lina a été vue à Bruxelles. https://tocsin.example.be/fr/a/lina".to_owned(),
            },
            ..other
        },
        _ => other,
    };
    bench.simulator.plan(Planned::once(Fault::ResetAfter, "POST", creating));
    let mut second = Made::default();
    let (step, failed) = carry_on(&client, &other, &mut second, None, |_, _| {}).await.unwrap_err();
    assert_eq!((step.as_str(), failed.next), ("campaign", Next::LookUp), "{failed}");
    bench.advance(TimeDelta::minutes(1));
    carry_on(&client, &other, &mut second, Some(step), |_, _| {}).await.unwrap();
    assert_eq!(bench.simulator.count("created", "campaign"), 2, "the one whose answer was lost was adopted");
    record.note("look-up after a lost answer");
    client.remove(&second).await.unwrap();
    client.remove(&made).await.unwrap();
    assert_eq!(client.standing(&made).await.unwrap().running, Running::Gone);
    record.note("delete");
    client.remove(&made).await.unwrap();
    compare(&format!("{platform}.txt"), &record.text);
}

#[actix_web::test]
async fn the_life_of_a_campaign_on_meta_is_as_committed() {
    if was_told() {
        return;
    }
    whole_life(AimPlatform::Meta, "/campaigns").await;
}

#[actix_web::test]
async fn the_life_of_a_campaign_on_google_is_as_committed() {
    if was_told() {
        return;
    }
    whole_life(AimPlatform::Google, "googleAds:mutate").await;
}

#[actix_web::test]
async fn the_life_of_a_campaign_on_x_is_as_committed() {
    if was_told() {
        return;
    }
    whole_life(AimPlatform::X, "/campaigns").await;
}
