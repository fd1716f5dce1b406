//! Every refusal of the gate, one change away from a silent one.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]

use super::*;
use crate::domain::appeal::Draft;
use crate::domain::authorisation::Withdrawal;
use crate::domain::media::MediaDigest;
use crate::domain::samples;
use crate::domain::scope::ChannelKind;
use crate::domain::stage::Stage;
use chrono::TimeDelta;
use serde_json::{Value, json};

fn subject(kind: AppealKind, with: &Value) -> Subject {
    let mut draft = samples::draft(kind);
    for (key, value) in with.as_object().unwrap() {
        draft["subject"][key] = value.clone();
    }
    Draft::from_document(&draft).unwrap().subject
}

/// What the gate says about a subject under a decision document.
fn ask(kind: AppealKind, country: Country, with: &Value, bend: impl Fn(&mut Value)) -> Vec<Refusal> {
    let mut value = samples::decision(kind, country);
    bend(&mut value);
    let record = samples::record_of(&value, kind);
    let subject = subject(kind, with);
    authority_refusals(&Authority {
        now: samples::now(),
        country,
        subject: &subject,
        record: Some(&record),
        area_covered: Some(true),
        budget_cents: Some(10_000),
    })
}

/// What the gate says when the surroundings change and the decision is whole.
fn around(bend: impl Fn(&mut Authority<'_>, &mut AuthorisationRecord)) -> Vec<Refusal> {
    let subject = subject(AppealKind::Witness, &json!({}));
    let mut record = samples::record(AppealKind::Witness, Country::Be);
    let mut authority = Authority {
        now: samples::now(),
        country: Country::Be,
        subject: &subject,
        record: None,
        area_covered: Some(true),
        budget_cents: None,
    };
    bend(&mut authority, &mut record);
    authority_refusals(&Authority { record: Some(&record), ..authority })
}

fn without_consent(kind: &'static str) -> impl Fn(&mut Value) {
    move |value| value["consents"].as_array_mut().unwrap().retain(|consent| consent["kind"] != kind)
}

#[test]
fn a_complete_decision_is_met_with_silence_for_every_kind_in_both_countries() {
    for kind in AppealKind::ALL {
        for country in [Country::Be, Country::Fr] {
            assert_eq!(ask(*kind, country, &json!({}), |_| ()), [], "{kind} {country:?}");
        }
    }
}

#[test]
fn every_missing_consent_is_named_for_every_kind() {
    for kind in AppealKind::ALL {
        for country in [Country::Be, Country::Fr] {
            for consent in needs(*kind, country).consents {
                let refusals = ask(*kind, country, &json!({}), without_consent(consent.code()));
                assert_eq!(refusals, [Refusal::Consent(consent.code())], "{kind} {country:?}");
            }
        }
    }
}

#[test]
fn a_basis_that_does_not_carry_the_kind_is_refused() {
    for kind in AppealKind::ALL {
        for (country, other) in [(Country::Be, "BE-AVIS-2005"), (Country::Fr, "FR-JUD")] {
            let expected: Vec<_> =
                needs(*kind, country).bases.first().map(|basis| Refusal::Basis(basis.code())).into_iter().collect();
            assert_eq!(
                ask(*kind, country, &json!({}), |value| value["legal_basis"] = json!([other])),
                expected,
                "{kind}"
            );
        }
    }
}

#[test]
fn time_verification_withdrawal_area_and_country_are_checked() {
    let start = samples::record(AppealKind::Witness, Country::Be).authorisation.valid_from;
    let end = samples::record(AppealKind::Witness, Country::Be).authorisation.valid_until;
    let second = TimeDelta::seconds(1);
    assert_eq!(around(|a, _| a.now = start), []);
    assert_eq!(around(|a, _| a.now = start - second), [Refusal::NotYetValid(start)]);
    assert_eq!(around(|a, _| a.now = end - second), []);
    assert_eq!(around(|a, _| a.now = end), [Refusal::Expired(end)]);
    assert_eq!(around(|_, record| record.verification = None), [Refusal::Unverified]);
    assert_eq!(
        around(|_, record| record.verification.as_mut().unwrap().by = samples::person(samples::RECORDER)),
        [Refusal::Unverified]
    );
    let withdrawal = Withdrawal { by: samples::person(5), at: start, reason: "judge".to_owned() };
    assert_eq!(around(|_, record| record.withdrawal = Some(withdrawal.clone())), [Refusal::Withdrawn(start)]);
    assert_eq!(around(|a, _| a.area_covered = Some(false)), [Refusal::Area]);
    assert_eq!(around(|a, _| a.area_covered = None), [Refusal::NoArea]);
    assert_eq!(around(|a, _| a.budget_cents = Some(10_001)), [Refusal::Budget]);
    assert_eq!(around(|_, record| record.authorisation.scope.paid_ads = PaidAds::No), []);
    assert_eq!(
        around(|a, _| a.country = Country::Fr),
        [Refusal::OtherCountry("BE"), Refusal::WrongAuthority("be_pdr"), Refusal::Basis("FR-11")]
    );
}

#[test]
fn every_reason_is_given_at_once() {
    let all = around(|a, record| {
        a.now = record.authorisation.valid_until;
        a.area_covered = None;
        a.budget_cents = Some(i64::MAX);
        record.verification = None;
    });
    let codes: Vec<_> = all.iter().map(Refusal::code).collect();
    assert_eq!(codes, ["AU-06-none", "AU-01-expired", "AU-02-unverified", "AU-07-budget"]);
}

#[test]
fn without_a_decision_nothing_passes() {
    let subject = subject(AppealKind::Witness, &json!({}));
    let authority = Authority {
        now: samples::now(),
        country: Country::Be,
        subject: &subject,
        record: None,
        area_covered: Some(true),
        budget_cents: None,
    };
    assert_eq!(authority_refusals(&authority), [Refusal::NoAuthorisation]);
}

#[test]
fn a_portrait_of_somebody_wanted_in_belgium_needs_the_federal_prosecutor() {
    use AppealKind::WantedSuspect;
    let refused = [Refusal::Consent("federal_prosecutor")];
    assert_eq!(ask(WantedSuspect, Country::Be, &json!({}), without_consent("federal_prosecutor")), refused);
    // An uploader who does not call a face a portrait changes nothing.
    let unmarked = |value: &mut Value| {
        without_consent("federal_prosecutor")(value);
        value["scope"]["media"][0]["portrait"] = json!(false);
    };
    assert_eq!(ask(WantedSuspect, Country::Be, &json!({}), unmarked), refused);
    let no_picture = |value: &mut Value| {
        without_consent("federal_prosecutor")(value);
        value["scope"]["media"] = json!([]);
    };
    assert_eq!(ask(WantedSuspect, Country::Be, &json!({}), no_picture), []);
    let federal = |value: &mut Value| {
        without_consent("federal_prosecutor")(value);
        value["authority_type"] = json!("be_fed");
    };
    assert_eq!(ask(WantedSuspect, Country::Be, &json!({}), federal), []);
    let waived = |value: &mut Value| {
        without_consent("federal_prosecutor")(value);
        let waiver = json!({"kind": "federal_prosecutor", "at": "2026-11-20T09:00:00Z",
            "not_required": {"reason": "practice of the office", "by": "commissioner"}});
        value["consents"].as_array_mut().unwrap().push(waiver);
    };
    assert_eq!(ask(WantedSuspect, Country::Be, &json!({}), waived), []);
    assert_eq!(ask(WantedSuspect, Country::Fr, &json!({}), |_| ()), []);
}

#[test]
fn a_suspect_who_may_be_a_minor_is_never_shown() {
    let never = vec![Refusal::MinorSuspect];
    for country in [Country::Be, Country::Fr] {
        let wanted = |with: Value| {
            let mut refusals = ask(AppealKind::WantedSuspect, country, &with, |_| ());
            refusals.retain(|refusal| *refusal == Refusal::MinorSuspect);
            refusals
        };
        assert_eq!(wanted(json!({"adult_proven": false})), never);
        assert_eq!(wanted(json!({"adult_proven": false, "age": 30})), never);
        assert_eq!(wanted(json!({"adult_proven": true, "age": 17})), never);
        assert_eq!(wanted(json!({"adult_proven": true, "age": 18})), []);
        let young = json!({"age_from": 16, "age_to": 17});
        assert_eq!(ask(AppealKind::UnknownSuspect, country, &young, |_| ()), never);
        let minor_shown = |value: &mut Value| value["scope"]["media"][0]["minor"] = json!(true);
        assert_eq!(ask(AppealKind::UnknownSuspect, country, &json!({}), minor_shown), never);
    }
}

#[test]
fn only_a_belgian_youth_magistrates_own_agreement_lets_an_uncertain_age_pass() {
    let uncertain = json!({"age_from": 16, "age_to": 22});
    let agreed = |value: &mut Value| {
        let consent = json!({"kind": "youth_magistrate", "given_by": "An Peeters", "at": "2026-11-20T09:00:00Z"});
        value["consents"].as_array_mut().unwrap().push(consent);
    };
    assert_eq!(ask(AppealKind::UnknownSuspect, Country::Be, &uncertain, |_| ()), [Refusal::MinorSuspect]);
    assert_eq!(ask(AppealKind::UnknownSuspect, Country::Be, &uncertain, agreed), []);
    assert_eq!(ask(AppealKind::UnknownSuspect, Country::Fr, &uncertain, agreed), [Refusal::MinorSuspect]);
    let certain = json!({"age_from": 15, "age_to": 17});
    assert_eq!(ask(AppealKind::UnknownSuspect, Country::Be, &certain, agreed), [Refusal::MinorSuspect]);
}

#[test]
fn a_waiver_counts_only_where_one_may_be_given() {
    use crate::domain::authorisation::{Consent, ConsentBasis};
    for kind in ConsentKind::ALL {
        let mut record = samples::record(AppealKind::WantedSuspect, Country::Be);
        let basis = ConsentBasis::NotRequired { reason: "none".to_owned(), by: "one".to_owned(), at: samples::now() };
        record.authorisation.consents = vec![Consent { kind: *kind, basis }];
        assert_eq!(record.authorisation.has_consent(*kind), kind.may_be_waived(), "{kind}");
    }
    assert!(!ConsentKind::AdultProven.may_be_waived());
}

#[test]
fn facts_that_the_law_asks_for_are_asked_for() {
    let untold = json!({"criteria": []});
    assert_eq!(ask(AppealKind::MissingMinor, Country::Be, &untold, |_| ()), [Refusal::Criterion]);
    assert_eq!(ask(AppealKind::MissingMinor, Country::Fr, &untold, |_| ()), []);
    for conviction in [
        json!({"final": false, "years": 8, "warrant": true}),
        json!({"final": true, "years": 2, "warrant": true}),
        json!({"final": true, "years": 8, "warrant": false}),
    ] {
        let with = json!({"conviction": conviction});
        assert_eq!(ask(AppealKind::WantedConvict, Country::Be, &with, |_| ()), [Refusal::Conviction]);
        assert_eq!(ask(AppealKind::WantedConvict, Country::Fr, &with, |_| ()), []);
    }
    let asked = |value: &mut Value| value["requested_by"] = json!("administrative");
    assert_eq!(ask(AppealKind::MissingMinor, Country::Fr, &json!({}), asked), [Refusal::MinorIdentity]);
    assert_eq!(ask(AppealKind::MissingMinor, Country::Be, &json!({}), asked), []);
}

#[test]
fn what_is_shown_of_a_person_is_named_by_the_decision() {
    let elements = |codes: Value| move |value: &mut Value| value["scope"]["elements"] = codes.clone();
    let minor = |codes| ask(AppealKind::MissingMinor, Country::Be, &json!({}), elements(codes));
    assert_eq!(minor(json!([])), ["name", "age", "description", "circumstances"].map(Refusal::Element));
    assert_eq!(minor(json!(["first_name_only", "age", "description", "circumstances"])), []);
    let named = json!({"family_name": "Voorbeeld"});
    let first_only = elements(json!(["first_name_only", "age", "description", "circumstances"]));
    assert_eq!(ask(AppealKind::MissingMinor, Country::Be, &named, first_only), [Refusal::Element("name")]);
    assert_eq!(
        ask(AppealKind::UnknownSuspect, Country::Be, &json!({}), elements(json!(["circumstances"]))),
        [Refusal::Element("age")]
    );
    assert_eq!(ask(AppealKind::Witness, Country::Be, &json!({}), elements(json!([]))), []);
}

fn item() -> PlanItem {
    let draft = Draft::from_document(&samples::draft(AppealKind::Vehicle)).unwrap();
    PlanItem {
        channel: ChannelKind::Page,
        language: Language::Fr,
        text: draft.notices[&Language::Fr].digest(),
        media: vec![samples::digest(1)],
        lots: BTreeSet::from([1, 2]),
        plate: true,
        content: json!({"title": "Titre"}),
    }
}

fn of_item(bend: impl Fn(&mut PlanItem, &mut Media, &mut AuthorisationRecord)) -> Vec<Refusal> {
    let mut record = samples::record(AppealKind::Vehicle, Country::Be);
    let (mut item, mut picture) = (item(), samples::picture(AppealKind::Vehicle));
    bend(&mut item, &mut picture, &mut record);
    item_refusals(&item, &[picture], &record)
}

#[test]
fn an_item_shows_only_what_the_scope_names() {
    let first = samples::digest(1).to_string();
    let other: MediaDigest = samples::digest(2);
    assert_eq!(of_item(|_, _, _| ()), []);
    assert_eq!(of_item(|item, _, _| item.channel = ChannelKind::Feed), [Refusal::Channel("feed")]);
    assert_eq!(
        of_item(|item, picture, _| {
            item.language = Language::Nl;
            picture.alt.insert(Language::Nl, "Portret".to_owned());
        }),
        [Refusal::Language(Language::Nl)]
    );
    assert_eq!(of_item(|item, _, _| item.text.0.replace_range(0..1, "g")), [Refusal::Text(Language::Fr)]);
    assert_eq!(of_item(|_, _, record| record.authorisation.scope.vehicle_plate = false), [Refusal::Plate]);
    assert_eq!(of_item(|item, _, _| item.lots = BTreeSet::from([1, 3])), [Refusal::Lot(3)]);
    assert_eq!(of_item(|item, _, _| item.media.push(other.clone())), [Refusal::Picture(other.to_string())]);
    assert_eq!(of_item(|_, picture, _| picture.digest = other.clone()), [Refusal::Picture(first.clone())]);
    assert_eq!(
        of_item(|_, _, record| record.authorisation.scope.media[0].portrait = false),
        [Refusal::Portrait(first.clone())]
    );
    assert_eq!(of_item(|_, picture, _| picture.minor = true), [Refusal::MinorShown(first.clone())]);
    assert_eq!(of_item(|_, picture, _| picture.blur_required = true), [Refusal::NotBlurred(first.clone())]);
    assert_eq!(
        of_item(|_, _, record| record.authorisation.scope.media[0].blur_required = true),
        [Refusal::NotBlurred(first)]
    );
    assert_eq!(of_item(|_, picture, _| picture.alt.clear()), [Refusal::AlternativeText(Language::Fr)]);
}

#[test]
fn a_language_of_the_area_without_a_text_is_named() {
    let area = BTreeSet::from([Language::Fr, Language::Nl]);
    assert_eq!(missing_languages(&area, &BTreeSet::from([Language::Fr])), [Refusal::LanguageMissing(Language::Nl)]);
    assert_eq!(missing_languages(&area, &area), []);
}

#[test]
fn every_code_is_its_own_and_every_value_has_a_name() {
    let refusals = [
        Refusal::Expired(samples::now()),
        Refusal::Picture("a".repeat(64)),
        Refusal::Stage(Stage::Closed),
        Refusal::Lot(4),
        Refusal::Consent("owner"),
    ];
    assert_eq!(refusals.each_ref().map(|r| r.args()[0].0), ["at", "picture", "stage", "number", "value"]);
    assert_eq!(refusals[1].args()[0].1.len(), 12);
}
