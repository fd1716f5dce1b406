//! Aims as they were found for an appeal, by platform and language. What one is made of is `app::stored_aims`'s.

use super::schema::aims;
use super::{Conn, DbError, per_backend};
use crate::domain::aim::AimPlatform;
use crate::domain::ids::AppealId;
use crate::domain::language::Language;
use chrono::{DateTime, Utc};
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
