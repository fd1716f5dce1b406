//! The relay's answers as the outbox understands them, in words that name nobody.

use std::error::Error as _;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::Severity;

use crate::channels::Failure;

/// Enough for a status, an enhanced code and a sentence; relays add links and advice without end.
const LONGEST_REASON: usize = 200;

/// Nothing happened; worth trying again. SMTP names no time for it.
pub fn later(reason: &str) -> Failure {
    Failure::Retry { after: None, reason: without_addresses(reason) }
}

/// Nothing happened, and not because of this message or recipient.
pub fn down(reason: &str) -> Failure {
    Failure::Down { after: None, reason: without_addresses(reason) }
}

/// A negative answer that concerns this message or recipient. Nothing if the relay did not answer at all.
pub fn verdict(error: &Error) -> Option<Failure> {
    let reason = words(error);
    match error.status()?.severity {
        Severity::PermanentNegativeCompletion => Some(Failure::Refused { reason }),
        _ => Some(Failure::Retry { after: None, reason }),
    }
}

/// 421 announces that the connection closes; whatever follows on it is lost.
pub fn closes(error: &Error) -> bool {
    error.status().is_some_and(|code| code.to_string() == "421")
}

/// `550 5.1.1 unknown user`, or what the network said.
pub fn words(error: &Error) -> String {
    let source = error.source().map(ToString::to_string).unwrap_or_default();
    without_addresses(&match error.status() {
        Some(code) => format!("{code} {source}"),
        None => error.to_string(),
    })
}

/// Relays like to repeat the recipient. An address is personal data and has no place in an attempt's record or a log.
pub fn without_addresses(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    for piece in text.split_inclusive(|c: char| c.is_whitespace() || "<>()[]{}\"',;:=".contains(c)) {
        if piece.contains('@') {
            clean.push_str("(address)");
            clean.extend(piece.chars().next_back().filter(|c| !c.is_alphanumeric()));
        } else {
            clean.push_str(piece);
        }
    }
    clean.trim().chars().take(LONGEST_REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_survives_in_a_reason() {
        let told =
            without_addresses("5.1.1 <Anna.Exemple@example.be>: user unknown; to=anna@example.be, ask\r\nroot@relay");
        assert_eq!(told, "5.1.1 <(address)>: user unknown; to=(address), ask  (address)");
        assert_eq!(without_addresses(&"x".repeat(900)).len(), LONGEST_REASON);
    }
}
