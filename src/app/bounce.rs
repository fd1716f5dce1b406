//! What follows from a mail that came back or was refused for good: it counts as not delivered, and an address that
//! nobody reads is erased and not written to again, until its owner signs up and confirms once more.

use super::audit::{self, Act, By};
use super::{App, AppError};
use crate::db::bounces::{self, Bounce};
use crate::db::{Conn, subscribers};
use crate::domain::bounce::{BounceKind, MailStatus, SOFT_LIMIT, SOFT_WITHIN, kind_of, return_path};
use crate::domain::ids::{DeliveryId, SubscriberId};
use chrono::{DateTime, Utc};

/// What a mail that came back says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameBack {
    /// The delivery and the subscriber in its signed address.
    pub mail: (DeliveryId, SubscriberId),
    /// The failure's status; none where nobody gave one.
    pub status: Option<MailStatus>,
}

/// Where a mail to a subscriber comes back to: an address of its own, else the sender's.
#[must_use]
pub fn return_address(app: &App, delivery: &DeliveryId, subscriber: &SubscriberId) -> String {
    let settings = &app.config.email;
    if settings.bounce_domain.is_empty() {
        return settings.from.clone();
    }
    return_path(delivery, subscriber, &settings.bounce_domain, &|named| sign(app, named))
}

/// The signature in return addresses.
#[must_use]
pub fn sign(app: &App, named: &str) -> String {
    app.key.sign("bounce", named)
}

/// How an address stands on the list of those not written to: keyed, so that nobody can look an address up in a copy.
#[must_use]
pub fn digest_of(app: &App, address: &str) -> String {
    app.key.sign("suppression", address)
}

/// Takes note of a mail that came back; whether that was news.
pub fn came_back(conn: &mut Conn, app: &App, told: &CameBack) -> Result<bool, AppError> {
    let now = app.clock.now(conn)?;
    let bounce = Bounce { delivery: &told.mail.0, subscriber: &told.mail.1, status: told.status };
    if !bounces::add(conn, &bounce, now)? {
        return Ok(false);
    }
    bounces::was_not_delivered(conn, &bounce, now)?;
    follow(conn, app, (bounce.delivery, bounce.subscriber), kind_of(told.status), now)?;
    Ok(true)
}

/// Takes note of mails of a delivery that the relay refused for good, each in words that begin with its status. What follows
/// is [`follow_up`]'s to decide, beside the dispatch: a rush of refusals holds up nobody's mail.
pub(super) fn refused(
    conn: &mut Conn,
    delivery: &DeliveryId,
    refused: &[(&SubscriberId, &str)],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let bounces: Vec<_> = refused
        .iter()
        .map(|(subscriber, words)| Bounce { delivery, subscriber, status: MailStatus::first_in(words) })
        .collect();
    Ok(bounces::add_refused(conn, &bounces, now)?)
}

/// Refusals decided about in one transaction: some 30 ms of the database's one writer.
const AT_ONCE: i64 = 64;

/// Whether something may follow from refusals. Only reads.
pub fn is_to_follow_up(conn: &mut Conn) -> Result<bool, AppError> {
    Ok(bounces::is_waiting(conn)?)
}

/// Decides what follows from the refusals that have waited longest; how many.
pub fn follow_up(conn: &mut Conn, app: &App) -> Result<usize, AppError> {
    let now = app.clock.now(conn)?;
    let waiting = bounces::take_waiting(conn, AT_ONCE)?;
    for one in &waiting {
        follow(conn, app, (&one.delivery, &one.subscriber), one.kind, now)?;
    }
    Ok(waiting.len())
}

fn follow(
    conn: &mut Conn,
    app: &App,
    (delivery, subscriber): (&DeliveryId, &SubscriberId),
    kind: BounceKind,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let is_unread = match kind {
        BounceKind::Gone => true,
        BounceKind::Soft => bounces::soft_since(conn, subscriber, now - SOFT_WITHIN)? >= SOFT_LIMIT,
        BounceKind::Ours => false,
    };
    if !is_unread || !bounces::is_credible(conn, delivery)? {
        return Ok(());
    }
    let Some(address) = bounces::address_of(conn, subscriber)? else { return Ok(()) };
    bounces::suppress(conn, &digest_of(app, &address), kind, now)?;
    subscribers::erase(conn, subscriber, now)?;
    let act =
        Act { action: "subscriber.unreachable", object: subscriber.as_str(), reason: kind.code(), ..Act::default() };
    audit::record(conn, now, By::service("worker"), &act)
}

/// Whoever confirmed reads their mail: nothing that was known against the address holds any more.
pub(super) fn lift(conn: &mut Conn, app: &App, address: &str) -> Result<(), AppError> {
    bounces::lift(conn, &digest_of(app, address))?;
    Ok(())
}
