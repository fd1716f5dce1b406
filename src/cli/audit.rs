//! `audit`: verify the chain of every act, with what was kept outside the database; export it for somebody who has neither.

use super::open;
use crate::app::audit::By;
use crate::app::verify_audit::{self, Finding, read_checkpoints};
use crate::app::{App, audit as acts, checkpoints, export_audit};
use crate::config::Config;
use crate::db;
use crate::domain::audit::Verdict;
use crate::sealing::CheckpointPublicKey;
use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufReader, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The audit chain.
#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Verify the hash chain from its first entry to its head, and against signed checkpoints
    Verify(VerifyArgs),
    /// Write chain, checkpoints and public key as JSON lines that can be verified without this installation
    Export {
        /// Where to; `-` is standard output
        file: PathBuf,
        /// Leave reasons and salts out: still verifiable, and nothing in it can be guessed
        #[arg(long)]
        without_texts: bool,
    },
    /// Make a checkpoint now and push it to the configured places
    Checkpoint,
    /// Print the public key that checkpoints are signed with
    Key,
    /// Say whether an entry was about the content with this SHA-256
    About {
        /// The entry's number
        seq: i64,
        /// SHA-256 in hexadecimal
        digest: String,
    },
    /// Erase the reasons given in the entries about an object; the chain holds and says so
    Erase {
        /// Its id, e.g. rsp_…
        object: String,
        /// On whose order and why
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// Checkpoints kept outside the database: the file, a log or a mail, one JSON object a line
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Public key the checkpoints are signed with; may be repeated. Default: this installation's
    #[arg(long, value_name = "PUBLICKEY")]
    key: Vec<String>,
    /// Verify an export instead of the database; needs no installation
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} entries, {per_sec}, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// Runs one command of the audit. The configuration is loaded only when it is needed.
pub fn run(load: impl FnOnce() -> anyhow::Result<Config>, options: AuditArgs, json: bool) -> anyhow::Result<ExitCode> {
    match options.command {
        AuditCommand::Verify(verify) => {
            let keys = verify.key.iter().map(|text| CheckpointPublicKey::from_text(text));
            let keys = keys.collect::<Result<Vec<_>, _>>().map_err(|_| anyhow!("--key is not a public key"))?;
            let kept = match &verify.checkpoint {
                Some(path) => read_checkpoints(&read(path)?).with_context(|| path.display().to_string())?,
                None => Vec::new(),
            };
            match &verify.export {
                Some(path) => verify_export(path, &keys, kept, json),
                None => verify_database(&open(load()?)?, keys, kept, json),
            }
        }
        AuditCommand::Export { file, without_texts } => export(&open(load()?)?, &file, !without_texts, json),
        AuditCommand::Checkpoint => checkpoint(&open(load()?)?, json),
        AuditCommand::Key => {
            let app = open(load()?)?;
            let key = app.audit_key.public();
            tell(json, &json!({"key": key.to_text(), "id": key.id()}), &key.to_text());
            Ok(ExitCode::SUCCESS)
        }
        AuditCommand::About { seq, digest } => {
            let app = open(load()?)?;
            let stored = app.db.read_now(|conn| db::audit::entry(conn, seq)).context("no such entry")?;
            let about = stored.entry.is_about(&digest);
            let words = match about {
                Some(true) => "yes",
                Some(false) => "no",
                None => "unknown: its salt was erased",
            };
            tell(json, &json!({"seq": seq, "about": about}), words);
            Ok(if about == Some(true) { ExitCode::SUCCESS } else { ExitCode::from(1) })
        }
        AuditCommand::Erase { object, reason } => {
            let app = open(load()?)?;
            let emptied = app.db.write_now(|conn| acts::erase(conn, &app, By::service("cli"), &object, &reason))?;
            tell(json, &json!({"erased": emptied}), &format!("{emptied} entries emptied"));
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn tell(json: bool, view: &Value, words: &str) {
    if json {
        println!("{view}");
    } else {
        println!("{words}");
    }
}

fn verify_database(
    app: &App,
    mut keys: Vec<CheckpointPublicKey>,
    kept: Vec<crate::domain::audit::Checkpoint>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    keys.push(app.audit_key.public().clone());
    let against = kept.len();
    let bar = bar();
    // One snapshot, so that entries written meanwhile do not look like a difference.
    let outcome = app.db.read_now(|conn| {
        verify_audit::database(conn, &keys, kept, &mut |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        })
    });
    bar.finish_and_clear();
    Ok(report(&outcome?, against, None, json))
}

fn verify_export(
    path: &Path,
    keys: &[CheckpointPublicKey],
    kept: Vec<crate::domain::audit::Checkpoint>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let bar = bar();
    let against = kept.len();
    let (header, outcome) = verify_audit::export(BufReader::new(file), keys, kept, &mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    })
    .with_context(|| path.display().to_string())?;
    bar.finish_and_clear();
    let unproved = keys.is_empty().then(|| header.key.id());
    if let Some(id) = &unproved {
        eprintln!("signatures were checked with the key in the export, {id}: compare it with the one published");
    }
    Ok(report(&outcome, against, unproved, json))
}

fn report(outcome: &Result<Verdict, Finding>, against: usize, unproved_key: Option<String>, json: bool) -> ExitCode {
    match outcome {
        Ok(verdict) => {
            let Verdict { entries, checkpoints, covered, erased } = *verdict;
            let view = json!({"ok": true, "entries": entries, "checkpoints": checkpoints, "covered": covered,
                "erased": erased, "kept_checkpoints": against, "unproved_key": unproved_key});
            let mut words = format!("{entries} entries, unbroken");
            if checkpoints > 0 {
                words = format!("{words}; {checkpoints} checkpoints agree, the last at entry {covered}");
            }
            tell(json, &view, &words);
            ExitCode::SUCCESS
        }
        Err(Finding::Chain(broken)) => {
            let view = json!({"ok": false, "seq": broken.seq, "upto": broken.upto, "exact": broken.is_exact(),
                "why": broken.why.code(), "checkpoint": broken.checkpoint, "detail": broken.to_string()});
            let mut words = format!("broken: {broken}");
            if let Some(number) = broken.checkpoint {
                words = format!("{words}; checkpoint {number} shows it");
            }
            if broken.upto != broken.seq {
                words = format!("{words}; entries {} to {} are in question", broken.seq, broken.upto);
            }
            tell(json, &view, &words);
            ExitCode::from(1)
        }
        Err(Finding::Checkpoint(fault)) => {
            let view =
                json!({"ok": false, "checkpoint": fault.number, "why": "checkpoint", "detail": fault.to_string()});
            tell(json, &view, &format!("broken: {fault}"));
            ExitCode::from(1)
        }
    }
}

fn export(app: &App, file: &Path, texts: bool, json: bool) -> anyhow::Result<ExitCode> {
    // Handing the chain out is itself an act of it, and the export shows it.
    let name = file.display().to_string();
    app.db.write_now(|conn| {
        let now = app.clock.now(conn)?;
        let act = acts::Act { action: "audit.exported", object: &name, ..acts::Act::default() };
        acts::record(conn, now, By::service("cli"), &act)?;
        checkpoints::seal(conn, app).map(drop)
    })?;
    let bar = bar();
    let mut out: Box<dyn Write> = if name == "-" {
        Box::new(std::io::stdout())
    } else {
        Box::new(BufWriter::new(File::create(file).with_context(|| name.clone())?))
    };
    let written = export_audit::write(app, &mut out, texts, &mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    if name != "-" {
        tell(
            json,
            &json!({"entries": written, "key": app.audit_key.public().to_text()}),
            &format!("{written} entries"),
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn checkpoint(app: &App, json: bool) -> anyhow::Result<ExitCode> {
    let made = app.db.write_now(|conn| checkpoints::seal(conn, app))?;
    let mut well = true;
    for outside in checkpoints::Outside::configured(app) {
        if let Err(cause) = checkpoints::push(app, &outside) {
            eprintln!("{cause}");
            well = false;
        }
    }
    let view = made.map(|checkpoint| checkpoint.to_document());
    let words = view.as_ref().map_or_else(|| "nothing new since the last one".to_owned(), Value::to_string);
    tell(json, &json!({"checkpoint": view}), &words);
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
