//! Whom a mail delivery is for, one row a person: written down when the delivery is first claimed, then overwritten with
//! what became of each.

use super::deliveries::{Delivery, held};
use super::schema::{deliveries, recipients, subscribers};
use super::{Conn, DbError, per_backend};
use crate::domain::dispatch::Purpose;
use crate::domain::ids::SubscriberId;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// States of recipients who are still owed a mail. `unknown` is written before a send and overwritten after it: whoever
/// a crash left there gets it again under the same Message-ID, and a correction reaches them too.
const OPEN: [&str; 2] = ["pending", "unknown"];

/// Somebody a delivery is for.
#[derive(Clone)]
pub struct Recipient {
    /// Who.
    pub subscriber: SubscriberId,
    /// Their address; personal data.
    pub email: String,
    /// Tries so far.
    pub attempts: i32,
}

/// Writes the shard's recipients down, once: those who were active in its cells with its language when it was first
/// claimed, or those whom the delivery named as audience was sent to.
pub fn expand(conn: &mut Conn, delivery: &Delivery, now: DateTime<Utc>) -> Result<(), DbError> {
    let ids: Vec<String> = if delivery.purpose == Purpose::Appeal {
        let mut ids = Vec::new();
        for range in &delivery.cells {
            ids.extend(super::subscribers::ids_in(conn, &delivery.audience, *range)?);
        }
        ids
    } else {
        recipients::table
            .filter(recipients::delivery_id.eq(&delivery.audience).and(recipients::state.eq_any(["sent", "unknown"])))
            .select(recipients::subscriber_id)
            .load(conn)?
    };
    // Six bind values a row; 1,000 rows stay well below SQLite's 32,766.
    for chunk in ids.chunks(1000) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|id| {
                (
                    recipients::delivery_id.eq(delivery.id.as_str()),
                    recipients::subscriber_id.eq(id),
                    recipients::state.eq("pending"),
                    recipients::attempts.eq(0),
                    recipients::due_at.eq(now.naive_utc()),
                    recipients::note.eq(""),
                )
            })
            .collect();
        per_backend!(conn, c => diesel::insert_into(recipients::table).values(&rows).on_conflict_do_nothing().execute(c))?;
    }
    diesel::update(held(delivery))
        .set(deliveries::expected.eq(i64::try_from(ids.len()).unwrap_or(i64::MAX)))
        .execute(conn)?;
    Ok(())
}

/// The next due recipients who can still be reached.
pub fn due_recipients(
    conn: &mut Conn,
    delivery: &Delivery,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Recipient>, DbError> {
    use recipients as r;
    let rows: Vec<(String, String, i32)> = r::table
        .inner_join(subscribers::table.on(subscribers::id.eq(r::subscriber_id)))
        .filter(r::delivery_id.eq(delivery.id.as_str()).and(r::state.eq_any(OPEN)).and(r::due_at.le(now.naive_utc())))
        .order(r::subscriber_id)
        .limit(limit)
        .select((r::subscriber_id, subscribers::email, r::attempts))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, email, attempts)| {
            let subscriber = SubscriberId::parse(&id).map_err(|e| DbError::corrupt("recipients.subscriber_id", e))?;
            Ok(Recipient { subscriber, email, attempts })
        })
        .collect()
}

/// When the earliest waiting recipient is due; none when nobody waits. Recipients who left meanwhile are skipped.
pub fn next_recipient_at(conn: &mut Conn, delivery: &Delivery) -> Result<Option<DateTime<Utc>>, DbError> {
    use recipients as r;
    let gone = r::table
        .filter(r::delivery_id.eq(delivery.id.as_str()).and(r::state.eq_any(OPEN)))
        .filter(diesel::dsl::not(r::subscriber_id.eq_any(subscribers::table.select(subscribers::id))));
    let gone: Vec<String> = gone.select(r::subscriber_id).load(conn)?;
    for id in gone {
        diesel::update(r::table.find((delivery.id.as_str(), &id))).set(r::state.eq("skipped")).execute(conn)?;
    }
    let earliest: Option<NaiveDateTime> = r::table
        .filter(r::delivery_id.eq(delivery.id.as_str()).and(r::state.eq_any(OPEN)))
        .order(r::due_at)
        .select(r::due_at)
        .first(conn)
        .optional()?;
    Ok(earliest.map(|at| at.and_utc()))
}

/// Writes down that these are about to be sent to.
pub fn intend(conn: &mut Conn, delivery: &Delivery, subscribers: &[SubscriberId]) -> Result<(), DbError> {
    use recipients as r;
    let ids: Vec<&str> = subscribers.iter().map(SubscriberId::as_str).collect();
    diesel::update(r::table.filter(r::delivery_id.eq(delivery.id.as_str()).and(r::subscriber_id.eq_any(ids))))
        .set(r::state.eq("unknown"))
        .execute(conn)?;
    Ok(())
}

/// Stores what became of one recipient. Not fenced: that a mail went out is true whoever sent it.
pub fn record_recipient(
    conn: &mut Conn,
    delivery: &Delivery,
    subscriber: &SubscriberId,
    state: &str,
    due_at: DateTime<Utc>,
    note: &str,
) -> Result<(), DbError> {
    use recipients as r;
    diesel::update(r::table.find((delivery.id.as_str(), subscriber.as_str())))
        .set((r::state.eq(state), r::attempts.eq(r::attempts + 1), r::due_at.eq(due_at.naive_utc()), r::note.eq(note)))
        .execute(conn)?;
    Ok(())
}
