//! Reading back: the account, how a campaign stands, whether it is what was ordered, what came of it.

use super::{GoogleClient, order};
use crate::channels::ads::{
    AdOrder, AdStanding, Failed, Figures, Made, Next, Rebuilt, Review, Running, SetUp, Step, Trouble,
};
use crate::domain::advert::Cents;
use crate::domain::language::Language;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn at<'a>(row: &'a Value, pointer: &str) -> &'a str {
    row.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The number at the end of a resource name.
fn number(resource: &str) -> &str {
    resource.rsplit('/').next().unwrap_or_default()
}

impl GoogleClient {
    pub(super) async fn checked(&self) -> Result<SetUp, Failed> {
        let query = "SELECT customer.id, customer.currency_code, customer.time_zone, customer.status FROM customer";
        let rows = self.rows(query).await?;
        let row = rows.first().ok_or_else(|| Failed::person(Trouble::Permission, "no customer is shown"))?;
        if at(row, "/customer/status") != "ENABLED" {
            return Err(Failed::person(Trouble::Suspended, at(row, "/customer/status")));
        }
        let currency = at(row, "/customer/currencyCode").to_owned();
        if currency != "EUR" {
            return Err(Failed::person(Trouble::Currency, currency));
        }
        let mut languages = BTreeMap::new();
        let query =
            "SELECT language_constant.id, language_constant.code, language_constant.name FROM language_constant";
        for row in self.rows(query).await? {
            if let Ok(language) = Language::parse(at(&row, "/languageConstant/code")) {
                languages.insert(language, vec![at(&row, "/languageConstant/id").to_owned()]);
            }
        }
        if let Some(missing) = Language::ALL.iter().find(|language| !languages.contains_key(language)) {
            return Err(Failed::person(Trouble::SetUp, format!("no language constant for {missing}")));
        }
        // One campaign without the declaration anywhere in the account stops all changes to any.
        let query = "SELECT campaign.id, campaign.missing_eu_political_advertising_declaration FROM campaign \
                     WHERE campaign.missing_eu_political_advertising_declaration = TRUE";
        if let Some(row) = self.rows(query).await?.first() {
            let detail = format!("campaign {} has no declaration", at(row, "/campaign/id"));
            return Err(Failed::person(Trouble::Declaration, detail));
        }
        let time_zone = at(row, "/customer/timeZone").to_owned();
        if time_zone.parse::<chrono_tz::Tz>().is_err() {
            return Err(Failed::person(Trouble::SetUp, format!("time zone {time_zone}")));
        }
        Ok(SetUp { currency, time_zone, languages, least_daily: None })
    }

    pub(super) async fn budget_of(&self, campaign: &str) -> Result<String, Failed> {
        let query = format!(
            "SELECT campaign.id, campaign_budget.resource_name FROM campaign WHERE campaign.id = {}",
            number(campaign)
        );
        let rows = self.rows(&query).await?;
        let name = rows.first().map(|row| at(row, "/campaignBudget/resourceName")).filter(|name| !name.is_empty());
        name.map(str::to_owned).ok_or_else(|| Failed::permanent(Trouble::NotFound, campaign))
    }

    /// One request made it, so it is whole.
    pub(super) async fn parts_of(&self, campaign: &str) -> Result<Option<Rebuilt>, Failed> {
        let query = format!(
            "SELECT campaign.resource_name, campaign.status, campaign.start_date_time, campaign.end_date_time, \
             campaign_budget.total_amount_micros FROM campaign WHERE campaign.id = {}",
            number(campaign)
        );
        let rows = self.rows(&query).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let mut made = Made::default();
        made.add(Step::new("campaign"), campaign.to_owned());
        let running = match at(row, "/campaign/status") {
            "ENABLED" => Running::On,
            "REMOVED" => Running::Gone,
            _ => Running::Off,
        };
        let zone = self.known.time_zone.unwrap_or(chrono_tz::Tz::UTC);
        let moment = |pointer: &str| {
            let local = chrono::NaiveDateTime::parse_from_str(at(row, pointer), "%Y-%m-%d %H:%M:%S").ok()?;
            local.and_local_timezone(zone).earliest().map(|at| at.to_utc())
        };
        // Without a total or an end it could cost more, and longer, than was ever ordered: said so, not guessed.
        let micros = at(row, "/campaignBudget/totalAmountMicros").parse().unwrap_or(i64::MAX);
        let starts_at = moment("/campaign/startDateTime").unwrap_or_else(|| self.moments.now());
        let ends_at = moment("/campaign/endDateTime").unwrap_or(DateTime::<Utc>::MAX_UTC);
        Ok(Some(Rebuilt { made, is_whole: true, running, cap: Cents::of_cost(micros), starts_at, ends_at }))
    }

