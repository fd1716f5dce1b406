//! The form with which the public answers an appeal, and the receipt it gets. Nothing here is kept or logged:
//! the types do not print what people wrote.

use askama::Template;

use super::form::{Entered, Field, Shape};
use super::frame::{Frame, RenderError, render};
use crate::domain::kind::{AppealKind, Sought};
use crate::words::{Family, Words};

/// Characters of the account itself: two dense pages, enough for any first message.
pub const WHAT_LIMIT: u32 = 6000;
/// Characters of the place.
pub const WHERE_LIMIT: u32 = 300;
/// Characters of the time.
pub const WHEN_LIMIT: u32 = 100;
/// Characters of each contact field; 254 is the longest e-mail address.
pub const CONTACT_LIMIT: u32 = 254;

/// What a browser offers to choose from; what is taken is decided by content.
const ACCEPTED: &str = "image/jpeg,image/png,image/webp,application/pdf,video/mp4,audio/mp4";

/// The form. Field names: `token`, `kind`, `what`, `where`, `when`, `files`, `contact_name`, `contact_phone`, `contact_email`.
pub struct RespondView {
    /// The surroundings.
    pub frame: Frame,
    /// The kind of the appeal.
    pub appeal_kind: AppealKind,
    /// Its title.
    pub appeal_title: String,
    /// Its page.
    pub appeal_href: String,
    /// The lot asked about, e.g. "12".
    pub lot: Option<String>,
    /// Shows "do not intervene yourself".
    pub dangerous: bool,
    /// Where the form is posted.
    pub action: String,
    /// One-time token.
    pub token: String,
    /// Leading zero bits the browser is asked to find; 0: nothing is asked and no script is loaded.
    pub work_bits: u8,
    /// The form was open for too long; everything typed is still there.
    pub stale: bool,
    /// Code of [`offered`]; empty when nothing is chosen yet.
    pub kind: Entered,
    /// The account.
    pub what: Entered,
    /// Where it was.
    pub place: Entered,
    /// When it was.
    pub when: Entered,
    /// Pictures and documents: browsers forget them, so only what is wrong with them is said.
    pub files: Entered,
    /// Optional name.
    pub contact_name: Entered,
    /// Optional telephone.
    pub contact_phone: Entered,
    /// Optional address.
    pub contact_email: Entered,
}

/// What the sender gets, once.
pub struct ReceiptView {
    /// The surroundings.
    pub frame: Frame,
    /// The 24 characters, without separators.
    pub code: String,
    /// What else has to be said at once.
    pub notice: ReceiptNotice,
    /// Nobody reads before the morning: the numbers that answer now are named.
    pub night: bool,
}

/// What a receipt says besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptNotice {
    /// Nothing.
    None,
    /// Somebody needs help: telephone first, the code after it.
    Distress,
    /// Illegal content: who takes it down.
    IllegalContent,
}

/// The codes of responses offered for a kind of appeal.
#[must_use]
pub const fn offered(kind: AppealKind) -> &'static [&'static str] {
    match kind.sought() {
        Sought::Objects | Sought::Heirs => &["tip", "sighting", "claim", "identification", "illegal_content"],
        Sought::Person if kind.is_missing() => &["tip", "sighting", "self_report", "distress", "illegal_content"],
        Sought::Person | Sought::Vehicle | Sought::Facts => &["tip", "sighting", "distress", "illegal_content"],
        Sought::Identity => &["tip", "sighting", "identification", "illegal_content"],
    }
}

#[derive(Template)]
#[template(path = "respond.html")]
struct RespondPage<'a> {
    w: Words,
    frame: &'a Frame,
    view: &'a RespondView,
    fields: Vec<Field>,
    contact: Vec<Field>,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage<'a> {
    w: Words,
    frame: &'a Frame,
    code: Vec<String>,
    is_distress: bool,
    is_illegal: bool,
    night: bool,
}

impl RespondView {
    /// The page.
    pub fn render(&self) -> Result<String, RenderError> {
        let w = self.frame.words();
        let page = RespondPage { w, frame: &self.frame, view: self, fields: self.fields(w), contact: self.contact(w) };
        render(&page)
    }

