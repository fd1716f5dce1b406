//! Figures and words that are neither law nor code, as the data files hold them: channel lengths, picture sizes, when a
//! paraphrase is a leak, right words that no dictionary knows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Deserialize;

use super::checked::ChannelCode;
use crate::domain::language::Language;

/// The longest a channel takes, in characters; absent means it has no such limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelLimit {
    /// Headline.
    pub headline: Option<usize>,
    /// Everything that is shown, headline, lead, paragraphs and hashtags.
    pub total: Option<usize>,
    /// Why this figure.
    pub reason: String,
}

/// What a picture must be.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureLimits {
    /// First day of these figures.
    pub effective_from: NaiveDate,
    /// Pixels of the shorter side of a portrait.
    pub portrait_short_side: u32,
    /// Pixels of the shorter side of any other picture.
    pub other_short_side: u32,
    /// The longer side is brought to so many pixels before sharpness is measured.
    pub measured_at: usize,
    /// Least variance of the Laplacian at that size, on brightness 0 to 255.
    pub sharpness: f64,
    /// Why these figures.
    pub reason: String,
}

/// When words of the text count as a hold-back fact.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldBackLimits {
    /// Least share of a fact's content words, by weight, that stand close together.
    pub similarity: f64,
    /// So many foreign content words may stand between them.
    pub gap: usize,
    /// Why these figures.
    pub reason: String,
}

/// Words that no dictionary knows and that are right, folded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vocabulary {
    fr: BTreeSet<String>,
    nl: BTreeSet<String>,
    de: BTreeSet<String>,
}

impl Vocabulary {
    pub fn knows(&self, word: &str, language: Language) -> bool {
        match language {
            Language::Fr => &self.fr,
            Language::Nl => &self.nl,
            Language::De => &self.de,
        }
        .contains(word)
    }
}

/// Figures that are neither law nor code.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Per channel code.
    pub channel: BTreeMap<String, ChannelLimit>,
    /// Pictures, by first day.
    pub picture: Vec<PictureLimits>,
    /// Hold-back facts.
    pub hold_back: HoldBackLimits,
}

impl Limits {
    /// What a picture must be on a day: the newest row that has begun, before the first one that row.
    #[must_use]
    pub fn picture_on(&self, day: NaiveDate) -> Option<&PictureLimits> {
        let begun = self.picture.iter().filter(|row| row.effective_from <= day).max_by_key(|row| row.effective_from);
        begun.or_else(|| self.picture.iter().min_by_key(|row| row.effective_from))
    }

    /// The newest row, begun or not.
    #[must_use]
    pub fn newest_picture(&self) -> Option<&PictureLimits> {
        self.picture.iter().max_by_key(|row| row.effective_from)
    }

    /// The limit of a channel.
    #[must_use]
    pub fn of(&self, channel: &ChannelCode) -> Option<&ChannelLimit> {
        self.channel.get(&channel.0)
    }
}
