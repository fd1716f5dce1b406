//! A proof, and everything that keeps one from being made.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]

use super::*;
use crate::domain::appeal::Draft;
use crate::domain::authorisation::AuthorisationRecord;
use crate::domain::ids::{AppealId, AuthorisationId, ValidationId};
use crate::domain::kind::AppealKind;
use crate::domain::place::Country;
use crate::domain::samples;
use crate::domain::subject::Subject;
use crate::domain::validation::{RefusedSeat, Verdict};
use proptest::prelude::*;

/// Everything a proof is made of, whole unless a test bends it.
struct Case {
    plan: Plan,
    record: AuthorisationRecord,
    subject: Subject,
    pictures: Vec<Media>,
    authors: BTreeSet<PersonId>,
    validations: Vec<Validation>,
    stage: Stage,
    budget_cents: Option<i64>,
}

fn answer(by: u8, verdict: Verdict, plan: &Plan, minute: i64) -> Validation {
    Validation {
        id: ValidationId::from_parts(samples::now(), [by; 10]),
        plan: plan.digest(),
        by: samples::person(by),
        verdict,
        reasons: String::new(),
        at: samples::now() + TimeDelta::minutes(minute),
    }
}

fn case(kind: AppealKind) -> Case {
    let record = samples::record(kind, Country::Be);
    let plan = samples::plan(&record);
    Case {
        validations: vec![answer(samples::VALIDATOR, Verdict::Yes, &plan, 1)],
        plan,
        record,
        subject: Draft::from_document(&samples::draft(kind)).unwrap().subject,
        pictures: vec![samples::picture(kind)],
        authors: BTreeSet::from([samples::person(samples::AUTHOR)]),
        stage: Stage::Validated,
        budget_cents: None,
    }
}

impl Case {
    /// Signs the plan again after a change, so that only the change itself is refused.
    fn signed(mut self) -> Self {
        self.validations = vec![answer(samples::VALIDATOR, Verdict::Yes, &self.plan, 1)];
        self
    }

    fn refusals(self) -> Vec<Refusal> {
        let evidence = Evidence {
            authority: Authority {
                now: samples::now(),
                country: Country::Be,
                subject: &self.subject,
                record: Some(&self.record),
                area_covered: Some(true),
                budget_cents: self.budget_cents,
            },
            stage: self.stage,
            pictures: &self.pictures,
            authors: &self.authors,
            validations: &self.validations,
        };
        match DispatchOrder::prove(self.plan.clone(), &evidence) {
            Ok(order) => {
                assert_eq!((order.plan(), order.digest()), (&self.plan, &self.plan.digest()));
                Vec::new()
            }
            Err(refusals) => refusals,
        }
    }
}

fn bent(bend: impl Fn(&mut Case)) -> Vec<Refusal> {
    let mut case = case(AppealKind::Witness);
    bend(&mut case);
    case.refusals()
}

#[test]
fn a_plan_with_its_whole_proof_is_an_order_for_every_kind() {
    for kind in AppealKind::ALL {
        assert_eq!(case(*kind).refusals(), [], "{kind}");
    }
}

#[test]
fn only_a_validated_or_scheduled_appeal_goes_out() {
    for stage in Stage::ALL {
        let goes = matches!(stage, Stage::Validated | Stage::Scheduled);
        let expected = if goes { vec![] } else { vec![Refusal::Stage(*stage)] };
        assert_eq!(bent(|case| case.stage = *stage), expected);
    }
}

#[test]
fn a_plan_is_bound_to_its_decision_and_its_appeal() {
    let end = case(AppealKind::Witness).record.authorisation.ends_at();
    let refused = |bend: fn(&mut Plan)| {
        let mut case = case(AppealKind::Witness);
        bend(&mut case.plan);
        case.signed().refusals()
    };
    assert_eq!(
        refused(|p| p.authorisation = AuthorisationId::from_parts(samples::now(), [0; 10])),
        [Refusal::OtherDecision]
    );
    assert_eq!(refused(|p| p.appeal = AppealId::from_parts(samples::now(), [0; 10])), [Refusal::OtherDecision]);
    assert_eq!(refused(|p| p.ends_at += TimeDelta::seconds(1)), [Refusal::Outlives(end)]);
    assert_eq!(refused(|p| p.schedule = Some(p.ends_at)), [Refusal::Expired(end)]);
    assert_eq!(refused(|p| p.budget_cents = Some(5)), [Refusal::Budget]);
    assert_eq!(refused(|p| p.items.clear()), [Refusal::NoNotice]);
    let mut lots = case(AppealKind::ObjectsFound);
    lots.plan.items[0].lots.clear();
    assert_eq!(lots.signed().refusals(), [Refusal::NoLots]);
    let mut budget = case(AppealKind::Witness);
    (budget.budget_cents, budget.plan.budget_cents) = (Some(10_000), Some(10_000));
    assert_eq!(budget.signed().refusals(), []);
}

