//! Single mails outside any dispatch: confirmations of sign-ups.

use super::Worker;
use crate::app::AppError;
use crate::channels::Failure;
use crate::channels::email::message::{self, Letter};
use crate::db::{Conn, letters};
use crate::domain::dispatch::retry_delay;
use crate::domain::email::EmailAddress;
use chrono::TimeDelta;

impl Worker {
    /// Sends one single mail if one is due; whether there was one.
    pub(super) async fn send_letter(&self) -> Result<bool, AppError> {
        let Some(relay) = &self.relay else { return Ok(false) };
        let app = self.app.clone();
        // Asked without the writer's place, which the deliveries need.
        let is_due = move |conn: &mut Conn| {
            let now = app.clock.now(conn)?;
            letters::is_due(conn, now).map_err(AppError::from)
        };
        if !self.app.db.read(is_due).await? {
            return Ok(false);
        }
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
                answers: letter.answers.as_deref(),
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
                let jitter = app.chance.jitter();
                match outcome {
                    // A confirmation that cannot arrive within a day is of no use: its owner can ask again.
                    Ok(()) | Err(Failure::Refused { .. } | Failure::Undone { .. }) => letters::erase(conn, &letter.id)?,
                    Err(_) if tries > 20 => letters::erase(conn, &letter.id)?,
                    Err(Failure::Retry { after, .. } | Failure::Down { after, .. }) => {
                        letters::put_off(conn, &letter.id, now + retry_delay(tries, after, jitter))?;
                    }
                    Err(Failure::Waits { after, .. }) => {
                        letters::put_off(conn, &letter.id, now + retry_delay(0, Some(after), jitter))?;
                    }
                    Err(Failure::Begun { .. } | Failure::Unknown { .. }) => {
                        letters::put_off(conn, &letter.id, now + retry_delay(tries, None, jitter))?;
                    }
                }
                Ok::<_, AppError>(())
            })
            .await?;
        Ok(true)
    }
}
