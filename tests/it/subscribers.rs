//! Sign-up with double opt-in, and the import command.

use crate::support::TestApp;
use serde_json::json;
use std::process::Command;

#[actix_web::test]
async fn a_sign_up_counts_only_after_its_owner_pressed_the_button() {
    let app = TestApp::start().await;
    let fields = [("email", "Nele@Mail.Example.BE"), ("language", "nl"), ("place", "1950")];
    let (status, page) = app.http.fill("/nl/subscribe", &fields).await;
    assert_eq!(status, 200, "{page}");
    assert_eq!(app.http.get(&app.team.dispatcher, "/subscribers").await["active"], json!({}));
    app.work().await;
    let mails = app.mails_to("Nele@mail.example.be");
    let parsed = mail_parser::MessageParser::default().parse(mails[0].as_bytes()).unwrap();
    let text = parsed.body_text(0).unwrap().into_owned();
    let link = text
        .split_whitespace()
        .find(|word| word.contains("/subscribe/confirm/"))
        .unwrap_or_else(|| panic!("no link in {text}"))
        .to_owned();
    let path = link.strip_prefix(&app.http.base).unwrap_or_else(|| panic!("{link} in {text}"));
    assert_eq!(app.http.page(path).await.0, 200);
    assert_eq!(
        app.http.get(&app.team.dispatcher, "/subscribers").await["active"],
        json!({}),
        "a scanner that opens links confirms nothing"
    );
    assert_eq!(app.http.send_form(path, &[]).await.0, 200);
    assert_eq!(app.http.get(&app.team.dispatcher, "/subscribers").await["active"], json!({"nl": 1}));
    assert_eq!(app.http.send_form(path, &[]).await.0, 404, "a link works once");
}

#[actix_web::test]
async fn a_wrong_address_or_place_is_said_and_a_shared_code_asks_which() {
    let app = TestApp::start().await;
    let (status, page) =
        app.http.fill("/fr/subscribe", &[("email", "nobody"), ("language", "fr"), ("place", "9999")]).await;
    assert_eq!(status, 422);
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), 2, "{page}");
    // 1050 is used in Ixelles and in Brussels.
    let fields = [("email", "anne@mail.example.be"), ("language", "fr"), ("place", "1050")];
    let (status, page) = app.http.fill("/fr/subscribe", &fields).await;
    assert_eq!(status, 422);
    assert!(page.contains("NIS:21009") && page.contains("Ixelles"), "{page}");
    let fields = [("email", "anne@mail.example.be"), ("language", "fr"), ("place", "1050"), ("place_id", "NIS:21009")];
    assert_eq!(app.http.fill("/fr/subscribe", &fields).await.0, 200);
}

#[actix_web::test]
async fn an_import_takes_the_good_lines_and_numbers_the_others() {
    let app = TestApp::start().await;
    let list = app.folder.path().join("list.csv");
    let text = "email,language,cell,place\n\
        a@mail.example.be,fr,8a1fa4926007fff,\n\
        b@mail.example.be,nl,,NIS:23099\n\
        not an address,fr,,NIS:21009\n\
        c@mail.example.be,it,,NIS:21009\n\
        d@mail.example.be,fr,891fa4926c3ffff,\n\
        a@mail.example.be,fr,,NIS:21009\n";
    std::fs::write(&list, text).unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_tocsin"))
        .args(["subscriber", "import"])
        .arg(&list)
        .env("TOCSIN_DATABASE__URL", &app.url)
        .env("TOCSIN_KEYS__SERVER_KEY_FILE", app.folder.path().join("server.key"))
        .env("TOCSIN_MEDIA__DIRECTORY", app.folder.path().join("media"))
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(1), "some lines were rejected");
    assert_eq!(String::from_utf8_lossy(&out.stdout), "6 read, 2 added, 1 known already, 3 rejected\n");
    let words = String::from_utf8_lossy(&out.stderr);
    let lines: Vec<&str> =
        words.lines().filter_map(|line| line.split(',').next()).filter(|n| n.parse::<u32>().is_ok()).collect();
    assert_eq!(lines, ["4", "5", "6"], "{words}");
    assert!(!words.contains("@mail"), "no address in the words");
}
