//! Bands of adult ages, and how each platform can be told them. Meta takes any; Google has six fixed ranges, of which some
//! can be left out; X has a list of bands. What a platform cannot say exactly is not sent: nobody outside the band is shown
//! anything, and nobody inside is silently left out.

use crate::domain::aim::AimPlatform;

/// From and to, both included; 18 at least. 65 stands for everybody older too, as platforms have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdultAges {
    least: u8,
    most: u8,
}

/// No band of adults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} to {1} is no age band of adults: 18 to 65, where 65 means and older")]
pub struct NoAdultAges(u8, u8);

/// Everybody older too.
const OLDEST: u8 = 65;

/// Google's ranges, by their words. People of whom it does not know the age are in none of them.
const GOOGLE: [(u8, u8, &str); 6] = [
    (18, 24, "AGE_RANGE_18_24"),
    (25, 34, "AGE_RANGE_25_34"),
    (35, 44, "AGE_RANGE_35_44"),
    (45, 54, "AGE_RANGE_45_54"),
    (55, 64, "AGE_RANGE_55_64"),
    (OLDEST, OLDEST, "AGE_RANGE_65_UP"),
];
/// Of those whose age Google does not know, minors among them.
const GOOGLE_UNKNOWN: &str = "AGE_RANGE_UNDETERMINED";

/// X's bands of adults, by their words. On no page of the platform that could be read; seen in several public programs.
const X: [(u8, u8, &str); 16] = [
    (18, OLDEST, "AGE_OVER_18"),
    (21, OLDEST, "AGE_OVER_21"),
    (25, OLDEST, "AGE_OVER_25"),
    (35, OLDEST, "AGE_OVER_35"),
    (50, OLDEST, "AGE_OVER_50"),
    (18, 24, "AGE_18_TO_24"),
    (18, 34, "AGE_18_TO_34"),
    (18, 49, "AGE_18_TO_49"),
    (18, 54, "AGE_18_TO_54"),
    (21, 34, "AGE_21_TO_34"),
    (21, 49, "AGE_21_TO_49"),
    (21, 54, "AGE_21_TO_54"),
    (25, 49, "AGE_25_TO_49"),
    (25, 54, "AGE_25_TO_54"),
    (35, 49, "AGE_35_TO_49"),
    (35, 54, "AGE_35_TO_54"),
];

impl AdultAges {
    /// Everybody of age.
    pub const ALL: Self = Self { least: 18, most: OLDEST };

    /// A band.
    pub const fn new(least: u8, most: u8) -> Result<Self, NoAdultAges> {
        if least < 18 || most > OLDEST || least > most {
            Err(NoAdultAges(least, most))
        } else {
            Ok(Self { least, most })
        }
    }

    /// Youngest.
    #[must_use]
    pub const fn least(self) -> u8 {
        self.least
    }

    /// Oldest; 65 and older when 65.
    #[must_use]
    pub const fn most(self) -> u8 {
        self.most
    }

    /// X's word for exactly this band; none where it has none.
    #[must_use]
    pub fn on_x(self) -> Option<&'static str> {
        X.iter().find(|(least, most, _)| (*least, *most) == (self.least, self.most)).map(|(.., word)| *word)
    }

    /// What Google is told to leave out so that exactly this band is left: always people of unknown age. None where the band
    /// begins or ends inside one of its ranges.
    #[must_use]
    pub fn not_on_google(self) -> Option<Vec<&'static str>> {
        let begins = GOOGLE.iter().any(|(least, ..)| *least == self.least);
        let ends = GOOGLE.iter().any(|(_, most, _)| *most == self.most);
        let outside = |(least, most, _): &&(u8, u8, &str)| *least < self.least || *most > self.most;
        let left_out = GOOGLE.iter().filter(outside).map(|(.., word)| *word);
        (begins && ends).then(|| left_out.chain([GOOGLE_UNKNOWN]).collect())
    }

    /// Whether a platform can be told exactly this band.
    #[must_use]
    pub fn fits(self, platform: AimPlatform) -> bool {
        match platform {
            AimPlatform::Meta => true,
            AimPlatform::Google => self.not_on_google().is_some(),
            AimPlatform::X => self.on_x().is_some(),
        }
    }

    /// The bands a platform takes, to be read by people: where it has a list, the list.
    #[must_use]
    pub fn taken_by(platform: AimPlatform) -> String {
        let band = |(least, most): (u8, u8)| Self { least, most }.to_string();
        let list = |all: Vec<(u8, u8)>| all.into_iter().map(band).collect::<Vec<_>>().join(", ");
        match platform {
            AimPlatform::Meta => Self::ALL.to_string(),
            AimPlatform::Google => list(GOOGLE.iter().map(|(least, most, _)| (*least, *most)).collect()),
            AimPlatform::X => list(X.iter().map(|(least, most, _)| (*least, *most)).collect()),
        }
    }
}

impl std::fmt::Display for AdultAges {
    /// As `25–54` or `35+`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.most {
            OLDEST => write!(f, "{}+", self.least),
            most => write!(f, "{}–{most}", self.least),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn minors_are_no_audience() {
        assert!(AdultAges::new(17, 65).is_err() && AdultAges::new(18, 66).is_err() && AdultAges::new(40, 30).is_err());
        assert_eq!(AdultAges::new(18, 65), Ok(AdultAges::ALL));
    }

    #[test]
    fn a_platform_is_told_exactly_the_band_or_nothing() {
        let band = |least, most| AdultAges::new(least, most).unwrap();
        assert_eq!(AdultAges::ALL.on_x(), Some("AGE_OVER_18"));
        assert_eq!(AdultAges::ALL.not_on_google(), Some(vec!["AGE_RANGE_UNDETERMINED"]));
        let middle = band(25, 54).not_on_google().unwrap();
        assert_eq!(middle, ["AGE_RANGE_18_24", "AGE_RANGE_55_64", "AGE_RANGE_65_UP", "AGE_RANGE_UNDETERMINED"]);
        assert_eq!((band(25, 54).on_x(), band(25, 60).on_x()), (Some("AGE_25_TO_54"), None));
        let fits = |ages: AdultAges| AimPlatform::ALL.iter().filter(|on| ages.fits(**on)).count();
        assert_eq!([fits(AdultAges::ALL), fits(band(25, 54)), fits(band(19, 30)), fits(band(35, 64))], [3, 3, 1, 2]);
        assert!(AdultAges::taken_by(AimPlatform::X).contains("18–34") && band(50, 65).to_string() == "50+");
    }
}
