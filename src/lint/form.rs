//! What the form of a text gives away: emoji, shouting in capitals.

use std::ops::Range;

use super::passage::Ready;

/// Pictograms. Letters of any script, currency, arrows, check marks of a list and the signs of law (©, ®, ™) are none.
const fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b50}' | '\u{2b55}' | '\u{231a}' | '\u{231b}'
        | '\u{23e9}'..='\u{23fa}' | '\u{3030}' | '\u{303d}' | '\u{20e3}' | '\u{1fb00}'..='\u{1fbff}')
        && !matches!(
            c,
            '\u{2713}' | '\u{2714}' | '\u{2717}' | '\u{2718}' | '\u{27a1}' | '\u{2794}' | '\u{2610}'..='\u{2612}'
        )
}

/// Runs of emoji, in characters of the original.
pub(super) fn emoji(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.chars().enumerate() {
        if is_emoji(c) {
            match found.last_mut() {
                Some(last) if at <= last.end + 1 => last.end = at + 1,
                _ => found.push(at..at + 1),
            }
        }
    }
    found
}

/// Words in capitals in a row that make a sentence shout.
const SHOUTED: usize = 4;

/// Runs of words in capitals, in the folded text. A headline may be one label in capitals: it is left out by the caller.
pub(super) fn shouting(ready: &Ready<'_>) -> Vec<Range<usize>> {
    let loud = |range: &Range<usize>| {
        let text = ready.folded.cased_part(range);
        text.len() >= 2 && text.bytes().any(|b| b.is_ascii_uppercase()) && !text.bytes().any(|b| b.is_ascii_lowercase())
    };
    let mut found = Vec::new();
    let mut run: Option<(Range<usize>, usize)> = None;
    for word in &ready.words {
        let short = word.range.len() == 1;
        if loud(&word.range) {
            run = Some(match run.take() {
                Some((range, count)) => (range.start..word.range.end, count + 1),
                None => (word.range.clone(), 1),
            });
        } else if !short
            && let Some((range, count)) = run.take()
            && count >= SHOUTED
        {
            found.push(range);
        }
    }
    if let Some((range, count)) = run
        && count >= SHOUTED
    {
        found.push(range);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::checked::Field;

    #[test]
    fn pictograms_are_found_where_they_stand_and_signs_are_none() {
        assert_eq!(emoji("Merci 🙏🏻 à tous ❤️"), [6..8, 16..17]);
        assert!(emoji("© 2026 → 12 € ✓ № ½").is_empty());
    }

    #[test]
    fn four_words_in_capitals_shout_and_abbreviations_do_not() {
        let count = |text: &str| shouting(&Ready::new(Field::Lead, text)).len();
        assert_eq!(count("Aidez-nous, PARTAGEZ TOUS CE MESSAGE maintenant"), 1);
        assert_eq!(count("La SNCB et la RTBF, le TEC"), 0);
    }
}
