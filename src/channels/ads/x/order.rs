//! An order in the words of the X Ads API.

use super::{Pairs, XClient};
use crate::channels::ads::{AdOrder, Failed, Made, Step, Trouble};
use crate::channels::targeting::x::{MOST_PLACES, X, batches as targets};
use crate::domain::advert::{AdText, Placement};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Operations of one batch.
const BATCH: usize = 500;

/// ISO 8601, whole seconds, UTC.
pub fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An id that an earlier step must have left.
pub fn needed<'a>(made: &'a Made, name: &str) -> Result<&'a str, Failed> {
    made.id(name).ok_or_else(|| Failed::permanent(Trouble::NotFound, format!("nothing was made as {name}")))
}

/// The places; never none, for that would be everywhere.
pub fn places(order: &AdOrder) -> Result<&[String], Failed> {
    match &order.audience.placement {
        Placement::Places(ids) if !ids.is_empty() && ids.len() <= MOST_PLACES => Ok(ids),
        _ => Err(Failed::permanent(
            Trouble::Refused,
            format!("a line item takes 1 to {MOST_PLACES} places of X's own list"),
        )),
    }
}

/// The criteria of a line item: places, then the language, then the age, in batches.
pub fn batches(order: &AdOrder, item: &str) -> Result<Vec<Value>, Failed> {
    let ids: Vec<&str> = places(order)?.iter().map(String::as_str).collect();
    let x = X { line_item: item.to_owned() };
    let told = targets(&ids, &x, Some(order.audience.language));
    let mut all: Vec<Value> = told.into_iter().filter_map(|batch| batch.as_array().cloned()).flatten().collect();
    let ages = order.audience.ages;
    let age = ages.on_x().ok_or_else(|| Failed::permanent(Trouble::Refused, format!("X has no band for {ages}")))?;
    all.push(json!({"operation_type": "Create", "params": {"line_item_id": item, "targeting_type": "AGE",
        "targeting_value": age, "operator_type": "EQ"}}));
    Ok(all.chunks(BATCH).map(|batch| json!(batch)).collect())
}

/// What is made, in order.
pub fn steps(order: &AdOrder) -> Vec<Step> {
    let count = places(order).map_or(0, <[String]>::len) + 2;
    let image = order.picture.as_ref().map(|_| Step::new("image"));
    let criteria = (0..count.div_ceil(BATCH)).map(|n| Step::nth("criteria", n));
    let begin = [Step::new("post"), Step::new("campaign"), Step::new("item")];
    image.into_iter().chain(begin).chain(criteria).chain([Step::new("promoted")]).collect()
}

/// Needed beside the total by most means of payment, in millionths: a cent at least, and never above the total.
pub fn daily(order: &AdOrder) -> i64 {
    let (total, days) = (order.ceiling.micros(), order.days());
    (total / days / 10_000 * 10_000).max(10_000).min(total)
}

/// `POST …/line_items`.
pub fn line_item(order: &AdOrder, made: &Made) -> Result<Pairs, Failed> {
    Ok(vec![
        ("campaign_id", needed(made, "campaign")?.to_owned()),
        ("name", order.key.name("item")),
        ("objective", "REACH".to_owned()),
        ("product_type", "PROMOTED_TWEETS".to_owned()),
        ("placements", "ALL_ON_TWITTER".to_owned()),
        ("bid_strategy", "AUTO".to_owned()),
        ("goal", "MAX_REACH".to_owned()),
        ("start_time", moment(order.starts_at)),
        ("end_time", moment(order.ends_at)),
        ("total_budget_amount_local_micro", order.ceiling.micros().to_string()),
        ("entity_status", "PAUSED".to_owned()),
    ])
}

impl XClient {
    /// `POST …/campaigns`.
    pub(super) fn campaign(&self, order: &AdOrder) -> Pairs {
        let (total, daily) = (order.ceiling.micros(), daily(order));
        vec![
            ("funding_instrument_id", self.config.funding.clone()),
            ("name", order.key.name("campaign")),
            ("daily_budget_amount_local_micro", daily.to_string()),
            ("total_budget_amount_local_micro", total.to_string()),
            ("budget_optimization", "LINE_ITEM".to_owned()),
            ("entity_status", "PAUSED".to_owned()),
        ]
    }

    /// `POST …/tweet`.
    pub(super) fn words(&self, order: &AdOrder, made: &Made) -> Result<Pairs, Failed> {
        let AdText::X { text } = &order.text else {
            return Err(Failed::permanent(Trouble::Refused, "the text was composed for another platform"));
        };
        let mut pairs = vec![
            ("as_user_id", self.config.user.clone()),
            ("text", text.clone()),
            ("nullcast", "true".to_owned()),
            ("name", order.key.name("post")),
        ];
        pairs.extend(made.id("image").map(|key| ("media_keys", key.to_owned())));
        Ok(pairs)
    }
}
