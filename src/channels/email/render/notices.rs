//! The other mails: taken down, ended, and "is this address yours?". A correction and an ending name nobody:
//! whoever receives them later, or forwards them, learns nothing about a person.

use askama::Template;
use chrono::{DateTime, Utc};

use super::splice::{RenderError, Rendered, UNSUBSCRIBE_MARK};
use crate::words::{Locale, Words, Zone};

/// An appeal was taken down: please delete the pictures.
#[derive(Clone, Debug)]
pub struct CorrectionMail {
    /// The mail's only language.
    pub locale: Locale,
    /// Whose wall clock the date follows.
    pub zone: Zone,
    /// Who runs the service, in that language.
    pub operator: String,
    /// When the appeal was sent.
    pub sent: DateTime<Utc>,
}

/// An appeal ended.
#[derive(Clone, Debug)]
pub struct ClosureMail {
    /// The mail's only language.
    pub locale: Locale,
    /// Whose wall clock the date follows.
    pub zone: Zone,
    /// Who runs the service, in that language.
    pub operator: String,
    /// When the appeal was sent.
    pub sent: DateTime<Utc>,
    /// How much may be said.
    pub ending: Ending,
}

/// How much an ending says. Where, how and in what state is never among it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// "Person found, thank you": only for outcomes that allow it (found safe).
    PersonFound,
    /// "Alert ended": everything else.
    Ended,
}

/// Double opt-in: asks whether the address wants the alerts.
#[derive(Clone)]
pub struct ConfirmSubscriptionMail {
    /// The mail's only language.
    pub locale: Locale,
    /// Who runs the service, in that language.
    pub operator: String,
    /// The secret link, absolute. Debug does not show it.
    pub confirm_url: String,
    /// How long it works.
    pub hours: u32,
}

/// Nobody reads before the morning; who answers now. Says nothing of what was written or about what.
#[derive(Clone, Debug)]
pub struct NightMail {
    /// Its languages; the heading is in the first.
    pub locales: Vec<Locale>,
    /// Who runs the service.
    pub operator: String,
    /// The number for emergencies.
    pub emergency: String,
    /// The number of the police.
    pub police: String,
}

#[derive(Template)]
#[template(path = "notice_mail.txt", whitespace = "preserve")]
struct Text<'a> {
    w: Words,
    notice: &'a Notice<'a>,
}

#[derive(Template)]
#[template(path = "notice_mail.html")]
struct Html<'a> {
    w: Words,
    notice: &'a Notice<'a>,
}

/// What they have in common.
pub(super) struct Notice<'a> {
    pub(super) operator: &'a str,
    pub(super) heading: String,
    pub(super) paragraphs: Vec<String>,
    pub(super) button: Option<(String, &'a str)>,
    pub(super) after: Vec<String>,
    pub(super) subscribed: bool,
}

impl Notice<'_> {
    pub(super) fn render(&self, w: Words) -> Result<Rendered, RenderError> {
        Rendered::of(&self.heading, &Text { w, notice: self }, &Html { w, notice: self }, false, self.subscribed)
    }
}

impl CorrectionMail {
    /// The mail with its mark.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let w = Words::of(self.locale);
        let day = w.day(self.sent, self.zone);
        Notice {
            operator: &self.operator,
            heading: w.say("mail-correction-subject").into_owned(),
            paragraphs: vec![
                w.say_with("mail-correction-text", &[("day", day.as_str())]).into_owned(),
                w.say("mail-correction-delete").into_owned(),
                w.say("mail-correction-silence").into_owned(),
            ],
            button: None,
            after: Vec::new(),
            subscribed: true,
        }
        .render(w)
    }
}

impl ClosureMail {
    /// The mail with its mark.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let w = Words::of(self.locale);
        let day = w.day(self.sent, self.zone);
        let (heading, text) = match self.ending {
            Ending::PersonFound => {
                (w.say("mail-closure-found-subject"), w.say_with("mail-closure-found-text", &[("day", day.as_str())]))
            }
            Ending::Ended => {
                (w.say("mail-closure-ended-subject"), w.say_with("mail-closure-ended-text", &[("day", day.as_str())]))
            }
        };
        Notice {
            operator: &self.operator,
            heading: heading.into_owned(),
            paragraphs: vec![text.into_owned(), w.say("gone-delete").into_owned()],
            button: None,
            after: Vec::new(),
            subscribed: true,
        }
        .render(w)
    }
}

impl ConfirmSubscriptionMail {
    /// The finished mail; nothing is left to splice.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let w = Words::of(self.locale);
        Notice {
            operator: &self.operator,
            heading: w.say("confirm-title").into_owned(),
            paragraphs: vec![w.say("mail-confirm-text").into_owned()],
            button: Some((w.say("confirm-button").into_owned(), &self.confirm_url)),
            after: vec![
                w.say_with("mail-confirm-until", &[("hours", self.hours)]).into_owned(),
                w.say("mail-confirm-otherwise").into_owned(),
            ],
            subscribed: false,
        }
        .render(w)
    }
}

impl NightMail {
    /// The finished mail; nothing is left to splice.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let first = Words::of(self.locales.first().copied().unwrap_or(Locale::Fr));
        let (emergency, police) = (self.emergency.as_str(), self.police.as_str());
        let say = |locale: &Locale| {
            Words::of(*locale).say_with("mail-night-text", &[("number", emergency), ("other", police)]).into_owned()
        };
        Notice {
            operator: &self.operator,
            heading: first.say("mail-night-subject").into_owned(),
            paragraphs: self.locales.iter().map(say).collect(),
            button: None,
            after: Vec::new(),
            subscribed: false,
        }
        .render(first)
    }
}

impl std::fmt::Debug for ConfirmSubscriptionMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConfirmSubscriptionMail").field("locale", &self.locale).finish_non_exhaustive()
    }
}
