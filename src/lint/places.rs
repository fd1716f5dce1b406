//! Names of places per language, handed in from the gazetteer, and the check that a text uses those of its language.

use std::collections::HashMap;
use std::ops::Range;

use super::folded::{characters, fold};
use super::passage::Ready;
use super::phrases::Phrases;
use crate::domain::language::Language;

/// The names of one place. A language without a name of its own uses the others' freely.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceName {
    /// French name.
    pub fr: Option<String>,
    /// Dutch name.
    pub nl: Option<String>,
    /// German name.
    pub de: Option<String>,
}

impl PlaceName {
    /// A place with three names.
    #[must_use]
    pub fn new(fr: &str, nl: &str, de: &str) -> Self {
        let name = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self { fr: name(fr), nl: name(nl), de: name(de) }
    }

    fn of(&self, language: Language) -> Option<&str> {
        match language {
            Language::Fr => self.fr.as_deref(),
            Language::Nl => self.nl.as_deref(),
            Language::De => self.de.as_deref(),
        }
    }
}

/// All names, ready to be looked up.
#[derive(Clone, Debug, Default)]
pub struct PlaceNames {
    places: Vec<PlaceName>,
    /// Folded name to places that bear it.
    by_name: HashMap<String, Vec<usize>>,
    /// Words of the longest name.
    longest: usize,
}

/// Words of German and Dutch that are also names of places: without a preposition of place they are words.
const COMMON_WORDS: [&str; 19] = [
    "bergen", "halle", "essen", "mol", "as", "ham", "wellen", "peer", "lens", "ath", "huy", "spa", "mons", "our",
    "hamme", "namen", "gent", "roux", "lede",
];

fn key(name: &str) -> String {
    fold(name).replace('-', " ")
}

impl PlaceNames {
    /// Takes the names in.
    #[must_use]
    pub fn new(places: impl IntoIterator<Item = PlaceName>) -> Self {
        let places: Vec<_> = places.into_iter().collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        let mut longest = 0;
        for (at, place) in places.iter().enumerate() {
            for name in Language::ALL.iter().filter_map(|language| place.of(*language)) {
                let name = key(name);
                longest = longest.max(name.split(' ').count());
                let places = by_name.entry(name).or_default();
                if !places.contains(&at) {
                    places.push(at);
                }
            }
        }
        Self { places, by_name, longest }
    }

    /// Whether a folded word is, or begins, a name of a place.
    #[must_use]
    pub fn knows(&self, folded: &str) -> bool {
        self.by_name.contains_key(folded)
    }

    /// What a name should be in a language: `None` when it is right there or no place's.
    fn better(&self, name: &str, written: &str, language: Language) -> Option<&str> {
        let places = self.by_name.get(name)?;
        let written = written.to_lowercase();
        let right = |at: &usize| {
            let Some(place) = self.places.get(*at) else { return true };
            // "Brugge" folds to the same as "Brügge": then the accents decide, as far as somebody else has them so.
            let others = Language::ALL.iter().filter_map(|l| place.of(*l)).any(|other| other.to_lowercase() == written);
            place.of(language).is_none_or(|own| key(own) == name && (own.to_lowercase() == written || !others))
        };
        if places.iter().any(right) {
            return None;
        }
        places.first().and_then(|at| self.places.get(*at)).and_then(|place| place.of(language))
    }

    /// Names of another language in a passage, with the right name. `exempt` recognises what stands before a proper
    /// name of something else (a street, a club).
    pub(super) fn wrong(
        &self,
        ready: &Ready<'_>,
        language: Language,
        exempt: Option<&Phrases>,
    ) -> Vec<(Range<usize>, String)> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(word) = ready.words.get(at) {
            let mut step = 1;
            let most = self.longest.min(ready.words.len() - at);
            for count in (1..=most).rev() {
                let Some(last) = ready.words.get(at + count - 1) else { continue };
                let range = word.range.start..last.range.end;
                let name = ready.folded.part(&range).replace('-', " ");
                if !self.by_name.contains_key(&name) {
                    continue;
                }
                step = count;
                let before = ready.folded.lower.get(..range.start).unwrap_or_default();
                let after = ready.folded.lower.get(range.end..).unwrap_or_default();
                let excused = !word.capital
                    || ready.quoted(&range)
                    || exempt.is_some_and(|phrases| phrases.excuses(before))
                    || part_of_more(before, after)
                    || (COMMON_WORDS.contains(&name.as_str()) && !placed(before));
                if !excused
                    && let Some(better) =
                        self.better(&name, &characters(ready.text, &ready.folded.original(&range)), language)
                {
                    found.push((range, better.to_owned()));
                }
                break;
            }
            at += step;
        }
        found
    }
}

/// The name is a piece of an address, a link, a hashtag or a longer hyphenated name.
fn part_of_more(before: &str, after: &str) -> bool {
    before.ends_with(['-', '.', '@', '/', '#', '_'])
        || after.starts_with(['-', '@', '_', '/'])
        || (after.starts_with('.')
            && after.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric())))
        || [" airport", " expo", " national", " fc", " standard", " university"]
            .iter()
            .any(|brand| after.starts_with(brand))
}

/// A preposition of place stands before.
fn placed(before: &str) -> bool {
    let word = before.trim_end().rsplit([' ', '\n', '(', '\'']).next().unwrap_or_default();
    [
        "a", "vers", "pres", "de", "entre", "et", "te", "in", "naar", "uit", "bij", "nabij", "van", "rond", "tussen",
        "en", "nach", "aus", "bei", "von", "um", "zwischen", "und", "gare",
    ]
    .contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::checked::Field;

    #[test]
    fn a_name_of_another_language_is_found_and_homonyms_are_not() {
        let names = PlaceNames::new([
            PlaceName::new("Liège", "Luik", "Lüttich"),
            PlaceName::new("Mons", "Bergen", "Mons"),
            PlaceName::new("Saint-Josse-ten-Noode", "Sint-Joost-ten-Node", ""),
            PlaceName::new("Lille", "Rijsel", ""),
            PlaceName::new("Lille", "Lille", ""),
        ]);
        let wrong = |text: &str, language| {
            names
                .wrong(&Ready::new(Field::Headline, text), language, None)
                .into_iter()
                .map(|(_, b)| b)
                .collect::<Vec<_>>()
        };
        assert_eq!(wrong("Hij verdween in Liège.", Language::Nl), ["Luik"]);
        assert_eq!(wrong("Vu à Sint-Joost-ten-Node hier", Language::Fr), ["Saint-Josse-ten-Noode"]);
        assert_eq!(wrong("Vu à Bergen", Language::Fr), ["Mons"]);
        assert!(wrong("die Bergen des Mannes; in den Bergen", Language::De).is_empty());
        assert!(wrong("vers Lille", Language::Nl).is_empty());
        assert!(wrong("Liège Airport", Language::Nl).is_empty());
    }
}
