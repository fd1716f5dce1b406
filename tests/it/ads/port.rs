//! The three platforms as the engine of paid effects sees them: whichever request an answer gets lost on, its rules lead to
//! one campaign, whole and running, or to a word for a person.

use super::{Bench, order, start_of_day};
use crate::support::workers::{draw, is_long, was_told};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::TimeDelta;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tocsin::channels::Failure;
use tocsin::channels::ads::{AdPictures, AdPort, Declaration};
use tocsin::channels::paid::PaidPort;
use tocsin::domain::advert::AdContent;
use tocsin::domain::aim::AimPlatform;
use tocsin::domain::language::Language;
use tocsin::domain::paid::{Answer, Call, CampaignState, Course, Order, Turn};
use tocsin::simulators::{Fault, MetaAccount, Planned};

struct Shapes(Bytes, Bytes);

#[async_trait]
impl AdPictures for Shapes {
    async fn shapes(&self, _: &str) -> Result<(Bytes, Bytes), String> {
        Ok((self.0.clone(), self.1.clone()))
    }
}

pub fn port(bench: &Bench) -> AdPort {
    let client = bench.client.clone();
    let picture = order(client.platform(), "k").picture.unwrap();
    AdPort {
        name: "simulated:1".to_owned(),
        per_minute: 0,
        monthly_cap_cents: 0,
        settle: TimeDelta::seconds(90),
        declaration: Declaration { beneficiary: "Police fédérale belge".to_owned(), payer: "Police".to_owned() },
        pictures: Arc::new(Shapes(picture.landscape, picture.square)),
        maker: Box::new(move |_, _| Ok(client.clone())),
        records: None,
        ready: tokio::sync::Mutex::default(),
        moments: bench.moments(),
    }
}

/// What the engine would order: the key as it makes it, the content as it is signed.
pub fn ordered(platform: AimPlatform) -> Order {
    let one = order(platform, "tocsin-dlv_01J9Z8");
    let content = AdContent {
        text: one.text,
        placement: one.audience.placement,
        ages: one.audience.ages,
        link: one.link,
        picture: Some(("00".to_owned(), "Dessin d’une fille".to_owned())),
    };
    Order {
        key: one.key.to_string(),
        cap_cents: 4_500,
        ends_at: start_of_day() + TimeDelta::days(7),
        language: Language::Fr,
        content: json!({"title": "Lina", "cap_cents": 4_500, "ad": content.to_document()}),
    }
}

/// The engine's own rules, in virtual time; `steady` says whether the worker still holds its claim at a request.
async fn driven(
    bench: &Bench,
    port: &AdPort,
    order: &Order,
    may_still: &(dyn Fn() -> bool + Send + Sync),
) -> Result<(), String> {
    let mut course = Course::new();
    let mut heard: Option<(Call, Answer, chrono::DateTime<chrono::Utc>)> = None;
    for _ in 0..300 {
        let last = heard.take();
        let told = last.as_ref().map(|(call, answer, decided)| (call, answer, *decided));
        let decided = bench.now();
        let turn = course.turn(told, order, port.terms(), decided, 0);
        match turn {
            Turn::Call(call) => {
                let answered = match &call {
                    Call::Create => port.create(order, may_still).await.map(Answer::Made),
                    Call::Look => port.find(&order.key, None).await.map(Answer::Found),
                    Call::Activate(id) => port.activate(id).await.map(|()| Answer::Activated),
                };
                let answer = match answered {
                    Ok(answer) => answer,
                    Err(Failure::Retry { after, .. } | Failure::Down { after, .. }) => Answer::NotNow(after),
                    Err(Failure::Waits { after, .. }) => Answer::NotNow(Some(after)),
                    Err(Failure::Begun { .. } | Failure::Unknown { .. }) => Answer::Unclear,
                    Err(Failure::Refused { reason }) => Answer::No(reason),
                    Err(Failure::Undone { reason }) => Answer::Undone(reason),
                };
                heard = Some((call, answer, decided));
            }
            Turn::Wait(at) => bench.advance((at - bench.now()).max(TimeDelta::seconds(1))),
            Turn::Launched => return Ok(()),
            Turn::Hold(why) => return Err(format!("held: {why}")),
            Turn::Refused(why) => return Err(format!("refused: {why}")),
        }
    }
    Err("never done".to_owned())
}

