//! The way to the mail relay: hands over one message to one recipient and says what became of it. lettre speaks SMTP; the
//! connections are ours, because lettre's own leave Nagle's algorithm on and cost 40 ms a message (stack notes §4).
//! What to do about a failure is left to the outbox.

mod answer;
mod link;
mod pool;
mod tls;

use std::time::{Duration, Instant};

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::sync::Semaphore;

use crate::channels::Failure;
use crate::config::{Email, SmtpSecurity};
use link::{Link, Stop};
use pool::Pool;

/// Relays close idle connections after minutes; ours are closed well before, so that they are seldom found dead.
const IDLE: Duration = Duration::from_secs(30);
/// Messages before a connection is renewed: relays commonly cap at 100.
const PER_CONNECTION: u32 = 100;

/// The relay cannot be used as configured.
#[derive(Debug, thiserror::Error)]
#[error("email: {0}")]
pub struct UnusableRelay(String);

/// Where and how connections are opened.
struct Road {
    host: String,
    port: u16,
    security: SmtpSecurity,
    tls: Option<TlsParameters>,
    hello: ClientId,
    credentials: Option<Credentials>,
    /// One step's patience: connecting, the envelope, the answer to the text.
    limit: Duration,
}

/// A mail relay. Shared by reference; never holds more connections than configured.
pub struct SmtpRelay {
    road: Road,
    slots: Semaphore,
    pool: Pool,
}

impl SmtpRelay {
    /// Prepares a relay; connects only when there is something to send.
    pub fn new(settings: &Email) -> Result<Self, UnusableRelay> {
        let credentials = (!settings.username.is_empty())
            .then(|| Credentials::new(settings.username.clone(), settings.password.reveal().to_owned()));
        let connections = usize::from(settings.connections.max(1));
        Ok(Self {
            road: Road {
                host: settings.host.clone(),
                port: settings.port,
                security: settings.security,
                tls: tls_parameters(settings)?,
                hello: ClientId::default(),
                credentials,
                limit: Duration::from_secs(settings.timeout_seconds.max(1)),
            },
            slots: Semaphore::new(connections),
            pool: Pool::new(connections, IDLE),
        })
    }

    /// Opens a connection and keeps it: shows that the relay answers as configured.
    pub async fn greet(&self) -> Result<(), Failure> {
        let link = Link::open(&self.road).await?;
        self.pool.keep(link, Instant::now());
        Ok(())
    }

    /// Hands one message to the relay, whose it is to deliver from then on. One recipient an envelope, always: an answer must belong to one person.
    ///
    /// Nothing is promised while the future is being polled: dropped early, the message may have gone or not, exactly as
    /// with [`Failure::Unknown`].
    pub async fn send(&self, envelope: &Envelope, message: &[u8]) -> Result<(), Failure> {
        self.send_while(envelope, message, || true).await
    }

    /// [`SmtpRelay::send`] for somebody who may lose the right to send while waiting for the relay: asked for the last
    /// time right before the text, which is the point of no return.
    pub async fn send_while(
        &self,
        envelope: &Envelope,
        message: &[u8],
        may_still: impl Fn() -> bool,
    ) -> Result<(), Failure> {
        let [recipient] = envelope.to() else {
            return Err(Failure::Refused { reason: "an envelope has exactly one recipient".to_owned() });
        };
        let _slot = self.slots.acquire().await.map_err(|_| answer::later("the relay is shut"))?;
        let mut link = self.offer(envelope, recipient, message).await?;
        if !may_still() {
            // Closing the connection instead of the text tells the relay to forget the envelope.
            return Err(answer::later("the right to send ran out"));
        }
        let (outcome, is_clean) = link.deliver(message, self.road.limit).await;
        if is_clean {
            link.sent += 1;
            self.put_back(link).await;
        }
        outcome
    }

    /// A connection on which the relay waits for the text. A kept connection that turns out dead costs nothing: no text was
    /// sent on it, so the next one is tried, and a new one last.
    async fn offer(&self, envelope: &Envelope, recipient: &lettre::Address, message: &[u8]) -> Result<Link, Failure> {
        loop {
            let kept = self.pool.take(Instant::now());
            let was_kept = kept.is_some();
            let mut link = match kept {
                Some(link) => link,
                None => Link::open(&self.road).await?,
            };
            match link.offer(envelope.from(), recipient, message.is_ascii(), self.road.limit).await {
                Ok(()) => return Ok(link),
                Err(Stop::Lost(_)) if was_kept => {}
                Err(Stop::Lost(reason) | Stop::Slow(reason)) => return Err(answer::later(&reason)),
                Err(Stop::Answered { failure, is_clean }) => {
                    if is_clean && link.reset(self.road.limit).await {
                        self.put_back(link).await;
                    }
                    return Err(failure);
                }
            }
        }
    }

    async fn put_back(&self, link: Link) {
        if link.sent >= PER_CONNECTION {
            link.quit().await;
        } else {
            self.pool.keep(link, Instant::now());
        }
    }
}

/// Not printable in detail: holds the password.
impl std::fmt::Debug for SmtpRelay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpRelay")
            .field("host", &self.road.host)
            .field("port", &self.road.port)
            .finish_non_exhaustive()
    }
}

/// Certificates are checked against the public authorities and the configured one. lettre takes the process's default
/// cryptography provider, and aws-lc when none is installed.
fn tls_parameters(settings: &Email) -> Result<Option<TlsParameters>, UnusableRelay> {
    if settings.security == SmtpSecurity::None {
        return Ok(None);
    }
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(file) = &settings.ca_file {
        let unusable = |e: &dyn std::fmt::Display| UnusableRelay(format!("{}: {e}", file.display()));
        let pem = std::fs::read(file).map_err(|e| unusable(&e))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|e| unusable(&e))?);
    }
    builder.build_rustls().map(Some).map_err(|e| UnusableRelay(e.to_string()))
}
