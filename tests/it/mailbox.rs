//! Mails handed over in a conversation, LMTP and SMTP: by a client that keeps the rules (lettre), by hand, and by peers that
//! keep none. A mail that was answered with 250 is there, whatever happens next.

use crate::support::TestApp;
use lettre::message::{Attachment, MultiPart, SinglePart, header::ContentType};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tocsin::config::MailDoor;
use tocsin::mailbox::{Limits, Mailbox};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, UnixStream};

const CANARY: &str = "canari-de-la-boite-4711";

fn doors(text: &str) -> Vec<MailDoor> {
    let mut responses = tocsin::config::Config::default().responses;
    text.clone_into(&mut responses.mail_listen);
    responses.mail_doors().unwrap()
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A peer that speaks line by line.
struct Peer(BufReader<Box<dyn Wire>>);

impl Peer {
    async fn at(address: &str) -> Self {
        let wire: Box<dyn Wire> = if address.starts_with('/') {
            Box::new(UnixStream::connect(address).await.unwrap())
        } else {
            Box::new(TcpStream::connect(address).await.unwrap())
        };
        let mut peer = Self(BufReader::new(wire));
        assert!(peer.hear().await.starts_with("220 "));
        peer
    }

    /// One answer with all its lines; empty when it was hung up.
    async fn hear(&mut self) -> String {
        let mut answer = String::new();
        loop {
            let mut line = String::new();
            let read = tokio::time::timeout(Duration::from_secs(20), self.0.read_line(&mut line)).await;
            if read.expect("an answer in time").unwrap_or(0) == 0 {
                return answer;
            }
            answer.push_str(&line);
            if line.get(3..4) != Some("-") {
                return answer;
            }
        }
    }

    async fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    async fn ask(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.hear().await
    }

    /// Hands a mail over; the answers after the text.
    async fn hand(&mut self, to: &[&str], mail: &str) -> Vec<String> {
        assert!(self.ask("MAIL FROM:<anna@mail.example.be> BODY=8BITMIME SMTPUTF8").await.starts_with("250"));
        for one in to {
            assert!(self.ask(&format!("RCPT TO:<{one}>")).await.starts_with("250"), "{one}");
        }
        assert!(self.ask("DATA").await.starts_with("354"));
        self.send(format!("{mail}\r\n.\r\n").as_bytes()).await;
        let mut answers = Vec::new();
        for _ in to {
            answers.push(self.hear().await);
        }
        answers
    }
}

fn mail(number: usize, text: &str) -> String {
    format!(
        "From: Anna Voorbeeld <anna@mail.example.be>\r\nTo: tips@police.example.be\r\nSubject: Gezien\r\n\
         Message-ID: <{number}@mail.example.be>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    )
}

#[actix_web::test]
async fn by_lmtp_every_recipient_gets_an_answer_of_its_own_and_nothing_lies_open() {
    let app = TestApp::start().await;
    let (id, slug) = app.live().await;
    let path = app.folder.path().join("lmtp.sock");
    // Left by a process that was killed.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let doors = doors(&format!("lmtp:{} lmtp:127.0.0.1:0", path.display()));
    let mailbox = Mailbox::open(&app.app, &doors, Limits::default()).await.unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o660);
    let to = format!("tips+{slug}@police.example.be");
    for address in mailbox.addresses.clone() {
        let mut peer = Peer::at(&address).await;
        assert!(peer.ask("EHLO mx.example").await.starts_with("500"), "LMTP greets otherwise");
        assert!(peer.ask("MAIL FROM:<a@b.example>").await.starts_with("503"));
        let offers = peer.ask("LHLO mx.example").await;
        for offer in ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "SIZE 50331648"] {
            assert!(offers.contains(offer), "{offers}");
        }
        assert!(peer.ask("MAIL FROM:<a@b.example> SIZE=99999999999").await.starts_with("552 5.3.4"));
        assert!(peer.ask("MAIL FROM:<a@b.example>").await.starts_with("250"));
        let nobody = peer.ask("RCPT TO:<chief@police.example.be>").await;
        assert_eq!(nobody, "550 5.1.1 no appeal and no mailbox has this address\r\n");
        assert!(peer.ask("DATA").await.starts_with("503"));
        assert!(peer.ask("RSET").await.starts_with("250"));
    }
    let mut peer = Peer::at(&mailbox.addresses[0]).await;
    peer.ask("LHLO mx.example").await;
    let text = mail(1, &format!("Zij stond bij de kiosk. {CANARY}\r\n..met een punt"));
    let answers = peer.hand(&[&to, "tips+0000000000@police.example.be"], &text).await;
    assert_eq!(answers, ["250 2.0.0 kept\r\n", "250 2.0.0 kept for the people of the mailbox\r\n"]);
    let answers = peer.hand(&[&to], &text).await;
    assert_eq!(answers, ["250 2.0.0 kept before\r\n"], "what is sent again is one");
    assert!(peer.ask("QUIT").await.starts_with("221"));
    let all = app.opened(&id).await;
    assert_eq!(all.len(), 1);
    let what = all[0]["text"]["what"].as_str().unwrap();
    assert!(what.starts_with("Gezien") && what.contains(CANARY) && what.ends_with("\n.met een punt"), "{what:?}");
    assert_eq!((&all[0]["channel"], &all[0]["sender"]["email"]), (&"mail".into(), &"anna@mail.example.be".into()));
    assert!(!app.lies_open(CANARY), "database and files hold nothing in the clear");
    mailbox.close().await;
    assert!(!path.exists(), "the socket goes with the process");
}

