//! From a point to the official place it lies in. The answer is that of the point's cell (about 66 m across at
//! resolution 10, 175 m in France), because no boundary polygon is carried.

use h3o::{CellIndex, LatLng, Resolution};

use super::gazetteer::Gazetteer;
use super::members::Names;
use crate::domain::area::SUBSCRIBER_RESOLUTION;
use crate::domain::place::{Country, PlaceCode, Regime};

/// The numbers are no point of the Earth.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("latitude {lat}, longitude {lon} is no point of the Earth: latitude is -90 to 90, longitude -180 to 180")]
pub struct OffTheEarth {
    lat: f64,
    lon: f64,
}

/// What is known about a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The municipality or commune; none outside both countries.
    pub place: Option<LocatedPlace>,
    /// The point's cell at resolution 9: what may be kept about where somebody is.
    pub cell: CellIndex,
}

/// The official place of a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocatedPlace {
    /// NIS or INSEE.
    pub code: PlaceCode,
    /// Its names.
    pub names: Names,
    /// Its language regime.
    pub regime: Regime,
    /// The Belgian police zone's code.
    pub police_zone: Option<String>,
    /// The Belgian judicial arrondissement's id.
    pub arrondissement: Option<String>,
    /// The Belgian prosecutor's office, or the French court when the department has only one.
    pub prosecutor: Option<String>,
    /// The French courts that come into question: one, or all of the department.
    pub courts: Vec<String>,
}

impl Gazetteer {
    /// The place of a point, in degrees.
    pub fn locate(&self, lat: f64, lon: f64) -> Result<Located, OffTheEarth> {
        let off = OffTheEarth { lat, lon };
        if !(-90.0..=90.0).contains(&lat) || !(-180.0..=180.0).contains(&lon) {
            return Err(off);
        }
        let point = LatLng::new(lat, lon).map_err(|_| off)?;
        let place =
            self.owner_of(point.to_cell(SUBSCRIBER_RESOLUTION)).and_then(|(country, row)| self.describe(country, row));
        Ok(Located { place, cell: point.to_cell(Resolution::Nine) })
    }

    fn describe(&self, country: Country, row: u16) -> Option<LocatedPlace> {
        let code = self.code_of(country, row)?;
        let names = self.names(&code)?;
        match country {
            Country::Be => {
                let m = self.belgium.municipality(row)?;
                Some(LocatedPlace {
                    code,
                    names,
                    regime: m.regime,
                    police_zone: self.belgium.zone_of(&m.nis).map(|zone| zone.code.clone()),
                    arrondissement: Some(m.arrondissement.clone()),
                    prosecutor: Some(m.prosecutor.clone()),
                    courts: Vec::new(),
                })
            }
            Country::Fr => {
                let courts: Vec<String> =
                    self.courts_of(self.france.commune(row)?.code).into_iter().map(|court| court.id.clone()).collect();
                let prosecutor = if let [only] = courts.as_slice() { Some(only.clone()) } else { None };
                let (police_zone, arrondissement) = (None, None);
                Some(LocatedPlace { code, names, regime: Regime::Fr, police_zone, arrondissement, prosecutor, courts })
            }
        }
    }
}

/// A cell typed by a person as a subscriber's place: a hexadecimal H3 index of the subscriber resolution.
pub fn subscriber_cell(text: &str) -> Result<u64, String> {
    let cell: CellIndex = text.trim().parse().map_err(|_| format!("`{}` is not an H3 cell", text.trim()))?;
    if cell.resolution() != SUBSCRIBER_RESOLUTION {
        return Err(format!("the cell has resolution {}, not 10", cell.resolution()));
    }
    Ok(cell.into())
}
