//! Paid advertising platforms: one face for all of them, so that whoever keeps the money need not know which it is.
//!
//! Nothing here decides whether something may be sent or how much it may cost: `app` does, and commits it before a step is
//! taken. What is made is made paused; only [`AdPlatform::switch`] starts spending, and it is safe to repeat. Every step has a
//! name on the platform under which it is looked up after a lost answer.
//!
//! | file | what |
//! |---|---|
//! | `order`, `made` | what is to be shown, and what has been made of it so far |
//! | `failed` | what went wrong, in terms of what to do next |
//! | `wire`, `encode` | requests out, answers in |
//! | `meta`, `google`, `x` | the platforms |
//! | `certain` | what their answers make certain of an effect |
//! | `port` | any of them as the engine of paid effects wants it |
//! | `create` | how the port makes a campaign of many requests, and when it takes one away again |

mod certain;
mod create;
mod encode;
mod failed;
pub mod google;
mod made;
pub mod meta;
mod order;
mod port;
mod wire;
pub mod x;

use crate::domain::advert::{AdKey, Cents};
use crate::domain::aim::AimPlatform;
use crate::domain::language::Language;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use failed::{Failed, Next, Trouble};
pub use made::{Made, Step};
pub use order::{AdOrder, AdPicture, Declaration};
pub use port::{AdPictures, AdPort, AdRecords, Maker};
pub use wire::Moments;

/// What a platform said about our account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetUp {
    /// ISO 4217.
    pub currency: String,
    /// IANA name of the account's time zone: in what days its budgets and figures are counted.
    pub time_zone: String,
    /// The platform's own ids of languages.
    pub languages: BTreeMap<Language, Vec<String>>,
    /// Least budget a day, where the platform tells it beforehand.
    pub least_daily: Option<Cents>,
}

/// What it would reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// People, from and to; none where the platform tells nothing beforehand.
    pub people: Option<(i64, i64)>,
}

/// What the platform's reviewers think.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Review {
    /// Not finished.
    Waiting,
    /// Accepted.
    Approved,
    /// Rejected; the platform's words.
    Rejected(String),
}

/// Whether it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Running {
    /// It may be shown.
    On,
    /// It is paused.
    Off,
    /// It is deleted.
    Gone,
}

/// How an advertisement stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdStanding {
    /// Whether it runs.
    pub running: Running,
    /// What the reviewers think.
    pub review: Review,
    /// Other reasons why it is not shown, in the platform's words.
    pub hindrances: Vec<String>,
}

/// What came of it so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Different people, where the platform counts them.
    pub reach: Option<i64>,
    /// Times shown.
    pub impressions: i64,
    /// Times the link was followed.
    pub clicks: i64,
    /// Millionths of a euro. X may lower it again within three days.
    pub spent_micros: i64,
}

/// A campaign as the platform shows it, without anything kept here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// Its parts.
    pub made: Made,
    /// Nothing is missing that it needs to be shown.
    pub is_whole: bool,
    /// Whether it runs.
    pub running: Running,
    /// What it may cost in all.
    pub cap: Cents,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
}

/// What is changed in something that is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdChange {
    /// What it may cost in all.
    Ceiling(Cents),
    /// When it ends.
    EndsAt(DateTime<Utc>),
}

/// A paid platform.
#[async_trait]
pub trait AdPlatform: Send + Sync {
    /// Which.
    fn platform(&self) -> AimPlatform;

    /// Whether the account can be used: token, permissions, currency, time zone, languages.
    async fn set_up(&self) -> Result<SetUp, Failed>;

    /// What it would reach; nothing is made.
    async fn estimate(&self, order: &AdOrder) -> Result<Estimate, Failed>;

    /// Lets the platform check as much of the order as it can without making anything.
    async fn rehearse(&self, order: &AdOrder) -> Result<(), Failed>;

    /// What has to be made, in order.
    fn steps(&self, order: &AdOrder) -> Vec<Step>;

    /// Takes a step; the platform's id of what was made. Called once for each step unless [`AdPlatform::look`] found nothing.
    async fn take(&self, order: &AdOrder, made: &Made, step: &Step) -> Result<String, Failed>;

    /// Looks for what a step made, by its name: after a lost answer.
    async fn look(&self, order: &AdOrder, made: &Made, step: &Step) -> Result<Option<String>, Failed>;

    /// Every campaign of exactly the name an order with this key gives it.
    async fn named(&self, key: &AdKey) -> Result<Vec<String>, Failed>;

    /// A campaign and its parts by its id; none when the platform does not know it.
    async fn rebuilt(&self, campaign: &str) -> Result<Option<Rebuilt>, Failed>;

    /// Reads back what is made before a campaign is whole; in words, what is not as ordered. What nothing shows yet although
    /// one request made it all is in doubt ([`Next::LookUp`]).
    async fn verify(&self, order: &AdOrder, made: &Made) -> Result<Vec<String>, Failed>;

    /// Starts or pauses it. Safe to repeat.
    async fn switch(&self, made: &Made, on: bool) -> Result<(), Failed>;

    /// How it stands.
    async fn standing(&self, made: &Made) -> Result<AdStanding, Failed>;

    /// Changes it. Safe to repeat.
    async fn change(&self, order: &AdOrder, made: &Made, change: AdChange) -> Result<(), Failed>;

    /// The end that it keeps for an ordered one: in whole seconds or, where campaigns end with days, of a day.
    fn end_kept(&self, ends_at: DateTime<Utc>) -> Result<DateTime<Utc>, Failed>;

    /// Deletes it for good; what is gone already counts as deleted.
    async fn remove(&self, made: &Made) -> Result<(), Failed>;

    /// What came of it between two moments.
    async fn figures(&self, made: &Made, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Figures, Failed>;
}

/// Carries an order on from what was made: takes each step that is missing, paused, and hands what was made so far to
/// `keep` before the next. A step that is in doubt is looked for first; found, it is adopted.
///
/// Stops at the first failure, which names its step. With [`Next::LookUp`] that step is in doubt: the caller waits until the
/// platform shows what it made, calls [`AdPlatform::look`], waits and, where there is still nothing, comes back with the step
/// as `doubt`: it is looked for a second time before it is taken again.
pub async fn carry_on(
    platform: &Arc<dyn AdPlatform>,
    order: &AdOrder,
    made: &mut Made,
    mut doubt: Option<Step>,
    mut keep: impl FnMut(&Made, &Step),
) -> Result<(), (Step, Failed)> {
    for step in platform.steps(order) {
        if made.has(&step) {
            continue;
        }
        let found = match doubt.take_if(|doubtful| *doubtful == step) {
            Some(_) => platform.look(order, made, &step).await.map_err(|failed| (step.clone(), failed))?,
            None => None,
        };
        let id = match found {
            Some(id) => id,
            None => match platform.take(order, made, &step).await {
                Ok(id) => id,
                // The platform knows the name: it is ours, made by a step whose answer was lost.
                Err(failed) if failed.trouble == Trouble::Duplicate => {
                    let again = platform.look(order, made, &step).await.map_err(|failed| (step.clone(), failed))?;
                    again.ok_or_else(|| (step.clone(), failed.but(Next::LookUp)))?
                }
                Err(failed) => return Err((step, failed)),
            },
        };
        made.add(step.clone(), id);
        keep(made, &step);
    }
    Ok(())
}
