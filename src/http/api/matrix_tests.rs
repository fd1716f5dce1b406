//! Every row of the rules has a story in which the gate, the chain or the filing refuses, and says so in four languages.
//! A row without a story fails: whoever adds one adds what it refuses.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may")]

use super::views;
use crate::domain::appeal::Draft;
use crate::domain::authorisation::Authorisation;
use crate::domain::authority::AuthorityType;
use crate::domain::faults::Fault;
use crate::domain::gate::{Authority, Ground, Refusal, Unmet, authority_refusals, chain_refusals};
use crate::domain::ids::AuthorisationId;
use crate::domain::kind::AppealKind;
use crate::domain::place::Country;
use crate::domain::rules::{Assessment, Change, Law, Level, Need, RuleBook, RuleId, Sensitivity, country_day};
use crate::domain::samples;
use crate::domain::scope::Element;
use crate::words::{Locale, Words};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What is bent for one story.
#[derive(Clone, Default)]
struct Story {
    decision: Option<Value>,
    subject: Value,
    assessments: Option<Vec<Assessment>>,
    minor_discovered: bool,
}

fn filed(kind: AppealKind, value: &Value) -> Result<Authorisation, Vec<Fault>> {
    let id = AuthorisationId::from_parts(samples::now(), [8; 10]);
    Authorisation::file(value, id, samples::appeal_id(), samples::person(samples::RECORDER), (samples::rules(), kind))
}

fn told(kind: AppealKind, country: Country, story: &Story) -> Vec<Refusal> {
    let whole = samples::decision(kind, country);
    let record = samples::record_of(story.decision.as_ref().unwrap_or(&whole), kind);
    let mut draft = samples::draft(kind);
    for (key, value) in story.subject.as_object().into_iter().flatten() {
        draft["subject"][key] = value.clone();
    }
    let subject = Draft::from_document(&draft).unwrap().subject;
    let asked = samples::assessments(kind, country);
    authority_refusals(&Authority {
        now: samples::now(),
        rules: samples::rules(),
        country,
        subject: &subject,
        assessments: story.assessments.as_ref().unwrap_or(&asked),
        minor_discovered: story.minor_discovered.then(|| record.authorisation.decided_at - TimeDelta::hours(1)),
        grounds: vec![Ground { country, record: Some(&record), area_covered: Some(true), languages: None }],
        budget_cents: None,
    })
}

/// The sentence of a key in every language: none empty, none another's.
fn in_four_languages(row: &str, say: impl Fn(Locale) -> String) {
    let sentences: BTreeSet<String> = Locale::ALL.into_iter().map(say).collect();
    assert!(
        sentences.iter().all(|sentence| sentence.chars().count() > 8 && !sentence.contains('{')),
        "{row}: {sentences:?}"
    );
    assert_eq!(sentences.len(), 4, "{row}: a language repeats another: {sentences:?}");
}

/// A refusal as the API tells it, with the row's id where a rule refuses.
fn refusal_is_told(row: &RuleId, refusal: &Refusal) {
    let view = |locale| views::refusals(std::slice::from_ref(refusal), locale).remove(0);
    in_four_languages(row.as_str(), |locale| view(locale)["detail"].as_str().unwrap().to_owned());
    let shown = view(Locale::En);
    if refusal.rule().is_some() {
        assert_eq!(shown["rule"], row.as_str());
    }
}

fn fault_is_told(row: &RuleId, fault: &Fault) {
    in_four_languages(row.as_str(), |locale| {
        let args: Vec<(&str, String)> = fault.args.iter().map(|(name, value)| (*name, value.clone())).collect();
        let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Words::of(locale).say_with(&format!("fault-{}", fault.code), &args).into_owned()
    });
}

fn bent(kind: AppealKind, country: Country, bend: impl FnOnce(&mut Value)) -> Story {
    let mut decision = samples::decision(kind, country);
    bend(&mut decision);
    Story { decision: Some(decision), ..Story::default() }
}

