//! Every refusal of the gate, one change away from a silent one.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may")]

use super::*;
use crate::domain::appeal::Draft;
use crate::domain::authorisation::Withdrawal;
use crate::domain::authority::{AuthorityType, ConsentKind};
use crate::domain::kind::AppealKind;
use crate::domain::media::MediaDigest;
use crate::domain::rules::{RuleId, ScopePart};
use crate::domain::samples;
use crate::domain::scope::ChannelKind;
use crate::domain::stage::Stage;
use chrono::TimeDelta;
use serde_json::{Value, json};

mod items;

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
        budget_cents: Some(10_000),
        ..whole(&subject, country, &samples::assessments(kind, country), Some(&record))
    })
}

/// An appeal at home, under a decision that covers its area.
fn whole<'a>(
    subject: &'a Subject,
    country: Country,
    assessments: &'a [Assessment],
    record: Option<&'a AuthorisationRecord>,
) -> Authority<'a> {
    Authority {
        now: samples::now(),
        rules: samples::rules(),
        country,
        subject,
        assessments,
        minor_discovered: None,
        grounds: vec![Ground { country, record, area_covered: Some(true), languages: None }],
        budget_cents: None,
    }
}

/// What a rule asks for.
fn unmet(rule: &str, what: Unmet) -> Refusal {
    Refusal::Unmet { rule: RuleId::parse(rule).unwrap(), what }
}

/// What is asked for, whichever rule asks.
fn unmets(refusals: &[Refusal]) -> Vec<Unmet> {
    let what = |refusal: &Refusal| match refusal {
        Refusal::Unmet { what, .. } => Some(what.clone()),
        _ => None,
    };
    refusals.iter().map(|refusal| what(refusal).unwrap_or_else(|| panic!("{refusal:?}"))).collect()
}

/// What the gate says when the surroundings change and the decision is whole.
fn around(bend: impl Fn(&mut Authority<'_>, &mut AuthorisationRecord)) -> Vec<Refusal> {
    let subject = subject(AppealKind::Witness, &json!({}));
    let mut record = samples::record(AppealKind::Witness, Country::Be);
    let mut authority = whole(&subject, Country::Be, &[], None);
    bend(&mut authority, &mut record);
    authority.grounds.iter_mut().for_each(|ground| ground.record = Some(&record));
    authority_refusals(&authority)
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
            for (need, consent) in
                samples::needs(*kind, country).into_iter().flat_map(|n| n.consents.iter().map(move |c| (n, c)))
            {
                let refusals = ask(*kind, country, &json!({}), without_consent(consent.code()));
                let expected = Refusal::Unmet { rule: need.id.clone(), what: Unmet::Consent(*consent) };
                assert_eq!(refusals, [expected], "{kind} {country:?}");
            }
        }
    }
}

