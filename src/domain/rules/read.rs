//! Reads the rule files and checks them as a whole: every fault at once, each with its file, its row and its field.

use super::chain::{Chain, ColdRule, EmergencyRule, Level, Sensitivity, SensitivityRule};
use super::criteria::{CriteriaNeed, CriteriaSet, Question};
use super::law::{Contact, ContactPurpose, Effective, Law, Mark, Phrase, RuleId};
use super::need::{ConsentRule, ConvictionNeed, MinorSuspect, Need, ScopePart, When};
use super::triage::{self, TriageRule};
use super::{ConsentKind, RuleBook};
use crate::domain::authorisation::RequestedBy;
use crate::domain::authority::AuthorityType;
use crate::domain::document::{Faults, Reader};
use crate::domain::faults::Fault;
use crate::domain::kind::AppealKind;
use crate::domain::place::Country;
use crate::domain::response::ResponseKind;
use chrono::{NaiveDate, TimeDelta};
use serde_json::Value;

/// A rule file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {}", .fault.pointer, .fault.code)]
pub struct RuleFault {
    /// Which file.
    pub file: String,
    /// Where in it (row and field), and what is wrong.
    pub fault: Fault,
}

/// The longest a decision may be said to last: ten years, so that a slipped digit is noticed.
const LONGEST_HOURS: i64 = 87_600;

pub(super) fn book(files: &[(String, String)]) -> Result<RuleBook, Vec<RuleFault>> {
    let mut book = RuleBook::default();
    let mut wrong = Vec::new();
    for (file, text) in files {
        let faults = Faults::default();
        match toml::from_str::<Value>(text) {
            Ok(value) => file_of(&value, &faults, &mut book),
            Err(error) => {
                let line = error.span().map_or(0, |span| text.bytes().take(span.start).filter(|b| *b == b'\n').count());
                let fault = Fault::at("", "malformed-toml").with("line", line + 1).with("why", error.message());
                faults.borrow_mut().push(fault);
            }
        }
        wrong.extend(faults.into_inner().into_iter().map(|fault| RuleFault { file: file.clone(), fault }));
    }
    if wrong.is_empty() {
        wrong = dangling(&book);
    }
    if wrong.is_empty() { Ok(book) } else { Err(wrong) }
}

/// Adds a row, or puts it in the place of the row it renews.
fn put<T>(rows: &mut Vec<T>, row: T, same: impl Fn(&T) -> bool) {
    match rows.iter_mut().find(|known| same(known)) {
        Some(known) => *known = row,
        None => rows.push(row),
    }
}

fn file_of(value: &Value, faults: &Faults, book: &mut RuleBook) {
    /// More rows than a file of rules can hold in earnest.
    const ROWS: usize = 1000;
    let mut r = Reader::new(value, "", faults);
    for row in r.objects("law", ROWS, law) {
        let id = row.id.clone();
        put(&mut book.laws, row, |known| known.id == id);
    }
    for row in r.objects("need", ROWS, need) {
        let id = row.id.clone();
        put(&mut book.needs, row, |known| known.id == id);
    }
    for row in r.objects("consent", ROWS, consent) {
        let kind = row.kind;
        put(&mut book.consents, row, |known| known.kind == kind);
    }
    for row in r.objects("criteria", ROWS, criteria) {
        let id = row.id.clone();
        put(&mut book.criteria, row, |known| known.id == id);
    }
    for row in r.objects("sensitivity", ROWS, sensitivity) {
        let id = row.id.clone();
        put(&mut book.sensitivities, row, |known| known.id == id);
    }
    for row in r.objects("chain", ROWS, chain) {
        let id = row.id.clone();
        put(&mut book.chains, row, |known| known.id == id);
    }
    for row in r.objects("emergency", ROWS, emergency) {
        let id = row.id.clone();
        put(&mut book.emergencies, row, |known| known.id == id);
    }
    for row in r.objects("cold", ROWS, cold) {
        let id = row.id.clone();
        put(&mut book.cold, row, |known| known.id == id);
    }
    for row in r.objects("contact", ROWS, contact) {
        let id = row.id.clone();
        put(&mut book.contacts, row, |known| known.id == id);
    }
    for row in r.objects("triage", ROWS, triage::read) {
        let id = row.id.clone();
        put(&mut book.triage, row, |known| known.id == id);
    }
    r.finish();
}

