//! A paid platform as the engine wants it (`channels::paid`): campaigns by key, made whole and switched off, found, switched
//! on, stopped for good. What was made is never kept here: it is read from the platform by name and id, so that any worker
//! can go on where another was killed.

use super::certain::{PERSON, failure, patiently};
use super::{
    AdChange, AdOrder, AdPicture, AdPlatform, Declaration, Failed, Figures, Made, Next, Review, Running, SetUp, Trouble,
};
use crate::channels::Failure;
use crate::channels::paid::{Foretold, Objection, PaidPort};
use crate::domain::advert::{AdContent, AdKey, Cents};
use crate::domain::flow::Budget;
use crate::domain::paid::{Campaign, CampaignState, Order, Shown, Terms};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// Pictures in the shapes of advertisements, by digest of the picture that was validated.
#[async_trait]
pub trait AdPictures: Send + Sync {
    /// 1.91 : 1 and 1 : 1, as JPEG.
    async fn shapes(&self, digest: &str) -> Result<(Bytes, Bytes), String>;
}

/// What is kept of an account between two starts.
#[async_trait]
pub trait AdRecords: Send + Sync {
    /// Its credential, where it is kept sealed instead of configured.
    async fn credential(&self) -> Result<Option<Zeroizing<String>>, String>;

    /// What the last set-up check found, while it is fresh enough to go by.
    async fn found(&self) -> Option<SetUp>;

    /// A set-up check was made.
    async fn checked(&self, found: &Result<SetUp, Failed>);
}

/// Makes a client that knows what the set-up check found, with the kept credential where there is one.
pub type Maker = Box<dyn Fn(&SetUp, Option<&str>) -> Result<Arc<dyn AdPlatform>, String> + Send + Sync>;

/// One account.
pub struct AdPort {
    /// As the breaker and the rate budget know it.
    pub name: String,
    /// Calls a minute.
    pub per_minute: u32,
    /// What all its campaigns together may cost in a month, euro cents; 0: as much as the appeals allow.
    pub monthly_cap_cents: i64,
    /// How long the platform may take to show what it made.
    pub settle: TimeDelta,
    /// On whose behalf, and who pays.
    pub declaration: Declaration,
    /// Where pictures come from.
    pub pictures: Arc<dyn AdPictures>,
    /// Makes the client.
    pub maker: Maker,
    /// What is kept of the account; none where nothing is.
    pub records: Option<Arc<dyn AdRecords>>,
    /// The client, once the account was checked; forgotten when the account refuses us, because its credential may be
    /// another by then.
    pub ready: Mutex<Option<Arc<dyn AdPlatform>>>,
    /// The time.
    pub moments: super::Moments,
}

fn malformed(what: impl ToString) -> Failure {
    Failure::Refused { reason: what.to_string() }
}

impl AdPort {
    async fn bare(&self, found: &SetUp) -> Result<Arc<dyn AdPlatform>, Failed> {
        let set_up = |why: String| Failed::person(Trouble::SetUp, why);
        let kept = match &self.records {
            Some(records) => records.credential().await.map_err(set_up)?,
            None => None,
        };
        (self.maker)(found, kept.as_ref().map(|kept| kept.as_str())).map_err(set_up)
    }

    /// Checks the account: token, permissions, currency, time zone, languages. Nothing is made by asking.
    pub async fn check(&self) -> Result<SetUp, Failed> {
        let found = match self.bare(&SetUp::default()).await {
            Ok(client) => client.set_up().await,
            Err(failed) => Err(failed),
        };
        if let Some(records) = &self.records {
            records.checked(&found).await;
        }
        found
    }

    /// The client; checks the account at first use, unless it was checked not long ago.
    pub(super) async fn client(&self) -> Result<Arc<dyn AdPlatform>, Failure> {
        let mut ready = self.ready.lock().await;
        if let Some(client) = ready.as_ref() {
            return Ok(client.clone());
        }
        let kept = match &self.records {
            Some(records) => records.found().await,
            None => None,
        };
        let down = |reason| Failure::Down { after: Some(PERSON), reason };
        let found = match kept {
            Some(found) => found,
            None => self.check().await.map_err(|failed| match failure(failed) {
                Failure::Refused { reason } | Failure::Unknown { reason } => down(reason),
                other => other,
            })?,
        };
        let client = self.bare(&found).await.map_err(|failed| down(failed.to_string()))?;
        Ok(ready.insert(client).clone())
    }

