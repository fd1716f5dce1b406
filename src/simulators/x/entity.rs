//! The entities of an account: campaigns, line items, criteria, posts and promoted posts.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::fields::moment;
use crate::simulators::ledger::Spent;
use crate::simulators::spending::{Budget, Spending};
use crate::simulators::tree::Tree;

/// What an entity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Campaign,
    LineItem,
    Criterion,
    Tweet,
    Promoted,
}

impl Kind {
    /// For the ledger.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Campaign => "campaign",
            Self::LineItem => "line item",
            Self::Criterion => "targeting criterion",
            Self::Tweet => "post",
            Self::Promoted => "promoted post",
        }
    }

    /// By the name in the path.
    pub fn of(edge: &str) -> Option<Self> {
        match edge {
            "campaigns" => Some(Self::Campaign),
            "line_items" => Some(Self::LineItem),
            "targeting_criteria" => Some(Self::Criterion),
            "tweets" => Some(Self::Tweet),
            "promoted_tweets" => Some(Self::Promoted),
            _ => None,
        }
    }
}

/// An entity.
#[derive(Clone, Debug)]
pub struct Entity {
    pub id: String,
    pub kind: Kind,
    pub fields: Map<String, Value>,
    pub deleted: bool,
    pub listed_at: DateTime<Utc>,
    pub reviewed_at: DateTime<Utc>,
    pub is_rejected: bool,
    pub spending: Spending,
}

impl Entity {
    pub fn text(&self, key: &str) -> &str {
        self.fields.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn number(&self, key: &str) -> Option<i64> {
        self.fields.get(key).and_then(Value::as_i64)
    }

    /// The id of what it belongs to.
    fn parent(&self) -> Option<&str> {
        match self.kind {
            Kind::Campaign | Kind::Tweet => None,
            Kind::LineItem => Some(self.text("campaign_id")),
            Kind::Criterion | Kind::Promoted => Some(self.text("line_item_id")),
        }
    }

    fn is_active(&self) -> bool {
        !self.deleted && self.text("entity_status") == "ACTIVE"
    }
}

/// All entities: line items below their campaign, criteria and promoted posts below their line item.
#[derive(Clone, Debug, Default)]
pub struct Entities {
    pub all: Tree<Entity>,
}

impl Entities {
    pub fn add(&mut self, entity: Entity) {
        self.all.add(&entity.id.clone(), entity.parent().map(str::to_owned).as_deref(), entity);
    }

    /// Those of a kind that belong to `id`, the deleted left out.
    pub fn under<'a>(&'a self, kind: Kind, id: &str) -> impl Iterator<Item = &'a Entity> {
        self.all.below(id).filter(move |one| one.kind == kind && !one.deleted)
    }

    fn reasons(&self, entity: &Entity, now: DateTime<Utc>) -> Vec<&'static str> {
        let mut reasons = Vec::new();
        if entity.deleted {
            reasons.push("DELETED");
        }
        if entity.text("entity_status") == "PAUSED" {
            reasons.push("PAUSED_BY_ADVERTISER");
        }
        match entity.kind {
            Kind::Campaign if self.under(Kind::LineItem, &entity.id).next().is_none() => {
                reasons.push("INCOMPLETE");
            }
            Kind::LineItem => {
                if self.under(Kind::Promoted, &entity.id).next().is_none() {
                    reasons.push("INCOMPLETE");
                }
                if moment(entity.text("end_time")).is_some_and(|ends| ends <= now) {
                    reasons.push("EXPIRED");
                }
            }
            _ => {}
        }
        reasons
    }

    pub fn count(&mut self, now: DateTime<Utc>) {
        let ids: Vec<String> =
            self.all.values().filter(|one| one.kind == Kind::LineItem).map(|one| one.id.clone()).collect();
        let approved: HashSet<String> = self
            .all
            .values()
            .filter(|one| one.kind == Kind::Promoted && !one.deleted && now >= one.reviewed_at && !one.is_rejected)
            .map(|promoted| promoted.text("line_item_id").to_owned())
            .collect();
        for id in ids {
            let Some(item) = self.all.get(&id) else { continue };
            let campaign = self.all.get(item.text("campaign_id"));
            let runs = item.is_active() && campaign.is_some_and(Entity::is_active) && approved.contains(&id);
            let total = item.number("total_budget_amount_local_micro");
            let total =
                total.or_else(|| campaign.and_then(|c| c.number("total_budget_amount_local_micro"))).map(Budget::Total);
            let daily = campaign.and_then(|c| c.number("daily_budget_amount_local_micro")).map(Budget::Daily);
            let life = moment(item.text("start_time")).zip(moment(item.text("end_time")));
            if let (Some(budget), Some(life), Some(item)) = (total.or(daily), life, self.all.get_mut(&id)) {
                item.spending.count(now, runs, life, budget);
            }
        }
    }

    /// As lists show it.
    pub fn view(&self, entity: &Entity, now: DateTime<Utc>) -> Value {
        let mut view = entity.fields.clone();
        let key = if entity.kind == Kind::Tweet { "tweet_id" } else { "id" };
        view.insert(key.to_owned(), json!(entity.id));
        view.insert("deleted".to_owned(), json!(entity.deleted));
        if matches!(entity.kind, Kind::Campaign | Kind::LineItem) {
            let reasons = self.reasons(entity, now);
            view.insert("servable".to_owned(), json!(reasons.is_empty()));
            view.insert("reasons_not_servable".to_owned(), json!(reasons));
        }
        if entity.kind == Kind::Promoted {
            let approval = match (now >= entity.reviewed_at, entity.is_rejected) {
                (false, _) => "UNDER_REVIEW",
                (true, true) => "REJECTED",
                (true, false) => "ACCEPTED",
            };
            view.insert("approval_status".to_owned(), json!(approval));
        }
        Value::Object(view)
    }

    pub fn spent(&self, campaign: &Entity) -> Spent {
        let items: Vec<&Entity> = self.all.below(&campaign.id).collect();
        let sum = |of: fn(&Spending) -> i64| items.iter().map(|item| of(&item.spending)).sum();
        Spent {
            id: campaign.id.clone(),
            name: campaign.text("name").to_owned(),
            status: if campaign.deleted { "DELETED".to_owned() } else { campaign.text("entity_status").to_owned() },
            ceiling_micros: campaign
                .number("total_budget_amount_local_micro")
                .or_else(|| campaign.number("daily_budget_amount_local_micro"))
                .unwrap_or_default(),
            spent_micros: sum(|spending| spending.micros),
            impressions: sum(Spending::impressions),
            clicks: sum(Spending::clicks),
            reach: sum(Spending::reach),
        }
    }
}
