//! What is written to and fro in a response's thread, sealed for both sides. What was sent first is `responses`' business.

use super::schema::response_messages as m;
use super::{Conn, DbError};
use crate::domain::ids::{MessageId, ResponseId, UserId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A message in a response's thread, sealed for both sides.
#[derive(Clone)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Whether the police wrote it.
    pub to_sender: bool,
    /// Which officer, when the police wrote it.
    pub by: Option<UserId>,
    /// Sealed to the appeal's key.
    pub sealed_reader: Vec<u8>,
    /// Sealed to the thread's key.
    pub sealed_thread: Vec<u8>,
    /// When.
    pub at: DateTime<Utc>,
    /// SHA-256 of the one-time token of the form it came with.
    pub form_digest: Option<String>,
}

/// Adds a message; `Conflict` when its form was sent before (see [`is_known`]).
pub fn add(conn: &mut Conn, response: &ResponseId, message: &Message) -> Result<(), DbError> {
    diesel::insert_into(m::table)
        .values((
            m::id.eq(message.id.as_str()),
            m::response_id.eq(response.as_str()),
            m::direction.eq(if message.to_sender { "to_sender" } else { "from_sender" }),
            m::by_user.eq(message.by.as_ref().map(UserId::as_str)),
            m::sealed_reader.eq(&message.sealed_reader),
            m::sealed_thread.eq(&message.sealed_thread),
            m::at.eq(message.at.naive_utc()),
            m::form_digest.eq(&message.form_digest),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether a message came with this form before.
pub fn is_known(conn: &mut Conn, form_digest: &str) -> Result<bool, DbError> {
    let found: Option<String> = m::table.filter(m::form_digest.eq(form_digest)).select(m::id).first(conn).optional()?;
    Ok(found.is_some())
}

/// A response's messages, oldest first.
pub fn of_response(conn: &mut Conn, response: &ResponseId) -> Result<Vec<Message>, DbError> {
    type Columns = (String, String, Option<String>, Vec<u8>, Vec<u8>, NaiveDateTime, Option<String>);
    let rows: Vec<Columns> = m::table
        .filter(m::response_id.eq(response.as_str()))
        .order(m::id)
        .select((m::id, m::direction, m::by_user, m::sealed_reader, m::sealed_thread, m::at, m::form_digest))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, direction, by, sealed_reader, sealed_thread, at, form_digest)| {
            let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("response_messages", e);
            Ok(Message {
                id: MessageId::parse(&id).map_err(corrupt)?,
                to_sender: direction == "to_sender",
                by: by.map(|id| UserId::parse(&id).map_err(corrupt)).transpose()?,
                sealed_reader,
                sealed_thread,
                at: at.and_utc(),
                form_digest,
            })
        })
        .collect()
}

/// Erases all of a response's messages.
pub(super) fn erase(conn: &mut Conn, response: &ResponseId) -> Result<(), DbError> {
    diesel::delete(m::table.filter(m::response_id.eq(response.as_str()))).execute(conn)?;
    Ok(())
}