/// Every way in which a row refuses one kind, each with what it should say.
fn stories(need: &Need, kind: AppealKind) -> Vec<(Story, Unmet)> {
    let country = need.country;
    let mut all = Vec::new();
    let other = AuthorityType::ALL.iter().find(|a| a.country() == Some(country) && !need.authorities.contains(a));
    if let (false, Some(other)) = (need.authorities.is_empty(), other) {
        let story = bent(kind, country, |value| value["authority_type"] = json!(other.code()));
        all.push((story, Unmet::Authority(*other)));
    }
    if let Some(first) = need.bases.first() {
        let other = if country == Country::Be { "BE-AVIS-2005" } else { "FR-JUD" };
        all.push((bent(kind, country, |v| v["legal_basis"] = json!([other])), Unmet::Basis(first.clone())));
    }
    for consent in &need.consents {
        let without = |value: &mut Value| {
            value["consents"].as_array_mut().unwrap().retain(|given| given["kind"] != consent.code());
        };
        all.push((bent(kind, country, without), Unmet::Consent(*consent)));
    }
    if let Some(criteria) = &need.criteria {
        all.push((Story { assessments: Some(Vec::new()), ..Story::default() }, Unmet::Unasked(criteria.clone())));
        let mut answered = samples::assessments(kind, country);
        for assessment in &mut answered {
            assessment.triggered = false;
        }
        all.push((Story { assessments: Some(answered), ..Story::default() }, Unmet::NotTriggered(criteria.clone())));
    }
    if !need.requested_by.is_empty() {
        all.push((bent(kind, country, |v| v["requested_by"] = json!("administrative")), Unmet::RequestedBy));
    }
    for group in &need.scope {
        let empty = |value: &mut Value| {
            for part in ["elements", "texts", "lots"] {
                value["scope"][part] = json!([]);
            }
        };
        all.push((bent(kind, country, empty), Unmet::Scope(group[0])));
    }
    if need.conviction.is_some() {
        let short = json!({"conviction": {"final": true, "years": 1, "warrant": true}});
        all.push((Story { subject: short, ..Story::default() }, Unmet::Conviction));
    }
    if need.minor_suspect.is_some() {
        all.push((Story { minor_discovered: true, ..Story::default() }, Unmet::MinorSuspect));
    }
    all
}

/// Every row of needs, for every kind it names.
fn needs(book: &RuleBook, shown: &mut BTreeSet<String>) {
    for need in book.all_needs() {
        for kind in &need.kinds {
            for (story, what) in stories(need, *kind) {
                let expected = Refusal::Unmet { rule: need.id.clone(), what };
                let refusals = told(*kind, need.country, &story);
                assert!(refusals.contains(&expected), "{} {kind}: {expected:?} not among {refusals:?}", need.id);
                refusal_is_told(&need.id, &expected);
                shown.insert(need.id.to_string());
            }
            if let Some(most) = need.at_most {
                let mut long = samples::decision(*kind, need.country);
                long["valid_until"] = json!(samples::now() + most + TimeDelta::hours(3));
                let faults = filed(*kind, &long).unwrap_err();
                let fault = faults.iter().find(|fault| fault.code == "lasts-too-long").unwrap();
                fault_is_told(&need.id, fault);
            }
        }
    }
}

/// A law is refused where it cannot carry a decision, and missed where it is the one that must.
fn law(book: &RuleBook, law: &Law) {
    let day = country_day(law.country, samples::now());
    let naming = |kind| {
        let mut value = samples::decision(kind, law.country);
        value["legal_basis"] = json!([law.id.as_str()]);
        value
    };
    let carries =
        |need: &&Need| need.country == law.country && need.effective.holds(day) && need.bases.contains(&law.id);
    let asks = |need: &&Need| need.country == law.country && need.effective.holds(day) && !need.bases.is_empty();
    if !law.is_basis || !law.effective.holds(day) {
        let faults = filed(AppealKind::Witness, &naming(AppealKind::Witness)).unwrap_err();
        let code = if law.is_basis { "basis-not-in-force" } else { "unknown-value" };
        let fault = faults.iter().find(|fault| fault.code == code).unwrap_or_else(|| panic!("{}: {faults:?}", law.id));
        fault_is_told(&law.id, fault);
    } else if let Some(need) = book.all_needs().iter().find(carries) {
        let story = Story { decision: Some(naming(need.kinds[0])), ..Story::default() };
        let missing =
            |refusal: &Refusal| matches!(refusal, Refusal::Unmet { rule, what: Unmet::Basis(_) } if *rule == need.id);
        assert!(!told(need.kinds[0], law.country, &story).iter().any(missing), "{} carries {}", law.id, need.id);
        let without =
            stories(need, need.kinds[0]).into_iter().find(|(_, what)| matches!(what, Unmet::Basis(_))).unwrap();
        let refusals = told(need.kinds[0], law.country, &without.0);
        refusal_is_told(&need.id, refusals.iter().find(|refusal| missing(refusal)).unwrap());
    } else {
        let need = book.all_needs().iter().find(asks).unwrap();
        let refusals =
            told(need.kinds[0], law.country, &Story { decision: Some(naming(need.kinds[0])), ..Story::default() });
        let refusal = refusals.iter().find(|r| matches!(r, Refusal::Unmet { what: Unmet::Basis(_), .. })).unwrap();
        refusal_is_told(refusal.rule().unwrap(), refusal);
    }
    in_four_languages(law.id.as_str(), |locale| law.text.of(locale.code()).to_owned());
}

