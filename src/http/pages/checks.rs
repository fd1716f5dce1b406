//! What must hold for every public page in every language: one language, no script, no inline style, nothing foreign,
//! a name for every control. Pages are rendered from `samples`.
#![allow(clippy::unwrap_used, reason = "tests may")]

use std::collections::BTreeSet;

use super::appeal::GoneView;
use super::errors::{ErrorView, Reason};
use super::home::LanguageChoiceView;
use super::privacy::PrivacyView;
use super::respond::{ReceiptNotice, ReceiptView};
use super::samples::{catalogue, frame, home, missing, pick, respond, subscribe, thread, wanted};
use super::subscribe::{ButtonView, CheckMailView, DoneView, Step};
use super::thread::{ReturnView, ThreadState, ThreadView};
use crate::words::{Locale, Words};

fn receipt(locale: Locale, notice: ReceiptNotice, night: bool) -> Result<String, super::frame::RenderError> {
    ReceiptView { frame: frame(locale), code: "7K2MX9QDHTBW3FNRV5CJ8PYA".to_owned(), notice, night }.render()
}

/// Every page in one language, by name.
pub fn pages(locale: Locale) -> Vec<(&'static str, String)> {
    let mut pages = vec![
        ("missing", missing(locale).render()),
        ("catalogue", catalogue(locale).render()),
        ("wanted", wanted(locale).render()),
        ("gone", GoneView { frame: frame(locale) }.render()),
        ("home", home(locale).render()),
        ("respond", respond(locale).render()),
        ("receipt", receipt(locale, ReceiptNotice::None, false)),
        ("receipt-distress", receipt(locale, ReceiptNotice::Distress, true)),
        ("receipt-illegal", receipt(locale, ReceiptNotice::IllegalContent, false)),
        ("thread", thread(locale).render()),
        ("thread_closed", ThreadView { state: ThreadState::Closed, ..thread(locale) }.render()),
        ("subscribe", subscribe(locale).render()),
        ("check_mail", CheckMailView { frame: frame(locale), hours: 48 }.render()),
    ];
    let back = ReturnView {
        frame: frame(locale),
        action: "/r".to_owned(),
        token: "t".to_owned(),
        code: super::form::Entered::of("7K2M").but(super::form::Mistake::UnknownCode),
    };
    pages.push(("return", back.render()));
    let privacy = PrivacyView {
        frame: frame(locale),
        contact: "dpo@appeals.example".to_owned(),
        supervisor: pick(locale, ["Organe de contrôle", "Controleorgaan", "Kontrollorgan", "Supervisory body"]),
        unconfirmed_hours: 48,
    };
    pages.push(("privacy", privacy.render()));
    for (button, done, step) in
        [("confirm", "confirmed", Step::Confirm), ("unsubscribe", "unsubscribed", Step::Unsubscribe)]
    {
        let page = ButtonView { frame: frame(locale), step, action: "/x".to_owned(), token: "t".to_owned() };
        pages.push((button, page.render()));
        pages.push((done, DoneView { frame: frame(locale), step }.render()));
    }
    for (name, reason) in [
        ("404", Reason::NotFound),
        ("link", Reason::LinkExpired),
        ("429", Reason::TooManyRequests),
        ("500", Reason::Broken),
        ("503", Reason::Unavailable),
    ] {
        pages.push((name, ErrorView { frame: frame(locale), reason }.render()));
    }
    pages.into_iter().map(|(name, page)| (name, page.unwrap())).collect()
}

/// What a person reads or hears: text between tags and the attributes that are read out.
fn said(html: &str) -> String {
    let mut said = String::new();
    for piece in html.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        for attribute in ["alt=\"", "aria-label=\"", "title=\"", "placeholder=\""] {
            said.extend(
                tag.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()).map(|it| format!(" {it} ")),
            );
        }
        if tag.starts_with("meta name=\"description\"") || tag.starts_with("meta property=\"og:title\"") {
            said.extend(tag.split("content=\"").skip(1).filter_map(|rest| rest.split('"').next()));
        }
        said.push(' ');
        said.push_str(text);
    }
    said
}

fn words(text: &str) -> BTreeSet<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| word.chars().count() > 1)
        .map(str::to_owned)
        .collect()
}

