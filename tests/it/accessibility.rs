//! Public pages in real Chromium as people with assistive technology, without scripts, by keyboard and on a small telephone
//! meet them. axe-core comes from the npm registry when the test runs; `TOCSIN_TEST_AXE` names a copy for machines without a
//! network.

use crate::support::TestApp;
use crate::support::browser::Browser;
use crate::support::workers::was_told;
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

/// What axe-core found on the page that is shown: rules that passed, and violations.
async fn judged(browser: &Browser, source: &str, name: &str) -> (usize, Vec<String>) {
    let run =
        format!("{source};\nconst done = arguments[0];\naxe.run(document, {RULES}).then(done, e => done(String(e)));");
    let found = browser.value_of(&run).await;
    let violations = found["violations"].as_array().unwrap_or_else(|| panic!("{name}: {found}"));
    let wrong = violations.iter().map(|v| format!("{name}: {} {}", v["id"], v["nodes"][0]["html"])).collect();
    (found["passes"].as_array().unwrap().len(), wrong)
}

#[actix_web::test]
async fn axe_finds_no_violation_of_wcag_2_2_a_or_aa_on_public_pages_in_four_languages() {
    if was_told() {
        return;
    }
    let app = TestApp::start().await;
    let (id, slug) = app.out_in_three_languages().await;
    let (base, source) = (&app.http.base, axe());
    let browser = Browser::open(320).await;
    let (mut looked, mut rules, mut wrong) = (0, 0, Vec::new());
    let mut look = async |name: String| {
        let (passed, more) = judged(&browser, &source, &name).await;
        let (wide, shown) = browser.widths().await;
        looked += 1;
        rules += passed;
        wrong.extend(more);
        if wide > shown {
            wrong.push(format!("{name}: {wide} wider than {shown}"));
        }
    };
    for language in ["fr", "nl", "de"] {
        for page in ["", "/privacy", "/subscribe", "/r", &format!("/a/{slug}"), &format!("/a/{slug}/respond")] {
            browser.go(&format!("{base}/{language}{page}")).await;
            look(format!("/{language}{page}")).await;
        }
    }
    for page in ["/privacy", "/r", &format!("/a/{slug}/respond")] {
        browser.go(&format!("{base}/en{page}")).await;
        look(format!("/en{page}")).await;
    }
    // The form with everything wrong in it, with its map, the receipt, the thread with an answer and files.
    for language in ["fr", "nl", "de", "en"] {
        browser.go(&format!("{base}/{language}/a/{slug}/respond")).await;
        browser.write("textarea[name=what]", "x").await;
        browser.click("details summary").await;
        browser.write("input[name=when_time]", "0230AM").await;
        browser.click("button[value=send]").await;
        browser.text_of(".mistake").await;
        look(format!("mistakes {language}")).await;
        browser.write("input[name=where]", "Eupen").await;
        browser.click("button[value=find]").await;
        browser.text_of(".map .success").await;
        look(format!("place {language}")).await;
        browser.click("input[name=map]").await;
        browser.text_of("button[value=unpin]").await;
        look(format!("map {language}")).await;
        browser.value("(document.querySelector('input[name=when_time]').value = '')").await;
        browser.click("input[name=kind][value=tip] + label").await;
        browser.write("textarea[name=what]", &format!(" Vu {language} au parc")).await;
        browser.click("button[value=send]").await;
        // Written into a field, the break between two groups would be the Enter key.
        let code = browser.text_of("p.code").await.split_whitespace().collect::<Vec<_>>().join(" ");
        look(format!("receipt {language}")).await;
        let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
        let response = list["items"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
        let data =
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, crate::attachments::jpeg_for_mail());
        let answer = json!({"text": "Merci, dank u, danke", "files": [{"name": "a.jpg", "data": data}]});
        app.http.post(&app.team.responder, &format!("/responses/{response}/messages"), &answer).await;
        browser.go(&format!("{base}/{language}/r")).await;
        browser.write("input[name=code]", &code).await;
        browser.click("main form button[type=submit]").await;
        browser.text_of(".messages").await;
        look(format!("thread {language}")).await;
    }
    println!("{looked} pages looked at, {rules} rules passed");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(looked >= 40 && rules > 400, "axe looked at something: {looked}, {rules}");
}

