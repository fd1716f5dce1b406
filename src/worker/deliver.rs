//! One claimed delivery: our own channels in one transaction, mail in small batches with the gate asked before each.

use super::Worker;
use super::claim::Claim;
use crate::app::deliver_mail::{self, Asked, MailJob, Next, Sent};
use crate::app::{App, AppError, bounce, deliver, fault, mail};
use crate::channels::Failure;
use crate::channels::email::smtp::{Item, SmtpRelay};
use crate::channels::email::template::{Own, Shared, Template};
use crate::db::Conn;
use crate::db::deliveries::Delivery;
use crate::db::recipients::Recipient;
use crate::domain::email::EmailAddress;
use crate::domain::scope::ChannelKind;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A database that did not answer is asked again after this.
const AGAIN: Duration = Duration::from_millis(250);

impl Worker {
    /// Works a claim that was asked for at `asked`. An error of ours gives it back to be tried later.
    pub(super) async fn deliver(
        &self,
        delivery: Delivery,
        asked: Instant,
        stop: &watch::Receiver<bool>,
    ) -> Result<(), AppError> {
        let worked = self.work(delivery.clone(), asked, stop).await;
        match worked {
            // Lost to somebody else, who goes on.
            Ok(()) | Err(AppError::Stale) => Ok(()),
            // The database is away: the lease runs out by itself.
            Err(cause @ AppError::Unavailable(_)) => Err(cause),
            Err(cause) => {
                let (app, words) = (self.app.clone(), cause.to_string());
                self.app.db.write(move |conn| deliver::put_off(conn, &app, &delivery, &words)).await?;
                Err(cause)
            }
        }
    }

    async fn work(&self, delivery: Delivery, asked: Instant, stop: &watch::Receiver<bool>) -> Result<(), AppError> {
        if let (ChannelKind::Email, Some(relay)) = (delivery.channel, &self.relay) {
            return self.mail(delivery, asked, relay, stop).await;
        }
        if let Some(port) = self.app.ports.port(delivery.channel).cloned() {
            return self.advertise(delivery, asked, &port, stop).await;
        }
        let (app, claim) = (self.app.clone(), Claim::new(&self.app, asked));
        self.insist(&claim, move |conn| deliver::publish(conn, &app, &delivery)).await?;
        fault::point("publish.after")
    }

    /// Writes, again and again while the database is away and the claim holds: what is known only here (mails that just
    /// went out) would otherwise be lost with the first hiccup, and be sent twice. Every such write may be repeated.
    pub(super) async fn insist<T: Send + 'static>(
        &self,
        claim: &Claim,
        work: impl Fn(&mut Conn) -> Result<T, AppError> + Clone + Send + 'static,
    ) -> Result<T, AppError> {
        loop {
            match self.app.db.write(work.clone()).await {
                Err(AppError::Unavailable(cause)) if claim.holds() => {
                    tracing::warn!(event = "worker.again", cause);
                    tokio::time::sleep(AGAIN).await;
                }
                other => return other,
            }
        }
    }

    async fn mail(
        &self,
        delivery: Delivery,
        asked: Instant,
        relay: &Arc<SmtpRelay>,
        stop: &watch::Receiver<bool>,
    ) -> Result<(), AppError> {
        let claim = Claim::new(&self.app, asked);
        let app = self.app.clone();
        let open = move |conn: &mut Conn| deliver_mail::open_mail(conn, &app, delivery.clone());
        let Some(job) = self.insist(&claim, open).await? else { return Ok(()) };
        let (limit, channels) = (self.app.config.email.in_flight, self.channels());
        let template = template(&self.app, &job);
        let mut done: Arc<[Sent]> = Arc::from([]);
        loop {
            let (app, delivery, channels) = (self.app.clone(), job.delivery.clone(), channels.clone());
            let is_stopping = *stop.borrow();
            let asked = Instant::now();
            let step = move |conn: &mut Conn| {
                let asked = Asked { done: &done, limit, is_stopping, channels: &channels };
                deliver_mail::step(conn, &app, &delivery, &asked)
            };
            let Next::Send(recipients) = self.insist(&claim, step).await? else {
                return fault::point("finish.after");
            };
            claim.renewed(asked);
            fault::point("intent.after")?;
            let batch = self.send_batch(relay, &job, &template, recipients, &claim);
            done = claim.while_working(&self.app, &job.delivery, batch).await.into();
            fault::point("send.after")?;
        }
    }

    /// Hands a batch to the relay; what became of each.
    async fn send_batch(
        &self,
        relay: &Arc<SmtpRelay>,
        job: &MailJob,
        template: &Result<Template, String>,
        recipients: Vec<Recipient>,
        claim: &Claim,
    ) -> Vec<Sent> {
        let mut items = Vec::with_capacity(recipients.len());
        let mut unfit = Vec::with_capacity(recipients.len());
        for to in &recipients {
            match self.item(relay, job, template, to) {
                Ok(item) => {
                    items.push(item);
                    unfit.push(None);
                }
                Err(reason) => unfit.push(Some(reason)),
            }
        }
        let outcomes = match fault::point("send.before") {
            Ok(()) => relay.send_all(&items, &|| claim.holds()).await,
            Err(cause) => {
                items.iter().map(|_| Err(Failure::Retry { after: None, reason: cause.to_string() })).collect()
            }
        };
        let mut outcomes = outcomes.into_iter();
        let unheard = || Err(Failure::Unknown { reason: "the relay was not heard of".to_owned() });
        let of = |unfit: Option<String>| match unfit {
            None => outcomes.next().unwrap_or_else(unheard),
            Some(reason) => Err(Failure::Refused { reason }),
        };
        let fates: Vec<_> = unfit.into_iter().map(of).collect();
        recipients.into_iter().zip(fates).map(|(recipient, outcome)| Sent { recipient, outcome }).collect()
    }

    fn item(
        &self,
        relay: &SmtpRelay,
        job: &MailJob,
        template: &Result<Template, String>,
        to: &Recipient,
    ) -> Result<Item, String> {
        let template = template.as_ref().map_err(Clone::clone)?;
        let address = EmailAddress::parse(&to.email).map_err(|e| e.to_string())?;
        let language = job.delivery.language;
        let text = template.splice(&Own {
            to: &address,
            // The same for every try, so that a relay or reader can tell a repetition.
            message_id: &format!("{}.{}.{}", job.delivery.dispatch, job.delivery.purpose, to.subscriber),
            unsubscribe: &mail::unsubscribe_url(&self.app, language, &to.subscriber),
            respond: &mail::respond_url(&self.app, language, &job.slug),
        });
        let from = bounce::return_address(&self.app, &job.delivery.id, &to.subscriber);
        Ok(Item { from, to: address.as_str().to_owned(), text: relay.signed(text) })
    }
}

/// The mail of a delivery, built once for all its recipients.
fn template(app: &App, job: &MailJob) -> Result<Template, String> {
    let settings = &app.config.email;
    Template::new(&Shared {
        from: &settings.from,
        from_name: &settings.from_name,
        mail: &job.mail,
        date: chrono::Utc::now(),
        language: job.delivery.language.code(),
    })
    .map_err(|e| e.to_string())
}
