//! Notices into finished contents: what a page, a feed entry or a mail of one language shows, word for word. Pure but
//! for the catalogue and the gazetteer; `http` and `channels` only lay it out.

use super::{App, AppError, mail};
use crate::db::access::Unit;
use crate::db::appeals::Appeal;
use crate::domain::authorisation::Authorisation;
use crate::domain::language::Language;
use crate::domain::lot::{Lot, MeasureUnit};
use crate::domain::media::{Media, Rendition};
use crate::domain::notice::Notice;
use crate::domain::place::{Country, PlaceCode};
use crate::domain::rules::{ContactPurpose, RuleBook};
use crate::domain::scope::ChannelKind;
use crate::domain::subject::{Build, EyeColour, HairColour, Sex, Subject};
use crate::words::{Family, Locale, Words, Zone};
use serde_json::{Value, json};

/// Area names beyond this many are counted instead: a line a person can take in.
const NAMED_AREAS: usize = 6;

/// The pictures a text of a language shows, in order.
#[must_use]
pub fn shown_media(appeal: &Appeal, _language: Language) -> Vec<&Media> {
    appeal.media.iter().collect()
}

/// The finished content of one channel in one language.
pub fn render(
    app: &App,
    appeal: &Appeal,
    unit: &Unit,
    decision: &Authorisation,
    notice: &Notice,
    channel: ChannelKind,
) -> Result<Value, AppError> {
    let page = page(app, appeal, unit, decision, notice);
    match channel {
        ChannelKind::Page => Ok(page),
        ChannelKind::Feed => {
            let part = |key: &str| page.get(key).cloned().unwrap_or_default();
            Ok(json!({
                "kind": part("kind"), "title": part("title"), "lead": part("lead"), "pictures": part("pictures"),
                "issued_by": part("issued_by"), "areas": part("areas"),
            }))
        }
        ChannelKind::Email => mail::appeal(app, appeal, notice.language, &page),
        // What a platform's own form needs besides is its client's to add here; its share of the budget is added by the plan.
        ChannelKind::MetaAds | ChannelKind::GoogleAds | ChannelKind::XAds => {
            let part = |key: &str| page.get(key).cloned().unwrap_or_default();
            let link = format!("{}?c={channel}", mail::page_url(app, notice.language, &appeal.slug));
            Ok(json!({
                "title": part("title"), "lead": part("lead"), "pictures": part("pictures"),
                "issued_by": part("issued_by"), "link": link,
            }))
        }
    }
}

/// The name of a place in a language; where it has none, the one the place uses itself.
#[must_use]
pub fn place_name(app: &App, place: &PlaceCode, language: Language) -> String {
    let Some(names) = app.gazetteer.names(place) else { return String::new() };
    let order = match language {
        Language::Fr => [names.fr, names.nl, names.de],
        Language::Nl => [names.nl, names.fr, names.de],
        Language::De => [names.de, names.fr, names.nl],
    };
    order.into_iter().flatten().next().unwrap_or_default()
}

fn area_names(app: &App, appeal: &Appeal, language: Language) -> Vec<String> {
    let Some(area) = &appeal.area else { return Vec::new() };
    let mut filed: Vec<String> =
        area.spec.include.iter().filter_map(|part| part.place().map(|code| place_name(app, code, language))).collect();
    if filed.len() < area.spec.include.len() {
        let mut shares = app.gazetteer.municipalities_in(&area.cells);
        shares.sort_by_key(|share| std::cmp::Reverse(share.inside));
        filed = shares.iter().map(|share| place_name(app, &share.place, language)).collect();
    }
    if filed.len() > NAMED_AREAS {
        filed.truncate(NAMED_AREAS);
        filed.push("…".to_owned());
    }
    filed
}

fn picture(picture: &Media, language: Language) -> Value {
    let size = |rendition: Option<&Rendition>| {
        rendition.map_or(Value::Null, |r| json!({"digest": r.digest.as_str(), "width": r.width, "height": r.height}))
    };
    json!({
        "digest": picture.digest.as_str(),
        "large": size(picture.renditions.iter().find(|r| r.name == "large")),
        "small": size(picture.renditions.iter().find(|r| r.name == "small")),
        "alt": picture.alt.get(&language).cloned().unwrap_or_default(),
    })
}

/// A label and a value, both words of the page's language.
fn fact(label: String, value: String) -> Value {
    json!({"label": label, "value": value})
}

