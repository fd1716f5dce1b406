//! Public pages in real Chromium as people with assistive technology, without scripts, by keyboard and on a small telephone
//! meet them. axe-core comes from the npm registry when the test runs; `TOCSIN_TEST_AXE` names a copy for machines without a
//! network.

use crate::support::TestApp;
use crate::support::browser::Browser;
use serde_json::{Value, json};
use std::process::Command;

/// The source of axe-core, fetched once.
fn axe() -> String {
    if let Ok(file) = std::env::var("TOCSIN_TEST_AXE") {
        return std::fs::read_to_string(file).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let done = Command::new("npm")
        .args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "axe-core@4"])
        .current_dir(folder.path())
        .env("npm_config_cache", folder.path().join("cache"))
        .output()
        .expect("npm");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    std::fs::read_to_string(folder.path().join("node_modules/axe-core/axe.min.js")).unwrap()
}

const RULES: &str =
    "{runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa']}}";

#[actix_web::test]
async fn axe_finds_no_violation_of_wcag_2_2_a_or_aa_on_public_pages_in_three_languages() {
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    let (base, source) = (&app.http.base, axe());
    let browser = Browser::open(320).await;
    let (mut looked, mut rules, mut wrong) = (0, 0, Vec::new());
    for language in ["fr", "nl", "de"] {
        let mut pages: Vec<String> =
            ["", "/privacy", "/subscribe", "/r"].iter().map(|page| format!("/{language}{page}")).collect();
        if language != "de" {
            pages.extend([format!("/{language}/a/{slug}"), format!("/{language}/a/{slug}/respond")]);
        }
        for page in pages {
            browser.go(&format!("{base}{page}")).await;
            let run = format!(
                "{source};\nconst done = arguments[0];\naxe.run(document, {RULES}).then(done, e => done(String(e)));"
            );
            let found = browser.value_of(&run).await;
            let violations = found["violations"].as_array().unwrap_or_else(|| panic!("{page}: {found}"));
            looked += 1;
            rules += found["passes"].as_array().unwrap().len();
            wrong.extend(violations.iter().map(|v| format!("{page}: {} {}", v["id"], v["nodes"][0]["html"])));
        }
    }
    // The form with everything wrong in it, and the receipt.
    for language in ["fr", "nl"] {
        browser.go(&format!("{base}/{language}/a/{slug}/respond")).await;
        browser.click("main form button[type=submit]").await;
        browser.text_of(".mistake").await;
        let run = format!(
            "{source};\nconst done = arguments[0];\naxe.run(document, {RULES}).then(done, e => done(String(e)));"
        );
        let found = browser.value_of(&run).await;
        looked += 1;
        wrong.extend(
            found["violations"]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| format!("mistakes {language}: {} {}", v["id"], v["nodes"][0]["html"])),
        );
        browser.click("input[name=kind][value=tip] + label").await;
        browser.write("textarea[name=what]", &format!("Vu {language} au parc")).await;
        browser.click("main form button[type=submit]").await;
        browser.text_of("p.code").await;
        let found = browser.value_of(&run).await;
        looked += 1;
        wrong.extend(
            found["violations"]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| format!("receipt {language}: {} {}", v["id"], v["nodes"][0]["html"])),
        );
    }
    println!("{looked} pages looked at, {rules} rules passed");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rules > 100, "axe looked at something: {rules}");
}

#[actix_web::test]
async fn the_form_is_sent_by_keyboard_alone_with_scripts_off_at_320_pixels_with_a_picture() {
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    let photo = app.folder.path().join("photo.jpg");
    std::fs::write(&photo, crate::attachments::jpeg_for_mail()).unwrap();
    let browser = Browser::open_without_scripts(320).await;
    browser.go(&format!("{}/nl/a/{slug}/respond", app.http.base)).await;
    // From the top of the page with the tabulator, as somebody without a mouse goes.
    let mut visited = Vec::new();
    let mut chosen = false;
    for _ in 0..60 {
        browser.keys("\u{E004}").await;
        let focus = browser.focus().await;
        visited.push(focus.clone());
        match (focus["tag"].as_str(), focus["name"].as_str()) {
            (Some("input"), Some("kind")) if !chosen => {
                browser.keys(" ").await;
                chosen = true;
            }
            (Some("textarea"), Some("what")) => browser.keys("Gezien bij de halte met een rode jas").await,
            (Some("input"), Some("where")) => browser.keys("Kraainem").await,
            (Some("input"), Some("files")) => browser.write("input[name=files]", &photo.display().to_string()).await,
            (Some("button"), _) => {
                browser.keys("\u{E007}").await;
                break;
            }
            _ => {}
        }
    }
    let code = browser.text_of("p.code").await;
    assert_eq!(code.chars().filter(char::is_ascii_alphanumeric).count(), 24, "{code}; {visited:?}");
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    assert_eq!((&list["items"][0]["kind"], &list["items"][0]["attachments"]), (&json!("tip"), &json!(1)));
    let (wide, shown) = browser.widths().await;
    assert!(wide <= shown, "{wide} wider than {shown}");
}

#[actix_web::test]
async fn in_a_rush_the_browser_works_for_the_sender_while_they_write() {
    let app =
        TestApp::start_with(|config| (config.responses.soft_per_hour, config.responses.proof_bits) = (1, 10)).await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    let path = format!("/fr/a/{slug}/respond");
    for word in ["pomme", "arbre", "citron"] {
        app.http.fill(&path, &[("kind", "tip"), ("what", &format!("Vu près du {word} et du {word}"))]).await;
    }
    let browser = Browser::open(1280).await;
    browser.go(&format!("{}{path}", app.http.base)).await;
    assert_ne!(browser.value("document.querySelector('form[data-bits]') === null").await, json!(true), "work is asked");
    let mut found = Value::Null;
    for _ in 0..200 {
        found = browser.value("document.querySelector('input[name=proof]').value").await;
        if found.as_str().is_some_and(|nonce| !nonce.is_empty()) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(found.as_str().is_some_and(|nonce| !nonce.is_empty()), "the script found a nonce: {found}");
    browser.click("input[name=kind][value=tip] + label").await;
    browser.write("textarea[name=what]", "Une femme en bleu attendait devant la poste").await;
    browser.click("main form button[type=submit]").await;
    browser.text_of("p.code").await;
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    assert_eq!(list["items"].as_array().unwrap().last().unwrap()["proof"], "work");
}
