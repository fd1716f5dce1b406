//! Runs every check over an appeal's notices and pictures. Pure apart from the spelling dictionaries, which are read once.

use std::collections::HashSet;

use super::checked::{Checked, Field, HoldBack, Moment};
use super::contact::{foreign_links, foreign_mails, foreign_phones, machine_readable};
use super::digits::{bank_accounts, national_numbers};
use super::finding::Report;
use super::folded::{fold, squeeze};
use super::form::{emoji, shouting};
use super::gather::Gather;
use super::passage::Ready;
use super::persons::{Known, accuses, names_in};
use super::plate::uncovered;
use super::rule::RuleId;
use super::rulebook::{RuleError, Rulebook};
use super::secret::{leaks, names, references};
use super::spelling::Speller;
use super::tongue::foreign_pieces;
use super::{parity, whole};
use crate::domain::language::Language;

/// Rules whose patterns only help their code.
const OWN_CODE: [RuleId; 6] =
    [RuleId::PD_02, RuleId::PD_03, RuleId::LA_04, RuleId::PU_02, RuleId::CL_02, RuleId::PI_03];

/// The checks of one unit: its rules and the dictionaries.
#[derive(Clone, Debug)]
pub struct Lint {
    book: Rulebook,
    speller: Speller,
}

/// One language version, made ready.
pub(super) struct ReadyVersion<'a> {
    pub language: Language,
    pub passages: Vec<Ready<'a>>,
}

impl Lint {
    /// The checks with a unit's book and where dictionaries are looked for.
    #[must_use]
    pub const fn new(book: Rulebook, speller: Speller) -> Self {
        Self { book, speller }
    }

    /// Whether a text from outside tells a fact that was held back: the same closeness that keeps it out of our notices.
    #[must_use]
    pub fn tells_withheld(&self, text: &str, facts: &[HoldBack]) -> bool {
        !facts.is_empty() && !leaks(&Ready::new(Field::Lead, text), facts, &self.book.limits().hold_back).is_empty()
    }

    /// The shipped rules, with the dictionaries of the system.
    pub fn shipped() -> Result<Self, RuleError> {
        Ok(Self::new(Rulebook::shipped()?, Speller::default()))
    }

    /// The rules.
    #[must_use]
    pub const fn book(&self) -> &Rulebook {
        &self.book
    }

    /// The dictionaries.
    #[must_use]
    pub const fn speller(&self) -> &Speller {
        &self.speller
    }

    /// Every hint about the notices and pictures. No finding means that no rule found anything, not that it is lawful.
    #[must_use]
    pub fn check(&self, checked: &Checked<'_>) -> Report {
        let mut gather = Gather::new(&self.book, checked);
        let versions: Vec<_> = checked
            .versions
            .iter()
            .map(|version| {
                let alt = checked.pictures.iter().enumerate().filter_map(|(at, picture)| {
                    Some((Field::AltText(at), picture.alt.get(&version.language)?.as_str()))
                });
                let passages = version.passages.iter().map(|(field, text)| (*field, text.as_str())).chain(alt);
                let passages = passages
                    .map(
                        |(field, text)| {
                            if field.is_prose() { Ready::new(field, text) } else { Ready::tag(field, text) }
                        },
                    )
                    .collect();
                ReadyVersion { language: version.language, passages }
            })
            .collect();
        let words = case_words(checked);
        for version in &versions {
            for ready in &version.passages {
                self.phrases(&mut gather, version.language, ready);
                private(&mut gather, version.language, ready);
                personal(&mut gather, version.language, ready);
                minors(&mut gather, version.language, ready);
                if ready.field.is_prose() {
                    persons(&mut gather, version.language, ready);
                    form(&mut gather, version.language, ready);
                    self.language(&mut gather, version.language, ready, &words);
                }
            }
            whole::version(&mut gather, version);
        }
        parity::compare(&mut gather, &versions);
        whole::appeal(&mut gather);
        gather.finish()
    }

    fn phrases(&self, gather: &mut Gather<'_>, language: Language, ready: &Ready<'_>) {
        for rule in self.book.rules() {
            if OWN_CODE.contains(&rule.id) || gather.active(rule.id).is_none() {
                continue;
            }
            if rule.id == RuleId::MI_03 && !gather.checked.about_minor()
                || matches!(rule.id, RuleId::PI_01 | RuleId::PI_02) && gather.checked.convicted
            {
                continue;
            }
            let Some(phrases) = rule.phrases(language).filter(|phrases| !phrases.is_empty()) else { continue };
            for hit in phrases.hits(ready) {
                if rule.id == RuleId::PD_04 && official_address(gather.checked, ready.folded.part(&hit)) {
                    continue;
                }
                if rule.id == RuleId::PU_06 && shouted(ready, &hit) {
                    continue;
                }
                if rule.id == RuleId::PI_05 && gather.checked.convicted && tells_the_conviction(ready.folded.part(&hit))
                {
                    continue;
                }
                gather.at(rule.id, language, ready, &hit, &[]);
            }
        }
    }

