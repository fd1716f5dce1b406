//! Hold-back facts, names and references that must not leak: exact however spaced, and close: another order, another
//! ending, an accent, a typing slip, a number in words. What is found is told by its place only.

use std::ops::Range;

use super::checked::{HiddenPerson, HoldBack, PublicName, Secret};
use super::folded::{fold, squeeze};
use super::limits::HoldBackLimits;
use super::passage::Ready;
use super::tongue::is_function_word;
use super::words_of::{number, stem};
use crate::domain::language::Language;

/// A content word: of a fact, or of the text with its place.
struct Token {
    text: String,
    range: Range<usize>,
}

/// Figures tell more than words.
fn weight(token: &str) -> f64 {
    if token.starts_with(|c: char| c.is_ascii_digit()) { 1.5 } else { 1.0 }
}

/// Content words of folded text: stemmed, numbers in digits, function words dropped.
fn tokens(folded: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in folded.char_indices().chain(std::iter::once((folded.len(), ' '))) {
        match start {
            None if c.is_ascii_alphanumeric() => start = Some(at),
            Some(begun) if !c.is_ascii_alphanumeric() => {
                let word = folded.get(begun..at).unwrap_or_default();
                start = None;
                let value = Language::ALL.iter().find_map(|language| number(word, *language));
                let digits = word.bytes().all(|b| b.is_ascii_digit());
                let text = match value {
                    Some(value) => value.to_string(),
                    None if digits => word.trim_start_matches('0').to_owned(),
                    None if word.len() < 3 || Language::ALL.iter().any(|l| is_function_word(word, *l)) => continue,
                    None => stem(word).to_owned(),
                };
                found.push(Token { text, range: begun..at });
            }
            _ => {}
        }
    }
    found
}

/// Optimal string alignment distance, given up above `most`.
fn distance(a: &str, b: &str, most: usize) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > most {
        return most + 1;
    }
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row: Vec<usize> = vec![0; b.len() + 1];
    for (i, x) in a.iter().enumerate() {
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX - 1);
            let mut best = (at(&last, j + 1) + 1).min(at(&row, j) + 1).min(at(&last, j) + usize::from(x != y));
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = best;
            }
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last.last().copied().unwrap_or_default()
}

/// Whether two stems are one word with at most a slip.
fn same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let shorter = a.len().min(b.len());
    let digits = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    if shorter < 5 || digits(a) || digits(b) {
        return false;
    }
    let most = if shorter >= 8 { 2 } else { 1 };
    distance(a, b, most) <= most
}

/// Where a text tells a hold-back fact.
pub(super) fn leaks(ready: &Ready<'_>, facts: &[HoldBack], limits: &HoldBackLimits) -> Vec<Range<usize>> {
    if facts.is_empty() {
        return Vec::new();
    }
    let text = tokens(&ready.folded.lower);
    let mut found = Vec::new();
    for fact in facts {
        let mut places: Vec<_> = fact
            .wordings
            .iter()
            .flat_map(|wording| {
                let mut places = squeezed(ready, wording, 6);
                places.extend(paraphrased(&text, wording, limits));
                places
            })
            .collect();
        places.sort_by_key(|place| (place.start, place.end));
        places.dedup_by(|later, earlier| later.start < earlier.end);
        found.extend(places);
    }
    found
}

/// Letters and digits of a secret, one after the other, whatever stands between; at least `least` of them.
fn squeezed(ready: &Ready<'_>, secret: &Secret, least: usize) -> Vec<Range<usize>> {
    let needle = squeeze(secret.expose());
    if needle.len() < least {
        return Vec::new();
    }
    let kept: Vec<usize> =
        ready.folded.lower.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()).map(|(at, _)| at).collect();
    let hay: String = ready.folded.lower.chars().filter(char::is_ascii_alphanumeric).collect();
    hay.match_indices(&needle)
        .filter_map(|(at, _)| Some(*kept.get(at)?..*kept.get(at + needle.len() - 1)? + 1))
        .filter(|range| {
            // Not the tail of one longer word and the head of another.
            let bytes = ready.folded.lower.as_bytes();
            let joined = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
            !joined(range.start.checked_sub(1)) && !joined(Some(range.end))
        })
        .collect()
}

/// The closest windows of the text that hold enough of a fact's content words, in any order.
fn paraphrased(text: &[Token], secret: &Secret, limits: &HoldBackLimits) -> Vec<Range<usize>> {
    let fact = tokens(&fold(secret.expose()));
    let whole: f64 = fact.iter().map(|token| weight(&token.text)).sum();
    if fact.is_empty() {
        return Vec::new();
    }
    // One or two words are a fact only when all of them are there.
    let needed = if fact.len() <= 2 { whole } else { whole * limits.similarity };
    let hits: Vec<Option<usize>> =
        text.iter().map(|token| fact.iter().position(|part| same(&part.text, &token.text))).collect();
    let reach = fact.len() + limits.gap;
    let mut found = Vec::new();
    let mut from = 0;
    while from < text.len() {
        let mut seen = vec![false; fact.len()];
        let mut score = 0.0;
        let mut end = None;
        if hits.get(from).copied().flatten().is_some() {
            for at in from..text.len().min(from + reach) {
                let Some(part) = hits.get(at).copied().flatten() else { continue };
                if let Some(flag) = seen.get_mut(part)
                    && !*flag
                {
                    *flag = true;
                    score += fact.get(part).map_or(0.0, |token| weight(&token.text));
                    if score + 1e-9 >= needed {
                        end = Some(at);
                    }
                }
            }
        }
        match end.and_then(|end| Some(text.get(from)?.range.start..text.get(end)?.range.end).zip(Some(end))) {
            Some((range, end)) => {
                found.push(range);
                from = end + 1;
            }
            None => from += 1,
        }
    }
    found
}

