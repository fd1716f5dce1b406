//! The rules and limits as shipped, read once from the embedded files and checked: a wrong file stops the start with its
//! name, the rule and the field. A unit's legal officer may change severities here, except where a rule is locked.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Deserialize;

use super::checked::Moment;
use super::finding::Severity;
use super::limits::{Limits, Vocabulary};
use super::phrases::PhrasesEntry;
use super::rule::{Mark, Rule, RuleId};
use crate::domain::kind::AppealKind;
use crate::domain::language::Language;
use crate::domain::place::Country;

/// The shipped files.
const FILES: [(&str, &str); 6] = [
    ("presumption.toml", include_str!("rules/presumption.toml")),
    ("secrecy.toml", include_str!("rules/secrecy.toml")),
    ("minors.toml", include_str!("rules/minors.toml")),
    ("personal.toml", include_str!("rules/personal.toml")),
    ("public.toml", include_str!("rules/public.toml")),
    ("language.toml", include_str!("rules/language.toml")),
];
const VOCABULARY: (&str, &str) = ("vocabulary.toml", include_str!("rules/vocabulary.toml"));
const LIMITS: (&str, &str) = ("limits.toml", include_str!("rules/limits.toml"));

/// Why a rule file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Not TOML, a field is missing, or there is one too many.
    #[error("{file}: {message}")]
    Malformed {
        /// The file.
        file: String,
        /// What the reader says, with the line.
        message: String,
    },
    /// A field holds what it cannot.
    #[error("{file}: rule {rule}: {field}: {message}")]
    Field {
        /// The file.
        file: String,
        /// The rule.
        rule: String,
        /// The field.
        field: String,
        /// What is wrong.
        message: String,
    },
    /// Two entries of one rule.
    #[error("{file}: rule {rule} is there twice")]
    Twice {
        /// The file of the second one.
        file: String,
        /// The rule.
        rule: RuleId,
    },
    /// A rule the code knows and no file has.
    #[error("no file has rule {rule}")]
    Absent {
        /// The rule.
        rule: RuleId,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    country: String,
    mark: String,
    source: String,
    effective_from: String,
    effective_to: Option<String>,
    severity: String,
    #[serde(default)]
    locked: bool,
    #[serde(default)]
    silent: bool,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    exempt_kinds: Vec<String>,
    moment: Option<String>,
    fr: Option<PhrasesEntry>,
    nl: Option<PhrasesEntry>,
    de: Option<PhrasesEntry>,
}

/// What a unit decided about a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another severity.
    Severity(Severity),
    /// Not applied at all.
    Off,
}

/// A decision of a unit's legal officer. Who and when is kept by whoever stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Override {
    /// The rule.
    pub rule: RuleId,
    /// The decision.
    pub change: Change,
}

/// A locked rule cannot be loosened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule {0} is locked: it cannot be switched off or made a warning")]
pub struct LockedRule(pub RuleId);

/// All rules, with a unit's changes. Cheap to clone: the patterns are shared.
#[derive(Clone, Debug)]
pub struct Rulebook {
    rules: Arc<BTreeMap<RuleId, Rule>>,
    limits: Arc<Limits>,
    vocabulary: Arc<Vocabulary>,
    changes: BTreeMap<RuleId, Change>,
}

impl Rulebook {
    /// The rules as shipped.
    pub fn shipped() -> Result<Self, RuleError> {
        Self::read(&FILES, LIMITS)
    }

