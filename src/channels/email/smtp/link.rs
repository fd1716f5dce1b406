//! One connection to the relay and its conversation: opening with the protection asked for, the envelope in one write when
//! the relay pipelines (RFC 2920), the text. Knows exactly when the point of no return is passed.

use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Road;
use super::answer::{closes, down, later, verdict, without_addresses, words};
use super::tls::TlsLink;
use crate::channels::Failure;
use crate::config::SmtpSecurity;

/// A farewell is courtesy; nobody waits longer for it.
const FAREWELL: Duration = Duration::from_secs(2);

/// An open connection, ready for an envelope.
pub struct Link {
    connection: AsyncSmtpConnection,
    pipelines: bool,
    /// Messages handed over so far.
    pub sent: u32,
}

/// The envelope did not get through; no text was sent.
pub enum Stop {
    /// The connection is gone or talks nonsense.
    Lost(String),
    /// No answer in time.
    Slow(String),
    /// The relay said no.
    Answered {
        failure: Failure,
        /// The connection can be reset and used again.
        is_clean: bool,
    },
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

    /// MAIL, RCPT and DATA. After `Ok` the relay waits for the text.
    pub async fn offer(
        &mut self,
        from: Option<&Address>,
        to: &Address,
        is_ascii: bool,
        limit: Duration,
    ) -> Result<(), Stop> {
        let mail = Mail::new(from.cloned(), self.parameters(from, to, is_ascii)?);
        let rcpt = Rcpt::new(to.clone(), Vec::new());
        match timeout(limit, self.converse(&mail, &rcpt)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Stop::Slow("no answer to the envelope in time".to_owned())),
        }
    }

    fn parameters(&self, from: Option<&Address>, to: &Address, is_ascii: bool) -> Result<Vec<MailParameter>, Stop> {
        let server = self.connection.server_info();
        let mut parameters = Vec::new();
        let is_plain = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
        if !is_plain(to) || !from.is_none_or(is_plain) {
            if !server.supports_feature(Extension::SmtpUtfEight) {
                let reason = "the relay takes no addresses beyond ASCII".to_owned();
                return Err(Stop::Answered { failure: Failure::Refused { reason }, is_clean: true });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !is_ascii {
            if !server.supports_feature(Extension::EightBitMime) {
                return Err(Stop::Answered { failure: later("the relay takes no 8-bit text"), is_clean: true });
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(parameters)
    }

    async fn converse(&mut self, mail: &Mail, rcpt: &Rcpt) -> Result<(), Stop> {
        if !self.pipelines {
            sender(self.connection.command(mail).await, true)?;
            recipient(self.connection.command(rcpt).await, true)?;
            return start(self.connection.command(Data).await);
        }
        // One write, three answers. All are read before any is judged, or the next message would get the wrong ones.
        let mail = self.connection.command(format!("{mail}{rcpt}{Data}")).await;
        lost(&mail)?;
        let rcpt = self.connection.read_response().await;
        lost(&rcpt)?;
        let data = self.connection.read_response().await;
        lost(&data)?;
        // A relay that wants text for nobody is not given any: the connection is closed instead.
        let is_clean = data.is_err();
        sender(mail, is_clean)?;
        recipient(rcpt, is_clean)?;
        start(data)
    }

    /// The text and the final dot, then the answer; whether the connection is good for another message comes with it.
    pub async fn deliver(&mut self, message: &[u8], limit: Duration) -> (Result<(), Failure>, bool) {
        // lettre ends the text with a line break of its own.
        let text = message.strip_suffix(b"\r\n").unwrap_or(message);
        let unknown = |reason: String| (Err(Failure::Unknown { reason }), false);
        match timeout(limit, self.connection.message(text)).await {
            Ok(Ok(response)) => {
                // Usually holds the queue id, by which an operator finds the message in the relay's log.
                tracing::debug!(answer = said(&response), "relay accepted a message");
                (Ok(()), true)
            }
            Ok(Err(error)) => match verdict(&error) {
                Some(failure) => (Err(failure), !closes(&error)),
                None => unknown(format!("lost after the text was sent: {}", words(&error))),
            },
            Err(_) => unknown("no answer to the text in time".to_owned()),
        }
    }

    /// Forgets a half-finished envelope; false when the connection is of no more use.
    pub async fn reset(&mut self, limit: Duration) -> bool {
        matches!(timeout(limit, self.connection.command(Rset)).await, Ok(Ok(_)))
    }

    /// Says goodbye and closes.
    pub async fn quit(mut self) {
        // Whether the relay answers makes no difference any more.
        let _ = timeout(FAREWELL, self.connection.quit()).await;
    }
}

async fn open(road: &Road) -> Result<Link, String> {
    let socket = TcpStream::connect((road.host.as_str(), road.port)).await.map_err(|e| e.to_string())?;
    socket.set_nodelay(true).map_err(|e| e.to_string())?;
    let text = |e: Error| words(&e);
    let stream: Box<dyn AsyncTokioStream> = match (&road.tls, road.security) {
        (Some(tls), SmtpSecurity::Tls) => Box::new(TlsLink::handshake(socket, tls.clone()).await.map_err(text)?),
        _ => Box::new(socket),
    };
    let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &road.hello).await.map_err(text)?;
    if let (Some(tls), SmtpSecurity::StartTls) = (&road.tls, road.security) {
        if !connection.can_starttls() {
            connection.abort().await;
            return Err("the relay offers no STARTTLS; nothing is sent in clear".to_owned());
        }
        connection.starttls(tls.clone(), &road.hello).await.map_err(text)?;
    }
    // lettre does not tell whether PIPELINING is offered, so the relay is asked once more: one round trip a connection.
    let offers = connection.command(Ehlo::new(road.hello.clone())).await.map_err(text)?;
    let pipelines = offers.message().any(|line| line.trim().eq_ignore_ascii_case("PIPELINING"));
    if let Some(credentials) = &road.credentials {
        connection
            .auth(&[Mechanism::Plain, Mechanism::Login], credentials)
            .await
            .map_err(|e| format!("the relay refuses our credentials: {}", words(&e)))?;
    }
    Ok(Link { connection, pipelines, sent: 0 })
}

type Answer = Result<Response, Error>;

/// No answer at all, or a farewell.
fn lost(answer: &Answer) -> Result<(), Stop> {
    match answer {
        Err(error) if error.status().is_none() || closes(error) => Err(Stop::Lost(words(error))),
        _ => Ok(()),
    }
}

/// A refused sender is our configuration's fault, not the recipient's: never final.
fn sender(answer: Answer, is_clean: bool) -> Result<(), Stop> {
    lost(&answer)?;
    let refused = |error: Error| down(&format!("the relay refuses the sender: {}", words(&error)));
    answer.map(drop).map_err(|error| Stop::Answered { failure: refused(error), is_clean })
}

fn recipient(answer: Answer, is_clean: bool) -> Result<(), Stop> {
    lost(&answer)?;
    answer.map(drop).map_err(|error| judged(&error, is_clean))
}

fn start(answer: Answer) -> Result<(), Stop> {
    lost(&answer)?;
    match answer {
        Ok(response) if response.code().severity == Severity::PositiveIntermediate => Ok(()),
        Ok(response) => Err(Stop::Lost(format!("unexpected answer to DATA: {}", said(&response)))),
        Err(error) => Err(judged(&error, true)),
    }
}

fn judged(error: &Error, is_clean: bool) -> Stop {
    match verdict(error) {
        Some(failure) => Stop::Answered { failure, is_clean },
        None => Stop::Lost(words(error)),
    }
}

fn said(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    without_addresses(&format!("{} {}", response.code(), lines.join(" ")))
}
