//! Answers already given, so that a repeated request changes nothing (security-and-ops §10.12).

use super::schema::idempotency_keys;
use super::{Conn, DbError};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// An answer as it was sent.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = idempotency_keys)]
struct Row {
    actor: String,
    route: String,
    key: String,
    request_digest: String,
    status: i32,
    headers: String,
    body: String,
    created_at: chrono::NaiveDateTime,
}

/// Whose key for which request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks: keys of different actors never meet.
    pub actor: String,
    /// Method and path.
    pub route: String,
    /// The caller's key.
    pub key: String,
    /// SHA-256 of the body.
    pub digest: String,
}

/// An answer to store or repeat.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers that belong to the answer, as a JSON object.
    pub headers: String,
    /// The body.
    pub body: String,
}

/// What is known about a key.
#[derive(Debug)]
pub enum Known {
    /// Never seen, or more than 24 h ago.
    New,
    /// The same request was answered so.
    Answered(Answer),
    /// The key was used for another body.
    OtherRequest,
}

/// Looks a key up.
pub fn look_up(conn: &mut Conn, request: &Request, now: DateTime<Utc>) -> Result<Known, DbError> {
    let key = (request.actor.as_str(), request.route.as_str(), request.key.as_str());
    let row: Option<Row> = idempotency_keys::table.find(key).first(conn).optional()?;
    Ok(match row {
        Some(row) if row.created_at.and_utc() + KEPT < now => {
            diesel::delete(idempotency_keys::table.find(key)).execute(conn)?;
            Known::New
        }
        Some(row) if row.request_digest != request.digest => Known::OtherRequest,
        Some(row) => Known::Answered(Answer {
            status: u16::try_from(row.status).map_err(|e| DbError::corrupt("idempotency_keys.status", e))?,
            headers: row.headers,
            body: row.body,
        }),
        None => Known::New,
    })
}

/// Stores the answer in the transaction that made it true.
pub fn store(conn: &mut Conn, request: Request, answer: &Answer, now: DateTime<Utc>) -> Result<(), DbError> {
    let row = Row {
        actor: request.actor,
        route: request.route,
        key: request.key,
        request_digest: request.digest,
        status: i32::from(answer.status),
        headers: answer.headers.clone(),
        body: answer.body.clone(),
        created_at: now.naive_utc(),
    };
    diesel::insert_into(idempotency_keys::table).values(row).execute(conn)?;
    Ok(())
}
