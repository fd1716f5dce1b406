//! What is checked: the notices as they would appear, and what the checks must know of the case to judge them. Plain
//! data, filled by `app`; whatever must not leave the case is held in [`Secret`]s, which do not print.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::places::PlaceNames;
use crate::domain::kind::AppealKind;
use crate::domain::language::Language;
use crate::domain::notice::Notice;
use crate::domain::place::Country;
use crate::domain::scope::ChannelKind;

/// Words that must not appear in public, nor in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text from being printed.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For the comparison, and for nothing else.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Where in a version a passage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// See [`Notice::headline`].
    Headline,
    /// See [`Notice::lead`].
    Lead,
    /// A paragraph of [`Notice::body`], from 0.
    Body(usize),
    /// An entry of [`Notice::look_for`], from 0.
    LookFor(usize),
    /// See [`Notice::instruction`].
    Instruction,
    /// The contact lines as rendered.
    Contact,
    /// The words for a picture, by its place among the pictures.
    AltText(usize),
    /// A hashtag, from 0, with or without its `#`.
    Hashtag(usize),
    /// A file name or address part that the public sees, from 0.
    FileName(usize),
}

impl Field {
    /// Prose, as opposed to tags and file names.
    #[must_use]
    pub const fn is_prose(self) -> bool {
        !matches!(self, Self::Hashtag(_) | Self::FileName(_))
    }

    /// The pointer of the field in a notice document, or in ours where a notice has none.
    #[must_use]
    pub fn pointer(self) -> String {
        match self {
            Self::Headline => "/headline".to_owned(),
            Self::Lead => "/lead".to_owned(),
            Self::Body(at) => format!("/body/{at}"),
            Self::LookFor(at) => format!("/look_for/{at}"),
            Self::Instruction => "/instruction".to_owned(),
            Self::Contact => "/contact".to_owned(),
            Self::AltText(at) => format!("/alt/{at}"),
            Self::Hashtag(at) => format!("/hashtags/{at}"),
            Self::FileName(at) => format!("/file_names/{at}"),
        }
    }
}

/// All that is shown in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its language.
    pub language: Language,
    /// Its passages, as written.
    pub passages: Vec<(Field, String)>,
}

impl Version {
    /// The passages of a notice; alternative texts, hashtags, file names and contact lines are added by [`Self::with`].
    #[must_use]
    pub fn of_notice(notice: &Notice) -> Self {
        let mut version = Self { language: notice.language, passages: Vec::new() };
        version.add(Field::Headline, &notice.headline);
        version.add(Field::Lead, &notice.lead);
        for (at, text) in notice.body.iter().enumerate() {
            version.add(Field::Body(at), text);
        }
        for (at, text) in notice.look_for.iter().enumerate() {
            version.add(Field::LookFor(at), text);
        }
        if let Some(text) = &notice.instruction {
            version.add(Field::Instruction, text);
        }
        version
    }

    fn add(&mut self, field: Field, text: &str) {
        self.passages.push((field, text.to_owned()));
    }

    /// Adds one passage.
    #[must_use]
    pub fn with(mut self, field: Field, text: impl Into<String>) -> Self {
        self.passages.push((field, text.into()));
        self
    }
}

/// How sure we are that the person shown or described is of age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Majority {
    /// Proven of age at the facts, or nobody is shown.
    Adult,
    /// Younger than 18 now or at the facts.
    Minor,
    /// Unknown: treated as a minor where the person is suspected (appeals-and-law §5).
    Unknown,
}

/// At what moment of its life the appeal's text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Moment {
    /// It asks the public.
    Appeal,
    /// It tells the public that it is over.
    Closing,
}

/// A person whose identity the notice may show.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicName {
    /// Given name.
    pub given: String,
    /// Family name; `None` when it is kept back.
    pub family: Option<String>,
}

impl std::fmt::Debug for PublicName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PublicName(***)")
    }
}

/// A fact only the author of an offence, the victim or the owner can know. Several wordings: a fact that must not leak
/// in two languages is written in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldBack {
    /// Each way to say it.
    pub wordings: Vec<Secret>,
}

/// A person whose identity must not appear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenPerson {
    /// Given name, if known.
    pub given: Option<Secret>,
    /// Family name.
    pub family: Secret,
}

/// What belongs to the case alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Private {
    /// Facts held back.
    pub hold_back: Vec<HoldBack>,
    /// Witnesses, people who gave tips, officers, magistrates, victims whose identity is protected.
    pub people: Vec<HiddenPerson>,
    /// Case numbers, references of seizures, alert references.
    pub references: Vec<Secret>,
}