#[test]
fn a_basis_that_does_not_carry_the_kind_is_refused() {
    for kind in AppealKind::ALL {
        for (country, other) in [(Country::Be, "BE-AVIS-2005"), (Country::Fr, "FR-JUD")] {
            let asking = samples::needs(*kind, country).into_iter().find(|need| !need.bases.is_empty());
            let expected: Vec<_> = asking.map(|need| Unmet::Basis(need.bases[0].clone())).into_iter().collect();
            let refusals = ask(*kind, country, &json!({}), |value| value["legal_basis"] = json!([other]));
            assert_eq!(unmets(&refusals), expected, "{kind}");
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
    assert_eq!(around(|a, _| a.grounds[0].area_covered = Some(false)), [Refusal::Area]);
    assert_eq!(around(|a, _| a.grounds[0].area_covered = None), [Refusal::NoArea]);
    assert_eq!(around(|a, _| a.budget_cents = Some(10_001)), [Refusal::Budget]);
    // Found out after the decision: somebody decides again. Known before: it was decided knowing.
    let decided = samples::record(AppealKind::Witness, Country::Be).authorisation.decided_at;
    assert_eq!(around(|a, _| a.minor_discovered = Some(decided)), [Refusal::MinorDiscovered(decided)]);
    assert_eq!(around(|a, _| a.minor_discovered = Some(decided - second)), []);
    assert_eq!(around(|_, record| record.authorisation.scope.paid_ads = PaidAds::No), []);
    let in_france = around(|a, _| {
        a.country = Country::Fr;
        a.grounds[0].country = Country::Fr;
    });
    assert_eq!(
        in_france,
        [
            Refusal::OtherCountry("BE"),
            unmet("FR-WITNESS", Unmet::Authority(AuthorityType::BePdr)),
            unmet("FR-WITNESS", Unmet::Basis(RuleId::parse("FR-11").unwrap())),
        ]
    );
}

#[test]
fn every_reason_is_given_at_once() {
    let all = around(|a, record| {
        a.now = record.authorisation.valid_until;
        a.grounds[0].area_covered = None;
        a.budget_cents = Some(i64::MAX);
        record.verification = None;
    });
    let codes: Vec<_> = all.iter().map(Refusal::code).collect();
    assert_eq!(codes, ["AU-06-none", "AU-01-expired", "AU-02-unverified", "AU-07-budget"]);
}

#[test]
fn without_a_decision_nothing_passes() {
    let subject = subject(AppealKind::Witness, &json!({}));
    let mut authority = whole(&subject, Country::Be, &[], None);
    assert_eq!(authority_refusals(&authority), [Refusal::NoAuthorisation]);
    authority.grounds.clear();
    assert_eq!(authority_refusals(&authority), [Refusal::NoAuthorisation]);
}

#[test]
fn a_portrait_of_somebody_wanted_in_belgium_needs_the_federal_prosecutor() {
    use AppealKind::WantedSuspect;
    let refused = [unmet("BE-PORTRAIT", Unmet::Consent(ConsentKind::FederalProsecutor))];
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
    let never = vec![Unmet::MinorSuspect];
    for country in [Country::Be, Country::Fr] {
        let wanted = |with: Value| {
            let mut refusals = ask(AppealKind::WantedSuspect, country, &with, |_| ());
            refusals.retain(|refusal| matches!(refusal, Refusal::Unmet { what: Unmet::MinorSuspect, .. }));
            unmets(&refusals)
        };
        assert_eq!(wanted(json!({"adult_proven": false})), never);
        assert_eq!(wanted(json!({"adult_proven": false, "age": 30})), never);
        assert_eq!(wanted(json!({"adult_proven": true, "age": 17})), never);
        assert_eq!(wanted(json!({"adult_proven": true, "age": 18})), []);
        let young = json!({"age_from": 16, "age_to": 17});
        assert_eq!(unmets(&ask(AppealKind::UnknownSuspect, country, &young, |_| ())), never);
        let minor_shown = |value: &mut Value| value["scope"]["media"][0]["minor"] = json!(true);
        assert_eq!(unmets(&ask(AppealKind::UnknownSuspect, country, &json!({}), minor_shown)), never);
    }
}

#[test]
fn only_a_belgian_youth_magistrates_own_agreement_lets_an_uncertain_age_pass() {
    let uncertain = json!({"age_from": 16, "age_to": 22});
    let agreed = |value: &mut Value| {
        let consent = json!({"kind": "youth_magistrate", "given_by": "An Peeters", "at": "2026-11-20T09:00:00Z"});
        value["consents"].as_array_mut().unwrap().push(consent);
    };
    assert_eq!(
        ask(AppealKind::UnknownSuspect, Country::Be, &uncertain, |_| ()),
        [unmet("BE-MINOR-UNKNOWN", Unmet::MinorSuspect)]
    );
    assert_eq!(ask(AppealKind::UnknownSuspect, Country::Be, &uncertain, agreed), []);
    assert_eq!(
        ask(AppealKind::UnknownSuspect, Country::Fr, &uncertain, agreed),
        [unmet("FR-MINOR-SUSPECT", Unmet::MinorSuspect)]
    );
    let certain = json!({"age_from": 15, "age_to": 17});
    assert_eq!(
        ask(AppealKind::UnknownSuspect, Country::Be, &certain, agreed),
        [unmet("BE-MINOR-UNKNOWN", Unmet::MinorSuspect)]
    );
}

#[test]
fn a_waiver_counts_only_where_one_may_be_given() {
    use crate::domain::authorisation::{Consent, ConsentBasis};
    for kind in ConsentKind::ALL {
        let mut record = samples::record(AppealKind::WantedSuspect, Country::Be);
        let basis = ConsentBasis::NotRequired { reason: "none".to_owned(), by: "one".to_owned(), at: samples::now() };
        record.authorisation.consents = vec![Consent { kind: *kind, basis }];
        let rules = samples::rules();
        assert_eq!(record.authorisation.has_consent(rules, *kind), rules.may_be_waived(*kind), "{kind}");
        assert!(!record.authorisation.was_given(*kind), "{kind}");
    }
    assert!(!samples::rules().may_be_waived(ConsentKind::AdultProven));
}

#[test]
fn facts_that_the_law_asks_for_are_asked_for() {
    for conviction in [
        json!({"final": false, "years": 8, "warrant": true}),
        json!({"final": true, "years": 2, "warrant": true}),
        json!({"final": true, "years": 8, "warrant": false}),
    ] {
        let with = json!({"conviction": conviction});
        assert_eq!(
            ask(AppealKind::WantedConvict, Country::Be, &with, |_| ()),
            [unmet("BE-WANTED-CONVICT", Unmet::Conviction)]
        );
        assert_eq!(ask(AppealKind::WantedConvict, Country::Fr, &with, |_| ()), []);
    }
    let asked = |value: &mut Value| value["requested_by"] = json!("administrative");
    assert_eq!(
        ask(AppealKind::MissingMinor, Country::Fr, &json!({}), asked),
        [unmet("FR-MINOR-IDENTITY", Unmet::RequestedBy)]
    );
    assert_eq!(ask(AppealKind::MissingMinor, Country::Be, &json!({}), asked), []);
}

#[test]
fn what_is_shown_of_a_person_is_named_by_the_decision() {
    let elements = |codes: Value| move |value: &mut Value| value["scope"]["elements"] = codes.clone();
    let minor = |codes| ask(AppealKind::MissingMinor, Country::Be, &json!({}), elements(codes));
    let unnamed = [ScopePart::FirstNameOnly, ScopePart::Age].map(|part| unmet("BE-MISSING-MINOR", Unmet::Scope(part)));
    let shown = ["name", "age", "description", "circumstances"].map(Refusal::Element);
    assert_eq!(minor(json!([])), [unnamed.as_slice(), shown.as_slice()].concat());
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

#[test]
fn questions_that_were_not_asked_or_do_not_trigger_are_named() {
    let criteria = |code: &str| RuleId::parse(code).unwrap();
    for (kind, country, rule, set) in [
        (AppealKind::MissingAdult, Country::Be, "BE-MISSING-ADULT", "BE-DISP"),
        (AppealKind::MissingMinor, Country::Be, "BE-MISSING-MINOR", "BE-DISP"),
        (AppealKind::ChildAlert, Country::Be, "BE-CHILD-ALERT", "BE-CA"),
        (AppealKind::ChildAlert, Country::Fr, "FR-CHILD-ALERT", "FR-AE"),
    ] {
        let record = samples::record(kind, country);
        let subject = subject(kind, &json!({}));
        let ask =
            |assessments: &[Assessment]| authority_refusals(&whole(&subject, country, assessments, Some(&record)));
        let mut asked = samples::assessments(kind, country);
        assert_eq!(ask(&asked), []);
        assert_eq!(ask(&[]), [unmet(rule, Unmet::Unasked(criteria(set)))]);
        // Asked again since, and nothing triggers any more: the last answers count.
        let again = Assessment { triggered: false, ..asked[0].clone() };
        asked.push(again);
        assert_eq!(ask(&asked), [unmet(rule, Unmet::NotTriggered(criteria(set)))]);
    }
}

#[test]
fn across_a_border_each_country_decides_for_itself() {
    let subject = subject(AppealKind::Witness, &json!({}));
    let (home, abroad) =
        (samples::record(AppealKind::Witness, Country::Be), samples::record(AppealKind::Witness, Country::Fr));
    let ask = |abroad: Option<&AuthorisationRecord>| {
        let mut authority = whole(&subject, Country::Be, &[], Some(&home));
        let languages = Some(BTreeSet::from([Language::Fr]));
        authority.grounds.push(Ground { country: Country::Fr, record: abroad, area_covered: Some(true), languages });
        authority_refusals(&authority)
    };
    let in_france = |refusal| Refusal::Abroad { country: Country::Fr, refusal: Box::new(refusal) };
    assert_eq!(ask(Some(&abroad)), []);
    assert_eq!(ask(None), [in_france(Refusal::NoAuthorisation)]);
    let other = unmet("FR-WITNESS", Unmet::Authority(AuthorityType::BePdr));
    let basis = unmet("FR-WITNESS", Unmet::Basis(RuleId::parse("FR-11").unwrap()));
    assert_eq!(ask(Some(&home)), [Refusal::OtherCountry("BE"), other, basis].map(in_france));
    let unverified = AuthorisationRecord { verification: None, ..abroad.clone() };
    assert_eq!(ask(Some(&unverified)), [in_france(Refusal::Unverified)]);
    let refusal = in_france(Refusal::Unverified);
    assert_eq!((refusal.code(), refusal.abroad()), ("AU-02-unverified", Some(Country::Fr)));
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
        unmet("BE-STOLEN", Unmet::Consent(ConsentKind::Owner)),
    ];
    assert_eq!(refusals.each_ref().map(|r| r.args()[0].0), ["at", "picture", "stage", "number", "value"]);
    assert_eq!(refusals[1].args()[0].1.len(), 12);
}
