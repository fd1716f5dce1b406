//! One object of a catalogue, described as Object ID asks (the standard INTERPOL uses for cultural goods).

use super::codes::codes;
use super::document::{self, Reader};
use super::faults::Fault;
use super::ids::{LotId, MediaId};
use super::language::Language;
use super::media::by_language;
use super::place::PlaceCode;
use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

codes! {
    /// What is measured.
    Dimension { /// Height.
        Height = "height", /// Width.
        Width = "width", /// Depth.
        Depth = "depth", /// Diameter.
        Diameter = "diameter", /// Length.
        Length = "length", /// Weight.
        Weight = "weight" }
}
codes! {
    /// In what.
    MeasureUnit { /// Millimetres.
        Millimetre = "mm", /// Grams.
        Gram = "g" }
}
codes! {
    /// What the law says of an object now (our list: the sources name the field, not its values).
    LegalStatus {
        /// Seized and kept for the case.
        Seized = "seized",
        /// No longer needed for the case.
        Released = "released",
        /// A court ordered its return.
        RestitutionOrdered = "restitution_ordered",
        /// Forfeited to the State.
        Forfeited = "forfeited",
    }
}
codes! {
    /// Where a lot stands between its finder and its owner.
    ClaimState {
        /// Nobody claimed it.
        Open = "open",
        /// One person did.
        Claimed = "claimed",
        /// Several did.
        Disputed = "disputed",
        /// Somebody was found to own it.
        Awarded = "awarded",
        /// It was handed over.
        Returned = "returned",
        /// Nobody came.
        Unclaimed = "unclaimed",
    }
}

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// What.
    pub dimension: Dimension,
    /// How much, in `unit`.
    pub value: i64,
    /// Millimetres for lengths, grams for weight.
    pub unit: MeasureUnit,
}

/// The words of Object ID in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LotText {
    /// Type of object.
    pub object_type: String,
    /// Materials and techniques.
    pub materials: Option<String>,
    /// Inscriptions and markings.
    pub inscriptions: Option<String>,
    /// Distinguishing features.
    pub features: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// What it shows.
    pub subject: Option<String>,
    /// Date or period.
    pub period: Option<String>,
    /// Short description.
    pub description: Option<String>,
    /// State it is in now: some objects come back damaged.
    pub condition: Option<String>,
}

/// A question only the owner can answer. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct HiddenQuestion {
    /// The question, asked of whoever claims the lot.
    pub question: String,
    /// The answer.
    pub answer: String,
}

impl std::fmt::Debug for HiddenQuestion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HiddenQuestion(***)")
    }
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Its id.
    pub id: LotId,
    /// Its number in the catalogue, from 1.
    pub number: i64,
    /// Words, per language.
    pub texts: BTreeMap<Language, LotText>,
    /// Maker; a name reads the same everywhere.
    pub maker: Option<String>,
    /// Measurements.
    pub measurements: Vec<Measurement>,
    /// Record of the seizure; internal.
    pub seizure_reference: Option<String>,
    /// Day it was found.
    pub found_on: Option<NaiveDate>,
    /// Where it was found.
    pub found_place: Option<PlaceCode>,
    /// What the law says of it now; internal.
    pub legal_status: Option<LegalStatus>,
    /// For claims.
    pub hidden: Option<HiddenQuestion>,
    /// Claims.
    pub claim_state: ClaimState,
    /// Its pictures.
    pub media: Vec<MediaId>,
}

impl Lot {
    /// The stored form, hidden question included: it never leaves through a public view.
    #[must_use]
    pub fn to_document(&self) -> Value {
        let texts: Map<String, Value> = self
            .texts
            .iter()
            .map(|(language, t)| {
                let text = json!({"object_type": t.object_type, "materials": t.materials, "inscriptions": t.inscriptions,
                    "features": t.features, "title": t.title, "subject": t.subject, "period": t.period, "description": t.description,
                    "condition": t.condition});
                (language.code().to_owned(), text)
            })
            .collect();
        let measurements: Vec<_> = self
            .measurements
            .iter()
            .map(|m| json!({"dimension": m.dimension.code(), "value": m.value, "unit": m.unit.code()}))
            .collect();
        json!({
            "number": self.number, "texts": texts, "maker": self.maker, "measurements": measurements,
            "seizure_reference": self.seizure_reference, "found_on": self.found_on.map(|day| day.to_string()),
            "found_place": self.found_place.as_ref().map(ToString::to_string),
            "legal_status": self.legal_status.map(LegalStatus::code),
            "hidden": self.hidden.as_ref().map(|h| json!({"question": h.question, "answer": h.answer})),
            "claim_state": self.claim_state.code(),
            "media": self.media.iter().map(MediaId::as_str).collect::<Vec<_>>(),
        })
    }

    /// Reads a lot; every fault at once.
    pub fn from_document(value: &Value, pointer: &str, id: LotId) -> Result<Self, Vec<Fault>> {
        document::read(value, pointer, |mut r| {
            let lot = read(&mut r, id);
            r.finish();
            lot
        })
    }
}

fn read_text(mut t: Reader<'_>) -> Option<LotText> {
    let object_type = t.needed_line("object_type", 1..=120);
    let text = LotText {
        object_type: String::new(),
        materials: t.text("materials", 1..=300),
        inscriptions: t.text("inscriptions", 1..=500),
        features: t.text("features", 1..=500),
        title: t.line("title", 1..=200),
        subject: t.text("subject", 1..=300),
        period: t.text("period", 1..=120),
        description: t.text("description", 1..=1000),
        condition: t.text("condition", 1..=500),
    };
    t.finish();
    Some(LotText { object_type: object_type?, ..text })
}

