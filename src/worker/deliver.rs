//! One claimed delivery: our own channels in one transaction, mail in small batches with the gate asked before each.

use super::Worker;
use super::claim::Claim;
use crate::app::deliver_mail::{self, Asked, MailJob, Next, Sent};
use crate::app::{AppError, deliver, fault, mail};
use crate::channels::Failure;
use crate::channels::email::message::{self, Letter};
use crate::channels::email::smtp::SmtpRelay;
use crate::db::Conn;
use crate::db::deliveries::Delivery;
use crate::db::recipients::Recipient;
use crate::domain::email::EmailAddress;
use crate::domain::scope::ChannelKind;
use futures_util::future::join_all;
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
        let (limit, channels) = (self.app.config.email.connections, self.channels());
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
            let batch = join_all(recipients.into_iter().map(|to| self.send_one(relay, &job, to, &claim)));
            done = claim.while_working(&self.app, &job.delivery, batch).await.into();
            fault::point("send.after")?;
        }
    }

    async fn send_one(&self, relay: &SmtpRelay, job: &MailJob, recipient: Recipient, claim: &Claim) -> Sent {
        let outcome = match self.build(job, &recipient) {
            Ok((envelope, bytes)) => match fault::point("send.before") {
                Ok(()) => relay.send_while(&envelope, &bytes, || claim.holds()).await,
                Err(cause) => Err(Failure::Retry { after: None, reason: cause.to_string() }),
            },
            Err(reason) => Err(Failure::Refused { reason }),
        };
        Sent { recipient, outcome }
    }

    fn build(&self, job: &MailJob, recipient: &Recipient) -> Result<(message::Envelope, Vec<u8>), String> {
        let to = EmailAddress::parse(&recipient.email).map_err(|e| e.to_string())?;
        let language = job.delivery.language;
        let unsubscribe = mail::unsubscribe_url(&self.app, language, &recipient.subscriber);
        let own = mail::splice(&job.mail, &unsubscribe, &mail::respond_url(&self.app, language, &job.slug));
        let settings = &self.app.config.email;
        message::build(&Letter {
            from: &settings.from,
            from_name: &settings.from_name,
            to: &to,
            subject: &own.subject,
            text: &own.text,
            html: &own.html,
            // The same for every try, so that a relay or reader can tell a repetition.
            message_id: &format!("{}.{}.{}", job.delivery.dispatch, job.delivery.purpose, recipient.subscriber),
            date: chrono::Utc::now(),
            language: language.code(),
            unsubscribe: Some(&unsubscribe),
        })
        .map_err(|e| e.to_string())
    }
}