#[actix_web::test]
async fn a_place_is_pointed_at_with_scripts_off_at_320_pixels_and_a_picture_added_later() {
    if was_told() {
        return;
    }
    let app = TestApp::start().await;
    let (id, slug) = app.out_in_three_languages().await;
    let browser = Browser::open_without_scripts(320).await;
    browser.go(&format!("{}/de/a/{slug}/respond", app.http.base)).await;
    browser.picture("form-de").await;
    browser.click("input[name=kind][value=sighting] + label").await;
    browser.write("textarea[name=what]", "Sie stand an der Bushaltestelle").await;
    browser.write("input[name=where]", "Eupen, Werthplatz").await;
    browser.click("button[value=find]").await;
    assert!(browser.text_of(".map .success").await.contains("Eupen"));
    browser.picture("map-found-de").await;
    // The middle of the picture, as somebody presses it.
    browser.click("input[name=map]").await;
    assert!(browser.text_of("button[value=unpin]").await.contains("entfernen"));
    browser.picture("map-marked-de").await;
    let kept = browser.value("document.querySelector('textarea[name=what]').value").await;
    assert_eq!(kept, "Sie stand an der Bushaltestelle");
    let (wide, shown) = browser.widths().await;
    assert!(wide <= shown, "{wide} wider than {shown}");
    browser.click("details summary").await;
    browser.picture("time-de").await;
    browser.click("button[value=send]").await;
    // Written into a field, the break between two groups would be the Enter key.
    let code = browser.text_of("p.code").await.split_whitespace().collect::<Vec<_>>().join(" ");
    let read = app.opened(&id).await[0]["text"]["read"].clone();
    assert_eq!((&read["read_by"], &read["place"]), (&json!("map"), &json!("NIS:63023")), "{read}");
    // A picture later, through the code.
    let photo = app.folder.path().join("spaeter.jpg");
    std::fs::write(&photo, crate::attachments::jpeg_for_mail()).unwrap();
    browser.go(&format!("{}/de/r", app.http.base)).await;
    browser.write("input[name=code]", &code).await;
    browser.click("main form button[type=submit]").await;
    browser.text_of("textarea[name=message] + *, form button").await;
    browser.write("textarea[name=message]", "Hier ist das Foto").await;
    browser.write("input[name=files]", &photo.display().to_string()).await;
    browser.click("main form button[type=submit]").await;
    assert!(browser.text_of("ul.files").await.contains("Foto"));
    browser.picture("thread-de").await;
    let opened = app.opened(&id).await.remove(0);
    assert_eq!(
        (&opened["files"][0]["kind"], &opened["messages"][0]["text"]),
        (&json!("jpeg"), &json!("Hier ist das Foto"))
    );
}

#[actix_web::test]
async fn the_form_is_sent_by_keyboard_alone_with_scripts_off_at_320_pixels_with_a_picture() {
    if was_told() {
        return;
    }
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
            (Some("button"), Some("step")) if browser.value("document.activeElement.value").await == "send" => {
                browser.keys("\u{E007}").await;
                break;
            }
            _ => {}
        }
    }
    // Written into a field, the break between two groups would be the Enter key.
    let code = browser.text_of("p.code").await.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(code.chars().filter(char::is_ascii_alphanumeric).count(), 24, "{code}; {visited:?}");
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    assert_eq!((&list["items"][0]["kind"], &list["items"][0]["attachments"]), (&json!("tip"), &json!(1)));
    let (wide, shown) = browser.widths().await;
    assert!(wide <= shown, "{wide} wider than {shown}");
}

#[actix_web::test]
async fn in_a_rush_the_browser_works_for_the_sender_while_they_write() {
    if was_told() {
        return;
    }
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
    browser.click("button[value=send]").await;
    browser.text_of("p.code").await;
    let list = app.http.get(&app.team.responder, &format!("/appeals/{id}/responses")).await;
    assert_eq!(list["items"].as_array().unwrap().last().unwrap()["proof"], "work");
}
