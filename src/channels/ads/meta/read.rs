//! Reading back: the account, how an advertisement stands, whether it is what was ordered, what came of it.

use super::{MetaClient, order};
use crate::channels::ads::{
    AdOrder, AdStanding, Failed, Figures, Made, Next, Rebuilt, Review, Running, SetUp, Step, Trouble,
};
use crate::domain::advert::Cents;
use crate::domain::language::Language;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Names of a language as the platform lists it: whole languages, and the Belgian and French kinds of them.
fn reads(language: Language, name: &str) -> bool {
    let begins = |word: &str| name.starts_with(word);
    match language {
        Language::Fr => begins("French") && !name.contains("Canada"),
        Language::Nl => begins("Dutch") || begins("Flemish"),
        Language::De => begins("German"),
    }
}

const fn in_english(language: Language) -> &'static str {
    match language {
        Language::Fr => "French",
        Language::Nl => "Dutch",
        Language::De => "German",
    }
}

fn field<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Places in an order of their own, so that two lists of the same places are the same.
fn sorted(places: Option<&Value>) -> Vec<String> {
    let mut all: Vec<String> = places.and_then(Value::as_array).into_iter().flatten().map(place).collect();
    all.sort();
    all
}

/// A circle in metres and 1e-6 degrees: numbers may come back as text or with other digits.
fn place(circle: &Value) -> String {
    let number = |key: &str| match circle.get(key) {
        Some(Value::String(text)) => text.parse().unwrap_or(f64::NAN),
        Some(other) => other.as_f64().unwrap_or(f64::NAN),
        None => f64::NAN,
    };
    format!(
        "{:.6} {:.6} {:.3} {}",
        number("latitude"),
        number("longitude"),
        number("radius"),
        field(circle, "distance_unit")
    )
}

