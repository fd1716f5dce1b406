//! Time of all text checks on a notice of 2,000 characters, per language, without and with spelling, in one run:
//! `cargo bench --bench lint`. The target is 10 ms. Plain clocks; the median of the rounds and the slowest are told.
#![allow(clippy::unwrap_used, reason = "a bench stops at the first surprise")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use tocsin::domain::kind::AppealKind;
use tocsin::domain::language::Language;
use tocsin::domain::place::Country;
use tocsin::lint::{
    Checked, Contacts, Covered, Field, HashtagRegister, HiddenPerson, HoldBack, Lint, Majority, Moment, PlaceName,
    PlaceNames, Private, PublicName, Rulebook, Secret, Speller, Version,
};

const SENTENCES: [(Language, &str); 3] = [
    (
        Language::Fr,
        "Emma, 14 ans, a été vue pour la dernière fois le 21 novembre 2026 vers 14h30 près de la gare de Namur. Elle mesure 1m62, porte une veste bleue, un jean et des baskets blanches. Si vous avez une information, appelez le 0800 30 300 ou écrivez à avis@police.example. ",
    ),
    (
        Language::Nl,
        "Emma, 14 jaar, werd het laatst gezien op 21 november 2026 rond 14.30 uur aan het station van Namen. Ze is 1m62 groot, draagt een blauwe jas, een jeans en witte sportschoenen. Hebt u informatie, bel dan 0800 30 300 of mail naar avis@police.example. ",
    ),
    (
        Language::De,
        "Emma, 14 Jahre alt, wurde zuletzt am 21. November 2026 gegen 14:30 Uhr am Bahnhof von Namur gesehen. Sie ist 1,62 m groß, trägt eine blaue Jacke, eine Jeans und weiße Turnschuhe. Wenn Sie etwas wissen, rufen Sie 0800 30 300 an oder schreiben Sie an avis@police.example. ",
    ),
];

const ROUNDS: usize = 300;

fn main() {
    let begun = Instant::now();
    let book = Rulebook::shipped().unwrap();
    println!("rules read and compiled: {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    let without = Lint::new(book.clone(), Speller::new([PathBuf::from("/nonexistent")]));
    let with = Lint::new(book, Speller::default());
    for language in Language::ALL {
        let begun = Instant::now();
        let found = with.speller().available(language).is_ok();
        println!(
            "{language} dictionary: {}, {:.0} ms",
            if found { "loaded" } else { "none" },
            begun.elapsed().as_secs_f64() * 1e3
        );
    }
    let private = Private {
        hold_back: (0..10)
            .map(|n| HoldBack {
                wordings: vec![Secret::new(format!("une montre cassée au poignet gauche, numéro {n}"))],
            })
            .collect(),
        people: (0..10).map(|n| HiddenPerson { given: None, family: Secret::new(format!("Exemple{n}")) }).collect(),
        references: vec![Secret::new("BR.11.L2.004521/2026")],
    };
    let contacts = Contacts {
        phones: vec!["0800 30 300".into(), "101".into()],
        mails: vec!["avis@police.example".into()],
        ..Contacts::default()
    };
    // As many names as Belgium has municipalities, twice.
    let places = PlaceNames::new(
        (0..1200).map(|n| PlaceName::new(&format!("Ville-{n}"), &format!("Stad-{n}"), &format!("Stadt-{n}"))),
    );
    let hashtags = HashtagRegister::default();
    println!("{:<5} {:>10} {:>9} {:>12} {:>12}", "lang", "characters", "spelling", "median ms", "slowest ms");
    let mut all = Vec::new();
    for (language, sentence) in SENTENCES {
        let text: String = sentence.chars().cycle().take(2000).collect();
        // Four paragraphs, as a notice has.
        let letters: Vec<char> = text.chars().collect();
        let passages =
            letters.chunks(500).enumerate().map(|(at, part)| (Field::Body(at), part.iter().collect())).collect();
        let version = Version { language, passages };
        all.push(version.clone());
        for (name, lint) in [("without", &without), ("with", &with)] {
            row(
                &language.to_string(),
                name,
                lint,
                &case(vec![version.clone()], &private, &contacts, &places, &hashtags),
            );
        }
    }
    for (name, lint) in [("without", &without), ("with", &with)] {
        row("all 3", name, lint, &case(all.clone(), &private, &contacts, &places, &hashtags));
    }
}

fn row(language: &str, name: &str, lint: &Lint, checked: &Checked<'_>) {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            std::hint::black_box(lint.check(checked));
            begun.elapsed()
        })
        .collect();
    // The first round fills the expressions' caches.
    let first = times.first().copied().unwrap_or_default();
    times.sort_unstable();
    let count: usize = checked.versions.iter().flat_map(|v| &v.passages).map(|(_, text)| text.chars().count()).sum();
    let ms = |time: Option<&Duration>| time.map_or(0.0, |t| t.as_secs_f64() * 1e3);
    println!(
        "{language:<5} {count:>10} {name:>9} {:>12.2} {:>12.2}   first {:.2}",
        ms(times.get(times.len() / 2)),
        ms(times.last()),
        ms(Some(&first))
    );
}

fn case<'c>(
    versions: Vec<Version>,
    private: &'c Private,
    contacts: &'c Contacts,
    places: &'c PlaceNames,
    hashtags: &'c HashtagRegister,
) -> Checked<'c> {
    Checked {
        kind: AppealKind::MissingMinor,
        country: Country::Be,
        today: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(),
        moment: Moment::Appeal,
        convicted: false,
        majority: Majority::Minor,
        requested_by: true,
        dangerous: false,
        has_end: true,
        has_closing: true,
        versions,
        languages_needed: BTreeSet::new(),
        one_language_each: true,
        names: vec![PublicName { given: "Emma".into(), family: Some("Lefèvre".into()) }],
        vocabulary: vec![],
        covered: Covered::default(),
        pictures: vec![],
        channels: vec![],
        private,
        contacts,
        places,
        hashtags,
    }
}
