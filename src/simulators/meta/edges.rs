//! Making and changing: the rules that hold between a campaign, its ad sets, creatives and ads.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::errors::No;
use super::fields::{self, parsed};
use super::node::{Kind, Node};
use super::{Asked, MetaAds, missing, targeting};
use crate::simulators::fault::Fault;
use crate::simulators::ledger::Ledger;
use crate::simulators::spending::Spending;

type Fields = Map<String, Value>;

fn number(fields: &Fields, key: &str) -> Option<i64> {
    fields.get(key)?.as_i64()
}

impl MetaAds {
    pub(super) fn create(&mut self, asked: &Asked<'_>, edge: &str, ledger: &mut Ledger) -> Result<Value, No> {
        let (kind, table) = match edge {
            "adimages" => return self.upload(asked, ledger),
            "campaigns" => (Kind::Campaign, fields::CAMPAIGN),
            "adsets" => (Kind::AdSet, fields::AD_SET),
            "adcreatives" => (Kind::Creative, fields::CREATIVE),
            "ads" => (Kind::Ad, fields::AD),
            other => return Err(No::wrong(format!("Unknown path components: /{other}"))),
        };
        if !asked.call.is_form() {
            return Err(No::wrong("(#100) parameters are expected as a form"));
        }
        let mut values = parsed(&asked.given, table)?;
        let parent = match kind {
            Kind::Campaign => {
                campaign(&values)?;
                None
            }
            Kind::AdSet => Some(self.ad_set(asked, &values)?),
            Kind::Creative => {
                self.creative(&values)?;
                None
            }
            Kind::Ad => Some(self.ad(&values)?),
        };
        let options = values.remove("execution_options");
        if options.is_some_and(|options| options.as_array().is_some_and(|all| all.contains(&json!("validate_only")))) {
            ledger.read("validate only");
            return Ok(json!({"success": true}));
        }
        let id = self.next_id();
        let late = match asked.fault {
            Some(Fault::LateVisibility { seconds }) => TimeDelta::seconds(seconds),
            _ => TimeDelta::zero(),
        };
        let name = values.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        ledger.effect(asked.now, "created", kind.word(), &id, name);
        let node = Node {
            id: id.clone(),
            kind,
            parent,
            fields: values,
            listed_at: asked.now + late,
            reviewed_at: asked.now + TimeDelta::seconds(self.account.review_seconds),
            is_rejected: asked.fault == Some(Fault::ReviewRejected),
            spending: Spending::default(),
        };
        self.nodes.add(node);
        Ok(json!({"id": id}))
    }

    fn upload(&mut self, asked: &Asked<'_>, ledger: &mut Ledger) -> Result<Value, No> {
        let parts = asked.call.parts().ok_or_else(|| No::wrong("(#100) an image is expected as a multipart form"))?;
        let file = parts.iter().find_map(|part| Some((part.file.clone()?, &part.bytes)));
        let Some((name, bytes)) = file.filter(|(_, bytes)| is_picture(bytes)) else {
            return Err(No::new(100, 1_487_411, "Image size or format is not supported"));
        };
        // The same picture has the same hash.
        let hash = crate::simulators::mac::hex_sha256("image", bytes);
        let hash: String = hash.chars().take(32).collect();
        if self.images.insert(hash.clone()) {
            ledger.effect(asked.now, "uploaded", "image", &hash, &name);
        }
        Ok(json!({"images": {name.clone(): {"hash": hash, "url": "https://simulator.invalid/image", "name": name}}}))
    }

