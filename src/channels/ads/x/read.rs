//! Reading back: the account, looking for what was made, how it stands, whether it is what was ordered, what came of it.

use super::{XClient, order};
use crate::channels::ads::{
    AdOrder, AdStanding, Failed, Figures, Made, Next, Rebuilt, Review, Running, SetUp, Step, Trouble,
};
use crate::domain::advert::Cents;
use crate::domain::language::Language;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Those that are not deleted; all of them where none is left. A create that goes on where another was taken away by half
/// makes anew what is gone.
fn living(mut rows: Vec<Value>) -> Vec<Value> {
    let is_living = |row: &Value| row.get("deleted") != Some(&Value::Bool(true));
    if rows.iter().any(is_living) {
        rows.retain(is_living);
    }
    rows
}

impl XClient {
    pub(super) async fn checked(&self) -> Result<SetUp, Failed> {
        let url = format!("{}/{}/accounts", self.config.base_url, self.config.version);
        let accounts = self.rows(&url, Vec::new()).await?;
        let account = accounts.iter().find(|row| text(row, "id") == self.config.account);
        let account = account.ok_or_else(|| Failed::person(Trouble::Permission, "the account is not among ours"))?;
        if text(account, "approval_status") != "ACCEPTED" {
            return Err(Failed::person(Trouble::Suspended, text(account, "approval_status")));
        }
        let funds = self.rows(&self.account("funding_instruments"), Vec::new()).await?;
        let fund = funds.iter().find(|row| text(row, "id") == self.config.funding);
        let fund = fund.filter(|row| row.get("able_to_fund") == Some(&Value::Bool(true)));
        let fund = fund.ok_or_else(|| Failed::person(Trouble::Funding, "the funding instrument cannot fund"))?;
        let currency = text(fund, "currency").to_owned();
        if currency != "EUR" {
            return Err(Failed::person(Trouble::Currency, currency));
        }
        let users = self.rows(&self.account("promotable_users"), Vec::new()).await?;
        let is_ours =
            |row: &Value| text(row, "user_id") == self.config.user && text(row, "promotable_user_type") == "FULL";
        if !users.iter().any(is_ours) {
            return Err(Failed::person(Trouble::Permission, "the user cannot be promoted in full"));
        }
        let url = format!("{}/{}/targeting_criteria/languages", self.config.base_url, self.config.version);
        let mut languages = BTreeMap::new();
        for row in self.rows(&url, Vec::new()).await? {
            if let Ok(language) = Language::parse(text(&row, "targeting_value")) {
                languages.insert(language, vec![language.code().to_owned()]);
            }
        }
        if let Some(missing) = Language::ALL.iter().find(|language| !languages.contains_key(language)) {
            return Err(Failed::person(Trouble::SetUp, format!("no language {missing}")));
        }
        Ok(SetUp { currency, time_zone: text(account, "timezone").to_owned(), languages, least_daily: None })
    }

    pub(super) async fn found(&self, order: &AdOrder, made: &Made, step: &Step) -> Result<Option<String>, Failed> {
        let name = order.key.name(step.as_str());
        // `q` matches loosely: only exactly the name is ours.
        let named = |rows: Vec<Value>, id: &str| {
            rows.iter().find(|row| text(row, "name") == name).map(|row| text(row, id).to_owned())
        };
        match step.kind() {
            "campaign" => Ok(named(self.rows(&self.account("campaigns"), vec![("q", name.clone())]).await?, "id")),
            "item" => {
                let campaign = order::needed(made, "campaign")?.to_owned();
                let asked = vec![("q", name.clone()), ("campaign_ids", campaign)];
                Ok(named(self.rows(&self.account("line_items"), asked).await?, "id"))
            }
            "post" => {
                let asked = vec![("tweet_type", "PUBLISHED".to_owned()), ("name", name.clone())];
                Ok(named(self.rows(&self.account("tweets"), asked).await?, "tweet_id"))
            }
            "criteria" => {
                let there = self.criteria(made).await?;
                let item = order::needed(made, "item")?;
                let batch = order::batches(order, item)?.into_iter().nth(step.index().unwrap_or_default());
                let wanted =
                    batch.iter().filter_map(|batch| batch.as_array()).flatten().filter_map(|one| one.get("params"));
                let wanted: Vec<(String, String)> = wanted.map(pair).collect();
                // All or nothing: one that is there says that all are.
                Ok(wanted.iter().find_map(|one| there.get(one)).cloned())
            }
            "promoted" => {
                let asked = vec![("line_item_ids", order::needed(made, "item")?.to_owned())];
                let rows = self.rows(&self.account("promoted_tweets"), asked).await?;
                let post = order::needed(made, "post")?;
                Ok(rows.iter().find(|row| text(row, "tweet_id") == post).map(|row| text(row, "id").to_owned()))
            }
            // Another upload of the same picture costs nothing.
            _ => Ok(None),
        }
    }