impl MetaClient {
    pub(super) async fn checked(&self) -> Result<SetUp, Failed> {
        let fields = "id,name,account_status,currency,timezone_name".to_owned();
        let account = self.get(&self.account(""), vec![("fields", fields)]).await?;
        match account.get("account_status").and_then(Value::as_i64) {
            Some(1) => {}
            other => return Err(Failed::person(Trouble::Suspended, format!("account_status {other:?}"))),
        }
        let currency = field(&account, "currency").to_owned();
        if currency != "EUR" {
            return Err(Failed::person(Trouble::Currency, currency));
        }
        let mut languages = BTreeMap::new();
        for language in Language::ALL {
            let asked = vec![
                ("type", "adlocale".to_owned()),
                ("q", in_english(language).to_owned()),
                ("limit", "100".to_owned()),
            ];
            let told = self.get("search", asked).await?;
            let rows = told.get("data").and_then(Value::as_array).into_iter().flatten();
            let keys: Vec<String> = rows
                .filter(|row| reads(language, field(row, "name")))
                .filter_map(|row| row.get("key").and_then(Value::as_u64).map(|key| key.to_string()))
                .collect();
            if keys.is_empty() {
                return Err(Failed::person(Trouble::SetUp, format!("no locale for {language}")));
            }
            languages.insert(language, keys);
        }
        let told = self.get(&self.account("/minimum_budgets"), Vec::new()).await?;
        let rows = told.get("data").and_then(Value::as_array).into_iter().flatten();
        let least = rows
            .filter(|row| field(row, "currency") == currency)
            .find_map(|row| row.get("min_daily_budget_imp")?.as_i64());
        // Only a right to manage lets a campaign be checked; nothing is made.
        let asked = vec![
            ("name", "tocsin-set-up".to_owned()),
            ("objective", "OUTCOME_AWARENESS".to_owned()),
            ("status", "PAUSED".to_owned()),
            ("special_ad_categories", r#"["NONE"]"#.to_owned()),
            ("is_adset_budget_sharing_enabled", "false".to_owned()),
            ("execution_options", r#"["validate_only"]"#.to_owned()),
        ];
        self.post(&self.account("/campaigns"), asked, false).await?;
        Ok(SetUp {
            currency,
            time_zone: field(&account, "timezone_name").to_owned(),
            languages,
            least_daily: least.map(Cents),
        })
    }

    /// The ad sets and advertisements of a campaign, in the order of their names.
    pub(super) async fn parts_of(&self, id: &str) -> Result<Option<Rebuilt>, Failed> {
        let fields = |list: &str| vec![("fields", list.to_owned()), ("limit", "100".to_owned())];
        let campaign = match self.get(id, vec![("fields", "id,name,status,effective_status".to_owned())]).await {
            Err(failed) if failed.trouble == Trouble::NotFound => return Ok(None),
            other => other?,
        };
        let mut made = Made::default();
        made.add(Step::new("campaign"), id.to_owned());
        let sets = self.rows(&format!("{id}/adsets"), fields("id,name,lifetime_budget,start_time,end_time")).await?;
        let ads = self.rows(&format!("{id}/ads"), fields("id,name")).await?;
        let count = |name: &str| name.rsplit_once("set-of-")?.1.split('-').next()?.parse::<usize>().ok();
        let wanted = sets.iter().filter_map(|row| count(field(row, "name"))).max();
        // Of a coarser division, which the platform refused in part, ad sets may be left that show nothing.
        let is_ours = |row: &&Value| count(field(row, "name")).is_none_or(|of| Some(of) == wanted);
        let sets: Vec<Value> = sets.iter().filter(is_ours).cloned().collect();
        for row in sets.iter().chain(&ads) {
            // What follows the key in our names is the step; what others added has none.
            if let Some((_, step)) = field(row, "name").rsplit_once('/') {
                made.add(Step::new(step), field(row, "id").to_owned());
            }
        }
        let is_whole = wanted.is_some_and(|wanted| made.all("set").len() >= wanted && made.all("ad").len() >= wanted);
        let running = match field(&campaign, "effective_status") {
            "ACTIVE" => Running::On,
            "DELETED" | "ARCHIVED" => Running::Gone,
            _ => Running::Off,
        };
        let at = |row: &Value, key: &str| chrono::DateTime::parse_from_str(field(row, key), "%Y-%m-%dT%H:%M:%S%z").ok();
        let far = chrono::DateTime::<chrono::Utc>::MAX_UTC;
        let ends = sets.iter().map(|row| at(row, "end_time").map_or(far, |at| at.to_utc())).max();
        let starts = sets.iter().filter_map(|row| at(row, "start_time")).min().map(|at| at.to_utc());
        let cap = sets.iter().filter_map(|row| field(row, "lifetime_budget").parse().ok().map(Cents)).sum();
        let starts_at = starts.unwrap_or_else(|| self.moments.now());
        Ok(Some(Rebuilt { made, is_whole, running, cap, starts_at, ends_at: ends.unwrap_or(starts_at) }))
    }

    pub(super) async fn stands(&self, made: &Made) -> Result<AdStanding, Failed> {
        let fields = |list: &str| vec![("fields", list.to_owned())];
        let campaign = self.get(order::needed(made, "campaign")?, fields("id,status,effective_status")).await?;
        let running = match field(&campaign, "effective_status") {
            "ACTIVE" => Running::On,
            "DELETED" | "ARCHIVED" => Running::Gone,
            _ => Running::Off,
        };
        let (mut review, mut hindrances) = (Review::Approved, Vec::new());
        for id in made.all("ad") {
            let ad = self.get(id, fields("id,effective_status,issues_info,ad_review_feedback")).await?;
            match field(&ad, "effective_status") {
                "DISAPPROVED" => {
                    review = Review::Rejected(ad.get("ad_review_feedback").map(Value::to_string).unwrap_or_default());
                    break;
                }
                "PENDING_REVIEW" | "IN_PROCESS" => review = Review::Waiting,
                "PENDING_BILLING_INFO" => hindrances.push("PENDING_BILLING_INFO".to_owned()),
                "WITH_ISSUES" => hindrances.push(ad.get("issues_info").map(Value::to_string).unwrap_or_default()),
                _ => {}
            }
        }
        Ok(AdStanding { running, review, hindrances })
    }

    pub(super) async fn counted(&self, made: &Made) -> Result<Figures, Failed> {
        let asked = vec![
            ("fields", "reach,impressions,inline_link_clicks,spend,account_currency".to_owned()),
            ("date_preset", "maximum".to_owned()),
        ];
        let told = self.get(&format!("{}/insights", order::needed(made, "campaign")?), asked).await?;
        // Nothing was shown yet: no row.
        let Some(row) = told.pointer("/data/0") else { return Ok(Figures { reach: Some(0), ..Figures::default() }) };
        let unreadable =
            |key: &str| Failed::new(Next::Retry { after: None }, Trouble::NoAnswer, format!("insights: {key}"));
        let number = |key: &str| match row.get(key) {
            None => Ok(0),
            Some(value) => value.as_str().and_then(|text| text.parse::<i64>().ok()).ok_or_else(|| unreadable(key)),
        };
        if !matches!(field(row, "account_currency"), "EUR" | "") {
            return Err(Failed::person(Trouble::Currency, field(row, "account_currency")));
        }
        let spend = row.get("spend").and_then(Value::as_str).unwrap_or("0");
        Ok(Figures {
            reach: Some(number("reach")?),
            impressions: number("impressions")?,
            clicks: number("inline_link_clicks")?,
            spent_micros: Cents::micros_of_decimal(spend).map_err(|_| unreadable("spend"))?,
        })
    }

    pub(super) async fn compared(&self, order: &AdOrder, made: &Made) -> Result<Vec<String>, Failed> {
        let mut wrong = Vec::new();
        let mut expect = |what: String, found: &Value, wanted: &Value| {
            if found != wanted {
                wrong.push(format!("{what} is {found}, not {wanted}"));
            }
        };
        let fields = "id,name,objective,status,special_ad_categories".to_owned();
        let campaign = self.get(order::needed(made, "campaign")?, vec![("fields", fields)]).await?;
        let of = |object: &Value, key: &str| object.get(key).cloned().unwrap_or_default();
        expect("campaign name".to_owned(), &of(&campaign, "name"), &json!(order.key.name("campaign")));
        expect("objective".to_owned(), &of(&campaign, "objective"), &json!("OUTCOME_AWARENESS"));
        // Both spellings of "none" are documented.
        let categories = of(&campaign, "special_ad_categories");
        if categories != json!([]) {
            expect("special_ad_categories".to_owned(), &categories, &json!(["NONE"]));
        }
        let shares = order::shares(order, order.ceiling);
        for (n, id) in made.all("set").into_iter().enumerate() {
            let fields =
                "id,campaign_id,lifetime_budget,daily_budget,end_time,targeting,dsa_beneficiary,dsa_payor".to_owned();
            let set = self.get(id, vec![("fields", fields)]).await?;
            let share = shares.get(n).copied().unwrap_or_default();
            let mut expect =
                |what: &str, found: &Value, wanted: &Value| expect(format!("ad set {}: {what}", n + 1), found, wanted);
            expect("lifetime_budget", &of(&set, "lifetime_budget"), &json!(share.0.to_string()));
            expect("dsa_beneficiary", &of(&set, "dsa_beneficiary"), &json!(order.declaration.beneficiary));
            expect("dsa_payor", &of(&set, "dsa_payor"), &json!(order.declaration.payer));
            let ends = chrono::DateTime::parse_from_str(field(&set, "end_time"), "%Y-%m-%dT%H:%M:%S%z");
            expect("end_time", &json!(ends.map(|at| at.timestamp()).ok()), &json!(order.ends_at.timestamp()));
            let (found, wanted) = (of(&set, "targeting"), self.targeting(order, n)?);
            for key in ["/geo_locations/custom_locations", "/excluded_geo_locations/custom_locations"] {
                let (found, wanted) = (sorted(found.pointer(key)), sorted(wanted.pointer(key)));
                expect(key, &json!(found), &json!(wanted));
            }
            for key in ["locales", "age_min", "age_max", "targeting_automation"] {
                expect(key, &of(&found, key), &of(&wanted, key));
            }
            // Anything that widens or narrows beyond what was asked for.
            let known = |key: &String| wanted.get(key).is_some();
            let others: Vec<&String> =
                found.as_object().into_iter().flat_map(|all| all.keys()).filter(|key| !known(key)).collect();
            expect("further targeting", &json!(others), &json!([]));
            let geo = found.get("geo_locations").and_then(Value::as_object).map(|geo| geo.keys().collect::<Vec<_>>());
            expect("kinds of places", &json!(geo), &json!(["custom_locations"]));
        }
        Ok(wrong)
    }
}
