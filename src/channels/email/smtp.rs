//! The way to the mail relay: hands over one message to one recipient and says what became of it. Connections and
//! conversation are ours: lettre's leave Nagle's algorithm on and wait for every answer (stack notes §4).
//! What to do about a failure is left to the outbox.

mod answer;
mod desk;
mod exchange;
mod link;
mod paces;
mod pool;
mod reply;
mod tls;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::sync::Semaphore;

use super::dkim::DkimSigner;
use crate::channels::Failure;
use crate::config::{Email, SmtpSecurity};
pub use desk::{Desk, domain_in};
use desk::{Next, Share};
pub use exchange::Item;
use exchange::{Exchange, Fate};
use link::Link;
use paces::Paces;
use pool::Pool;

/// Relays close idle connections after minutes; ours are closed well before, so that they are seldom found dead.
const IDLE: Duration = Duration::from_secs(30);
/// New connections in a row that were lost before anything was accepted, all lanes together, after which what waits is
/// given back. Lost with mails to whom such a thing has happened before, they say nothing about the relay.
const BARREN: u32 = 8;

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
    /// Whether texts go in chunks where the relay takes them so.
    chunking: bool,
    /// One step's patience: connecting, the envelope, the answer to the text.
    limit: Duration,
}

/// A mail relay. Shared by reference; never holds more connections than configured.
pub struct SmtpRelay {
    road: Road,
    slots: Semaphore,
    connections: usize,
    /// Mails before a connection is renewed.
    per_connection: u32,
    pool: Pool,
    dkim: Option<DkimSigner>,
    paces: Mutex<Paces>,
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
                chunking: settings.chunking,
                limit: Duration::from_secs(settings.timeout_seconds.max(1)),
            },
            slots: Semaphore::new(connections),
            connections,
            per_connection: u32::from(settings.per_connection.max(1)),
            pool: Pool::new(connections, IDLE),
            dkim: DkimSigner::open(settings).map_err(|e| UnusableRelay(e.to_string()))?,
            paces: Mutex::default(),
        })
    }

    /// A mail as it goes out: signed, where there is a key.
    #[must_use]
    pub fn signed(&self, mail: Vec<u8>) -> Vec<u8> {
        match &self.dkim {
            Some(signer) => signer.signed(mail),
            None => mail,
        }
    }

    /// Name and text of the DNS record that the signature needs.
    #[must_use]
    pub fn dkim_record(&self) -> Option<(String, String)> {
        self.dkim.as_ref().map(DkimSigner::record)
    }

    /// Opens a connection and keeps it: shows that the relay answers as configured.
    pub async fn greet(&self) -> Result<(), Failure> {
        let link = Link::open(&self.road).await?;
        self.pool.keep(link, Instant::now());
        Ok(())
    }

    /// Hands one message to the relay, whose it is to deliver from then on. One recipient an envelope, always: an answer must
    /// belong to one person.
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
        may_still: impl Fn() -> bool + Send + Sync,
    ) -> Result<(), Failure> {
        let [recipient] = envelope.to() else {
            return Err(Failure::Refused { reason: "an envelope has exactly one recipient".to_owned() });
        };
        let item = Item {
            from: envelope.from().map(ToString::to_string).unwrap_or_default(),
            to: recipient.to_string(),
            text: self.signed(message.to_vec()),
        };
        let desk = self.desk();
        desk.put(vec![(0, item)]);
        desk.close();
        self.post(&desk, &may_still).await;
        let told = desk.outcomes(0, Duration::ZERO).await.pop();
        told.map_or_else(|| Err(answer::later("nothing came back")), |(_, outcome)| outcome)
    }

    /// A place for the mails of one delivery; see [`SmtpRelay::post`].
    #[must_use]
    pub fn desk(&self) -> Desk<'_> {
        Desk::new(&self.paces, self.connections)
    }

    /// Sends what is put on a desk until it is closed and empty, over as many connections as are allowed, each domain at
    /// its pace. What became of each mail is told at the desk as soon as it is known. A relay that cannot be reached ends
    /// nothing: what waits comes back as [`Failure::Down`], and the next mail that is put finds out again.
    pub async fn post(&self, desk: &Desk<'_>, may_still: &(dyn Fn() -> bool + Send + Sync)) {
        let barren = AtomicU32::new(0);
        join_all((0..self.connections).map(|_| self.lane(desk, may_still, &barren))).await;
    }

    /// One connection after another, as long as there is something to send.
    async fn lane(&self, desk: &Desk<'_>, may_still: &(dyn Fn() -> bool + Send + Sync), barren: &AtomicU32) {
        loop {
            if !may_still() {
                desk.stop(&ran_out());
            }
            let share = match desk.take(Instant::now()) {
                Next::Send(share) => share,
                Next::Wait(patience) => {
                    desk.called(patience).await;
                    continue;
                }
                Next::Done => return,
            };
            let Ok(_slot) = self.slots.acquire().await else { return };
            let kept = self.pool.take(Instant::now());
            let was_kept = kept.is_some();
            let link = match kept {
                Some(link) => link,
                None => match Link::open(&self.road).await {
                    Ok(link) => link,
                    Err(failure) => {
                        for (number, item) in share.numbers.into_iter().zip(share.items) {
                            desk.untried(number, item);
                        }
                        desk.report();
                        desk.stop(&failure);
                        continue;
                    }
                },
            };
            let is_ordinary = share.is_ordinary;
            if self.hand_over(desk, link, was_kept, share, may_still).await {
                barren.store(0, Relaxed);
            } else if is_ordinary && barren.fetch_add(1, Relaxed) + 1 >= BARREN {
                desk.stop(&answer::down("the relay hangs up on everything"));
                barren.store(0, Relaxed);
            }
        }
    }

    /// Hands a share over on one connection; whether the connection was of any use, or was one found dead.
    async fn hand_over(
        &self,
        desk: &Desk<'_>,
        mut link: Link,
        was_kept: bool,
        share: Share,
        may_still: &(dyn Fn() -> bool + Send + Sync),
    ) -> bool {
        let Share { numbers, items, is_trusted, .. } = share;
        // Whole mails run ahead only where nothing is likely to happen to those before them.
        let manner = if is_trusted { link.manner() } else { link.manner().text_by_text() };
        let mut exchange = Exchange::new(&items, manner).with_reports(link.takes_wishes()).after(link.refused);
        let (left, utf8) =
            (usize::try_from(self.per_connection.saturating_sub(link.sent)).unwrap_or(0), link.takes_utf8());
        let is_fit = |item: &Item| utf8 || (item.to.is_ascii() && item.from.is_ascii());
        let mut going = items.iter().enumerate().filter(|(_, item)| is_fit(item)).map(|(at, _)| at).take(left);
        let mut next = || going.next();
        let mut fates: Vec<Option<(Fate, Duration)>> =
            items.iter().map(|item| (!is_fit(item)).then(|| (Fate::Never(UNFIT.to_owned()), Duration::ZERO))).collect();
        // In a pipeline every answer is waited for from the one before it on.
        let mut heard_at = Instant::now();
        let mut told = |at: usize, fate: Fate| {
            let now = Instant::now();
            if let Some(place) = fates.get_mut(at) {
                *place = Some((fate, now - std::mem::replace(&mut heard_at, now)));
            }
        };
        let is_clean = link.hold(&mut exchange, self.road.limit, &mut next, may_still, &mut told).await;
        let ends: Vec<&Fate> = fates.iter().flatten().map(|(fate, _)| fate).collect();
        // A kept connection that is found dead, or that greets us with the 421 it wrote when it lost patience, costs
        // nothing: no text was sent on it. Every round of this uses up one kept connection, so it ends.
        let was_dead = was_kept && !is_clean && ends.iter().all(|fate| matches!(fate, Fate::Later(_)));
        let was_of_use = is_clean || was_dead || ends.contains(&&Fate::Accepted);
        let now = Instant::now();
        for ((number, item), fate) in numbers.into_iter().zip(items).zip(fates) {
            match fate {
                None => desk.untried(number, item),
                Some((Fate::Later(_), _)) if was_dead => desk.untried(number, item),
                Some((fate, took)) => desk.ended(number, &item, fate, took, now),
            }
        }
        desk.report();
        if is_clean {
            self.put_back(link).await;
        }
        was_of_use
    }

    async fn put_back(&self, link: Link) {
        if link.is_worn(self.per_connection) {
            link.quit().await;
        } else {
            self.pool.keep(link, Instant::now());
        }
    }
}

/// Why a mail with such an address cannot go.
const UNFIT: &str = "the relay takes no addresses beyond ASCII";

fn ran_out() -> Failure {
    Failure::Waits { after: Duration::ZERO, reason: "the right to send ran out".to_owned() }
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