    /// Criteria of the line item by type and value.
    async fn criteria(&self, made: &Made) -> Result<BTreeMap<(String, String), String>, Failed> {
        let asked = vec![("line_item_ids", order::needed(made, "item")?.to_owned())];
        let rows = self.rows(&self.account("targeting_criteria"), asked).await?;
        Ok(rows.iter().map(|row| (pair(row), text(row, "id").to_owned())).collect())
    }

    pub(super) async fn one(&self, edge: &str, parameter: &'static str, id: &str) -> Result<Option<Value>, Failed> {
        let asked = vec![(parameter, id.to_owned()), ("with_deleted", "true".to_owned())];
        let rows = self.rows(&self.account(edge), asked).await?;
        Ok(rows.into_iter().find(|row| text(row, "id") == id))
    }

    /// The promoted post is made last: where it is, everything is.
    pub(super) async fn parts_of(&self, id: &str) -> Result<Option<Rebuilt>, Failed> {
        let Some(campaign) = self.one("campaigns", "campaign_ids", id).await? else { return Ok(None) };
        let mut made = Made::default();
        made.add(Step::new("campaign"), id.to_owned());
        let under = |name: &'static str, id: &str| vec![(name, id.to_owned()), ("with_deleted", "true".to_owned())];
        let items = living(self.rows(&self.account("line_items"), under("campaign_ids", id)).await?);
        let now = self.moments.now();
        let (mut is_active, mut life) = (false, (now, now));
        if let Some(item) = items.first() {
            made.add(Step::new("item"), text(item, "id").to_owned());
            is_active = text(item, "entity_status") == "ACTIVE";
            let at = |key: &str| DateTime::parse_from_rfc3339(text(item, key)).map(|at| at.to_utc()).ok();
            life = (at("start_time").unwrap_or(now), at("end_time").unwrap_or(DateTime::<Utc>::MAX_UTC));
            let promoted =
                self.rows(&self.account("promoted_tweets"), under("line_item_ids", text(item, "id"))).await?;
            if let Some(row) = living(promoted).first() {
                made.add(Step::new("promoted"), text(row, "id").to_owned());
                made.add(Step::new("post"), text(row, "tweet_id").to_owned());
            }
        }
        let is_whole = items.len() == 1 && made.id("promoted").is_some();
        let running = match (campaign.get("deleted") == Some(&Value::Bool(true)), text(&campaign, "entity_status")) {
            (true, _) => Running::Gone,
            (false, "ACTIVE") if is_active => Running::On,
            _ => Running::Off,
        };
        let micros = campaign.get("total_budget_amount_local_micro").and_then(Value::as_i64).unwrap_or(i64::MAX);
        let (starts_at, ends_at) = life;
        Ok(Some(Rebuilt { made, is_whole, running, cap: Cents::of_cost(micros), starts_at, ends_at }))
    }

    pub(super) async fn stands(&self, made: &Made) -> Result<AdStanding, Failed> {
        let campaign = self.one("campaigns", "campaign_ids", order::needed(made, "campaign")?).await?;
        let item = self.one("line_items", "line_item_ids", order::needed(made, "item")?).await?;
        let is =
            |row: &Option<Value>, status: &str| row.as_ref().is_some_and(|row| text(row, "entity_status") == status);
        let gone = |row: &Option<Value>| row.as_ref().is_none_or(|row| row.get("deleted") == Some(&Value::Bool(true)));
        let running = match (gone(&campaign) || gone(&item), is(&campaign, "ACTIVE") && is(&item, "ACTIVE")) {
            (true, _) => Running::Gone,
            (false, true) => Running::On,
            (false, false) => Running::Off,
        };
        let asked = vec![("line_item_ids", order::needed(made, "item")?.to_owned())];
        let promoted = self.rows(&self.account("promoted_tweets"), asked).await?;
        let mut review = if promoted.is_empty() { Review::Waiting } else { Review::Approved };
        for row in &promoted {
            match text(row, "approval_status") {
                accepted if accepted == self.config.accepted => {}
                rejected if rejected == self.config.rejected => {
                    review = Review::Rejected(rejected.to_owned());
                    break;
                }
                // A word nobody has seen is no acceptance.
                _ => review = Review::Waiting,
            }
        }
        let reasons = [&campaign, &item].into_iter().flatten();
        let reasons =
            reasons.filter_map(|row| row.get("reasons_not_servable")?.as_array()).flatten().filter_map(Value::as_str);
        let other = |reason: &&str| !matches!(*reason, "PAUSED_BY_ADVERTISER" | "DELETED");
        let hindrances: BTreeSet<String> = reasons.filter(other).map(str::to_owned).collect();
        Ok(AdStanding { running, review, hindrances: hindrances.into_iter().collect() })
    }

