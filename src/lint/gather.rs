//! Collects findings: asks the book whether a rule applies and how grave it is, cuts the excerpt, names the sentences.

use std::ops::Range;

use super::checked::Checked;
use super::finding::{Finding, NotChecked, NotCheckedReason, Report, Said};
use super::folded::characters;
use super::passage::Ready;
use super::rule::{Rule, RuleId};
use super::rulebook::Rulebook;
use crate::domain::language::Language;

/// Variables of a finding's sentences besides `words` and `value`.
pub(super) type Extra<'e> = &'e [(&'static str, String)];

pub(super) struct Gather<'g> {
    pub book: &'g Rulebook,
    pub checked: &'g Checked<'g>,
    report: Report,
}

impl<'g> Gather<'g> {
    pub fn new(book: &'g Rulebook, checked: &'g Checked<'g>) -> Self {
        Self { book, checked, report: Report::default() }
    }

    /// The rule, when it is on and applies to this appeal.
    pub fn active(&self, id: RuleId) -> Option<&'g Rule> {
        let rule = self.book.rule(id)?;
        (self.book.severity(id).is_some() && rule.applies(self.checked)).then_some(rule)
    }

    /// A finding at a range of the folded text.
    pub fn at(&mut self, id: RuleId, language: Language, ready: &Ready<'_>, folded: &Range<usize>, extra: Extra<'_>) {
        self.at_characters(id, language, ready, ready.folded.original(folded), extra);
    }

    /// A finding at characters of the original.
    pub fn at_characters(
        &mut self,
        id: RuleId,
        language: Language,
        ready: &Ready<'_>,
        range: Range<usize>,
        extra: Extra<'_>,
    ) {
        let excerpt = characters(ready.text, &range);
        self.add(id, Some(language), Some((ready, range)), Some(excerpt), extra);
    }

    /// A finding about a version, a picture or the appeal as a whole.
    pub fn whole(&mut self, id: RuleId, language: Option<Language>, extra: Extra<'_>) {
        self.add(id, language, None, None, extra);
    }

    fn add(
        &mut self,
        id: RuleId,
        language: Option<Language>,
        place: Option<(&Ready<'_>, Range<usize>)>,
        excerpt: Option<String>,
        extra: Extra<'_>,
    ) {
        let (Some(rule), Some(severity)) = (self.active(id), self.book.severity(id)) else { return };
        let excerpt = excerpt.filter(|_| !rule.silent);
        let (field, range) = place.map_or((None, 0..0), |(ready, range)| (Some(ready.field), range));
        let twice = self.report.findings.iter().any(|other| {
            other.rule == id
                && other.language == language
                && other.field == field
                && field.is_some()
                && extra.is_empty()
                && other.range.start < range.end
                && range.start < other.range.end
        });
        if twice {
            return;
        }
        let better = language.map_or("", |language| rule.better(language));
        let mut args = vec![("words", better.to_owned()), ("value", excerpt.clone().unwrap_or_default())];
        for (name, value) in extra {
            match args.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => known.clone_from(value),
                None => args.push((name, value.clone())),
            }
        }
        self.report.findings.push(Finding {
            rule: id,
            severity,
            language,
            field,
            range,
            excerpt,
            reason: Said { key: format!("lint-{id}"), args: args.clone() },
            suggestion: Said { key: format!("lint-{id}-better"), args },
        });
    }

    /// A check that could not be made.
    pub fn not_checked(&mut self, rule: RuleId, language: Option<Language>, reason: NotCheckedReason) {
        let entry = NotChecked { rule, language, reason };
        if self.active(rule).is_some() && !self.report.not_checked.contains(&entry) {
            self.report.not_checked.push(entry);
        }
    }

    /// The report: blocking findings first, then by language and place.
    pub fn finish(mut self) -> Report {
        self.report
            .findings
            .sort_by_key(|f| (std::cmp::Reverse(f.severity), f.language, f.field, f.range.start, f.rule.as_str()));
        self.report
    }
}
