//! The Google Ads API v26 over REST: one atomic request makes the whole campaign, paused. Presence instead of interest,
//! optimised targeting off, the political declaration: always. Names are unique on the platform, so a repeat is refused and
//! looked up instead of paid twice.

mod errors;
mod order;
mod read;

use super::wire::{Answer, Moments, Request, Wire};
use super::{
    AdChange, AdOrder, AdPlatform, AdStanding, Estimate, Failed, Figures, Made, Next, Rebuilt, SetUp, Step, Trouble,
    encode,
};
use crate::config::GoogleAds;
use crate::domain::advert::AdKey;
use crate::domain::aim::AimPlatform;
use crate::domain::language::Language;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Pages followed at most; a page is 10,000 rows on the real service.
const MOST_PAGES: usize = 200;
/// A token is renewed so long before its end.
const EARLY: TimeDelta = TimeDelta::minutes(2);

/// What the set-up check found.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The platform's numbers of languages.
    pub languages: BTreeMap<Language, String>,
    /// The account's time zone, in which campaigns begin and end.
    pub time_zone: Option<Tz>,
}

/// An access token, and until when it opens.
type Lent = (String, DateTime<Utc>);

/// A client for one customer.
#[derive(Clone, Debug)]
pub struct GoogleClient {
    config: GoogleAds,
    known: Known,
    wire: Wire,
    moments: Moments,
    token: Arc<Mutex<Option<Lent>>>,
}

impl GoogleClient {
    /// A client; asks nothing yet.
    pub fn new(config: GoogleAds, known: Known, timeout: Duration, moments: Moments) -> Result<Self, String> {
        Ok(Self { config, known, wire: Wire::new(timeout)?, moments, token: Arc::default() })
    }

    /// An access token: the one that is there, or a new one. Only one request makes it, the others wait.
    async fn access(&self, anew: bool) -> Result<String, Failed> {
        let mut kept = self.token.lock().await;
        let now = self.moments.now();
        if let Some((token, until)) = kept.as_ref().filter(|_| !anew)
            && now + EARLY < *until
        {
            return Ok(token.clone());
        }
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.config.client_id.as_str()),
            ("client_secret", self.config.client_secret.reveal()),
            ("refresh_token", self.config.refresh_token.reveal()),
        ];
        let body = Some(("application/x-www-form-urlencoded".to_owned(), encode::pairs(&form).into_bytes()));
        let url = self.config.token_url.clone();
        let answer =
            self.wire.send(Request { method: Method::POST, url, headers: Vec::new(), body, writes: false }).await?;
        let token = answer.body.get("access_token").and_then(Value::as_str).filter(|_| answer.status == 200);
        let Some(token) = token.map(str::to_owned) else {
            *kept = None;
            let cause = answer.body.get("error").and_then(Value::as_str).unwrap_or("no token");
            // Revoked, expired, or another client: no retry makes it better.
            let is_final = matches!(answer.status, 400 | 401 | 403);
            let next = if is_final { Next::Person } else { Next::Retry { after: answer.retry_after() } };
            return Err(Failed::new(next, if is_final { Trouble::Token } else { Trouble::Outage }, cause));
        };
        let seconds = answer.body.get("expires_in").and_then(Value::as_i64).unwrap_or(300);
        *kept = Some((token.clone(), now + TimeDelta::seconds(seconds.clamp(0, 86_400))));
        Ok(token)
    }

    async fn once(&self, method: &str, body: &Value, writes: bool, anew: bool) -> Result<Answer, Failed> {
        let mut headers = vec![("authorization", format!("Bearer {}", self.access(anew).await?))];
        if !self.config.manager.is_empty() {
            headers.push(("login-customer-id", self.config.manager.clone()));
        }
        if !self.config.developer_token.is_empty() {
            headers.push(("developer-token", self.config.developer_token.reveal().to_owned()));
        }
        let GoogleAds { base_url, version, customer, .. } = &self.config;
        let url = format!("{base_url}/{version}/customers/{customer}/googleAds:{method}");
        let body = Some(("application/json".to_owned(), body.to_string().into_bytes()));
        self.wire.send(Request { method: Method::POST, url, headers, body, writes }).await
    }

    async fn call(&self, method: &str, body: &Value, writes: bool) -> Result<Value, Failed> {
        let mut answer = self.once(method, body, writes, false).await?;
        // The token ended before its time: once more with a new one. Nothing was done with the old.
        if answer.status == 401 && errors::is_stale(&answer) {
            answer = self.once(method, body, writes, true).await?;
        }
        if answer.status < 300 && answer.body.get("error").is_none() {
            Ok(answer.body)
        } else {
            Err(errors::failed(&answer, writes))
        }
    }

    /// All operations or none; the answers in the same order.
    async fn mutate(&self, operations: &[Value], only_check: bool) -> Result<Vec<Value>, Failed> {
        let body = json!({"mutateOperations": operations, "partialFailure": false, "validateOnly": only_check,
            "responseContentType": "RESOURCE_NAME_ONLY"});
        let mut told = self.call("mutate", &body, !only_check).await?;
        match told.get_mut("mutateOperationResponses").map(Value::take) {
            Some(Value::Array(answers)) => Ok(answers),
            _ => Ok(Vec::new()),
        }
    }

    /// Every row of a query, page after page.
    async fn rows(&self, query: &str) -> Result<Vec<Value>, Failed> {
        let mut rows = Vec::new();
        let mut body = json!({"query": query});
        for _ in 0..MOST_PAGES {
            let mut page = self.call("search", &body, false).await?;
            if let Some(Value::Array(results)) = page.get_mut("results").map(Value::take) {
                rows.extend(results);
            }
            match page.get("nextPageToken").and_then(Value::as_str).filter(|token| !token.is_empty()) {
                Some(token) => body = json!({"query": query, "pageToken": token}),
                None => return Ok(rows),
            }
        }
        Err(Failed::permanent(Trouble::Refused, format!("more than {MOST_PAGES} pages")))
    }

    async fn update(&self, operation: Value) -> Result<(), Failed> {
        self.mutate(&[operation], false).await.map(|_| ()).map_err(again)
    }
}

