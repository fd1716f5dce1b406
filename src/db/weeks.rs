//! Lists of cold appeals for a week, and what became of each appeal on them.

use super::schema::{week_items, weeks};
use super::{Conn, DbError};
use crate::domain::ids::{AppealId, PersonId, UnitId, WeekId};
use crate::domain::plan::PlanDigest;
use crate::domain::week::{Item, ItemState, Slot};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A list.
#[derive(Clone, Debug)]
pub struct Week {
    /// Its id.
    pub id: WeekId,
    /// Whose.
    pub unit: UnitId,
    /// What people call it.
    pub title: String,
    /// What is answered to.
    pub digest: String,
    /// Who composed it.
    pub composed_by: PersonId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// The account that let it go out, and when; none while nobody did.
    pub released: Option<(String, DateTime<Utc>)>,
    /// Its appeals, by hour.
    pub items: Vec<Item>,
}

/// Adds a list.
pub fn add(conn: &mut Conn, week: &Week) -> Result<(), DbError> {
    diesel::insert_into(weeks::table)
        .values((
            weeks::id.eq(week.id.as_str()),
            weeks::unit_id.eq(week.unit.as_str()),
            weeks::title.eq(&week.title),
            weeks::digest.eq(&week.digest),
            weeks::composed_by.eq(week.composed_by.as_str()),
            weeks::created_at.eq(week.created_at.naive_utc()),
        ))
        .execute(conn)?;
    for item in &week.items {
        diesel::insert_into(week_items::table)
            .values((
                week_items::week_id.eq(week.id.as_str()),
                week_items::appeal_id.eq(item.slot.appeal.as_str()),
                week_items::plan_digest.eq(item.plan.as_str()),
                week_items::due_at.eq(item.slot.due_at.naive_utc()),
                week_items::state.eq(item.state.code()),
                week_items::note.eq(&item.note),
                week_items::changed_at.eq(week.created_at.naive_utc()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

type Columns = (String, String, String, String, String, NaiveDateTime, Option<String>, Option<NaiveDateTime>);
const WEEK: (
    weeks::id,
    weeks::unit_id,
    weeks::title,
    weeks::digest,
    weeks::composed_by,
    weeks::created_at,
    weeks::released_by,
    weeks::released_at,
) = (
    weeks::id,
    weeks::unit_id,
    weeks::title,
    weeks::digest,
    weeks::composed_by,
    weeks::created_at,
    weeks::released_by,
    weeks::released_at,
);

fn load(conn: &mut Conn, columns: Columns) -> Result<Week, DbError> {
    use week_items as i;
    let (id, unit, title, digest, composed_by, created_at, released_by, released_at) = columns;
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("weeks", e);
    let rows: Vec<(String, String, NaiveDateTime, String, String)> = i::table
        .filter(i::week_id.eq(&id))
        .order((i::due_at, i::appeal_id))
        .select((i::appeal_id, i::plan_digest, i::due_at, i::state, i::note))
        .load(conn)?;
    let items = rows.into_iter().map(|(appeal, plan, due_at, state, note)| {
        let appeal = AppealId::parse(&appeal).map_err(corrupt)?;
        Ok(Item {
            slot: Slot { appeal, due_at: due_at.and_utc() },
            plan: PlanDigest::parse(&plan).ok_or_else(|| DbError::corrupt("week_items.plan_digest", plan))?,
            state: ItemState::parse(&state).ok_or_else(|| DbError::corrupt("week_items.state", state))?,
            note,
        })
    });
    Ok(Week {
        items: items.collect::<Result<_, DbError>>()?,
        id: WeekId::parse(&id).map_err(corrupt)?,
        unit: UnitId::parse(&unit).map_err(corrupt)?,
        title,
        digest,
        composed_by: PersonId::parse(&composed_by).map_err(corrupt)?,
        created_at: created_at.and_utc(),
        released: released_by.zip(released_at.map(|at| at.and_utc())),
    })
}

/// One list of a unit; another unit's is not found.
pub fn of_unit(conn: &mut Conn, id: &WeekId, unit: &UnitId) -> Result<Week, DbError> {
    let found = weeks::table.find(id.as_str()).filter(weeks::unit_id.eq(unit.as_str())).select(WEEK).first(conn)?;
    load(conn, found)
}

/// A unit's newest lists.
pub fn page(conn: &mut Conn, unit: &UnitId, limit: i64) -> Result<Vec<Week>, DbError> {
    let rows: Vec<Columns> = weeks::table
        .filter(weeks::unit_id.eq(unit.as_str()))
        .order(weeks::id.desc())
        .limit(limit)
        .select(WEEK)
        .load(conn)?;
    rows.into_iter().map(|columns| load(conn, columns)).collect()
}

/// Lets a list go out; `Conflict` when somebody did before.
pub fn release(conn: &mut Conn, id: &WeekId, by: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let changed = diesel::update(weeks::table.find(id.as_str()).filter(weeks::released_at.is_null()))
        .set((weeks::released_by.eq(by), weeks::released_at.eq(now.naive_utc())))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Conflict) }
}

/// Says what became of an appeal on a list; `Conflict` when that was settled before.
pub fn settle(
    conn: &mut Conn,
    week: &WeekId,
    appeal: &AppealId,
    (state, note): (ItemState, &str),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use week_items as i;
    let planned = i::state.eq(ItemState::Planned.code());
    let changed = diesel::update(i::table.find((week.as_str(), appeal.as_str())).filter(planned))
        .set((i::state.eq(state.code()), i::note.eq(note), i::changed_at.eq(now.naive_utc())))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Conflict) }
}

/// Lists with an appeal whose hour has come, oldest first.
pub fn due(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Week>, DbError> {
    use week_items as i;
    let planned = i::state.eq(ItemState::Planned.code()).and(i::due_at.le(now.naive_utc()));
    let mut ids: Vec<String> = i::table.filter(planned).order(i::week_id).select(i::week_id).load(conn)?;
    ids.dedup();
    let rows: Vec<Columns> = weeks::table.filter(weeks::id.eq_any(ids)).order(weeks::id).select(WEEK).load(conn)?;
    rows.into_iter().map(|columns| load(conn, columns)).collect()
}
