//! How a campaign is made of several requests that may each get lost: every step that nothing shows to have been taken is
//! taken, and what there is by then is compared with the order before the step that makes it whole. So nothing that was found
//! to be otherwise is ever shown to the engine as something to switch on.
//!
//! Lists lag. What a create made itself may not show yet, so what it finds missing is a doubt: the engine looks, waits out the
//! settling time and creates again. What a create only found has stood for that long, because the engine creates again only
//! after it; what is missing then is missing, and the campaign is taken away.

use super::certain::{begun, failure, patiently};
use super::port::AdPort;
use super::{AdOrder, AdPlatform, Made, Running, Step, Trouble};
use crate::channels::Failure;
use crate::domain::paid::Order;
use std::sync::Arc;

/// A campaign in the making.
struct Making<'a> {
    client: &'a Arc<dyn AdPlatform>,
    may_still: &'a (dyn Fn() -> bool + Send + Sync),
    made: Made,
    /// Whether there was a campaign of this name already; none before the platform said so.
    was_there: Option<bool>,
    /// Something was made in this create that saying "nothing happened" would deny.
    taken: bool,
    /// Something that a comparison reads was made in this create.
    is_fresh: bool,
}

/// Whether a step makes a campaign whole: what is not cannot be shown to anybody, and no look of the engine's finds it.
fn completes(step: &Step) -> bool {
    matches!(step.kind(), "ad" | "promoted")
}

fn right_ran_out() -> String {
    "the right to call ran out".to_owned()
}

/// What a comparison comes to. `may_lag`: something of it was just made, and as it is not whole it can wait.
fn judged(wrong: &[String], may_lag: bool) -> Result<(), Failure> {
    let said = wrong.join("; ");
    match (wrong.is_empty(), may_lag) {
        (true, _) => Ok(()),
        (false, true) => Err(Failure::Unknown { reason: format!("{}: so far {said}", Trouble::NoAnswer.code()) }),
        (false, false) => Err(Failure::Refused { reason: format!("{}: {said}", Trouble::Refused.code()) }),
    }
}

impl Making<'_> {
    /// Whether a step was taken: known, or found now.
    async fn has(&mut self, order: &AdOrder, step: &Step) -> Result<bool, Failure> {
        if self.made.has(step) {
            return Ok(true);
        }
        // What belongs to a campaign cannot be there before it is; a post can.
        if self.was_there != Some(true) && step.kind() != "post" {
            return Ok(false);
        }
        let (client, so_far) = (self.client, &self.made);
        let found = patiently(|| client.look(order, so_far, step)).await?;
        let is_there = found.is_some();
        if let Some(id) = found {
            self.made.add(step.clone(), id);
        }
        Ok(is_there)
    }

    /// Takes a step. An id that was given or found is known to every request at once, only lists lag: that what a step belongs
    /// to is not there is a refusal like others.
    async fn take(&mut self, order: &AdOrder, step: &Step) -> Result<(), Failure> {
        if !(self.may_still)() {
            return Err(Failure::Retry { after: None, reason: right_ran_out() });
        }
        let id = self.client.take(order, &self.made, step).await.map_err(failure)?;
        // A picture is named by what it shows: sent twice it is there once.
        self.taken |= step.kind() != "image";
        // No comparison reads these, and some are made anew by every create.
        self.is_fresh |= !matches!(step.kind(), "image" | "creative" | "post");
        self.made.add(step.clone(), id);
        Ok(())
    }

    /// Takes every step that nothing shows to have been taken.
    async fn whole(&mut self, order: &AdOrder) -> Result<(), Failure> {
        let campaign = Step::new("campaign");
        let (client, so_far) = (self.client, &self.made);
        let known = patiently(|| client.look(order, so_far, &campaign)).await?;
        self.was_there = Some(known.is_some());
        if let Some(id) = known {
            self.made.add(campaign, id);
        }
        let (last, first): (Vec<Step>, Vec<Step>) = client.steps(order).into_iter().partition(completes);
        for step in &first {
            if !self.has(order, step).await? {
                self.take(order, step).await?;
            }
        }
        let mut left = Vec::new();
        for step in last {
            if !self.has(order, &step).await? {
                left.push(step);
            }
        }
        self.compare(order, left.is_empty()).await?;
        for step in &left {
            self.take(order, step).await?;
        }
        Ok(())
    }

    /// Compares what there is with the order. What is whole is found and switched on: of that nothing is left in doubt.
    async fn compare(&self, order: &AdOrder, is_whole: bool) -> Result<(), Failure> {
        let (client, made) = (self.client, &self.made);
        match patiently(|| client.verify(order, made)).await {
            Ok(wrong) => judged(&wrong, self.is_fresh && !is_whole),
            // What cannot be compared is doubted, not refused: a part may not show yet.
            Err(Failure::Refused { reason }) => Err(Failure::Unknown { reason }),
            Err(failed) => Err(failed),
        }
    }

    /// Takes away what there is of a campaign that will not be: nothing of it stays behind, not even switched off.
    async fn undone(&self, reason: String) -> Failure {
        let Some(campaign) = self.made.id("campaign") else {
            // Looked for, not found and not made, there is none.
            let is_none = self.was_there.is_some();
            return if is_none { Failure::Undone { reason } } else { Failure::Refused { reason } };
        };
        if !(self.may_still)() {
            // Whoever has the right by now may be making something of it.
            return Failure::Begun { after: None, reason: right_ran_out() };
        }
        let (client, made) = (self.client, &self.made);
        if patiently(|| client.remove(made)).await.is_ok() {
            return Failure::Undone { reason };
        }
        match patiently(|| client.rebuilt(campaign)).await {
            // A part of it may be left: nothing that can be shown.
            Ok(Some(rebuilt)) if rebuilt.running == Running::Gone => Failure::Undone { reason },
            // It is there, switched off and not whole: the next create goes on with it.
            _ => Failure::Unknown { reason },
        }
    }
}

