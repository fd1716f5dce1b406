//! The shipped rules, read as people would read them, and every way a rule file can be wrong.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]

use super::*;
use crate::domain::faults::Fault;

fn book() -> RuleBook {
    RuleBook::parse(&[]).unwrap()
}

fn rule(id: &str) -> RuleId {
    RuleId::parse(id).unwrap()
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
}

/// Appeals-and-law §5 once more, in another shape: kind, country, authorities, default and longest span in hours.
const TABLE: &str = "
    missing_adult       BE be_pdr,be_ji        720   -
    missing_adult       FR fr_pr,fr_ji         720   -
    missing_minor       BE be_pdr,be_ji        336   -
    missing_minor       FR fr_pr,fr_ji         336   -
    child_alert         BE be_pdr,be_ji        6     24
    child_alert         FR fr_pr               3     3
    wanted_suspect      BE be_pdr,be_ji,be_fed 720   -
    wanted_suspect      FR fr_pr,fr_ji         720   -
    wanted_convict      BE be_pdr,be_fed       4320  -
    wanted_convict      FR fr_pr               4320  -
    unknown_suspect     BE be_pdr,be_ji        720   -
    unknown_suspect     FR fr_pr,fr_ji         720   -
    witness             BE be_pdr,be_ji        720   -
    witness             FR fr_pr,fr_ji         720   -
    vehicle             BE be_pdr,be_ji        336   -
    vehicle             FR fr_pr,fr_ji         336   -
    unidentified_person BE be_pdr,be_ji        8760  -
    unidentified_person FR fr_pr,fr_ji         8760  -
    objects_stolen      BE be_pdr,be_ji        17520 -
    objects_stolen      FR fr_pr,fr_ji         17520 -
    objects_found       BE be_pdr,be_ji        4320  -
    objects_found       FR fr_pr,fr_ji         4320  -
    heirs_sought        BE be_pdr              8760  -
    heirs_sought        FR fr_pr               8760  -";

