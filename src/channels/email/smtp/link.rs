//! One connection to the relay: opened with the protection asked for, then given to conversations one after another. The
//! socket is ours, because lettre's own leaves Nagle's algorithm on and waits for every answer (performance notes, mail).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::transport::smtp::authentication::Mechanism;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Road;
use super::answer::{down, said, without_addresses};
use super::exchange::{Exchange, Fate, Manner, REFUSALS};
use super::reply::{Replies, Reply};
use super::tls::TlsLink;
use crate::channels::Failure;
use crate::config::SmtpSecurity;

/// A farewell is courtesy; nobody waits longer for it.
const FAREWELL: Duration = Duration::from_secs(2);
/// One read.
const BUFFER: usize = 16 * 1024;

/// Clear or encrypted.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Bytes both ways, and answers out of them.
struct Wire<S> {
    stream: S,
    replies: Replies,
    /// Where reads land; kept, and not on the stack of every conversation.
    buffer: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    fn new(stream: S) -> Self {
        Self { stream, replies: Replies::default(), buffer: vec![0; BUFFER] }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.stream.write_all(bytes).await.map_err(|e| e.to_string())?;
        self.stream.flush().await.map_err(|e| e.to_string())
    }

    async fn reply(&mut self) -> Result<Reply, String> {
        loop {
            if let Some(reply) = self.replies.next().map_err(|_| "what answers is no mail server".to_owned())? {
                return Ok(reply);
            }
            let read = self.stream.read(&mut self.buffer).await.map_err(|e| e.to_string())?;
            if read == 0 {
                return Err("the relay hung up".to_owned());
            }
            self.replies.feed(self.buffer.get(..read).unwrap_or_default());
        }
    }

    async fn ask(&mut self, line: &str) -> Result<Reply, String> {
        self.write(format!("{line}\r\n").as_bytes()).await?;
        self.reply().await
    }

    async fn greeted(&mut self) -> Result<(), String> {
        let greeting = self.reply().await?;
        if greeting.is_yes() { Ok(()) } else { Err(said(&greeting)) }
    }

    async fn hello(&mut self, road: &Road) -> Result<Offers, String> {
        let reply = self.ask(&format!("EHLO {}", road.hello)).await?;
        if !reply.is_yes() {
            return Err(said(&reply));
        }
        let offers = |name: &str| {
            reply
                .text
                .lines()
                .skip(1)
                .any(|line| line.split_whitespace().next().unwrap_or("").eq_ignore_ascii_case(name))
        };
        Ok(Offers {
            manner: match (offers("PIPELINING"), offers("CHUNKING") && road.chunking) {
                (false, _) => Manner::LockStep,
                (true, false) => Manner::Pipelined,
                (true, true) => Manner::Chunked,
            },
            utf8: offers("SMTPUTF8"),
            starttls: offers("STARTTLS"),
            dsn: offers("DSN"),
        })
    }
}

#[derive(Clone, Copy)]
struct Offers {
    manner: Manner,
    utf8: bool,
    starttls: bool,
    dsn: bool,
}

/// An open connection, ready for an envelope.
pub struct Link {
    wire: Wire<Box<dyn Stream>>,
    offers: Offers,
    /// Messages handed over so far.
    pub sent: u32,
    /// Those of them that were refused.
    pub refused: usize,
}

impl Link {
    /// Connects, protects, greets, authenticates. Whatever fails here concerns no recipient and may be tried again.
    pub async fn open(road: &Road) -> Result<Self, Failure> {
        match timeout(road.limit, open(road)).await {
            Ok(Ok(link)) => Ok(link),
            Ok(Err(reason)) => Err(down(&reason)),
            Err(_) => Err(down("no connection to the relay in time")),
        }
    }

    /// Whether the relay takes addresses beyond ASCII.
    pub const fn takes_utf8(&self) -> bool {
        self.offers.utf8
    }

    /// Whether it can be told which reports are wanted.
    pub const fn takes_wishes(&self) -> bool {
        self.offers.dsn
    }

    /// How much may leave together.
    pub const fn manner(&self) -> Manner {
        self.offers.manner
    }

    /// It has carried what one connection should.
    pub const fn is_worn(&self, most: u32) -> bool {
        self.sent >= most || (self.refused >= REFUSALS && matches!(self.offers.manner, Manner::Chunked))
    }

