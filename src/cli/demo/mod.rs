//! `demo`: the main job from filing to takedown on real places, through the same HTTP API and pages everybody uses, with
//! an embedded database and a mail catcher. People, cases and pictures are invented.

mod catalogue;
mod client;
mod death;
mod paid;
mod pictures;
mod stories;

use super::{prepare, runtime};
use crate::app::access::{self, Invitation};
use crate::app::audit::By;
use crate::app::chain_duties;
use crate::app::subscribe::{self, ImportLine};
use crate::app::{App, AppError};
use crate::catcher::{self, SmtpCatcher};
use crate::config::{Config, SmtpSecurity};
use crate::db::access as rows;
use crate::domain::actor::Role;
use crate::domain::place::Country;
use crate::domain::rules::Level;
use crate::http;
use anyhow::Context;
use clap::Args;
use client::{Api, Person};
use death::OwnWorker;
use paid::Platforms;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;

/// How to run the demo.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Stop after the last step instead of leaving the pages open to look at
    #[arg(long)]
    exit: bool,
    /// Say on stderr how long each part took
    #[arg(long)]
    verbose: bool,
}

/// The people of the demo: seats that four eyes keep apart.
pub struct Team {
    investigator: Person,
    verifier: Person,
    validator: Person,
    head: Person,
    dispatcher: Person,
    responder: Person,
}

/// Everything a story needs.
pub struct Stage {
    api: Api,
    team: Team,
    catcher: SmtpCatcher,
    worker: OwnWorker,
    platforms: Platforms,
    phases: Phases,
}

/// How long each part takes, said where that is asked for.
struct Phases {
    is_said: bool,
    since: std::sync::Mutex<std::time::Instant>,
}

impl Phases {
    fn new(is_said: bool) -> Self {
        Self { is_said, since: std::sync::Mutex::new(std::time::Instant::now()) }
    }

    /// A part is over.
    fn over(&self, part: &str) {
        let mut since = self.since.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.is_said {
            eprintln!("    [{:>6.2} s] {part}", since.elapsed().as_secs_f32());
        }
        *since = std::time::Instant::now();
    }
}

const LOOPBACK: [u8; 4] = [127, 0, 0, 1];

/// A folder of its own that is gone afterwards, whatever happens.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new() -> std::io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("tocsin-demo-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn configuration(scratch: &Scratch, smtp: SocketAddr) -> Config {
    let mut config = Config::default();
    "Tocsin (demo)".clone_into(&mut config.server.operator);
    config.database.url = format!("sqlite:{}", scratch.0.join("tocsin.db").display()).as_str().into();
    config.media.directory = scratch.0.join("media");
    config.keys.server_key_file = scratch.0.join("server.key");
    config.email.host = smtp.ip().to_string();
    config.email.port = smtp.port();
    config.email.security = SmtpSecurity::None;
    "alerts@police.example.be".clone_into(&mut config.email.from);
    "Police – alerts".clone_into(&mut config.email.from_name);
    config.worker.poll_millis = 50;
    config
}

/// Runs the demo.
pub fn run(options: &DemoArgs) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new()?;
    runtime()?.block_on(async { play(options, &scratch).await })
}

