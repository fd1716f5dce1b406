//! Answers get lost, platforms have outages, limits and opinions: one campaign at most, complete or not running, and a word
//! on what to do.

use super::{Bench, order};
use crate::support::workers::was_told;
use chrono::TimeDelta;
use tocsin::channels::ads::{Failed, Made, Next, Review, Step, Trouble, carry_on};
use tocsin::domain::advert::Cents;
use tocsin::domain::aim::AimPlatform;
use tocsin::simulators::{Fault, MetaAccount, Planned};

/// How long a platform may take to show what it made.
const SETTLE: TimeDelta = TimeDelta::seconds(60);

/// What the engine does with failures: wait as asked, look twice before making again, stop for a person.
async fn carried(bench: &Bench, order: &tocsin::channels::ads::AdOrder) -> Result<Made, Failed> {
    let (client, mut made, mut doubt) = (bench.client.clone(), Made::default(), None::<Step>);
    for _ in 0..60 {
        let (step, failed) = match carry_on(&client, order, &mut made, doubt.take(), |_, _| {}).await {
            Ok(()) => return Ok(made),
            Err(stopped) => stopped,
        };
        match failed.next {
            Next::Retry { after } => {
                bench.advance(TimeDelta::from_std(after.unwrap_or_default()).unwrap().max(TimeDelta::seconds(5)));
                // A look-up that could not be made leaves the doubt.
                doubt = Some(step);
            }
            Next::LookUp => {
                bench.advance(SETTLE);
                if let Ok(Some(id)) = client.look(order, &made, &step).await {
                    made.add(step, id);
                } else {
                    bench.advance(SETTLE);
                    doubt = Some(step);
                }
            }
            Next::Person | Next::Permanent => return Err(failed),
        }
    }
    panic!("never done");
}

fn creating(platform: AimPlatform) -> &'static str {
    if platform == AimPlatform::Google { "mutate" } else { "/campaigns" }
}

async fn complete(bench: &Bench, order: &tocsin::channels::ads::AdOrder, made: &Made, what: &str) {
    let client = &bench.client;
    bench.simulator.heal();
    bench.advance(SETTLE);
    assert_eq!(client.verify(order, made).await.unwrap(), Vec::<String>::new(), "{what}");
    assert_eq!(bench.simulator.count("created", "campaign"), 1, "{what}\n{}", bench.simulator.table());
    for object in ["ad set", "ad", "line item", "promoted post", "adGroupAd"] {
        let expected = match (client.platform(), object) {
            (AimPlatform::Meta, "ad set" | "ad") => 2,
            (AimPlatform::X, "line item" | "promoted post") | (AimPlatform::Google, "adGroupAd") => 1,
            _ => 0,
        };
        assert_eq!(bench.simulator.count("created", object), expected, "{what}: {object}\n{}", bench.simulator.table());
    }
}

#[actix_web::test]
async fn whatever_passes_leaves_one_campaign_whichever_request_it_befalls() {
    if was_told() {
        return;
    }
    for platform in AimPlatform::ALL {
        let steps = Bench::of(*platform).await.client.steps(&order(*platform, "wab-1-1-fr")).len();
        let passing = [
            Fault::TooMany,
            Fault::Outage,
            Fault::ErrorAfter,
            Fault::ResetBefore,
            Fault::ResetAfter,
            Fault::WrongJson,
            Fault::ErrorInside200,
            Fault::LateVisibility { seconds: 30 },
            Fault::LostAndLate { seconds: 90 },
        ];
        for fault in passing {
            for n in 0..u32::try_from(steps).unwrap() {
                let bench = Bench::of(*platform).await;
                let path = if *platform == AimPlatform::Google { "mutate" } else { "/" };
                bench.simulator.plan(Planned { skip: n, ..Planned::once(fault, "POST", path) });
                let order = order(*platform, "wab-1-1-fr");
                let what = format!("{platform}, {fault:?} at request {n}");
                let made = carried(&bench, &order).await.unwrap_or_else(|failed| panic!("{what}: {failed}"));
                complete(&bench, &order, &made, &what).await;
            }
        }
    }
}

#[actix_web::test]
async fn a_third_of_all_requests_going_wrong_changes_nothing_but_the_time_it_takes() {
    if was_told() {
        return;
    }
    for platform in AimPlatform::ALL {
        for seed in 0..20 {
            let bench = Bench::of(*platform).await;
            bench.simulator.by_chance(seed, 33);
            let order = order(*platform, "wab-1-1-fr");
            let what = format!("{platform}, seed {seed}");
            let made = carried(&bench, &order).await.unwrap_or_else(|failed| panic!("{what}: {failed}"));
            complete(&bench, &order, &made, &what).await;
        }
    }
}

