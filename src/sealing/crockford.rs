//! 120 random bits as 24 characters of Crockford's base32, the alphabet without I, L, O and U: what a person can copy from a
//! screen and read out on the telephone. The two kinds of code made of it: [`super::receipt`], [`super::one_time_code`].

use super::{RandomSource, Secret, SecretDigest, random::draw};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 24 × 5 bits = 120: above the 112 below which ASVS 6.5.2 wants a slow hash.
const LENGTH: usize = 24;
/// Six groups of four: what people hold in mind while copying.
const GROUP: usize = 4;

/// Why a typed code is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Too few or too many characters, spaces and hyphens not counted.
    #[error("a code has 24 characters, this has {found}")]
    Length {
        /// How many came.
        found: usize,
    },
    /// A character that no code contains.
    #[error("character {position} cannot be in a code")]
    Character {
        /// Counted from 1, spaces and hyphens not counted.
        position: usize,
    },
}

/// The characters, upper case, ungrouped.
#[derive(Clone)]
pub(super) struct Code(Secret<[u8; LENGTH]>);

impl Code {
    pub(super) fn generate(random: &mut dyn RandomSource) -> Self {
        // 24 bytes, five bits of each: 256 is a multiple of 32, so every character is equally likely.
        let drawn: Secret<[u8; LENGTH]> = Secret::new(draw(random));
        Self(Secret::new(drawn.expose().map(character)))
    }

    /// Forgives case, spaces, hyphens and dashes, O for 0, I and L for 1.
    pub(super) fn parse(text: &str) -> Result<Self, CodeError> {
        let mut code = Secret::new([0; LENGTH]);
        let mut found = 0;
        for typed in text.chars().filter(|c| !is_separator(*c)) {
            let meant = read(typed).ok_or(CodeError::Character { position: found + 1 })?;
            if let Some(place) = code.expose_mut().get_mut(found) {
                *place = meant;
            }
            found += 1;
        }
        if found == LENGTH { Ok(Self(code)) } else { Err(CodeError::Length { found }) }
    }

    pub(super) fn grouped(&self) -> Secret<String> {
        let mut text = String::with_capacity(LENGTH + LENGTH / GROUP);
        for (at, byte) in self.0.expose().iter().enumerate() {
            if at > 0 && at % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(*byte));
        }
        Secret::new(text)
    }

    pub(super) fn expose(&self) -> &[u8; LENGTH] {
        self.0.expose()
    }

    pub(super) fn digest(&self) -> SecretDigest {
        SecretDigest::of(self.0.expose())
    }
}

/// The letter or digit of the low five bits.
fn character(byte: u8) -> u8 {
    ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or(b'0')
}

/// Eight lower-case characters that name a token; not a secret.
pub(super) fn short_id(random: &mut dyn RandomSource) -> [u8; 8] {
    draw::<8>(random).map(|byte| character(byte).to_ascii_lowercase())
}

pub(super) fn is_short_id(id: &[u8]) -> bool {
    id.len() == 8 && id.iter().all(|byte| !byte.is_ascii_uppercase() && ALPHABET.contains(&byte.to_ascii_uppercase()))
}

fn read(typed: char) -> Option<u8> {
    let upper = u8::try_from(typed).ok()?.to_ascii_uppercase();
    match upper {
        b'O' => Some(b'0'),
        b'I' | b'L' => Some(b'1'),
        other => ALPHABET.contains(&other).then_some(other),
    }
}

/// Telephones turn hyphens into dashes (U+2010 to U+2015) and spaces into narrow ones.
fn is_separator(typed: char) -> bool {
    typed.is_whitespace() || typed == '-' || ('\u{2010}'..='\u{2015}').contains(&typed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::sealing::random::SeededRandom;
    use proptest::prelude::*;

    #[test]
    fn what_people_type_is_understood() {
        let plain = Code::parse("0123456789ABCDEFGH1K0N00").unwrap();
        for typed in ["0123-4567-89AB-CDEF-GHLK-ONOo", " o123 4567 89ab cdef ghik onoo\n", "0123–4567—89abcdefgh1k0n00"]
        {
            assert_eq!(Code::parse(typed).unwrap().expose(), plain.expose(), "{typed}");
        }
    }

    #[test]
    fn a_wrong_code_is_told_where() {
        assert_eq!(Code::parse("0123-456").err(), Some(CodeError::Length { found: 7 }));
        assert_eq!(Code::parse(&"A".repeat(25)).err(), Some(CodeError::Length { found: 25 }));
        assert_eq!(Code::parse("0123-U").err(), Some(CodeError::Character { position: 5 }));
        assert_eq!(Code::parse("é").err(), Some(CodeError::Character { position: 1 }));
        assert_eq!(Code::parse("").err(), Some(CodeError::Length { found: 0 }));
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed(seed: u64) {
            let code = Code::generate(&mut SeededRandom::new(seed));
            let shown = code.grouped();
            prop_assert_eq!(shown.expose().len(), 29);
            let typed = Code::parse(&shown.expose().to_lowercase()).unwrap();
            prop_assert_eq!(typed.digest(), code.digest());
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = Code::parse(&text);
        }
    }
}
