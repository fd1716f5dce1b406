//! Keeps the copy of who lives where as new as the database, beside the other work: loading ten million people takes
//! seconds, and claims must not wait for it.

use crate::app::App;
use std::time::Duration;
use tokio::sync::watch;

/// Callers catch up with the last few changes themselves, so this need not be often.
const PAUSE: Duration = Duration::from_secs(2);

/// Follows until `stop` says so.
pub async fn follow_audience(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(cause) = app.audience.follow(&app.db).await {
            tracing::error!(event = "audience", %cause);
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}
