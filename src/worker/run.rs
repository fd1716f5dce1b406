//! The loop: sweep, letters, claims; quiet when nothing is due. Asked to stop, it finishes what is in flight, gives its
//! claim back and ends.

use super::background::Background;
use super::bounces::{self, read_bounces};
use super::read_back::{self, read_back};
use super::wake::listen;
use super::{aim, foretell, keep, platform, tell};
use crate::app::{App, AppError, deliver, fault};
use crate::channels::email::smtp::{SmtpRelay, UnusableRelay};
use crate::channels::messenger::Messenger;
use crate::channels::read_back::{ReadBack, Unready};
use crate::channels::webhook::{self, Poster};
use crate::domain::scope::ChannelKind;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How often time itself is looked at: ends of decisions must be noticed within five seconds (security-and-ops §4).
const SWEEP: Duration = Duration::from_secs(2);

/// Mails under way from which on a worker has two hands for mail: while one writes a shard's recipients down, the other
/// one's are on their way. They share the mails; fewer than these are under way in one delivery at a time.
const TWO_HANDS: usize = 256;
/// The part of the mails that is for deliveries in the background of two hands.
const IN_BACKGROUND: usize = 8;

/// How the mails that may be under way are divided.
#[derive(Clone, Copy)]
pub(super) struct Division {
    /// Deliveries worked at a time.
    hands: usize,
    /// Mails of each of them.
    pub(super) each: usize,
    /// Mails of all deliveries in the background.
    background: usize,
}

impl Division {
    const fn of(all: usize) -> Self {
        if all < TWO_HANDS {
            return Self { hands: 1, each: all, background: 0 };
        }
        let background = all / IN_BACKGROUND;
        Self { hands: 2, each: (all - background) / 2, background }
    }
}

