//! `tocsin area cover | locate | split`: areas to cells, points to places, cells to languages. Works anywhere, with no
//! configuration and no database. Data on stdout, words on stderr.

use std::io::{BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use h3o::Resolution;
use serde_json::{Map, Value, json};

use crate::area::{AreaFault, Gazetteer, Located, geojson_spec, limits, outline, resolve};
use crate::domain::area::{AreaPart, AreaSpec, Circle, CoverMode, FINEST_RESOLUTION, TargetArea};
use crate::domain::place::PlaceCode;

/// Areas, cells and places.
#[derive(Debug, Args)]
pub struct AreaArgs {
    #[command(subcommand)]
    command: AreaCommand,
}

#[derive(Debug, Subcommand)]
enum AreaCommand {
    /// `GeoJSON`, a place or a circle in; H3 cells out, one hexadecimal id a line.
    Cover {
        #[command(flatten)]
        area: AreaInput,
        /// Every cell at the resolution, instead of the fewest cells.
        #[arg(long)]
        uncompacted: bool,
        /// What to print.
        #[arg(long, value_enum, default_value_t = Format::Cells)]
        format: Format,
    },
    /// The official place of a point, as one JSON object.
    #[command(allow_negative_numbers = true)]
    Locate {
        /// Degrees north.
        #[arg(value_parser = latitude)]
        lat: f64,
        /// Degrees east.
        #[arg(value_parser = longitude)]
        lon: f64,
    },
    /// The area's cells by official language: `fr 8a…`, one a line.
    Split {
        #[command(flatten)]
        area: AreaInput,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Cells,
    Geojson,
    Json,
}

/// The area a command works on.
#[derive(Debug, Args)]
struct AreaInput {
    #[command(flatten)]
    source: Source,
    /// H3 resolution, 0 to 12.
    #[arg(long, default_value = "10", value_parser = resolution)]
    resolution: Resolution,
    /// Which border cells belong: covers, centroid or inside.
    #[arg(long, default_value = "covers", value_parser = CoverMode::parse)]
    mode: CoverMode,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// A `GeoJSON` file, or - for standard input.
    file: Option<PathBuf>,
    /// A place instead of a file, e.g. NIS:21009; may be given several times.
    #[arg(long, value_parser = PlaceCode::parse)]
    place: Vec<PlaceCode>,
    /// A circle instead of a file: latitude, longitude, radius, e.g. 50.85,4.35,10km.
    #[arg(long, value_parser = circle, allow_hyphen_values = true)]
    circle: Option<Circle>,
}

/// Runs the command.
pub fn run(args: AreaArgs, json: bool) -> anyhow::Result<ExitCode> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let done = answer(args, json, &mut out).and_then(|code| Ok(out.flush().map(|()| code)?));
    match done {
        // The reader has seen enough, as in `tocsin area cover … | head`.
        Err(e) if e.downcast_ref::<std::io::Error>().is_some_and(is_broken_pipe) => Ok(ExitCode::SUCCESS),
        done => done,
    }
}

fn is_broken_pipe(e: &std::io::Error) -> bool {
    e.kind() == std::io::ErrorKind::BrokenPipe
}

fn answer(args: AreaArgs, json: bool, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let gazetteer = Gazetteer::embedded()?;
    match args.command {
        AreaCommand::Cover { area, uncompacted, format } => {
            let format = if json { Format::Json } else { format };
            match area.read(gazetteer)? {
                Ok(target) => cover(&target, uncompacted, format, out)?,
                Err(faults) => return Ok(tell(&faults)),
            }
        }
        AreaCommand::Locate { lat, lon } => {
            writeln!(out, "{}", located(&gazetteer.locate(lat, lon)?))?;
        }
        AreaCommand::Split { area } => match area.read(gazetteer)? {
            Ok(target) => split(&target, json, out)?,
            Err(faults) => return Ok(tell(&faults)),
        },
    }
    Ok(ExitCode::SUCCESS)
}

impl AreaInput {
    fn read(self, gazetteer: &Gazetteer) -> anyhow::Result<Result<TargetArea, Vec<AreaFault>>> {
        let (resolution, mode) = (self.resolution, self.mode);
        let spec = if let Some(file) = self.source.file {
            geojson_spec(&read_file(&file)?, resolution, mode)
        } else {
            let places = self.source.place.into_iter().map(AreaPart::Place);
            let include = places.chain(self.source.circle.map(AreaPart::Circle)).collect();
            Ok(AreaSpec { include, exclude: Vec::new(), resolution, mode })
        };
        Ok(spec.and_then(|spec| resolve(&spec, gazetteer)))
    }
}

fn read_file(file: &Path) -> anyhow::Result<String> {
    // One byte more than allowed, so that the check of size sees it; never a whole disk.
    let most = u64::try_from(limits::BYTES)? + 1;
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        std::io::stdin().take(most).read_to_end(&mut bytes).context("reading standard input")?;
    } else {
        let opened = std::fs::File::open(file).with_context(|| format!("opening {}", file.display()))?;
        opened.take(most).read_to_end(&mut bytes).with_context(|| format!("reading {}", file.display()))?;
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        // The cut may fall inside a character; the size is refused below anyway.
        Err(e) if e.as_bytes().len() > limits::BYTES => String::from_utf8_lossy(e.as_bytes()).into_owned(),
        Err(e) => bail!("{}: not UTF-8: {e}", file.display()),
    };
    // Some editors begin a file with a byte order mark, which is no JSON.
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// Every fault on stderr, with its place in the document the user gave.
fn tell(faults: &[AreaFault]) -> ExitCode {
    for fault in faults {
        // What was filed is one part; its own pointers begin below that.
        let own = ["/include/0/geojson", "/include/0/circle"].iter().find_map(|p| fault.pointer.strip_prefix(p));
        let place = fault.code.ends_with("_place") || fault.code == "no_boundary";
        match own.unwrap_or(&fault.pointer) {
            _ if place => eprintln!("error: {}", fault.message),
            "" | "/include" => eprintln!("error: the area: {}", fault.message),
            pointer => eprintln!("error: {pointer}: {}", fault.message),
        }
    }
    ExitCode::FAILURE
}

fn cells(target: &TargetArea, uncompacted: bool) -> Vec<String> {
    if uncompacted {
        target.cells.cells_at(target.resolution).map(|cell| format!("{:015x}", u64::from(cell))).collect()
    } else {
        target.cells.to_hex()
    }
}

fn cover(target: &TargetArea, uncompacted: bool, format: Format, out: &mut impl Write) -> anyhow::Result<()> {
    match format {
        Format::Cells => cells(target, uncompacted).iter().try_for_each(|cell| writeln!(out, "{cell}"))?,
        Format::Geojson => writeln!(out, "{}", outline(&target.cells, target.resolution)?)?,
        Format::Json => {
            let cells = cells(target, uncompacted);
            let document = json!({
                "resolution": u8::from(target.resolution),
                "mode": target.mode.code(),
                "index_version": target.index_version,
                "area_km2": (target.cells.area_km2() * 1000.0).round() / 1000.0,
                "count": cells.len(),
                "count_uncompacted": target.cells.count_at(target.resolution),
                "cells": cells,
            });
            writeln!(out, "{document}")?;
        }
    }
    Ok(())
}

fn split(target: &TargetArea, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let split = &target.split;
    if json {
        let languages = split.by_language.iter().map(|(l, cells)| (l.code().to_owned(), json!(cells.to_hex())));
        let mut document: Map<String, Value> = languages.collect();
        document.insert("unassigned".to_owned(), json!(split.unassigned.to_hex()));
        let regimes = split.regimes.iter().map(|(r, count)| (r.code().to_owned(), json!(count)));
        document.insert("regimes".to_owned(), Value::Object(regimes.collect()));
        writeln!(out, "{}", Value::Object(document))?;
        return Ok(());
    }
    for (language, cells) in &split.by_language {
        cells.to_hex().iter().try_for_each(|cell| writeln!(out, "{language} {cell}"))?;
    }
    split.unassigned.to_hex().iter().try_for_each(|cell| writeln!(out, "unassigned {cell}"))?;
    Ok(())
}

fn located(located: &Located) -> Value {
    let cell = format!("{:015x}", u64::from(located.cell));
    let Some(place) = &located.place else {
        return json!({
            "country": null, "code": null, "names": { "fr": null, "nl": null, "de": null }, "regime": null,
            "languages": [], "police_zone": null, "arrondissement": null, "prosecutor": null, "cell": cell,
        });
    };
    let code = match &place.code {
        PlaceCode::Nis(code) | PlaceCode::Insee(code) => code.clone(),
        other => other.to_string(),
    };
    let languages: Vec<&str> = place.regime.languages().iter().map(|language| language.code()).collect();
    let mut answer = json!({
        "country": place.code.country().code(),
        "code": code,
        "names": { "fr": place.names.fr, "nl": place.names.nl, "de": place.names.de },
        "regime": place.regime.code(),
        "languages": languages,
        "police_zone": place.police_zone,
        "arrondissement": place.arrondissement,
        "prosecutor": place.prosecutor,
        "cell": cell,
    });
    if let (Some(object), false) = (answer.as_object_mut(), place.courts.is_empty()) {
        object.insert("courts".to_owned(), json!(place.courts));
    }
    answer
}

fn degrees(text: &str, most: f64) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if number.abs() <= most { Ok(number) } else { Err(format!("not between -{most} and {most} degrees")) }
}

