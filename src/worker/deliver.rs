//! One claimed delivery: our own channels in one transaction, mail in a window that moves on, with the gate asked whenever
//! it does.

use super::Worker;
use super::background::Front;
use super::claim::Claim;
use crate::app::deliver_mail::{self, Asked, MailJob, Next, Sent};
use crate::app::{App, AppError, bounce, deliver, fault, mail};
use crate::channels::Failure;
use crate::channels::email::smtp::{Desk, Item, SmtpRelay, domain_in};
use crate::channels::email::template::{Own, Shared, Template};
use crate::db::Conn;
use crate::db::deliveries::Delivery;
use crate::db::recipients::Recipient;
use crate::domain::email::EmailAddress;
use crate::domain::ids::SubscriberId;
use crate::domain::scope::ChannelKind;
use futures_util::future::join;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A database that did not answer is asked again after this.
const AGAIN: Duration = Duration::from_millis(250);
/// How long outcomes are collected at most before they are written down, the gate is asked and the claim renewed.
const PATIENCE: Duration = Duration::from_millis(500);
/// The same towards the end of a delivery, when whoever sends could begin the next one.
const HASTE: Duration = Duration::from_millis(50);
/// The part of the mails under way that may wait for slow domains; the others' places are theirs.
const SLOW_PART: usize = 8;

impl Worker {
    /// Works a claim that was asked for at `asked`. An error of ours gives it back to be tried later.
    pub(super) async fn deliver(
        &self,
        delivery: Delivery,
        asked: Instant,
        stop: &watch::Receiver<bool>,
        front: Front,
    ) -> Result<(), AppError> {
        let worked = self.work(delivery.clone(), asked, stop, front).await;
        match worked {
            // Lost to somebody else, who goes on.
            Ok(()) | Err(AppError::Stale) => Ok(()),
            // The database is away: the lease runs out by itself.
            Err(cause @ AppError::Unavailable(_)) => Err(cause),
            Err(cause) => {
                let (app, words) = (self.app.clone(), cause.to_string());
                self.app.db.write(move |conn| deliver::put_off(conn, &app, &delivery, &words)).await?;
                Err(cause)
            }
        }
    }

    async fn work(
        &self,
        delivery: Delivery,
        asked: Instant,
        stop: &watch::Receiver<bool>,
        front: Front,
    ) -> Result<(), AppError> {
        if let (ChannelKind::Email, Some(relay)) = (delivery.channel, &self.relay) {
            return self.mail(delivery, asked, relay, stop, front).await;
        }
        if let Some(port) = self.app.ports.port(delivery.channel).cloned() {
            return self.advertise(delivery, asked, &port, stop).await;
        }
        let (app, claim) = (self.app.clone(), Claim::new(&self.app, asked));
        self.insist(&claim, move |conn| deliver::publish(conn, &app, &delivery)).await?;
        fault::point("publish.after")
    }

