//! The form with which the public answers an appeal, and the receipt it gets. Nothing here is kept or logged:
//! the types do not print what people wrote.

use std::borrow::Cow;

use askama::Template;

use super::form::{Entered, Field, Shape};
use super::frame::{Frame, RenderError, render};
use crate::area::CHART_SIDE;
use crate::domain::kind::{AppealKind, Sought};
use crate::domain::language::Language;
use crate::domain::spot::PlacePrecision;
use crate::domain::when::{Certainty, DayPart};
use crate::words::{Family, Locale, Words};

/// Characters of the account itself: two dense pages, enough for any first message.
pub const WHAT_LIMIT: u32 = 6000;
/// Characters of the place.
pub const WHERE_LIMIT: u32 = 300;
/// Characters of the time.
pub const WHEN_LIMIT: u32 = 100;
/// Characters of each contact field; 254 is the longest e-mail address.
pub const CONTACT_LIMIT: u32 = 254;

/// What a browser offers to choose from; what is taken is decided by content.
pub(super) const ACCEPTED: &str = "image/jpeg,image/png,image/webp,application/pdf,video/mp4,audio/mp4";

/// The form. Field names: `token`, `kind`, `what`, `where`, `place_precision`, `when`, `when_date`, `when_time`, `when_part`,
/// `when_certainty`, `files`, `contact_name`, `contact_phone`, `contact_email`; of the map `step`, `map.x`, `map.y`, `view`, `spot`,
/// `place_code`, `place_for`.
pub struct RespondView {
    /// The surroundings.
    pub frame: Frame,
    /// The kind of the appeal.
    pub appeal_kind: AppealKind,
    /// Its title.
    pub appeal_title: String,
    /// Its page.
    pub appeal_href: String,
    /// The language of the title.
    pub appeal_language: Language,
    /// The form in other languages: which, and where.
    pub others: Vec<(Locale, String)>,
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
    /// Files that were chosen have to be chosen again.
    pub files_again: bool,
    /// Code of [`offered`]; empty when nothing is chosen yet.
    pub kind: Entered,
    /// The account.
    pub what: Entered,
    /// Where it was.
    pub place: Entered,
    /// How exactly that is known.
    pub place_precision: Entered,
    /// The words that [`Self::found`] was found by.
    pub place_for: String,
    /// Places of the name, to choose from: code and name.
    pub candidates: Vec<(String, String)>,
    /// The place that was found: code and name.
    pub found: Option<(String, String)>,
    /// The map, once it was asked for.
    pub map: Option<MapView>,
    /// When it was.
    pub when: Entered,
    /// The day.
    pub when_date: Entered,
    /// The time.
    pub when_time: Entered,
    /// The part of the day.
    pub when_part: Entered,
    /// How sure the sender is.
    pub when_certainty: Entered,
    /// Pictures and documents: browsers forget them, so only what is wrong with them is said.
    pub files: Entered,
    /// Optional name.
    pub contact_name: Entered,
    /// Optional telephone.
    pub contact_phone: Entered,
    /// Optional address.
    pub contact_email: Entered,
}

