//! One request to the public, as filed and edited. Its stage lives beside it and moves only through `stage`.

use super::advert::AdultAges;
use super::document::{self, Reader};
use super::faults::Fault;
use super::kind::AppealKind;
use super::language::Language;
use super::media::by_language;
use super::notice::Notice;
use super::place::Country;
use super::scope::ChannelKind;
use super::subject::Subject;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What an investigator writes: everything of an appeal that is not a file, a place or a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Whose law applies.
    pub country: Country,
    /// Working title; internal.
    pub title: String,
    /// Whom or what it is about.
    pub subject: Subject,
    /// Texts.
    pub notices: BTreeMap<Language, Notice>,
    /// Where it is meant to go.
    pub channels: BTreeSet<ChannelKind>,
    /// The public must not approach.
    pub dangerous: bool,
    /// When it should go out; now when absent.
    pub schedule: Option<DateTime<Utc>>,
    /// Money for paid channels, euro cents.
    pub budget_cents: Option<i64>,
    /// Of which age those are who are shown advertisements; everybody of age when absent.
    pub ad_ages: Option<AdultAges>,
}

impl Draft {
    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> AppealKind {
        self.subject.kind()
    }

    /// The stored form.
    #[must_use]
    pub fn to_document(&self) -> Value {
        let notices: Map<String, Value> =
            self.notices.iter().map(|(language, notice)| (language.code().to_owned(), notice.to_document())).collect();
        json!({
            "kind": self.kind().code(),
            "country": self.country.code(),
            "title": self.title,
            "subject": self.subject.to_document(),
            "notices": notices,
            "channels": self.channels.iter().map(|c| c.code()).collect::<Vec<_>>(),
            "dangerous": self.dangerous,
            "schedule_at": self.schedule.map(document::moment),
            "budget_cents": self.budget_cents,
            "ad_ages": self.ad_ages.map(|ages| json!({"from": ages.least(), "to": ages.most()})),
        })
    }

    /// Reads an appeal; every fault at once.
    pub fn from_document(value: &Value) -> Result<Self, Vec<Fault>> {
        document::read(value, "", |mut r| {
            let draft = read(&mut r);
            r.finish();
            draft
        })
    }
}

