//! Single mails outside any dispatch, kept only until they are accepted or refused for good.

use super::schema::letters;
use super::{Conn, DbError};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

/// A single mail. Holds an address: never printed.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = letters)]
pub struct Letter {
    /// Its id and stable Message-ID.
    pub id: String,
    /// To whom.
    pub recipient: String,
    /// ISO 639-1.
    pub language: String,
    /// Subject line.
    pub subject: String,
    /// Plain part.
    pub plain: String,
    /// HTML part.
    pub html: String,
    /// Tries so far.
    pub attempts: i32,
    /// The Message-ID of the mail it answers by itself.
    pub answers: Option<String>,
}

/// Queues a letter.
pub fn add(conn: &mut Conn, letter: &Letter, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::insert_into(letters::table)
        .values((
            letters::id.eq(&letter.id),
            letters::recipient.eq(&letter.recipient),
            letters::language.eq(&letter.language),
            letters::subject.eq(&letter.subject),
            letters::plain.eq(&letter.plain),
            letters::html.eq(&letter.html),
            letters::attempts.eq(0),
            letters::due_at.eq(now.naive_utc()),
            letters::created_at.eq(now.naive_utc()),
            letters::answers.eq(&letter.answers),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether a letter is due.
pub fn is_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<bool, DbError> {
    let due = letters::table.filter(letters::due_at.le(now.naive_utc()));
    Ok(due.select(letters::id).first::<String>(conn).optional()?.is_some())
}

/// Claims a due letter by moving its time; whoever dies with it in hand leaves it due again after `lease`.
pub fn claim(conn: &mut Conn, now: DateTime<Utc>, lease: TimeDelta) -> Result<Option<Letter>, DbError> {
    let due: Vec<(String, NaiveDateTime)> = letters::table
        .filter(letters::due_at.le(now.naive_utc()))
        .order(letters::due_at)
        .limit(4)
        .select((letters::id, letters::due_at))
        .load(conn)?;
    for (id, due_at) in due {
        let changed = diesel::update(letters::table.find(&id).filter(letters::due_at.eq(due_at)))
            .set((letters::due_at.eq((now + lease).naive_utc()), letters::attempts.eq(letters::attempts + 1)))
            .execute(conn)?;
        if changed == 1 {
            return Ok(Some(letters::table.find(&id).select(Letter::as_select()).first(conn)?));
        }
    }
    Ok(None)
}

/// Erases a letter that needs no more tries.
pub fn erase(conn: &mut Conn, id: &str) -> Result<(), DbError> {
    diesel::delete(letters::table.find(id)).execute(conn)?;
    Ok(())
}

/// Puts a letter off.
pub fn put_off(conn: &mut Conn, id: &str, due_at: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(letters::table.find(id)).set(letters::due_at.eq(due_at.naive_utc())).execute(conn)?;
    Ok(())
}
