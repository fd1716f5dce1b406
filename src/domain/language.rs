//! The languages appeals are written in. The interface's English lives in `words`, not here.

/// A language an appeal can be published in. Order is FR, NL, DE and carries no legal meaning;
/// the legal order of a place comes from its language regime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// French.
    Fr,
    /// Dutch.
    Nl,
    /// German.
    De,
}

/// The text is not one of `fr`, `nl`, `de`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a language of appeals; use fr, nl or de")]
pub struct UnknownLanguage(pub String);

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Fr, Self::Nl, Self::De];

    /// Reads the lower-case ISO 639-1 code.
    pub fn parse(code: &str) -> Result<Self, UnknownLanguage> {
        match code {
            "fr" => Ok(Self::Fr),
            "nl" => Ok(Self::Nl),
            "de" => Ok(Self::De),
            other => Err(UnknownLanguage(other.to_owned())),
        }
    }

    /// The lower-case ISO 639-1 code, as in addresses and the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::Nl => "nl",
            Self::De => "de",
        }
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
