//! What a witness may add to a response, what became of it, and in which form it is looked at.

use super::codes::codes;

/// Files with one response (security-and-ops §7).
pub const MOST_FILES: usize = 5;
/// Files of one response with all that was added to it later, from both sides.
pub const MOST_IN_THREAD: usize = 30;
/// Bytes of one file.
pub const LONGEST_FILE: usize = 25 * 1024 * 1024;
/// Bytes of all files of one response together: what one form may make a process hold.
pub const LONGEST_FORM: usize = 32 * 1024 * 1024;

codes! {
    /// What a file is, by its content; the name it came with decides nothing.
    FileKind {
        /// A JPEG picture.
        Jpeg = "jpeg",
        /// A PNG picture.
        Png = "png",
        /// A WebP picture.
        Webp = "webp",
        /// A document: kept as sent, never read by the service.
        Pdf = "pdf",
        /// A video: kept as sent.
        Mp4 = "mp4",
        /// A sound recording: kept as sent.
        M4a = "m4a",
    }
}

impl FileKind {
    /// Endings a name may have with this content; a name without one may have any.
    #[must_use]
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg", "jfif"],
            Self::Png => &["png"],
            Self::Webp => &["webp"],
            Self::Pdf => &["pdf"],
            Self::Mp4 => &["mp4", "mov", "m4v"],
            Self::M4a => &["m4a"],
        }
    }

    /// Whether it is a picture, of which a viewing copy is made.
    #[must_use]
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Webp)
    }
}

codes! {
    /// What a virus scanner said when the file came, before it was sealed; nobody can ask it afterwards.
    ScanVerdict {
        /// No scanner is configured.
        NotScanned = "not_scanned",
        /// Nothing was found.
        Clean = "clean",
        /// Something was found.
        Infected = "infected",
        /// The scanner did not answer in time or not understandably.
        Failed = "failed",
    }
}

codes! {
    /// In which form an attachment is looked at.
    FileForm {
        /// A small, blurred picture: what is shown before anybody asked for more.
        Preview = "preview",
        /// The cleaned copy.
        View = "view",
        /// The bytes as they came: evidence, and whatever else they hold.
        Original = "original",
    }
}

/// Why a file was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// Nothing in it.
    #[error("empty")]
    Empty,
    /// More than [`LONGEST_FILE`].
    #[error("too large")]
    TooLarge,
    /// More than [`MOST_FILES`].
    #[error("too many")]
    TooMany,
    /// None of [`FileKind`], or its name says that it is something else.
    #[error("not accepted")]
    NotAccepted,
    /// A picture of more than 50 megapixels or 20,000 pixels a side.
    #[error("too many pixels")]
    TooManyPixels,
    /// A picture that cannot be decoded, or ends before its end.
    #[error("broken")]
    Broken,
}

impl FileFault {
    /// Stable code, with words in the catalogues.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "file-empty",
            Self::TooLarge => "file-too-large",
            Self::TooMany => "file-too-many",
            Self::NotAccepted => "file-not-accepted",
            Self::TooManyPixels => "file-too-many-pixels",
            Self::Broken => "file-broken",
        }
    }
}
