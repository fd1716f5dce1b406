//! Subjects as they are filed and stored: one reader for both, every fault at once.

use super::facts::{
    Appearance, Build, Colour, Conviction, EyeColour, HairColour, MissingPerson, Named, Sex, Sighting, VehicleFacts,
    VehicleKind, WantedPerson,
};
use super::subjects::Subject;
use crate::domain::document::{self, Reader, moment};
use crate::domain::faults::Fault;
use crate::domain::kind::AppealKind;
use crate::domain::place::PlaceCode;
use serde_json::{Map, Value, json};

impl Subject {
    /// The stored form; [`Subject::from_document`] reads it back.
    #[must_use]
    pub fn to_document(&self) -> Value {
        let mut document = match self {
            Self::MissingAdult(missing) | Self::MissingMinor(missing) => missing_document(missing),
            Self::ChildAlert { missing, vehicle, alert_reference } => {
                let mut object = missing_document(missing);
                object.insert(
                    "vehicle".to_owned(),
                    vehicle.as_ref().map_or(Value::Null, |v| Value::Object(vehicle_document(v))),
                );
                object.insert("alert_reference".to_owned(), json!(alert_reference));
                object
            }
            Self::WantedSuspect(wanted) => wanted_document(wanted),
            Self::WantedConvict(wanted, conviction) => {
                let mut object = wanted_document(wanted);
                object.insert(
                    "conviction".to_owned(),
                    json!({"final": conviction.is_final, "years": conviction.years, "warrant": conviction.warrant}),
                );
                object
            }
            Self::UnknownSuspect { composite, age, appearance, event } => into_object(json!({
                "composite": composite, "age_from": age.0, "age_to": age.1,
                "appearance": appearance_document(appearance), "event": sighting_document(event)})),
            Self::Witness(event) => into_object(json!({"event": sighting_document(event)})),
            Self::Vehicle(vehicle, seen) => {
                let mut object = vehicle_document(vehicle);
                object.insert("last_seen".to_owned(), seen.as_ref().map_or(Value::Null, sighting_document));
                object
            }
            Self::UnidentifiedPerson { living, age, appearance, found } => into_object(json!({
                "living": living, "age_from": age.0, "age_to": age.1,
                "appearance": appearance_document(appearance), "found": sighting_document(found)})),
            Self::ObjectsStolen(theft) => into_object(json!({"theft": sighting_document(theft)})),
            Self::ObjectsFound { seizure_reference, found } => {
                into_object(json!({"seizure_reference": seizure_reference, "found": sighting_document(found)}))
            }
            Self::HeirsSought { deceased, last_lived } => {
                let mut object = named_document(deceased);
                object.insert("last_lived".to_owned(), last_lived.as_ref().map_or(Value::Null, sighting_document));
                object
            }
        };
        document.retain(|_, value| !value.is_null());
        Value::Object(document)
    }

    /// Reads a subject of a kind; every fault at once, with its pointer below `pointer`.
    pub fn from_document(kind: AppealKind, value: &Value, pointer: &str) -> Result<Self, Vec<Fault>> {
        document::read(value, pointer, |mut r| {
            let subject = read_subject(kind, &mut r);
            r.finish();
            subject
        })
    }
}

fn into_object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn appearance_document(a: &Appearance) -> Value {
    let mut object = into_object(json!({
        "sex": a.sex.map(Sex::code), "height_cm": a.height_cm, "build": a.build.map(Build::code),
        "hair": a.hair.map(HairColour::code), "eyes": a.eyes.map(EyeColour::code)}));
    object.retain(|_, value| !value.is_null());
    Value::Object(object)
}

fn named_document(n: &Named) -> Map<String, Value> {
    into_object(json!({
        "given_name": n.given_name, "family_name": n.family_name, "age": n.age,
        "appearance": appearance_document(&n.appearance)}))
}

fn sighting_document(s: &Sighting) -> Value {
    let mut object =
        into_object(json!({"at": moment(s.at), "until": s.until.map(moment), "place": s.place.to_string()}));
    object.retain(|_, value| !value.is_null());
    Value::Object(object)
}