impl AdPort {
    /// Makes the ordered campaign whole and switched off, going on with whatever there is of it; its id.
    pub(super) async fn creating(
        &self,
        order: &Order,
        may_still: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<String, Failure> {
        let client = &self.client().await?;
        let mut order = self.ordered(order).await?;
        let made = Made::default();
        let mut making = Making { client, may_still, made, was_there: None, taken: false, is_fresh: false };
        let mut told = making.whole(&order).await;
        let one_each = Trouble::OneCircleEach.code();
        let divides = matches!(&told, Err(Failure::Refused { reason }) if reason.starts_with(one_each));
        if let (true, Some(placement)) = (divides, order.audience.placement.one_circle_each()) {
            order.audience.placement = placement;
            // What there is of the coarser division stays behind, paused and without an advertisement.
            making.made.forget("set");
            making.made.forget("ad");
            told = making.whole(&order).await;
        }
        match told {
            Ok(()) => {
                let id = making.made.id("campaign").map(str::to_owned);
                id.ok_or_else(|| Failure::Unknown { reason: "no campaign".to_owned() })
            }
            Err(Failure::Refused { reason }) => Err(making.undone(reason).await),
            Err(other) if making.taken => Err(begun(other)),
            Err(other) => Err(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_just_made_and_does_not_show_is_doubted_and_what_has_stood_is_refused() {
        let missing = ["the criterion AGE AGE_OVER_18 is missing".to_owned()];
        let doubt = judged(&missing, true);
        assert!(matches!(&doubt, Err(Failure::Unknown { reason }) if reason.starts_with("no-answer: ")), "{doubt:?}");
        let refusal = judged(&missing, false);
        assert!(matches!(&refusal, Err(Failure::Refused { reason }) if reason.starts_with("refused: ")), "{refusal:?}");
        assert_eq!((judged(&[], true), judged(&[], false)), (Ok(()), Ok(())));
    }

    #[test]
    fn only_what_comes_after_the_comparison_makes_a_campaign_whole() {
        let whole = ["ad-1", "ad-12", "promoted"];
        let parts = ["image", "post", "campaign", "item", "criteria-1", "set-of-2-1", "creative"];
        assert!(whole.into_iter().all(|name| completes(&Step::new(name))));
        assert!(!parts.into_iter().any(|name| completes(&Step::new(name))));
    }
}
