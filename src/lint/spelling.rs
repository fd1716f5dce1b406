//! Spelling with the Hunspell dictionaries installed on the machine. A dictionary takes a fraction of a second to load:
//! it is loaded on the first word of its language, once for the process. Without one, the answer is "not checked".

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use spellbook::Dictionary;

use super::finding::NotCheckedReason;
use super::folded::characters;
use super::passage::{Ready, Word};
use crate::domain::language::Language;

/// Where Debian's packages put dictionaries.
pub const DEFAULT_DIRECTORY: &str = "/usr/share/hunspell";

type Loaded = Result<Arc<Dictionary>, NotCheckedReason>;

/// The dictionaries. Cheap to share; loads each language once.
#[derive(Clone)]
pub struct Speller {
    directories: Arc<[PathBuf]>,
    loaded: Arc<[OnceLock<Loaded>; 3]>,
}

impl std::fmt::Debug for Speller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Speller").field("directories", &self.directories).finish_non_exhaustive()
    }
}

impl Default for Speller {
    fn default() -> Self {
        Self::new([PathBuf::from(DEFAULT_DIRECTORY)])
    }
}

impl Speller {
    /// Looks in directories, the first that has a language wins.
    pub fn new(directories: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { directories: directories.into_iter().collect(), loaded: Arc::default() }
    }

    /// Names of the files, best first: Belgian, then the language at large.
    const fn names(language: Language) -> [&'static str; 4] {
        match language {
            Language::Fr => ["fr_BE", "fr_FR", "fr", "fr-classique"],
            Language::Nl => ["nl_BE", "nl_NL", "nl", "nl"],
            Language::De => ["de_BE", "de_DE", "de", "de_DE_frami"],
        }
    }

    fn dictionary(&self, language: Language) -> &Loaded {
        let [fr, nl, de] = &*self.loaded;
        let cell = match language {
            Language::Fr => fr,
            Language::Nl => nl,
            Language::De => de,
        };
        cell.get_or_init(|| self.load(language))
    }

    fn load(&self, language: Language) -> Loaded {
        let dic = self.file(language).ok_or(NotCheckedReason::NoDictionary)?;
        read(&dic.with_extension("aff"), &dic).map(Arc::new)
    }

    /// The dictionary that a language is checked with, without loading it; none when no directory has one.
    #[must_use]
    pub fn file(&self, language: Language) -> Option<PathBuf> {
        let all = self.directories.iter().flat_map(|directory| {
            Self::names(language).into_iter().map(move |name| directory.join(format!("{name}.dic")))
        });
        all.into_iter().find(|dic| dic.is_file() && dic.with_extension("aff").is_file())
    }

    /// Whether a language can be checked; loads its dictionary.
    pub fn available(&self, language: Language) -> Result<(), NotCheckedReason> {
        self.dictionary(language).as_ref().map(|_| ()).map_err(|reason| *reason)
    }

    /// Up to `most` words that may have been meant. Takes milliseconds: for the editor's screen, on request.
    #[must_use]
    pub fn suggestions(&self, language: Language, word: &str, most: usize) -> Vec<String> {
        let mut found = Vec::new();
        if let Ok(dictionary) = self.dictionary(language) {
            dictionary.suggest(word, &mut found);
        }
        found.truncate(most);
        found
    }

    /// Misspelled words of a passage. `known` recognises words of the case and names of places, folded.
    pub(super) fn mistakes(
        &self,
        ready: &Ready<'_>,
        language: Language,
        skipped: &[Range<usize>],
        known: impl Fn(&str) -> bool,
    ) -> Result<Vec<Range<usize>>, NotCheckedReason> {
        let dictionary = self.dictionary(language).as_ref().map_err(|reason| *reason)?;
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for word in &ready.words {
            if is_exempt(ready, word, language)
                || skipped.iter().any(|r| r.start <= word.range.start && word.range.end <= r.end)
            {
                continue;
            }
            let written = characters(ready.text, &ready.folded.original(&word.range));
            let folded = ready.lower(word);
            if !seen.insert(written.clone())
                || known(folded)
                || folded.split('-').all(|part| part.is_empty() || known(part))
            {
                continue;
            }
            if !right(dictionary, &written, language) {
                found.push(word.range.clone());
            }
        }
        Ok(found)
    }
}

/// The files are UTF-8 in Debian; older ones are Latin-1, which every byte is.
fn read(aff: &Path, dic: &Path) -> Result<Dictionary, NotCheckedReason> {
    let text = |path: &Path| {
        let bytes = std::fs::read(path).map_err(|_| NotCheckedReason::BadDictionary)?;
        Ok(String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect()))
    };
    let (aff, dic) = (text(aff)?, text(dic)?);
    // The text is turned into UTF-8 above whatever the file says.
    Dictionary::new(&aff, &dic).map_err(|error| {
        tracing::error!(%error, "a spelling dictionary cannot be read");
        NotCheckedReason::BadDictionary
    })
}

/// Names, abbreviations, figures and quotations are not the dictionary's business. In French and Dutch a capital inside a
/// sentence is a name; German writes every noun with one, so only a word beside another capital is left out.
fn is_exempt(ready: &Ready<'_>, word: &Word, language: Language) -> bool {
    let text = ready.folded.cased_part(&word.range);
    let capitals = text.bytes().filter(u8::is_ascii_uppercase).count();
    let bytes = ready.folded.cased.as_bytes();
    let before = word.range.start.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    let after = bytes.get(word.range.end).copied().unwrap_or(b' ');
    let glued = |c: u8| c.is_ascii_digit() || matches!(c, b'@' | b'_' | b'#' | b'/' | b'\\' | b'&');
    word.range.len() < 3
        || capitals >= 2
        || text.bytes().any(|b| b.is_ascii_digit() || b == 1)
        || glued(before)
        || glued(after)
        || (before == b'-' || after == b'-')
        || ready.quoted(&word.range)
        || (word.capital && !word.first && language != Language::De)
        || PARTICLES.contains(&ready.lower(word))
        || (word.capital && STREETS.iter().any(|street| ready.lower(word).ends_with(street)))
        || (word.capital && language == Language::De && beside_a_name(ready, word))
}

