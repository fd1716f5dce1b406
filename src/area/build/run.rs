//! The build itself: read, place every unit, write, and say what came out.

use std::path::{Path, PathBuf};

use h3o::Resolution;

use super::cells::{Partition, Place, partition};
use super::index_writer;
use super::sources::{Row, boundaries, field, newest_month, rows};
use super::tables::tables;
use crate::area::gazetteer::{self, Gazetteer};
use crate::domain::area::SUBSCRIBER_RESOLUTION;
use crate::domain::place::Country;

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A source file cannot be read or is not what it should be.
    #[error("{path}: {reason}")]
    Source {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A source table lacks a column.
    #[error("a source table has no column `{0}`")]
    Column(&'static str),
    /// A file cannot be written.
    #[error("{path}: {source}")]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The sources contradict themselves.
    #[error("{0}")]
    Check(String),
}

/// How far the build is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A country's units are about to be placed.
    Country(Country, usize),
    /// One more unit is placed.
    UnitDone,
}

/// What was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildReport {
    /// The version of the result.
    pub version: String,
    /// Bytes of all files written.
    pub bytes: u64,
    /// Belgium, then France.
    pub countries: Vec<CountryReport>,
}

/// What was built for one country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountryReport {
    /// Which.
    pub country: Country,
    /// Municipalities or communes.
    pub units: usize,
    /// Resolution of the cells.
    pub resolution: Resolution,
    /// Cells with an owner.
    pub cells: u64,
    /// Runs of cells with one owner, as stored.
    pub runs: usize,
    /// Units smaller than a cell, which share the cell of their interior point.
    pub shared: usize,
    /// Cells whose centre lay exactly in two units; the first by code has them.
    pub contested: u64,
    /// Cells that hold a unit's interior point and went to it, though their centre lies elsewhere.
    pub handed_over: u64,
    /// Codes without any boundary.
    pub without_boundary: Vec<String>,
}

/// Reads the sources and writes `into`. Nothing is written unless every check holds.
pub fn build(source: &Path, into: &Path, progress: &(dyn Fn(Step) + Sync)) -> Result<BuildReport, BuildError> {
    let month = newest_month(source)?;
    let be_rows = sorted(rows(source, "be_municipalities.csv")?, "nis")?;
    let fr_rows = sorted(rows(source, "fr_communes.csv")?, "code")?;
    let mut files = tables(source, &be_rows, &fr_rows)?;

    let mut countries = Vec::new();
    for (country, rows, code, name, resolution, out) in [
        (Country::Be, &be_rows, "nis", "be_municipalities.geojson", SUBSCRIBER_RESOLUTION, "be_cells.bin"),
        // Resolution 9 halves what 35,000 communes cost; Belgium needs 10 along its language borders.
        (Country::Fr, &fr_rows, "code", "fr_communes.geojson.gz", Resolution::Nine, "fr_cells.bin"),
    ] {
        let places = places(source, rows, code, name)?;
        progress(Step::Country(country, places.len()));
        let parts = partition(&places, resolution, progress)?;
        let units = u16::try_from(places.len()).map_err(|_| BuildError::Check(format!("{} units", places.len())))?;
        let bytes = index_writer::write(resolution, units, &parts.runs, &parts.shared)
            .ok_or_else(|| BuildError::Check("the cell index grew too large for its format".to_owned()))?;
        files.push((out, bytes));
        countries.push(report(country, &places, resolution, parts));
    }

    let in_order = gazetteer::NAMES.iter().filter_map(|name| files.iter().find(|(file, _)| file == name));
    let digest = gazetteer::digest(in_order.map(|(name, bytes)| (*name, bytes.as_slice())));
    let version = format!("{month}.{digest}");
    files.push(("VERSION", format!("{version}\n").into_bytes()));
    files.push(("ATTRIBUTION.md", attribution().into_bytes()));
    let written = write_all(into, &files)?;
    Ok(BuildReport { version, bytes: written, countries })
}

fn sorted(mut rows: Vec<Row>, code: &'static str) -> Result<Vec<Row>, BuildError> {
    if let Some(row) = rows.first() {
        field(row, code)?;
    }
    rows.sort_by(|a, b| a.get(code).cmp(&b.get(code)));
    let twice = rows.windows(2).find(|pair| matches!(pair, [a, b] if a.get(code) == b.get(code)));
    match twice.and_then(<[Row]>::first) {
        Some(row) => Err(BuildError::Check(format!("{code} {} stands twice", field(row, code)?))),
        None => Ok(rows),
    }
}

fn places(source: &Path, rows: &[Row], code: &'static str, name: &str) -> Result<Vec<Place>, BuildError> {
    let mut known = boundaries(source, name)?;
    let mut places = Vec::with_capacity(rows.len());
    for row in rows {
        let code = field(row, code)?.to_owned();
        let boundary = known.remove(&code).unwrap_or_default();
        let point = field(row, "lat")?.parse().ok().zip(field(row, "lon")?.parse().ok());
        places.push(Place { code, boundary, point });
    }
    match known.keys().next() {
        Some(stray) => Err(BuildError::Check(format!("{name} has {stray}, which no table knows"))),
        None => Ok(places),
    }
}

fn report(country: Country, places: &[Place], resolution: Resolution, parts: Partition) -> CountryReport {
    CountryReport {
        country,
        units: places.len(),
        resolution,
        cells: parts.cells,
        runs: parts.runs.len(),
        shared: parts.shared.len(),
        contested: parts.contested,
        handed_over: parts.handed_over,
        without_boundary: parts.without_cells,
    }
}

fn write_all(into: &Path, files: &[(&str, Vec<u8>)]) -> Result<u64, BuildError> {
    let fault = |path: &Path| {
        let path = path.to_owned();
        |source| BuildError::Unwritable { path, source }
    };
    std::fs::create_dir_all(into).map_err(fault(into))?;
    let mut total = 0;
    for (name, bytes) in files {
        let path = into.join(name);
        std::fs::write(&path, bytes).map_err(fault(&path))?;
        total += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    }
    Ok(total)
}

fn attribution() -> String {
    format!("# Where this data comes from\n\n{}\n\n{}", Gazetteer::attribution(), include_str!("attribution.md"))
}
