//! `audit verify`: walks the whole chain and says where it is broken, if it is.

use super::open;
use crate::config::Config;
use crate::db::audit;
use crate::domain::audit::{BrokenChain, ChainWalk};
use clap::{Args, Subcommand};
use serde_json::json;
use std::process::ExitCode;

/// Entries a read: a few megabytes of memory whatever the length of the chain.
const PAGE: i64 = 10_000;

/// The audit chain.
#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Verify the hash chain from its first entry to its head
    Verify,
}

pub fn run(config: Config, options: &AuditArgs, json: bool) -> anyhow::Result<ExitCode> {
    let AuditCommand::Verify = options.command;
    let app = open(config)?;
    // One snapshot, so that entries written meanwhile do not look like a difference.
    let (verdict, length) = app.db.read_now(|conn| {
        let mut walk = ChainWalk::default();
        let (seq, hash) = audit::head(conn)?;
        let mut after = 0;
        loop {
            let page = audit::entries_after(conn, after, None, None, PAGE)?;
            let Some(last) = page.last() else { break };
            after = i64::try_from(last.entry.seq).unwrap_or(i64::MAX);
            for stored in &page {
                if let Err(broken) = walk.follow(&stored.entry, &stored.hash) {
                    return Ok::<_, crate::db::DbError>((Err(broken), walk.length()));
                }
            }
        }
        let end = walk.end(u64::try_from(seq).unwrap_or(u64::MAX), &hash);
        Ok((end, walk.length()))
    })?;
    Ok(tell(verdict, length, json))
}

fn tell(verdict: Result<(), BrokenChain>, length: u64, json: bool) -> ExitCode {
    match verdict {
        Ok(()) => {
            if json {
                println!("{}", json!({"ok": true, "entries": length}));
            } else {
                println!("{length} entries, unbroken");
            }
            ExitCode::SUCCESS
        }
        Err(broken) => {
            if json {
                println!("{}", json!({"ok": false, "entries": length, "seq": broken.seq, "why": broken.why}));
            } else {
                println!("broken: {broken}");
            }
            ExitCode::from(1)
        }
    }
}
