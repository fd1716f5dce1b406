//! The X Ads API, version 12: a campaign with one line item, its places and language, and one promoted post that is on no
//! timeline. Places and language are set before anything can be shown: without criteria it would be the whole world.

mod errors;
mod oauth;
mod order;
mod read;

use super::wire::{Moments, Request, Wire};
use super::{
    AdChange, AdOrder, AdPlatform, AdStanding, Estimate, Failed, Figures, Made, Next, Rebuilt, SetUp, Step, Trouble,
    encode,
};
use crate::config::XAds;
use crate::domain::advert::AdKey;
use crate::domain::aim::AimPlatform;
use crate::domain::channel_place::ListedPlace;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// What a campaign or line item may cost in all.
const TOTAL: &str = "total_budget_amount_local_micro";

/// Pages followed at most: 50,000 places in pages of 1,000, and room.
const MOST_PAGES: usize = 200;

/// A client for one account.
#[derive(Clone, Debug)]
pub struct XClient {
    config: XAds,
    wire: Wire,
    moments: Moments,
}

type Pairs = Vec<(&'static str, String)>;

/// What a request carries besides its address.
enum Load {
    Nothing,
    Json(Value),
    File(String, Vec<u8>),
}

impl XClient {
    /// A client; asks nothing yet.
    pub fn new(config: XAds, timeout: Duration, moments: Moments) -> Result<Self, String> {
        Ok(Self { config, wire: Wire::new(timeout)?, moments })
    }

    fn account(&self, edge: &str) -> String {
        format!("{}/{}/accounts/{}/{edge}", self.config.base_url, self.config.version, self.config.account)
    }

    async fn call(&self, method: Method, url: &str, pairs: Pairs, load: Load) -> Result<Value, Failed> {
        let now = self.moments.now();
        let nonce = self.moments.nonce();
        let signed = oauth::header(&self.config, (method.as_str(), url), &pairs, (now.timestamp(), &nonce));
        let writes = method != Method::GET;
        let url = if pairs.is_empty() { url.to_owned() } else { format!("{url}?{}", encode::pairs(&pairs)) };
        let body = match load {
            Load::Nothing => None,
            Load::Json(value) => Some(("application/json".to_owned(), value.to_string().into_bytes())),
            Load::File(kind, bytes) => Some((kind, bytes)),
        };
        let headers = vec![("authorization", signed)];
        let answer = self.wire.send(Request { method, url, headers, body, writes }).await?;
        // An error can stand inside 200.
        if answer.status < 300 && answer.body.get("errors").is_none() {
            Ok(answer.body)
        } else {
            Err(errors::failed(&answer, writes, now))
        }
    }

    async fn get(&self, url: &str, pairs: Pairs) -> Result<Value, Failed> {
        self.call(Method::GET, url, pairs, Load::Nothing).await
    }

    async fn post(&self, edge: &str, pairs: Pairs) -> Result<Value, Failed> {
        self.call(Method::POST, &self.account(edge), pairs, Load::Nothing).await
    }

    /// Sets something: safe to repeat.
    async fn put(&self, edge: &str, id: &str, pairs: Pairs) -> Result<(), Failed> {
        let told = self.call(Method::PUT, &self.account(&format!("{edge}/{id}")), pairs, Load::Nothing).await;
        told.map(|_| ()).map_err(again)
    }

    /// Every row of a list, page after page.
    async fn rows(&self, url: &str, pairs: Pairs) -> Result<Vec<Value>, Failed> {
        let mut rows = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut asked = pairs.clone();
            asked.push(("count", "1000".to_owned()));
            asked.extend(cursor.take().map(|cursor| ("cursor", cursor)));
            let mut page = self.get(url, asked).await?;
            if let Some(Value::Array(data)) = page.get_mut("data").map(Value::take) {
                rows.extend(data);
            }
            cursor = page.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
            if cursor.is_none() {
                return Ok(rows);
            }
        }
        Err(Failed::permanent(Trouble::Refused, format!("more than {MOST_PAGES} pages")))
    }

    /// The platform's list of places of some countries, whole.
    pub async fn places(&self, countries: &[&str]) -> Result<Vec<ListedPlace>, Failed> {
        let url = format!("{}/{}/targeting_criteria/locations", self.config.base_url, self.config.version);
        let mut places = Vec::new();
        for country in countries {
            for kind in crate::domain::channel_place::ChannelPlaceKind::ALL {
                let asked = vec![("location_type", kind.code().to_owned()), ("country_code", (*country).to_owned())];
                for row in self.rows(&url, asked).await? {
                    let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
                    let (id, name) = (text("targeting_value"), text("name"));
                    let place = ListedPlace::new(id, name, text("location_type"), text("country_code"));
                    let unusable =
                        |cause| Failed::new(Next::Retry { after: None }, Trouble::NoAnswer, format!("{cause}"));
                    places.push(place.map_err(unusable)?);
                }
            }
        }
        Ok(places)
    }
}

