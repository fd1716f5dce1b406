//! Mails of the public (RFC 5322), however they come: picked up from a directory that the mail server delivers into
//! ([`pick_up`]), or handed over by it in a conversation (`crate::mailbox`). Which appeal a mail is about stands in the address
//! it was sent to, `tips+SLUG@…`. One reading, one way in, one answer: it is kept when that is said, and nothing of it stays
//! behind in the clear. What names no appeal goes sealed into the unit's letterbox (`app::letterbox`).

mod pickup;
mod reading;

pub use pickup::{Picked, pick_up};
pub use reading::{Letter, Summary};

use super::acknowledge::{self, Sender};
use super::enter_response::{Entry, place, take};
use super::intake::{Place, Upload};
use super::{App, AppError, letterbox};
use crate::domain::attachment::MOST_FILES;
use std::sync::Arc;

/// Bytes of one mail. One with five files of 25 MiB does not exist: mailboxes end far below.
pub const LONGEST_MAIL: usize = 48 * 1024 * 1024;
/// What an address begins with, before the plus sign.
const MAILBOX: &str = "tips";

/// Whom a mail is for.
#[derive(Clone, Debug)]
pub enum Recipient {
    /// An appeal that is out.
    Appeal(Arc<Place>),
    /// The letterbox of the installation's unit: the mailbox itself, an appeal that ended, one that never was.
    Letterbox,
    /// An appeal that ended, and there is no letterbox.
    Ended,
    /// Nobody here.
    Nobody,
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It is an answer now.
    Taken,
    /// It was one before.
    Repeated,
    /// It lies in the letterbox.
    Boxed,
    /// It is for nobody, or no mail; nothing of it was kept.
    Refused,
}

/// The part of an address before the at sign, in lower case; none when its domain is not ours.
fn local(app: &App, address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let ours = app.config.responses.mail_domain.trim();
    let fits = ours.is_empty() || domain.trim_end_matches('>').eq_ignore_ascii_case(ours);
    fits.then(|| local.trim_start_matches('<').to_lowercase())
}

/// Whom an address is for.
pub async fn recipient(app: &App, address: &str) -> Result<Recipient, AppError> {
    let Some(local) = local(app, address) else { return Ok(Recipient::Nobody) };
    let (mailbox, slug) = local.split_once('+').map_or((None, local.as_str()), |(mailbox, tag)| (Some(mailbox), tag));
    let known = match place(app, slug, None).await {
        Err(AppError::NotFound) => None,
        other => Some(other?),
    };
    let is_known = known.is_some();
    if let Some(place) = known.filter(|place| place.is_shown(app)) {
        return Ok(Recipient::Appeal(place));
    }
    let is_ours = is_known || mailbox == Some(MAILBOX) || [MAILBOX, "postmaster"].contains(&local.as_str());
    Ok(match letterbox::unit(app).await? {
        Some(_) if is_ours => Recipient::Letterbox,
        _ if is_known => Recipient::Ended,
        _ => Recipient::Nobody,
    })
}

/// Takes a mail in for one recipient. When it returns without an error, what it says is durable.
pub async fn deliver(app: &App, letter: &Letter<'_>, to: &Recipient) -> Result<Delivered, AppError> {
    let delivered = match to {
        Recipient::Appeal(place) => into_appeal(app, place, letter).await?,
        Recipient::Letterbox if letterbox::keep(app, letter).await? => Delivered::Boxed,
        Recipient::Letterbox => Delivered::Repeated,
        Recipient::Ended | Recipient::Nobody => Delivered::Refused,
    };
    if matches!(delivered, Delivered::Taken | Delivered::Boxed)
        && let Some(address) = letter.answerable()
    {
        let country = match to {
            Recipient::Appeal(place) => Some(place.country),
            _ => letterbox::country(app).await?,
        };
        let sender = Sender::Mail { address, message_id: letter.message_id() };
        if let Some(country) = country
            && let Err(cause) = acknowledge::at_night(app, country, &sender).await
        {
            // The answer is kept; that its sender is not told tonight is no reason to have it sent again.
            tracing::warn!(event = "responses.acknowledge", %cause);
        }
    }
    Ok(delivered)
}

/// Takes a mail in as an answer to an appeal.
pub(super) async fn into_appeal(app: &App, place: &Place, letter: &Letter<'_>) -> Result<Delivered, AppError> {
    let known_as = format!("{} {}", place.publication.slug, letter.known_as());
    let mut left_out = Vec::new();
    let mut kept = letter.files();
    for more in kept.split_off(kept.len().min(MOST_FILES)) {
        left_out.push(more.name);
    }
    // A file that cannot be kept is left out and named, never the mail with it.
    loop {
        let again: Vec<Upload> = kept.clone();
        let entry = Entry { channel: "mail", known_as: known_as.clone(), told: letter.told(&left_out), files: again };
        match take(app, place, entry).await {
            Ok(Ok(_)) => return Ok(Delivered::Taken),
            Ok(Err(refused)) => {
                let at = kept.iter().position(|file| file.name == refused.name).unwrap_or(0);
                kept.remove(at);
                left_out.push(refused.name);
            }
            Err(AppError::Conflict { .. }) => return Ok(Delivered::Repeated),
            Err(other) => return Err(other),
        }
    }
}