    pub(super) async fn compared(&self, order: &AdOrder, made: &Made) -> Result<Vec<String>, Failed> {
        let mut wrong = Vec::new();
        let campaign =
            self.one("campaigns", "campaign_ids", order::needed(made, "campaign")?).await?.unwrap_or_default();
        let item = self.one("line_items", "line_item_ids", order::needed(made, "item")?).await?.unwrap_or_default();
        let total = order.ceiling.micros();
        for (what, row) in [("campaign", &campaign), ("line item", &item)] {
            let found = row.get("total_budget_amount_local_micro").and_then(Value::as_i64);
            if found != Some(total) {
                wrong.push(format!("the {what}'s total budget is {found:?}, not {total}"));
            }
        }
        let ends = DateTime::parse_from_rfc3339(text(&item, "end_time")).map(|at| at.timestamp()).ok();
        if ends != Some(order.ends_at.timestamp()) {
            wrong.push(format!("the end is {}, not {}", text(&item, "end_time"), order::moment(order.ends_at)));
        }
        let there: BTreeSet<(String, String)> = self.criteria(made).await?.into_keys().collect();
        let batches = order::batches(order, order::needed(made, "item")?)?;
        let wanted = batches.iter().filter_map(Value::as_array).flatten().filter_map(|one| one.get("params"));
        let wanted: BTreeSet<(String, String)> = wanted.map(pair).collect();
        wrong.extend(wanted.difference(&there).map(|(kind, value)| format!("the criterion {kind} {value} is missing")));
        wrong.extend(there.difference(&wanted).map(|(kind, value)| format!("there is a criterion {kind} {value}")));
        Ok(wrong)
    }

    pub(super) async fn counted(
        &self,
        made: &Made,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Figures, Failed> {
        let hour = TimeDelta::hours(1);
        let whole = |at: DateTime<Utc>| at.duration_trunc(hour).unwrap_or(at);
        let (from, until) = (whole(from), whole(until) + hour);
        let item = order::needed(made, "item")?;
        let url = format!("{}/{}/stats/accounts/{}", self.config.base_url, self.config.version, self.config.account);
        let mut figures = Figures::default();
        let mut begins = from;
        // At most a week in one question.
        while begins < until {
            let ends = (begins + TimeDelta::days(7)).min(until);
            let asked = vec![
                ("entity", "LINE_ITEM".to_owned()),
                ("entity_ids", item.to_owned()),
                ("start_time", order::moment(begins)),
                ("end_time", order::moment(ends)),
                ("granularity", "TOTAL".to_owned()),
                ("metric_groups", "ENGAGEMENT,BILLING".to_owned()),
                ("placement", "ALL_ON_TWITTER".to_owned()),
            ];
            let told = self.get(&url, asked).await?;
            let metrics = told.pointer("/data/0/id_data/0/metrics").cloned().unwrap_or_default();
            let sum = |key: &str| match metrics.get(key) {
                None | Some(Value::Null) => Ok(0),
                Some(Value::Array(all)) => Ok(all.iter().filter_map(Value::as_i64).sum::<i64>()),
                Some(other) => {
                    Err(Failed::new(Next::Retry { after: None }, Trouble::NoAnswer, format!("{key} is {other}")))
                }
            };
            figures.impressions += sum("impressions")?;
            figures.clicks += sum("url_clicks")?;
            figures.spent_micros += sum("billed_charge_local_micro")?;
            begins = ends;
        }
        let asked = vec![
            ("campaign_ids", order::needed(made, "campaign")?.to_owned()),
            ("start_time", order::moment(from)),
            ("end_time", order::moment(until)),
        ];
        let told = self.get(&format!("{url}/reach/campaigns"), asked).await?;
        figures.reach = told.pointer("/data/0/total_audience_reach").and_then(Value::as_i64);
        Ok(figures)
    }
}

fn pair(row: &Value) -> (String, String) {
    (text(row, "targeting_type").to_owned(), text(row, "targeting_value").to_owned())
}
