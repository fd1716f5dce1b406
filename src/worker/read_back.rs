//! Reads takedowns back beside the other work: nothing overtakes them and no mass mail makes them wait.

use super::rounds::{looks, pause};
use crate::app::prove_takedown::{self, Address};
use crate::app::{App, AppError, fault};
use crate::channels::read_back::ReadBack;
use tokio::sync::watch;

/// Looks until `stop` says so.
pub async fn read_back(app: App, reader: ReadBack, stop: watch::Receiver<bool>) {
    looks(stop, "takedown.look", pause(&app.config.worker), || look(&app, &reader)).await;
}

/// Looks once if a look is due; whether there was one.
pub async fn look(app: &App, reader: &ReadBack) -> Result<bool, AppError> {
    let context = app.clone();
    if !app.db.read(move |conn| prove_takedown::is_due(conn, &context)).await? {
        return Ok(false);
    }
    let context = app.clone();
    let Some((look, address)) = app.db.write(move |conn| prove_takedown::next(conn, &context)).await? else {
        return Ok(false);
    };
    let seen = match &address {
        Address::Gone(url) => reader.is_gone(url).await,
        Address::Without { url, mark } => reader.is_without(url, mark).await,
        Address::Seen(seen) => seen.clone(),
    };
    fault::point("look.after")?;
    let context = app.clone();
    app.db.write(move |conn| prove_takedown::record(conn, &context, &look, seen)).await?;
    Ok(true)
}
