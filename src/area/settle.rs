//! Says which of today's places a filing means, before anything is covered: names are looked up, codes of former times
//! become today's, and what a person should know about that becomes a note.

use super::fault::AreaFault;
use super::gazetteer::Gazetteer;
use super::lookup::NotFound;
use crate::domain::area::{AreaNote, AreaPart, AreaSpec, NoteKind};
use crate::domain::place::{Country, Facilities, PlaceCode, PlaceKind};

/// What a filing does not say itself and its surroundings do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The country whose places are meant where both countries have the name.
    pub home: Option<Country>,
    /// The languages of municipalities with facilities.
    pub facilities: Facilities,
}

/// More places than this in a note are counted, not listed.
const LISTED: usize = 6;

/// The filing with every place known, and notes. Names without a place are faults.
pub(super) fn settle(
    spec: &AreaSpec,
    gazetteer: &Gazetteer,
    home: Option<Country>,
    faults: &mut Vec<AreaFault>,
) -> (AreaSpec, Vec<AreaNote>) {
    let mut notes = Vec::new();
    let mut side = |parts: &[AreaPart], side: &str| {
        let settled = |(i, part): (usize, &AreaPart)| {
            let pointer = format!("/{side}/{i}/place");
            let part = today(part, gazetteer, home, &pointer, &mut notes, faults);
            if let Some(code) = part.place() {
                notes.extend(about(code, gazetteer, &pointer));
            }
            part
        };
        parts.iter().enumerate().map(settled).collect()
    };
    let (include, exclude) = (side(&spec.include, "include"), side(&spec.exclude, "exclude"));
    (AreaSpec { include, exclude, resolution: spec.resolution, mode: spec.mode }, notes)
}

fn today(
    part: &AreaPart,
    gazetteer: &Gazetteer,
    home: Option<Country>,
    pointer: &str,
    notes: &mut Vec<AreaNote>,
    faults: &mut Vec<AreaFault>,
) -> AreaPart {
    match part {
        AreaPart::Named { text, read_as: None } => match gazetteer.find_place(text, home) {
            Ok(found) => {
                if !found.others.is_empty() {
                    let others: Vec<String> = found.others.iter().map(ToString::to_string).collect();
                    let now = gazetteer.titled(&found.code);
                    let args = [("filed", text.as_str()), ("now", &now), ("places", &some(&others))];
                    notes.push(AreaNote::new(pointer, NoteKind::OtherReadings, &args));
                }
                AreaPart::Named { text: text.clone(), read_as: Some(found.code) }
            }
            Err(error) => {
                faults.push(fault(pointer, &error));
                part.clone()
            }
        },
        AreaPart::Place(code) => match gazetteer.successor(code, pointer) {
            Some((now, note)) => {
                notes.push(note);
                AreaPart::Named { text: code.to_string(), read_as: Some(now) }
            }
            None => part.clone(),
        },
        _ => part.clone(),
    }
}

fn fault(pointer: &str, error: &NotFound) -> AreaFault {
    let code = match error {
        NotFound::Unknown { .. } => "unknown_place",
        NotFound::Ambiguous { .. } => "ambiguous_place",
        NotFound::TwoPlaces { .. } => "two_places",
        NotFound::NotHeld { .. } => "not_held",
    };
    AreaFault::new(pointer, code, error.to_string()).with_candidates(error.candidates())
}

fn some(all: &[String]) -> String {
    let listed = all.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > LISTED { format!("{listed} … (+{})", all.len() - LISTED) } else { listed }
}

/// What should be known about a place of today.
fn about(code: &PlaceCode, gazetteer: &Gazetteer, pointer: &str) -> Vec<AreaNote> {
    let filed = code.to_string();
    let rows = gazetteer.rows(code);
    let mut notes = Vec::new();
    let titles = |rows: &[u16]| -> Vec<String> {
        let codes = rows.iter().filter_map(|row| gazetteer.code_of(code.country(), *row));
        codes.map(|member| gazetteer.titled(&member)).collect()
    };
    if code.kind() == PlaceKind::PostalCode && rows.len() > 1 {
        let args = [("filed", filed.as_str()), ("count", &rows.len().to_string()), ("places", &some(&titles(&rows)))];
        notes.push(AreaNote::new(pointer, NoteKind::PostalShared, &args));
    }
    if let (PlaceKind::PostalCode, [row]) = (code.kind(), rows.as_slice()) {
        let codes = match code.country() {
            Country::Be => gazetteer.belgium.municipality(*row).map_or(0, |m| m.postal_codes.len()),
            Country::Fr => gazetteer.france.commune(*row).map_or(0, |c| c.postal_codes.split(' ').count()),
        };
        if codes > 1 {
            let args = [("filed", filed.as_str()), ("count", &codes.to_string()), ("places", &some(&titles(&rows)))];
            notes.push(AreaNote::new(pointer, NoteKind::PostalWhole, &args));
        }
    }
    if rows.len() > 1 && code.country() == Country::Fr {
        let missing: Vec<u16> = rows.into_iter().filter(|row| gazetteer.size_of(Country::Fr, *row) == 0).collect();
        if !missing.is_empty() {
            let listed = some(&titles(&missing));
            let args = [("filed", filed.as_str()), ("count", &missing.len().to_string()), ("places", &listed)];
            notes.push(AreaNote::new(pointer, NoteKind::NoBoundary, &args));
        }
    }
    notes
}

impl Gazetteer {
    /// Code and names on one line: `NIS:21009 Ixelles / Elsene`.
    fn titled(&self, code: &PlaceCode) -> String {
        format!("{code} {}", self.names(code).map(|names| names.joined()).unwrap_or_default()).trim_end().to_owned()
    }

    /// The place of today that a code of former times became part of, with the note that says so.
    fn successor(&self, code: &PlaceCode, pointer: &str) -> Option<(PlaceCode, AreaNote)> {
        let filed = code.to_string();
        match code {
            PlaceCode::Nis(nis) => {
                let changes = &self.belgium.changes;
                let change = changes.iter().find(|change| change.old == *nis)?;
                let now = PlaceCode::Nis(change.now.clone());
                let title = self.titled(&now);
                let mut args = vec![("filed", filed.as_str()), ("now", &title), ("since", &change.since)];
                if change.only_code {
                    return Some((now, AreaNote::new(pointer, NoteKind::ChangedCode, &args)));
                }
                let mut joined: Vec<String> = changes
                    .iter()
                    .filter(|other| other.now == change.now && other.old != *nis)
                    .map(|other| format!("NIS:{}", other.old))
                    .collect();
                if joined.is_empty() {
                    // The others kept their code when they took this one in.
                    joined.push(now.to_string());
                }
                let places = some(&joined);
                args.push(("places", &places));
                let note = AreaNote::new(pointer, NoteKind::MergedCode, &args);
                Some((now, note))
            }
            PlaceCode::Zone(zone) if !self.exists(code) => {
                let merged = self.belgium.zones.iter().find(|z| z.former.contains(zone))?;
                let now = PlaceCode::Zone(merged.code.clone());
                let others = merged.former.iter().filter(|former| *former != zone);
                let joined: Vec<String> = others.map(|former| format!("ZONE:{former}")).collect();
                let (title, places) = (self.titled(&now), some(&joined));
                let args = [("filed", filed.as_str()), ("now", title.as_str()), ("places", places.as_str())];
                Some((now.clone(), AreaNote::new(pointer, NoteKind::MergedZone, &args)))
            }
            _ => None,
        }
    }
}
