//! A target area as the JSON document that is stored as evidence, and back without loss. Cells are 15-digit
//! hexadecimal text, sorted; filed geometry is text inside the document, so no number of it is ever rewritten.

use std::collections::BTreeMap;

use h3o::Resolution;
use serde_json::{Map, Value, json};

use super::{AreaNote, AreaPart, AreaSpec, CellSet, Circle, Corridor, CoverMode, LanguageSplit, NoteKind, TargetArea};
use crate::domain::language::Language;
use crate::domain::place::{PlaceCode, Regime};

/// The stored document is not one that [`TargetArea::to_document`] wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stored target area, {pointer}: {reason}")]
pub struct MalformedDocument {
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// What is wrong there.
    pub reason: String,
}

impl TargetArea {
    /// The document to store.
    #[must_use]
    pub fn to_document(&self) -> Value {
        let by_language: Map<String, Value> =
            self.split.by_language.iter().map(|(l, cells)| (l.code().to_owned(), json!(cells.to_hex()))).collect();
        let regimes: Map<String, Value> =
            self.split.regimes.iter().map(|(r, count)| (r.code().to_owned(), json!(count))).collect();
        json!({
            "spec": {
                "include": self.spec.include.iter().map(part_to).collect::<Vec<_>>(),
                "exclude": self.spec.exclude.iter().map(part_to).collect::<Vec<_>>(),
                "resolution": u8::from(self.spec.resolution),
                "mode": self.spec.mode.code(),
            },
            "cells": self.cells.to_hex(),
            "resolution": u8::from(self.resolution),
            "mode": self.mode.code(),
            "index_version": self.index_version,
            "split": {
                "by_language": by_language,
                "unassigned": self.split.unassigned.to_hex(),
                "regimes": regimes,
            },
            "notes": self.notes.iter().map(note_to).collect::<Vec<_>>(),
        })
    }

    /// Reads a stored document.
    pub fn from_document(document: &Value) -> Result<Self, MalformedDocument> {
        let root = Place { value: document, pointer: String::new() };
        let (spec, split) = (root.get("spec")?, root.get("split")?);
        let parts = |key| spec.get(key)?.items()?.iter().map(part_from).collect::<Result<Vec<_>, _>>();
        let mut by_language = BTreeMap::new();
        for (code, cells) in split.get("by_language")?.entries()? {
            by_language.insert(Language::parse(&code).map_err(|e| cells.wrong(&e))?, cells.cells()?);
        }
        let mut regimes = BTreeMap::new();
        for (code, count) in split.get("regimes")?.entries()? {
            regimes.insert(Regime::parse(&code).map_err(|e| count.wrong(&e))?, count.integer()?);
        }
        Ok(Self {
            spec: AreaSpec {
                include: parts("include")?,
                exclude: parts("exclude")?,
                resolution: spec.get("resolution")?.resolution()?,
                mode: spec.get("mode")?.mode()?,
            },
            cells: root.get("cells")?.cells()?,
            resolution: root.get("resolution")?.resolution()?,
            mode: root.get("mode")?.mode()?,
            index_version: root.get("index_version")?.text()?.to_owned(),
            split: LanguageSplit { by_language, unassigned: split.get("unassigned")?.cells()?, regimes },
            // Areas stored before notes existed have none.
            notes: match document.get("notes") {
                Some(_) => root.get("notes")?.items()?.iter().map(note_from).collect::<Result<_, _>>()?,
                None => Vec::new(),
            },
        })
    }
}

fn part_to(part: &AreaPart) -> Value {
    match part {
        AreaPart::Place(code) => json!({ "place": code.to_string() }),
        AreaPart::Named { text, read_as } => {
            json!({ "place": text, "read_as": read_as.as_ref().map(ToString::to_string) })
        }
        AreaPart::Corridor(c) => {
            let lines: Vec<Vec<[f64; 2]>> = c.lines().map(|l| l.into_iter().map(|(x, y)| [x, y]).collect()).collect();
            let line = json!({ "type": "MultiLineString", "coordinates": lines });
            json!({ "corridor": { "line": line, "radius_m": c.radius_m() } })
        }
        AreaPart::Circle(c) => {
            json!({ "circle": { "lat": c.lat(), "lon": c.lon(), "radius_m": c.radius_m() } })
        }
        AreaPart::Geometry(text) => json!({ "geojson": text }),
        AreaPart::Cells(cells) => json!({ "cells": cells.to_hex() }),
    }
}

