//! Reads the source folder: tables by column name, boundaries by code.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use geo::Polygon;
use serde_json::Value;

use super::run::BuildError;
use crate::area::geojson::polygons;

/// One row of a table by column name.
pub(super) type Row = BTreeMap<String, String>;

/// All rows of a source table.
pub(super) fn rows(source: &Path, name: &str) -> Result<Vec<Row>, BuildError> {
    let path = source.join(name);
    let fault = |e: csv::Error| BuildError::Source { path: path.clone(), reason: e.to_string() };
    csv::Reader::from_path(&path).map_err(fault)?.deserialize().map(|row| row.map_err(fault)).collect()
}

/// The field, which the source must have.
pub(super) fn field<'a>(row: &'a Row, name: &'static str) -> Result<&'a str, BuildError> {
    row.get(name).map(String::as_str).ok_or(BuildError::Column(name))
}

/// The polygons of each feature, by its `id`.
pub(super) fn boundaries(source: &Path, name: &str) -> Result<BTreeMap<String, Vec<Polygon<f64>>>, BuildError> {
    let path = source.join(name);
    let fault = |reason: String| BuildError::Source { path: path.clone(), reason };
    let mut bytes = std::fs::read(&path).map_err(|e| fault(e.to_string()))?;
    if path.extension().is_some_and(|ext| ext == "gz") {
        let mut unpacked = Vec::new();
        GzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked).map_err(|e| fault(e.to_string()))?;
        bytes = unpacked;
    }
    let document: Value = serde_json::from_slice(&bytes).map_err(|e| fault(e.to_string()))?;
    let features = document.get("features").and_then(Value::as_array).ok_or_else(|| fault("no features".to_owned()))?;
    let mut found = BTreeMap::new();
    for (i, feature) in features.iter().enumerate() {
        let id = feature.get("id").and_then(Value::as_str).ok_or_else(|| fault(format!("/features/{i} has no id")))?;
        let filed = polygons(feature, &format!("/features/{i}"), usize::MAX)
            .map_err(|faults| fault(faults.first().map(ToString::to_string).unwrap_or_default()))?;
        let before = found.insert(id.to_owned(), filed.into_iter().map(|p| p.polygon).collect());
        if before.is_some() {
            return Err(fault(format!("two features are called {id}")));
        }
    }
    Ok(found)
}

/// The newest month (`YYYY-MM`) that the sources' description names: the date of the boundaries.
pub(super) fn newest_month(source: &Path) -> Result<String, BuildError> {
    let path = source.join("SOURCES.md");
    let text =
        std::fs::read_to_string(&path).map_err(|e| BuildError::Source { path: path.clone(), reason: e.to_string() })?;
    let is_month = |word: &str| {
        let bytes = word.as_bytes();
        let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
        bytes.len() >= 7 && word.starts_with("20") && bytes.get(4) == Some(&b'-') && [2, 3, 5, 6].into_iter().all(digit)
    };
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| is_month(word));
    let months =
        words.filter_map(|word| word.get(..7)).filter(|month| ("01".."13").contains(&month.get(5..).unwrap_or("")));
    months.max().map(str::to_owned).ok_or_else(|| BuildError::Source { path, reason: "names no month".to_owned() })
}
