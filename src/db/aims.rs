//! Aims as they were found for an appeal, by platform and language. What one is made of is `app::stored_aims`'s.

use super::schema::{aim_tasks, aims};
use super::{Conn, DbError, per_backend};
use crate::domain::aim::AimPlatform;
use crate::domain::ids::AppealId;
use crate::domain::language::Language;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

/// A stored aim.
#[derive(Clone, Debug)]
pub struct Stored {
    /// On which platform.
    pub platform: AimPlatform,
    /// In which language.
    pub language: Language,
    /// Digest of what it was made from.
    pub source: String,
    /// The aim, or why there is none.
    pub document: String,
}

/// The aims of an appeal.
pub fn of_appeal(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<Stored>, DbError> {
    let rows: Vec<(String, String, String, String)> = aims::table
        .filter(aims::appeal_id.eq(appeal.as_str()))
        .order((aims::platform, aims::language))
        .select((aims::platform, aims::language, aims::source, aims::document))
        .load(conn)?;
    let read = |(platform, language, source, document): (String, String, String, String)| {
        Ok(Stored {
            platform: AimPlatform::parse(&platform).ok_or_else(|| DbError::corrupt("aims.platform", platform))?,
            language: Language::parse(&language).map_err(|e| DbError::corrupt("aims.language", e))?,
            source,
            document,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Stores an aim in place of the one before.
pub fn store(conn: &mut Conn, appeal: &AppealId, aim: &Stored, now: DateTime<Utc>) -> Result<(), DbError> {
    use aims as a;
    let row = (
        a::appeal_id.eq(appeal.as_str()),
        a::platform.eq(aim.platform.code()),
        a::language.eq(aim.language.code()),
        a::source.eq(&aim.source),
        a::document.eq(&aim.document),
        a::made_at.eq(now.naive_utc()),
    );
    let changed = (a::source.eq(&aim.source), a::document.eq(&aim.document), a::made_at.eq(now.naive_utc()));
    per_backend!(conn, c => diesel::insert_into(a::table)
        .values(row)
        .on_conflict((a::appeal_id, a::platform, a::language))
        .do_update()
        .set(changed)
        .execute(c))?;
    Ok(())
}

/// Wants an appeal's aims found. Asked again while somebody finds them, they are looked through once more.
pub fn ask(conn: &mut Conn, appeal: &AppealId, now: DateTime<Utc>) -> Result<(), DbError> {
    use aim_tasks as t;
    let row = (t::appeal_id.eq(appeal.as_str()), t::asked_at.eq(now.naive_utc()), t::due_at.eq(now.naive_utc()));
    per_backend!(conn, c => diesel::insert_into(t::table)
        .values(row)
        .on_conflict(t::appeal_id)
        .do_update()
        .set((t::asked_at.eq(now.naive_utc()), t::fence.eq(t::fence + 1)))
        .execute(c))?;
    Ok(())
}

/// Whether an appeal's aims are waited for.
pub fn is_asked(conn: &mut Conn, appeal: &AppealId) -> Result<bool, DbError> {
    let found: Option<String> =
        aim_tasks::table.find(appeal.as_str()).select(aim_tasks::appeal_id).first(conn).optional()?;
    Ok(found.is_some())
}

/// Whether aims are due to be found.
pub fn is_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<bool, DbError> {
    use aim_tasks as t;
    let due = t::table.filter(t::due_at.le(now.naive_utc())).select(t::appeal_id);
    Ok(due.first::<String>(conn).optional()?.is_some())
}

/// Claims the appeal that waits longest; whoever dies with it in hand leaves it due again after `lease`. With it what
/// [`done`] needs.
pub fn claim(conn: &mut Conn, now: DateTime<Utc>, lease: TimeDelta) -> Result<Option<(AppealId, i64)>, DbError> {
    use aim_tasks as t;
    let row: Option<(String, i64)> = t::table
        .filter(t::due_at.le(now.naive_utc()))
        .order((t::due_at, t::appeal_id))
        .select((t::appeal_id, t::fence))
        .first(conn)
        .optional()?;
    let Some((id, fence)) = row else { return Ok(None) };
    let changed = diesel::update(t::table.find(&id).filter(t::fence.eq(fence)))
        .set((t::fence.eq(fence + 1), t::due_at.eq((now + lease).naive_utc())))
        .execute(conn)?;
    let id = AppealId::parse(&id).map_err(|e| DbError::corrupt("aim_tasks.appeal_id", e))?;
    Ok((changed == 1).then_some((id, fence + 1)))
}

/// They are found; what was asked for anew meanwhile is due at once.
pub fn done(conn: &mut Conn, appeal: &AppealId, fence: i64, now: DateTime<Utc>) -> Result<(), DbError> {
    use aim_tasks as t;
    let gone = diesel::delete(t::table.find(appeal.as_str()).filter(t::fence.eq(fence))).execute(conn)?;
    if gone == 0 {
        diesel::update(t::table.find(appeal.as_str())).set(t::due_at.eq(now.naive_utc())).execute(conn)?;
    }
    Ok(())
}