fn part_from(part: &Place<'_>) -> Result<AreaPart, MalformedDocument> {
    let entries = part.entries()?;
    let Some((kind, value)) = entries.iter().find(|(key, _)| key != "read_as") else {
        return Err(part.wrong(&"an empty part"));
    };
    let reading = entries.iter().find(|(key, _)| key == "read_as");
    match kind.as_str() {
        "place" if reading.is_some() => {
            let code = |value: &Place<'_>| PlaceCode::parse(value.text()?).map_err(|e| value.wrong(&e));
            let read_as = reading.filter(|(_, value)| !value.value.is_null()).map(|(_, value)| code(value));
            Ok(AreaPart::Named { text: value.text()?.to_owned(), read_as: read_as.transpose()? })
        }
        "corridor" => corridor_from(value),
        "place" => PlaceCode::parse(value.text()?).map(AreaPart::Place).map_err(|e| value.wrong(&e)),
        "circle" => {
            Circle::new(value.get("lat")?.number()?, value.get("lon")?.number()?, value.get("radius_m")?.number()?)
                .map(AreaPart::Circle)
                .map_err(|e| value.wrong(&e))
        }
        "geojson" => Ok(AreaPart::Geometry(value.text()?.to_owned())),
        "cells" => value.cells().map(AreaPart::Cells),
        _ => Err(value.wrong(&"an unknown kind of part")),
    }
}

fn corridor_from(value: &Place<'_>) -> Result<AreaPart, MalformedDocument> {
    let mut lines = Vec::new();
    for line in value.get("line")?.get("coordinates")?.items()? {
        let position = |position: &Place<'_>| match position.items()?.as_slice() {
            [lon, lat] => Ok((lon.number()?, lat.number()?)),
            _ => Err(position.wrong(&"not a position")),
        };
        lines.push(line.items()?.iter().map(position).collect::<Result<Vec<_>, _>>()?);
    }
    let corridor = Corridor::new(&lines, value.get("radius_m")?.number()?);
    corridor.map(AreaPart::Corridor).map_err(|e| value.wrong(&e))
}

fn note_to(note: &AreaNote) -> Value {
    json!({ "pointer": note.pointer, "code": note.kind.code(), "args": note.args })
}

fn note_from(note: &Place<'_>) -> Result<AreaNote, MalformedDocument> {
    let code = note.get("code")?;
    let kind = NoteKind::parse(code.text()?).ok_or_else(|| code.wrong(&"not a kind of note"))?;
    let args = note.get("args")?.entries()?;
    let args = args.iter().map(|(key, value)| Ok((key.clone(), value.text()?.to_owned()))).collect::<Result<_, _>>()?;
    Ok(AreaNote { pointer: note.get("pointer")?.text()?.to_owned(), kind, args })
}

/// A value and where it stands.
struct Place<'a> {
    value: &'a Value,
    pointer: String,
}

impl<'a> Place<'a> {
    fn wrong(&self, reason: &dyn std::fmt::Display) -> MalformedDocument {
        MalformedDocument { pointer: self.pointer.clone(), reason: reason.to_string() }
    }

    fn get(&self, key: &str) -> Result<Self, MalformedDocument> {
        let value = self.value.get(key).ok_or_else(|| self.wrong(&format!("`{key}` is missing")))?;
        Ok(Self { value, pointer: format!("{}/{key}", self.pointer) })
    }

    fn entries(&self) -> Result<Vec<(String, Self)>, MalformedDocument> {
        let object = self.value.as_object().ok_or_else(|| self.wrong(&"not an object"))?;
        let at = |key: &str| format!("{}/{key}", self.pointer);
        Ok(object.iter().map(|(key, value)| (key.clone(), Self { value, pointer: at(key) })).collect())
    }

    fn items(&self) -> Result<Vec<Self>, MalformedDocument> {
        let array = self.value.as_array().ok_or_else(|| self.wrong(&"not an array"))?;
        let item = |(i, value)| Self { value, pointer: format!("{}/{i}", self.pointer) };
        Ok(array.iter().enumerate().map(item).collect())
    }

