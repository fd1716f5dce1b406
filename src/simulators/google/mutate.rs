//! `googleAds:mutate`: all operations or none, temporary names for what is made in the same request.
#![allow(clippy::indexing_slicing, reason = "fields of JSON objects made or checked here")]

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::GoogleAccount;
use super::errors::No;
use super::rows::constants;
use super::shape::{Form, KINDS, fields_checked};
use super::store::{Resource, Store, local};
use crate::simulators::fault::Fault;
use crate::simulators::ledger::Ledger;
use crate::simulators::spending::Spending;

/// Circles a campaign takes.
const MOST_CIRCLES: usize = 500;

/// What was done, to be noted once all of it holds.
type Deeds = Vec<(&'static str, &'static str, String, String)>;

struct Change<'a> {
    account: &'a GoogleAccount,
    store: Store,
    now: DateTime<Utc>,
    fault: Option<Fault>,
    temporary: BTreeMap<String, String>,
    deeds: Deeds,
}

/// Carries a request out, or refuses all of it.
pub fn mutate(
    account: &GoogleAccount,
    store: &mut Store,
    body: &Value,
    now: DateTime<Utc>,
    fault: Option<Fault>,
    ledger: &mut Ledger,
) -> Result<Value, No> {
    let known = ["mutateOperations", "partialFailure", "validateOnly", "responseContentType"];
    if let Some((name, _)) = body.as_object().into_iter().flatten().find(|(name, _)| !known.contains(&name.as_str())) {
        return Err(No::malformed(format!("Invalid JSON payload received. Unknown name \"{name}\"")));
    }
    let operations = body.get("mutateOperations").and_then(Value::as_array);
    let operations = operations.ok_or_else(|| No::new("requestError", "REQUIRED_FIELD_MISSING", "mutateOperations"))?;
    if operations.len() > 10_000 {
        return Err(No::new("mutateError", "TOO_MANY_MUTATE_OPERATIONS", "At most 10,000 operations"));
    }
    if body.get("partialFailure").is_some_and(|partial| *partial == json!(true)) {
        return Err(No::new("requestError", "UNSUPPORTED", "This simulator knows whole requests only"));
    }
    let store_before = store.clone();
    let mut change = Change { account, store: store_before, now, fault, temporary: BTreeMap::new(), deeds: Vec::new() };
    let mut answers = Vec::new();
    for (index, operation) in operations.iter().enumerate() {
        answers.push(change.operation(operation).map_err(|no| no.at(index))?);
    }
    change.whole()?;
    if body.get("validateOnly").is_some_and(|only| *only == json!(true)) {
        ledger.read("validate only");
        return Ok(json!({}));
    }
    for (deed, kind, name, detail) in change.deeds {
        ledger.effect(now, deed, kind, name.rsplit('/').next().unwrap_or_default(), detail);
    }
    *store = change.store;
    Ok(json!({"mutateOperationResponses": answers}))
}

/// Real names for temporary ones.
fn renamed(value: &Value, names: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => json!(names.get(text).unwrap_or(text)),
        Value::Array(all) => all.iter().map(|one| renamed(one, names)).collect(),
        Value::Object(object) => object.iter().map(|(key, one)| (key.clone(), renamed(one, names))).collect(),
        other => other.clone(),
    }
}

