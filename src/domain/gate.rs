//! The publishing gate: one pure function that returns every reason it refuses (appeals-and-law §2, §5, §6 AU-*).
//! Asked at dispatch, at every claim and before every send; nothing leaves without its silence.

use super::authorisation::{Authorisation, AuthorisationRecord};
use super::ids::PersonId;
use super::language::Language;
use super::media::Media;
use super::place::Country;
use super::plan::{PlanDigest, PlanItem};
use super::rules::{Assessment, Level, MinorSuspect, Need, RuleBook, When, country_day};
use super::scope::{Element, PaidAds};
use super::subject::Subject;
use super::validation::{RefusedSeat, Validation, Verdict, may_validate};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

pub use super::refusal::{Refusal, Unmet};

/// What the gate looks at besides the items: the appeal and the decisions as they stand now.
#[derive(Clone, Debug)]
pub struct Authority<'a> {
    /// Database time.
    pub now: DateTime<Utc>,
    /// The rules as the appeal's unit applies them.
    pub rules: &'a RuleBook,
    /// Whose law the appeal is under.
    pub country: Country,
    /// Whom or what it is about.
    pub subject: &'a Subject,
    /// Every list of questions that was asked, oldest first.
    pub assessments: &'a [Assessment],
    /// When a minor was discovered where nobody had thought of one; none when never.
    pub minor_discovered: Option<DateTime<Utc>>,
    /// The appeal's own country first, then every other one it would be shown in.
    pub grounds: Vec<Ground<'a>>,
    /// Ceiling asked for paid channels.
    pub budget_cents: Option<i64>,
}

/// One country the appeal would be shown in: display across a border needs a decision of each (appeals-and-law §2).
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    /// The country.
    pub country: Country,
    /// The decision of its magistrate in force.
    pub record: Option<&'a AuthorisationRecord>,
    /// Whether every target cell there lies in the decision's area; none without a target area.
    pub area_covered: Option<bool>,
    /// The languages that are shown there; none where all are.
    pub languages: Option<BTreeSet<Language>>,
}

impl<'a> Authority<'a> {
    /// The decision of the appeal's own country.
    #[must_use]
    pub fn home_record(&self) -> Option<&'a AuthorisationRecord> {
        self.grounds.iter().find(|ground| ground.country == self.country)?.record
    }

    /// Every decision it rests on, its own country's first.
    pub fn records(&self) -> impl Iterator<Item = &'a AuthorisationRecord> + '_ {
        self.grounds.iter().filter_map(|ground| ground.record)
    }

    /// When the first of the decisions it rests on ends as the magistrates named it, oral ones as if their paper came.
    #[must_use]
    pub fn valid_until(&self) -> Option<DateTime<Utc>> {
        self.records().map(|record| record.authorisation.valid_until).min()
    }

    /// When the first of the decisions it rests on ends.
    #[must_use]
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.records().map(|record| record.authorisation.ends_at()).min()
    }

    /// A refusal on a ground, marked where it is about another country than the appeal's own.
    fn on(&self, ground: &Ground<'_>, refusal: Refusal) -> Refusal {
        if ground.country == self.country {
            refusal
        } else {
            Refusal::Abroad { country: ground.country, refusal: Box::new(refusal) }
        }
    }
}

/// Every reason why the decisions do not cover the appeal at this moment, whatever the item.
#[must_use]
pub fn authority_refusals(a: &Authority<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for ground in &a.grounds {
        refusals.extend(ground_refusals(a, ground).into_iter().map(|refusal| a.on(ground, refusal)));
    }
    if a.home_record().is_none() && !refusals.contains(&Refusal::NoAuthorisation) {
        refusals.push(Refusal::NoAuthorisation);
    }
    refusals
}

