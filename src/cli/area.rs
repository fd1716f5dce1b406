//! `tocsin area cover | locate | split | aim | draw | find`: areas to cells, points to places, cells to languages and people, words to
//! places. Works anywhere, with no configuration and no database (an aim by a platform's stored places excepted). Data on stdout, words on stderr. How an area is given
//! on the command line is in `area_input`; aims and pictures are in `area_aim`.

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};

use super::area_aim::{AimArgs, DrawArgs, aim_at, picture};
use super::area_input::AreaInput;
use crate::area::{AreaFault, Gazetteer, Inhabitants, Located, outline};
use crate::config::Config;
use crate::domain::area::TargetArea;
use crate::domain::place::{Facilities, PlaceCode};
use crate::words::{Locale, Words};

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
    /// A platform's own targeting for an area, with its recall and its over-reach.
    Aim(AimArgs),
    /// A picture of an area, and of an aim at it when a platform is named.
    Draw(DrawArgs),
    /// Places by a name or its beginning, forgiving accents, case, hyphens and slips: `CODE name (kind, province)`.
    Find {
        /// What the place is called, or a postal code.
        #[arg(required = true)]
        words: Vec<String>,
        /// At most so many.
        #[arg(long, default_value = "10")]
        limit: usize,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Cells,
    Geojson,
    Json,
}

/// Reads the configuration, for the one command here that needs a database.
pub(super) type Configuration<'a> = &'a dyn Fn() -> anyhow::Result<Config>;

/// Runs the command.
pub fn run(args: AreaArgs, json: bool, config: Configuration<'_>) -> anyhow::Result<ExitCode> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let done = answer(args, json, config, &mut out).and_then(|code| Ok(out.flush().map(|()| code)?));
    match done {
        // The reader has seen enough, as in `tocsin area cover … | head`.
        Err(e) if e.downcast_ref::<std::io::Error>().is_some_and(is_broken_pipe) => Ok(ExitCode::SUCCESS),
        done => done,
    }
}

fn is_broken_pipe(e: &std::io::Error) -> bool {
    e.kind() == std::io::ErrorKind::BrokenPipe
}

fn answer(args: AreaArgs, json: bool, config: Configuration<'_>, out: &mut impl Write) -> anyhow::Result<ExitCode> {
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
        AreaCommand::Split { area } => {
            let facilities = area.facilities();
            match area.read(gazetteer)? {
                Ok(target) => split(&target, gazetteer, facilities, json, out)?,
                Err(faults) => return Ok(tell(&faults)),
            }
        }
        AreaCommand::Aim(args) => return aim_at(args, gazetteer, config, out),
        AreaCommand::Draw(args) => return picture(args, gazetteer),
        AreaCommand::Find { words, limit } => return find(&words.join(" "), limit, gazetteer, json, out),
    }
    Ok(ExitCode::SUCCESS)
}

/// Every fault on stderr, with its place in the document the user gave.
pub(super) fn tell(faults: &[AreaFault]) -> ExitCode {
    for fault in faults {
        // What was filed is one part; its own pointers begin below that.
        let own = ["/include/0/geojson", "/include/0/circle", "/include/0/corridor"]
            .iter()
            .find_map(|p| fault.pointer.strip_prefix(p));
        let place = fault.pointer.ends_with("/place");
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
                "notes": target.notes.iter().map(note).collect::<Vec<_>>(),
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

fn note(note: &crate::domain::area::AreaNote) -> Value {
    json!({ "pointer": note.pointer, "code": note.kind.code(), "args": note.args })
}

/// What a person should know about how the area was read, on stderr.
pub(super) fn tell_notes(target: &TargetArea) {
    let words = Words::of(Locale::En);
    for note in &target.notes {
        let args: Vec<(&str, &str)> = note.args.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        eprintln!("note: {}", words.say_with(&format!("note-{}", note.kind.code()), &args));
    }
}

fn find(text: &str, limit: usize, gazetteer: &Gazetteer, json: bool, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let found = gazetteer.search(text, limit);
    if json {
        let place = |c: &crate::area::Candidate| {
            let names = gazetteer.names(&c.code).unwrap_or_default();
            json!({
                "code": c.code.to_string(), "kind": c.code.kind().code(), "within": c.within,
                "names": { "fr": names.fr, "nl": names.nl, "de": names.de },
                "population": gazetteer.population(&c.code),
            })
        };
        writeln!(out, "{}", Value::Array(found.iter().map(place).collect()))?;
    } else {
        found.iter().try_for_each(|candidate| writeln!(out, "{candidate}"))?;
    }
    if found.is_empty() {
        eprintln!("error: no place is called `{text}` or nearly so");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn tell_inhabitants(people: &Inhabitants) {
    let languages: Vec<String> = people.by_language.iter().map(|(l, count)| format!("{l} about {count}")).collect();
    eprintln!(
        "inhabitants: about {} (between {} and {}); {}",
        people.about,
        people.at_least,
        people.at_most,
        languages.join(", ")
    );
    if people.outside_km2 > 0.0 {
        eprintln!("outside Belgium and France: {:.1} km², people not counted", people.outside_km2);
    }
    eprintln!(
        "Each municipality's people (Belgium 2020, France 2023) are spread evenly over it; two languages count twice."
    );
}

fn split(
    target: &TargetArea,
    gazetteer: &Gazetteer,
    facilities: Facilities,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let split = &target.split;
    let people = gazetteer.inhabitants_under(&target.cells, facilities);
    if json {
        let languages = split.by_language.iter().map(|(l, cells)| (l.code().to_owned(), json!(cells.to_hex())));
        let mut document: Map<String, Value> = languages.collect();
        document.insert("unassigned".to_owned(), json!(split.unassigned.to_hex()));
        let regimes = split.regimes.iter().map(|(r, count)| (r.code().to_owned(), json!(count)));
        document.insert("regimes".to_owned(), Value::Object(regimes.collect()));
        let languages = people.by_language.iter().map(|(l, count)| (l.code().to_owned(), json!(count)));
        document.insert(
            "inhabitants".to_owned(),
            json!({
                "about": people.about, "at_least": people.at_least, "at_most": people.at_most,
                "by_language": languages.collect::<Map<String, Value>>(),
                "outside_km2": (people.outside_km2 * 1000.0).round() / 1000.0,
            }),
        );
        document.insert("notes".to_owned(), target.notes.iter().map(note).collect());
        writeln!(out, "{}", Value::Object(document))?;
        return Ok(());
    }
    tell_inhabitants(&people);
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
            "split --place Ixelles --exclude-place NIS:21004 --facilities area-language",
            "cover --place Mons --country BE --circle 50.4,3.9,2km --exclude-circle 50.4,3.9,500m",
            "cover --corridor route.geojson,500m",
            "cover --corridor -,1.5km --place 1050",
            "find saint gilles --limit 5",
        ] {
            parse(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        }
    }

    #[test]
    fn wrong_usage_is_refused_by_the_parser() {
        for line in [
            "cover",
            "cover file --place NIS:21009",
            "cover --place NIS:2100",
            "cover --corridor route.geojson",
            "cover file --exclude-circle 50,4",
            "find",
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
    }
}