#[actix_web::test]
async fn a_mail_client_delivers_by_smtp_with_a_picture() {
    let app = TestApp::start_with(|config| "police.example.be".clone_into(&mut config.responses.mail_domain)).await;
    let (id, slug) = app.live().await;
    let mailbox = Mailbox::open(&app.app, &doors("smtp:127.0.0.1:0"), Limits::default()).await.unwrap();
    let port = mailbox.addresses[0].rsplit_once(':').unwrap().1.parse().unwrap();
    let relay = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(port).build();
    let photo = crate::attachments::jpeg_for_mail();
    let build = |to: &str| {
        let picture =
            Attachment::new("photo été.jpg".to_owned()).body(photo.clone(), ContentType::parse("image/jpeg").unwrap());
        let parts = MultiPart::mixed()
            .singlepart(SinglePart::plain("Vue à la gare, près du café".to_owned()))
            .singlepart(picture);
        let from = "Zoé Exemple <zoe@mail.example.be>".parse().unwrap();
        Message::builder().from(from).to(to.parse().unwrap()).subject("Aperçue à Liège").multipart(parts).unwrap()
    };
    let sent = relay.send(build(&format!("tips+{slug}@police.example.be"))).await.unwrap();
    assert!(sent.is_positive() && sent.code().to_string() == "250", "{sent:?}");
    for elsewhere in ["nobody@police.example.be".to_owned(), format!("tips+{slug}@elsewhere.example")] {
        let refused = relay.send(build(&elsewhere)).await.unwrap_err();
        assert!(refused.is_permanent(), "{elsewhere}: {refused}");
    }
    let all = app.opened(&id).await;
    assert_eq!(all.len(), 1);
    assert!(all[0]["text"]["what"].as_str().unwrap().starts_with("Aperçue à Liège\n\nVue à la gare, près du café"));
    assert_eq!(all[0]["files"][0]["name"], "photo été.jpg");
    assert_eq!(all[0]["files"][0]["sha256"], tocsin::media::digest_of(&photo));
    assert_eq!(all[0]["files"][0]["forms"], serde_json::json!(["preview", "view", "original"]));
}