fn ground_refusals(a: &Authority<'_>, ground: &Ground<'_>) -> Vec<Refusal> {
    let mut refusals = fact_refusals(a, ground);
    match ground.area_covered {
        None => refusals.push(Refusal::NoArea),
        // Without a decision there is no area to reach beyond.
        Some(false) if ground.record.is_some() => refusals.push(Refusal::Area),
        Some(_) => {}
    }
    let Some(record) = ground.record else {
        refusals.push(Refusal::NoAuthorisation);
        return refusals;
    };
    let decision = &record.authorisation;
    if a.now < decision.valid_from {
        refusals.push(Refusal::NotYetValid(decision.valid_from));
    }
    if a.now >= decision.ends_at() {
        refusals.push(Refusal::Expired(decision.ends_at()));
    }
    // A row could claim what `AuthorisationRecord::verify` refuses; the gate believes nobody.
    if record.verification.as_ref().is_none_or(|verification| verification.by == decision.entered_by) {
        refusals.push(Refusal::Unverified);
    }
    if let Some(withdrawal) = &record.withdrawal {
        refusals.push(Refusal::Withdrawn(withdrawal.at));
    }
    // Whoever decided before did not know it: somebody must decide again, knowing.
    if let Some(at) = a.minor_discovered.filter(|at| decision.decided_at <= *at) {
        refusals.push(Refusal::MinorDiscovered(at));
    }
    if decision.country != ground.country {
        refusals.push(Refusal::OtherCountry(decision.country.code()));
    }
    for need in needs(a, ground) {
        refusals.extend(decision_unmet(a.rules, need, decision).into_iter().map(|what| unmet(need, what)));
    }
    if !covers_budget(decision, a.budget_cents) {
        refusals.push(Refusal::Budget);
    }
    refusals.extend(element_refusals(a.subject, &decision.scope.elements));
    refusals
}

/// The rows of law that ask something of this appeal on this ground today.
fn needs<'a>(a: &Authority<'a>, ground: &Ground<'_>) -> impl Iterator<Item = &'a Need> {
    // Whether a picture is a portrait is what its uploader says, so any picture counts (BE-PORTRAIT-FED).
    let shows_pictures = ground.record.is_some_and(|record| !record.authorisation.scope.media.is_empty());
    a.rules
        .needs(a.subject.kind(), ground.country, country_day(ground.country, a.now))
        .filter(move |need| need.when.iter().all(|when| *when == When::Pictures && shows_pictures))
}

fn unmet(need: &Need, what: Unmet) -> Refusal {
    Refusal::Unmet { rule: need.id.clone(), what }
}

/// What the facts themselves lack, whoever decides.
fn fact_refusals(a: &Authority<'_>, ground: &Ground<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for need in needs(a, ground) {
        if let Some(rule) = need.minor_suspect
            && suspect_may_be_minor(a, ground, rule)
        {
            refusals.push(unmet(need, Unmet::MinorSuspect));
        }
        if let (Some(asked), Subject::WantedConvict(_, found)) = (need.conviction, a.subject)
            && ((asked.is_final && !found.is_final) || (asked.warrant && !found.warrant) || found.years < asked.years)
        {
            refusals.push(unmet(need, Unmet::Conviction));
        }
        if let Some(criteria) = &need.criteria {
            match a.assessments.iter().rfind(|assessment| assessment.criteria == *criteria) {
                None => refusals.push(unmet(need, Unmet::Unasked(criteria.clone()))),
                Some(last) if !last.triggered => refusals.push(unmet(need, Unmet::NotTriggered(criteria.clone()))),
                Some(_) => {}
            }
        }
    }
    refusals
}

/// Nothing lets a suspect be shown who is known to be a minor. One who may be can pass where the rule names a consent
/// for it and the estimated age reaches 18; a reason in place of that consent does not count.
fn suspect_may_be_minor(a: &Authority<'_>, ground: &Ground<'_>, rule: MinorSuspect) -> bool {
    let decision = ground.record.map(|record| &record.authorisation);
    let shows_minor = decision.is_some_and(|decision| decision.scope.media.iter().any(|media| media.minor));
    if shows_minor || a.minor_discovered.is_some() {
        return true;
    }
    if !a.subject.may_be_minor_suspect() {
        return false;
    }
    match (rule, a.subject) {
        (MinorSuspect::With(consent), Subject::UnknownSuspect { age: (_, oldest), .. }) if *oldest >= 18 => {
            !decision.is_some_and(|decision| decision.was_given(consent))
        }
        _ => true,
    }
}

