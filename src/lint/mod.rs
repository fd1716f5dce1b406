//! Checks of texts and pictures (appeals-and-law §6): decision support for whoever writes and validates an appeal.
//! Rules are data (`rules/*.toml`), listed with source and mark by [`Rulebook::rules`]; code does what patterns cannot.
//! Knows no database and no HTTP; what it must know of the case is handed in by `app` as [`Checked`]. A finding says
//! where and why; no finding, and no lack of findings, says that a text is lawful.
//!
//! # Adding a pattern
//! Write it folded (lower case, no accents) into the rule's file, add sentences that must and must not be found to
//! `corpus/`, and run `cargo test --lib -- lint::corpus --nocapture`: it prints precision and recall per rule.

mod check;
mod checked;
mod contact;
#[cfg(test)]
mod corpus;
mod digits;
mod facts;
mod finding;
mod folded;
mod form;
mod gather;
mod limits;
mod parity;
mod passage;
mod persons;
mod phrases;
mod picture;
mod places;
mod plate;
mod register;
mod rule;
mod rulebook;
mod scan;
mod secret;
mod spelling;
#[cfg(test)]
mod tests;
mod tongue;
mod whole;
mod words_of;

pub use check::Lint;
pub use checked::{
    ChannelCode, Checked, Contacts, Covered, Field, HashtagRegister, HiddenPerson, HoldBack, Luma, Majority, Moment,
    Picture, Private, PublicName, Secret, Version, ViewedBy,
};
pub use finding::{Finding, NotChecked, NotCheckedReason, Report, Said, Severity};
pub use limits::{ChannelLimit, HoldBackLimits, Limits, PictureLimits};
pub use picture::sharpness;
pub use places::{PlaceName, PlaceNames};
pub use register::{LocalityTags, hashtags_in};
pub use rule::{Mark, Rule, RuleId};
pub use rulebook::{Change, LockedRule, Override, RuleError, Rulebook};
pub use spelling::{DEFAULT_DIRECTORY, Speller};
