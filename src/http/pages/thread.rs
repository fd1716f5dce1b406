//! The sender's way back: entering the receipt code, reading the reply, adding information.
//! The code travels in the body of a POST and in a hidden field, never in an address.

use askama::Template;
use chrono::{DateTime, Utc};

use super::form::{Entered, Field, Shape};
use super::frame::{Frame, RenderError, render};
use super::respond::{ACCEPTED, WHAT_LIMIT};
use crate::domain::attachment::FileKind;
use crate::words::{Family, Words};

/// Where the code is entered. Field names: `token`, `code`.
pub struct ReturnView {
    /// The surroundings.
    pub frame: Frame,
    /// Where the form is posted.
    pub action: String,
    /// One-time token.
    pub token: String,
    /// What was typed; shown again only with a mistake.
    pub code: Entered,
}

/// The conversation. Field names of the form below it: `token`, `code`, `message`, `files`; of those that open a file: `code`,
/// `file`.
pub struct ThreadView {
    /// The surroundings.
    pub frame: Frame,
    /// The receipt code, for the hidden field.
    pub code: String,
    /// Where the message stands.
    pub state: ThreadState,
    /// The appeal has ended.
    pub ended: bool,
    /// Oldest first.
    pub messages: Vec<MessageView>,
    /// Where an addition is posted.
    pub action: String,
    /// One-time token.
    pub token: String,
    /// What was typed.
    pub message: Entered,
    /// Files that were chosen: browsers forget them, so only what is wrong with them is said.
    pub files: Entered,
    /// Files that came with the response itself.
    pub first_files: Vec<FileView>,
    /// Where a file is asked for.
    pub file_action: String,
    /// An addition has just been received.
    pub added: bool,
}

/// Where a response stands, as far as its sender may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadState {
    /// Arrived.
    Received,
    /// Somebody reads it.
    BeingRead,
    /// A reply is there.
    Answered,
    /// No longer followed; nothing can be added.
    Closed,
}

/// One message.
pub struct MessageView {
    /// Who wrote it.
    pub from: Sender,
    /// When.
    pub at: DateTime<Utc>,
    /// Its text.
    pub paragraphs: Vec<String>,
    /// What came with it.
    pub files: Vec<FileView>,
}

/// A file of the thread.
pub struct FileView {
    /// Its place in the thread.
    pub number: i32,
    /// What it is.
    pub kind: FileKind,
    /// Its id, when the sender can open it.
    pub opens: Option<String>,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The person with the code.
    Public,
    /// An investigator, never by name.
    Investigators,
}

#[derive(Template)]
#[template(path = "return.html")]
struct ReturnPage<'a> {
    w: Words,
    frame: &'a Frame,
    view: &'a ReturnView,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "thread.html")]
struct ThreadPage<'a> {
    w: Words,
    frame: &'a Frame,
    view: &'a ThreadView,
    fields: Vec<Field>,
}

impl ReturnView {
    /// The page.
    pub fn render(&self) -> Result<String, RenderError> {
        let w = self.frame.words();
        // 24 characters and whatever separates their groups.
        let code = Field::line("code", w.say("field-code"), &self.code, w).required().limit(64).shape(Shape::Line {
            kind: "text",
            autocomplete: "off",
            class: "code-input",
        });
        render(&ReturnPage { w, frame: &self.frame, view: self, fields: vec![code] })
    }
}

impl ThreadView {
    /// The page; never cached.
    pub fn render(&self) -> Result<String, RenderError> {
        let w = self.frame.words();
        let message = Field::line("message", w.say("thread-add"), &self.message, w)
            .limit(WHAT_LIMIT)
            .shape(Shape::Text { rows: 6 });
        let files = Field::line("files", w.say("field-files"), &self.files, w)
            .hint(w.say("field-files-hint"))
            .shape(Shape::Files { accept: ACCEPTED });
        render(&ThreadPage { w, frame: &self.frame, view: self, fields: vec![message, files] })
    }
}

impl ThreadState {
    const fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::BeingRead => "being_read",
            Self::Answered => "answered",
            Self::Closed => "closed",
        }
    }
}

impl ReturnPage<'_> {
    fn mistaken(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.mistake.is_some())
    }

    fn has_mistakes(&self) -> bool {
        self.mistaken().next().is_some()
    }
}

impl ThreadPage<'_> {
    fn mistaken(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.mistake.is_some())
    }

    fn has_mistakes(&self) -> bool {
        self.mistaken().next().is_some()
    }

    fn state(&self) -> String {
        self.w.label(Family::ResponseState, self.view.state.code())
    }

    fn is_closed(&self) -> bool {
        self.view.state == ThreadState::Closed
    }

    fn file(&self, file: &FileView) -> String {
        let kind = match file.kind {
            FileKind::Jpeg | FileKind::Png | FileKind::Webp => self.w.say("file-kind-picture"),
            FileKind::Pdf => self.w.say("file-kind-document"),
            FileKind::Mp4 | FileKind::M4a => self.w.say("file-kind-recording"),
        };
        let number = file.number.to_string();
        self.w.say_with("thread-file", &[("number", number.as_str()), ("kind", kind.as_ref())]).into_owned()
    }

    fn moment(&self, at: &DateTime<Utc>) -> String {
        self.w.moment(*at, self.frame.zone)
    }
}
