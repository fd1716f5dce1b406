//! The conversation over a real socket, byte by byte as a client would see it.
#![allow(clippy::unwrap_used, reason = "tests may")]

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::*;
use crate::catcher::SmtpCatcher;

async fn start(options: Options) -> (SmtpCatcher, BufReader<TcpStream>) {
    let catcher = SmtpCatcher::start_with("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
    let mut client = BufReader::new(TcpStream::connect(catcher.address).await.unwrap());
    assert!(read(&mut client).await.starts_with("220 "));
    (catcher, client)
}

/// One answer, all its lines.
async fn read(client: &mut BufReader<TcpStream>) -> String {
    let mut answer = String::new();
    loop {
        let mut line = String::new();
        client.read_line(&mut line).await.unwrap();
        let is_last = line.get(3..4) != Some("-");
        answer.push_str(&line);
        if is_last {
            return answer;
        }
    }
}

async fn ask(client: &mut BufReader<TcpStream>, line: &str) -> String {
    client.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
    read(client).await
}

#[tokio::test]
async fn a_mail_is_kept_as_it_was_before_stuffing() {
    let (catcher, mut client) = start(Options::default()).await;
    let offers = ask(&mut client, "EHLO here.example").await;
    for offer in ["PIPELINING", "CHUNKING", "8BITMIME", "SMTPUTF8", "SIZE 16777216"] {
        assert!(offers.contains(offer), "{offers}");
    }
    assert!(!offers.contains("STARTTLS") && !offers.contains("AUTH"));
    let all = "MAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<anna@example.be>\r\nDATA\r\n";
    client.write_all(all.as_bytes()).await.unwrap();
    for code in ["250 ", "250 ", "354 "] {
        assert!(read(&mut client).await.starts_with(code));
    }
    client.write_all(b"Subject: x\r\n\r\n..dot\r\nbare\n.\nend\r\n.\r\nNOOP\r\nQUIT\r\n").await.unwrap();
    for code in ["250 ", "250 ", "221 "] {
        assert!(read(&mut client).await.starts_with(code));
    }
    let mail = catcher.mail(1).unwrap();
    assert_eq!((mail.from.as_str(), mail.to), ("", vec!["anna@example.be".to_owned()]));
    assert_eq!(mail.raw, &b"Subject: x\r\n\r\n.dot\r\nbare\n.\nend\r\n"[..]);
    assert!(!mail.is_encrypted);
}

#[tokio::test]
async fn a_mail_in_chunks_is_kept_as_it_is_and_a_refused_one_is_read_away() {
    let (catcher, mut client) = start(Options::default()).await;
    let all = "EHLO here.example\r\nMAIL FROM:<>\r\nRCPT TO:<anna@example.be>\r\nBDAT 14\r\nSubject: x\r\n\r\nBDAT 6 LAST\r\n.\r\n..\n";
    client.write_all(all.as_bytes()).await.unwrap();
    for _ in 0..5 {
        let answer = read(&mut client).await;
        assert!(answer.starts_with("250"), "{answer}");
    }
    assert_eq!(catcher.mail(1).unwrap().raw, &b"Subject: x\r\n\r\n.\r\n..\n"[..]);
    // Nobody is named: the text is read, refused, and the envelope stays open until RSET.
    let all = "MAIL FROM:<>\r\nBDAT 7 LAST\r\nQUIT\r\n.MAIL FROM:<>\r\nRSET\r\nMAIL FROM:<>\r\nBDAT x\r\nBDAT 99999999999999999999\r\n";
    client.write_all(all.as_bytes()).await.unwrap();
    for code in ["250", "503", "503", "250", "250", "501", "501"] {
        assert!(read(&mut client).await.starts_with(code), "{code}");
    }
    assert_eq!(catcher.accepted(), 1);
    let (_catcher, mut client) = start(Options { chunking: false, ..Options::default() }).await;
    assert!(ask(&mut client, "BDAT 3 LAST").await.starts_with("500"));
}

#[tokio::test]
async fn commands_out_of_order_are_refused() {
    let (catcher, mut client) = start(Options::default()).await;
    for (line, code) in [
        ("RCPT TO:<anna@example.be>", "503"),
        ("DATA", "503"),
        ("EHLO", "501"),
        ("MAIL FROM: anna@example.be", "501"),
        ("MAIL FROM:<a@example.be> SIZE=99999999", "552"),
        ("MAIL FROM:<a@example.be> SIZE=100", "250"),
        ("MAIL FROM:<a@example.be>", "503"),
        ("DATA", "503"),
        ("RCPT TO:<nobody>", "501"),
        ("RCPT TO:<b@example.be>", "250"),
        ("RSET", "250"),
        ("RCPT TO:<b@example.be>", "503"),
        ("STARTTLS", "502"),
        ("AUTH PLAIN", "502"),
        ("VRFY b", "252"),
        ("GET / HTTP/1.1", "500"),
        ("é", "500"),
    ] {
        assert!(ask(&mut client, line).await.starts_with(code), "{line}");
    }
    assert_eq!(catcher.accepted(), 0);
}

#[tokio::test]
async fn nobody_sends_before_logging_in() {
    let login = Some(("tocsin".to_owned(), "pass word".to_owned()));
    let (catcher, mut client) = start(Options { login, ..Options::default() }).await;
    assert!(ask(&mut client, "EHLO here.example").await.contains("AUTH PLAIN LOGIN"));
    assert!(ask(&mut client, "MAIL FROM:<a@example.be>").await.starts_with("530"));
    let wrong = STANDARD.encode("\0tocsin\0password");
    assert!(ask(&mut client, &format!("AUTH PLAIN {wrong}")).await.starts_with("535"));
    assert!(ask(&mut client, "AUTH CRAM-MD5").await.starts_with("504"));
    assert!(ask(&mut client, "AUTH PLAIN").await.starts_with("334"));
    assert!(ask(&mut client, &STANDARD.encode("\0tocsin\0pass word")).await.starts_with("235"));
    assert!(ask(&mut client, "MAIL FROM:<a@example.be>").await.starts_with("250"));
    assert_eq!(catcher.connections(), 1);
}

#[tokio::test]
async fn dropping_the_catcher_closes_its_conversations() {
    let (catcher, mut client) = start(Options::default()).await;
    let address = catcher.address;
    drop(catcher);
    let mut rest = String::new();
    assert_eq!(client.read_line(&mut rest).await.unwrap_or(0), 0);
    assert!(TcpStream::connect(address).await.is_err());
}