#[actix_web::test]
async fn what_cannot_be_kept_now_is_asked_for_again() {
    let app = TestApp::start().await;
    let (id, slug) = app.live().await;
    let mailbox = Mailbox::open(&app.app, &doors("lmtp:127.0.0.1:0"), Limits::default()).await.unwrap();
    let photo = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, crate::attachments::jpeg_for_mail());
    let lines: Vec<&str> = photo.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let text = format!(
        "From: a@mail.example.be\r\nMessage-ID: <7@x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n\
         Une photo\r\n--b\r\nContent-Type: image/jpeg\r\nContent-Disposition: attachment; filename=a.jpg\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--",
        lines.join("\r\n")
    );
    // The store of files is full, gone or not writable: here a file stands where its folder was.
    let (media, aside) = (app.folder.path().join("media"), app.folder.path().join("media.aside"));
    std::fs::rename(&media, &aside).unwrap();
    std::fs::write(&media, "no folder").unwrap();
    let to = format!("tips+{slug}@police.example.be");
    let mut peer = Peer::at(&mailbox.addresses[0]).await;
    peer.ask("LHLO mx.example").await;
    let answers = peer.hand(&[&to, "tips@police.example.be"], &text).await;
    assert!(answers.iter().all(|answer| answer.starts_with("451 4.3.0 ")), "{answers:?}");
    std::fs::remove_file(&media).unwrap();
    std::fs::rename(&aside, &media).unwrap();
    assert_eq!(app.opened(&id).await.len(), 0);
    let answers = peer.hand(&[&to, "tips@police.example.be"], &text).await;
    assert!(answers.iter().all(|answer| answer.starts_with("250 ")), "{answers:?}");
    assert_eq!(app.opened(&id).await[0]["files"][0]["name"], "a.jpg");
    // An appeal that ended: into the letterbox, or refused where there is none.
    let closure = serde_json::json!({"outcome": "found_safe", "reason": "at home"});
    app.http.post(&app.team.dispatcher, &format!("/appeals/{id}/closure"), &closure).await;
    app.work().await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(peer.hand(&[&to], &mail(8, "Trop tard ?")).await[0].contains("people of the mailbox"));
}

#[actix_web::test]
async fn an_installation_without_a_letterbox_says_what_it_does_not_take() {
    let app = TestApp::start_with(|config| "no such unit".clone_into(&mut config.responses.letterbox_unit)).await;
    let (id, slug) = app.live().await;
    let mailbox = Mailbox::open(&app.app, &doors("lmtp:127.0.0.1:0"), Limits::default()).await.unwrap();
    let mut peer = Peer::at(&mailbox.addresses[0]).await;
    peer.ask("LHLO mx.example").await;
    peer.ask("MAIL FROM:<a@mail.example.be>").await;
    assert!(peer.ask("RCPT TO:<tips@police.example.be>").await.starts_with("550 5.1.1"));
    assert!(peer.ask("RCPT TO:<tips+0000000000@police.example.be>").await.starts_with("550 5.1.1"));
    let closure = serde_json::json!({"outcome": "found_safe", "reason": "at home"});
    app.http.post(&app.team.dispatcher, &format!("/appeals/{id}/closure"), &closure).await;
    app.work().await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let ended = peer.ask(&format!("RCPT TO:<tips+{slug}@police.example.be>")).await;
    assert_eq!(ended, "550 5.2.1 this appeal has ended and takes no answers any more\r\n");
}

