//! What is filed for a target area: codes, circles, geometry and cells, minus exclusions, at a resolution, in a mode.
//! Reading it from a request and turning it into cells: `area`.

use h3o::Resolution;

use super::{CellSet, Corridor};
use crate::domain::place::PlaceCode;

/// Which border cells belong to a covered shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CoverMode {
    /// Every cell the shape touches: no street is missed, the border overshoots. The default.
    #[default]
    Covers,
    /// Cells whose centre is inside: neighbours share no cell, the size is right on average.
    Centroid,
    /// Cells wholly inside: nothing beyond the border is reached.
    Inside,
}

/// The text names no mode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a mode; use covers, centroid or inside")]
pub struct UnknownMode(pub String);

impl CoverMode {
    /// As written in requests: `covers`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Covers => "covers",
            Self::Centroid => "centroid",
            Self::Inside => "inside",
        }
    }

    /// Reads [`CoverMode::code`].
    pub fn parse(text: &str) -> Result<Self, UnknownMode> {
        [Self::Covers, Self::Centroid, Self::Inside]
            .into_iter()
            .find(|mode| mode.code() == text)
            .ok_or_else(|| UnknownMode(text.to_owned()))
    }

    /// The mode for an exclusion: a filing that may miss nothing takes away only what is wholly excluded, and one
    /// that may not overshoot takes away all that is touched.
    #[must_use]
    pub const fn for_exclusions(self) -> Self {
        match self {
            Self::Covers => Self::Inside,
            Self::Centroid => Self::Centroid,
            Self::Inside => Self::Covers,
        }
    }
}

impl std::fmt::Display for CoverMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// A circle on the Earth. The centre is kept in whole 1e-7 degrees (about 1 cm) and the radius in whole metres, so
/// that what is stored reads back as the same circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circle {
    lat_e7: i32,
    lon_e7: i32,
    radius_m: u32,
}

/// Why there is no such circle.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ImpossibleCircle {
    /// Beyond a pole, or no number.
    #[error("latitude {0} is not between -90 and 90")]
    Latitude(f64),
    /// Beyond the antimeridian, or no number.
    #[error("longitude {0} is not between -180 and 180")]
    Longitude(f64),
    /// Nothing, or more than [`Circle::MAX_RADIUS_M`].
    #[error("a radius of {0} m is not between 1 m and 1000000 m")]
    Radius(f64),
}

impl Circle {
    /// 1,000 km reaches all of Belgium and France from anywhere in them; beyond is a mistake in the unit.
    pub const MAX_RADIUS_M: u32 = 1_000_000;

    /// Rounds to the kept precision.
    pub fn new(lat: f64, lon: f64, radius_m: f64) -> Result<Self, ImpossibleCircle> {
        if !(-90.0..=90.0).contains(&lat) {
            return Err(ImpossibleCircle::Latitude(lat));
        }
        if !(-180.0..=180.0).contains(&lon) {
            return Err(ImpossibleCircle::Longitude(lon));
        }
        if !(1.0..=f64::from(Self::MAX_RADIUS_M)).contains(&radius_m) {
            return Err(ImpossibleCircle::Radius(radius_m));
        }
        #[allow(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked above: 180e7 fits an i32, the radius is between 1 and a million"
        )]
        let (lat_e7, lon_e7, radius_m) =
            ((lat * 1e7).round() as i32, (lon * 1e7).round() as i32, radius_m.round() as u32);
        Ok(Self { lat_e7, lon_e7, radius_m })
    }

    /// Degrees north of the centre.
    #[must_use]
    pub fn lat(self) -> f64 {
        f64::from(self.lat_e7) / 1e7
    }

    /// Degrees east of the centre.
    #[must_use]
    pub fn lon(self) -> f64 {
        f64::from(self.lon_e7) / 1e7
    }

    /// Metres.
    #[must_use]
    pub const fn radius_m(self) -> u32 {
        self.radius_m
    }
}

/// One thing that was filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AreaPart {
    /// An official place, by its code.
    Place(PlaceCode),
    /// An official place as somebody wrote it, by name or by a code of former times, and what it was read as. Only
    /// a resolved filing has the reading: later tables must not change it.
    Named {
        /// As filed.
        text: String,
        /// What it meant when it was resolved.
        read_as: Option<PlaceCode>,
    },
    /// Everything within a radius.
    Circle(Circle),
    /// Everything within a radius of lines.
    Corridor(Corridor),
    /// `GeoJSON`, kept as it was filed.
    Geometry(String),
    /// Cells, taken as they are.
    Cells(CellSet),
}

impl AreaPart {
    /// The official place the part is, if it is one and known.
    #[must_use]
    pub const fn place(&self) -> Option<&PlaceCode> {
        match self {
            Self::Place(code) => Some(code),
            Self::Named { read_as, .. } => read_as.as_ref(),
            _ => None,
        }
    }
}

/// A whole filing: the union of what is included minus the union of what is excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaSpec {
    /// At least one part, or the area is empty.
    pub include: Vec<AreaPart>,
    /// May be empty.
    pub exclude: Vec<AreaPart>,
    /// Cells are no finer than this.
    pub resolution: Resolution,
    /// How borders are rounded to cells.
    pub mode: CoverMode,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn an_impossible_circle_is_refused_with_its_number() {
        assert_eq!(Circle::new(95.0, 4.0, 1.0), Err(ImpossibleCircle::Latitude(95.0)));
        assert_eq!(Circle::new(50.0, 181.0, 1.0), Err(ImpossibleCircle::Longitude(181.0)));
        assert_eq!(Circle::new(50.0, 4.0, 0.0), Err(ImpossibleCircle::Radius(0.0)));
        assert!(Circle::new(f64::NAN, 4.0, 10.0).is_err());
        assert!(Circle::new(50.0, 4.0, f64::INFINITY).is_err());
    }

    #[test]
    fn a_circle_keeps_a_centimetre_and_reads_back() {
        let circle = Circle::new(50.850_345_678_9, -4.351_7, 10_000.4).unwrap();
        assert_eq!(circle.radius_m(), 10_000);
        let again = Circle::new(circle.lat(), circle.lon(), f64::from(circle.radius_m())).unwrap();
        assert_eq!(again, circle);
    }
}