/// Where a text names a hidden person: the family name with a capital, or beside the given name. A family name that may
/// appear, because the person sought bears it too, needs the given name beside it.
pub(super) fn names(ready: &Ready<'_>, people: &[HiddenPerson], public: &[PublicName]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for person in people {
        let family = fold(person.family.expose());
        let family: Vec<&str> = family.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()).collect();
        let given = person.given.as_ref().map(|given| fold(given.expose()));
        let shared =
            public.iter().any(|name| name.family.as_deref().map(squeeze).is_some_and(|known| known == family.concat()));
        let Some(last) = family.last() else { continue };
        let parts =
            |word: &super::passage::Word| -> Vec<String> { ready.lower(word).split('-').map(str::to_owned).collect() };
        for (at, word) in ready.words.iter().enumerate() {
            if !parts(word).iter().any(|part| part == last || same_name(part, last)) {
                continue;
            }
            let start = at.saturating_sub(family.len() - 1);
            let complete = family
                .iter()
                .zip(ready.words.get(start..=at).unwrap_or_default())
                .all(|(part, word)| parts(word).iter().any(|written| written == part || same_name(written, part)));
            if !complete {
                continue;
            }
            let near = start.saturating_sub(2)..(at + 3).min(ready.words.len());
            let beside = given
                .as_deref()
                .and_then(|given| near.clone().find(|i| ready.words.get(*i).is_some_and(|w| ready.lower(w) == given)));
            // "Petit" at the head of a sentence, or "de", is a word before it is a name.
            let common = family.len() == 1 && (last.len() < 4 || word.first && beside.is_none() && is_common(last));
            if (shared || common || !word.capital) && beside.is_none() {
                continue;
            }
            let first = beside.map_or(start, |i| i.min(start));
            let end = beside.map_or(at, |i| i.max(at));
            if let (Some(first), Some(end)) = (ready.words.get(first), ready.words.get(end)) {
                found.push(first.range.start..end.range.end);
            }
        }
    }
    found.sort_by_key(|place| (place.start, place.end));
    found.dedup_by(|later, earlier| later.start < earlier.end);
    found
}

/// Names tolerate one slip from seven letters on, and the genitive.
fn same_name(written: &str, name: &str) -> bool {
    written.strip_suffix('s') == Some(name) || (name.len() >= 7 && distance(written, name, 1) <= 1)
}

/// Two spellings of what may be one name: one slip, two in a long one. "Police" and "politie" are two words.
pub(super) fn near(a: &str, b: &str) -> bool {
    let most = if a.len().min(b.len()) >= 8 { 2 } else { 1 };
    distance(a, b, most) <= most
}

/// Family names that are everyday words.
fn is_common(name: &str) -> bool {
    const COMMON: [&str; 24] = [
        "petit",
        "grand",
        "leblanc",
        "lenoir",
        "blanc",
        "noir",
        "roux",
        "fort",
        "bon",
        "marchand",
        "boucher",
        "boulanger",
        "claes",
        "lange",
        "groot",
        "bakker",
        "visser",
        "jager",
        "klein",
        "gross",
        "schwarz",
        "weiss",
        "jung",
        "lang",
    ];
    COMMON.contains(&name)
}

/// Where a text gives a reference of the case.
pub(super) fn references(ready: &Ready<'_>, references: &[Secret]) -> Vec<Range<usize>> {
    references.iter().flat_map(|reference| squeezed(ready, reference, 4)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::checked::Field;

    const LIMITS: HoldBackLimits = HoldBackLimits { similarity: 0.7, gap: 4, reason: String::new() };

    fn leak(fact: &str, text: &str) -> bool {
        let facts = [HoldBack { wordings: vec![Secret::new(fact)] }];
        !leaks(&Ready::new(Field::Headline, text), &facts, &LIMITS).is_empty()
    }

    #[test]
    fn a_fact_is_known_in_another_order_ending_spelling_or_number_form() {
        let fact = "une montre cassée au poignet gauche";
        for text in [
            "Au poignet gauche, elle portait une montre cassee.",
            "les montres cassées des poignets gauches",
            "MONTRE  CASSÉE, poignée gauche",
            "la montre cassée, au poingnet gauche",
        ] {
            assert!(leak(fact, text), "{text}");
        }
        for text in ["Elle portait une montre.", "Virage à gauche ; une vitre cassée", "son poignet gauche est tatoué"]
        {
            assert!(!leak(fact, text), "{text}");
        }
        assert!(leak("quatorze coups de couteau", "Il a reçu 14 coups, au couteau."));
        assert!(leak("14 messteken", "veertien messteken"));
        assert!(leak("code 4821", "le code 4 8 2 1"));
    }

    #[test]
    fn a_hidden_person_is_found_and_a_shared_family_name_is_not() {
        let people = [HiddenPerson { given: Some(Secret::new("Amandine")), family: Secret::new("Van den Exemple") }];
        let named =
            |text: &str, public: &[PublicName]| names(&Ready::new(Field::Headline, text), &people, public).len();
        assert_eq!(named("Selon Mme Van den Exemple, il est parti.", &[]), 1);
        assert_eq!(named("AMANDINE VAN DEN EXEMPLE", &[]), 1);
        assert_eq!(named("Un exemple de ce modèle", &[]), 0);
        let public = [PublicName { given: "Luc".into(), family: Some("Van den Exemple".into()) }];
        assert_eq!(named("Luc Van den Exemple a disparu", &public), 0);
        assert_eq!(named("Amandine Van den Exemple a vu Luc", &public), 1);
    }
}
