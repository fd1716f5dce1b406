//! The Marketing API v26.0: an awareness campaign with an ad set for each unit of circles. Advantage audience is off, the
//! special category is none, beneficiary and payer are declared: always.

mod errors;
mod order;
mod read;

use super::wire::{Answer, Moments, Request, Wire};
use super::{
    AdChange, AdOrder, AdPlatform, AdStanding, Estimate, Failed, Figures, Made, Next, Rebuilt, SetUp, Step, Trouble,
    encode,
};
use crate::config::MetaAds;
use crate::domain::advert::AdKey;
use crate::domain::aim::AimPlatform;
use crate::domain::language::Language;
use async_trait::async_trait;
use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// Pages followed at most: 200 of 100 rows are more ad sets than an account may have.
const MOST_PAGES: usize = 200;

/// A client for one ad account.
#[derive(Clone, Debug)]
pub struct MetaClient {
    config: MetaAds,
    locales: BTreeMap<Language, Vec<u32>>,
    wire: Wire,
    moments: Moments,
}

type Pairs = Vec<(&'static str, String)>;

impl MetaClient {
    /// A client; `locales` are the platform's numbers as its set-up check found them.
    pub fn new(
        config: MetaAds,
        locales: BTreeMap<Language, Vec<u32>>,
        timeout: Duration,
        moments: Moments,
    ) -> Result<Self, String> {
        Ok(Self { config, locales, wire: Wire::new(timeout)?, moments })
    }

    fn account(&self, edge: &str) -> String {
        format!("act_{}{edge}", self.config.account)
    }

    /// The token beside the parameters, as the platform's own kit sends it.
    fn signed(&self, pairs: &mut Pairs, headers: &mut Vec<(&'static str, String)>) {
        let token = self.config.token.reveal();
        if self.config.bearer {
            headers.push(("authorization", format!("Bearer {token}")));
        } else {
            pairs.push(("access_token", token.to_owned()));
        }
        if !self.config.app_secret.is_empty() {
            let key = hmac::Key::new(hmac::HMAC_SHA256, self.config.app_secret.reveal().as_bytes());
            let proof = hmac::sign(&key, token.as_bytes());
            pairs.push(("appsecret_proof", crate::domain::canonical::hex(proof.as_ref())));
        }
    }

    fn judged(answer: Answer, writes: bool) -> Result<Value, Failed> {
        // An error can stand inside 200.
        if answer.status < 300 && answer.body.get("error").is_none() {
            Ok(answer.body)
        } else {
            Err(errors::failed(&answer, writes))
        }
    }

    async fn get(&self, path: &str, mut pairs: Pairs) -> Result<Value, Failed> {
        let mut headers = Vec::new();
        self.signed(&mut pairs, &mut headers);
        let url = format!("{}/{}/{path}?{}", self.config.base_url, self.config.version, encode::pairs(&pairs));
        let request = Request { method: Method::GET, url, headers, body: None, writes: false };
        Self::judged(self.wire.send(request).await?, false)
    }

    async fn post(&self, path: &str, mut pairs: Pairs, writes: bool) -> Result<Value, Failed> {
        let mut headers = Vec::new();
        self.signed(&mut pairs, &mut headers);
        let url = format!("{}/{}/{path}", self.config.base_url, self.config.version);
        let body = Some(("application/x-www-form-urlencoded".to_owned(), encode::pairs(&pairs).into_bytes()));
        let request = Request { method: Method::POST, url, headers, body, writes };
        Self::judged(self.wire.send(request).await?, writes)
    }

    async fn upload(&self, name: &str, bytes: &[u8]) -> Result<String, Failed> {
        let (mut pairs, mut headers) = (Vec::new(), Vec::new());
        self.signed(&mut pairs, &mut headers);
        let (base, version) = (&self.config.base_url, &self.config.version);
        // Beside a file the platform's own kit sends the token in the address.
        let url = format!("{base}/{version}/{}?{}", self.account("/adimages"), encode::pairs(&pairs));
        let body = Some(encode::multipart(&[], ("filename", name, bytes)));
        let request = Request { method: Method::POST, url, headers, body, writes: true };
        let told = Self::judged(self.wire.send(request).await?, true)?;
        let images = told.get("images").and_then(Value::as_object);
        let hash = images.and_then(|images| images.values().next()).and_then(|image| image.get("hash"));
        text(hash, "images.hash")
    }

    /// Every row of a list, page after page.
    async fn rows(&self, path: &str, pairs: Pairs) -> Result<Vec<Value>, Failed> {
        let mut rows = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut asked = pairs.clone();
            asked.extend(after.take().map(|cursor| ("after", cursor)));
            let mut page = self.get(path, asked).await?;
            let more = page.pointer("/paging/next").is_some();
            after = page.pointer("/paging/cursors/after").and_then(Value::as_str).map(str::to_owned);
            if let Some(Value::Array(data)) = page.get_mut("data").map(Value::take) {
                rows.extend(data);
            }
            if !more || after.is_none() {
                return Ok(rows);
            }
        }
        Err(Failed::permanent(Trouble::Refused, format!("{path}: more than {MOST_PAGES} pages")))
    }

    async fn named_one(&self, edge: &str, name: &str) -> Result<Option<String>, Failed> {
        Ok(self.all_named(edge, name).await?.into_iter().next())
    }

    /// The ids of all objects of exactly this name. The filter is on no page of the platform for these lists, so its answer is
    /// checked; refused, everything is read.
    async fn all_named(&self, edge: &str, name: &str) -> Result<Vec<String>, Failed> {
        let path = self.account(edge);
        let fields = || vec![("fields", "id,name,status".to_owned()), ("limit", "100".to_owned())];
        let mut filtered = fields();
        let filter = serde_json::json!([{"field": "name", "operator": "EQUAL", "value": name}]);
        filtered.push(("filtering", filter.to_string()));
        let rows = match self.rows(&path, filtered).await {
            Err(failed) if failed.next == Next::Permanent => self.rows(&path, fields()).await?,
            other => other?,
        };
        let found = rows.iter().filter(|row| row.get("name").and_then(Value::as_str) == Some(name));
        found.map(|row| text(row.get("id"), "id")).collect()
    }

    async fn set_status(&self, id: &str, status: &str) -> Result<(), Failed> {
        let told = self.post(id, vec![("status", status.to_owned())], true).await;
        // A state is set: whether it was set before does not matter.
        told.map(|_| ()).map_err(again)
    }
}

/// A lost answer to something that is safe to repeat is a reason to repeat it.
fn again(failed: Failed) -> Failed {
    if failed.next == Next::LookUp { failed.but(Next::Retry { after: None }) } else { failed }
}

fn text(value: Option<&Value>, what: &str) -> Result<String, Failed> {
    let text = value.and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| Failed::new(Next::LookUp, Trouble::NoAnswer, format!("the answer has no {what}")))
}

