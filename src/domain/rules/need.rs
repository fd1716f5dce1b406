//! What a kind of appeal needs in a country: one row asks one or several things, rows add up (appeals-and-law §5).

use super::law::{Effective, Mark, RuleId};
use crate::domain::authorisation::RequestedBy;
use crate::domain::authority::{AuthorityType, ConsentKind};
use crate::domain::codes::codes;
use crate::domain::kind::AppealKind;
use crate::domain::place::Country;
use chrono::TimeDelta;

codes! {
    /// A fact of an appeal or of its decision that a row may depend on.
    When {
        /// The decision covers pictures, or the appeal shows some.
        Pictures = "pictures",
        /// A minor is or may be shown.
        Minor = "minor",
        /// Money is to be spent.
        Paid = "paid",
        /// The decision covers the whole country or more.
        National = "national",
    }
}

codes! {
    /// A part of the scope that a decision may have to name.
    ScopePart {
        /// Full name.
        Name = "name",
        /// First name only.
        FirstNameOnly = "first_name_only",
        /// Age.
        Age = "age",
        /// Description.
        Description = "description",
        /// Circumstances.
        Circumstances = "circumstances",
        /// At least one picture.
        Media = "media",
        /// At least one text.
        Texts = "texts",
        /// At least one lot.
        Lots = "lots",
        /// The plate.
        Plate = "plate",
    }
}

/// What a conviction must be before a convict is shown (BE-MW).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvictionNeed {
    /// Final or enforceable.
    pub is_final: bool,
    /// With a warrant.
    pub warrant: bool,
    /// At least so many years.
    pub years: i64,
}

/// Whether somebody suspected who may be a minor may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MinorSuspect {
    /// Never.
    Never,
    /// Only when the age is uncertain and this was agreed; a reason in its place does not count.
    With(ConsentKind),
}

/// One row.
#[derive(Clone, Debug)]
pub struct Need {
    /// Its id.
    pub id: RuleId,
    /// Whose law.
    pub country: Country,
    /// Which kinds.
    pub kinds: Vec<AppealKind>,
    /// It asks only when all of these hold.
    pub when: Vec<When>,
    /// How sure.
    pub mark: Mark,
    /// The laws it follows from.
    pub because: Vec<RuleId>,
    /// No unit can loosen it.
    pub locked: bool,
    /// When it holds.
    pub effective: Effective,
    /// Any one of these authorities; empty when the row does not ask.
    pub authorities: Vec<AuthorityType>,
    /// The decision names one of these laws; empty when the row does not ask.
    pub bases: Vec<RuleId>,
    /// All of these were asked, checked or agreed.
    pub consents: Vec<ConsentKind>,
    /// This list of questions was asked and triggers.
    pub criteria: Option<RuleId>,
    /// At whose request a minor's identity is published; empty when the row does not ask.
    pub requested_by: Vec<RequestedBy>,
    /// For each group, the decision's scope names one of these.
    pub scope: Vec<Vec<ScopePart>>,
    /// What the conviction must be.
    pub conviction: Option<ConvictionNeed>,
    /// Whether a suspect who may be a minor may be shown.
    pub minor_suspect: Option<MinorSuspect>,
    /// How long a decision without an end lasts.
    pub lasts: Option<TimeDelta>,
    /// The longest a decision may last.
    pub at_most: Option<TimeDelta>,
    /// The longest a decision and its extensions may last together.
    pub in_all: Option<TimeDelta>,
}

/// How one consent may be met.
#[derive(Clone, Debug)]
pub struct ConsentRule {
    /// Which.
    pub kind: ConsentKind,
    /// A reason and a name may stand in its place.
    pub waivable: bool,
    /// The authority whose own decision already is it.
    pub implied_by: Option<AuthorityType>,
}
