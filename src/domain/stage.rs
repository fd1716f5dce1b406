//! Where an appeal stands and the one function that moves it. Everything else asks; nothing else decides.

use super::codes::codes;

codes! {
    /// Where an appeal stands.
    Stage {
        /// Being written.
        Draft = "draft",
        /// Complete; waits for the magistrate's decision.
        Filed = "filed",
        /// A verified decision covers it.
        Authorised = "authorised",
        /// In the chain: a plan waits for its yes or no.
        Submitted = "submitted",
        /// The plan has its yes.
        Validated = "validated",
        /// Will go out at its time.
        Scheduled = "scheduled",
        /// Out.
        Live = "live",
        /// Taken down, not ended.
        Suspended = "suspended",
        /// Ended with an outcome.
        Closed = "closed",
        /// Ended and proven gone on every channel.
        TakedownVerified = "takedown_verified",
        /// Only what the law makes us keep.
        Purged = "purged",
    }
}

codes! {
    /// What is done to an appeal.
    Step {
        /// Declare the draft complete.
        File = "file",
        /// Change its content: every decision about it is void.
        Edit = "edit",
        /// A decision covering it was verified.
        Authorise = "authorise",
        /// Put a plan into the chain.
        Submit = "submit",
        /// The chain says yes.
        Approve = "approve",
        /// The chain says no.
        Return = "return",
        /// Set to go out later.
        Schedule = "schedule",
        /// Send.
        Dispatch = "dispatch",
        /// Take down.
        Suspend = "suspend",
        /// The decision ended or was withdrawn.
        Lapse = "lapse",
        /// End with an outcome.
        Close = "close",
        /// Every channel is proven clear.
        ConfirmTakedown = "confirm_takedown",
        /// Erase.
        Purge = "purge",
    }
}

/// A step the stage does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{step} is not possible at stage {from}")]
pub struct RefusedStep {
    /// Where the appeal stands.
    pub from: Stage,
    /// What was asked.
    pub step: Step,
}

impl Stage {
    /// The stage after a step.
    pub const fn after(self, step: Step) -> Result<Self, RefusedStep> {
        use Stage as S;
        use Step as T;
        Ok(match (self, step) {
            (S::Draft, T::Edit) => S::Draft,
            (S::Draft, T::File)
            | (S::Filed | S::Authorised | S::Submitted | S::Validated | S::Scheduled | S::Suspended, T::Edit)
            | (S::Authorised | S::Submitted | S::Validated | S::Scheduled, T::Lapse) => S::Filed,
            // A second decision may be verified for an appeal that has one: the first stays on record.
            (S::Filed | S::Authorised | S::Suspended, T::Authorise) | (S::Submitted, T::Return) => S::Authorised,
            (S::Authorised, T::Submit) => S::Submitted,
            (S::Submitted, T::Approve) => S::Validated,
            (S::Validated, T::Schedule) => S::Scheduled,
            (S::Validated | S::Scheduled, T::Dispatch) => S::Live,
            (S::Live, T::Suspend | T::Lapse) => S::Suspended,
            (
                S::Filed | S::Authorised | S::Submitted | S::Validated | S::Scheduled | S::Live | S::Suspended,
                T::Close,
            ) => S::Closed,
            (S::Closed, T::ConfirmTakedown) => S::TakedownVerified,
            (S::TakedownVerified, T::Purge) => S::Purged,
            (from, step) => return Err(RefusedStep { from, step }),
        })
    }

    /// Whether the public may see it.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table, a row per stage, a column per step in `Step::ALL` order; `.` is a refusal.
    const TABLE: &str = "
        draft             filed draft .          .         .         .          .         .    .         .         .      .                 .
        filed             .     filed authorised .         .         .          .         .    .         .         closed .                 .
        authorised        .     filed authorised submitted .         .          .         .    .         filed     closed .                 .
        submitted         .     filed .          .         validated authorised .         .    .         filed     closed .                 .
        validated         .     filed .          .         .         .          scheduled live .         filed     closed .                 .
        scheduled         .     filed .          .         .         .          .         live .         filed     closed .                 .
        live              .     .     .          .         .         .          .         .    suspended suspended closed .                 .
        suspended         .     filed authorised .         .         .          .         .    .         .         closed .                 .
        closed            .     .     .          .         .         .          .         .    .         .         .      takedown_verified .
        takedown_verified .     .     .          .         .         .          .         .    .         .         .      .                 purged
        purged            .     .     .          .         .         .          .         .    .         .         .      .                 .";

    #[test]
    fn every_pair_of_stage_and_step_is_decided_on_purpose() {
        let mut pairs = 0;
        for row in TABLE.trim().lines() {
            let mut cells = row.split_whitespace();
            let from = cells.next().and_then(Stage::parse);
            for (step, cell) in Step::ALL.iter().zip(cells) {
                let after = from.map(|from| from.after(*step).map_or(".", Stage::code));
                assert_eq!(after, Some(cell), "{from:?} {step}");
                pairs += 1;
            }
        }
        assert_eq!(pairs, Stage::ALL.len() * Step::ALL.len());
    }
}
