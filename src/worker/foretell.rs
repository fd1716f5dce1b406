//! Asks platforms what they say of planned campaigns, beside the other work; nothing is made by asking.

use super::advertise::CALL_LIMIT;
use super::rounds::looks;
use crate::app::{App, AppError, foretell};
use crate::channels::Failure;
use std::time::Duration;
use tokio::sync::watch;

/// How often due questions are looked for: somebody waits in front of a plan.
const PAUSE: Duration = Duration::from_millis(300);

/// Asks until `stop` says so.
pub async fn ask(app: App, stop: watch::Receiver<bool>) {
    if !app.ports.channels().is_empty() {
        looks(stop, "ad.foretell", PAUSE, || look(&app)).await;
    }
}

/// Asks one question that is due; whether there was one.
pub async fn look(app: &App) -> Result<bool, AppError> {
    let channels = app.ports.channels();
    if channels.is_empty() {
        return Ok(false);
    }
    let (context, served) = (app.clone(), channels.clone());
    if !app.db.read(move |conn| foretell::is_due(conn, &context, &served)).await? {
        return Ok(false);
    }
    let context = app.clone();
    let Some((question, order)) = app.db.write(move |conn| foretell::next(conn, &context, &channels)).await? else {
        return Ok(false);
    };
    let Some(port) = app.ports.port(question.channel).cloned() else { return Ok(false) };
    let said = match tokio::time::timeout(CALL_LIMIT, port.foretell(&order)).await {
        Ok(said) => said,
        Err(_) => Err(Failure::Unknown { reason: "no-answer: no answer in time".to_owned() }),
    };
    let context = app.clone();
    app.db.write(move |conn| foretell::record(conn, &context, question, &said)).await?;
    Ok(true)
}