/// A lost answer to something that is safe to repeat is a reason to repeat it.
fn again(failed: Failed) -> Failed {
    if failed.next == Next::LookUp { failed.but(Next::Retry { after: None }) } else { failed }
}

fn id_of(told: &Value, pointer: &str) -> Result<String, Failed> {
    let id = told.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    id.ok_or_else(|| Failed::new(Next::LookUp, Trouble::NoAnswer, format!("the answer has no {pointer}")))
}

#[async_trait]
impl AdPlatform for XClient {
    fn platform(&self) -> AimPlatform {
        AimPlatform::X
    }

    async fn set_up(&self) -> Result<SetUp, Failed> {
        self.checked().await
    }

    /// X estimates audiences of followers and keywords only; one of places alone is refused.
    async fn estimate(&self, _: &AdOrder) -> Result<Estimate, Failed> {
        Ok(Estimate::default())
    }

    /// X has no dry run; what can be checked here is.
    async fn rehearse(&self, order: &AdOrder) -> Result<(), Failed> {
        order::places(order).map(|_| ())
    }

    fn steps(&self, order: &AdOrder) -> Vec<Step> {
        order::steps(order)
    }

    async fn take(&self, order: &AdOrder, made: &Made, step: &Step) -> Result<String, Failed> {
        match step.kind() {
            "image" => self.upload(order).await,
            "post" => id_of(&self.post("tweet", self.words(order, made)?).await?, "/data/id_str"),
            "campaign" => id_of(&self.post("campaigns", self.campaign(order)).await?, "/data/id"),
            "item" => id_of(&self.post("line_items", order::line_item(order, made)?).await?, "/data/id"),
            "criteria" => {
                let item = order::needed(made, "item")?;
                let Some(batch) = order::batches(order, item)?.into_iter().nth(step.index().unwrap_or_default()) else {
                    return Err(Failed::permanent(Trouble::Refused, format!("no batch {step}")));
                };
                let edge =
                    format!("{}/{}/batch/accounts/{}", self.config.base_url, self.config.version, self.config.account);
                let url = format!("{edge}/targeting_criteria");
                let told = self.call(Method::POST, &url, Vec::new(), Load::Json(batch)).await?;
                id_of(&told, "/data/0/id")
            }
            _ => {
                let asked = vec![
                    ("line_item_id", order::needed(made, "item")?.to_owned()),
                    ("tweet_ids", order::needed(made, "post")?.to_owned()),
                ];
                id_of(&self.post("promoted_tweets", asked).await?, "/data/0/id")
            }
        }
    }

    async fn look(&self, order: &AdOrder, made: &Made, step: &Step) -> Result<Option<String>, Failed> {
        self.found(order, made, step).await
    }

    async fn named(&self, key: &AdKey) -> Result<Vec<String>, Failed> {
        let name = key.name("campaign");
        let asked = vec![("q", name.clone()), ("with_deleted", "true".to_owned())];
        let rows = self.rows(&self.account("campaigns"), asked).await?;
        let ours = rows.iter().filter(|row| row.get("name").and_then(Value::as_str) == Some(&name));
        Ok(ours.filter_map(|row| row.get("id")?.as_str().map(str::to_owned)).collect())
    }

    async fn rebuilt(&self, campaign: &str) -> Result<Option<Rebuilt>, Failed> {
        self.parts_of(campaign).await
    }

    async fn verify(&self, order: &AdOrder, made: &Made) -> Result<Vec<String>, Failed> {
        self.compared(order, made).await
    }

