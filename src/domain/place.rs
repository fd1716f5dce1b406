//! Codes of official places, as people file them: `NIS:21009`, `INSEE:59350`, `POST:BE:1050`. Whether a code exists
//! and what it covers: the gazetteer in `area`. The language regimes are in `regime`.

pub use super::regime::{Facilities, LanguageArea, Regime, UnknownRegime};

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
    /// A Belgian administrative arrondissement (REFNIS): `21000`.
    Admin(String),
    /// The territory of a Belgian public prosecutor's office, by its id in the gazetteer.
    Prosecutor(String),
    /// A Belgian region (REFNIS, `02000`) or a French one (`FR-` and INSEE's two digits).
    Reg(String),
    /// One of the four Belgian language areas.
    Lang(LanguageArea),
    /// All of a country that the sources have a boundary of.
    Whole(Country),
}

/// What sort of place a code names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlaceKind {
    /// A Belgian municipality or a French commune.
    Municipality,
    /// A Belgian province.
    Province,
    /// A French department.
    Department,
    /// A region.
    Region,
    /// A country.
    Country,
    /// A Belgian language area.
    LanguageArea,
    /// A Belgian judicial arrondissement.
    JudicialArrondissement,
    /// A Belgian administrative arrondissement.
    Arrondissement,
    /// A Belgian local police zone.
    PoliceZone,
    /// The territory of a Belgian prosecutor's office.
    Prosecutor,
    /// A postal code.
    PostalCode,
}

impl PlaceKind {
    /// As in answers: `police_zone`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Municipality => "municipality",
            Self::Province => "province",
            Self::Department => "department",
            Self::Region => "region",
            Self::Country => "country",
            Self::LanguageArea => "language_area",
            Self::JudicialArrondissement => "judicial_arrondissement",
            Self::Arrondissement => "arrondissement",
            Self::PoliceZone => "police_zone",
            Self::Prosecutor => "prosecutor",
            Self::PostalCode => "postal_code",
        }
    }
}

/// Why a text is no place code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedPlaceCode {
    /// No known prefix.
    #[error(
        "`{0}` is not a place code; use NIS:, INSEE:, POST:BE:, POST:FR:, ZONE:, PROV:, DEP:, ARR:, PROSECUTOR:, \
         REG:, LANG: or COUNTRY:"
    )]
    UnknownKind(String),
    /// Official divisions whose members no public table we hold tells.
    #[error("`{0}`: the boundaries of cantons are not in the sources; file the municipalities, or a drawn area")]
    Canton(String),
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
            "ARR" if digits(code, 5) => Ok(Self::Admin(code.to_owned())),
            "ARR" => shape(
                is_id(code),
                "a Belgian arrondissement is five digits (administrative, e.g. ARR:21000) or lower-case letters and \
                 hyphens (judicial, e.g. ARR:brussel); French arrondissements are not in the sources",
            )
            .map(Self::Arr),
            "PROSECUTOR" => {
                shape(is_id(code), "a prosecutor's office is lower-case letters and hyphens, e.g. PROSECUTOR:eupen")
                    .map(Self::Prosecutor)
            }
            "REG" => shape(
                digits(code, 5) || code.strip_prefix("FR-").is_some_and(|region| digits(region, 2)),
                "a region is REG:02000, REG:03000 or REG:04000 in Belgium, REG:FR- and two digits in France",
            )
            .map(Self::Reg),
            "LANG" => LanguageArea::parse(code).map(Self::Lang).ok_or_else(|| MalformedPlaceCode::Shape {
                text: text.to_owned(),
                expected: "a language area is LANG:NL, LANG:FR, LANG:BRU or LANG:DE",
            }),
            "COUNTRY" => Country::parse(code).map(Self::Whole).ok_or_else(|| MalformedPlaceCode::Shape {
                text: text.to_owned(),
                expected: "a country is COUNTRY:BE or COUNTRY:FR",
            }),
            "CANTON" => Err(MalformedPlaceCode::Canton(text.to_owned())),
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
    pub fn country(&self) -> Country {
        match self {
            Self::Nis(_)
            | Self::Zone(_)
            | Self::Prov(_)
            | Self::Arr(_)
            | Self::Admin(_)
            | Self::Prosecutor(_)
            | Self::Lang(_) => Country::Be,
            Self::Insee(_) | Self::Dep(_) => Country::Fr,
            Self::Post { country, .. } | Self::Whole(country) => *country,
            Self::Reg(code) => {
                if code.starts_with("FR-") {
                    Country::Fr
                } else {
                    Country::Be
                }
            }
        }
    }

    /// What sort of place it is.
    #[must_use]
    pub const fn kind(&self) -> PlaceKind {
        match self {
            Self::Nis(_) | Self::Insee(_) => PlaceKind::Municipality,
            Self::Post { .. } => PlaceKind::PostalCode,
            Self::Zone(_) => PlaceKind::PoliceZone,
            Self::Prov(_) => PlaceKind::Province,
            Self::Dep(_) => PlaceKind::Department,
            Self::Arr(_) => PlaceKind::JudicialArrondissement,
            Self::Admin(_) => PlaceKind::Arrondissement,
            Self::Prosecutor(_) => PlaceKind::Prosecutor,
            Self::Reg(_) => PlaceKind::Region,
            Self::Lang(_) => PlaceKind::LanguageArea,
            Self::Whole(_) => PlaceKind::Country,
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
            Self::Arr(code) | Self::Admin(code) => write!(f, "ARR:{code}"),
            Self::Prosecutor(id) => write!(f, "PROSECUTOR:{id}"),
            Self::Reg(code) => write!(f, "REG:{code}"),
            Self::Lang(area) => write!(f, "LANG:{}", area.code()),
            Self::Whole(country) => write!(f, "COUNTRY:{}", country.code()),
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

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

/// `01` to `95`, `2A`, `2B`, and the three digits of overseas; whether it exists is the gazetteer's business.
fn department(text: &str) -> bool {
    digits(text, 2) || digits(text, 3) || text == "2A" || text == "2B"
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
            "ARR:21000",
            "PROSECUTOR:halle-vilvoorde",
            "REG:02000",
            "REG:FR-32",
            "LANG:BRU",
            "COUNTRY:FR",
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
            "ARR:FR-59",
            "CANTON:21",
            "REG:FR-3",
            "REG:59",
            "LANG:EN",
            "COUNTRY:DE",
            "nis:21009",
            "NIS:２１００９",
        ] {
            assert!(PlaceCode::parse(text).is_err(), "{text} was taken");
        }
        let said = PlaceCode::parse("POST:FR:1050").unwrap_err().to_string();
        assert_eq!(said, "`POST:FR:1050`: a French postal code has five digits, e.g. POST:FR:59000");
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
