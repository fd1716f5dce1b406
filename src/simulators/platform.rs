//! What every simulated platform can do.

use chrono::{DateTime, Utc};

use super::call::{Answer, Call};
use super::fault::Fault;
use super::ledger::{Ledger, Spent};

/// A platform behind an address.
pub trait Platform: Send {
    /// In words.
    fn name(&self) -> &'static str;

    /// Does what is asked and answers, or refuses. `fault` is one that only the platform itself can act out: a late
    /// visibility, a rejected review, a budget too low, an expired token, a suspended account.
    fn answer(&mut self, call: &Call, now: DateTime<Utc>, fault: Option<Fault>, ledger: &mut Ledger) -> Answer;

    /// How this platform says it: a wrong request, too many, an outage, an error, an error inside 200.
    fn complain(&self, fault: Fault, now: DateTime<Utc>) -> Answer;

    /// Counts what running campaigns cost until now.
    fn count(&mut self, now: DateTime<Utc>);

    /// All campaigns ever made.
    fn campaigns(&self) -> Vec<Spent>;
}
