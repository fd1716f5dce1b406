//! Appeals with their pictures, lots and authors as rows.

use super::schema::{appeal_authors, appeal_keys, appeals, lots, media};
use super::{Conn, DbError, per_backend};
use crate::domain::appeal::Draft;
use crate::domain::area::TargetArea;
use crate::domain::ids::{AppealId, LotId, PersonId, UnitId, UserId};
use crate::domain::lot::Lot;
use crate::domain::media::Media;
use crate::domain::outcome::Outcome;
use crate::domain::stage::Stage;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;

/// An appeal as it stands.
#[derive(Clone, Debug)]
pub struct Appeal {
    /// Its id.
    pub id: AppealId,
    /// Whose it is.
    pub unit: UnitId,
    /// Where it stands.
    pub stage: Stage,
    /// Grows with every change.
    pub version: i32,
    /// Its public name in addresses.
    pub slug: String,
    /// What was written.
    pub draft: Draft,
    /// Where it is meant to reach.
    pub area: Option<TargetArea>,
    /// Public half of the key its responses are sealed to.
    pub public_key: Vec<u8>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Who filed it.
    pub created_by: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
    /// Pictures in their order.
    pub media: Vec<Media>,
    /// Objects by number.
    pub lots: Vec<Lot>,
    /// Everyone who wrote part of it.
    pub authors: BTreeSet<PersonId>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = appeals)]
struct Row {
    id: String,
    unit_id: String,
    kind: String,
    country: String,
    stage: String,
    version: i32,
    slug: String,
    document: String,
    area: Option<String>,
    public_key: Vec<u8>,
    key_id: String,
    outcome: Option<String>,
    created_by: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// Parses a stored JSON document.
pub(super) fn json(what: &str, text: &str) -> Result<Value, DbError> {
    serde_json::from_str(text).map_err(|e| DbError::corrupt(what, e))
}

fn area_text(area: Option<&TargetArea>) -> Option<String> {
    area.map(|area| area.to_document().to_string())
}

/// Stores a new appeal; its pictures, lots and authors follow one by one.
pub fn add(conn: &mut Conn, appeal: &Appeal, key_id: &str) -> Result<(), DbError> {
    let row = Row {
        id: appeal.id.to_string(),
        unit_id: appeal.unit.to_string(),
        kind: appeal.draft.kind().code().to_owned(),
        country: appeal.draft.country.code().to_owned(),
        stage: appeal.stage.code().to_owned(),
        version: appeal.version,
        slug: appeal.slug.clone(),
        document: appeal.draft.to_document().to_string(),
        area: area_text(appeal.area.as_ref()),
        public_key: appeal.public_key.clone(),
        key_id: key_id.to_owned(),
        outcome: None,
        created_by: appeal.created_by.to_string(),
        created_at: appeal.created_at.naive_utc(),
        updated_at: appeal.updated_at.naive_utc(),
    };
    diesel::insert_into(appeals::table).values(row).execute(conn)?;
    Ok(())
}

fn complete(conn: &mut Conn, row: Row) -> Result<Appeal, DbError> {
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("appeals", e);
    let pictures: Vec<String> =
        media::table.filter(media::appeal_id.eq(&row.id)).order(media::position).select(media::document).load(conn)?;
    let objects: Vec<(String, String)> = lots::table
        .filter(lots::appeal_id.eq(&row.id))
        .order(lots::number)
        .select((lots::id, lots::document))
        .load(conn)?;
    let persons: Vec<String> = appeal_authors::table
        .filter(appeal_authors::appeal_id.eq(&row.id))
        .select(appeal_authors::person_id)
        .load(conn)?;
    let area = match &row.area {
        Some(text) => Some(
            TargetArea::from_document(&json("appeals.area", text)?).map_err(|e| DbError::corrupt("appeals.area", e))?,
        ),
        None => None,
    };
    Ok(Appeal {
        id: AppealId::parse(&row.id).map_err(corrupt)?,
        unit: UnitId::parse(&row.unit_id).map_err(corrupt)?,
        stage: Stage::parse(&row.stage).ok_or_else(|| DbError::corrupt("appeals.stage", row.stage))?,
        version: row.version,
        slug: row.slug,
        draft: Draft::from_document(&json("appeals.document", &row.document)?)
            .map_err(|e| DbError::corrupt("appeals.document", e))?,
        area,
        public_key: row.public_key,
        outcome: row.outcome.and_then(|code| Outcome::parse(&code)),
        created_by: UserId::parse(&row.created_by).map_err(corrupt)?,
        created_at: row.created_at.and_utc(),
        updated_at: row.updated_at.and_utc(),
        media: pictures
            .iter()
            .map(|text| {
                Media::from_document(&json("media.document", text)?).map_err(|e| DbError::corrupt("media.document", e))
            })
            .collect::<Result<_, _>>()?,
        lots: objects
            .iter()
            .map(|(id, text)| {
                let id = LotId::parse(id).map_err(corrupt)?;
                Lot::from_document(&json("lots.document", text)?, "", id)
                    .map_err(|e| DbError::corrupt("lots.document", e))
            })
            .collect::<Result<_, _>>()?,
        authors: persons.iter().map(|id| PersonId::parse(id).map_err(corrupt)).collect::<Result<_, _>>()?,
    })
}

/// One appeal of a unit; another unit's is not found.
pub fn of_unit(conn: &mut Conn, id: &AppealId, unit: &UnitId) -> Result<Appeal, DbError> {
    let row = appeals::table
        .find(id.as_str())
        .filter(appeals::unit_id.eq(unit.as_str()))
        .select(Row::as_select())
        .first(conn)?;
    complete(conn, row)
}

/// One appeal, for the service itself (workers, sweeper, public form).
pub fn any(conn: &mut Conn, id: &AppealId) -> Result<Appeal, DbError> {
    let row = appeals::table.find(id.as_str()).select(Row::as_select()).first(conn)?;
    complete(conn, row)
}

/// Which appeals to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this kind.
    pub kind: Option<String>,
    /// Only this stage.
    pub stage: Option<String>,
    /// Only those older than this id (ids sort by time).
    pub before: Option<String>,
    /// At most so many.
    pub limit: i64,
}