    fn language(&self, gather: &mut Gather<'_>, language: Language, ready: &Ready<'_>, words: &HashSet<String>) {
        let checked = gather.checked;
        let vocabulary = self.book.vocabulary();
        let known = |folded: &str| words.contains(folded) || checked.places.knows(folded);
        if checked.one_language_each && gather.active(RuleId::LA_02).is_some() {
            for piece in foreign_pieces(ready, language, |word| word.capital && known(ready.lower(word))) {
                gather.at(RuleId::LA_02, language, ready, &trimmed(ready, piece), &[]);
            }
        }
        // What is no prose of this language is not spelled in it.
        let mut apart = machine_readable(ready);
        apart.extend(foreign_pieces(ready, language, |word| word.capital && known(ready.lower(word))));
        if let Some(rule) = gather.active(RuleId::LA_04) {
            for (range, better) in checked.places.wrong(ready, language, rule.phrases(language)) {
                let named = names_in(ready, &range, Known { names: &checked.names, places: checked.places, language });
                if named.is_empty() {
                    gather.at(RuleId::LA_04, language, ready, &range, &[("words", better)]);
                }
            }
        }
        if gather.active(RuleId::LA_03).is_some() {
            match self.speller.mistakes(ready, language, &apart, |w| known(w) || vocabulary.knows(w, language)) {
                Ok(mistakes) => mistakes.iter().for_each(|word| gather.at(RuleId::LA_03, language, ready, word, &[])),
                Err(reason) => gather.not_checked(RuleId::LA_03, Some(language), reason),
            }
        }
    }
}

/// Folded words that belong to the case: names, models, brands, titles.
fn case_words(checked: &Checked<'_>) -> HashSet<String> {
    let names = checked.names.iter().flat_map(|name| std::iter::once(&name.given).chain(&name.family));
    // A hidden name is SE-03's to find; calling it misspelled as well would only point at it twice.
    let hidden =
        checked.private.people.iter().flat_map(|person| {
            std::iter::once(&person.family).chain(&person.given).map(super::checked::Secret::expose)
        });
    names
        .chain(&checked.vocabulary)
        .map(String::as_str)
        .chain(hidden)
        .flat_map(|text| fold(text).split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_owned).collect::<Vec<_>>())
        .filter(|word| !word.is_empty())
        .collect()
}

fn trimmed(ready: &Ready<'_>, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let text = ready.folded.part(&range);
    let start = range.start + text.len() - text.trim_start().len();
    start..(range.start + text.trim_end().len()).max(start)
}

fn official_address(checked: &Checked<'_>, hit: &str) -> bool {
    let hit = squeeze(hit);
    checked
        .contacts
        .addresses
        .iter()
        .map(|known| squeeze(known))
        .any(|known| !known.is_empty() && (known.contains(&hit) || hit.contains(&known)))
}

/// Of a convict, the conviction may be told, and nothing else of the past.
fn tells_the_conviction(hit: &str) -> bool {
    ["ete condamn", "veroordeeld", "verurteilt"].iter().any(|word| hit.contains(word))
        && !["deja", "eerder", "bereits", "schon", "mehrfach", "fruher"].iter().any(|word| hit.contains(word))
}

/// An abbreviation inside a line of capitals is not one.
fn shouted(ready: &Ready<'_>, hit: &std::ops::Range<usize>) -> bool {
    let Some(at) = ready.words.iter().position(|w| w.range.start == hit.start) else { return false };
    let loud = |at: Option<usize>| {
        at.and_then(|at| ready.words.get(at)).is_some_and(|w| {
            let text = ready.folded.cased_part(&w.range);
            text.len() > 4 && !text.bytes().any(|b| b.is_ascii_lowercase())
        })
    };
    loud(at.checked_sub(1)) || loud(Some(at + 1))
}

fn private(gather: &mut Gather<'_>, language: Language, ready: &Ready<'_>) {
    let checked = gather.checked;
    for place in leaks(ready, &checked.private.hold_back, &gather.book.limits().hold_back) {
        gather.at(RuleId::SE_02, language, ready, &place, &[]);
    }
    for place in names(ready, &checked.private.people, &checked.names) {
        gather.at(RuleId::SE_03, language, ready, &place, &[]);
    }
    for place in references(ready, &checked.private.references) {
        gather.at(RuleId::SE_04, language, ready, &place, &[]);
    }
}

