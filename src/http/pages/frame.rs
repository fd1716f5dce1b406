//! What surrounds every public page: language, operator, the country's emergency numbers, own addresses.

use askama::Template;

use crate::words::{Locale, Words, Zone};

/// A page could not be written out. Templates are checked when compiling, so this is memory or a broken `Display`.
#[derive(Debug, thiserror::Error)]
#[error("a page could not be rendered")]
pub struct RenderError(#[from] askama::Error);

/// The surroundings of a page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The page's only language.
    pub locale: Locale,
    /// Whose wall clock the dates follow.
    pub zone: Zone,
    /// Who runs the service, in the page's language, e.g. "Police fédérale".
    pub operator: String,
    /// Scheme and host without a slash at the end, for addresses that are printed or shared.
    pub base_url: String,
    /// The numbers to call.
    pub emergency: EmergencyView,
}

/// The country's emergency numbers: 112 and 17 in France, 112 and 101 in Belgium.
#[derive(Clone, Debug)]
pub struct EmergencyView {
    /// The number on the big button.
    pub primary: PhoneView,
    /// The police's own number.
    pub secondary: PhoneView,
}

/// A telephone number as read and as dialled.
#[derive(Clone, Debug)]
pub struct PhoneView {
    /// As people write it, e.g. "0800 30 300".
    pub shown: String,
    /// For `tel:` links: digits, and a plus sign in front if there was one.
    pub dial: String,
}

impl PhoneView {
    /// Takes the number as people write it.
    #[must_use]
    pub fn new(shown: impl Into<String>) -> Self {
        let shown = shown.into();
        let plus = if shown.trim_start().starts_with('+') { "+" } else { "" };
        let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
        Self { dial: format!("{plus}{digits}"), shown }
    }
}

impl Frame {
    /// The catalogue of the page's language.
    #[must_use]
    pub fn words(&self) -> Words {
        Words::of(self.locale)
    }

    /// An address without its scheme, as it is printed on a poster.
    pub(super) fn printed(url: &str) -> &str {
        url.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/')
    }
}

/// Renders a page's template.
pub(super) fn render(page: &impl Template) -> Result<String, RenderError> {
    Ok(page.render()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dialled_without_their_spaces() {
        assert_eq!(PhoneView::new("0800 30 300").dial, "080030300");
        assert_eq!(PhoneView::new("+32 (0)2 642 65 11").dial, "+32026426511");
        assert_eq!(PhoneView::new("112").dial, "112");
    }
}