    fn fields(&self, w: Words) -> Vec<Field> {
        let codes = offered(self.appeal_kind);
        let choices = codes.iter().map(|code| ((*code).to_owned(), w.label(Family::Response, code)));
        let hint = if self.kind.value == "claim" { w.say("field-what-claim-hint") } else { w.say("field-what-hint") };
        vec![
            Field::choice("kind", w.say("field-kind"), &self.kind, w, choices),
            Field::line("what", w.say("field-what"), &self.what, w)
                .hint(hint)
                .required()
                .limit(WHAT_LIMIT)
                .shape(Shape::Text { rows: 8 }),
            Field::line("where", w.say("field-where"), &self.place, w)
                .hint(w.say("field-where-hint"))
                .limit(WHERE_LIMIT),
            Field::line("when", w.say("field-when"), &self.when, w).hint(w.say("field-when-hint")).limit(WHEN_LIMIT),
            Field::line("files", w.say("field-files"), &self.files, w)
                .hint(w.say("field-files-hint"))
                .shape(Shape::Files { accept: ACCEPTED }),
        ]
    }

    fn contact(&self, w: Words) -> Vec<Field> {
        let line = |kind, autocomplete| Shape::Line { kind, autocomplete, class: "" };
        vec![
            Field::line("contact_name", w.say("field-contact-name"), &self.contact_name, w)
                .limit(CONTACT_LIMIT)
                .shape(line("text", "name")),
            Field::line("contact_phone", w.say("field-contact-phone"), &self.contact_phone, w)
                .limit(CONTACT_LIMIT)
                .shape(line("tel", "tel")),
            Field::line("contact_email", w.say("field-email"), &self.contact_email, w)
                .limit(CONTACT_LIMIT)
                .shape(line("email", "email")),
        ]
    }
}

impl RespondPage<'_> {
    fn mistaken(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().chain(&self.contact).filter(|field| field.mistake.is_some())
    }

    fn has_mistakes(&self) -> bool {
        self.view.stale || self.mistaken().next().is_some()
    }

    /// Open when there is something in it to see.
    fn contact_is_open(&self) -> bool {
        self.contact.iter().any(|field| field.mistake.is_some() || !field.value.is_empty())
    }
}

impl ReceiptView {
    /// The page; never cached.
    pub fn render(&self) -> Result<String, RenderError> {
        render(&ReceiptPage {
            w: self.frame.words(),
            frame: &self.frame,
            code: grouped(&self.code),
            is_distress: self.notice == ReceiptNotice::Distress,
            is_illegal: self.notice == ReceiptNotice::IllegalContent,
            night: self.night,
        })
    }
}

impl ReceiptPage<'_> {
    fn return_address(&self) -> String {
        format!("{}/{}/r", Frame::printed(&self.frame.base_url), self.frame.locale)
    }
}

/// Four characters a group: what the eye copies without losing its place.
fn grouped(code: &str) -> Vec<String> {
    let characters: Vec<char> = code.chars().filter(char::is_ascii_alphanumeric).collect();
    characters.chunks(4).map(String::from_iter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_fours() {
        assert_eq!(grouped("7K2MX9QDHTBW3FNRV5CJ8PYA").join(" "), "7K2M X9QD HTBW 3FNR V5CJ 8PYA");
        assert_eq!(grouped("7K2M-X9QD").len(), 2);
    }

    #[test]
    fn a_claim_is_offered_where_there_is_something_to_claim() {
        assert!(offered(AppealKind::ObjectsFound).contains(&"claim"));
        assert!(!offered(AppealKind::MissingMinor).contains(&"claim"));
        assert!(offered(AppealKind::MissingAdult).contains(&"self_report"), "the person sought may write");
        assert!(!offered(AppealKind::WantedConvict).contains(&"self_report"));
        for kind in AppealKind::ALL.iter().copied() {
            assert!(offered(kind).iter().all(|code| Family::Response.codes().contains(code)));
        }
    }
}