fn personal(gather: &mut Gather<'_>, language: Language, ready: &Ready<'_>) {
    let checked = gather.checked;
    let call = gather.book.rule(RuleId::PD_02).and_then(|rule| rule.phrases(language));
    let lead = gather.book.rule(RuleId::PD_03).and_then(|rule| rule.phrases(language));
    for place in national_numbers(&ready.folded) {
        gather.at(RuleId::PD_01, language, ready, &place, &[]);
    }
    for place in bank_accounts(&ready.folded) {
        gather.at(RuleId::PD_05, language, ready, &place, &[]);
    }
    for place in uncovered(ready, lead, &checked.covered) {
        gather.at(RuleId::PD_03, language, ready, &place, &[]);
    }
    for place in foreign_phones(ready, call, checked.contacts) {
        gather.at(RuleId::PD_02, language, ready, &place, &[]);
    }
    for place in foreign_mails(ready, checked.contacts) {
        gather.at(RuleId::PD_02, language, ready, &place, &[]);
    }
    if ready.field.is_prose() {
        for place in foreign_links(ready, checked.contacts) {
            gather.at(RuleId::IC_01, language, ready, &place, &[]);
        }
    }
}

/// Places of a given or family name that may not appear here.
fn minors(gather: &mut Gather<'_>, language: Language, ready: &Ready<'_>) {
    let checked = gather.checked;
    let unasked = checked.about_minor() && !checked.requested_by;
    let tag = !ready.field.is_prose();
    for name in &checked.names {
        for (part, family) in std::iter::once((&name.given, false)).chain(name.family.iter().map(|f| (f, true))) {
            for place in name_places(ready, part, tag) {
                if checked.minor_suspect() {
                    gather.at(RuleId::MI_01, language, ready, &place, &[]);
                }
                if unasked {
                    gather.at(RuleId::MI_02, language, ready, &place, &[]);
                }
                if tag && (checked.about_minor() || checked.minor_suspect()) {
                    gather.at(RuleId::MI_04, language, ready, &place, &[]);
                } else if family && checked.about_minor() {
                    gather.at(RuleId::MI_03, language, ready, &place, &[]);
                }
            }
        }
    }
}

/// Where a name stands as a word, or inside a tag as a piece of one.
fn name_places(ready: &Ready<'_>, name: &str, tag: bool) -> Vec<std::ops::Range<usize>> {
    let name = fold(name);
    if name.len() < 2 {
        return Vec::new();
    }
    let text = &ready.folded.lower;
    let bytes = text.as_bytes();
    let letter = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphabetic);
    let found = text.match_indices(&name).map(|(at, _)| at..at + name.len());
    let mut found: Vec<_> = found
        .filter(|range| {
            let standing = !letter(range.start.checked_sub(1)) && !letter(Some(range.end));
            let capital = ready.folded.cased_part(range).starts_with(|c: char| c.is_ascii_uppercase());
            if tag { standing || name.len() >= 4 } else { standing && capital }
        })
        .collect();
    if tag && found.is_empty() && name.len() >= 4 && squeeze(text).contains(&squeeze(&name)) {
        found.push(0..text.len());
    }
    found
}

fn persons(gather: &mut Gather<'_>, language: Language, ready: &Ready<'_>) {
    let checked = gather.checked;
    let known = Known { names: &checked.names, places: checked.places, language };
    if let Some(phrases) = gather.active(RuleId::PI_03).and_then(|rule| rule.phrases(language))
        && !checked.convicted
    {
        for hit in phrases.hits(ready) {
            if accuses(ready, &hit, phrases, known) {
                gather.at(RuleId::PI_03, language, ready, &hit, &[]);
            }
        }
    }
    if checked.moment == Moment::Closing
        && let Some(phrases) = gather.active(RuleId::CL_02).and_then(|rule| rule.phrases(language))
    {
        for hit in phrases.hits(ready) {
            let sentence = ready.sentence_at(hit.start);
            for name in names_in(ready, &sentence, known) {
                gather.at(RuleId::CL_02, language, ready, &name, &[]);
            }
        }
    }
}

fn form(gather: &mut Gather<'_>, language: Language, ready: &Ready<'_>) {
    for place in emoji(ready.text) {
        gather.at_characters(RuleId::PU_05, language, ready, place, &[]);
    }
    // A headline is one line; official ones are often in capitals.
    if ready.field != Field::Headline {
        for place in shouting(ready) {
            gather.at(RuleId::PU_04, language, ready, &place, &[]);
        }
    }
}
