//! `check`: everything an operator can get wrong, looked at before it matters.

use super::runtime;
use crate::app::{App, ad_ports, channel_accounts, check_texts, checkpoints, warm_up};
use crate::channels::email::smtp::SmtpRelay;
use crate::config::Config;
use crate::db::{DbError, migration_state};
use crate::domain::canonical;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::process::ExitCode;

struct Finding {
    what: &'static str,
    well: bool,
    detail: String,
}

pub fn run(config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let mut findings =
        vec![Finding { what: "configuration", well: true, detail: format!("{:?}", config.database_url()?) }];
    let relay =
        if config.email.host.is_empty() { Ok("off: no relay configured".to_owned()) } else { check_relay(&config) };
    findings.push(finding("email", relay));
    match App::open(config, "") {
        Ok(app) => {
            findings.push(Finding { what: "keys and media", well: true, detail: "readable".to_owned() });
            let passkeys = app.passkeys.as_ref().map(|party| format!("for {}", party.domain()));
            let passkeys =
                passkeys.unwrap_or_else(|| "off: server.public_url is no https address with a domain".to_owned());
            findings.push(finding("passkeys", Ok(passkeys)));
            findings.push(finding("spelling", Ok(check_texts::dictionaries(&app))));
            findings.push(finding("gazetteer", Ok(app.gazetteer.version().to_owned())));
            let state = app.db.bare(migration_state);
            let migrated = state.as_ref().is_ok_and(|state| state.pending.is_empty());
            findings.push(finding(
                "migrations",
                match state {
                    Ok(state) if state.pending.is_empty() => Ok(format!("{} known, none pending", state.known)),
                    Ok(state) => Err(format!("{} pending; run `tocsin migrate`", state.pending.len())),
                    Err(e) => Err(e.to_string()),
                },
            ));
            findings.push(finding("clock", check_clock(&app)));
            findings.push(finding("disk", check_store(&app)));
            // Its tables come with the migrations.
            if migrated {
                findings.push(finding("audit", checkpoints::standing(&app)));
                findings.push(finding("channels", channel_accounts::standing(&app)));
                findings.push(finding("ads", ad_ports::standing(&app)));
                findings.push(finding("warm-up", warm_up::standing(&app)));
            }
        }
        Err(e) => findings.push(Finding { what: "database", well: false, detail: e.to_string() }),
    }
    let well = findings.iter().all(|finding| finding.well);
    if json {
        let list: Vec<_> =
            findings.iter().map(|f| json!({"check": f.what, "ok": f.well, "detail": f.detail})).collect();
        println!("{}", json!({"ok": well, "checks": list}));
    } else {
        for f in &findings {
            println!("{:<14} {:<6} {}", f.what, if f.well { "ok" } else { "FAILED" }, f.detail);
        }
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn finding(what: &'static str, outcome: Result<String, String>) -> Finding {
    match outcome {
        Ok(detail) => Finding { what, well: true, detail },
        Err(detail) => Finding { what, well: false, detail },
    }
}

/// The database's clock decides when authority ends: it may not be far from this machine's.
fn check_clock(app: &App) -> Result<String, String> {
    let database = app.db.bare(crate::db::Conn::now).map_err(|e: DbError| e.to_string())?;
    let apart = (chrono::Utc::now() - database).num_seconds().abs();
    if apart <= 5 {
        Ok(format!("{apart} s from the database"))
    } else {
        Err(format!("{apart} s from the database's clock"))
    }
}

/// Writes, reads and erases a small object where the pictures are kept.
fn check_store(app: &App) -> Result<String, String> {
    let probe = b"tocsin check";
    let digest = canonical::hex(&Sha256::digest(probe));
    let runtime = runtime().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        app.media.put(&digest, probe.to_vec()).await.map_err(|e| e.to_string())?;
        let found = app.media.get(&digest).await.map_err(|e| e.to_string())?;
        app.media.delete(&digest).await.map_err(|e| e.to_string())?;
        found.map(|_| "pictures can be written and read".to_owned()).ok_or_else(|| "a picture vanished".to_owned())
    })
}

fn check_relay(config: &Config) -> Result<String, String> {
    let relay = SmtpRelay::new(&config.email).map_err(|e| e.to_string())?;
    let runtime = runtime().map_err(|e| e.to_string())?;
    runtime.block_on(relay.greet()).map_err(|e| e.to_string())?;
    let answers = format!("{}:{} answers", config.email.host, config.email.port);
    Ok(match relay.dkim_record() {
        Some((name, text)) => format!("{answers}; signs with the key of {name} TXT \"{text}\""),
        None => format!("{answers}; mails are not signed (email.dkim)"),
    })
}
