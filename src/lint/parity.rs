//! The versions against each other: a fact that is in one and not in another, and a name spelled in two ways.

use std::collections::BTreeSet;
use std::ops::Range;

use super::check::ReadyVersion;
use super::checked::Field;
use super::contact::Phone;
use super::facts::{Fact, Facts, collect, present};
use super::gather::Gather;
use super::passage::Ready;
use super::rule::RuleId;

/// A name of two or more words, and where it stands.
struct FullName {
    parts: Vec<String>,
    passage: usize,
    range: Range<usize>,
}

/// Compares every pair of versions.
pub(super) fn compare(gather: &mut Gather<'_>, versions: &[ReadyVersion<'_>]) {
    if versions.len() < 2 || gather.active(RuleId::LA_07).is_none() {
        return;
    }
    let official: Vec<Phone> = gather.checked.contacts.phones.iter().map(|text| Phone::read(text)).collect();
    let facts: Vec<Facts> = versions
        .iter()
        .map(|version| {
            let call = gather.book.rule(RuleId::PD_02).and_then(|rule| rule.phrases(version.language));
            let lead = gather.book.rule(RuleId::PD_03).and_then(|rule| rule.phrases(version.language));
            let mut facts = Facts::new();
            for (at, ready) in compared(version) {
                collect(ready, at, version.language, call, lead, &mut facts);
            }
            // Each language may have its own official line.
            facts.retain(|fact, _| match fact {
                Fact::Phone(number) => !official.iter().any(|known| known.is(&Phone::read(number))),
                _ => true,
            });
            facts
        })
        .collect();
    for (version, own) in versions.iter().zip(&facts) {
        for (other, others) in versions.iter().zip(&facts).filter(|(other, _)| other.language != version.language) {
            for (fact, (passage, range)) in own {
                if !present(fact, others)
                    && let Some(ready) = version.passages.get(*passage)
                {
                    let extra = [("value", fact.shown()), ("other", other.language.code().to_uppercase())];
                    gather.at(RuleId::LA_07, version.language, ready, range, &extra);
                }
            }
            misspelled_names(gather, version, other);
        }
    }
}

/// Passages that tell facts: contact lines, tags and file names may differ.
fn compared<'v, 'a>(version: &'v ReadyVersion<'a>) -> impl Iterator<Item = (usize, &'v Ready<'a>)> {
    version.passages.iter().enumerate().filter(|(_, ready)| ready.field.is_prose() && ready.field != Field::Contact)
}

fn full_names(version: &ReadyVersion<'_>) -> Vec<FullName> {
    let mut found: Vec<FullName> = Vec::new();
    for (passage, ready) in compared(version) {
        let mut run: Vec<usize> = Vec::new();
        for at in 0..=ready.words.len() {
            let joins = ready.words.get(at).is_some_and(|word| {
                let capitals = ready.folded.cased_part(&word.range).bytes().filter(u8::is_ascii_uppercase).count();
                let near = run
                    .last()
                    .and_then(|last| ready.words.get(*last))
                    .is_none_or(|last| last.range.end + 1 == word.range.start);
                word.capital && capitals <= 2 && near
            });
            if joins {
                run.push(at);
                continue;
            }
            if let (true, Some(first), Some(last)) = (
                run.len() >= 2,
                run.first().and_then(|at| ready.words.get(*at)),
                run.last().and_then(|at| ready.words.get(*at)),
            ) {
                let parts =
                    run.iter().filter_map(|at| ready.words.get(*at)).map(|w| ready.lower(w).to_owned()).collect();
                found.push(FullName { parts, passage, range: first.range.start..last.range.end });
            }
            run.clear();
            if ready.words.get(at).is_some_and(|word| word.capital) {
                run.push(at);
            }
        }
    }
    found
}

/// "Emma Lefèvre" here and "Emma Lefebvre" there: one part the same, another nearly so.
fn misspelled_names(gather: &mut Gather<'_>, version: &ReadyVersion<'_>, other: &ReadyVersion<'_>) {
    let others = full_names(other);
    let spelled: BTreeSet<&str> = others.iter().flat_map(|name| name.parts.iter().map(String::as_str)).collect();
    for name in full_names(version) {
        let odd = others.iter().find(|candidate| {
            let shared = candidate.parts.iter().any(|part| name.parts.contains(part));
            shared
                && name.parts.iter().any(|part| {
                    !spelled.contains(part.as_str())
                        && candidate.parts.iter().any(|theirs| {
                            theirs != part
                                && !name.parts.contains(theirs)
                                && theirs.len().min(part.len()) >= 4
                                && super::secret::near(theirs, part)
                        })
                })
        });
        if odd.is_some()
            && let Some(ready) = version.passages.get(name.passage)
        {
            let shown = super::folded::characters(ready.text, &ready.folded.original(&name.range));
            let extra = [("value", shown), ("other", other.language.code().to_uppercase())];
            gather.at(RuleId::LA_07, version.language, ready, &name.range, &extra);
        }
    }
}
