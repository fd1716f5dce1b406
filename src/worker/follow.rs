//! Keeps the copy of who lives where as new as the database, beside the other work: loading ten million people takes
//! seconds, and claims must not wait for it.

use super::rounds::looks;
use crate::app::App;
use std::time::Duration;
use tokio::sync::watch;

/// Callers catch up with the last few changes themselves, so this need not be often.
const PAUSE: Duration = Duration::from_secs(2);

/// Follows until `stop` says so.
pub async fn follow_audience(app: App, stop: watch::Receiver<bool>) {
    looks(stop, "audience", PAUSE, async || app.audience.follow(&app.db).await.map(|()| false)).await;
}
