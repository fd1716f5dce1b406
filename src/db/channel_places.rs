//! The lists of places that advertising platforms gave out, with what each row was read as. Reading the names is `area`'s
//! business.

use super::schema::channel_places;
use super::{Conn, DbError, ROWS, per_backend};
use crate::domain::channel_place::{ChannelPlace, ListedPlace};
use crate::domain::place::PlaceCode;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// Whose list, when it was fetched, and which gazetteer read it.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// `x`.
    pub platform: &'a str,
    /// When the platform gave it out.
    pub fetched_at: DateTime<Utc>,
    /// The version of the gazetteer, as it names itself.
    pub index_version: &'a str,
}

/// A stored row.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The row and its meaning.
    pub place: ChannelPlace,
    /// When the platform gave it out.
    pub fetched_at: DateTime<Utc>,
    /// Which gazetteer read it.
    pub index_version: String,
}

/// Stores rows of distinct ids; a row of the same id is replaced.
pub fn store(conn: &mut Conn, origin: &Origin<'_>, places: &[ChannelPlace]) -> Result<(), DbError> {
    use channel_places as p;
    for batch in places.chunks(ROWS) {
        let ids: Vec<&str> = batch.iter().map(|place| place.listed.id.as_str()).collect();
        diesel::delete(p::table.filter(p::platform.eq(origin.platform).and(p::id.eq_any(ids)))).execute(conn)?;
        let rows: Vec<_> = batch
            .iter()
            .map(|place| {
                (
                    p::platform.eq(origin.platform),
                    p::id.eq(&place.listed.id),
                    p::name.eq(&place.listed.name),
                    p::kind.eq(place.listed.kind.code()),
                    p::country.eq(&place.listed.country),
                    p::fetched_at.eq(origin.fetched_at.naive_utc()),
                    p::place.eq(place.meaning.as_ref().ok().map(ToString::to_string)),
                    p::unresolved.eq(place.meaning.as_ref().err()),
                    p::index_version.eq(origin.index_version),
                )
            })
            .collect();
        per_backend!(conn, c => diesel::insert_into(p::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// Forgets a platform's whole list; how many rows it had.
pub fn forget(conn: &mut Conn, platform: &str) -> Result<usize, DbError> {
    Ok(diesel::delete(channel_places::table.filter(channel_places::platform.eq(platform))).execute(conn)?)
}

/// Whether any platform's list is stored.
pub fn is_known(conn: &mut Conn) -> Result<bool, DbError> {
    let first: Option<String> = channel_places::table.select(channel_places::id).first(conn).optional()?;
    Ok(first.is_some())
}

type Columns = (String, String, String, String, NaiveDateTime, Option<String>, Option<String>, String);

/// A platform's list, by id.
pub fn stored(conn: &mut Conn, platform: &str) -> Result<Vec<Stored>, DbError> {
    use channel_places as p;
    let rows: Vec<Columns> = p::table
        .filter(p::platform.eq(platform))
        .order(p::id)
        .select((p::id, p::name, p::kind, p::country, p::fetched_at, p::place, p::unresolved, p::index_version))
        .load(conn)?;
    rows.into_iter().map(from).collect()
}

fn from((id, name, kind, country, fetched_at, place, unresolved, index_version): Columns) -> Result<Stored, DbError> {
    let listed = ListedPlace::new(&id, &name, &kind, &country).map_err(|e| DbError::corrupt("channel_places", e))?;
    let meaning = match place {
        Some(code) => Ok(PlaceCode::parse(&code).map_err(|e| DbError::corrupt("channel_places.place", e))?),
        None => Err(unresolved.unwrap_or_default()),
    };
    Ok(Stored { place: ChannelPlace { listed, meaning }, fetched_at: fetched_at.and_utc(), index_version })
}
