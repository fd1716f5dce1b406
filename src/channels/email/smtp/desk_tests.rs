//! The desk without sockets: nobody is lost or sent twice, slow domains hold a part of the connections, resting ones none.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may")]

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn item(domain: usize, n: u64) -> Item {
    Item { from: "a@b.be".to_owned(), to: format!("p{n}@d{domain}.example"), text: Vec::new() }
}

fn taken(desk: &Desk<'_>, now: Instant) -> Vec<(u64, Item)> {
    match desk.take(now) {
        Next::Send(share) => share.numbers.into_iter().zip(share.items).collect(),
        Next::Wait(_) | Next::Done => Vec::new(),
    }
}

fn told(desk: &Desk<'_>) -> Vec<(u64, Result<(), Failure>)> {
    std::mem::take(&mut lock(&desk.state).outcomes)
}

#[test]
fn an_unknown_domain_gets_two_and_others_do_not_wait_for_it() {
    let paces = Mutex::default();
    let desk = Desk::new(&paces, 4);
    desk.put((0..40).map(|n| (n, item(0, n))).chain([(99, item(1, 99))]).collect());
    let now = Instant::now();
    let first = taken(&desk, now);
    assert_eq!(first.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(taken(&desk, now).iter().map(|(n, _)| *n).collect::<Vec<_>>(), [99]);
    assert!(taken(&desk, now).is_empty(), "two are under way");
    for (n, mail) in first {
        desk.ended(n, &mail, Fate::Accepted, Duration::ZERO, now);
    }
    assert_eq!(taken(&desk, now).len(), 4);
    let elsewhere = Desk::new(&paces, 4);
    elsewhere.put(vec![(0, item(0, 100))]);
    assert!(taken(&elsewhere, now).is_empty(), "four are under way, from whichever desk");
    drop(desk);
    assert_eq!(taken(&elsewhere, now).len(), 1, "whoever is gone has nothing under way");
}

#[test]
fn what_waits_for_slow_and_silent_domains_comes_back() {
    let paces = Mutex::default();
    let desk = Desk::new(&paces, 4);
    let now = Instant::now();
    lock(&paces).of("d0.example").pace.accepted(true);
    // The first two are slow (the second is not known to be), the third is quick.
    desk.put((0..30).map(|n| (n, item(usize::try_from(n % 3).unwrap(), n))).collect());
    let begun: Vec<_> = (0..4).flat_map(|_| taken(&desk, now)).collect();
    assert_eq!(begun.len(), 1 + 2 + 2);
    for (n, mail) in begun.iter().filter(|(n, _)| n % 3 == 2) {
        desk.ended(*n, mail, Fate::Accepted, Duration::ZERO, now);
    }
    told(&desk);
    desk.lay_back(3, false, now);
    assert_eq!(told(&desk).len(), 6, "nine waited for the first, the second may still answer");
    desk.lay_back(3, false, now + Duration::from_millis(300));
    assert!(told(&desk).is_empty(), "it is only late");
    desk.lay_back(3, false, now + Duration::from_secs(2));
    let back = told(&desk);
    assert_eq!(back.len(), 1 + 7, "one more of the first, all but one of the second");
    assert!(back.iter().all(|(_, outcome)| matches!(outcome, Err(Failure::Waits { after, .. }) if !after.is_zero())));
}

#[test]
fn mails_to_domains_that_take_them_travel_apart_from_all_others() {
    let paces = Mutex::default();
    let desk = Desk::new(&paces, 1);
    let now = Instant::now();
    for domain in 0..3 {
        lock(&paces).of(&format!("d{domain}.example")).pace.accepted(false);
    }
    // The last one took mails and hung up since.
    lock(&paces).of("d2.example").pace.put_off(false, now, 0);
    desk.put((0..5).map(|n| (n, item(usize::try_from(n).unwrap(), n))).collect());
    let mut shares = Vec::new();
    while let Next::Send(share) = desk.take(now) {
        shares.push((share.is_trusted, share.numbers));
    }
    assert_eq!(shares, [(true, vec![0, 1]), (false, vec![2]), (false, vec![3]), (false, vec![4])]);
}

#[test]
fn slow_domains_share_a_quarter_of_the_connections() {
    let paces = Mutex::default();
    let desk = Desk::new(&paces, 8);
    let now = Instant::now();
    for domain in 0..10 {
        lock(&paces).of(&format!("d{domain}.example")).pace.accepted(true);
    }
    desk.put((0..100).map(|n| (n, item(usize::try_from(n % 10).unwrap(), n))).collect());
    let shares: Vec<_> = (0..8).map(|_| taken(&desk, now)).filter(|share| !share.is_empty()).collect();
    assert!(shares.len() == 2 && shares.iter().all(|share| share.len() == 1), "{shares:?}");
    for (n, mail) in shares.into_iter().flatten() {
        desk.ended(n, &mail, Fate::Accepted, Duration::from_millis(1), now);
    }
    let again: Vec<_> = (0..10).map(|_| taken(&desk, now).len()).collect();
    assert_eq!(again.iter().filter(|taken| **taken == 1).count(), 2, "two other slow ones: {again:?}");
    assert!(again.iter().any(|taken| *taken > 1), "and those that are quick again: {again:?}");
}

#[test]
fn what_waits_for_a_resting_domain_comes_back_untried() {
    let paces = Mutex::default();
    let desk = Desk::new(&paces, 2);
    let now = Instant::now();
    desk.put((0..20).map(|n| (n, item(0, n))).collect());
    for _ in 0..20 {
        for (n, mail) in taken(&desk, now) {
            desk.ended(n, &mail, Fate::Later("451".to_owned()), Duration::ZERO, now);
        }
    }
    let outcomes = told(&desk);
    assert_eq!(outcomes.len(), 20);
    let untried =
        outcomes.iter().filter(|(_, outcome)| matches!(outcome, Err(Failure::Waits { after, .. }) if !after.is_zero()));
    assert!((13..=15).contains(&untried.count()), "{outcomes:?}");
    desk.put(vec![(20, item(0, 20))]);
    assert_eq!(taken(&desk, now + Duration::from_mins(1)).len(), 1, "after its rest one tries it");
}

proptest! {
    #[test]
    fn every_mail_comes_to_one_end(
        steps in proptest::collection::vec((0_u8..6, 0_usize..5, 0_u64..3000), 1..120),
        connections in 1_usize..9,
    ) {
        let paces = Mutex::default();
        let desk = Desk::new(&paces, connections);
        let (mut put, mut under_way, mut now) = (0, Vec::new(), Instant::now());
        let mut ended: Vec<u64> = Vec::new();
        for (act, domain, millis) in steps {
            now += Duration::from_millis(millis);
            let took = Duration::from_millis(millis);
            match act {
                0 | 1 => {
                    desk.put((put..put + 7).map(|n| (n, item(domain, n))).collect());
                    put += 7;
                }
                2 => under_way.extend(taken(&desk, now)),
                3 if !under_way.is_empty() => {
                    let (n, mail) = under_way.remove(domain % under_way.len());
                    let fate = match millis % 4 {
                        0 => Fate::Accepted,
                        1 => Fate::Later("451".to_owned()),
                        2 => Fate::Never("550".to_owned()),
                        _ => Fate::Unknown("lost".to_owned()),
                    };
                    desk.ended(n, &mail, fate, took, now);
                }
                4 if !under_way.is_empty() => {
                    let (n, mail) = under_way.remove(domain % under_way.len());
                    desk.untried(n, mail);
                }
                5 if millis % 2 == 0 => desk.lay_back(domain, millis % 3 == 0, now),
                5 if millis % 9 == 0 => desk.stop(&Failure::Waits { after: Duration::ZERO, reason: String::new() }),
                _ => {}
            }
            ended.extend(told(&desk).into_iter().map(|(n, _)| n));
        }
        desk.close();
        for _ in 0..10_000 {
            now += Duration::from_secs(1);
            let is_done = match desk.take(now) {
                Next::Send(share) => {
                    under_way.extend(share.numbers.into_iter().zip(share.items));
                    false
                }
                Next::Wait(_) => false,
                Next::Done => under_way.is_empty(),
            };
            if let Some((n, mail)) = under_way.pop() {
                desk.ended(n, &mail, Fate::Accepted, Duration::ZERO, now);
            }
            ended.extend(told(&desk).into_iter().map(|(n, _)| n));
            if is_done {
                break;
            }
        }
        let once: BTreeSet<u64> = ended.iter().copied().collect();
        prop_assert_eq!(once.len(), ended.len(), "each once");
        prop_assert_eq!(u64::try_from(ended.len()).unwrap(), put, "all of them");
        prop_assert!(lock(&desk.state).slow.is_empty());
        let paces = lock(&paces);
        prop_assert!(paces.slow == 0 && paces.known.values().all(|known| known.under_way == 0));
    }
}

#[test]
fn who_is_slow_stays_slow_when_nobody_else_is_heard_of() {
    let paces = Mutex::default();
    let desk = Desk::new(&paces, 8);
    let mut now = Instant::now();
    desk.put((0..100).map(|n| (n, item(usize::try_from(n % 20).unwrap(), n))).collect());
    for round in 0..60 {
        while let Next::Send(share) = desk.take(now) {
            now += Duration::from_millis(1);
            for (n, mail) in share.numbers.into_iter().zip(share.items) {
                let took = Duration::from_millis(if mail.to.ends_with("@d0.example") { 2000 } else { 3 });
                desk.ended(n, &mail, Fate::Accepted, took, now);
            }
        }
        desk.put(vec![(1000 + round, item(0, 1000 + round))]);
        let known = lock(&paces).of("d0.example").pace.clone();
        assert!(known.is_slow() && known.room(0) == 1, "{known:?}");
    }
}
