//! Files of responses as rows: what is known of them without a key, where their sealed bytes lie, and the sealed sketches
//! that later pictures are compared with.

use super::schema::{picture_heads, response_attachments};
use super::{Conn, DbError, per_backend};
use crate::domain::attachment::{FileKind, ScanVerdict};
use crate::domain::ids::{AppealId, AttachmentId, MessageId, ResponseId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A file of a response.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// Of which response.
    pub response: ResponseId,
    /// Of which appeal.
    pub appeal: AppealId,
    /// Its place among the response's files, from 1.
    pub number: i32,
    /// What it is.
    pub kind: FileKind,
    /// What the virus scanner said.
    pub scan: ScanVerdict,
    /// Name, length, digest and key of the original, sealed to the appeal's key.
    pub sealed_meta: Vec<u8>,
    /// Digest of the sealed original.
    pub original: String,
    /// Digest of the sealed viewing copy.
    pub view: Option<String>,
    /// Digest of the sealed blurred copy.
    pub preview: Option<String>,
    /// The first attachment with the same picture.
    pub same_as: Option<String>,
    /// When it came.
    pub at: DateTime<Utc>,
    /// The message it came with; none when it came with the response itself.
    pub message: Option<MessageId>,
    /// Of a file that officers sent: name and key, sealed to the thread's key.
    pub sealed_thread: Option<Vec<u8>>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = response_attachments, treat_none_as_default_value = false)]
struct Row {
    id: String,
    response_id: String,
    appeal_id: String,
    number: i32,
    kind: String,
    scan: String,
    sealed_meta: Vec<u8>,
    original: String,
    view_copy: Option<String>,
    preview: Option<String>,
    same_as: Option<String>,
    at: NaiveDateTime,
    message_id: Option<String>,
    sealed_thread: Option<Vec<u8>>,
}

impl TryFrom<Row> for Attachment {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("response_attachments", e);
        Ok(Self {
            id: AttachmentId::parse(&row.id).map_err(corrupt)?,
            response: ResponseId::parse(&row.response_id).map_err(corrupt)?,
            appeal: AppealId::parse(&row.appeal_id).map_err(corrupt)?,
            number: row.number,
            kind: FileKind::parse(&row.kind).ok_or_else(|| DbError::corrupt("response_attachments.kind", row.kind))?,
            scan: ScanVerdict::parse(&row.scan)
                .ok_or_else(|| DbError::corrupt("response_attachments.scan", row.scan))?,
            sealed_meta: row.sealed_meta,
            original: row.original,
            view: row.view_copy,
            preview: row.preview,
            same_as: row.same_as,
            at: row.at.and_utc(),
            message: row.message_id.map(|id| MessageId::parse(&id).map_err(corrupt)).transpose()?,
            sealed_thread: row.sealed_thread,
        })
    }
}

impl From<&Attachment> for Row {
    fn from(a: &Attachment) -> Self {
        Self {
            id: a.id.to_string(),
            response_id: a.response.to_string(),
            appeal_id: a.appeal.to_string(),
            number: a.number,
            kind: a.kind.code().to_owned(),
            scan: a.scan.code().to_owned(),
            sealed_meta: a.sealed_meta.clone(),
            original: a.original.clone(),
            view_copy: a.view.clone(),
            preview: a.preview.clone(),
            same_as: a.same_as.clone(),
            at: a.at.naive_utc(),
            message_id: a.message.as_ref().map(ToString::to_string),
            sealed_thread: a.sealed_thread.clone(),
        }
    }
}

/// Rows per statement: 14 values each.
const CHUNK: usize = 500;

/// Adds files.
pub fn add_all(conn: &mut Conn, all: &[&Attachment]) -> Result<(), DbError> {
    for part in all.chunks(CHUNK) {
        let rows: Vec<Row> = part.iter().map(|a| Row::from(*a)).collect();
        per_backend!(conn, c => diesel::insert_into(response_attachments::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// A response's files, in order.
pub fn of_response(conn: &mut Conn, response: &ResponseId) -> Result<Vec<Attachment>, DbError> {
    let rows: Vec<Row> = response_attachments::table
        .filter(response_attachments::response_id.eq(response.as_str()))
        .order(response_attachments::number)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Attachment::try_from).collect()
}

/// How many other files of an appeal show the same picture.
pub fn same_picture(conn: &mut Conn, appeal: &AppealId, same_as: &str) -> Result<i64, DbError> {
    let count: i64 = response_attachments::table
        .filter(response_attachments::appeal_id.eq(appeal.as_str()).and(response_attachments::same_as.eq(same_as)))
        .count()
        .get_result(conn)?;
    Ok(count - 1)
}

/// Removes a response's files; what lies in the store is the caller's to delete.
pub fn erase(conn: &mut Conn, response: &str) -> Result<(), DbError> {
    let ids: Vec<String> = response_attachments::table
        .filter(response_attachments::response_id.eq(response))
        .select(response_attachments::id)
        .load(conn)?;
    diesel::delete(picture_heads::table.filter(picture_heads::attachment_id.eq_any(&ids))).execute(conn)?;
    diesel::delete(response_attachments::table.filter(response_attachments::response_id.eq(response))).execute(conn)?;
    Ok(())
}

/// A sealed sketch as stored.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = picture_heads)]
pub struct PictureHead {
    /// Of which file.
    pub attachment_id: String,
    /// Of which appeal.
    pub appeal_id: String,
    /// With which batch it came.
    pub batch: i64,
    /// The sketch, sealed.
    pub sealed: Vec<u8>,
}

/// Adds sketches.
pub fn add_heads(conn: &mut Conn, heads: &[PictureHead]) -> Result<(), DbError> {
    for part in heads.chunks(CHUNK) {
        per_backend!(conn, c => diesel::insert_into(picture_heads::table).values(part).execute(c))?;
    }
    Ok(())
}

/// An appeal's sketches that came after a batch, the newest `limit` of them, in order.
pub fn heads_after(conn: &mut Conn, appeal: &AppealId, batch: i64, limit: i64) -> Result<Vec<PictureHead>, DbError> {
    use picture_heads as h;
    let mut heads: Vec<PictureHead> = h::table
        .filter(h::appeal_id.eq(appeal.as_str()).and(h::batch.gt(batch)))
        .order((h::batch.desc(), h::attachment_id.desc()))
        .limit(limit)
        .select((h::attachment_id, h::appeal_id, h::batch, h::sealed))
        .load(conn)?;
    heads.reverse();
    Ok(heads)
}

/// Forgets how an appeal's pictures were compared.
pub fn forget(conn: &mut Conn, appeal: &AppealId) -> Result<(), DbError> {
    diesel::delete(picture_heads::table.filter(picture_heads::appeal_id.eq(appeal.as_str()))).execute(conn)?;
    Ok(())
}
