//! One piece of a notice made ready for the checks: folded, cut into sentences and words, quotations found.

use std::ops::Range;

use super::checked::Field;
use super::folded::{Folded, LETTER};

/// A word of a passage, as a range of the folded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub range: Range<usize>,
    /// Starts with a capital.
    pub capital: bool,
    /// First of its sentence.
    pub first: bool,
}

/// A passage ready to be checked.
#[derive(Debug)]
pub(super) struct Ready<'a> {
    pub field: Field,
    pub text: &'a str,
    pub folded: Folded,
    pub sentences: Vec<Range<usize>>,
    pub words: Vec<Word>,
    /// Between quotation marks, the marks not counted.
    pub quotes: Vec<Range<usize>>,
}

/// Words before a full stop that does not end a sentence.
const ABBREVIATIONS: [&str; 44] = [
    "m", "mm", "mme", "mlle", "dr", "prof", "st", "ste", "av", "bd", "bld", "n", "no", "nr", "art", "env", "ca", "ex",
    "p", "dhr", "mevr", "mw", "bijv", "bv", "blz", "str", "z", "b", "d", "h", "u", "usw", "bzw", "evtl", "ggf", "hr",
    "fr", "tel", "resp", "inkl", "geb", "jr", "sr", "vs",
];

impl<'a> Ready<'a> {
    pub fn new(field: Field, text: &'a str) -> Self {
        let folded = Folded::of(text);
        let sentences = sentences(&folded);
        let words = words(&folded, &sentences);
        let quotes = quotes(&folded);
        Self { field, text, folded, sentences, words, quotes }
    }

    /// A hashtag or file name: its joints become blanks, so that rules read its words.
    pub fn tag(field: Field, text: &'a str) -> Self {
        let folded = Folded::of_tag(text);
        let sentences = sentences(&folded);
        let words = words(&folded, &sentences);
        Self { field, text, folded, sentences, words, quotes: Vec::new() }
    }

    /// The sentence a place lies in.
    pub fn sentence_at(&self, at: usize) -> Range<usize> {
        self.sentences.iter().find(|s| s.contains(&at)).cloned().unwrap_or(0..self.folded.lower.len())
    }

    /// Whether a range lies inside a quotation.
    pub fn quoted(&self, range: &Range<usize>) -> bool {
        self.quotes.iter().any(|quote| quote.start <= range.start && range.end <= quote.end)
    }

    /// The word in lower case.
    pub fn lower(&self, word: &Word) -> &str {
        self.folded.part(&word.range)
    }
}

fn sentences(folded: &Folded) -> Vec<Range<usize>> {
    let bytes = folded.cased.as_bytes();
    let mut found = Vec::new();
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let ends = match byte {
            b'\n' | b'!' | b'?' => true,
            b'.' => stops(bytes, at, start),
            _ => false,
        };
        if ends {
            if bytes.get(start..at).is_some_and(|s| s.iter().any(u8::is_ascii_alphanumeric)) {
                found.push(start..at + 1);
            }
            start = at + 1;
        }
    }
    if start < bytes.len() {
        found.push(start..bytes.len());
    }
    found
}

/// Whether the full stop at `at` ends the sentence begun at `start`.
fn stops(bytes: &[u8], at: usize, start: usize) -> bool {
    match bytes.get(at + 1) {
        None => return true,
        Some(b' ' | b'\n' | b'"' | b')' | b'\'') => {}
        Some(_) => return false,
    }
    let word: Vec<u8> = bytes
        .get(start..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric())
        .map(u8::to_ascii_lowercase)
        .collect();
    // An initial ("Kevin D. a ...") or an ordinal in German ("21. November").
    let initial = word.len() == 1 && word.iter().all(u8::is_ascii_alphabetic);
    let ordinal = word.len() <= 2 && !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    let word: String = word.iter().rev().map(|b| char::from(*b)).collect();
    !(initial || ordinal || ABBREVIATIONS.contains(&word.as_str()))
}

fn words(folded: &Folded, sentences: &[Range<usize>]) -> Vec<Word> {
    let letter = |c: char| c.is_ascii_alphabetic() || c == LETTER;
    let mut found = Vec::new();
    for sentence in sentences {
        let text = folded.cased_part(sentence);
        let mut first = true;
        let mut begun: Option<usize> = None;
        for (at, c) in text.char_indices().chain(std::iter::once((text.len(), ' '))) {
            match begun {
                None if letter(c) => begun = Some(at),
                // An apostrophe ends a word (l'homme); a hyphen inside keeps it together (Bruxelles-Ville).
                Some(start) if !(letter(c) || c == '-' || c.is_ascii_digit()) => {
                    let word = text.get(start..at).unwrap_or_default().trim_end_matches('-');
                    let capital = word.starts_with(|c: char| c.is_ascii_uppercase());
                    found.push(Word {
                        range: sentence.start + start..sentence.start + start + word.len(),
                        capital,
                        first,
                    });
                    first = false;
                    begun = None;
                }
                _ => {}
            }
        }
    }
    found
}

/// A quotation longer than this is a forgotten mark.
const LONGEST_QUOTATION: usize = 200;

fn quotes(folded: &Folded) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<usize> = None;
    for (at, byte) in folded.cased.bytes().enumerate() {
        if byte == b'"' {
            match open {
                Some(start) if at - start <= LONGEST_QUOTATION => {
                    found.push(start..at);
                    open = None;
                }
                _ => open = Some(at + 1),
            }
        } else if byte == b'\'' {
            // ‘De dief’ folds to a double mark and an apostrophe; one inside a word closes nothing.
            let ends = folded.cased.as_bytes().get(at + 1).is_none_or(|b| !b.is_ascii_alphanumeric());
            if let Some(start) = open.filter(|_| ends) {
                found.push(start..at);
                open = None;
            }
        }
    }
    // Single marks open after a blank and close before one: an apostrophe does neither.
    let bytes = folded.cased.as_bytes();
    let mut open: Option<usize> = None;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte != b'\'' {
            continue;
        }
        let before = at.checked_sub(1).and_then(|b| bytes.get(b)).is_none_or(|b| !b.is_ascii_alphanumeric());
        let after = bytes.get(at + 1).is_none_or(|b| !b.is_ascii_alphanumeric());
        match open {
            Some(start) if after && at - start <= LONGEST_QUOTATION => {
                found.push(start..at);
                open = None;
            }
            _ if before => open = Some(at + 1),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        let ready = Ready::new(Field::Headline, text);
        ready.sentences.iter().map(|s| ready.folded.cased_part(s).trim().to_owned()).collect()
    }

    #[test]
    fn initials_ordinals_and_abbreviations_end_no_sentence() {
        assert_eq!(cut("Kevin D. est parti. Le 21 nov."), ["Kevin D. est parti.", "Le 21 nov."]);
        assert_eq!(cut("Am 21. November um 14.30 Uhr. Wer hat etwas gesehen?").len(), 2);
        assert_eq!(cut("Dhr. Peeters (ca. 40 jaar) liep weg!\nBel ons").len(), 2);
    }

    #[test]
    fn quotations_are_found_and_apostrophes_are_none() {
        let ready = Ready::new(Field::Headline, "Le tableau « Le Voleur » a disparu, l’huile n’a pas séché");
        assert_eq!(ready.quotes.len(), 1);
        assert_eq!(ready.folded.part(ready.quotes.first().unwrap()).trim(), "le voleur");
    }
}
