//! A hundred thousand hostile documents (a share of them, unless the long sizes are asked for): none does harm, and
//! each refusal says where.
#![allow(clippy::indexing_slicing, reason = "tests may")]

#[path = "../../../tests/hostile/mod.rs"]
mod documents;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use serde_json::Value;

use self::documents::{Document, Form, document, first_seed, long};
use super::gazetteer;
use crate::area::{AreaFault, geojson_spec, limits, parse_spec, resolve};
use crate::domain::area::{AreaSpec, CoverMode, SUBSCRIBER_RESOLUTION, TargetArea};

/// What became of a document; an error is something that must not happen.
enum Outcome {
    Taken,
    Refused(&'static str),
    NoJson,
}

/// Whether the place exists in the document, or is the member that is missing from one that does.
fn exists(document: &Value, pointer: &str) -> bool {
    let missing = || {
        let (above, _) = pointer.rsplit_once('/')?;
        document.pointer(above)?.as_object()
    };
    document.pointer(pointer).is_some() || missing().is_some()
}

fn told(document: &Value, faults: &[AreaFault], within: &str) -> Result<Outcome, String> {
    let first = faults.first().ok_or("a refusal without a fault")?;
    if faults.len() > limits::FAULTS {
        return Err(format!("{} faults at once", faults.len()));
    }
    for fault in faults {
        // A fault of the filing as a whole stands outside the part that was filed.
        let pointer = fault.pointer.strip_prefix(within).unwrap_or("");
        if !exists(document, pointer) {
            return Err(format!("there is no {pointer:?}: {fault}"));
        }
        if fault.message.is_empty() || fault.message.len() > 1_000 || fault.message.chars().any(char::is_control) {
            return Err(format!("a message of {} bytes: {:.200}", fault.message.len(), fault.message));
        }
    }
    Ok(Outcome::Refused(first.code))
}

fn no_json(e: &str) -> Result<Outcome, String> {
    let says_where = (e.contains("line ") && e.contains("column ")) || e.contains("from index");
    if says_where { Ok(Outcome::NoJson) } else { Err(format!("where? {e}")) }
}

fn sound(area: &TargetArea) -> Result<Outcome, String> {
    if area.cells.is_empty() || area.cells.to_hex().is_empty() {
        return Err("taken, but without cells".to_owned());
    }
    let again = TargetArea::from_document(&area.to_document()).map_err(|e| format!("cannot be stored: {e}"))?;
    if again == *area { Ok(Outcome::Taken) } else { Err("changes when stored".to_owned()) }
}

fn attempt(tried: &Document) -> Result<Outcome, String> {
    let text = match std::str::from_utf8(&tried.bytes) {
        Ok(text) => text,
        Err(e) => return no_json(&e.to_string()),
    };
    let read = |text: &str| serde_json::from_str::<Value>(text).map_err(|e| e.to_string());
    let solve = |spec: AreaSpec| resolve(&spec, gazetteer());
    match tried.form {
        Form::GeoJson => match geojson_spec(text, SUBSCRIBER_RESOLUTION, CoverMode::Covers) {
            Ok(spec) => match solve(spec) {
                Ok(area) => sound(&area),
                Err(faults) => told(&read(text)?, &faults, "/include/0/geojson"),
            },
            Err(faults) => match (faults.as_slice(), read(text)) {
                ([fault], Err(_)) if fault.code == "not_json" => no_json(&fault.message),
                (_, document) => told(&document.unwrap_or_default(), &faults, ""),
            },
        },
        Form::Filing => match read(text) {
            Err(e) => no_json(&e),
            Ok(document) => match parse_spec(&document).and_then(solve) {
                Ok(area) => sound(&area),
                Err(faults) => told(&document, &faults, ""),
            },
        },
    }
}

#[test]
fn hostile_documents_do_no_harm_and_are_told_where_they_are_wrong() {
    let count = if long() { 100_000 } else { 1_500 };
    let seed = first_seed();
    eprintln!("{count} documents from TOCSIN_TEST_SEED={seed} on");
    let mut outcomes = std::collections::BTreeMap::<&str, u32>::new();
    let mut spent = std::collections::BTreeMap::<String, Duration>::new();
    let mut slowest = (Duration::ZERO, 0, String::new());
    for seed in (0..count).map(|i| seed.wrapping_add(i)) {
        let tried = document(seed);
        let begun = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| attempt(&tried))).unwrap_or_else(|_| Err("a panic".to_owned()));
        let took = begun.elapsed();
        *spent.entry(tried.made.split(',').next().unwrap_or_default().to_owned()).or_insert(Duration::ZERO) += took;
        if took > slowest.0 {
            slowest = (took, seed, tried.made.clone());
        }
        let outcome = outcome.unwrap_or_else(|wrong| {
            let start = String::from_utf8_lossy(&tried.bytes[..tried.bytes.len().min(600)]).into_owned();
            panic!("TOCSIN_TEST_SEED={seed} ({}): {wrong}\n{start}", tried.made)
        });
        *outcomes
            .entry(match outcome {
                Outcome::Taken => "taken",
                Outcome::Refused(code) => code,
                Outcome::NoJson => "no JSON",
            })
            .or_default() += 1;
    }
    eprintln!("{outcomes:?}; slowest {:?}: TOCSIN_TEST_SEED={} ({})", slowest.0, slowest.1, slowest.2);
    let mut spent: Vec<_> = spent.into_iter().collect();
    spent.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
    eprintln!("most time went to {:?}", &spent[..5]);
    // A generator that only makes rubbish, or nothing but sound areas, shows nothing.
    for needed in [
        "taken",
        "no JSON",
        "self_crossing",
        "rings_cross",
        "hole_outside",
        "hole_in_hole",
        "position",
        "too_many_cells",
    ] {
        assert!(outcomes.contains_key(needed), "no document was {needed}: {outcomes:?}");
    }
}