pub(super) fn id(r: &mut Reader<'_>) -> Option<RuleId> {
    r.required("id", |r, key| r.choice(key, RuleId::parse))
}

pub(super) fn mark(r: &mut Reader<'_>) -> Option<Mark> {
    r.required("mark", |r, key| r.choice(key, Mark::parse))
}

fn country(r: &mut Reader<'_>) -> Option<Country> {
    r.required("country", |r, key| r.choice(key, Country::parse))
}

fn kinds(r: &mut Reader<'_>) -> Vec<AppealKind> {
    let kinds = r.parsed("kinds", 12, AppealKind::parse);
    if kinds.is_empty() {
        r.fault("kinds", "required");
    }
    kinds
}

pub(super) fn effective(r: &mut Reader<'_>) -> Effective {
    let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let (from, to) = (r.choice("effective_from", day), r.choice("effective_to", day));
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        r.fault("effective_to", "before-start");
    }
    Effective { from, to }
}

fn phrase(mut r: Reader<'_>) -> Option<Phrase> {
    let mut words = |key| r.needed_text(key, 5..=600);
    let (en, fr, nl, de) = (words("en"), words("fr"), words("nl"), words("de"));
    r.finish();
    Some(Phrase { en: en?, fr: fr?, nl: nl?, de: de? })
}

fn law(mut r: Reader<'_>) -> Option<Law> {
    let (id, country, mark) = (id(&mut r), country(&mut r), mark(&mut r));
    let is_basis = r.flag("basis");
    let effective = effective(&mut r);
    let source = r.needed_text("source", 3..=500);
    let text = r.needed_object("text").and_then(phrase);
    r.finish();
    Some(Law { id: id?, country: country?, mark: mark?, is_basis, effective, source: source?, text: text? })
}

fn need(mut r: Reader<'_>) -> Option<Need> {
    let (id, country, mark, kinds) = (id(&mut r), country(&mut r), mark(&mut r), kinds(&mut r));
    let when = r.parsed("when", 4, When::parse);
    if when.iter().any(|fact| *fact != When::Pictures) {
        r.fault("when", "not-for-needs");
    }
    let because = r.parsed("because", 10, RuleId::parse);
    if because.is_empty() {
        r.fault("because", "required");
    }
    let locked = r.flag("locked");
    let effective = effective(&mut r);
    let authorities = r.parsed("authorities", 9, AuthorityType::parse);
    if country.is_some_and(|home| authorities.iter().any(|authority| authority.country() != Some(home))) {
        r.fault("authorities", "authority-of-other-country");
    }
    let bases = r.parsed("bases", 20, RuleId::parse);
    let consents = r.parsed("consents", 20, ConsentKind::parse);
    let criteria = r.choice("criteria", RuleId::parse);
    let requested_by = r.parsed("requested_by", 3, RequestedBy::parse);
    let scope = r
        .items("scope", 9)
        .into_iter()
        .map(|(pointer, group)| {
            let parts: Option<Vec<_>> = group
                .as_array()
                .and_then(|parts| parts.iter().map(|part| part.as_str().and_then(ScopePart::parse)).collect());
            parts.filter(|parts| !parts.is_empty()).unwrap_or_else(|| {
                r.note(Fault::at(pointer, "unknown-value").with("value", group));
                Vec::new()
            })
        })
        .collect();
    let conviction = r.object("conviction").and_then(|mut c| {
        let (is_final, warrant) = (c.flag("final"), c.flag("warrant"));
        let years = c.required("years", |c, key| c.integer(key, 0..=99));
        c.finish();
        Some(ConvictionNeed { is_final, warrant, years: years? })
    });
    let minor_suspect = r.choice("minor_suspect", |code| match code {
        "never" => Some(MinorSuspect::Never),
        consent => ConsentKind::parse(consent).map(MinorSuspect::With),
    });
    let lasts = r.integer("lasts_hours", 1..=LONGEST_HOURS).map(TimeDelta::hours);
    let at_most = r.integer("at_most_hours", 1..=LONGEST_HOURS).map(TimeDelta::hours);
    if lasts.zip(at_most).is_some_and(|(lasts, at_most)| lasts > at_most) {
        r.fault("at_most_hours", "shorter-than-default");
    }
    let in_all = r.integer("in_all_hours", 1..=LONGEST_HOURS).map(TimeDelta::hours);
    r.finish();
    Some(Need {
        id: id?,
        country: country?,
        kinds,
        when,
        mark: mark?,
        because,
        locked,
        effective,
        authorities,
        bases,
        consents,
        criteria,
        requested_by,
        scope,
        conviction,
        minor_suspect,
        lasts,
        at_most,
        in_all,
    })
}