/// A worker cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The relay is configured wrongly.
    #[error(transparent)]
    Relay(#[from] UnusableRelay),
    /// No outgoing HTTP.
    #[error(transparent)]
    ReadBack(#[from] Unready),
    /// No outgoing messages.
    #[error(transparent)]
    Webhook(#[from] webhook::Unready),
}

/// A dispatch worker.
#[derive(Clone)]
pub struct Worker {
    pub(super) app: App,
    pub(super) relay: Option<Arc<SmtpRelay>>,
    reader: ReadBack,
    messenger: Option<Messenger>,
    poster: Poster,
    pub(super) mails: Division,
    background: Arc<Background>,
}

impl Worker {
    /// Prepares a worker. Without a relay it leaves mail to workers that have one.
    pub fn new(app: App) -> Result<Self, WorkerError> {
        let relay =
            if app.config.email.host.is_empty() { None } else { Some(Arc::new(SmtpRelay::new(&app.config.email)?)) };
        let messenger = Messenger::new(&app.config.responses);
        let poster = Poster::new(&app.config.webhooks)?;
        let mails = Division::of(usize::from(app.config.email.in_flight));
        let background = Arc::new(Background::new(mails.background));
        Ok(Self { app, relay, reader: ReadBack::new()?, messenger, poster, mails, background })
    }

    /// Works until `stop` says so; what is in flight is finished first.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        let pause = Duration::from_millis(self.app.config.worker.poll_millis.max(10));
        // Worked out once, which takes a while: not with the first claim in hand and the database kept waiting.
        let app = self.app.clone();
        let _ = tokio::task::spawn_blocking(move || app.territories().len()).await;
        let mut swept = Instant::now() - SWEEP;
        let following = tokio::spawn(super::follow_audience(self.app.clone(), stop.clone()));
        let witness = tokio::spawn(super::witness_audit(self.app.clone(), stop.clone()));
        let looking = tokio::spawn(read_back(self.app.clone(), self.reader.clone(), stop.clone()));
        let keeping = tokio::spawn(keep::keep(self.app.clone(), stop.clone()));
        let bouncing = tokio::spawn(read_bounces(self.app.clone(), stop.clone()));
        let deciding = tokio::spawn(bounces::follow_up(self.app.clone(), stop.clone()));
        let telling = tokio::spawn(tell::tell_on(self.app.clone(), stop.clone()));
        let calling =
            [(); tell::CALLERS].map(|()| tokio::spawn(tell::call(self.app.clone(), self.poster.clone(), stop.clone())));
        let asking = tokio::spawn(foretell::ask(self.app.clone(), stop.clone()));
        let aiming = tokio::spawn(aim::find(self.app.clone(), stop.clone()));
        let tending = tokio::spawn(platform::tend(self.app.clone(), self.messenger.clone(), stop.clone()));
        let helps = self.relay.is_some() && self.mails.hands > 1;
        let helping = helps.then(|| tokio::spawn(self.clone().help_with_mail(pause, stop.clone())));
        let heard = listen(self.app.db.clone(), stop.clone());
        while !*stop.borrow() {
            if swept.elapsed() >= SWEEP {
                Self::report(self.sweep().await.map(|()| false));
                swept = Instant::now();
            }
            if Self::report(self.once(&stop).await) {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = heard.notified() => {}
                _ = stop.changed() => {}
            }
        }
        if let Some(helping) = helping {
            let _ = helping.await;
        }
        self.background.end_all(|cause| tracing::error!(event = "worker", %cause)).await;
        let _ = looking.await;
        let _ = keeping.await;
        let _ = bouncing.await;
        let _ = deciding.await;
        let _ = tending.await;
        let _ = telling.await;
        for one in calling {
            let _ = one.await;
        }
        // It only asks: nothing is lost with it.
        asking.abort();
        // What it has in hand is due again after its lease.
        aiming.abort();
        // It only reads: nothing is lost with it.
        following.abort();
        // It ends by itself within a look; a push in hand is finished.
        let _ = witness.await;
    }

    /// Works until nothing is due; for tests, where nothing should sleep.
    pub async fn run_until_idle(&self) -> Result<(), AppError> {
        self.sweep().await?;
        self.app.audience.follow(&self.app.db).await?;
        let (_going, going) = watch::channel(false);
        while self.once(&going).await?
            || keep::look(&self.app).await?
            || aim::look(&self.app).await?
            || foretell::look(&self.app).await?
            || read_back::look(&self.app, &self.reader).await?
            || bounces::look(&self.app).await? > 0
            || bounces::decide(&self.app).await? > 0
            || self.tend().await?
            || tell::hand_on(&self.app).await?
            || tell::post(&self.app, &self.poster).await?
            || self.background.end().await?
        {}
        Ok(())
    }

    async fn tend(&self) -> Result<bool, AppError> {
        match &self.messenger {
            Some(messenger) => platform::look(&self.app, messenger).await,
            None => Ok(false),
        }
    }

    fn report(outcome: Result<bool, AppError>) -> bool {
        outcome.unwrap_or_else(|cause| {
            tracing::error!(event = "worker", %cause);
            false
        })
    }

    async fn sweep(&self) -> Result<(), AppError> {
        let app = self.app.clone();
        self.app.db.write(move |conn| deliver::sweep(conn, &app)).await?;
        let app = self.app.clone();
        for id in self.app.db.read(move |conn| deliver::uncovered(conn, &app)).await? {
            let app = self.app.clone();
            self.app.db.write(move |conn| deliver::lapse(conn, &app, &id)).await?;
        }
        Ok(())
    }

    /// What this worker can deliver.
    pub(super) fn channels(&self) -> Vec<ChannelKind> {
        let mut channels = vec![ChannelKind::Page, ChannelKind::Feed];
        if self.relay.is_some() {
            channels.push(ChannelKind::Email);
        }
        channels.extend(self.app.ports.channels());
        channels
    }

    /// Sends mails besides whatever else the worker does.
    async fn help_with_mail(self, pause: Duration, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if Self::report(self.deliver_due(vec![ChannelKind::Email], &stop).await) {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Does one thing; whether there was one.
    async fn once(&self, stop: &watch::Receiver<bool>) -> Result<bool, AppError> {
        if self.send_letter().await? {
            return Ok(true);
        }
        self.deliver_due(self.channels(), stop).await
    }

    /// Claims and works the most urgent delivery on these channels; whether there was one.
    async fn deliver_due(&self, channels: Vec<ChannelKind>, stop: &watch::Receiver<bool>) -> Result<bool, AppError> {
        // Before anything is claimed: an error there is nobody else's.
        self.background.ended().await?;
        let (app, wanted) = (self.app.clone(), channels.clone());
        if !self.app.db.read(move |conn| deliver::is_due(conn, &app, &wanted)).await? {
            return Ok(false);
        }
        let (app, asked) = (self.app.clone(), std::time::Instant::now());
        let Some(claimed) = self.app.db.write(move |conn| deliver::claim(conn, &app, &channels)).await? else {
            return Ok(false);
        };
        fault::point("claim.after")?;
        let (worker, stop) = (self.clone(), stop.clone());
        self.background.work(|front| async move { worker.deliver(claimed, asked, &stop, front).await }).await?;
        Ok(true)
    }
}
