//! What our own open channels show. The proof that it is gone is in `takedowns`.

use super::appeals::json;
use super::schema::publications;
use super::{Conn, DbError, per_backend};
use crate::domain::ids::{AppealId, DispatchId};
use crate::domain::language::Language;
use crate::domain::plan::PlanItem;
use crate::domain::scope::ChannelKind;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

/// A page or feed entry in one language.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Of which appeal.
    pub appeal: AppealId,
    /// Its name in the address.
    pub slug: String,
    /// Language of every word.
    pub language: Language,
    /// Finished content.
    pub content: Value,
    /// First shown.
    pub published_at: DateTime<Utc>,
    /// Last changed.
    pub updated_at: DateTime<Utc>,
    /// Not shown from this moment on.
    pub ends_at: DateTime<Utc>,
    /// Taken down.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

type Columns = (String, String, String, String, NaiveDateTime, NaiveDateTime, NaiveDateTime, Option<NaiveDateTime>);

fn from(
    (appeal, slug, language, content, published_at, updated_at, ends_at, withdrawn_at): Columns,
) -> Result<Publication, DbError> {
    Ok(Publication {
        appeal: AppealId::parse(&appeal).map_err(|e| DbError::corrupt("publications.appeal_id", e))?,
        slug,
        language: Language::parse(&language).map_err(|e| DbError::corrupt("publications.language", e))?,
        content: json("publications.content", &content)?,
        published_at: published_at.and_utc(),
        updated_at: updated_at.and_utc(),
        ends_at: ends_at.and_utc(),
        withdrawn_at: withdrawn_at.map(|at| at.and_utc()),
    })
}

macro_rules! columns {
    () => {{
        use publications as p;
        (p::appeal_id, p::slug, p::language, p::content, p::published_at, p::updated_at, p::ends_at, p::withdrawn_at)
    }};
}

/// Shows a page or feed entry; again after a crash, or in a new version, is harmless.
pub fn publish(
    conn: &mut Conn,
    channel: ChannelKind,
    publication: &Publication,
    dispatch: &DispatchId,
) -> Result<(), DbError> {
    use publications as p;
    let row = (
        p::appeal_id.eq(publication.appeal.as_str()),
        p::channel.eq(channel.code()),
        p::language.eq(publication.language.code()),
        p::slug.eq(&publication.slug),
        p::dispatch_id.eq(dispatch.as_str()),
        p::content.eq(publication.content.to_string()),
        p::published_at.eq(publication.published_at.naive_utc()),
        p::updated_at.eq(publication.updated_at.naive_utc()),
        p::ends_at.eq(publication.ends_at.naive_utc()),
    );
    let change = (
        p::dispatch_id.eq(dispatch.as_str()),
        p::content.eq(publication.content.to_string()),
        p::updated_at.eq(publication.updated_at.naive_utc()),
        p::ends_at.eq(publication.ends_at.naive_utc()),
        p::withdrawn_at.eq(None::<NaiveDateTime>),
    );
    per_backend!(conn, c => diesel::insert_into(p::table)
        .values(row)
        .on_conflict((p::appeal_id, p::channel, p::language))
        .do_update()
        .set(change)
        .execute(c))?;
    Ok(())
}

/// What stands under an address, withdrawn or not.
pub fn by_slug(conn: &mut Conn, channel: ChannelKind, language: Language, slug: &str) -> Result<Publication, DbError> {
    use publications as p;
    from(
        p::table
            .filter(p::slug.eq(slug).and(p::language.eq(language.code())).and(p::channel.eq(channel.code())))
            .select(columns!())
            .first(conn)?,
    )
}

