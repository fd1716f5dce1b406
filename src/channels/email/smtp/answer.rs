//! The relay's answers as the outbox understands them, in words that name nobody.

use super::exchange::Fate;
use super::reply::Reply;
use crate::channels::Failure;

/// Enough for a status, an enhanced code and a sentence; relays add links and advice without end.
const LONGEST_REASON: usize = 200;

/// Nothing happened; worth trying again. SMTP names no time for it.
pub fn later(reason: &str) -> Failure {
    Failure::Retry { after: None, reason: without_addresses(reason) }
}

/// What became of a mail, for the outbox.
pub fn outcome(fate: Fate) -> Result<(), Failure> {
    match fate {
        Fate::Accepted => Ok(()),
        Fate::Never(reason) => Err(Failure::Refused { reason }),
        Fate::Later(reason) => Err(later(&reason)),
        // A refused sender is our configuration's fault, not the recipient's: never final.
        Fate::Us(reason) => Err(down(&format!("the relay refuses the sender: {reason}"))),
        Fate::Unknown(reason) => Err(Failure::Unknown { reason: format!("lost after the text was sent: {reason}") }),
    }
}

/// Nothing happened, and not because of this message or recipient.
pub fn down(reason: &str) -> Failure {
    Failure::Down { after: None, reason: without_addresses(reason) }
}

/// `550 5.1.1 unknown user`: a status, an enhanced code and a sentence, naming nobody.
pub fn said(reply: &Reply) -> String {
    without_addresses(&format!("{} {}", reply.code, reply.text))
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
