//! Whom a mail delivery is for, one row a person: written down when the delivery is first claimed, then overwritten with
//! what became of each.

use super::deliveries::{Delivery, held};
use super::schema::{deliveries, recipients, subscribers};
use super::{Conn, DbError, per_backend};
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

/// Rows a statement; six bind values each stay well below SQLite's 32,766.
const BATCH: usize = 1000;

/// Writes down those behind these subscriber numbers who are still active; how many. Again is harmless.
pub fn add(conn: &mut Conn, delivery: &Delivery, numbers: &[u32], now: DateTime<Utc>) -> Result<usize, DbError> {
    let mut people = 0;
    for batch in numbers.chunks(BATCH) {
        let batch: Vec<i64> = batch.iter().copied().map(i64::from).collect();
        let ids = super::subscribers::ids_of(conn, &batch)?;
        write_down(conn, delivery, &ids, now)?;
        people += ids.len();
    }
    Ok(people)
}

/// Writes down those whom the delivery named as audience was sent to; how many.
pub fn add_those_reached(conn: &mut Conn, delivery: &Delivery, now: DateTime<Utc>) -> Result<usize, DbError> {
    use recipients as r;
    let (mut people, mut after) = (0, String::new());
    loop {
        let ids: Vec<String> = r::table
            .filter(r::delivery_id.eq(&delivery.audience).and(r::state.eq_any(["sent", "unknown"])))
            .filter(r::subscriber_id.gt(&after))
            .order(r::subscriber_id)
            .limit(i64::try_from(BATCH).unwrap_or(i64::MAX))
            .select(r::subscriber_id)
            .load(conn)?;
        let Some(last) = ids.last() else { return Ok(people) };
        after.clone_from(last);
        write_down(conn, delivery, &ids, now)?;
        people += ids.len();
    }
}

/// Stores how many a delivery is for.
pub fn expect(conn: &mut Conn, delivery: &Delivery, people: usize) -> Result<(), DbError> {
    let people = i64::try_from(people).unwrap_or(i64::MAX);
    diesel::update(held(delivery)).set(deliveries::expected.eq(people)).execute(conn)?;
    Ok(())
}

fn write_down(conn: &mut Conn, delivery: &Delivery, ids: &[String], now: DateTime<Utc>) -> Result<(), DbError> {
    let rows: Vec<_> = ids
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
