//! The patterns of one rule in one language. They run on the folded ASCII text, so they are written without accents;
//! word boundaries are added unless a pattern starts with `~`; a blank fits any white space.

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use super::passage::Ready;

/// As written in a rule file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhrasesEntry {
    #[serde(default)]
    find: Vec<String>,
    /// On the text with its case: for abbreviations.
    #[serde(default)]
    find_cased: Vec<String>,
    /// A hit that lies inside a match of one of these is none.
    #[serde(default)]
    innocent: Vec<String>,
    /// When given, a hit counts only after a named person or one of these words for the person shown, in one sentence.
    #[serde(default)]
    persons: Vec<String>,
    /// Beside `persons`: subjects that are nobody in particular.
    #[serde(default)]
    nobody: Vec<String>,
    /// Hits inside quotation marks count too.
    #[serde(default = "yes")]
    in_quotes: bool,
    #[serde(default)]
    better: String,
}

const fn yes() -> bool {
    true
}

/// Compiled.
#[derive(Debug)]
pub(super) struct Phrases {
    find: Option<Regex>,
    find_cased: Option<Regex>,
    innocent: Option<Regex>,
    pub persons: Option<Regex>,
    pub nobody: Option<Regex>,
    in_quotes: bool,
    pub better: String,
}

/// Patterns of a list as one expression. Longest lists of ours compile to some tens of kilobytes.
fn one_of(patterns: &[String]) -> Result<Option<Regex>, regex::Error> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let parts: Vec<String> = patterns
        .iter()
        .map(|pattern| {
            let bounded = if let Some(raw) = pattern.strip_prefix('~') {
                format!("(?:{raw})")
            } else {
                // A pattern that ends in a blank or a quotation mark cannot end at a word's edge.
                let edge = |c: Option<char>| c.is_some_and(|c| !matches!(c, ' ' | '"' | '\''));
                let open = if edge(pattern.chars().next()) { r"\b" } else { "" };
                let close = if edge(pattern.chars().last()) && !pattern.ends_with("[\"']") { r"\b" } else { "" };
                format!("{open}(?:{pattern}){close}")
            };
            bounded.replace(' ', r"[ \n]")
        })
        .collect();
    RegexBuilder::new(&parts.join("|")).unicode(false).size_limit(4 << 20).build().map(Some)
}

impl PhrasesEntry {
    /// Compiles; an error names the list.
    pub fn compile(self) -> Result<Phrases, (&'static str, String)> {
        let list = |name: &'static str, patterns: &[String]| {
            // What is written with an accent or a capital could never match.
            if name != "find_cased"
                && let Some(bad) = patterns.iter().find(|p| !p.is_ascii() || p.bytes().any(|b| b.is_ascii_uppercase()))
            {
                return Err((name, format!("`{bad}` is not in folded form (ASCII, lower case)")));
            }
            one_of(patterns).map_err(|error| (name, error.to_string()))
        };
        Ok(Phrases {
            find: list("find", &self.find)?,
            find_cased: list("find_cased", &self.find_cased)?,
            innocent: list("innocent", &self.innocent)?,
            persons: list("persons", &self.persons)?,
            nobody: list("nobody", &self.nobody)?,
            in_quotes: self.in_quotes,
            better: self.better,
        })
    }
}

fn ranges<'t>(regex: Option<&'t Regex>, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    regex.into_iter().flat_map(move |regex| regex.find_iter(text.as_bytes()).map(|m| m.range()))
}

impl Phrases {
    /// Whether it has anything to look for.
    pub fn is_empty(&self) -> bool {
        self.find.is_none() && self.find_cased.is_none()
    }

    /// The hits in a passage that no exception excuses.
    pub fn hits(&self, ready: &Ready<'_>) -> Vec<Range<usize>> {
        let mut hits: Vec<_> = ranges(self.find.as_ref(), &ready.folded.lower).collect();
        hits.extend(ranges(self.find_cased.as_ref(), &ready.folded.cased));
        if hits.is_empty() {
            return hits;
        }
        let excuses: Vec<_> = ranges(self.innocent.as_ref(), &ready.folded.lower).collect();
        hits.retain(|hit| {
            !excuses.iter().any(|excuse| excuse.start <= hit.start && hit.end <= excuse.end)
                && (self.in_quotes || !ready.quoted(hit))
        });
        hits
    }

    /// Every match, exceptions or not: for lists that only introduce something.
    pub fn leads<'t>(&'t self, folded: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        ranges(self.find.as_ref(), folded)
    }

    /// Whether an exception stands at the very end of some text.
    pub fn excuses(&self, before: &str) -> bool {
        ranges(self.innocent.as_ref(), before).last().is_some_and(|range| range.end >= before.trim_end().len())
    }

    /// Whether any pattern is in the text.
    pub fn found_in(&self, folded: &str) -> bool {
        self.find.as_ref().is_some_and(|find| find.is_match(folded.as_bytes()))
    }
}
