//! Making, changing and deleting.
#![allow(clippy::indexing_slicing, reason = "fields of JSON objects made or checked here")]

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::entity::{Entity, Kind};
use super::errors::No;
use super::fields::{self, moment, parsed};
use super::{Asked, XAds};
use crate::simulators::fault::Fault;
use crate::simulators::ledger::Ledger;
use crate::simulators::spending::Spending;

const TOTAL: &str = "total_budget_amount_local_micro";

/// Targeting this program may ever send: place, language and age. Anything else is refused here.
const TARGETS: [&str; 3] = ["LOCATION", "LANGUAGE", "AGE"];
const AGES: [&str; 16] = [
    "AGE_18_TO_24",
    "AGE_18_TO_34",
    "AGE_18_TO_49",
    "AGE_18_TO_54",
    "AGE_21_TO_34",
    "AGE_21_TO_49",
    "AGE_21_TO_54",
    "AGE_25_TO_49",
    "AGE_25_TO_54",
    "AGE_35_TO_49",
    "AGE_35_TO_54",
    "AGE_OVER_18",
    "AGE_OVER_21",
    "AGE_OVER_25",
    "AGE_OVER_35",
    "AGE_OVER_50",
];

impl XAds {
    pub(super) fn upload(&mut self, asked: &Asked<'_>, ledger: &mut Ledger) -> Result<Value, No> {
        let parts = asked.call.parts().ok_or_else(|| No::invalid("media", "multipart is expected"))?;
        let part = |name: &str| parts.iter().find(|part| part.name == name);
        let category = part("media_category").map(|part| part.bytes.as_slice());
        let media = part("media").filter(|part| part.bytes.len() > 8).ok_or_else(|| No::missing("media"))?;
        if category != Some(b"tweet_image") {
            return Err(No::invalid("media_category", "tweet_image"));
        }
        self.next_id += 1;
        let id = format!("19{:017}", self.next_id);
        let key = format!("3_{id}");
        self.media.insert(key.clone());
        ledger.effect(asked.now, "uploaded", "image", &key, format!("{} bytes", media.bytes.len()));
        Ok(json!({"data": {"id": id, "media_key": key, "expires_after_secs": 86_400, "size": media.bytes.len()}}))
    }

    /// `POST /2/media/metadata`: what a picture shows, in words.
    pub(super) fn describe(&mut self, asked: &Asked<'_>, ledger: &mut Ledger) -> Result<Value, No> {
        let body = asked.call.json().ok_or_else(|| No::invalid("body", "JSON is expected"))?;
        let id = body.get("id").and_then(Value::as_str).ok_or_else(|| No::missing("id"))?;
        let alt =
            body.pointer("/metadata/alt_text/text").and_then(Value::as_str).ok_or_else(|| No::missing("alt_text"))?;
        if alt.is_empty() || alt.chars().count() > 1_000 {
            return Err(No::invalid("alt_text", "1 to 1,000 characters"));
        }
        if !self.media.contains(&format!("3_{id}")) {
            return Err(No::new(404, "MEDIA_NOT_FOUND", id));
        }
        ledger.effect(asked.now, "changed", "image", id, alt);
        Ok(json!({"data": {"id": id, "associated_metadata": {"alt_text": {"text": alt}}}}))
    }

    fn live(&self, kind: Kind, id: &str, code: &'static str) -> Result<&Entity, No> {
        let found = self.entities.all.get(id).filter(|entity| entity.kind == kind && !entity.deleted);
        found.ok_or_else(|| No::new(404, code, format!("{} {id} was not found", kind.word())))
    }

    fn add(&mut self, asked: &Asked<'_>, kind: Kind, fields: Map<String, Value>, ledger: &mut Ledger) -> String {
        let id = if kind == Kind::Tweet {
            self.next_id += 1;
            format!("18{:017}", self.next_id)
        } else {
            self.next_id()
        };
        let named = if kind == Kind::Criterion { "targeting_value" } else { "name" };
        let detail = fields.get(named).and_then(Value::as_str).unwrap_or_default().to_owned();
        ledger.effect(asked.now, "created", kind.word(), &id, detail);
        let entity = Entity {
            id: id.clone(),
            kind,
            fields,
            deleted: false,
            listed_at: asked.listed_at(),
            reviewed_at: asked.now + TimeDelta::seconds(self.account.review_seconds),
            is_rejected: asked.fault == Some(Fault::ReviewRejected),
            spending: Spending::default(),
        };
        self.entities.add(entity);
        id
    }