/// Levels that nobody said yes at are named one by one.
fn levels_are_told(row: &RuleId, levels: &[Level]) {
    let record = samples::record(AppealKind::Witness, Country::Be);
    let authors = [samples::person(samples::AUTHOR)].into();
    let refusals = chain_refusals(&samples::plan(&record).digest(), &[], &authors, &[&record], levels);
    let open: Vec<_> = levels.iter().map(|level| Refusal::LevelOpen(*level)).collect();
    assert_eq!(refusals, open, "{row}");
    assert!(!open.is_empty(), "{row}: a chain without a level");
    for refusal in &open {
        refusal_is_told(row, refusal);
    }
}

fn chains(book: &RuleBook, shown: &mut BTreeSet<String>) {
    for rule in book.sensitivities() {
        for kind in &rule.kinds {
            let (sensitivity, levels) = book.chain(*kind, &rule.when);
            assert!(sensitivity >= rule.sensitivity, "{}", rule.id);
            levels_are_told(&rule.id, levels);
            let without = book.changed(&rule.id, &Change::Off).unwrap();
            assert!(without.chain(*kind, &rule.when).0 < rule.sensitivity, "{} {kind} changes nothing", rule.id);
        }
        shown.insert(rule.id.to_string());
    }
    for chain in book.chains() {
        levels_are_told(&chain.id, &chain.levels);
        shown.insert(chain.id.to_string());
    }
    for rule in book.emergencies() {
        let without = book.changed(&rule.id, &Change::Off).unwrap();
        for kind in &rule.kinds {
            assert!(book.emergency(*kind).is_some() && without.emergency(*kind).is_none(), "{} {kind}", rule.id);
        }
        in_four_languages(rule.id.as_str(), |locale| Words::of(locale).say("problem-no-emergency-path").into_owned());
        shown.insert(rule.id.to_string());
    }
    for rule in book.cold_rows() {
        let without = book.changed(&rule.id, &Change::Off).unwrap();
        for kind in &rule.kinds {
            let cold = |book: &RuleBook, sensitivity| book.cold(*kind, sensitivity).is_some();
            assert!(cold(book, rule.up_to) && !cold(&without, rule.up_to), "{} {kind}", rule.id);
            assert!(!cold(book, Sensitivity::Critical), "{} {kind}: an alert is never cold", rule.id);
        }
        in_four_languages(rule.id.as_str(), |locale| Words::of(locale).say("fault-not-cold").into_owned());
        shown.insert(rule.id.to_string());
    }
}

#[test]
fn every_row_of_the_rules_has_a_story_that_refuses_in_four_languages() {
    let book = samples::rules();
    let mut shown = BTreeSet::new();
    needs(book, &mut shown);
    for row in book.laws() {
        law(book, row);
        shown.insert(row.id.to_string());
    }
    for set in book.all_criteria() {
        let asking = book.all_needs().iter().filter(|need| need.criteria.as_ref() == Some(&set.id));
        for need in asking {
            for (_, what) in stories(need, need.kinds[0]) {
                if matches!(&what, Unmet::Unasked(id) | Unmet::NotTriggered(id) if *id == set.id) {
                    refusal_is_told(&need.id, &Refusal::Unmet { rule: need.id.clone(), what });
                    shown.insert(set.id.to_string());
                }
            }
        }
    }
    chains(book, &mut shown);
    let rows = book.laws().iter().map(|row| &row.id).chain(book.all_needs().iter().map(|row| &row.id));
    let rows = rows.chain(book.all_criteria().iter().map(|row| &row.id));
    let rows =
        rows.chain(book.sensitivities().iter().map(|row| &row.id)).chain(book.chains().iter().map(|row| &row.id));
    let rows =
        rows.chain(book.emergencies().iter().map(|row| &row.id)).chain(book.cold_rows().iter().map(|row| &row.id));
    let silent: Vec<_> = rows.filter(|id| !shown.contains(id.as_str())).collect();
    assert!(silent.is_empty(), "no story shows what these refuse: {silent:?}");
    println!("{} rows told", shown.len());
}

#[test]
fn a_row_that_refuses_nothing_is_found() {
    let mute = ("mute.toml".to_owned(), "[[need]]\nid = \"BE-MUTE\"\ncountry = \"BE\"\nkinds = [\"witness\"]\nmark = \"D\"\nbecause = [\"BE-MAG\"]\nlasts_hours = 9\n".to_owned());
    let book = RuleBook::parse(&[mute]).unwrap();
    let row = book.all_needs().iter().find(|need| need.id.as_str() == "BE-MUTE").unwrap();
    assert!(stories(row, AppealKind::Witness).is_empty());
    // What the stories rely on: a whole decision is met with silence, and elements are named by their code.
    assert_eq!(told(AppealKind::Witness, Country::Be, &Story::default()), []);
    assert_eq!(Element::parse("name"), Some(Element::Name));
}
