//! `user` and `token`: the first administrator comes from here, with a one-time code and never a default password.

use super::{open, runtime};
use crate::app::access::{self, Invitation};
use crate::app::audit::By;
use crate::app::{AppError, chain_duties, grants, tokens};
use crate::config::Config;
use crate::db::access as rows;
use crate::domain::actor::{Permission, Role};
use crate::domain::grant::{Field, Right};
use crate::domain::ids::UnitId;
use crate::domain::place::Country;
use crate::domain::rules::Level;
use crate::sealing::{Secret, TotpSecret};
use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};
use serde_json::json;
use std::process::ExitCode;

/// Units and accounts.
#[derive(Debug, Args)]
pub struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add a unit
    Unit {
        /// Official name, shown on public pages
        name: String,
        /// BE or FR
        #[arg(long, default_value = "BE")]
        country: String,
        /// Telephone number given to the public
        #[arg(long, default_value = "")]
        contact: String,
    },
    /// Invite somebody; prints the one-time code they activate their account with
    Add {
        /// What they will type
        login: String,
        /// Their name
        #[arg(long)]
        name: String,
        /// The unit's id
        #[arg(long)]
        unit: String,
        /// Roles: investigator, verifier, validator, dispatcher, responder, auditor, `legal_officer`, administrator
        #[arg(long, value_delimiter = ',', default_value = "administrator")]
        roles: Vec<String>,
        /// Fields they may see: sender-identity, magistrate
        #[arg(long, value_delimiter = ',')]
        fields: Vec<String>,
    },
    /// Close an account: its sessions end and its tokens stop at once
    Disable {
        /// Whose
        login: String,
    },
    /// Activate an account with its one-time code: `TOCSIN_PASSWORD` holds the password; prints the second factor
    Activate {
        /// The one-time code
        code: String,
    },
    /// Print the current six digits of a second factor
    Code {
        /// The secret that activation printed
        secret: String,
    },
    /// Let a validator say yes at a level
    Level {
        /// Whose
        login: String,
        /// `communication_officer`, `head_of_communication`, `directorate` or `ministers_office`
        level: String,
        /// Why
        #[arg(long, default_value = "given at set-up")]
        reason: String,
    },
    /// List units and accounts
    List,
}

/// Tokens for programs.
#[derive(Debug, Args)]
pub struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token for an account; shown once
    Add {
        /// Whose
        login: String,
        /// What it is for
        #[arg(long)]
        name: String,
        /// Permissions, e.g. appeals:read,appeals:write,authorisations:record,appeals:submit
        #[arg(long, value_delimiter = ',')]
        scopes: Vec<String>,
        /// Days it works, 1 to 90
        #[arg(long, default_value_t = 30)]
        days: i64,
    },
}

fn say(json: bool, value: &serde_json::Value, plain: &str) {
    if json {
        println!("{value}");
    } else {
        println!("{plain}");
    }
}

