//! The objects of an account: campaigns, ad sets, creatives and ads, with the status each really has.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::simulators::ledger::Spent;
use crate::simulators::spending::{Budget, Spending};
use crate::simulators::tree::Tree;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Campaign,
    AdSet,
    Creative,
    Ad,
}

impl Kind {
    /// For the ledger.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Campaign => "campaign",
            Self::AdSet => "ad set",
            Self::Creative => "creative",
            Self::Ad => "ad",
        }
    }
}

/// An object.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: String,
    pub kind: Kind,
    pub parent: Option<String>,
    pub fields: Map<String, Value>,
    /// Found in lists from then on.
    pub listed_at: DateTime<Utc>,
    pub reviewed_at: DateTime<Utc>,
    pub is_rejected: bool,
    pub spending: Spending,
}

impl Node {
    pub fn text(&self, key: &str) -> &str {
        self.fields.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn status(&self) -> &str {
        self.text("status")
    }

    pub fn is_gone(&self) -> bool {
        matches!(self.status(), "DELETED" | "ARCHIVED")
    }

    /// UNIX seconds of a field.
    pub fn moment(&self, key: &str) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.fields.get(key)?.as_i64()?, 0)
    }

    fn budget(&self) -> Option<Budget> {
        let micros = |key: &str| Some(self.fields.get(key)?.as_i64()? * 10_000);
        micros("lifetime_budget").map(Budget::Total).or_else(|| micros("daily_budget").map(Budget::Daily))
    }
}

/// All objects: ad sets below their campaign, ads below their ad set.
#[derive(Clone, Debug, Default)]
pub struct Nodes {
    pub all: Tree<Node>,
}

impl Nodes {
    pub fn add(&mut self, node: Node) {
        self.all.add(&node.id.clone(), node.parent.clone().as_deref(), node);
    }

    /// What the object really does, its parents' and the reviewers' doing included.
    pub fn effective_status(&self, node: &Node, now: DateTime<Utc>) -> &'static str {
        match node.status() {
            "DELETED" => return "DELETED",
            "ARCHIVED" => return "ARCHIVED",
            _ => {}
        }
        if node.kind == Kind::Ad {
            if now < node.reviewed_at {
                return "PENDING_REVIEW";
            }
            if node.is_rejected {
                return "DISAPPROVED";
            }
        }
        if node.status() == "PAUSED" {
            return "PAUSED";
        }
        let parent = node.parent.as_ref().and_then(|id| self.all.get(id));
        match parent.map(|parent| (parent.kind, self.effective_status(parent, now))) {
            None | Some((_, "ACTIVE")) => "ACTIVE",
            Some((Kind::Campaign, _) | (_, "CAMPAIGN_PAUSED")) => "CAMPAIGN_PAUSED",
            Some(_) => "ADSET_PAUSED",
        }
    }

    /// Counts what every ad set costs.
    pub fn count(&mut self, now: DateTime<Utc>) {
        let ids: Vec<String> =
            self.all.values().filter(|node| node.kind == Kind::AdSet).map(|node| node.id.clone()).collect();
        let active: HashSet<String> = self
            .all
            .values()
            .filter(|node| node.kind == Kind::Ad && self.effective_status(node, now) == "ACTIVE")
            .filter_map(|ad| ad.parent.clone())
            .collect();
        for id in ids {
            let runs = active.contains(&id);
            let Some(set) = self.all.get_mut(&id) else { continue };
            let (Some(budget), Some(ends)) = (set.budget(), set.moment("end_time").or(Some(DateTime::<Utc>::MAX_UTC)))
            else {
                continue;
            };
            let starts = set.moment("start_time").unwrap_or(set.listed_at);
            set.spending.count(now, runs, (starts, ends), budget);
        }
    }

    /// What is answered for an object when so many fields are asked for.
    pub fn view(&self, node: &Node, fields: &str, now: DateTime<Utc>) -> Value {
        let mut view = Map::from_iter([("id".to_owned(), json!(node.id))]);
        for field in fields.split(',').map(str::trim).filter(|field| !field.is_empty() && *field != "id") {
            let value = match field {
                "effective_status" => json!(self.effective_status(node, now)),
                "ad_review_feedback" if node.is_rejected && now >= node.reviewed_at => {
                    json!({"global": {"Simulated rejection": "The simulator was told to reject this ad."}})
                }
                "issues_info" | "ad_review_feedback" => continue,
                // Budgets and moments come back as text.
                "daily_budget" | "lifetime_budget" => match node.fields.get(field) {
                    Some(number) => json!(number.to_string()),
                    None => json!("0"),
                },
                "start_time" | "end_time" => match node.moment(field) {
                    Some(at) => json!(at.format("%Y-%m-%dT%H:%M:%S+0000").to_string()),
                    None => continue,
                },
                other => match node.fields.get(other) {
                    Some(value) => value.clone(),
                    None => continue,
                },
            };
            view.insert(field.to_owned(), value);
        }
        Value::Object(view)
    }

    /// Ad sets of an object: its own, or itself.
    pub fn sets<'a>(&'a self, node: &'a Node) -> Vec<&'a Node> {
        match node.kind {
            Kind::Campaign => self.all.below(&node.id).filter(|child| child.kind == Kind::AdSet).collect(),
            Kind::AdSet => vec![node],
            Kind::Ad => node.parent.iter().filter_map(|id| self.all.get(id)).collect(),
            Kind::Creative => Vec::new(),
        }
    }

    /// What a campaign cost.
    pub fn spent(&self, node: &Node) -> Spent {
        let sets = self.sets(node);
        let sum = |of: fn(&Node) -> i64| sets.iter().map(|set| of(set)).sum();
        Spent {
            id: node.id.clone(),
            name: node.text("name").to_owned(),
            status: node.status().to_owned(),
            ceiling_micros: sum(|set| match set.budget() {
                Some(Budget::Total(micros) | Budget::Daily(micros)) => micros,
                None => 0,
            }),
            spent_micros: sum(|set| set.spending.micros),
            impressions: sum(|set| set.spending.impressions()),
            clicks: sum(|set| set.spending.clicks()),
            reach: sum(|set| set.spending.reach()),
        }
    }
}
