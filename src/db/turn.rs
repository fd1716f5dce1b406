//! Writers of an SQLite file wait for one another in the order they came. SQLite itself lets a waiting writer sleep and try
//! again, so that one which writes without pause (a rush of responses) would keep everybody else out until they give up.
//!
//! Whose turn it is writes through one connection that all of them share: its pages stay in memory from one transaction to
//! the next, where those of a pool's connections would be out of date each time; and whoever waits keeps no reader from a
//! connection.

use super::{Conn, DbError};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
struct Numbers {
    next: u64,
    served: u64,
}

/// Whose turn it is.
#[derive(Default)]
pub(super) struct Turns {
    numbers: Mutex<Numbers>,
    changed: Condvar,
    /// Empty before the first turn, and after one that did not end well.
    conn: Mutex<Option<Conn>>,
}

/// A turn; the next one comes when it is dropped.
pub(super) struct Turn<'a>(&'a Turns);

impl Turn<'_> {
    fn place(&self) -> MutexGuard<'_, Option<Conn>> {
        self.0.conn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that the turn before left, or a new one.
    pub fn connection(&self, open: impl FnOnce() -> Result<Conn, DbError>) -> Result<Conn, DbError> {
        let left = self.place().take();
        left.map_or_else(open, Ok)
    }

    /// Leaves the connection, which is in no transaction, to the next turn. One that is not left is closed, and what it had
    /// begun is rolled back with it.
    pub fn leave(&self, conn: Conn) {
        *self.place() = Some(conn);
    }
}

impl Turns {
    /// Waits for a turn.
    pub fn take(&self) -> Turn<'_> {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = numbers.next;
        numbers.next += 1;
        while numbers.served != mine {
            numbers = self.changed.wait(numbers).unwrap_or_else(PoisonError::into_inner);
        }
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.numbers.lock().unwrap_or_else(PoisonError::into_inner).served += 1;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    #[test]
    fn a_greedy_writer_lets_others_in() {
        let (turns, stop, greedy) =
            (Arc::new(Turns::default()), Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (theirs, over, count) = (turns.clone(), stop.clone(), greedy.clone());
        let thread = std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                let _turn = theirs.take();
                count.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
        });
        while greedy.load(Ordering::Relaxed) == 0 {
            std::thread::yield_now();
        }
        for _ in 0..20 {
            drop(turns.take());
        }
        stop.store(true, Ordering::Relaxed);
        thread.join().unwrap();
        assert!(greedy.load(Ordering::Relaxed) < 60, "one of the greedy writer's between two of ours, not many");
    }
}
