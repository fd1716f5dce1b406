//! Codes of official places, as people file them: `NIS:21009`, `INSEE:59350`, `POST:BE:1050`; and the language
//! regimes of the law. Whether a code exists and what it covers: the gazetteer in `area`.

use super::language::Language;

/// The country whose law and codes apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Country {
    /// Belgium.
    Be,
    /// France.
    Fr,
}

impl Country {
    /// ISO 3166-1 alpha-2, upper case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Be => "BE",
            Self::Fr => "FR",
        }
    }

    /// Reads `BE` or `FR`.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "BE" => Some(Self::Be),
            "FR" => Some(Self::Fr),
            _ => None,
        }
    }
}

/// The code of an official place. A value has the right shape; only the gazetteer knows whether the place exists.
/// Codes are text, because leading zeros matter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlaceCode {
    /// A Belgian municipality (Statbel's REFNIS).
    Nis(String),
    /// A French commune (INSEE).
    Insee(String),
    /// A postal code; it stands for the whole of every municipality it is used in.
    Post {
        /// Whose post.
        country: Country,
        /// Four digits in Belgium, five in France.
        code: String,
    },
    /// A Belgian local police zone: its four digits, or `m` and four digits for a zone merged so recently that its
    /// official number is not known.
    Zone(String),
    /// A Belgian province or region (REFNIS).
    Prov(String),
    /// A French department.
    Dep(String),
    /// A Belgian judicial arrondissement, by its id in the gazetteer.
    Arr(String),
}

/// Why a text is no place code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedPlaceCode {
    /// No known prefix.
    #[error("`{0}` is not a place code; use NIS:, INSEE:, POST:BE:, POST:FR:, ZONE:, PROV:, DEP: or ARR:")]
    UnknownKind(String),
    /// The part after the prefix has the wrong shape.
    #[error("`{text}`: {expected}")]
    Shape {
        /// What was given.
        text: String,
        /// What was expected.
        expected: &'static str,
    },
}

impl PlaceCode {
    /// Reads the form people file; prefixes are upper case.
    pub fn parse(text: &str) -> Result<Self, MalformedPlaceCode> {
        let unknown = || MalformedPlaceCode::UnknownKind(text.to_owned());
        let (kind, code) = text.split_once(':').ok_or_else(unknown)?;
        let shape = |ok: bool, expected: &'static str| {
            if ok { Ok(code.to_owned()) } else { Err(MalformedPlaceCode::Shape { text: text.to_owned(), expected }) }
        };
        match kind {
            "NIS" => shape(digits(code, 5), "a NIS code has five digits, e.g. NIS:21009").map(Self::Nis),
            "INSEE" => shape(
                code.len() == 5 && department(code.get(..2).unwrap_or("")) && digits(code.get(2..).unwrap_or(""), 3),
                "an INSEE code has five characters, e.g. INSEE:59350 or INSEE:2A004",
            )
            .map(Self::Insee),
            "POST" => Self::parse_post(text, code),
            "ZONE" => shape(
                digits(code.strip_prefix('m').unwrap_or(code), 4),
                "a police zone has four digits, e.g. ZONE:5339, or m and four digits",
            )
            .map(Self::Zone),
            "PROV" => shape(digits(code, 5), "a province or region has five digits, e.g. PROV:20001").map(Self::Prov),
            "DEP" => {
                shape(department(code), "a department has two or three characters, e.g. DEP:59, DEP:2A or DEP:974")
                    .map(Self::Dep)
            }
            "ARR" => shape(
                !code.is_empty() && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "a judicial arrondissement is lower-case letters and hyphens, e.g. ARR:brussel",
            )
            .map(Self::Arr),
            _ => Err(unknown()),
        }
    }

    fn parse_post(text: &str, rest: &str) -> Result<Self, MalformedPlaceCode> {
        let refused = |expected| MalformedPlaceCode::Shape { text: text.to_owned(), expected };
        let parts = rest.split_once(':').and_then(|(country, code)| Some((Country::parse(country)?, code)));
        match parts {
            Some((Country::Be, code)) if digits(code, 4) => {
                Ok(Self::Post { country: Country::Be, code: code.to_owned() })
            }
            Some((Country::Fr, code)) if digits(code, 5) => {
                Ok(Self::Post { country: Country::Fr, code: code.to_owned() })
            }
            Some((Country::Be, _)) => Err(refused("a Belgian postal code has four digits, e.g. POST:BE:1050")),
            Some((Country::Fr, _)) => Err(refused("a French postal code has five digits, e.g. POST:FR:59000")),
            None => Err(refused("a postal code names its country, e.g. POST:BE:1050 or POST:FR:59000")),
        }
    }

    /// The country the code belongs to.
    #[must_use]
    pub const fn country(&self) -> Country {
        match self {
            Self::Nis(_) | Self::Zone(_) | Self::Prov(_) | Self::Arr(_) => Country::Be,
            Self::Insee(_) | Self::Dep(_) => Country::Fr,
            Self::Post { country, .. } => *country,
        }
    }
}

