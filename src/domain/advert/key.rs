//! The key under which an advertisement is found again: part of the name of everything made for it, because no platform
//! takes a key of ours (paid-targeting §0).

/// Letters, digits, hyphens and underscores; 1 to 60 characters, so that a name with a suffix fits the shortest limit (80, a post on X).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AdKey(String);

/// The text is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no key of an advertisement: 1 to 60 letters, digits, hyphens and underscores")]
pub struct MalformedKey(String);

impl AdKey {
    /// Reads a key.
    pub fn parse(text: &str) -> Result<Self, MalformedKey> {
        let right = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if (1..=60).contains(&text.len()) && text.bytes().all(right) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedKey(text.chars().take(60).collect()))
        }
    }

    /// The key itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of one of the things made under it. Platforms compare names exactly.
    #[must_use]
    pub fn name(&self, part: &str) -> String {
        format!("{}/{part}", self.0)
    }
}

impl std::fmt::Display for AdKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_plain() {
        assert_eq!(AdKey::parse("wab-01j9-2-fr").map(|key| key.name("set-1")), Ok("wab-01j9-2-fr/set-1".to_owned()));
        for wrong in ["", "a/b", "a'b", "a b", &"a".repeat(61)] {
            assert!(AdKey::parse(wrong).is_err(), "{wrong}");
        }
    }
}
