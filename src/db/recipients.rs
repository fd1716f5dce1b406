//! Whom a mail delivery is for, one row a person: written down when the delivery is first claimed, then overwritten with
//! what became of each.

use super::deliveries::{Delivery, held};
use super::schema::{deliveries, recipients, subscribers};
use super::{Conn, DbError, ROWS, per_backend};
use crate::domain::dispatch::MAX_UNCLEAR;
use crate::domain::ids::{DeliveryId, SubscriberId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text, Timestamp};
use std::borrow::Cow;

/// States of recipients who are still owed a mail. `unknown` is who may have got one: whoever a crash left in the middle
/// of a send ([`intend`]) gets it again under the same Message-ID, and a correction reaches them too. After
/// [`MAX_UNCLEAR`] tries that ended in silence only a person moves them.
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
    /// They may have got one already.
    pub is_unclear: bool,
}

/// Writes down those behind these subscriber numbers who are still active. Again is harmless.
pub fn add(conn: &mut Conn, delivery: &Delivery, numbers: &[u32], now: DateTime<Utc>) -> Result<(), DbError> {
    use recipients as r;
    use subscribers as s;
    for batch in numbers.chunks(ROWS) {
        // From table to table: a million ids need not pass through here. In their order, so that the tree grows at its end.
        let people = s::table
            .filter(s::number.eq_any(batch.iter().copied().map(i64::from)).and(s::state.eq("active")))
            .order(s::id)
            .select((
                delivery.id.as_str().into_sql::<Text>(),
                s::id,
                "pending".into_sql::<Text>(),
                0.into_sql::<Integer>(),
                now.naive_utc().into_sql::<Timestamp>(),
                "".into_sql::<Text>(),
            ));
        per_backend!(conn, c => diesel::insert_into(r::table)
            .values(people)
            .into_columns((r::delivery_id, r::subscriber_id, r::state, r::attempts, r::due_at, r::note))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Writes down those whom the delivery named as audience was sent to. Again is harmless.
pub fn add_those_reached(conn: &mut Conn, delivery: &Delivery, now: DateTime<Utc>) -> Result<(), DbError> {
    use recipients as r;
    doubt(conn, &delivery.audience, now)?;
    let mut after = String::new();
    loop {
        let ids: Vec<String> = r::table
            .filter(r::delivery_id.eq(&delivery.audience).and(r::state.eq_any(["sent", "unknown"])))
            .filter(r::subscriber_id.gt(&after))
            .order(r::subscriber_id)
            .limit(i64::try_from(ROWS).unwrap_or(i64::MAX))
            .select(r::subscriber_id)
            .load(conn)?;
        let Some(last) = ids.last() else { return Ok(()) };
        after.clone_from(last);
        write_down(conn, delivery, &ids, now)?;
    }
}

/// Stores how many a delivery is for: whoever is written down and has not left since.
pub fn expect(conn: &mut Conn, delivery: &Delivery) -> Result<(), DbError> {
    use recipients as r;
    let people: i64 = r::table
        .filter(r::delivery_id.eq(delivery.id.as_str()).and(r::state.ne("skipped")))
        .count()
        .get_result(conn)?;
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

/// The next due recipients who can still be reached, of those whose ids come after `after` (empty: of all).
pub fn due_recipients(
    conn: &mut Conn,
    delivery: &Delivery,
    after: &str,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Recipient>, DbError> {
    use recipients as r;
    let rows: Vec<(String, String, i32, String)> = r::table
        .inner_join(subscribers::table.on(subscribers::id.eq(r::subscriber_id)))
        .filter(r::delivery_id.eq(delivery.id.as_str()).and(r::state.eq_any(OPEN)).and(r::due_at.le(now.naive_utc())))
        .filter(r::unclear.lt(MAX_UNCLEAR))
        .filter(r::subscriber_id.gt(after))
        .order(r::subscriber_id)
        .limit(limit)
        .select((r::subscriber_id, subscribers::email, r::attempts, r::state))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, email, attempts, state)| {
            let subscriber = SubscriberId::parse(&id).map_err(|e| DbError::corrupt("recipients.subscriber_id", e))?;
            Ok(Recipient { subscriber, email, attempts, is_unclear: state == "unknown" })
        })
        .collect()
}

/// What a delivery nobody of is due waits for.
pub struct Waiting {
    /// The earliest next try; none when nobody waits.
    pub next_at: Option<DateTime<Utc>>,
    /// Somebody among them may have got a mail already.
    pub has_unclear: bool,
    /// People about whom only a person can decide.
    pub undecided: i64,
}

/// What is left of a delivery. Recipients who left meanwhile are skipped.
pub fn waiting(conn: &mut Conn, delivery: &Delivery) -> Result<Waiting, DbError> {
    use recipients as r;
    let of_delivery = || r::table.filter(r::delivery_id.eq(delivery.id.as_str()).and(r::state.eq_any(OPEN)));
    let gone: Vec<String> = of_delivery()
        .filter(diesel::dsl::not(r::subscriber_id.eq_any(subscribers::table.select(subscribers::id))))
        .select(r::subscriber_id)
        .load(conn)?;
    for id in gone {
        diesel::update(r::table.find((delivery.id.as_str(), &id))).set(r::state.eq("skipped")).execute(conn)?;
    }
    let earliest: Option<NaiveDateTime> =
        of_delivery().filter(r::unclear.lt(MAX_UNCLEAR)).order(r::due_at).select(r::due_at).first(conn).optional()?;
    let unclear: i64 =
        of_delivery().filter(r::unclear.gt(0).and(r::unclear.lt(MAX_UNCLEAR))).count().get_result(conn)?;
    let undecided: i64 = of_delivery().filter(r::unclear.ge(MAX_UNCLEAR)).count().get_result(conn)?;
    Ok(Waiting { next_at: earliest.map(|at| at.and_utc()), has_unclear: unclear > 0, undecided })
}

/// Writes down that these, the first ones of [`due_recipients`] in its order, are about to be sent to, besides those from
/// `oldest` on who are already: one row for all of them, which costs less than naming each.
pub fn intend(
    conn: &mut Conn,
    delivery: &Delivery,
    oldest: Option<&str>,
    people: &[Recipient],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use deliveries as d;
    let (Some(first), Some(last)) = (people.first(), people.last()) else { return Ok(()) };
    let first = oldest.map_or(first.subscriber.as_str(), |oldest| oldest.min(first.subscriber.as_str()));
    diesel::update(d::table.find(delivery.id.as_str()))
        .set((
            d::intended_first.eq(Some(first)),
            d::intended_last.eq(Some(last.subscriber.as_str())),
            d::intended_at.eq(Some(now.naive_utc())),
        ))
        .execute(conn)?;
    Ok(())
}

/// Nobody is being sent to: what was intended became of everybody as their rows say.
pub fn intend_nobody(conn: &mut Conn, delivery: &str) -> Result<(), DbError> {
    use deliveries as d;
    diesel::update(d::table.find(delivery).filter(d::intended_at.is_not_null()))
        .set(d::intended_at.eq(None::<NaiveDateTime>))
        .execute(conn)?;
    Ok(())
}

/// Puts whoever was intended and has no outcome among those who may have got a mail; they are due again at `due_at`. For
/// whoever cannot ask the one who sends: who takes a delivery over, or corrects it. Who was due among them and has left
/// meanwhile is marked as well, and skipped at the end as ever.
pub fn doubt(conn: &mut Conn, delivery: &str, due_at: DateTime<Utc>) -> Result<(), DbError> {
    use deliveries as d;
    use recipients as r;
    type Intended = (Option<String>, Option<String>, Option<NaiveDateTime>);
    let intended: Option<Intended> =
        d::table.find(delivery).select((d::intended_first, d::intended_last, d::intended_at)).first(conn).optional()?;
    let Some((Some(first), Some(last), Some(at))) = intended else { return Ok(()) };
    diesel::update(
        r::table
            .filter(r::delivery_id.eq(delivery).and(r::state.eq_any(OPEN)).and(r::due_at.le(at)))
            .filter(r::subscriber_id.between(first, last))
            .filter(r::unclear.lt(MAX_UNCLEAR)),
    )
    .set((r::state.eq("unknown"), r::due_at.eq(due_at.naive_utc())))
    .execute(conn)?;
    intend_nobody(conn, delivery)
}

/// Writes down that these got their mail; how many had not been known to. The one write without a fence: that a mail
/// went out is true whoever sent it, and forgetting it would send another.
pub fn record_sent(conn: &mut Conn, delivery: &Delivery, subscribers: &[&SubscriberId]) -> Result<i64, DbError> {
    use recipients as r;
    if subscribers.is_empty() {
        return Ok(0);
    }
    let ids: Vec<&str> = subscribers.iter().map(|subscriber| subscriber.as_str()).collect();
    let whom = r::delivery_id.eq(delivery.id.as_str()).and(r::subscriber_id.eq_any(ids));
    let changed = diesel::update(r::table.filter(whom.and(r::state.ne("sent"))))
        .set((r::state.eq("sent"), r::attempts.eq(r::attempts + 1), r::note.eq("")))
        .execute(conn)?;
    Ok(i64::try_from(changed).unwrap_or(i64::MAX))
}

/// How tries that did not succeed are written down.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Untold<'a> {
    /// `pending`, `failed` or `unknown`.
    pub state: &'a str,
    /// The next try.
    pub due_at: DateTime<Utc>,
    /// It counts as a try; otherwise its note stays that of the last one.
    pub counts: bool,
    /// It ended in silence after the text had left.
    pub is_silence: bool,
    /// What was seen, without the address.
    pub note: Cow<'a, str>,
}

/// Stores that the tries of these did not succeed, all in the same way. Only for whoever holds the claim, in the transaction that proved it.
pub fn record_untold(
    conn: &mut Conn,
    delivery: &Delivery,
    subscribers: &[&SubscriberId],
    try_: &Untold<'_>,
) -> Result<(), DbError> {
    use recipients as r;
    let unclear = i32::from(try_.is_silence);
    let ids: Vec<&str> = subscribers.iter().map(|subscriber| subscriber.as_str()).collect();
    let whom = r::delivery_id.eq(delivery.id.as_str()).and(r::subscriber_id.eq_any(ids));
    diesel::update(r::table.filter(whom.and(r::state.ne("sent"))))
        .set((
            r::state.eq(try_.state),
            r::attempts.eq(r::attempts + i32::from(try_.counts)),
            r::unclear.eq(r::unclear + unclear),
            r::due_at.eq(try_.due_at.naive_utc()),
            try_.counts.then(|| r::note.eq(try_.note.as_ref())),
        ))
        .execute(conn)?;
    Ok(())
}

/// A person's word about everybody still open: to be sent to now, or as good as sent to; how many.
pub fn decide_open(conn: &mut Conn, delivery: &DeliveryId, as_sent: bool, now: DateTime<Utc>) -> Result<i64, DbError> {
    use recipients as r;
    let open = r::table.filter(r::delivery_id.eq(delivery.as_str()).and(r::state.eq_any(OPEN)));
    let changed = if as_sent {
        diesel::update(open).set((r::state.eq("sent"), r::note.eq("counted as sent by a person"))).execute(conn)?
    } else {
        // Who may have got one stays in that state: a correction must reach them whatever comes.
        diesel::update(open).set((r::unclear.eq(0), r::due_at.eq(now.naive_utc()))).execute(conn)?
    };
    Ok(i64::try_from(changed).unwrap_or(i64::MAX))
}
