//! The privacy notice: what is kept, why, how long, and whom to ask. Short, and true only as long as the program is.

use askama::Template;

use super::frame::{Frame, RenderError, render};
use crate::words::{Value, Words};

/// What the notice needs to know from the configuration.
#[derive(Clone, Debug)]
pub struct PrivacyView {
    /// The surroundings; the operator is the controller.
    pub frame: Frame,
    /// Address of the data protection officer.
    pub contact: String,
    /// The supervisory authority, in the page's language.
    pub supervisor: String,
    /// After how many hours an unconfirmed address is erased.
    pub unconfirmed_hours: u32,
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct PrivacyPage<'a> {
    w: Words,
    frame: &'a Frame,
    view: &'a PrivacyView,
    hours: Value<'static>,
}

impl PrivacyView {
    /// The page.
    pub fn render(&self) -> Result<String, RenderError> {
        let hours = Value::from(self.unconfirmed_hours);
        render(&PrivacyPage { w: self.frame.words(), frame: &self.frame, view: self, hours })
    }
}
