//! Ways to tamper with a chain, each found, and what is no tampering. Ten thousand on real tables: `tests/it/audit.rs`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may")]

use super::*;
use proptest::prelude::*;

type Chain = Vec<(Entry, String)>;

fn salt(seq: u64) -> String {
    format!("{seq:032x}")
}

fn chain(length: u64) -> Chain {
    let mut prev_hash = GENESIS.to_owned();
    (1..=length)
        .map(|seq| {
            let blank = Entry {
                seq,
                at: DateTime::from_timestamp(i64::try_from(seq).unwrap(), 0).unwrap(),
                actor: format!("usr_{seq}"),
                on_behalf_of: "unt_1".to_owned(),
                action: "response.read".to_owned(),
                object: format!("rsp_{}", seq % 3),
                object_version: 1,
                reason: String::new(),
                salt: String::new(),
                reason_digest: String::new(),
                payload_digest: String::new(),
                form: Form::Salted,
                prev_hash: prev_hash.clone(),
            };
            let reason = if seq % 2 == 0 { format!("triage {seq}") } else { String::new() };
            let payload = if seq % 4 == 1 { "ab" } else { "" };
            let entry = blank.about(&reason, payload, &salt(seq));
            prev_hash = entry.hash();
            (entry, prev_hash.clone())
        })
        .collect()
}

/// Links and hashes everything from `from` on anew, as somebody with the database would.
fn recompute(chain: &mut Chain, from: usize) {
    for at in from..chain.len() {
        chain[at].0.seq = u64::try_from(at).unwrap() + 1;
        chain[at].0.prev_hash = if at == 0 { GENESIS.to_owned() } else { chain[at - 1].1.clone() };
        chain[at].1 = chain[at].0.hash();
    }
}

fn checkpoint(chain: &Chain, number: u64, size: usize, prev: &str) -> Checkpoint {
    let at = DateTime::from_timestamp(i64::try_from(size).unwrap(), 1).unwrap();
    let head = chain[size - 1].1.clone();
    let mark = Mark { number, size: u64::try_from(size).unwrap(), head, at, prev: prev.to_owned(), key_id: "k".into() };
    Checkpoint { mark, signature: "00".repeat(64) }
}

/// One every seven entries and one at the end.
fn checkpoints(chain: &Chain) -> Vec<Checkpoint> {
    let mut all: Vec<Checkpoint> = Vec::new();
    let ends = (7..chain.len()).step_by(7).chain([chain.len()]);
    for (at, size) in ends.enumerate() {
        let prev = all.last().map_or_else(|| GENESIS.to_owned(), Checkpoint::hash);
        all.push(checkpoint(chain, u64::try_from(at).unwrap() + 1, size, &prev));
    }
    all
}

fn verify(chain: &Chain, checkpoints: &[Checkpoint]) -> Result<Verdict, Broken> {
    let mut verifier = Verifier::new(checkpoints.to_vec());
    for (entry, stored) in chain {
        verifier.follow(entry, stored)?;
    }
    verifier.end(None)
}

