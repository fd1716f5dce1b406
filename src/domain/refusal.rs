//! Why something may not be published: one value per reason, with a stable code. The words stand in the catalogues
//! under `refusal-<code>`.

use super::advert::{Cents, Unfit};
use super::authority::{AuthorityType, ConsentKind};
use super::language::Language;
use super::place::Country;
use super::rules::{Level, RuleId, ScopePart};
use super::stage::Stage;
use super::validation::RefusedSeat;
use chrono::{DateTime, Utc};

/// What a rule of law asks for and does not find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// This authority cannot decide on this kind.
    Authority(AuthorityType),
    /// The decision names none of the legal bases this kind rests on; the first of them is given.
    Basis(RuleId),
    /// Something was not asked, checked or agreed.
    Consent(ConsentKind),
    /// This list of questions was not asked.
    Unasked(RuleId),
    /// This list of questions was asked, and nothing triggers.
    NotTriggered(RuleId),
    /// A minor's identity without a request that lifts the ban.
    RequestedBy,
    /// The decision's scope names none of these; the first is given.
    Scope(ScopePart),
    /// The conviction is not what it must be.
    Conviction,
    /// The suspect may be a minor.
    MinorSuspect,
}

/// Why nothing can be aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAdAim {
    /// It has not been worked out yet: whoever asks for the plan has it made.
    Pending,
    /// The platform's own list of places is not stored.
    NoList,
    /// No place of the list reaches the area and stays inside the authorised zone.
    NoPlace,
    /// No circle the platform takes fits inside the authorised zone.
    NoRoom,
    /// The area lies where no map is flat.
    OffTheMap,
}

