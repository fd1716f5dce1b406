//! The way to the mail relay: hands over one message to one recipient and says what became of it. Connections and
//! conversation are ours: lettre's leave Nagle's algorithm on and wait for every answer (stack notes §4).
//! What to do about a failure is left to the outbox.

mod answer;
mod exchange;
mod link;
mod pool;
mod reply;
mod tls;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
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
pub use exchange::Item;
use exchange::{Exchange, Fate};
use link::Link;
use pool::Pool;

/// Relays close idle connections after minutes; ours are closed well before, so that they are seldom found dead.
const IDLE: Duration = Duration::from_secs(30);
/// Messages before a connection is renewed: relays commonly cap at 100.
const PER_CONNECTION: u32 = 100;
/// New connections in a row that were lost before anything was accepted, after which the rest of a batch waits.
const BARREN: u32 = 3;

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
    connections: usize,
    pool: Pool,
    dkim: Option<DkimSigner>,
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
            connections,
            pool: Pool::new(connections, IDLE),
            dkim: DkimSigner::open(settings).map_err(|e| UnusableRelay(e.to_string()))?,
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
        let mut outcomes = self.send_all(&[item], &may_still).await;
        outcomes.pop().unwrap_or_else(|| Err(answer::later("nothing came back")))
    }

    /// Hands over many mails, over as many connections as there are and are allowed; what became of each, in their order.
    /// The first mail nobody could be found for ends a connection's share: what was not begun comes back as it was.
    pub async fn send_all(
        &self,
        items: &[Item],
        may_still: &(dyn Fn() -> bool + Send + Sync),
    ) -> Vec<Result<(), Failure>> {
        let work = Work {
            items,
            taken: AtomicUsize::new(0),
            again: Mutex::new(Vec::new()),
            outcomes: Mutex::new(vec![None; items.len()]),
            why: Mutex::new(None),
        };
        let lanes = items.len().min(self.connections);
        join_all((0..lanes).map(|_| self.lane(&work, may_still))).await;
        let why = lock(&work.why).take();
        let unbegun = || why.clone().unwrap_or_else(|| answer::later("the right to send ran out"));
        work.outcomes
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .into_iter()
            .map(|outcome| outcome.unwrap_or_else(|| Err(unbegun())))
            .collect()
    }

    /// One connection after another, as long as there is something to send.
    async fn lane(&self, work: &Work<'_>, may_still: &(dyn Fn() -> bool + Send + Sync)) {
        let Ok(_slot) = self.slots.acquire().await else { return };
        let mut barren = 0;
        while work.is_left() && may_still() {
            let kept = self.pool.take(Instant::now());
            let was_kept = kept.is_some();
            let mut link = match kept {
                Some(link) => link,
                None => match Link::open(&self.road).await {
                    Ok(link) => link,
                    Err(failure) => {
                        *lock(&work.why) = Some(failure);
                        return;
                    }
                },
            };
            let mut exchange = Exchange::new(work.items, link.pipelines()).with_reports(link.takes_wishes());
            let (mut left, utf8) = (PER_CONNECTION.saturating_sub(link.sent), link.takes_utf8());
            let mut next = || {
                if left == 0 {
                    return None;
                }
                left -= 1;
                work.next(utf8)
            };
            let mut fates = Vec::new();
            let mut told = |item: usize, fate: Fate| fates.push((item, fate));
            let is_clean = link.hold(&mut exchange, self.road.limit, &mut next, may_still, &mut told).await;
            // A kept connection that is found dead, or that greets us with the 421 it wrote when it lost patience, costs
            // nothing: no text was sent on it. Every round of this uses up one kept connection, so it ends.
            let was_dead = was_kept && !is_clean && fates.iter().all(|(_, fate)| matches!(fate, Fate::Later(_)));
            let is_barren = !is_clean && !was_dead && !fates.iter().any(|(_, fate)| *fate == Fate::Accepted);
            for (item, fate) in fates {
                match fate {
                    Fate::Later(_) if was_dead => lock(&work.again).push(item),
                    fate => work.told(item, fate),
                }
            }
            if is_clean {
                self.put_back(link).await;
            }
            barren = if is_barren { barren + 1 } else { 0 };
            if barren >= BARREN {
                *lock(&work.why) = Some(answer::down("the relay hangs up on everything"));
                return;
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

/// Mails shared by several connections.
struct Work<'a> {
    items: &'a [Item],
    /// The next one nobody took.
    taken: AtomicUsize,
    /// Taken, and given back by a connection that was dead.
    again: Mutex<Vec<usize>>,
    outcomes: Mutex<Vec<Option<Result<(), Failure>>>>,
    /// Why no connection could be opened.
    why: Mutex<Option<Failure>>,
}

impl Work<'_> {
    fn is_left(&self) -> bool {
        self.taken.load(Ordering::Relaxed) < self.items.len() || !lock(&self.again).is_empty()
    }

    /// The next mail that a relay can be asked to take.
    fn next(&self, utf8: bool) -> Option<usize> {
        loop {
            let again = lock(&self.again).pop();
            let item = again.unwrap_or_else(|| self.taken.fetch_add(1, Ordering::Relaxed));
            let mail = self.items.get(item)?;
            if utf8 || (mail.to.is_ascii() && mail.from.is_ascii()) {
                return Some(item);
            }
            self.told(item, Fate::Never("the relay takes no addresses beyond ASCII".to_owned()));
        }
    }

    fn told(&self, item: usize, fate: Fate) {
        if let Some(outcome) = lock(&self.outcomes).get_mut(item) {
            *outcome = Some(answer::outcome(fate));
        }
    }
}

/// A panic elsewhere leaves a list, which is a list all the same.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
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
