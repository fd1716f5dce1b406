//! A text as the rules read it: ASCII only, one blank for any run of blanks, accents, ligatures, look-alike letters and
//! invisible characters undone, and for every byte the characters of the original it stands for, so that a finding
//! names its exact place in the text as written.

use std::ops::Range;

use icu_normalizer::{DecomposingNormalizer, DecomposingNormalizerBorrowed};

/// Stands for a letter that has no ASCII reading.
pub(super) const LETTER: char = '\u{1}';
/// Stands for any other character that has no ASCII reading.
pub(super) const SIGN: char = '\u{2}';

/// The folded forms of one text. Both are ASCII and of the same length: an index fits either.
#[derive(Clone, Debug, Default)]
pub(super) struct Folded {
    /// Lower case.
    pub lower: String,
    /// Case as written.
    pub cased: String,
    /// Per byte: the first character of the original it comes from, and the one after the last.
    spans: Vec<(usize, usize)>,
}

/// Letters that look like a Latin one. Nobody writes an appeal in Cyrillic or Greek; somebody may hide a word in it.
fn look_alike(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' => 'a',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'с' | 'ϲ' => 'c',
        'С' | 'Ϲ' => 'C',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'һ' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'І' | 'Ι' => 'I',
        'ј' => 'j',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'о' | 'ο' => 'o',
        'О' | 'Ο' => 'O',
        'р' | 'ρ' => 'p',
        'Р' | 'Ρ' => 'P',
        'ѕ' => 's',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ν' => 'v',
        'х' | 'χ' => 'x',
        'Х' | 'Χ' => 'X',
        'у' => 'y',
        'У' | 'Υ' => 'Y',
        'Ζ' => 'Z',
        _ => return None,
    })
}

/// What decomposition does not undo.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        '’' | '‛' | 'ʼ' | 'ʹ' | '′' | '´' | '`' | '＇' => "'",
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' | '‘' | '‚' | '‹' | '›' => "\"",
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => "-",
        '…' => "...",
        '•' | '·' | '‣' | '●' => "*",
        'œ' => "oe",
        'Œ' => "Oe",
        'æ' => "ae",
        'Æ' => "Ae",
        'ß' => "ss",
        'ẞ' => "SS",
        'ø' | '°' => "o",
        'Ø' => "O",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'þ' => "th",
        '€' => "eur",
        _ => return None,
    })
}

/// Characters nobody sees: zero width, direction marks, soft hyphen, variation selectors.
pub(super) const fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Marks that sit on the letter before them.
const fn combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}')
}

impl Folded {
    /// Folds a text.
    pub fn of(text: &str) -> Self {
        let mut folded = Self::default();
        folded.cased.reserve(text.len());
        folded.spans.reserve(text.len());
        let normalizer = DecomposingNormalizer::new_nfkd();
        for (at, c) in text.chars().enumerate() {
            folded.take(c, at, &normalizer);
        }
        folded.lower = folded.cased.to_ascii_lowercase();
        folded
    }

    /// Folds a hashtag or a file name: `_`, `-`, `.` and `#` are blanks, and so is the joint of `AvisDeRecherche`.
    pub fn of_tag(text: &str) -> Self {
        let mut folded = Self::default();
        let normalizer = DecomposingNormalizer::new_nfkd();
        let mut before = ' ';
        for (at, c) in text.chars().enumerate() {
            if before.is_lowercase() && c.is_uppercase() {
                folded.cased.push(' ');
                folded.spans.push((at, at));
            }
            folded.take(if matches!(c, '_' | '-' | '.' | '#') { ' ' } else { c }, at, &normalizer);
            before = c;
        }
        folded.lower = folded.cased.to_ascii_lowercase();
        folded
    }

    fn take(&mut self, c: char, at: usize, normalizer: &DecomposingNormalizerBorrowed<'static>) {
        if c.is_ascii() {
            self.push(c, at);
        } else if invisible(c) {
        } else if combining(c) {
            if let Some((_, end)) = self.spans.last_mut() {
                *end = at + 1;
            }
        } else if let Some(text) = plain(c) {
            text.chars().for_each(|c| self.push(c, at));
        } else {
            for part in normalizer.normalize_iter(std::iter::once(c)) {
                if part.is_ascii() {
                    self.push(part, at);
                } else if let Some(text) = plain(part) {
                    text.chars().for_each(|c| self.push(c, at));
                } else if let Some(latin) = look_alike(part) {
                    self.push(latin, at);
                } else if part.is_whitespace() {
                    self.push(' ', at);
                } else if !combining(part) {
                    self.push(if part.is_alphabetic() { LETTER } else { SIGN }, at);
                }
            }
        }
    }

    fn push(&mut self, c: char, at: usize) {
        let c = match c {
            '\n' | '\r' => '\n',
            LETTER | SIGN => c,
            c if c.is_ascii_whitespace() || c.is_ascii_control() => ' ',
            c => c,
        };
        if matches!(c, ' ' | '\n')
            && let (Some(last @ (b' ' | b'\n')), Some((_, end))) = (self.cased.bytes().last(), self.spans.last_mut())
        {
            *end = at + 1;
            if c == '\n' && last == b' ' {
                self.cased.pop();
                self.cased.push('\n');
            }
            return;
        }
        self.cased.push(c);
        self.spans.push((at, at + 1));
    }

    /// The characters of the original that a range of the folded text stands for; empty ranges stay empty.
    pub fn original(&self, folded: &Range<usize>) -> Range<usize> {
        let start = self.spans.get(folded.start).map_or_else(|| self.end(), |(start, _)| *start);
        let end = folded.end.checked_sub(1).and_then(|last| self.spans.get(last)).map_or(start, |(_, end)| *end);
        start..end.max(start)
    }

    fn end(&self) -> usize {
        self.spans.last().map_or(0, |(_, end)| *end)
    }

    /// Part of the lower-case form.
    pub fn part(&self, range: &Range<usize>) -> &str {
        self.lower.get(range.clone()).unwrap_or_default()
    }

    /// Part of the form with case.
    pub fn cased_part(&self, range: &Range<usize>) -> &str {
        self.cased.get(range.clone()).unwrap_or_default()
    }
}

/// The lower-case folded form alone.
pub(super) fn fold(text: &str) -> String {
    Folded::of(text).lower
}

/// Letters and digits of the folded form, nothing else: what stays of a reference however it is spaced.
pub(super) fn squeeze(text: &str) -> String {
    fold(text).chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Characters `range` of a text.
pub(super) fn characters(text: &str, range: &Range<usize>) -> String {
    text.chars().skip(range.start).take(range.len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_folded_text_is_a_place_in_the_original() {
        let text = "L’œuvre\u{200b} a  été vo\u{301}lée\u{a0}— ﬁn №5";
        let folded = Folded::of(text);
        assert_eq!(folded.lower, "l'oeuvre a ete volee - fin no5");
        let at = folded.lower.find("volee").unwrap_or_default();
        assert_eq!(characters(text, &folded.original(&(at..at + 5))), "vo\u{301}lée");
        let at = folded.lower.find("fin").unwrap_or_default();
        assert_eq!(characters(text, &folded.original(&(at..at + 3))), "ﬁn");
    }

    #[test]
    fn letters_in_disguise_read_as_what_they_look_like() {
        assert_eq!(fold("аssаssin Ｐｏｌｉｃｅ 𝐝𝐚𝐝𝐞𝐫 ⓓieb"), "assassin police dader dieb");
        assert_eq!(squeeze("BR.11-LA 001/26"), "br11la00126");
    }
}