#[actix_web::test]
async fn what_a_person_has_to_settle_is_named_and_makes_nothing() {
    if was_told() {
        return;
    }
    for platform in AimPlatform::ALL {
        for (fault, next, trouble) in [
            (Fault::TokenExpired, Next::Person, Trouble::Token),
            (Fault::AccountSuspended, Next::Person, Trouble::Suspended),
            (Fault::Refuse, Next::Permanent, Trouble::Refused),
        ] {
            let bench = Bench::of(*platform).await;
            bench.simulator.plan(Planned::once(fault, "POST", creating(*platform)));
            let failed = carried(&bench, &order(*platform, "wab-1-1-fr")).await.unwrap_err();
            assert_eq!((failed.next, failed.trouble), (next, trouble), "{platform} {fault:?}: {failed}");
            assert_eq!(bench.simulator.count("created", "campaign"), 0, "{platform} {fault:?}");
        }
    }
}

#[actix_web::test]
async fn a_budget_below_the_least_is_told_with_the_least_where_the_platform_says_it() {
    if was_told() {
        return;
    }
    for platform in AimPlatform::ALL {
        let bench = Bench::of(*platform).await;
        let poor = tocsin::channels::ads::AdOrder { ceiling: Cents(50), ..order(*platform, "wab-1-1-fr") };
        let failed = carried(&bench, &poor).await.unwrap_err();
        assert_eq!((failed.next, failed.trouble), (Next::Permanent, Trouble::BudgetTooLow), "{platform}: {failed}");
        let least = (*platform == AimPlatform::Google).then_some(Cents(100));
        assert_eq!(failed.least, least, "{platform}");
    }
}

#[actix_web::test]
async fn a_rejected_advertisement_never_runs_and_says_why() {
    if was_told() {
        return;
    }
    let cases =
        [(AimPlatform::Meta, "/ads", 2), (AimPlatform::Google, "mutate", 0), (AimPlatform::X, "/promoted_tweets", 0)];
    for (platform, ad, skip) in cases {
        let bench = Bench::of(platform).await;
        // On Meta two ad sets come before the advertisements.
        bench.simulator.plan(Planned { times: 2, skip, ..Planned::once(Fault::ReviewRejected, "POST", ad) });
        let order = order(platform, "wab-1-1-fr");
        let made = carried(&bench, &order).await.unwrap();
        bench.client.switch(&made, true).await.unwrap();
        bench.advance(TimeDelta::minutes(2));
        let stands = bench.client.standing(&made).await.unwrap();
        assert!(matches!(&stands.review, Review::Rejected(why) if !why.is_empty()), "{platform}: {stands:?}");
        bench.advance(TimeDelta::days(1));
        assert_eq!(bench.simulator.ledger()["campaigns"][0]["spent_micros"], 0, "{platform}");
    }
}

#[actix_web::test]
async fn several_circles_refused_become_one_circle_each_in_the_same_campaign() {
    if was_told() {
        return;
    }
    let account = MetaAccount { several_radii: false, ..MetaAccount::default() };
    let bench = Bench::with(AimPlatform::Meta, account).await;
    let first = order(AimPlatform::Meta, "wab-1-1-fr");
    let mut made = Made::default();
    let (_, failed) = carry_on(&bench.client, &first, &mut made, None, |_, _| {}).await.unwrap_err();
    assert_eq!(failed.trouble, Trouble::OneCircleEach);
    let placement = first.audience.placement.one_circle_each().unwrap();
    let audience = tocsin::domain::advert::Audience { placement, ..first.audience.clone() };
    let divided = tocsin::channels::ads::AdOrder { audience, ..first };
    carry_on(&bench.client, &divided, &mut made, None, |_, _| {}).await.unwrap();
    assert_eq!(bench.client.verify(&divided, &made).await.unwrap(), Vec::<String>::new());
    assert_eq!((bench.simulator.count("created", "campaign"), bench.simulator.count("created", "ad set")), (1, 3));
    let ceiling = &bench.simulator.ledger()["campaigns"][0]["ceiling_micros"];
    assert_eq!(*ceiling, 45_000_000, "every cent is given out, and none twice");
}
