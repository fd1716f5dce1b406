//! The alert itself: the picture first, then who, what to look for and whom to call, in one language.

use askama::Template;
use chrono::{DateTime, Utc};

use super::splice::{RESPOND_MARK, RenderError, Rendered, UNSUBSCRIBE_MARK};
use crate::domain::kind::AppealKind;
use crate::words::{Locale, SpokenKind, Words, Zone};

/// One published appeal for the subscribers of one language.
#[derive(Clone, Debug)]
pub struct AppealMail {
    /// The mail's only language.
    pub locale: Locale,
    /// Whose wall clock the dates follow.
    pub zone: Zone,
    /// Who runs the service, in that language.
    pub operator: String,
    /// The kind of appeal.
    pub kind: AppealKind,
    /// Who or what.
    pub title: String,
    /// Beside the title, e.g. the age in words.
    pub subtitle: Option<String>,
    /// One or two sentences.
    pub lead: String,
    /// The main picture.
    pub picture: Option<MailPicture>,
    /// When and where last seen, a line each.
    pub last_seen: Vec<String>,
    /// What an observer can recognise.
    pub look_for: Vec<String>,
    /// The description.
    pub facts: Vec<MailFact>,
    /// What happened, by paragraph.
    pub body: Vec<String>,
    /// Adds "do not intervene yourself".
    pub dangerous: bool,
    /// The country's emergency number.
    pub emergency: String,
    /// The police's own number.
    pub police: String,
    /// The search notice number.
    pub search_line: Option<String>,
    /// The appeal's page, absolute.
    pub page_url: String,
    /// Whether the appeal takes answers; puts [`RESPOND_MARK`] into the mail.
    pub takes_answers: bool,
    /// The unit.
    pub issued_by: String,
    /// The authority line.
    pub authority: String,
    /// When the authorisation to show it ends.
    pub expires: DateTime<Utc>,
}

/// A picture by its own absolute address: it disappears from mails too when the appeal is taken down.
#[derive(Clone, Debug)]
pub struct MailPicture {
    /// Absolute address.
    pub src: String,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// What it shows.
    pub alt: String,
}

/// One line of the description.
#[derive(Clone, Debug)]
pub struct MailFact {
    /// "Taille", "Kledij", …
    pub label: String,
    /// Its value.
    pub value: String,
}

/// Mail programs show about 600 pixels of width; the margins leave this much.
const WIDEST: u32 = 552;
/// A face this tall leaves room for the name on the first screen of a telephone.
const TALLEST: u32 = 560;

#[derive(Template)]
#[template(path = "appeal_mail.txt", whitespace = "preserve")]
struct Text<'a> {
    w: Words,
    mail: &'a AppealMail,
}

#[derive(Template)]
#[template(path = "appeal_mail.html")]
struct Html<'a> {
    w: Words,
    mail: &'a AppealMail,
}

impl AppealMail {
    /// The mail with its marks.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let w = Words::of(self.locale);
        let kind = self.kind.label(w);
        let subject = w.say_with("mail-appeal-subject", &[("kind", kind.as_str()), ("title", self.title.as_str())]);
        Rendered::of(&subject, &Text { w, mail: self }, &Html { w, mail: self }, self.takes_answers, true)
    }

    fn expiry(&self) -> String {
        Words::of(self.locale).moment(self.expires, self.zone)
    }
}

impl Html<'_> {
    fn colour(&self) -> &'static str {
        if self.mail.kind.is_missing() { "#a5061a" } else { "#0a4796" }
    }

    fn dialled(number: &str) -> String {
        number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
    }
}

impl MailPicture {
    /// The width at which the picture fits both ways.
    fn shown_width(&self) -> u32 {
        let fitting = u64::from(TALLEST) * u64::from(self.width) / u64::from(self.height.max(1));
        self.width.min(WIDEST).min(u32::try_from(fitting).unwrap_or(WIDEST))
    }
}
