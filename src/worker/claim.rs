//! One claim in this process's hands: renewed while it is worked on, and never trusted longer than the database does.

use crate::app::{App, AppError, deliver_mail};
use crate::db::deliveries::Delivery;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Until when this process may act on its claim, by a clock that goes on while the process is stopped.
#[derive(Clone)]
pub struct Claim {
    until: Arc<Mutex<Instant>>,
    length: Duration,
}

impl Claim {
    /// A claim that was asked for at `asked`: the database counts from a moment later.
    pub fn new(app: &App, asked: Instant) -> Self {
        let length = deliver_mail::lease_length(app);
        Self { until: Arc::new(Mutex::new(asked + length)), length }
    }

    /// It was renewed; the renewal was asked for at `asked`.
    pub fn renewed(&self, asked: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = asked + self.length;
    }

    /// Whether nobody else can hold it yet. A tenth of the lease is kept back for the write that follows the question.
    pub fn holds(&self) -> bool {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        Instant::now() + self.length / 10 < until
    }

    /// Renews it three times a lease for as long as `work` takes.
    pub async fn while_working<T>(&self, app: &App, delivery: &Delivery, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = tokio::time::sleep(self.length / 3) => {}
            }
            let asked = Instant::now();
            let beat = self.beat(app, delivery);
            tokio::select! {
                // Work that ends while the database answers is not kept waiting.
                done = &mut work => return done,
                beat = beat => match beat {
                    Ok(true) => self.renewed(asked),
                    // Lost: what is in flight ends, nothing new begins, and the next step finds out.
                    Ok(false) => tracing::warn!(event = "claim.lost", delivery = %delivery.id),
                    Err(cause) => tracing::warn!(event = "claim.heartbeat", %cause),
                },
            }
        }
    }

    async fn beat(&self, app: &App, delivery: &Delivery) -> Result<bool, AppError> {
        let (context, delivery) = (app.clone(), delivery.clone());
        app.db.write(move |conn| deliver_mail::heartbeat(conn, &context, &delivery)).await
    }
}
