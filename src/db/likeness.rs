//! What new responses are compared with: each appeal's secret and the sketches of its heads, both sealed with the server
//! key by whoever calls.

use super::schema::{likeness_heads, likeness_keys};
use super::{Conn, DbError, insert_rows, per_backend};
use crate::domain::ids::AppealId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// The sealed secret of an appeal.
pub fn key(conn: &mut Conn, appeal: &AppealId) -> Result<Option<Vec<u8>>, DbError> {
    Ok(likeness_keys::table.find(appeal.as_str()).select(likeness_keys::sealed).first(conn).optional()?)
}

/// Keeps an appeal's sealed secret, unless it has one.
pub fn add_key(conn: &mut Conn, appeal: &AppealId, sealed: &[u8], now: DateTime<Utc>) -> Result<(), DbError> {
    let row = (
        likeness_keys::appeal_id.eq(appeal.as_str()),
        likeness_keys::sealed.eq(sealed),
        likeness_keys::created_at.eq(now.naive_utc()),
    );
    per_backend!(conn, c => diesel::insert_into(likeness_keys::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// One head as stored.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = likeness_heads)]
pub struct Head {
    /// Whose sketch.
    pub response_id: String,
    /// Of which appeal.
    pub appeal_id: String,
    /// The first of its family.
    pub family: String,
    /// With which batch it came.
    pub batch: i64,
    /// The sketch, sealed.
    pub sealed: Vec<u8>,
}

/// Rows per statement: 5 values each, far below what either database binds.
const CHUNK: usize = 500;

/// Adds heads.
pub fn add_heads(conn: &mut Conn, heads: &[Head]) -> Result<(), DbError> {
    for part in heads.chunks(CHUNK) {
        insert_rows!(conn, likeness_heads::table, part)?;
    }
    Ok(())
}

/// An appeal's heads that came after a batch, in order; the newest `limit` of them.
pub fn heads_after(conn: &mut Conn, appeal: &AppealId, batch: i64, limit: i64) -> Result<Vec<Head>, DbError> {
    use likeness_heads as h;
    let mut heads: Vec<Head> = h::table
        .filter(h::appeal_id.eq(appeal.as_str()).and(h::batch.gt(batch)))
        .order((h::batch.desc(), h::response_id.desc()))
        .limit(limit)
        .select((h::response_id, h::appeal_id, h::family, h::batch, h::sealed))
        .load(conn)?;
    heads.reverse();
    Ok(heads)
}

/// Forgets how an appeal's responses were compared; what is the same stays together by id.
pub fn forget(conn: &mut Conn, appeal: &AppealId) -> Result<(), DbError> {
    diesel::delete(likeness_heads::table.filter(likeness_heads::appeal_id.eq(appeal.as_str()))).execute(conn)?;
    diesel::delete(likeness_keys::table.find(appeal.as_str())).execute(conn)?;
    Ok(())
}
