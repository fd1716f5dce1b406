//! The language regimes of the law: which area a municipality lies in, in which languages its people are addressed.

use super::language::Language;

/// In which languages the authorities of a municipality address the public (Belgium: the coordinated laws on the
/// use of languages of 1966, articles 7 and 8). A facility language comes after the language of the area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Regime {
    /// The Dutch language area, without facilities.
    Nl,
    /// The French language area without facilities, and all of France.
    Fr,
    /// The German language area, if it had no facilities; today all nine have.
    De,
    /// Bilingual Brussels-Capital.
    Bru,
    /// Dutch area with facilities for French.
    NlFr,
    /// French area with facilities for Dutch.
    FrNl,
    /// German area with facilities for French.
    DeFr,
    /// French area with facilities for German.
    FrDe,
}

/// The text names no regime.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a language regime")]
pub struct UnknownRegime(pub String);

impl Regime {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Nl, Self::Fr, Self::De, Self::Bru, Self::NlFr, Self::FrNl, Self::DeFr, Self::FrDe];

    /// As written in tables and answers: `NL+FR`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nl => "NL",
            Self::Fr => "FR",
            Self::De => "DE",
            Self::Bru => "BRU",
            Self::NlFr => "NL+FR",
            Self::FrNl => "FR+NL",
            Self::DeFr => "DE+FR",
            Self::FrDe => "FR+DE",
        }
    }

    /// Reads [`Regime::code`].
    pub fn parse(text: &str) -> Result<Self, UnknownRegime> {
        Self::ALL.into_iter().find(|regime| regime.code() == text).ok_or_else(|| UnknownRegime(text.to_owned()))
    }

    /// The languages in legal order, the language of the area first. In Brussels both are equal; French is written
    /// first, as in the official table.
    #[must_use]
    pub const fn languages(self) -> &'static [Language] {
        use Language::{De, Fr, Nl};
        match self {
            Self::Nl => &[Nl],
            Self::Fr => &[Fr],
            Self::De => &[De],
            Self::Bru | Self::FrNl => &[Fr, Nl],
            Self::NlFr => &[Nl, Fr],
            Self::DeFr => &[De, Fr],
            Self::FrDe => &[Fr, De],
        }
    }
}

impl Regime {
    /// The official area the municipality lies in.
    #[must_use]
    pub const fn area(self) -> LanguageArea {
        match self {
            Self::Nl | Self::NlFr => LanguageArea::Nl,
            Self::Fr | Self::FrNl | Self::FrDe => LanguageArea::Fr,
            Self::De | Self::DeFr => LanguageArea::De,
            Self::Bru => LanguageArea::Bru,
        }
    }

    /// The languages people are addressed in. Brussels is bilingual by law, so the policy does not touch it.
    #[must_use]
    pub fn addressed(self, facilities: Facilities) -> &'static [Language] {
        let all = self.languages();
        match facilities {
            Facilities::AreaLanguage if self != Self::Bru => all.get(..1).unwrap_or(all),
            _ => all,
        }
    }
}

/// One of the four language areas of Belgium (Constitution, article 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LanguageArea {
    /// Dutch.
    Nl,
    /// French.
    Fr,
    /// Bilingual Brussels-Capital.
    Bru,
    /// German.
    De,
}

impl LanguageArea {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nl, Self::Fr, Self::Bru, Self::De];

    /// As in place codes: `BRU`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nl => "NL",
            Self::Fr => "FR",
            Self::Bru => "BRU",
            Self::De => "DE",
        }
    }

    /// Reads [`LanguageArea::code`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|area| area.code() == text)
    }
}

/// In which languages people of a municipality with facilities are addressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Facilities {
    /// The language of the area and the facility language: what the law gives its inhabitants a right to.
    #[default]
    Both,
    /// Only the language of the area.
    AreaLanguage,
}

impl std::fmt::Display for Regime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn regimes_read_back_and_put_the_areas_language_first() {
        for regime in Regime::ALL {
            assert_eq!(Regime::parse(regime.code()).unwrap(), regime);
        }
        assert_eq!(Regime::NlFr.languages(), [Language::Nl, Language::Fr]);
        assert_eq!(Regime::FrNl.languages(), [Language::Fr, Language::Nl]);
        assert_eq!(Regime::DeFr.languages(), [Language::De, Language::Fr]);
        assert!(Regime::parse("EN").is_err());
        assert_eq!(Regime::NlFr.addressed(Facilities::AreaLanguage), [Language::Nl]);
        assert_eq!(Regime::Bru.addressed(Facilities::AreaLanguage), [Language::Fr, Language::Nl]);
        assert_eq!(Regime::DeFr.addressed(Facilities::Both), [Language::De, Language::Fr]);
    }
}