    /// Reads rule files and the limits, each with its name.
    pub fn read(files: &[(&str, &str)], limits: (&str, &str)) -> Result<Self, RuleError> {
        let mut rules = BTreeMap::new();
        for (name, text) in files {
            let malformed = |message: String| RuleError::Malformed { file: (*name).to_owned(), message };
            let file: File = toml::from_str(text).map_err(|error| malformed(error.to_string()))?;
            for entry in file.rule {
                let rule = read_rule(name, entry)?;
                let id = rule.id;
                if rules.insert(id, rule).is_some() {
                    return Err(RuleError::Twice { file: (*name).to_owned(), rule: id });
                }
            }
        }
        if let Some(rule) = RuleId::ALL.iter().copied().find(|id| !rules.contains_key(id)) {
            return Err(RuleError::Absent { rule });
        }
        let limits = toml::from_str(limits.1)
            .map_err(|error| RuleError::Malformed { file: limits.0.to_owned(), message: error.to_string() })?;
        let vocabulary = toml::from_str(VOCABULARY.1)
            .map_err(|error| RuleError::Malformed { file: VOCABULARY.0.to_owned(), message: error.to_string() })?;
        Ok(Self {
            rules: Arc::new(rules),
            limits: Arc::new(limits),
            vocabulary: Arc::new(vocabulary),
            changes: BTreeMap::new(),
        })
    }

    /// The book of a unit. A locked rule may be made graver, never milder.
    pub fn with(&self, overrides: &[Override]) -> Result<Self, LockedRule> {
        let mut changed = self.clone();
        for Override { rule, change } in overrides {
            let locked = self.rules.get(rule).is_some_and(|known| {
                known.locked
                    && match change {
                        Change::Off => true,
                        Change::Severity(severity) => *severity < known.severity,
                    }
            });
            if locked {
                return Err(LockedRule(*rule));
            }
            changed.changes.insert(*rule, *change);
        }
        Ok(changed)
    }

    /// Every rule, for lists that show source and mark.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// One rule.
    #[must_use]
    pub fn rule(&self, id: RuleId) -> Option<&Rule> {
        self.rules.get(&id)
    }

    /// How grave a rule is in this unit; `None` when it is switched off.
    #[must_use]
    pub fn severity(&self, id: RuleId) -> Option<Severity> {
        match self.changes.get(&id) {
            Some(Change::Off) => None,
            Some(Change::Severity(severity)) => Some(*severity),
            None => self.rules.get(&id).map(|rule| rule.severity),
        }
    }

    pub(super) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The figures.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }
}

