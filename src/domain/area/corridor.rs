//! A corridor: everything within a radius of lines, e.g. of the last known route. What cells it becomes: `area`.

/// Lines and how far to either side. Positions are kept in whole 1e-7 degrees (about 1 cm) and the radius in whole
/// metres, so that what is stored reads back as the same corridor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corridor {
    lines: Vec<Vec<(i32, i32)>>,
    radius_m: u32,
}

/// Why there is no such corridor.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ImpossibleCorridor {
    /// A line of fewer than two positions.
    #[error("a line has at least two positions")]
    TooShort {
        /// Which line.
        line: usize,
    },
    /// Not on the Earth, or too near a pole for a width in metres to mean a shape on the map.
    #[error("longitude {lon}, latitude {lat}: a corridor lies between -180 and 180 east and -80 and 80 north")]
    Position {
        /// Which line.
        line: usize,
        /// Which position of it.
        position: usize,
        /// Degrees east.
        lon: f64,
        /// Degrees north.
        lat: f64,
    },
    /// Nothing, or more than [`Corridor::MAX_RADIUS_M`].
    #[error("a radius of {0} m is not between 1 m and 100000 m")]
    Radius(f64),
}

impl Corridor {
    /// 100 km to either side is a region; beyond is a mistake in the unit.
    pub const MAX_RADIUS_M: u32 = 100_000;

    /// Reads lines of (longitude, latitude) and rounds to the kept precision.
    pub fn new(lines: &[Vec<(f64, f64)>], radius_m: f64) -> Result<Self, ImpossibleCorridor> {
        if !(1.0..=f64::from(Self::MAX_RADIUS_M)).contains(&radius_m) {
            return Err(ImpossibleCorridor::Radius(radius_m));
        }
        let mut kept = Vec::with_capacity(lines.len());
        for (line, positions) in lines.iter().enumerate() {
            if positions.len() < 2 {
                return Err(ImpossibleCorridor::TooShort { line });
            }
            let mut read = Vec::with_capacity(positions.len());
            for (position, &(lon, lat)) in positions.iter().enumerate() {
                if !(-180.0..=180.0).contains(&lon) || !(-80.0..=80.0).contains(&lat) {
                    return Err(ImpossibleCorridor::Position { line, position, lon, lat });
                }
                #[allow(
                    clippy::as_conversions,
                    clippy::cast_possible_truncation,
                    reason = "checked above: 180e7 fits an i32"
                )]
                read.push(((lon * 1e7).round() as i32, (lat * 1e7).round() as i32));
            }
            kept.push(read);
        }
        if kept.is_empty() {
            return Err(ImpossibleCorridor::TooShort { line: 0 });
        }
        #[allow(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked above: the radius is between 1 and 100,000"
        )]
        Ok(Self { lines: kept, radius_m: radius_m.round() as u32 })
    }

    /// The lines as (longitude, latitude) in degrees.
    pub fn lines(&self) -> impl Iterator<Item = Vec<(f64, f64)>> + '_ {
        let degrees = |&(lon, lat): &(i32, i32)| (f64::from(lon) / 1e7, f64::from(lat) / 1e7);
        self.lines.iter().map(move |line| line.iter().map(degrees).collect())
    }

    /// Metres to either side.
    #[must_use]
    pub const fn radius_m(&self) -> u32 {
        self.radius_m
    }

    /// Positions of all lines.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.lines.iter().map(Vec::len).sum()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn a_corridor_keeps_a_centimetre_and_reads_back() {
        let corridor = Corridor::new(&[vec![(4.351_703_2, 50.850_345_678_9), (4.4, 50.9)]], 500.4).unwrap();
        assert_eq!((corridor.radius_m(), corridor.positions()), (500, 2));
        let again = Corridor::new(&corridor.lines().collect::<Vec<_>>(), f64::from(corridor.radius_m())).unwrap();
        assert_eq!(again, corridor);
    }

    #[test]
    fn an_impossible_corridor_is_refused_with_its_place() {
        let line = |positions: &[(f64, f64)], radius| Corridor::new(&[positions.to_vec()], radius);
        assert_eq!(line(&[(4.0, 50.0)], 10.0), Err(ImpossibleCorridor::TooShort { line: 0 }));
        assert_eq!(Corridor::new(&[], 10.0), Err(ImpossibleCorridor::TooShort { line: 0 }));
        assert_eq!(line(&[(4.0, 50.0), (5.0, 50.0)], 0.5), Err(ImpossibleCorridor::Radius(0.5)));
        assert_eq!(line(&[(4.0, 50.0), (5.0, 50.0)], 100_001.0), Err(ImpossibleCorridor::Radius(100_001.0)));
        let off = line(&[(4.0, 50.0), (4.0, 85.0)], 10.0);
        assert_eq!(off, Err(ImpossibleCorridor::Position { line: 0, position: 1, lon: 4.0, lat: 85.0 }));
        assert!(line(&[(f64::NAN, 50.0), (4.0, 50.0)], 10.0).is_err());
    }
}
