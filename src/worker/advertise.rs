//! One claimed delivery on a paid channel: turn after turn, each call only after its intent was committed.

use super::Worker;
use super::claim::Claim;
use crate::app::advertise::{self, Heard, Next};
use crate::app::{AppError, fault};
use crate::channels::Failure;
use crate::channels::paid::PaidPort;
use crate::db::Conn;
use crate::db::deliveries::Delivery;
use crate::domain::paid::{Answer, Call, Order};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A call that takes longer is dropped, and nobody knows what came of it.
pub(super) const CALL_LIMIT: Duration = Duration::from_secs(30);

impl Worker {
    pub(super) async fn advertise(
        &self,
        delivery: Delivery,
        asked: Instant,
        port: &Arc<dyn PaidPort>,
        stop: &watch::Receiver<bool>,
    ) -> Result<(), AppError> {
        let claim = Claim::new(&self.app, asked);
        let mut heard: Option<Arc<Heard>> = None;
        loop {
            let (app, delivery_, port_) = (self.app.clone(), delivery.clone(), port.clone());
            let is_stopping = *stop.borrow();
            let asked = Instant::now();
            let step = move |conn: &mut Conn| {
                advertise::step(conn, &app, &delivery_, port_.as_ref(), heard.as_deref(), is_stopping)
            };
            let Next::Call(call, order, decided) = self.insist(&claim, step).await? else {
                return fault::point("finish.after");
            };
            claim.renewed(asked);
            fault::point("intent.after")?;
            let answered = claim.while_working(&self.app, &delivery, ask(port.as_ref(), &call, &order, &claim)).await;
            fault::point("send.after")?;
            heard = Some(Arc::new(Heard::of(call, answered, decided)));
        }
    }
}

async fn ask(port: &dyn PaidPort, call: &Call, order: &Order, claim: &Claim) -> Result<Answer, Failure> {
    fault::point("send.before").map_err(|cause| Failure::Retry { after: None, reason: cause.to_string() })?;
    if !claim.holds() {
        return Err(Failure::Retry { after: None, reason: "the right to call ran out".to_owned() });
    }
    let may_still = || claim.holds();
    let called = async {
        match call {
            Call::Create => port.create(order, &may_still).await.map(Answer::Made),
            Call::Look => port.find(&order.key, None).await.map(Answer::Found),
            Call::Activate(id) => port.activate(id).await.map(|()| Answer::Activated),
        }
    };
    match tokio::time::timeout(CALL_LIMIT, called).await {
        Ok(answered) => answered,
        Err(_) => Err(Failure::Unknown { reason: "no answer in time".to_owned() }),
    }
}