#[actix_web::test]
async fn peers_that_keep_no_rule_are_answered_bounded_and_hung_up_on() {
    let app = TestApp::start().await;
    let (id, slug) = app.live().await;
    let limits = Limits {
        connections: 4,
        texts: 1,
        bytes: 20_000,
        patience: Duration::from_millis(1_500),
        text: Duration::from_millis(2_500),
        visit: Duration::from_secs(30),
        recipients: 3,
        mistakes: 5,
    };
    let mailbox = Mailbox::open(&app.app, &doors("smtp:127.0.0.1:0"), limits).await.unwrap();
    let address = mailbox.addresses[0].clone();
    let to = format!("tips+{slug}@police.example.be");
    let hello = format!("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<{to}>\r\nDATA\r\n");
    // What is sent, and how the last answer before the hang-up begins; empty: nothing is said any more.
    let garbage: Vec<u8> = (0..60_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
    for (what, sent, last) in [
        ("bytes without a line", vec![0_u8; 20_000], "500 5.5.6"),
        ("a line without an end", vec![b'A'; 13_000], "500 5.5.6"),
        ("nothing but mistakes", b"GET / HTTP/1.1\r\n".repeat(20), "421 4.7.0"),
        ("random bytes", [garbage, b"\r\n".repeat(20)].concat(), "5"),
        ("silence", Vec::new(), ""),
        ("half a command", b"EHLO ".to_vec(), ""),
        ("half a text", [hello.as_bytes(), b"Subject: x\r\n\r\nand then"].concat(), ""),
    ] {
        let began = Instant::now();
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let _ = stream.write_all(&sent).await;
        let mut all = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(9), stream.read_to_end(&mut all)).await.expect("hung up on");
        let said = String::from_utf8_lossy(&all).into_owned();
        let final_line = said.lines().last().unwrap_or_default().to_owned();
        assert!(
            if last.is_empty() {
                ["220", "354"].iter().any(|code| final_line.starts_with(code))
            } else {
                final_line.starts_with(last) || (last == "5" && final_line.starts_with('4'))
            },
            "{what}: {said}"
        );
        assert!(began.elapsed() < Duration::from_secs(8), "{what}: {:?}", began.elapsed());
    }
    // Too large, too many, and a mail within a mail.
    let mut peer = Peer::at(&address).await;
    assert!(peer.ask("LHLO x").await.starts_with("500"));
    peer.ask("EHLO x").await;
    peer.ask("MAIL FROM:<a@mail.example.be>").await;
    for n in 0..4 {
        let expected = if n < 3 { "250" } else { "452 4.5.3" };
        assert!(peer.ask(&format!("RCPT TO:<{to}>")).await.starts_with(expected), "{n}");
    }
    peer.ask("DATA").await;
    peer.send([b"Subject: long\r\n\r\n".to_vec(), vec![b'x'; 40_000], b"\r\n.\r\n".to_vec()].concat().as_slice()).await;
    assert!(peer.hear().await.starts_with("552 5.3.4"));
    let smuggled = format!(
        "{}\r\nfirst\n.\nMAIL FROM:<b@x>\nRCPT TO:<{to}>\nDATA\nSubject: second\n\nsecond\n.\r\nthird",
        mail(9, "").trim_end()
    );
    let answers = peer.hand(&[&to], &smuggled).await;
    assert_eq!((answers.len(), answers[0].as_str()), (1, "250 2.0.0 kept\r\n"), "one mail, not two");
    drop(peer);
    // A slow peer holds the only place for a text; another one's turn comes when its time is over, or it is asked to return.
    let mut slow = Peer::at(&address).await;
    slow.send(hello.as_bytes()).await;
    for expected in ["250", "250", "250", "354"] {
        assert!(slow.hear().await.starts_with(expected));
    }
    let mut quick = Peer::at(&address).await;
    quick.ask("EHLO x").await;
    quick.ask("MAIL FROM:<a@mail.example.be>").await;
    quick.ask(&format!("RCPT TO:<{to}>")).await;
    let answer = quick.ask("DATA").await;
    assert!(answer.starts_with("354") || answer.starts_with("452 4.3.1"), "{answer}");
    // More than are let in at once wait; none is lost.
    drop((slow, quick));
    let many: Vec<_> = (0..12)
        .map(|n| {
            let (address, to) = (address.clone(), to.clone());
            tokio::spawn(async move {
                let mut peer = Peer::at(&address).await;
                peer.ask("EHLO x").await;
                let mail = mail(100 + n, &format!("Getuige nummer {n} zag iets anders dan de rest"));
                let mut answer = String::new();
                for _ in 0..20 {
                    peer.ask("RSET").await;
                    peer.ask("MAIL FROM:<a@mail.example.be>").await;
                    peer.ask(&format!("RCPT TO:<{to}>")).await;
                    if peer.ask("DATA").await.starts_with("354") {
                        peer.send(format!("{mail}\r\n.\r\n").as_bytes()).await;
                        answer = peer.hear().await;
                        break;
                    }
                }
                answer.starts_with("250")
            })
        })
        .collect();
    let mut kept = 0;
    for one in many {
        kept += usize::from(one.await.unwrap_or(false));
    }
    assert!(kept >= 10, "{kept} of 12 were kept");
    assert!(app.opened(&id).await.len() > kept, "and the one with the smuggled text");
}

struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[actix_web::test]
async fn kill_9_after_250_loses_no_mail() {
    let app = TestApp::start().await;
    let (id, slug) = app.live().await;
    let socket = app.folder.path().join("lmtp.sock");
    let mut given = Vec::new();
    for round in 0..2_usize {
        let mut serving = Serving(
            Command::new(env!("CARGO_BIN_EXE_tocsin"))
                .args(["serve", "--listen", "127.0.0.1:0", "--no-worker"])
                .env("TOCSIN_DATABASE__URL", &app.url)
                .env("TOCSIN_KEYS__SERVER_KEY_FILE", app.folder.path().join("server.key"))
                .env("TOCSIN_MEDIA__DIRECTORY", app.folder.path().join("media"))
                .env("TOCSIN_RESPONSES__MAIL_LISTEN", format!("lmtp:{}", socket.display()))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap(),
        );
        let began = Instant::now();
        while UnixStream::connect(&socket).await.is_err() {
            assert!(began.elapsed() < Duration::from_mins(1), "the door opens");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let (path, to) = (socket.display().to_string(), format!("tips+{slug}@police.example.be"));
        // A process that just began reads tables on its first mail.
        let mut first = Peer::at(&path).await;
        first.ask("LHLO mx.example").await;
        assert!(first.hand(&[&to], &mail(9_000 + round, "Warm")).await[0].starts_with("250"));
        let sending: Vec<_> = (0..6)
            .map(|lane| {
                let (path, to) = (path.clone(), to.clone());
                tokio::spawn(async move {
                    let mut kept = Vec::new();
                    let Ok(stream) = UnixStream::connect(&path).await else { return kept };
                    let mut peer = Peer(BufReader::new(Box::new(stream)));
                    peer.hear().await;
                    peer.ask("LHLO mx.example").await;
                    for n in 0..400 {
                        let name = format!("getuige-{round}-{lane}-{n}");
                        let text = mail(n, &format!("Ik ben {name} en zag {} rode wagens", n * 7 + lane));
                        peer.send(format!("MAIL FROM:<a@x>\r\nRCPT TO:<{to}>\r\nDATA\r\n").as_bytes()).await;
                        for _ in 0..3 {
                            peer.hear().await;
                        }
                        peer.send(format!("{text}\r\n.\r\n").as_bytes()).await;
                        match peer.hear().await {
                            answer if answer.starts_with("250") => kept.push(name),
                            _ => break,
                        }
                    }
                    kept
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(1_500 + 700 * u64::try_from(round).unwrap())).await;
        serving.0.kill().unwrap();
        serving.0.wait().unwrap();
        for one in sending {
            given.extend(one.await.unwrap());
        }
    }
    assert!(given.len() >= 10, "{} mails: too few to say anything", given.len());
    let mut told = String::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/appeals/{id}/responses?limit=200&cursor={cursor}");
        let list = app.http.get(&app.team.responder, &path).await;
        for item in list["items"].as_array().unwrap() {
            let path = format!("/responses/{}?reason=triage", item["id"].as_str().unwrap());
            told.push_str(app.http.get(&app.team.responder, &path).await["text"]["what"].as_str().unwrap());
        }
        match list["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    let lost: Vec<_> = given.iter().filter(|name| !told.contains(&format!("{name} "))).collect();
    println!("{} mails were answered with 250 before the kills; {} are missing", given.len(), lost.len());
    assert!(lost.is_empty(), "{lost:?}");
}