    pub(super) async fn stands(&self, made: &Made) -> Result<AdStanding, Failed> {
        let id = number(order::campaign(made)?);
        let rows =
            self.rows(&format!("SELECT campaign.id, campaign.status FROM campaign WHERE campaign.id = {id}")).await?;
        let running = match rows.first().map(|row| at(row, "/campaign/status")) {
            Some("ENABLED") => Running::On,
            None | Some("REMOVED") => Running::Gone,
            Some(_) => Running::Off,
        };
        let query = format!(
            "SELECT ad_group_ad.resource_name, ad_group_ad.primary_status, ad_group_ad.policy_summary.approval_status, \
             ad_group_ad.policy_summary.review_status, ad_group_ad.policy_summary.policy_topic_entries \
             FROM ad_group_ad WHERE campaign.id = {id}"
        );
        let ads = self.rows(&query).await?;
        let mut review = if ads.is_empty() { Review::Waiting } else { Review::Approved };
        for row in &ads {
            match at(row, "/adGroupAd/policySummary/approvalStatus") {
                "DISAPPROVED" | "AREA_OF_INTEREST_ONLY" => {
                    let topics = row.pointer("/adGroupAd/policySummary/policyTopicEntries").map(Value::to_string);
                    return Ok(AdStanding {
                        running,
                        review: Review::Rejected(topics.unwrap_or_default()),
                        hindrances: Vec::new(),
                    });
                }
                "APPROVED" | "APPROVED_LIMITED" => {}
                _ => review = Review::Waiting,
            }
        }
        let hindrances = ads.iter().map(|row| at(row, "/adGroupAd/primaryStatus"));
        let hindrances =
            hindrances.filter(|status| matches!(*status, "NOT_ELIGIBLE" | "LIMITED")).map(str::to_owned).collect();
        Ok(AdStanding { running, review, hindrances })
    }

