//! `tocsin geodata build`: makes the committed `geodata/` from boundary files and tables.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::area::build::{BuildReport, Step, build};

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
}

/// Runs the command.
pub fn run(args: GeodataArgs, json: bool) -> anyhow::Result<ExitCode> {
    let GeodataCommand::Build { source, into } = args.command;
    // Hidden by itself when stderr is no terminal.
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} {eta}")?);
    let report = build(&source, &into, &|step| match step {
        Step::Country(country, units) => {
            bar.reset();
            bar.set_message(country.code());
            bar.set_length(u64::try_from(units).unwrap_or(u64::MAX));
        }
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

fn as_json(report: &BuildReport) -> serde_json::Value {
    let countries: Vec<_> = report
        .countries
        .iter()
        .map(|c| {
            serde_json::json!({
                "country": c.country.code(), "units": c.units, "resolution": u8::from(c.resolution), "cells": c.cells,
                "runs": c.runs, "shared": c.shared, "contested": c.contested, "without_boundary": c.without_boundary,
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
             {} units without boundary",
            c.country.code(),
            c.units,
            c.cells,
            u8::from(c.resolution),
            c.runs,
            c.shared,
            c.contested,
            c.without_boundary.len(),
        );
    }
    text
}
