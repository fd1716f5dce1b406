//! What a check says: which rule, how grave, where exactly, and the catalogue keys of the reason and the suggestion.
//! A finding is a hint to a person. None of them, and no lack of them, says that a text is lawful.

use std::ops::Range;

use super::checked::Field;
use super::rule::RuleId;
use crate::domain::language::Language;
use crate::words::Words;

/// How grave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The validators should know.
    Warn,
    /// The appeal cannot be published like this.
    Block,
}

impl Severity {
    /// The stable code: `warn` or `block`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Warn, Self::Block].into_iter().find(|severity| severity.code() == code)
    }
}

/// A sentence of the catalogue and its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The key, such as `lint-PI-01`.
    pub key: String,
    /// The variables. Every sentence of a rule may use any of them.
    pub args: Vec<(&'static str, String)>,
}

impl Said {
    /// The sentence in a reader's language.
    #[must_use]
    pub fn in_words(&self, words: &Words) -> String {
        let args: Vec<(&str, &str)> = self.args.iter().map(|(name, value)| (*name, value.as_str())).collect();
        words.say_with(&self.key, &args).into_owned()
    }
}

/// One hint.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// How grave, after the unit's overrides.
    pub severity: Severity,
    /// The version it is in; `None` for the appeal as a whole.
    pub language: Option<Language>,
    /// The passage it is in; `None` for the version or picture as a whole.
    pub field: Option<Field>,
    /// The characters (Unicode scalar values, from 0) of the passage as written; empty when the whole is meant.
    pub range: Range<usize>,
    /// These characters. `None` for what must not be repeated: hold-back facts, names of hidden people, references.
    pub excerpt: Option<String>,
    /// Why.
    pub reason: Said,
    /// What to do instead.
    pub suggestion: Said,
}

impl std::fmt::Debug for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The excerpt may be somebody's national number: it is for the editor's screen, not for a log.
        f.debug_struct("Finding")
            .field("rule", &self.rule)
            .field("severity", &self.severity)
            .field("language", &self.language)
            .field("field", &self.field)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

/// Why something was not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCheckedReason {
    /// No spelling dictionary of the language is installed.
    NoDictionary,
    /// The dictionary is there and cannot be read.
    BadDictionary,
    /// The picture was not decoded, or its bytes do not fit its size.
    NotDecoded,
    /// Fewer than two people have said what a picture shows.
    NotViewedTwice,
}

impl NotCheckedReason {
    /// The catalogue key of the reason.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NoDictionary => "lint-not-checked-no-dictionary",
            Self::BadDictionary => "lint-not-checked-bad-dictionary",
            Self::NotDecoded => "lint-not-checked-not-decoded",
            Self::NotViewedTwice => "lint-not-checked-not-viewed-twice",
        }
    }
}

/// A check that could not be made: silence about it would read as a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotChecked {
    /// The rule.
    pub rule: RuleId,
    /// The version, if it is about one.
    pub language: Option<Language>,
    /// Why.
    pub reason: NotCheckedReason,
}

/// The outcome of all checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The hints, blocking ones first, then in reading order.
    pub findings: Vec<Finding>,
    /// What could not be checked.
    pub not_checked: Vec<NotChecked>,
}

impl Report {
    /// Whether any finding blocks.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Block)
    }
}