/// A unit's appeals, newest first.
pub fn page(conn: &mut Conn, unit: &UnitId, filter: Filter) -> Result<Vec<Appeal>, DbError> {
    let mut query = appeals::table
        .filter(appeals::unit_id.eq(unit.as_str().to_owned()))
        .select(Row::as_select())
        .order(appeals::id.desc())
        .limit(filter.limit)
        .into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(appeals::kind.eq(kind));
    }
    if let Some(stage) = filter.stage {
        query = query.filter(appeals::stage.eq(stage));
    }
    if let Some(before) = filter.before {
        query = query.filter(appeals::id.lt(before));
    }
    let rows: Vec<Row> = query.load(conn)?;
    rows.into_iter().map(|row| complete(conn, row)).collect()
}

/// Appeals at a stage, for the sweeper.
pub fn at_stage(conn: &mut Conn, stage: Stage) -> Result<Vec<AppealId>, DbError> {
    let ids: Vec<String> = appeals::table.filter(appeals::stage.eq(stage.code())).select(appeals::id).load(conn)?;
    ids.iter().map(|id| AppealId::parse(id).map_err(|e| DbError::corrupt("appeals.id", e))).collect()
}

/// Stores what changed, one version further; `Stale` when somebody was faster.
pub fn save(conn: &mut Conn, appeal: &mut Appeal, now: DateTime<Utc>) -> Result<(), DbError> {
    let changed = diesel::update(appeals::table.find(appeal.id.as_str()).filter(appeals::version.eq(appeal.version)))
        .set((
            appeals::kind.eq(appeal.draft.kind().code()),
            appeals::country.eq(appeal.draft.country.code()),
            appeals::stage.eq(appeal.stage.code()),
            appeals::version.eq(appeal.version + 1),
            appeals::document.eq(appeal.draft.to_document().to_string()),
            appeals::area.eq(area_text(appeal.area.as_ref())),
            appeals::outcome.eq(appeal.outcome.map(Outcome::code)),
            appeals::updated_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    if changed != 1 {
        return Err(DbError::Stale);
    }
    appeal.version += 1;
    appeal.updated_at = now;
    Ok(())
}

/// Remembers that a person wrote part of it.
pub fn add_author(conn: &mut Conn, id: &AppealId, person: &PersonId) -> Result<(), DbError> {
    let row = (appeal_authors::appeal_id.eq(id.as_str()), appeal_authors::person_id.eq(person.as_str()));
    per_backend!(conn, c => diesel::insert_into(appeal_authors::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Stores a picture after the others.
pub fn add_media(
    conn: &mut Conn,
    id: &AppealId,
    picture: &Media,
    position: i32,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::insert_into(media::table)
        .values((
            media::id.eq(picture.id.as_str()),
            media::appeal_id.eq(id.as_str()),
            media::position.eq(position),
            media::document.eq(picture.to_document().to_string()),
            media::created_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Stores a lot; `Conflict` when its number is taken.
pub fn add_lot(conn: &mut Conn, id: &AppealId, lot: &Lot) -> Result<(), DbError> {
    let number = i32::try_from(lot.number).map_err(|e| DbError::corrupt("lots.number", e))?;
    diesel::insert_into(lots::table)
        .values((
            lots::id.eq(lot.id.as_str()),
            lots::appeal_id.eq(id.as_str()),
            lots::number.eq(number),
            lots::document.eq(lot.to_document().to_string()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Stores the appeal's private key as wrapped for one reader.
pub fn add_key(
    conn: &mut Conn,
    id: &AppealId,
    reader: &str,
    wrapped: &[u8],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = (
        appeal_keys::appeal_id.eq(id.as_str()),
        appeal_keys::reader.eq(reader),
        appeal_keys::wrapped.eq(wrapped),
        appeal_keys::created_at.eq(now.naive_utc()),
    );
    per_backend!(conn, c => diesel::insert_into(appeal_keys::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// The appeal's private key as wrapped for one reader; `NotFound` when they were never given it.
pub fn key_for(conn: &mut Conn, id: &AppealId, reader: &UserId) -> Result<Vec<u8>, DbError> {
    Ok(appeal_keys::table.find((id.as_str(), reader.as_str())).select(appeal_keys::wrapped).first(conn)?)
}

/// Everyone who can open the appeal's responses.
pub fn readers(conn: &mut Conn, id: &AppealId) -> Result<Vec<String>, DbError> {
    Ok(appeal_keys::table.filter(appeal_keys::appeal_id.eq(id.as_str())).select(appeal_keys::reader).load(conn)?)
}
