//! The publishing gate: one pure function that returns every reason it refuses (appeals-and-law §2, §5, §6 AU-*).
//! Asked at dispatch, at every claim and before every send; nothing leaves without its silence.

use super::authorisation::{Authorisation, AuthorisationRecord, RequestedBy};
use super::authority::{ConsentKind, needs};
use super::ids::PersonId;
use super::kind::AppealKind;
use super::language::Language;
use super::media::Media;
use super::place::Country;
use super::plan::{PlanDigest, PlanItem};
use super::scope::{Element, PaidAds};
use super::subject::Subject;
use super::validation::{RefusedSeat, Validation, Verdict, may_validate};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

pub use super::refusal::Refusal;

/// Belgium's Most Wanted takes sentences from three years (BE-MW).
const MOST_WANTED_YEARS: i64 = 3;

/// What the gate looks at besides the items: the appeal and the decision as they stand now.
#[derive(Clone, Copy, Debug)]
pub struct Authority<'a> {
    /// Database time.
    pub now: DateTime<Utc>,
    /// Whose law the appeal is under.
    pub country: Country,
    /// Whom or what it is about.
    pub subject: &'a Subject,
    /// The decision in force.
    pub record: Option<&'a AuthorisationRecord>,
    /// Whether every target cell lies in the decision's area; none without a target area.
    pub area_covered: Option<bool>,
    /// Ceiling asked for paid channels.
    pub budget_cents: Option<i64>,
}

/// Every reason why the decision does not cover the appeal at this moment, whatever the item.
#[must_use]
pub fn authority_refusals(a: &Authority<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if suspect_may_be_minor(a) {
        refusals.push(Refusal::MinorSuspect);
    }
    match a.area_covered {
        None => refusals.push(Refusal::NoArea),
        Some(false) => refusals.push(Refusal::Area),
        Some(true) => {}
    }
    refusals.extend(fact_refusals(a));
    let Some(record) = a.record else {
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
    refusals.extend(rule_refusals(a, decision));
    if !covers_budget(decision, a.budget_cents) {
        refusals.push(Refusal::Budget);
    }
    refusals.extend(element_refusals(a.subject, &decision.scope.elements));
    refusals
}

/// Nothing lets a suspect be shown who is known to be a minor. One who may be can pass in Belgium alone, when the
/// youth magistrate agreed to it (§5); a reason in place of that agreement does not count.
fn suspect_may_be_minor(a: &Authority<'_>) -> bool {
    let decision = a.record.map(|record| &record.authorisation);
    if a.subject.kind().is_wanted() && decision.is_some_and(|decision| decision.scope.media.iter().any(|m| m.minor)) {
        return true;
    }
    if !a.subject.may_be_minor_suspect() {
        return false;
    }
    match a.subject {
        Subject::UnknownSuspect { age: (_, oldest), .. } if *oldest >= 18 && a.country == Country::Be => {
            !decision.is_some_and(|decision| decision.has_consent(ConsentKind::YouthMagistrate))
        }
        _ => true,
    }
}

/// What the facts themselves lack, whoever decides.
fn fact_refusals(a: &Authority<'_>) -> Vec<Refusal> {
    match (a.country, a.subject) {
        (Country::Be, Subject::MissingAdult(missing) | Subject::MissingMinor(missing))
            if missing.criteria.is_empty() =>
        {
            vec![Refusal::Criterion]
        }
        (Country::Be, Subject::WantedConvict(_, conviction))
            if !conviction.is_final || !conviction.warrant || conviction.years < MOST_WANTED_YEARS =>
        {
            vec![Refusal::Conviction]
        }
        _ => Vec::new(),
    }
}

/// What the table of the kind asks of the decision.
fn rule_refusals(a: &Authority<'_>, decision: &Authorisation) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let kind = a.subject.kind();
    let rule = needs(kind, a.country);
    if decision.country != a.country {
        refusals.push(Refusal::OtherCountry(decision.country.code()));
    }
    if !rule.authorities.contains(&decision.authority) {
        refusals.push(Refusal::WrongAuthority(decision.authority.code()));
    }
    if let Some(first) = rule.bases.first()
        && !rule.bases.iter().any(|basis| decision.legal_basis.contains(basis))
    {
        refusals.push(Refusal::Basis(first.code()));
    }
    let shows_pictures = !decision.scope.media.is_empty();
    let mut consents = rule.consents.to_vec();
    // Whether a picture is a portrait is what its uploader says, so any picture of somebody wanted counts (BE-PORTRAIT-FED).
    if a.country == Country::Be && kind.is_wanted() && shows_pictures {
        consents.push(ConsentKind::FederalProsecutor);
    }
    refusals.extend(
        consents
            .into_iter()
            .filter(|consent| shows_pictures || !consent.is_about_pictures())
            .filter(|consent| !decision.has_consent(*consent))
            .map(|consent| Refusal::Consent(consent.code())),
    );
    if a.country == Country::Fr
        && matches!(kind, AppealKind::MissingMinor | AppealKind::ChildAlert)
        && decision.requested_by == RequestedBy::Administrative
    {
        refusals.push(Refusal::MinorIdentity);
    }
    refusals
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

/// Every reason why the decision does not cover one item.
#[must_use]
pub fn item_refusals(item: &PlanItem, pictures: &[Media], record: &AuthorisationRecord) -> Vec<Refusal> {
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

/// Every reason why the chain has not said yes to this plan.
#[must_use]
pub fn chain_refusals(
    plan: &PlanDigest,
    validations: &[Validation],
    authors: &BTreeSet<PersonId>,
    record: &AuthorisationRecord,
) -> Vec<Refusal> {
    // Each person's last word on a plan counts: a later no takes an earlier yes back. At the same moment no wins.
    let mut last: BTreeMap<&PersonId, &Validation> = BTreeMap::new();
    for validation in validations.iter().filter(|validation| validation.plan == *plan) {
        let known = last.entry(&validation.by).or_insert(validation);
        if validation.at > known.at || (validation.at == known.at && validation.verdict == Verdict::No) {
            *known = validation;
        }
    }
    let mut refusals = Vec::new();
    if let Some(verification) = &record.verification
        && authors.contains(&verification.by)
    {
        refusals.push(Refusal::Seat(RefusedSeat::VerifierWrote));
    }
    // Without a known author nobody can be shown to be somebody else.
    let (mut approved, mut refused) = (false, false);
    for validation in last.values().filter(|_| !authors.is_empty()) {
        match (validation.verdict, may_validate(&validation.by, authors, record)) {
            (Verdict::Yes, Ok(())) => approved = true,
            (Verdict::Yes, Err(seat)) => refusals.push(Refusal::Seat(seat)),
            (Verdict::No, _) => refused = true,
        }
    }
    if refused || !approved {
        refusals.push(Refusal::NotValidated);
    }
    refusals
}

#[cfg(test)]
mod tests;
