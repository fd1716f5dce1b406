//! Whether a sentence speaks of a particular person: the names that may appear, what looks like a name, and words such as
//! "this man" that point at the picture. For accusations (PI-03) and arrests (CL-02).

use std::ops::Range;

use super::checked::PublicName;
use super::folded::fold;
use super::passage::{Ready, Word};
use super::phrases::Phrases;
use super::places::PlaceNames;
use super::tongue::is_function_word;
use crate::domain::language::Language;

/// What is known about names.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub names: &'a [PublicName],
    pub places: &'a PlaceNames,
    pub language: Language,
}

/// Words after which a capital is a place, a thing or the one something was done to.
const BEFORE_OBJECTS: [&str; 58] = [
    "a", "de", "du", "des", "d", "en", "dans", "sur", "vers", "chez", "place", "rue", "gare", "police", "parquet",
    "zone", "la", "le", "les", "l", "in", "op", "te", "naar", "van", "uit", "bij", "nabij", "tegen", "aan", "met",
    "voor", "het", "station", "politie", "parket", "au", "aux", "pour", "avec", "aus", "nach", "von", "vom", "bei",
    "beim", "im", "am", "zum", "zur", "fur", "gegen", "der", "die", "das", "dem", "den", "region",
];
/// Words after which a capital is a person, in German too.
const TITLES: [&str; 18] = [
    "herr", "herrn", "frau", "m", "mme", "mlle", "monsieur", "madame", "dhr", "mevr", "meneer", "mevrouw", "namens",
    "genaamd", "nomme", "nommee", "genannt", "genaamde",
];

/// Names inside a range of a passage.
pub(super) fn names_in(ready: &Ready<'_>, within: &Range<usize>, known: Known<'_>) -> Vec<Range<usize>> {
    let public: Vec<Vec<String>> = known
        .names
        .iter()
        .flat_map(|name| std::iter::once(name.given.as_str()).chain(name.family.as_deref()))
        .map(|name| fold(name).split([' ', '-']).map(str::to_owned).collect())
        .collect();
    let words: Vec<(usize, &Word)> = ready
        .words
        .iter()
        .enumerate()
        .filter(|(_, w)| within.start <= w.range.start && w.range.end <= within.end)
        .collect();
    let mut found = Vec::new();
    for (at, word) in words {
        let lower = ready.lower(word);
        let listed = word.capital
            && public.iter().any(|parts| parts.first().is_some_and(|p| lower.split('-').next() == Some(p)));
        if listed || looks_like_a_name(ready, at, word, known) {
            found.push(word.range.clone());
        }
    }
    found
}

fn looks_like_a_name(ready: &Ready<'_>, at: usize, word: &Word, known: Known<'_>) -> bool {
    let lower = ready.lower(word);
    if !word.capital || known.places.knows(lower) || is_function_word(lower, known.language) || word.range.len() < 3 {
        return false;
    }
    let text = ready.folded.cased_part(&word.range);
    if text.bytes().filter(u8::is_ascii_uppercase).count() >= 2 && !text.contains('-') {
        return false;
    }
    let before = (!word.first).then(|| at.checked_sub(1).and_then(|at| ready.words.get(at))).flatten();
    let before_word = before.map_or("", |w| ready.lower(w));
    if TITLES.contains(&before_word) {
        return true;
    }
    let next = ready.words.get(at + 1).filter(|next| next.range.start <= word.range.end + 1 && !next.first);
    // "Kevin D." or "Karl Meyer"; German needs it, because every noun has a capital.
    let initial = next.is_some_and(|next| next.capital && next.range.len() == 1);
    let pair = next.is_some_and(|next| next.capital && next.range.len() > 1);
    let object = BEFORE_OBJECTS.contains(&before_word) || before.is_some_and(|b| b.capital && b.range.len() > 1);
    match known.language {
        Language::De => initial || (pair && !object && before_word.is_empty()),
        Language::Nl => initial || (!word.first && !object) || (word.first && pair),
        Language::Fr => {
            let verb_follows = next.is_some_and(|next| matches!(ready.lower(next), "a" | "est" | "avait"));
            initial || (!word.first && !object) || (word.first && (pair || verb_follows))
        }
    }
}

/// Words that ask or generalise: with them a name in the sentence is not the one who did it.
const ASKING: [&str; 6] = ["qui", "on", "wie", "men", "wer", "man"];

/// Said as a suspicion, or of nobody at all.
const CONDITIONAL: [&str; 9] =
    ["aurait", "zou", "soll", "verdacht", "verdachtigt", "nul", "personne n", "niemand", "steht im"];

/// Whether a hit accuses somebody in particular: a name or a word for the person shown stands before it, and the subject
/// is not nobody.
pub(super) fn accuses(ready: &Ready<'_>, hit: &Range<usize>, phrases: &Phrases, known: Known<'_>) -> bool {
    let sentence = ready.sentence_at(hit.start);
    // In French the subject stands before the verb; Dutch and German put it between its two halves.
    let end = if known.language == Language::Fr { hit.start } else { hit.end };
    let scope = sentence.start..end.max(sentence.start);
    let text = ready.folded.part(&scope);
    let shift = |range: Range<usize>| range.start + scope.start..range.end + scope.start;
    let matches = |regex: Option<&regex::bytes::Regex>| -> Vec<Range<usize>> {
        regex.into_iter().flat_map(|r| r.find_iter(text.as_bytes()).map(|m| shift(m.range()))).collect()
    };
    let pointed = matches(phrases.persons.as_ref());
    // "ces deux individus" points at somebody although "deux individus" does not.
    let inside = |range: &Range<usize>| pointed.iter().any(|p| p.start <= range.start && range.end <= p.end);
    let nobody: Vec<_> = matches(phrases.nobody.as_ref()).into_iter().filter(|range| !inside(range)).collect();
    let word = |range: &Range<usize>| ready.folded.part(range);
    if nobody.iter().any(|range| CONDITIONAL.iter().any(|mark| word(range).contains(mark))) {
        return false;
    }
    // Whoever stands first is the subject, in all three languages nearly always.
    let first_nobody = nobody.first().map(|range| range.start);
    let before_nobody = |start: usize| first_nobody.is_none_or(|nobody| start < nobody);
    let asked = nobody.first().is_some_and(|range| ASKING.contains(&word(range)));
    let accused = pointed.iter().any(|person| {
        // "Who knows this man, who has stolen ..." accuses; "Who has robbed this man?" does not.
        before_nobody(person.start) || (asked && nobody.len() == 1 && person.end <= hit.start)
    });
    accused || names_in(ready, &scope, known).iter().any(|name| before_nobody(name.start))
}
