//! What is due at the platform that forwards messages: one picture fetched, one sender told at a time, beside the other work.

use crate::app::{App, AppError, platform_tasks};
use crate::channels::messenger::Messenger;
use std::time::Duration;
use tokio::sync::watch;

/// How often due tasks are looked for.
const PAUSE: Duration = Duration::from_secs(2);

/// Works until `stop` says so.
pub async fn tend(app: App, messenger: Option<Messenger>, mut stop: watch::Receiver<bool>) {
    let Some(messenger) = messenger else { return };
    while !*stop.borrow() {
        match look(&app, &messenger).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(cause) => tracing::error!(event = "platform", %cause),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

/// Does one task if one is due; whether there was one.
pub async fn look(app: &App, messenger: &Messenger) -> Result<bool, AppError> {
    let context = app.clone();
    if !app.db.read(move |conn| platform_tasks::is_due(conn, &context)).await? {
        return Ok(false);
    }
    platform_tasks::work(app, messenger).await
}
