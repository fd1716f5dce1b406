//! The way to the mail relay, against a catcher that speaks real SMTP and misbehaves on request: what is retried, what is
//! final, what nobody can know, and that nothing leaves in clear when it must not.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tocsin::catcher::{Encrypt, Encrypting, Options, Protection, Script, SmtpCatcher, Wire};
use tocsin::channels::Failure;
use tocsin::channels::email::message::{self, Envelope, Letter};
use tocsin::channels::email::smtp::SmtpRelay;
use tocsin::config::{Email, SmtpSecurity};
use tocsin::domain::email::EmailAddress;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

async fn catcher() -> SmtpCatcher {
    catcher_with(Options::default()).await
}

async fn catcher_with(options: Options) -> SmtpCatcher {
    SmtpCatcher::start_with("127.0.0.1:0".parse().unwrap(), options).await.unwrap()
}

fn settings(catcher: &SmtpCatcher) -> Email {
    Email {
        host: "127.0.0.1".to_owned(),
        port: catcher.address.port(),
        security: SmtpSecurity::None,
        timeout_seconds: 5,
        ..Email::default()
    }
}

fn relay(settings: &Email) -> SmtpRelay {
    SmtpRelay::new(settings).unwrap()
}

fn mail(to: &str) -> (Envelope, Vec<u8>) {
    message::build(&Letter {
        from: "alerts@tocsin.example",
        from_name: "Tocsin",
        to: &EmailAddress::parse(to).unwrap(),
        subject: "Disparition inquiétante",
        text: ".début\r\n..deux points",
        html: "<p>début</p>",
        message_id: "test.1",
        date: chrono::DateTime::UNIX_EPOCH,
        language: "fr",
        unsubscribe: None,
        answers: None,
    })
    .unwrap()
}

async fn send(relay: &SmtpRelay, to: &str) -> Result<(), Failure> {
    let (envelope, bytes) = mail(to);
    relay.send(&envelope, &bytes).await
}

/// Fails with the words unless the failure is of that sort; gives the reason back.
fn retry(outcome: Result<(), Failure>) -> String {
    match outcome {
        Err(Failure::Retry { after: None, reason }) => reason,
        other => panic!("not a retry: {other:?}"),
    }
}

fn down(outcome: Result<(), Failure>) -> String {
    match outcome {
        Err(Failure::Down { after: None, reason }) => reason,
        other => panic!("not down: {other:?}"),
    }
}