/// Every request where there is time for it; else the first, when nothing is there yet, and some drawn by the seed.
fn positions(platform: AimPlatform, fault: Fault) -> Vec<u32> {
    let all = 24;
    if is_long() {
        return (0..all).collect();
    }
    let mut draw = draw(&format!("one campaign: {platform}, {fault:?}"));
    let some = (0..2).map(|_| u32::try_from(draw.below(24)).unwrap());
    let positions: std::collections::BTreeSet<u32> = std::iter::once(0).chain(some).collect();
    positions.into_iter().collect()
}

#[actix_web::test]
async fn the_engine_makes_one_campaign_whichever_request_goes_wrong() {
    if was_told() {
        return;
    }
    for platform in AimPlatform::ALL {
        for fault in
            [Fault::TooMany, Fault::ErrorAfter, Fault::ResetAfter, Fault::WrongJson, Fault::LostAndLate { seconds: 60 }]
        {
            for n in positions(*platform, fault) {
                let bench = Bench::of(*platform).await;
                bench.simulator.plan(Planned { fault, method: None, path: None, skip: n, times: 1 });
                let (port, order) = (port(&bench), ordered(*platform));
                let what = format!("{platform}, {fault:?} at request {n}");
                driven(&bench, &port, &order, &|| true)
                    .await
                    .unwrap_or_else(|why| panic!("{what}: {why}\n{}", bench.simulator.table()));
                assert_eq!(bench.simulator.count("created", "campaign"), 1, "{what}\n{}", bench.simulator.table());
                bench.simulator.heal();
                bench.advance(TimeDelta::minutes(2));
                let found = port.find(&order.key, None).await.unwrap();
                assert_eq!(found.len(), 1, "{what}");
                assert_eq!((found[0].state, found[0].cap_cents), (CampaignState::Running, 4_500), "{what}");
                assert!(found[0].ends_at <= order.ends_at, "{what}");
            }
        }
    }
}

#[actix_web::test]
async fn a_worker_that_lost_its_right_anywhere_leaves_something_the_next_one_goes_on_with() {
    if was_told() {
        return;
    }
    for platform in AimPlatform::ALL {
        for n in 0..7 {
            let bench = Bench::of(*platform).await;
            let (port, order) = (port(&bench), ordered(*platform));
            let asked = AtomicU32::new(0);
            let until = || asked.fetch_add(1, Ordering::Relaxed) != n;
            driven(&bench, &port, &order, &until).await.unwrap_or_else(|why| panic!("{platform} {n}: {why}"));
            assert_eq!(bench.simulator.count("created", "campaign"), 1, "{platform} {n}");
        }
    }
}

#[actix_web::test]
async fn what_is_stopped_spends_nothing_more_and_is_found_ended_with_what_it_spent() {
    if was_told() {
        return;
    }
    for platform in AimPlatform::ALL {
        let bench = Bench::of(*platform).await;
        let (port, order) = (port(&bench), ordered(*platform));
        driven(&bench, &port, &order, &|| true).await.unwrap();
        bench.advance(TimeDelta::days(1));
        let found = port.find(&order.key, None).await.unwrap();
        assert!(found[0].spent_cents > 0, "{platform}");
        port.stop(&found[0].id).await.unwrap();
        let before = bench.simulator.ledger()["campaigns"][0]["spent_micros"].clone();
        bench.advance(TimeDelta::days(1));
        assert_eq!(bench.simulator.ledger()["campaigns"][0]["spent_micros"], before, "{platform}");
        let ended = port.find(&order.key, Some(&found[0].id)).await.unwrap();
        assert_eq!((ended.len(), ended[0].state), (1, CampaignState::Ended), "{platform}");
        assert!(ended[0].spent_cents >= found[0].spent_cents, "{platform}");
        port.stop(&found[0].id).await.unwrap();
    }
}

#[actix_web::test]
async fn a_refused_advertisement_leaves_nothing_behind() {
    if was_told() {
        return;
    }
    let bench = Bench::of(AimPlatform::Meta).await;
    bench.simulator.plan(Planned::once(Fault::Refuse, "POST", "/adcreatives"));
    let (port, order) = (port(&bench), ordered(AimPlatform::Meta));
    let told = driven(&bench, &port, &order, &|| true).await.unwrap_err();
    assert!(told.starts_with("refused: refused: 100/0"), "{told}");
    assert_eq!(bench.simulator.ledger()["campaigns"][0]["status"], "DELETED");
}

/// A port whose account was checked, so that what goes wrong next befalls the making.
async fn ready(bench: &Bench) -> AdPort {
    let port = port(bench);
    assert!(port.find(&ordered(bench.client.platform()).key, None).await.unwrap().is_empty());
    port
}

