//! Deliveries whose last few mails take their time (a tarpit's, say) go on in the background, so that whoever works them
//! can take the next one. How few, and how many such deliveries, is bounded: whatever is under way counts.

use crate::app::AppError;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinHandle;

/// The part of the background's mails that one delivery may bring: about what one connection has in hand.
const PART: usize = 6;
/// The part of what is free there that may merely wait for a slow domain: most of it is for what is under way.
const WAITING: usize = 16;

type Work = JoinHandle<Result<(), AppError>>;

/// The background of one worker.
pub struct Background {
    /// A permit a mail.
    room: Arc<Semaphore>,
    /// Mails that one delivery may bring.
    most: usize,
    tasks: Mutex<Vec<Work>>,
}

impl Background {
    /// Room for so many mails altogether; without, nothing ever leaves the foreground.
    pub fn new(mails: usize) -> Self {
        Self { room: Arc::new(Semaphore::new(mails)), most: mails / PART, tasks: Mutex::default() }
    }

    /// Works something in the foreground: ends when it has ended, or has left for the background.
    pub async fn work<F>(&self, work: impl FnOnce(Front) -> F) -> Result<(), AppError>
    where
        F: Future<Output = Result<(), AppError>> + Send + 'static,
    {
        let (leaves, left) = oneshot::channel();
        let front = Front { room: self.room.clone(), most: self.most, leaves: Some(leaves), place: None };
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

    /// Waits for all of those in the background; an error of one leaves the others to be waited for.
    pub async fn end_all(&self, report: impl Fn(AppError)) {
        loop {
            match self.end().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(cause) => report(cause),
            }
        }
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
    room: Arc<Semaphore>,
    most: usize,
    leaves: Option<oneshot::Sender<()>>,
    place: Option<OwnedSemaphorePermit>,
}

impl Front {
    /// Mails it may have in the background: as many as it left with, once it is there.
    pub fn keep(&self) -> usize {
        self.place.as_ref().map_or(self.most, OwnedSemaphorePermit::num_permits)
    }

    /// Mails that may wait there for a slow domain.
    pub fn may_wait(&self) -> usize {
        (self.room.available_permits() / WAITING).min(self.most)
    }

    /// It is in the foreground, and there is a background.
    pub const fn may_leave(&self) -> bool {
        self.place.is_none() && self.most > 0
    }

    /// It goes on in the background.
    pub const fn is_left(&self) -> bool {
        self.place.is_some()
    }

    /// Leaves with so many mails, if they are few enough and there is room.
    pub fn leave(&mut self, mails: usize) {
        if mails > self.most || !self.may_leave() {
            return;
        }
        let Ok(permits) = u32::try_from(mails.max(1)) else { return };
        let Ok(place) = self.room.clone().try_acquire_many_owned(permits) else { return };
        if self.leaves.take().is_some_and(|leaves| leaves.send(()).is_ok()) {
            self.place = Some(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use tokio::sync::Notify;

    #[tokio::test]
    async fn few_mails_leave_as_long_as_there_is_room_and_are_waited_for_at_the_end() {
        let (background, end) = (Background::new(2 * PART), Arc::new(Notify::new()));
        let (ended, all_left) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        for n in 0..=PART {
            let (end, ended, all_left, is_foreground) = (end.clone(), ended.clone(), all_left.clone(), n == PART);
            let work = |mut front: Front| async move {
                front.leave(3);
                assert!(!front.is_left(), "too many");
                front.leave(2);
                assert_eq!(front.is_left(), !is_foreground);
                if n == 0 {
                    // What ends before it is seen to have left has ended in the foreground.
                    all_left.notified().await;
                    return Err(AppError::Broken("the first".to_owned()));
                }
                if !is_foreground {
                    end.notified().await;
                    tokio::task::yield_now().await;
                    ended.fetch_add(1, Relaxed);
                }
                Ok(())
            };
            assert!(background.work(work).await.is_ok());
        }
        all_left.notify_one();
        // The others end when the error of the first is known.
        background.end_all(|_| end.notify_waiters()).await;
        assert_eq!(ended.load(Relaxed), PART - 1);
        assert!(background.ended().await.is_ok(), "none is left");
    }

    #[tokio::test]
    async fn the_fewer_mails_a_delivery_leaves_with_the_more_deliveries_have_room() {
        let (background, end) = (Background::new(2 * PART), Arc::new(Notify::new()));
        let mut left = 0;
        for _ in 0..3 * PART {
            let end = end.clone();
            let work = |mut front: Front| async move {
                front.leave(1);
                if front.is_left() {
                    assert_eq!(front.keep(), 1);
                    end.notified().await;
                }
                Ok(())
            };
            assert!(background.work(work).await.is_ok());
            left = background.tasks.lock().unwrap_or_else(PoisonError::into_inner).len();
        }
        assert_eq!(left, 2 * PART, "a mail each");
        end.notify_waiters();
        background.end_all(|_| ()).await;
    }

    #[tokio::test]
    async fn nothing_leaves_where_there_is_no_room() {
        let background = Background::new(PART - 1);
        let work = |mut front: Front| async move {
            front.leave(1);
            assert!(!front.is_left());
            Ok(())
        };
        assert!(background.work(work).await.is_ok());
    }
}
