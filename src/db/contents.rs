//! Finished contents: what a channel shows in one language. And whom mails of it reached.

use super::deliveries::Delivery;
use super::schema::{contents, deliveries, recipients};
use super::{Conn, DbError, per_backend};
use crate::domain::dispatch::Purpose;
use crate::domain::ids::{AppealId, DeliveryId, DispatchId};
use crate::domain::language::Language;
use crate::domain::plan::PlanItem;
use crate::domain::scope::ChannelKind;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

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

/// Changes what a channel shows in one language, for whatever has not gone out yet.
pub fn renew_content(conn: &mut Conn, dispatch: &DispatchId, item: &PlanItem) -> Result<(), DbError> {
    let key = (dispatch.as_str(), Purpose::Appeal.code(), item.channel.code(), item.language.code());
    diesel::update(contents::table.find(key))
        .set((contents::content.eq(item.content.to_string()), contents::item.eq(item.to_document().to_string())))
        .execute(conn)?;
    Ok(())
}

/// What a dispatch shows of the appeal itself, per channel and language.
pub fn items_of(conn: &mut Conn, dispatch: &DispatchId) -> Result<Vec<PlanItem>, DbError> {
    let rows: Vec<String> = contents::table
        .filter(contents::dispatch_id.eq(dispatch.as_str()).and(contents::purpose.eq(Purpose::Appeal.code())))
        .order((contents::channel, contents::language))
        .select(contents::item)
        .load(conn)?;
    rows.into_iter()
        .map(|item| {
            let item = super::appeals::json("contents.item", &item)?;
            PlanItem::from_document(&item).ok_or_else(|| DbError::corrupt("contents.item", dispatch))
        })
        .collect()
}

/// The finished content of a delivery and the plan item it came from.
pub fn content(conn: &mut Conn, delivery: &Delivery) -> Result<(Value, Value), DbError> {
    let key = (delivery.dispatch.as_str(), delivery.purpose.code(), delivery.channel.code(), delivery.language.code());
    let (content, item): (String, String) =
        contents::table.find(key).select((contents::content, contents::item)).first(conn)?;
    Ok((super::appeals::json("contents.content", &content)?, super::appeals::json("contents.item", &item)?))
}

/// Mail deliveries of an appeal, or of it in some languages, and how many each reached: whom a correction must reach too.
pub fn mailed(
    conn: &mut Conn,
    appeal: &AppealId,
    languages: Option<&[Language]>,
    now: DateTime<Utc>,
) -> Result<Vec<(DeliveryId, DispatchId, Language, i64)>, DbError> {
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
        let language = Language::parse(&language).map_err(|e| DbError::corrupt("deliveries.language", e))?;
        if languages.is_some_and(|languages| !languages.contains(&language)) {
            continue;
        }
        // Somebody being mailed at this very moment counts: their mail cannot be called back.
        super::recipients::doubt(conn, &id, now)?;
        let reached: i64 = recipients::table
            .filter(recipients::delivery_id.eq(&id).and(recipients::state.eq_any(["sent", "unknown"])))
            .count()
            .get_result(conn)?;
        let id = DeliveryId::parse(&id).map_err(|e| DbError::corrupt("deliveries.id", e))?;
        let dispatch = DispatchId::parse(&dispatch).map_err(|e| DbError::corrupt("deliveries.dispatch_id", e))?;
        found.push((id, dispatch, language, reached));
    }
    Ok(found)
}