fn read_rule(file: &str, entry: Entry) -> Result<Rule, RuleError> {
    let id_text = entry.id;
    let wrong = |field: &str, message: String| RuleError::Field {
        file: file.to_owned(),
        rule: id_text.clone(),
        field: field.to_owned(),
        message,
    };
    let id = RuleId::parse(&id_text).ok_or_else(|| wrong("id", "not a rule the code knows".to_owned()))?;
    let country = match entry.country.as_str() {
        "both" => None,
        code => Some(Country::parse(code).ok_or_else(|| wrong("country", "write BE, FR or both".to_owned()))?),
    };
    let mark = Mark::parse(&entry.mark).ok_or_else(|| wrong("mark", "write C, S, U or D".to_owned()))?;
    if entry.source.trim().is_empty() {
        return Err(wrong("source", "empty".to_owned()));
    }
    let day = |field: &str, text: &str| {
        text.parse::<NaiveDate>().map_err(|_| wrong(field, format!("`{text}` is no date such as 2026-11-21")))
    };
    let effective_from = day("effective_from", &entry.effective_from)?;
    let effective_to = entry.effective_to.as_deref().map(|text| day("effective_to", text)).transpose()?;
    if effective_to.is_some_and(|end| end < effective_from) {
        return Err(wrong("effective_to", "before effective_from".to_owned()));
    }
    let severity =
        Severity::parse(&entry.severity).ok_or_else(|| wrong("severity", "write block or warn".to_owned()))?;
    let kinds = |field: &str, codes: &[String]| {
        codes
            .iter()
            .map(|code| AppealKind::parse(code).ok_or_else(|| wrong(field, format!("no kind `{code}`"))))
            .collect::<Result<Vec<_>, _>>()
    };
    let moment = match entry.moment.as_deref() {
        None => None,
        Some("appeal") => Some(Moment::Appeal),
        Some("closing") => Some(Moment::Closing),
        Some(_) => return Err(wrong("moment", "write appeal or closing".to_owned())),
    };
    let phrases = |language: Language, phrases: Option<PhrasesEntry>| {
        phrases
            .map(PhrasesEntry::compile)
            .transpose()
            .map_err(|(list, message)| wrong(&format!("{language}.{list}"), message))
    };
    Ok(Rule {
        id,
        country,
        mark,
        source: entry.source,
        effective_from,
        effective_to,
        severity,
        locked: entry.locked,
        silent: entry.silent,
        kinds: kinds("kinds", &entry.kinds)?,
        exempt_kinds: kinds("exempt_kinds", &entry.exempt_kinds)?,
        moment,
        phrases: [phrases(Language::Fr, entry.fr)?, phrases(Language::Nl, entry.nl)?, phrases(Language::De, entry.de)?],
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    fn with(change: impl Fn(&str) -> String) -> Result<Rulebook, RuleError> {
        let files: Vec<(&str, String)> = FILES.iter().map(|(name, text)| (*name, change(text))).collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        Rulebook::read(&files, LIMITS)
    }

    #[test]
    fn the_shipped_files_hold_every_rule_with_a_source() {
        let book = Rulebook::shipped().unwrap();
        assert_eq!(book.rules().count(), RuleId::ALL.len());
        for rule in book.rules() {
            assert!(!rule.source.is_empty(), "{}", rule.id);
            let languages = Language::ALL.iter().filter(|l| rule.phrases(**l).is_some()).count();
            assert!(languages == 0 || languages == 3, "{} speaks {languages} languages", rule.id);
        }
    }

    #[test]
    fn a_wrong_file_is_refused_with_file_rule_and_field() {
        let error = with(|text| text.replace("mark = \"C\"", "mark = \"X\"")).unwrap_err();
        assert!(matches!(&error, RuleError::Field { field, .. } if field == "mark"), "{error}");
        let error = with(|text| text.replacen("id = \"PI-01\"", "id = \"PI-99\"", 1)).unwrap_err();
        assert!(error.to_string().contains("PI-99: id"), "{error}");
        let error = with(|text| text.replacen("id = \"PI-01\"", "id = \"PI-02\"", 1)).unwrap_err();
        assert_eq!(error, RuleError::Twice { file: "presumption.toml".to_owned(), rule: RuleId::PI_02 });
        let error = with(|text| text.replacen("find = [", "find = ['(',", 1)).unwrap_err();
        assert!(matches!(&error, RuleError::Field { field, .. } if field.contains(".find")), "{error}");
        let error = with(|text| text.replacen("find = [", "find = ['é',", 1)).unwrap_err();
        assert!(error.to_string().contains("folded form"), "{error}");
        let error = with(|text| text.replacen("severity =", "gravity =", 1)).unwrap_err();
        assert!(matches!(error, RuleError::Malformed { .. }), "{error}");
        let error = Rulebook::read(FILES.get(1..).unwrap(), LIMITS).unwrap_err();
        assert_eq!(error, RuleError::Absent { rule: RuleId::PI_01 });
        let error = Rulebook::read(&FILES, ("limits.toml", "")).unwrap_err();
        assert!(error.to_string().starts_with("limits.toml"), "{error}");
    }

    #[test]
    fn a_unit_may_change_a_rule_unless_it_is_locked() {
        let book = Rulebook::shipped().unwrap();
        let off = |rule| Override { rule, change: Change::Off };
        let milder = |rule| Override { rule, change: Change::Severity(Severity::Warn) };
        let changed = book.with(&[off(RuleId::PU_06), milder(RuleId::PU_05)]).unwrap();
        assert_eq!(changed.severity(RuleId::PU_06), None);
        assert_eq!(changed.severity(RuleId::PU_05), Some(Severity::Warn));
        assert_eq!(book.severity(RuleId::PU_05), Some(Severity::Block));
        for locked in [RuleId::MI_01, RuleId::MI_02, RuleId::SE_02, RuleId::SE_03] {
            assert_eq!(book.with(&[off(locked)]).unwrap_err(), LockedRule(locked));
            assert_eq!(book.with(&[milder(locked)]).unwrap_err(), LockedRule(locked));
        }
    }
}
