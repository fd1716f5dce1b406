//! A worker process killed in the middle of a dispatch, and the one that goes on where it stopped.

use super::client::text;
use super::stories::Filed;
use super::{LOOPBACK, Stage};
use crate::app::App;
use crate::catcher::Script;
use crate::worker::{Worker, WorkerError};
use anyhow::{Context, ensure};
use serde_json::Value;
use std::net::IpAddr;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

/// The demo's own worker, which can rest.
pub struct OwnWorker {
    app: App,
    running: Mutex<Option<(watch::Sender<bool>, JoinHandle<()>)>>,
}

impl OwnWorker {
    /// A worker at rest.
    pub fn new(app: &App) -> Self {
        Self { app: app.clone(), running: Mutex::new(None) }
    }

    /// Sets it to work.
    pub async fn resume(&self) -> Result<(), WorkerError> {
        let worker = Worker::new(self.app.clone())?;
        let (stop, stopped) = watch::channel(false);
        let working = tokio::spawn(async move { worker.run(stopped).await });
        *self.running.lock().await = Some((stop, working));
        Ok(())
    }

    /// Lets it finish what is in flight and rest.
    pub async fn rest(&self) -> anyhow::Result<()> {
        if let Some((stop, working)) = self.running.lock().await.take() {
            let _ = stop.send(true);
            working.await?;
        }
        Ok(())
    }

    /// The same work as a process of its own, with a lease short enough to watch it run out.
    fn as_process(&self) -> anyhow::Result<Child> {
        let config = &self.app.config;
        Command::new(std::env::current_exe()?)
            .arg("worker")
            .env("TOCSIN_DATABASE__URL", config.database.url.reveal())
            .env("TOCSIN_KEYS__SERVER_KEY_FILE", &config.keys.server_key_file)
            .env("TOCSIN_MEDIA__DIRECTORY", &config.media.directory)
            .env("TOCSIN_SERVER__PUBLIC_URL", &*self.app.public_url)
            .env("TOCSIN_EMAIL__HOST", IpAddr::from(LOOPBACK).to_string())
            .env("TOCSIN_EMAIL__PORT", config.email.port.to_string())
            .env("TOCSIN_EMAIL__SECURITY", "none")
            .env("TOCSIN_EMAIL__FROM", &config.email.from)
            .env("TOCSIN_WORKER__LEASE_SECONDS", "5")
            .env("TOCSIN_WORKER__POLL_MILLIS", "20")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("a worker process")
    }
}

impl Stage {
    /// Dispatches through a worker process that is killed halfway; the demo's own worker finishes.
    pub async fn dispatch_through_a_death(&self, filed: &Filed, people: &[String]) -> anyhow::Result<Value> {
        self.worker.rest().await?;
        let mut process = self.worker.as_process()?;
        // A relay that takes its time, so that there is a middle to be killed in.
        for person in people {
            self.catcher.script(person, Script::Slow(Duration::from_millis(150)));
        }
        let before = self.catcher.accepted();
        let dispatch = self.launch(filed).await?;
        let begun = Instant::now();
        while self.catcher.accepted() < before + 4 {
            ensure!(begun.elapsed() < Duration::from_secs(20), "the worker process sent nothing");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        process.kill().await?;
        let reached = self.catcher.accepted() - before;
        println!("  a worker process was killed (SIGKILL) when {reached} of {} mails were out", people.len());
        self.worker.resume().await?;
        let view = self.finished(&text(&dispatch, "/id")).await?;
        let mails = self.catcher.accepted() - before;
        let most = usize::from(self.worker.app.config.email.connections);
        ensure!((people.len()..=people.len() + most).contains(&mails), "{mails} mails for {} people", people.len());
        println!(
            "  another took its claim over when the lease ran out: nobody lost, {} mails twice (at most the {most} in flight)",
            mails - people.len()
        );
        Ok(view)
    }
}
