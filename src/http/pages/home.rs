//! The list of running appeals of one language, and the page on which a language is chosen.

use askama::Template;
use chrono::{DateTime, Utc};

use super::appeal::PictureView;
use super::frame::{Frame, RenderError, render};
use crate::domain::kind::AppealKind;
use crate::words::{Locale, SpokenKind, Words};

/// All running appeals in one language.
#[derive(Clone, Debug)]
pub struct HomeView {
    /// The surroundings.
    pub frame: Frame,
    /// Most urgent or newest first: the caller's order is kept.
    pub cards: Vec<CardView>,
    /// The Atom feed of this language.
    pub feed_href: String,
}

/// One appeal in the list.
#[derive(Clone, Debug)]
pub struct CardView {
    /// The appeal's page.
    pub href: String,
    /// Its kind.
    pub kind: AppealKind,
    /// Who or what.
    pub title: String,
    /// One sentence.
    pub lead: String,
    /// Only the small file is shown.
    pub picture: Option<PictureView>,
    /// First publication.
    pub published: DateTime<Utc>,
    /// Where, in a few words.
    pub area: Option<String>,
}

/// The page at `/`: the only one that speaks several languages, each marked as such.
#[derive(Clone, Debug)]
pub struct LanguageChoiceView {
    /// The surroundings; its language is the one the browser asked for.
    pub frame: Frame,
    /// The languages offered, in the order to show them.
    pub locales: Vec<Locale>,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    w: Words,
    frame: &'a Frame,
    view: &'a HomeView,
}

#[derive(Template)]
#[template(path = "language_choice.html")]
struct LanguageChoicePage<'a> {
    w: Words,
    frame: &'a Frame,
    choices: Vec<Words>,
}

impl HomeView {
    /// The page.
    pub fn render(&self) -> Result<String, RenderError> {
        render(&HomePage { w: self.frame.words(), frame: &self.frame, view: self })
    }
}

impl LanguageChoiceView {
    /// The page.
    pub fn render(&self) -> Result<String, RenderError> {
        let choices = self.locales.iter().copied().map(Words::of).collect();
        render(&LanguageChoicePage { w: self.frame.words(), frame: &self.frame, choices })
    }
}

impl HomePage<'_> {
    fn day(&self, at: &DateTime<Utc>) -> String {
        self.w.day(*at, self.frame.zone)
    }
}
