//! A text as words: without case, accents and punctuation, and with what the spelling still tells about each word.

use icu_normalizer::DecomposingNormalizer;

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Lower case, ASCII where there is an ASCII reading.
    pub folded: String,
    /// Begins with a capital although no sentence begins there.
    pub named: bool,
}

impl Word {
    /// The word without what number and gender add, so that one voice's "vues" is another's "vue".
    pub fn stem(&self) -> String {
        if self.folded.len() < 4 || self.folded.bytes().any(|b| b.is_ascii_digit()) {
            return self.folded.clone();
        }
        let mut stem = self.folded.as_str();
        for ending in ["s", "x", "n", "e"] {
            stem = stem.strip_suffix(ending).filter(|rest| rest.len() >= 3).unwrap_or(stem);
        }
        // A doubled letter is the commonest slip.
        let mut out = String::with_capacity(stem.len());
        for c in stem.chars() {
            if !out.ends_with(c) {
                out.push(c);
            }
        }
        out
    }
}

/// Lower case, accents and ligatures undone.
#[must_use]
pub fn fold(text: &str) -> String {
    let decomposed = DecomposingNormalizer::new_nfkd().normalize(text);
    let mut out = String::with_capacity(decomposed.len());
    for c in decomposed.chars() {
        match c {
            '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            'œ' | 'Œ' => out.push_str("oe"),
            'æ' | 'Æ' => out.push_str("ae"),
            'ß' => out.push_str("ss"),
            _ => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// The words of a text in order. A clock time or a sum counts as one word: `18h30`, `18:30` and `18u30` are `18h30`.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut starts = true;
    let joined = |previous: Option<char>, c: char, next: Option<char>| {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        matches!(c, ':' | '.' | ',' | '-' | '/') && digit(previous) && digit(next)
    };
    let characters: Vec<char> = text.chars().collect();
    let mut word = String::new();
    let mut finish = |word: &mut String, starts: &mut bool| {
        if word.is_empty() {
            return;
        }
        let named = !*starts && word.chars().next().is_some_and(char::is_uppercase);
        let folded = fold(word);
        words.push(Word { folded: figures(&folded), named });
        word.clear();
        *starts = false;
    };
    for (at, &c) in characters.iter().enumerate() {
        let previous = at.checked_sub(1).and_then(|before| characters.get(before).copied());
        let next = characters.get(at + 1).copied();
        if c.is_alphanumeric() || joined(previous, c, next) || matches!(c, '\u{300}'..='\u{36f}') {
            word.push(c);
            continue;
        }
        finish(&mut word, &mut starts);
        starts |= matches!(c, '.' | '!' | '?' | '\n' | '…');
    }
    finish(&mut word, &mut starts);
    words
}

/// One spelling for clock times and grouped figures.
fn figures(word: &str) -> String {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 || !word.starts_with(|c: char| c.is_ascii_digit()) {
        return word.to_owned();
    }
    if let Some((hours, minutes)) = word.split_once(['h', 'u', ':', '.']) {
        let small = |text: &str, most: u32| text.len() <= 2 && text.parse::<u32>().is_ok_and(|n| n <= most);
        if small(hours, 24) && (minutes.is_empty() || (minutes.len() == 2 && small(minutes, 59))) {
            let minutes = if minutes.is_empty() { "00" } else { minutes };
            return format!("{}h{minutes}", hours.trim_start_matches('0'));
        }
    }
    word.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_one_spelling_and_names_are_known_by_their_capital() {
        let read = words("Vue à 18:30, rue Neuve. Elle était à 18u30 en Volvo!");
        let folded: Vec<_> = read.iter().map(|w| w.folded.as_str()).collect();
        assert_eq!(folded, ["vue", "a", "18h30", "rue", "neuve", "elle", "etait", "a", "18h30", "en", "volvo"]);
        let named: Vec<_> = read.iter().filter(|w| w.named).map(|w| w.folded.as_str()).collect();
        assert_eq!(named, ["neuve", "volvo"]);
        assert_eq!(words("om 9u").last().map(|w| w.folded.clone()), Some("9h00".to_owned()));
        assert_eq!(
            words("1-ABC-234 et 1.250 euros").iter().map(|w| w.folded.clone()).collect::<Vec<_>>().join(" "),
            "1 abc 234 et 1250 euros"
        );
    }

    #[test]
    fn number_gender_and_doubled_letters_do_not_make_another_word() {
        let stem = |text: &str| words(text).first().map(Word::stem);
        assert_eq!(stem("vues"), stem("vue"));
        assert_eq!(stem("trappen"), stem("trappe"));
        assert_ne!(stem("gare"), stem("port"));
    }
}