    pub(super) async fn counted(
        &self,
        made: &Made,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Figures, Failed> {
        let zone = self.known.time_zone.unwrap_or(chrono_tz::Tz::UTC);
        let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        // Reach exists for 92 days at most.
        let begins = day(from).max(day(until) - chrono::TimeDelta::days(91));
        let query = format!(
            "SELECT campaign.id, metrics.impressions, metrics.clicks, metrics.cost_micros, metrics.unique_users FROM campaign \
             WHERE campaign.id = {} AND segments.date BETWEEN '{begins}' AND '{}'",
            number(order::campaign(made)?),
            day(until)
        );
        let rows = self.rows(&query).await?;
        let Some(row) = rows.first() else { return Ok(Figures { reach: Some(0), ..Figures::default() }) };
        let figure = |key: &str| match row.pointer(&format!("/metrics/{key}")) {
            None => Ok(0),
            Some(value) => value.as_str().and_then(|text| text.parse::<i64>().ok()).ok_or_else(|| {
                Failed::new(Next::Retry { after: None }, Trouble::NoAnswer, format!("metrics.{key} is {value}"))
            }),
        };
        Ok(Figures {
            reach: Some(figure("uniqueUsers")?),
            impressions: figure("impressions")?,
            clicks: figure("clicks")?,
            spent_micros: figure("costMicros")?,
        })
    }

    pub(super) async fn compared(&self, order: &AdOrder, made: &Made) -> Result<Vec<String>, Failed> {
        let id = number(order::campaign(made)?);
        let query = format!(
            "SELECT campaign.name, campaign.end_date_time, campaign.contains_eu_political_advertising, \
             campaign_budget.total_amount_micros, campaign_budget.amount_micros FROM campaign WHERE campaign.id = {id}"
        );
        let rows = self.rows(&query).await?;
        // Made in one request, its criteria show when it does.
        let late = || Failed::new(Next::LookUp, Trouble::NoAnswer, "the campaign does not show yet");
        let row = rows.first().ok_or_else(late)?;
        let mut wrong = Vec::new();
        let mut expect = |what: &str, found: &str, wanted: &str| {
            if found != wanted {
                wrong.push(format!("{what} is {found}, not {wanted}"));
            }
        };
        expect("name", at(row, "/campaign/name"), &order.key.name("campaign"));
        expect("end", at(row, "/campaign/endDateTime"), &self.last_day(order.ends_at)?);
        let declared = "DOES_NOT_CONTAIN_EU_POLITICAL_ADVERTISING";
        expect("declaration", at(row, "/campaign/containsEuPoliticalAdvertising"), declared);
        expect("total budget", at(row, "/campaignBudget/totalAmountMicros"), &order.ceiling.micros().to_string());
        expect("daily budget", at(row, "/campaignBudget/amountMicros"), "");
        let query = format!(
            "SELECT campaign_criterion.resource_name, campaign_criterion.negative, \
             campaign_criterion.language.language_constant, campaign_criterion.proximity.radius, \
             campaign_criterion.proximity.radius_units, \
             campaign_criterion.proximity.geo_point.latitude_in_micro_degrees, \
             campaign_criterion.proximity.geo_point.longitude_in_micro_degrees \
             FROM campaign_criterion WHERE campaign.id = {id}"
        );
        let mut found: Vec<String> =
            self.rows(&query).await?.iter().map(|row| criterion(&row["campaignCriterion"])).collect();
        let mut wanted: Vec<String> = self
            .operations(order)?
            .iter()
            .filter_map(|o| o.pointer("/campaignCriterionOperation/create"))
            .map(criterion)
            .collect();
        let query = format!(
            "SELECT ad_group_criterion.resource_name, ad_group_criterion.negative, ad_group_criterion.age_range.type \
             FROM ad_group_criterion WHERE campaign.id = {id}"
        );
        // Ranges without `negative` are what a platform may add to an ad group by itself: all that are not left out.
        let left_out = |row: &&Value| row.pointer("/adGroupCriterion/negative") == Some(&json!(true));
        let ages = self.rows(&query).await?;
        let age = |row: &Value| format!("without {}", at(row, "/adGroupCriterion/ageRange/type"));
        found.extend(ages.iter().filter(left_out).map(age));
        let left_out = order.audience.ages.not_on_google().unwrap_or_default();
        wanted.extend(left_out.into_iter().map(|range| format!("without {range}")));
        found.sort();
        wanted.sort();
        for missing in wanted.iter().filter(|one| !found.contains(one)) {
            wrong.push(format!("the criterion {missing} is missing"));
        }
        for other in found.iter().filter(|one| !wanted.contains(one)) {
            wrong.push(format!("there is a criterion {other}"));
        }
        Ok(wrong)
    }
}

/// A criterion in one line, the same for what is sent and what is read.
fn criterion(value: &Value) -> String {
    let language = at(value, "/language/languageConstant");
    if !language.is_empty() {
        return language.to_owned();
    }
    let point = |key: &str| value.pointer(&format!("/proximity/geoPoint/{key}")).and_then(Value::as_i64);
    let radius = value.pointer("/proximity/radius").and_then(Value::as_f64).map(|radius| format!("{radius:.3}"));
    let circle = (
        point("latitudeInMicroDegrees"),
        point("longitudeInMicroDegrees"),
        radius,
        at(value, "/proximity/radiusUnits"),
    );
    match circle {
        (Some(lat), Some(lon), Some(radius), units) if value.get("negative") != Some(&json!(true)) => {
            format!("{lat} {lon} {radius} {units}")
        }
        _ => value.to_string(),
    }
}
