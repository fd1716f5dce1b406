//! What units changed of the rules, the questions that were asked about appeals (rows end or are added, never edited),
//! and what must never leave a case, sealed.

use super::appeals::json;
use super::schema::{appeal_secrets, assessments, rule_overrides, units};
use super::{Conn, DbError, per_backend};
use crate::domain::document;
use crate::domain::ids::{AppealId, AssessmentId, OverrideId, PersonId, UnitId};
use crate::domain::rules::{Answered, Assessment, Change, Override, RuleId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// How many units above one another are looked at: more than any force has, and an end to a circle in the data.
const LADDER: usize = 16;

/// A unit and those above it, the highest first.
pub fn ladder(conn: &mut Conn, unit: &UnitId) -> Result<Vec<String>, DbError> {
    let mut ladder = vec![unit.to_string()];
    while let Some(below) = ladder.last().filter(|_| ladder.len() < LADDER) {
        let parent: Option<String> = units::table.find(below).select(units::parent_id).first(conn)?;
        match parent {
            Some(parent) if !ladder.contains(&parent) => ladder.push(parent),
            _ => break,
        }
    }
    ladder.reverse();
    Ok(ladder)
}

type OverrideColumns = (String, String, String, String, String, String, NaiveDateTime);
const OVERRIDE: (
    rule_overrides::id,
    rule_overrides::unit_id,
    rule_overrides::rule,
    rule_overrides::change,
    rule_overrides::reason,
    rule_overrides::by_person,
    rule_overrides::at,
) = (
    rule_overrides::id,
    rule_overrides::unit_id,
    rule_overrides::rule,
    rule_overrides::change,
    rule_overrides::reason,
    rule_overrides::by_person,
    rule_overrides::at,
);

fn override_from((id, unit, rule, change, reason, by, at): OverrideColumns) -> Result<Override, DbError> {
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("rule_overrides", e);
    let change = document::read(&json("rule_overrides.change", &change)?, "", Change::read)
        .map_err(|e| DbError::corrupt("rule_overrides.change", e))?;
    Ok(Override {
        id: OverrideId::parse(&id).map_err(corrupt)?,
        unit: UnitId::parse(&unit).map_err(corrupt)?,
        rule: RuleId::parse(&rule).ok_or_else(|| DbError::corrupt("rule_overrides.rule", rule))?,
        change,
        reason,
        by: PersonId::parse(&by).map_err(corrupt)?,
        at: at.and_utc(),
    })
}

/// The changes that apply to a unit: those of the units above it first, each unit's in the order they were made.
pub fn overrides_for(conn: &mut Conn, unit: &UnitId) -> Result<Vec<Override>, DbError> {
    use rule_overrides as o;
    let ladder = ladder(conn, unit)?;
    let rows: Vec<OverrideColumns> = o::table
        .filter(o::unit_id.eq_any(&ladder).and(o::ended_at.is_null()))
        .order(o::id)
        .select(OVERRIDE)
        .load(conn)?;
    let mut found = rows.into_iter().map(override_from).collect::<Result<Vec<_>, _>>()?;
    found.sort_by_key(|change| ladder.iter().position(|unit| unit == change.unit.as_str()));
    Ok(found)
}

/// Adds a change.
pub fn add_override(conn: &mut Conn, change: &Override) -> Result<(), DbError> {
    use rule_overrides as o;
    diesel::insert_into(o::table)
        .values((
            o::id.eq(change.id.as_str()),
            o::unit_id.eq(change.unit.as_str()),
            o::rule.eq(change.rule.as_str()),
            o::change.eq(change.change.to_document().to_string()),
            o::reason.eq(&change.reason),
            o::by_person.eq(change.by.as_str()),
            o::at.eq(change.at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Ends a change of a unit; `NotFound` when there is none that still applies.
pub fn end_override(
    conn: &mut Conn,
    id: &OverrideId,
    unit: &UnitId,
    by: &PersonId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use rule_overrides as o;
    let open = o::id.eq(id.as_str()).and(o::unit_id.eq(unit.as_str())).and(o::ended_at.is_null());
    let ended = diesel::update(o::table.filter(open))
        .set((o::ended_by.eq(by.as_str()), o::ended_at.eq(now.naive_utc()), o::end_reason.eq(reason)))
        .execute(conn)?;
    if ended == 1 { Ok(()) } else { Err(DbError::NotFound) }
}

/// Adds an assessment.
pub fn add_assessment(conn: &mut Conn, appeal: &AppealId, assessment: &Assessment) -> Result<(), DbError> {
    use assessments as a;
    diesel::insert_into(a::table)
        .values((
            a::id.eq(assessment.id.as_str()),
            a::appeal_id.eq(appeal.as_str()),
            a::criteria.eq(assessment.criteria.as_str()),
            a::answers.eq(Answered::to_document(&assessment.answers).to_string()),
            a::triggered.eq(i32::from(assessment.triggered)),
            a::by_person.eq(assessment.by.as_str()),
            a::at.eq(assessment.at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Every assessment of an appeal, oldest first.
pub fn assessments_of(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<Assessment>, DbError> {
    use assessments as a;
    let rows: Vec<(String, String, String, i32, String, NaiveDateTime)> = a::table
        .filter(a::appeal_id.eq(appeal.as_str()))
        .order(a::id)
        .select((a::id, a::criteria, a::answers, a::triggered, a::by_person, a::at))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, criteria, answers, triggered, by, at)| {
            Ok(Assessment {
                id: AssessmentId::parse(&id).map_err(|e| DbError::corrupt("assessments.id", e))?,
                criteria: RuleId::parse(&criteria).ok_or_else(|| DbError::corrupt("assessments.criteria", criteria))?,
                answers: Answered::from_document(&json("assessments.answers", &answers)?)
                    .ok_or_else(|| DbError::corrupt("assessments.answers", answers))?,
                triggered: triggered == 1,
                by: PersonId::parse(&by).map_err(|e| DbError::corrupt("assessments.by_person", e))?,
                at: at.and_utc(),
            })
        })
        .collect()
}

/// What must never leave the case, sealed; none when nothing was named.
pub fn secrets_of(conn: &mut Conn, appeal: &AppealId) -> Result<Option<Vec<u8>>, DbError> {
    use appeal_secrets as s;
    Ok(s::table.find(appeal.as_str()).select(s::sealed).first(conn).optional()?)
}

/// Keeps what must never leave the case, in place of what was kept before.
pub fn keep_secrets(conn: &mut Conn, appeal: &AppealId, sealed: &[u8], now: DateTime<Utc>) -> Result<(), DbError> {
    use appeal_secrets as s;
    let row = (s::appeal_id.eq(appeal.as_str()), s::sealed.eq(sealed), s::updated_at.eq(now.naive_utc()));
    let changed = (s::sealed.eq(sealed), s::updated_at.eq(now.naive_utc()));
    per_backend!(conn, c => {
        diesel::insert_into(s::table).values(row).on_conflict(s::appeal_id).do_update().set(changed).execute(c)
    })?;
    Ok(())
}
