//! `subscriber import`: a confirmed list in, progress on stderr, rejects with their line.

use super::open;
use crate::app::subscribe::{self, ImportLine, Imported};
use crate::app::{App, AppError};
use crate::config::Config;
use crate::db::subscribers::NewSubscriber;
use anyhow::Context;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::fs::File;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// Rows a transaction: large enough for a hundred thousand rows a second, small enough to show progress.
const BATCH: usize = 5000;

/// Subscribers.
#[derive(Debug, Args)]
pub struct SubscriberArgs {
    #[command(subcommand)]
    command: SubscriberCommand,
}

#[derive(Debug, Subcommand)]
enum SubscriberCommand {
    /// Import a list whose owners confirmed elsewhere: columns email, language and cell (H3, resolution 10) or place
    Import {
        /// CSV with a header row
        csv: PathBuf,
        /// Write rejected lines here (CSV: line, reason) instead of stderr
        #[arg(long)]
        rejects: Option<PathBuf>,
    },
}

struct Columns {
    email: usize,
    language: usize,
    cell: Option<usize>,
    place: Option<usize>,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> anyhow::Result<Self> {
        let find = |name: &str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
        let columns = Self {
            email: find("email").context("no column `email`")?,
            language: find("language").context("no column `language`")?,
            cell: find("cell"),
            place: find("place"),
        };
        anyhow::ensure!(columns.cell.is_some() || columns.place.is_some(), "no column `cell` or `place`");
        for column in header {
            let known =
                ["email", "language", "cell", "place"].iter().any(|name| column.trim().eq_ignore_ascii_case(name));
            anyhow::ensure!(known, "unknown column `{column}`: only email, language, cell and place are kept");
        }
        Ok(columns)
    }
}

pub fn run(config: Config, options: &SubscriberArgs, json: bool) -> anyhow::Result<ExitCode> {
    let SubscriberCommand::Import { csv: path, rejects } = &options.command;
    let app = open(config)?;
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let bar =
        if std::io::stderr().is_terminal() { ProgressBar::new(file.metadata()?.len()) } else { ProgressBar::hidden() };
    bar.set_style(ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {msg}")?);
    let sink: Box<dyn std::io::Write> = match rejects {
        Some(path) => Box::new(File::create(path)?),
        None => Box::new(std::io::stderr()),
    };
    let mut rejected = csv::Writer::from_writer(sink);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bar.wrap_read(file));
    let columns = Columns::of(reader.headers()?)?;
    let source = format!("import:{}", path.file_name().and_then(|name| name.to_str()).unwrap_or("list"));
    let now = app.db.read_now(|conn| app.clock.now(conn))?;
    let (mut added, mut unreachable, mut read, mut refused) = (0, 0, 0_u64, 0_u64);
    let mut batch: Vec<NewSubscriber> = Vec::with_capacity(BATCH);
    for record in reader.records() {
        let record = record?;
        read += 1;
        let line = record.position().map_or(0, csv::Position::line);
        let field = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
        let typed = ImportLine {
            email: field(Some(columns.email)),
            language: field(Some(columns.language)).trim(),
            cell: field(columns.cell),
            place: field(columns.place),
        };
        match subscribe::parse_line(&app, &typed, &source, now) {
            Ok(subscriber) => batch.push(subscriber),
            Err(why) => {
                refused += 1;
                if refused == 1 {
                    rejected.write_record(["line", "reason"])?;
                }
                rejected.write_record([line.to_string(), why])?;
            }
        }
        if batch.len() == BATCH {
            let stored = store(&app, &mut batch)?;
            (added, unreachable) = (added + stored.added, unreachable + stored.unreachable);
            bar.set_message(format!("{added} added"));
        }
    }
    let stored = store(&app, &mut batch)?;
    (added, unreachable) = (added + stored.added, unreachable + stored.unreachable);
    rejected.flush()?;
    bar.finish_and_clear();
    app.db.write_now(|conn| subscribe::imported(conn, &app, &source, added))?;
    let (added, unreachable) = (u64::try_from(added)?, u64::try_from(unreachable)?);
    let known = read - refused - added - unreachable;
    if json {
        println!(
            "{}",
            json!({"read": read, "added": added, "known": known, "unreachable": unreachable, "rejected": refused})
        );
    } else {
        println!("{read} read, {added} added, {known} known already, {refused} rejected");
        if unreachable > 0 {
            println!("{unreachable} left out: mail to them came back for good; only they can sign up again");
        }
    }
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn store(app: &App, batch: &mut Vec<NewSubscriber>) -> Result<Imported, AppError> {
    let stored = app.db.write_now(|conn| subscribe::import(conn, app, batch))?;
    batch.clear();
    Ok(stored)
}