fn facts(words: Words, subject: &Subject) -> Vec<Value> {
    let label = |code: &str| words.label(Family::Fact, code);
    let mut facts = Vec::new();
    let age = match subject {
        Subject::UnknownSuspect { age, .. } | Subject::UnidentifiedPerson { age, .. } => {
            Some(format!("{}–{}", age.0, age.1))
        }
        _ => subject
            .named()
            .and_then(|named| named.age)
            .and_then(|age| u32::try_from(age).ok())
            .map(|age| words.years(age)),
    };
    if let Some(age) = age {
        facts.push(fact(label("age"), age));
    }
    if let Some(looks) = subject.appearance() {
        let coded = [
            (Family::Sex, "sex", looks.sex.map(Sex::code)),
            (Family::Build, "build", looks.build.map(Build::code)),
            (Family::Hair, "hair", looks.hair.map(HairColour::code)),
            (Family::Eyes, "eyes", looks.eyes.map(EyeColour::code)),
        ];
        if let Some(cm) = looks.height_cm.and_then(|cm| u32::try_from(cm).ok()) {
            facts.push(fact(label("height"), words.metres(cm)));
        }
        facts.extend(
            coded.into_iter().filter_map(|(family, key, code)| Some(fact(label(key), words.label(family, code?)))),
        );
    }
    if let Some(vehicle) = subject.vehicle() {
        facts.push(fact(label("vehicle"), words.label(Family::Vehicle, vehicle.sort.code())));
        if let Some(model) = &vehicle.model {
            facts.push(fact(label("make"), model.clone()));
        }
        if let Some(colour) = vehicle.colour {
            facts.push(fact(label("colour"), words.label(Family::Colour, colour.code())));
        }
        if let Some(plate) = &vehicle.plate {
            facts.push(fact(label("plate"), plate.clone()));
        }
    }
    facts
}

fn lot(words: Words, lot: &Lot, appeal: &Appeal, language: Language) -> Option<Value> {
    let text = lot.texts.get(&language)?;
    let label = |code: &str| words.label(Family::Fact, code);
    let mut facts: Vec<Value> = [
        ("object", Some(&text.object_type)),
        ("artist", lot.maker.as_ref()),
        ("period", text.period.as_ref()),
        ("material", text.materials.as_ref()),
        ("inscriptions", text.inscriptions.as_ref()),
        ("marks", text.features.as_ref()),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some(fact(label(key), value?.clone())))
    .collect();
    if !lot.measurements.is_empty() {
        let sizes: Vec<String> = lot
            .measurements
            .iter()
            .map(|m| match m.unit {
                MeasureUnit::Millimetre => format!("{}.{} cm", m.value / 10, m.value % 10),
                MeasureUnit::Gram => format!("{} g", m.value),
            })
            .collect();
        facts.push(fact(label("dimensions"), sizes.join(" × ")));
    }
    let shown = lot.media.iter().find_map(|id| appeal.media.iter().find(|media| media.id == *id));
    Some(json!({
        "number": lot.number,
        "title": text.title.clone().unwrap_or_else(|| text.object_type.clone()),
        "description": text.description,
        "facts": facts,
        "picture": shown.map(|media| picture(media, language)),
    }))
}

fn page(app: &App, appeal: &Appeal, unit: &Unit, decision: &Authorisation, notice: &Notice) -> Value {
    let language = notice.language;
    let words = Words::of(Locale::from(language));
    let zone = Zone::from(appeal.draft.country);
    let subject = &appeal.draft.subject;
    // A lot's pictures stand beside the lot; the others lead the page.
    let of_lots: Vec<_> = appeal.lots.iter().flat_map(|lot| &lot.media).collect();
    let leading: Vec<Value> = appeal
        .media
        .iter()
        .filter(|media| !of_lots.contains(&&media.id))
        .map(|media| picture(media, language))
        .collect();
    json!({
        "kind": subject.kind().code(),
        "country": appeal.draft.country.code(),
        "title": notice.headline,
        "lead": notice.lead,
        "body": notice.body,
        "look_for": notice.look_for,
        "instruction": notice.instruction,
        "facts": facts(words, subject),
        "last_seen": subject.sighting().map(|at| json!({
            "when": words.moment(at.at, zone),
            "place": place_name(app, &at.place, language),
        })),
        "pictures": leading,
        "dangerous": appeal.draft.dangerous,
        "areas": area_names(app, appeal, language),
        "authority": words.say(&format!("authority-{}", decision.authority.code())),
        "lots": appeal.lots.iter().filter_map(|l| lot(words, l, appeal, language)).collect::<Vec<_>>(),
        "slug": appeal.slug,
        "issued_by": unit.name,
        "contact": unit.contact,
        "expires": decision.ends_at().to_rfc3339(),
    })
}

/// Emergency numbers by country, the one to dial first first (appeals-and-law §7). Reading the rules refuses a book
/// without them.
#[must_use]
pub fn emergency(rules: &RuleBook, country: Country) -> (&str, &str) {
    let number = |purpose| rules.contact(country, purpose).map_or("112", |contact| contact.value.as_str());
    (number(ContactPurpose::Emergency), number(ContactPurpose::Police))
}