    /// Writes, again and again while the database is away and the claim holds: what is known only here (mails that just
    /// went out) would otherwise be lost with the first hiccup, and be sent twice. Every such write may be repeated.
    pub(super) async fn insist<T: Send + 'static>(
        &self,
        claim: &Claim,
        work: impl Fn(&mut Conn) -> Result<T, AppError> + Clone + Send + 'static,
    ) -> Result<T, AppError> {
        loop {
            match self.app.db.write(work.clone()).await {
                Err(AppError::Unavailable(cause)) if claim.holds() => {
                    tracing::warn!(event = "worker.again", cause);
                    tokio::time::sleep(AGAIN).await;
                }
                other => return other,
            }
        }
    }

    async fn mail(
        &self,
        delivery: Delivery,
        asked: Instant,
        relay: &Arc<SmtpRelay>,
        stop: &watch::Receiver<bool>,
        mut front: Front,
    ) -> Result<(), AppError> {
        let claim = Claim::new(&self.app, asked);
        let app = self.app.clone();
        let open = move |conn: &mut Conn| deliver_mail::open_mail(conn, &app, delivery.clone());
        let Some(job) = self.insist(&claim, open).await? else { return Ok(()) };
        let press = Press::new(&self.app, relay, job);
        let desk = relay.desk();
        let may_still = || claim.holds();
        let sending = relay.post(&desk, &may_still);
        let feeding = async {
            let fed = self.feed(&desk, &Arc::new(press), &claim, stop, &mut front).await;
            // After an error nothing that waits is begun; what is under way comes to its end.
            desk.stop(&not_now());
            desk.close();
            fed
        };
        join(sending, feeding).await.1
    }

    /// Keeps the desk supplied, and writes down what became of whom: never more mails than are its share are intended and
    /// not written down, however many connections there are. The last few go on in the background.
    async fn feed(
        &self,
        desk: &Desk<'_>,
        press: &Arc<Press>,
        claim: &Claim,
        stop: &watch::Receiver<bool>,
        front: &mut Front,
    ) -> Result<(), AppError> {
        let job = &press.job;
        let channels = self.channels();
        let mut hand = Hand::default();
        let mut done: Arc<[Sent]> = Arc::from([]);
        let mut last = String::new();
        loop {
            let (app, delivery, channels) = (self.app.clone(), job.delivery.clone(), channels.clone());
            let (is_stopping, under_way) = (*stop.borrow(), hand.people.len());
            let asked = Instant::now();
            let (after, oldest) = (last.clone(), hand.oldest());
            let most = if front.is_left() { front.keep() } else { self.mails.each };
            let limit = most.saturating_sub(under_way);
            let step = move |conn: &mut Conn| {
                let (after, oldest) = (after.as_str(), oldest.as_deref());
                let asked = Asked { done: &done, limit, after, under_way, oldest, is_stopping, channels: &channels };
                deliver_mail::step(conn, &app, &delivery, &asked)
            };
            let (mut unfit, mut is_at_end) = (Vec::new(), false);
            let next = self.insist(claim, step).await?;
            let stepped = asked.elapsed();
            match next {
                Next::Send(recipients) => {
                    claim.renewed(asked);
                    if let Some(recipient) = recipients.last() {
                        last = recipient.subscriber.to_string();
                    }
                    is_at_end = recipients.len() < limit;
                    fault::point("intent.after")?;
                    unfit = begin(desk, press, &mut hand, recipients).await?;
                }
                Next::Wait => {
                    claim.renewed(asked);
                    is_at_end = limit > 0;
                    if is_at_end {
                        front.leave(hand.people.len());
                    }
                }
                Next::Stop if hand.people.is_empty() => return fault::point("finish.after"),
                // To be given back, or not ours any more: what is under way ends and is written down, nothing else begins.
                Next::Drain | Next::Stop => desk.stop(&not_now()),
            }
            let people = hand.people.len();
            // Half of them, so that the next ones are written down while the others are on their way.
            let (mut enough, mut patience) = ((most / 2).clamp(1, people.max(1)), PATIENCE);
            if is_at_end && front.may_leave() {
                desk.lay_back(front.may_wait(), true, Instant::now());
                // With the others the delivery leaves the foreground.
                (enough, patience) = (people.saturating_sub(front.keep()).max(1), HASTE);
            } else if desk.is_mixed() {
                desk.lay_back((most / SLOW_PART).max(1), false, Instant::now());
            }
            let enough = enough.saturating_sub(unfit.len());
            let waits = Instant::now();
            let told = claim.while_working(&self.app, &job.delivery, desk.outcomes(enough, patience)).await;
            tracing::debug!(
                event = "mail.step",
                delivery = %job.delivery.id,
                ?stepped,
                waited = ?waits.elapsed(),
                people,
                unfit = unfit.len(),
                enough,
                told = told.len(),
                is_at_end,
                is_left = front.is_left(),
            );
            fault::point("send.after")?;
            let told = told
                .into_iter()
                .filter_map(|(number, outcome)| hand.give(number).map(|recipient| Sent { recipient, outcome }));
            done = told.chain(unfit).collect::<Vec<_>>().into();
        }
    }
}