fn read(r: &mut Reader<'_>, id: LotId) -> Option<Lot> {
    // A catalogue of 5,000 lots is three times the largest known.
    let number = r.required("number", |r, key| r.integer(key, 1..=5000));
    let faults = r.faults();
    let texts = by_language(r, "texts", |value, _, pointer| read_text(Reader::new(value, pointer, faults)));
    if texts.is_empty() {
        r.fault("texts", "required");
    }
    let maker = r.line("maker", 1..=200);
    let measurements = r.objects("measurements", 12, |mut m| {
        let dimension = m.required("dimension", |m, key| m.choice(key, Dimension::parse));
        let value = m.required("value", |m, key| m.integer(key, 1..=100_000_000));
        let unit = m.required("unit", |m, key| m.choice(key, MeasureUnit::parse));
        if let (Some(dimension), Some(unit)) = (dimension, unit)
            && (dimension == Dimension::Weight) != (unit == MeasureUnit::Gram)
        {
            m.fault("unit", "unit-does-not-fit");
        }
        m.finish();
        Some(Measurement { dimension: dimension?, value: value?, unit: unit? })
    });
    let seizure_reference = r.line("seizure_reference", 3..=64);
    let found_on = r.choice("found_on", |day| day.parse().ok());
    let found_place = r.choice("found_place", |code| PlaceCode::parse(code).ok());
    let legal_status = r.choice("legal_status", LegalStatus::parse);
    let hidden = r.object("hidden").and_then(|mut h| {
        let (question, answer) = (h.needed_text("question", 3..=300), h.needed_text("answer", 1..=300));
        h.finish();
        Some(HiddenQuestion { question: question?, answer: answer? })
    });
    let claim_state = r.choice("claim_state", ClaimState::parse).unwrap_or(ClaimState::Open);
    let media = r.parsed("media", 20, |text| MediaId::parse(text).ok());
    Some(Lot {
        id,
        number: number?,
        texts,
        maker,
        measurements,
        seizure_reference,
        found_on,
        found_place,
        legal_status,
        hidden,
        claim_state,
        media,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::domain::samples;
    use proptest::prelude::*;

    fn id() -> LotId {
        LotId::from_parts(samples::now(), [1; 10])
    }

    fn lot() -> Value {
        json!({
            "number": 12,
            "texts": {
                "fr": {"object_type": "Peinture", "materials": "huile sur toile", "inscriptions": "signé en bas à droite",
                    "features": "craquelures", "title": "Marine", "subject": "Port", "period": "vers 1880",
                    "description": "Vue d'un port", "condition": "cadre manquant"},
                "nl": {"object_type": "Schilderij"},
            },
            "maker": "Voorbeeld", "seizure_reference": "S-2026-17", "found_on": "2026-10-02", "found_place": "NIS:21004",
            "measurements": [{"dimension": "height", "value": 455, "unit": "mm"}, {"dimension": "weight", "value": 2100, "unit": "g"}],
            "legal_status": "seized", "claim_state": "open",
            "hidden": {"question": "What is written on the back?", "answer": "Pour Emma"},
        })
    }

    #[test]
    fn a_lot_survives_its_stored_form_and_hides_its_answer() {
        let first = Lot::from_document(&lot(), "", id()).unwrap();
        assert_eq!(Lot::from_document(&first.to_document(), "", id()).unwrap(), first);
        assert!(!format!("{first:?}").contains("Emma"));
    }

    #[test]
    fn every_fault_is_named_with_its_place() {
        let mut value = lot();
        value["number"] = json!(0);
        value["texts"] = json!({"en": {}, "fr": {"title": "Marine"}});
        value["measurements"] = json!([{"dimension": "weight", "value": 10, "unit": "mm"}]);
        value["found_on"] = json!("yesterday");
        value["found_place"] = json!("Antwerpen");
        value["hidden"] = json!({"question": "?"});
        let mut faults: Vec<_> =
            Lot::from_document(&value, "/3", id()).unwrap_err().into_iter().map(|f| (f.pointer, f.code)).collect();
        faults.sort();
        let expected = [
            ("/3/found_on", "unknown-value"),
            ("/3/found_place", "unknown-value"),
            ("/3/hidden/answer", "required"),
            ("/3/hidden/question", "too-short"),
            ("/3/measurements/0/unit", "unit-does-not-fit"),
            ("/3/number", "out-of-range"),
            ("/3/texts", "required"),
            ("/3/texts/en", "unknown-language"),
            ("/3/texts/fr/object_type", "required"),
        ];
        assert_eq!(faults, expected.map(|(p, c)| (p.to_owned(), c)));
    }

    proptest! {
        #[test]
        fn any_lot_survives_its_stored_form(
            number in 1_i64..=5000, maker in proptest::option::of("[A-Z][a-z]{0,30}"), value in 1_i64..1_000_000,
            dimension in proptest::sample::select(Dimension::ALL), state in proptest::sample::select(ClaimState::ALL),
            status in proptest::option::of(proptest::sample::select(LegalStatus::ALL)), answer in "[a-z]{1,30}",
        ) {
            let unit = if dimension == Dimension::Weight { "g" } else { "mm" };
            let mut document = lot();
            document["number"] = json!(number);
            document["maker"] = json!(maker);
            document["measurements"] = json!([{"dimension": dimension.code(), "value": value, "unit": unit}]);
            document["claim_state"] = json!(state.code());
            document["legal_status"] = json!(status.map(LegalStatus::code));
            document["hidden"]["answer"] = json!(answer);
            let first = Lot::from_document(&document, "", id()).unwrap();
            prop_assert_eq!(Lot::from_document(&first.to_document(), "", id()).unwrap(), first);
        }
    }
}
