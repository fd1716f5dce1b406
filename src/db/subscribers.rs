//! People who asked for alerts: address, language, one cell of resolution 10 and nothing finer.

use super::audience::{self, Change, Seat, Spot};
use super::schema::subscribers;
use super::{Conn, DbError, ROWS, per_backend};
use crate::domain::ids::SubscriberId;
use crate::domain::language::Language;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::HashSet;

/// A new subscriber.
#[derive(Clone)]
pub struct NewSubscriber {
    /// Their id.
    pub id: SubscriberId,
    /// Normalised address; personal data.
    pub email: String,
    /// The language they chose.
    pub language: Language,
    /// H3 index at resolution 10.
    pub cell: i64,
    /// `form` or `import:<file digest>`.
    pub source: String,
    /// SHA-256 of the confirmation link's token and until when it works; none for imports of confirmed lists.
    pub confirmation: Option<(String, DateTime<Utc>)>,
}

type Values<'a> = (
    diesel::dsl::Eq<subscribers::id, &'a str>,
    diesel::dsl::Eq<subscribers::email, &'a str>,
    diesel::dsl::Eq<subscribers::language, &'a str>,
    diesel::dsl::Eq<subscribers::cell, i64>,
    diesel::dsl::Eq<subscribers::state, &'a str>,
    diesel::dsl::Eq<subscribers::confirmation_digest, Option<&'a str>>,
    diesel::dsl::Eq<subscribers::confirmation_until, Option<NaiveDateTime>>,
    diesel::dsl::Eq<subscribers::source, &'a str>,
    diesel::dsl::Eq<subscribers::created_at, NaiveDateTime>,
    diesel::dsl::Eq<subscribers::confirmed_at, Option<NaiveDateTime>>,
    diesel::dsl::Eq<subscribers::number, Option<i64>>,
);

/// Only whoever is active has a number.
fn values(new: &NewSubscriber, number: Option<i64>, now: DateTime<Utc>) -> Values<'_> {
    use subscribers as s;
    let waits = new.confirmation.is_some();
    (
        s::id.eq(new.id.as_str()),
        s::email.eq(new.email.as_str()),
        s::language.eq(new.language.code()),
        s::cell.eq(new.cell),
        s::state.eq(if waits { "pending" } else { "active" }),
        s::confirmation_digest.eq(new.confirmation.as_ref().map(|(digest, _)| digest.as_str())),
        s::confirmation_until.eq(new.confirmation.as_ref().map(|(_, until)| until.naive_utc())),
        s::source.eq(new.source.as_str()),
        s::created_at.eq(now.naive_utc()),
        s::confirmed_at.eq(if waits { None } else { Some(now.naive_utc()) }),
        s::number.eq(number),
    )
}

/// What happened to a sign-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUp {
    /// A new row waits for its confirmation.
    New,
    /// The address waited already: it gets the new choice and a new link.
    Renewed,
    /// The address is active: nothing changed until its owner confirms.
    Known,
}

/// Signs an address up. Whoever is active already keeps their place: a stranger must not be able to move them.
pub fn sign_up(conn: &mut Conn, new: &NewSubscriber, now: DateTime<Utc>) -> Result<SignUp, DbError> {
    use subscribers as s;
    let known: Option<String> = s::table.filter(s::email.eq(&new.email)).select(s::state).first(conn).optional()?;
    match known.as_deref() {
        Some("active") => Ok(SignUp::Known),
        Some(_) => {
            diesel::delete(s::table.filter(s::email.eq(&new.email))).execute(conn)?;
            diesel::insert_into(s::table).values(values(new, None, now)).execute(conn)?;
            Ok(SignUp::Renewed)
        }
        None => {
            diesel::insert_into(s::table).values(values(new, None, now)).execute(conn)?;
            Ok(SignUp::New)
        }
    }
}

