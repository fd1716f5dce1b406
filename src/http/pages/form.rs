//! Forms as data: what was typed, what is wrong with it, and the fields a template writes out the same way everywhere
//! (label, hint, mistake, `aria-*`). What is acceptable is decided by whoever handles the form.

use crate::domain::attachment::FileFault;
use crate::words::Words;

/// What somebody typed into one field and what is wrong with it. Debug shows neither.
#[derive(Clone, Default)]
pub struct Entered {
    /// As typed.
    pub value: String,
    /// The first thing wrong with it.
    pub mistake: Option<Mistake>,
}

/// What can be wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Nothing was entered.
    Empty,
    /// More than this many characters.
    TooLong(u32),
    /// Not an e-mail address.
    NotAnEmail,
    /// Not one of the choices offered.
    NotAChoice,
    /// No municipality or postal code of that name.
    UnknownPlace,
    /// Not a receipt code we know, for whatever reason.
    UnknownCode,
    /// No day, or none that exists.
    NoDate,
    /// No time of day.
    NoTime,
    /// It has not come yet.
    InFuture,
    /// A time that no clock showed: the hour summer time begins with.
    NoSuchTime,
    /// The thread has as many files as it may have.
    ThreadFull,
    /// A file that was not taken.
    File(FileFault),
}

/// One field, ready to be written.
pub(super) struct Field {
    pub name: &'static str,
    pub label: String,
    pub hint: Option<String>,
    pub required: bool,
    pub value: String,
    pub mistake: Option<String>,
    pub limit: u32,
    pub shape: Shape,
}

/// How a field is entered.
pub(super) enum Shape {
    Line {
        kind: &'static str,
        autocomplete: &'static str,
        class: &'static str,
    },
    Text {
        rows: u32,
    },
    Choice(Vec<Choice>),
    /// One of a list, or none.
    Select(Vec<Choice>),
    /// Files; what they may be.
    Files {
        accept: &'static str,
    },
}

/// One possibility of a [`Shape::Choice`].
pub(super) struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

impl Entered {
    /// A value that was typed.
    #[must_use]
    pub fn of(value: impl Into<String>) -> Self {
        Self { value: value.into(), mistake: None }
    }

    /// The same value, with what is wrong.
    #[must_use]
    pub fn but(self, mistake: Mistake) -> Self {
        Self { mistake: Some(mistake), ..self }
    }
}

impl std::fmt::Debug for Entered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entered").field("mistake", &self.mistake).finish_non_exhaustive()
    }
}

impl Mistake {
    /// What the person reads beside the field.
    #[must_use]
    pub fn say(self, words: Words) -> String {
        match self {
            Self::Empty => words.say("mistake-empty"),
            Self::TooLong(limit) => words.say_with("mistake-long", &[("limit", limit)]),
            Self::NotAnEmail => words.say("mistake-email"),
            Self::NotAChoice => words.say("mistake-choice"),
            Self::UnknownPlace => words.say("mistake-place"),
            Self::UnknownCode => words.say("mistake-code"),
            Self::NoDate => words.say("mistake-date"),
            Self::NoTime => words.say("mistake-time"),
            Self::InFuture => words.say("mistake-future"),
            Self::NoSuchTime => words.say("mistake-no-such-time"),
            Self::ThreadFull => words.say("mistake-thread-full"),
            Self::File(FileFault::Empty) => words.say("mistake-file-empty"),
            Self::File(FileFault::TooLarge) => words.say("mistake-file-large"),
            Self::File(FileFault::TooMany) => words.say("mistake-file-many"),
            Self::File(FileFault::NotAccepted) => words.say("mistake-file-kind"),
            Self::File(FileFault::TooManyPixels) => words.say("mistake-file-pixels"),
            Self::File(FileFault::Broken) => words.say("mistake-file-broken"),
        }
        .into_owned()
    }
}

impl Field {
    /// A field of one line of text.
    pub fn line(name: &'static str, label: impl Into<String>, entered: &Entered, words: Words) -> Self {
        Self {
            name,
            label: label.into(),
            hint: None,
            required: false,
            value: entered.value.clone(),
            mistake: entered.mistake.map(|mistake| mistake.say(words)),
            limit: 200,
            shape: Shape::Line { kind: "text", autocomplete: "off", class: "" },
        }
    }

    /// A choice between `(value, label)` pairs.
    pub fn choice(
        name: &'static str,
        label: impl Into<String>,
        entered: &Entered,
        words: Words,
        choices: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let choices =
            choices.into_iter().map(|(value, label)| Choice { chosen: value == entered.value, value, label }).collect();
        Self { required: true, shape: Shape::Choice(choices), ..Self::line(name, label, entered, words) }
    }

    /// A list of `(value, label)` pairs to choose from; the first has no value and leaves it open.
    pub fn select(
        name: &'static str,
        label: impl Into<String>,
        entered: &Entered,
        words: Words,
        choices: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let open = std::iter::once((String::new(), words.say("choice-none").into_owned()));
        let choices = open.chain(choices);
        let choices = choices.map(|(value, label)| Choice { chosen: value == entered.value, value, label }).collect();
        Self { shape: Shape::Select(choices), ..Self::line(name, label, entered, words) }
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub fn limit(self, limit: u32) -> Self {
        Self { limit, ..self }
    }

    pub fn shape(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    /// What assistive technology reads after the label.
    pub fn described_by(&self) -> String {
        let hint = self.hint.as_ref().map(|_| format!("hint-{}", self.name));
        let mistake = self.mistake.as_ref().map(|_| format!("mistake-{}", self.name));
        hint.into_iter().chain(mistake).collect::<Vec<_>>().join(" ")
    }

    /// Where a link of the summary leads: the field, or the first of its choices.
    pub fn target(&self) -> String {
        match self.shape {
            Shape::Choice(_) => format!("field-{}-1", self.name),
            Shape::Line { .. } | Shape::Text { .. } | Shape::Files { .. } | Shape::Select(_) => {
                format!("field-{}", self.name)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Locale;

    #[test]
    fn what_people_typed_does_not_reach_a_log() {
        let entered = Entered::of("I saw him").but(Mistake::TooLong(5));
        assert_eq!(format!("{entered:?}"), "Entered { mistake: Some(TooLong(5)), .. }");
        assert_eq!(Mistake::TooLong(5).say(Words::of(Locale::Nl)), "Maximaal 5 tekens.");
    }

    #[test]
    fn a_field_is_described_by_its_hint_and_its_mistake() {
        let words = Words::of(Locale::En);
        let field = Field::line("where", "Where?", &Entered::of("").but(Mistake::Empty), words);
        assert_eq!(field.described_by(), "mistake-where");
        assert_eq!(field.hint("Exactly").described_by(), "hint-where mistake-where");
    }
}
