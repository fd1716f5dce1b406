//! What a person should know about how a filing was read. Notes change no cell; they are stored with the area, so that
//! whoever validates it sees what its author saw. Their words: `note-<code>` in the catalogues.

use std::collections::BTreeMap;

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoteKind {
    /// A code from before a merger stands for the whole of today's municipality.
    MergedCode,
    /// The municipality got another code; its territory is the same.
    ChangedCode,
    /// A police zone's code from before its merger stands for the whole of today's zone.
    MergedZone,
    /// The postal code is one of several of its municipality, which is taken whole.
    PostalWhole,
    /// The postal code is used in several municipalities, all taken whole.
    PostalShared,
    /// Parts of the place have no boundary of their own in the sources.
    NoBoundary,
    /// The name has other readings of lesser weight.
    OtherReadings,
}

impl NoteKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::MergedCode,
        Self::ChangedCode,
        Self::MergedZone,
        Self::PostalWhole,
        Self::PostalShared,
        Self::NoBoundary,
        Self::OtherReadings,
    ];

    /// As stored and as in the catalogues' keys.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MergedCode => "merged-code",
            Self::ChangedCode => "changed-code",
            Self::MergedZone => "merged-zone",
            Self::PostalWhole => "postal-whole",
            Self::PostalShared => "postal-shared",
            Self::NoBoundary => "no-boundary",
            Self::OtherReadings => "other-readings",
        }
    }

    /// Reads [`NoteKind::code`].
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One note about one part of a filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaNote {
    /// Where in the filing, as a JSON pointer.
    pub pointer: String,
    /// What it is about.
    pub kind: NoteKind,
    /// Values for the sentence: `filed` and, by kind, `now`, `since`, `places`, `count`.
    pub args: BTreeMap<String, String>,
}

impl AreaNote {
    /// A note with its values.
    #[must_use]
    pub fn new(pointer: &str, kind: NoteKind, args: &[(&str, &str)]) -> Self {
        let args = args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Self { pointer: pointer.to_owned(), kind, args }
    }
}
