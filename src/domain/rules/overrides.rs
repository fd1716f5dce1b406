//! What a unit's legal officer may change of the rules: named, reasoned, dated, audited by `app`. What is locked, and
//! who may authorise at all, no unit can change.

use super::chain::Level;
use super::law::RuleId;
use super::need::{Need, When};
use super::{ConsentKind, RuleBook};
use crate::domain::document::Reader;
use crate::domain::ids::{OverrideId, PersonId, UnitId};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// One change of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The rule does not apply.
    Off,
    /// One consent of the rule is not asked.
    WithoutConsent(ConsentKind),
    /// A decision without an end lasts so long.
    Lasts(TimeDelta),
    /// The chain passes these levels, from the first to the last.
    Levels(Vec<Level>),
    /// A check of texts or pictures blocks, or only warns. Whether it may is `lint`'s to say.
    Blocks(bool),
}

/// A unit's change of a rule.
#[derive(Clone, Debug)]
pub struct Override {
    /// Its id.
    pub id: OverrideId,
    /// Whose appeals it applies to.
    pub unit: UnitId,
    /// Which rule.
    pub rule: RuleId,
    /// What changes.
    pub change: Change,
    /// Why.
    pub reason: String,
    /// The legal officer.
    pub by: PersonId,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// Why a change is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedOverride {
    /// There is no such rule, or it has nothing of the kind to change.
    #[error("no such rule")]
    Unknown,
    /// Nobody can loosen it.
    #[error("locked")]
    Locked,
    /// It names who may authorise, and somebody must.
    #[error("authority")]
    Authority,
    /// Longer than the rule allows.
    #[error("longer than the rule allows")]
    TooLong,
}

impl RefusedOverride {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown-rule",
            Self::Locked => "rule-locked",
            Self::Authority => "rule-names-authority",
            Self::TooLong => "lasts-too-long",
        }
    }
}

impl Change {
    /// The stored form.
    #[must_use]
    pub fn to_document(&self) -> Value {
        match self {
            Self::Off => json!({"off": true}),
            Self::WithoutConsent(kind) => json!({"without_consent": kind.code()}),
            Self::Lasts(span) => json!({"lasts_hours": span.num_hours()}),
            Self::Blocks(blocks) => json!({"severity": if *blocks { "block" } else { "warn" }}),
            Self::Levels(levels) => json!({"levels": levels.iter().map(|level| level.code()).collect::<Vec<_>>()}),
        }
    }

    /// Reads a change: exactly one of its forms.
    pub fn read(mut r: Reader<'_>) -> Option<Self> {
        let off = r.flag("off").then_some(Self::Off);
        let consent = r.choice("without_consent", ConsentKind::parse).map(Self::WithoutConsent);
        let lasts = r.integer("lasts_hours", 1..=87_600).map(|hours| Self::Lasts(TimeDelta::hours(hours)));
        let levels = r.parsed("levels", 4, Level::parse);
        if !levels.is_sorted_by(|a, b| a < b) {
            r.fault("levels", "out-of-order");
        }
        let levels = (!levels.is_empty()).then_some(Self::Levels(levels));
        let blocks = r
            .choice("severity", |code| match code {
                "block" => Some(true),
                "warn" => Some(false),
                _ => None,
            })
            .map(Self::Blocks);
        let mut given = [off, consent, lasts, levels, blocks].into_iter().flatten();
        let change = given.next();
        if change.is_none() || given.next().is_some() {
            r.fault("", "exactly-one");
            return None;
        }
        r.finish();
        change
    }
}

impl RuleBook {
    /// The rules with one change applied.
    ///
    /// # Errors
    /// The change is not possible; the message says why.
    pub fn changed(&self, rule: &RuleId, change: &Change) -> Result<Self, RefusedOverride> {
        let mut book = self.clone();
        match change {
            Change::Off => book.switch_off(rule)?,
            Change::WithoutConsent(kind) => {
                let need = unlocked(&mut book.needs, rule)?;
                let before = need.consents.len();
                need.consents.retain(|consent| consent != kind);
                if need.consents.len() == before {
                    return Err(RefusedOverride::Unknown);
                }
            }
            Change::Lasts(span) => {
                let need = book.needs.iter_mut().find(|need| need.id == *rule).ok_or(RefusedOverride::Unknown)?;
                let before = need.lasts.ok_or(RefusedOverride::Unknown)?;
                // Shorter is always possible; longer only within the limit, and never for what is locked.
                if *span > before && (need.locked || need.at_most.is_some_and(|most| *span > most)) {
                    return Err(RefusedOverride::TooLong);
                }
                need.lasts = Some(*span);
            }
            Change::Blocks(_) => return Err(RefusedOverride::Unknown),
            Change::Levels(levels) => {
                let chain = book.chains.iter_mut().find(|chain| chain.id == *rule).ok_or(RefusedOverride::Unknown)?;
                chain.levels.clone_from(levels);
            }
        }
        Ok(book)
    }

    /// The rules as a unit applies them. A change that is not possible any more, because the rule was locked or
    /// removed since, has no effect: the strict position stands.
    #[must_use]
    pub fn with(&self, overrides: &[Override]) -> Self {
        overrides.iter().fold(self.clone(), |book, change| book.changed(&change.rule, &change.change).unwrap_or(book))
    }

    fn switch_off(&mut self, rule: &RuleId) -> Result<(), RefusedOverride> {
        if self.needs.iter().any(|need| need.id == *rule) {
            if !unlocked(&mut self.needs, rule)?.authorities.is_empty() {
                return Err(RefusedOverride::Authority);
            }
            self.needs.retain(|need| need.id != *rule);
            return Ok(());
        }
        let before = (self.sensitivities.len(), self.emergencies.len(), self.cold.len());
        self.sensitivities.retain(|row| row.id != *rule);
        self.emergencies.retain(|row| row.id != *rule);
        self.cold.retain(|row| row.id != *rule);
        if before == (self.sensitivities.len(), self.emergencies.len(), self.cold.len()) {
            return Err(RefusedOverride::Unknown);
        }
        Ok(())
    }
}

fn unlocked<'a>(needs: &'a mut [Need], rule: &RuleId) -> Result<&'a mut Need, RefusedOverride> {
    let need = needs.iter_mut().find(|need| need.id == *rule).ok_or(RefusedOverride::Unknown)?;
    if need.locked { Err(RefusedOverride::Locked) } else { Ok(need) }
}

impl When {
    /// The facts that hold, of all there are.
    #[must_use]
    pub fn facts(holds: impl Fn(Self) -> bool) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|fact| holds(*fact)).collect()
    }
}
