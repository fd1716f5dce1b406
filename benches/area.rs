//! Figures of the area engine beside those of the usual tools, in one run: `cargo bench --bench area -- cover`; what is
//! refused how soon, and how long people take to count: `-- guard people`.
//! Reads the boundary files of `../shared/geodata`; without them it says so and measures nothing. Each contender takes
//! its turn in every round, so that a busy machine slows both; the median of the rounds is told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a bench stops at the first surprise")]

#[path = "area/guard.rs"]
mod guard;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use geo::{BooleanOps as _, CoordsIter as _, MultiPolygon, Polygon, unary_union};
use geojson::GeoJson;
use h3o::geom::{ContainmentMode, TilerBuilder};
use h3o::{CellIndex, Resolution};
use tocsin::area::cover_polygons;
use tocsin::domain::area::{CellSet, CoverMode};

/// The tables, by the word that asks for them; without one, all.
type Table = (&'static str, fn(&Path));
const TABLES: [Table; 3] = [("cover", cover), ("guard", |_| guard::guard()), ("people", |_| guard::people())];

fn main() -> ExitCode {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/geodata");
    if !source.is_dir() {
        println!("The boundary files are missing ({}); nothing is measured.", source.display());
        return ExitCode::SUCCESS;
    }
    // cargo passes `--bench` itself.
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    if let Some(unknown) = asked.iter().find(|word| TABLES.iter().all(|(name, _)| name != word)) {
        eprintln!("no table `{unknown}`; there are: {}", TABLES.map(|(name, _)| name).join(", "));
        return ExitCode::from(2);
    }
    for (name, table) in TABLES {
        if asked.is_empty() || asked.iter().any(|word| word == name) {
            table(&source);
        }
    }
    ExitCode::SUCCESS
}

/// The polygons of the features that a property picks; all of them without one.
fn polygons(file: &Path, pick: Option<(&str, &str)>) -> MultiPolygon<f64> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let GeoJson::FeatureCollection(collection) = text.parse().unwrap() else {
        panic!("{} is no collection", file.display())
    };
    let wanted = |feature: &geojson::Feature| {
        pick.is_none_or(|(key, value)| feature.property(key).and_then(|v| v.as_str()) == Some(value))
    };
    let geometries = collection.features.into_iter().filter(wanted).filter_map(|feature| feature.geometry);
    let mut found = Vec::new();
    for geometry in geometries {
        match geo::Geometry::<f64>::try_from(geometry).unwrap() {
            geo::Geometry::Polygon(polygon) => found.push(polygon),
            geo::Geometry::MultiPolygon(many) => found.extend(many.0),
            _ => {}
        }
    }
    assert!(!found.is_empty(), "{}: nothing found for {pick:?}", file.display());
    MultiPolygon(found)
}

fn tile_and_compact(polygons: &[Polygon<f64>], resolution: Resolution, mode: CoverMode) -> Vec<CellIndex> {
    let containment = match mode {
        CoverMode::Covers => ContainmentMode::Covers,
        CoverMode::Centroid => ContainmentMode::ContainsCentroid,
        CoverMode::Inside => ContainmentMode::ContainsBoundary,
    };
    let mut tiler = TilerBuilder::new(resolution).containment_mode(containment).build();
    tiler.add_batch(polygons.iter().cloned()).unwrap();
    let mut cells: Vec<CellIndex> = tiler.into_coverage().collect();
    // The tiler may name a cell twice.
    cells.sort_unstable();
    cells.dedup();
    CellIndex::compact(&mut cells).unwrap();
    cells
}

fn timed<T>(times: &mut Vec<Duration>, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = std::hint::black_box(work());
    times.push(start.elapsed());
    done
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Rounds until this much time is spent, and at least three.
const ENOUGH: Duration = Duration::from_secs(4);

fn row(name: &str, shape: &MultiPolygon<f64>, resolution: Resolution, mode: CoverMode) {
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    let begun = Instant::now();
    let (mut tiled, mut covered) = (Vec::new(), CellSet::default());
    while ours.len() < 3 || (begun.elapsed() < ENOUGH && ours.len() < 501) {
        tiled = timed(&mut theirs, || tile_and_compact(&shape.0, resolution, mode));
        covered = timed(&mut ours, || cover_polygons(&shape.0, resolution, mode).unwrap());
    }
    let same = tiled.into_iter().collect::<CellSet>() == covered;
    let (theirs, ours) = (median(theirs), median(ours));
    println!(
        "{name:<26} {:>8} {:>3} {:<8} {:>9} {:>9} {:>11.2} {:>9.2} {:>7.1}x  {}",
        shape.coords_count(),
        u8::from(resolution),
        mode.code(),
        covered.count_at(resolution),
        covered.len(),
        theirs.as_secs_f64() * 1e3,
        ours.as_secs_f64() * 1e3,
        theirs.as_secs_f64() / ours.as_secs_f64(),
        if same { "same" } else { "DIFFERENT" },
    );
    assert!(same, "the sets differ");
}

/// Polygons to compacted cells, beside h3o's tiler and its compaction.
fn cover(source: &Path) {
    use CoverMode::{Centroid, Covers, Inside};
    use Resolution::{Nine, Ten};
    let detailed = unary_union(&polygons(&source.join("be_language_areas.geojson"), None));
    let simple = polygons(&source.join("basemap_countries.geojson"), Some(("iso2", "BE")));
    let simple = simple.union(&MultiPolygon::new(vec![]));
    let province = polygons(&source.join("be_provinces.geojson"), Some(("nis", "20001")));
    let silly = polygons(&source.join("be_municipalities.geojson"), Some(("nis", "51068")));
    println!(
        "{:<26} {:>8} {:>3} {:<8} {:>9} {:>9} {:>11} {:>9} {:>8}",
        "cover", "vertices", "res", "mode", "cells", "compacted", "h3o ms", "ours ms", "ratio"
    );
    row("municipality 51068", &silly, Nine, Centroid);
    row("municipality 51068", &silly, Ten, Centroid);
    row("municipality 51068", &silly, Nine, Covers);
    row("province 20001", &province, Nine, Centroid);
    row("province 20001", &province, Ten, Centroid);
    row("province 20001", &province, Nine, Inside);
    for (name, shape) in [("Belgium, base map", &simple), ("Belgium, in full detail", &detailed)] {
        row(name, shape, Nine, Centroid);
        row(name, shape, Nine, Covers);
        row(name, shape, Ten, Centroid);
    }
}
