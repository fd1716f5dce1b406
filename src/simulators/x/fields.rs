//! Which parameters each entity takes, and of which form.

use serde_json::{Map, Value};

use super::errors::No;

/// The form of a parameter.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    Text(usize),
    Word(&'static [&'static str]),
    Micros,
    Number,
    Bool,
    /// ISO 8601, whole seconds, UTC.
    Moment,
}

/// Name, form, needed.
pub type Field = (&'static str, Form, bool);

const STATUS: Form = Form::Word(&["ACTIVE", "PAUSED", "DRAFT"]);

pub const CAMPAIGN: &[Field] = &[
    ("funding_instrument_id", Form::Text(40), true),
    ("name", Form::Text(255), true),
    ("daily_budget_amount_local_micro", Form::Micros, false),
    ("total_budget_amount_local_micro", Form::Micros, false),
    ("budget_optimization", Form::Word(&["CAMPAIGN", "LINE_ITEM"]), false),
    ("entity_status", STATUS, false),
    ("standard_delivery", Form::Bool, false),
];
pub const LINE_ITEM: &[Field] = &[
    ("campaign_id", Form::Text(40), true),
    ("name", Form::Text(255), false),
    (
        "objective",
        Form::Word(&[
            "REACH",
            "ENGAGEMENTS",
            "WEBSITE_CLICKS",
            "VIDEO_VIEWS",
            "PREROLL_VIEWS",
            "FOLLOWERS",
            "APP_INSTALLS",
            "APP_ENGAGEMENTS",
        ]),
        true,
    ),
    ("product_type", Form::Word(&["PROMOTED_TWEETS"]), true),
    ("placements", Form::Word(&["ALL_ON_TWITTER", "TWITTER_TIMELINE"]), true),
    ("start_time", Form::Moment, true),
    ("end_time", Form::Moment, true),
    ("bid_strategy", Form::Word(&["AUTO", "MAX", "TARGET"]), false),
    ("bid_amount_local_micro", Form::Micros, false),
    ("goal", Form::Word(&["MAX_REACH", "LINK_CLICKS", "SITE_VISITS"]), false),
    ("frequency_cap", Form::Number, false),
    ("duration_in_days", Form::Number, false),
    ("total_budget_amount_local_micro", Form::Micros, false),
    ("daily_budget_amount_local_micro", Form::Micros, false),
    ("standard_delivery", Form::Bool, false),
    ("entity_status", STATUS, false),
];
pub const TWEET: &[Field] = &[
    ("as_user_id", Form::Text(40), true),
    ("text", Form::Text(4_000), true),
    ("media_keys", Form::Text(200), false),
    ("nullcast", Form::Bool, false),
    ("name", Form::Text(80), false),
    ("conversation_settings", Form::Word(&["EVERYONE", "FOLLOWING", "MENTIONED_USERS"]), false),
];
pub const PROMOTED: &[Field] = &[("line_item_id", Form::Text(40), true), ("tweet_ids", Form::Text(1_000), true)];
pub const LIBRARY: &[Field] = &[("media_key", Form::Text(60), true), ("name", Form::Text(255), false)];
pub const CHANGED: &[Field] = &[
    ("name", Form::Text(255), false),
    ("entity_status", STATUS, false),
    ("end_time", Form::Moment, false),
    ("total_budget_amount_local_micro", Form::Micros, false),
    ("daily_budget_amount_local_micro", Form::Micros, false),
];

fn read(name: &str, form: Form, text: &str) -> Result<Value, No> {
    let wrong = |why: &str| No::invalid(name, format!("Expected {why}, got \"{text}\" for {name}"));
    match form {
        Form::Text(most) if (1..=most).contains(&text.chars().count()) => Ok(text.into()),
        Form::Text(most) => Err(wrong(&format!("1 to {most} characters"))),
        Form::Word(words) if words.contains(&text) => Ok(text.into()),
        Form::Word(words) => Err(wrong(&words.join(", "))),
        Form::Micros | Form::Number => match text.parse::<i64>() {
            Ok(number) if number > 0 => Ok(number.into()),
            _ => Err(wrong("a whole number above 0")),
        },
        Form::Bool => text.parse::<bool>().map(Value::from).map_err(|_| wrong("true or false")),
        Form::Moment => match moment(text) {
            Some(_) => Ok(text.into()),
            None => Err(wrong("a moment, such as 2026-12-01T08:00:00Z")),
        },
    }
}

/// `2026-12-01T08:00:00Z`.
pub fn moment(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// Every parameter in its form; an unknown, missing, repeated or malformed one is refused.
pub fn parsed(given: &[(String, String)], fields: &[Field]) -> Result<Map<String, Value>, No> {
    let mut values = Map::new();
    for (name, text) in given {
        let Some((_, form, _)) = fields.iter().find(|(known, ..)| known == name) else {
            return Err(No::invalid(name, format!("\"{name}\" is not a parameter of this endpoint")));
        };
        if values.insert(name.clone(), read(name, *form, text)?).is_some() {
            return Err(No::invalid(name, "given twice"));
        }
    }
    match fields.iter().find(|(name, _, needed)| *needed && !values.contains_key(*name)) {
        Some((name, ..)) => Err(No::missing(name)),
        None => Ok(values),
    }
}
