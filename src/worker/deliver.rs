//! One claimed delivery: our own channels in one transaction, mail in small batches with the gate asked before each.

use super::Worker;
use crate::app::deliver::{self, MailJob, Next, Sent};
use crate::app::{AppError, mail};
use crate::channels::Failure;
use crate::channels::email::message::{self, Letter};
use crate::channels::email::smtp::SmtpRelay;
use crate::db::deliveries::Delivery;
use crate::db::letters;
use crate::db::recipients::Recipient;
use crate::domain::dispatch::retry_delay;
use crate::domain::email::EmailAddress;
use crate::domain::scope::ChannelKind;
use chrono::TimeDelta;
use futures_util::future::join_all;
use std::sync::Arc;

impl Worker {
    pub(super) async fn deliver(&self, delivery: Delivery) -> Result<(), AppError> {
        if let (ChannelKind::Email, Some(relay)) = (delivery.channel, &self.relay) {
            return self.mail(delivery, relay).await;
        }
        let app = self.app.clone();
        self.app.db.write(move |conn| deliver::publish(conn, &app, &delivery)).await
    }

    async fn mail(&self, delivery: Delivery, relay: &Arc<SmtpRelay>) -> Result<(), AppError> {
        let app = self.app.clone();
        let Some(job) = self.app.db.write(move |conn| deliver::open_mail(conn, &app, delivery)).await? else {
            return Ok(());
        };
        let limit = i64::from(self.app.config.email.connections);
        loop {
            let (app, delivery) = (self.app.clone(), job.delivery.clone());
            let next = self.app.db.write(move |conn| deliver::next_recipients(conn, &app, &delivery, limit)).await?;
            let Next::Send(recipients) = next else { return Ok(()) };
            let batch = join_all(recipients.into_iter().map(|recipient| self.send_one(relay, &job, recipient))).await;
            let (app, delivery) = (self.app.clone(), job.delivery.clone());
            self.app.db.write(move |conn| deliver::record_batch(conn, &app, &delivery, &batch)).await?;
        }
    }

    async fn send_one(&self, relay: &SmtpRelay, job: &MailJob, recipient: Recipient) -> Sent {
        let outcome = match self.build(job, &recipient) {
            Ok((envelope, bytes)) => relay.send(&envelope, &bytes).await,
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

    /// Sends one single mail if one is due; whether there was one.
    pub(super) async fn send_letter(&self) -> Result<bool, AppError> {
        let Some(relay) = &self.relay else { return Ok(false) };
        let app = self.app.clone();
        let lease = TimeDelta::seconds(i64::from(self.app.config.worker.lease_seconds));
        let claimed = self
            .app
            .db
            .write(move |conn| {
                let now = app.clock.now(conn)?;
                letters::claim(conn, now, lease).map_err(AppError::from)
            })
            .await?;
        let Some(letter) = claimed else { return Ok(false) };
        let settings = &self.app.config.email;
        let built = EmailAddress::parse(&letter.recipient).map_err(|e| e.to_string()).and_then(|to| {
            message::build(&Letter {
                from: &settings.from,
                from_name: &settings.from_name,
                to: &to,
                subject: &letter.subject,
                text: &letter.plain,
                html: &letter.html,
                message_id: &letter.id,
                date: chrono::Utc::now(),
                language: &letter.language,
                unsubscribe: None,
            })
            .map_err(|e| e.to_string())
        });
        let outcome = match built {
            Ok((envelope, bytes)) => relay.send(&envelope, &bytes).await,
            Err(reason) => Err(Failure::Refused { reason }),
        };
        let app = self.app.clone();
        self.app
            .db
            .write(move |conn| {
                let now = app.clock.now(conn)?;
                let tries = u32::try_from(letter.attempts).unwrap_or(0);
                match outcome {
                    // A confirmation that cannot arrive within a day is of no use: its owner can ask again.
                    Ok(()) | Err(Failure::Refused { .. }) => letters::erase(conn, &letter.id)?,
                    Err(_) if tries > 20 => letters::erase(conn, &letter.id)?,
                    Err(Failure::Retry { after, .. }) => {
                        letters::put_off(conn, &letter.id, now + retry_delay(tries, after, 0))?;
                    }
                    Err(Failure::Unknown { .. }) => {
                        letters::put_off(conn, &letter.id, now + retry_delay(tries, None, 0))?;
                    }
                }
                Ok::<_, AppError>(())
            })
            .await?;
        Ok(true)
    }
}
