//! Addresses of programs that are told what happens. Their messages are `webhook_messages`'s.

use super::schema::{webhook_messages, webhooks};
use super::{Conn, DbError};
use crate::domain::event::EventKind;
use crate::domain::ids::{UnitId, WebhookId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A webhook. Its secrets are sealed with the server key.
#[derive(Clone)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose matters it is told.
    pub unit: UnitId,
    /// Where.
    pub url: String,
    /// Which kinds of event; empty: all.
    pub kinds: Vec<EventKind>,
    /// What it is for.
    pub description: String,
    /// What its messages are signed with, sealed.
    pub sealed_secret: Vec<u8>,
    /// The secret before, sealed, and until when messages are signed with it too.
    pub previous: Option<(Vec<u8>, DateTime<Utc>)>,
    /// Grows with every change.
    pub version: i32,
    /// Who added it.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Since when it is off, and why.
    pub disabled: Option<(DateTime<Utc>, String)>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = webhooks, treat_none_as_default_value = false)]
struct Row {
    id: String,
    unit_id: String,
    url: String,
    kinds: String,
    description: String,
    sealed_secret: Vec<u8>,
    sealed_previous: Option<Vec<u8>>,
    previous_until: Option<NaiveDateTime>,
    version: i32,
    created_by: String,
    created_at: NaiveDateTime,
    disabled_at: Option<NaiveDateTime>,
    disabled_because: String,
}

impl TryFrom<Row> for Webhook {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("webhooks", e);
        Ok(Self {
            id: WebhookId::parse(&row.id).map_err(corrupt)?,
            unit: UnitId::parse(&row.unit_id).map_err(corrupt)?,
            url: row.url,
            kinds: row.kinds.split(' ').filter_map(EventKind::parse).collect(),
            description: row.description,
            sealed_secret: row.sealed_secret,
            previous: row.sealed_previous.zip(row.previous_until.map(|at| at.and_utc())),
            version: row.version,
            created_by: row.created_by,
            created_at: row.created_at.and_utc(),
            disabled: row.disabled_at.map(|at| (at.and_utc(), row.disabled_because)),
        })
    }
}

impl From<&Webhook> for Row {
    fn from(w: &Webhook) -> Self {
        let kinds: Vec<_> = w.kinds.iter().map(|kind| kind.code()).collect();
        Self {
            id: w.id.to_string(),
            unit_id: w.unit.to_string(),
            url: w.url.clone(),
            kinds: kinds.join(" "),
            description: w.description.clone(),
            sealed_secret: w.sealed_secret.clone(),
            sealed_previous: w.previous.as_ref().map(|(sealed, _)| sealed.clone()),
            previous_until: w.previous.as_ref().map(|(_, until)| until.naive_utc()),
            version: w.version,
            created_by: w.created_by.clone(),
            created_at: w.created_at.naive_utc(),
            disabled_at: w.disabled.as_ref().map(|(at, _)| at.naive_utc()),
            disabled_because: w.disabled.as_ref().map(|(_, why)| why.clone()).unwrap_or_default(),
        }
    }
}

impl Webhook {
    /// Whether it is told of a kind of event now.
    #[must_use]
    pub fn wants(&self, kind: EventKind) -> bool {
        self.disabled.is_none() && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }
}

/// Adds a webhook.
pub fn add(conn: &mut Conn, webhook: &Webhook) -> Result<(), DbError> {
    diesel::insert_into(webhooks::table).values(Row::from(webhook)).execute(conn)?;
    Ok(())
}

/// A unit's webhooks, oldest first.
pub fn of_unit(conn: &mut Conn, unit: &UnitId) -> Result<Vec<Webhook>, DbError> {
    let rows: Vec<Row> = webhooks::table
        .filter(webhooks::unit_id.eq(unit.as_str()).and(webhooks::removed_at.is_null()))
        .order(webhooks::id)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Webhook::try_from).collect()
}

/// One of a unit's; another unit's is not found.
pub fn one(conn: &mut Conn, id: &WebhookId, unit: &UnitId) -> Result<Webhook, DbError> {
    webhooks::table
        .find(id.as_str())
        .filter(webhooks::unit_id.eq(unit.as_str()).and(webhooks::removed_at.is_null()))
        .select(Row::as_select())
        .first::<Row>(conn)?
        .try_into()
}

/// Any, for the worker.
pub fn any(conn: &mut Conn, id: &WebhookId) -> Result<Webhook, DbError> {
    let known = webhooks::table.find(id.as_str()).filter(webhooks::removed_at.is_null());
    known.select(Row::as_select()).first::<Row>(conn)?.try_into()
}

/// Stores a changed webhook; `Stale` when somebody was faster.
pub fn update(conn: &mut Conn, webhook: &mut Webhook) -> Result<(), DbError> {
    let row = Row::from(&*webhook);
    let changed = diesel::update(webhooks::table.find(&row.id).filter(webhooks::version.eq(row.version)))
        .set((
            webhooks::url.eq(&row.url),
            webhooks::kinds.eq(&row.kinds),
            webhooks::description.eq(&row.description),
            webhooks::sealed_secret.eq(&row.sealed_secret),
            webhooks::sealed_previous.eq(&row.sealed_previous),
            webhooks::previous_until.eq(row.previous_until),
            webhooks::version.eq(row.version + 1),
            webhooks::disabled_at.eq(row.disabled_at),
            webhooks::disabled_because.eq(&row.disabled_because),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Err(DbError::Stale);
    }
    webhook.version += 1;
    Ok(())
}

/// Takes a webhook away: its secrets are gone, its messages and their attempts stay to be looked at.
pub fn remove(conn: &mut Conn, id: &WebhookId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(webhooks::table.find(id.as_str()))
        .set((
            webhooks::removed_at.eq(now.naive_utc()),
            webhooks::sealed_secret.eq(Vec::<u8>::new()),
            webhooks::sealed_previous.eq(None::<Vec<u8>>),
        ))
        .execute(conn)?;
    cancel(conn, id, now)
}

/// Cancels what still waits for a webhook.
pub fn cancel(conn: &mut Conn, id: &WebhookId, now: DateTime<Utc>) -> Result<(), DbError> {
    use webhook_messages as m;
    diesel::update(m::table.filter(m::webhook_id.eq(id.as_str()).and(m::state.eq("pending"))))
        .set((
            m::state.eq("cancelled"),
            m::due_at.eq(None::<NaiveDateTime>),
            m::leased_until.eq(None::<NaiveDateTime>),
            m::ended_at.eq(now.naive_utc()),
            m::fence.eq(m::fence + 1),
        ))
        .execute(conn)?;
    Ok(())
}
