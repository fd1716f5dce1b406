//! A validated plan being carried out. [`DispatchOrder`] is the only thing deliveries are made from, and
//! [`DispatchOrder::prove`] the only way to one: an unauthorised plan cannot be dispatched because the type does not exist.

use super::authorisation::AuthorisationRecord;
use super::codes::codes;
use super::gate::{self, Authority, Refusal};
use super::ids::PersonId;
use super::media::Media;
use super::plan::{Plan, PlanDigest, PlanItem};
use super::rules::Level;
use super::stage::{Stage, Step};
use super::validation::Validation;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use std::time::Duration;

codes! {
    /// Where a delivery stands (security-and-ops §10.2).
    DeliveryState {
        /// Waits for a worker.
        Pending = "pending",
        /// A worker holds it.
        Leased = "leased",
        /// Done.
        Done = "done",
        /// Given up; the note says why.
        Failed = "failed",
        /// The other side may or may not have acted.
        EffectUnknown = "effect_unknown",
        /// Waits for a person.
        Held = "held",
        /// Not wanted any more.
        Cancelled = "cancelled",
    }
}
codes! {
    /// What a delivery is for.
    Purpose {
        /// The appeal itself.
        Appeal = "appeal",
        /// It was taken down.
        Correction = "correction",
        /// It ended.
        Closure = "closure",
    }
}

codes! {
    /// What a person says about a held delivery.
    Resolution {
        /// Send to everybody of it who may not have got it.
        SendAgain = "send_again",
        /// It is as good as sent.
        CountAsSent = "count_as_sent",
    }
}

/// A plan proven publishable: verified decision, covering everything, validated by a third person, at the right stage.
///
/// It cannot be made any other way:
/// ```compile_fail,E0451
/// use tocsin::domain::dispatch::DispatchOrder;
/// fn forge(plan: tocsin::domain::plan::Plan) -> DispatchOrder {
///     DispatchOrder { digest: plan.digest(), plan }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct DispatchOrder {
    plan: Plan,
    digest: PlanDigest,
}

/// Everything the proof looks at.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// The appeal and the decision as they stand now.
    pub authority: Authority<'a>,
    /// Where the appeal stands.
    pub stage: Stage,
    /// Its pictures.
    pub pictures: &'a [Media],
    /// Everyone who wrote it.
    pub authors: &'a BTreeSet<PersonId>,
    /// Every answer of the chain.
    pub validations: &'a [Validation],
    /// The levels the plan must have passed.
    pub levels: &'a [Level],
}

impl DispatchOrder {
    /// Proves a plan, or returns every reason it cannot be.
    pub fn prove(plan: Plan, evidence: &Evidence<'_>) -> Result<Self, Vec<Refusal>> {
        Self::prove_at(plan, evidence, evidence.stage.after(Step::Dispatch).is_ok())
    }

    /// Proves a plan that carries on what is out.
    pub fn prove_continued(plan: Plan, evidence: &Evidence<'_>) -> Result<Self, Vec<Refusal>> {
        Self::prove_at(plan, evidence, evidence.stage == Stage::Live)
    }

    fn prove_at(plan: Plan, evidence: &Evidence<'_>, is_right_stage: bool) -> Result<Self, Vec<Refusal>> {
        let digest = plan.digest();
        let mut refusals = gate::authority_refusals(&evidence.authority);
        if !is_right_stage {
            refusals.push(Refusal::Stage(evidence.stage));
        }
        if plan.items.is_empty() {
            refusals.push(Refusal::NoNotice);
        }
        if evidence.authority.subject.kind().has_lots() && plan.items.iter().any(|item| item.lots.is_empty()) {
            refusals.push(Refusal::NoLots);
        }
        let records: Vec<_> = evidence.authority.records().collect();
        if let Some(ends) = evidence.authority.ends_at().zip(evidence.authority.valid_until()) {
            refusals.extend(binding_refusals(&plan, evidence, &records, ends));
            for item in &plan.items {
                refusals.extend(gate::item_refusals(item, evidence.pictures, &evidence.authority));
            }
            let (validations, authors) = (evidence.validations, evidence.authors);
            refusals.extend(gate::chain_refusals(&digest, validations, authors, &records, evidence.levels));
        }
        if refusals.is_empty() { Ok(Self { plan, digest }) } else { Err(distinct(refusals)) }
    }

    /// What validators signed.
    #[must_use]
    pub const fn digest(&self) -> &PlanDigest {
        &self.digest
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What is sent.
    #[must_use]
    pub fn items(&self) -> &[PlanItem] {
        &self.plan.items
    }
}

/// Why the plan is not one these decisions and this appeal lead to.
fn binding_refusals(
    plan: &Plan,
    evidence: &Evidence<'_>,
    records: &[&AuthorisationRecord],
    (ends_at, valid_until): (DateTime<Utc>, DateTime<Utc>),
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let decisions = records.iter().map(|record| &record.authorisation);
    if !plan.authorisations.iter().eq(decisions.clone().map(|decision| &decision.id))
        || decisions.clone().any(|decision| decision.appeal != plan.appeal)
    {
        refusals.push(Refusal::OtherDecision);
    }
    if plan.ends_at > valid_until {
        refusals.push(Refusal::Outlives(valid_until));
    }
    if plan.schedule.is_some_and(|at| at >= ends_at) {
        refusals.push(Refusal::Expired(ends_at));
    }
    let is_covered = records.iter().all(|record| gate::covers_budget(&record.authorisation, plan.budget_cents));
    if plan.budget_cents != evidence.authority.budget_cents || !is_covered {
        refusals.push(Refusal::Budget);
    }
    refusals
}

/// Each refusal once, in the order found.
#[must_use]
pub fn distinct(refusals: Vec<Refusal>) -> Vec<Refusal> {
    let mut seen = Vec::new();
    for refusal in refusals {
        if !seen.contains(&refusal) {
            seen.push(refusal);
        }
    }
    seen
}

/// How long to wait before try number `attempts` + 1: 5 s doubling to an hour, stretched by up to a half by `jitter`
/// (0 to 255) so that many failures do not come back together; never sooner than the other side asked.
#[must_use]
pub fn retry_delay(attempts: u32, asked: Option<Duration>, jitter: u8) -> TimeDelta {
    let base = 5000_i64.saturating_mul(1 << attempts.min(10)).min(3_600_000);
    let stretched = base + base * i64::from(jitter) / 510;
    let asked = asked.and_then(|asked| TimeDelta::from_std(asked).ok()).unwrap_or_default();
    TimeDelta::milliseconds(stretched).max(asked)
}

/// After this many tries a temporary refusal counts as final: with [`retry_delay`] about three days.
pub const MAX_ATTEMPTS: u32 = 80;

/// After so many tries that ended in silence nobody can say how many mails arrived: a person decides, not a timer.
///
/// What ends in silence is a connection that was lost between the first byte of the text and the answer to its last: the
/// relay may have taken the mail. Each further try may so be a mail too many, under the same Message-ID, by which readers and
/// relays drop repetitions; three tries would leave some 12 of 100,000 people to a person when one connection in twenty is
/// lost, six leave none (0.05⁶ × 100,000 < 0.002). A relay that always hangs up after taking a mail costs six of them.
pub const MAX_UNCLEAR: i32 = 6;

/// After so many errors of our own in a row of a delivery's life a person looks at it.
pub const MAX_ERRORS: i64 = 8;

#[cfg(test)]
mod tests;
