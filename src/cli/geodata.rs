//! `tocsin geodata build | check`: makes the committed `geodata/` from boundary files and tables, and says whether points
//! are located in it as in the boundaries themselves.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::area::Gazetteer;
use crate::area::build::{BuildReport, CheckStep, CountryCheck, Disagreement, Step, build, check};
use crate::domain::place::Country;

/// The gazetteer's data.
#[derive(Debug, Args)]
pub struct GeodataArgs {
    #[command(subcommand)]
    command: GeodataCommand,
}

#[derive(Debug, Subcommand)]
enum GeodataCommand {
    /// Computes cell indexes and tables from boundary files.
    Build {
        /// The folder with the boundary files, tables and SOURCES.md.
        source: PathBuf,
        /// Where the result goes.
        #[arg(long, default_value = "geodata")]
        into: PathBuf,
    },
    /// Locates random points and compares with the boundary files; exit code 1 when under 99.9 % agree.
    Check {
        /// The folder with the boundary files and tables.
        source: PathBuf,
        /// Points of each country, all farther from a border than 80 m in Belgium and 200 m in France.
        #[arg(long, default_value_t = 1_000_000)]
        points: u64,
        /// Which random points; the same seed gives the same.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// A folder made by `geodata build`, instead of the data inside this program.
        #[arg(long)]
        geodata: Option<PathBuf>,
    },
}

/// Runs the command.
pub fn run(args: GeodataArgs, json: bool) -> anyhow::Result<ExitCode> {
    // Hidden by itself when stderr is no terminal.
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} {eta}")?);
    match args.command {
        GeodataCommand::Build { source, into } => make(&source, &into, &bar, json),
        GeodataCommand::Check { source, points, seed, geodata } => {
            let loaded = geodata.map(|folder| Gazetteer::load(&folder)).transpose()?;
            let gazetteer = match &loaded {
                Some(loaded) => loaded,
                None => Gazetteer::embedded()?,
            };
            compare(&source, gazetteer, points, seed, &bar, json)
        }
    }
}

fn begin(bar: &ProgressBar, country: Country, length: u64) {
    bar.reset();
    bar.set_message(country.code());
    bar.set_length(length);
}

fn make(source: &Path, into: &Path, bar: &ProgressBar, json: bool) -> anyhow::Result<ExitCode> {
    let report = build(source, into, &|step| match step {
        Step::Country(country, units) => begin(bar, country, u64::try_from(units).unwrap_or(u64::MAX)),
        Step::UnitDone => bar.inc(1),
    })
    .with_context(|| format!("building {} from {}", into.display(), source.display()))?;
    bar.finish_and_clear();
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", as_json(&report))?;
    } else {
        write!(out, "{}", as_text(&report))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn compare(
    source: &Path,
    gazetteer: &Gazetteer,
    points: u64,
    seed: u64,
    bar: &ProgressBar,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let found = check(source, gazetteer, points, seed, &|step| match step {
        CheckStep::Country(country, points) => begin(bar, country, points),
        CheckStep::Compared(more) => bar.inc(more),
    })
    .with_context(|| format!("comparing with {}", source.display()))?;
    bar.finish_and_clear();
    let mut out = std::io::stdout().lock();
    if json {
        let countries: Vec<_> = found.iter().map(checked_as_json).collect();
        let holds = found.iter().all(CountryCheck::holds);
        let version = gazetteer.version();
        let document = serde_json::json!({ "version": version, "seed": seed, "countries": countries, "holds": holds });
        writeln!(out, "{document}")?;
    } else {
        writeln!(out, "version {}, seed {seed}", gazetteer.version())?;
        found.iter().try_for_each(|country| write!(out, "{}", checked_as_text(country)))?;
    }
    if found.iter().all(CountryCheck::holds) {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("error: less than promised: 99.9 % of the points and every interior point of a unit that owns a cell");
    Ok(ExitCode::FAILURE)
}

fn checked_as_json(c: &CountryCheck) -> serde_json::Value {
    let example = |d: &Disagreement| serde_json::json!({ "lat": d.lat, "lon": d.lon, "boundary": d.boundary, "located": d.located });
    let all = |examples: &[Disagreement]| examples.iter().map(example).collect::<Vec<_>>();
    serde_json::json!({
        "country": c.country.code(), "left_out_m": c.left_out_m, "near_border": c.near_border, "compared": c.compared,
        "agreeing": c.agreeing, "disagreeing": c.compared - c.agreeing, "examples": all(&c.examples),
        "interior_points": {
            "units": c.interior.units, "agreeing": c.interior.agreeing, "shared": c.interior.shared,
            "disagreeing": c.interior.disagreeing, "examples": all(&c.interior.examples),
        },
        "holds": c.holds(),
    })
}

fn checked_as_text(c: &CountryCheck) -> String {
    use std::fmt::Write as _;
    let mut text = format!("{}\n", c.country.code());
    let near = format!("within {} m of a border, left out", c.left_out_m);
    for (name, count, of) in [
        (near.as_str(), c.near_border, c.near_border + c.compared),
        ("points compared", c.compared, c.compared),
        ("  agreeing", c.agreeing, c.compared),
        ("  disagreeing", c.compared - c.agreeing, c.compared),
        ("interior points", c.interior.units, c.interior.units),
        ("  agreeing", c.interior.agreeing, c.interior.units),
        ("  of units that share a cell", c.interior.shared, c.interior.units),
        ("  disagreeing", c.interior.disagreeing, c.interior.units),
    ] {
        // A table of people's size; ten thousandths of a per cent are seen.
        #[allow(clippy::as_conversions, clippy::cast_precision_loss, reason = "counts far below 2^53")]
        let share = 100.0 * count as f64 / (of.max(1)) as f64;
        let _ = writeln!(text, "  {name:<36} {count:>9} {share:>9.4} %");
    }
    for d in c.examples.iter().chain(&c.interior.examples) {
        let located = d.located.as_deref().unwrap_or("nowhere");
        let _ = writeln!(text, "  {:.6} {:.6} lies in {}, located in {located}", d.lat, d.lon, d.boundary);
    }
    text
}

fn as_json(report: &BuildReport) -> serde_json::Value {
    let countries: Vec<_> = report
        .countries
        .iter()
        .map(|c| {
            serde_json::json!({
                "country": c.country.code(), "units": c.units, "resolution": u8::from(c.resolution), "cells": c.cells,
                "runs": c.runs, "shared": c.shared, "contested": c.contested, "handed_over": c.handed_over,
                "without_boundary": c.without_boundary,
            })
        })
        .collect();
    serde_json::json!({ "version": report.version, "bytes": report.bytes, "countries": countries })
}

fn as_text(report: &BuildReport) -> String {
    use std::fmt::Write as _;
    let mut text = format!("version {}, {} bytes\n", report.version, report.bytes);
    for c in &report.countries {
        let _ = writeln!(
            text,
            "{}: {} units, {} cells at resolution {} in {} runs, {} units share a cell, {} contested cells, \
             {} cells handed over for an interior point, {} units without boundary",
            c.country.code(),
            c.units,
            c.cells,
            u8::from(c.resolution),
            c.runs,
            c.shared,
            c.contested,
            c.handed_over,
            c.without_boundary.len(),
        );
    }
    text
}