pub fn user(config: Config, options: UserArgs, json: bool) -> anyhow::Result<ExitCode> {
    match options.command {
        UserCommand::Code { secret } => {
            let secret = TotpSecret::from_base32(&secret).context("not a second factor's secret")?;
            let now = u64::try_from(chrono::Utc::now().timestamp())?;
            println!("{}", secret.code_at(now).expose());
        }
        UserCommand::Unit { name, country, contact } => {
            let app = open(config)?;
            let country = Country::parse(&country).context("country must be BE or FR")?;
            let unit = app.db.write_now(|conn| access::found_unit(conn, &app, &name, country, &contact))?;
            say(json, &json!({"id": unit.id.as_str()}), unit.id.as_str());
        }
        UserCommand::Add { login, name, unit, roles, fields } => {
            let app = open(config)?;
            let unit = UnitId::parse(&unit)?;
            let roles = roles
                .iter()
                .map(|code| Role::parse(code).ok_or_else(|| anyhow!("`{code}` is not a role")))
                .collect::<anyhow::Result<Vec<_>>>()?;
            let invitation = Invitation { unit: &unit, login: &login, name: &name, roles: &roles, person: None };
            let fields = fields.iter().map(|code| Field::parse(code).ok_or_else(|| anyhow!("`{code}` is not a field")));
            let fields = fields.collect::<anyhow::Result<Vec<_>>>()?;
            let dangerous = !fields.is_empty() || roles.iter().any(|role| Right::Role(*role).is_dangerous());
            // The command line begins a unit. Once two administrators are there, rights take both of them.
            let founded = app.db.read_now(|conn| grants::is_founded(conn, &unit))?;
            anyhow::ensure!(
                !(dangerous && founded),
                "the unit has two administrators: one asks for these rights (POST /api/v1/grants), the other confirms"
            );
            let (id, code) = app.db.write_now(|conn| {
                let by = || By::service("cli, beginning of the unit");
                let (id, code) = access::invite(conn, &app, by(), &invitation)?;
                for field in &fields {
                    grants::bootstrap_field(conn, &app, by(), &id, *field)?;
                }
                Ok::<_, AppError>((id, code))
            })?;
            eprintln!("{login} activates the account with this code within 72 hours; it is shown once");
            let code = code.grouped();
            say(json, &json!({"id": id.as_str(), "one_time_code": code.expose()}), code.expose());
        }
        UserCommand::Activate { code } => {
            let password = std::env::var("TOCSIN_PASSWORD").context("set TOCSIN_PASSWORD to the new password")?;
            let app = open(config)?;
            let activated = runtime()?.block_on(access::activate(&app, &code, password))?;
            let recovery: Vec<&String> = activated.recovery.iter().map(Secret::expose).collect();
            eprintln!("recovery codes, each good once for a lost authenticator; keep them apart from it:");
            for code in &recovery {
                eprintln!("  {code}");
            }
            eprintln!("add this secret to an authenticator; it is shown once");
            let view = json!({"user": activated.user.as_str(), "totp_secret": activated.totp.expose(), "otpauth_uri": activated.uri.expose(), "recovery_codes": recovery});
            say(json, &view, activated.totp.expose());
        }
        UserCommand::Level { login, level, reason } => {
            let app = open(config)?;
            let level = Level::parse(&level).with_context(|| format!("`{level}` is not a level"))?;
            let seat = app.db.write_now(|conn| {
                let user = rows::user_by_login(conn, &login)?;
                chain_duties::found_seat(conn, &app, By::service("cli"), &user.unit, &user.id, level, &reason)
            })?;
            say(json, &json!({"id": seat.id.as_str(), "level": level.code()}), seat.id.as_str());
        }
        UserCommand::Disable { login } => {
            let app = open(config)?;
            app.db
                .write_now(|conn| grants::disable_from_cli(conn, &app, &login))
                .with_context(|| format!("no account `{login}`"))?;
            say(json, &json!({"disabled": login}), "closed");
        }
        UserCommand::List => {
            let app = open(config)?;
            let mut list = Vec::new();
            for unit in app.db.read_now(rows::all_units)? {
                for user in app.db.read_now(|conn| rows::users_of(conn, &unit.id))? {
                    let roles: Vec<_> = user.roles.iter().map(|role| role.code()).collect();
                    if !json {
                        println!("{:<30} {:<20} {}", unit.name, user.login, roles.join(","));
                    }
                    list.push(json!({"unit": unit.name, "unit_id": unit.id.as_str(), "id": user.id.as_str(), "login": user.login, "roles": roles}));
                }
            }
            if json {
                println!("{}", json!({"users": list}));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub fn token(config: Config, options: TokenArgs, json: bool) -> anyhow::Result<ExitCode> {
    let TokenCommand::Add { login, name, scopes, days } = options.command;
    let app = open(config)?;
    let scopes = scopes
        .iter()
        .map(|code| Permission::parse(code).ok_or_else(|| anyhow!("`{code}` is not a permission")))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let user =
        app.db.read_now(|conn| rows::user_by_login(conn, &login)).with_context(|| format!("no account `{login}`"))?;
    let (_, token) =
        app.db.write_now(|conn| tokens::add_token(conn, &app, By::service("cli"), &user.id, &name, &scopes, days))?;
    eprintln!("the token is shown once");
    let text = token.text();
    say(json, &json!({"token": text.expose()}), text.expose());
    Ok(ExitCode::SUCCESS)
}
