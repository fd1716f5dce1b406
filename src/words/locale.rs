//! The languages the interface speaks: those of appeals, and English for visitors and documentation.

use crate::domain::language::Language;

/// A language of pages and mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Locale {
    /// French.
    Fr,
    /// Dutch.
    Nl,
    /// German.
    De,
    /// English.
    En,
}

/// The text is not one of `fr`, `nl`, `de`, `en`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a language of this service; use fr, nl, de or en")]
pub struct UnknownLocale(pub String);

impl From<Language> for Locale {
    fn from(language: Language) -> Self {
        match language {
            Language::Fr => Self::Fr,
            Language::Nl => Self::Nl,
            Language::De => Self::De,
        }
    }
}

impl Locale {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Fr, Self::Nl, Self::De, Self::En];

    /// Reads the lower-case code of an address, e.g. the `fr` of `/fr/r`.
    pub fn parse(code: &str) -> Result<Self, UnknownLocale> {
        Self::of_code(code).ok_or_else(|| UnknownLocale(code.to_owned()))
    }

    /// The lower-case code, as in addresses and in `lang` attributes.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::Nl => "nl",
            Self::De => "de",
            Self::En => "en",
        }
    }

    /// What a browser's `Accept-Language` prefers among ours; the first wins between equals.
    /// `None` when nothing fits: the caller then knows better (the country, or a page to choose on).
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for range in accept_language.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let primary = tag.split('-').next().unwrap_or_default();
            let Some(locale) = Self::of_code(primary) else {
                continue;
            };
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths);
            let Some(weight @ 1..) = weight else { continue };
            if best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }

    fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.code() == code)
    }
}

impl std::fmt::Display for Locale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// An RFC 9110 weight (`0`, `0.8`, `1.000`) in thousandths, because it has at most three decimals.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    if decimals.len() > 3 {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole.parse::<u16>().ok()? {
        0 => Some(decimals),
        1 if decimals == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_we_speak_wins_and_the_first_between_equals() {
        assert_eq!(Locale::negotiate("nl-BE,nl;q=0.9,fr;q=0.8"), Some(Locale::Nl));
        assert_eq!(Locale::negotiate("es, fr;q=0.5, de-AT;q=0.7"), Some(Locale::De));
        assert_eq!(Locale::negotiate("fr, nl"), Some(Locale::Fr));
        assert_eq!(Locale::negotiate("FR-fr"), Some(Locale::Fr));
        assert_eq!(Locale::negotiate("nl;q=0, en;q=0.001"), Some(Locale::En));
    }

    #[test]
    fn nothing_we_speak_or_nothing_readable_is_none() {
        for header in ["", "*", "es,pt", "fr;q=x", "nl;q=2", "de;q=0.1234", ";;,,"] {
            assert_eq!(Locale::negotiate(header), None, "{header}");
        }
    }

    #[test]
    fn codes_come_back() {
        for locale in Locale::ALL {
            assert_eq!(Locale::parse(locale.code()), Ok(locale));
        }
        assert_eq!(Locale::parse("FR"), Err(UnknownLocale("FR".to_owned())));
    }
}
