//! The command line: data on stdout, words on stderr; exit code 0 for success, 2 for wrong usage, 1 for the rest.

mod area;
mod area_aim;
mod area_input;
mod audit;
mod backup;
mod channel;
mod check;
mod demo;
mod dispatch;
mod geodata;
mod rules;
mod serve;
mod simulate;
mod subscribers;
mod users;

use crate::app::App;
use crate::config::Config;
use crate::db::{Db, migrate};
use anyhow::Context;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Broadcasts judicially authorised appeals to exactly the people who can help, and follows what they answer.
#[derive(Debug, Parser)]
#[command(name = "tocsin", version, about)]
pub struct Arguments {
    /// Configuration file (TOML); see tocsin.example.toml. Variables `TOCSIN_SECTION__KEY` override it.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Machine-readable output on stdout.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The main job from filing to takedown, on an embedded database with nothing installed
    Demo(demo::DemoArgs),
    /// HTTP API, public pages and, unless --no-worker, a dispatch worker
    Serve(serve::ServeArgs),
    /// A dispatch worker only; any number, on any machine, on one PostgreSQL
    Worker,
    /// Check configuration, database, migrations, channels, clock and disk
    Check,
    /// Bring the database up to date
    Migrate,
    /// Describe, locate and split areas
    Area(area::AreaArgs),
    /// Build the gazetteer from boundary files
    Geodata(geodata::GeodataArgs),
    /// Units and accounts
    User(users::UserArgs),
    /// Tokens for programs
    Token(users::TokenArgs),
    /// What advertising platforms know, stored here
    Channel(channel::ChannelArgs),
    /// An advertising platform on this machine that reaches nobody, with a ledger and faults on demand
    Simulate(simulate::SimulateArgs),
    /// Subscribers
    Subscriber(subscribers::SubscriberArgs),
    /// The rules of law and of the chain
    Rules(rules::RulesArgs),
    /// The audit chain
    Audit(audit::AuditArgs),
    /// Follow dispatches
    Dispatch(dispatch::DispatchArgs),
    /// Copy the database while it is used
    Backup(backup::BackupArgs),
    /// Put a backup back and hold everything that had not ended
    Restore(backup::RestoreArgs),
}

/// Runs one command to its exit code.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { config, json, command } = arguments;
    let load = || Config::load(config.as_deref(), std::env::vars()).context("configuration");
    match command {
        Command::Demo(options) => demo::run(&options),
        Command::Serve(options) => serve::serve(load()?, &options),
        Command::Worker => serve::worker(load()?),
        Command::Check => check::run(load()?, json),
        Command::Migrate => serve::migrate(&load()?, json),
        Command::Area(options) => area::run(options, json, &load),
        Command::Geodata(options) => geodata::run(options, json),
        Command::User(options) => users::user(load()?, options, json),
        Command::Token(options) => users::token(load()?, options, json),
        Command::Channel(options) => channel::run(load()?, options, json),
        Command::Simulate(options) => simulate::run(&options, json),
        Command::Subscriber(options) => subscribers::run(load()?, &options, json),
        Command::Rules(options) => Ok(rules::run(&load()?, &options, json)),
        Command::Audit(options) => audit::run(load, options, json),
        Command::Dispatch(options) => dispatch::run(load()?, &options, json),
        Command::Backup(options) => backup::backup(load()?, &options, json),
        Command::Restore(options) => backup::restore(load()?, &options, json),
    }
}

/// Opens the installation for a command that works on its database; brings an SQLite file up to date on the way.
fn open(config: Config) -> anyhow::Result<App> {
    let app = App::open(config, "").context("cannot start")?;
    prepare(&app.db)?;
    Ok(app)
}

/// SQLite is ours alone, so it is migrated at every start; PostgreSQL is migrated when somebody says `tocsin migrate`.
fn prepare(db: &Db) -> anyhow::Result<()> {
    use crate::db::{DatabaseUrl, migration_state};
    if matches!(db.url(), DatabaseUrl::Sqlite(_)) {
        db.bare(migrate)?;
        return Ok(());
    }
    let state = db.bare(migration_state)?;
    anyhow::ensure!(
        state.pending.is_empty(),
        "the database lacks {} migration(s); run `tocsin migrate` first",
        state.pending.len()
    );
    Ok(())
}

/// A multi-threaded runtime for the commands that need one.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    // Spelled out because no provider is installed by itself when several are linked.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("runtime")
}

/// Logs to stderr; `RUST_LOG` chooses what, `TOCSIN_LOG=json` the form.
fn log() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // A line that could not be written (the disk is full) is lost: saying so would be the next one, and end a request.
    let logger =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    // A second call (tests) keeps the first logger.
    let _ = if std::env::var("TOCSIN_LOG").is_ok_and(|form| form == "json") {
        logger.json().try_init()
    } else {
        logger.try_init()
    };
}