impl GoogleClient {
    /// Campaigns of exactly this name that are not removed.
    async fn all_named(&self, key: &AdKey) -> Result<Vec<String>, Failed> {
        let name = key.name("campaign");
        let query = format!(
            "SELECT campaign.resource_name, campaign.name, campaign.status FROM campaign WHERE campaign.name = '{}' AND campaign.status != 'REMOVED'",
            order::quoted(&name)
        );
        let rows = self.rows(&query).await?;
        let found = rows.iter().filter_map(|row| row.get("campaign"));
        let found = found.filter(|campaign| campaign.get("name").and_then(Value::as_str) == Some(&name));
        Ok(found.filter_map(|campaign| campaign.get("resourceName")?.as_str()).map(str::to_owned).collect())
    }
}

/// A lost answer to something that is safe to repeat is a reason to repeat it.
fn again(failed: Failed) -> Failed {
    if failed.next == Next::LookUp { failed.but(Next::Retry { after: None }) } else { failed }
}

#[async_trait]
impl AdPlatform for GoogleClient {
    fn platform(&self) -> AimPlatform {
        AimPlatform::Google
    }

    async fn set_up(&self) -> Result<SetUp, Failed> {
        self.checked().await
    }

    /// Google tells no reach beforehand over this interface; who lives there is known without it.
    async fn estimate(&self, order: &AdOrder) -> Result<Estimate, Failed> {
        self.rehearse(order).await.map(|()| Estimate::default())
    }

    async fn rehearse(&self, order: &AdOrder) -> Result<(), Failed> {
        self.mutate(&self.operations(order)?, true).await.map(|_| ())
    }

    fn steps(&self, _: &AdOrder) -> Vec<Step> {
        vec![Step::new("campaign")]
    }

    async fn take(&self, order: &AdOrder, _: &Made, _: &Step) -> Result<String, Failed> {
        let answers = self.mutate(&self.operations(order)?, false).await?;
        let name = answers.iter().find_map(|answer| answer.pointer("/campaignResult/resourceName")?.as_str());
        let lost = || Failed::new(Next::LookUp, Trouble::NoAnswer, "the answer names no campaign");
        name.map(str::to_owned).ok_or_else(lost)
    }

    async fn look(&self, order: &AdOrder, _: &Made, _: &Step) -> Result<Option<String>, Failed> {
        Ok(self.all_named(&order.key).await?.into_iter().next())
    }

    async fn named(&self, key: &AdKey) -> Result<Vec<String>, Failed> {
        self.all_named(key).await
    }

    async fn rebuilt(&self, campaign: &str) -> Result<Option<Rebuilt>, Failed> {
        self.parts_of(campaign).await
    }

    async fn verify(&self, order: &AdOrder, made: &Made) -> Result<Vec<String>, Failed> {
        self.compared(order, made).await
    }

    async fn switch(&self, made: &Made, on: bool) -> Result<(), Failed> {
        let status = if on { "ENABLED" } else { "PAUSED" };
        let changed = json!({"resourceName": order::campaign(made)?, "status": status});
        self.update(json!({"campaignOperation": {"updateMask": "status", "update": changed}})).await
    }

    async fn standing(&self, made: &Made) -> Result<AdStanding, Failed> {
        self.stands(made).await
    }

    async fn change(&self, _: &AdOrder, made: &Made, change: AdChange) -> Result<(), Failed> {
        let campaign = order::campaign(made)?;
        match change {
            AdChange::EndsAt(at) => {
                let changed = json!({"resourceName": campaign, "endDateTime": self.last_day(at)?});
                self.update(json!({"campaignOperation": {"updateMask": "end_date_time", "update": changed}})).await
            }
            AdChange::Ceiling(ceiling) => {
                let budget = self.budget_of(campaign).await?;
                let changed = json!({"resourceName": budget, "totalAmountMicros": ceiling.micros().to_string()});
                self.update(
                    json!({"campaignBudgetOperation": {"updateMask": "total_amount_micros", "update": changed}}),
                )
                .await
            }
        }
    }

    fn end_kept(&self, ends_at: DateTime<Utc>) -> Result<DateTime<Utc>, Failed> {
        self.end_of_last_day(ends_at)
    }

    async fn remove(&self, made: &Made) -> Result<(), Failed> {
        match self.update(json!({"campaignOperation": {"remove": order::campaign(made)?}})).await {
            Err(failed) if failed.trouble == Trouble::NotFound => Ok(()),
            other => other,
        }
    }

    async fn figures(&self, made: &Made, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Figures, Failed> {
        self.counted(made, from, until).await
    }
}