impl std::fmt::Display for PlaceCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nis(code) => write!(f, "NIS:{code}"),
            Self::Insee(code) => write!(f, "INSEE:{code}"),
            Self::Post { country, code } => write!(f, "POST:{}:{code}", country.code()),
            Self::Zone(code) => write!(f, "ZONE:{code}"),
            Self::Prov(code) => write!(f, "PROV:{code}"),
            Self::Dep(code) => write!(f, "DEP:{code}"),
            Self::Arr(code) => write!(f, "ARR:{code}"),
        }
    }
}

impl std::str::FromStr for PlaceCode {
    type Err = MalformedPlaceCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

fn digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
}

/// `01` to `95`, `2A`, `2B`, and the three digits of overseas; whether it exists is the gazetteer's business.
fn department(text: &str) -> bool {
    digits(text, 2) || digits(text, 3) || text == "2A" || text == "2B"
}

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

impl std::fmt::Display for Regime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_kind_of_code_reads_and_prints_the_same() {
        for text in [
            "NIS:21009",
            "INSEE:59350",
            "INSEE:2A004",
            "POST:BE:1050",
            "POST:FR:59000",
            "ZONE:5339",
            "ZONE:m5332",
            "PROV:20001",
            "DEP:59",
            "DEP:2B",
            "DEP:974",
            "ARR:brussel",
            "ARR:brabant-wallon",
        ] {
            assert_eq!(PlaceCode::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_wrong_shape_is_refused_with_an_example() {
        for text in [
            "",
            "21009",
            "NIS:2100",
            "NIS:2100a",
            "INSEE:5935",
            "POST:1050",
            "POST:BE:59000",
            "POST:DE:10115",
            "ZONE:53",
            "ZONE:x533",
            "DEP:2C",
            "DEP:5",
            "ARR:",
            "ARR:Brussel",
            "nis:21009",
            "NIS:２１００９",
        ] {
            assert!(PlaceCode::parse(text).is_err(), "{text} was taken");
        }
        let said = PlaceCode::parse("POST:FR:1050").unwrap_err().to_string();
        assert_eq!(said, "`POST:FR:1050`: a French postal code has five digits, e.g. POST:FR:59000");
    }

    #[test]
    fn regimes_read_back_and_put_the_areas_language_first() {
        for regime in Regime::ALL {
            assert_eq!(Regime::parse(regime.code()).unwrap(), regime);
        }
        assert_eq!(Regime::NlFr.languages(), [Language::Nl, Language::Fr]);
        assert_eq!(Regime::FrNl.languages(), [Language::Fr, Language::Nl]);
        assert_eq!(Regime::DeFr.languages(), [Language::De, Language::Fr]);
        assert!(Regime::parse("EN").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_fail_badly(text in "\\PC{0,20}") {
            if let Ok(code) = PlaceCode::parse(&text) {
                prop_assert_eq!(code.to_string(), text);
            }
        }
    }
}
