//! What a reader makes of a spliced mail is what it makes of one built for that recipient alone.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
use super::*;
use chrono::TimeZone as _;
use mail_parser::MessageParser;
use proptest::prelude::*;

fn rendered(text: &str, html: &str) -> Rendered {
    Rendered { subject: "Qui a vu Marguerite ?".to_owned(), text: text.to_owned(), html: html.to_owned() }
}

fn shared(mail: &Rendered) -> Shared<'_> {
    let date = Utc.with_ymd_and_hms(2026, 9, 1, 8, 0, 0).unwrap();
    Shared { from: "alerts@tocsin.example", from_name: "Tocsin – Police", mail, date, language: "fr" }
}

const UNSUBSCRIBE: &str = "https://alerts.example/fr/unsubscribe/sub_01.aVeryLongSignatureThatDoesNotFitALine-0123456789-0123456789-x?a=1&b=2";
const RESPOND: &str =
    "https://alerts.example/fr/a/marguerite/respond?c=email&x=.....................................................";

fn check(mail: &Rendered) {
    let to = EmailAddress::parse("anna.exemple@example.be").unwrap();
    let own = Own { to: &to, message_id: "dsp.appeal.sub", unsubscribe: UNSUBSCRIBE, respond: RESPOND };
    let bytes = Template::new(&shared(mail)).unwrap().splice(&own);
    assert!(bytes.is_ascii() && !bytes.windows(6).any(|six| six == b"TOCSIN"));
    assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 998));
    let body = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    assert!(bytes[body..].split(|byte| *byte == b'\n').all(|line| line.len() <= 78), "RFC 2045 §6.7");
    let alone = {
        let links = crate::channels::email::render::Links { unsubscribe: UNSUBSCRIBE, respond: RESPOND };
        let spliced = mail.splice(links);
        message::build(&Letter {
            from: "alerts@tocsin.example",
            from_name: "Tocsin – Police",
            to: &to,
            subject: &spliced.subject,
            text: &spliced.text,
            html: &spliced.html,
            message_id: "dsp.appeal.sub",
            date: shared(mail).date,
            language: "fr",
            unsubscribe: Some(UNSUBSCRIBE),
            answers: None,
        })
        .unwrap()
        .1
    };
    let (ours, theirs) =
        (MessageParser::default().parse(&bytes).unwrap(), MessageParser::default().parse(&alone).unwrap());
    assert_eq!(ours.body_text(0), theirs.body_text(0));
    assert_eq!(ours.body_html(0), theirs.body_html(0));
    for header in
        ["To", "From", "Subject", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Date"]
    {
        assert_eq!(ours.header_raw(header), theirs.header_raw(header), "{header}");
    }
    // Built alone it is 7-bit or quoted as it likes; the meaning is what counts.
    assert!(ours.body_text(0).unwrap().contains("unsubscribe/sub_01"));
}

#[test]
fn a_spliced_mail_reads_like_one_built_alone() {
    check(&rendered(
        "Bonjour,\n.un point\nRépondre : {{respond}}\n\nArrêter : {{unsubscribe}}\nÀ bientôt",
        "<p>où est <a href=\"{{respond}}\">Marguerite</a> ?</p><p><a href=\"{{unsubscribe}}\">stop</a></p>",
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn wherever_the_marks_stand(before in "[a-zé=. ]{0,90}", between in "[a-zé=.\n ]{0,90}", after in "[a-zé=.\n]{0,40}") {
        let part = format!("{before}{{{{respond}}}}{between}{{{{unsubscribe}}}}{after}");
        check(&rendered(&part, &format!("<p>{part}</p>")));
    }
}
