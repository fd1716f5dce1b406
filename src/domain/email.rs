//! An e-mail address: parsed once, normalised, and never printed, because it is somebody's personal data.

/// A plausible address with its domain in lower case.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// Why a text is no address. Does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedAddress {
    /// No part before or after the `@`, or no `@`.
    #[error("an address needs a name, an @ and a domain")]
    Parts,
    /// Longer than RFC 5321 allows.
    #[error("longer than 254 characters, or more than 64 before the @")]
    Length,
    /// Blanks, control characters, brackets or quotes.
    #[error("holds a character an address cannot have")]
    Character,
    /// The domain has no dot, an empty label, or a label that begins or ends with a hyphen.
    #[error("the domain is not one")]
    Domain,
}

impl EmailAddress {
    /// Parses what a person typed.
    pub fn parse(text: &str) -> Result<Self, MalformedAddress> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(MalformedAddress::Parts)?;
        if local.is_empty() || domain.is_empty() {
            return Err(MalformedAddress::Parts);
        }
        // RFC 5321 §4.5.3.1: 64 octets before the @, 254 in all.
        if text.len() > 254 || local.len() > 64 {
            return Err(MalformedAddress::Length);
        }
        let forbidden = |c: char| c.is_whitespace() || c.is_control() || "()<>[]:;,\\\"@".contains(c);
        if local.chars().any(forbidden) || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(MalformedAddress::Character);
        }
        let domain = domain.to_lowercase();
        let label_fits = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        if !domain.contains('.') || !domain.split('.').all(label_fits) {
            return Err(MalformedAddress::Domain);
        }
        Ok(Self(format!("{local}@{domain}")))
    }

    /// The address, for the sender and the database.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmailAddress(***)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn addresses_are_normalised_refused_with_a_reason_and_never_printed() {
        let address = EmailAddress::parse(" Anna.Exemple@Mail.EXAMPLE.be ").unwrap();
        assert_eq!(address.as_str(), "Anna.Exemple@mail.example.be");
        assert!(!format!("{address:?}").contains("Anna"));
        for (text, why) in [
            ("anna", MalformedAddress::Parts),
            ("@example.be", MalformedAddress::Parts),
            ("an na@example.be", MalformedAddress::Character),
            ("a\r\nb@example.be", MalformedAddress::Character),
            ("anna@localhost", MalformedAddress::Domain),
            ("anna@-x.be", MalformedAddress::Domain),
        ] {
            assert_eq!(EmailAddress::parse(text), Err(why), "{text}");
        }
    }
}