/// Adds many confirmed subscribers; how many were new. An address that is known stays as it is.
pub fn import(conn: &mut Conn, new: &[NewSubscriber], now: DateTime<Utc>) -> Result<usize, DbError> {
    use subscribers as s;
    let mut added = 0;
    for chunk in new.chunks(ROWS) {
        // Numbers are for newcomers: the same list again must not use them up.
        let emails = chunk.iter().map(|new| new.email.as_str());
        let known: Vec<String> = s::table.filter(s::email.eq_any(emails)).select(s::email).load(conn)?;
        let mut seen: HashSet<&str> = known.iter().map(String::as_str).collect();
        let fresh: Vec<&NewSubscriber> = chunk.iter().filter(|new| seen.insert(new.email.as_str())).collect();
        if fresh.is_empty() {
            continue;
        }
        let first = audience::take_numbers(conn, fresh.len())?;
        let number = |new: &NewSubscriber, number: i64| new.confirmation.is_none().then_some(number);
        let rows: Vec<_> = fresh.into_iter().zip(first..).map(|(new, at)| values(new, number(new, at), now)).collect();
        added +=
            per_backend!(conn, c => diesel::insert_into(s::table).values(&rows).on_conflict_do_nothing().execute(c))?;
        // A sign-up of the same moment may have been first: only who got in has a seat.
        let there: Vec<(String, i64, i64)> = s::table
            .filter(s::number.ge(first).and(s::state.eq("active")))
            .order(s::number)
            .select((s::language, s::cell, s::number.assume_not_null()))
            .load(conn)?;
        let came = there
            .iter()
            .map(|(language, cell, number)| Ok(Change { seat: seat(language, *cell, *number)?, came: true }));
        audience::record(conn, &came.collect::<Result<Vec<_>, DbError>>()?, now)?;
    }
    Ok(added)
}

fn seat(language: &str, cell: i64, number: i64) -> Result<Seat, DbError> {
    let language = Language::parse(language).map_err(|e| DbError::corrupt("subscribers.language", e))?;
    let cell = u64::try_from(cell).map_err(|e| DbError::corrupt("subscribers.cell", e))?;
    let number = u32::try_from(number).map_err(|e| DbError::corrupt("subscribers.number", e))?;
    Ok(Spot::new(language, cell).seat(number))
}

/// Confirms the address behind a link; its language and the address. `NotFound` for a wrong or old link.
pub fn confirm(conn: &mut Conn, digest: &str, now: DateTime<Utc>) -> Result<(Language, String), DbError> {
    use subscribers as s;
    let (id, language, cell, email): (String, String, i64, String) = s::table
        .filter(s::confirmation_digest.eq(digest).and(s::confirmation_until.gt(now.naive_utc())))
        .select((s::id, s::language, s::cell, s::email))
        .first(conn)?;
    let number = audience::take_numbers(conn, 1)?;
    // Another press of the same button may have been first: then the digest is gone and this one changes nothing.
    let confirmed = diesel::update(s::table.find(id).filter(s::confirmation_digest.eq(digest)))
        .set((
            s::state.eq("active"),
            s::confirmed_at.eq(now.naive_utc()),
            s::confirmation_digest.eq(None::<String>),
            s::confirmation_until.eq(None::<NaiveDateTime>),
            s::number.eq(number),
        ))
        .execute(conn)?;
    if confirmed == 0 {
        return Err(DbError::NotFound);
    }
    audience::record(conn, &[Change { seat: seat(&language, cell, number)?, came: true }], now)?;
    let language = Language::parse(&language).map_err(|e| DbError::corrupt("subscribers.language", e))?;
    Ok((language, email))
}

/// Erases a subscriber; whether there was one.
pub fn erase(conn: &mut Conn, id: &SubscriberId, now: DateTime<Utc>) -> Result<bool, DbError> {
    use subscribers as s;
    let gone: Option<(String, i64, Option<i64>)> = diesel::delete(s::table.find(id.as_str()))
        .returning((s::language, s::cell, s::number))
        .get_result(conn)
        .optional()?;
    if let Some((language, cell, Some(number))) = &gone {
        audience::record(conn, &[Change { seat: seat(language, *cell, *number)?, came: false }], now)?;
    }
    Ok(gone.is_some())
}

/// Erases sign-ups nobody confirmed in time.
pub fn erase_unconfirmed(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize, DbError> {
    use subscribers as s;
    Ok(diesel::delete(s::table.filter(s::state.eq("pending").and(s::confirmation_until.lt(now.naive_utc()))))
        .execute(conn)?)
}

/// Active subscribers in all, by language.
pub fn totals(conn: &mut Conn) -> Result<Vec<(String, i64)>, DbError> {
    use subscribers as s;
    Ok(s::table
        .filter(s::state.eq("active"))
        .group_by(s::language)
        .select((s::language, diesel::dsl::count(s::id)))
        .order(s::language)
        .load(conn)?)
}
