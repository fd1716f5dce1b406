//! E-mail alerts: asking for them, confirming, stopping. Confirming and stopping are a page with a button each,
//! because the link in the mail is a GET and mail scanners follow it.

use askama::Template;

use super::form::{Entered, Field, Shape};
use super::frame::{Frame, RenderError, render};
use crate::words::{Family, Words};

/// The form. Field names: `token`, `email`, `language`, `place`, and `place_id` once there are candidates.
pub struct SubscribeView {
    /// The surroundings.
    pub frame: Frame,
    /// Where the form is posted.
    pub action: String,
    /// One-time token.
    pub token: String,
    /// The form was open for too long.
    pub stale: bool,
    /// The address.
    pub email: Entered,
    /// `fr`, `nl` or `de`; empty means the page's language.
    pub language: Entered,
    /// Municipality or postal code as typed.
    pub place: Entered,
    /// The candidate chosen.
    pub place_id: Entered,
    /// Places that match what was typed, when there are several.
    pub candidates: Vec<CandidateView>,
}

/// A place that matches.
#[derive(Clone, Debug)]
pub struct CandidateView {
    /// What is posted.
    pub value: String,
    /// Its name in the page's language, with the postal code.
    pub label: String,
}

/// After the form: says nothing about whether the address was known.
#[derive(Clone, Debug)]
pub struct CheckMailView {
    /// The surroundings.
    pub frame: Frame,
    /// How long the link works.
    pub hours: u32,
}

/// A page with one button that posts `token`.
pub struct ButtonView {
    /// The surroundings.
    pub frame: Frame,
    /// Which button.
    pub step: Step,
    /// Where it posts.
    pub action: String,
    /// The secret of the link.
    pub token: String,
}

/// What the button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Begins the alerts.
    Confirm,
    /// Stops them and erases the subscriber.
    Unsubscribe,
}

/// What the button did.
#[derive(Clone, Debug)]
pub struct DoneView {
    /// The surroundings.
    pub frame: Frame,
    /// Which button it was.
    pub step: Step,
}

#[derive(Template)]
#[template(path = "subscribe.html")]
struct SubscribePage<'a> {
    w: Words,
    frame: &'a Frame,
    view: &'a SubscribeView,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "check_mail.html")]
struct CheckMailPage<'a> {
    w: Words,
    frame: &'a Frame,
    hours: u32,
}

#[derive(Template)]
#[template(path = "button.html")]
struct ButtonPage<'a> {
    w: Words,
    frame: &'a Frame,
    view: &'a ButtonView,
}

#[derive(Template)]
#[template(path = "done.html")]
struct DonePage<'a> {
    w: Words,
    frame: &'a Frame,
    step: Step,
}

impl SubscribeView {
    /// The page.
    pub fn render(&self) -> Result<String, RenderError> {
        let w = self.frame.words();
        render(&SubscribePage { w, frame: &self.frame, view: self, fields: self.fields(w) })
    }

    fn fields(&self, w: Words) -> Vec<Field> {
        let mut language = self.language.clone();
        if language.value.is_empty() {
            self.frame.locale.code().clone_into(&mut language.value);
        }
        let languages = ["fr", "nl", "de"].map(|code| (code.to_owned(), w.label(Family::Language, code)));
        let mut fields = vec![
            Field::line("email", w.say("field-email"), &self.email, w)
                .required()
                .limit(super::respond::CONTACT_LIMIT)
                .shape(Shape::Line { kind: "email", autocomplete: "email", class: "" }),
            Field::choice("language", w.say("field-language"), &language, w, languages),
            Field::line("place", w.say("field-place"), &self.place, w).hint(w.say("field-place-hint")).required(),
        ];
        if !self.candidates.is_empty() {
            let places = self.candidates.iter().map(|place| (place.value.clone(), place.label.clone()));
            fields.push(Field::choice("place_id", w.say("subscribe-candidates"), &self.place_id, w, places));
        }
        fields
    }
}

impl SubscribePage<'_> {
    fn mistaken(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.mistake.is_some())
    }

    fn has_mistakes(&self) -> bool {
        self.view.stale || self.mistaken().next().is_some()
    }
}

impl CheckMailView {
    /// The page.
    pub fn render(&self) -> Result<String, RenderError> {
        render(&CheckMailPage { w: self.frame.words(), frame: &self.frame, hours: self.hours })
    }
}

impl ButtonView {
    /// The page.
    pub fn render(&self) -> Result<String, RenderError> {
        render(&ButtonPage { w: self.frame.words(), frame: &self.frame, view: self })
    }
}

impl DoneView {
    /// The page.
    pub fn render(&self) -> Result<String, RenderError> {
        render(&DonePage { w: self.frame.words(), frame: &self.frame, step: self.step })
    }
}