    async fn switch(&self, made: &Made, on: bool) -> Result<(), Failed> {
        let (campaign, item) = (order::needed(made, "campaign")?, made.id("item"));
        let status = || vec![("entity_status", if on { "ACTIVE" } else { "PAUSED" }.to_owned())];
        if !on {
            // The campaign first: it stops everything below it.
            self.put("campaigns", campaign, status()).await?;
        }
        if let Some(item) = item {
            self.put("line_items", item, status()).await?;
        }
        if on { self.put("campaigns", campaign, status()).await } else { Ok(()) }
    }

    async fn standing(&self, made: &Made) -> Result<AdStanding, Failed> {
        self.stands(made).await
    }

    async fn change(&self, order: &AdOrder, made: &Made, change: AdChange) -> Result<(), Failed> {
        let (campaign, item) = (order::needed(made, "campaign")?, order::needed(made, "item")?);
        match change {
            AdChange::EndsAt(at) => self.put("line_items", item, vec![("end_time", order::moment(at))]).await,
            AdChange::Ceiling(ceiling) => {
                let total = || (TOTAL, ceiling.micros().to_string());
                // Beside it the daily one, which may not be above it.
                let daily = order::daily(&AdOrder { ceiling, ..order.clone() });
                let both = vec![("daily_budget_amount_local_micro", daily.to_string()), total()];
                // The line item may never be above its campaign.
                let has = self.one("campaigns", "campaign_ids", campaign).await?;
                let has = has.and_then(|campaign| campaign.get(TOTAL)?.as_i64()).unwrap_or(i64::MAX);
                if ceiling.micros() >= has {
                    self.put("campaigns", campaign, both).await?;
                    self.put("line_items", item, vec![total()]).await
                } else {
                    self.put("line_items", item, vec![total()]).await?;
                    self.put("campaigns", campaign, both).await
                }
            }
        }
    }

    fn end_kept(&self, ends_at: DateTime<Utc>) -> Result<DateTime<Utc>, Failed> {
        // Whole seconds, cut.
        Ok(DateTime::from_timestamp(ends_at.timestamp(), 0).unwrap_or(ends_at))
    }

    async fn remove(&self, made: &Made) -> Result<(), Failed> {
        // Deletes do not cascade.
        let parts = [("promoted_tweets", "promoted"), ("line_items", "item"), ("campaigns", "campaign")];
        for (edge, id) in parts.iter().filter_map(|(edge, step)| Some((edge, made.id(step)?))) {
            let url = self.account(&format!("{edge}/{id}"));
            match self.call(Method::DELETE, &url, Vec::new(), Load::Nothing).await {
                Err(failed) if failed.trouble == Trouble::NotFound => {}
                other => {
                    other.map_err(again)?;
                }
            }
        }
        // The post was on no timeline, but its address shows it.
        if let Some(post) = made.id("post") {
            let url = format!("{}/2/tweets/{post}", self.config.media_url);
            match self.call(Method::DELETE, &url, Vec::new(), Load::Nothing).await {
                Err(failed) if failed.trouble == Trouble::NotFound => {}
                other => {
                    other.map_err(again)?;
                }
            }
        }
        Ok(())
    }

    async fn figures(&self, made: &Made, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Figures, Failed> {
        self.counted(made, from, until).await
    }
}

impl XClient {
    async fn upload(&self, order: &AdOrder) -> Result<String, Failed> {
        let bytes = order.picture.as_ref().map(|picture| picture.landscape.clone()).unwrap_or_default();
        let name = format!("{}.jpg", order.key);
        let (kind, body) = encode::multipart(&[("media_category", "tweet_image")], ("media", &name, &bytes));
        let url = format!("{}/2/media/upload", self.config.media_url);
        let told = self.call(Method::POST, &url, Vec::new(), Load::File(kind, body)).await?;
        let key = id_of(&told, "/data/media_key")?;
        self.post("media_library", vec![("media_key", key.clone())]).await?;
        let alt = order.picture.as_ref().map(|picture| &picture.alt).filter(|alt| !alt.is_empty());
        if let (Some(id), Some(alt)) = (told.pointer("/data/id"), alt) {
            let url = format!("{}/2/media/metadata", self.config.media_url);
            let described = json!({"id": id, "metadata": {"alt_text": {"text": alt}}});
            self.call(Method::POST, &url, Vec::new(), Load::Json(described)).await.map_err(again)?;
        }
        Ok(key)
    }
}