async fn play(options: &DemoArgs, scratch: &Scratch) -> anyhow::Result<ExitCode> {
    let begun = std::time::Instant::now();
    let phases = Phases::new(options.verbose);
    let catcher = SmtpCatcher::start(SocketAddr::from((LOOPBACK, 0))).await?;
    let listener = TcpListener::bind(SocketAddr::from((LOOPBACK, 0)))?;
    let base = format!("http://{}", listener.local_addr()?);
    let platforms = Platforms::start().await?;
    let mut config = configuration(scratch, catcher.address);
    platforms.configure(&mut config);
    let app = App::open(config, &base)?;
    prepare(&app.db)?;
    Platforms::import_places(&app)?;
    let server = http::serve(app.clone(), listener, 2)?;
    let (server_handle, serving) = (server.handle(), tokio::spawn(server));
    let (mail_address, mail_server) = mail_view(&catcher)?;
    let mail_handle = mail_server.handle();
    let mail_serving = tokio::spawn(mail_server);
    let worker = OwnWorker::new(&app);
    worker.resume().await?;

    println!("Tocsin demo. Everything stays on this machine; people and cases are invented, places are real.\n");
    phases.over("installation: database, places, simulators");
    let mut stage = None;
    let told = match prepared(&app, &base, catcher, worker, platforms, phases).await {
        Ok(ready) => stories(&app, stage.insert(ready)).await,
        Err(cause) => Err(cause),
    };
    match &told {
        Ok(()) => println!("\nDone in {:.1} s.", begun.elapsed().as_secs_f32()),
        Err(cause) => println!("\nFAILED: {cause:#}"),
    }
    if !options.exit {
        println!("\nLook around, then press Ctrl-C:");
        println!("  public pages   {base}/");
        println!("  feeds          {base}/feeds/fr.atom  {base}/feeds/nl.atom");
        println!("  mail caught    {mail_address}/");
        println!("  API docs       {base}/api/docs");
        if let Some(stage) = &stage {
            println!("  ad ledgers     {}", stage.platforms.ledgers().join("  "));
        }
        tokio::signal::ctrl_c().await?;
    }
    if let Some(stage) = &stage {
        stage.worker.rest().await?;
    }
    server_handle.stop(false).await;
    mail_handle.stop(false).await;
    serving.await??;
    mail_serving.await??;
    Ok(if told.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn mail_view(catcher: &SmtpCatcher) -> anyhow::Result<(String, actix_web::dev::Server)> {
    let catcher = catcher.clone();
    let listener = TcpListener::bind(SocketAddr::from((LOOPBACK, 0)))?;
    let address = format!("http://{}", listener.local_addr()?);
    let server = actix_web::HttpServer::new(move || actix_web::App::new().configure(catcher::routes(catcher.clone())))
        .workers(1)
        .disable_signals()
        .listen(listener)?
        .run();
    Ok((address, server))
}

async fn prepared(
    app: &App,
    base: &str,
    catcher: SmtpCatcher,
    worker: OwnWorker,
    platforms: Platforms,
    phases: Phases,
) -> anyhow::Result<Stage> {
    let api = Api::new(base)?;
    let team = team(app, &api).await?;
    println!(
        "1. Six people in one unit: investigator, verifier, communication officer, head of communication, dispatcher,"
    );
    println!(
        "   responder. Each activated an account with a one-time code and signed in with password and second factor."
    );
    let subscribers = subscribe_invented_people(app)?;
    println!(
        "2. {subscribers} invented subscribers in Ixelles, Kraainem, Liège, Antwerp and Charleroi, each known by address,"
    );
    println!("   language and one H3 cell of resolution 10.\n");
    phases.over("people and subscribers");
    Ok(Stage { api, team, catcher, worker, platforms, phases })
}

async fn stories(app: &App, stage: &Stage) -> anyhow::Result<()> {
    stories::missing_minor(stage).await.context("the missing minor")?;
    stage.phases.over("missing minor: takedown, closure, report");
    catalogue::stolen_art(stage).await.context("the stolen-art catalogue")?;
    stage.phases.over("stolen art");
    stories::wanted_convict(stage).await.context("the wanted convict")?;
    stage.phases.over("wanted convict");
    stage.platforms.print_ledgers();
    println!();
    stories::after_all(app).context("the audit")
}

async fn team(app: &App, api: &Api) -> anyhow::Result<Team> {
    let unit = app.db.write_now(|conn| {
        access::found_unit(
            conn,
            app,
            "Police judiciaire fédérale / Federale gerechtelijke politie",
            Country::Be,
            "0800 30 300",
        )
    })?;
    let invite = |login: &'static str, role: Role| {
        let invitation = Invitation { unit: &unit.id, login, name: login, roles: &[role], person: None };
        app.db.write_now(|conn| access::invite(conn, app, By::service("demo"), &invitation)).map(|(_, code)| code)
    };
    let seat = |login: &str, level: Level| {
        app.db.write_now(|conn| {
            let user = rows::user_by_login(conn, login)?;
            chain_duties::found_seat(conn, app, By::service("demo"), &unit.id, &user.id, level, "demonstration")
        })
    };
    let code = |login, role| invite(login, role).map(|code| code.grouped());
    let (responder, head) = (code("r.lecteur", Role::Responder)?, code("h.communication", Role::Validator)?);
    let (investigator, verifier) = (code("i.enqueteur", Role::Investigator)?, code("v.parquet", Role::Verifier)?);
    let (validator, dispatcher) = (code("c.communication", Role::Validator)?, code("d.diffusion", Role::Dispatcher)?);
    // All at once: each has a password's hash worked out twice.
    let (responder, head, investigator, verifier, validator, dispatcher) = tokio::try_join!(
        api.join("r.lecteur", responder.expose()),
        api.join("h.communication", head.expose()),
        api.join("i.enqueteur", investigator.expose()),
        api.join("v.parquet", verifier.expose()),
        api.join("c.communication", validator.expose()),
        api.join("d.diffusion", dispatcher.expose())
    )?;
    seat("h.communication", Level::HeadOfCommunication)?;
    Ok(Team { investigator, verifier, validator, head, dispatcher, responder })
}

/// Twelve people per place and language, spread by their cell.
fn subscribe_invented_people(app: &App) -> Result<usize, AppError> {
    let places = [
        ("21009", ["fr", "nl"]),
        ("23099", ["nl", "fr"]),
        ("62063", ["fr", "de"]),
        ("11002", ["nl", "nl"]),
        ("52011", ["fr", "fr"]),
    ];
    let now = app.db.read_now(|conn| app.clock.now(conn))?;
    let mut people = Vec::new();
    for (nis, languages) in places {
        for n in 0..12 {
            for (side, language) in languages.iter().enumerate() {
                let (email, place) = (format!("p{n}.{side}.{nis}@mail.example.be"), format!("NIS:{nis}"));
                let line = ImportLine { email: &email, language, cell: "", place: &place };
                people.push(subscribe::parse_line(app, &line, "demo", now).map_err(AppError::Broken)?);
            }
        }
    }
    Ok(app.db.write_now(|conn| subscribe::import(conn, app, &people))?.added)
}
