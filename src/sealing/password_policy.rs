//! Which passwords may be chosen: 14 to 128 characters of any kind, no composition rules, but not one that is only common
//! words, names of the trade, places, sequences and years strung together (ASVS 6.2.4, 6.2.11, 6.2.12).

use super::Password;

/// Fewer can be guessed offline in spite of Argon2id.
const SHORTEST: usize = 14;
/// Nobody types more; every stranger's input needs an end.
const LONGEST: usize = 128;
/// Characters left when everything guessable is struck out. Five unrelated ones beside known words cost a guesser more than
/// the order of the words does.
const OWN: usize = 5;
/// Shorter ones would strike out half of every sentence.
const SHORTEST_WORD: usize = 3;

const WORDS: &str = include_str!("common_words.txt");
/// Keyboard rows (AZERTY, QWERTY), alphabet and digits: four in a row, either way, are a sequence.
const ROWS: [&str; 8] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
];
const RUN: usize = 4;

/// Why a password may not be chosen. Says nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// Below 14 characters.
    #[error("a password has at least {SHORTEST} characters, this has {found}")]
    TooShort {
        /// Characters counted.
        found: usize,
    },
    /// Above 128 characters.
    #[error("a password has at most {LONGEST} characters, this has {found}")]
    TooLong {
        /// Characters counted.
        found: usize,
    },
    /// Only words, names, sequences and years that a guesser tries first.
    #[error("this password is made of common words, names or sequences only; add something of your own")]
    TooGuessable,
}

/// A password that may be set. Only this gets hashed for a new account or a change.
#[derive(Clone, Debug)]
pub struct NewPassword(Password);

impl NewPassword {
    /// Judges `text`; `context` is what an attacker knows of the account: name, address, unit.
    pub fn choose(text: &str, context: &[&str]) -> Result<Self, PasswordRefused> {
        let found = text.chars().count();
        if found < SHORTEST {
            return Err(PasswordRefused::TooShort { found });
        }
        if found > LONGEST {
            return Err(PasswordRefused::TooLong { found });
        }
        let own = own_characters(text, context);
        if own < OWN { Err(PasswordRefused::TooGuessable) } else { Ok(Self(Password::typed(text))) }
    }

    /// The password itself, to hash and to lock the reader key with.
    #[must_use]
    pub const fn password(&self) -> &Password {
        &self.0
    }
}

/// Distinct characters that belong to no known word, sequence, repetition or year.
fn own_characters(text: &str, context: &[&str]) -> usize {
    let lower: Vec<char> = text.chars().map(plain).collect();
    let folded: Vec<char> = lower.iter().copied().map(unmask).collect();
    let mut struck = vec![false; lower.len()];

    let common = WORDS.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
    let known = context.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    for word in common.chain(known) {
        let word: Vec<char> = word.chars().map(|c| unmask(plain(c))).collect();
        if word.len() >= SHORTEST_WORD {
            strike(&folded, &word, &mut struck);
        }
    }
    for row in ROWS {
        let row: Vec<char> = row.chars().collect();
        let back: Vec<char> = row.iter().rev().copied().collect();
        for run in row.windows(RUN).chain(back.windows(RUN)) {
            strike(&lower, run, &mut struck);
        }
    }
    for (at, window) in lower.windows(4).enumerate() {
        let year = matches!(window, ['1', '9', a, b] | ['2', '0', a, b] if a.is_ascii_digit() && b.is_ascii_digit());
        if year {
            struck.iter_mut().skip(at).take(4).for_each(|mark| *mark = true);
        }
    }
    let mut own: Vec<char> = lower
        .iter()
        .zip(&struck)
        .filter(|(character, struck)| !**struck && !character.is_whitespace())
        .map(|(character, _)| *character)
        .collect();
    // Distinct, so that a repetition ("aaaa…", "xk7xk7…") counts once.
    own.sort_unstable();
    own.dedup();
    own.len()
}

fn strike(text: &[char], word: &[char], struck: &mut [bool]) {
    for (at, window) in text.windows(word.len()).enumerate() {
        if window == word {
            struck.iter_mut().skip(at).take(word.len()).for_each(|mark| *mark = true);
        }
    }
}

/// Lower case without the accents of the users' languages; one character stays one.
fn plain(c: char) -> char {
    match c.to_lowercase().next().unwrap_or(c) {
        'à' | 'â' | 'ä' | 'á' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' | 'í' => 'i',
        'ô' | 'ö' | 'ó' => 'o',
        'ù' | 'û' | 'ü' | 'ú' => 'u',
        'ç' => 'c',
        other => other,
    }
}

/// Undoes the usual disguises, on both sides of the comparison.
fn unmask(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' | 'l' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    fn judged(text: &str) -> Option<PasswordRefused> {
        NewPassword::choose(text, &["Lotte Voorbeeld", "lotte.voorbeeld@politie.example"]).err()
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(judged("héron gris ét"), Some(PasswordRefused::TooShort { found: 13 }));
        assert_eq!(judged("héron gris éta"), None);
        assert_eq!(judged(&"kiwi bot ".repeat(15)), Some(PasswordRefused::TooLong { found: 135 }));
    }

    #[test]
    fn words_strung_together_are_refused() {
        for text in [
            "bruxelles2024!!",
            "Antwerpen-Lille-1",
            "P0l1t13Bruss3l",
            "commissariat 1998",
            "motdepasse123456",
            "azertyuiopqsdfgh",
            "aaaaaaaaaaaaaaaa",
            "12345678901234",
            "98765432109876",
            "xk7xk7xk7xk7xk7x",
            "Police.Fédérale.Liège",
            "lotteVoorbeeld99",
            "voorbeeld2001lotte",
        ] {
            assert_eq!(judged(text), Some(PasswordRefused::TooGuessable), "{text}");
        }
    }

    #[test]
    fn passphrases_and_random_characters_are_welcome() {
        for text in [
            "correct horse battery staple",
            "vier stille reigers bij de sluis",
            "Trois chats à Namur, mouillés",
            "q8#Lw!zT2v%Rk0",
            "90417283650294",
        ] {
            assert_eq!(judged(text), None, "{text}");
        }
    }

    #[test]
    fn the_list_is_in_the_form_it_is_compared_in() {
        let words: Vec<&str> =
            WORDS.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect();
        assert!(words.len() >= 200, "{}", words.len());
        assert!(words.iter().all(|word| { word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) }));
    }
}
