//! The committed tables, made from the source tables: only the columns the gazetteer reads, in its order.

use std::path::Path;

use super::run::BuildError;
use super::sources::{Row, field, rows};
use crate::area::france::{COMMUNES_HEADER, department_of};

/// (committed column, source column) pairs.
type Columns = &'static [(&'static str, &'static str)];

const BE_MUNICIPALITIES: Columns = &[
    ("nis", "nis"),
    ("name_fr", "name_fr"),
    ("name_nl", "name_nl"),
    ("name_de", "name_de"),
    ("regime", "regime"),
    ("province", "province_nis"),
    ("arrondissement", "judicial_arrondissement"),
    ("prosecutor", "prosecutor"),
    ("population", "population_2020"),
    ("postal_codes", "postal_codes"),
];
const BE_PROVINCES: Columns = &[
    ("code", "nis"),
    ("name_fr", "name_fr"),
    ("name_nl", "name_nl"),
    ("name_de", "name_de"),
    ("region", "region_nis"),
];
const BE_ARRONDISSEMENTS: Columns = &[
    ("id", "id"),
    ("name_fr", "name_fr"),
    ("name_nl", "name_nl"),
    ("name_de", "name_de"),
    ("court_of_appeal", "court_of_appeal"),
];
const BE_PROSECUTORS: Columns = &[
    ("id", "id"),
    ("name_fr", "name_fr"),
    ("name_nl", "name_nl"),
    ("languages", "working_languages"),
    ("arrondissement", "judicial_arrondissement"),
];
const BE_NIS_CHANGES: Columns = &[("old_nis", "old_nis"), ("nis", "nis"), ("from", "from"), ("kind", "kind")];
const FR_DEPARTEMENTS: Columns =
    &[("code", "code"), ("name", "name"), ("region_code", "region_code"), ("region_name", "region_name")];
const FR_COURTS: Columns = &[
    ("id", "id"),
    ("court_name", "court_name"),
    ("prosecutor_name", "prosecutor_name"),
    ("seat_commune", "seat_commune"),
    ("dep", "dep"),
    ("court_of_appeal", "court_of_appeal"),
    ("covers_whole_department", "covers_whole_department"),
];

/// Every table by its committed name. The two countries' units are given already sorted by code.
pub(super) fn tables(source: &Path, be: &[Row], fr: &[Row]) -> Result<Vec<(&'static str, Vec<u8>)>, BuildError> {
    let copied = |name, columns| written(&rows(source, name)?, columns);
    Ok(vec![
        ("be_municipalities.csv", written(be, BE_MUNICIPALITIES)?),
        ("be_provinces.csv", copied("be_provinces.csv", BE_PROVINCES)?),
        ("be_arrondissements.csv", copied("be_judicial_arrondissements.csv", BE_ARRONDISSEMENTS)?),
        ("be_prosecutors.csv", copied("be_prosecutors.csv", BE_PROSECUTORS)?),
        ("be_police_zones.csv", zones(source)?),
        ("be_nis_changes.csv", copied("be_nis_changes.csv", BE_NIS_CHANGES)?),
        ("fr_communes.csv", communes(fr)?),
        ("fr_departements.csv", copied("fr_departements.csv", FR_DEPARTEMENTS)?),
        ("fr_courts.csv", copied("fr_tribunaux_judiciaires.csv", FR_COURTS)?),
    ])
}

fn written(rows: &[Row], columns: Columns) -> Result<Vec<u8>, BuildError> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let fault = |e: csv::Error| BuildError::Check(e.to_string());
    out.write_record(columns.iter().map(|(name, _)| name)).map_err(fault)?;
    for row in rows {
        let record = columns.iter().map(|(_, from)| field(row, from)).collect::<Result<Vec<_>, _>>()?;
        out.write_record(record).map_err(fault)?;
    }
    out.into_inner().map_err(|e| BuildError::Check(e.to_string()))
}

/// A zone goes by its official number where there is one. This table is under its own licence and stands alone.
fn zones(source: &Path) -> Result<Vec<u8>, BuildError> {
    let mut zones = rows(source, "be_police_zones.csv")?;
    for zone in &mut zones {
        let official = field(zone, "zone_code")?.to_owned();
        let code = if official.is_empty() { field(zone, "zone_id")?.to_owned() } else { official };
        zone.insert("zone".to_owned(), code);
    }
    written(
        &zones,
        &[
            ("zone", "zone"),
            ("former", "former_zone_codes"),
            ("name_fr", "name_fr"),
            ("name_nl", "name_nl"),
            ("nis", "nis"),
        ],
    )
}

/// The communes' table is read in place, so no field may need quotes.
fn communes(rows: &[Row]) -> Result<Vec<u8>, BuildError> {
    let mut out = format!("{COMMUNES_HEADER}\n");
    for row in rows {
        let (code, name) = (field(row, "code")?, field(row, "name")?);
        let (population, posts) = (field(row, "population")?, field(row, "postal_codes")?);
        let population = if population.is_empty() { "0" } else { population };
        if [code, name, population, posts].iter().any(|text| text.contains([',', '"', '\n'])) {
            return Err(BuildError::Check(format!("INSEE:{code} has a comma, a quote or a line end in a field")));
        }
        if department_of(code) != field(row, "dep")? {
            return Err(BuildError::Check(format!("INSEE:{code} is not in the department its code says")));
        }
        out.extend([code, ",", name, ",", population, ",", posts, "\n"]);
    }
    Ok(out.into_bytes())
}
