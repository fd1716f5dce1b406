//! Messages to webhooks: folded while they wait, claimed by lease and fence as takedowns are, every attempt a row.

use super::schema::{webhook_attempts, webhook_messages};
use super::{Conn, DbError};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{AppealId, MessageOutId, UnitId, WebhookId};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its id: the same over all attempts, so that its receiver knows it again.
    pub id: MessageOutId,
    /// To whom.
    pub webhook: WebhookId,
    /// What happened.
    pub event: Event,
    /// `pending`, `delivered`, `failed` or `cancelled`.
    pub state: String,
    /// Attempts so far.
    pub attempts: i32,
    /// When the next one is due.
    pub due_at: Option<DateTime<Utc>>,
    /// Since when it is tried; a redelivery by hand begins anew.
    pub since: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    fence: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_messages)]
struct Row {
    id: String,
    webhook_id: String,
    unit_id: String,
    kind: String,
    appeal_id: Option<String>,
    object: String,
    latest: String,
    count: i64,
    event_at: NaiveDateTime,
    state: String,
    attempts: i32,
    fence: i64,
    due_at: Option<NaiveDateTime>,
    since: NaiveDateTime,
    ended_at: Option<NaiveDateTime>,
}

impl TryFrom<Row> for Message {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("webhook_messages", e);
        let event = Event {
            kind: EventKind::parse(&row.kind).ok_or_else(|| DbError::corrupt("webhook_messages.kind", row.kind))?,
            unit: UnitId::parse(&row.unit_id).map_err(corrupt)?,
            appeal: row.appeal_id.map(|id| AppealId::parse(&id).map_err(corrupt)).transpose()?,
            object: row.object,
            latest: row.latest,
            count: row.count,
            at: row.event_at.and_utc(),
        };
        Ok(Self {
            id: MessageOutId::parse(&row.id).map_err(corrupt)?,
            webhook: WebhookId::parse(&row.webhook_id).map_err(corrupt)?,
            event,
            state: row.state,
            attempts: row.attempts,
            due_at: row.due_at.map(|at| at.and_utc()),
            since: row.since.and_utc(),
            ended_at: row.ended_at.map(|at| at.and_utc()),
            fence: row.fence,
        })
    }
}

