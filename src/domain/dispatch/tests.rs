//! A proof, and everything that keeps one from being made.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]

use super::*;
use crate::domain::appeal::Draft;
use crate::domain::authorisation::AuthorisationRecord;
use crate::domain::gate::Ground;
use crate::domain::ids::{AppealId, AuthorisationId, ValidationId};
use crate::domain::kind::AppealKind;
use crate::domain::place::Country;
use crate::domain::rules::{Assessment, Level};
use crate::domain::samples;
use crate::domain::subject::Subject;
use crate::domain::validation::{RefusedSeat, Verdict};
use proptest::prelude::*;

/// Everything a proof is made of, whole unless a test bends it.
struct Case {
    plan: Plan,
    record: AuthorisationRecord,
    assessments: Vec<Assessment>,
    levels: &'static [Level],
    subject: Subject,
    pictures: Vec<Media>,
    authors: BTreeSet<PersonId>,
    validations: Vec<Validation>,
    stage: Stage,
    budget_cents: Option<i64>,
}

fn answer(by: u8, verdict: Verdict, plan: &Plan, minute: i64) -> Validation {
    // The head of communication says the second yes where two are asked for; everybody else speaks at the first level.
    let level = if by == samples::HEAD { Level::HeadOfCommunication } else { Level::CommunicationOfficer };
    Validation {
        level,
        on_behalf_of: None,
        id: ValidationId::from_parts(samples::now(), [by; 10]),
        plan: plan.digest(),
        by: samples::person(by),
        verdict,
        reasons: String::new(),
        at: samples::now() + TimeDelta::minutes(minute),
    }
}

fn whole_chain(plan: &Plan) -> Vec<Validation> {
    vec![answer(samples::VALIDATOR, Verdict::Yes, plan, 1), answer(samples::HEAD, Verdict::Yes, plan, 2)]
}

fn case(kind: AppealKind) -> Case {
    let record = samples::record(kind, Country::Be);
    let plan = samples::plan(&record);
    Case {
        validations: whole_chain(&plan),
        plan,
        record,
        assessments: samples::assessments(kind, Country::Be),
        levels: samples::levels(kind),
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
        self.validations = whole_chain(&self.plan);
        self
    }

    fn refusals(self) -> Vec<Refusal> {
        let evidence = Evidence {
            authority: Authority {
                now: samples::now(),
                rules: samples::rules(),
                country: Country::Be,
                subject: &self.subject,
                assessments: &self.assessments,
                minor_discovered: None,
                grounds: vec![Ground {
                    country: Country::Be,
                    record: Some(&self.record),
                    area_covered: Some(true),
                    languages: None,
                }],
                budget_cents: self.budget_cents,
            },
            stage: self.stage,
            pictures: &self.pictures,
            authors: &self.authors,
            validations: &self.validations,
            levels: self.levels,
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
    let other = || AuthorisationId::from_parts(samples::now(), [0; 10]);
    assert_eq!(
        refused(|p| p.authorisations = vec![AuthorisationId::from_parts(samples::now(), [0; 10])]),
        [Refusal::OtherDecision]
    );
    assert_eq!(refused(|p| p.authorisations.clear()), [Refusal::OtherDecision]);
    let one_more = |mut case: Case| {
        case.plan.authorisations.push(other());
        case.signed().refusals()
    };
    assert_eq!(one_more(case(AppealKind::Witness)), [Refusal::OtherDecision]);
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
    assert_eq!(bent(|case| case.plan.items[0].content = serde_json::json!({})), [open()]);
    assert_eq!(bent(|case| case.validations.clear()), [open()]);
}

#[test]
fn a_persons_last_word_counts_and_one_no_is_enough() {
    let with = |more: fn(&Plan) -> Vec<Validation>| bent(|case| case.validations.extend(more(&case.plan)));
    let refused = [Refusal::NotValidated];
    let taken_back = [Refusal::NotValidated, open()];
    assert_eq!(with(|plan| vec![answer(samples::VALIDATOR, Verdict::No, plan, 2)]), taken_back);
    assert_eq!(with(|plan| vec![answer(samples::VALIDATOR, Verdict::No, plan, 1)]), taken_back);
    assert_eq!(with(|plan| vec![answer(samples::VALIDATOR, Verdict::No, plan, 0)]), []);
    assert_eq!(with(|plan| vec![answer(9, Verdict::No, plan, 0)]), refused);
    assert_eq!(with(|plan| vec![answer(9, Verdict::Yes, plan, 0)]), []);
}

#[test]
fn three_seats_are_three_people() {
    let signed_by = |who| bent(|case| case.validations = vec![answer(who, Verdict::Yes, &case.plan, 1)]);
    let refused = |seat| [Refusal::Seat(seat), open()];
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
    assert_eq!(bent(|case| case.authors.clear()), [open()]);
}

/// The first level has not said yes.
fn open() -> Refusal {
    Refusal::LevelOpen(Level::CommunicationOfficer)
}

#[test]
fn every_level_needs_a_yes_from_somebody_else() {
    let minor = |bend: fn(&mut Case)| {
        let mut case = case(AppealKind::MissingMinor);
        bend(&mut case);
        case.refusals()
    };
    assert_eq!(minor(|_| ()), []);
    assert_eq!(minor(|case| case.validations.truncate(1)), [Refusal::LevelOpen(Level::HeadOfCommunication)]);
    assert_eq!(minor(|case| drop(case.validations.remove(0))), [open()]);
    // One person cannot speak for two levels: only the last word counts.
    let twice = minor(|case| {
        let again =
            Validation { level: Level::HeadOfCommunication, ..answer(samples::VALIDATOR, Verdict::Yes, &case.plan, 3) };
        case.validations = vec![answer(samples::VALIDATOR, Verdict::Yes, &case.plan, 1), again];
    });
    assert_eq!(twice, [open()]);
    // A chain without levels says nothing, and nothing goes out on silence.
    assert_eq!(minor(|case| case.levels = &[]), [Refusal::NotValidated]);
}

#[test]
fn each_refusal_is_said_once() {
    let twice = bent(|case| {
        let item = PlanItem { channel: crate::domain::scope::ChannelKind::Feed, ..case.plan.items[0].clone() };
        case.plan.items = vec![item.clone(), item];
    });
    assert_eq!(twice, [Refusal::Channel("feed"), open()]);
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
