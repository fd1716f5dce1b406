//! Finds the aims of appeals that advertise, beside the other work: seconds on one core each, which no request may take.

use super::rounds::looks;
use crate::app::{App, AppError, stored_aims};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often due aims are looked for: somebody waits in front of a plan.
const PAUSE: Duration = Duration::from_millis(300);

/// Finds until `stop` says so.
pub async fn find(app: App, stop: watch::Receiver<bool>) {
    looks(stop, "aim.find", PAUSE, || look(&app)).await;
}

/// Finds the aims of one appeal if some are due; whether there were any.
pub async fn look(app: &App) -> Result<bool, AppError> {
    let context = app.clone();
    if !app.db.read(move |conn| stored_aims::is_due(conn, &context)).await? {
        return Ok(false);
    }
    let context = app.clone();
    let Some(job) = app.db.write(move |conn| stored_aims::next(conn, &context)).await? else {
        return Ok(false);
    };
    let (context, job) = (app.clone(), Arc::new(job));
    let searched = Arc::clone(&job);
    let found = tokio::task::spawn_blocking(move || match &searched.appeal.area {
        Some(area) if !searched.task.is_empty() => stored_aims::find(&context, area, &searched.task),
        _ => Vec::new(),
    });
    // One that broke off is missing, and due again after its lease.
    let found = found.await.map_err(|e| AppError::Broken(e.to_string()))?;
    let context = app.clone();
    app.db.write(move |conn| stored_aims::record(conn, &context, &job, &found)).await?;
    Ok(true)
}
