//! What must hold for every mail: one language, its marks in place, a text part that says the same, nothing foreign,
//! and nobody's name in a correction or an ending.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{
    AppealMail, ClosureMail, ConfirmSubscriptionMail, CorrectionMail, DutyMail, Ending, MailFact, MailPicture, Matter,
    RESPOND_MARK, RenderError, Rendered, UNSUBSCRIBE_MARK,
};
use crate::domain::kind::AppealKind;
use crate::words::{Family, Locale, Words, Zone};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn alert(locale: Locale) -> AppealMail {
    let w = Words::of(locale);
    AppealMail {
        locale,
        zone: Zone::Brussels,
        operator: "Xoperator".to_owned(),
        kind: AppealKind::MissingMinor,
        title: "Lina Delvaux".to_owned(),
        subtitle: Some(w.years(9)),
        lead: "Xlead".to_owned(),
        picture: Some(MailPicture {
            src: "https://appeals.example/media/lina.jpg".to_owned(),
            width: 900,
            height: 1200,
            alt: "Lina".to_owned(),
        }),
        last_seen: vec![w.moment(at("2026-11-20T15:40:00Z"), Zone::Brussels), "Flagey".to_owned()],
        look_for: vec!["Xsign".to_owned()],
        facts: vec![MailFact { label: w.label(Family::Fact, "height"), value: w.metres(134) }],
        body: vec!["Xbody".to_owned()],
        dangerous: true,
        emergency: "112".to_owned(),
        police: "101".to_owned(),
        search_line: Some("0800 30 300".to_owned()),
        page_url: "https://appeals.example/a/lina".to_owned(),
        takes_answers: true,
        issued_by: "Xunit".to_owned(),
        authority: "Xauthority".to_owned(),
        expires: at("2026-11-28T04:13:00Z"),
    }
}

fn mails(locale: Locale) -> Vec<Rendered> {
    let operator = "Xoperator".to_owned();
    let (zone, sent) = (Zone::Paris, at("2026-11-21T04:13:00Z"));
    let closure = |ending| ClosureMail { locale, zone, operator: operator.clone(), sent, ending }.render().unwrap();
    vec![
        alert(locale).render().unwrap(),
        CorrectionMail { locale, zone, operator: operator.clone(), sent }.render().unwrap(),
        closure(Ending::PersonFound),
        closure(Ending::Ended),
        ConfirmSubscriptionMail {
            locale,
            operator: operator.clone(),
            confirm_url: "https://appeals.example/c".to_owned(),
            hours: 48,
        }
        .render()
        .unwrap(),
        DutyMail {
            locale,
            zone,
            operator: operator.clone(),
            matter: Matter::OralLapsing,
            object: "Xsign".to_owned(),
            at: sent,
        }
        .render()
        .unwrap(),
    ]
}

/// The words of the HTML part as they are seen.
fn seen(html: &str) -> String {
    html.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text)).collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1).map(str::to_lowercase).collect()
}

#[test]
fn a_mail_speaks_one_language_only() {
    let sample = "Xoperator Xlead Xsign Xbody Xunit Xauthority Lina Delvaux Flagey https appeals example media jpg \
        unsubscribe respond";
    for locale in Locale::ALL {
        let mut own = words(crate::words::source(locale));
        own.extend(words(sample));
        for mail in mails(locale) {
            for part in [mail.subject.clone(), mail.text.clone(), seen(&mail.html)] {
                let foreign: Vec<String> = words(&part).difference(&own).cloned().collect();
                assert!(foreign.is_empty(), "{locale} {}: {foreign:?}", mail.subject);
            }
            assert!(mail.html.contains(&format!("<html lang=\"{locale}\">")));
        }
    }
}

#[test]
fn both_parts_say_the_same_words() {
    for locale in Locale::ALL {
        for mail in mails(locale) {
            let (text, html) = (words(&mail.text), words(&seen(&mail.html)));
            let only_text: Vec<_> = text.difference(&html).filter(|word| !is_address(word)).collect();
            assert!(only_text.is_empty(), "{locale} {}: {only_text:?}", mail.subject);
        }
    }
}

/// In the HTML part addresses are behind their links.
fn is_address(word: &str) -> bool {
    ["https", "appeals", "example", "unsubscribe", "respond", "lina"].contains(&word)
}

#[test]
fn an_alert_carries_its_links_and_the_number_to_call() {
    let mail = alert(Locale::Fr).render().unwrap();
    for part in [&mail.text, &mail.html] {
        for wanted in [UNSUBSCRIBE_MARK, RESPOND_MARK, "112", "101", "0800 30 300", "Xauthority"] {
            assert!(part.contains(wanted), "{wanted}");
        }
    }
    assert!(mail.html.contains("src=\"https://appeals.example/media/lina.jpg\" alt=\"Lina\" width=\"420\""));
    assert!(mail.text.contains("parce que vous avez demandé des alertes pour un lieu"));
    assert!(!mail.html.contains("<script") && !mail.html.contains("<link"));
    // Gmail cuts a message off at 102 kB, and with it the link to stop.
    assert!(mail.html.len() < 20_000, "{}", mail.html.len());
}

#[test]
fn an_alert_that_takes_no_answers_has_no_response_link() {
    let mail = AppealMail { takes_answers: false, ..alert(Locale::Nl) }.render().unwrap();
    assert!(!mail.text.contains(RESPOND_MARK) && !mail.html.contains(RESPOND_MARK));
}

#[test]
fn a_text_that_brings_a_mark_is_refused_and_markup_is_escaped() {
    let with_mark = AppealMail { lead: "{{unsubscribe}}".to_owned(), ..alert(Locale::De) };
    assert!(matches!(with_mark.render(), Err(RenderError::MarkInText(_))));
    let with_markup = AppealMail { title: "<b>Lina</b>\r\nBcc: x".to_owned(), ..alert(Locale::De) }.render().unwrap();
    assert!(!with_markup.html.contains("<b>") && !with_markup.subject.contains('\n'));
}

#[test]
fn corrections_and_endings_are_for_subscribers_and_confirmations_are_not() {
    for (index, mail) in mails(Locale::Fr).into_iter().enumerate() {
        let subscribed = index < 4;
        assert_eq!(mail.text.contains(UNSUBSCRIBE_MARK), subscribed, "{}", mail.subject);
        assert_eq!(mail.html.contains("<img"), index == 0, "{}", mail.subject);
    }
}