    fn shown(&self, id: &str, asked: &Asked<'_>) -> Value {
        let data = self.entities.all.get(id).map(|entity| self.entities.view(entity, asked.now));
        json!({"data": data, "request": {"params": {}}})
    }

    fn enough(&self, asked: &Asked<'_>, values: &Map<String, Value>) -> Result<(), No> {
        let total = values.get(TOTAL).and_then(Value::as_i64);
        let daily = values.get("daily_budget_amount_local_micro").and_then(Value::as_i64);
        if total.zip(daily).is_some_and(|(total, daily)| daily > total) {
            return Err(No::invalid("daily_budget_amount_local_micro", "must not be above the total budget"));
        }
        let least = self.account.least_micros;
        if total.is_some_and(|total| total < least || asked.fault == Some(Fault::BudgetTooLow)) {
            return Err(No::invalid(TOTAL, format!("The budget must be at least {least}")));
        }
        Ok(())
    }

    pub(super) fn make(&mut self, asked: &Asked<'_>, edge: &str, ledger: &mut Ledger) -> Result<Value, No> {
        match edge {
            "campaigns" => {
                let mut values = parsed(&asked.given, fields::CAMPAIGN)?;
                if values.get("funding_instrument_id") != Some(&json!(self.account.funding)) {
                    return Err(No::new(403, "FUNDING_INSTRUMENT_NOT_FOUND", "funding_instrument_id"));
                }
                self.enough(asked, &values)?;
                values.entry("entity_status").or_insert_with(|| json!("ACTIVE"));
                let id = self.add(asked, Kind::Campaign, values, ledger);
                Ok(self.shown(&id, asked))
            }
            "line_items" => {
                let mut values = parsed(&asked.given, fields::LINE_ITEM)?;
                self.line_item(asked, &values)?;
                values.entry("entity_status").or_insert_with(|| json!("ACTIVE"));
                let id = self.add(asked, Kind::LineItem, values, ledger);
                Ok(self.shown(&id, asked))
            }
            "media_library" => {
                let values = parsed(&asked.given, fields::LIBRARY)?;
                let key = values.get("media_key").and_then(Value::as_str).unwrap_or_default();
                if !self.media.contains(key) {
                    return Err(No::new(404, "MEDIA_NOT_FOUND", key));
                }
                Ok(json!({"data": {"media_key": key, "media_status": "TRANSCODE_COMPLETED"}}))
            }
            "tweet" => {
                let mut values = parsed(&asked.given, fields::TWEET)?;
                self.tweet(&values)?;
                values.entry("nullcast").or_insert_with(|| json!(true));
                let id = self.add(asked, Kind::Tweet, values, ledger);
                let mut shown = self.shown(&id, asked);
                shown["data"]["id_str"] = json!(id);
                Ok(shown)
            }
            "promoted_tweets" => {
                let values = parsed(&asked.given, fields::PROMOTED)?;
                let item = values.get("line_item_id").and_then(Value::as_str).unwrap_or_default().to_owned();
                self.live(Kind::LineItem, &item, "LINE_ITEM_NOT_FOUND")?;
                let ids = values.get("tweet_ids").and_then(Value::as_str).unwrap_or_default().to_owned();
                let ids: Vec<&str> = ids.split(',').collect();
                if ids.len() > 50 {
                    return Err(No::invalid("tweet_ids", "at most 50"));
                }
                let mut rows = Vec::new();
                for tweet in ids {
                    self.live(Kind::Tweet, tweet, "TWEET_NOT_FOUND")?;
                    let fields = Map::from_iter([
                        ("line_item_id".to_owned(), json!(item)),
                        ("tweet_id".to_owned(), json!(tweet)),
                        ("entity_status".to_owned(), json!("ACTIVE")),
                    ]);
                    let id = self.add(asked, Kind::Promoted, fields, ledger);
                    rows.push(self.shown(&id, asked)["data"].clone());
                }
                Ok(json!({"data": rows, "request": {"params": {}}}))
            }
            "audience_estimate" => {
                ledger.read("audience estimate");
                Err(No::invalid("targeting_criteria", "At least one primary targeting criterion is required"))
            }
            other => Err(No::new(404, "ROUTE_NOT_FOUND", other)),
        }
    }

