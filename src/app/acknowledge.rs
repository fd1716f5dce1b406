//! At night nobody reads: whoever writes by mail or on a platform is told so once a night, with the numbers that answer now
//! (appeals-and-law §7, §8). Nothing of what they wrote is in it, and nothing of what it was about. Whom was told is kept as a
//! keyed digest, for two days. The form says it on its receipt.

use super::{App, AppError, content, mail, random};
use crate::db::letters::{self, Letter};
use crate::db::platform_tasks as rows;
use crate::domain::canonical;
use crate::domain::email::EmailAddress;
use crate::domain::language::Language;
use crate::domain::night::night;
use crate::domain::place::Country;
use crate::words::Zone;
use chrono::TimeDelta;

/// Told in one night at the most: whoever forges that many senders is no reason to write to more people.
const MOST: i64 = 5_000;
/// How long it is remembered whom was told.
const REMEMBERED: TimeDelta = TimeDelta::days(2);

/// Somebody who wrote.
pub(super) enum Sender<'a> {
    /// By mail.
    Mail {
        /// Where it came from.
        address: EmailAddress,
        /// What it is known as, to be named in the answer.
        message_id: &'a str,
    },
    /// On the messenger platform.
    Messenger {
        /// Their name there.
        id: &'a str,
        /// What they write in, as far as it is known.
        language: Language,
    },
}

impl Sender<'_> {
    fn name(&self) -> String {
        match self {
            Self::Mail { address, .. } => format!("mail {}", address.as_str().to_lowercase()),
            Self::Messenger { id, .. } => format!("messenger {id}"),
        }
    }
}

/// The languages an installation answers a mail in, whatever it was written in.
fn languages(country: Country) -> &'static [Language] {
    match country {
        Country::Be => &[Language::Fr, Language::Nl, Language::De],
        Country::Fr => &[Language::Fr],
    }
}

/// Tells the sender, if it is night where they write to and they were not told yet tonight.
pub(super) async fn at_night(app: &App, country: Country, sender: &Sender<'_>) -> Result<(), AppError> {
    let own = app.config.email.from.to_lowercase();
    if matches!(sender, Sender::Mail { address, .. } if app.config.email.host.is_empty() || address.as_str().to_lowercase() == own)
    {
        return Ok(());
    }
    let name = sender.name();
    let ready = match sender {
        Sender::Mail { address, message_id } => {
            let rendered = mail::night(app, languages(country), country)?;
            let answers: String = message_id.chars().filter(|c| ('!'..='~').contains(c)).take(250).collect();
            Ready::Letter(Box::new(Letter {
                id: format!("night.{}", canonical::hex(&random::bytes::<16>())),
                recipient: address.as_str().to_owned(),
                language: languages(country).first().copied().unwrap_or(Language::Fr).code().to_owned(),
                subject: rendered.subject,
                plain: rendered.text,
                html: rendered.html,
                attempts: 0,
                answers: Some(answers),
            }))
        }
        Sender::Messenger { id, language } => {
            let (primary, secondary) = content::emergency(&app.rules, country);
            let words = crate::words::Words::of((*language).into());
            let text = words.say_with("receipt-night", &[("number", primary), ("other", secondary)]).into_owned();
            Ready::Task(super::platform_tasks::tell(app, id, &text)?)
        }
    };
    let context = app.clone();
    app.db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            let Some(tonight) = night(Zone::from(country).wall_clock(now)) else { return Ok(()) };
            let digest = context.key.sign("night acknowledgement", &format!("{tonight} {name}"));
            rows::forget_acknowledged(conn, now - REMEMBERED)?;
            let told = rows::acknowledged_since(conn, now - TimeDelta::hours(6))?;
            if told >= MOST || !rows::acknowledge(conn, &digest, now)? {
                return Ok(());
            }
            match ready {
                Ready::Letter(letter) => letters::add(conn, &letter, now)?,
                Ready::Task(task) => rows::add(conn, &task, now)?,
            }
            Ok::<_, AppError>(())
        })
        .await
}

enum Ready {
    Letter(Box<Letter>),
    Task(rows::Task),
}