fn latitude(text: &str) -> Result<f64, String> {
    degrees(text, 90.0)
}

fn longitude(text: &str) -> Result<f64, String> {
    degrees(text, 180.0)
}

fn resolution(text: &str) -> Result<Resolution, String> {
    let read = text.parse::<u8>().ok().and_then(|n| Resolution::try_from(n).ok());
    read.filter(|r| *r <= FINEST_RESOLUTION)
        .ok_or_else(|| format!("not a whole number from 0 to {}", u8::from(FINEST_RESOLUTION)))
}

/// `50.85,4.35,10km`; metres without a unit.
fn circle(text: &str) -> Result<Circle, String> {
    let shape = || "not latitude,longitude,radius, e.g. 50.85,4.35,10km or 50.85,4.35,500m".to_owned();
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let [lat, lon, radius] = parts.as_slice() else {
        return Err(shape());
    };
    let (number, unit) = match (radius.strip_suffix("km"), radius.strip_suffix('m')) {
        (Some(number), _) => (number, 1000.0),
        (None, Some(number)) => (number, 1.0),
        (None, None) => (*radius, 1.0),
    };
    let read = |text: &str| text.trim().parse::<f64>().map_err(|_| shape());
    Circle::new(read(lat)?, read(lon)?, read(number)? * unit).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        area: AreaArgs,
    }

    fn parse(line: &str) -> Result<Command, clap::Error> {
        Command::try_parse_from(std::iter::once("area").chain(line.split(' ')))
    }

    #[test]
    fn the_published_lines_are_taken() {
        for line in [
            "cover file.geojson",
            "cover - --resolution 9 --mode centroid --uncompacted --format geojson",
            "cover --place NIS:21009",
            "cover --place POST:BE:1050 --place ZONE:5339",
            "cover --circle 50.85,4.35,10km",
            "cover --circle -20.9,55.5,500m",
            "locate 50.85 4.35",
            "locate -20.9 -1.5",
            "split --place PROV:20001",
        ] {
            parse(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        }
    }

    #[test]
    fn wrong_usage_is_refused_by_the_parser() {
        for line in [
            "cover",
            "cover file --place NIS:21009",
            "cover --place 21009",
            "cover --circle 50.85,4.35",
            "cover f --resolution 13",
            "cover f --mode all",
            "cover --circle 95,4,1km",
            "locate 95 4",
            "locate x 4",
            "cover --circle 50,4,0m",
        ] {
            assert!(parse(line).is_err(), "{line} was taken");
        }
        assert_eq!(circle("50.85,4.35,10km").unwrap().radius_m(), 10_000);
        assert_eq!(circle("50.85, 4.35, 2.5 km").unwrap().radius_m(), 2_500);
    }
}