/// What one row asks of the decision and does not find.
fn decision_unmet(rules: &RuleBook, need: &Need, decision: &Authorisation) -> Vec<Unmet> {
    let mut found = Vec::new();
    if !need.authorities.is_empty() && !need.authorities.contains(&decision.authority) {
        found.push(Unmet::Authority(decision.authority));
    }
    if let Some(first) = need.bases.first()
        && !need.bases.iter().any(|basis| decision.legal_basis.contains(basis))
    {
        found.push(Unmet::Basis(first.clone()));
    }
    let missing = need.consents.iter().filter(|consent| !decision.has_consent(rules, **consent));
    found.extend(missing.map(|consent| Unmet::Consent(*consent)));
    if !need.requested_by.is_empty() && !need.requested_by.contains(&decision.requested_by) {
        found.push(Unmet::RequestedBy);
    }
    let unnamed = need.scope.iter().filter(|group| !group.iter().any(|part| decision.scope.names(*part)));
    found.extend(unnamed.filter_map(|group| group.first()).map(|part| Unmet::Scope(*part)));
    found
}

/// Whether the decision's ceiling holds a budget.
#[must_use]
pub fn covers_budget(decision: &Authorisation, cents: Option<i64>) -> bool {
    match (cents, decision.scope.paid_ads) {
        (None | Some(0), _) => true,
        (Some(cents), PaidAds::UpTo { cents: ceiling }) => cents <= ceiling,
        (Some(_), PaidAds::No) => false,
    }
}

/// The most a decision lets advertisements cost together, euro cents.
#[must_use]
pub const fn most_for_ads(decision: &Authorisation) -> i64 {
    match decision.scope.paid_ads {
        PaidAds::No => 0,
        PaidAds::UpTo { cents } => cents,
    }
}

/// Facts of the subject are shown as such beside the approved texts, so each must be named by the decision.
fn element_refusals(subject: &Subject, covered: &BTreeSet<Element>) -> Vec<Refusal> {
    let mut shown = BTreeSet::new();
    if let Some(named) = subject.named() {
        let first_name_is_enough = named.family_name.is_none() && covered.contains(&Element::FirstNameOnly);
        if !first_name_is_enough {
            shown.insert(Element::Name);
        }
        if named.age.is_some() {
            shown.insert(Element::Age);
        }
    }
    if matches!(subject, Subject::UnknownSuspect { .. } | Subject::UnidentifiedPerson { .. }) {
        shown.insert(Element::Age);
    }
    if let Some(looks) = subject.appearance() {
        if !looks.is_empty() {
            shown.insert(Element::Description);
        }
        if subject.sighting().is_some() {
            shown.insert(Element::Circumstances);
        }
    }
    shown.difference(covered).map(|element| Refusal::Element(element.code())).collect()
}

/// Every reason why the decisions do not cover one item: each on its own ground, for what is shown there.
#[must_use]
pub fn item_refusals(item: &PlanItem, pictures: &[Media], a: &Authority<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for ground in &a.grounds {
        let is_shown = ground.languages.as_ref().is_none_or(|languages| languages.contains(&item.language));
        let Some(record) = ground.record.filter(|_| is_shown) else { continue };
        refusals.extend(scope_refusals(item, pictures, record).into_iter().map(|refusal| a.on(ground, refusal)));
    }
    refusals
}

