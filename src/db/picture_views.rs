//! What people saw on pictures; each person's word once.

use super::schema::{media, picture_views};
use super::{Conn, DbError};
use crate::domain::ids::{AppealId, MediaId, PersonId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// What one person saw on one picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Which picture.
    pub media: MediaId,
    /// Who looked.
    pub by: PersonId,
    /// Handcuffs, a cell, an arrest.
    pub restraint: bool,
}

/// Keeps what somebody saw; `Conflict` when they said so before.
pub fn add(conn: &mut Conn, view: &View, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::insert_into(picture_views::table)
        .values((
            picture_views::media_id.eq(view.media.as_str()),
            picture_views::by_person.eq(view.by.as_str()),
            picture_views::restraint.eq(i32::from(view.restraint)),
            picture_views::at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// What was seen on an appeal's pictures, in the order in which people looked.
pub fn of_appeal(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<View>, DbError> {
    use picture_views as v;
    let ids: Vec<String> = media::table.filter(media::appeal_id.eq(appeal.as_str())).select(media::id).load(conn)?;
    let rows: Vec<(String, String, i32)> = v::table
        .filter(v::media_id.eq_any(ids))
        .order((v::at, v::by_person))
        .select((v::media_id, v::by_person, v::restraint))
        .load(conn)?;
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("picture_views", e);
    rows.into_iter()
        .map(|(media, by, restraint)| {
            Ok(View {
                media: MediaId::parse(&media).map_err(corrupt)?,
                by: PersonId::parse(&by).map_err(corrupt)?,
                restraint: restraint != 0,
            })
        })
        .collect()
}