fn read(r: &mut Reader<'_>) -> Option<Draft> {
    let kind = r.required("kind", |r, key| r.choice(key, AppealKind::parse));
    let country = r.required("country", |r, key| r.choice(key, Country::parse));
    let title = r.needed_line("title", 3..=200);
    let subject = match (kind, r.required("subject", Reader::raw)) {
        (Some(kind), Some(value)) => match Subject::from_document(kind, value, &r.pointer("subject")) {
            Ok(subject) => Some(subject),
            Err(faults) => {
                for fault in faults {
                    r.note(fault);
                }
                None
            }
        },
        _ => None,
    };
    let faults = r.faults();
    let mut notices = by_language(r, "notices", |value, _, pointer| {
        // The language is the key it stands under; set below, where the key is known.
        Notice::read(Language::Fr, Reader::new(value, pointer, faults))
    });
    for (language, notice) in &mut notices {
        notice.language = *language;
    }
    let channels: BTreeSet<_> = r.parsed("channels", 16, ChannelKind::parse).into_iter().collect();
    if channels.is_empty() {
        r.fault("channels", "required");
    }
    let dangerous = r.flag("dangerous");
    let schedule = r.time("schedule_at");
    let budget_cents = r.integer("budget_cents", 0..=100_000_000);
    let ad_ages = r.object("ad_ages").and_then(|mut band| {
        let age = |band: &mut Reader<'_>, key| band.integer(key, 18..=65).and_then(|age| u8::try_from(age).ok());
        let (from, to) = (age(&mut band, "from"), age(&mut band, "to"));
        if from.is_none() {
            band.fault("from", "required");
        }
        // 65 stands for everybody older too.
        let ages = from.map(|from| AdultAges::new(from, to.unwrap_or(65)));
        if let Some(Err(_)) = ages {
            band.fault("to", "out-of-range");
        }
        band.finish();
        ages?.ok()
    });
    Some(Draft {
        ad_ages,
        country: country?,
        title: title?,
        subject: subject?,
        notices,
        channels,
        dangerous,
        schedule,
        budget_cents,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::domain::samples::draft;
    use proptest::prelude::*;

    #[test]
    fn every_kind_survives_its_stored_form() {
        for kind in AppealKind::ALL {
            let first = Draft::from_document(&draft(*kind)).unwrap();
            assert_eq!(Draft::from_document(&first.to_document()).unwrap(), first, "{kind}");
            assert_eq!(first.kind(), *kind);
            assert_eq!(first.notices[&Language::Fr].language, Language::Fr);
        }
    }

    #[test]
    fn every_fault_is_named_with_its_place() {
        let mut value = draft(AppealKind::MissingMinor);
        value["subject"]["age"] = json!(19);
        value["subject"]["appearance"]["height_cm"] = json!(1420);
        value["subject"]["last_seen"]["place"] = json!("Ixelles");
        value["subject"]["nickname"] = json!("x");
        value["notices"]["xx"] = json!({});
        value["notices"]["nl"] = json!({"headline": "x".repeat(161), "lead": "y"});
        let mut faults: Vec<_> =
            Draft::from_document(&value).unwrap_err().into_iter().map(|f| (f.pointer, f.code)).collect();
        faults.sort();
        let expected = [
            ("/notices/nl/headline", "too-long"),
            ("/notices/xx", "unknown-language"),
            ("/subject/age", "not-a-minor"),
            ("/subject/appearance/height_cm", "out-of-range"),
            ("/subject/last_seen/place", "unknown-value"),
            ("/subject/nickname", "unknown-key"),
        ];
        assert_eq!(faults, expected.map(|(p, c)| (p.to_owned(), c)));
    }

    #[test]
    fn advertisements_are_for_adults() {
        let mut value = draft(AppealKind::Witness);
        value["ad_ages"] = json!({"from": 25, "to": 54});
        let first = Draft::from_document(&value).unwrap();
        assert_eq!(first.ad_ages.map(|ages| (ages.least(), ages.most())), Some((25, 54)));
        assert_eq!(Draft::from_document(&first.to_document()).unwrap(), first);
        value["ad_ages"] = json!({"from": 40});
        assert_eq!(Draft::from_document(&value).unwrap().ad_ages.map(|ages| ages.to_string()), Some("40+".to_owned()));
        for (wrong, pointer) in [
            (json!({"from": 16, "to": 30}), "/ad_ages/from"),
            (json!({"from": 40, "to": 30}), "/ad_ages/to"),
            (json!({"to": 30}), "/ad_ages/from"),
            (json!({"from": 18, "interests": "football"}), "/ad_ages/interests"),
        ] {
            value["ad_ages"] = wrong;
            let faults = Draft::from_document(&value).unwrap_err();
            assert!(faults.iter().all(|fault| fault.pointer == pointer), "{faults:?}");
        }
    }

    #[test]
    fn a_headline_is_one_line_because_it_becomes_a_subject() {
        let mut value = draft(AppealKind::Witness);
        value["notices"]["fr"]["headline"] = json!("Titre\r\nBcc: tous@example.org");
        let faults = Draft::from_document(&value).unwrap_err();
        assert_eq!((faults[0].pointer.as_str(), faults[0].code), ("/notices/fr/headline", "control-character"));
    }

    proptest! {
        #[test]
        fn any_notice_survives_its_stored_form_and_keeps_its_digest(
            headline in "\\S(\\PC{0,100}\\S)?", lead in "\\S(\\PC{0,100}\\S)?", body in proptest::collection::vec("[a-zé ]{0,20}[a-z]", 0..4),
            look_for in proptest::collection::vec("[a-z]{1,20}", 0..4), instruction in proptest::option::of("[a-z]{1,40}"),
        ) {
            let mut value = draft(AppealKind::Witness);
            value["notices"] = json!({"nl": {"headline": headline, "lead": lead, "body": body, "look_for": look_for, "instruction": instruction}});
            // Marks that turn text around are refused; everything else that can be seen comes back as it went in.
            if let Ok(first) = Draft::from_document(&value) {
                let again = Draft::from_document(&serde_json::from_str(&first.to_document().to_string()).unwrap()).unwrap();
                prop_assert_eq!(&again, &first);
                prop_assert_eq!(again.notices[&Language::Nl].digest(), first.notices[&Language::Nl].digest());
            }
        }

        #[test]
        fn no_document_makes_the_reader_fail_badly(text in "\\PC{0,200}", kind in proptest::sample::select(AppealKind::ALL)) {
            let mut value = draft(kind);
            value["subject"] = serde_json::from_str(&text).unwrap_or(json!(text));
            prop_assert!(Draft::from_document(&value).is_err());
        }
    }
}