/// Every reason why one decision does not cover one item.
fn scope_refusals(item: &PlanItem, pictures: &[Media], record: &AuthorisationRecord) -> Vec<Refusal> {
    let scope = &record.authorisation.scope;
    let mut refusals = Vec::new();
    if !scope.channels.contains(&item.channel) {
        refusals.push(Refusal::Channel(item.channel.code()));
    }
    if !scope.languages.contains(&item.language) {
        refusals.push(Refusal::Language(item.language));
    }
    if !scope.texts.contains(&item.text) {
        refusals.push(Refusal::Text(item.language));
    }
    if item.plate && !scope.vehicle_plate {
        refusals.push(Refusal::Plate);
    }
    refusals.extend(item.lots.difference(&scope.lots).map(|number| Refusal::Lot(*number)));
    for digest in &item.media {
        let Some(covered) = scope.covered(digest) else {
            refusals.push(Refusal::Picture(digest.to_string()));
            continue;
        };
        let Some(picture) = pictures.iter().find(|picture| picture.digest == *digest) else {
            refusals.push(Refusal::Picture(digest.to_string()));
            continue;
        };
        if picture.portrait && !covered.portrait {
            refusals.push(Refusal::Portrait(digest.to_string()));
        }
        if picture.minor && !covered.minor {
            refusals.push(Refusal::MinorShown(digest.to_string()));
        }
        if covered.blur_required || picture.blur_required {
            refusals.push(Refusal::NotBlurred(digest.to_string()));
        }
        if !picture.alt.contains_key(&item.language) {
            refusals.push(Refusal::AlternativeText(item.language));
        }
    }
    refusals
}

/// Languages the area needs and the appeal lacks (LA-01).
#[must_use]
pub fn missing_languages(area: &BTreeSet<Language>, written: &BTreeSet<Language>) -> Vec<Refusal> {
    area.difference(written).map(|language| Refusal::LanguageMissing(*language)).collect()
}

/// Every reason why the chain has not said yes to this plan: each level needs the yes of somebody who fills no other seat.
#[must_use]
pub fn chain_refusals(
    plan: &PlanDigest,
    validations: &[Validation],
    authors: &BTreeSet<PersonId>,
    records: &[&AuthorisationRecord],
    levels: &[Level],
) -> Vec<Refusal> {
    let last = last_words(plan, validations);
    let mut refusals = Vec::new();
    let verifies = |person: &PersonId| records.iter().any(|r| r.verification.as_ref().is_some_and(|v| v.by == *person));
    if authors.iter().any(verifies) {
        refusals.push(Refusal::Seat(RefusedSeat::VerifierWrote));
    }
    // Without a known author nobody can be shown to be somebody else.
    let mut said_yes = BTreeSet::new();
    let mut refused = false;
    for validation in last.values().filter(|_| !authors.is_empty()) {
        match (validation.verdict, may_validate(&validation.by, authors, records)) {
            (Verdict::Yes, Ok(())) => {
                said_yes.insert(validation.level);
            }
            (Verdict::Yes, Err(seat)) => refusals.push(Refusal::Seat(seat)),
            (Verdict::No, _) => refused = true,
        }
    }
    if refused || levels.is_empty() {
        refusals.push(Refusal::NotValidated);
    }
    refusals.extend(levels.iter().filter(|level| !said_yes.contains(level)).map(|level| Refusal::LevelOpen(*level)));
    refusals
}

/// Each person's last word on a plan: a later no takes an earlier yes back, and at the same moment no wins. One word a
/// person, so nobody fills two levels.
#[must_use]
pub fn last_words<'a>(plan: &PlanDigest, validations: &'a [Validation]) -> BTreeMap<&'a PersonId, &'a Validation> {
    let mut last: BTreeMap<&PersonId, &Validation> = BTreeMap::new();
    for validation in validations.iter().filter(|validation| validation.plan == *plan) {
        let known = last.entry(&validation.by).or_insert(validation);
        if validation.at > known.at || (validation.at == known.at && validation.verdict == Verdict::No) {
            *known = validation;
        }
    }
    last
}

#[cfg(test)]
mod tests;
