//! Well-formed values for tests, one of each kind, that tests bend until they break. The persons are invented.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "only tests use it")]

use super::appeal::Draft;
use super::authorisation::{Authorisation, AuthorisationRecord, Verification};
use super::ids::{AppealId, AssessmentId, AuthorisationId, MediaId, PersonId};
use super::kind::AppealKind;
use super::language::Language;
use super::media::{Media, MediaDigest};
use super::place::Country;
use super::plan::{Plan, PlanItem};
use super::rules::{Answer, Answered, Assessment, Level, Need, RuleBook, country_day};
use super::scope::ChannelKind;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Who wrote.
pub const AUTHOR: u8 = 1;
/// Who recorded the decision.
pub const RECORDER: u8 = 2;
/// Who called the office back.
pub const VERIFIER: u8 = 3;
/// Who says yes first.
pub const VALIDATOR: u8 = 4;
/// Who says yes after.
pub const HEAD: u8 = 5;

/// The rules as shipped.
pub fn rules() -> &'static RuleBook {
    RuleBook::shipped().unwrap()
}

/// The rows of law that ask something of a kind in a country.
pub fn needs(kind: AppealKind, country: Country) -> Vec<&'static Need> {
    rules().needs(kind, country, country_day(country, now())).collect()
}

/// Every list of questions a kind needs, answered so that it triggers.
pub fn assessments(kind: AppealKind, country: Country) -> Vec<Assessment> {
    let asked = needs(kind, country).into_iter().filter_map(|need| need.criteria.clone());
    asked
        .map(|criteria| {
            let set = rules().criteria(criteria.as_str()).unwrap();
            let answer =
                |code: &String| Answered { question: code.clone(), answer: Answer::Yes, note: "file".to_owned() };
            let answers: Vec<_> = set.questions.iter().map(|question| answer(&question.code)).collect();
            let id = AssessmentId::from_parts(now(), [1; 10]);
            Assessment { id, triggered: set.triggers(&answers), criteria, answers, by: person(AUTHOR), at: now() }
        })
        .collect()
}

/// The levels a kind passes.
pub fn levels(kind: AppealKind) -> &'static [Level] {
    rules().chain(kind, &[]).1
}

/// The moment every sample is about: two hours after its decision.
pub fn now() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// The person of a number.
pub fn person(number: u8) -> PersonId {
    PersonId::from_parts(now(), [number; 10])
}

/// The appeal every sample is about.
pub fn appeal_id() -> AppealId {
    AppealId::from_parts(now(), [9; 10])
}

/// The digest of a picture of a number.
pub fn digest(number: u8) -> MediaDigest {
    MediaDigest::parse(&format!("{number:064x}")).unwrap()
}

fn sighting() -> Value {
    json!({"at": "2026-11-20T07:10:00Z", "place": "NIS:21009"})
}

/// A well-formed subject of each kind.
pub fn subject(kind: AppealKind) -> Value {
    match kind {
        AppealKind::MissingAdult => {
            json!({"given_name": "Ada", "age": 40, "last_seen": sighting(), "needs_help": true})
        }
        AppealKind::MissingMinor => {
            json!({"given_name": "Lina", "age": 11, "last_seen": sighting(),
            "appearance": {"height_cm": 142, "hair": "brown"}})
        }
        AppealKind::ChildAlert => {
            json!({"given_name": "Lina", "age": 5, "last_seen": sighting(), "alert_reference": "CA-2026-1",
            "vehicle": {"sort": "van", "colour": "white", "plate": "1-ABC-234"}})
        }
        AppealKind::WantedSuspect => json!({"given_name": "Jan", "adult_proven": true}),
        AppealKind::WantedConvict => json!({"given_name": "Jan", "age": 50, "adult_proven": true,
            "conviction": {"final": true, "years": 8, "warrant": true}}),
        AppealKind::UnknownSuspect => json!({"composite": true, "age_from": 25, "age_to": 35, "event": sighting()}),
        AppealKind::Witness => {
            json!({"event": {"at": "2026-11-20T07:10:00Z", "until": "2026-11-20T08:10:00Z", "place": "NIS:21009"}})
        }
        AppealKind::Vehicle => json!({"sort": "car", "plate": "AB-123-CD"}),
        AppealKind::UnidentifiedPerson => json!({"living": false, "age_from": 50, "age_to": 70, "found": sighting()}),
        AppealKind::ObjectsStolen => json!({"theft": sighting()}),
        AppealKind::ObjectsFound => json!({"seizure_reference": "S-1", "found": sighting()}),
        AppealKind::HeirsSought => json!({"given_name": "Emma", "family_name": "Voorbeeld"}),
    }
}

