//! The audit chain's rows. `append` runs inside the caller's transaction: if it fails, the act fails with it.

use super::schema::{audit_entries, audit_head};
use super::{Conn, DbError};
use crate::domain::audit::{ERASED, Entry, Form};
use chrono::NaiveDateTime;
use diesel::prelude::*;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries)]
struct EntryRow {
    seq: i64,
    at: NaiveDateTime,
    actor: String,
    on_behalf_of: String,
    action: String,
    object: String,
    object_version: i64,
    reason: String,
    payload_digest: String,
    prev_hash: String,
    hash: String,
    form: i32,
    salt: String,
    reason_digest: String,
}

/// Adds one act at the end of the chain. `entry.seq` and `entry.prev_hash` are set here: updating the single head row
/// locks it until the transaction ends, so numbers have no gaps and no two writers extend the same head.
pub fn append(conn: &mut Conn, mut entry: Entry) -> Result<i64, DbError> {
    diesel::update(audit_head::table).set(audit_head::seq.eq(audit_head::seq + 1)).execute(conn)?;
    let (seq, prev_hash): (i64, String) = audit_head::table.select((audit_head::seq, audit_head::hash)).first(conn)?;
    entry.seq = u64::try_from(seq).map_err(|e| DbError::corrupt("audit_head.seq", e))?;
    entry.prev_hash = prev_hash;
    let hash = entry.hash();
    diesel::update(audit_head::table).set(audit_head::hash.eq(&hash)).execute(conn)?;
    let row = EntryRow {
        seq,
        at: entry.at.naive_utc(),
        actor: entry.actor,
        on_behalf_of: entry.on_behalf_of,
        action: entry.action,
        object: entry.object,
        object_version: entry.object_version,
        reason: entry.reason,
        payload_digest: entry.payload_digest,
        prev_hash: entry.prev_hash,
        hash,
        form: entry.form.number(),
        salt: entry.salt,
        reason_digest: entry.reason_digest,
    };
    diesel::insert_into(audit_entries::table).values(row).execute(conn)?;
    Ok(seq)
}

/// One stored act with the hash that was written beside it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The act.
    pub entry: Entry,
    /// Its hash as stored.
    pub hash: String,
}

/// Acts after `seq` in order, at most `limit`; of one unit and on one object when given.
pub fn entries_after(
    conn: &mut Conn,
    seq: i64,
    unit: Option<&str>,
    object: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored>, DbError> {
    let mut query = audit_entries::table
        .select(EntryRow::as_select())
        .filter(audit_entries::seq.gt(seq))
        .order(audit_entries::seq)
        .limit(limit)
        .into_boxed();
    if let Some(unit) = unit {
        query = query.filter(audit_entries::on_behalf_of.eq(unit.to_owned()));
    }
    if let Some(object) = object {
        query = query.filter(audit_entries::object.eq(object.to_owned()));
    }
    query.load(conn)?.into_iter().map(Stored::try_from).collect()
}

/// The head the chain should end in: number of acts and last hash.
pub fn head(conn: &mut Conn) -> Result<(i64, String), DbError> {
    Ok(audit_head::table.select((audit_head::seq, audit_head::hash)).first(conn)?)
}

/// One act.
pub fn entry(conn: &mut Conn, seq: i64) -> Result<Stored, DbError> {
    audit_entries::table.find(seq).select(EntryRow::as_select()).first(conn)?.try_into()
}

/// Empties reason and salt of an object's entries; how many had any. Entries of the plain form carry their reason in the
/// hash and stay; so do the acts of erasure themselves.
pub fn erase_words(conn: &mut Conn, object: &str) -> Result<usize, DbError> {
    let entries = audit_entries::table
        .filter(audit_entries::object.eq(object.to_owned()))
        .filter(audit_entries::form.eq(Form::Salted.number()))
        .filter(audit_entries::salt.ne("").and(audit_entries::action.ne(ERASED)));
    Ok(diesel::update(entries).set((audit_entries::reason.eq(""), audit_entries::salt.eq(""))).execute(conn)?)
}

impl TryFrom<EntryRow> for Stored {
    type Error = DbError;

    fn try_from(row: EntryRow) -> Result<Self, DbError> {
        let entry = Entry {
            seq: u64::try_from(row.seq).map_err(|e| DbError::corrupt("audit_entries.seq", e))?,
            at: row.at.and_utc(),
            actor: row.actor,
            on_behalf_of: row.on_behalf_of,
            action: row.action,
            object: row.object,
            object_version: row.object_version,
            reason: row.reason,
            payload_digest: row.payload_digest,
            prev_hash: row.prev_hash,
            form: Form::from_number(row.form).ok_or_else(|| DbError::corrupt("audit_entries.form", row.form))?,
            salt: row.salt,
            reason_digest: row.reason_digest,
        };
        Ok(Self { entry, hash: row.hash })
    }
}
