//! A platform's own list of places: read with the gazetteer, stored, and taken out again for an aim. Fetching it from the
//! platform is the platform channel's business.

use super::audit::{self, Act, By};
use super::{App, AppError};
use crate::area::Gazetteer;
use crate::db::Conn;
use crate::db::channel_places::{self, Origin, Stored};
use crate::domain::channel_place::{ChannelPlace, ListedPlace};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// The platform whose list is kept so far.
pub const X: &str = "x";

/// What each row means; one row an id, of several the last.
#[must_use]
pub fn read(gazetteer: &Gazetteer, listed: Vec<ListedPlace>) -> Vec<ChannelPlace> {
    let by_id: BTreeMap<String, ListedPlace> = listed.into_iter().map(|place| (place.id.clone(), place)).collect();
    let read = |listed: ListedPlace| ChannelPlace { meaning: gazetteer.read_listed_place(&listed), listed };
    by_id.into_values().map(read).collect()
}

/// Stores a list, beside or instead of what was known; how many rows are gone.
pub fn import(
    conn: &mut Conn,
    app: &App,
    places: &[ChannelPlace],
    fetched_at: Option<DateTime<Utc>>,
    replace: bool,
) -> Result<usize, AppError> {
    let now = app.clock.now(conn)?;
    let origin = Origin { platform: X, fetched_at: fetched_at.unwrap_or(now), index_version: app.gazetteer.version() };
    let before = channel_places::stored(conn, X)?;
    if replace {
        channel_places::forget(conn, X)?;
    }
    channel_places::store(conn, &origin, places)?;
    let kept = |row: &Stored| places.binary_search_by(|place| place.listed.id.cmp(&row.place.listed.id)).is_ok();
    let gone = if replace { before.iter().filter(|row| !kept(row)).count() } else { 0 };
    let reason = format!("{} stored, {gone} gone", places.len());
    let act = Act { action: "channel_places.imported", object: X, reason: &reason, ..Act::default() };
    audit::record(conn, now, By::service("cli"), &act)?;
    Ok(gone)
}

/// The stored list, by id. What an older gazetteer read is read anew.
pub fn stored(conn: &mut Conn, gazetteer: &Gazetteer) -> Result<Vec<Stored>, AppError> {
    let mut rows = channel_places::stored(conn, X)?;
    for row in rows.iter_mut().filter(|row| row.index_version != gazetteer.version()) {
        row.place.meaning = gazetteer.read_listed_place(&row.place.listed);
    }
    Ok(rows)
}
