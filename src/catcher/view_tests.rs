//! The pages as a browser gets them, with mails that try to be more than text.
#![allow(clippy::unwrap_used, reason = "tests may")]

use actix_web::App;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

async fn catch(raw: &str) -> SmtpCatcher {
    let catcher = SmtpCatcher::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let mut client = tokio::net::TcpStream::connect(catcher.address).await.unwrap();
    let talk = format!(
        "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<<script>@b.example>\r\nRCPT TO:<anna@example.be>\r\nDATA\r\n{raw}\r\n.\r\nQUIT\r\n"
    );
    client.write_all(talk.as_bytes()).await.unwrap();
    let mut answers = String::new();
    client.read_to_string(&mut answers).await.unwrap();
    assert_eq!(catcher.accepted(), 1, "{answers}");
    catcher
}

/// Status, policy and body of a page mounted below `/mail`.
async fn get(catcher: &SmtpCatcher, path: &str) -> (u16, String, String) {
    let app = init_service(App::new().service(web::scope("/mail").configure(routes(catcher.clone())))).await;
    let answer = call_service(&app, TestRequest::get().uri(path).to_request()).await;
    let policy = answer.headers().get(CONTENT_SECURITY_POLICY).map(|value| value.to_str().unwrap().to_owned());
    let status = answer.status().as_u16();
    let body = String::from_utf8(read_body(answer).await.to_vec()).unwrap();
    (status, policy.unwrap_or_default(), body)
}

const HOSTILE: &str = "From: T <t@b.example>\r\nSubject: =?utf-8?Q?<b>Enl=C3=A8vement</b>?=\r\nContent-Language: fr\r\nX-Odd: <img src=x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=Z\r\n\r\n--Z\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nO=C3=B9 est <i>Marguerite</i> ?\r\n--Z\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p id=own>Marguerite</p><script>alert(1)</script>\r\n--Z--";

#[actix_web::test]
async fn a_mail_is_shown_and_nothing_in_it_runs() {
    let catcher = catch(HOSTILE).await;
    let (status, policy, list) = get(&catcher, "/mail/").await;
    assert_eq!(status, 200);
    assert!(policy.contains("default-src 'none'") && !policy.contains("script"));
    assert!(list.contains("href=\"1\"") && list.contains("anna@example.be") && list.contains(">fr<"), "{list}");
    assert!(list.contains("Enlèvement") && !list.contains("<b>Enl"));

    let (_, _, one) = get(&catcher, "/mail/1").await;
    assert!(one.contains("Où est") && !one.contains("<i>Marguerite") && !one.contains("<img src=x>"), "{one}");
    assert!(one.contains("<iframe") && one.contains("src=\"1/html\"") && one.contains("sandbox"));
    assert!(one.contains("Content-Language"));

    let (_, policy, html) = get(&catcher, "/mail/1/html").await;
    assert!(policy.starts_with("sandbox;") && !policy.contains("allow-") && !policy.contains("script-src"));
    assert!(html.contains("<p id=own>"));

    let (_, policy, source) = get(&catcher, "/mail/1/source").await;
    assert!(policy.contains("sandbox"));
    assert!(source.starts_with("From: T") && source.contains("=C3=B9"));
    assert_eq!(get(&catcher, "/mail/caught.css").await.0, 200);
}

#[actix_web::test]
async fn plain_text_has_no_html_and_rubbish_has_a_page() {
    let catcher = catch("just text, no header at all").await;
    let (status, _, one) = get(&catcher, "/mail/1").await;
    assert_eq!(status, 200);
    assert!(one.contains("(no subject)") && !one.contains("<iframe"));
    for missing in ["/mail/1/html", "/mail/2", "/mail/0", "/mail/x", "/mail/2/source"] {
        assert_eq!(get(&catcher, missing).await.0, 404, "{missing}");
    }
}
