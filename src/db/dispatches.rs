//! Validated plans being carried out, and what carries them on beyond the decisions they were sent under.

use super::schema::{continuations, deliveries, dispatches};
use super::{Conn, DbError};
use crate::domain::ids::{AppealId, AuthorisationId, DispatchId};
use crate::domain::plan::PlanDigest;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// A validated plan being carried out.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Its id.
    pub id: DispatchId,
    /// Of which appeal.
    pub appeal: AppealId,
    /// Under which decisions: the appeal's own country's first.
    pub authorisations: Vec<AuthorisationId>,
    /// Later decisions that carry it on.
    pub carried_by: Vec<AuthorisationId>,
    /// Which plan.
    pub plan: PlanDigest,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

impl Dispatch {
    /// Every decision the chain signed a plan of this dispatch for.
    #[must_use]
    pub fn decisions(&self) -> Vec<AuthorisationId> {
        self.authorisations.iter().chain(&self.carried_by).cloned().collect()
    }
}

type DispatchColumns = (String, String, String, String, String, NaiveDateTime);
const DISPATCH: (
    dispatches::id,
    dispatches::appeal_id,
    dispatches::authorisation_id,
    dispatches::abroad,
    dispatches::plan_digest,
    dispatches::created_at,
) = (
    dispatches::id,
    dispatches::appeal_id,
    dispatches::authorisation_id,
    dispatches::abroad,
    dispatches::plan_digest,
    dispatches::created_at,
);

fn from((id, appeal, home, abroad, plan, created_at): DispatchColumns) -> Result<Dispatch, DbError> {
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("dispatches", e);
    Ok(Dispatch {
        id: DispatchId::parse(&id).map_err(corrupt)?,
        appeal: AppealId::parse(&appeal).map_err(corrupt)?,
        authorisations: std::iter::once(home.as_str())
            .chain(abroad.split_whitespace())
            .map(AuthorisationId::parse)
            .collect::<Result<_, _>>()
            .map_err(corrupt)?,
        carried_by: Vec::new(),
        plan: PlanDigest::parse(&plan).ok_or_else(|| DbError::corrupt("dispatches.plan_digest", plan))?,
        created_at: created_at.and_utc(),
    })
}

/// Adds a dispatch.
pub fn add_dispatch(conn: &mut Conn, dispatch: &Dispatch, by: &str) -> Result<(), DbError> {
    let mut abroad = dispatch.authorisations.iter();
    let home = abroad.next();
    diesel::insert_into(dispatches::table)
        .values((
            dispatches::id.eq(dispatch.id.as_str()),
            dispatches::appeal_id.eq(dispatch.appeal.as_str()),
            dispatches::authorisation_id.eq(home.map(AuthorisationId::as_str).unwrap_or_default()),
            dispatches::abroad.eq(abroad.map(AuthorisationId::as_str).collect::<Vec<_>>().join(" ")),
            dispatches::plan_digest.eq(dispatch.plan.as_str()),
            dispatches::created_by.eq(by),
            dispatches::created_at.eq(dispatch.created_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// A dispatch with what carries it on.
fn load(conn: &mut Conn, columns: DispatchColumns) -> Result<Dispatch, DbError> {
    let mut dispatch = from(columns)?;
    for continuation in continuations_of(conn, &dispatch.id)? {
        dispatch.carried_by.extend(continuation.authorisations);
    }
    Ok(dispatch)
}

/// One dispatch.
pub fn dispatch(conn: &mut Conn, id: &DispatchId) -> Result<Dispatch, DbError> {
    let columns = dispatches::table.find(id.as_str()).select(DISPATCH).first(conn)?;
    load(conn, columns)
}

/// An appeal's dispatches, oldest first.
pub fn dispatches_of(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<Dispatch>, DbError> {
    let rows: Vec<DispatchColumns> = dispatches::table
        .filter(dispatches::appeal_id.eq(appeal.as_str()))
        .order(dispatches::id)
        .select(DISPATCH)
        .load(conn)?;
    rows.into_iter().map(|columns| load(conn, columns)).collect()
}

/// A plan the chain signed for something that is out already.
#[derive(Clone, Debug)]
pub struct Continuation {
    /// Which plan.
    pub plan: PlanDigest,
    /// The decisions it rests on: the appeal's own country's first.
    pub authorisations: Vec<AuthorisationId>,
}

/// Carries a dispatch on; the same plan again is the same row.
pub fn add_continuation(
    conn: &mut Conn,
    dispatch: &DispatchId,
    continuation: &Continuation,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let ids: Vec<_> = continuation.authorisations.iter().map(AuthorisationId::as_str).collect();
    diesel::insert_into(continuations::table)
        .values((
            continuations::dispatch_id.eq(dispatch.as_str()),
            continuations::plan_digest.eq(continuation.plan.as_str()),
            continuations::authorisations.eq(ids.join(" ")),
            continuations::at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// What carried a dispatch on, oldest first.
pub fn continuations_of(conn: &mut Conn, dispatch: &DispatchId) -> Result<Vec<Continuation>, DbError> {
    use continuations as c;
    let rows: Vec<(String, String)> = c::table
        .filter(c::dispatch_id.eq(dispatch.as_str()))
        .order((c::at, c::plan_digest))
        .select((c::plan_digest, c::authorisations))
        .load(conn)?;
    rows.into_iter()
        .map(|(plan, ids)| {
            Ok(Continuation {
                plan: PlanDigest::parse(&plan).ok_or_else(|| DbError::corrupt("continuations.plan_digest", plan))?,
                authorisations: ids
                    .split_whitespace()
                    .map(AuthorisationId::parse)
                    .collect::<Result<_, _>>()
                    .map_err(|e| DbError::corrupt("continuations.authorisations", e))?,
            })
        })
        .collect()
}

/// Counts of one channel, language, province and state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Appeal, correction or closure.
    pub purpose: String,
    /// Where.
    pub channel: String,
    /// Language.
    pub language: String,
    /// Code of the province the people counted live in; empty where that is no question or has no answer.
    pub province: String,
    /// State of the deliveries counted here.
    pub state: String,
    /// How many deliveries.
    pub deliveries: i64,
    /// How many people they should reach.
    pub expected: i64,
    /// How many they did.
    pub sent: i64,
    /// How many they never will.
    pub failed: i64,
}

/// A dispatch's counts by purpose, channel, language, state and province. Counted by the database: a dispatch to ten
/// million has tens of thousands of rows.
pub fn tally(conn: &mut Conn, dispatch: &DispatchId) -> Result<Vec<Tally>, DbError> {
    use deliveries as d;
    type Row = (String, String, String, String, String, i64, i64, i64, i64);
    // A sum of BIGINT is NUMERIC on PostgreSQL; no dispatch has 2^63 people.
    let rows: Vec<Row> = d::table
        .filter(d::dispatch_id.eq(dispatch.as_str()))
        .group_by((d::purpose, d::channel, d::language, d::state, d::province))
        .order((d::purpose, d::channel, d::language, d::state, d::province))
        .select((
            d::purpose,
            d::channel,
            d::language,
            d::state,
            d::province,
            sql::<BigInt>("CAST(COUNT(*) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(expected) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(sent) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(failed) AS BIGINT)"),
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(purpose, channel, language, state, province, deliveries, expected, sent, failed)| Tally {
            purpose,
            channel,
            language,
            province,
            state,
            deliveries,
            expected,
            sent,
            failed,
        })
        .collect())
}
