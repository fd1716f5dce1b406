//! `tocsin channel places import | list`: an advertising platform's own list of places, for platforms that are aimed by
//! place ids. Data on stdout, words on stderr.

use super::open;
use crate::app::channel_places::{self, import};
use crate::channels::targeting::x::listed_places;
use crate::config::Config;
use crate::domain::channel_place::{ChannelPlace, ListedPlace};
use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Outgoing channels.
#[derive(Debug, Args)]
pub struct ChannelArgs {
    #[command(subcommand)]
    command: ChannelCommand,
}

#[derive(Debug, Subcommand)]
enum ChannelCommand {
    /// The places a platform knows, by its own ids
    Places {
        #[command(subcommand)]
        command: PlacesCommand,
    },
}

#[derive(Debug, Subcommand)]
enum PlacesCommand {
    /// Store a platform's list and read its names; what is not understood is stored too, and listed with the reason
    Import {
        /// Answers of the platform's list of places, as they came (for X: `GET /12/targeting_criteria/locations`)
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Whose list
        #[arg(long, value_enum, default_value_t = Listing::X)]
        platform: Listing,
        /// When it was fetched (RFC 3339); now, if not said
        #[arg(long)]
        fetched_at: Option<DateTime<Utc>>,
        /// These files are the whole list: forget what else was stored
        #[arg(long)]
        replace: bool,
    },
    /// Print the stored list: id, kind, country, name and the official place or the reason there is none
    List {
        /// Whose list
        #[arg(long, value_enum, default_value_t = Listing::X)]
        platform: Listing,
        /// Only what is not understood
        #[arg(long)]
        unresolved: bool,
    },
}

/// Platforms whose lists are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Listing {
    /// X, once Twitter.
    X,
}

/// A list is some megabytes: 50,000 rows of 160 bytes. Far more is another file.
const MOST_BYTES: u64 = 256 << 20;

/// Every row of these files.
pub(super) fn rows(files: &[PathBuf]) -> anyhow::Result<Vec<ListedPlace>> {
    let mut all = Vec::new();
    for file in files {
        all.extend(of_file(file).with_context(|| file.display().to_string())?);
    }
    Ok(all)
}

fn of_file(file: &Path) -> anyhow::Result<Vec<ListedPlace>> {
    let bytes = std::fs::metadata(file)?.len();
    anyhow::ensure!(bytes <= MOST_BYTES, "{bytes} bytes are no list of places; at most {MOST_BYTES} are read");
    let text = std::fs::read_to_string(file)?;
    Ok(listed_places(text.strip_prefix('\u{feff}').unwrap_or(&text))?)
}

fn shown(place: &ChannelPlace) -> Value {
    json!({
        "id": place.listed.id,
        "name": place.listed.name,
        "kind": place.listed.kind.code(),
        "country": place.listed.country,
        "place": place.meaning.as_ref().ok().map(ToString::to_string),
        "unresolved": place.meaning.as_ref().err(),
    })
}

fn line(place: &ChannelPlace) -> String {
    let listed = &place.listed;
    let meaning = place.meaning.as_ref().map_or_else(|why| format!("? {why}"), ToString::to_string);
    format!("{}\t{}\t{}\t{}\t{meaning}", listed.id, listed.kind.code(), listed.country, listed.name)
}

/// Runs the command.
pub fn run(config: Config, options: ChannelArgs, json: bool) -> anyhow::Result<ExitCode> {
    let ChannelCommand::Places { command } = options.command;
    match command {
        PlacesCommand::Import { files, platform: Listing::X, fetched_at, replace } => {
            let listed = rows(&files)?;
            anyhow::ensure!(!listed.is_empty(), "no place in these files");
            let app = open(config)?;
            let read = listed.len();
            let places = channel_places::read(app.gazetteer, listed);
            let gone = app.db.write_now(|conn| import(conn, &app, &places, fetched_at, replace))?;
            let unresolved: Vec<&ChannelPlace> = places.iter().filter(|place| place.meaning.is_err()).collect();
            if json {
                let document = json!({"read": read, "stored": places.len(), "removed": gone,
                    "unresolved": unresolved.iter().map(|place| shown(place)).collect::<Vec<_>>()});
                println!("{document}");
            } else {
                for place in &unresolved {
                    eprintln!("{}", line(place));
                }
                println!("{read} read, {} stored, {gone} removed, {} not understood", places.len(), unresolved.len());
            }
        }
        PlacesCommand::List { platform: Listing::X, unresolved } => {
            let app = open(config)?;
            let stored = app.db.read_now(|conn| channel_places::stored(conn, app.gazetteer))?;
            let wanted = stored.iter().filter(|row| !unresolved || row.place.meaning.is_err());
            if json {
                let rows: Vec<Value> = wanted
                    .map(|row| {
                        let mut place = shown(&row.place);
                        if let Some(object) = place.as_object_mut() {
                            object.insert("fetched_at".to_owned(), json!(row.fetched_at.to_rfc3339()));
                        }
                        place
                    })
                    .collect();
                println!("{}", json!(rows));
            } else {
                wanted.for_each(|row| println!("{}", line(&row.place)));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
