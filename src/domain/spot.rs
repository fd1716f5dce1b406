//! A point somebody showed on a map, and how exactly they know the place.

use super::codes::codes;

codes! {
    /// How exactly a place is known.
    PlacePrecision {
        /// That very spot.
        Exact = "exact",
        /// Somewhere in the street.
        Street = "street",
        /// Somewhere around.
        Neighbourhood = "neighbourhood",
        /// The municipality and nothing nearer.
        Municipality = "municipality",
    }
}

/// A point, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// North.
    pub lat: f64,
    /// East.
    pub lng: f64,
}

impl Spot {
    /// A point on the earth; none when it is off it.
    #[must_use]
    pub fn new(lat: f64, lng: f64) -> Option<Self> {
        (lat.is_finite() && lng.is_finite() && lat.abs() <= 90.0 && lng.abs() <= 180.0).then_some(Self { lat, lng })
    }

    /// Reads what [`Self::to_text`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (lat, lng) = text.split_once(',')?;
        Self::new(lat.trim().parse().ok()?, lng.trim().parse().ok()?)
    }

    /// Both numbers to five decimals, about a metre.
    #[must_use]
    pub fn to_text(self) -> String {
        format!("{:.5},{:.5}", self.lat, self.lng)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn a_point_reads_as_it_is_written_and_stays_on_the_earth() {
        let spot = Spot::parse("50.85, 4.35").unwrap();
        assert_eq!(spot.to_text(), "50.85000,4.35000");
        assert_eq!(Spot::parse(&spot.to_text()), Some(spot));
        for wrong in ["", "50.85", "91,0", "0,181", "NaN,0", "inf,0", "a,b", "1,2,3"] {
            assert_eq!(Spot::parse(wrong), None, "{wrong}");
        }
    }
}