fn missing_document(m: &MissingPerson) -> Map<String, Value> {
    let mut object = named_document(&m.person);
    object.insert("last_seen".to_owned(), sighting_document(&m.last_seen));
    object.insert("needs_help".to_owned(), json!(m.needs_help));
    object
}

fn wanted_document(w: &WantedPerson) -> Map<String, Value> {
    let mut object = named_document(&w.person);
    object.insert("last_seen".to_owned(), w.last_seen.as_ref().map_or(Value::Null, sighting_document));
    object.insert("adult_proven".to_owned(), json!(w.adult_proven));
    object
}

fn vehicle_document(v: &VehicleFacts) -> Map<String, Value> {
    into_object(json!({
        "sort": v.sort.code(), "model": v.model, "colour": v.colour.map(Colour::code), "plate": v.plate}))
}

fn read_appearance(r: &mut Reader<'_>) -> Appearance {
    let Some(mut a) = r.object("appearance") else { return Appearance::default() };
    let appearance = Appearance {
        sex: a.choice("sex", Sex::parse),
        // Below 30 cm nobody walks away; 250 is taller than anybody measured today.
        height_cm: a.integer("height_cm", 30..=250),
        build: a.choice("build", Build::parse),
        hair: a.choice("hair", HairColour::parse),
        eyes: a.choice("eyes", EyeColour::parse),
    };
    a.finish();
    appearance
}

fn read_named(r: &mut Reader<'_>) -> Option<Named> {
    let given_name = r.needed_line("given_name", 1..=80);
    let family_name = r.line("family_name", 1..=80);
    let age = r.integer("age", 0..=120);
    let appearance = read_appearance(r);
    Some(Named { given_name: given_name?, family_name, age, appearance })
}

fn read_sighting(mut s: Reader<'_>) -> Option<Sighting> {
    let at = s.required("at", Reader::time);
    let until = s.time("until");
    let place = s.required("place", |r, key| r.choice(key, |code| PlaceCode::parse(code).ok()));
    if let (Some(at), Some(until)) = (at, until)
        && until < at
    {
        s.fault("until", "before-start");
    }
    s.finish();
    Some(Sighting { at: at?, until, place: place? })
}

fn read_missing(r: &mut Reader<'_>, minor: bool) -> Option<MissingPerson> {
    let person = read_named(r);
    match person.as_ref().and_then(|p| p.age) {
        Some(age) if minor && age >= 18 => r.fault("age", "not-a-minor"),
        Some(age) if !minor && age < 18 => r.fault("age", "not-an-adult"),
        None if r.raw("age").is_none() => r.fault("age", "required"),
        // An age that could not be read has its own fault already.
        Some(_) | None => {}
    }
    let last_seen = r.needed_object("last_seen").and_then(read_sighting);
    let needs_help = r.flag("needs_help");
    Some(MissingPerson { person: person?, last_seen: last_seen?, needs_help })
}

fn read_wanted(r: &mut Reader<'_>) -> Option<WantedPerson> {
    let person = read_named(r);
    let last_seen = r.object("last_seen").and_then(read_sighting);
    let adult_proven = r.flag("adult_proven");
    Some(WantedPerson { person: person?, last_seen, adult_proven })
}

fn read_vehicle(r: &mut Reader<'_>) -> Option<VehicleFacts> {
    let sort = r.required("sort", |r, key| r.choice(key, VehicleKind::parse));
    let model = r.line("model", 1..=80);
    let colour = r.choice("colour", Colour::parse);
    // No European plate is longer than twelve characters with its separators.
    let plate = r.line("plate", 2..=12);
    if plate.as_ref().is_some_and(|plate| !plate.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '.'))) {
        r.fault("plate", "malformed-plate");
    }
    Some(VehicleFacts { sort: sort?, model, colour, plate })
}

