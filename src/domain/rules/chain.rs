//! Who says yes before an appeal goes out: levels, sensitivities, chains, the emergency path, cold items. All of it is
//! our own default (D) and a force's to set.

use super::law::{Mark, RuleId};
use super::need::When;
use crate::domain::codes::codes;
use crate::domain::kind::AppealKind;
use chrono::TimeDelta;

codes! {
    /// How much harm an appeal can do, in rising order.
    Sensitivity {
        /// Nothing raises it.
        Ordinary = "ordinary",
        /// A portrait of somebody suspected, a minor, a dead person.
        Sensitive = "sensitive",
        /// An alert plan.
        Critical = "critical",
    }
}

codes! {
    /// A level of validation as the product names them; a force uses those it has.
    Level {
        /// Communication officer.
        CommunicationOfficer = "communication_officer",
        /// Head of communication.
        HeadOfCommunication = "head_of_communication",
        /// Directorate.
        Directorate = "directorate",
        /// The minister's office. Validates communication, never authorises a search.
        MinistersOffice = "ministers_office",
    }
}

/// What raises the sensitivity of an appeal.
#[derive(Clone, Debug)]
pub struct SensitivityRule {
    /// Its id.
    pub id: RuleId,
    /// To what.
    pub sensitivity: Sensitivity,
    /// Of which kinds.
    pub kinds: Vec<AppealKind>,
    /// When all of these hold.
    pub when: Vec<When>,
    /// How sure.
    pub mark: Mark,
}

/// The levels a sensitivity passes.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Its id.
    pub id: RuleId,
    /// Which sensitivity.
    pub sensitivity: Sensitivity,
    /// From the first to the last.
    pub levels: Vec<Level>,
    /// How sure.
    pub mark: Mark,
}

/// Which kinds may go the emergency path: the same people, in parallel, and a review afterwards.
#[derive(Clone, Debug)]
pub struct EmergencyRule {
    /// Its id.
    pub id: RuleId,
    /// Which kinds.
    pub kinds: Vec<AppealKind>,
    /// The review is due this long after the last yes.
    pub review_within: TimeDelta,
    /// How sure.
    pub mark: Mark,
}

/// Which kinds may be validated together for a week ahead.
#[derive(Clone, Debug)]
pub struct ColdRule {
    /// Its id.
    pub id: RuleId,
    /// Which kinds.
    pub kinds: Vec<AppealKind>,
    /// Up to which sensitivity.
    pub up_to: Sensitivity,
    /// Levels that say yes to the list, besides those that each appeal passes anyway.
    pub levels: Vec<Level>,
    /// How sure.
    pub mark: Mark,
}
