//! Tells what happened, beside the other work: a webhook that hangs holds up no dispatch, and a mass mail no webhook.

use super::rounds::{looks, pause};
use crate::app::{App, AppError, send_webhooks, tell};
use crate::channels::webhook::{Call, Poster};
use tokio::sync::watch;

/// Webhooks called at a time by one worker; each gets one message at a time.
pub const CALLERS: usize = 4;

/// Hands what happened to webhooks and mails until `stop` says so.
pub async fn tell_on(app: App, stop: watch::Receiver<bool>) {
    looks(stop, "tell", pause(&app.config.worker), || hand_on(&app)).await;
}

/// Calls webhooks until `stop` says so; a call in hand is finished.
pub async fn call(app: App, poster: Poster, stop: watch::Receiver<bool>) {
    looks(stop, "webhook", pause(&app.config.worker), || post(&app, &poster)).await;
}

/// Hands on some of what happened; whether there was something.
pub async fn hand_on(app: &App) -> Result<bool, AppError> {
    let context = app.clone();
    if !app.db.read(move |conn| tell::is_due(conn, &context)).await? {
        return Ok(false);
    }
    let context = app.clone();
    app.db.write(move |conn| tell::tell(conn, &context)).await?;
    Ok(true)
}

/// Posts one message if one is due; whether there was one.
pub async fn post(app: &App, poster: &Poster) -> Result<bool, AppError> {
    let context = app.clone();
    if !app.db.read(move |conn| send_webhooks::is_due(conn, &context)).await? {
        return Ok(false);
    }
    let context = app.clone();
    let Some(job) = app.db.write(move |conn| send_webhooks::next(conn, &context)).await? else { return Ok(false) };
    let secrets: Vec<&[u8]> = job.secrets.iter().map(|secret| secret.as_slice()).collect();
    let call = Call { url: &job.url, id: job.message.id.as_str(), body: &job.body, secrets: &secrets, at: job.at };
    let posted = poster.post(&call).await;
    let context = app.clone();
    app.db.write(move |conn| send_webhooks::record(conn, &context, &job.message, &posted)).await?;
    Ok(true)
}
