//! What platforms said of planned campaigns before anything was made, and what they are to be asked. Who asks is the worker's.

use super::schema::ad_estimates;
use super::{Conn, DbError, per_backend};
use crate::domain::ids::AppealId;
use crate::domain::language::Language;
use crate::domain::scope::ChannelKind;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A planned campaign and what was said of it.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// Of which appeal.
    pub appeal: AppealId,
    /// On which channel.
    pub channel: ChannelKind,
    /// In which language.
    pub language: Language,
    /// Digest of the planned content.
    pub content_digest: String,
    /// The planned content, as JSON.
    pub content: String,
    /// When it would end.
    pub ends_at: DateTime<Utc>,
    /// When the platform was last asked.
    pub asked_at: Option<DateTime<Utc>>,
    /// People it would reach, from and to; none where the platform does not say.
    pub people: Option<(i64, i64)>,
    /// Why it could not be asked or would refuse, a code; empty when all is well.
    pub trouble: String,
    /// The platform's words.
    pub detail: String,
    /// Its least budget a day, where it said one.
    pub least_cents: Option<i64>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = ad_estimates)]
struct Row {
    appeal_id: String,
    channel: String,
    language: String,
    content_digest: String,
    content: String,
    ends_at: NaiveDateTime,
    asked_at: Option<NaiveDateTime>,
    people_from: Option<i64>,
    people_to: Option<i64>,
    trouble: String,
    detail: String,
    least_cents: Option<i64>,
}

impl TryFrom<Row> for Estimate {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            appeal: AppealId::parse(&row.appeal_id).map_err(|e| DbError::corrupt("ad_estimates.appeal_id", e))?,
            channel: ChannelKind::parse(&row.channel)
                .ok_or_else(|| DbError::corrupt("ad_estimates.channel", row.channel))?,
            language: Language::parse(&row.language).map_err(|e| DbError::corrupt("ad_estimates.language", e))?,
            content_digest: row.content_digest,
            content: row.content,
            ends_at: row.ends_at.and_utc(),
            asked_at: row.asked_at.map(|at| at.and_utc()),
            people: row.people_from.zip(row.people_to),
            trouble: row.trouble,
            detail: row.detail,
            least_cents: row.least_cents,
        })
    }
}

/// What was said of an appeal's planned campaigns.
pub fn of_appeal(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<Estimate>, DbError> {
    let rows: Vec<Row> =
        ad_estimates::table.filter(ad_estimates::appeal_id.eq(appeal.as_str())).select(Row::as_select()).load(conn)?;
    rows.into_iter().map(Estimate::try_from).collect()
}

/// Wants a platform asked about a planned campaign; what it said of another content is forgotten.
pub fn ask(conn: &mut Conn, wanted: &Estimate, now: DateTime<Utc>) -> Result<(), DbError> {
    use ad_estimates as e;
    let key = (
        e::appeal_id.eq(wanted.appeal.as_str()),
        e::channel.eq(wanted.channel.code()),
        e::language.eq(wanted.language.code()),
    );
    let rest = (
        e::content_digest.eq(&wanted.content_digest),
        e::content.eq(&wanted.content),
        e::ends_at.eq(wanted.ends_at.naive_utc()),
        e::due_at.eq(Some(now.naive_utc())),
        e::asked_at.eq(wanted.asked_at.map(|at| at.naive_utc())),
        e::people_from.eq(wanted.people.map(|people| people.0)),
        e::people_to.eq(wanted.people.map(|people| people.1)),
        e::trouble.eq(&wanted.trouble),
        e::detail.eq(&wanted.detail),
        e::least_cents.eq(wanted.least_cents),
    );
    per_backend!(conn, c => diesel::insert_into(e::table)
        .values((key, rest))
        .on_conflict((e::appeal_id, e::channel, e::language))
        .do_update()
        .set(rest)
        .execute(c))?;
    Ok(())
}

/// Whether a question to one of `channels` is due.
pub fn is_due(conn: &mut Conn, channels: &[&str], now: DateTime<Utc>) -> Result<bool, DbError> {
    use ad_estimates as e;
    let due = e::due_at.le(now.naive_utc()).and(e::channel.eq_any(channels));
    Ok(e::table.filter(due).select(e::appeal_id).first::<String>(conn).optional()?.is_some())
}

/// Takes the question due longest; whoever dies with it leaves it due again at `again`.
pub fn claim(
    conn: &mut Conn,
    channels: &[&str],
    now: DateTime<Utc>,
    again: DateTime<Utc>,
) -> Result<Option<Estimate>, DbError> {
    use ad_estimates as e;
    let row: Option<Row> = e::table
        .filter(e::due_at.le(now.naive_utc()).and(e::channel.eq_any(channels)))
        .order(e::due_at)
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let key = (row.appeal_id.clone(), row.channel.clone(), row.language.clone());
    diesel::update(e::table.find(key)).set(e::due_at.eq(Some(again.naive_utc()))).execute(conn)?;
    row.try_into().map(Some)
}

/// Writes down what was said, unless something else was planned meanwhile; `due`: when to ask again.
pub fn answer(conn: &mut Conn, said: &Estimate, due: Option<DateTime<Utc>>) -> Result<(), DbError> {
    use ad_estimates as e;
    let row = e::table.find((said.appeal.as_str(), said.channel.code(), said.language.code()));
    diesel::update(row.filter(e::content_digest.eq(&said.content_digest)))
        .set((
            e::due_at.eq(due.map(|at| at.naive_utc())),
            e::asked_at.eq(said.asked_at.map(|at| at.naive_utc())),
            e::people_from.eq(said.people.map(|people| people.0)),
            e::people_to.eq(said.people.map(|people| people.1)),
            e::trouble.eq(&said.trouble),
            e::detail.eq(&said.detail),
            e::least_cents.eq(said.least_cents),
        ))
        .execute(conn)?;
    Ok(())
}
