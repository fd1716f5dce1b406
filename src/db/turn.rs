//! Writers of an SQLite file wait for one another in the order they came. SQLite itself lets a waiting writer sleep and try
//! again, so that one which writes without pause (a rush of responses) would keep everybody else out until they give up.

use std::sync::{Condvar, Mutex, PoisonError};

#[derive(Debug, Default)]
struct Numbers {
    next: u64,
    served: u64,
}

/// Whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Turns {
    numbers: Mutex<Numbers>,
    changed: Condvar,
}

/// A turn; the next one comes when it is dropped.
pub(super) struct Turn<'a>(&'a Turns);

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
