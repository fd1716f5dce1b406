//! What every rule carries: its id, its mark, when it holds, its words; laws and official contacts.

use crate::domain::codes::codes;
use crate::domain::place::Country;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe;
use std::sync::Arc;

/// The stable id of a rule, e.g. `BE-MAG`: capitals, digits and hyphens, 2 to 40 characters. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// Reads an id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (2..=40).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
        fits.then(|| Self(text.into()))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Display for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

codes! {
    /// How sure a rule is.
    Mark {
        /// An official text was read.
        Confirmed = "C",
        /// A secondary source was read.
        Secondary = "S",
        /// Not confirmed; ships in the strict position.
        Unconfirmed = "U",
        /// Our own choice, no legal source.
        Design = "D",
    }
}

/// The days a rule holds, in the country's own time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effective {
    /// First day; always when absent.
    pub from: Option<NaiveDate>,
    /// First day it holds no longer; never ends when absent.
    pub to: Option<NaiveDate>,
}

impl Effective {
    /// Whether it holds on a day.
    #[must_use]
    pub fn holds(&self, on: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= on) && self.to.is_none_or(|to| on < to)
    }
}

/// The day it is in a country: rules change at local midnight.
#[must_use]
pub fn country_day(country: Country, at: DateTime<Utc>) -> NaiveDate {
    let zone = match country {
        Country::Be => Europe::Brussels,
        Country::Fr => Europe::Paris,
    };
    at.with_timezone(&zone).date_naive()
}

/// A sentence in the four languages of the product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phrase {
    /// English.
    pub en: String,
    /// French.
    pub fr: String,
    /// Dutch.
    pub nl: String,
    /// German.
    pub de: String,
}

impl Phrase {
    /// The sentence in the language of a code; English for any other.
    #[must_use]
    pub fn of(&self, language: &str) -> &str {
        match language {
            "fr" => &self.fr,
            "nl" => &self.nl,
            "de" => &self.de,
            _ => &self.en,
        }
    }
}

/// A source of law or of confirmed practice (appeals-and-law §4).
#[derive(Clone, Debug)]
pub struct Law {
    /// Its id.
    pub id: RuleId,
    /// Whose law.
    pub country: Country,
    /// How sure.
    pub mark: Mark,
    /// A decision may name it as its legal basis.
    pub is_basis: bool,
    /// When it holds.
    pub effective: Effective,
    /// Where it was read.
    pub source: String,
    /// What it says.
    pub text: Phrase,
}

codes! {
    /// What an official number or address is for.
    ContactPurpose {
        /// Life in danger.
        Emergency = "emergency",
        /// The police, urgently.
        Police = "police",
        /// The line for search notices.
        SearchLine = "search_line",
        /// The mailbox for search notices.
        SearchMail = "search_mail",
        /// The European line for missing children.
        MissingChildren = "missing_children",
    }
}

/// An official number or address that an appeal may name (appeals-and-law §7).
#[derive(Clone, Debug)]
pub struct Contact {
    /// Its id.
    pub id: RuleId,
    /// Whose.
    pub country: Country,
    /// What for.
    pub purpose: ContactPurpose,
    /// As people write it.
    pub value: String,
    /// How sure.
    pub mark: Mark,
    /// Where it was read.
    pub source: String,
}
