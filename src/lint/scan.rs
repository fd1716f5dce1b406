//! Expressions of the code, compiled on first use. They are constants, proved by tests: one that does not compile finds
//! nothing and is logged, because a check must never stop a service.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

macro_rules! lazy_pattern {
    ($name:ident = $text:expr) => {
        static $name: std::sync::LazyLock<Option<regex::bytes::Regex>> =
            std::sync::LazyLock::new(|| $crate::lint::scan::compile($text));
    };
}
pub(super) use lazy_pattern;

/// Compiles an expression over folded text; a blank fits any white space.
pub(super) fn compile(text: &str) -> Option<Regex> {
    RegexBuilder::new(text)
        .unicode(false)
        .build()
        .inspect_err(|error| tracing::error!(%error, "an expression of the checks does not compile"))
        .ok()
}

/// Where an expression matches.
pub(super) fn all<'t>(
    regex: &'static LazyLock<Option<Regex>>,
    text: &'t str,
) -> impl Iterator<Item = Range<usize>> + 't {
    regex.iter().flat_map(move |regex| regex.find_iter(text.as_bytes()).map(|found| found.range()))
}
