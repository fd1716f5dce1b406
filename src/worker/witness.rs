//! Makes checkpoints of the audit chain when they are due and brings them outside, beside the other work and whatever
//! becomes of it.

use super::rounds::rest;
use crate::app::checkpoints::{self, Outside};
use crate::app::{App, AppError};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// One small query a look; the thousandth entry waits no longer than this for its checkpoint.
const LOOK: Duration = Duration::from_secs(1);
/// A place that fails is left alone for this long, then twice as long, up to five minutes.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// Seals and pushes until `stop` says so.
pub async fn witness_audit(app: App, mut stop: watch::Receiver<bool>) {
    let mut paused: BTreeMap<String, (Instant, Duration)> = BTreeMap::new();
    let mut told = String::new();
    while !*stop.borrow() {
        match seal_if_due(&app).await {
            Ok(()) => told.clear(),
            // Somebody else was faster.
            Err(AppError::Stale) => {}
            // A broken chain stays broken: said once, not every second.
            Err(cause) if cause.to_string() == told => {}
            Err(cause) => {
                told = cause.to_string();
                tracing::error!(event = "audit.checkpoint", %cause);
            }
        }
        for outside in Outside::configured(&app) {
            let name = outside.name();
            if paused.get(&name).is_some_and(|(until, _)| *until > Instant::now()) {
                continue;
            }
            let context = app.clone();
            let pushed = tokio::task::spawn_blocking(move || checkpoints::push(&context, &outside)).await;
            match pushed.map_err(|e| AppError::Broken(e.to_string())).and_then(|outcome| outcome) {
                Ok(()) => drop(paused.remove(&name)),
                Err(cause) => {
                    tracing::error!(event = "audit.place", %cause);
                    let pause = paused.get(&name).map_or(FIRST_PAUSE, |(_, last)| (*last * 2).min(LONGEST_PAUSE));
                    paused.insert(name, (Instant::now() + pause, pause));
                }
            }
        }
        if !rest(&mut stop, LOOK).await {
            return;
        }
    }
}

async fn seal_if_due(app: &App) -> Result<(), AppError> {
    let context = app.clone();
    if app.db.read(move |conn| checkpoints::is_due(conn, &context)).await? {
        let context = app.clone();
        app.db.write(move |conn| checkpoints::seal(conn, &context)).await?;
    }
    Ok(())
}