fn read_age_range(r: &mut Reader<'_>) -> Option<(i64, i64)> {
    let from = r.required("age_from", |r, key| r.integer(key, 0..=120));
    let to = r.required("age_to", |r, key| r.integer(key, 0..=120));
    let range = (from?, to?);
    if range.1 < range.0 {
        r.fault("age_to", "before-start");
    }
    Some(range)
}

fn read_subject(kind: AppealKind, r: &mut Reader<'_>) -> Option<Subject> {
    Some(match kind {
        AppealKind::MissingAdult => Subject::MissingAdult(read_missing(r, false)?),
        AppealKind::MissingMinor => Subject::MissingMinor(read_missing(r, true)?),
        AppealKind::ChildAlert => {
            let missing = read_missing(r, true);
            let vehicle = r.object("vehicle").and_then(|mut v| {
                let vehicle = read_vehicle(&mut v);
                v.finish();
                vehicle
            });
            let alert_reference = r.needed_line("alert_reference", 3..=64);
            Subject::ChildAlert { missing: missing?, vehicle, alert_reference: alert_reference? }
        }
        AppealKind::WantedSuspect => Subject::WantedSuspect(read_wanted(r)?),
        AppealKind::WantedConvict => {
            let wanted = read_wanted(r);
            let conviction = r.needed_object("conviction").and_then(|mut c| {
                let is_final = c.flag("final");
                let years = c.required("years", |c, key| c.integer(key, 0..=99));
                let warrant = c.flag("warrant");
                c.finish();
                Some(Conviction { is_final, years: years?, warrant })
            });
            Subject::WantedConvict(wanted?, conviction?)
        }
        AppealKind::UnknownSuspect => {
            let composite = r.flag("composite");
            let age = read_age_range(r);
            let appearance = read_appearance(r);
            let event = r.needed_object("event").and_then(read_sighting);
            Subject::UnknownSuspect { composite, age: age?, appearance, event: event? }
        }
        AppealKind::Witness => Subject::Witness(r.needed_object("event").and_then(read_sighting)?),
        AppealKind::Vehicle => {
            let vehicle = read_vehicle(r);
            let seen = r.object("last_seen").and_then(read_sighting);
            Subject::Vehicle(vehicle?, seen)
        }
        AppealKind::UnidentifiedPerson => {
            let living = r.flag("living");
            let age = read_age_range(r);
            let appearance = read_appearance(r);
            let found = r.needed_object("found").and_then(read_sighting);
            Subject::UnidentifiedPerson { living, age: age?, appearance, found: found? }
        }
        AppealKind::ObjectsStolen => Subject::ObjectsStolen(r.needed_object("theft").and_then(read_sighting)?),
        AppealKind::ObjectsFound => {
            let seizure_reference = r.needed_line("seizure_reference", 3..=64);
            let found = r.needed_object("found").and_then(read_sighting);
            Subject::ObjectsFound { seizure_reference: seizure_reference?, found: found? }
        }
        AppealKind::HeirsSought => {
            let deceased = read_named(r);
            let last_lived = r.object("last_lived").and_then(read_sighting);
            Subject::HeirsSought { deceased: deceased?, last_lived }
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::domain::samples;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn faults(kind: AppealKind, with: &Value) -> Vec<(String, &'static str)> {
        let mut value = samples::subject(kind);
        for (key, item) in with.as_object().unwrap() {
            value[key] = item.clone();
        }
        let mut found: Vec<_> = Subject::from_document(kind, &value, "")
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|f| (f.pointer, f.code))
            .collect();
        found.sort();
        found
    }

    fn at(pointer: &str, code: &'static str) -> Vec<(String, &'static str)> {
        vec![(pointer.to_owned(), code)]
    }

    #[test]
    fn ages_heights_plates_and_times_have_their_bounds() {
        use AppealKind as K;
        assert_eq!(faults(K::MissingMinor, &json!({"age": 18})), at("/age", "not-a-minor"));
        assert_eq!(faults(K::MissingMinor, &json!({"age": 17})), []);
        assert_eq!(faults(K::MissingAdult, &json!({"age": 17})), at("/age", "not-an-adult"));
        assert_eq!(faults(K::MissingAdult, &json!({"age": 121})), at("/age", "out-of-range"));
        assert_eq!(faults(K::MissingAdult, &json!({"age": null})), at("/age", "required"));
        assert_eq!(
            faults(K::WantedSuspect, &json!({"appearance": {"height_cm": 29}})),
            at("/appearance/height_cm", "out-of-range")
        );
        assert_eq!(faults(K::Vehicle, &json!({"plate": "1-ABC-234-5678"})), at("/plate", "too-long"));
        assert_eq!(faults(K::Vehicle, &json!({"plate": "<b>"})), at("/plate", "malformed-plate"));
        assert_eq!(faults(K::Vehicle, &json!({"plate": "CD 12.34"})), []);
        assert_eq!(faults(K::UnknownSuspect, &json!({"age_from": 40, "age_to": 30})), at("/age_to", "before-start"));
        let event =
            json!({"event": {"at": "2026-11-20T08:00:00Z", "until": "2026-11-20T07:00:00Z", "place": "NIS:21009"}});
        assert_eq!(faults(K::Witness, &event), at("/event/until", "before-start"));
        assert_eq!(faults(K::Witness, &json!({"given_name": "Ada"})), at("/given_name", "unknown-key"));
    }

    #[test]
    fn a_name_never_shows_in_a_log() {
        for kind in AppealKind::ALL {
            let subject = Subject::from_document(*kind, &samples::subject(*kind), "").unwrap();
            let shown = format!("{subject:?}");
            assert!(!["Ada", "Lina", "Jan", "Emma"].iter().any(|name| shown.contains(name)), "{shown}");
        }
    }

    fn coded<T: Copy + std::fmt::Debug>(all: &'static [T]) -> impl Strategy<Value = Option<T>> {
        proptest::option::of(proptest::sample::select(all))
    }

    proptest! {
        #[test]
        fn any_subject_survives_its_stored_form(
            kind in proptest::sample::select(AppealKind::ALL), name in "[A-ZÉ][a-zé' -]{0,40}[a-z]", age in 0_i64..=120,
            looks in (coded(Sex::ALL), proptest::option::of(30_i64..=250), coded(Build::ALL), coded(HairColour::ALL), coded(EyeColour::ALL)),
            plate in proptest::option::of("[A-Z0-9][A-Z0-9 -]{1,8}[A-Z0-9]"), colour in coded(Colour::ALL), micros in 0_i64..1_000_000_000_000,
        ) {
            let mut value = samples::subject(kind);
            let object = value.as_object_mut().unwrap();
            let (sex, height_cm, build, hair, eyes) = looks;
            let appearance = json!({"sex": sex.map(Sex::code), "height_cm": height_cm, "build": build.map(Build::code),
                "hair": hair.map(HairColour::code), "eyes": eyes.map(EyeColour::code)});
            let seen = json!({"at": moment(DateTime::from_timestamp_micros(micros).unwrap()), "place": "INSEE:59350"});
            let mut changes = vec![("given_name", json!(name)), ("appearance", appearance), ("plate", json!(plate)),
                ("colour", json!(colour.map(Colour::code))), ("last_seen", seen.clone()), ("event", seen.clone()), ("found", seen.clone()), ("theft", seen)];
            if !matches!(kind, AppealKind::MissingAdult | AppealKind::MissingMinor | AppealKind::ChildAlert) {
                changes.push(("age", json!(age)));
            }
            // Only what the kind knows: an unknown key is a fault of its own.
            for (key, change) in changes {
                if object.contains_key(key) {
                    object.insert(key.to_owned(), change);
                }
            }
            let first = Subject::from_document(kind, &value, "").unwrap();
            let text = first.to_document().to_string();
            prop_assert_eq!(Subject::from_document(kind, &serde_json::from_str(&text).unwrap(), "").unwrap(), first);
        }
    }
}