/// A well-formed appeal of each kind.
pub fn draft(kind: AppealKind) -> Value {
    json!({"kind": kind.code(), "country": "BE", "title": "Test", "subject": subject(kind), "channels": ["page"],
        "notices": {"fr": {"headline": "Titre", "lead": "Texte", "look_for": ["veste rouge"]}}})
}

/// A decision that gives everything its kind and country ask for, over the French text of [`draft`] and picture 1.
pub fn decision(kind: AppealKind, country: Country) -> Value {
    let text = Draft::from_document(&draft(kind)).unwrap().notices[&Language::Fr].digest();
    let needs = needs(kind, country);
    let consents: Vec<_> = needs
        .iter()
        .flat_map(|need| &need.consents)
        .map(|kind| json!({"kind": kind.code(), "given_by": "Geheim Persoon", "at": "2026-11-20T09:00:00Z"}))
        .collect();
    let any_basis = if country == Country::Be { "BE-MAG" } else { "FR-JUD" };
    json!({
        "country": country.code(),
        "authority_type": needs.iter().find_map(|need| need.authorities.first()).unwrap().code(),
        "magistrate": {"family_name": "Peeters", "given_name": "An", "function": "substituut", "office_code": "BE:BRU",
            "office": "parket Brussel", "contact": "+32 2 555 12 12"},
        "case_reference": "BR11.99.001234/2026",
        "decision": {"form": "written_signed", "at": "2026-11-20T10:00:00Z"},
        "legal_basis": [needs.iter().find_map(|need| need.bases.first()).map_or(any_basis, |basis| basis.as_str())],
        "requested_by": "judicial",
        "document": {"sha256": digest(7).as_str(), "bytes": 52_000, "mime": "application/pdf", "signature_kind": "qualified"},
        "scope": {
            "elements": ["name", "age", "description", "circumstances"],
            "media": [{"digest": digest(1).as_str(), "portrait": true, "minor": shows_minor(kind)}],
            "texts": [text.0], "vehicle_plate": true, "lots": [1, 2], "area": "national", "channels": ["page", "email"],
            "paid_ads_cents": 10_000, "languages": ["fr"], "tips": "Where and when.",
        },
        "consents": consents,
    })
}

fn shows_minor(kind: AppealKind) -> bool {
    matches!(kind, AppealKind::MissingMinor | AppealKind::ChildAlert)
}

/// [`decision`], verified.
pub fn record_of(value: &Value, kind: AppealKind) -> AuthorisationRecord {
    let id = AuthorisationId::from_parts(now(), [8; 10]);
    let authorisation = Authorisation::file(value, id, appeal_id(), person(RECORDER), (rules(), kind)).unwrap();
    let verification = Verification { by: person(VERIFIER), at: now(), called_back_on: "+32 2 555 34 34".to_owned() };
    AuthorisationRecord { authorisation, verification: Some(verification), withdrawal: None }
}

/// A verified decision that lets [`draft`] out.
pub fn record(kind: AppealKind, country: Country) -> AuthorisationRecord {
    record_of(&decision(kind, country), kind)
}

/// Picture 1, as [`decision`] covers it.
pub fn picture(kind: AppealKind) -> Media {
    Media {
        id: MediaId::from_parts(now(), [1; 10]),
        digest: digest(1),
        portrait: true,
        minor: shows_minor(kind),
        blur_required: false,
        alt: [(Language::Fr, "Portrait".to_owned())].into(),
        renditions: Vec::new(),
        sharpness: None,
    }
}

/// The plan that [`draft`] becomes under a decision: one page in French.
pub fn plan(record: &AuthorisationRecord) -> Plan {
    let decision = &record.authorisation;
    Plan {
        appeal: decision.appeal.clone(),
        authorisations: vec![decision.id.clone()],
        area_digest: "0".repeat(64),
        schedule: None,
        ends_at: decision.ends_at(),
        budget_cents: None,
        items: vec![PlanItem {
            channel: ChannelKind::Page,
            language: Language::Fr,
            text: decision.scope.texts.first().unwrap().clone(),
            media: vec![digest(1)],
            lots: [1, 2].into(),
            plate: true,
            content: json!({"title": "Titre"}),
        }],
    }
}