/// A map to point at.
pub struct MapView {
    /// The picture, within the page.
    pub src: String,
    /// What it shows, for the form to bring back.
    pub view: String,
    /// The municipality in the middle; none outside both countries.
    pub around: Option<String>,
    /// Kilometres across.
    pub kilometres: String,
    /// The point that is marked, for the form to bring back.
    pub spot: Option<String>,
    /// The municipality it is in; empty outside both countries.
    pub marked: Option<String>,
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
    first: Vec<Field>,
    place: Vec<Field>,
    when: Field,
    time: Vec<Field>,
    files: Field,
    contact: Vec<Field>,
    side: u32,
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
        let codes = offered(self.appeal_kind);
        let choices = codes.iter().map(|code| ((*code).to_owned(), w.label(Family::Response, code)));
        let hint = if self.kind.value == "claim" { w.say("field-what-claim-hint") } else { w.say("field-what-hint") };
        let page = RespondPage {
            w,
            frame: &self.frame,
            view: self,
            first: vec![
                Field::choice("kind", w.say("field-kind"), &self.kind, w, choices),
                Field::line("what", w.say("field-what"), &self.what, w)
                    .hint(hint)
                    .required()
                    .limit(WHAT_LIMIT)
                    .shape(Shape::Text { rows: 8 }),
                Field::line("where", w.say("field-where"), &self.place, w)
                    .hint(w.say("field-where-hint"))
                    .limit(WHERE_LIMIT),
            ],
            place: self.place(w),
            when: Field::line("when", w.say("field-when"), &self.when, w)
                .hint(w.say("field-when-hint"))
                .limit(WHEN_LIMIT),
            time: self.time(w),
            files: Field::line("files", w.say("field-files"), &self.files, w)
                .hint(w.say("field-files-hint"))
                .shape(Shape::Files { accept: ACCEPTED }),
            contact: self.contact(w),
            side: CHART_SIDE,
        };
        render(&page)
    }

    fn place(&self, w: Words) -> Vec<Field> {
        let mut fields = Vec::new();
        if !self.candidates.is_empty() {
            let chosen = Entered::default();
            let mut field =
                Field::choice("place_code", w.say("subscribe-candidates"), &chosen, w, self.candidates.iter().cloned());
            field.required = false;
            fields.push(field);
        }
        let words = PlacePrecision::ALL.iter().map(|one| {
            let key = match one {
                PlacePrecision::Exact => w.say("precision-exact"),
                PlacePrecision::Street => w.say("precision-street"),
                PlacePrecision::Neighbourhood => w.say("precision-neighbourhood"),
                PlacePrecision::Municipality => w.say("precision-municipality"),
            };
            (one.code().to_owned(), key.into_owned())
        });
        fields.push(Field::select("place_precision", w.say("field-place-precision"), &self.place_precision, w, words));
        fields
    }

    fn time(&self, w: Words) -> Vec<Field> {
        let line = |kind| Shape::Line { kind, autocomplete: "off", class: "" };
        let said = |code: &str, words: Cow<'static, str>| (code.to_owned(), words.into_owned());
        let certainty = Certainty::ALL.iter().map(|one| {
            let key = match one {
                Certainty::Exact => w.say("certainty-exact"),
                Certainty::About => w.say("certainty-about"),
                Certainty::PartOfDay => w.say("certainty-part"),
                Certainty::Day => w.say("certainty-day"),
                Certainty::Unknown => w.say("certainty-unknown"),
            };
            said(one.code(), key)
        });
        let parts = DayPart::ALL.iter().map(|one| {
            let key = match one {
                DayPart::Night => w.say("part-night"),
                DayPart::Morning => w.say("part-morning"),
                DayPart::Afternoon => w.say("part-afternoon"),
                DayPart::Evening => w.say("part-evening"),
            };
            said(one.code(), key)
        });
        vec![
            Field::line("when_date", w.say("field-date"), &self.when_date, w).limit(40).shape(line("date")),
            Field::select("when_certainty", w.say("field-certainty"), &self.when_certainty, w, certainty),
            Field::line("when_time", w.say("field-time"), &self.when_time, w)
                .hint(w.say("field-time-hint"))
                .limit(20)
                .shape(line("time")),
            Field::select("when_part", w.say("field-part"), &self.when_part, w, parts),
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
        let rest = std::iter::once(&self.when).chain(&self.time).chain([&self.files]).chain(&self.contact);
        self.first.iter().chain(&self.place).chain(rest).filter(|field| field.mistake.is_some())
    }

    fn has_mistakes(&self) -> bool {
        self.view.stale || self.mistaken().next().is_some()
    }

    /// Open when there is something in it to see.
    fn time_is_open(&self) -> bool {
        self.time.iter().any(|field| field.mistake.is_some() || !field.value.is_empty())
    }

    /// What somebody who does not see the map is told of it.
    fn map_words(&self, map: &MapView) -> String {
        let nowhere = || self.w.say("map-nowhere").into_owned();
        let place = map.around.clone().unwrap_or_else(nowhere);
        self.w.say_with("map-alt", &[("place", place.as_str()), ("km", map.kilometres.as_str())]).into_owned()
    }

    /// What a language is called by those who speak it.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates hand out references")]
    fn own_name(&self, locale: &Locale) -> String {
        let key = match locale {
            Locale::Fr => self.w.say("own-name-fr"),
            Locale::Nl => self.w.say("own-name-nl"),
            Locale::De => self.w.say("own-name-de"),
            Locale::En => self.w.say("own-name-en"),
        };
        key.into_owned()
    }

    /// What is marked.
    fn marked_words(&self, place: &str) -> String {
        let nowhere = || self.w.say("map-nowhere").into_owned();
        let place = if place.is_empty() { nowhere() } else { place.to_owned() };
        self.w.say_with("map-marked", &[("place", place.as_str())]).into_owned()
    }

    /// The buttons that move the map: what they do, and their words.
    fn moves(&self) -> [(&'static str, String); 7] {
        [
            ("closer", self.w.say("map-closer")),
            ("farther", self.w.say("map-farther")),
            ("north", self.w.say("map-north")),
            ("south", self.w.say("map-south")),
            ("west", self.w.say("map-west")),
            ("east", self.w.say("map-east")),
            ("pin", self.w.say("map-pin")),
        ]
        .map(|(step, words)| (step, words.into_owned()))
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
