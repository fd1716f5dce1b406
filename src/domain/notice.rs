//! The appeal's text in one language. Its digest is what a magistrate approves.

use super::canonical;
use super::document::Reader;
use super::language::Language;
use serde_json::{Value, json};

/// SHA-256 over the canonical form of a notice, as 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextDigest(pub String);

/// The text in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Language of every word in it.
    pub language: Language,
    /// Stands alone, 1 to 160 characters (CAP's advice for headlines).
    pub headline: String,
    /// One or two sentences, at most 300 characters: previews show no more.
    pub lead: String,
    /// Paragraphs, together at most 6,000 characters: two printed pages.
    pub body: Vec<String>,
    /// What to look for: clothing, marks, what the person carries.
    pub look_for: Vec<String>,
    /// What to do besides calling and answering, when the case asks for it.
    pub instruction: Option<String>,
}

impl Notice {
    /// The stored form.
    #[must_use]
    pub fn to_document(&self) -> Value {
        json!({
            "headline": self.headline, "lead": self.lead, "body": self.body,
            "look_for": self.look_for, "instruction": self.instruction,
        })
    }

    /// Reads the notice of one language.
    #[must_use]
    pub fn read(language: Language, mut r: Reader<'_>) -> Option<Self> {
        let headline = r.needed_line("headline", 1..=160);
        let lead = r.needed_text("lead", 1..=300);
        let body = r.texts("body", 40, 3000);
        if body.iter().map(|paragraph| paragraph.chars().count()).sum::<usize>() > 6000 {
            r.fault("body", "too-much-text");
        }
        let look_for = r.texts("look_for", 20, 300);
        let instruction = r.text("instruction", 1..=600);
        r.finish();
        Some(Self { language, headline: headline?, lead: lead?, body, look_for, instruction })
    }

    /// What the magistrate's scope names.
    #[must_use]
    pub fn digest(&self) -> TextDigest {
        TextDigest(canonical::digest(&json!({"language": self.language.code(), "text": self.to_document()})))
    }
}
