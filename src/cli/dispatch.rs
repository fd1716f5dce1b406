//! `dispatch watch`: a dispatch as it goes, live in the terminal; one JSON object a change with `--json`.

use super::open;
use crate::app::follow_dispatch::{self, Progress};
use crate::app::{App, AppError};
use crate::config::Config;
use crate::db::dispatches;
use crate::domain::ids::DispatchId;
use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

/// Dispatches.
#[derive(Debug, Args)]
pub struct DispatchArgs {
    #[command(subcommand)]
    command: DispatchCommand,
}

#[derive(Debug, Subcommand)]
enum DispatchCommand {
    /// Follow a dispatch until it is finished
    Watch {
        /// Its id, dsp_…
        id: String,
        /// Say once how far it is
        #[arg(long)]
        once: bool,
    },
}

/// How often news is looked for.
const LOOK: Duration = Duration::from_millis(500);

/// Runs one command.
pub fn run(config: Config, options: &DispatchArgs, json: bool) -> anyhow::Result<ExitCode> {
    let DispatchCommand::Watch { id, once } = &options.command;
    let id = DispatchId::parse(id).map_err(|e| anyhow!("{id}: {e}"))?;
    let app = open(config)?;
    let mut screen = Screen::new(!json && !once && std::io::stderr().is_terminal());
    let mut told = String::new();
    loop {
        let progress = look(&app, &id).with_context(|| format!("dispatch {id}"))?;
        // The estimated end changes by itself and is no news.
        let news = summary(&progress);
        screen.show(&progress);
        if (news != told && (json || !screen.is_live)) || *once {
            println!("{}", if json { document(&progress).to_string() } else { with_end(&news, &progress) });
            told = news;
        }
        if progress.is_finished() || *once {
            if screen.is_live {
                screen.end();
                println!("{}", summary(&progress));
            }
            return Ok(ExitCode::SUCCESS);
        }
        std::thread::sleep(LOOK);
    }
}

fn look(app: &App, id: &DispatchId) -> anyhow::Result<Progress> {
    Ok(app.db.read_now(|conn| {
        let now = app.clock.now(conn)?;
        let dispatch = dispatches::dispatch(conn, id).map_err(AppError::from)?;
        follow_dispatch::progress(conn, dispatch, now)
    })?)
}

/// Sums by channel and language, and by province and language for mail: expected, sent, failed.
type Sums = BTreeMap<(String, String), [i64; 3]>;

fn sums(progress: &Progress, by_province: bool) -> Sums {
    let mut sums = Sums::new();
    for tally in &progress.tallies {
        let key = if by_province {
            (tally.province.clone(), tally.language.clone())
        } else {
            (tally.channel.clone(), tally.language.clone())
        };
        if by_province && (tally.channel != "email" || tally.purpose != "appeal") {
            continue;
        }
        let sum = sums.entry(key).or_default();
        sum.iter_mut().zip([tally.expected, tally.sent, tally.failed]).for_each(|(sum, count)| *sum += count);
    }
    sums
}

fn document(progress: &Progress) -> serde_json::Value {
    let channels = sums(progress, false).into_iter().map(|((channel, language), [expected, sent, failed])| {
        json!({"channel": channel, "language": language, "expected": expected, "sent": sent, "failed": failed})
    });
    let provinces = sums(progress, true).into_iter().map(|((province, language), [expected, sent, failed])| {
        json!({"province": province, "language": language, "expected": expected, "sent": sent, "failed": failed})
    });
    json!({
        "id": progress.dispatch.id.as_str(), "finished": progress.is_finished(), "held": progress.held(),
        "estimated_end": progress.estimated_end,
        "channels": channels.collect::<Vec<_>>(), "provinces": provinces.collect::<Vec<_>>(),
    })
}

fn summary(progress: &Progress) -> String {
    let parts = sums(progress, false).into_iter().map(|((channel, language), [expected, sent, failed])| {
        let failed = if failed > 0 { format!(" ({failed} failed)") } else { String::new() };
        format!("{channel} {language} {sent}/{expected}{failed}")
    });
    let mut line = parts.collect::<Vec<_>>().join(", ");
    if progress.held() > 0 {
        let _ = write!(line, "; {} deliveries wait for a person", progress.held());
    }
    if progress.is_finished() {
        line += "; finished";
    }
    line
}

fn with_end(summary: &str, progress: &Progress) -> String {
    match progress.estimated_end {
        Some(at) if !progress.is_finished() => format!("{summary}; estimated end {}", at.format("%T UTC")),
        _ => summary.to_owned(),
    }
}

/// A bar a channel and language, and one a province and language.
struct Screen {
    is_live: bool,
    all: MultiProgress,
    bars: BTreeMap<(bool, String, String), ProgressBar>,
    last: ProgressBar,
}

impl Screen {
    fn new(is_live: bool) -> Self {
        let all = MultiProgress::new();
        let last = if is_live { all.add(ProgressBar::new_spinner()) } else { ProgressBar::hidden() };
        Self { is_live, all, bars: BTreeMap::new(), last }
    }

    fn show(&mut self, progress: &Progress) {
        if !self.is_live {
            return;
        }
        for by_province in [false, true] {
            for ((first, second), [expected, sent, failed]) in sums(progress, by_province) {
                let name = format!("{first} {second}");
                let bar = self.bars.entry((by_province, first, second)).or_insert_with(|| {
                    let bar = self.all.insert_before(&self.last, ProgressBar::new(0));
                    if let Ok(style) =
                        ProgressStyle::with_template("{prefix:14} {bar:40} {human_pos}/{human_len} {msg}")
                    {
                        bar.set_style(style);
                    }
                    bar.set_prefix(name);
                    bar
                });
                bar.set_length(u64::try_from(expected).unwrap_or(0));
                bar.set_position(u64::try_from(sent + failed).unwrap_or(0));
                bar.set_message(if failed > 0 { format!("{failed} failed") } else { String::new() });
            }
        }
        let end = progress.estimated_end.map(|at| format!("estimated end {}", at.format("%T UTC")));
        let held = (progress.held() > 0).then(|| format!("{} deliveries wait for a person", progress.held()));
        self.last.set_message(end.into_iter().chain(held).collect::<Vec<_>>().join("; "));
        self.last.tick();
    }

    fn end(&self) {
        self.bars.values().for_each(ProgressBar::abandon);
        self.last.finish_and_clear();
    }
}
