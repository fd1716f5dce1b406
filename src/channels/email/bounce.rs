//! A mail that came back, read: which of our mails it is about, and with which status it failed. Anything may stand in
//! such a file; what cannot be read is nobody's bounce. What follows from it is `app::bounce`'s.

use crate::domain::bounce::{MailStatus, Signer, named_in};
use crate::domain::ids::{DeliveryId, SubscriberId};
use mail_parser::{MessageParser, MimeHeaders as _};

/// Larger ones are not read further: a report fits, and the text of the mail behind it is not needed.
pub const LONGEST: u64 = 256 * 1024;

/// What a file in the bounce folder is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A mail of ours failed for good, with this status where one was given.
    Failed((DeliveryId, SubscriberId), Option<MailStatus>),
    /// A mail of ours is late, arrived, or was answered by a machine: nothing follows.
    Nothing,
    /// Not about a mail of ours.
    Unknown,
}

/// Reads a mail that came to the bounce domain. A delivery status notification (RFC 3464) says what happened; anything
/// else counts as a failure only where it has a status of its own words.
#[must_use]
pub fn read(bytes: &[u8], domain: &str, sign: Signer<'_>) -> Told {
    let text = String::from_utf8_lossy(bytes);
    let Some(mail) = named_in(&text, domain, sign) else { return Told::Unknown };
    let Some(message) = MessageParser::default().parse(bytes) else { return Told::Unknown };
    let report = message.parts.iter().find(|part| part.is_content_type("message", "delivery-status"));
    if let Some(report) = report {
        let fields = String::from_utf8_lossy(report.contents()).into_owned();
        return match field(&fields, "action").as_deref() {
            Some("failed") => {
                Told::Failed(mail, field(&fields, "status").and_then(|status| MailStatus::first_in(&status)))
            }
            _ => Told::Nothing,
        };
    }
    // Vacation replies and the like say so themselves (RFC 3834).
    let automatic = message.header_raw("Auto-Submitted").map(str::trim);
    if automatic.is_some_and(|kind| kind.starts_with("auto-replied")) {
        return Told::Nothing;
    }
    match message.body_text(0).and_then(|words| MailStatus::first_in(&words)) {
        Some(status @ MailStatus(4 | 5, ..)) => Told::Failed(mail, Some(status)),
        _ => Told::Nothing,
    }
}

/// A field of a report's recipient part, in lower case.
fn field(fields: &str, name: &str) -> Option<String> {
    fields.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::domain::bounce::return_path;
    use chrono::DateTime;
    use proptest::prelude::*;

    const DOMAIN: &str = "bounce.tocsin.example";

    fn sign(named: &str) -> String {
        named.bytes().map(|byte| char::from(b'a' + byte % 6)).rev().collect()
    }

    fn mail() -> (DeliveryId, SubscriberId) {
        let at = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        (DeliveryId::from_parts(at, [7; 10]), SubscriberId::from_parts(at, [9; 10]))
    }

    fn report(action: &str, status: &str) -> String {
        let (delivery, subscriber) = mail();
        let to = return_path(&delivery, &subscriber, DOMAIN, &sign);
        format!(
            "Return-Path: <>\r\nFrom: MAILER-DAEMON@relay.example\r\nTo: {to}\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"cut\"\r\n\r\n\
             --cut\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n\
             --cut\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.example\r\n\r\n\
             Final-Recipient: rfc822; anna@example.be\r\nAction: {action}\r\nStatus: {status}\r\n\
             Diagnostic-Code: smtp; 550 said no\r\n\r\n--cut--\r\n"
        )
    }

    #[test]
    fn a_report_says_which_mail_failed_and_why() {
        let read = |text: &str| read(text.as_bytes(), DOMAIN, &sign);
        assert_eq!(read(&report("failed", "5.1.1")), Told::Failed(mail(), Some(MailStatus(5, 1, 1))));
        assert_eq!(read(&report("Failed", "5.2.2 (full)")), Told::Failed(mail(), Some(MailStatus(5, 2, 2))));
        assert_eq!(read(&report("delayed", "4.4.1")), Told::Nothing);
        assert_eq!(read(&report("delivered", "2.0.0")), Told::Nothing);
        assert_eq!(read(&report("failed", "none")), Told::Failed(mail(), None));
    }

    #[test]
    fn others_mail_and_forged_addresses_are_nobodys_bounce() {
        let (delivery, subscriber) = mail();
        let right = return_path(&delivery, &subscriber, DOMAIN, &sign);
        let wrong = return_path(&delivery, &subscriber, DOMAIN, &|_| "0".repeat(16));
        assert_eq!(read(report("failed", "5.1.1").replace(&right, &wrong).as_bytes(), DOMAIN, &sign), Told::Unknown);
        assert_eq!(read(report("failed", "5.1.1").as_bytes(), "elsewhere.example", &sign), Told::Unknown);
        assert_eq!(read(b"", DOMAIN, &sign), Told::Unknown);
    }

    #[test]
    fn a_vacation_reply_is_no_failure_and_a_plain_refusal_is_one() {
        let (delivery, subscriber) = mail();
        let to = return_path(&delivery, &subscriber, DOMAIN, &sign);
        let away = format!("To: {to}\r\nAuto-Submitted: auto-replied\r\n\r\nBack on 5.1.2027\r\n");
        assert_eq!(read(away.as_bytes(), DOMAIN, &sign), Told::Nothing);
        let plain = format!("To: {to}\r\nSubject: failure notice\r\n\r\nRemote host said: 550 5.1.1 no mailbox\r\n");
        assert_eq!(read(plain.as_bytes(), DOMAIN, &sign), Told::Failed(mail(), Some(MailStatus(5, 1, 1))));
        let thanks = format!("To: {to}\r\nSubject: thanks\r\n\r\nI saw him.\r\n");
        assert_eq!(read(thanks.as_bytes(), DOMAIN, &sign), Told::Nothing);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0_usize..900) {
            let _ = read(&bytes, DOMAIN, &sign);
            let whole = report("failed", "5.1.1").into_bytes();
            let mut broken = whole.get(..cut.min(whole.len())).unwrap().to_vec();
            broken.extend(&bytes);
            let _ = read(&broken, DOMAIN, &sign);
        }
    }
}