    /// An account that refuses us is asked again from the beginning, with whatever credential it has by then.
    async fn heed<T>(&self, answered: Result<T, Failure>) -> Result<T, Failure> {
        if let Err(Failure::Down { reason, .. }) = &answered
            && matches!(Trouble::told(reason), Some(Trouble::Token | Trouble::Permission | Trouble::SetUp))
        {
            *self.ready.lock().await = None;
        }
        answered
    }

    pub(super) async fn ordered(&self, order: &Order) -> Result<AdOrder, Failure> {
        let picture = match AdContent::from_document(&order.content).and_then(|content| content.picture) {
            None => None,
            Some((digest, alt)) => {
                let shapes = self.pictures.shapes(&digest).await;
                let (landscape, square) = shapes.map_err(|reason| Failure::Retry { after: None, reason })?;
                Some(AdPicture { landscape, square, alt })
            }
        };
        Ok(AdOrder { picture, ..self.ordered_without(order)? })
    }

    /// What is ordered but for the picture, which has to be fetched.
    fn ordered_without(&self, order: &Order) -> Result<AdOrder, Failure> {
        let content =
            AdContent::from_document(&order.content).ok_or_else(|| malformed("the content is no advertisement"))?;
        Ok(AdOrder {
            key: AdKey::parse(&order.key).map_err(malformed)?,
            audience: content.audience(order.language),
            text: content.text,
            link: content.link,
            picture: None,
            ceiling: Cents(order.cap_cents),
            starts_at: self.moments.now().min(order.ends_at - TimeDelta::hours(1)),
            ends_at: order.ends_at,
            declaration: self.declaration.clone(),
        })
    }

    async fn seen(&self, client: &Arc<dyn AdPlatform>, id: &str) -> Result<Option<Campaign>, Failure> {
        let Some(rebuilt) = patiently(|| client.rebuilt(id)).await? else { return Ok(None) };
        // What is not whole cannot be shown to anybody; the next create goes on with it.
        if !rebuilt.is_whole && rebuilt.running != Running::Gone {
            return Ok(None);
        }
        let now = self.moments.now();
        let stands = if rebuilt.is_whole { Some(patiently(|| client.standing(&rebuilt.made)).await?) } else { None };
        let state = match (rebuilt.running, stands.as_ref().map(|stands| &stands.review)) {
            (Running::Gone, _) => CampaignState::Ended,
            _ if rebuilt.ends_at <= now => CampaignState::Ended,
            (_, Some(Review::Rejected(_))) => CampaignState::Rejected,
            (Running::Off, _) => CampaignState::Paused,
            (Running::On, Some(Review::Waiting)) => CampaignState::Review,
            (Running::On, _) => CampaignState::Running,
        };
        let figures = match client.figures(&rebuilt.made, rebuilt.starts_at, now.max(rebuilt.starts_at)).await {
            Ok(figures) => figures,
            // Deleted before it had anything that could cost.
            Err(failed) if failed.trouble == Trouble::NotFound && !rebuilt.is_whole => Figures::default(),
            Err(failed) => return Err(failure(failed)),
        };
        Ok(Some(Campaign {
            id: id.to_owned(),
            state,
            cap_cents: rebuilt.cap.0,
            ends_at: rebuilt.ends_at,
            spent_cents: Cents::of_cost(figures.spent_micros).0,
            shown: Shown { reach: figures.reach, impressions: figures.impressions, clicks: figures.clicks },
        }))
    }
}

impl AdPort {
    async fn finding(&self, key: &str, known: Option<&str>) -> Result<Vec<Campaign>, Failure> {
        let client = &self.client().await?;
        let key = AdKey::parse(key).map_err(malformed)?;
        let mut ids = patiently(|| client.named(&key)).await?;
        ids.extend(known.map(str::to_owned));
        ids.sort_unstable();
        ids.dedup();
        let mut campaigns = Vec::new();
        for id in ids {
            campaigns.extend(self.seen(client, &id).await?);
        }
        Ok(campaigns)
    }

    async fn activating(&self, id: &str) -> Result<(), Failure> {
        let client = &self.client().await?;
        match patiently(|| client.rebuilt(id)).await? {
            Some(rebuilt) if rebuilt.is_whole => client.switch(&rebuilt.made, true).await.map_err(failure),
            Some(_) => Err(Failure::Unknown { reason: "the campaign is not whole".to_owned() }),
            None => Err(malformed("the campaign is not there")),
        }
    }