#[test]
fn the_signature_is_on_this_plan_and_no_other() {
    assert_eq!(bent(|case| case.plan.items[0].content = serde_json::json!({})), [Refusal::NotValidated]);
    assert_eq!(bent(|case| case.validations.clear()), [Refusal::NotValidated]);
}

#[test]
fn a_persons_last_word_counts_and_one_no_is_enough() {
    let with = |more: fn(&Plan) -> Vec<Validation>| bent(|case| case.validations.extend(more(&case.plan)));
    let refused = [Refusal::NotValidated];
    assert_eq!(with(|plan| vec![answer(samples::VALIDATOR, Verdict::No, plan, 2)]), refused);
    assert_eq!(with(|plan| vec![answer(samples::VALIDATOR, Verdict::No, plan, 1)]), refused);
    assert_eq!(with(|plan| vec![answer(samples::VALIDATOR, Verdict::No, plan, 0)]), []);
    assert_eq!(with(|plan| vec![answer(9, Verdict::No, plan, 0)]), refused);
    assert_eq!(with(|plan| vec![answer(9, Verdict::Yes, plan, 0)]), []);
}

#[test]
fn three_seats_are_three_people() {
    let signed_by = |who| bent(|case| case.validations = vec![answer(who, Verdict::Yes, &case.plan, 1)]);
    let refused = |seat| [Refusal::Seat(seat), Refusal::NotValidated];
    let also_wrote = |who| {
        bent(|case| {
            case.authors.insert(samples::person(who));
        })
    };
    assert_eq!(signed_by(samples::AUTHOR), refused(RefusedSeat::Author));
    assert_eq!(signed_by(samples::RECORDER), refused(RefusedSeat::Recorder));
    assert_eq!(signed_by(samples::VERIFIER), refused(RefusedSeat::Verifier));
    assert_eq!(also_wrote(samples::VERIFIER), [Refusal::Seat(RefusedSeat::VerifierWrote)]);
    assert_eq!(also_wrote(samples::RECORDER), []);
    assert_eq!(bent(|case| case.authors.clear()), [Refusal::NotValidated]);
}

#[test]
fn each_refusal_is_said_once() {
    let twice = bent(|case| {
        let item = PlanItem { channel: crate::domain::scope::ChannelKind::Feed, ..case.plan.items[0].clone() };
        case.plan.items = vec![item.clone(), item];
    });
    assert_eq!(twice, [Refusal::Channel("feed"), Refusal::NotValidated]);
}

#[test]
fn retries_grow_and_obey_the_other_side() {
    assert_eq!(retry_delay(0, None, 0), TimeDelta::seconds(5));
    assert_eq!(retry_delay(1, None, 0), TimeDelta::seconds(10));
    assert_eq!(retry_delay(50, None, 255), TimeDelta::seconds(5400));
    assert_eq!(retry_delay(0, Some(Duration::from_secs(90)), 0), TimeDelta::seconds(90));
}

#[test]
fn trying_stops_after_about_three_days() {
    let whole: TimeDelta = (0..MAX_ATTEMPTS).map(|tries| retry_delay(tries, None, 0)).sum();
    assert!((TimeDelta::days(2)..TimeDelta::days(4)).contains(&whole), "{whole}");
}

proptest! {
    #[test]
    fn a_retry_never_comes_before_it_was_asked_for(attempts: u32, asked: Option<u32>, jitter: u8) {
        let asked = asked.map(|seconds| Duration::from_secs(u64::from(seconds)));
        let delay = retry_delay(attempts, asked, jitter);
        prop_assert!(delay >= TimeDelta::seconds(5));
        prop_assert!(asked.is_none_or(|asked| delay.to_std().unwrap() >= asked));
    }
}