/// A capital next to a capital, or after a form of address, is a person in German.
fn beside_a_name(ready: &Ready<'_>, word: &Word) -> bool {
    let Some(at) = ready.words.iter().position(|other| other == word) else { return false };
    let neighbour = |at: Option<usize>| {
        at.and_then(|at| ready.words.get(at)).filter(|other| {
            let gap = other.range.start.abs_diff(word.range.end).min(word.range.start.abs_diff(other.range.end));
            gap <= 1 && other.capital && !other.first
        })
    };
    neighbour(at.checked_sub(1)).is_some()
        || neighbour(Some(at + 1)).is_some()
        || at.checked_sub(1).and_then(|at| ready.words.get(at)).is_some_and(|w| {
            [
                "herr", "herrn", "du", "de", "la", "le", "et", "l", "d", "frau", "familie", "dr", "von", "van", "in",
                "aus", "nach", "bei", "namens", "namen",
            ]
            .contains(&ready.lower(w))
        })
}

/// Words that join the parts of a name, whatever the language around it.
const PARTICLES: [&str; 16] = [
    "van", "den", "der", "von", "zum", "zur", "des", "les", "aux", "the", "and", "saint", "sainte", "ten", "ter", "bij",
];

/// What streets are called by.
const STREETS: [&str; 14] = [
    "strasse", "allee", "gasse", "platz", "weg", "ring", "ufer", "straat", "laan", "steenweg", "plein", "dreef",
    "kaai", "lei",
];

/// A word made of two words of the dictionary, as German and Dutch make them any day: "Vorstrafenregister".
fn composed(dictionary: &Dictionary, word: &str) -> bool {
    const LINKS: [&str; 6] = ["", "s", "n", "en", "es", "er"];
    let lower = word.to_lowercase();
    let cuts: Vec<usize> = lower.char_indices().map(|(at, _)| at).collect();
    if cuts.len() < 7 {
        return false;
    }
    let capital = |text: &str| {
        let mut letters = text.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    let is_word = |text: &str| dictionary.check(text) || dictionary.check(&capital(text));
    (3..cuts.len().saturating_sub(3)).any(|cut| {
        let Some((head, tail)) = cuts.get(cut).and_then(|at| lower.split_at_checked(*at)) else { return false };
        // Short ends are ends of anything.
        let linked =
            |link: &str| head.strip_suffix(link).is_some_and(|head| head.chars().count() >= 3 && is_word(head));
        tail.chars().count() >= 4 && is_word(tail) && LINKS.into_iter().any(linked)
    })
}

fn right(dictionary: &Dictionary, written: &str, language: Language) -> bool {
    let plain: String =
        written.chars().map(|c| if c == '’' { '\'' } else { c }).filter(|c| !super::folded::invisible(*c)).collect();
    // A word with hyphens is right when its parts are: "porte-vélos", "sociaal-economisch".
    let trimmed = plain.trim_matches('-');
    dictionary.check(trimmed)
        || (trimmed.contains('-') && trimmed.split('-').all(|part| part.is_empty() || dictionary.check(part)))
        // A capital at the head of a sentence.
        || dictionary.check(&trimmed.to_lowercase())
        // Belgium writes ß; "ss" for it is no mistake.
        || (language == Language::De && trimmed.contains("ss") && dictionary.check(&trimmed.replace("ss", "ß")))
        || (language != Language::Fr && composed(dictionary, trimmed))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::lint::checked::Field;

    #[test]
    fn without_a_dictionary_nothing_is_said_to_be_right() {
        let none = Speller::new([PathBuf::from("/nonexistent")]);
        let ready = Ready::new(Field::Headline, "Une fote");
        assert_eq!(none.mistakes(&ready, Language::Fr, &[], |_| false), Err(NotCheckedReason::NoDictionary));
    }

    #[test]
    fn a_broken_dictionary_is_told_apart_from_none() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("fr.aff", "SET UTF-8\nFLAG nonsense\n"), ("fr.dic", "no count\n")] {
            assert!(std::fs::write(folder.path().join(name), text).is_ok());
        }
        let broken = Speller::new([folder.path().to_owned()]);
        assert_eq!(broken.available(Language::Fr), Err(NotCheckedReason::BadDictionary));
        assert_eq!(broken.available(Language::Nl), Err(NotCheckedReason::NoDictionary));
    }

    #[test]
    fn slips_are_found_and_names_plates_and_figures_are_not() {
        let speller = Speller::default();
        for (language, text, wrong) in [
            (Language::Fr, "Elle portait une veste bleux et un pantalon gris de marque Zarvec, 1-ABC-234.", 1),
            (Language::Nl, "Ze droeg een blauwe broek en witte scoenen van Zarvec, afrit 12.", 1),
            (Language::De, "Sie trug eine blaue Hose und weise Schuhhe, gesehen in Zarvecheim.", 1),
        ] {
            // tests/run installs the dictionaries; elsewhere the check says that it was not made.
            match speller.mistakes(&Ready::new(Field::Headline, text), language, &[], |_| false) {
                Ok(found) => assert_eq!(found.len(), wrong, "{text}: {found:?}"),
                Err(reason) => assert_eq!(reason, NotCheckedReason::NoDictionary),
            }
        }
    }
}