#[test]
fn the_shipped_table_is_the_one_of_the_law_file() {
    let book = book();
    let mut expected = TABLE.trim().lines();
    for kind in AppealKind::ALL {
        for country in [Country::Be, Country::Fr] {
            let authorities: Vec<_> = book
                .needs(*kind, country, today())
                .flat_map(|need| &need.authorities)
                .map(|authority| authority.code())
                .collect();
            let lasts = book.lasts(*kind, country, today()).unwrap().num_hours();
            let most =
                book.at_most(*kind, country, today()).map_or("-".to_owned(), |most| most.num_hours().to_string());
            let row = [kind.code(), country.code(), &authorities.join(","), &lasts.to_string(), &most].join(" ");
            assert_eq!(row, expected.next().unwrap().split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    assert_eq!(expected.next(), None);
}

#[test]
fn every_law_of_the_matrix_is_there_with_its_mark() {
    let marks: Vec<_> = book().laws().iter().map(|law| format!("{} {}", law.id, law.mark)).collect();
    let expected = "BE-AVIS-2005 U,BE-AVIS-1996 C,BE-MAG S,BE-PORTRAIT-FED S,BE-28Q3 C,BE-57 S,BE-CIRC-1999 C,BE-DISP C,\\
        BE-CELL C,BE-CA C,BE-CA-FOREIGN S,BE-MW C,BE-MIN C,BE-MIN-RENUM U,BE-LFP35 U,BE-SEXVICT U,BE-LANG40 C,BE-LANG24 C,\\
        BE-LANG11 U,BE-LANG18 U,BE-DATA U,BE-DSA16 U,FR-JUD C,FR-C24 U,FR-11 C,FR-9-1 C,FR-35T S,FR-39B C,FR-39Q C,FR-39S U,\\
        FR-CJPM C,FR-74 C,FR-74-1 C,FR-26 C,FR-AE C,FR-AE-MSG S,FR-AE-END S,FR-RIF S,FR-REST S,FR-DATA U,FR-RECOD U,FR-DSA16 U";
    assert_eq!(marks.join(","), expected.replace("\\\n        ", ""));
}

#[test]
fn a_rule_holds_between_its_days_in_local_time() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let rule = Effective { from: Some(day("2026-04-09")), to: Some(day("2026-11-21")) };
    assert!(!rule.holds(day("2026-04-08")) && rule.holds(day("2026-04-09")));
    assert!(rule.holds(day("2026-11-20")) && !rule.holds(day("2026-11-21")));
    assert!(Effective::default().holds(day("1800-01-01")));
    // Half past eleven at night in London is past midnight in Brussels.
    assert_eq!(country_day(Country::Be, "2026-11-20T23:30:00Z".parse().unwrap()), day("2026-11-21"));
}

#[test]
fn a_later_file_renews_a_row_and_dates_switch_it() {
    let text = r#"
        [[need]]
        id = "BE-VEHICLE"
        country = "BE"
        kinds = ["vehicle"]
        mark = "C"
        because = ["BE-MAG"]
        authorities = ["be_pdr"]
        lasts_hours = 24
        effective_to = "2026-12-01"

        [[need]]
        id = "BE-VEHICLE-2027"
        country = "BE"
        kinds = ["vehicle"]
        mark = "C"
        because = ["BE-MAG"]
        authorities = ["be_fed"]
        lasts_hours = 48
        effective_from = "2026-12-01"
    "#;
    let book = RuleBook::parse(&[("force.toml".to_owned(), text.to_owned())]).unwrap();
    let lasts = |day: &str| book.lasts(AppealKind::Vehicle, Country::Be, day.parse().unwrap()).unwrap().num_hours();
    assert_eq!((lasts("2026-11-30"), lasts("2026-12-01")), (24, 48));
    assert_ne!(book.version(), self::book().version());
}

#[test]
fn what_is_wrong_in_a_file_is_named_with_its_place() {
    let faults = |text: &str| -> Vec<(String, String, &'static str)> {
        let wrong = RuleBook::parse(&[("force.toml".to_owned(), text.to_owned())]).unwrap_err();
        wrong.into_iter().map(|RuleFault { file, fault: Fault { pointer, code, .. } }| (file, pointer, code)).collect()
    };
    let at = |pointer: &str, code: &'static str| ("force.toml".to_owned(), pointer.to_owned(), code);
    assert_eq!(faults("[[need]\n"), [at("", "malformed-toml")]);
    assert_eq!(faults("[[want]]\nid = \"X\""), [at("/want", "unknown-key")]);
    let need = |more: &str| {
        format!(
            "[[need]]\nid = \"BE-X\"\ncountry = \"BE\"\nkinds = [\"vehicle\"]\nmark = \"D\"\nbecause = [\"BE-MAG\"]\n{more}"
        )
    };
    assert_eq!(faults(&need("authorities = [\"fr_pr\"]")), [at("/need/0/authorities", "authority-of-other-country")]);
    assert_eq!(faults(&need("consents = [\"gut_feeling\"]")), [at("/need/0/consents/0", "unknown-value")]);
    assert_eq!(faults(&need("lasts_hours = 0")), [at("/need/0/lasts_hours", "out-of-range")]);
    assert_eq!(
        faults(&need("lasts_hours = 9\nat_most_hours = 8")),
        [at("/need/0/at_most_hours", "shorter-than-default")]
    );
    assert_eq!(faults(&need("scope = [[]]")), [at("/need/0/scope/0", "unknown-value")]);
    assert_eq!(faults(&need("when = [\"paid\"]")), [at("/need/0/when", "not-for-needs")]);
    let whole = |pointer: &str, code: &'static str| ("rules".to_owned(), pointer.to_owned(), code);
    assert_eq!(faults(&need("bases = [\"BE-MIN\"]")), [whole("/BE-X", "no-basis")]);
    assert_eq!(faults(&need("criteria = \"BE-NONE\"")), [whole("/BE-X", "unknown-criteria")]);
    let order = "[[chain]]\nid = \"C\"\nsensitivity = \"ordinary\"\nmark = \"D\"\nlevels = [\"directorate\", \"communication_officer\"]";
    assert_eq!(faults(order), [at("/chain/0/id", "unknown-value"), at("/chain/0/levels", "out-of-order")]);
    let late = "[[emergency]]\nid = \"LATE\"\nkinds = [\"child_alert\"]\nreview_hours = 25\nmark = \"D\"";
    assert_eq!(faults(late), [at("/emergency/0/review_hours", "out-of-range")]);
    assert_eq!(
        RuleBook::parse(&[("force.toml".to_owned(), "[[law]]\nid = \"b\"".to_owned())]).unwrap_err()[0].to_string(),
        "force.toml/law/0/id: unknown-value"
    );
}

#[test]
fn a_unit_changes_what_is_open_and_nothing_that_is_locked() {
    let book = book();
    let changed = |id: &str, change: Change| book.changed(&rule(id), &change);
    let refused = |id: &str, change: Change| changed(id, change).unwrap_err();
    let needs = |book: &RuleBook, id: &str| book.all_needs().iter().any(|need| need.id.as_str() == id);
    assert!(!needs(&changed("BE-PORTRAIT", Change::Off).unwrap(), "BE-PORTRAIT"));
    for locked in ["FR-MINOR-SUSPECT", "BE-MINOR-SUSPECT", "BE-MINOR-UNKNOWN", "FR-MINOR-IDENTITY", "BE-CHILD-ALERT"] {
        assert_eq!(refused(locked, Change::Off), RefusedOverride::Locked, "{locked}");
    }
    assert_eq!(refused("BE-WITNESS", Change::Off), RefusedOverride::Authority);
    assert_eq!(refused("BE-NOTHING", Change::Off), RefusedOverride::Unknown);
    assert_eq!(refused("BE-CHILD-ALERT", Change::WithoutConsent(ConsentKind::Parents)), RefusedOverride::Locked);
    assert_eq!(refused("BE-STOLEN", Change::WithoutConsent(ConsentKind::Parents)), RefusedOverride::Unknown);
    let open = changed("BE-STOLEN", Change::WithoutConsent(ConsentKind::Owner)).unwrap();
    assert!(open.needs(AppealKind::ObjectsStolen, Country::Be, today()).all(|need| need.consents.is_empty()));
    assert_eq!(refused("BE-CHILD-ALERT", Change::Lasts(TimeDelta::hours(7))), RefusedOverride::TooLong);
    let shorter = changed("BE-CHILD-ALERT", Change::Lasts(TimeDelta::hours(4))).unwrap();
    assert_eq!(shorter.lasts(AppealKind::ChildAlert, Country::Be, today()), Some(TimeDelta::hours(4)));
    assert_eq!(refused("BE-PORTRAIT", Change::Lasts(TimeDelta::hours(4))), RefusedOverride::Unknown);
    let higher =
        changed("CHAIN-ORDINARY", Change::Levels(vec![Level::CommunicationOfficer, Level::Directorate])).unwrap();
    assert_eq!(higher.chain(AppealKind::Witness, &[]).1, [Level::CommunicationOfficer, Level::Directorate]);
    let calmer = changed("SENSITIVE-MINOR", Change::Off).unwrap();
    assert_eq!(calmer.chain(AppealKind::MissingMinor, &[]).0, Sensitivity::Ordinary);
}

#[test]
fn a_sensitivity_names_its_chain() {
    let book = book();
    let chain = |kind, facts: &[When]| book.chain(kind, facts).0;
    assert_eq!(chain(AppealKind::Witness, When::ALL), Sensitivity::Ordinary);
    assert_eq!(chain(AppealKind::MissingMinor, &[]), Sensitivity::Sensitive);
    assert_eq!(chain(AppealKind::ChildAlert, &[]), Sensitivity::Critical);
    assert_eq!(chain(AppealKind::UnidentifiedPerson, &[]), Sensitivity::Ordinary);
    assert_eq!(chain(AppealKind::UnidentifiedPerson, &[When::Pictures]), Sensitivity::Sensitive);
    assert!(book.emergency(AppealKind::ChildAlert).is_some() && book.emergency(AppealKind::Witness).is_none());
    assert!(book.is_cold(AppealKind::ObjectsFound) && !book.is_cold(AppealKind::ChildAlert));
}

#[test]
fn every_answer_is_read_and_what_nobody_knows_is_no_yes() {
    use crate::domain::document;
    use serde_json::{Value, json};
    let book = book();
    let (any, all) = (book.criteria("BE-DISP").unwrap(), book.criteria("FR-AE").unwrap());
    let answers = |set: &CriteriaSet, yes: usize, rest: &str| -> Value {
        let answer =
            |(i, q): (usize, &Question)| json!({"question": q.code, "answer": if i < yes { "yes" } else { rest }});
        json!({"answers": set.questions.iter().enumerate().map(answer).collect::<Vec<_>>()})
    };
    let read = |set: &CriteriaSet, value: &Value| {
        document::read(value, "", |mut r| {
            let answers = set.read_answers(&mut r);
            r.finish();
            Some(answers)
        })
    };
    let triggers = |set: &CriteriaSet, yes, rest| set.triggers(&read(set, &answers(set, yes, rest)).unwrap());
    assert!(triggers(any, 1, "no") && !triggers(any, 0, "no") && !triggers(any, 0, "unknown"));
    assert!(triggers(all, 4, "no") && !triggers(all, 3, "unknown"));
    let mut short = answers(all, 4, "no");
    short["answers"].as_array_mut().unwrap().pop();
    let codes = |value: &Value| read(all, value).unwrap_err().into_iter().map(|fault| fault.code).collect::<Vec<_>>();
    assert_eq!(codes(&short), ["question-unanswered"]);
    let mut twice = answers(all, 4, "no");
    let first = twice["answers"][0].clone();
    twice["answers"].as_array_mut().unwrap().push(first);
    assert_eq!(codes(&twice), ["named-twice"]);
    let stored = Answered::to_document(&read(all, &answers(all, 2, "unknown")).unwrap());
    assert_eq!(Answered::to_document(&Answered::from_document(&stored).unwrap()), stored);
}
