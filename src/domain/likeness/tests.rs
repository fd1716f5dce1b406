//! What the sketches find in the invented corpus, and what they must not fold away.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "tests may"
)]

use super::corpus::{Dice, corpus, passed_on};
use super::*;
use std::collections::HashMap;

fn key() -> LikenessKey {
    LikenessKey::new([7; 32])
}

fn is_place(word: &str) -> bool {
    const PLACES: [&str; 18] = [
        "namur",
        "charleroi",
        "tournai",
        "waremme",
        "nivelles",
        "verviers",
        "ixelles",
        "famenne",
        "mechelen",
        "kortrijk",
        "hasselt",
        "aalst",
        "turnhout",
        "kraainem",
        "diksmuide",
        "liege",
        "bruges",
        "brugge",
    ];
    PLACES.contains(&word)
}

fn sketch(text: &str) -> Sketch {
    Sketch::of(&key(), text, is_place)
}

/// Which head each text fell to, as the intake would decide it.
fn sorted(texts: &[&str]) -> Vec<usize> {
    let mut index = LikenessIndex::default();
    texts
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let sketch = sketch(text);
            match index.find(&sketch) {
                Found::Duplicate { of, .. } => of.parse().unwrap(),
                Found::Variant { family, .. } => {
                    index.add(&n.to_string(), &family, sketch);
                    n
                }
                Found::New => {
                    index.add(&n.to_string(), &n.to_string(), sketch);
                    n
                }
            }
        })
        .collect()
}

/// Pairs of one label that fell to one head, pairs that fell to one head, pairs of one label.
fn pairs(heads: &[usize], labels: &[usize]) -> (u64, u64, u64) {
    let both = |n: u64| n * n.saturating_sub(1) / 2;
    let count = |keys: Vec<(usize, usize)>| {
        let mut counts: HashMap<(usize, usize), u64> = HashMap::new();
        for key in keys {
            *counts.entry(key).or_default() += 1;
        }
        counts.into_values().map(both).sum::<u64>()
    };
    let zipped = || heads.iter().copied().zip(labels.iter().copied());
    (
        count(zipped().collect()),
        count(zipped().map(|(h, _)| (h, 0)).collect()),
        count(zipped().map(|(_, l)| (l, 0)).collect()),
    )
}

#[test]
fn precision_and_recall_on_two_thousand_labelled_responses() {
    let corpus = corpus();
    assert!(corpus.len() >= 2000, "{}", corpus.len());
    let texts: Vec<&str> = corpus.iter().map(|c| c.text.as_str()).collect();
    let labels: Vec<usize> = corpus.iter().map(|c| c.label).collect();
    let heads = sorted(&texts);
    let (right, together, same) = pairs(&heads, &labels);
    let (precision, recall) = (right as f64 / together as f64, right as f64 / same as f64);
    let wrong = heads.iter().zip(&corpus).filter(|(head, c)| corpus[**head].label != c.label);
    for (head, c) in wrong.take(12) {
        println!("folded wrongly: {:?}\n            under {:?}", c.text, corpus[*head].text);
    }
    let shown = heads.iter().enumerate().filter(|(n, head)| n == *head).count();
    println!("{} responses, {} labels: precision {precision:.4}, recall {recall:.4}, {shown} heads", corpus.len(), 192);
    assert!(precision >= 0.995, "precision {precision}: different messages were folded together");
    assert!(recall >= 0.80, "recall {recall}: copies were not recognised");
}

#[test]
fn another_key_gives_another_sketch_and_a_sketch_survives_its_bytes() {
    let text = "Vue à la gare de Namur à 18h30, veste rouge, avec Karim.";
    let (ours, theirs) = (sketch(text), Sketch::of(&LikenessKey::new([8; 32]), text, is_place));
    assert!(ours.alike(&theirs) < 0.1);
    assert!(ours.firm.iter().all(|fact| !theirs.firm.contains(fact)));
    assert_eq!(Sketch::from_bytes(&ours.to_bytes()), Some(ours.clone()));
    for length in 0..ours.to_bytes().len() {
        assert_eq!(Sketch::from_bytes(&ours.to_bytes()[..length]), None);
    }
}

#[test]
fn what_says_something_more_is_never_folded_away() {
    let first =
        "Je pense avoir vu la petite à la gare de Namur vers 18h30. Elle portait une veste rouge et un sac à dos.";
    for more in [
        "Je pense avoir vu la petite à la gare de Namur vers 18h30. Elle portait une veste rouge et un sac à dos. Plaque 1-ABC-234.",
        "Je pense avoir vu la petite à la gare de Namur vers 19h30. Elle portait une veste rouge et un sac à dos.",
        "Je pense avoir vu la petite à la gare de Charleroi vers 18h30. Elle portait une veste rouge et un sac à dos.",
        "Je pense avoir vu la petite à la gare de Namur vers 18h30. Elle portait une veste rouge et un sac à dos. Un homme la tenait.",
    ] {
        assert!(matches!(sketch(more).against(&sketch(first)), Likeness::Variant { firm: true }), "{more}");
    }
    let less = "je pense avoir vu la petite a la gare de namur vers 18:30, elle portait une veste rouge";
    assert_eq!(sketch(less).against(&sketch(first)), Likeness::Same);
    assert_eq!(sketch("Merci pour votre travail").against(&sketch(first)), Likeness::Different);
    assert!(sketch("").is_empty() && sketch("!!! …").is_empty());
}

#[test]
fn ten_thousand_copies_fold_and_the_real_one_does_not() {
    let copied =
        "Vue à la gare de Charleroi à 9h15 avec un homme âgé. Il portait un manteau noir et marchait très vite.";
    let real = "Vue à la gare de Charleroi à 9h15 avec un homme âgé. Il portait un manteau noir, elle est montée dans une Volvo, plaque 1-XYZ-987.";
    let mut dice = Dice(99);
    let mut texts: Vec<String> = (0..10_000).map(|_| passed_on(copied, true, &mut dice)).collect();
    texts.insert(6_789, real.to_owned());
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let heads = sorted(&texts);
    let shown = heads.iter().enumerate().filter(|(n, head)| n == *head).count();
    println!("10,001 responses, {shown} heads");
    assert_eq!(heads[6_789], 6_789, "the real one stands on its own");
    assert!(shown < 1_000, "{shown} heads");
}

#[test]
fn no_text_panics() {
    for text in ["\u{301}", "1:", ":1", "1-", "é\u{301}\u{301}", "12:345:67", "h30", "99h99", "İ", "ﬃ ½ ²"] {
        let _ = sketch(text);
    }
}
