//! Hears that there may be work, so that a worker need not wait for its next poll. Only a hint: nothing is lost with it.

use crate::db::{Db, Listener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// How often the socket is looked at: no query, only what already arrived.
const LOOK: Duration = Duration::from_millis(20);
/// A lost connection is replaced after this.
const AGAIN: Duration = Duration::from_secs(2);

/// Listens on a thread of its own until `stop` says so or nobody wants to know any more.
pub fn listen(db: Db, stop: watch::Receiver<bool>) -> Arc<Notify> {
    let heard = Arc::new(Notify::new());
    let told = Arc::downgrade(&heard);
    std::thread::spawn(move || {
        let mut listener: Option<Listener> = None;
        while !*stop.borrow() && stop.has_changed().is_ok() {
            let Some(told) = told.upgrade() else { return };
            let Some(ear) = &mut listener else {
                match db.listen() {
                    // SQLite: polling is all there is.
                    Ok(None) => return,
                    Ok(some) => listener = some,
                    Err(cause) => {
                        tracing::warn!(event = "worker.listen", %cause);
                        std::thread::sleep(AGAIN);
                    }
                }
                continue;
            };
            match ear.heard() {
                Ok(true) => told.notify_one(),
                Ok(false) => std::thread::sleep(LOOK),
                Err(cause) => {
                    tracing::warn!(event = "worker.listen", %cause);
                    listener = None;
                    std::thread::sleep(AGAIN);
                }
            }
        }
    });
    heard
}
