//! The page of one appeal, with or without a catalogue of lots, and the page that remains when it has ended.
//! What may be shown is decided before: a view holds published notices only.

use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};

use super::frame::{Frame, PhoneView, RenderError, render};
use crate::domain::kind::AppealKind;
use crate::words::{Family, SpokenKind, Words};

/// One appeal in one language.
#[derive(Clone, Debug)]
pub struct AppealView {
    /// The surroundings.
    pub frame: Frame,
    /// The kind: heading, question to the reader, whether the emergency number leads.
    pub kind: AppealKind,
    /// Who or what: a name, a vehicle, a collection.
    pub title: String,
    /// Beside the title, e.g. the age in words.
    pub subtitle: Option<String>,
    /// One or two sentences; also the page's description.
    pub lead: String,
    /// The first is shown large.
    pub pictures: Vec<PictureView>,
    /// When and where last seen.
    pub last_seen: Option<LastSeenView>,
    /// The things an observer can recognise, most telling first.
    pub look_for: Vec<String>,
    /// Description as label and value, labels from `Family::Fact`.
    pub facts: Vec<FactView>,
    /// What happened, by paragraph.
    pub body: Vec<String>,
    /// Shows "do not intervene yourself".
    pub dangerous: bool,
    /// The search notice number, if the unit has one.
    pub search_line: Option<SearchLineView>,
    /// A mailbox for information, if the unit has one.
    pub email: Option<String>,
    /// The form; `None` while answers are not accepted.
    pub respond_href: Option<String>,
    /// The unit.
    pub issued_by: String,
    /// The authority line, e.g. "Parquet de Bruxelles".
    pub authority: String,
    /// A reference the public may quote.
    pub reference: Option<String>,
    /// First publication.
    pub published: DateTime<Utc>,
    /// Last change, if there was one.
    pub updated: Option<DateTime<Utc>>,
    /// When the authorisation to show it ends.
    pub expires: DateTime<Utc>,
    /// Names of the places concerned.
    pub areas: Vec<String>,
    /// Objects of a catalogue.
    pub lots: Vec<LotView>,
    /// This page's own absolute address.
    pub page_url: String,
    /// A shorter absolute address for the poster, if there is one.
    pub short_url: Option<String>,
    /// Picture for previews elsewhere, absolute and our own; `None` unless the authorisation covers it.
    pub share_image: Option<PictureView>,
    /// The Atom feed of this language.
    pub feed_href: String,
}

/// A picture in two sizes.
#[derive(Clone, Debug)]
pub struct PictureView {
    /// The large file.
    pub src: String,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// The small file, for cards, lots and telephones.
    pub small_src: String,
    /// Its width in pixels.
    pub small_width: u32,
    /// What it shows, in the page's language.
    pub alt: String,
    /// Below the picture, e.g. "Portrait-robot".
    pub caption: Option<String>,
}

/// When and where, in words.
#[derive(Clone, Debug)]
pub struct LastSeenView {
    /// E.g. from `Words::moment`.
    pub when: Option<String>,
    /// As the notice says it.
    pub place: Option<String>,
}

/// One line of a description.
#[derive(Clone, Debug)]
pub struct FactView {
    /// "Taille", "Kledij", …
    pub label: String,
    /// Its value.
    pub value: String,
}

/// A number for information that is not an emergency.
#[derive(Clone, Debug)]
pub struct SearchLineView {
    /// The number.
    pub phone: PhoneView,
    /// E.g. "gratuit", in the page's language.
    pub note: Option<String>,
}

/// One object of a catalogue.
#[derive(Clone, Debug)]
pub struct LotView {
    /// Its number in the catalogue.
    pub number: String,
    /// What it is.
    pub title: String,
    /// More about it.
    pub description: String,
    /// Maker, material, dimensions, as far as known.
    pub facts: Vec<FactView>,
    /// What it looks like.
    pub picture: Option<PictureView>,
    /// What has happened to it.
    pub state: Option<LotState>,
    /// The form for this lot; `None` when it is no longer sought.
    pub respond_href: Option<String>,
}

/// What has happened to a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LotState {
    /// A claim is being examined.
    Claimed,
    /// Given back.
    Returned,
}

impl LotState {
    const fn code(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Returned => "returned",
        }
    }
}

/// What remains at the address of an ended appeal (410): no name, no picture, no reason.
#[derive(Clone, Debug)]
pub struct GoneView {
    /// The surroundings.
    pub frame: Frame,
}

#[derive(Template)]
#[template(path = "appeal.html")]
struct AppealPage<'a> {
    w: Words,
    frame: &'a Frame,
    view: &'a AppealView,
}

#[derive(Template)]
#[template(path = "gone.html")]
struct GonePage<'a> {
    w: Words,
    frame: &'a Frame,
}

impl AppealView {
    /// The page.
    pub fn render(&self) -> Result<String, RenderError> {
        render(&AppealPage { w: self.frame.words(), frame: &self.frame, view: self })
    }
}

impl GoneView {
    /// The page; answer it with 410.
    pub fn render(&self) -> Result<String, RenderError> {
        render(&GonePage { w: self.frame.words(), frame: &self.frame })
    }
}

impl AppealPage<'_> {
    fn band(&self) -> &'static str {
        if self.view.kind.is_missing() { "band band-alarm" } else { "band" }
    }

    fn hero(&self) -> Option<&PictureView> {
        self.view.pictures.first()
    }

    fn others(&self) -> impl Iterator<Item = &PictureView> {
        self.view.pictures.iter().skip(1)
    }

    fn is_catalogue(&self) -> bool {
        !self.view.lots.is_empty()
    }

    fn lot_count(&self) -> i64 {
        i64::try_from(self.view.lots.len()).unwrap_or(i64::MAX)
    }

    fn owners_are_sought(&self) -> bool {
        matches!(self.view.kind, AppealKind::ObjectsFound | AppealKind::HeirsSought)
    }

    fn lot_state(&self, lot: &LotView) -> Option<String> {
        lot.state.map(|state| self.w.label(Family::Lot, state.code()))
    }

    fn moment(&self, at: &DateTime<Utc>) -> String {
        self.w.moment(*at, self.frame.zone)
    }

    fn printed_url(&self) -> &str {
        Frame::printed(self.view.short_url.as_deref().unwrap_or(&self.view.page_url))
    }

    /// Search engines drop the page by themselves when the authorisation ends, whatever else happens.
    fn robots(&self) -> String {
        format!("noarchive, noimageindex, unavailable_after: {}", machine(&self.view.expires))
    }
}

fn machine(at: &DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
