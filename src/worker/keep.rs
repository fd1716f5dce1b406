//! Keeps campaigns in step beside the other work: compares, books what was spent, switches off what may not run.

use super::advertise::CALL_LIMIT;
use crate::app::keep_campaigns::{self, Look};
use crate::app::{App, AppError, fault};
use crate::channels::Failure;
use crate::channels::paid::PaidPort;
use crate::domain::paid::{Campaign, CampaignState};
use std::time::Duration;
use tokio::sync::watch;

/// How often due looks are looked for: a takedown waits no longer.
const PAUSE: Duration = Duration::from_millis(500);

/// Looks until `stop` says so.
pub async fn keep(app: App, mut stop: watch::Receiver<bool>) {
    if app.ports.channels().is_empty() {
        return;
    }
    while !*stop.borrow() {
        match look(&app).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(cause) => tracing::error!(event = "campaign.keep", %cause),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

/// Looks at one campaign if a look is due; whether there was one.
pub async fn look(app: &App) -> Result<bool, AppError> {
    let channels = app.ports.channels();
    if channels.is_empty() {
        return Ok(false);
    }
    let (context, served) = (app.clone(), channels.clone());
    if !app.db.read(move |conn| keep_campaigns::is_due(conn, &context, &served)).await? {
        return Ok(false);
    }
    let context = app.clone();
    let Some(look) = app.db.write(move |conn| keep_campaigns::next(conn, &context, &channels)).await? else {
        return Ok(false);
    };
    let Some(port) = app.ports.port(look.effect.channel).cloned() else { return Ok(false) };
    let seen = see(port.as_ref(), &look).await;
    fault::point("look.after")?;
    let context = app.clone();
    app.db.write(move |conn| keep_campaigns::record(conn, &context, port.as_ref(), &look, &seen)).await?;
    Ok(true)
}

/// What the platform shows, after switching off what may not run.
async fn see(port: &dyn PaidPort, look: &Look) -> Result<Vec<Campaign>, Failure> {
    let (key, known) = (&look.effect.key, look.effect.course.external_id.as_deref());
    let found = limited(port.find(key, known)).await?;
    let is_on = |campaign: &&Campaign| !matches!(campaign.state, CampaignState::Ended | CampaignState::Rejected);
    if look.wanted || !found.iter().any(|campaign| is_on(&campaign)) {
        return Ok(found);
    }
    for campaign in found.iter().filter(is_on) {
        limited(port.stop(&campaign.id)).await?;
    }
    // Seen to be off is what counts.
    limited(port.find(key, known)).await
}

async fn limited<T>(call: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match tokio::time::timeout(CALL_LIMIT, call).await {
        Ok(answered) => answered,
        Err(_) => Err(Failure::Unknown { reason: "no answer in time".to_owned() }),
    }
}
