//! Codes of official places, as people file them: `NIS:21009`, `INSEE:59350`, `POST:BE:1050`. What they cover: `area`.

/// The country whose law and codes apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Country {
    /// Belgium.
    Be,
    /// France.
    Fr,
}

impl Country {
    /// ISO 3166-1 alpha-2, upper case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Be => "BE",
            Self::Fr => "FR",
        }
    }

    /// Reads `BE` or `FR`.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "BE" => Some(Self::Be),
            "FR" => Some(Self::Fr),
            _ => None,
        }
    }
}
