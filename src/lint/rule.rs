//! A rule as it is published: id, source, how sure the source is, since when, how grave. Its patterns are in `phrases`.

use chrono::NaiveDate;

use super::checked::{Checked, Moment};
use super::finding::Severity;
use super::phrases::Phrases;
use crate::domain::kind::AppealKind;
use crate::domain::language::Language;
use crate::domain::place::Country;

macro_rules! rule_ids {
    ($($name:ident = $code:literal),+ $(,)?) => {
        impl RuleId {
            $(#[doc = concat!("Rule ", $code, ".")] pub const $name: Self = Self($code);)+
            /// Every id there is, in the order of appeals-and-law §6.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

/// The id of a rule, as appeals-and-law §6 numbers it. LA-07, IM-01 and IM-02 are ours.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(&'static str);

rule_ids! {
    PI_01 = "PI-01", PI_02 = "PI-02", PI_03 = "PI-03", PI_04 = "PI-04", PI_05 = "PI-05", PI_06 = "PI-06",
    SE_01 = "SE-01", SE_02 = "SE-02", SE_03 = "SE-03", SE_04 = "SE-04",
    MI_01 = "MI-01", MI_02 = "MI-02", MI_03 = "MI-03", MI_04 = "MI-04",
    PD_01 = "PD-01", PD_02 = "PD-02", PD_03 = "PD-03", PD_04 = "PD-04", PD_05 = "PD-05", PD_06 = "PD-06",
    IC_01 = "IC-01", IC_02 = "IC-02",
    PU_01 = "PU-01", PU_02 = "PU-02", PU_03 = "PU-03", PU_04 = "PU-04", PU_05 = "PU-05", PU_06 = "PU-06",
    LA_01 = "LA-01", LA_02 = "LA-02", LA_03 = "LA-03", LA_04 = "LA-04", LA_05 = "LA-05", LA_06 = "LA-06", LA_07 = "LA-07",
    HT_01 = "HT-01", CL_01 = "CL-01", CL_02 = "CL-02", CL_03 = "CL-03", IM_01 = "IM-01", IM_02 = "IM-02",
}

impl RuleId {
    /// Reads an id such as `PI-01`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.0 == text)
    }

    /// The id as written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl std::fmt::Debug for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::fmt::Display for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// How sure the source of a rule is (the marks of appeals-and-law).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// An official text was read.
    Confirmed,
    /// A secondary source was read.
    Secondary,
    /// Unconfirmed: counsel must check; ships in the strict position.
    Unconfirmed,
    /// Our own design, no legal source.
    Design,
}

impl Mark {
    /// The letter: C, S, U or D.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "C",
            Self::Secondary => "S",
            Self::Unconfirmed => "U",
            Self::Design => "D",
        }
    }

    pub(super) fn parse(code: &str) -> Option<Self> {
        [Self::Confirmed, Self::Secondary, Self::Unconfirmed, Self::Design].into_iter().find(|m| m.code() == code)
    }
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// Whose magistrate it binds; `None`: both countries'.
    pub country: Option<Country>,
    /// How sure its source is.
    pub mark: Mark,
    /// The rows of appeals-and-law §4, or what else it rests on.
    pub source: String,
    /// First day it applies.
    pub effective_from: NaiveDate,
    /// Last day it applies; none while it is in force.
    pub effective_to: Option<NaiveDate>,
    /// How grave, before a unit's overrides.
    pub severity: Severity,
    /// No unit may loosen it.
    pub locked: bool,
    /// Its findings repeat nothing of the text.
    pub silent: bool,
    /// Kinds it applies to; empty: all.
    pub kinds: Vec<AppealKind>,
    /// Kinds it does not apply to.
    pub exempt_kinds: Vec<AppealKind>,
    /// Appeals, closing texts, or `None`: both.
    pub moment: Option<Moment>,
    /// Its patterns, for FR, NL and DE; rules of code have none.
    pub(super) phrases: [Option<Phrases>; 3],
}

impl Rule {
    /// Whether it applies to this appeal today.
    #[must_use]
    pub fn applies(&self, checked: &Checked<'_>) -> bool {
        self.country.is_none_or(|country| country == checked.country)
            && checked.today >= self.effective_from
            && self.effective_to.is_none_or(|end| checked.today <= end)
            && (self.kinds.is_empty() || self.kinds.contains(&checked.kind))
            && !self.exempt_kinds.contains(&checked.kind)
            && self.moment.is_none_or(|moment| moment == checked.moment)
    }

    /// What to write instead, in the language of the text; empty when there is nothing to write.
    #[must_use]
    pub fn better(&self, language: Language) -> &str {
        self.phrases(language).map_or("", |phrases| phrases.better.as_str())
    }

    pub(super) fn phrases(&self, language: Language) -> Option<&Phrases> {
        let [fr, nl, de] = &self.phrases;
        match language {
            Language::Fr => fr.as_ref(),
            Language::Nl => nl.as_ref(),
            Language::De => de.as_ref(),
        }
    }
}