    fn line_item(&self, asked: &Asked<'_>, values: &Map<String, Value>) -> Result<(), No> {
        let text = |key: &str| values.get(key).and_then(Value::as_str).unwrap_or_default();
        let campaign = self.live(Kind::Campaign, text("campaign_id"), "CAMPAIGN_NOT_FOUND")?;
        let (starts, ends) = (moment(text("start_time")), moment(text("end_time")));
        if ends <= starts || ends <= Some(asked.now) {
            return Err(No::invalid("end_time", "must be in the future and after start_time"));
        }
        match (text("bid_strategy"), values.contains_key("bid_amount_local_micro")) {
            ("MAX" | "TARGET", false) => return Err(No::missing("bid_amount_local_micro")),
            ("MAX", _) if matches!(text("objective"), "REACH" | "FOLLOWERS") => {
                return Err(No::invalid("bid_strategy", "MAX is not for this objective"));
            }
            _ => {}
        }
        if values.contains_key("frequency_cap")
            && !matches!(values.get("duration_in_days").and_then(Value::as_i64), Some(1 | 7 | 30))
        {
            return Err(No::invalid("duration_in_days", "1, 7 or 30 with frequency_cap"));
        }
        let total = values.get(TOTAL).and_then(Value::as_i64);
        if total > campaign.number(TOTAL) && campaign.number(TOTAL).is_some() {
            return Err(No::new(400, "SPEND_EXCEEDS_BUDGET", "The line item total may not exceed the campaign total"));
        }
        self.enough(asked, values)
    }

    fn tweet(&self, values: &Map<String, Value>) -> Result<(), No> {
        let text = |key: &str| values.get(key).and_then(Value::as_str).unwrap_or_default();
        if text("as_user_id") != self.account.user {
            return Err(No::new(403, "USER_NOT_PROMOTABLE", "as_user_id"));
        }
        let said = text("text");
        if said.trim().is_empty() {
            return Err(No::new(400, "TWEET_CANNOT_BE_BLANK", "text"));
        }
        if weight(said) > 280 {
            return Err(No::new(400, "TWEET_TEXT_TOO_LONG", format!("{} of 280", weight(said))));
        }
        let mut tweets = self.entities.all.values().filter(|one| one.kind == Kind::Tweet && !one.deleted);
        if !self.account.repeats_posts && tweets.any(|tweet| tweet.text("text") == said) {
            return Err(No::new(400, "DUPLICATE_TWEET", "This text has been posted already"));
        }
        let keys: Vec<&str> = text("media_keys").split(',').filter(|key| !key.is_empty()).collect();
        if keys.len() > 4 {
            return Err(No::invalid("media_keys", "at most 4"));
        }
        match keys.iter().find(|key| !self.media.contains(**key)) {
            Some(key) => Err(No::new(404, "MEDIA_NOT_FOUND", *key)),
            None => Ok(()),
        }
    }

    pub(super) fn batch(&mut self, asked: &Asked<'_>, ledger: &mut Ledger) -> Result<Value, No> {
        let body = asked.call.json().ok_or_else(|| No::invalid("body", "a JSON array is expected"))?;
        let operations = body.as_array().ok_or_else(|| No::invalid("body", "a JSON array is expected"))?;
        if operations.is_empty() || operations.len() > 500 {
            return Err(No::invalid("body", "1 to 500 operations"));
        }
        let mut new = Vec::new();
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for operation in operations {
            let object = operation
                .as_object()
                .filter(|object| object.len() == 2)
                .ok_or_else(|| No::invalid("body", "operation"))?;
            if object.get("operation_type") != Some(&json!("Create")) {
                return Err(No::invalid("operation_type", "Create is all this program needs"));
            }
            let params = object.get("params").and_then(Value::as_object).ok_or_else(|| No::missing("params"))?;
            let known = ["line_item_id", "targeting_type", "targeting_value", "operator_type"];
            if let Some(key) = params.keys().find(|key| !known.contains(&key.as_str())) {
                return Err(No::invalid(key, "is not a parameter of this endpoint"));
            }
            let text = |key: &str| params.get(key).and_then(Value::as_str).ok_or_else(|| No::missing(key));
            let (item, kind, value) = (text("line_item_id")?, text("targeting_type")?, text("targeting_value")?);
            self.live(Kind::LineItem, item, "LINE_ITEM_NOT_FOUND")?;
            if text("operator_type")? != "EQ" || !TARGETS.contains(&kind) {
                return Err(No::invalid("targeting_type", kind));
            }
            let exists = match kind {
                "LOCATION" => self.account.places.iter().any(|place| place.id == value),
                "LANGUAGE" => ["fr", "nl", "de", "en"].contains(&value),
                _ => AGES.contains(&value),
            };
            if !exists {
                return Err(No::invalid("targeting_value", value));
            }
            let doubled = |one: &Entity| one.text("targeting_type") == kind && one.text("targeting_value") == value;
            if self.entities.under(Kind::Criterion, item).any(doubled) {
                return Err(No::new(400, "DUPLICATE_TARGETING_CRITERIA", value));
            }
            *count.entry(item.to_owned()).or_default() += usize::from(kind == "LOCATION");
            new.push(params.clone());
        }
        for (item, more) in count {
            let there = self.entities.under(Kind::Criterion, &item);
            if there.filter(|one| one.text("targeting_type") == "LOCATION").count() + more > 2_000 {
                return Err(No::invalid("targeting_value", "at most 2,000 locations a line item"));
            }
        }
        let rows: Vec<Value> = new
            .into_iter()
            .map(|params| {
                let id = self.add(asked, Kind::Criterion, params, ledger);
                self.shown(&id, asked)["data"].clone()
            })
            .collect();
        Ok(json!({"data": rows, "request": []}))
    }

