//! `serve`, `worker`, `migrate`.

use super::{log, prepare, runtime};
use crate::app::{App, check_texts, inbound_mail, letterbox, retention};
use crate::config::Config;
use crate::db::{Db, migrate as run_migrations};
use crate::http;
use crate::mailbox::{Limits, Mailbox};
use crate::worker::{Worker, follow_audience, witness_audit};
use anyhow::Context;
use clap::Args;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use tokio::sync::watch;

/// How to serve.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address to listen on instead of the configured one; port 0 picks a free one
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Leave dispatching to `tocsin worker` processes
    #[arg(long)]
    no_worker: bool,
}

/// Resolves when the process is asked to stop; a second request ends it at once, which the outbox survives.
async fn asked_to_stop() {
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    tokio::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        std::process::exit(1);
    });
}

/// Mails are picked up this often; what is over is erased with every sixtieth look.
const LOOK: std::time::Duration = std::time::Duration::from_secs(10);

/// Picks up mails of the public and erases what is kept no longer, until the process ends.
async fn keep_responses(app: App, mut stopped: watch::Receiver<bool>) {
    let mut looks = 0_u32;
    loop {
        match inbound_mail::pick_up(&app).await {
            Ok(picked) if picked == inbound_mail::Picked::default() => {}
            Ok(picked) => tracing::info!(
                event = "responses.mail",
                taken = picked.taken,
                repeated = picked.repeated,
                boxed = picked.boxed,
                aside = picked.aside
            ),
            Err(cause) => tracing::error!(event = "responses.mail", %cause),
        }
        if looks.is_multiple_of(60) {
            for swept in [retention::sweep(&app).await, letterbox::sweep(&app).await] {
                if let Err(cause) = swept {
                    tracing::error!(event = "responses.retention", %cause);
                }
            }
        }
        looks = looks.wrapping_add(1);
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

pub fn serve(config: Config, options: &ServeArgs) -> anyhow::Result<ExitCode> {
    log();
    let address = options.listen.unwrap_or(config.server.listen);
    let listener = TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    let address = listener.local_addr()?;
    let public_url = if config.server.public_url.is_empty() {
        format!("http://{address}")
    } else {
        config.server.public_url.clone()
    };
    let app = App::open(config, &public_url)?;
    prepare(&app.db)?;
    eprintln!("spelling: {}", check_texts::dictionaries(&app));
    runtime()?.block_on(async move {
        let worker = if options.no_worker { None } else { Some(Worker::new(app.clone())?) };
        let (follower, stopping, keeper) = (app.clone(), app.stopping.clone(), app.clone());
        let doors = app.config.responses.mail_doors().unwrap_or_default();
        let mailbox = Mailbox::open(&app, &doors, Limits::default()).await.context("responses.mail_listen")?;
        for address in &mailbox.addresses {
            eprintln!("mails are taken on {address}");
        }
        // Two request threads serve two cores; the database has its own.
        let server = http::serve(app, listener, 2)?;
        println!("listening on http://{address}");
        let (stop, stopped) = watch::channel(false);
        let handle = server.handle();
        let keeping = tokio::spawn(keep_responses(keeper, stopped.clone()));
        let working = tokio::spawn(async move {
            if let Some(worker) = worker {
                worker.run(stopped).await;
            } else {
                // Plans are counted, audiences cut and the audit witnessed here, whoever sends.
                let witness = witness_audit(follower.clone(), stopped.clone());
                tokio::join!(follow_audience(follower, stopped), witness);
            }
        });
        tokio::spawn(async move {
            asked_to_stop().await;
            // The worker stops leasing at once, beside the requests that are still being answered.
            stopping.ask();
            let _ = stop.send(true);
            mailbox.close().await;
            handle.stop(true).await;
        });
        server.await?;
        working.await?;
        keeping.await?;
        Ok(ExitCode::SUCCESS)
    })
}

pub fn worker(config: Config) -> anyhow::Result<ExitCode> {
    log();
    let public_url = config.server.public_url.clone();
    anyhow::ensure!(!public_url.is_empty(), "server.public_url must be set: a worker writes links into mails");
    let app = App::open(config, &public_url)?;
    prepare(&app.db)?;
    eprintln!("spelling: {}", check_texts::dictionaries(&app));
    runtime()?.block_on(async move {
        let worker = Worker::new(app)?;
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move {
            asked_to_stop().await;
            let _ = stop.send(true);
        });
        eprintln!("working");
        // A task of the runtime, not its first thread's: that one would be woken by another for every answer of a relay.
        tokio::spawn(async move { worker.run(stopped).await }).await?;
        Ok(ExitCode::SUCCESS)
    })
}

pub fn migrate(config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let db = Db::open(config.database_url()?, config.database.connections)?;
    let ran = db.bare(run_migrations)?;
    if json {
        println!("{}", serde_json::json!({"ran": ran}));
    } else if ran.is_empty() {
        println!("up to date");
    } else {
        for name in &ran {
            println!("{name}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