/// The campaign runs, once, and whole.
async fn runs(bench: &Bench, port: &AdPort, order: &Order, what: &str) {
    bench.simulator.heal();
    bench.advance(TimeDelta::minutes(2));
    let found = port.find(&order.key, None).await.unwrap();
    let states: Vec<CampaignState> = found.iter().map(|campaign| campaign.state).collect();
    assert_eq!(states, [CampaignState::Running], "{what}\n{}", bench.simulator.table());
    assert_eq!(bench.simulator.count("created", "campaign"), 1, "{what}\n{}", bench.simulator.table());
}

fn making(platform: AimPlatform) -> &'static str {
    if platform == AimPlatform::Google { "mutate" } else { "/campaigns" }
}

#[actix_web::test]
async fn what_shows_late_is_waited_for_and_not_taken_away() {
    if was_told() {
        return;
    }
    let parts = [
        (AimPlatform::X, "/campaigns"),
        (AimPlatform::X, "/line_items"),
        (AimPlatform::X, "/targeting_criteria"),
        (AimPlatform::X, "/promoted_tweets"),
        (AimPlatform::Google, "mutate"),
        (AimPlatform::Meta, "/campaigns"),
        (AimPlatform::Meta, "/adsets"),
    ];
    for (platform, part) in parts {
        for is_repeated in [false, true] {
            let bench = Bench::of(platform).await;
            let (port, order) = (ready(&bench).await, ordered(platform));
            if is_repeated {
                bench.simulator.plan(Planned::once(Fault::LostAndLate { seconds: 60 }, "POST", making(platform)));
            }
            bench.simulator.plan(Planned::once(Fault::LateVisibility { seconds: 60 }, "POST", part));
            let what = format!("{platform}, {part}, repeated: {is_repeated}");
            driven(&bench, &port, &order, &|| true)
                .await
                .unwrap_or_else(|why| panic!("{what}: {why}\n{}", bench.simulator.table()));
            runs(&bench, &port, &order, &what).await;
        }
    }
}

#[actix_web::test]
async fn what_is_refused_after_a_lost_answer_is_refused_and_nobody_is_asked() {
    if was_told() {
        return;
    }
    // There is something of it, which we take away.
    let bench = Bench::of(AimPlatform::X).await;
    let port = ready(&bench).await;
    bench.simulator.plan(Planned::once(Fault::LostAndLate { seconds: 60 }, "POST", "/campaigns"));
    bench.simulator.plan(Planned::once(Fault::Refuse, "POST", "/targeting_criteria"));
    let told = driven(&bench, &port, &ordered(AimPlatform::X), &|| true).await.unwrap_err();
    assert!(told.starts_with("refused: refused: "), "{told}");
    assert_eq!(bench.simulator.ledger()["campaigns"][0]["status"], "DELETED");
    // There is nothing of it, as a look shows.
    for platform in AimPlatform::ALL {
        let bench = Bench::of(*platform).await;
        let port = ready(&bench).await;
        bench.simulator.plan(Planned::once(Fault::Outage, "POST", making(*platform)));
        bench.simulator.plan(Planned::once(Fault::Refuse, "POST", making(*platform)));
        let told = driven(&bench, &port, &ordered(*platform), &|| true).await.unwrap_err();
        assert!(told.starts_with("refused: refused: "), "{platform}: {told}");
        assert_eq!(bench.simulator.count("created", "campaign"), 0, "{platform}");
    }
}

#[actix_web::test]
async fn what_is_not_as_ordered_is_doubted_while_it_may_show_late_and_then_taken_away() {
    if was_told() {
        return;
    }
    let bench = Bench::of(AimPlatform::X).await;
    let (port, order) = (ready(&bench).await, ordered(AimPlatform::X));
    bench.simulator.plan(Planned::once(Fault::Outage, "POST", "/targeting_criteria"));
    let lost = port.create(&order, &|| true).await;
    assert!(matches!(lost, Err(Failure::Unknown { .. })), "{lost:?}");
    // What it left is not what the next one orders, which no waiting mends.
    let other = Order { cap_cents: 4_600, ..order.clone() };
    bench.advance(TimeDelta::minutes(2));
    let doubt = port.create(&other, &|| true).await;
    assert!(matches!(doubt, Err(Failure::Unknown { .. })), "{doubt:?}");
    assert!(port.find(&order.key, None).await.unwrap().is_empty(), "nothing that could be switched on");
    assert_eq!(bench.simulator.ledger()["campaigns"][0]["status"], "PAUSED");
    bench.advance(TimeDelta::minutes(2));
    // Whoever has lost the right takes nothing away.
    let late = port.create(&other, &|| false).await;
    assert!(matches!(late, Err(Failure::Retry { .. } | Failure::Begun { .. })), "{late:?}");
    assert_eq!(bench.simulator.ledger()["campaigns"][0]["status"], "PAUSED");
    let refusal = port.create(&other, &|| true).await;
    assert!(
        matches!(&refusal, Err(Failure::Undone { reason }) if reason.starts_with("refused: ") && reason.contains("total budget")),
        "{refusal:?}"
    );
    assert_eq!(bench.simulator.ledger()["campaigns"][0]["status"], "DELETED");
    assert_eq!(bench.simulator.count("created", "promoted post"), 0);
}