    pub(super) fn change(&mut self, asked: &Asked<'_>, edge: &str, id: &str, ledger: &mut Ledger) -> Result<Value, No> {
        let kind = Kind::of(edge).filter(|kind| matches!(kind, Kind::Campaign | Kind::LineItem));
        let kind = kind.ok_or_else(|| No::new(404, "ROUTE_NOT_FOUND", edge))?;
        let code = if kind == Kind::Campaign { "CAMPAIGN_NOT_FOUND" } else { "LINE_ITEM_NOT_FOUND" };
        let known = self.live(kind, id, code)?.clone();
        let values = parsed(&asked.given, fields::CHANGED)?;
        // What it would be with the change, and beside its campaign.
        let mut whole = known.fields.clone();
        whole.extend(values.clone());
        let total = |fields: &Map<String, Value>| fields.get(TOTAL).and_then(Value::as_i64);
        if values.contains_key(TOTAL) || values.contains_key("daily_budget_amount_local_micro") {
            self.enough(asked, &whole)?;
            if total(&whole).is_some_and(|total| total < known.spending.micros) {
                return Err(No::new(400, "SPEND_EXCEEDS_BUDGET", "The budget is below what was spent already"));
            }
            let items = self.entities.under(Kind::LineItem, id).filter_map(|item| item.number(TOTAL)).max();
            let campaign = self.entities.all.get(known.text("campaign_id")).and_then(|campaign| campaign.number(TOTAL));
            let above = match kind {
                Kind::Campaign => items > total(&whole) && total(&whole).is_some(),
                _ => campaign.is_some() && total(&whole) > campaign,
            };
            if above {
                return Err(No::new(
                    400,
                    "SPEND_EXCEEDS_BUDGET",
                    "The line item total may not exceed the campaign total",
                ));
            }
        }
        if let Some(ends) = values.get("end_time").and_then(Value::as_str).and_then(moment) {
            if kind == Kind::Campaign {
                return Err(No::invalid("end_time", "is not a parameter of this endpoint"));
            }
            if ends <= asked.now || Some(ends) <= moment(known.text("start_time")) {
                return Err(No::invalid("end_time", "must be in the future and after start_time"));
            }
        }
        let what: Vec<String> = values.iter().map(|(key, value)| format!("{key}={value}")).collect();
        ledger.effect(asked.now, "changed", kind.word(), id, what.join(" "));
        if let Some(entity) = self.entities.all.get_mut(id) {
            entity.fields.extend(values);
        }
        Ok(self.shown(id, asked))
    }

    pub(super) fn delete(&mut self, asked: &Asked<'_>, edge: &str, id: &str, ledger: &mut Ledger) -> Result<Value, No> {
        let kind = Kind::of(edge).ok_or_else(|| No::new(404, "ROUTE_NOT_FOUND", edge))?;
        self.live(kind, id, "NOT_FOUND")?;
        if let Some(entity) = self.entities.all.get_mut(id) {
            entity.deleted = true;
        }
        ledger.effect(asked.now, "deleted", kind.word(), id, "");
        Ok(self.shown(id, asked))
    }
}

/// Characters as X counts them: a link is 23, most alphabets 1, the rest 2.
fn weight(text: &str) -> usize {
    let light = |c: char| matches!(u32::from(c), 0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247);
    let word = |word: &str| {
        let is_link = word.starts_with("https://") || word.starts_with("http://");
        if is_link { 23 } else { word.chars().map(|c| if light(c) { 1 } else { 2 }).sum() }
    };
    let words = text.split(char::is_whitespace);
    words.map(word).sum::<usize>() + text.chars().filter(|c| c.is_whitespace()).count()
}