fn refused(outcome: Result<(), Failure>) -> String {
    match outcome {
        Err(Failure::Refused { reason }) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

fn unknown(outcome: Result<(), Failure>) -> String {
    match outcome {
        Err(Failure::Unknown { reason }) => reason,
        other => panic!("not unknown: {other:?}"),
    }
}

/// Pipelining and chunks, as relays offer them.
const MANNERS: [(bool, bool); 4] = [(true, true), (true, false), (false, true), (false, false)];

#[tokio::test]
async fn a_mail_arrives_byte_for_byte_with_and_without_pipelining() {
    for (pipelining, chunking) in MANNERS {
        let catcher = catcher_with(Options { pipelining, chunking, ..Options::default() }).await;
        let relay = relay(&settings(&catcher));
        let (envelope, bytes) = mail("anna@example.be");
        relay.send(&envelope, &bytes).await.unwrap();
        relay.send(&envelope, &bytes).await.unwrap();
        let caught = catcher.mail(2).unwrap();
        assert_eq!(caught.raw, bytes);
        assert_eq!((caught.from.as_str(), caught.to), ("alerts@tocsin.example", vec!["anna@example.be".to_owned()]));
        assert_eq!(catcher.connections(), 1, "the connection is used again");
    }
}

#[tokio::test]
async fn a_refused_recipient_is_final_and_the_connection_lives_on() {
    for (pipelining, chunking) in MANNERS {
        let catcher = catcher_with(Options { pipelining, chunking, ..Options::default() }).await;
        catcher.script("gone@example.be", Script::Never);
        catcher.script("busy@example.be", Script::Later(1));
        let relay = relay(&settings(&catcher));
        let reason = refused(send(&relay, "gone@example.be").await);
        assert!(reason.contains("550") && !reason.contains("gone@"), "{reason}");
        let reason = retry(send(&relay, "busy@example.be").await);
        assert!(reason.contains("451") && !reason.contains('@'), "{reason}");
        send(&relay, "busy@example.be").await.unwrap();
        send(&relay, "anna@example.be").await.unwrap();
        assert_eq!((catcher.accepted(), catcher.connections()), (2, 1));
    }
}

#[tokio::test]
async fn answers_to_the_text_count_like_answers_to_the_recipient() {
    let catcher = catcher().await;
    catcher.script("full@example.be", Script::LaterAfterData(1));
    catcher.script("virus@example.be", Script::NeverAfterData);
    let relay = relay(&settings(&catcher));
    assert!(retry(send(&relay, "full@example.be").await).contains("452"));
    assert!(refused(send(&relay, "virus@example.be").await).contains("554"));
    send(&relay, "full@example.be").await.unwrap();
    assert_eq!((catcher.accepted(), catcher.connections()), (1, 1));
}

#[tokio::test]
async fn silence_after_the_text_is_unknown_never_a_retry() {
    let catcher = catcher().await;
    catcher.script("lost@example.be", Script::HangUpAfterData(1));
    catcher.script("slow@example.be", Script::Slow(Duration::from_secs(30)));
    let relay = relay(&Email { timeout_seconds: 1, ..settings(&catcher) });
    unknown(send(&relay, "lost@example.be").await);
    assert_eq!(catcher.accepted(), 1, "the relay has it, and could not say so");
    let began = Instant::now();
    unknown(send(&relay, "slow@example.be").await);
    assert!(began.elapsed() < Duration::from_secs(5));
    send(&relay, "anna@example.be").await.unwrap();
}

#[tokio::test]
async fn silence_before_the_text_is_worth_a_retry() {
    let catcher = catcher().await;
    catcher.script("closing@example.be", Script::CloseAtRecipient(1));
    catcher.script("slow@example.be", Script::SlowAtRecipient(Duration::from_secs(30)));
    let relay = relay(&Email { timeout_seconds: 1, ..settings(&catcher) });
    assert!(retry(send(&relay, "closing@example.be").await).contains("421"));
    retry(send(&relay, "slow@example.be").await);
    assert_eq!(catcher.accepted(), 0);
    send(&relay, "closing@example.be").await.unwrap();
}

#[tokio::test]
async fn a_kept_connection_that_died_costs_nothing() {
    let catcher = catcher().await;
    let relay = relay(&settings(&catcher));
    send(&relay, "anna@example.be").await.unwrap();
    // The relay closes the kept connection in the middle of the next envelope; a second one is opened at once.
    catcher.script("bruno@example.be", Script::CloseAtRecipient(1));
    send(&relay, "bruno@example.be").await.unwrap();
    assert_eq!((catcher.accepted(), catcher.connections()), (2, 2));
}

#[tokio::test]
async fn a_restarted_relay_is_found_again() {
    let first = catcher().await;
    let relay = relay(&settings(&first));
    send(&relay, "anna@example.be").await.unwrap();
    let address = first.address;
    drop(first);
    down(send(&relay, "anna@example.be").await);
    let second = loop {
        match SmtpCatcher::start(address).await {
            Ok(second) => break second,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    send(&relay, "anna@example.be").await.unwrap();
    assert_eq!(second.accepted(), 1);
}

#[tokio::test]
async fn no_more_connections_than_allowed_and_none_for_ever() {
    let catcher = catcher().await;
    let relay = Arc::new(relay(&Email { connections: 3, ..settings(&catcher) }));
    let sending = (0..30).map(|_| {
        let relay = Arc::clone(&relay);
        tokio::spawn(async move { send(&relay, "anna@example.be").await })
    });
    for sent in sending.collect::<Vec<_>>() {
        sent.await.unwrap().unwrap();
    }
    assert_eq!(catcher.connections(), 3);
    for _ in 0..301 {
        send(&relay, "anna@example.be").await.unwrap();
    }
    assert!(catcher.connections() > 3, "a connection is renewed after a hundred messages");

    let catcher = self::catcher().await;
    let relay = self::relay(&Email { connections: 1, per_connection: 2, ..settings(&catcher) });
    for n in 0..5 {
        send(&relay, &format!("p{n}@mail.example.be")).await.unwrap();
    }
    assert_eq!((catcher.accepted(), catcher.connections()), (5, 3), "or after as many as the relay takes");
}

#[tokio::test]
async fn nobody_there_is_worth_a_retry() {
    let catcher = catcher().await;
    let settings = settings(&catcher);
    drop(catcher);
    down(send(&relay(&settings), "anna@example.be").await);
    down(relay(&settings).greet().await);
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let reason = down(send(&relay(&Email { port, timeout_seconds: 1, ..settings }), "anna@example.be").await);
    assert!(reason.contains("in time"), "{reason}");
}

#[tokio::test]
async fn both_ways_to_log_in_work_and_a_wrong_password_refuses_nobody() {
    for mechanisms in ["PLAIN", "LOGIN"] {
        let login = Some(("tocsin".to_owned(), "pass word".to_owned()));
        let catcher = catcher_with(Options { login, mechanisms, ..Options::default() }).await;
        let good = Email { username: "tocsin".to_owned(), password: "pass word".into(), ..settings(&catcher) };
        send(&relay(&good), "anna@example.be").await.unwrap();
        assert_eq!(catcher.mail(1).unwrap().login.as_deref(), Some("tocsin"));
        let wrong = Email { password: "other".into(), ..good };
        let reason = down(send(&relay(&wrong), "anna@example.be").await);
        assert!(reason.contains("credentials") && !reason.contains("other"), "{reason}");
        // Without a login the relay refuses the sender: our mistake, not the recipient's.
        assert!(down(send(&relay(&settings(&catcher)), "anna@example.be").await).contains("530"));
    }
}

#[tokio::test]
async fn an_envelope_has_one_recipient() {
    let catcher = catcher().await;
    let (_, bytes) = mail("anna@example.be");
    let two = ["anna@example.be", "bruno@example.be"].map(|to| to.parse().unwrap());
    let envelope = Envelope::new(Some("alerts@tocsin.example".parse().unwrap()), two.to_vec()).unwrap();
    refused(relay(&settings(&catcher)).send(&envelope, &bytes).await);
    assert_eq!(catcher.connections(), 0);
}

#[tokio::test]
async fn text_beyond_ascii_goes_as_it_is() {
    let catcher = catcher().await;
    let (envelope, _) = mail("anna@example.be");
    relay(&settings(&catcher)).send(&envelope, "Subject: x\r\n\r\nDéjà vu\r\n".as_bytes()).await.unwrap();
    assert_eq!(catcher.mail(1).unwrap().raw, "Subject: x\r\n\r\nDéjà vu\r\n".as_bytes());
}

struct Tls(TlsAcceptor);

impl Encrypt for Tls {
    fn encrypt(&self, plain: Box<dyn Wire>) -> Encrypting {
        let accepting = self.0.accept(plain);
        Box::pin(async move {
            let encrypted: Box<dyn Wire> = Box::new(accepting.await?);
            Ok(encrypted)
        })
    }
}

/// A certificate for `localhost`, and the file that says whom to trust.
fn certificate(folder: &tempfile::TempDir) -> (Arc<dyn Encrypt>, PathBuf) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, made.cert.pem()).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    (Arc::new(Tls(TlsAcceptor::from(Arc::new(config)))), file)
}

#[tokio::test]
async fn both_kinds_of_tls_protect_mail_and_password() {
    let folder = tempfile::tempdir().unwrap();
    let (tls, file) = certificate(&folder);
    for (protection, security) in [
        (Protection::StartTls(Arc::clone(&tls)), SmtpSecurity::StartTls),
        (Protection::Tls(Arc::clone(&tls)), SmtpSecurity::Tls),
    ] {
        let login = Some(("tocsin".to_owned(), "secret".to_owned()));
        let catcher = catcher_with(Options { protection, login, ..Options::default() }).await;
        let good = Email {
            host: "localhost".to_owned(),
            security,
            ca_file: Some(file.clone()),
            username: "tocsin".to_owned(),
            password: "secret".into(),
            ..settings(&catcher)
        };
        let relay = relay(&good);
        let (envelope, bytes) = mail("anna@example.be");
        relay.send(&envelope, &bytes).await.unwrap();
        relay.send(&envelope, &bytes).await.unwrap();
        let caught = catcher.mail(2).unwrap();
        assert!(caught.is_encrypted);
        assert_eq!((caught.raw, caught.login.as_deref()), (bytes.into(), Some("tocsin")));
        assert_eq!(catcher.connections(), 1);

        let untrusting = Email { ca_file: None, ..good.clone() };
        down(send(&SmtpRelay::new(&untrusting).unwrap(), "anna@example.be").await);
        let misnamed = Email { host: "127.0.0.1".to_owned(), ..good };
        down(send(&SmtpRelay::new(&misnamed).unwrap(), "anna@example.be").await);
        assert_eq!(catcher.accepted(), 2, "nothing goes to a stranger");
    }
}

#[tokio::test]
async fn a_relay_without_starttls_gets_nothing() {
    let catcher = catcher().await;
    let relay = relay(&Email { security: SmtpSecurity::StartTls, host: "localhost".to_owned(), ..settings(&catcher) });
    let reason = down(send(&relay, "anna@example.be").await);
    assert!(reason.contains("STARTTLS") && reason.contains("in clear"), "{reason}");
    assert_eq!(catcher.accepted(), 0);
}

#[test]
fn a_missing_authority_is_found_at_start() {
    let settings = Email { ca_file: Some("/nowhere/authority.pem".into()), ..Email::default() };
    assert!(SmtpRelay::new(&settings).unwrap_err().to_string().contains("authority.pem"));
}
