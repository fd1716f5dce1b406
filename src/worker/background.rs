//! Deliveries whose last few mails take their time (a tarpit's, say) go on in the background, so that whoever works them
//! can take the next one. How few, and how many such deliveries, is bounded: whatever is under way counts.

use crate::app::AppError;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinHandle;

/// Deliveries in the background at a time: few enough that each may bring what one connection has in hand.
const PLACES: usize = 6;

type Work = JoinHandle<Result<(), AppError>>;

/// The background of one worker.
pub struct Background {
    places: Arc<Semaphore>,
    /// Mails of one delivery in it.
    keep: usize,
    tasks: Mutex<Vec<Work>>,
}

impl Background {
    /// Room for so many mails altogether; without, nothing ever leaves the foreground.
    pub fn new(mails: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(PLACES)), keep: mails / PLACES, tasks: Mutex::default() }
    }

    /// Works something in the foreground: ends when it has ended, or has left for the background.
    pub async fn work<F>(&self, work: impl FnOnce(Front) -> F) -> Result<(), AppError>
    where
        F: Future<Output = Result<(), AppError>> + Send + 'static,
    {
        let (leaves, left) = oneshot::channel();
        let front = Front { places: self.places.clone(), keep: self.keep, leaves: Some(leaves), place: None };
        let mut task = tokio::spawn(work(front));
        tokio::select! {
            ended = &mut task => of(ended),
            Ok(()) = left => {
                let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
                tasks.push(task);
                Ok(())
            }
        }
    }

    /// What became of those in the background that have ended.
    pub async fn ended(&self) -> Result<(), AppError> {
        while let Some(task) = self.next(JoinHandle::is_finished) {
            of(task.await)?;
        }
        Ok(())
    }

    /// Waits for one of those in the background; whether there was one.
    pub async fn end(&self) -> Result<bool, AppError> {
        let Some(task) = self.next(|_| true) else { return Ok(false) };
        of(task.await).map(|()| true)
    }

    fn next(&self, which: impl Fn(&Work) -> bool) -> Option<Work> {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let at = tasks.iter().position(which)?;
        Some(tasks.swap_remove(at))
    }
}

fn of(ended: Result<Result<(), AppError>, tokio::task::JoinError>) -> Result<(), AppError> {
    ended.unwrap_or_else(|lost| Err(AppError::Broken(format!("a delivery ended early: {lost}"))))
}

/// The place in the foreground, until it is left.
pub struct Front {
    places: Arc<Semaphore>,
    keep: usize,
    leaves: Option<oneshot::Sender<()>>,
    place: Option<OwnedSemaphorePermit>,
}

impl Front {
    /// Mails one delivery may have in the background.
    pub const fn keep(&self) -> usize {
        self.keep
    }

    /// Mails that may wait there for a slow domain. The last places are for what is under way and cannot be laid back.
    pub fn may_wait(&self) -> usize {
        if self.places.available_permits() > PLACES / 2 { self.keep } else { 0 }
    }

    /// It is in the foreground, and there is a background.
    pub const fn may_leave(&self) -> bool {
        self.place.is_none() && self.keep > 0
    }

    /// It goes on in the background.
    pub const fn is_left(&self) -> bool {
        self.place.is_some()
    }

    /// Leaves with so many mails, if they are few enough and there is room.
    pub fn leave(&mut self, mails: usize) {
        if mails > self.keep || !self.may_leave() {
            return;
        }
        let Ok(place) = self.places.clone().try_acquire_owned() else { return };
        if self.leaves.take().is_some_and(|leaves| leaves.send(()).is_ok()) {
            self.place = Some(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::Notify;

    #[tokio::test]
    async fn few_mails_leave_as_long_as_there_is_room_and_are_waited_for_at_the_end() {
        let (background, end) = (Background::new(2 * PLACES), Arc::new(Notify::new()));
        for n in 0..=PLACES {
            let (end, is_foreground) = (end.clone(), n == PLACES);
            let work = |mut front: Front| async move {
                front.leave(3);
                assert!(!front.is_left(), "too many");
                front.leave(2);
                assert_eq!(front.is_left(), !is_foreground);
                if !is_foreground {
                    end.notified().await;
                }
                if n == 3 { Err(AppError::Broken("three".to_owned())) } else { Ok(()) }
            };
            assert!(background.work(work).await.is_ok());
        }
        assert!(background.ended().await.is_ok(), "none has");
        for _ in 0..PLACES {
            end.notify_one();
            tokio::task::yield_now().await;
        }
        let mut ends = Vec::new();
        loop {
            match background.end().await {
                Ok(true) => ends.push(true),
                Ok(false) => break,
                Err(_) => ends.push(false),
            }
        }
        assert_eq!((ends.len(), ends.iter().filter(|good| **good).count()), (PLACES, PLACES - 1));
    }

    #[tokio::test]
    async fn nothing_leaves_where_there_is_no_room() {
        let background = Background::new(PLACES - 1);
        let work = |mut front: Front| async move {
            front.leave(1);
            assert!(!front.is_left());
            Ok(())
        };
        assert!(background.work(work).await.is_ok());
    }
}
