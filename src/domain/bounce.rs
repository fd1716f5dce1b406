//! Mail that comes back: the address it comes back to, and what a refusal says about the recipient's address. Reading
//! the mail is `channels::email::bounce`'s, what follows from it `app::bounce`'s.

use super::codes::codes;
use super::ids::{DeliveryId, SubscriberId};
use chrono::TimeDelta;

codes! {
    /// What a refusal is about.
    BounceKind {
        /// The address: it does not exist, or takes no mail for good. Never written to again.
        Gone = "gone",
        /// The mailbox for now, or nobody knows: full, too slow, unsaid.
        Soft = "soft",
        /// Our mail: its text, size or sender. Says nothing about the address.
        Ours = "ours",
    }
}

/// So many mails that came back softly within [`SOFT_WITHIN`] mean that nobody reads there. Three, as list software
/// does: one full mailbox is a holiday.
pub const SOFT_LIMIT: i64 = 3;
/// The time within which soft refusals add up.
pub const SOFT_WITHIN: TimeDelta = TimeDelta::days(30);

/// A mail system status code (RFC 3463): class, subject, detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailStatus(pub u16, pub u16, pub u16);

impl MailStatus {
    /// The first one in a text.
    #[must_use]
    pub fn first_in(text: &str) -> Option<Self> {
        text.split(|c: char| !(c.is_ascii_digit() || c == '.')).find_map(Self::parse)
    }

    fn parse(word: &str) -> Option<Self> {
        let mut numbers =
            word.trim_end_matches('.').split('.').map(|part| part.parse::<u16>().ok().filter(|n| *n < 1000));
        let (class, subject, detail) = (numbers.next()??, numbers.next()??, numbers.next()??);
        (matches!(class, 2 | 4 | 5) && numbers.next().is_none()).then_some(Self(class, subject, detail))
    }

    /// What a final failure with this status is about (RFC 3463 §3; RFC 7505 for 5.1.10). A class of 4 in a final failure
    /// means that somebody tried for days and gave up.
    #[must_use]
    pub const fn kind(self) -> BounceKind {
        match self {
            Self(5, 1, 1..=3 | 6 | 10) | Self(5, 2, 1) => BounceKind::Gone,
            // 5.1.7 and 5.1.8 are about the sender's address; 5.2.3 and 5.3.4 about the size.
            Self(5, 1, 7 | 8) | Self(5, 2, 3) | Self(5, 3, 4) | Self(5, 5..=7, _) => BounceKind::Ours,
            _ => BounceKind::Soft,
        }
    }
}

impl std::fmt::Display for MailStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// What a final failure is about, as far as its status says: `550 5.1.1 no such user`. Plain SMTP's own codes (RFC 5321
/// §4.2.3) say nothing: 550 may be policy as well as a missing mailbox.
#[must_use]
pub fn kind_of(status: Option<MailStatus>) -> BounceKind {
    status.map_or(BounceKind::Soft, MailStatus::kind)
}

/// Signs which mail an address is for: `(delivery, subscriber) -> digits`, at least `SIGNATURE` of them.
pub type Signer<'a> = &'a dyn Fn(&str) -> String;
/// Hexadecimal digits of a signature in an address: 44 bits, and one mail to try each.
const SIGNATURE: usize = 11;
/// Digits of an id behind its prefix.
const ID: usize = 26;
/// A whole local part: with its first letter 64 octets, the most there may be (RFC 5321 §4.5.3.1.1).
const LOCAL: usize = 1 + 2 * ID + SIGNATURE;

/// The address one mail to one subscriber comes back to.
#[must_use]
pub fn return_path(delivery: &DeliveryId, subscriber: &SubscriberId, domain: &str, sign: Signer<'_>) -> String {
    let bare = |id: &str| id.split_once('_').map_or_else(String::new, |(_, digits)| digits.to_owned());
    let named = format!("{}{}", bare(delivery.as_str()), bare(subscriber.as_str()));
    let signature: String = sign(&named).chars().take(SIGNATURE).collect();
    format!("b{named}{signature}@{domain}")
}

/// The mail an address of ours in `text` names, if it was signed here. Whoever carries a bounce may put the address into
/// any header or line: all are looked at.
#[must_use]
pub fn named_in(text: &str, domain: &str, sign: Signer<'_>) -> Option<(DeliveryId, SubscriberId)> {
    let text = text.to_ascii_lowercase();
    text.match_indices(&format!("@{}", domain.to_ascii_lowercase())).find_map(|(at, _)| {
        let local = text.get(at.checked_sub(LOCAL)?..at)?.strip_prefix('b')?;
        let (named, signature) = local.split_at_checked(2 * ID)?;
        let (delivery, subscriber) = named.split_at_checked(ID)?;
        let signed: String = sign(named).chars().take(SIGNATURE).collect();
        // Comparing in varying time tells a sender of mails nothing: no answer comes back.
        let ids = (DeliveryId::parse(&format!("dlv_{delivery}")), SubscriberId::parse(&format!("sub_{subscriber}")));
        match ids {
            (Ok(delivery), Ok(subscriber)) if signed == signature => Some((delivery, subscriber)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use chrono::DateTime;
    use proptest::prelude::*;

    #[test]
    fn refusals_are_told_apart_by_their_status() {
        for (words, kind) in [
            ("550 5.1.1 unknown user", BounceKind::Gone),
            ("556 5.1.10 the domain takes no mail", BounceKind::Gone),
            ("550 5.2.1 mailbox disabled", BounceKind::Gone),
            ("552 5.2.2 mailbox full", BounceKind::Soft),
            ("550 5.7.1 blocked for its content", BounceKind::Ours),
            ("552 5.3.4 message too big", BounceKind::Ours),
            ("501 5.1.7 bad sender", BounceKind::Ours),
            ("550 no such user", BounceKind::Soft),
            ("host 192.0.2.1 said: 550 5.1.1.", BounceKind::Gone),
            ("", BounceKind::Soft),
        ] {
            assert_eq!(kind_of(MailStatus::first_in(words)), kind, "{words}");
        }
        assert_eq!(MailStatus::first_in("at 10.11.12 and 4.4.7").map(|s| s.to_string()).as_deref(), Some("4.4.7"));
    }

    proptest! {
        #[test]
        fn an_address_names_its_mail_and_no_other_does(a in any::<[u8; 10]>(), b in any::<[u8; 10]>(), place in 0_usize..64) {
            let at = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
            let (delivery, subscriber) = (DeliveryId::from_parts(at, a), SubscriberId::from_parts(at, b));
            let sign = |named: &str| crate::domain::canonical::hex(&<sha2::Sha256 as sha2::Digest>::digest(named.as_bytes()));
            let address = return_path(&delivery, &subscriber, "bounce.example", &sign);
            prop_assert_eq!(address.find('@'), Some(64));
            let told = format!("Final-Recipient: rfc822;x@y.be\r\nX-Original-To: <{}>\r\n", address.to_uppercase());
            prop_assert_eq!(named_in(&told, "bounce.example", &sign), Some((delivery, subscriber)));
            let mut forged = address.into_bytes();
            forged[place] = if forged[place] == b'0' { b'1' } else { b'0' };
            let forged = String::from_utf8(forged).unwrap();
            prop_assert_eq!(named_in(&forged, "bounce.example", &sign), None);
        }

        #[test]
        fn any_text_is_looked_through(text in ".{0,300}") {
            let _ = named_in(&text, "bounce.example", &|_| String::new());
            let _ = kind_of(MailStatus::first_in(&text));
        }
    }
}
