//! The shape of what a person wrote for a place: digits, a kind and a name, a name and what it lies in. What the names
//! mean is in `lookup`.

use super::fold::words;
use crate::domain::place::{Country, PlaceCode, PlaceKind};

/// What a text is at first sight.
pub(super) enum Phrase {
    /// Nothing but digits.
    Digits(String),
    /// A canton, which no table we hold knows.
    Canton,
    /// Anything else.
    Words,
}

pub(super) fn parse(text: &str) -> Phrase {
    let trimmed = text.trim();
    if !trimmed.is_empty() && trimmed.bytes().all(|b| b.is_ascii_digit()) {
        return Phrase::Digits(trimmed.to_owned());
    }
    let words = words(trimmed);
    match words.first().map(String::as_str) {
        Some("canton" | "kanton") if words.len() > 1 => Phrase::Canton,
        _ => Phrase::Words,
    }
}

/// The kinds people say before a name, folded; longer ones first. A bare `arrondissement` is either sort.
const KINDS: &[(&str, &[PlaceKind])] = &[
    ("zone de police", &[PlaceKind::PoliceZone]),
    ("zone de police locale", &[PlaceKind::PoliceZone]),
    ("police zone", &[PlaceKind::PoliceZone]),
    ("politiezone", &[PlaceKind::PoliceZone]),
    ("polizeizone", &[PlaceKind::PoliceZone]),
    ("zp", &[PlaceKind::PoliceZone]),
    ("pz", &[PlaceKind::PoliceZone]),
    ("arrondissement judiciaire", &[PlaceKind::JudicialArrondissement]),
    ("gerechtelijk arrondissement", &[PlaceKind::JudicialArrondissement]),
    ("gerichtsbezirk", &[PlaceKind::JudicialArrondissement]),
    ("arrondissement administratif", &[PlaceKind::Arrondissement]),
    ("bestuurlijk arrondissement", &[PlaceKind::Arrondissement]),
    ("administratief arrondissement", &[PlaceKind::Arrondissement]),
    ("verwaltungsbezirk", &[PlaceKind::Arrondissement]),
    ("arrondissement", &[PlaceKind::Arrondissement, PlaceKind::JudicialArrondissement]),
    ("bezirk", &[PlaceKind::Arrondissement, PlaceKind::JudicialArrondissement]),
    ("parquet", &[PlaceKind::Prosecutor]),
    ("parket", &[PlaceKind::Prosecutor]),
    ("staatsanwaltschaft", &[PlaceKind::Prosecutor]),
    ("province", &[PlaceKind::Province]),
    ("provincie", &[PlaceKind::Province]),
    ("provinz", &[PlaceKind::Province]),
    ("departement", &[PlaceKind::Department]),
    ("department", &[PlaceKind::Department]),
    ("region", &[PlaceKind::Region]),
    ("regio", &[PlaceKind::Region]),
    ("gewest", &[PlaceKind::Region]),
    ("commune", &[PlaceKind::Municipality]),
    ("municipality", &[PlaceKind::Municipality]),
    ("ville", &[PlaceKind::Municipality]),
    ("gemeente", &[PlaceKind::Municipality]),
    ("stad", &[PlaceKind::Municipality]),
    ("gemeinde", &[PlaceKind::Municipality]),
    ("stadt", &[PlaceKind::Municipality]),
    ("country", &[PlaceKind::Country]),
];

/// The kinds that were said, and the name after them: `province de Namur`, `gemeente Elsene`, `département de l'Ain`.
pub(super) fn kind(text: &str) -> Option<(&'static [PlaceKind], String)> {
    let all = words(text);
    let said = |phrase: &str| phrase.split(' ').zip(&all).all(|(a, b)| a == b).then_some(phrase.split(' ').count());
    let longest = KINDS.iter().filter_map(|(phrase, kinds)| Some((said(phrase)?, kinds)));
    let (count, kinds) = longest.filter(|(count, _)| all.len() > *count).max_by_key(|(count, _)| *count)?;
    let rest = all.get(count..)?;
    let joined = |from: usize| rest.get(from..).filter(|words| !words.is_empty()).map(|words| words.join(" "));
    let first = rest.first().map(String::as_str)?;
    let second = rest.get(1).map(String::as_str);
    // `de la Loire`, `de l'Ain`: the article belongs to the grammar; `de La Louvière`: to the name. Departments and
    // regions have none in their names.
    let articled = kinds.iter().any(|kind| matches!(kind, PlaceKind::Department | PlaceKind::Region));
    let skip = match (first, second) {
        ("de" | "d", Some("la" | "l" | "le")) if articled => 2,
        ("de" | "d" | "du" | "des" | "of" | "van" | "von", Some(_)) => 1,
        _ => 0,
    };
    Some((kinds, joined(skip)?))
}

/// A name and what it lies in: `Saint-Denis (93)`, `Saint-Denis, Réunion`, `1050 Ixelles`.
pub(super) fn qualified(text: &str) -> Option<(String, String)> {
    let text = text.trim();
    let pair = |(name, wider): (&str, &str)| {
        let (name, wider) = (name.trim().to_owned(), wider.trim().to_owned());
        (!name.is_empty() && !wider.is_empty()).then_some((name, wider))
    };
    if let Some(inner) = text.strip_suffix(')') {
        return inner.rsplit_once('(').and_then(pair);
    }
    if let Some(parts) = text.rsplit_once(',') {
        return pair(parts);
    }
    let (first, rest) = text.split_once(' ')?;
    if postal(first).is_some() {
        return pair((rest, first));
    }
    let (rest, last) = text.rsplit_once(' ')?;
    if postal(last).is_some() { pair((rest, last)) } else { None }
}

/// The postal code that digits alone spell: four are Belgian, five French.
pub(super) fn postal(text: &str) -> Option<PlaceCode> {
    let text = text.trim();
    let country = match text.len() {
        4 => Country::Be,
        5 => Country::Fr,
        _ => return None,
    };
    text.bytes().all(|b| b.is_ascii_digit()).then(|| PlaceCode::Post { country, code: text.to_owned() })
}