    fn text(&self) -> Result<&'a str, MalformedDocument> {
        self.value.as_str().ok_or_else(|| self.wrong(&"not a text"))
    }

    fn number(&self) -> Result<f64, MalformedDocument> {
        self.value.as_f64().ok_or_else(|| self.wrong(&"not a number"))
    }

    fn integer(&self) -> Result<u64, MalformedDocument> {
        self.value.as_u64().ok_or_else(|| self.wrong(&"not a whole number"))
    }

    fn resolution(&self) -> Result<Resolution, MalformedDocument> {
        let number = u8::try_from(self.integer()?).map_err(|e| self.wrong(&e))?;
        Resolution::try_from(number).map_err(|e| self.wrong(&e))
    }

    fn mode(&self) -> Result<CoverMode, MalformedDocument> {
        CoverMode::parse(self.text()?).map_err(|e| self.wrong(&e))
    }

    fn cells(&self) -> Result<CellSet, MalformedDocument> {
        let items = self.items()?;
        let texts = items.iter().map(Self::text).collect::<Result<Vec<_>, _>>()?;
        CellSet::from_hex(texts).map_err(|e| self.wrong(&e))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::domain::place::Country;
    use proptest::prelude::*;

    fn some_cells() -> impl Strategy<Value = CellSet> {
        let cell = (5_u8..=10, 49.5..51.0_f64, 2.0..6.0_f64)
            .prop_map(|(r, lat, lon)| h3o::LatLng::new(lat, lon).unwrap().to_cell(Resolution::try_from(r).unwrap()));
        proptest::collection::vec(cell, 0..30).prop_map(|cells| cells.into_iter().collect())
    }

    fn part() -> impl Strategy<Value = AreaPart> {
        prop_oneof![
            "[0-9]{5}".prop_map(|c| AreaPart::Place(PlaceCode::Nis(c))),
            "[0-9]{5}".prop_map(|code| AreaPart::Place(PlaceCode::Post { country: Country::Fr, code })),
            (-90.0..90.0_f64, -180.0..180.0_f64, 1.0..500_000.0_f64)
                .prop_map(|(lat, lon, r)| AreaPart::Circle(Circle::new(lat, lon, r).unwrap())),
            ("\\PC{1,40}", proptest::option::of(Just(PlaceCode::Reg("FR-32".to_owned()))))
                .prop_map(|(text, read_as)| AreaPart::Named { text, read_as }),
            (proptest::collection::vec((-180.0..180.0_f64, -80.0..80.0_f64), 2..6), 1.0..100_000.0_f64)
                .prop_map(|(line, r)| AreaPart::Corridor(Corridor::new(&[line], r).unwrap())),
            "\\PC{0,40}".prop_map(AreaPart::Geometry),
            some_cells().prop_map(AreaPart::Cells),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn a_stored_area_reads_back_the_same_even_through_text(
            include in proptest::collection::vec(part(), 0..4), exclude in proptest::collection::vec(part(), 0..3),
            cells in some_cells(), nl in some_cells(), unassigned in some_cells(), count in any::<u64>(), r in 0_u8..=10,
        ) {
            let resolution = Resolution::try_from(r).unwrap();
            let area = TargetArea {
                spec: AreaSpec { include, exclude, resolution, mode: CoverMode::Inside },
                cells, resolution, mode: CoverMode::Inside, index_version: "2026-10.0123456789ab".to_owned(),
                split: LanguageSplit {
                    by_language: BTreeMap::from([(Language::Nl, nl)]), unassigned,
                    regimes: BTreeMap::from([(Regime::NlFr, count)]),
                },
                notes: vec![AreaNote::new("/include/0", NoteKind::MergedCode, &[("filed", "NIS:11007")])],
            };
            let text = area.to_document().to_string();
            let document: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(TargetArea::from_document(&document).unwrap(), area.clone());
            let mut before_notes = document;
            before_notes.as_object_mut().unwrap().remove("notes");
            let read = TargetArea::from_document(&before_notes).unwrap();
            prop_assert_eq!(read, TargetArea { notes: vec![], ..area });
        }
    }

    #[test]
    fn a_damaged_document_says_where() {
        let area = TargetArea {
            spec: AreaSpec { include: vec![], exclude: vec![], resolution: Resolution::Ten, mode: CoverMode::Covers },
            cells: CellSet::default(),
            resolution: Resolution::Ten,
            mode: CoverMode::Covers,
            index_version: String::new(),
            split: LanguageSplit::default(),
            notes: vec![],
        };
        let mut document = area.to_document();
        document["split"]["by_language"]["en"] = json!([]);
        assert_eq!(TargetArea::from_document(&document).unwrap_err().pointer, "/split/by_language/en");
        let mut document = area.to_document();
        document["cells"] = json!(["nonsense"]);
        assert_eq!(TargetArea::from_document(&document).unwrap_err().pointer, "/cells");
    }
}
