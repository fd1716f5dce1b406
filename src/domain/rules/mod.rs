//! The law as data (appeals-and-law §4, §5, §7): what each kind of appeal needs in each country and why, the questions
//! asked before it, the chain that says yes, official contacts, what answers get on arrival. Dated, marked and versioned rows in `files/*.toml`,
//! read and checked as a whole at start; a unit's legal officer may change what is not locked ([`Override`]).
//! What the rows mean for one appeal is decided in `gate`; text checks have files of their own (`lint`).

mod chain;
mod criteria;
mod law;
mod need;
mod overrides;
mod read;
mod triage;

pub use chain::{Chain, ColdRule, EmergencyRule, Level, Sensitivity, SensitivityRule};
pub use criteria::{Answer, Answered, Assessment, CriteriaNeed, CriteriaSet, Question};
pub use law::{Contact, ContactPurpose, Effective, Law, Mark, Phrase, RuleId, country_day};
pub use need::{ConsentRule, ConvictionNeed, MinorSuspect, Need, ScopePart, When};
pub use overrides::{Change, Override, RefusedOverride};
pub use read::RuleFault;
pub use triage::{Arrival, TriageRule};

use super::authority::{AuthorityType, ConsentKind};
use super::canonical;
use super::kind::AppealKind;
use super::place::Country;
use chrono::{NaiveDate, TimeDelta};
use serde_json::json;
use std::sync::LazyLock;

/// The files every installation begins with.
const SHIPPED: &[(&str, &str)] = &[
    ("laws.toml", include_str!("files/laws.toml")),
    ("needs.toml", include_str!("files/needs.toml")),
    ("criteria.toml", include_str!("files/criteria.toml")),
    ("chain.toml", include_str!("files/chain.toml")),
    ("contacts.toml", include_str!("files/contacts.toml")),
    ("triage.toml", include_str!("files/triage.toml")),
];

/// Every rule, as one installation or one unit applies it. Only [`RuleBook::parse`] makes one, so that every reference
/// between rows leads somewhere.
#[derive(Clone, Debug, Default)]
pub struct RuleBook {
    version: String,
    laws: Vec<Law>,
    needs: Vec<Need>,
    consents: Vec<ConsentRule>,
    criteria: Vec<CriteriaSet>,
    sensitivities: Vec<SensitivityRule>,
    chains: Vec<Chain>,
    emergencies: Vec<EmergencyRule>,
    cold: Vec<ColdRule>,
    contacts: Vec<Contact>,
    triage: Vec<TriageRule>,
}

impl RuleBook {
    /// The rules as shipped.
    ///
    /// # Errors
    /// A shipped file is broken; a test keeps that from happening.
    pub fn shipped() -> Result<&'static Self, &'static [RuleFault]> {
        static BOOK: LazyLock<Result<RuleBook, Vec<RuleFault>>> = LazyLock::new(|| RuleBook::parse(&[]));
        BOOK.as_ref().map_err(Vec::as_slice)
    }

    /// The shipped rules with the rows of `further` files (name, TOML) added; a row with a known id replaces it.
    ///
    /// # Errors
    /// Every fault of every file at once, each with file, row and field.
    pub fn parse(further: &[(String, String)]) -> Result<Self, Vec<RuleFault>> {
        let shipped = SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let files: Vec<_> = shipped.chain(further.iter().cloned()).collect();
        let mut book = read::book(&files)?;
        book.version = canonical::digest(&json!(files));
        Ok(book)
    }

    /// SHA-256 over the files: two installations with the same version apply the same rules, overrides aside.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Every source of law, in the order of the files.
    #[must_use]
    pub fn laws(&self) -> &[Law] {
        &self.laws
    }

    /// The law of an id.
    #[must_use]
    pub fn law(&self, id: &RuleId) -> Option<&Law> {
        self.laws.iter().find(|law| law.id == *id)
    }

    /// The law a magistrate's decision may name as its basis.
    #[must_use]
    pub fn basis(&self, code: &str) -> Option<&Law> {
        self.laws.iter().find(|law| law.is_basis && law.id.as_str() == code)
    }

    /// Every need, in the order of the files.
    #[must_use]
    pub fn all_needs(&self) -> &[Need] {
        &self.needs
    }

