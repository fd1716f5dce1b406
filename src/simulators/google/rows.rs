//! What a search finds: rows of a resource, field by field as queries name them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::GoogleAccount;
use super::store::{Resource, Store};

/// Fields of one row.
pub type Row = Vec<(&'static str, Value)>;

/// Languages and their numbers.
pub const fn constants() -> [(u32, &'static str, &'static str); 4] {
    [(1000, "en", "English"), (1001, "de", "German"), (1002, "fr", "French"), (1010, "nl", "Dutch")]
}

/// The fields each resource can be asked for, its neighbours' included.
pub const FIELDS: [(&str, &[&str]); 6] = [
    ("customer", &["customer.id", "customer.currency_code", "customer.time_zone", "customer.status"]),
    ("language_constant", &["language_constant.id", "language_constant.code", "language_constant.name"]),
    (
        "campaign",
        &[
            "campaign.resource_name",
            "campaign.id",
            "campaign.name",
            "campaign.status",
            "campaign.start_date_time",
            "campaign.end_date_time",
            "campaign.contains_eu_political_advertising",
            "campaign.missing_eu_political_advertising_declaration",
            "campaign_budget.resource_name",
            "campaign_budget.amount_micros",
            "campaign_budget.total_amount_micros",
            "metrics.impressions",
            "metrics.clicks",
            "metrics.cost_micros",
            "metrics.unique_users",
            "segments.date",
        ],
    ),
    (
        "campaign_criterion",
        &[
            "campaign.id",
            "campaign_criterion.resource_name",
            "campaign_criterion.negative",
            "campaign_criterion.language.language_constant",
            "campaign_criterion.proximity.radius",
            "campaign_criterion.proximity.radius_units",
            "campaign_criterion.proximity.geo_point.latitude_in_micro_degrees",
            "campaign_criterion.proximity.geo_point.longitude_in_micro_degrees",
        ],
    ),
    (
        "ad_group_criterion",
        &[
            "campaign.id",
            "ad_group_criterion.resource_name",
            "ad_group_criterion.negative",
            "ad_group_criterion.age_range.type",
        ],
    ),
    (
        "ad_group_ad",
        &[
            "campaign.id",
            "ad_group_ad.resource_name",
            "ad_group_ad.status",
            "ad_group_ad.primary_status",
            "ad_group_ad.policy_summary.approval_status",
            "ad_group_ad.policy_summary.review_status",
            "ad_group_ad.policy_summary.policy_topic_entries",
        ],
    ),
];

fn last(name: &str) -> Value {
    json!(name.rsplit('/').next().unwrap_or_default())
}

fn at(resource: &Resource, pointer: &str) -> Value {
    resource.fields.pointer(pointer).cloned().unwrap_or_default()
}

fn campaign(store: &Store, name: &str, campaign: &Resource) -> Row {
    let mut row = vec![
        ("campaign.resource_name", json!(name)),
        ("campaign.id", last(name)),
        ("campaign.name", at(campaign, "/name")),
        ("campaign.status", at(campaign, "/status")),
        ("campaign.start_date_time", at(campaign, "/startDateTime")),
        ("campaign.end_date_time", at(campaign, "/endDateTime")),
        ("campaign.contains_eu_political_advertising", at(campaign, "/containsEuPoliticalAdvertising")),
        ("campaign.missing_eu_political_advertising_declaration", json!(false)),
        ("metrics.impressions", json!(campaign.spending.impressions().to_string())),
        ("metrics.clicks", json!(campaign.spending.clicks().to_string())),
        ("metrics.cost_micros", json!(campaign.spending.micros.to_string())),
        ("metrics.unique_users", json!(campaign.spending.reach().to_string())),
    ];
    if let Some((name, budget)) = store.budget_of(campaign) {
        row.push(("campaign_budget.resource_name", json!(name)));
        row.push(("campaign_budget.amount_micros", at(budget, "/amountMicros")));
        row.push(("campaign_budget.total_amount_micros", at(budget, "/totalAmountMicros")));
    }
    row
}

fn criterion(resource: &Resource) -> Row {
    let point = |key: &str| at(resource, &format!("/proximity/geoPoint/{key}"));
    vec![
        ("campaign.id", last(resource.text("/campaign"))),
        ("campaign_criterion.resource_name", at(resource, "/resourceName")),
        ("campaign_criterion.negative", json!(resource.fields.get("negative") == Some(&json!(true)))),
        ("campaign_criterion.language.language_constant", at(resource, "/language/languageConstant")),
        ("campaign_criterion.proximity.radius", at(resource, "/proximity/radius")),
        ("campaign_criterion.proximity.radius_units", at(resource, "/proximity/radiusUnits")),
        ("campaign_criterion.proximity.geo_point.latitude_in_micro_degrees", point("latitudeInMicroDegrees")),
        ("campaign_criterion.proximity.geo_point.longitude_in_micro_degrees", point("longitudeInMicroDegrees")),
    ]
}

fn age(store: &Store, criterion: &Resource) -> Row {
    let group = store.resources.get(criterion.text("/adGroup"));
    vec![
        ("campaign.id", last(group.map_or("", |group| group.text("/campaign")))),
        ("ad_group_criterion.resource_name", at(criterion, "/resourceName")),
        ("ad_group_criterion.negative", json!(criterion.fields.get("negative") == Some(&json!(true)))),
        ("ad_group_criterion.age_range.type", at(criterion, "/ageRange/type")),
    ]
}

fn advertisement(store: &Store, ad: &Resource, now: DateTime<Utc>) -> Row {
    let group = store.resources.get(ad.text("/adGroup"));
    let (approval, review, primary) = match (now >= ad.reviewed_at, ad.is_rejected) {
        (false, _) => ("UNKNOWN", "REVIEW_IN_PROGRESS", "PENDING"),
        (true, true) => ("DISAPPROVED", "REVIEWED", "NOT_ELIGIBLE"),
        (true, false) => ("APPROVED", "REVIEWED", "ELIGIBLE"),
    };
    let topics =
        if approval == "DISAPPROVED" { json!([{"topic": "SIMULATED", "type": "PROHIBITED"}]) } else { json!([]) };
    vec![
        ("campaign.id", last(group.map_or("", |group| group.text("/campaign")))),
        ("ad_group_ad.resource_name", at(ad, "/resourceName")),
        ("ad_group_ad.status", at(ad, "/status")),
        ("ad_group_ad.primary_status", json!(primary)),
        ("ad_group_ad.policy_summary.approval_status", json!(approval)),
        ("ad_group_ad.policy_summary.review_status", json!(review)),
        ("ad_group_ad.policy_summary.policy_topic_entries", topics),
    ]
}

/// All rows of a resource; removed criteria and advertisements go with their campaign.
pub fn rows(account: &GoogleAccount, store: &Store, resource: &str, now: DateTime<Utc>) -> Vec<Row> {
    let listed = |(_, resource): &(&String, &Resource)| resource.listed_at <= now;
    match resource {
        "customer" => vec![vec![
            ("customer.id", json!(account.customer)),
            ("customer.currency_code", json!(account.currency)),
            ("customer.time_zone", json!("Europe/Brussels")),
            ("customer.status", json!("ENABLED")),
        ]],
        "language_constant" => constants()
            .iter()
            .map(|(id, code, name)| {
                vec![
                    ("language_constant.id", json!(id.to_string())),
                    ("language_constant.code", json!(code)),
                    ("language_constant.name", json!(name)),
                ]
            })
            .collect(),
        "campaign" => store.of("campaign").filter(listed).map(|(name, one)| campaign(store, name, one)).collect(),
        "campaign_criterion" => store.of("campaignCriterion").filter(listed).map(|(_, one)| criterion(one)).collect(),
        "ad_group_criterion" => store.of("adGroupCriterion").filter(listed).map(|(_, one)| age(store, one)).collect(),
        _ => store.of("adGroupAd").filter(listed).map(|(_, ad)| advertisement(store, ad, now)).collect(),
    }
}