impl Change<'_> {
    fn operation(&mut self, operation: &Value) -> Result<Value, No> {
        let one = operation.as_object().filter(|object| object.len() == 1).and_then(|object| object.iter().next());
        let (named, deed) = one.ok_or_else(|| No::malformed("Each operation has exactly one resource"))?;
        let kind = named.strip_suffix("Operation").unwrap_or_default();
        let (kind, fields) = *KINDS
            .iter()
            .find(|(known, _)| *known == kind)
            .ok_or_else(|| No::malformed(format!("Unknown name \"{named}\" at 'mutate_operations'")))?;
        let name = match (deed.get("create"), deed.get("update"), deed.get("remove").and_then(Value::as_str)) {
            (Some(created), None, None) => self.create(kind, fields, created)?,
            (None, Some(updated), None) => {
                let mask = deed.get("updateMask").and_then(Value::as_str);
                self.update(kind, fields, updated, mask.unwrap_or_default())?
            }
            (None, None, Some(name)) => {
                let resource =
                    self.store.resources.get_mut(name).filter(|r| r.kind == kind && r.text("/status") != "REMOVED");
                let resource = resource.ok_or_else(|| No::new("mutateError", "RESOURCE_NOT_FOUND", name))?;
                resource.fields["status"] = json!("REMOVED");
                self.deeds.push(("deleted", kind, name.to_owned(), String::new()));
                name.to_owned()
            }
            _ => return Err(No::malformed("One of create, update and remove")),
        };
        Ok(json!({format!("{kind}Result"): {"resourceName": name}}))
    }

    fn create(&mut self, kind: &'static str, fields: &[(&str, Form)], created: &Value) -> Result<String, No> {
        fields_checked(created, fields, kind)?;
        let mut created = renamed(created, &self.temporary);
        self.store.last_id += 1;
        let id = 21_000_000_000 + self.store.last_id;
        let customer = &self.account.customer;
        let parent =
            |pointer: &str| created.pointer(pointer).and_then(Value::as_str).and_then(|name| name.rsplit('/').next());
        let name = match kind {
            "campaignBudget" => format!("customers/{customer}/campaignBudgets/{id}"),
            "campaign" => format!("customers/{customer}/campaigns/{id}"),
            "campaignCriterion" => {
                format!("customers/{customer}/campaignCriteria/{}~{id}", parent("/campaign").unwrap_or_default())
            }
            "adGroup" => format!("customers/{customer}/adGroups/{id}"),
            "adGroupCriterion" => {
                format!("customers/{customer}/adGroupCriteria/{}~{id}", parent("/adGroup").unwrap_or_default())
            }
            "asset" => format!("customers/{customer}/assets/{id}"),
            _ => format!("customers/{customer}/adGroupAds/{}~{id}", parent("/adGroup").unwrap_or_default()),
        };
        if let Some(temporary) = created.get("resourceName").and_then(Value::as_str) {
            let is_temporary = temporary.rsplit('/').next().is_some_and(|end| end.starts_with('-'));
            if !is_temporary || self.temporary.insert(temporary.to_owned(), name.clone()).is_some() {
                return Err(No::new("mutateError", "INVALID_RESOURCE_NAME", temporary));
            }
        }
        created["resourceName"] = json!(name);
        let late = match self.fault {
            Some(Fault::LateVisibility { seconds }) => TimeDelta::seconds(seconds),
            _ => TimeDelta::zero(),
        };
        let resource = Resource {
            kind,
            fields: created,
            listed_at: self.now + late,
            reviewed_at: self.now + TimeDelta::seconds(self.account.review_seconds),
            is_rejected: self.fault == Some(Fault::ReviewRejected),
            spending: Spending::default(),
        };
        self.rules(&resource)?;
        // Circles are hundreds: the ledger names what a person would count.
        if !matches!(kind, "campaignCriterion" | "adGroupCriterion") {
            self.deeds.push(("created", kind, name.clone(), resource.text("/name").to_owned()));
        }
        self.store.resources.insert(name.clone(), resource);
        Ok(name)
    }

    fn update(
        &mut self,
        kind: &'static str,
        fields: &[(&str, Form)],
        updated: &Value,
        mask: &str,
    ) -> Result<String, No> {
        fields_checked(updated, fields, kind)?;
        let name = updated.get("resourceName").and_then(Value::as_str).unwrap_or_default().to_owned();
        if mask.is_empty() {
            return Err(No::new("fieldMaskError", "FIELD_MASK_MISSING", "updateMask"));
        }
        let resource = self.store.resources.get_mut(&name).filter(|resource| resource.kind == kind);
        let resource = resource.ok_or_else(|| No::new("mutateError", "RESOURCE_NOT_FOUND", &name))?;
        if resource.text("/status") == "REMOVED" {
            return Err(No::new("contextError", "OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE", &name));
        }
        let mut what = Vec::new();
        for path in mask.split(',') {
            let mut words = path.trim().split('_');
            let first = words.next().unwrap_or_default().to_owned();
            let key = words.fold(first, |key, word| {
                let mut letters = word.chars();
                let upper = letters.next().map(|c| c.to_ascii_uppercase()).into_iter();
                key + &upper.chain(letters).collect::<String>()
            });
            let value = updated.get(&key).ok_or_else(|| No::new("fieldMaskError", "FIELD_NOT_FOUND", path))?;
            what.push(format!("{key}={value}"));
            resource.fields[&key] = value.clone();
        }
        if self.fault == Some(Fault::ReviewRejected) {
            resource.is_rejected = true;
        }
        let resource = resource.clone();
        if kind == "campaignBudget" {
            self.amounts(&resource)?;
            let spends = |(_, campaign): (&String, &Resource)| {
                let own = campaign.text("/campaignBudget") == name;
                own.then_some(campaign.spending.micros)
            };
            let spent = self.store.of("campaign").filter_map(spends).max();
            if resource.micros("/totalAmountMicros").zip(spent).is_some_and(|(total, spent)| total < spent) {
                let code = "TOTAL_BUDGET_AMOUNT_MUST_BE_GREATER_THAN_SPENT";
                return Err(No::new("campaignBudgetError", code, "The total is below what was spent already"));
            }
        }
        if kind == "campaign" && mask.contains("end_date_time") {
            match local(resource.text("/endDateTime")) {
                Some(ends) if ends > self.now && resource.text("/endDateTime").ends_with("23:59:59") => {}
                _ => return Err(No::new("dateError", "EARLIER_THAN_MINIMUM_DATE", resource.text("/endDateTime"))),
            }
        }
        self.deeds.push(("changed", kind, name.clone(), what.join(" ")));
        Ok(name)
    }

    fn amounts(&self, budget: &Resource) -> Result<(), No> {
        let (daily, total) = (budget.micros("/amountMicros"), budget.micros("/totalAmountMicros"));
        let amount = match (daily, total, budget.text("/period")) {
            (Some(daily), None, "" | "DAILY") => daily,
            (None, Some(total), "CUSTOM_PERIOD") => total,
            _ => return Err(No::new("campaignBudgetError", "INVALID_PERIOD", "amount or total with its period")),
        };
        if amount % 10_000 != 0 {
            let code = "NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT";
            return Err(No::new("campaignBudgetError", code, "The money amount must be a multiple of a cent"));
        }
        let least = self.account.least_daily_micros;
        if amount < least || self.fault == Some(Fault::BudgetTooLow) {
            let details = json!({"budgetPerDayMinimumErrorDetails": {"currencyCode": self.account.currency,
                "budgetPerDayMinimumMicros": least.to_string(), "minimumBudgetAmountMicros": least.to_string()}});
            let no =
                No::new("campaignBudgetError", "BUDGET_BELOW_PER_DAY_MINIMUM", "The budget is below the daily minimum");
            return Err(no.with(details));
        }
        Ok(())
    }

    fn named_once(&self, resource: &Resource, no: No) -> Result<(), No> {
        let mut others = self.store.of(resource.kind).filter(|(_, other)| other.text("/status") != "REMOVED");
        if others.any(|(_, other)| other.text("/name") == resource.text("/name")) { Err(no) } else { Ok(()) }
    }

    fn rules(&self, resource: &Resource) -> Result<(), No> {
        let needed =
            |pointers: &[&str]| match pointers.iter().find(|pointer| resource.fields.pointer(pointer).is_none()) {
                Some(pointer) => Err(No::new("fieldError", "REQUIRED", *pointer)),
                None => Ok(()),
            };
        let exists = |pointer: &str, kind: &str| {
            let parent = self.store.resources.get(resource.text(pointer)).filter(|parent| parent.kind == kind);
            parent.ok_or_else(|| No::new("mutateError", "RESOURCE_NOT_FOUND", resource.text(pointer)))
        };
        match resource.kind {
            "campaignBudget" => {
                needed(&["/name", "/explicitlyShared", "/deliveryMethod"])?;
                if resource.fields.get("explicitlyShared") != Some(&json!(false)) {
                    return Err(No::new(
                        "campaignBudgetError",
                        "CANNOT_USE_IMPLICITLY_SHARED_CAMPAIGN_BUDGET",
                        "not shared",
                    ));
                }
                self.amounts(resource)?;
                let taken = No::new("campaignBudgetError", "DUPLICATE_NAME", "A budget of this name exists");
                self.named_once(resource, taken)
            }
            "campaign" => {
                needed(&["/name", "/advertisingChannelType", "/campaignBudget", "/containsEuPoliticalAdvertising"])?;
                let bids = ["targetSpend", "manualCpm", "manualCpc"];
                if bids.iter().filter(|bid| resource.fields.get(**bid).is_some()).count() != 1 {
                    return Err(No::new("campaignError", "BIDDING_STRATEGY_REQUIRED", "exactly one bidding field"));
                }
                let budget = exists("/campaignBudget", "campaignBudget")?;
                let ends = resource.text("/endDateTime");
                if ends.is_empty() && budget.micros("/totalAmountMicros").is_some() {
                    let code = "END_DATE_TIME_REQUIRED_FOR_TOTAL_BUDGET";
                    return Err(No::new("campaignError", code, "A total budget needs an end"));
                }
                let at = |pointer| Some(resource.text(pointer)).filter(|text| !text.is_empty()).map(local);
                if [at("/startDateTime"), at("/endDateTime")].contains(&Some(None)) {
                    return Err(No::new("dateError", "INVALID_STRING_DATE_TIME", "yyyy-MM-dd HH:mm:ss"));
                }
                if (!ends.is_empty() && !ends.ends_with("23:59:59"))
                    || !(resource.text("/startDateTime").is_empty()
                        || resource.text("/startDateTime").ends_with("00:00:00"))
                {
                    return Err(No::new(
                        "dateError",
                        "INVALID_DATE_TIME",
                        "days begin at 00:00:00 and end at 23:59:59",
                    ));
                }
                let taken = No::new("campaignError", "DUPLICATE_CAMPAIGN_NAME", "A campaign of this name exists");
                self.named_once(resource, taken)
            }
            "campaignCriterion" => {
                exists("/campaign", "campaign")?;
                criterion(resource)
            }
            "adGroup" => {
                needed(&["/name", "/type", "/status", "/optimizedTargetingEnabled"])?;
                exists("/campaign", "campaign").map(|_| ())
            }
            "adGroupCriterion" => {
                needed(&["/ageRange/type"])?;
                exists("/adGroup", "adGroup")?;
                let same = |other: &Resource| {
                    other.text("/adGroup") == resource.text("/adGroup")
                        && other.text("/ageRange/type") == resource.text("/ageRange/type")
                };
                let taken = self.store.of("adGroupCriterion").any(|(_, other)| same(other));
                if taken { Err(No::new("criterionError", "CONCRETE_TYPE_REQUIRED", "given twice")) } else { Ok(()) }
            }
            "asset" => needed(&["/name", "/type", "/imageAsset/data"]),
            _ => {
                needed(&["/ad/finalUrls/0", "/ad/responsiveDisplayAd/longHeadline/text"])?;
                exists("/adGroup", "adGroup")?;
                self.display_ad(resource)
            }
        }
    }

    fn display_ad(&self, resource: &Resource) -> Result<(), No> {
        let list = |key: &str| {
            let all = resource.fields.pointer(&format!("/ad/responsiveDisplayAd/{key}")).and_then(Value::as_array);
            all.map_or(&[][..], Vec::as_slice)
        };
        let pictures = [list("marketingImages"), list("squareMarketingImages")];
        for key in ["headlines", "descriptions"] {
            if !(1..=5).contains(&list(key).len()) {
                return Err(No::new("adError", "INVALID_NUMBER_OF_TEXTS", format!("1 to 5 {key}")));
            }
        }
        if pictures.iter().any(|some| some.is_empty()) || pictures.iter().map(|some| some.len()).sum::<usize>() > 15 {
            return Err(No::new("adError", "INVALID_NUMBER_OF_IMAGES", "at least one of each shape, at most 15"));
        }
        let known = |image: &Value| {
            let asset = image.get("asset").and_then(Value::as_str).and_then(|name| self.store.resources.get(name));
            asset.is_some_and(|asset| asset.kind == "asset")
        };
        match pictures.iter().flat_map(|some| some.iter()).find(|image| !known(image)) {
            Some(image) => Err(No::new("mutateError", "RESOURCE_NOT_FOUND", image)),
            None => Ok(()),
        }
    }

    /// What can only be said of the whole: how many circles a campaign has.
    fn whole(&self) -> Result<(), No> {
        let mut circles: HashMap<&str, usize> = HashMap::new();
        for (_, criterion) in self.store.of("campaignCriterion") {
            if criterion.fields.get("proximity").is_some() {
                *circles.entry(criterion.text("/campaign")).or_default() += 1;
            }
        }
        if let Some(count) = circles.into_values().find(|count| *count > MOST_CIRCLES) {
            let details = json!({"resourceCountDetails": {"limit": MOST_CIRCLES, "existingCount": count}});
            return Err(No::new("resourceCountLimitExceededError", "CAMPAIGN_CRITERION_LIMIT", "circles").with(details));
        }
        Ok(())
    }
}

