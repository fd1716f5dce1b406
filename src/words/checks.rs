//! The tests that make a missing sentence impossible to ship: catalogues against each other, and calls in the sources
//! against the catalogues. The scan knows one call shape: `say` or `say_with`, a parenthesis, the key as a literal.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fluent_bundle::FluentResource;

use super::catalogue::source;
use super::{Family, Locale, Words};
use crate::domain::authorisation::RequestedBy;
use crate::domain::authority::{AuthorityType, ConsentKind};
use crate::domain::kind::AppealKind;
use crate::domain::response::ResponseKind;
use crate::domain::rules::{Level, Mark, ScopePart};
use crate::domain::subject::{Build, Colour, EyeColour, HairColour, Sex, VehicleKind};

/// Keys the API builds at run time from its own codes; only their use cannot be seen.
const BUILT_AT_RUN_TIME: [&str; 8] =
    ["problem-", "refusal-", "fault-", "authority-", "note-", "rule-", "lint-", "ads-trouble-"];

type Variables = BTreeSet<String>;

/// Every key of a catalogue with the variables of its text.
fn entries(locale: Locale) -> BTreeMap<String, Variables> {
    let mut entries: BTreeMap<String, Variables> = BTreeMap::new();
    let mut current = String::new();
    for line in source(locale).lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(|first: char| first.is_ascii_lowercase()) {
            current = line.split('=').next().unwrap().trim().to_owned();
            assert!(!entries.contains_key(&current), "{locale}: {current} is there twice");
            entries.insert(current.clone(), Variables::new());
        }
        for after in line.split('$').skip(1) {
            let name: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            entries.get_mut(&current).unwrap().insert(name);
        }
    }
    entries
}

#[test]
fn every_catalogue_is_well_formed() {
    for locale in Locale::ALL {
        if let Err((_, errors)) = FluentResource::try_new(source(locale).to_owned()) {
            panic!("{locale}: {errors:?}");
        }
        for key in entries(locale).keys() {
            assert!(Words::of(locale).knows(key), "{locale}: {key}");
        }
    }
}

#[test]
fn all_catalogues_have_the_same_keys_and_variables() {
    let reference = entries(Locale::En);
    for locale in [Locale::Fr, Locale::Nl, Locale::De] {
        let here = entries(locale);
        let missing: Vec<_> = reference.keys().filter(|key| !here.contains_key(*key)).collect();
        let extra: Vec<_> = here.keys().filter(|key| !reference.contains_key(*key)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{locale}: missing {missing:?}, only here {extra:?}");
        for (key, variables) in &reference {
            assert_eq!(here.get(key), Some(variables), "{locale}: variables of {key}");
        }
    }
}

#[test]
fn french_has_its_no_break_spaces_and_nobody_has_straight_apostrophes() {
    for line in source(Locale::Fr).lines().filter(|line| !line.starts_with('#')) {
        for mark in [" :", " ;", " ?", " !", " »", "« "] {
            assert!(!line.contains(mark), "plain space in: {line}");
        }
    }
    for locale in Locale::ALL {
        for line in source(locale).lines().filter(|line| !line.starts_with('#')) {
            assert!(!line.contains('\''), "{locale}: write ’ in: {line}");
        }
    }
}

/// One call in the sources: where, which key, with which variables (`None`: a plain `say`).
struct Call {
    place: PathBuf,
    key: String,
    variables: Option<Variables>,
}

#[test]
fn every_key_in_the_sources_exists_with_its_variables() {
    let known = entries(Locale::En);
    let mut wrong = Vec::new();
    for call in calls() {
        match known.get(&call.key) {
            None => wrong.push(format!("{}: unknown key {}", call.place.display(), call.key)),
            Some(wanted) if *wanted != call.variables.clone().unwrap_or_default() => wrong.push(format!(
                "{}: {} wants {wanted:?}, gets {:?}",
                call.place.display(),
                call.key,
                call.variables
            )),
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The closed lists of the domain, spoken: a new member without a word stops here.
#[test]
fn every_code_of_the_domain_has_a_word() {
    fn listed<T: Copy>(family: Family, all: &[T], code: impl Fn(T) -> &'static str) {
        for member in all {
            assert!(family.codes().contains(&code(*member)), "{family:?} lacks {}", code(*member));
        }
    }
    listed(Family::Kind, AppealKind::ALL, AppealKind::code);
    listed(Family::Sex, Sex::ALL, Sex::code);
    listed(Family::Build, Build::ALL, Build::code);
    listed(Family::Hair, HairColour::ALL, HairColour::code);
    listed(Family::Eyes, EyeColour::ALL, EyeColour::code);
    listed(Family::Vehicle, VehicleKind::ALL, VehicleKind::code);
    listed(Family::Colour, Colour::ALL, Colour::code);
    listed(Family::Response, &ResponseKind::OFFERED, ResponseKind::code);
    for locale in Locale::ALL {
        let spoken = |family: &str, code: &str| {
            assert!(Words::of(locale).knows(&format!("{family}-{code}")), "{locale}: {family}-{code}");
        };
        for authority in AuthorityType::ALL {
            spoken("authority", authority.code());
        }
        for authority in AuthorityType::ALL {
            spoken("rule-authority", authority.code());
        }
        for consent in ConsentKind::ALL {
            spoken("rule-consent", consent.code());
        }
        for request in RequestedBy::ALL {
            spoken("rule-request", request.code());
        }
        for part in ScopePart::ALL {
            spoken("rule-part", part.code());
        }
        for level in Level::ALL {
            spoken("rule-level", level.code());
        }
        for mark in Mark::ALL {
            spoken("rule-mark", mark.code());
        }
    }
}

#[test]
fn every_key_is_used() {
    let mut used: BTreeSet<String> = calls().into_iter().map(|call| call.key).collect();
    for family in Family::ALL {
        used.extend(family.codes().iter().map(|code| family.key(code)));
    }
    let unused: Vec<_> = entries(Locale::En)
        .into_keys()
        .filter(|key| !used.contains(key) && !BUILT_AT_RUN_TIME.iter().any(|prefix| key.starts_with(prefix)))
        .collect();
    assert!(unused.is_empty(), "nobody says {unused:#?}");
}

fn calls() -> Vec<Call> {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut calls = Vec::new();
    for place in files {
        let text = std::fs::read_to_string(&place).unwrap();
        for (opening, with_values) in [("say", false), ("say_with", true)] {
            for (at, _) in text.match_indices(&format!("{opening}(")) {
                let rest = text.get(at + opening.len() + 1..).unwrap();
                let Some(literal) = rest.trim_start().strip_prefix('"') else {
                    continue;
                };
                let Some((key, after)) = literal.split_once('"') else {
                    continue;
                };
                // Other things have a `say` too; what cannot be a key is theirs.
                if !key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
                    continue;
                }
                calls.push(Call {
                    place: place.clone(),
                    key: key.to_owned(),
                    variables: with_values.then(|| passed(after)),
                });
            }
        }
    }
    assert!(calls.len() > 50, "the scan found only {} calls: has the call shape changed?", calls.len());
    calls
}

/// The names in `("name", value)` pairs up to the end of the call.
fn passed(after_key: &str) -> Variables {
    let mut depth = 1_usize;
    let mut end = after_key.len();
    for (at, c) in after_key.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            end = at;
            break;
        }
    }
    let call = after_key.get(..end).unwrap();
    call.split("(\"").skip(1).filter_map(|pair| pair.split('"').next()).map(str::to_owned).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ext| ["rs", "html", "txt"].iter().any(|known| ext == *known)) {
            files.push(path);
        }
    }
}
