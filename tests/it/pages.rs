//! The public pages in real Chromium, on a phone of 320 pixels and a screen of 1280.

use crate::support::TestApp;
use crate::support::browser::Browser;
use crate::support::workers::was_told;

#[actix_web::test]
async fn pages_fit_a_phone_and_a_screen_and_the_form_works_in_a_browser() {
    if was_told() {
        return;
    }
    let app = TestApp::start().await;
    let (id, _) = app.dispatched().await;
    app.work().await;
    let slug = app.appeal(&id).await["slug"].as_str().unwrap().to_owned();
    let base = &app.http.base;
    for width in [320, 1280] {
        let browser = Browser::open(width).await;
        let pages = [
            ("choice", "/".to_owned()),
            ("home", "/fr".to_owned()),
            ("appeal", format!("/nl/a/{slug}")),
            ("respond", format!("/fr/a/{slug}/respond")),
            ("subscribe", "/nl/subscribe".to_owned()),
            ("return", "/fr/r".to_owned()),
            ("privacy", "/de/privacy".to_owned()),
            ("docs", "/api/docs".to_owned()),
            ("rules", "/api/docs/rules".to_owned()),
        ];
        for (name, path) in pages {
            browser.go(&format!("{base}{path}")).await;
            let (wide, shown) =
                (browser.value("document.documentElement.scrollWidth").await, browser.value("innerWidth").await);
            assert!(wide.as_i64() <= shown.as_i64(), "{path} at {width}: {wide} wider than {shown}");
            // An empty alternative marks decoration; a missing one is a mistake, and a picture of an appeal needs words.
            let wrong =
                "!i.hasAttribute('alt') || (i.src.includes('/media/') && !i.alt) || (i.complete && !i.naturalWidth)";
            let lacking = format!("[...document.querySelectorAll('img')].filter(i => {wrong}).map(i => i.outerHTML)");
            assert_eq!(
                browser.value(&lacking).await,
                serde_json::json!([]),
                "{path}: every picture loads and has words"
            );
            browser.picture(&format!("{name}-{width}")).await;
        }
    }
    let browser = Browser::open(320).await;
    browser.go(&format!("{base}/nl/a/{slug}")).await;
    let first = browser
        .value("document.querySelector('main img, .picture img, img').getBoundingClientRect().top < innerHeight")
        .await;
    assert_eq!(first, true, "the face is seen without scrolling");
    browser.go(&format!("{base}/fr/a/{slug}/respond")).await;
    browser.click("input[name=kind][value=sighting] + label").await;
    browser.write("textarea[name=what]", "Vue au parc").await;
    browser.click("button[value=send]").await;
    let code = browser.text_of("p.code").await;
    assert_eq!(code.chars().filter(char::is_ascii_alphanumeric).count(), 24, "{code}");
    browser.picture("receipt-320").await;
}
