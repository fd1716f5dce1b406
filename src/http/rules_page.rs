//! The rule book as rows for people: the page `/api/docs/rules` and the list of `tocsin rules list` are made of these.

use super::api::rules::Told;
use super::pages::rules_docs::{RuleRow, RuleSection, RulesDocsView};
use crate::domain::kind::AppealKind;
use crate::domain::response::{ResponseKind, Tag};
use crate::domain::rules::{Effective, Level, RuleBook, RuleId, TriageRule};
use crate::lint::{Lint, Severity};
use crate::words::{Locale, Words};

fn holds(effective: Effective) -> String {
    match (effective.from, effective.to) {
        (None, None) => String::new(),
        (Some(from), None) => format!("Since {from}."),
        (None, Some(to)) => format!("Until {to}, that day excluded."),
        (Some(from), Some(to)) => format!("From {from} until {to}, that day excluded."),
    }
}

fn section(anchor: &str, title: &str, about: &str, rules: Vec<RuleRow>) -> RuleSection {
    RuleSection { anchor: anchor.to_owned(), title: title.to_owned(), about: about.to_owned(), rules }
}

fn ids(ids: &[RuleId]) -> String {
    ids.iter().map(RuleId::as_str).collect::<Vec<_>>().join(", ")
}

fn codes<T: Copy>(items: &[T], code: impl Fn(T) -> &'static str) -> String {
    items.iter().map(|item| code(*item)).collect::<Vec<_>>().join(", ")
}

/// What a row of triage gives, a phrase a thing.
fn triage_words(rule: &TriageRule) -> Vec<String> {
    let mut says = Vec::new();
    if !rule.kinds.is_empty() {
        says.push(format!("to {};", codes(&rule.kinds, AppealKind::code)));
    }
    says.extend(rule.country.map(|country| format!("in {};", country.code())));
    says.extend(rule.urgency.map(|urgency| format!("urgency {urgency};")));
    says.extend(rule.weight.map(|weight| format!("weight {weight};")));
    if !rule.tags.is_empty() {
        says.push(format!("tagged {};", codes(&rule.tags, Tag::code)));
    }
    says.extend(rule.due_within.map(|span| format!("opened within {} minutes;", span.num_minutes())));
    says.extend(rule.lock.map(|span| format!("locked for {} minutes;", span.num_minutes())));
    says.extend(rule.officers.map(|count| format!("{count} officers;")));
    says.extend(rule.readers.map(|count| format!("opened by {count} people at most;")));
    says.extend(rule.receiver.map(|role| format!("in the list of {role}, not in the queue.")));
    says
}

/// Every rule of a book and of the checks, in English.
#[must_use]
pub fn view(book: &RuleBook, checks: Option<&Lint>) -> RulesDocsView {
    let told = Told::new(book, Locale::En);
    let row = |id: &RuleId, mark: &str, says: Vec<String>, source: String| RuleRow {
        id: id.to_string(),
        mark: mark.to_owned(),
        locked: false,
        says,
        source,
        holds: String::new(),
    };
    let laws = book.laws().iter().map(|law| RuleRow {
        holds: holds(law.effective),
        ..row(&law.id, law.mark.code(), vec![law.text.en.clone()], law.source.clone())
    });
    let needs = book.all_needs().iter().map(|need| {
        let kinds = format!("For {}:", codes(&need.kinds, AppealKind::code));
        let says = std::iter::once(kinds).chain(told.sentences(need)).collect();
        let mut row = row(&need.id, need.mark.code(), says, ids(&need.because));
        (row.locked, row.holds) = (need.locked, holds(need.effective));
        row
    });
    let criteria = book.all_criteria().iter().map(|set| {
        let says = set.questions.iter().map(|question| question.text.en.clone()).collect();
        row(&set.id, set.mark.code(), says, ids(&set.because))
    });
    let sensitivities = book.sensitivities().iter().map(|rule| {
        let says = format!("{} appeals are {}.", codes(&rule.kinds, AppealKind::code), rule.sensitivity);
        row(&rule.id, rule.mark.code(), vec![says], String::new())
    });
    let chains = book.chains().iter().map(|chain| {
        let says = format!("{}: {}.", chain.sensitivity, codes(&chain.levels, Level::code));
        row(&chain.id, chain.mark.code(), vec![says], String::new())
    });
    let triage = book.triage_rows().iter().map(|rule| {
        let mut says = vec![format!("{}:", codes(&rule.responses, ResponseKind::code))];
        says.extend(triage_words(rule));
        let mut row = row(&rule.id, rule.mark.code(), says, ids(&rule.because));
        row.holds = holds(rule.effective);
        row
    });
    let contacts = book.contacts().iter().map(|contact| {
        let says = format!("{} {}: {}", contact.country.code(), contact.purpose, contact.value);
        row(&contact.id, contact.mark.code(), vec![says], contact.source.clone())
    });
    let words = Words::of(Locale::En);
    let checks = checks.iter().flat_map(|lint| lint.book().rules()).map(|rule| RuleRow {
        id: rule.id.as_str().to_owned(),
        mark: rule.mark.code().to_owned(),
        locked: rule.locked,
        says: vec![
            if rule.severity == Severity::Block { "Blocks:".to_owned() } else { "Warns:".to_owned() },
            words.say(&format!("lint-{}", rule.id.as_str())).into_owned(),
        ],
        source: rule.source.clone(),
        holds: holds(Effective { from: Some(rule.effective_from), to: rule.effective_to }),
    });
    RulesDocsView {
        // Twelve digits tell two versions apart and fit a line.
        version: book.version().chars().take(12).collect(),
        sections: vec![
            section("laws", "Sources of law", "What the rules rest on.", laws.collect()),
            section("needs", "What each kind needs", "Rows for one kind and country add up.", needs.collect()),
            section("criteria", "Questions", "Asked one by one, every answer kept.", criteria.collect()),
            section("chain", "Who says yes", "Sensitivity and levels.", sensitivities.chain(chains).collect()),
            section(
                "triage",
                "Answers of the public",
                "What each kind gets when it arrives; rows add up.",
                triage.collect(),
            ),
            section(
                "checks",
                "Checks of texts and pictures",
                "Hints to a person; none says that a text is lawful.",
                checks.collect(),
            ),
            section("contacts", "Official contacts", "Numbers and addresses an appeal may name.", contacts.collect()),
        ],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn every_rule_is_listed_with_its_mark_and_nothing_needs_a_script() {
        let book = RuleBook::shipped().unwrap();
        let lint = Lint::shipped().unwrap();
        let page = view(book, Some(&lint)).render().unwrap();
        assert!(page.contains("<code>PI-01</code>") && page.contains("<code>HT-01</code>"));
        let ids = book.laws().iter().map(|law| &law.id).chain(book.all_needs().iter().map(|need| &need.id));
        for id in ids.chain(book.all_criteria().iter().map(|set| &set.id)) {
            assert!(page.contains(&format!("<code>{id}</code>")), "{id}");
        }
        assert!(page.contains("A suspect who is or may be a minor is never shown."));
        assert!(page.contains("Until 2026-04-09"));
        assert!(!page.contains("<script") && !page.contains("style="));
    }
}
