//! What the customer has: resources by name, and what its campaigns cost.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::Value;

use crate::simulators::ledger::Spent;
use crate::simulators::spending::{Budget, Spending};

/// A resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// `campaign`, `campaignBudget`, …
    pub kind: &'static str,
    /// As created, with real names for temporary ones.
    pub fields: Value,
    /// Found by searches from then on.
    pub listed_at: DateTime<Utc>,
    pub reviewed_at: DateTime<Utc>,
    pub is_rejected: bool,
    pub spending: Spending,
}

impl Resource {
    pub fn text(&self, pointer: &str) -> &str {
        self.fields.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// int64 as text.
    pub fn micros(&self, pointer: &str) -> Option<i64> {
        self.fields.pointer(pointer)?.as_str()?.parse().ok()
    }
}

/// All resources by name.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub resources: BTreeMap<String, Resource>,
    pub last_id: u64,
}

/// The account's time zone is Brussels; a simulator for campaigns of days takes it for one hour east all year.
pub fn local(text: &str) -> Option<DateTime<Utc>> {
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    Some((naive - chrono::TimeDelta::hours(1)).and_utc())
}

impl Store {
    pub fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a String, &'a Resource)> {
        self.resources.iter().filter(move |(_, resource)| resource.kind == kind)
    }

    pub fn budget_of(&self, campaign: &Resource) -> Option<(&String, &Resource)> {
        self.resources.get_key_value(campaign.text("/campaignBudget"))
    }

    fn budget(&self, campaign: &Resource) -> Option<Budget> {
        let (_, budget) = self.budget_of(campaign)?;
        let total = budget.micros("/totalAmountMicros").map(Budget::Total);
        total.or_else(|| budget.micros("/amountMicros").map(Budget::Daily))
    }

    pub fn count(&mut self, now: DateTime<Utc>) {
        let names: Vec<String> = self.of("campaign").map(|(name, _)| name.clone()).collect();
        let approved: HashSet<String> = self
            .of("adGroupAd")
            .filter(|(_, ad)| now >= ad.reviewed_at && !ad.is_rejected)
            .filter_map(|(_, ad)| self.resources.get(ad.text("/adGroup")))
            .map(|group| group.text("/campaign").to_owned())
            .collect();
        for name in names {
            let Some(campaign) = self.resources.get(&name) else { continue };
            let runs = campaign.text("/status") == "ENABLED" && approved.contains(&name);
            let starts = local(campaign.text("/startDateTime")).unwrap_or(campaign.listed_at);
            let ends = local(campaign.text("/endDateTime")).unwrap_or(DateTime::<Utc>::MAX_UTC);
            let Some(budget) = self.budget(campaign) else { continue };
            if let Some(campaign) = self.resources.get_mut(&name) {
                campaign.spending.count(now, runs, (starts, ends), budget);
            }
        }
    }

    pub fn campaigns(&self) -> Vec<Spent> {
        let spent = |(name, campaign): (&String, &Resource)| Spent {
            id: name.rsplit('/').next().unwrap_or_default().to_owned(),
            name: campaign.text("/name").to_owned(),
            status: campaign.text("/status").to_owned(),
            ceiling_micros: match self.budget(campaign) {
                Some(Budget::Total(micros) | Budget::Daily(micros)) => micros,
                None => 0,
            },
            spent_micros: campaign.spending.micros,
            impressions: campaign.spending.impressions(),
            clicks: campaign.spending.clicks(),
            reach: campaign.spending.reach(),
        };
        self.of("campaign").map(spent).collect()
    }
}
