//! Pages for requests that get no answer: plain words, no detail of the inside, and always the number to call.

use askama::Template;

use super::frame::{Frame, RenderError, render};
use crate::words::Words;

/// A page that could not be shown.
#[derive(Clone, Debug)]
pub struct ErrorView {
    /// The surroundings.
    pub frame: Frame,
    /// Why.
    pub reason: Reason,
}

/// Why there is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// 404.
    NotFound,
    /// 410: a link from a mail that was used or has expired.
    LinkExpired,
    /// 429.
    TooManyRequests,
    /// 500.
    Broken,
    /// 503.
    Unavailable,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    w: Words,
    frame: &'a Frame,
    title: String,
    text: String,
}

impl Reason {
    /// The HTTP status to answer with.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::LinkExpired => 410,
            Self::TooManyRequests => 429,
            Self::Broken => 500,
            Self::Unavailable => 503,
        }
    }
}

impl ErrorView {
    /// The page.
    pub fn render(&self) -> Result<String, RenderError> {
        let w = self.frame.words();
        let (title, text) = match self.reason {
            Reason::NotFound => (w.say("error-not-found-title"), w.say("error-not-found-text")),
            Reason::LinkExpired => (w.say("error-link-title"), w.say("error-link-text")),
            Reason::TooManyRequests => (w.say("error-busy-title"), w.say("error-busy-text")),
            Reason::Broken => (w.say("error-broken-title"), w.say("error-broken-text")),
            Reason::Unavailable => (w.say("error-away-title"), w.say("error-away-text")),
        };
        render(&ErrorPage { w, frame: &self.frame, title: title.into_owned(), text: text.into_owned() })
    }
}