/// Changes one field of one entry; the first eleven are in the hash themselves, the rest through it.
fn edit(entry: &mut (Entry, String), field: u8) {
    let e = &mut entry.0;
    match field {
        0 => e.seq += 1,
        1 => e.at += chrono::TimeDelta::microseconds(1),
        2 => e.actor.push('x'),
        3 => e.on_behalf_of.clear(),
        4 => e.action.push('x'),
        5 => e.object.push('x'),
        6 => e.object_version += 1,
        7 => e.payload_digest.push('0'),
        8 => e.reason_digest.push('0'),
        9 => e.prev_hash = e.prev_hash.chars().rev().collect(),
        10 => e.form = Form::Plain,
        11 => e.reason.push('x'),
        12 => e.salt.push('0'),
        _ => entry.1 = entry.1.chars().rev().collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_tampering_is_found_and_named(length in 2_usize..40, at in 0_usize..40, other in 0_usize..40, how in 0_u8..8, field in 0_u8..14) {
        let whole = chain(u64::try_from(length).unwrap());
        let kept = checkpoints(&whole);
        prop_assert!(verify(&whole, &kept).is_ok());
        let (at, other) = (at % length, other % length);
        let mut touched = whole.clone();
        let mut rewritten = false;
        match how {
            0 => edit(&mut touched[at], field),
            1 => { edit(&mut touched[at], field % 12); recompute(&mut touched, at); rewritten = true; }
            // Without its last entry it is a cut chain.
            2 => { touched.remove(at); rewritten = at + 1 == length; }
            3 => { touched.remove(at); recompute(&mut touched, at); rewritten = true; }
            4 => { touched.swap(at, other); }
            5 => { touched.truncate(at); rewritten = true; }
            6 => { let copy = touched[other].clone(); touched.insert(at, copy); recompute(&mut touched, at); rewritten = true; }
            _ => { edit(&mut touched[at], 2); recompute(&mut touched, 0); rewritten = true; }
        }
        // An entry more at the end leaves everything that a checkpoint vouches for as it was.
        if touched.starts_with(&whole) {
            return Ok(());
        }
        let Err(broken) = verify(&touched, &kept) else { panic!("not found: {how} {field} at {at} of {length}") };
        let first = u64::try_from(touched.iter().zip(&whole).position(|(a, b)| a != b).unwrap_or(touched.len().min(length))).unwrap() + 1;
        if rewritten {
            prop_assert!(broken.seq <= first && first <= broken.upto, "{broken:?}, first is {first}");
            let narrow = broken.upto - broken.seq < 7;
            prop_assert!(narrow || how == 5 || how == 2, "between two checkpoints: {broken:?}");
        } else {
            prop_assert!(broken.is_exact() && broken.seq == first, "{broken:?}, first is {first}");
        }
    }
}

#[test]
fn erasing_reason_and_salt_leaves_the_chain_whole_when_an_act_says_so() {
    let mut whole = chain(9);
    let kept = checkpoints(&whole);
    for (entry, _) in whole.iter_mut().filter(|(entry, _)| entry.object == "rsp_2") {
        entry.reason.clear();
        entry.salt.clear();
    }
    let silent = verify(&whole, &kept).unwrap_err();
    assert_eq!((silent.seq, silent.why), (2, Why::SilentlyErased));
    let mut act = whole[8].0.clone();
    (act.seq, act.action, act.object, act.prev_hash) = (10, ERASED.to_owned(), "rsp_2".to_owned(), whole[8].1.clone());
    let hash = act.hash();
    whole.push((act, hash));
    let verdict = verify(&whole, &kept).unwrap();
    assert_eq!((verdict.entries, verdict.covered, verdict.erased), (10, 9, 3));
    assert_eq!(whole[1].0.is_about("ab"), None);
    assert_eq!(whole[0].0.is_about("ab"), Some(true));
    assert_eq!(whole[0].0.is_about("ac"), Some(false));
}

#[test]
fn the_same_payload_twice_does_not_look_the_same() {
    let whole = chain(5);
    assert!(!whole[0].0.payload_digest.is_empty());
    assert_ne!(whole[0].0.payload_digest, whole[4].0.payload_digest);
}

#[test]
fn an_entry_of_the_form_before_still_verifies() {
    let mut old = chain(1);
    let entry = &mut old[0].0;
    (entry.form, entry.reason) = (Form::Plain, "why".to_owned());
    for text in [&mut entry.salt, &mut entry.reason_digest, &mut entry.payload_digest] {
        text.clear();
    }
    old[0].1 = old[0].0.hash();
    assert_eq!(verify(&old, &[]).unwrap().entries, 1);
    old[0].0.reason.push('x');
    assert_eq!(verify(&old, &[]).unwrap_err().why, Why::Changed);
}

#[test]
fn checkpoints_are_a_chain_of_their_own() {
    let whole = chain(30);
    let kept = checkpoints(&whole);
    let genuine = |_: &Checkpoint| true;
    assert_eq!(follow_checkpoints(&kept, genuine), Ok(()));
    assert_eq!(follow_checkpoints(&kept[2..], genuine), Ok(()), "a file may begin later");
    let number = |all: &[Checkpoint]| follow_checkpoints(all, genuine).unwrap_err().number;
    let mut touched = kept.clone();
    touched.remove(2);
    assert_eq!(number(&touched), 4);
    let mut touched = kept.clone();
    touched[1].mark.size += 1;
    assert_eq!(number(&touched), 3, "the next names another");
    assert_eq!(follow_checkpoints(&kept, |c| c.mark.number != 2).unwrap_err().number, 2);
    for checkpoint in &kept {
        assert_eq!(Checkpoint::from_document(&checkpoint.to_document()).as_ref(), Some(checkpoint));
    }
}
