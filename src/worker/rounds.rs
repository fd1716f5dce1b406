//! Work beside the dispatch goes in rounds: what is due is done and more looked for at once; where nothing is, a rest.

use crate::config;
use std::fmt::Display;
use std::time::Duration;
use tokio::sync::watch;

/// Looks again and again until `stop` says so: at once after a look that found something, after `pause` otherwise. `event`
/// names what failed in the log; the next look is no other for it.
pub async fn looks<F, E>(
    mut stop: watch::Receiver<bool>,
    event: &'static str,
    pause: Duration,
    mut look: impl FnMut() -> F,
) where
    F: Future<Output = Result<bool, E>>,
    E: Display,
{
    while !*stop.borrow() {
        match look().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(cause) => tracing::error!(event, %cause),
        }
        if !rest(&mut stop, pause).await {
            return;
        }
    }
}

/// Rests for so long, or until there is a word from `stop`; false where nobody is left to give one.
pub async fn rest(stop: &mut watch::Receiver<bool>, pause: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(pause) => true,
        changed = stop.changed() => changed.is_ok(),
    }
}

/// How long to rest between looks at what can wait a little: half a second, longer where the worker is told to look more
/// rarely, and never more than two.
pub fn pause(told: &config::Worker) -> Duration {
    Duration::from_millis(told.poll_millis.clamp(500, 2000))
}