    async fn changing(&self, id: &str, order: &Order) -> Result<(), Failure> {
        let client = &self.client().await?;
        let rebuilt = client.rebuilt(id).await.map_err(failure)?.filter(|rebuilt| rebuilt.running != Running::Gone);
        let rebuilt = rebuilt.ok_or_else(|| malformed("not-found: the campaign is not there"))?;
        let mut order = AdOrder { starts_at: rebuilt.starts_at, picture: None, ..self.ordered_without(order)? };
        // It may have been made with one circle in each unit.
        if !is_made_so(client, &order, &rebuilt.made)
            && let Some(placement) = order.audience.placement.one_circle_each()
        {
            order.audience.placement = placement;
        }
        let ends_at = client.end_kept(order.ends_at).map_err(failure)?;
        let ceiling = (rebuilt.cap != order.ceiling).then_some(AdChange::Ceiling(order.ceiling));
        let end = (rebuilt.ends_at != ends_at).then_some(AdChange::EndsAt(order.ends_at));
        // Less before more: it may never cost more than it may, for longer than it may.
        let mut changes = [(rebuilt.cap < order.ceiling, ceiling), (rebuilt.ends_at < ends_at, end)];
        changes.sort_by_key(|(is_more, _)| *is_more);
        for change in changes.into_iter().filter_map(|(_, change)| change) {
            client.change(&order, &rebuilt.made, change).await.map_err(failure)?;
        }
        Ok(())
    }

    async fn stopping(&self, id: &str) -> Result<(), Failure> {
        let client = &self.client().await?;
        let Some(rebuilt) = patiently(|| client.rebuilt(id)).await? else { return Ok(()) };
        if rebuilt.running == Running::Gone {
            return Ok(());
        }
        // Pausing is one call and stops it at once; deleting is what cannot be undone by a slip.
        client.switch(&rebuilt.made, false).await.map_err(failure)?;
        client.remove(&rebuilt.made).await.map_err(failure)
    }

    async fn foretelling(&self, order: &Order) -> Result<Foretold, Failure> {
        let client = self.client().await?;
        let order = self.ordered(order).await?;
        let people = match client.estimate(&order).await {
            Ok(estimate) => estimate.people,
            Err(failed) if failed.next == Next::Permanent => return Ok(objection(&failed)),
            Err(failed) => return Err(failure(failed)),
        };
        match client.rehearse(&order).await {
            Ok(()) => Ok(Foretold { people, objection: None }),
            Err(failed) if failed.next == Next::Permanent => Ok(Foretold { people, ..objection(&failed) }),
            Err(failed) => Err(failure(failed)),
        }
    }
}

/// Whether what was made are the units of this order.
fn is_made_so(client: &Arc<dyn AdPlatform>, order: &AdOrder, made: &Made) -> bool {
    client.steps(order).iter().filter(|step| step.kind() == "set").all(|step| made.has(step))
}

fn objection(failed: &Failed) -> Foretold {
    let least_cents = failed.least.map(|least| least.0);
    Foretold { people: None, objection: Some(Objection { reason: failed.to_string(), least_cents }) }
}

#[async_trait]
impl PaidPort for AdPort {
    fn account(&self) -> String {
        self.name.clone()
    }

    fn budget(&self) -> Budget {
        Budget { per_minute: self.per_minute }
    }

    fn monthly_cap_cents(&self) -> Option<i64> {
        (self.monthly_cap_cents > 0).then_some(self.monthly_cap_cents)
    }

    fn terms(&self) -> Terms {
        Terms { settle: self.settle }
    }

    async fn create(&self, order: &Order, may_still: &(dyn Fn() -> bool + Send + Sync)) -> Result<String, Failure> {
        self.heed(self.creating(order, may_still).await).await
    }

    async fn find(&self, key: &str, known: Option<&str>) -> Result<Vec<Campaign>, Failure> {
        self.heed(self.finding(key, known).await).await
    }

    async fn activate(&self, id: &str) -> Result<(), Failure> {
        self.heed(self.activating(id).await).await
    }

    async fn stop(&self, id: &str) -> Result<(), Failure> {
        self.heed(self.stopping(id).await).await
    }

    async fn change(&self, id: &str, order: &Order) -> Result<(), Failure> {
        self.heed(self.changing(id, order).await).await
    }

    async fn keeps(&self, ends_at: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
        self.client().await?.end_kept(ends_at).map_err(failure)
    }

    async fn foretell(&self, order: &Order) -> Result<Foretold, Failure> {
        self.heed(self.foretelling(order).await).await
    }
}