fn consent(mut r: Reader<'_>) -> Option<ConsentRule> {
    let kind = r.required("kind", |r, key| r.choice(key, ConsentKind::parse));
    let waivable = r.flag("waivable");
    let implied_by = r.choice("implied_by", AuthorityType::parse);
    r.finish();
    Some(ConsentRule { kind: kind?, waivable, implied_by })
}

fn criteria(mut r: Reader<'_>) -> Option<CriteriaSet> {
    let (id, country, mark, kinds) = (id(&mut r), country(&mut r), mark(&mut r), kinds(&mut r));
    let because = r.parsed("because", 10, RuleId::parse);
    let needs = r.required("needs", |r, key| r.choice(key, CriteriaNeed::parse));
    let questions = r.objects("question", 40, |mut q| {
        let code = q.needed_line("code", 2..=60);
        let text = q.needed_object("text").and_then(phrase);
        q.finish();
        Some(Question { code: code?, text: text? })
    });
    if questions.is_empty() {
        r.fault("question", "required");
    }
    r.finish();
    Some(CriteriaSet { id: id?, country: country?, kinds, mark: mark?, because, needs: needs?, questions })
}

fn sensitivity(mut r: Reader<'_>) -> Option<SensitivityRule> {
    let (id, mark, kinds) = (id(&mut r), mark(&mut r), kinds(&mut r));
    let sensitivity = r.required("sensitivity", |r, key| r.choice(key, Sensitivity::parse));
    let when = r.parsed("when", 4, When::parse);
    r.finish();
    Some(SensitivityRule { id: id?, sensitivity: sensitivity?, kinds, when, mark: mark? })
}

fn chain(mut r: Reader<'_>) -> Option<Chain> {
    let (id, mark) = (id(&mut r), mark(&mut r));
    let sensitivity = r.required("sensitivity", |r, key| r.choice(key, Sensitivity::parse));
    let levels = r.parsed("levels", 4, Level::parse);
    if levels.is_empty() {
        r.fault("levels", "required");
    }
    // A chain climbs: a level twice, or out of order, is a slip.
    if !levels.is_sorted_by(|a, b| a < b) {
        r.fault("levels", "out-of-order");
    }
    r.finish();
    Some(Chain { id: id?, sensitivity: sensitivity?, levels, mark: mark? })
}

fn emergency(mut r: Reader<'_>) -> Option<EmergencyRule> {
    let (id, mark, kinds) = (id(&mut r), mark(&mut r), kinds(&mut r));
    // "Mandatory review within 24 h" (security-and-ops §4): a force may be stricter, not laxer.
    let hours = r.required("review_hours", |r, key| r.integer(key, 1..=24));
    r.finish();
    Some(EmergencyRule { id: id?, kinds, review_within: TimeDelta::hours(hours?), mark: mark? })
}