/// Adds a message due at a moment; with a `fold` name, later events of that name join it until it is first sent.
pub fn add(
    conn: &mut Conn,
    id: &MessageOutId,
    webhook: &WebhookId,
    event: &Event,
    fold: Option<&str>,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use webhook_messages as m;
    diesel::insert_into(m::table)
        .values((
            m::id.eq(id.as_str()),
            m::webhook_id.eq(webhook.as_str()),
            m::unit_id.eq(event.unit.as_str()),
            m::kind.eq(event.kind.code()),
            m::fold_key.eq(fold),
            m::appeal_id.eq(event.appeal.as_ref().map(AppealId::as_str)),
            m::object.eq(&event.object),
            m::latest.eq(&event.latest),
            m::count.eq(event.count),
            m::event_at.eq(event.at.naive_utc()),
            m::state.eq("pending"),
            m::attempts.eq(0),
            m::fence.eq(0_i64),
            m::due_at.eq(due_at.naive_utc()),
            m::since.eq(due_at.naive_utc()),
            m::created_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Joins an event to the message of its name that was never sent; whether there was one.
pub fn fold(conn: &mut Conn, webhook: &WebhookId, name: &str, event: &Event) -> Result<bool, DbError> {
    use webhook_messages as m;
    let waiting = m::table
        .filter(m::webhook_id.eq(webhook.as_str()).and(m::fold_key.eq(name)))
        .filter(m::state.eq("pending").and(m::fence.eq(0_i64)));
    let changed = diesel::update(waiting)
        .set((m::count.eq(m::count + event.count), m::latest.eq(&event.latest), m::event_at.eq(event.at.naive_utc())))
        .execute(conn)?;
    Ok(changed > 0)
}

/// When the last message of a name could first go.
pub fn last_of(conn: &mut Conn, webhook: &WebhookId, name: &str) -> Result<Option<DateTime<Utc>>, DbError> {
    use webhook_messages as m;
    let last: Option<NaiveDateTime> = m::table
        .filter(m::webhook_id.eq(webhook.as_str()).and(m::fold_key.eq(name)))
        .order(m::since.desc())
        .select(m::since)
        .first(conn)
        .optional()?;
    Ok(last.map(|at| at.and_utc()))
}

/// Webhooks somebody is sending to: one message at a time each, so that one that hangs holds up no other.
fn busy(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<String>, DbError> {
    use webhook_messages as m;
    let sending = m::state.eq("pending").and(m::leased_until.gt(now.naive_utc()));
    Ok(m::table.filter(sending.assume_not_null()).select(m::webhook_id).distinct().load(conn)?)
}

/// Whether a message is due.
pub fn is_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<bool, DbError> {
    use webhook_messages as m;
    let busy = busy(conn, now)?;
    let due = m::state.eq("pending").and(m::due_at.le(now.naive_utc()));
    let found: Option<String> = m::table
        .filter(due.assume_not_null())
        .filter(m::webhook_id.ne_all(busy))
        .select(m::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Claims the message that has been due longest; whoever dies with it in hand leaves it due again after `lease`.
pub fn claim(conn: &mut Conn, now: DateTime<Utc>, lease: TimeDelta) -> Result<Option<Message>, DbError> {
    use webhook_messages as m;
    let busy = busy(conn, now)?;
    let due = m::state.eq("pending").and(m::due_at.le(now.naive_utc()));
    let found: Option<Row> = m::table
        .filter(due.assume_not_null())
        .filter(m::webhook_id.ne_all(busy))
        .order((m::due_at, m::id))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    let Some(row) = found else { return Ok(None) };
    let until = (now + lease).naive_utc();
    let changed = diesel::update(m::table.find(&row.id).filter(m::fence.eq(row.fence)))
        .set((
            m::fence.eq(row.fence + 1),
            m::due_at.eq(until),
            m::leased_until.eq(until),
            m::attempts.eq(row.attempts + 1),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Ok(None);
    }
    let mut message = Message::try_from(row)?;
    message.fence += 1;
    message.attempts += 1;
    Ok(Some(message))
}

/// One try, as it is kept.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which, from 1.
    pub number: i32,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// How long it took.
    pub millis: i64,
    /// What the other side answered, when it did.
    pub status: Option<i32>,
    /// A code: `delivered`, `refused`, `unreachable`, …
    pub outcome: String,
}

/// What becomes of a message after a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It arrived.
    Delivered,
    /// Tried again then.
    Again(DateTime<Utc>),
    /// Given up.
    Failed,
}

/// Writes a try down; `Stale` when the claim was lost.
pub fn record(
    conn: &mut Conn,
    message: &Message,
    attempt: &Attempt,
    next: Next,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use webhook_attempts as a;
    use webhook_messages as m;
    let (state, due_at, ended_at) = match next {
        Next::Delivered => ("delivered", None, Some(now.naive_utc())),
        Next::Again(at) => ("pending", Some(at.naive_utc()), None),
        Next::Failed => ("failed", None, Some(now.naive_utc())),
    };
    let changed = diesel::update(m::table.find(message.id.as_str()).filter(m::fence.eq(message.fence)))
        .set((
            m::state.eq(state),
            m::due_at.eq(due_at),
            m::ended_at.eq(ended_at),
            m::leased_until.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Err(DbError::Stale);
    }
    diesel::insert_into(a::table)
        .values((
            a::message_id.eq(message.id.as_str()),
            a::number.eq(attempt.number),
            a::at.eq(attempt.at.naive_utc()),
            a::millis.eq(attempt.millis),
            a::status.eq(attempt.status),
            a::outcome.eq(&attempt.outcome),
        ))
        .execute(conn)?;
    Ok(())
}

/// A webhook's messages, newest first, before an id; each with its attempts.
pub fn of_webhook(
    conn: &mut Conn,
    webhook: &WebhookId,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<(Message, Vec<Attempt>)>, DbError> {
    use webhook_attempts as a;
    use webhook_messages as m;
    let mut query = m::table
        .filter(m::webhook_id.eq(webhook.as_str()))
        .order(m::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(m::id.lt(before.to_owned()));
    }
    let mut found = Vec::new();
    for row in query.load::<Row>(conn)? {
        let tries: Vec<(i32, NaiveDateTime, i64, Option<i32>, String)> = a::table
            .filter(a::message_id.eq(&row.id))
            .order(a::number)
            .select((a::number, a::at, a::millis, a::status, a::outcome))
            .load(conn)?;
        let attempts = tries.into_iter().map(|(number, at, millis, status, outcome)| Attempt {
            number,
            at: at.and_utc(),
            millis,
            status,
            outcome,
        });
        found.push((Message::try_from(row)?, attempts.collect()));
    }
    Ok(found)
}

/// Sends a message once more, from now; `Conflict` while it is still being tried.
pub fn again(conn: &mut Conn, webhook: &WebhookId, id: &MessageOutId, now: DateTime<Utc>) -> Result<(), DbError> {
    use webhook_messages as m;
    let known = m::table.find(id.as_str()).filter(m::webhook_id.eq(webhook.as_str()));
    let state: String = known.select(m::state).first(conn)?;
    if state == "pending" {
        return Err(DbError::Conflict);
    }
    diesel::update(m::table.find(id.as_str()))
        .set((
            m::state.eq("pending"),
            m::due_at.eq(now.naive_utc()),
            m::since.eq(now.naive_utc()),
            m::ended_at.eq(None::<NaiveDateTime>),
            m::leased_until.eq(None::<NaiveDateTime>),
            m::fence.eq(m::fence + 1),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets messages that ended before a moment, at most 500.
pub fn forget(conn: &mut Conn, before: DateTime<Utc>) -> Result<(), DbError> {
    use webhook_attempts as a;
    use webhook_messages as m;
    let old: Vec<String> =
        m::table.filter(m::ended_at.lt(before.naive_utc()).assume_not_null()).limit(500).select(m::id).load(conn)?;
    if !old.is_empty() {
        diesel::delete(a::table.filter(a::message_id.eq_any(&old))).execute(conn)?;
        diesel::delete(m::table.filter(m::id.eq_any(&old))).execute(conn)?;
    }
    Ok(())
}