/// What is shown in a language now, newest first.
pub fn shown(
    conn: &mut Conn,
    channel: ChannelKind,
    language: Language,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Publication>, DbError> {
    use publications as p;
    let rows: Vec<Columns> = p::table
        .filter(p::channel.eq(channel.code()).and(p::language.eq(language.code())))
        .filter(p::withdrawn_at.is_null().and(p::ends_at.gt(now.naive_utc())))
        .order((p::published_at.desc(), p::appeal_id.desc()))
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    rows.into_iter().map(from).collect()
}

/// Whether anything shown now contains a picture. Contents name pictures by digest, which nothing else in them is.
pub fn shows_picture(conn: &mut Conn, digest: &str, now: DateTime<Utc>) -> Result<bool, DbError> {
    use publications as p;
    let found: i64 = p::table
        .filter(p::withdrawn_at.is_null().and(p::ends_at.gt(now.naive_utc())))
        .filter(p::content.like(format!("%\"{digest}\"%")))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// When anything in a channel and language last changed, for caches.
pub fn changed_at(conn: &mut Conn, channel: ChannelKind, language: Language) -> Result<Option<DateTime<Utc>>, DbError> {
    use publications as p;
    let newest: Option<NaiveDateTime> = p::table
        .filter(p::channel.eq(channel.code()).and(p::language.eq(language.code())))
        .select(diesel::dsl::max(p::updated_at))
        .first(conn)?;
    Ok(newest.map(|at| at.and_utc()))
}

/// Takes everything of an appeal off our own channels; which channel and language it was.
pub fn withdraw(
    conn: &mut Conn,
    appeal: &AppealId,
    now: DateTime<Utc>,
) -> Result<Vec<(ChannelKind, Language)>, DbError> {
    use publications as p;
    let rows: Vec<(String, String)> = p::table
        .filter(p::appeal_id.eq(appeal.as_str()).and(p::withdrawn_at.is_null()))
        .order((p::channel, p::language))
        .select((p::channel, p::language))
        .load(conn)?;
    diesel::update(p::table.filter(p::appeal_id.eq(appeal.as_str()).and(p::withdrawn_at.is_null())))
        .set((p::withdrawn_at.eq(now.naive_utc()), p::updated_at.eq(now.naive_utc())))
        .execute(conn)?;
    rows.into_iter()
        .map(|(channel, language)| {
            Ok((
                ChannelKind::parse(&channel).ok_or_else(|| DbError::corrupt("publications.channel", channel))?,
                Language::parse(&language).map_err(|e| DbError::corrupt("publications.language", e))?,
            ))
        })
        .collect()
}

/// Takes one channel and language of an appeal off; whether it was shown.
pub fn withdraw_part(
    conn: &mut Conn,
    appeal: &AppealId,
    (channel, language): (ChannelKind, Language),
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    use publications as p;
    let key = (appeal.as_str(), channel.code(), language.code());
    let changed = diesel::update(p::table.find(key).filter(p::withdrawn_at.is_null()))
        .set((p::withdrawn_at.eq(now.naive_utc()), p::updated_at.eq(now.naive_utc())))
        .execute(conn)?;
    Ok(changed > 0)
}

/// Shows a page or feed entry that is out in new words; nothing when it is not out.
pub fn renew(conn: &mut Conn, appeal: &AppealId, item: &PlanItem, now: DateTime<Utc>) -> Result<(), DbError> {
    use publications as p;
    let key = (appeal.as_str(), item.channel.code(), item.language.code());
    diesel::update(p::table.find(key).filter(p::withdrawn_at.is_null()))
        .set((p::content.eq(item.content.to_string()), p::updated_at.eq(now.naive_utc())))
        .execute(conn)?;
    Ok(())
}

/// Lets what is shown of an appeal last until another moment.
pub fn ends(conn: &mut Conn, appeal: &AppealId, ends_at: DateTime<Utc>) -> Result<(), DbError> {
    use publications as p;
    diesel::update(p::table.filter(p::appeal_id.eq(appeal.as_str()).and(p::withdrawn_at.is_null())))
        .set(p::ends_at.eq(ends_at.naive_utc()))
        .execute(conn)?;
    Ok(())
}