/// One reason not to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No decision was recorded.
    NoAuthorisation,
    /// The plan rests on another decision, or the decision is about another appeal.
    OtherDecision,
    /// The decision does not cover this moment yet.
    NotYetValid(DateTime<Utc>),
    /// The decision covers this moment no longer.
    Expired(DateTime<Utc>),
    /// The plan would show something after the decision ends.
    Outlives(DateTime<Utc>),
    /// No second person verified the decision.
    Unverified,
    /// The magistrate took it back.
    Withdrawn(DateTime<Utc>),
    /// A minor was discovered after the decision.
    MinorDiscovered(DateTime<Utc>),
    /// The decision is another country's.
    OtherCountry(&'static str),
    /// A rule of law asks for something that is not there.
    Unmet {
        /// The rule.
        rule: RuleId,
        /// What it asks.
        what: Unmet,
    },
    /// The same, for another country where it would be shown.
    Abroad {
        /// That country.
        country: Country,
        /// What is missing there.
        refusal: Box<Self>,
    },
    /// The text in this language is not the approved one.
    Text(Language),
    /// The decision does not name this language.
    Language(Language),
    /// This picture is not covered.
    Picture(String),
    /// The picture is not covered as a portrait.
    Portrait(String),
    /// The picture shows a minor and is not covered as such.
    MinorShown(String),
    /// The picture may be shown only blurred.
    NotBlurred(String),
    /// The decision does not name this channel.
    Channel(&'static str),
    /// The target area reaches beyond the decision's.
    Area,
    /// This installation has no account for the channel.
    NotServed(&'static str),
    /// There is no aim on this platform in this language; a word of the aim's own says why.
    NotAimed {
        /// The channel.
        channel: &'static str,
        /// The language.
        language: Language,
        /// Why.
        why: NoAdAim,
    },
    /// Something that must be said does not fit the platform's form.
    Unfit {
        /// The channel.
        channel: &'static str,
        /// The language.
        language: Language,
        /// Which part, what it takes and what there is room for.
        unfit: Unfit,
    },
    /// The platform takes no advertisement without a picture.
    NoAdPicture(&'static str),
    /// A campaign's share of the budget is below the platform's least.
    BelowLeast {
        /// The channel.
        channel: &'static str,
        /// The language.
        language: Language,
        /// Its share, euro cents.
        has: Cents,
        /// The platform's least for the campaign's days, euro cents.
        least: Cents,
    },
    /// The share of one of several ad sets is below the platform's least.
    SetBelowLeast {
        /// The channel.
        channel: &'static str,
        /// The language.
        language: Language,
        /// How many ad sets its area needs.
        sets: usize,
        /// The smallest one's share, euro cents.
        has: Cents,
        /// The platform's least for an ad set and the campaign's days, euro cents.
        least: Cents,
    },
    /// The platform cannot be told this band of ages.
    Ages {
        /// The channel.
        channel: &'static str,
        /// The band.
        ages: String,
        /// Those it takes.
        taken: String,
    },
    /// The platform ends campaigns with days, and no whole day is left.
    NoWholeDay(&'static str),
    /// The platform was asked and would refuse; its trouble's code and its own words.
    Objection {
        /// The channel.
        channel: &'static str,
        /// The language.
        language: Language,
        /// The platform's words.
        words: String,
    },
    /// The account may not cost so much more in this month.
    AccountCap {
        /// The channel.
        channel: &'static str,
        /// What its parts of the plan may cost, euro cents.
        needs: Cents,
        /// What is left of the account's month, euro cents.
        left: Cents,
    },
    /// The budget is not covered.
    Budget,
    /// A plate is shown and not covered.
    Plate,
    /// A lot is shown and not covered.
    Lot(i64),
    /// An element of identity is shown and not covered.
    Element(&'static str),
    /// The area has people of this language and no text for them.
    LanguageMissing(Language),
    /// A picture lacks words in this language.
    AlternativeText(Language),
    /// There is no target area.
    NoArea,
    /// There is no text at all.
    NoNotice,
    /// There is nothing to show that the kind needs (lots).
    NoLots,
    /// Somebody of the chain said no to this plan.
    NotValidated,
    /// Nobody at this level said yes to this plan.
    LevelOpen(Level),
    /// A seat of the chain is filled by somebody who may not.
    Seat(RefusedSeat),
    /// A check of the texts or pictures blocks (appeals-and-law §6).
    Check {
        /// The rule of the check.
        rule: &'static str,
        /// The version it is in, if it is in one.
        language: Option<Language>,
    },
    /// The appeal is not at a stage that publishes.
    Stage(Stage),
}

impl Refusal {
    /// Stable code; AU, MI and LA codes are those of appeals-and-law §6.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoAuthorisation => "AU-00-none",
            Self::OtherDecision => "AU-00-decision",
            Self::NotYetValid(_) => "AU-01-not-yet",
            Self::Expired(_) => "AU-01-expired",
            Self::Outlives(_) => "AU-01-outlives",
            Self::Unverified => "AU-02-unverified",
            Self::Withdrawn(_) => "AU-03-withdrawn",
            Self::MinorDiscovered(_) => "MI-01-discovered",
            Self::OtherCountry(_) => "AU-00-country",
            Self::Unmet { what, .. } => what.code(),
            Self::Abroad { refusal, .. } => refusal.code(),
            Self::Text(_) => "AU-04-text",
            Self::Language(_) => "AU-04-language",
            Self::Picture(_) => "AU-04-picture",
            Self::Portrait(_) => "AU-04-portrait",
            Self::MinorShown(_) => "AU-04-minor",
            Self::NotBlurred(_) => "AU-04-blur",
            Self::Channel(_) => "AU-05-channel",
            Self::Area => "AU-06-area",
            Self::NotServed(_) => "CH-01-not-served",
            Self::NotAimed { why, .. } => why.code(),
            Self::Unfit { .. } => "CH-03-unfit",
            Self::NoAdPicture(_) => "CH-03-picture",
            Self::BelowLeast { .. } => "CH-04-least",
            Self::SetBelowLeast { .. } => "CH-04-set-least",
            Self::Ages { .. } => "CH-07-ages",
            Self::NoWholeDay(_) => "CH-05-no-day",
            Self::Objection { .. } => "CH-06-objection",
            Self::AccountCap { .. } => "CH-08-account-cap",
            Self::Budget => "AU-07-budget",
            Self::Plate => "AU-04-plate",
            Self::Lot(_) => "AU-04-lot",
            Self::Element(_) => "AU-04-element",
            Self::LanguageMissing(_) => "LA-01-language",
            Self::AlternativeText(_) => "LA-06-alt",
            Self::NoArea => "AU-06-none",
            Self::NoNotice => "LA-01-none",
            Self::NoLots => "no-lots",
            Self::NotValidated => "not-validated",
            Self::LevelOpen(_) => "level-open",
            Self::Seat(seat) => seat.code(),
            Self::Check { .. } => "check",
            Self::Stage(_) => "stage",
        }
    }

    /// Named values for the sentence.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NotYetValid(at)
            | Self::Expired(at)
            | Self::Outlives(at)
            | Self::Withdrawn(at)
            | Self::MinorDiscovered(at) => {
                vec![("at", at.to_rfc3339())]
            }
            Self::Text(language)
            | Self::Language(language)
            | Self::LanguageMissing(language)
            | Self::AlternativeText(language) => {
                vec![("language", language.code().to_owned())]
            }
            // Twelve digits tell two pictures of one appeal apart and fit a line.
            Self::Picture(digest) | Self::Portrait(digest) | Self::MinorShown(digest) | Self::NotBlurred(digest) => {
                vec![("picture", digest.chars().take(12).collect())]
            }
            Self::Channel(code)
            | Self::Element(code)
            | Self::OtherCountry(code)
            | Self::NotServed(code)
            | Self::NoAdPicture(code)
            | Self::NoWholeDay(code) => {
                vec![("value", (*code).to_owned())]
            }
            Self::NotAimed { channel, language, .. } => {
                vec![("value", (*channel).to_owned()), ("language", language.code().to_owned())]
            }
            Self::Unfit { channel, language, unfit } => vec![
                ("value", (*channel).to_owned()),
                ("language", language.code().to_owned()),
                ("part", unfit.part.to_owned()),
                ("has", unfit.has.to_string()),
                ("most", unfit.most.to_string()),
            ],
            Self::BelowLeast { channel, language, has, least } => vec![
                ("value", (*channel).to_owned()),
                ("language", language.code().to_owned()),
                ("has", has.to_string()),
                ("least", least.to_string()),
            ],
            Self::SetBelowLeast { channel, language, sets, has, least } => vec![
                ("value", (*channel).to_owned()),
                ("language", language.code().to_owned()),
                ("sets", sets.to_string()),
                ("has", has.to_string()),
                ("least", least.to_string()),
            ],
            Self::Ages { channel, ages, taken } => {
                vec![("value", (*channel).to_owned()), ("ages", ages.clone()), ("taken", taken.clone())]
            }
            Self::AccountCap { channel, needs, left } => {
                vec![("value", (*channel).to_owned()), ("needs", needs.to_string()), ("left", left.to_string())]
            }
            Self::Objection { channel, language, words } => vec![
                ("value", (*channel).to_owned()),
                ("language", language.code().to_owned()),
                ("words", words.clone()),
            ],
            Self::Unmet { what, .. } => vec![("value", what.value().to_owned())],
            Self::Abroad { refusal, .. } => refusal.args(),
            Self::Check { rule, language } => {
                vec![("rule", (*rule).to_owned()), ("language", language.map_or("-", Language::code).to_owned())]
            }
            Self::LevelOpen(level) => vec![("level", level.to_string())],
            Self::Lot(number) => vec![("number", number.to_string())],
            Self::Stage(stage) => vec![("stage", stage.to_string())],
            _ => Vec::new(),
        }
    }

    /// The rule of law that refuses, where it is one.
    #[must_use]
    pub fn rule(&self) -> Option<&RuleId> {
        match self {
            Self::Unmet { rule, .. } => Some(rule),
            Self::Abroad { refusal, .. } => refusal.rule(),
            _ => None,
        }
    }

    /// The other country it is about, where it is not the appeal's own.
    #[must_use]
    pub const fn abroad(&self) -> Option<Country> {
        match self {
            Self::Abroad { country, .. } => Some(*country),
            _ => None,
        }
    }
}

impl NoAdAim {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "CH-02-pending",
            Self::NoList => "CH-02-no-list",
            Self::NoPlace => "CH-02-no-place",
            Self::NoRoom => "CH-02-no-room",
            Self::OffTheMap => "CH-02-off-the-map",
        }
    }

    /// Reads what [`NoAdAim::code`] wrote.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Pending, Self::NoList, Self::NoPlace, Self::NoRoom, Self::OffTheMap]
            .into_iter()
            .find(|why| why.code() == code)
    }
}

impl Unmet {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Authority(_) => "AU-00-authority",
            Self::Basis(_) => "AU-00-basis",
            Self::Consent(_) => "AU-08-consent",
            Self::Unasked(_) => "AU-08-criteria",
            Self::NotTriggered(_) => "AU-08-not-triggered",
            Self::RequestedBy => "MI-02-identity",
            Self::Scope(_) => "AU-04-scope",
            Self::Conviction => "AU-08-conviction",
            Self::MinorSuspect => "MI-01-suspect",
        }
    }

    /// What exactly, for the sentence; empty where the code says all.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::Authority(authority) => authority.code(),
            Self::Consent(consent) => consent.code(),
            Self::Scope(part) => part.code(),
            Self::Basis(rule) | Self::Unasked(rule) | Self::NotTriggered(rule) => rule.as_str(),
            Self::RequestedBy | Self::Conviction | Self::MinorSuspect => "",
        }
    }
}
