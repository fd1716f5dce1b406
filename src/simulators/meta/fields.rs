//! Which parameters each edge takes, and of which form: anything else is refused, so that a slip in a name is a red test
//! and not a silent setting.

use serde_json::{Map, Value};

use super::errors::No;

/// The form of a parameter.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Text of at most so many characters.
    Text(usize),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number above 0.
    Number,
    /// Digits.
    Id,
    /// `true` or `false`.
    Bool,
    /// JSON: an array.
    List,
    /// JSON: an object.
    Object,
    /// ISO 8601 with an offset, or UNIX seconds.
    Moment,
}

/// A parameter: its name, its form, whether it must be given.
pub type Field = (&'static str, Form, bool);

const STATUS: Form = Form::Word(&["ACTIVE", "PAUSED"]);
const CHANGED_STATUS: Form = Form::Word(&["ACTIVE", "PAUSED", "DELETED", "ARCHIVED"]);
const STRATEGY: Form =
    Form::Word(&["LOWEST_COST_WITHOUT_CAP", "LOWEST_COST_WITH_BID_CAP", "COST_CAP", "LOWEST_COST_WITH_MIN_ROAS"]);
const OBJECTIVE: Form = Form::Word(&[
    "OUTCOME_AWARENESS",
    "OUTCOME_TRAFFIC",
    "OUTCOME_ENGAGEMENT",
    "OUTCOME_LEADS",
    "OUTCOME_SALES",
    "OUTCOME_APP_PROMOTION",
]);
const GOAL: Form = Form::Word(&["REACH", "IMPRESSIONS", "LINK_CLICKS", "LANDING_PAGE_VIEWS"]);

/// `POST /act_…/campaigns`.
pub const CAMPAIGN: &[Field] = &[
    ("name", Form::Text(400), true),
    ("objective", OBJECTIVE, true),
    ("status", STATUS, true),
    ("special_ad_categories", Form::List, true),
    ("special_ad_category_country", Form::List, false),
    ("is_adset_budget_sharing_enabled", Form::Bool, true),
    ("buying_type", Form::Word(&["AUCTION"]), false),
    ("daily_budget", Form::Number, false),
    ("lifetime_budget", Form::Number, false),
    ("spend_cap", Form::Number, false),
    ("bid_strategy", STRATEGY, false),
    ("execution_options", Form::List, false),
];
/// `POST /act_…/adsets`.
pub const AD_SET: &[Field] = &[
    ("name", Form::Text(400), true),
    ("campaign_id", Form::Id, true),
    ("optimization_goal", GOAL, true),
    ("billing_event", Form::Word(&["IMPRESSIONS"]), true),
    ("bid_strategy", STRATEGY, false),
    ("bid_amount", Form::Number, false),
    ("daily_budget", Form::Number, false),
    ("lifetime_budget", Form::Number, false),
    ("start_time", Form::Moment, false),
    ("end_time", Form::Moment, false),
    ("promoted_object", Form::Object, false),
    ("dsa_beneficiary", Form::Text(512), false),
    ("dsa_payor", Form::Text(512), false),
    ("frequency_control_specs", Form::List, false),
    ("targeting", Form::Object, true),
    ("status", STATUS, true),
    ("execution_options", Form::List, false),
];
/// `POST /act_…/adcreatives`.
pub const CREATIVE: &[Field] = &[("name", Form::Text(400), true), ("object_story_spec", Form::Object, true)];
/// `POST /act_…/ads`.
pub const AD: &[Field] = &[
    ("name", Form::Text(400), true),
    ("adset_id", Form::Id, true),
    ("creative", Form::Object, true),
    ("status", STATUS, true),
    ("execution_options", Form::List, false),
];
/// `POST /{campaign}`.
pub const CHANGED_CAMPAIGN: &[Field] =
    &[("name", Form::Text(400), false), ("status", CHANGED_STATUS, false), ("spend_cap", Form::Number, false)];
/// `POST /{ad set}`.
pub const CHANGED_AD_SET: &[Field] = &[
    ("name", Form::Text(400), false),
    ("status", CHANGED_STATUS, false),
    ("daily_budget", Form::Number, false),
    ("lifetime_budget", Form::Number, false),
    ("end_time", Form::Moment, false),
];
/// `POST /{ad}` and `POST /{creative}`.
pub const CHANGED_AD: &[Field] = &[("name", Form::Text(400), false), ("status", CHANGED_STATUS, false)];

fn read(name: &str, form: Form, text: &str) -> Result<Value, No> {
    let wrong = |why: &str| No::wrong(format!("(#100) Param {name} {why}"));
    match form {
        Form::Text(most) => match text.chars().count() {
            0 => Err(wrong("must be a non-empty string.")),
            length if length > most => Err(wrong(&format!("must be no longer than {most} characters."))),
            _ => Ok(text.into()),
        },
        Form::Word(words) if words.contains(&text) => Ok(text.into()),
        Form::Word(words) => Err(wrong(&format!("must be one of {{{}}}", words.join(", ")))),
        Form::Number => match text.parse::<i64>() {
            Ok(number) if number > 0 => Ok(number.into()),
            _ => Err(wrong("must be an integer greater than 0")),
        },
        Form::Id if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(text.into()),
        Form::Id => Err(wrong("must be a valid ID string")),
        Form::Bool => text.parse::<bool>().map(Value::from).map_err(|_| wrong("must be true or false")),
        Form::List | Form::Object => {
            let value: Value = serde_json::from_str(text).map_err(|_| wrong("must be JSON"))?;
            let right = if matches!(form, Form::List) { value.is_array() } else { value.is_object() };
            if right { Ok(value) } else { Err(wrong("must be a JSON array or object, as documented")) }
        }
        Form::Moment => match moment(text) {
            Some(at) => Ok(at.timestamp().into()),
            None => Err(wrong("must be a UNIX time or ISO 8601 with an offset")),
        },
    }
}

/// `2026-12-01T08:00:00+0100` or UNIX seconds.
pub fn moment(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    use chrono::{DateTime, Utc};
    if let Ok(seconds) = text.parse::<i64>() {
        return DateTime::from_timestamp(seconds, 0);
    }
    let parsed = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z");
    parsed.or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|at| at.with_timezone(&Utc))
}

/// Every parameter in its form; the first that is unknown, missing, twice or malformed is refused.
pub fn parsed(given: &[(String, String)], fields: &[Field]) -> Result<Map<String, Value>, No> {
    let mut values = Map::new();
    for (name, text) in given {
        let Some((_, form, _)) = fields.iter().find(|(known, ..)| known == name) else {
            return Err(No::wrong(format!("(#100) Unexpected parameter {name}")));
        };
        if values.insert(name.clone(), read(name, *form, text)?).is_some() {
            return Err(No::wrong(format!("(#100) Param {name} is given twice")));
        }
    }
    match fields.iter().find(|(name, _, needed)| *needed && !values.contains_key(*name)) {
        Some((name, ..)) => Err(No::wrong(format!("(#100) The parameter {name} is required"))),
        None => Ok(values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_come_in_two_forms() {
        assert_eq!(moment("2026-12-01T08:00:00+0100"), moment("1796108400"));
        assert_eq!(moment("2026-12-01T08:00:00"), None, "an offset is needed");
    }
}
