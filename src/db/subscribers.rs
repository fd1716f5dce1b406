//! People who asked for alerts: address, language, one cell of resolution 10 and nothing finer.

use super::schema::subscribers;
use super::{Conn, DbError, per_backend};
use crate::domain::area::CellRange;
use crate::domain::ids::SubscriberId;
use crate::domain::language::Language;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

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
);

fn values(new: &NewSubscriber, now: DateTime<Utc>) -> Values<'_> {
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
            diesel::insert_into(s::table).values(values(new, now)).execute(conn)?;
            Ok(SignUp::Renewed)
        }
        None => {
            diesel::insert_into(s::table).values(values(new, now)).execute(conn)?;
            Ok(SignUp::New)
        }
    }
}

/// Adds many confirmed subscribers; how many were new. An address that is known stays as it is.
pub fn import(conn: &mut Conn, new: &[NewSubscriber], now: DateTime<Utc>) -> Result<usize, DbError> {
    let mut added = 0;
    // Ten bind values a row; 1,000 rows stay well below SQLite's 32,766.
    for chunk in new.chunks(1000) {
        let rows: Vec<_> = chunk.iter().map(|new| values(new, now)).collect();
        added += per_backend!(conn, c => diesel::insert_into(subscribers::table).values(&rows).on_conflict_do_nothing().execute(c))?;
    }
    Ok(added)
}

/// Confirms the address behind a link; its language. `NotFound` for a wrong or old link.
pub fn confirm(conn: &mut Conn, digest: &str, now: DateTime<Utc>) -> Result<Language, DbError> {
    use subscribers as s;
    let (id, language): (String, String) = s::table
        .filter(s::confirmation_digest.eq(digest).and(s::confirmation_until.gt(now.naive_utc())))
        .select((s::id, s::language))
        .first(conn)?;
    diesel::update(s::table.find(id))
        .set((
            s::state.eq("active"),
            s::confirmed_at.eq(now.naive_utc()),
            s::confirmation_digest.eq(None::<String>),
            s::confirmation_until.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    Language::parse(&language).map_err(|e| DbError::corrupt("subscribers.language", e))
}

/// Erases a subscriber; whether there was one.
pub fn erase(conn: &mut Conn, id: &SubscriberId) -> Result<bool, DbError> {
    Ok(diesel::delete(subscribers::table.find(id.as_str())).execute(conn)? == 1)
}

/// Erases sign-ups nobody confirmed in time.
pub fn erase_unconfirmed(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize, DbError> {
    use subscribers as s;
    Ok(diesel::delete(s::table.filter(s::state.eq("pending").and(s::confirmation_until.lt(now.naive_utc()))))
        .execute(conn)?)
}

fn bounds(range: CellRange) -> Result<(i64, i64), DbError> {
    let signed = |cell| i64::try_from(cell).map_err(|e| DbError::corrupt("cell", e));
    Ok((signed(range.first)?, signed(range.last)?))
}

/// Active subscribers of a language in a range of cells.
pub(super) fn ids_in(conn: &mut Conn, language: &str, range: CellRange) -> Result<Vec<String>, DbError> {
    use subscribers as s;
    let (first, last) = bounds(range)?;
    Ok(s::table
        .filter(s::state.eq("active").and(s::language.eq(language)).and(s::cell.between(first, last)))
        .order((s::cell, s::id))
        .select(s::id)
        .load(conn)?)
}

/// Cells of a range where active subscribers of a language live, with how many, in order.
pub fn cells_in(conn: &mut Conn, language: Language, range: CellRange) -> Result<Vec<(u64, i64)>, DbError> {
    use subscribers as s;
    let (first, last) = bounds(range)?;
    let rows: Vec<(i64, i64)> = s::table
        .filter(s::state.eq("active").and(s::language.eq(language.code())).and(s::cell.between(first, last)))
        .group_by(s::cell)
        .select((s::cell, diesel::dsl::count(s::id)))
        .order(s::cell)
        .load(conn)?;
    rows.into_iter()
        .map(|(cell, count)| Ok((u64::try_from(cell).map_err(|e| DbError::corrupt("subscribers.cell", e))?, count)))
        .collect()
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
