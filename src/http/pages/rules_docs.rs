//! The page at `/api/docs/rules` that lists every rule with its source and its mark, in English, without a script: the
//! caller walks the rule book and hands over plain text.

use askama::Template;

use super::frame::{RenderError, render};

/// Every rule of an installation.
#[derive(Clone, Debug)]
pub struct RulesDocsView {
    /// Version of the rule files, shortened.
    pub version: String,
    /// Rules by what they are about.
    pub sections: Vec<RuleSection>,
}

/// Rules about one thing.
#[derive(Clone, Debug)]
pub struct RuleSection {
    /// Plain ASCII without spaces.
    pub anchor: String,
    /// Its heading.
    pub title: String,
    /// One sentence.
    pub about: String,
    /// Its rules.
    pub rules: Vec<RuleRow>,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct RuleRow {
    /// Its id.
    pub id: String,
    /// Its mark.
    pub mark: String,
    /// No unit can loosen it.
    pub locked: bool,
    /// What it says, by sentence.
    pub says: Vec<String>,
    /// Where it was read, or the laws it follows from.
    pub source: String,
    /// The days it holds, in words; empty when always.
    pub holds: String,
}

#[derive(Template)]
#[template(path = "rules_docs.html")]
struct RulesDocsPage<'a> {
    view: &'a RulesDocsView,
}

impl RulesDocsView {
    /// The page.
    pub fn render(&self) -> Result<String, RenderError> {
        render(&RulesDocsPage { view: self })
    }
}
