//! Licence plates of Belgium and France, new and old, in a text.

use std::ops::Range;

use super::checked::Covered;
use super::folded::squeeze;
use super::passage::Ready;
use super::phrases::Phrases;
use super::scan::{all, lazy_pattern};

// Belgium since 2010: 1-ABC-234; France since 2009: AB-123-CD. With hyphens in any case, otherwise in capitals.
lazy_pattern!(NEW_ANY_CASE = r"(?i)\b(?:[1-9]-[a-z]{3}-[0-9]{3}|[a-z]{2}-[0-9]{3}-[a-z]{2})\b");
lazy_pattern!(
    NEW_CAPITALS = r"\b(?:[1-9][ .]?[A-Z]{3}[ .]?[0-9]{3}|[A-Z]{2}[ .]?[0-9]{3}[ .]?[A-Z]{2}|[QZ]-[A-Z]{3}-[0-9]{3})\b"
);
// France before 2009: up to four digits, up to three letters, the department.
lazy_pattern!(OLD_FRENCH = r"\b[1-9][0-9]{0,3}[ -][A-Z]{2,3}[ -](?:0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97[1-6])\b");
// Belgium before 2010: ABC-123, and 123-ABC from 2008. With a blank only after a word for plate: "BMW 320" is a car.
lazy_pattern!(OLD_BELGIAN = r"\b(?:[A-Z]{3}[-.][0-9]{3}|[0-9]{3}[-.][A-Z]{3})\b");
lazy_pattern!(SPACED = r"\b(?:[A-Z]{3} ?[0-9]{3}|[0-9]{3} ?[A-Z]{3}|[A-Z]{1,3}[- ]?[A-Z]{0,2}[ -][0-9]{1,4})\b");

/// Makes and things that are written like an old plate.
const NO_PLATES: [&str; 16] =
    ["bmw", "gsm", "rtl", "vtm", "dvd", "usb", "vtt", "led", "pvc", "kia", "ktm", "mbk", "cbr", "gsx", "gmc", "iso"];

/// All plates of a passage; `lead` recognises the words for a plate.
pub(super) fn plates(ready: &Ready<'_>, lead: Option<&Phrases>) -> Vec<Range<usize>> {
    let text = ready.folded.cased.as_str();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut add = |range: Range<usize>| {
        if !found.iter().any(|other| other.start < range.end && range.start < other.end) {
            found.push(range);
        }
    };
    let make = |range: &Range<usize>| {
        let letters: String = ready.folded.part(range).chars().filter(char::is_ascii_alphabetic).collect();
        NO_PLATES.contains(&letters.as_str())
    };
    all(&NEW_ANY_CASE, text).for_each(&mut add);
    all(&NEW_CAPITALS, text).for_each(&mut add);
    all(&OLD_FRENCH, text).for_each(&mut add);
    all(&OLD_BELGIAN, text).filter(|range| !make(range)).for_each(&mut add);
    for lead in lead.into_iter().flat_map(|lead| lead.leads(&ready.folded.lower)) {
        let near = lead.start..(lead.end + 15).min(text.len());
        let part = text.get(near.clone()).unwrap_or_default();
        if let Some(hit) = SPACED.as_ref().and_then(|regex| regex.find(part.as_bytes())) {
            let range = near.start + hit.start()..near.start + hit.end();
            if !make(&range) {
                add(range);
            }
        }
    }
    found
}

/// Plates the magistrate's scope does not cover.
pub(super) fn uncovered(ready: &Ready<'_>, lead: Option<&Phrases>, covered: &Covered) -> Vec<Range<usize>> {
    let known: Vec<_> = covered.plates.iter().map(|plate| squeeze(plate)).collect();
    plates(ready, lead)
        .into_iter()
        .filter(|range| !(covered.plate && (known.is_empty() || known.contains(&squeeze(ready.folded.part(range))))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::checked::Field;

    fn count(text: &str) -> usize {
        plates(&Ready::new(Field::Headline, text), None).len()
    }

    #[test]
    fn plates_of_four_ages_and_no_cars_or_dates() {
        for text in [
            "1-ABC-234",
            "1-abc-234",
            "1ABC234",
            "AB-123-CD",
            "AB 123 CD",
            "1234 AB 59",
            "ABC-123",
            "123-ABC",
            "2-XYZ-987.",
        ] {
            assert_eq!(count(text), 1, "{text}");
        }
        for text in
            ["BMW 320", "une Audi A3", "le 12-11-2026", "0470 12 34 56", "IKEA 2000", "taille 38", "Peugeot 208", "E40"]
        {
            assert_eq!(count(text), 0, "{text}");
        }
    }

    #[test]
    fn the_plate_of_the_appeal_passes_and_no_other() {
        let covered = Covered { plate: true, plates: vec!["1-ABC-234".into()], name: false };
        let left = |text: &str| uncovered(&Ready::new(Field::Headline, text), None, &covered).len();
        assert_eq!((left("La 1 ABC 234 a fui"), left("La 1-ABC-235 a fui")), (0, 1));
    }
}
