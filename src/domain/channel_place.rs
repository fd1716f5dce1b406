//! Places as an advertising platform lists them: its own id, its own name, and what official place that is. Which of them
//! an aim takes: `area::aim`; how a platform writes its list: `channels::targeting`; how names are read: `area`.

use super::place::PlaceCode;

/// What sort of place a platform says it is, in the words of the X Ads API (`location_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChannelPlaceKind {
    /// `COUNTRIES`.
    Country,
    /// `REGIONS`: regions, provinces, departments; each country its own sort.
    Region,
    /// `METROS`: market areas without an official boundary.
    Metro,
    /// `CITIES`.
    City,
    /// `POSTAL_CODES`.
    PostalCode,
}

impl ChannelPlaceKind {
    /// All of them, the widest first.
    pub const ALL: [Self; 5] = [Self::Country, Self::Region, Self::Metro, Self::City, Self::PostalCode];

    /// As on the wire and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Country => "COUNTRIES",
            Self::Region => "REGIONS",
            Self::Metro => "METROS",
            Self::City => "CITIES",
            Self::PostalCode => "POSTAL_CODES",
        }
    }

    /// Reads [`ChannelPlaceKind::code`].
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One row of a platform's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPlace {
    /// The platform's id: what targeting names. At most 64 letters and digits.
    pub id: String,
    /// The platform's name for it, in whatever language it has; at most 200 characters.
    pub name: String,
    /// What sort.
    pub kind: ChannelPlaceKind,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
}

/// Why a row of a platform's list is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusablePlace {
    /// Empty, too long, or other than letters and digits.
    #[error("`{0}` is no place id: 1 to 64 letters and digits")]
    Id(String),
    /// Empty or too long.
    #[error("the place {0} has no name of 1 to 200 characters")]
    Name(String),
    /// No such kind.
    #[error("`{0}` is no location type; known are COUNTRIES, REGIONS, METROS, CITIES and POSTAL_CODES")]
    Kind(String),
    /// Not two letters.
    #[error("`{0}` is no country code of two letters")]
    Country(String),
}

impl ListedPlace {
    /// Checks what a platform gave. Control characters in a name become spaces.
    pub fn new(id: &str, name: &str, kind: &str, country: &str) -> Result<Self, UnusablePlace> {
        if id.is_empty() || id.len() > 64 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(UnusablePlace::Id(id.chars().take(64).collect()));
        }
        let plain: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let name = plain.trim();
        if name.is_empty() || name.chars().count() > 200 {
            return Err(UnusablePlace::Name(id.to_owned()));
        }
        let kind = ChannelPlaceKind::parse(kind).ok_or_else(|| UnusablePlace::Kind(kind.chars().take(40).collect()))?;
        if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Err(UnusablePlace::Country(country.chars().take(10).collect()));
        }
        Ok(Self { id: id.to_owned(), name: name.to_owned(), kind, country: country.to_ascii_uppercase() })
    }
}

/// A listed place and what official place it was read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelPlace {
    /// What the platform lists.
    pub listed: ListedPlace,
    /// The official place; else why there is none, in words.
    pub meaning: Result<PlaceCode, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_checked_before_it_is_kept() {
        let read = |id, name, kind, country| ListedPlace::new(id, name, kind, country);
        let place = read("08b1a9a4f7e21c30", " Gent\u{7}", "CITIES", "be");
        assert_eq!(
            place.map(|p| (p.name, p.country, p.kind)),
            Ok(("Gent".to_owned(), "BE".to_owned(), ChannelPlaceKind::City))
        );
        assert_eq!(read("", "Gent", "CITIES", "BE"), Err(UnusablePlace::Id(String::new())));
        assert_eq!(read("a b", "Gent", "CITIES", "BE"), Err(UnusablePlace::Id("a b".to_owned())));
        assert_eq!(read("ab", " ", "CITIES", "BE"), Err(UnusablePlace::Name("ab".to_owned())));
        assert_eq!(read("ab", "Gent", "TOWNS", "BE"), Err(UnusablePlace::Kind("TOWNS".to_owned())));
        assert_eq!(read("ab", "Gent", "CITIES", "BEL"), Err(UnusablePlace::Country("BEL".to_owned())));
    }
}
