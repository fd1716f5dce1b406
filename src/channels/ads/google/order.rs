//! An order as the operations of one atomic request.

use super::GoogleClient;
use crate::channels::ads::{AdOrder, Failed, Made, Trouble};
use crate::channels::targeting::{Google, criteria};
use crate::domain::advert::{AdText, Placement};
use crate::domain::aim::Circles;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// A text inside quotes of the query language.
pub fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'")
}

/// The campaign's resource name.
pub fn campaign(made: &Made) -> Result<&str, Failed> {
    made.id("campaign").ok_or_else(|| Failed::permanent(Trouble::NotFound, "no campaign was made"))
}

/// The one unit of circles.
pub fn circles(order: &AdOrder) -> Result<&Circles, Failed> {
    match &order.audience.placement {
        Placement::Circles(units) if units.len() == 1 && !order.audience.placement.is_empty() => {
            units.first().map(|(circles, _)| circles).ok_or_else(nowhere)
        }
        _ => Err(nowhere()),
    }
}

fn nowhere() -> Failed {
    Failed::permanent(Trouble::Refused, "a campaign takes one unit of circles, and not none")
}

impl GoogleClient {
    fn local(&self, at: DateTime<Utc>) -> Result<DateTime<chrono_tz::Tz>, Failed> {
        let zone = self.known.time_zone;
        zone.map(|zone| at.with_timezone(&zone)).ok_or_else(|| Failed::permanent(Trouble::SetUp, "no time zone"))
    }

    /// Campaigns begin and end with days of the account's time zone: the last whole day that is over before `at`. The hours
    /// left are lost rather than shown without a right to it.
    pub(super) fn last_day(&self, at: DateTime<Utc>) -> Result<String, Failed> {
        let local = self.local(at)?;
        let is_end_of_day = (local + TimeDelta::seconds(1)).date_naive() > local.date_naive();
        let day = if is_end_of_day { local.date_naive() } else { local.date_naive() - TimeDelta::days(1) };
        Ok(format!("{day} 23:59:59"))
    }

    /// The end of that day as a moment.
    pub(super) fn end_of_last_day(&self, at: DateTime<Utc>) -> Result<DateTime<Utc>, Failed> {
        let zone = self.known.time_zone.unwrap_or(chrono_tz::Tz::UTC);
        let local = chrono::NaiveDateTime::parse_from_str(&self.last_day(at)?, "%Y-%m-%d %H:%M:%S");
        let local = local.ok().and_then(|local| local.and_local_timezone(zone).earliest());
        local.map(|local| local.to_utc()).ok_or_else(|| Failed::permanent(Trouble::SetUp, "no such day"))
    }

    /// Everything that is made, each with a temporary name.
    pub(super) fn operations(&self, order: &AdOrder) -> Result<Vec<Value>, Failed> {
        let AdText::Google { headlines, long_headline, descriptions, business } = &order.text else {
            return Err(Failed::permanent(Trouble::Refused, "the text was composed for another platform"));
        };
        let Some(picture) = &order.picture else {
            return Err(Failed::permanent(Trouble::Refused, "an advertisement of this kind needs a picture"));
        };
        let language = order.audience.language;
        let Some(constant) = self.known.languages.get(&language) else {
            return Err(Failed::permanent(Trouble::SetUp, format!("no language constant for {language}")));
        };
        let starts = self.local(order.starts_at)?.date_naive();
        let ends = self.last_day(order.ends_at)?;
        if ends < format!("{starts} 00:00:00") {
            return Err(Failed::permanent(Trouble::Refused, "no whole day is left before the end"));
        }
        let new = |kind: &str, number: i32| format!("customers/{}/{kind}/-{number}", self.config.customer);
        let (budget, campaign, group) = (new("campaignBudgets", 1), new("campaigns", 2), new("adGroups", 3));
        let (landscape, square) = (new("assets", 4), new("assets", 5));
        let name = |part: &str| order.key.name(part);
        let texts = |all: &[String]| all.iter().map(|text| json!({"text": text})).collect::<Vec<_>>();
        let mut operations = vec![
            json!({"campaignBudgetOperation": {"create": {
                "resourceName": budget, "name": name("budget"), "totalAmountMicros": order.ceiling.micros().to_string(),
                "period": "CUSTOM_PERIOD", "deliveryMethod": "STANDARD", "explicitlyShared": false}}}),
            json!({"campaignOperation": {"create": {
                "resourceName": campaign, "name": name("campaign"), "status": "PAUSED",
                "advertisingChannelType": self.config.channel_type, "campaignBudget": budget, "targetSpend": {},
                "containsEuPoliticalAdvertising": "DOES_NOT_CONTAIN_EU_POLITICAL_ADVERTISING",
                "geoTargetTypeSetting": {"positiveGeoTargetType": "PRESENCE", "negativeGeoTargetType": "PRESENCE"},
                "startDateTime": format!("{starts} 00:00:00"), "endDateTime": ends}}}),
        ];
        let told = criteria(circles(order)?, &Google { campaign: campaign.clone() }, None);
        if let Some(Value::Array(places)) = told.get("mutateOperations") {
            operations.extend(places.iter().cloned());
        }
        operations.push(json!({"campaignCriterionOperation": {"create": {"campaign": campaign,
            "language": {"languageConstant": format!("languageConstants/{constant}")}}}}));
        operations.push(json!({"adGroupOperation": {"create": {
            "resourceName": group, "campaign": campaign, "name": name("group"), "status": "ENABLED",
            "type": "DISPLAY_STANDARD", "optimizedTargetingEnabled": false}}}));
        let ages = order.audience.ages;
        let left_out = ages
            .not_on_google()
            .ok_or_else(|| Failed::permanent(Trouble::Refused, format!("Google has no ranges for {ages}")))?;
        operations.extend(left_out.into_iter().map(|range| {
            json!({"adGroupCriterionOperation": {"create": {
                "adGroup": group, "negative": true, "ageRange": {"type": range}}}})
        }));
        for (asset, shape, bytes) in
            [(&landscape, "landscape", &picture.landscape), (&square, "square", &picture.square)]
        {
            operations.push(json!({"assetOperation": {"create": {
                "resourceName": asset, "name": name(shape), "type": "IMAGE", "imageAsset": {"data": STANDARD.encode(bytes)}}}}));
        }
        operations.push(json!({"adGroupAdOperation": {"create": {"adGroup": group, "status": "ENABLED", "ad": {
            "finalUrls": [order.link],
            "responsiveDisplayAd": {
                "marketingImages": [{"asset": landscape}], "squareMarketingImages": [{"asset": square}],
                "headlines": texts(headlines), "longHeadline": {"text": long_headline},
                "descriptions": texts(descriptions), "businessName": business}}}}}));
        Ok(operations)
    }
}
