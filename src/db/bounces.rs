//! Mails that came back, and the addresses that are not written to any more.

use super::schema::{bounces, deliveries, recipients, subscribers, suppressions};
use super::{Conn, DbError, ROWS, per_backend};
use crate::domain::bounce::{BounceKind, MailStatus, kind_of};
use crate::domain::ids::{DeliveryId, SubscriberId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::HashSet;

/// A mail that came back.
#[derive(Clone)]
pub struct Bounce<'a> {
    /// Which delivery it was part of.
    pub delivery: &'a DeliveryId,
    /// To whom it was.
    pub subscriber: &'a SubscriberId,
    /// Why; none where nobody gave a status.
    pub status: Option<MailStatus>,
}

impl Bounce<'_> {
    /// The status as it is stored; empty where nobody gave one.
    fn code(&self) -> String {
        self.status.map(|status| status.to_string()).unwrap_or_default()
    }
}

/// Writes down that a mail came back; whether that is news. Nothing is written for a mail that was never part of the
/// delivery.
pub fn add(conn: &mut Conn, bounce: &Bounce<'_>, now: DateTime<Utc>) -> Result<bool, DbError> {
    let mail = (bounce.delivery.as_str(), bounce.subscriber.as_str());
    let known: i64 = recipients::table.find(mail).count().get_result(conn)?;
    if known == 0 {
        return Ok(false);
    }
    let row = (
        bounces::delivery_id.eq(mail.0),
        bounces::subscriber_id.eq(mail.1),
        bounces::kind.eq(kind_of(bounce.status).code()),
        bounces::status.eq(bounce.code()),
        bounces::at.eq(now.naive_utc()),
    );
    let added =
        per_backend!(conn, c => diesel::insert_into(bounces::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(added == 1)
}

/// Writes down refusals of mails that are part of their delivery. Those of which something may follow wait for
/// [`take_waiting`].
pub fn add_refused(conn: &mut Conn, refused: &[Bounce<'_>], now: DateTime<Utc>) -> Result<(), DbError> {
    for some in refused.chunks(ROWS) {
        let rows: Vec<_> = some
            .iter()
            .map(|bounce| {
                let kind = kind_of(bounce.status);
                let waits = (kind != BounceKind::Ours).then(|| now.naive_utc());
                (
                    bounces::delivery_id.eq(bounce.delivery.as_str()),
                    bounces::subscriber_id.eq(bounce.subscriber.as_str()),
                    bounces::kind.eq(kind.code()),
                    bounces::status.eq(bounce.code()),
                    bounces::at.eq(now.naive_utc()),
                    bounces::waits_since.eq(waits),
                )
            })
            .collect();
        per_backend!(conn, c => diesel::insert_into(bounces::table).values(&rows).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}

/// A refusal of which something may follow.
pub struct Waiting {
    /// Which delivery it was part of.
    pub delivery: DeliveryId,
    /// To whom it was.
    pub subscriber: SubscriberId,
    /// What the refusal is about.
    pub kind: BounceKind,
}

/// Whether a refusal waits.
pub fn is_waiting(conn: &mut Conn) -> Result<bool, DbError> {
    let waiting = bounces::table.filter(bounces::waits_since.is_not_null());
    Ok(diesel::select(diesel::dsl::exists(waiting)).get_result(conn)?)
}

/// The refusals that have waited longest, at most so many: they wait no longer, and nobody else gets them.
pub fn take_waiting(conn: &mut Conn, most: i64) -> Result<Vec<Waiting>, DbError> {
    use bounces as b;
    let rows: Vec<(String, String, String)> = b::table
        .filter(b::waits_since.is_not_null())
        // In one order for every worker: two that take the same ones must not wait for each other.
        .order((b::waits_since, b::delivery_id, b::subscriber_id))
        .limit(most)
        .select((b::delivery_id, b::subscriber_id, b::kind))
        .load(conn)?;
    let mut taken = Vec::with_capacity(rows.len());
    for (delivery, subscriber, kind) in rows {
        let row = b::table.find((&delivery, &subscriber)).filter(b::waits_since.is_not_null());
        let is_mine = diesel::update(row).set(b::waits_since.eq(None::<NaiveDateTime>)).execute(conn)? == 1;
        if is_mine {
            taken.push(Waiting {
                delivery: DeliveryId::parse(&delivery).map_err(|e| DbError::corrupt("bounces.delivery_id", e))?,
                subscriber: SubscriberId::parse(&subscriber)
                    .map_err(|e| DbError::corrupt("bounces.subscriber_id", e))?,
                kind: BounceKind::parse(&kind).ok_or_else(|| DbError::corrupt("bounces.kind", kind))?,
            });
        }
    }
    Ok(taken)
}

/// Counts a mail that was taken for delivered among those that failed.
pub fn was_not_delivered(conn: &mut Conn, bounce: &Bounce<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    use deliveries as d;
    use recipients as r;
    let why = bounce.status.map_or_else(|| "no reason given".to_owned(), |status| status.to_string());
    let note = format!("came back: {why}");
    let mail = r::table.find((bounce.delivery.as_str(), bounce.subscriber.as_str()));
    let was_sent = diesel::update(mail.filter(r::state.eq("sent")))
        .set((r::state.eq("failed"), r::note.eq(&note)))
        .execute(conn)?;
    if was_sent == 1 {
        diesel::update(d::table.find(bounce.delivery.as_str()))
            .set((d::sent.eq(d::sent - 1), d::failed.eq(d::failed + 1), d::updated_at.eq(now.naive_utc())))
            .execute(conn)?;
    } else {
        // Lost on the way to the relay, and now known not to have arrived.
        diesel::update(mail.filter(r::state.eq("unknown")))
            .set((r::state.eq("failed"), r::note.eq(&note)))
            .execute(conn)?;
    }
    Ok(())
}

/// Refusals of a delivery that are believed whatever became of its other mails.
const BELIEVED: i64 = 3;
/// Beyond those, so many mails must have been taken for each one refused.
const TAKEN_FOR_ONE: i64 = 4;

/// Whether a delivery's refusals speak about its addresses. A relay that is set up wrongly refuses everybody as unknown,
/// and must not empty the list of subscribers.
pub fn is_credible(conn: &mut Conn, delivery: &DeliveryId) -> Result<bool, DbError> {
    let of_delivery = bounces::delivery_id.eq(delivery.as_str()).and(bounces::kind.eq(BounceKind::Gone.code()));
    let gone: i64 = bounces::table.filter(of_delivery).count().get_result(conn)?;
    let sent: i64 = deliveries::table.find(delivery.as_str()).select(deliveries::sent).first(conn)?;
    Ok(gone <= BELIEVED || sent >= TAKEN_FOR_ONE * gone)
}

/// How many mails to a subscriber came back softly since a moment.
pub fn soft_since(conn: &mut Conn, subscriber: &SubscriberId, since: DateTime<Utc>) -> Result<i64, DbError> {
    let of_subscriber = bounces::subscriber_id.eq(subscriber.as_str()).and(bounces::at.ge(since.naive_utc()));
    Ok(bounces::table.filter(of_subscriber.and(bounces::kind.eq(BounceKind::Soft.code()))).count().get_result(conn)?)
}

/// A subscriber's address; personal data.
pub fn address_of(conn: &mut Conn, subscriber: &SubscriberId) -> Result<Option<String>, DbError> {
    Ok(subscribers::table.find(subscriber.as_str()).select(subscribers::email).first(conn).optional()?)
}

/// Puts an address on the list, by its digest.
pub fn suppress(conn: &mut Conn, digest: &str, kind: BounceKind, now: DateTime<Utc>) -> Result<(), DbError> {
    let row = (
        suppressions::address_digest.eq(digest),
        suppressions::kind.eq(kind.code()),
        suppressions::at.eq(now.naive_utc()),
    );
    per_backend!(conn, c => diesel::insert_into(suppressions::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Takes an address off the list; whether it was on it.
pub fn lift(conn: &mut Conn, digest: &str) -> Result<bool, DbError> {
    Ok(diesel::delete(suppressions::table.find(digest)).execute(conn)? > 0)
}

/// Which of some digests are on the list.
pub fn suppressed(conn: &mut Conn, digests: &[String]) -> Result<HashSet<String>, DbError> {
    let mut found = HashSet::new();
    // Well below SQLite's 32,766 bind values.
    for some in digests.chunks(10_000) {
        let on_list = suppressions::table.filter(suppressions::address_digest.eq_any(some));
        found.extend(on_list.select(suppressions::address_digest).load::<String>(conn)?);
    }
    Ok(found)
}