#[async_trait]
impl AdPlatform for MetaClient {
    fn platform(&self) -> AimPlatform {
        AimPlatform::Meta
    }

    async fn set_up(&self) -> Result<SetUp, Failed> {
        self.checked().await
    }

    async fn estimate(&self, order: &AdOrder) -> Result<Estimate, Failed> {
        let mut people = (0_i64, 0_i64);
        for n in 0..order::units(order) {
            let asked = vec![
                ("optimization_goal", "REACH".to_owned()),
                ("targeting_spec", self.targeting(order, n)?.to_string()),
            ];
            let told = self.get(&self.account("/delivery_estimate"), asked).await?;
            let row = told.pointer("/data/0");
            let bound =
                |key: &str| row.and_then(|row| row.get(key)).and_then(Value::as_i64).filter(|bound| *bound >= 0);
            match (bound("estimate_mau_lower_bound"), bound("estimate_mau_upper_bound")) {
                (Some(from), Some(to)) => people = (people.0 + from, people.1 + to),
                _ => return Ok(Estimate::default()),
            }
        }
        Ok(Estimate { people: Some(people) })
    }

    async fn rehearse(&self, order: &AdOrder) -> Result<(), Failed> {
        let mut pairs = self.campaign(order);
        pairs.push(("execution_options", r#"["validate_only"]"#.to_owned()));
        self.post(&self.account("/campaigns"), pairs, false).await.map(|_| ())
    }

    fn steps(&self, order: &AdOrder) -> Vec<Step> {
        order::steps(order)
    }

    async fn take(&self, order: &AdOrder, made: &Made, step: &Step) -> Result<String, Failed> {
        let (edge, pairs) = match step.kind() {
            "image" => {
                let picture = order.picture.as_ref().map(|picture| picture.landscape.clone()).unwrap_or_default();
                return self.upload(&format!("{}.jpg", order.key), &picture).await;
            }
            "campaign" => ("/campaigns", self.campaign(order)),
            "set" => ("/adsets", self.ad_set(order, made, step)?),
            "creative" => ("/adcreatives", self.creative(order, made)?),
            _ => ("/ads", order::ad(order, made, step)?),
        };
        let told = self.post(&self.account(edge), pairs, true).await?;
        text(told.get("id"), "id")
    }

    async fn look(&self, order: &AdOrder, _: &Made, step: &Step) -> Result<Option<String>, Failed> {
        let edge = match step.kind() {
            "campaign" => "/campaigns",
            "set" => "/adsets",
            "ad" => "/ads",
            // A picture has one hash however often it is sent, and a creative that no ad shows costs nothing.
            _ => return Ok(None),
        };
        self.named_one(edge, &order.key.name(step.as_str())).await
    }

    async fn named(&self, key: &AdKey) -> Result<Vec<String>, Failed> {
        self.all_named("/campaigns", &key.name("campaign")).await
    }

    async fn rebuilt(&self, campaign: &str) -> Result<Option<Rebuilt>, Failed> {
        self.parts_of(campaign).await
    }

    async fn verify(&self, order: &AdOrder, made: &Made) -> Result<Vec<String>, Failed> {
        self.compared(order, made).await
    }

    async fn switch(&self, made: &Made, on: bool) -> Result<(), Failed> {
        let campaign = order::needed(made, "campaign")?;
        if !on {
            return self.set_status(campaign, "PAUSED").await;
        }
        for id in made.all("ad").into_iter().chain(made.all("set")) {
            self.set_status(id, "ACTIVE").await?;
        }
        self.set_status(campaign, "ACTIVE").await
    }

    async fn standing(&self, made: &Made) -> Result<AdStanding, Failed> {
        self.stands(made).await
    }

    async fn change(&self, order: &AdOrder, made: &Made, change: AdChange) -> Result<(), Failed> {
        let shares = order::shares(order, order.ceiling);
        for (n, id) in made.all("set").into_iter().enumerate() {
            let (field, wanted) = match change {
                AdChange::EndsAt(at) => ("end_time", order::moment(at)),
                AdChange::Ceiling(ceiling) => {
                    let share = if ceiling == order.ceiling { shares.get(n).copied() } else { None };
                    let share = share.or_else(|| order::shares(order, ceiling).get(n).copied());
                    ("lifetime_budget", share.unwrap_or_default().0.to_string())
                }
            };
            // An ad set's budget may change four times an hour: what it has already is not sent again.
            let set = self.get(id, vec![("fields", format!("id,{field}"))]).await?;
            if set.get(field).and_then(Value::as_str) != Some(&wanted) {
                self.post(id, vec![(field, wanted)], true).await.map_err(again)?;
            }
        }
        Ok(())
    }

    fn end_kept(&self, ends_at: DateTime<Utc>) -> Result<DateTime<Utc>, Failed> {
        // Whole seconds, cut.
        Ok(DateTime::from_timestamp(ends_at.timestamp(), 0).unwrap_or(ends_at))
    }

    async fn remove(&self, made: &Made) -> Result<(), Failed> {
        let campaign = order::needed(made, "campaign")?;
        let mut pairs = Vec::new();
        let mut headers = Vec::new();
        self.signed(&mut pairs, &mut headers);
        let url = format!("{}/{}/{campaign}?{}", self.config.base_url, self.config.version, encode::pairs(&pairs));
        let request = Request { method: Method::DELETE, url, headers, body: None, writes: true };
        match self.wire.send(request).await.and_then(|answer| Self::judged(answer, true)) {
            Err(failed) if failed.trouble == Trouble::NotFound => Ok(()),
            other => other.map(|_| ()).map_err(again),
        }
    }

    async fn figures(&self, made: &Made, _: DateTime<Utc>, _: DateTime<Utc>) -> Result<Figures, Failed> {
        self.counted(made).await
    }
}
