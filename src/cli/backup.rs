//! `backup` and `restore`.

use super::open;
use crate::app::back_up::{self, manifest_path};
use crate::config::Config;
use anyhow::Context;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Where to.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// A new file; its manifest is written beside it
    file: PathBuf,
}

/// Where from.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// A backup; its manifest must be beside it
    file: PathBuf,
    /// Replace a database that is in use. Stop every other process first
    #[arg(long)]
    replace: bool,
}

pub fn backup(config: Config, options: &BackupArgs, json: bool) -> anyhow::Result<ExitCode> {
    let app = open(config)?;
    let made = back_up::back_up(&app, &options.file).context("backup")?;
    if json {
        println!("{}", json!({"file": options.file, "sha256": made.sha256, "bytes": made.bytes, "epoch": made.epoch}));
    } else {
        println!("{}  {}", made.sha256, options.file.display());
        eprintln!("{} bytes; manifest in {}", made.bytes, manifest_path(&options.file).display());
        eprintln!("pictures, server key and audit key are not in it: keep them apart");
    }
    Ok(ExitCode::SUCCESS)
}

pub fn restore(config: Config, options: &RestoreArgs, json: bool) -> anyhow::Result<ExitCode> {
    let restored = back_up::restore(config, &options.file, options.replace).context("restore")?;
    if json {
        println!("{}", json!({"epoch": restored.epoch, "held": restored.held, "made_at": restored.manifest.made_at}));
    } else {
        println!("restored; epoch {}; {} deliveries held", restored.epoch, restored.held);
        if restored.held > 0 {
            eprintln!(
                "nothing of them goes out before POST /api/v1/dispatches/{{id}}/resolution says what became of it"
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