    /// The needs of a kind in a country on a day.
    pub fn needs(&self, kind: AppealKind, country: Country, on: NaiveDate) -> impl Iterator<Item = &Need> {
        self.needs
            .iter()
            .filter(move |need| need.country == country && need.kinds.contains(&kind) && need.effective.holds(on))
    }

    /// How long a decision lasts that names no end.
    #[must_use]
    pub fn lasts(&self, kind: AppealKind, country: Country, on: NaiveDate) -> Option<TimeDelta> {
        self.needs(kind, country, on).filter_map(|need| need.lasts).min()
    }

    /// The longest a decision may last, where there is a limit.
    #[must_use]
    pub fn at_most(&self, kind: AppealKind, country: Country, on: NaiveDate) -> Option<TimeDelta> {
        self.needs(kind, country, on).filter_map(|need| need.at_most).min()
    }

    /// The longest a decision and its extensions may last together, where there is a limit.
    #[must_use]
    pub fn in_all(&self, kind: AppealKind, country: Country, on: NaiveDate) -> Option<TimeDelta> {
        self.needs(kind, country, on).filter_map(|need| need.in_all).min()
    }

    /// Whether a reason and a name may stand in place of a consent.
    #[must_use]
    pub fn may_be_waived(&self, kind: ConsentKind) -> bool {
        self.consents.iter().any(|rule| rule.kind == kind && rule.waivable)
    }

    /// Whether an authority's own decision already is a consent.
    #[must_use]
    pub fn implies(&self, authority: AuthorityType, kind: ConsentKind) -> bool {
        self.consents.iter().any(|rule| rule.kind == kind && rule.implied_by == Some(authority))
    }

    /// A list of questions.
    #[must_use]
    pub fn criteria(&self, id: &str) -> Option<&CriteriaSet> {
        self.criteria.iter().find(|set| set.id.as_str() == id)
    }

    /// Every list of questions.
    #[must_use]
    pub fn all_criteria(&self) -> &[CriteriaSet] {
        &self.criteria
    }

    /// Every rule that raises the sensitivity.
    #[must_use]
    pub fn sensitivities(&self) -> &[SensitivityRule] {
        &self.sensitivities
    }

    /// Every chain.
    #[must_use]
    pub fn chains(&self) -> &[Chain] {
        &self.chains
    }

    /// Every rule that lets kinds go the emergency path.
    #[must_use]
    pub fn emergencies(&self) -> &[EmergencyRule] {
        &self.emergencies
    }

    /// Every rule that lets kinds be validated for a week ahead.
    #[must_use]
    pub fn cold_rows(&self) -> &[ColdRule] {
        &self.cold
    }

    /// The first row that lets a kind go the emergency path.
    #[must_use]
    pub fn emergency(&self, kind: AppealKind) -> Option<&EmergencyRule> {
        self.emergencies.iter().find(|rule| rule.kinds.contains(&kind))
    }

    /// Whether a kind may be validated together with others for a week ahead.
    #[must_use]
    pub fn is_cold(&self, kind: AppealKind) -> bool {
        self.cold.iter().any(|rule| rule.kinds.contains(&kind))
    }

    /// The row that lets an appeal of a kind and a sensitivity be validated together with others for a week ahead.
    #[must_use]
    pub fn cold(&self, kind: AppealKind, sensitivity: Sensitivity) -> Option<&ColdRule> {
        self.cold.iter().find(|rule| rule.kinds.contains(&kind) && sensitivity <= rule.up_to)
    }

    /// Every official number and address.
    #[must_use]
    pub fn contacts(&self) -> &[Contact] {
        &self.contacts
    }

    /// The official number or address of a country for a purpose.
    #[must_use]
    pub fn contact(&self, country: Country, purpose: ContactPurpose) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.country == country && contact.purpose == purpose)
    }

    /// The levels an appeal passes, from the first to the last, and why.
    #[must_use]
    pub fn chain(&self, kind: AppealKind, facts: &[When]) -> (Sensitivity, &[Level]) {
        let sensitivity = self
            .sensitivities
            .iter()
            .filter(|rule| rule.kinds.contains(&kind) && rule.when.iter().all(|fact| facts.contains(fact)))
            .map(|rule| rule.sensitivity)
            .max()
            .unwrap_or(Sensitivity::Ordinary);
        let levels = self.chains.iter().rev().find(|chain| chain.sensitivity == sensitivity);
        (sensitivity, levels.map_or(&[], |chain| chain.levels.as_slice()))
    }
}

#[cfg(test)]
mod tests;
