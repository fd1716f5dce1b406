//! What a paid platform must be able to do for us, whatever its own words for it: [`PaidPort`]. When to call, what an
//! unclear answer means, money, takedown and reconciliation are the engine's (`domain::paid`, `app::advertise`,
//! `app::keep_campaigns`); a client knows its platform and nothing else.
//!
//! # For whoever writes a platform's client
//! 1. Implement [`PaidPort`] in a file of its own, wire structs private, base URL and credential given by the caller.
//! 2. Give it to `App` under its channel (`app.ports.add(…)`), and make the plan item's content hold what it needs
//!    (`app::content`, `app::plan_dispatch`: text, picture, aim, `cap_cents`). The worker then claims that channel.
//! 3. **Sort every failure by what is certain, not by what is likely:**
//!    | seen | answer |
//!    |---|---|
//!    | no connection, name not found, TLS refused: not a byte of the request was written | [`Failure::Down`] |
//!    | 429, or the platform's own code for "too many calls", with what it asks to wait | [`Failure::Retry`] |
//!    | 401, 403, account disabled: about the account, nothing happened | [`Failure::Down`] |
//!    | another 4xx, or "200 with an error inside" whose code says that the request was refused | [`Failure::Refused`] |
//!    | time ran out, connection lost after the first byte, 5xx, an answer that does not parse, an unknown error code | [`Failure::Unknown`] |
//!    | "this name exists already" | [`Failure::Unknown`]: the engine looks it up and adopts it |
//!    | refused like that or made otherwise than ordered, and certainly nothing of the key is left, because it was looked for or taken away | [`Failure::Undone`]: the engine asks nobody why it is gone |
//! 4. The key goes into the campaign's name as it is, and into every object made under it: it is all that a look-up has.
//! 5. A `create` that needs several calls (campaign, ad set, creative, ad) must be one that can be begun again: look up
//!    under the key what is there already and make what is missing. Until it is whole it stays switched off. When a later
//!    call of it is unclear, the whole is [`Failure::Unknown`]; when a later call certainly did nothing (429, a look-up that
//!    failed), the whole is [`Failure::Begun`]: saying "nothing happened" would let the engine begin anew before the
//!    platform's lists show what is there. What it made itself and finds missing may not show yet: that is
//!    [`Failure::Unknown`] as well, and the next create, after the settling time, decides it.
//! 6. Money arrives in euro cents and is a ceiling: convert to the platform's unit exactly; what a platform reports is
//!    converted upwards. The end date is a ceiling too: round it down.
//! 7. Show it against the platform's simulator with every fault of issue 5, through `tests/it/paid.rs`'s oracle.

use super::Failure;
use crate::domain::flow::Budget;
use crate::domain::paid::{Campaign, Order, Terms};
use crate::domain::scope::ChannelKind;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A paid platform's account. Every call ends by itself within the time that [`Terms::settle`] reckons with; the engine
/// drops a call after 30 s and takes it for unclear.
#[async_trait]
pub trait PaidPort: Send + Sync {
    /// The account, as the breaker and the rate budget know it: `meta_ads:act_1234`. Holds no secret.
    fn account(&self) -> String;

    /// How many calls a minute the account is given.
    fn budget(&self) -> Budget;

    /// What all campaigns of the account together may cost in a month, euro cents; none: as much as the appeals allow.
    fn monthly_cap_cents(&self) -> Option<i64> {
        None
    }

    /// What the platform asks of whoever is not sure.
    fn terms(&self) -> Terms;

    /// Creates the ordered campaign, whole and **switched off**, with its cap and end as the platform's own limits; its id.
    ///
    /// `may_still` is asked for the last time right before the request that creates is written: a worker that was stopped
    /// in the meantime has lost its right, and answers [`Failure::Retry`] without having called. [`Failure::Refused`] says
    /// nothing of what an earlier create may have left under the key; [`Failure::Undone`] says that nothing is left.
    async fn create(&self, order: &Order, may_still: &(dyn Fn() -> bool + Send + Sync)) -> Result<String, Failure>;

    /// Everything in the account that carries the key, in whatever state, ended and deleted ones included where the
    /// platform still shows them; and the one with the known id, asked for by its id because lists lag. An empty list says
    /// that the platform was asked, answered completely (every page), and shows nothing.
    async fn find(&self, key: &str, known: Option<&str>) -> Result<Vec<Campaign>, Failure>;

    /// Switches it on. Again is harmless.
    async fn activate(&self, id: &str) -> Result<(), Failure>;

    /// Switches it off for good, so that [`PaidPort::find`] shows it as ended. Again is harmless.
    async fn stop(&self, id: &str) -> Result<(), Failure>;

    /// Changes what a campaign may cost and when it ends to what the order says; less before more. It sets a state, so again
    /// is harmless, and [`PaidPort::find`] says whether it was set.
    async fn change(&self, id: &str, order: &Order) -> Result<(), Failure>;

    /// The end that the platform keeps for an ordered one, never later: some keep whole seconds, some whole days.
    async fn keeps(&self, ends_at: DateTime<Utc>) -> Result<DateTime<Utc>, Failure>;

    /// What the platform says of an order before anything is made; it makes nothing. A platform that says nothing beforehand
    /// says so by an empty answer.
    async fn foretell(&self, _order: &Order) -> Result<Foretold, Failure> {
        Ok(Foretold::default())
    }
}

/// What a platform says of an order that is not made yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foretold {
    /// People it would reach, from and to; none where it does not say.
    pub people: Option<(i64, i64)>,
    /// Why it would refuse; none when it would not, as far as it can be asked.
    pub objection: Option<Objection>,
}

/// Why a platform would refuse an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// Begins with the code of a trouble.
    pub reason: String,
    /// Its least budget a day, euro cents, where it says one.
    pub least_cents: Option<i64>,
}

/// The paid platforms of an installation, by channel.
#[derive(Clone, Default)]
pub struct Ports(BTreeMap<ChannelKind, Arc<dyn PaidPort>>);

impl Ports {
    /// Serves a channel through a port from now on.
    pub fn add(&mut self, channel: ChannelKind, port: Arc<dyn PaidPort>) {
        self.0.insert(channel, port);
    }

    /// The port of a channel.
    #[must_use]
    pub fn port(&self, channel: ChannelKind) -> Option<&Arc<dyn PaidPort>> {
        self.0.get(&channel)
    }

    /// The channels that are served, in order.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelKind> {
        self.0.keys().copied().collect()
    }
}