#[actix_web::test]
async fn what_could_not_be_taken_away_is_gone_on_with() {
    if was_told() {
        return;
    }
    let bench = Bench::of(AimPlatform::X).await;
    bench.simulator.plan(Planned::once(Fault::Refuse, "POST", "/targeting_criteria"));
    // As often as it is asked at once.
    bench.simulator.plan(Planned { times: 3, ..Planned::once(Fault::Outage, "DELETE", "/campaigns") });
    let (port, order) = (ready(&bench).await, ordered(AimPlatform::X));
    driven(&bench, &port, &order, &|| true).await.unwrap();
    runs(&bench, &port, &order, "deleted by half").await;
    assert_eq!(bench.simulator.count("created", "line item"), 2, "{}", bench.simulator.table());
}

#[actix_web::test]
async fn a_platform_that_refuses_several_circles_gets_one_in_each_ad_set() {
    if was_told() {
        return;
    }
    let bench = Bench::with(AimPlatform::Meta, MetaAccount { several_radii: false, ..MetaAccount::default() }).await;
    let (port, order) = (port(&bench), ordered(AimPlatform::Meta));
    driven(&bench, &port, &order, &|| true).await.unwrap();
    assert_eq!((bench.simulator.count("created", "campaign"), bench.simulator.count("created", "ad set")), (1, 3));
}

#[actix_web::test]
async fn a_campaign_of_single_circles_is_changed_circle_by_circle() {
    if was_told() {
        return;
    }
    let bench = Bench::with(AimPlatform::Meta, MetaAccount { several_radii: false, ..MetaAccount::default() }).await;
    let (port, order) = (port(&bench), ordered(AimPlatform::Meta));
    driven(&bench, &port, &order, &|| true).await.unwrap();
    let id = port.find(&order.key, None).await.unwrap()[0].id.clone();
    let less = Order { cap_cents: 3_999, ..order.clone() };
    port.change(&id, &less).await.unwrap();
    let found = port.find(&order.key, Some(&id)).await.unwrap();
    assert_eq!((found.len(), found[0].cap_cents), (1, 3_999), "every cent over three ad sets");
}

#[actix_web::test]
async fn a_lost_answer_to_a_change_is_safe_to_repeat() {
    if was_told() {
        return;
    }
    for platform in AimPlatform::ALL {
        for fault in [Fault::ResetAfter, Fault::ErrorAfter, Fault::WrongJson, Fault::TooMany, Fault::Outage] {
            for skip in 0..3 {
                let bench = Bench::of(*platform).await;
                let (port, order) = (port(&bench), ordered(*platform));
                driven(&bench, &port, &order, &|| true).await.unwrap();
                let id = port.find(&order.key, None).await.unwrap()[0].id.clone();
                let method = if *platform == AimPlatform::X { "PUT" } else { "POST" };
                bench.simulator.plan(Planned { skip, ..Planned::once(fault, method, "/") });
                let ends_at = order.ends_at - TimeDelta::days(2);
                let less = Order { cap_cents: 4_000, ends_at, ..order.clone() };
                let what = format!("{platform}, {fault:?}, {skip}");
                let mut tries = 0;
                while port.change(&id, &less).await.is_err() {
                    tries += 1;
                    assert!(tries < 3, "{what}");
                    bench.advance(TimeDelta::minutes(2));
                }
                bench.simulator.heal();
                let found = port.find(&order.key, Some(&id)).await.unwrap();
                let kept = (found[0].cap_cents, found[0].ends_at);
                assert_eq!(kept, (4_000, port.keeps(ends_at).await.unwrap()), "{what}");
                assert_eq!(bench.simulator.count("created", "campaign"), 1, "{what}");
            }
        }
    }
}