    /// Holds one conversation to its end; whether the connection is good for another. `told` hears of every mail as soon
    /// as its fate is known.
    pub async fn hold(
        &mut self,
        exchange: &mut Exchange<'_>,
        limit: Duration,
        next: &mut (dyn FnMut() -> Option<usize> + Send),
        may_still: &(dyn Fn() -> bool + Send + Sync),
        told: &mut (dyn FnMut(usize, Fate) + Send),
    ) -> bool {
        let mut out = Vec::new();
        loop {
            out.clear();
            exchange.write(&mut out, next, may_still);
            for (item, fate) in exchange.fates() {
                self.sent = self.sent.saturating_add(1);
                told(item, fate);
            }
            if exchange.is_finished() {
                self.refused = exchange.refused();
                return !exchange.is_lost();
            }
            let answered = timeout(limit, async {
                self.wire.write(&out).await?;
                self.wire.reply().await
            });
            match answered.await {
                Ok(Ok(reply)) => {
                    exchange.hear(&reply, said);
                    // Whatever else arrived with it.
                    while let Ok(Some(reply)) = self.wire.replies.next() {
                        exchange.hear(&reply, said);
                    }
                }
                Ok(Err(cause)) => exchange.lose(&without_addresses(&cause)),
                Err(_) => exchange.lose("no answer in time"),
            }
        }
    }

    /// Says goodbye and closes.
    pub async fn quit(mut self) {
        // Whether the relay answers makes no difference any more.
        let _ = timeout(FAREWELL, self.wire.ask("QUIT")).await;
    }
}

async fn open(road: &Road) -> Result<Link, String> {
    let socket = TcpStream::connect((road.host.as_str(), road.port)).await.map_err(|e| e.to_string())?;
    socket.set_nodelay(true).map_err(|e| e.to_string())?;
    let failed = |e: lettre::transport::smtp::Error| without_addresses(&e.to_string());
    let stream: Box<dyn Stream> = match (&road.tls, road.security) {
        (Some(tls), SmtpSecurity::Tls) => Box::new(TlsLink::handshake(socket, tls.clone()).await.map_err(failed)?),
        (Some(tls), SmtpSecurity::StartTls) => {
            let mut wire = Wire::new(socket);
            wire.greeted().await?;
            if !wire.hello(road).await?.starttls {
                return Err("the relay offers no STARTTLS; nothing is sent in clear".to_owned());
            }
            let reply = wire.ask("STARTTLS").await?;
            if !reply.is_yes() {
                return Err(said(&reply));
            }
            // What came in clear behind the answer is forgotten with its reader (RFC 3207 §4.2).
            let encrypted = TlsLink::handshake(wire.stream, tls.clone()).await.map_err(failed)?;
            let mut wire: Wire<Box<dyn Stream>> = Wire::new(Box::new(encrypted));
            let offers = wire.hello(road).await?;
            log_in(&mut wire, road).await?;
            return Ok(Link { wire, offers, sent: 0, refused: 0 });
        }
        _ => Box::new(socket),
    };
    let mut wire = Wire::new(stream);
    wire.greeted().await?;
    let offers = wire.hello(road).await?;
    log_in(&mut wire, road).await?;
    Ok(Link { wire, offers, sent: 0, refused: 0 })
}

/// Authenticates, the plain way first (RFC 4954, 4616).
async fn log_in(wire: &mut Wire<Box<dyn Stream>>, road: &Road) -> Result<(), String> {
    let Some(credentials) = &road.credentials else { return Ok(()) };
    let refused = |reply: &Reply| format!("the relay refuses our credentials: {}", said(reply));
    let secret = |mechanism: Mechanism, challenge: Option<&str>| {
        mechanism.response(credentials, challenge).map(|text| STANDARD.encode(text)).map_err(|e| e.to_string())
    };
    let plain = wire.ask(&format!("AUTH PLAIN {}", secret(Mechanism::Plain, None)?)).await?;
    // 504: that way is not known here. Anything else is about the credentials.
    if plain.is_yes() {
        return Ok(());
    }
    if plain.code != 504 && plain.code != 500 && plain.code != 502 {
        return Err(refused(&plain));
    }
    let mut reply = wire.ask("AUTH LOGIN").await?;
    for _ in 0..2 {
        if !reply.is_go_on() {
            return Err(refused(&reply));
        }
        let asked = STANDARD.decode(reply.text.trim()).unwrap_or_default();
        let asked = String::from_utf8_lossy(&asked).into_owned();
        reply = wire.ask(&secret(Mechanism::Login, Some(&asked))?).await?;
    }
    if reply.is_yes() { Ok(()) } else { Err(refused(&reply)) }
}