/// Puts these people's mails on the desk; whose mail cannot go now comes back.
async fn begin(
    desk: &Desk<'_>,
    press: &Arc<Press>,
    hand: &mut Hand,
    mut recipients: Vec<Recipient>,
) -> Result<Vec<Sent>, AppError> {
    let hold = fault::point("send.before").err().map(|cause| cause.to_string());
    recipients.retain(|recipient| !hand.holds(recipient));
    let rests = desk.rests(recipients.iter().map(|recipient| domain_in(&recipient.email)), Instant::now());
    let (mut unfit, mut going) = (Vec::new(), Vec::with_capacity(recipients.len()));
    for (recipient, rest) in recipients.into_iter().zip(rests) {
        match rest {
            Some(rest) => unfit.push(Sent { recipient, outcome: Err(rest) }),
            None => going.push(recipient),
        }
    }
    let mut mails = Vec::with_capacity(going.len());
    for (recipient, item) in press.items(going, hold).await? {
        match item {
            Ok(item) => mails.push((hand.take(recipient), item)),
            Err(cause) => unfit.push(Sent { recipient, outcome: Err(cause) }),
        }
    }
    desk.put(mails);
    Ok(unfit)
}

/// Makes the mails of one delivery.
struct Press {
    app: App,
    relay: Arc<SmtpRelay>,
    job: MailJob,
    /// Built once for all; or why it could not be.
    template: Result<Template, String>,
}

impl Press {
    fn new(app: &App, relay: &Arc<SmtpRelay>, job: MailJob) -> Self {
        Self { app: app.clone(), relay: relay.clone(), template: template(app, &job), job }
    }

    /// Everybody's mail, or why there is none: made on a thread of its own, while others' are on their way. With `hold`
    /// nobody gets one for now.
    async fn items(
        self: &Arc<Self>,
        to: Vec<Recipient>,
        hold: Option<String>,
    ) -> Result<Vec<(Recipient, Result<Item, Failure>)>, AppError> {
        let press = self.clone();
        let make = move |recipient: Recipient| {
            let item = match &hold {
                None => press.item(&recipient).map_err(|reason| Failure::Refused { reason }),
                Some(reason) => Err(Failure::Retry { after: None, reason: reason.clone() }),
            };
            (recipient, item)
        };
        let made = tokio::task::spawn_blocking(move || to.into_iter().map(make).collect());
        made.await.map_err(|lost| AppError::Broken(format!("mails were not made: {lost}")))
    }

    fn item(&self, to: &Recipient) -> Result<Item, String> {
        let template = self.template.as_ref().map_err(Clone::clone)?;
        let address = EmailAddress::parse(&to.email).map_err(|e| e.to_string())?;
        let (app, job) = (&self.app, &self.job);
        let language = job.delivery.language;
        let text = template.splice(&Own {
            to: &address,
            // The same for every try, so that a relay or reader can tell a repetition.
            message_id: &format!("{}.{}.{}", job.delivery.dispatch, job.delivery.purpose, to.subscriber),
            unsubscribe: &mail::unsubscribe_url(app, language, &to.subscriber),
            respond: &mail::respond_url(app, language, &job.slug),
        });
        let from = bounce::return_address(app, &job.delivery.id, &to.subscriber);
        Ok(Item { from, to: address.as_str().to_owned(), text: self.relay.signed(text) })
    }
}

/// Recipients whose mail is at the desk, by its number there.
#[derive(Default)]
struct Hand {
    people: HashMap<u64, Recipient>,
    ids: HashSet<SubscriberId>,
    last: u64,
}

impl Hand {
    /// A recipient's mail is under way already.
    fn holds(&self, recipient: &Recipient) -> bool {
        self.ids.contains(&recipient.subscriber)
    }

    /// The number of a recipient's mail.
    fn take(&mut self, recipient: Recipient) -> u64 {
        self.ids.insert(recipient.subscriber.clone());
        self.last += 1;
        self.people.insert(self.last, recipient);
        self.last
    }

    /// The first of them, in the order of their ids.
    fn oldest(&self) -> Option<String> {
        self.ids.iter().map(SubscriberId::as_str).min().map(str::to_owned)
    }

    fn give(&mut self, number: u64) -> Option<Recipient> {
        let recipient = self.people.remove(&number)?;
        self.ids.remove(&recipient.subscriber);
        Some(recipient)
    }
}

fn not_now() -> Failure {
    Failure::Waits { after: Duration::ZERO, reason: "the delivery was laid down".to_owned() }
}

/// The mail of a delivery, built once for all its recipients.
fn template(app: &App, job: &MailJob) -> Result<Template, String> {
    let settings = &app.config.email;
    Template::new(&Shared {
        from: &settings.from,
        from_name: &settings.from_name,
        mail: &job.mail,
        date: chrono::Utc::now(),
        language: job.delivery.language.code(),
    })
    .map_err(|e| e.to_string())
}