/// What may be named as a way to reach the authorities (settings of the unit, appeals-and-law §7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contacts {
    /// Telephone numbers as printed.
    pub phones: Vec<String>,
    /// Mail addresses.
    pub mails: Vec<String>,
    /// Hosts, or hosts with the beginning of a path: `police.be`, `fr.example/avis`.
    pub links: Vec<String>,
    /// Handles of official accounts, with or without `@`.
    pub handles: Vec<String>,
    /// Public addresses, such as a police station's: `Rue Exemple 1, 1000 Bruxelles`.
    pub addresses: Vec<String>,
}

/// The hashtags the force uses for localities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HashtagRegister {
    /// Registered tags without `#`, per language; compared without case or accents.
    pub tags: BTreeMap<Language, BTreeSet<String>>,
    /// The notice must carry one of them, because a channel shows hashtags.
    pub wanted: bool,
}

/// What the magistrate lets appear, as far as texts are concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// A licence plate may appear.
    pub plate: bool,
    /// The plates of the appeal; with `plate`, any other is still a finding.
    pub plates: Vec<String>,
    /// A name or first name may appear.
    pub name: bool,
}

/// Brightness of a decoded picture, one byte a pixel, row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct Luma {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` bytes; anything else is reported as not checked.
    pub pixels: Vec<u8>,
}

impl std::fmt::Debug for Luma {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Luma({}x{})", self.width, self.height)
    }
}

/// What two people said a picture shows: the editor and a second viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewedBy {
    /// Handcuffs, a cell, an arrest.
    pub restraint: bool,
}

/// A picture of the appeal.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Shows the person sought.
    pub portrait: bool,
    /// Width and height in pixels, of the largest form kept.
    pub size: (u32, u32),
    /// Its brightness, when it was decoded; without it sharpness is reported as not checked.
    pub luma: Option<Luma>,
    /// Its sharpness where it was measured before, and the size it was measured at; used where there is no brightness.
    pub measured: Option<(f64, usize)>,
    /// Its words per language.
    pub alt: BTreeMap<Language, String>,
    /// Its digest is in the magistrate's scope.
    pub in_scope: bool,
    /// Faces are blurred.
    pub blurred: bool,
    /// The editor's tags.
    pub editor: Option<ViewedBy>,
    /// The second viewer's tags.
    pub second_viewer: Option<ViewedBy>,
}

/// A channel by its stable code. Limits are data per code, so channels can come without a change here.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelCode(pub String);

impl From<ChannelKind> for ChannelCode {
    fn from(channel: ChannelKind) -> Self {
        Self(channel.code().to_owned())
    }
}

/// Everything a check may look at.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts of the case, each from its own record")]
pub struct Checked<'a> {
    /// The kind.
    pub kind: AppealKind,
    /// The country of the authorising magistrate.
    pub country: Country,
    /// The day, for rules that begin and end.
    pub today: NaiveDate,
    /// Appeal or closing text.
    pub moment: Moment,
    /// The person is convicted, finally or enforceably.
    pub convicted: bool,
    /// Whether the person shown or described is of age.
    pub majority: Majority,
    /// Somebody who may do so asked for a minor's identity to be published (FR art. 39 bis).
    pub requested_by: bool,
    /// Armed or otherwise dangerous.
    pub dangerous: bool,
    /// The appeal has an end date.
    pub has_end: bool,
    /// A closing text is ready in every language.
    pub has_closing: bool,
    /// The versions.
    pub versions: Vec<Version>,
    /// Languages the area asks for.
    pub languages_needed: BTreeSet<Language>,
    /// Each account speaks one language; a feed that is bilingual by law sets `false`.
    pub one_language_each: bool,
    /// Names that may appear: the person sought, the maker of a work, makes and models.
    pub names: Vec<PublicName>,
    /// Other words of the case that are no misspellings: models, brands, titles.
    pub vocabulary: Vec<String>,
    /// Scope.
    pub covered: Covered,
    /// Pictures.
    pub pictures: Vec<Picture>,
    /// Channels it goes out on.
    pub channels: Vec<ChannelCode>,
    /// What belongs to the case alone.
    pub private: &'a Private,
    /// Official contacts and the allow-list of links and handles.
    pub contacts: &'a Contacts,
    /// Names of places per language.
    pub places: &'a PlaceNames,
    /// Locality hashtags.
    pub hashtags: &'a HashtagRegister,
}

impl Checked<'_> {
    /// The person is suspected and may be younger than 18.
    #[must_use]
    pub fn minor_suspect(&self) -> bool {
        self.kind.is_wanted() && self.majority != Majority::Adult
    }

    /// The appeal is about a minor who is not suspected.
    #[must_use]
    pub fn about_minor(&self) -> bool {
        matches!(self.kind, AppealKind::MissingMinor | AppealKind::ChildAlert)
            || (!self.kind.is_wanted() && self.majority == Majority::Minor)
    }
}