fn cold(mut r: Reader<'_>) -> Option<ColdRule> {
    let (id, mark, kinds) = (id(&mut r), mark(&mut r), kinds(&mut r));
    // A list goes no further than ordinary appeals unless a row says so.
    let up_to = r.choice("up_to", Sensitivity::parse).unwrap_or(Sensitivity::Ordinary);
    let levels = r.parsed("levels", 4, Level::parse);
    r.finish();
    Some(ColdRule { id: id?, kinds, up_to, levels, mark: mark? })
}

fn contact(mut r: Reader<'_>) -> Option<Contact> {
    let (id, country, mark) = (id(&mut r), country(&mut r), mark(&mut r));
    let purpose = r.required("purpose", |r, key| r.choice(key, ContactPurpose::parse));
    let value = r.needed_line("value", 2..=100);
    let source = r.needed_text("source", 3..=500);
    r.finish();
    Some(Contact { id: id?, country: country?, purpose: purpose?, value: value?, mark: mark?, source: source? })
}

/// References that lead nowhere, and kinds without what every kind must have.
fn dangling(book: &RuleBook) -> Vec<RuleFault> {
    let mut wrong = Vec::new();
    let mut note = |id: &str, code: &'static str, value: &str| {
        let fault = Fault::at(format!("/{id}"), code).with("value", value);
        wrong.push(RuleFault { file: "rules".to_owned(), fault });
    };
    for need in &book.needs {
        for law in need.because.iter().filter(|law| book.law(law).is_none()) {
            note(need.id.as_str(), "unknown-law", law.as_str());
        }
        for basis in need.bases.iter().filter(|basis| book.basis(basis.as_str()).is_none()) {
            note(need.id.as_str(), "no-basis", basis.as_str());
        }
        if let Some(criteria) = &need.criteria
            && book.criteria(criteria.as_str()).is_none()
        {
            note(need.id.as_str(), "unknown-criteria", criteria.as_str());
        }
    }
    for (row, law) in book.triage.iter().flat_map(|row| row.because.iter().map(move |law| (row, law))) {
        if book.law(law).is_none() {
            note(row.id.as_str(), "unknown-law", law.as_str());
        }
    }
    for kind in ResponseKind::ALL {
        let always =
            |row: &&TriageRule| row.kinds.is_empty() && row.country.is_none() && row.effective == Effective::default();
        let mut rows = book.triage.iter().filter(always).filter(|row| row.responses.contains(kind));
        if !rows.any(|row| row.urgency.is_some() && row.weight.is_some()) {
            note(kind.code(), "no-triage", kind.code());
        }
    }
    for kind in ConsentKind::ALL {
        if !book.consents.iter().any(|rule| rule.kind == *kind) {
            note(kind.code(), "no-consent-rule", kind.code());
        }
    }
    for country in [Country::Be, Country::Fr] {
        for kind in AppealKind::ALL {
            let rows = || book.needs.iter().filter(|need| need.country == country && need.kinds.contains(kind));
            if rows().all(|need| need.authorities.is_empty()) {
                note(kind.code(), "no-authority", country.code());
            }
            if rows().all(|need| need.lasts.is_none()) {
                note(kind.code(), "no-span", country.code());
            }
        }
        for purpose in [ContactPurpose::Emergency, ContactPurpose::Police] {
            if book.contact(country, purpose).is_none() {
                note(country.code(), "no-contact", purpose.code());
            }
        }
    }
    for sensitivity in Sensitivity::ALL {
        if !book.chains.iter().any(|chain| chain.sensitivity == *sensitivity) {
            note(sensitivity.code(), "no-chain", sensitivity.code());
        }
    }
    wrong
}
