//! `tocsin channel check`: whether the configured advertising accounts can be used, with what the platforms say of them.
//! `tocsin channel places fetch | import | list`: a platform's own list of places, for platforms that are aimed by place ids. Data
//! on stdout, words on stderr.

use super::{open, runtime};
use crate::app::channel_places::{self, import};
use crate::app::{App, ad_ports};
use crate::channels::targeting::x::listed_places;
use crate::config::Config;
use crate::domain::channel_place::{ChannelPlace, ListedPlace};
use crate::domain::scope::ChannelKind;
use crate::words::{Locale, Words};
use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::collections::BTreeMap;
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
    /// Ask the configured advertising accounts whether they can be used: token, permissions, currency, time zone, the
    /// platform's ids of languages. Makes nothing there; what is found is stored with its date. Exit code 1 when one cannot
    Check {
        /// Only this one; all without
        #[arg(value_enum)]
        name: Option<Checked>,
        /// The language of the words
        #[arg(long, default_value = "en")]
        language: String,
    },
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
    /// Ask X for its list of Belgium and France and store it in place of the stored one; X advises to do so every week
    Fetch,
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

/// Channels with an account that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Checked {
    /// Facebook and Instagram.
    #[value(name = "meta_ads")]
    Meta,
    /// Google Ads.
    #[value(name = "google_ads")]
    Google,
    /// X.
    #[value(name = "x_ads")]
    X,
}

impl From<Checked> for ChannelKind {
    fn from(name: Checked) -> Self {
        match name {
            Checked::Meta => Self::MetaAds,
            Checked::Google => Self::GoogleAds,
            Checked::X => Self::XAds,
        }
    }
}

fn check(config: Config, name: Option<Checked>, language: &str, json: bool) -> anyhow::Result<ExitCode> {
    let words = Words::of(Locale::parse(language).context("the languages are fr, nl, de and en")?);
    let app = open(config)?;
    let mut accounts = ad_ports::accounts(&app);
    accounts.retain(|channel, _| name.is_none_or(|name| ChannelKind::from(name) == *channel));
    anyhow::ensure!(!accounts.is_empty(), "no such account is configured: see [meta_ads], [google_ads] and [x_ads]");
    let (mut rows, mut well) = (Vec::new(), true);
    for port in accounts.into_values() {
        let found = runtime()?.block_on(port.check());
        match &found {
            Ok(found) => {
                let languages: BTreeMap<&str, &Vec<String>> =
                    found.languages.iter().map(|(language, ids)| (language.code(), ids)).collect();
                let least = found.least_daily.map(|least| least.0);
                if !json {
                    let ids: Vec<String> =
                        languages.iter().map(|(language, ids)| format!("{language} {}", ids.join("+"))).collect();
                    println!("{:<28} ok      {} {} {}", port.name, found.currency, found.time_zone, ids.join(", "));
                }
                rows.push(json!({"account": port.name, "ok": true, "currency": found.currency,
                    "time_zone": found.time_zone, "languages": languages, "least_daily_cents": least}));
            }
            Err(failed) => {
                well = false;
                let said = failed.trouble.in_words(words);
                if !json {
                    println!("{:<28} FAILED  {}", port.name, failed.trouble.code());
                    eprintln!("{said} ({})", failed.detail);
                }
                rows.push(json!({"account": port.name, "ok": false, "trouble": failed.trouble.code(), "said": said,
                    "detail": failed.detail}));
            }
        }
    }
    if json {
        println!("{}", json!({"ok": well, "accounts": rows}));
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
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

fn store(
    app: &App,
    listed: Vec<ListedPlace>,
    fetched_at: Option<DateTime<Utc>>,
    replace: bool,
    json: bool,
) -> anyhow::Result<()> {
    let read = listed.len();
    let places = channel_places::read(app.gazetteer, listed);
    let gone = app.db.write_now(|conn| import(conn, app, &places, fetched_at, replace))?;
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
    Ok(())
}

/// Runs the command.
pub fn run(config: Config, options: ChannelArgs, json: bool) -> anyhow::Result<ExitCode> {
    let command = match options.command {
        ChannelCommand::Check { name, language } => return check(config, name, &language, json),
        ChannelCommand::Places { command } => command,
    };
    match command {
        PlacesCommand::Import { files, platform: Listing::X, fetched_at, replace } => {
            let listed = rows(&files)?;
            anyhow::ensure!(!listed.is_empty(), "no place in these files");
            store(&open(config)?, listed, fetched_at, replace, json)?;
        }
        PlacesCommand::Fetch => {
            anyhow::ensure!(config.x_ads.is_on(), "no account of X is configured: see [x_ads]");
            let app = open(config)?;
            let listed = runtime()?.block_on(ad_ports::places_of_x(&app))?;
            anyhow::ensure!(!listed.is_empty(), "X lists no place of Belgium or France");
            store(&app, listed, None, true, json)?;
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
