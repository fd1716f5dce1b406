//! The kinds of appeal as pages and mails name them. The kinds and their rules are the domain's.

use super::{Family, Words};
use crate::domain::kind::{AppealKind, Sought};

/// A kind of appeal, spoken.
pub trait SpokenKind {
    /// The heading of such an appeal, e.g. "Appel à témoins".
    #[must_use]
    fn label(self, words: Words) -> String;

    /// The question to the reader, e.g. "Vous voyez cette personne ?".
    #[must_use]
    fn question(self, words: Words) -> String;
}

impl SpokenKind for AppealKind {
    fn label(self, words: Words) -> String {
        words.label(Family::Kind, self.code())
    }

    fn question(self, words: Words) -> String {
        let code = match self.sought() {
            Sought::Person => "person",
            Sought::Identity => "identity",
            Sought::Facts => "facts",
            Sought::Vehicle => "vehicle",
            Sought::Objects => "objects",
            Sought::Heirs => "heirs",
        };
        words.label(Family::Question, code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_lists_exactly_these_kinds() {
        let codes: Vec<&str> = AppealKind::ALL.iter().copied().map(AppealKind::code).collect();
        assert_eq!(codes, Family::Kind.codes());
    }
}
