//! `rules check` and `rules list`: are the rule files in order, and what do they say.

use crate::app::read_rules;
use crate::config::Config;
use crate::http::rules_page;
use crate::lint::Lint;
use clap::{Args, Subcommand};
use serde_json::json;
use std::process::ExitCode;

/// The rules of law and of the chain.
#[derive(Debug, Args)]
pub struct RulesArgs {
    #[command(subcommand)]
    command: RulesCommand,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum RulesCommand {
    /// Read every rule file and name each fault with its file, row and field
    Check,
    /// List every rule with its mark and its source
    List,
}

pub fn run(config: &Config, options: &RulesArgs, json: bool) -> ExitCode {
    let book = match read_rules(config) {
        Ok(book) => book,
        Err(faults) => {
            if json {
                println!("{}", json!({"ok": false, "faults": faults}));
            } else {
                println!("{faults}");
            }
            return ExitCode::from(1);
        }
    };
    let lint = Lint::shipped();
    if let Err(fault) = &lint {
        println!("{fault}");
        return ExitCode::from(1);
    }
    let view = rules_page::view(&book, lint.as_ref().ok());
    let rules = view.sections.iter().flat_map(|section| &section.rules);
    match options.command {
        RulesCommand::Check if json => {
            println!("{}", json!({"ok": true, "version": book.version(), "rules": rules.count()}));
        }
        RulesCommand::Check => {
            let count = |mark: &str| view.sections.iter().flat_map(|s| &s.rules).filter(|r| r.mark == mark).count();
            let marks = ["C", "S", "U", "D"].map(|mark| format!("{mark} {}", count(mark)));
            println!("{} rules in order ({}), version {}", rules.count(), marks.join(", "), book.version());
        }
        RulesCommand::List => {
            for rule in rules {
                if json {
                    println!(
                        "{}",
                        json!({"id": rule.id, "mark": rule.mark, "locked": rule.locked, "says": rule.says,
                            "source": rule.source, "holds": rule.holds})
                    );
                } else {
                    println!("{:<22} {}  {} {}", rule.id, rule.mark, rule.says.join(" "), rule.holds);
                }
            }
        }
    }
    ExitCode::SUCCESS
}
