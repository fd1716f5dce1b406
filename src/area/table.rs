//! Reads the small committed tables: CSV with a header, columns found by name.

use super::gazetteer::GazetteerError;

/// The wanted columns of every row, in the wanted order.
pub(super) fn table<const N: usize>(
    name: &'static str,
    bytes: &[u8],
    columns: [&str; N],
) -> Result<Vec<[String; N]>, GazetteerError> {
    let damaged = |reason: String| GazetteerError::Table { name, reason };
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|e| damaged(e.to_string()))?.clone();
    let mut places = [0; N];
    for (place, column) in places.iter_mut().zip(columns) {
        let found = header.iter().position(|name| name == column);
        *place = found.ok_or_else(|| damaged(format!("no column `{column}`")))?;
    }
    let row = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.map_err(|e| damaged(e.to_string()))?;
        Ok(places.map(|place| record.get(place).unwrap_or_default().to_owned()))
    };
    reader.records().map(row).collect()
}

/// A whole number of a table.
pub(super) fn number(name: &'static str, text: &str) -> Result<u32, GazetteerError> {
    text.parse().map_err(|_| GazetteerError::Table { name, reason: format!("`{text}` is no whole number") })
}

/// A list written with spaces.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