    fn least(&self, asked: &Asked<'_>, values: &Fields, days: i64) -> Result<(), No> {
        let least = self.account.least_daily;
        let told = asked.fault == Some(Fault::BudgetTooLow);
        let low = |field: &'static str, subcode, least: i64| {
            let (whole, cents) = (least / 100, least % 100);
            let message = format!("Your budget is too low: it must be at least {whole}.{cents:02}");
            Err(No::new(100, subcode, message).blaming(field))
        };
        match (number(values, "daily_budget"), number(values, "lifetime_budget")) {
            (Some(daily), None) if daily < least || told => low("daily_budget", 1_885_272, least),
            (None, Some(total)) if total < least * days || told => low("lifetime_budget", 1_885_272, least * days),
            _ => Ok(()),
        }
    }

    fn ad_set(&self, asked: &Asked<'_>, values: &Fields) -> Result<String, No> {
        let id = values.get("campaign_id").and_then(Value::as_str).unwrap_or_default();
        let campaign = self.nodes.all.get(id).filter(|node| node.kind == Kind::Campaign && !node.is_gone());
        let campaign = campaign.ok_or_else(|| missing(id))?;
        let has_budget =
            |fields: &Fields| fields.contains_key("daily_budget") || fields.contains_key("lifetime_budget");
        if has_budget(values) && has_budget(&campaign.fields) {
            return Err(No::new(100, 1_885_621, "You can only set an ad set budget or a campaign budget"));
        }
        if values.contains_key("daily_budget") == values.contains_key("lifetime_budget") {
            return Err(No::wrong("Your ad set must have exactly one of daily_budget and lifetime_budget"));
        }
        let starts = number(values, "start_time").unwrap_or_else(|| asked.now.timestamp());
        let ends = number(values, "end_time");
        if values.contains_key("lifetime_budget") && ends.is_none() {
            return Err(No::wrong("An end time is required with a lifetime budget").blaming("end_time"));
        }
        if ends.is_some_and(|ends| ends <= starts || ends <= asked.now.timestamp()) {
            return Err(No::new(100, 1_487_793, "The end time must be after the start time and in the future"));
        }
        if values.contains_key("daily_budget") && ends.is_some_and(|ends| ends - starts <= 86_400) {
            return Err(No::wrong("An ad set with a daily budget must run for more than 24 hours"));
        }
        let days = ends.map_or(1, |ends| ((ends - starts) + 86_399) / 86_400);
        self.least(asked, values, days)?;
        if !values.contains_key("dsa_beneficiary") || !values.contains_key("dsa_payor") {
            return Err(No::new(100, 3_858_152, "No beneficiary or payer: required for ads in the European Union"));
        }
        let objective = campaign.text("objective");
        let goal = values.get("optimization_goal").and_then(Value::as_str).unwrap_or_default();
        let page = values.get("promoted_object").and_then(|object| object.get("page_id")).and_then(Value::as_str);
        match (objective, goal) {
            ("OUTCOME_AWARENESS", "REACH" | "IMPRESSIONS") if page == Some(&self.account.page) => {}
            ("OUTCOME_AWARENESS", "REACH" | "IMPRESSIONS") => {
                return Err(No::wrong("(#100) promoted_object needs a page_id you may advertise for"));
            }
            ("OUTCOME_TRAFFIC", _) => {}
            _ => return Err(No::new(100, 2_490_408, "The performance goal does not fit the campaign's objective")),
        }
        if values.contains_key("frequency_control_specs") && goal != "REACH" {
            return Err(No::wrong("(#100) frequency_control_specs need the goal REACH"));
        }
        let empty = Map::new();
        let told = values.get("targeting").and_then(Value::as_object).unwrap_or(&empty);
        targeting::checked(told, self.account.several_radii)?;
        if self.nodes.all.below(id).filter(|node| !node.is_gone()).count() >= 200 {
            return Err(No::new(100, 1_487_851, "A campaign can have at most 200 ad sets"));
        }
        Ok(id.to_owned())
    }

    fn creative(&self, values: &Fields) -> Result<(), No> {
        let story = values.get("object_story_spec");
        let text = |pointer: &str| story.and_then(|story| story.pointer(pointer)).and_then(Value::as_str);
        if text("/page_id") != Some(&self.account.page) {
            return Err(No::new(100, 1_443_120, "object_story_spec needs a page_id you may advertise for"));
        }
        let link = text("/link_data/link").unwrap_or_default();
        if !link.starts_with("http") || link.chars().count() > 1_000 {
            return Err(No::wrong("(#100) link_data.link must be a link of at most 1,000 characters"));
        }
        if text("/link_data/message").unwrap_or_default().is_empty() {
            return Err(No::wrong("(#100) link_data.message is required"));
        }
        if text("/link_data/image_hash").is_some_and(|hash| !self.images.contains(hash)) {
            return Err(No::new(100, 1_487_242, "The image hash was not found in your ad account's library"));
        }
        let known = ["link", "message", "name", "description", "image_hash", "call_to_action"];
        let data = story.and_then(|story| story.get("link_data")).and_then(Value::as_object);
        match data.into_iter().flatten().find(|(key, _)| !known.contains(&key.as_str())) {
            Some((key, _)) => {
                Err(No::wrong(format!("(#100) Invalid keys \"{key}\" were found in param \"link_data\".")))
            }
            None => Ok(()),
        }
    }

    fn ad(&self, values: &Fields) -> Result<String, No> {
        let id = values.get("adset_id").and_then(Value::as_str).unwrap_or_default();
        self.nodes.all.get(id).filter(|node| node.kind == Kind::AdSet && !node.is_gone()).ok_or_else(|| missing(id))?;
        let creative = values.get("creative").and_then(|creative| creative.get("creative_id")).and_then(Value::as_str);
        let creative = creative.unwrap_or_default();
        self.nodes.all.get(creative).filter(|node| node.kind == Kind::Creative).ok_or_else(|| missing(creative))?;
        if self.nodes.all.below(id).filter(|node| !node.is_gone()).count() >= 50 {
            return Err(No::new(100, 1_487_809, "An ad set can have at most 50 ads"));
        }
        Ok(id.to_owned())
    }

    pub(super) fn change(&mut self, asked: &Asked<'_>, id: &str, ledger: &mut Ledger) -> Result<Value, No> {
        let node = self.nodes.all.get(id).ok_or_else(|| missing(id))?.clone();
        let table = match node.kind {
            Kind::Campaign => fields::CHANGED_CAMPAIGN,
            Kind::AdSet => fields::CHANGED_AD_SET,
            Kind::Creative | Kind::Ad => fields::CHANGED_AD,
        };
        let values = parsed(&asked.given, table)?;
        if node.is_gone() && values.keys().any(|key| key != "name") {
            return Err(No::new(100, 1_487_056, "A deleted object can only be renamed"));
        }
        if self.is_suspended && values.get("status").and_then(Value::as_str) == Some("ACTIVE") {
            return Err(No::new(200, 1_404_163, "Your ad account is disabled: you cannot create or edit ads"));
        }
        if node.kind == Kind::AdSet {
            let spent = (node.spending.micros + 9_999) / 10_000;
            if number(&values, "lifetime_budget").is_some_and(|total| total < spent) {
                return Err(No::new(100, 1_885_650, "Your new budget is lower than what has been spent already"));
            }
            let starts = number(&node.fields, "start_time").unwrap_or_else(|| asked.now.timestamp());
            let ends = number(&values, "end_time").or_else(|| number(&node.fields, "end_time"));
            if number(&values, "end_time").is_some_and(|ends| ends <= starts || ends <= asked.now.timestamp()) {
                return Err(No::new(100, 1_487_793, "The end time must be after the start time and in the future"));
            }
            self.least(asked, &values, ends.map_or(1, |ends| ((ends - starts) + 86_399) / 86_400))?;
        }
        let what: Vec<String> = values.iter().map(|(key, value)| format!("{key}={value}")).collect();
        ledger.effect(asked.now, "changed", node.kind.word(), id, what.join(" "));
        if let Some(node) = self.nodes.all.get_mut(id) {
            node.fields.extend(values);
            if asked.fault == Some(Fault::ReviewRejected) {
                node.is_rejected = true;
            }
        }
        Ok(json!({"success": true}))
    }
}

fn campaign(values: &Fields) -> Result<(), No> {
    let categories: Vec<&str> = values
        .get("special_ad_categories")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let known = [
        "NONE",
        "EMPLOYMENT",
        "HOUSING",
        "CREDIT",
        "ISSUES_ELECTIONS_POLITICS",
        "ONLINE_GAMBLING_AND_GAMING",
        "FINANCIAL_PRODUCTS_SERVICES",
    ];
    if let Some(other) = categories.iter().find(|category| !known.contains(category)) {
        return Err(No::wrong(format!("(#100) {other} is no special ad category")));
    }
    if categories.contains(&"ISSUES_ELECTIONS_POLITICS") {
        return Err(No::new(100, 3_858_505, "Ads about social issues, elections or politics may not run in the EU"));
    }
    let budgets = ["daily_budget", "lifetime_budget"].iter().filter(|key| values.contains_key(**key)).count();
    if values.contains_key("bid_strategy") && budgets == 0 {
        return Err(No::wrong("(#100) bid_strategy on a campaign needs a campaign budget"));
    }
    Ok(())
}

fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG") || bytes.starts_with(b"\xff\xd8\xff")
}