/// A page may contain only words of its own catalogue and of the sample text in its own language.
#[test]
fn a_page_speaks_one_language_only() {
    for locale in [Locale::Fr, Locale::Nl, Locale::De, Locale::En] {
        let mut own = words(crate::words::source(locale));
        let mail_and_proper = "doctype html delvaux lina marc sauvenière flagey namur etterbeek ixelles place opsporingen \
            police belgium eu bru appeals example dpo halle halen cm lt gt amp quot doctype feeds atom";
        own.extend(words(mail_and_proper));
        for view in [missing(locale), catalogue(locale), wanted(locale)] {
            let texts = [view.lead, view.title, view.issued_by, view.authority, view.frame.operator];
            own.extend(
                texts.iter().chain(&view.body).chain(&view.look_for).chain(&view.areas).flat_map(|it| words(it)),
            );
            own.extend(view.pictures.iter().flat_map(|picture| words(&picture.alt)));
            own.extend(view.lots.iter().flat_map(|lot| words(&format!("{} {}", lot.title, lot.description))));
            own.extend(view.last_seen.and_then(|seen| seen.place).iter().flat_map(|place| words(place)));
            own.extend(view.search_line.and_then(|line| line.note).iter().flat_map(|note| words(note)));
        }
        own.extend(thread(locale).messages.iter().flat_map(|message| words(&message.paragraphs.join(" "))));
        own.extend(words(&pick(locale, ["Organe", "Controleorgaan", "Kontrollorgan", "Supervisory body"])));
        // Digits and receipt codes leave single letters and pairs.
        own.extend(words("qd mx htbw fnr cj pya"));
        for (name, html) in pages(locale) {
            let foreign: Vec<String> = words(&said(&html)).difference(&own).cloned().collect();
            assert!(foreign.is_empty(), "{locale} {name}: {foreign:?}");
        }
    }
}

#[test]
fn every_page_keeps_the_browser_rules() {
    for locale in Locale::ALL {
        for (name, html) in pages(locale) {
            for forbidden in ["<script", "style=", "<style", " onclick", " onload", "javascript:", "<iframe", "http://"]
            {
                assert!(!html.contains(forbidden), "{locale} {name}: {forbidden}");
            }
            for address in html.split("https://").skip(1) {
                assert!(address.starts_with("appeals.example"), "{locale} {name}: {}", address.get(..20).unwrap());
            }
            for wanted in [
                format!("<html lang=\"{locale}\">"),
                "<title>".to_owned(),
                "name=\"description\"".to_owned(),
                "name=\"robots\"".to_owned(),
                "class=\"skip\" href=\"#main\"".to_owned(),
                "<main id=\"main\"".to_owned(),
            ] {
                assert!(html.contains(&wanted), "{locale} {name}: {wanted}");
            }
            assert_eq!(html.matches("<h1").count(), 1, "{locale} {name}");
        }
    }
}

#[test]
fn every_image_has_a_text_and_every_control_a_label() {
    for (name, html) in pages(Locale::Fr) {
        for image in html.split("<img ").skip(1) {
            assert!(image.split('>').next().unwrap().contains("alt=\""), "{name}: {image}");
        }
        for control in html.split("id=\"field-").skip(1) {
            let id = control.split('"').next().unwrap();
            assert!(html.contains(&format!("for=\"field-{id}\"")), "{name}: {id}");
        }
        for described in html.split("aria-describedby=\"").skip(1) {
            for id in described.split('"').next().unwrap().split(' ') {
                assert!(html.contains(&format!("id=\"{id}\"")), "{name}: {id}");
            }
        }
    }
}

#[test]
fn mistakes_are_said_at_the_field_and_in_the_summary_and_values_are_kept() {
    let html = respond(Locale::Nl).render().unwrap();
    assert!(html.contains("href=\"#field-what\"") && html.contains("id=\"mistake-what\""));
    assert!(html.contains("aria-invalid=\"true\""));
    assert!(html.contains("value=\"Namur &#60;1&#62;\""), "kept and escaped");
    assert!(html.contains("value=\"claim\" required checked"));
    assert!(html.contains("<details class=\"contact\" open>"), "a mistake inside must be visible");
}

#[test]
fn the_code_is_never_part_of_an_address_and_an_ended_appeal_names_nobody() {
    for (name, html) in pages(Locale::De) {
        for address in html.split("href=\"").skip(1).chain(html.split("action=\"").skip(1)) {
            assert!(!address.split('"').next().unwrap().contains("7K2M"), "{name}");
        }
        if name == "gone" {
            assert!(!html.contains("Lina") && !html.contains("/media/"));
        }
    }
}

#[test]
fn the_emergency_number_leads_where_seconds_count_only() {
    let call = "class=\"button button-call\" href=\"tel:112\"";
    let urgent = missing(Locale::Fr).render().unwrap();
    assert!(urgent.find(call).unwrap() < urgent.find("button-inform").unwrap());
    assert!(!catalogue(Locale::Fr).render().unwrap().contains(call));
    let form = respond(Locale::Fr).render().unwrap();
    assert!(form.find(call).unwrap() < form.find("<form").unwrap());
    assert!(wanted(Locale::Fr).render().unwrap().contains(&*Words::of(Locale::Fr).say("danger-heading")));
}

#[test]
fn an_appeal_leaves_search_engines_by_itself_when_its_authorisation_ends() {
    let html = missing(Locale::Fr).render().unwrap();
    assert!(html.contains("noarchive, noimageindex, unavailable_after: 2026-11-28T04:13:00Z"));
}

#[test]
fn the_language_page_marks_each_language() {
    let locales = vec![Locale::Fr, Locale::Nl, Locale::De];
    let html = LanguageChoiceView { frame: frame(Locale::Nl), locales }.render().unwrap();
    for locale in ["fr", "nl", "de"] {
        assert!(html.contains(&format!("lang=\"{locale}\"><a")), "{locale}");
    }
    assert!(!html.contains("<script") && !html.contains("style="));
}
