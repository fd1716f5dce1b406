//! Dispatches, their finished contents, and how far they are.

use super::deliveries::Delivery;
use super::schema::{contents, deliveries, dispatches, recipients};
use super::{Conn, DbError, per_backend};
use crate::domain::dispatch::Purpose;
use crate::domain::ids::{AppealId, AuthorisationId, DeliveryId, DispatchId};
use crate::domain::language::Language;
use crate::domain::plan::PlanDigest;
use crate::domain::scope::ChannelKind;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::Value;

/// A validated plan being carried out.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Its id.
    pub id: DispatchId,
    /// Of which appeal.
    pub appeal: AppealId,
    /// Under which decisions: the appeal's own country's first.
    pub authorisations: Vec<AuthorisationId>,
    /// Which plan.
    pub plan: PlanDigest,
    /// Since when.
    pub created_at: DateTime<Utc>,
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

fn dispatch_from((id, appeal, home, abroad, plan, created_at): DispatchColumns) -> Result<Dispatch, DbError> {
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("dispatches", e);
    Ok(Dispatch {
        id: DispatchId::parse(&id).map_err(corrupt)?,
        appeal: AppealId::parse(&appeal).map_err(corrupt)?,
        authorisations: std::iter::once(home.as_str())
            .chain(abroad.split_whitespace())
            .map(AuthorisationId::parse)
            .collect::<Result<_, _>>()
            .map_err(corrupt)?,
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

/// One dispatch.
pub fn dispatch(conn: &mut Conn, id: &DispatchId) -> Result<Dispatch, DbError> {
    dispatch_from(dispatches::table.find(id.as_str()).select(DISPATCH).first(conn)?)
}

/// An appeal's dispatches, oldest first.
pub fn dispatches_of(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<Dispatch>, DbError> {
    let rows: Vec<DispatchColumns> = dispatches::table
        .filter(dispatches::appeal_id.eq(appeal.as_str()))
        .order(dispatches::id)
        .select(DISPATCH)
        .load(conn)?;
    rows.into_iter().map(dispatch_from).collect()
}

/// Stores what a channel shows in one language, finished.
pub fn add_content(
    conn: &mut Conn,
    dispatch: &DispatchId,
    purpose: Purpose,
    channel: ChannelKind,
    language: Language,
    content: &Value,
    item: &Value,
) -> Result<(), DbError> {
    let row = (
        contents::dispatch_id.eq(dispatch.as_str()),
        contents::purpose.eq(purpose.code()),
        contents::channel.eq(channel.code()),
        contents::language.eq(language.code()),
        contents::content.eq(content.to_string()),
        contents::item.eq(item.to_string()),
    );
    per_backend!(conn, c => diesel::insert_into(contents::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// The finished content of a delivery and the plan item it came from.
pub fn content(conn: &mut Conn, delivery: &Delivery) -> Result<(Value, Value), DbError> {
    let key = (delivery.dispatch.as_str(), delivery.purpose.code(), delivery.channel.code(), delivery.language.code());
    let (content, item): (String, String) =
        contents::table.find(key).select((contents::content, contents::item)).first(conn)?;
    Ok((super::appeals::json("contents.content", &content)?, super::appeals::json("contents.item", &item)?))
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

/// Mail deliveries of an appeal that reached somebody: whom a correction must reach too.
pub fn mailed(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<(DeliveryId, DispatchId, Language, i64)>, DbError> {
    use deliveries as d;
    let rows: Vec<(String, String, String)> = d::table
        .filter(
            d::appeal_id
                .eq(appeal.as_str())
                .and(d::channel.eq(ChannelKind::Email.code()))
                .and(d::purpose.eq(Purpose::Appeal.code())),
        )
        .order(d::id)
        .select((d::id, d::dispatch_id, d::language))
        .load(conn)?;
    let mut found = Vec::new();
    for (id, dispatch, language) in rows {
        // Somebody being mailed at this very moment has an undecided row and will be in the count by the next claim.
        let reached: i64 = recipients::table
            .filter(recipients::delivery_id.eq(&id).and(recipients::state.eq_any(["sent", "unknown"])))
            .count()
            .get_result(conn)?;
        let id = DeliveryId::parse(&id).map_err(|e| DbError::corrupt("deliveries.id", e))?;
        let dispatch = DispatchId::parse(&dispatch).map_err(|e| DbError::corrupt("deliveries.dispatch_id", e))?;
        let language = Language::parse(&language).map_err(|e| DbError::corrupt("deliveries.language", e))?;
        found.push((id, dispatch, language, reached));
    }
    Ok(found)
}
