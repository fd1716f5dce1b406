//! What a mail client makes of the bytes, read back with another library than the one that wrote them.
#![allow(clippy::unwrap_used, reason = "tests may")]

use chrono::TimeZone as _;
use mail_parser::MessageParser;

use super::*;

fn address() -> EmailAddress {
    EmailAddress::parse("anna.exemple@example.be").unwrap()
}

const LINK: &str =
    "https://alerts.example/u/aVeryLongTokenThatIsLongerThanALineOfMailShouldBe-0123456789-0123456789-0123456789";

fn letter(to: &EmailAddress) -> Letter<'_> {
    Letter {
        from: "alerts@tocsin.example",
        from_name: "Tocsin – Police / Politie",
        to,
        subject: "Disparition inquiétante à Liège : qui a vu Marguerite, 81 ans ?",
        text: "Bonjour,\n.une ligne qui commence par un point\nÀ bientôt",
        html: "<p>Bonjour, où est <b>Marguerite</b> ?</p>",
        message_id: "del-01.sub-02",
        date: Utc.with_ymd_and_hms(2026, 9, 1, 8, 0, 0).unwrap(),
        language: "fr",
        unsubscribe: Some(LINK),
        answers: None,
    }
}

#[test]
fn every_header_arrives_as_meant() {
    let to = address();
    let (envelope, bytes) = build(&letter(&to)).unwrap();
    assert_eq!(envelope.to().len(), 1);
    assert_eq!(envelope.from().unwrap().to_string(), "alerts@tocsin.example");
    assert!(bytes.is_ascii());
    assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() < 998), "RFC 5322 §2.1.1");
    let mail = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(mail.subject(), Some("Disparition inquiétante à Liège : qui a vu Marguerite, 81 ans ?"));
    let from = mail.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("Tocsin – Police / Politie"));
    assert_eq!(from.address(), Some("alerts@tocsin.example"));
    assert_eq!(mail.message_id(), Some("del-01.sub-02@tocsin.example"));
    assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-09-01T08:00:00Z");
    let raw = |name: &str| mail.header_raw(name).unwrap().trim().to_owned();
    assert_eq!(raw("List-Unsubscribe"), format!("<{LINK}>"));
    assert_eq!(raw("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(raw("List-Id"), "<alerts-fr.tocsin.example>");
    assert_eq!(raw("Content-Language"), "fr");
    assert_eq!(raw("Auto-Submitted"), "auto-generated");
    assert!(mail.body_text(0).unwrap().contains("À bientôt"));
    assert!(mail.body_html(0).unwrap().contains("où est <b>Marguerite</b>"));
}

#[test]
fn the_same_letter_gives_the_same_bytes() {
    let to = address();
    assert_eq!(build(&letter(&to)).unwrap(), build(&letter(&to)).unwrap());
    let other = Letter { message_id: "del-01.sub-03", ..letter(&to) };
    assert_ne!(build(&letter(&to)).unwrap().1, build(&other).unwrap().1);
}

#[test]
fn a_letter_that_answers_a_request_is_no_list() {
    let to = address();
    let (_, bytes) = build(&Letter { unsubscribe: None, ..letter(&to) }).unwrap();
    assert!(!String::from_utf8(bytes).unwrap().contains("List-"));
}

#[test]
fn no_header_can_be_smuggled_in() {
    let to = address();
    for bad in ["a\r\nBcc: everybody@example.be", "a\nb", "a\rb", "a\0b"] {
        for letter in [
            Letter { subject: bad, ..letter(&to) },
            Letter { from_name: bad, ..letter(&to) },
            Letter { from: bad, ..letter(&to) },
            Letter { message_id: bad, ..letter(&to) },
            Letter { language: bad, ..letter(&to) },
            Letter { unsubscribe: Some(bad), ..letter(&to) },
        ] {
            assert!(build(&letter).is_err(), "{bad:?}");
        }
    }
    assert!(build(&Letter { unsubscribe: Some("https://alerts.example/é"), ..letter(&to) }).is_err());
}