fn criterion(resource: &Resource) -> Result<(), No> {
    if let Some(proximity) = resource.fields.get("proximity") {
        let number = |pointer: &str| proximity.pointer(pointer).and_then(Value::as_f64);
        let longest = if proximity.get("radiusUnits") == Some(&json!("MILES")) { 500.0 } else { 800.0 };
        if resource.fields.get("negative") == Some(&json!(true)) {
            return Err(No::new("criterionError", "CANNOT_EXCLUDE_CRITERION", "circles cannot be excluded"));
        }
        return match (
            number("/radius"),
            number("/geoPoint/latitudeInMicroDegrees"),
            number("/geoPoint/longitudeInMicroDegrees"),
        ) {
            (Some(radius), Some(lat), Some(lon))
                if radius > 0.0 && radius <= longest && lat.abs() <= 9e7 && lon.abs() <= 18e7 =>
            {
                Ok(())
            }
            (Some(_), Some(lat), Some(_)) if lat.abs() > 9e7 => Err(No::new("criterionError", "INVALID_LATITUDE", lat)),
            (Some(_), Some(_), Some(lon)) if lon.abs() > 18e7 => {
                Err(No::new("criterionError", "INVALID_LONGITUDE", lon))
            }
            _ => Err(No::new("criterionError", "INVALID_PROXIMITY_RADIUS", "radius")),
        };
    }
    let language = resource.text("/language/languageConstant");
    if !language.is_empty() {
        let known = constants().iter().any(|(id, ..)| language == format!("languageConstants/{id}"));
        return if known { Ok(()) } else { Err(No::new("criterionError", "INVALID_LANGUAGE_CODE", language)) };
    }
    match resource.text("/location/geoTargetConstant") {
        "geoTargetConstants/2056" | "geoTargetConstants/2250" => Ok(()),
        other => Err(No::new("criterionError", "CANNOT_TARGET_CRITERION", other)),
    }
}
