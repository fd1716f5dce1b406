//! Keeps campaigns in step beside the other work: compares, books what was spent, switches off what may not run.

use super::advertise::CALL_LIMIT;
use super::rounds::looks;
use crate::app::change_campaigns::{Changing, Told};
use crate::app::keep_campaigns::{self, Look, Seen};
use crate::app::{App, AppError, fault};
use crate::channels::Failure;
use crate::channels::paid::PaidPort;
use crate::domain::paid::{Campaign, CampaignState, Compared, Limits, compared};
use std::time::Duration;
use tokio::sync::watch;

/// How often due looks are looked for: a takedown waits no longer.
const PAUSE: Duration = Duration::from_millis(500);

/// Looks until `stop` says so.
pub async fn keep(app: App, stop: watch::Receiver<bool>) {
    if !app.ports.channels().is_empty() {
        looks(stop, "campaign.keep", PAUSE, || look(&app)).await;
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

/// What the platform shows, after switching off what may not run and asking for a change that was decided.
async fn see(port: &dyn PaidPort, look: &Look) -> Seen {
    let (key, known) = (&look.effect.key, look.effect.course.external_id.as_deref());
    let found = match limited(port.find(key, known)).await {
        Ok(found) => found,
        Err(failure) => return Seen { found: Err(failure), told: None },
    };
    let is_on = |campaign: &&Campaign| !matches!(campaign.state, CampaignState::Ended | CampaignState::Rejected);
    if !look.wanted {
        let mut stopped = Ok(());
        for campaign in found.iter().filter(is_on) {
            stopped = stopped.and(limited(port.stop(&campaign.id)).await);
        }
        let found = match stopped {
            Err(failure) => Err(failure),
            Ok(()) if found.iter().any(|campaign| is_on(&campaign)) => limited(port.find(key, known)).await,
            Ok(()) => Ok(found),
        };
        // Seen to be off is what counts.
        return Seen { found, told: None };
    }
    match (&look.changing, found.as_slice()) {
        (Some(changing), [one]) if is_on(&one) => change(port, look, changing, one.clone()).await,
        _ => Seen { found: Ok(found), told: None },
    }
}

/// Asks for a change unless it is there already, and looks again: seen to have it is what counts.
async fn change(port: &dyn PaidPort, look: &Look, changing: &Changing, one: Campaign) -> Seen {
    let order = &changing.order;
    let ends_at = match limited(port.keeps(order.ends_at)).await {
        Ok(ends_at) => ends_at,
        // The account does not answer: the same as if it had not been asked.
        Err(failure) => {
            let told = Told { answer: Some(Err(failure)), ends_at: order.ends_at };
            return Seen { found: Ok(vec![one]), told: Some(told) };
        }
    };
    let wanted = Limits { cap_cents: order.cap_cents, ends_at };
    if !changing.is_asked || compared(&one, wanted) == Compared::Reached {
        return Seen { found: Ok(vec![one]), told: Some(Told { answer: None, ends_at }) };
    }
    let answer = limited(port.change(&one.id, order)).await;
    let found = limited(port.find(&look.effect.key, Some(&one.id))).await;
    Seen { found, told: Some(Told { answer: Some(answer), ends_at }) }
}

async fn limited<T>(call: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match tokio::time::timeout(CALL_LIMIT, call).await {
        Ok(answered) => answered,
        Err(_) => Err(Failure::Unknown { reason: "no answer in time".to_owned() }),
    }
}
